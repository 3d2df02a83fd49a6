"""Run a program, and measure its time and memory, its children's included."""

import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

EVERY = 0.05  # seconds between two looks at the memory
PAGE = os.sysconf("SC_PAGE_SIZE")


class FailedError(Exception):
    """A program failed; the text is the last line that it wrote to standard error."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a program took.

    wall: seconds from its launch to its end. processor: seconds of processor time. peak: most bytes of resident memory,
    the sum over the program and its children. at: seconds from the launch to each event that it announced. facts: what
    else it said.
    """

    wall: float
    processor: float
    peak: int
    at: Mapping[str, float] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


def measure(command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> Measured:
    """Run a program that prints JSON objects, one a line, to its end. Raises FailedError. Linux only: reads /proc."""
    with tempfile.TemporaryFile("w+") as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=cwd, env=dict(env), stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True
        )
        said: list[tuple[float, str]] = []
        listener = threading.Thread(target=_listen, args=(process, started, said))
        listener.start()
        try:
            peak, status, usage = _watch(process.pid)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        listener.join()
        if process.returncode:
            errors.seek(0)
            lines = errors.read().split("\n")
            raise FailedError(next((line.strip() for line in reversed(lines) if line.strip()), "no message"))
    at, facts = _read(said)
    return Measured(wall, usage.ru_utime + usage.ru_stime, peak or usage.ru_maxrss * 1024, at, facts)


def _listen(process: "subprocess.Popen[str]", started: float, said: list[tuple[float, str]]) -> None:
    assert process.stdout
    with process.stdout as lines:
        said.extend((time.perf_counter() - started, line) for line in lines)


def _watch(pid: int) -> tuple[int, int, Any]:
    """Wait for the end of a process. Returns the most memory that it and its children had, its status and usage."""
    peak = 0
    while True:
        ended, status, usage = os.wait4(pid, os.WNOHANG)
        if ended:
            return peak, status, usage
        peak = max(peak, _resident(pid))
        time.sleep(EVERY)


def _resident(pid: int) -> int:
    """Bytes of a process and its children; 0 if it has ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        children = [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except (OSError, IndexError):
        return 0
    return pages * PAGE + sum(map(_resident, children))


def _read(said: Sequence[tuple[float, str]]) -> tuple[dict[str, float], dict[str, Any]]:
    at: dict[str, float] = {}
    facts: dict[str, Any] = {}
    for seconds, line in said:
        try:
            value = json.loads(line)
        except ValueError:  # a library greets its users
            continue
        if not isinstance(value, dict):
            continue
        if "event" in value:
            at[value["event"]] = seconds
        else:
            facts |= value
    return at, facts

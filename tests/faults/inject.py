"""File operations that fail, or at which the process is killed, one after the other.

Inside `faults`, every file operation of Python code is counted: the functions of `os` and each write and read of a file
that `open` opened. At a given one the process dies as by SIGKILL, a write half done, or an OSError is raised.
"""

import builtins
import io
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Fault", "Operation", "faults", "in_child"]

Operation = tuple[str, tuple[str, ...]]
"""What is done, and from where in qa: file and line of the innermost calls."""

DEPTH = 5  # calls of qa that tell two operations apart
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
FUNCTIONS = (
    *("open", "read", "lseek", "stat", "lstat", "scandir", "listdir", "fstat"),
    *("mkdir", "rename", "replace", "unlink", "remove", "rmdir", "fsync", "ftruncate", "fchmod", "access"),
)


@dataclass
class Fault:
    """at: number of the operation, from 1; 0 for none. error: an errno to raise there, None to die.

    seen: the operations so far.
    """

    at: int = 0
    error: int | None = None
    seen: list[Operation] = field(default_factory=list)

    def reached(self, name: str) -> bool:
        """Count an operation; whether it is the one."""
        self.seen.append((name, _place()))
        return len(self.seen) == self.at

    def strike(self) -> None:
        """Raise the error, or die."""
        if self.error is None:
            os.kill(os.getpid(), signal.SIGKILL)
        else:
            raise OSError(self.error, os.strerror(self.error), "injected")


def _place() -> tuple[str, ...]:
    places: list[str] = []
    frame = sys._getframe(3)
    while frame is not None and len(places) < DEPTH:
        name = frame.f_code.co_filename
        if "/qa/" in name:
            places.append(f"{name.rpartition('/qa/')[2]}:{frame.f_lineno}")
        frame = frame.f_back  # type: ignore[assignment]
    return tuple(places)


@contextmanager
def faults(fault: Fault) -> Iterator[None]:
    """Count, and strike when the time has come."""
    whole = {name: getattr(os, name) for name in FUNCTIONS}
    opened = io.open
    try:
        for name, function in whole.items():
            setattr(os, name, _counted(name, function, fault))
        io.open = builtins.open = _opener(fault)  # type: ignore[assignment]
        yield
    finally:
        io.open = builtins.open = opened
        for name, function in whole.items():
            setattr(os, name, function)


def _counted(name: str, function: Callable[..., Any], fault: Fault) -> Callable[..., Any]:
    def counted(*arguments: Any, **options: Any) -> Any:
        writes = name == "open" and arguments[1] & WRITING
        if fault.reached("create" if writes else name):
            fault.strike()
        return function(*arguments, **options)

    return counted


def _opener(fault: Fault) -> Callable[..., Any]:
    class Raw(io.FileIO):
        def write(self, data: Any) -> int | None:
            if fault.reached("write"):
                super().write(bytes(data)[: len(data) // 2])
                fault.strike()
            return super().write(data)

        def readinto(self, buffer: Any) -> int | None:
            if fault.reached("read"):
                fault.strike()
            return super().readinto(buffer)

        def readall(self) -> Any:
            if fault.reached("read"):
                fault.strike()
            return super().readall()

        def truncate(self, size: int | None = None) -> int:
            if fault.reached("truncate"):
                fault.strike()
            return super().truncate(size)

    def opener(
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        closefd: bool = True,
        opener: Any = None,
    ) -> Any:
        if not isinstance(file, int) and fault.reached("open" if mode.startswith("r") else "create"):
            fault.strike()
        raw = Raw(file, mode.replace("b", "").replace("t", ""), closefd, opener)
        if buffering == 0:
            return raw
        size = io.DEFAULT_BUFFER_SIZE
        buffered: Any
        if "+" in mode:
            buffered = io.BufferedRandom(raw, size)
        else:
            buffered = io.BufferedReader(raw, size) if "r" in mode else io.BufferedWriter(raw, size)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding or "utf-8", errors, newline)

    return opener


def in_child(work: Callable[[], object]) -> tuple[int, str]:
    """Do this in a forked process. Its signal (0 for none), and what it says: the result's repr, or the error's."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            said = f"done {work()!r}"
        except BaseException as error:  # the parent judges it
            said = f"{type(error).__mro__[:-1]} {error}"
        os.write(writing, said.encode("utf-8", "backslashreplace")[:60_000])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        said = stream.read().decode()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said

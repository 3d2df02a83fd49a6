"""Builds killed at random moments, readers during rebuilds, several builders at once, a lock whose owner is gone."""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

from faults.inject import in_child
from faults.workspaces import ENCODER, FERRY, LIGHTHOUSE, SECRET, Workspace, asked
from filelock import FileLock

from qa.retrieve.retriever import Retriever

__all__ = ["builders", "random_kills", "readers", "stale_lock"]


def random_kills(root: Path, count: int, seed: int = 0) -> tuple[int, list[str]]:
    """A workspace lives through `count` builds that are killed, with changes of documents between them.

    Returns how many of them had published before they died, and what was wrong.
    """
    choice = random.Random(seed)
    space = Workspace(root / "random")
    space.write(lighthouse=LIGHTHOUSE, ferry=FERRY)
    space.build()
    space.write(ferry=FERRY.replace("14", "9"))
    began = time.monotonic()
    space.build()
    longest = 1.3 * (time.monotonic() - began)
    wrong: list[str] = []
    published = 0
    for number in range(count):
        secret = _change(space, choice, number)
        before = [p.name for p in space.index.glob("gen-*")]
        _killed(space.build, choice.uniform(0, longest))
        published += space.index.joinpath("CURRENT").read_text().split()[0] not in before
        wrong += [f"kill {number}: {what}" for what in _judge(space, secret, build=choice.random() < 0.5)]
    return published, wrong


def _change(space: Workspace, choice: random.Random, number: int) -> bool:
    """Change the documents; whether the secret one is gone now."""
    kind = choice.choice(("change", "add", "remove", "none"))
    if kind == "change":
        space.write(ferry=FERRY.replace("14", str(15 + number)))
    elif kind == "add":
        space.write(secret=SECRET)
    elif kind == "remove":
        space.write(secret=None)
    return not (space.seeds / "secret.txt").exists()


def _killed(work: Callable[[], object], after: float) -> None:
    """Start it in a process of its own, and kill that after some seconds, unless it has ended."""
    began = time.monotonic()
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    while time.monotonic() - began < after:
        time.sleep(0.0005)
        if os.waitpid(pid, os.WNOHANG)[0]:
            return
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def _judge(space: Workspace, secret: bool, build: bool) -> list[str]:
    try:
        wrong = [what] if (what := space.wrong()) else []
        if space.answers() is None:
            wrong.append("there is no index any more")
        if build:
            space.build()
            wrong += [what] if (what := space.untidy(secret)) else []
    except Exception as problem:
        return [f"{type(problem).__name__}: {problem}"]
    return wrong


def readers(root: Path, rebuilds: int, processes: int) -> tuple[int, list[str]]:
    """Processes that ask all the time while the index is rebuilt with other documents. Each answer must be that of one
    of the sets of documents. Returns how many answers there were, and what was wrong.
    """
    space = Workspace(root / "readers")
    sets = [{"lighthouse": LIGHTHOUSE, "ferry": FERRY.replace("14", str(n)), "secret": SECRET} for n in range(14, 17)]
    sets.append({"lighthouse": LIGHTHOUSE, "ferry": FERRY, "secret": None})
    right = []
    for documents in sets:
        space.write(**documents)
        space.build()
        right.append(space.answers())
    stop, reports = root / "stop", [root / f"report-{n}" for n in range(processes)]
    pids = [_fork(lambda report=report: _read(space, right, stop, report)) for report in reports]  # type: ignore[misc]
    for number in range(rebuilds):
        space.write(**sets[number % len(sets)])
        space.build(rebuild=number % 7 == 0)
    stop.touch()
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
    said = [report.read_text().splitlines() for report in reports]
    wrong = [f"a reader ended with {code}" for code in codes if code]
    return sum(int(lines[0]) for lines in said), wrong + [line for lines in said for line in lines[1:]]


def _fork(work: Callable[[], object]) -> int:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return pid


def _read(space: Workspace, right: list[dict[str, object] | None], stop: Path, report: Path) -> None:
    count, wrong = 0, set()
    kept = Retriever.open(space.index, encoder=ENCODER)
    while not stop.exists() or not count:
        try:
            kept.refresh()
            for found in (asked(kept.snapshot()), space.answers()):
                count += 1
                if found not in right:
                    wrong.add(f"an answer that no set of documents gives: {found}")
        except Exception as problem:
            wrong.add(f"{type(problem).__name__}: {problem}")
    report.write_text("\n".join([str(count), *wrong]))


def builders(root: Path, processes: int, rounds: int) -> tuple[int, list[str]]:
    """Several processes build the same new documents at once. Returns how many generations they wrote in all, which is
    one a round, and what was wrong.
    """
    space = Workspace(root / f"builders-{processes}")
    written, wrong = 0, []
    for number in range(rounds):
        space.write(lighthouse=LIGHTHOUSE, ferry=FERRY.replace("14", str(20 + number)))
        reports = [root / f"built-{n}" for n in range(processes)]
        pids = [_fork(lambda r=r: r.write_text(in_child(lambda: space.build().written)[1])) for r in reports]  # type: ignore[misc]
        for pid in pids:
            os.waitpid(pid, 0)
        said = [report.read_text() for report in reports]
        written += said.count("done True")
        wrong += [what for what in said if what not in ("done True", "done False")]
        wrong += [what] if (what := space.untidy()) else []
    return written, wrong


def stale_lock(root: Path) -> list[str]:
    """The owner of the lock is killed, and what it had written into the lock stays."""
    space = Workspace(root / "stale")
    space.write(lighthouse=LIGHTHOUSE)
    space.index.mkdir()
    (space.index / ".lock").write_text("4194304\nsomewhere else\n")

    def hold() -> None:
        FileLock(space.index / ".lock").acquire()
        os.kill(os.getpid(), signal.SIGKILL)

    code, said = in_child(hold)
    assert code == -signal.SIGKILL, said
    space.build(wait=0)
    return [what] if (what := space.untidy()) else []

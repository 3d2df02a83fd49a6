"""A build killed at every file operation in turn, and every file operation of a build failing in turn."""

import errno
from collections.abc import Callable
from pathlib import Path

from faults.inject import Fault, faults, in_child
from faults.workspaces import FERRY, LIGHTHOUSE, SECRET, Workspace

__all__ = ["BASES", "ERRORS", "every_operation"]

ERRORS = (errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS)


def _first(space: Workspace) -> None:
    space.write(lighthouse=LIGHTHOUSE, ferry=FERRY)


def _update(space: Workspace) -> None:
    space.write(lighthouse=LIGHTHOUSE, ferry=FERRY)
    space.build()
    space.write(ferry=FERRY.replace("14", "15"), keeper="The keeper of the lighthouse is Tomas Berg.\n")


def _cleanup(space: Workspace) -> None:
    """Two generations with a document that is gone now, and what killed builds left behind."""
    space.write(lighthouse=LIGHTHOUSE, secret=SECRET)
    space.build()
    space.write(ferry=FERRY)
    space.build()
    space.write(secret=None)
    (space.index / ".building-1").mkdir()
    (space.index / ".building-1" / "text.bin").write_text(SECRET)
    (space.index / ".CURRENT-0123").write_text("half")
    (space.index / "partial").mkdir()
    (space.index / "partial" / "0123-float32.vectors").write_bytes(b"x" * 100)


BASES: dict[str, Callable[[Workspace], None]] = {"first build": _first, "update": _update, "clean-up": _cleanup}


def every_operation(root: Path, base: str, error: int | None, step: int = 1, first: int = 1) -> tuple[int, int, list[str]]:
    """Strike at the operations first, first + step, ... of a build.

    error: the errno that they fail with, None for a kill. Returns how many operations a build has, how many were
    struck, and what was wrong.
    """
    start = Workspace(root / base)
    BASES[base](start)
    work = root / "work"
    count = Fault()
    total = _run(start.copy(work), count)[1].removeprefix("done ")
    wrong = []
    numbers = range(first, int(total) + 1, step)
    for number in numbers:
        space = start.copy(work)
        wrong += [f"{base}, operation {number}: {what}" for what in _strike(space, Fault(number, error), base)]
    return int(total), len(numbers), wrong


def _run(space: Workspace, fault: Fault) -> tuple[int, str]:
    def build() -> int:
        with faults(fault):
            space.build()
        return len(fault.seen)

    return in_child(build)


def _strike(space: Workspace, fault: Fault, base: str) -> list[str]:
    code, said = _run(space, fault)
    wrong = []
    if fault.error is not None and (code or not (said.startswith("done") or "qa.errors.QaError" in said)):
        wrong.append(f"the build ended with {code}: {said}")
    try:
        wrong += [what] if (what := space.wrong()) else []
        if base != "first build" and space.answers() is None:
            wrong.append("there is no index any more")
        space.build()
        wrong += [what] if (what := space.untidy(secret=base == "clean-up")) else []
    except Exception as problem:
        wrong.append(f"{type(problem).__name__}: {problem}")
    return wrong

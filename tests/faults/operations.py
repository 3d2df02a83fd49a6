"""A build killed at every file operation in turn, and every file operation of a build failing in turn."""

import ast
import errno
from collections.abc import Callable
from pathlib import Path

from faults.inject import Fault, Operation, faults, in_child
from faults.workspaces import FERRY, LIGHTHOUSE, SECRET, Workspace

from qa.index import encode

__all__ = ["BASES", "ERRORS", "every_operation"]

ERRORS = (errno.EIO, errno.EACCES, errno.ENOSPC, errno.EDQUOT, errno.EROFS)
ANYWHERE = (errno.EIO, errno.EACCES)  # the others only happen to operations that write
CHANGING = set("create write mkdir rename replace unlink remove rmdir fsync ftruncate fchmod".split())


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


WORDS_FIRST = "first build with words first"
BASES: dict[str, Callable[[Workspace], None]] = {
    "first build": _first,
    WORDS_FIRST: _first,
    "update": _update,
    "clean-up": _cleanup,
}


def every_operation(root: Path, base: str, error: int | None, step: int = 1) -> tuple[int, int, list[str]]:
    """Strike at every step-th of the operations of a build that differ.

    error: the errno that they fail with, None for a kill. Returns how many operations a build has, how many were
    struck, and what was wrong.
    """
    start = Workspace(root / base / str(error))
    BASES[base](start)
    work = root / "work"
    operations = _operations(start.copy(work), base)
    numbers = (_changing(operations) if error is None else _differing(operations, error))[step // 2 :: step]
    wrong = []
    for number in numbers:
        name, place = operations[number - 1]
        found = _strike(start.copy(work), Fault(number, error), base)
        wrong += [f"{base}, {name} at {' < '.join(place[:3])}: {what}" for what in found]
    return len(operations), len(numbers), wrong


def _operations(space: Workspace, base: str) -> list[Operation]:
    """The operations of a build, from 1."""
    path = space.root / "seen"

    def build() -> None:
        count = Fault()
        _build(space, count, base)
        path.write_text(repr(count.seen))

    code, said = in_child(build)
    assert (code, said) == (0, "done None"), said
    seen: list[Operation] = ast.literal_eval(path.read_text())
    return seen


def _changing(operations: list[Operation]) -> list[int]:
    """A kill before an operation that changes nothing on the disk is a kill after the last one that does."""
    last = len(operations)
    return [number for number, (name, _) in enumerate(operations, 1) if name in CHANGING or number == last]


def _differing(operations: list[Operation], error: int) -> list[int]:
    """The first and the last of the operations that are done at one place in the code."""
    able = [(number, key) for number, key in enumerate(operations, 1) if error in ANYWHERE or key[0] in CHANGING]
    first = {key: number for number, key in reversed(able)}
    last = {key: number for number, key in able}
    return sorted({*first.values(), *last.values()})


def _build(space: Workspace, fault: Fault, base: str) -> None:
    """In a process of its own, which may keep the changed constants."""
    if base == WORDS_FIRST:
        encode.CHUNK, encode.LONG = 1, -1.0
    with faults(fault):
        space.build()


def _strike(space: Workspace, fault: Fault, base: str) -> list[str]:
    code, said = in_child(lambda: _build(space, fault, base))
    wrong = []
    if fault.error is not None and (code or not (said.startswith("done") or "qa.errors.QaError" in said)):
        wrong.append(f"the build ended with {code}: {said}")
    try:
        wrong += [what] if (what := space.wrong()) else []
        if BASES[base] is not _first and space.answers() is None:
            wrong.append("there is no index any more")
        space.build()
        wrong += [what] if (what := space.untidy(secret=base == "clean-up")) else []
    except Exception as problem:
        wrong.append(f"{type(problem).__name__}: {problem}")
    return wrong

"""What the machine around a build can do: a full disk, folders that cannot be written, clocks, files that change.

Each function returns what was wrong; nothing if all went well.
"""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from faults.inject import in_child
from faults.workspaces import ENCODER, FERRY, LIGHTHOUSE, Workspace

from qa.errors import QaError, WorkspaceError
from qa.index import plan
from qa.index.store import Generation
from qa.ingest import scan
from qa.records import BuildSettings
from qa.testing import HashEncoder

__all__ = ["NAMES", "changing_files", "clock", "content", "full_disk", "names", "no_permission"]

NOBODY = 65534
NAMES = [
    *(b"with a space.txt", b"-rf.txt", b"--.txt", b"'quote\".txt", b"a\\b.txt", b"$HOME.txt", b"*.txt", b"[a].txt"),
    *(b"new\nline.txt", b"tab\t.txt", b"esc\x1b[31m.txt", b"latin-\xe9.txt", b"broken-\xff\xfe.txt"),
    *("שלום.txt".encode(), "\u202egpj.txt".encode(), "\U0001f600\u200d\U0001f525.txt".encode(), "e\u0301.txt".encode()),
    *("é.txt".encode(), b"Case.txt", b"case.txt", b"x" * 251 + b".txt", ("ß" * 120).encode() + b".TXT", b"a b .txt"),
]
UNREADABLE = (b"latin-\xe9.txt", b"broken-\xff\xfe.txt")


def full_disk(root: Path, kilobytes: range) -> tuple[int, list[str]]:
    """Indexes on disks of these sizes: a build is whole, or says that the disk is full and leaves the former index.

    Returns how many said so. Needs root, for `mount`; raises PermissionError without it.
    """
    full, wrong = 0, []
    for size in kilobytes:
        space = Workspace(root / f"disk-{size}")
        space.index.mkdir(parents=True)
        with _mounted(space.index, size):
            space.write(lighthouse=LIGHTHOUSE)
            first = _outcome(space)
            space.write(ferry=FERRY, lighthouse=LIGHTHOUSE * 20)
            for said in (first, _outcome(space)):
                full += "No space left" in said
                wrong += [f"{size} kB: {said}"] if said and "No space left" not in said else []
            wrong += [f"{size} kB: {what}" for what in [space.wrong()] if what]
            if first == "" and space.answers() is None:
                wrong.append(f"{size} kB: the former index is gone")
    return full, wrong


def _outcome(space: Workspace) -> str:
    try:
        space.build()
    except QaError as error:
        return str(error)
    return space.untidy()


@contextmanager
def _mounted(folder: Path, kilobytes: int) -> Iterator[None]:
    if os.geteuid() != 0:
        raise PermissionError("only root can mount a small disk")
    command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PermissionError(f"a small disk cannot be mounted: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def no_permission(root: Path) -> list[str]:
    """As an ordinary user: an index that cannot be written, is not there, cannot be read, and documents likewise."""
    space = Workspace(root / "permission")
    space.write(lighthouse=LIGHTHOUSE, ferry=FERRY)
    space.build()
    assert not space.wrong()  # makes the clean index that the user may not make
    for path in (root, *space.root.rglob("*"), space.root):
        os.chmod(path, 0o755 if path.is_dir() else 0o644)  # noqa: PTH101
    (root / "key").chmod(0o644)
    wrong = []

    def expect(what: str, words: str, change: Callable[[], object], ask: Callable[[], object]) -> None:
        change()
        said = in_child(lambda: _as_nobody(ask))[1]
        if words not in said:
            wrong.append(f"{what}: {said}")

    expect("reads", "done ''", lambda: None, space.wrong)
    expect("nothing to build", "done False", lambda: None, lambda: space.build().written)
    expect("index not writable", "cannot be written", lambda: space.write(new="New."), space.build)
    expect("still reads", "done ''", lambda: None, space.wrong)
    folder = next(space.index.glob("gen-*"))
    expect("index not readable", "IndexUnusableError", lambda: folder.chmod(0o700), space.answers)
    folder.chmod(0o755)
    (space.seeds / "new.txt").unlink()
    ferry = space.seeds / "ferry.txt"
    expect("document lost", "no permission", lambda: ferry.chmod(0), lambda: _planned(space).skipped)
    ferry.chmod(0o644)
    expect("documents lost", "WorkspaceError", lambda: space.seeds.chmod(0), space.build)
    space.seeds.chmod(0o755)
    expect("all is well again", "done False", lambda: None, lambda: space.build().written)
    return wrong


def _as_nobody(work: Callable[[], object]) -> object:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    return work()


def _planned(space: Workspace) -> plan.Plan:
    return plan.plan(space.seeds, space.index, BuildSettings(), ENCODER)


def clock(root: Path) -> list[str]:
    """The clock goes back by a year, or forward, between and during builds: every change is noticed all the same."""
    space = Workspace(root / "clock")
    wrong = []
    year = 365 * 86_400 * 10**9
    for number, shift in enumerate((0, -year, 2 * year, -3 * year)):
        space.write(ferry=FERRY.replace("14", str(10 + number)), lighthouse=LIGHTHOUSE)
        if number:
            stamp = time.time_ns() + shift
            os.utime(space.seeds / "ferry.txt", ns=(stamp, stamp))
        with mock.patch("time.time_ns", lambda shift=shift: time.clock_gettime_ns(time.CLOCK_REALTIME) + shift):
            space.build()
        wrong += [f"clock shifted by {shift}: {what}" for what in [space.untidy()] if what]
        text = next(text for name, text in (space.answers() or {})["documents"] if name == "ferry.txt")
        wrong += [] if str(10 + number) in text else [f"clock shifted by {shift}: the change was not noticed"]
    return wrong


class _Meddling(HashEncoder):
    """Does something in the middle of a build, after the documents were read."""

    def __init__(self, meddle: Callable[[], object]) -> None:
        super().__init__(64)
        self._meddle: Callable[[], object] | None = meddle

    def encode(self, *arguments, **options):  # type: ignore[no-untyped-def]
        meddle, self._meddle = self._meddle, None
        if meddle:
            meddle()
        return super().encode(*arguments, **options)


def changing_files(root: Path) -> tuple[int, list[str]]:
    """Files that change, grow, shrink, vanish, or are replaced by others, folders and pipes: after they were planned,
    while they are read, and after they were read. Returns how many such builds there were, and what was wrong.
    """
    changes: dict[str, Callable[[Path], object]] = {
        "changes": lambda p: p.write_text(FERRY.replace("14", "15")),
        "grows": lambda p: p.write_text(FERRY * 50),
        "shrinks": lambda p: p.write_text("Short now."),
        "is emptied": lambda p: p.write_text(""),
        "vanishes": lambda p: p.unlink(),
        "is replaced": lambda p: (p.with_name(".x").write_text("Another one."), p.with_name(".x").replace(p)),
        "becomes a folder": lambda p: (p.unlink(), p.mkdir()),
        "becomes a pipe": lambda p: (p.unlink(), os.mkfifo(p)),
        "becomes a link out": lambda p: (p.unlink(), p.symlink_to("/etc/hostname")),
    }
    wrong, count = [], 0
    for what, change in changes.items():
        for when in ("after the plan", "while it is read", "after it was read"):
            count += 1
            space = Workspace(root / f"changing-{count}")
            space.write(lighthouse=LIGHTHOUSE)
            space.build()
            space.write(ferry=FERRY)
            ferry = space.seeds / "ferry.txt"
            found = _meddled(space, when, lambda: change(ferry))  # noqa: B023 - called before the next one
            wrong += [f"the file {what} {when}: {one}" for one in found]
    return count, wrong


def _meddled(space: Workspace, when: str, meddle: Callable[[], object]) -> list[str]:
    read, calls = scan.read, 0

    def meddling(seeds: Path, id_: str, limit: int) -> bytes:
        nonlocal calls
        calls += id_ == "ferry.txt"
        early = (calls == 2) if when == "after the plan" else calls == 3
        if id_ == "ferry.txt" and early:
            meddle()
        data = read(seeds, id_, limit)
        if id_ == "ferry.txt" and calls == 2 and when == "while it is read":
            meddle()
            return data[:20]  # what a reader has when the file is cut under it
        return data

    encoder = _Meddling(meddle if when == "after it was read" else lambda: None)
    patched = read if when == "after it was read" else meddling
    try:
        with mock.patch.object(scan, "read", patched):
            from qa.index import build as builder

            builder.build(space.seeds, space.index, BuildSettings(), encoder)
    except WorkspaceError as error:
        if "was changed while it was being indexed" not in str(error):
            return [str(error)]
    except Exception as problem:
        return [f"{type(problem).__name__}: {problem}"]
    wrong = [space.wrong()]
    space.build()
    found = dict((space.answers() or {})["documents"])
    ferry = space.seeds / "ferry.txt"
    if ferry.is_file() and not ferry.is_symlink() and ferry.stat().st_size:
        wrong += [] if found.get("ferry.txt") == ferry.read_text() else [f"the new content was not noticed: {found}"]
    else:
        wrong += ["it is still in the index"] if "ferry.txt" in found else []
    return [what for what in wrong if what]


def content(root: Path) -> dict[str, bool]:
    """Which changes that keep a file's size are noticed, with and without `check_content`."""
    noticed = {}
    for what, age, keep in (
        ("another time", 3600, False),
        ("the same time, a file 2 seconds old or younger", 0, True),
        ("the same time, an older file", 3600, True),
    ):
        space = Workspace(root / f"content-{len(noticed)}")
        space.write(ferry=FERRY)
        ferry = space.seeds / "ferry.txt"
        stamp = time.time_ns() - age * 10**9
        os.utime(ferry, ns=(stamp, stamp))
        space.build()
        ferry.write_text(FERRY.replace("14", "15"))
        if keep:
            os.utime(ferry, ns=(stamp, stamp))
        noticed[what] = _planned(space).stale
        checked = plan.plan(space.seeds, space.index, BuildSettings(), ENCODER, check_content=True).stale
        noticed[f"{what}, with --check-content"] = checked
        space.build(check_content=True)
        assert "15 crowns" in dict((space.answers() or {})["documents"])["ferry.txt"]
    return noticed


def names(root: Path) -> list[str]:
    """Documents with names of every kind are indexed, or listed with a reason; their quotes are theirs."""
    space = Workspace(root / "names")
    space.seeds.mkdir(parents=True)
    for number, name in enumerate(NAMES):
        path = os.path.join(os.fsencode(space.seeds), name)  # noqa: PTH118
        with open(path, "w") as file:  # noqa: PTH123 - a name that no Path has
            file.write(f"Document number {number} is about {number * 7919} geese.\n")
    report = space.build()
    generation = Generation.open(space.index)
    texts = {info.id: generation.text(number) for number, info in enumerate(generation.documents)}
    generation.close()
    wrong = []
    for number, name in enumerate(NAMES):
        if name in UNREADABLE:
            shown = name.decode("utf-8", "backslashreplace")
            wrong += [] if "not valid UTF-8" in report.plan.skipped.get(shown, "") else [f"{name!r} is not listed"]
        elif f"number {number} is about" not in texts.get(name.decode(), ""):
            wrong.append(f"{name!r} is not indexed: {report.plan.skipped.get(name.decode())}")
    return wrong + ([] if not space.build().written else ["a second build had something to do"])

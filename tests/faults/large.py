"""Many small files, and one large file: how long they take, and how much memory."""

import resource
import time
from pathlib import Path

from faults.inject import in_child
from faults.workspaces import Workspace

from qa.index import build as builder
from qa.ingest import pipeline
from qa.records import BuildSettings
from qa.testing import HashEncoder

__all__ = ["many_files", "one_file"]

LINE = "Parcel {0} was weighed on day {1} and cost {2} crowns. Nobody asked who had sent it.\n\n"


def many_files(root: Path, count: int) -> str:
    """An index of so many files of some 90 characters: time and memory, and time of a second build with no change."""
    space = Workspace(root / "many")
    for number in range(count):
        if number % 1000 == 0:
            folder = space.seeds / str(number // 1000)
            folder.mkdir(parents=True)
        (folder / f"{number}.txt").write_text(LINE.format(number, number % 365, number * 7))
    said = [in_child(lambda: _build(space))[1].removeprefix("done ").strip("'") for _ in range(2)]
    return "; then with nothing changed ".join(said)


def one_file(root: Path, megabytes: int) -> str:
    """Reading, cutting and packing one text file of so many megabytes, without embedding its sentences."""
    path = root / "large.txt"
    with path.open("w") as file:
        number = 0
        while file.tell() < megabytes * 1_000_000:
            file.write("".join(LINE.format(n, n % 365, n * 7) for n in range(number, number + 1000)))
            number += 1000
    return in_child(lambda: _read(path))[1].removeprefix("done ").strip("'")


def _read(path: Path) -> str:
    began = time.monotonic()
    made = pipeline.prepare(path.name, path.read_bytes())
    return f"{len(made.sentences):,} sentences: {_spent(began)}"


def _spent(began: float) -> str:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return f"{time.monotonic() - began:.0f} s, {peak:.1f} GB"


def _build(space: Workspace) -> str:
    began = time.monotonic()
    settings = BuildSettings(max_mb=2000, read_seconds=3600.0)
    made = builder.build(space.seeds, space.index, settings, HashEncoder(64))
    return f"{made.documents:,} documents, {made.sentences:,} sentences: {_spent(began)}"

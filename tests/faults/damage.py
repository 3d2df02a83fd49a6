"""Every region of the files of a generation damaged in turn: found before it can change an answer, and mended."""

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from unittest import mock

from faults.workspaces import FERRY, LIGHTHOUSE, Workspace

from qa.errors import IndexUnusableError
from qa.index import store

__all__ = ["every_region"]

REGIONS = 24  # of a file; each is a run of bytes that are inverted


def every_region(root: Path, large: bool, step: int = 1) -> tuple[int, int, list[str]]:
    """Damage every step-th region, ask, and rebuild after every tenth.

    large: treat the generation as one that is too large to be hashed whole when it is opened. There, damage to vectors
    and word statistics may change which quotes are chosen, but never a quote. Returns how many regions were damaged,
    how many of these were not found by asking, and what was wrong.
    """
    space = Workspace(root / f"damage-{large}")
    space.write(lighthouse=LIGHTHOUSE, ferry=FERRY)
    space.build()
    right = space.answers()
    assert right is not None
    documents = right["documents"]
    wrong: list[str] = []
    untouched = 0
    damages = list(_regions(space.index))[::step]
    kept = space.copy(root / "whole")
    with mock.patch.object(store, "WHOLE", 0 if large else store.WHOLE):
        for number, (name, start, end) in enumerate(damages):
            where = f"{name} {start}..{end}"
            _invert(space.index / name, start, end)
            try:
                found = space.answers()
                assert found is not None
                if (found != right) if not large else (found["documents"] != documents or not space.verbatim()):
                    wrong.append(f"{where}: another answer")
                untouched += 1
                if not store.verify(space.index):
                    wrong.append(f"{where}: qa status --check is content")
            except IndexUnusableError as error:
                wrong += [] if "qa index" in str(error) else [f"{where}: no advice in {error}"]
            except Exception as error:
                wrong.append(f"{where}: {type(error).__name__}: {error}")
            if number % 10 == 0:
                space.build(rebuild=True)
                wrong += [f"{where}, rebuilt: {what}" for what in [space.untidy()] if what]
            shutil.rmtree(space.index)
            shutil.copytree(kept.index, space.index)
    return len(damages), untouched, wrong


def _regions(index: Path) -> Iterator[tuple[str, int, int]]:
    for path in sorted(p for p in index.rglob("*") if p.is_file() and p.name != ".lock"):
        size = path.stat().st_size
        edges = sorted({round(size * n / REGIONS) for n in range(REGIONS + 1)})
        yield from ((path.relative_to(index).as_posix(), a, b) for a, b in pairwise(edges))


def _invert(path: Path, start: int, end: int) -> None:
    data = bytearray(path.read_bytes())
    data[start:end] = bytes(byte ^ 0xFF for byte in data[start:end])
    path.write_bytes(data)

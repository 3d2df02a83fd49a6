"""A generation of words: what a build publishes first where the vectors will take long, see `build.py`."""

import os
from contextlib import closing
from pathlib import Path

from qa import files
from qa.errors import IndexBusyError, IndexUnusableError
from qa.index import lock, partial
from qa.index.store import Generation

__all__ = ["described", "is_being_completed", "is_current"]

INSTANT = 0.1  # seconds


def described(generation: Generation) -> str:
    """A line for people: that only its words are searched, how far the vectors are, and what to do."""
    done = f"{_share(generation):.0%} done"
    if _is_locked(generation.folder.parent):
        return f"only words can be searched: the index is still being built ({done})"
    return f"only words can be searched: the index was not finished ({done}); run: qa index"


def is_current(index: Path) -> bool:
    """Whether the current generation has words only. False if there is none that can be used."""
    try:
        with closing(Generation.open(index)) as generation:
            return not generation.complete
    except IndexUnusableError:
        return False


def is_being_completed(index: Path) -> bool:
    """Whether the current generation has words only, and a build is at work."""
    return is_current(index) and _is_locked(index)


def _is_locked(index: Path) -> bool:
    """Whether a build holds the lock; others who ask this hold it for an instant."""
    try:
        with lock.hold(index, wait=INSTANT):
            return False
    except IndexBusyError:
        return True
    except IndexUnusableError:
        return False


def _share(generation: Generation) -> float:
    """About how much of the vectors `partial/` holds, in [0, 1]."""
    about, counts = generation.manifest, generation.counts
    index = generation.folder.parent
    path = partial.place(index, about["recipe"]["weights"], about["settings"]["precision"])
    whole = partial.bytes_of(counts["passages"], counts["sentences"], about["model"]["dim"])
    try:
        with files.open_file(path, index) as file:
            return min(os.fstat(file.fileno()).st_size / max(whole, 1), 0.99)
    except OSError:
        return 0.0

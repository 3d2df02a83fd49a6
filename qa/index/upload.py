"""What a database that searches the index holds: the current generation and those that may still be read."""

from contextlib import suppress
from pathlib import Path

from qa.errors import IndexUnusableError, StoreError
from qa.index import lock, store
from qa.index.job import BuildStore, Progress
from qa.index.manifest import file_sha256
from qa.index.store import Generation

__all__ = ["finish", "send_current"]


def send_current(index: Path, database: BuildStore, progress: Progress) -> None:
    """Give the current generation to the database unless it is there, and finish what a killed build did not.

    Leaves other collections where another process is building or the folder cannot be written; a later call will find
    them. Raises StoreError, and as `Generation.open` does.
    """
    generation = Generation.open(index)
    try:
        database.upload(generation, progress)
    finally:
        generation.close()
    if database.is_finished(generation.sha256, _kept(index)):
        return
    try:
        with lock.hold(index, wait=0):
            if store.current_name(index)[1] == generation.sha256:
                finish(index, generation.sha256, database)
    except StoreError:
        raise
    except IndexUnusableError:
        return


def finish(index: Path, sha256: str, database: BuildStore) -> None:
    """Make the generation with this manifest the newest one in the database, and drop those that are not on the disk.
    Needs the lock: a build sends a generation before it is on the disk. Raises StoreError.
    """
    database.published(sha256, _kept(index))


def _kept(index: Path) -> list[str]:
    """SHA-256 of the manifest of each generation on the disk."""
    kept = []
    for name in store.generations(index):
        with suppress(OSError):  # deleted just now, or no generation
            kept.append(file_sha256(index / name / "manifest.json", index))
    return kept

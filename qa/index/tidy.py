"""What a build that was killed after it had published left behind: deleted even if nothing else is to be done."""

from contextlib import suppress
from pathlib import Path

from qa.errors import IndexUnusableError
from qa.files import Folder
from qa.index import lock, manifest, store
from qa.index import write as writer
from qa.index.partial import FOLDER, remove_all

__all__ = ["tidy"]


def tidy(index: Path) -> None:
    """Delete leftovers, among them the words of removed documents, of an index that this user built and that is up to
    date.

    Leaves them where another process is building or the folder cannot be written; a later call will find them.
    """
    with suppress(IndexUnusableError, OSError):
        if not _suspicious(index):
            return
        with lock.hold(index, wait=0):
            if keep := _to_keep(index):
                writer.purge(index, keep)
                remove_all(index)


def _suspicious(index: Path) -> bool:
    """Whether there may be leftovers; this alone is done for every question, and reads names and the manifest."""
    with Folder.open(index) as folder:
        names = folder.names()
    if FOLDER in names or any(name.startswith(writer.UNFINISHED) for name in names):
        return True
    return 0 < _to_keep(index) < sum(name.startswith("gen-") for name in names)


def _to_keep(index: Path) -> int:
    """How many generations may stay beside each other; 0 if nothing may go, since somebody else built the index."""
    name, sha256 = store.current_name(index)
    about, ours = manifest.read(index / name, sha256)
    return int(about.get("keep", 1)) if ours else 0

"""The folder of an index: locked while a build writes it, and refused if it holds files that qa did not make."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qa.errors import IndexBusyError, IndexForeignError, IndexUnusableError
from qa.files import TOO_LARGE, Folder
from qa.index.store import NOT_A_FILE

__all__ = ["hold", "writing"]

OURS = {"CURRENT", "README.md", "partial"}
KINDS = {"file": "a file", "folder": "a folder", "link": "a link", "other": "not a regular file"}
DENIED = (errno.EACCES, errno.EPERM, errno.EROFS)


@contextmanager
def hold(index: Path, wait: float) -> Iterator[None]:
    """Hold `index/.lock`, which the system releases if the process dies. wait: seconds to wait for another build.

    Raises IndexBusyError after that time, IndexForeignError for a folder with files that qa did not make, and
    IndexUnusableError if the folder cannot be written.
    """
    from filelock import FileLock, Timeout

    try:
        with Folder.open(index, create=True) as folder:
            _refuse_foreign_files(folder)
            folder.append(".lock").close()  # fails if it is a link, through which FileLock would write
        lock = FileLock(index / ".lock")
        lock.acquire(timeout=wait)
    except Timeout:
        raise IndexBusyError(
            f"another process is building {index}; waited {wait:.0f} seconds; try again when it has finished"
        ) from None
    except OSError as error:
        if error.filename == str(index) and error.errno not in DENIED:
            raise IndexForeignError(f"{index} cannot be used: {error.strerror}; move it away") from None
        raise _unwritable(index, error) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def writing(index: Path) -> Iterator[None]:
    """Turn an OSError, such as that of a full disk, into IndexUnusableError."""
    try:
        yield
    except OSError as error:
        raise _unwritable(index, error) from None


def _refuse_foreign_files(folder: Folder) -> None:
    for name in folder.names():
        if name not in OURS and not name.startswith(("gen-", ".")):
            raise IndexForeignError(
                f"{folder.path} holds {name!r}, which qa did not make; the index needs a folder of its own"
            )
        kind = folder.kind(name)
        if (name == "CURRENT" and kind == "folder") or (name == "partial" and kind != "folder"):
            raise IndexForeignError(
                f"{folder.path / name} is {KINDS[kind or 'other']}, which qa did not make; move it away"
            )


def _unwritable(index: Path, error: OSError) -> IndexUnusableError:
    if error.errno == errno.EFBIG:
        return IndexUnusableError(f"{error.filename or index} cannot be written: {TOO_LARGE}")
    advice = "; fix its permissions" if error.errno in DENIED else ""
    advice = "; move it away" if error.errno in NOT_A_FILE else advice
    return IndexUnusableError(f"{error.filename or index} cannot be written: {error.strerror}{advice}")

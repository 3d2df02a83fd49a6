"""Files in a folder that a stranger may have made: no link is followed, nothing blocks, nothing is read without end.

The workspace itself may be a link, and so may a file that the user names in order to read it. Documents in `seeds/` and
gold files that are rewritten may be links to something inside the workspace. Nothing else in a workspace may be one.

On Linux and macOS every step goes through the descriptor of a folder, so that what was checked is what is used.
Windows has no such descriptors: there, links are looked for just before a file is opened.

Every function raises OSError with the path and a reason that completes "cannot be read: ...".
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from io import BufferedReader, BufferedWriter
from pathlib import Path
from types import TracebackType

from qa.descriptors import (
    BY_DESCRIPTOR,
    FOLDER,
    NOFOLLOW,
    Kind,
    explained,
    keep_private,
    kind_of,
    open_folder,
    open_regular,
    read_whole,
    refused,
)

__all__ = [
    "LARGE",
    "MEDIUM",
    "SMALL",
    "TOO_LARGE",
    "Folder",
    "check_writable",
    "create",
    "is_file",
    "open_file",
    "open_named",
    "path_of",
    "read",
    "read_named",
    "why_foreign",
    "within",
    "write",
]

SMALL = 1_000_000
"""Most bytes of a file of settings, a template, or the like."""
MEDIUM = 100_000_000
"""Most bytes of a file that people write or review: gold files, the sidecar, one recorded answer."""
LARGE = 2_000_000_000
"""Most bytes of any other file that is read whole."""

TOO_LARGE = "it would be larger than files may be here; raise the limit (ulimit -f), or write to another disk"
"""What the system's EFBIG means where something is written."""

DEEPEST, MOST = 8, 10_000  # folders in each other and entries that are deleted at once; qa writes 3 and under 100

EXCHANGED = "somebody else put another folder in its place"
PROBE = ".owner"


class Folder:
    """A folder that is held open. Names are those of its own entries, never paths; none of them is followed."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path, self._descriptor = path, descriptor

    @classmethod
    def open(cls, path: Path, create: bool = False, below: Path | None = None) -> "Folder":
        """The folder, which must not be a link itself. create: make it if it is missing.

        below: a folder above it; neither that nor anything between the two may be a link. Without it, the parents are
        followed, and made as well.
        """
        if below is not None and path != below:
            with _parent(path, below) as parent:
                return parent.folder(path.name, create)
        try:
            return cls(path, open_folder(path, path, None))
        except FileNotFoundError:
            if not create:
                raise
        path.mkdir(parents=True, exist_ok=True)
        return cls(path, open_folder(path, path, None))

    @classmethod
    def named(cls, path: Path) -> "Folder":
        """The folder as the user named it: links are followed."""
        return cls(path, os.open(path, FOLDER) if BY_DESCRIPTOR else -1)

    def __enter__(self) -> "Folder":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1

    def folder(self, name: str, create: bool = False, mode: int = 0o777) -> "Folder":
        """A folder in this one. create: make it if there is nothing of that name."""
        if create:
            with suppress(FileExistsError):
                self.make(name, mode)
        target, at = self._target(name)
        return Folder(self.path / name, open_folder(target, self.path / name, at))

    def make(self, name: str, mode: int = 0o777) -> None:
        """A new folder; FileExistsError if there is anything of that name."""
        target, at = self._target(name)
        os.mkdir(target, mode, dir_fd=at)

    def private(self, name: str) -> "Folder":
        """A new folder that nobody else may enter until `allow` lets them; OSError if it is not new, or not ours."""
        self.make(name, 0o700)
        folder = self.folder(name)
        with folder.create(PROBE) as file:  # what is made in one's own folder has the owner of that folder
            owners = {os.fstat(file.fileno()).st_uid, self.stat(name).st_uid}
        folder.remove(PROBE)
        if len(owners) == 1 and self.is_still(name, folder):
            return folder
        folder.close()
        raise OSError(errno.EPERM, EXCHANGED, str(self.path / name))

    def open_file(self, name: str) -> BufferedReader:
        """A regular file, to be read."""
        return os.fdopen(self._open(name, os.O_RDONLY), "rb")

    def create(self, name: str, mode: int = 0o666) -> BufferedWriter:
        """A new file, to be written; FileExistsError if there is anything of that name."""
        return os.fdopen(self._open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb")

    def append(self, name: str, private: bool = False) -> BufferedWriter:
        """A regular file, made if there is none, to be written at its end. private: as for `keep_private`."""
        number = self._open(name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600 if private else 0o666)
        file = os.fdopen(number, "ab")
        try:
            if private:
                keep_private(number, 0o600, self.path / name)
        except OSError:
            file.close()
            raise
        return file

    def keep_private(self) -> None:
        """Let nobody else in, whoever made it. Raises OSError if it belongs to somebody else. No effect on Windows."""
        keep_private(self._descriptor, 0o700, self.path)

    def cut(self, name: str, size: int) -> None:
        """Shorten a regular file."""
        with os.fdopen(self._open(name, os.O_RDWR), "rb") as file:
            os.ftruncate(file.fileno(), size)

    def flush(self, name: str) -> None:
        """Flush a regular file to the disk."""
        with os.fdopen(self._open(name, os.O_RDWR), "rb") as file:
            os.fsync(file.fileno())

    def read(self, name: str, limit: int) -> bytes:
        """A regular file of at most `limit` bytes."""
        with self.open_file(name) as file:
            return read_whole(file, limit, self.path / name)

    def write(self, name: str, data: bytes, flush: bool = False) -> None:
        """Make or replace a regular file, whole or not at all, with the permissions it had. flush: to the disk."""
        kind = self.check_writable(name)
        temporary = f".{name[:100]}-{os.urandom(8).hex()}"
        target, at = self._target(temporary)
        try:
            with self.create(temporary) as file:
                file.write(data)
                if kind and hasattr(os, "fchmod"):
                    os.fchmod(file.fileno(), stat.S_IMODE(self.stat(name).st_mode))
                file.flush()
                if flush:
                    os.fsync(file.fileno())
            self.rename(temporary, name)
        except OSError as error:
            raise explained(error, self.path / name, "file") from None
        finally:
            with suppress(OSError):
                os.unlink(target, dir_fd=at)

    def check_writable(self, name: str) -> Kind | None:
        """Raise what `write` would raise for a link, a folder and the like; else what is there now."""
        kind = self.kind(name)
        if kind is not None and kind != "file":
            raise refused(kind, self.path / name)
        return kind

    def names(self) -> list[str]:
        """The names of everything in this folder, sorted."""
        with os.scandir(self._descriptor if self._descriptor >= 0 else self.path) as entries:
            return sorted(entry.name for entry in entries)

    def stat(self, name: str) -> os.stat_result:
        """Of the entry itself, also where that is a link."""
        target, at = self._target(name)
        return os.stat(target, dir_fd=at, follow_symlinks=False)

    def kind(self, name: str) -> Kind | None:
        """What the entry is; None if there is none."""
        try:
            return kind_of(self.stat(name))
        except FileNotFoundError:
            return None

    def rename(self, old: str, new: str) -> None:
        """Give an entry another name. Whatever had that name before goes; a link is not followed."""
        source, at = self._target(old)
        os.replace(source, self._target(new)[0], src_dir_fd=at, dst_dir_fd=at)

    def remove(self, name: str) -> None:
        """Delete an entry: of a link the link, of a folder all that is in it, unless that is more, or deeper, than qa
        ever writes. No error if there is none.
        """
        self._remove(name, DEEPEST, iter(range(MOST)))

    def _remove(self, name: str, deep: int, left: Iterator[int]) -> None:
        target, at = self._target(name)
        kind = self.kind(name)
        if kind is None:
            return
        if not deep or next(left, None) is None:
            raise OSError(errno.EFBIG, "it is in a folder that holds more than qa writes", str(self.path / name))
        if kind == "folder":
            with self.folder(name) as inside:
                for entry in inside.names():
                    inside._remove(entry, deep - 1, left)
            os.rmdir(target, dir_fd=at)
        else:
            os.unlink(target, dir_fd=at)

    def remove_empty(self, name: str) -> None:
        """Delete a folder if nothing is left in it."""
        target, at = self._target(name)
        with suppress(OSError):
            os.rmdir(target, dir_fd=at)

    def is_still(self, name: str, folder: "Folder") -> bool:
        """Whether an entry is that open folder, and not another one that took its place."""
        return folder._descriptor < 0 or os.path.samestat(self.stat(name), os.fstat(folder._descriptor))

    def allow(self, mode: int) -> None:
        """Set the permissions of this folder."""
        if self._descriptor >= 0:
            os.fchmod(self._descriptor, mode)

    def sync(self) -> None:
        """Flush the names in this folder to the disk."""
        if self._descriptor >= 0:
            os.fsync(self._descriptor)

    def _open(self, name: str, flags: int, mode: int = 0o666) -> int:
        target, at = self._target(name)
        if not BY_DESCRIPTOR and self.kind(name) == "link":
            raise refused("link", self.path / name)
        return open_regular(target, self.path / name, flags | NOFOLLOW, at, mode)

    def _target(self, name: str) -> tuple[str, int | None]:
        """What to hand to the system: the name and this folder's descriptor, or on Windows the path alone."""
        if name in ("", ".", "..") or "/" in name or os.sep in name:
            raise OSError(errno.EINVAL, "it is not the name of a file", str(self.path / name))
        return (name, self._descriptor) if self._descriptor >= 0 else (str(self.path / name), None)


def open_file(path: Path, below: Path | None = None) -> BufferedReader:
    """A regular file, to be read. below: a folder above it; neither it nor anything below it may be a link.

    Without `below`, only the file itself may not be one.
    """
    with _parent(path, below) as folder:
        return folder.open_file(path.name)


def create(path: Path, below: Path | None = None) -> BufferedWriter:
    """A new file, to be written; `below` as for `open_file`. FileExistsError if there is anything of that name."""
    with _parent(path, below) as folder:
        return folder.create(path.name)


def path_of(file: BufferedReader, path: Path) -> str:
    """For libraries that read by path: one that names the open file itself where the system has such; else its own."""
    own = f"/dev/fd/{file.fileno()}"
    return own if os.path.exists(own) else str(path)  # noqa: PTH110 (not a path of anybody's choice)


def read(path: Path, limit: int, below: Path | None = None) -> bytes:
    """A regular file of at most `limit` bytes; `below` as for `open_file`."""
    with open_file(path, below) as file:
        return read_whole(file, limit, path)


def is_file(path: Path, below: Path | None = None) -> bool:
    """Whether `open_file` would find a regular file."""
    try:
        with _parent(path, below) as folder:
            return folder.kind(path.name) == "file"
    except OSError:
        return False


def write(path: Path, data: bytes, below: Path | None = None, flush: bool = False) -> None:
    """Make or replace a regular file, whole or not at all; `below` as for `open_file`."""
    with _parent(path, below) as folder:
        folder.write(path.name, data, flush)


def check_writable(path: Path, below: Path | None = None) -> None:
    """Raise OSError where `write` could not write, as far as that can be known before."""
    with _parent(path, below) as folder:
        folder.check_writable(path.name)


def open_named(path: Path) -> BufferedReader:
    """A regular file that the user named, to be read: links are followed."""
    return os.fdopen(open_regular(path, path, os.O_RDONLY, None), "rb")


def read_named(path: Path, limit: int) -> bytes:
    """A regular file of at most `limit` bytes that the user named: links are followed."""
    with open_named(path) as file:
        return read_whole(file, limit, path)


def why_foreign(path: Path) -> str:
    """Why another user may have created a file, as in `/tmp`; empty if only this user or root can have.

    On Windows the answer is not known, so it is always empty.
    """
    if not hasattr(os, "geteuid"):
        return ""
    try:
        folder, file = path.parent.stat(), path.lstat()
    except OSError as error:
        return f"it cannot be checked ({error.strerror})"
    if {folder.st_uid, file.st_uid} - {os.geteuid(), 0}:
        return "it, or its folder, belongs to another user"
    return "anybody may write to its folder" if folder.st_mode & stat.S_IWOTH else ""


def within(path: Path, root: Path) -> tuple[Path, Path | None]:
    """A path that the user named, as `path` and `below` of the functions here.

    If it lies in the folder `root`, by whatever name of that folder, no link below `root` may be followed. If not, its
    parents are what the user named.
    """
    full = Path(os.path.abspath(path))  # noqa: PTH100 - it follows no link
    for folder in reversed(full.parents):
        if folder.exists() and folder.samefile(root):
            return root / full.relative_to(folder), root
    return path, None


@contextmanager
def _parent(path: Path, below: Path | None) -> Iterator[Folder]:
    """The folder that holds `path`, reached from `below` without following a link."""
    with ExitStack() as opened:
        if below is None:
            yield opened.enter_context(Folder.named(path.parent))
            return
        if not path.is_relative_to(below):
            raise OSError(errno.EINVAL, f"it lies outside of {below}", str(path))
        folder = opened.enter_context(Folder.open(below))
        for name in path.relative_to(below).parts[:-1]:
            folder = opened.enter_context(folder.folder(name))
        yield folder

"""How one file or folder is opened by the system: no link is followed, and only regular files are read or written.

What `qa.files` rests on. Every error is an OSError with the path and a reason that completes "cannot be read: ...".
"""

import errno
import os
import stat
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from typing import Literal

__all__ = [
    "BY_DESCRIPTOR",
    "FOLDER",
    "NOFOLLOW",
    "Kind",
    "explained",
    "keep_private",
    "kind_of",
    "open_folder",
    "open_regular",
    "read_whole",
    "refused",
]

LINK = "it is a link, which qa does not follow here"
Kind = Literal["file", "folder", "link", "other"]

BY_DESCRIPTOR = hasattr(os, "O_NOFOLLOW") and os.open in os.supports_dir_fd
"""Whether the system opens a file by the descriptor of its folder."""
FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
"""How a folder is opened where links are followed."""
FILE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)


def open_folder(target: str | Path, path: Path, at: int | None) -> int:
    if not BY_DESCRIPTOR:
        if (kind := kind_of(os.lstat(path))) != "folder":
            raise refused_folder(kind, path)
        return -1
    try:
        return os.open(target, FOLDER | NOFOLLOW, dir_fd=at)
    except OSError as error:
        raise explained(error, path, "folder") from None


def open_regular(target: str | Path, path: Path, flags: int, at: int | None, mode: int = 0o666) -> int:
    try:
        number = os.open(target, flags | FILE, mode, dir_fd=at)
    except OSError as error:
        raise explained(error, path, "file") from None
    kind = kind_of(os.fstat(number))
    if kind != "file":
        os.close(number)
        raise refused(kind, path)
    return number


def keep_private(number: int, mode: int, path: Path) -> None:
    """Take the permissions of all others away. A file must not have a second name, through which it can be read."""
    if not BY_DESCRIPTOR:
        return
    info = os.fstat(number)
    if info.st_uid != os.geteuid():
        raise OSError(errno.EPERM, "it belongs to another user", str(path))
    if kind_of(info) == "file" and info.st_nlink > 1:
        raise OSError(errno.EMLINK, "it has a second name, a hard link; delete it", str(path))
    if stat.S_IMODE(info.st_mode) & 0o077:
        os.fchmod(number, mode)


def read_whole(file: BufferedReader, limit: int, path: Path) -> bytes:
    data = file.read() if os.fstat(file.fileno()).st_size <= limit else None
    if data is None or len(data) > limit:
        raise OSError(errno.EFBIG, f"it is larger than {limit:,} bytes", str(path))
    return data


def kind_of(info: os.stat_result) -> Kind:
    if stat.S_ISREG(info.st_mode):
        return "file"
    if stat.S_ISDIR(info.st_mode):
        return "folder"
    return "link" if stat.S_ISLNK(info.st_mode) else "other"


def explained(error: OSError, path: Path, wanted: Literal["file", "folder"]) -> OSError:
    """The system's error in words: that of a link, a pipe or a folder in the wrong place says little."""
    if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENOTDIR, errno.EISDIR, errno.ENXIO, errno.EOPNOTSUPP):
        with suppress(OSError):
            kind = kind_of(os.lstat(path))
            if kind != wanted:
                return refused(kind, path) if wanted == "file" else refused_folder(kind, path)
    return OSError(error.errno, error.strerror, str(path))


def refused(kind: Kind, path: Path) -> OSError:
    if kind == "link":
        return OSError(errno.ELOOP, LINK, str(path))
    if kind == "folder":
        return OSError(errno.EISDIR, "it is a folder", str(path))
    return OSError(errno.EINVAL, "it is not a regular file", str(path))


def refused_folder(kind: Kind, path: Path) -> OSError:
    return refused(kind, path) if kind == "link" else OSError(errno.ENOTDIR, "it is not a folder", str(path))

"""Does an untrusted path stay inside a folder? Decided without accessing anything outside of it.

Accessing a path can open a connection: `//host/share` on Windows, or a folder that an automounter mounts. So the text
of the path is checked first, and then every link is read rather than followed.
"""

import os
import re
from pathlib import Path

__all__ = ["OWN", "expanded", "leaves", "place"]

OWN = ("index", ".qa")
"""Folders that qa writes in a workspace; a document in them would change with every build."""
MOST_LINKS = 40
MOST_PARTS = 500  # of a path with its links; real ones have a few dozen, and the time grows with their square
_DRIVE = re.compile(r"[A-Za-z]:")
_BETWEEN = re.compile(r"[/\\]" if os.name == "nt" else "/")


def leaves(path: str) -> bool:
    """Whether a path may lead out of its folder, judged by its text, with the rules of every system.

    Such a path is absolute, begins with `~` or a drive letter, or has a part `..`: behind a link, that is the parent of
    the link's target.
    """
    return _starts_elsewhere(path) or ".." in re.split(r"[/\\]", path)


def place(folder: Path, path: str) -> Path | None:
    """The file or folder in `folder` that a path leads to, with all links resolved; None if it leads out of `folder`.

    It need not exist. A path of more than `MOST_PARTS` parts counts as leading out.
    """
    if leaves(path):
        return None
    found: list[str] = []
    ahead, links = _parts(path), 0
    while ahead:
        if len(ahead) + len(found) > MOST_PARTS:
            return None
        part = ahead.pop()
        if part == "..":
            if not found:
                return None
            found.pop()
            continue
        try:
            target = str(folder.joinpath(*found, part).readlink())
        except (OSError, ValueError):  # not a link, or missing
            found.append(part)
            continue
        links += 1
        if links > MOST_LINKS or _starts_elsewhere(target):
            return None
        ahead += _parts(target)
    return folder.joinpath(*found)


def expanded(path: str) -> Path:
    """A path with the home folder for the `~` at its beginning. Raises RuntimeError if there is no such user.

    `Path.expanduser` takes `./~` for a home folder, too, so that what is used would not be what was judged.
    """
    found = os.path.expanduser(path)  # noqa: PTH111
    if found.startswith("~"):
        raise RuntimeError(f"no home folder: {path}")
    return Path(found)


def _starts_elsewhere(path: str) -> bool:
    return path.startswith(("/", "\\", "~")) or bool(_DRIVE.match(path))


def _parts(path: str) -> list[str]:
    """The parts of a path, in reverse."""
    return [part for part in reversed(_BETWEEN.split(path)) if part not in ("", ".")]

"""Whether a path that somebody else wrote stays in a folder, found out without looking at anything outside of it.

To look at a path can be to connect to a server: `//host/share` on Windows, what an automounter keeps elsewhere. So the
text decides first, and then every link is read, not followed.
"""

import os
import re
from pathlib import Path

__all__ = ["OWN", "expanded", "leaves", "place"]

OWN = ("index", ".qa")
"""What qa writes in a workspace; a document there would change with every build."""
MOST_LINKS = 40
_DRIVE = re.compile(r"[A-Za-z]:")
_BETWEEN = re.compile(r"[/\\]" if os.name == "nt" else "/")


def leaves(path: str) -> bool:
    """Whether a path may lead elsewhere, by its text alone and on any system: it is absolute, or has `~` at its
    beginning, a drive letter or a part `..`, which leads elsewhere than it seems to where it follows a link.
    """
    return _starts_elsewhere(path) or ".." in re.split(r"[/\\]", path)


def place(folder: Path, path: str) -> Path | None:
    """The file or folder in `folder` that a path leads to, through links that lead on inside; None for one that leads
    out of it. It need not exist.
    """
    if leaves(path):
        return None
    found: list[str] = []
    ahead, links = _parts(path), 0
    while ahead:
        part = ahead.pop()
        if part == "..":
            if not found:
                return None
            found.pop()
            continue
        try:
            target = str(folder.joinpath(*found, part).readlink())
        except (OSError, ValueError):  # no link, or not there
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
    """The parts of a path, the first one last."""
    return [part for part in reversed(_BETWEEN.split(path)) if part not in ("", ".")]

"""Which files of a folder are documents; and reading one without following a link out of the workspace or folder."""

import errno
import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from qa import files
from qa.errors import SettingError, WorkspaceError
from qa.ingest.unread import refusal
from qa.inside import OWN

__all__ = ["DEFAULT_EXCLUDE", "SIDECAR", "File", "Scan", "Skip", "duplicates", "read", "scan"]

SIDECAR = "metadata.toml"  # beside the documents, never one of them
SEEDS = "seeds"  # the folder of documents in a workspace
MOST_PATTERNS, LONGEST_PATTERN, ALL_PATTERNS = 1_000, 1_000, 50_000
DEFAULT_EXCLUDE = (
    ".*",
    "~$*",
    "README",
    "README.*",
)  # hidden, an open Word file's lock, what the folder says of itself


@dataclass(frozen=True, slots=True)
class File:
    """A file to read. id: POSIX path relative to `seeds/`; size in bytes; mtime_ns as `os.stat` gives it."""

    id: str
    path: Path
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Skip:
    """A file or folder that is not read, and why. The id is always printable as UTF-8."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What a folder holds, both parts sorted by id."""

    files: tuple[File, ...]
    skipped: tuple[Skip, ...]


def scan(
    seeds: Path,
    include: Sequence[str] = ("**",),
    exclude: Sequence[str] = DEFAULT_EXCLUDE,
    max_bytes: int = 50_000_000,
    ocr: bool = False,
) -> Scan:
    """List the documents below `seeds` that match `include` and not `exclude`.

    Patterns, in either list: `*` and `?` stay within a name, `**` crosses folders, `[a-z]` is one of a set, a
    backslash takes the next character literally. A pattern without a slash matches a name at any depth; one with
    a slash counts from `seeds`. What matches a folder matches everything in it. Case does not count.

    Links are followed within the folder; if it is called `seeds`, within the workspace, the folder above it. A link out
    of that is skipped, and so is one to it as a whole or to what qa writes there; every folder is read once. What is
    left out by a pattern is not reported; everything else that is not read is, with the reason.

    Raises SettingError for a pattern that cannot be read and for too many or too long ones; WorkspaceError if `seeds`
    is missing, is not a folder, cannot be opened, or is itself a link out of the workspace.
    """
    _check_size(include)
    _check_size(exclude)
    walk = _Walk(
        seeds=_normal(seeds),
        wanted=[_compile(pattern) for pattern in include],
        unwanted=[_compile(pattern) for pattern in exclude],
        max_bytes=max_bytes,
        ocr=ocr,
    )
    try:
        walk.run(seeds)
    except OSError as error:
        raise WorkspaceError(f"{seeds} cannot be read: {error.strerror}") from None
    return Scan(tuple(sorted(walk.files, key=lambda f: f.id)), tuple(sorted(walk.skipped, key=lambda s: s.id)))


def read(seeds: Path, id_: str, limit: int) -> bytes:
    """A file below `seeds`, of at most `limit` bytes. A link is followed as `scan` follows it.

    Raises OSError, with a reason that completes "cannot be read: ...".
    """
    folder = _normal(seeds)
    if PurePosixPath(id_).is_absolute() or ".." in PurePosixPath(id_).parts:
        raise OSError(errno.EINVAL, f"it is not in {folder.name}/", str(seeds / id_))
    real = Path(os.path.realpath(folder / id_))
    if reason := _forbidden(real, folder):
        raise OSError(errno.ELOOP, f"it is {reason}", str(seeds / id_))
    return files.read(real, limit, below=_link_root(folder))


def duplicates(hashes: Mapping[str, str]) -> dict[str, str]:
    """Map the id of every later exact duplicate to the id that is kept: the first of them in sorted order.

    hashes: id -> hash of the file's bytes.
    """
    kept: dict[str, str] = {}
    return {id_: kept[hashes[id_]] for id_ in sorted(hashes) if kept.setdefault(hashes[id_], id_) != id_}


def _check_size(patterns: Sequence[str]) -> None:
    """Raise SettingError for more than can be compiled at once: the patterns may be a stranger's."""
    if any(len(pattern) > LONGEST_PATTERN for pattern in patterns):
        raise SettingError(f"a file pattern has more than {LONGEST_PATTERN:,} characters; write shorter ones")
    if len(patterns) > MOST_PATTERNS or sum(map(len, patterns)) > ALL_PATTERNS:
        raise SettingError(
            f"there are more than {MOST_PATTERNS:,} file patterns, or more than {ALL_PATTERNS:,} characters of them; "
            "name folders instead of files"
        )


def _compile(pattern: str) -> re.Pattern[str]:
    """The pattern as a regular expression over a whole id; it also matches what lies in a folder it matches."""
    body = unicodedata.normalize("NFC", pattern).rstrip("/")
    if not body:
        raise SettingError(f"{pattern!r} is not a file pattern; write for example '*.txt' or 'reports/**'")
    if body.startswith("!"):
        raise SettingError(
            f"{pattern!r}: patterns are not negated here; use include for what to take, exclude for the rest"
        )
    anchored = "/" in body
    try:
        return re.compile(f"{_translate(body.lstrip('/'), anchored)}(?:/.*)?", re.IGNORECASE | re.DOTALL)
    except re.error as error:
        raise SettingError(f"{pattern!r} is not a file pattern: {error.msg}") from error


def _translate(pattern: str, anchored: bool) -> str:
    """The pattern as a regular expression that no pattern and no path can keep busy: the pattern may be a stranger's.

    A wildcard takes as little as it can. One that another of its kind follows never takes more than that, as whatever
    it could take the other one takes instead: hence the atomic groups.
    """
    parts = [("" if anchored else _FOLDERS, [""])]  # what crosses folders, then the pieces between stars
    before = "/"
    for token in _TOKEN.findall(pattern):
        if token == "**/" and before.endswith("/"):
            if before != token:
                parts.append((_FOLDERS, [""]))
        elif token.startswith("**"):
            parts.append((".*?", [token[2:]]))
        elif token == "*":
            parts[-1][1].append("")
        else:
            parts[-1][1][-1] += _one(token)
        before = token
    *earlier, (crossing, pieces) = parts
    written = "".join(f"(?>{across}{_fixed(between)})" for across, between in earlier)
    if len(pieces) == 1:
        return written + crossing + pieces[0]
    return f"{written}{crossing}{_fixed(pieces[:-1])}{_NAME}{pieces[-1]}"


def _fixed(pieces: Sequence[str]) -> str:
    return pieces[0] + "".join(f"(?>{_NAME}{piece})" for piece in pieces[1:])


def _one(token: str) -> str:
    """The expression for a token that stands for one character."""
    if token == "?":
        return "[^/]"
    if len(token) > 1 and token[0] == "[":
        inner = re.sub(r"([]\\[&~|^])", r"\\\1", token[1:-1].removeprefix("!")).replace("--", r"-\-")
        return f"[^/{inner}]" if token[1] == "!" else f"[{inner}]"
    return re.escape(token[1:] if len(token) == 2 and token[0] == "\\" else token)


_TOKEN = re.compile(r"\*\*/|\*\*|\\.|\[!?\]?[^]/]*\]|.", re.DOTALL)
_FOLDERS, _NAME = "(?:.*?/)??", "[^/]*?"


@dataclass(slots=True)
class _Walk:
    """One pass over a folder: real folders first, then the links, so that a link never hides the real place."""

    seeds: Path
    wanted: list[re.Pattern[str]]
    unwanted: list[re.Pattern[str]]
    max_bytes: int
    ocr: bool
    files: list[File] = field(default_factory=list)
    skipped: list[Skip] = field(default_factory=list)
    root: Path = Path()
    seen: set[Path] = field(default_factory=set)
    links: list[tuple[str, Path]] = field(default_factory=list)

    def run(self, named: Path) -> None:
        self.root = _link_root(self.seeds)
        if not self.seeds.is_dir():
            problem = "is not a folder" if self.seeds.exists() else "does not exist"
            raise WorkspaceError(f"{named} {problem}; create the folder and put documents in it")
        real = self.seeds.resolve()
        if not real.is_relative_to(self.root):
            raise WorkspaceError(f"{named} is a link to {real}, outside of the workspace; name the real folder instead")
        if real == self.root and self.seeds.name == SEEDS:
            raise WorkspaceError(f"{named} is a link to the workspace itself; put a folder with the documents there")
        self._folders(real, "")
        while self.links:
            self.links.sort(reverse=True)
            link, target = self.links.pop()
            if target in self.seen:
                self.skipped.append(Skip(link, "a link to a folder that is read already"))
            else:
                self._folders(target, link)
        if self.skipped and self.skipped[0].id == ".":
            raise WorkspaceError(f"{named} {self.skipped[0].reason}")

    def _folders(self, real: Path, id_: str) -> None:
        """Read a folder and all real folders below it; links to folders are put aside."""
        waiting = [(real, id_)]
        while waiting:
            real, id_ = waiting.pop()
            if real in self.seen:
                continue
            self.seen.add(real)
            for path in self._entries(real, id_):
                child = f"{id_}/{path.name}" if id_ else path.name
                if self._taken(child) and self._entry(path, child):
                    waiting.append((path, child))

    def _entries(self, real: Path, id_: str) -> Iterator[Path]:
        try:
            yield from sorted(real.iterdir())
        except OSError as error:
            self.skipped.append(Skip(id_ or ".", _reason(error)))

    def _taken(self, id_: str) -> bool:
        """Whether to look at this entry: not excluded, and its name can be written down."""
        if id_ == SIDECAR or _matches(self.unwanted, id_):
            return False
        try:
            id_.encode()
        except UnicodeEncodeError:
            shown = os.fsencode(id_).decode("utf-8", "backslashreplace")
            self.skipped.append(Skip(shown, "its name is not valid UTF-8; rename it"))
            return False
        return True

    def _entry(self, path: Path, id_: str) -> bool:
        """Record a file, or put a link to a folder aside. True for a real folder, which is still to be read."""
        is_link = False
        try:
            is_link = path.is_symlink()
            info = path.stat()
        except OSError as error:
            self._skip_wanted(id_, "a link that leads nowhere" if is_link else _reason(error))
            return False
        real = Path(os.path.realpath(path)) if is_link else path
        if is_link and (reason := _forbidden(real, self.seeds)):
            self._skip_wanted(id_, reason, folder=stat.S_ISDIR(info.st_mode))
        elif stat.S_ISDIR(info.st_mode):
            if not is_link:
                return True
            self.links.append((id_, real))
        elif _matches(self.wanted, id_):
            self._file(path, id_, info)
        return False

    def _skip_wanted(self, id_: str, reason: str, folder: bool = False) -> None:
        """Report what is not read, unless the include patterns did not ask for it anyway."""
        if folder or _matches(self.wanted, id_):
            self.skipped.append(Skip(id_, reason))

    def _file(self, path: Path, id_: str, info: os.stat_result) -> None:
        reason = self._refusal(path, id_, info)
        if reason:
            self.skipped.append(Skip(id_, reason))
        else:
            self.files.append(File(id_, self.seeds / id_, info.st_size, info.st_mtime_ns))

    def _refusal(self, path: Path, id_: str, info: os.stat_result) -> str:
        """Why a file cannot be a document; empty if it can."""
        if not stat.S_ISREG(info.st_mode):
            return "not a regular file"
        if reason := refusal(path.suffix, self.ocr):
            return reason
        if info.st_size == 0:
            return "empty"
        if info.st_size > self.max_bytes:
            return f"{info.st_size:,} bytes are over the limit of {self.max_bytes:,} (the setting max_bytes)"
        if not os.access(path, os.R_OK):
            return "cannot be opened: no permission to read it"
        return ""


def _normal(seeds: Path) -> Path:
    """Absolute, so that `.` and `..` have a parent; links stay."""
    return Path(os.path.abspath(seeds))  # noqa: PTH100 - it follows no link


def _link_root(folder: Path) -> Path:
    """The folder that links may not leave: of a workspace's own documents the workspace, else the folder itself."""
    return (folder.parent if folder.name == SEEDS else folder).resolve()


def _forbidden(real: Path, seeds: Path) -> str:
    """Why a link in `seeds` to this place is not followed; empty if it is."""
    root, where = _link_root(seeds), "workspace" if seeds.name == SEEDS else "folder"
    if not real.is_relative_to(root):
        return f"a link out of the {where}; copy what it points at into it"
    if real == root:
        return f"a link to the {where} itself"
    if real.relative_to(root).parts[0].casefold() in OWN and not real.is_relative_to(seeds.resolve()):
        return "a link to what qa itself writes"
    if any(part.startswith(".") for part in real.relative_to(root).parts):
        return "a link to a hidden file or folder"
    return ""


def _matches(patterns: list[re.Pattern[str]], id_: str) -> bool:
    name = unicodedata.normalize("NFC", id_)
    return any(pattern.fullmatch(name) for pattern in patterns)


def _reason(error: OSError) -> str:
    return f"cannot be opened: {(error.strerror or str(error)).lower()}"

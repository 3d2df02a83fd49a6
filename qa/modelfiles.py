"""The model files that a workspace's `qa.toml` names, and what is in them; trust covers both."""

import hashlib
import json
import os
import re
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import nullcontext, suppress
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import Any

from qa.errors import SettingError
from qa.inside import expanded, leaves, place
from qa.records import BuildSettings

__all__ = [
    "FOLDERS",
    "MOST_FILES",
    "content",
    "files_below",
    "followed",
    "is_path",
    "is_settled",
    "named",
    "real",
    "stamp",
    "why_unread",
    "with_folders",
]

PACKAGED = BuildSettings().embedder  # a folder of this name is never taken in its place
FOLDERS = ("embedder", "reranker", "reader", "entailment")  # settings that name a model or its folder
MOST_FILES = 1_000  # of a model's folder; real ones have a dozen
RACY_NS = 2_000_000_000  # a file changed this shortly before may change again with the same times
MOST_BYTES = 200_000_000_000  # of one file; larger models are kept in several
SPARSE = 64_000_000  # bytes; smaller sparse files are read, since that takes no time
_NAME = re.compile(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)?")  # of a model, as the hub has them
_SHARD = re.compile(r"(.*)-\d{5}-of-(\d{5})\.gguf")


def named(root: Path, config: Mapping[str, Any]) -> tuple[Path, ...]:
    """The files of the models that the settings of `qa.toml` name by path, in order; none for models named otherwise.

    config: from `with_folders`. Raises SettingError for a folder with far more files than a model has.
    """
    files: list[Path] = []
    model = config.get("model")
    if isinstance(model, str) and model.startswith("gguf:"):
        files += _gguf(_absolute(root, model.removeprefix("gguf:")))
    for setting in FOLDERS:
        folder = config.get(setting)
        if not isinstance(folder, str) or not is_path(folder):
            continue
        found = list(islice(files_below(_absolute(root, folder)), MOST_FILES + 1))
        if len(found) > MOST_FILES:
            raise SettingError(
                f"{setting}: {folder} has over {MOST_FILES:,} files; name a folder that has only a model"
            )
        files += found
    return tuple(files)


def is_path(name: str) -> bool:
    """Whether a model is named by its folder."""
    return name.startswith(("./", "../", "~")) or Path(name).is_absolute()


def with_folders(root: Path, config: Mapping[str, Any]) -> dict[str, Any]:
    """The same settings, in which each of `FOLDERS` that leads to a folder names it by its absolute path.

    This is looked up once, so that a folder that somebody makes later does not take the place of a model's name.
    Nothing outside the workspace and the working directory is accessed, because these settings are not trusted yet.
    """
    found = {setting: _model_folder(root, config[setting]) for setting in FOLDERS if setting in config}
    return {**config, **{setting: str(folder) for setting, folder in found.items() if folder}}


def followed(config: Mapping[str, Any]) -> dict[str, Any]:
    """The result of `with_folders` with all links in its paths resolved, so that the folder that is checked is the one
    that is loaded. Only for settings that the user trusts, or is about to trust.
    """
    paths = {setting: config[setting] for setting in FOLDERS if setting in config}
    found = {setting: real(Path(), path) for setting, path in paths.items() if isinstance(path, str) and is_path(path)}
    return {**config, **{setting: str(path) for setting, path in found.items()}}


def _model_folder(root: Path, named: object) -> Path | None:
    """The folder that a setting leads to, None for a name that leads to no folder.

    A relative path counts from the workspace. One that leads somewhere from the working directory only is a path too,
    so that it is never taken for the name of a model, and so is whatever cannot be such a name, there or not.
    """
    if not isinstance(named, str) or named.strip().removeprefix("sentence-transformers/") in ("", PACKAGED):
        return None
    if leaves(named):
        return _absolute(root, named)
    for start in (root, Path.cwd()):
        folder = place(start, named)
        if folder is None:
            return start / named
        with suppress(OSError, ValueError):
            if folder.is_dir():
                return folder
    return None if _NAME.fullmatch(named) else root / named


def real(start: Path, path: str) -> Path:
    """The place that a path leads to from `start`, with all links resolved as far as it exists."""
    whole = _absolute(start, path)
    try:
        return whole.resolve()
    except (OSError, ValueError, RuntimeError):
        return whole


def _absolute(start: Path, path: str) -> Path:
    try:
        return start / expanded(path)
    except RuntimeError:  # no such user
        return start / path


def _gguf(path: Path) -> list[Path]:
    """The file, and the others of a model that is kept in several."""
    shard = _SHARD.fullmatch(path.name)
    if not shard:
        return [path]
    others = (p for p in path.parent.iterdir() if _SHARD.fullmatch(p.name)) if path.parent.is_dir() else iter(())
    return sorted({path, *(p for p in others if _SHARD.sub(r"\1-\2", p.name) == "-".join(shard.groups()))})


def files_below(folder: Path) -> Iterator[Path]:
    """What a model's folder has: every file and folder below that is not hidden, a folder before what is in it.

    Links to folders are not followed: a model that has one is not loaded (`qa.embed.modelfolder`).
    """
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        shown = (name for name in names if not name.startswith("."))
        yield from (Path(parent, name) for name in sorted([*shown, *folders]))


def content(path: Path, opened: BufferedReader | None = None) -> str:
    """SHA-256 of a file's content; a phrase instead for what is not a file or is not read (see `why_unread`).

    opened: the file that had this path, at its beginning.

    Remembered in the user's cache folder by device, inode, size, time of change and time of change of the inode. The
    last cannot be set by a program, so that it changes with the content even where the others are put back. On Windows,
    which keeps no such time, it rests on size and time of change.
    """
    try:
        info = os.fstat(opened.fileno()) if opened else path.stat()
        if not stat.S_ISREG(info.st_mode):
            return "folder" if stat.S_ISDIR(info.st_mode) else "not a file"
        if why := why_unread(info):
            return why
        memory = _memory(path)
        before = stamp(info)
        known = _remembered(memory)
        if known.get("stamp") == before and isinstance(known.get("sha256"), str):
            return str(known["sha256"])
        with nullcontext(opened) if opened else path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
            after = stamp(os.fstat(stream.fileno()))
    except (OSError, ValueError):
        return "unreadable"
    if after == before and is_settled(info):
        _remember(memory, {"path": str(path), "stamp": before, "sha256": sha256})
    return sha256


def is_settled(*infos: os.stat_result) -> bool:
    """Whether no file was changed so recently that it may change again with the same times."""
    latest = max((time_ns for info in infos for time_ns in (info.st_mtime_ns, info.st_ctime_ns)), default=0)
    return latest < time.time_ns() - RACY_NS


def why_unread(info: os.stat_result) -> str:
    """Why a regular file is not read, judged by its status alone; empty for a file that a model may have.

    A sparse file of terabytes takes no space in an archive, and hours to hash. Weights hardly compress, so a file with
    less than a tenth of its bytes on disk has none. On Windows, where that is not known, only the size counts.
    """
    if info.st_size > MOST_BYTES:
        return f"larger than {MOST_BYTES // 10**9} GB"
    on_disk = getattr(info, "st_blocks", info.st_size) * 512
    return "mostly a hole" if info.st_size > SPARSE and on_disk * 10 < info.st_size else ""


def stamp(info: os.stat_result) -> list[int]:
    """Numbers that change with a file's content.

    A program cannot set the last one, the time when the inode changed, so a write is noticed even if the other times
    are put back.
    """
    return [info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns]


def _memory(path: Path) -> Path:
    from platformdirs import user_cache_path

    name = hashlib.sha256(os.fsencode(path)).hexdigest()[:32]
    return user_cache_path("qa", appauthor=False) / "contents" / f"{name}.json"


def _remembered(memory: Path) -> dict[str, Any]:
    try:
        known = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _remember(memory: Path, what: Mapping[str, Any]) -> None:
    """A cache that cannot be written costs time only."""
    partial = memory.with_suffix(f".{os.getpid()}")
    with suppress(OSError, UnicodeEncodeError):
        memory.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(what), encoding="utf-8")
        partial.replace(memory)

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
    "RACY_NS",
    "content",
    "followed",
    "is_path",
    "named",
    "stamp",
    "why_unread",
    "with_folders",
]

PACKAGED = BuildSettings().embedder  # a folder of this name is never taken in its place
FOLDERS = ("embedder", "reranker", "reader", "entailment")  # settings that name a model or its folder
MOST_FILES = 1_000  # of a model's folder; real ones have a dozen
RACY_NS = 2_000_000_000  # a file changed this shortly before may change again with the same times
MOST_BYTES = 200_000_000_000  # of one file; larger models are kept in several
HOLLOW = 64_000_000  # bytes from which on a file may be refused for its holes; below, reading it takes no time
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
        below = list(islice(_below(_absolute(root, folder)), MOST_FILES + 1))
        if len(below) > MOST_FILES:
            raise SettingError(
                f"{setting}: {folder} has over {MOST_FILES:,} files; name a folder that has only a model"
            )
        files += below
    return tuple(files)


def is_path(name: str) -> bool:
    """Whether a model is named by its folder."""
    return name.startswith(("./", "../", "~")) or Path(name).is_absolute()


def with_folders(root: Path, config: Mapping[str, Any]) -> dict[str, Any]:
    """The same settings, in which each of `FOLDERS` that leads to a folder names it by its absolute path.

    This is looked up once, so that a folder that somebody makes later does not take the place of a model's name.
    Nothing outside of the workspace and of the working directory is looked at: nobody trusts these settings yet.
    """
    found = {setting: _model_folder(root, config[setting]) for setting in FOLDERS if setting in config}
    return {**config, **{setting: str(folder) for setting, folder in found.items() if folder}}


def followed(config: Mapping[str, Any]) -> dict[str, Any]:
    """What `with_folders` gave, with all links of these paths followed, so that what is judged and what is loaded is
    one folder. For settings that the user trusts, or is about to.
    """
    paths = {setting: config[setting] for setting in FOLDERS if setting in config}
    real = {setting: _real(Path(path)) for setting, path in paths.items() if isinstance(path, str) and is_path(path)}
    return {**config, **{setting: str(path) for setting, path in real.items()}}


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


def _real(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError):
        return path


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


def _below(folder: Path) -> Iterator[Path]:
    """Every file and folder below, through links too."""
    for parent, folders, names in os.walk(folder, followlinks=True):
        folders.sort()
        yield from (Path(parent) / name for name in sorted([*names, *folders]))


def content(path: Path, opened: BufferedReader | None = None) -> str:
    """SHA-256 of a file's content; a word for what is no file, or is not read (see `why_unread`). opened: the file that
    had this path, at its beginning.

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
    if after == before and max(info.st_mtime_ns, info.st_ctime_ns) < time.time_ns() - RACY_NS:
        _remember(memory, {"path": str(path), "stamp": before, "sha256": sha256})
    return sha256


def why_unread(info: os.stat_result) -> str:
    """Why a regular file is not read, from its status alone; empty for any that a model may have.

    A hole of terabytes takes no room in an archive, and hours to hash. Weights are hardly compressible, so that a file
    with a tenth of its bytes on the disk is none; on Windows, where that is not known, only the size counts.
    """
    if info.st_size > MOST_BYTES:
        return f"larger than {MOST_BYTES // 10**9} GB"
    on_disk = getattr(info, "st_blocks", info.st_size) * 512
    return "mostly a hole" if info.st_size > HOLLOW and on_disk * 10 < info.st_size else ""


def stamp(info: os.stat_result) -> list[int]:
    """What changes with the content of a file. A program can set neither the inode nor the time of its change, the last
    of these; so whoever writes to a file and puts its other times back is noticed, too.
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

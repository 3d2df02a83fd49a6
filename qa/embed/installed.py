"""The models that `qa models add` has fetched, in the user's data folder, each with a record of where it came from.

A model is here as a whole or not at all: what is being fetched lies in a hidden folder beside it.
"""

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.errors import ModelError
from qa.files import MEDIUM, read

__all__ = [
    "ABOUT",
    "FILES",
    "Installed",
    "check_name",
    "find",
    "listed",
    "partial_folder",
    "place",
    "remove",
    "unfinished",
]

ABOUT = "about.json"
FILES = "model"  # the folder of the model's own files
_NAME = re.compile(r"(?:[A-Za-z0-9][\w.-]*/)?[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True, slots=True)
class Installed:
    """A model on this machine. folder: of its files. source: the hub it came from. files: their sizes in bytes."""

    name: str
    folder: Path
    revision: str
    source: str
    licence: str
    files: Mapping[str, int]

    @property
    def bytes(self) -> int:
        return sum(self.files.values())


def home() -> Path:
    """The folder of all models."""
    from platformdirs import user_data_path

    return user_data_path("qa", appauthor=False) / "models"


def check_name(name: str) -> None:
    """Raise ModelError for what cannot be the name of a model on a hub: OWNER/NAME."""
    if not _NAME.fullmatch(name) or ".." in name or "--" in name or len(name) > 96:
        raise ModelError(f"{name!r} is not the name of a model; it looks like OWNER/NAME. qa models list has some")


def place(name: str) -> Path:
    """Where a model of this name is or will be. Raises ModelError as `check_name` does."""
    check_name(name)
    return home() / name.replace("/", "--")


def partial_folder(name: str) -> Path:
    """Where it lies until it is whole."""
    whole = place(name)
    return whole.with_name(f".{whole.name}")


def find(name: str) -> Path | None:
    """The folder with the files of an installed model; None if there is none of this name."""
    try:
        found = _read(place(name))
    except ModelError:
        return None
    return found.folder if found else None


def listed() -> list[Installed]:
    """Every installed model, by name."""
    if not home().is_dir():
        return []
    found = (_read(folder) for folder in home().iterdir() if not folder.name.startswith("."))
    return sorted((one for one in found if one), key=lambda one: one.name)


def unfinished() -> list[str]:
    """The names of models whose download was interrupted, sorted."""
    if not home().is_dir():
        return []
    names = (folder.name[1:] for folder in home().iterdir() if folder.name.startswith(".") and folder.is_dir())
    return sorted(name.replace("--", "/", 1) for name in names)


def remove(name: str) -> int:
    """Delete a model and what there is of an interrupted download; return the bytes freed. Raises ModelError if there
    is neither.
    """
    folders = [folder for folder in (place(name), partial_folder(name)) if folder.is_dir()]
    if not folders:
        raise ModelError(f"{name} was not fetched by qa models add; qa models list shows what was")
    freed = sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())
    shutil.rmtree(partial_folder(name), ignore_errors=True)
    if place(name).is_dir():
        place(name).rename(partial_folder(name))  # a model that is half gone must not look like one
        shutil.rmtree(partial_folder(name))
    return freed


def _read(folder: Path) -> Installed | None:
    try:
        about: Any = json.loads(read(folder / ABOUT, MEDIUM))
        files = {str(path): int(size) for path, size in about["files"].items()}
        name, revision, source, licence = (str(about[key]) for key in ("name", "revision", "source", "licence"))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return Installed(name, folder / FILES, revision, source, licence, files)

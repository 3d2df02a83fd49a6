"""The files of a model's folder, and a copy of those that a text model is loaded from.

The libraries that load a model look for more files than a text model needs, and use whatever they find: pickled
weights, a second model, Python code. They get a copy that has only files with known names.
"""

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path, PurePosixPath

from qa import files
from qa.errors import ModelError
from qa.modelfiles import MOST_FILES, files_below, why_unread

__all__ = ["KEPT", "ModelFile", "copied", "digest", "files_of"]

KEPT = (".safetensors", ".json", ".txt", ".model")
"""Suffixes of what a model is loaded from: weights, settings, vocabularies."""
CHUNK = 1 << 20
LOADED = re.compile(
    r"[\w.-]+\.safetensors(?:\.index\.json)?"
    r"|(?:config|modules|router_config|config_sentence_transformers|sentence_(?:bert|roberta|distilbert|camembert|albert"
    r"|xlm-roberta|xlnet)_config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab|entity_vocab|unigram"
    r"|byte_maps)\.json"
    r"|(?:vocab|merges|dict)\.txt"
    r"|[\w.-]+\.model"  # of SentencePiece
)


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A regular file of a model.

    what: the model in messages. name: its path in the folder, with slashes. path: for messages. place, below: the
    arguments of `qa.files.open_file`.
    """

    what: str
    name: str
    path: Path
    place: Path
    below: Path
    info: os.stat_result

    @property
    def is_loaded(self) -> bool:
        """Whether a text model is loaded from a file of this name."""
        return LOADED.fullmatch(PurePosixPath(self.name).name) is not None

    def read(self, limit: int) -> bytes:
        """The content. Raises ModelError, also for a file of more than `limit` bytes."""
        with self._explained():
            return files.read(self.place, limit, self.below)

    def sha256(self) -> str:
        """The hash of the content. Raises ModelError."""
        with self._explained(), self._open() as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def copy(self, target: Path) -> str:
        """Copy the content to a new file and return its SHA-256. Raises ModelError, and OSError if writing fails."""
        digest, left = hashlib.sha256(), self.info.st_size
        with self._explained():
            source = self._open()
        target.parent.mkdir(parents=True, exist_ok=True)
        with source, target.open("xb") as copy:
            while chunk := source.read(CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise ModelError(f"{self.what}: {self.path} grows while it is read; try again")
                digest.update(chunk)
                copy.write(chunk)
        return digest.hexdigest()

    def _open(self) -> BufferedReader:
        return files.open_file(self.place, self.below)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ModelError(f"{self.what}: {self.path} cannot be read: {error.strerror or error}") from None


def files_of(what: str, folder: Path) -> list[ModelFile]:
    """The files of a model's folder, sorted by name; none is read.

    what: the model in messages, as in `embedder 'all-MiniLM-L6-v2'`. Hidden files and suffixes that are not in `KEPT`
    are left out. Raises ModelError for links (except those of a hub's cache), pipes and the like, sparse files, and
    folders with far more files than a model has.
    """
    found, folder = [], folder.resolve()
    for count, path in enumerate(files_below(folder)):
        if count >= MOST_FILES:
            raise ModelError(f"{what}: {folder} has over {MOST_FILES:,} files; name a folder that has only a model")
        if path.is_symlink() and path.is_dir():
            raise ModelError(
                f"{what}: {path} is a link to a folder, which qa does not follow here; replace it with the folder"
            )
        if path.suffix in KEPT:
            found.append(_file(what, path, folder))
    return sorted(found, key=lambda file: PurePosixPath(file.name).parts)


def _file(what: str, path: Path, folder: Path) -> ModelFile:
    place, below = path, folder
    if path.is_symlink():
        place = path.resolve()
        below = place.parent
        # a hub's cache stores files by their hash; the folder of a model has links to them
        if folder.parent.name != "snapshots" or below != folder.parent.parent / "blobs":
            raise ModelError(f"{what}: {path} is a link, which qa does not follow here; replace it with the file")
    try:
        info = place.lstat()
    except OSError as error:
        raise ModelError(f"{what}: {path} cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(info.st_mode):
        raise ModelError(f"{what}: {path} is not a regular file")
    if why := why_unread(info):
        raise ModelError(f"{what}: {path} is {why}, so it cannot be part of a model; fetch the model again")
    return ModelFile(what, path.relative_to(folder).as_posix(), path, place, below, info)


def copied(what: str, folder: Path, target: Path) -> str:
    """Copy the files that are loaded into a new folder; return the `digest` of all files as they were read.

    Raises ModelError as `files_of` does, and OSError if writing fails.
    """
    return digest(
        (file.name, file.copy(target / file.name) if file.is_loaded else file.sha256())
        for file in files_of(what, folder)
    )


def digest(hashes: Iterable[tuple[str, str]]) -> str:
    """SHA-256 over the name and the SHA-256 of each file of a model."""
    whole = hashlib.sha256()
    for name, sha256 in hashes:
        whole.update(os.fsencode(name) + f"\0{sha256}\n".encode())
    return whole.hexdigest()

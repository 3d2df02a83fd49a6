"""Vectors of a build, kept on disk until it is finished, so that the next one does not start from zero.

The file is named after the model. Each record is signed together with that name, so vectors that another user or
another model made are ignored.
"""

import os
import struct
from collections.abc import Sequence
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING

from qa.errors import IndexDamagedError
from qa.files import Folder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qa.index.signature import Key

    Floats = NDArray[np.float32]

__all__ = ["FOLDER", "Partial", "bytes_of", "place", "remove_all"]

FOLDER = "partial"  # in an index

HEAD, SIGNATURE = 20, 32  # bytes
MAX_RECORD = 100_000_000  # bytes; a longer one is not ours


class Partial:
    """A file of records, appended as vectors are made. A record is 16 bytes of hash of what was embedded, 4 bytes of
    length, the vectors of a passage and of its sentences, and 32 bytes of signature.

    path: in `partial/` of an index. dim: length of a vector. Methods raise OSError. No link is followed at the index or
    below it.
    """

    def __init__(self, path: Path, key: "Key", dim: int) -> None:
        self.path, self._key, self._dim = path, key, dim
        self._places: dict[bytes, tuple[int, int]] = {}  # of the records in the file: where each starts and ends
        self._end = 0

    def load(self) -> None:
        """Find the records up to the first that is cut short, damaged or not signed by us.

        The file is shortened to what was found.
        """
        try:
            with self._folder() as folder, folder.open_file(self.path.name) as file:
                whole = os.fstat(file.fileno()).st_size
                while record := self._next(file):
                    self._places[record[:16]] = (self._end, self._end + len(record))
                    self._end += len(record) + SIGNATURE
        except FileNotFoundError:
            return
        if self._end < whole:
            with self._folder() as folder:
                folder.cut(self.path.name, self._end)

    def __contains__(self, key: bytes) -> bool:
        return key in self._places

    def __getitem__(self, key: bytes) -> "Floats":
        """The vectors of a passage and of its sentences, shape (1 + sentences, dim).

        Raises KeyError, and IndexDamagedError if the file has changed meanwhile.
        """
        import numpy as np

        start, _ = self._places[key]
        with self._folder() as folder, folder.open_file(self.path.name) as file:
            file.seek(start)
            record = self._next(file)
        if record[:16] != key:
            raise IndexDamagedError(f"{self.path} was changed by somebody else; run: qa index again")
        return np.frombuffer(record[HEAD:], dtype="<f4").reshape(-1, self._dim)

    def append(self, keys: Sequence[bytes], vectors: "Sequence[Floats]") -> None:
        """Add a record for each key and its vectors."""
        with self._folder(create=True) as folder, folder.append(self.path.name) as out:
            for key, rows in zip(keys, vectors, strict=True):
                data = rows.astype("<f4").tobytes()
                record = key + struct.pack("<I", len(data)) + data
                out.write(record + self._key.sign("partial", self._named(record)))
                self._places[key] = (self._end, self._end + len(record))
                self._end += len(record) + SIGNATURE

    def _next(self, file: BufferedReader) -> bytes:
        """The record at which the file stands; nothing if it is cut short, damaged or not signed by us."""
        head = file.read(HEAD)
        size = struct.unpack_from("<I", head, 16)[0] if len(head) == HEAD else 0
        if not 0 < size <= MAX_RECORD or size % (4 * self._dim):
            return b""
        record, signature = head + file.read(size), file.read(SIGNATURE)
        whole = len(record) == HEAD + size and self._key.signed("partial", self._named(record), signature)
        return record if whole else b""

    def _named(self, record: bytes) -> bytes:
        return self.path.name.encode() + b"\0" + record

    @property
    def _index(self) -> Path:
        return self.path.parent.parent

    def _folder(self, create: bool = False) -> Folder:
        return Folder.open(self.path.parent, create, below=self._index)


def place(index: Path, weights: str, precision: str) -> Path:
    """The file for vectors of this model."""
    return index / FOLDER / f"{weights[:16]}-{precision}.vectors"


def bytes_of(passages: int, sentences: int, dim: int) -> int:
    """The size of a file with the vectors of so many different passages and of their sentences."""
    return passages * (HEAD + SIGNATURE) + (passages + sentences) * dim * 4


def remove_all(index: Path) -> None:
    """Delete the files of all models after a finished build. Anything else in the folder stays. Raises OSError."""
    with suppress(FileNotFoundError), Folder.open(index / FOLDER, below=index) as folder:
        for name in folder.names():
            if name.endswith(".vectors") and folder.kind(name) != "folder":
                folder.remove(name)
    with Folder.open(index) as above:
        above.remove_empty(FOLDER)

"""Vectors of an unfinished build, so that an interrupted one does not start from zero.

Each record is signed for its file, whose name says which model made it: vectors from anybody else are ignored.
"""

import struct
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.files import Folder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qa.index.signature import Key

    Floats = NDArray[np.float32]

__all__ = ["Partial"]

SIGNATURE = 32  # bytes
MOST = 100_000_000_000  # bytes that are read


class Partial:
    """A file of records, appended as vectors are made: 16 bytes hash of the text, 4 bytes length, the
    vector, 32 bytes signature.

    path: in a folder of the index. Every method raises OSError; no link is followed at the index or below it.
    """

    def __init__(self, path: Path, key: "Key") -> None:
        self.path, self._key = path, key

    def load(self) -> dict[bytes, Any]:
        """All whole records; reading stops at the first that was cut short, damaged, or written under another key."""
        import numpy as np

        known: dict[bytes, Any] = {}
        data = self._read()
        at = 0
        while at + 20 <= len(data):
            size = struct.unpack_from("<I", data, at + 16)[0]
            record, end = data[at : at + 20 + size], at + 20 + size + SIGNATURE
            if end > len(data) or not self._key.signed("partial", self._named(record), data[end - SIGNATURE : end]):
                break
            known[record[:16]] = np.frombuffer(record[20:], dtype=np.float32)
            at = end
        if at < len(data):
            with self._folder() as folder:
                folder.cut(self.path.name, at)
        return known

    def append(self, keys: Sequence[bytes], vectors: "Floats") -> None:
        with self._folder(create=True) as folder, folder.append(self.path.name) as out:
            for key, vector in zip(keys, vectors, strict=True):
                record = key + struct.pack("<I", vector.nbytes) + vector.tobytes()
                out.write(record + self._key.sign("partial", self._named(record)))

    def _named(self, record: bytes) -> bytes:
        return self.path.name.encode() + b"\0" + record

    def remove(self) -> None:
        """The build is done: this file and those of other models go. Whatever else is there stays."""
        with suppress(FileNotFoundError), self._folder() as folder:
            for name in folder.names():
                if name.endswith(".vectors") and folder.kind(name) != "folder":
                    folder.remove(name)
        with Folder.open(self._index) as index:
            index.remove_empty(self.path.parent.name)

    @property
    def _index(self) -> Path:
        return self.path.parent.parent

    def _folder(self, create: bool = False) -> Folder:
        return Folder.open(self.path.parent, create, below=self._index)

    def _read(self) -> bytes:
        try:
            with self._folder() as folder:
                return folder.read(self.path.name, MOST)
        except FileNotFoundError:
            return b""

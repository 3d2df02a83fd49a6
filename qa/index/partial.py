"""Vectors of an unfinished build, so that the next one does not start from zero.

The file is named after the model. Each record is signed together with that name, so vectors that another user or
another model made are ignored.
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

__all__ = ["FOLDER", "Partial", "remove_all"]

FOLDER = "partial"  # in an index

SIGNATURE = 32  # bytes
MAX_BYTES = 100_000_000_000  # of a file; a larger one is not read


class Partial:
    """A file of records, appended as vectors are made. A record is 16 bytes of hash of the text, 4 bytes of length,
    the vector, and 32 bytes of signature.

    path: in `partial/` of an index. Methods raise OSError. No link is followed at the index or below it.
    """

    def __init__(self, path: Path, key: "Key") -> None:
        self.path, self._key = path, key

    def load(self) -> dict[bytes, Any]:
        """The vectors by hash of their text, up to the first record that is cut short, damaged or not signed by us.

        The file is shortened to what was read.
        """
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
        """Add one record for each key and vector."""
        with self._folder(create=True) as folder, folder.append(self.path.name) as out:
            for key, vector in zip(keys, vectors, strict=True):
                record = key + struct.pack("<I", vector.nbytes) + vector.tobytes()
                out.write(record + self._key.sign("partial", self._named(record)))

    def _named(self, record: bytes) -> bytes:
        return self.path.name.encode() + b"\0" + record

    @property
    def _index(self) -> Path:
        return self.path.parent.parent

    def _folder(self, create: bool = False) -> Folder:
        return Folder.open(self.path.parent, create, below=self._index)

    def _read(self) -> bytes:
        try:
            with self._folder() as folder:
                return folder.read(self.path.name, MAX_BYTES)
        except FileNotFoundError:
            return b""


def remove_all(index: Path) -> None:
    """Delete the files of all models after a finished build. Anything else in the folder stays. Raises OSError."""
    with suppress(FileNotFoundError), Folder.open(index / FOLDER, below=index) as folder:
        for name in folder.names():
            if name.endswith(".vectors") and folder.kind(name) != "folder":
                folder.remove(name)
    with Folder.open(index) as above:
        above.remove_empty(FOLDER)

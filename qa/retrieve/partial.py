"""Vectors of an unfinished build, so that an interrupted one does not start from zero.

Each record is signed for its file, whose name says which model made it: vectors from anybody else are ignored.
"""

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qa.retrieve.signature import Key

    Floats = NDArray[np.float32]

__all__ = ["Partial"]

SIGNATURE = 32  # bytes


class Partial:
    """A file of records, appended as vectors are made: 16 bytes hash of the text, 4 bytes length, the
    vector, 32 bytes signature.
    """

    def __init__(self, path: Path, key: "Key") -> None:
        self.path, self._key = path, key

    def load(self) -> dict[bytes, Any]:
        """All whole records; reading stops at the first that was cut short, damaged, or written under another key."""
        import numpy as np

        known: dict[bytes, Any] = {}
        data = self.path.read_bytes() if self.path.is_file() else b""
        at = 0
        while at + 20 <= len(data):
            size = struct.unpack_from("<I", data, at + 16)[0]
            record, end = data[at : at + 20 + size], at + 20 + size + SIGNATURE
            if end > len(data) or not self._key.signed("partial", self._named(record), data[end - SIGNATURE : end]):
                break
            known[record[:16]] = np.frombuffer(record[20:], dtype=np.float32)
            at = end
        if at < len(data):
            self.path.write_bytes(data[:at])
        return known

    def append(self, keys: Sequence[bytes], vectors: "Floats") -> None:
        self.path.parent.mkdir(exist_ok=True)
        with self.path.open("ab") as out:
            for key, vector in zip(keys, vectors, strict=True):
                record = key + struct.pack("<I", vector.nbytes) + vector.tobytes()
                out.write(record + self._key.sign("partial", self._named(record)))

    def _named(self, record: bytes) -> bytes:
        return self.path.name.encode() + b"\0" + record

    def remove(self) -> None:
        """The build is done: this file and those of other models go."""
        for path in self.path.parent.glob("*.vectors"):
            path.unlink()
        if self.path.parent.is_dir():
            self.path.parent.rmdir()

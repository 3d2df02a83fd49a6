"""The terms of a BM25 index on disk: sorted and found by bisection, so that opening a million of them reads nothing."""

import os
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa import files

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[Any]

__all__ = ["Terms", "mapped", "save"]

BYTES, STARTS = "terms.bin", "terms.npy"


def save(folder: files.Folder, terms: Sequence[str]) -> None:
    """Write terms to two new files, sorted, at least one. Their numbers are their positions. Raises OSError."""
    import numpy as np

    encoded = [_encoded(term) for term in terms]
    with folder.create(BYTES) as file:
        file.write(b"".join(encoded))
    ends = np.cumsum([len(term) for term in encoded], dtype="<i8")
    with folder.create(STARTS) as file:
        np.save(file, np.concatenate([np.zeros(1, dtype="<i8"), ends]), allow_pickle=False)


class Terms:
    """The terms that `save` wrote, memory-mapped. starts: where each one starts in `data`, and where the last ends."""

    def __init__(self, data: "Ints", starts: "Ints") -> None:
        self._data, self._starts = data, starts

    @classmethod
    def open(cls, folder: Path, below: Path | None = None) -> "Terms":
        """Raises OSError, and ValueError for files that do not fit together. below: as for `files.open_file`."""
        import numpy as np

        with files.open_file(folder / BYTES, below) as file:
            data = np.asarray(np.memmap(file, np.uint8, "r"))
        starts = np.asarray(mapped(folder / STARTS, "<i8", below))  # a memmap takes longer to cut a slice
        if len(starts) < 2 or starts[-1] != len(data):
            raise ValueError("its terms do not fit together")
        return cls(data, starts)

    def __len__(self) -> int:
        return len(self._starts) - 1

    def number(self, term: str) -> int | None:
        """The position of a term, None if it is not there."""
        wanted = _encoded(term)
        at = bisect_left(range(len(self)), wanted, key=self._term)
        return at if at < len(self) and self._term(at) == wanted else None

    def _term(self, number: int) -> bytes:
        return bytes(self._data[int(self._starts[number]) : int(self._starts[number + 1])])


def _encoded(term: str) -> bytes:
    return term.encode("utf-8", "surrogatepass")  # sorts as the text does


def mapped(path: Path, kind: str, below: Path | None) -> Any:
    """A saved array of one dimension, memory-mapped: `numpy.load` for a file that is already open.

    kind: NumPy's name for the type of its numbers. Raises OSError, and ValueError for any other file.
    """
    import numpy as np

    with files.open_file(path, below) as file:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        try:
            shape, _, found = read(file)
        except Exception as error:  # a damaged header is parsed as Python, and fails as Python does
            raise ValueError(f"{path.name} has no header of an array: {error}") from None
        start, length = file.tell(), os.fstat(file.fileno()).st_size
        if found != np.dtype(kind) or len(shape) != 1 or start + shape[0] * found.itemsize != length:
            raise ValueError(f"{path.name} is not an array of type {kind} that fills the file")
        return np.memmap(file, found, "r", start, shape)

"""Inner-product search over unit vectors: exact, or among the candidates of an approximate index beside it."""

import os
from io import BufferedReader
from mmap import ACCESS_READ, MADV_DONTNEED, mmap
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self

from qa import files
from qa.errors import IndexDamagedError
from qa.index.approximate import ApproximateIndex

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]

__all__ = ["NoVectors", "VectorIndex", "VectorWriter"]

CANDIDATES = 8  # times k: how many rows of the approximate search are scored exactly
MOST_NUMBERS = 65_536  # of a row
MOST = 0.5  # of the rows; a filter that leaves fewer is searched exactly


class VectorWriter:
    """Writes rows, as they come, to a file that FAISS reads as an `IndexFlatIP`. A context manager, which closes it.

    The number of rows stands at the head of the file, which is therefore written last.
    """

    def __init__(self, file: BinaryIO, dim: int) -> None:
        self._file, self._dim, self._rows = file, dim, 0
        self._file.write(_head(dim, 0))

    def add(self, vectors: "Floats") -> None:
        """Append rows, shape (n, dim), n >= 0. Raises OSError."""
        import numpy as np

        if vectors.ndim != 2 or vectors.shape[1] != self._dim:
            raise ValueError(f"expected shape (n, {self._dim}), got {vectors.shape}")
        self._file.write(np.ascontiguousarray(vectors, dtype="<f4").tobytes())
        self._rows += len(vectors)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        with self._file:
            if kind is None:
                self._file.seek(0)
                self._file.write(_head(self._dim, self._rows))


def _head(dim: int, rows: int) -> bytes:
    """What FAISS writes before the numbers of a flat index; the last eight bytes say how many numbers follow."""
    import faiss

    index = faiss.IndexFlatIP(dim)
    index.ntotal = rows
    head: bytes = faiss.serialize_index(index).tobytes()
    return head[:-8] + (rows * dim).to_bytes(8, "little")


def _start(file: BufferedReader, path: Path) -> tuple[int, int, int]:
    """Offset of the numbers in an open file, number of rows, and length of a row.

    Raises IndexDamagedError unless everything but the numbers is what `VectorWriter` writes.
    """
    start = file.read(16)
    dim, rows = int.from_bytes(start[4:8], "little"), int.from_bytes(start[8:16], "little")
    length = os.fstat(file.fileno()).st_size
    if 0 < dim <= MOST_NUMBERS and 4 * rows * dim <= length:
        head = _head(dim, rows)
        if start + file.read(len(head) - 16) == head and length == len(head) + 4 * rows * dim:
            return len(head), rows, dim
    raise IndexDamagedError(f"{path} is not a flat index as qa writes it; run: qa index --rebuild")


class VectorIndex:
    """An index on disk, memory-mapped: opening a million rows takes under 1 ms. Safe to share between threads.

    FAISS trusts what a file says about itself, and opens other files that it names. So it never gets the file, which
    somebody could change after the check, but only the numbers, whose offset and count are known.
    """

    def __init__(self, data: "Bytes", mapped: mmap) -> None:
        """data: the bytes of each row, shape (rows, 4 * dim). mapped: the file that they are in."""
        self._data, self._mapped = data, mapped
        self._approximate: ApproximateIndex | None = None
        self.size, self.dim = len(data), data.shape[1] // 4

    @classmethod
    def open(cls, path: Path, below: Path | None = None, approximate: Path | None = None) -> "VectorIndex":
        """Open a file. below: as for `files.open_file`. approximate: a file that `approximate.write` made of it, if
        there is one.

        Raises OSError, or IndexDamagedError for a file that is not a flat FAISS index, or not the approximate one.
        """
        with files.open_file(path, below) as file:
            opened = cls.read(file, path)
        if approximate:
            opened._approximate = ApproximateIndex.open(approximate, opened.size, opened.dim, below)
        return opened

    @classmethod
    def read(cls, file: BufferedReader, path: Path) -> "VectorIndex":
        """An open file. path: its own. Raises as `open` does."""
        import numpy as np

        start, rows, dim = _start(file, path)
        try:
            mapped = mmap(file.fileno(), start + 4 * rows * dim, access=ACCESS_READ)
        except ValueError:
            raise IndexDamagedError(f"{path} was cut short while it was opened; run: qa index --rebuild") from None
        return cls(np.frombuffer(mapped, np.uint8, offset=start).reshape(rows, 4 * dim), mapped)

    def search(self, query: "Floats", k: int, allowed: "Ints | None" = None) -> "Ints":
        """See `Vectors.search`. With an approximate index, what it finds is scored exactly; a search that is left with
        fewer than k rows is exact.
        """
        import numpy as np

        k = min(k, self.size if allowed is None else len(allowed))
        if k <= 0:
            return np.empty(0, dtype=np.int64)
        near = self._near(query, k, allowed)
        return self._exact(query, k, allowed) if len(near) < k else self._best(query, k, near)

    def _near(self, query: "Floats", k: int, allowed: "Ints | None") -> "Ints":
        """Allowed rows that the approximate index finds, if there is one; few or none where it would miss too many."""
        import numpy as np

        if self._approximate is None or (allowed is not None and len(allowed) < MOST * self.size):
            return np.empty(0, dtype=np.int64)
        found = np.sort(self._approximate.search(self._row(query), CANDIDATES * k))
        if allowed is None:
            return found
        at = np.minimum(np.searchsorted(allowed, found), len(allowed) - 1)
        kept: Ints = found[allowed[at] == found]
        return kept

    def _best(self, query: "Floats", k: int, rows: "Ints") -> "Ints":
        import numpy as np

        best: Ints = rows[np.argsort(-self.scores(query, rows), kind="stable")[:k]]
        return best

    def _exact(self, query: "Floats", k: int, allowed: "Ints | None") -> "Ints":
        import faiss
        import numpy as np

        row, stored, selector = self._row(query), self._data.view("<f4"), None
        if allowed is not None:
            chosen = np.zeros(self.size, dtype=bool)
            chosen[allowed] = True
            selector = faiss.IDSelectorBitmap(np.packbits(chosen, bitorder="little"))  # type: ignore[arg-type, call-arg]
        scores, ids = np.empty(k, dtype=np.float32), np.empty(k, dtype=np.int64)
        at = [faiss.swig_ptr(array) for array in (row, stored, scores, ids)]
        faiss.knn_inner_product(at[0], at[1], self.dim, 1, self.size, k, at[2], at[3], selector)
        found: Ints = ids[ids >= 0]
        return found

    def rows(self, numbers: "Ints") -> "Floats":
        """The stored vectors, shape (len(numbers), dim)."""
        # selected as bytes, because the numbers are not aligned in the file
        vectors: Floats = self._data[numbers].view("<f4")
        return vectors

    def let_go(self) -> None:
        """Give the memory of the rows that were read back to the system. They are read again when they are needed."""
        self._mapped.madvise(MADV_DONTNEED)

    def scores(self, query: "Floats", numbers: "Ints") -> "Floats":
        """Cosine of query with each of the rows, shape (len(numbers),)."""
        scores: Floats = self.rows(numbers) @ self._row(query)[0]
        return scores

    def _row(self, query: "Floats") -> "Floats":
        import numpy as np

        if query.shape != (self.dim,):
            raise ValueError(f"expected a query of shape ({self.dim},), got {query.shape}")
        return np.ascontiguousarray(query[None, :], dtype=np.float32)


class NoVectors:
    """Stands for vectors that are not made yet: nothing is near to any query. See `Vectors`."""

    dim = 0

    def __init__(self, size: int) -> None:
        self.size = size

    def search(self, query: "Floats", k: int, allowed: "Ints | None" = None) -> "Ints":
        """No rows."""
        import numpy as np

        return np.empty(0, dtype=np.int64)

    def rows(self, numbers: "Ints") -> "Floats":
        """Vectors of no dimensions."""
        import numpy as np

        return np.empty((len(numbers), 0), dtype=np.float32)

    def scores(self, query: "Floats", numbers: "Ints") -> "Floats":
        """Zeros."""
        import numpy as np

        return np.zeros(len(numbers), dtype=np.float32)

"""Approximate inner-product search over the vectors of a flat index, for tables of many rows.

RaBitQ (Gao and Long 2024) keeps the sign of each number and two factors a row: 56 bytes in the place of 1,536 for
vectors of length 384. A search estimates the score of every row from these, many rows at once, and the best are then
scored exactly. docs/scale.md compares it with inverted files and HNSW graphs, bench/approximate.py measures it.

FAISS believes what a file says about itself: it takes memory, opens other files and reads beyond its arrays as it is
told. So it gets bytes, which nobody can change after the check, and only if everything but the numbers is what FAISS
itself writes for this many rows.
"""

import os
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from qa import files
from qa.errors import IndexDamagedError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]

__all__ = ["DIM", "ROWS", "ApproximateIndex", "write"]

ROWS = 50_000  # a table of fewer rows is searched exactly
DIM = 384  # shorter vectors are searched exactly: too few signs tell too little (recall@10 of 0.7 at 64)
SAMPLE = 65_536  # rows whose mean is the centre of all: 100 MB of vectors of length 384
BLOCK = 16_384  # rows that are read at once
BITS = 8  # of each number of a query
SEED = 20_000
TOGETHER = 32  # rows whose codes FAISS keeps together
CENTRE_AT = 73  # bytes of the file before the centre


def write(flat: Any, file: BinaryIO) -> None:
    """Write an approximate index of the rows of a flat one (`VectorIndex`) to a file. The same rows give the same
    file. Memory holds the sample and 112 bytes a row. Raises OSError.
    """
    import faiss
    import numpy as np

    index = faiss.IndexRaBitQFastScan(flat.dim, faiss.METRIC_INNER_PRODUCT)
    sample = np.random.default_rng(SEED).choice(flat.size, min(flat.size, SAMPLE), replace=False)
    index.train(np.concatenate(list(_blocks(flat, np.sort(sample), SAMPLE // 16))))
    for vectors in _blocks(flat, np.arange(flat.size), BLOCK):
        index.add(vectors)
    file.write(faiss.serialize_index(index).data)  # whose writer would hide why the disk refused


def _blocks(flat: Any, numbers: "Ints", rows: int) -> Iterator["Floats"]:
    """The vectors of these rows, so many at a time. Memory holds those only."""
    for start in range(0, len(numbers), rows):
        yield flat.rows(numbers[start : start + rows])
        flat.let_go()


class ApproximateIndex:
    """An approximate index, read into memory. Safe to share between threads."""

    def __init__(self, path: Path, index: Any) -> None:
        self._path, self._index = path, index

    @classmethod
    def open(cls, path: Path, size: int, dim: int, below: Path | None = None) -> "ApproximateIndex":
        """Open a file. size, dim: of the flat index that it was made of. below: as for `files.open_file`.

        Raises OSError, or IndexDamagedError for a file that is not an approximate index of so many rows.
        """
        import faiss
        import numpy as np

        with files.open_file(path, below) as file:
            data = _checked(file, path, size, dim)
        try:
            content = np.frombuffer(data, dtype=np.uint8)
            reader = faiss.ZeroCopyIOReader(faiss.swig_ptr(content), content.size)  # type: ignore[attr-defined]
            index: Any = faiss.read_index(reader)
        except RuntimeError as error:
            raise _damaged(path, str(error).splitlines()[0]) from None
        index.qb = BITS
        return cls(path, index)

    def search(self, query: "Floats", k: int) -> "Ints":
        """Numbers of about the k rows nearest to query (shape (1, dim)), in no order."""
        _, ids = self._index.search(query, min(k, self._index.ntotal))
        found: Ints = ids[0]
        if found.min() < 0 or found.max() >= self._index.ntotal:
            raise _damaged(self._path, "it names rows that there are not")
        return found


def _checked(file: BufferedReader, path: Path, size: int, dim: int) -> bytes:
    """The content of a file. Raises IndexDamagedError unless FAISS writes such files for so many rows of `dim`."""
    import faiss
    import numpy as np

    empty: Any = faiss.IndexRaBitQFastScan(dim, faiss.METRIC_INNER_PRODUCT)
    empty.train(np.zeros((1, dim), dtype=np.float32))
    empty.ntotal = size
    empty.ntotal2 = -(-size // TOGETHER) * TOGETHER
    codes = empty.ntotal2 * empty.code_size
    expected = faiss.serialize_index(empty).tobytes()[:-8] + codes.to_bytes(8, "little")
    length = os.fstat(file.fileno()).st_size
    if length == len(expected) + codes:
        data = file.read(length)
        length = len(data)
    if length != len(expected) + codes:
        raise _damaged(path, f"it has {length:,} bytes, expected {len(expected) + codes:,}")
    head, behind = data[: len(expected)], CENTRE_AT + 4 * dim
    if (head[:CENTRE_AT], head[behind:]) != (expected[:CENTRE_AT], expected[behind:]):
        raise _damaged(path, f"it does not begin like one of {size:,} rows of {dim} numbers")
    if not np.isfinite(np.frombuffer(head[CENTRE_AT:behind], dtype="<f4")).all():
        raise _damaged(path, "its centre is no vector")
    return data


def _damaged(path: Path, why: str) -> IndexDamagedError:
    return IndexDamagedError(f"{path} is not the approximate index that qa wrote ({why}); run: qa index --rebuild")

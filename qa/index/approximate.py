"""Approximate inner-product search over the vectors of a flat index, for tables of many rows.

An inverted file (IVF): the rows are kept in lists, each around one centre, with 8 bits a number, and a search looks
only into the lists whose centres are nearest to the query. What it finds are candidates, to be scored exactly.
bench/approximate.py has the measurements behind every constant here.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa import files
from qa.errors import IndexDamagedError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]

__all__ = ["ROWS", "ApproximateIndex", "write"]

ROWS = 100_000  # a table of fewer rows is searched exactly
LISTS = 4.0  # as a multiple of the square root of the number of rows
MOST_LISTS = 4096  # so that training takes minutes and 250 MB at most
SAMPLE = 40  # rows a list that its centre is trained on; FAISS wants 39
PROBED = 32  # lists that a search looks into
BLOCK = 16_384  # rows in memory at once: 25 MB of vectors of length 384
SEED = 20_000
NUMBER = 8  # bytes of a row's number


def write(flat: Any, path: Path) -> None:
    """Write an approximate index of the rows of a flat one (`VectorIndex`) to a new file, which FAISS reads as an
    `IndexIVFScalarQuantizer`. The same rows give the same file.

    Memory holds 12 bytes a row, a block of vectors and the sample. Raises OSError.
    """
    import numpy as np

    index = _trained(flat)
    lists = np.concatenate([_nearest_list(index, flat, rows) for rows in _blocks(np.arange(flat.size))])
    order = np.argsort(lists, kind="stable")
    sizes = np.bincount(lists, minlength=index.nlist)
    with files.create(path) as file:
        file.write(_head(index, sizes))
        for rows in np.split(order, np.cumsum(sizes)[:-1]):
            for block in _blocks(rows):
                file.write(index.sq.compute_codes(flat.rows(block)).tobytes())
            file.write(rows.astype("<i8").tobytes())


def _trained(flat: Any) -> Any:
    """An empty index whose centres and ranges of numbers are those of a sample of the rows."""
    import faiss
    import numpy as np

    lists = max(1, min(int(LISTS * flat.size**0.5), MOST_LISTS, flat.size // SAMPLE))
    kind, metric = faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    index = faiss.IndexIVFScalarQuantizer(faiss.IndexFlatIP(flat.dim), flat.dim, lists, kind, metric, False)
    sample = np.random.default_rng(SEED).choice(flat.size, min(flat.size, SAMPLE * lists), replace=False)
    index.train(flat.rows(np.sort(sample)))
    return index


def _nearest_list(index: Any, flat: Any, rows: "Ints") -> "NDArray[np.int32]":
    import numpy as np

    _, lists = index.quantizer.search(flat.rows(rows), 1)
    return lists[:, 0].astype(np.int32)


def _blocks(rows: "Ints") -> "list[Ints]":
    return [rows[at : at + BLOCK] for at in range(0, len(rows), BLOCK)]


def _head(index: Any, sizes: "Ints") -> bytes:
    """What FAISS writes before the first list. Of an empty index it writes the same, up to the sizes of the lists."""
    import faiss

    index.ntotal = int(sizes.sum())
    head, mark, _ = faiss.serialize_index(index).tobytes().rpartition(b"ilar")
    numbers = (index.nlist, index.code_size)
    counts = b"full" + len(sizes).to_bytes(8, "little") + sizes.astype("<u8").tobytes()
    return head + mark + b"".join(number.to_bytes(8, "little") for number in numbers) + counts


class ApproximateIndex:
    """An approximate index on disk, its lists memory-mapped. Safe to share between threads."""

    def __init__(self, path: Path, index: Any) -> None:
        self._path, self._index = path, index

    @classmethod
    def open(cls, path: Path, size: int, dim: int, below: Path | None = None) -> "ApproximateIndex":
        """Open a file. size, dim: of the flat index beside it. below: as for `files.open_file`.

        Raises OSError, or IndexDamagedError for a file that is not an approximate index of so many rows.
        """
        import faiss

        try:
            with files.open_file(path, below) as file:
                index = faiss.read_index(files.path_of(file, path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise _damaged(path, str(error).splitlines()[0]) from None
        if not isinstance(index, faiss.IndexIVFScalarQuantizer):
            raise _damaged(path, f"a {type(index).__name__}")
        counted = {int(index.ntotal), index.invlists.compute_ntotal()}
        if counted != {size} or index.d != dim or index.quantizer.ntotal != index.nlist:
            raise _damaged(path, f"it has {sorted(counted)} rows of {index.d} numbers, expected {size} of {dim}")
        return cls(path, index)

    def search(self, query: "Floats", k: int) -> "Ints":
        """Numbers of about the k rows nearest to query (shape (1, dim)), in no order; fewer if fewer are found.

        Raises IndexDamagedError for numbers of rows that there are not.
        """
        import faiss

        params = faiss.SearchParametersIVF(nprobe=PROBED)  # type: ignore[call-arg]
        _, ids = self._index.search(query, k, params=params)
        found: Ints = ids[0][ids[0] != -1]
        if len(found) and not 0 <= found.min() <= found.max() < self._index.ntotal:
            raise _damaged(self._path, "it names rows that there are not")
        return found


def _damaged(path: Path, why: str) -> IndexDamagedError:
    return IndexDamagedError(f"{path} is not the approximate index that qa wrote ({why}); run: qa index --rebuild")

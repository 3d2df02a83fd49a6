"""BM25 (Lucene's variant) with English stems and stop words. The only module that imports bm25s.

bm25s computes and saves the score of every term in every text. A query adds them up with NumPy alone, because importing
bm25s imports SciPy, which used to be the slowest part of a start.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa import files
from qa.english.words import analyze, stems
from qa.errors import IndexDamagedError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

__all__ = ["K1", "VERSION", "B", "LexicalIndex", "write"]

VERSION = 2  # of the analysis; raise it to make existing indexes stale
K1, B = 1.5, 0.75  # bm25s' defaults; Robertson and Zaragoza 2009 give 1.2-2 and 0.5-0.8


def write(folder: Path, texts: Sequence[str]) -> None:
    """Save an index of the texts in a new folder, as NumPy arrays and JSON; nothing is pickled.

    Texts without terms are allowed, and so is an empty list. Raises OSError.
    """
    import bm25s

    folder.mkdir(parents=True)
    corpus = [analyze(text) for text in texts]
    vocabulary = sorted({term for terms in corpus for term in terms})
    (folder / "size.json").write_text(json.dumps({"texts": len(texts), "terms": len(vocabulary)}))
    if not vocabulary:
        return
    numbers = {term: number for number, term in enumerate(vocabulary)}
    model = bm25s.BM25(method="lucene", k1=K1, b=B)
    model.index(
        ([[numbers[t] for t in terms] for terms in corpus], numbers), create_empty_token=False, show_progress=False
    )
    model.save(str(folder), corpus=None, show_progress=False, allow_pickle=False)


def _mapped(path: Path, below: Path | None) -> Any:
    """A saved NumPy array, memory-mapped: `numpy.load` for a file that is already open."""
    import numpy as np

    with files.open_file(path, below) as file:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        try:
            shape, fortran, kind = read(file)
        except Exception as error:  # a damaged header is parsed as Python, and fails as Python does
            raise ValueError(f"{path.name} has no header of an array: {error}") from None
        if kind.hasobject:
            raise ValueError(f"{path.name} holds pickled objects")
        return np.memmap(file, kind, "r", file.tell(), shape, "F" if fortran else "C")


class LexicalIndex:
    """A BM25 index on disk, its arrays memory-mapped. Safe to share between threads."""

    def __init__(
        self, folder: Path, size: int, numbers: Mapping[str, int], data: Any, indices: Any, indptr: Any
    ) -> None:
        self.size, self._folder = size, folder
        self._numbers, self._data, self._indices, self._indptr = numbers, data, indices, indptr

    @classmethod
    def open(cls, folder: Path, below: Path | None = None) -> "LexicalIndex":
        """Open a folder that `write` made. below: as for `files.open_file`.

        Raises FileNotFoundError, or IndexDamagedError for a folder that is not a BM25 index.
        """
        try:
            counts = json.loads(files.read(folder / "size.json", files.SMALL, below))
            if not counts["terms"]:
                return cls(folder, int(counts["texts"]), {}, None, None, None)
            numbers = json.loads(files.read(folder / "vocab.index.json", files.LARGE, below))
            names = ("data", "indices", "indptr")
            arrays = [_mapped(folder / f"{n}.csc.index.npy", below) for n in names]
            if len(arrays[0]) != len(arrays[1]) or len(arrays[2]) <= max(numbers.values()) + 1:
                raise ValueError("its arrays do not fit together")
            return cls(folder, int(counts["texts"]), numbers, *arrays)
        except FileNotFoundError:
            raise
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise IndexDamagedError(f"{folder} is not a BM25 index ({error}); run: qa index --rebuild") from None

    def scores(self, query: str) -> "Floats":
        """BM25 score of every text, shape (size,), >= 0; zeros if no term of the query is known.

        Raises IndexDamagedError for an array with numbers of texts that there are not.
        """
        import numpy as np

        scores = np.zeros(self.size, dtype=np.float32)
        for term in analyze(query):
            column = self._column(term)
            if column.stop > column.start:
                texts = self._indices[column]
                if texts.min() < 0 or texts.max() >= self.size:
                    raise self._damaged()
                scores[texts] += self._data[column]
        return scores

    def frequency(self, stem: str) -> int:
        """The number of texts in which a stem occurs."""
        texts = self._column(stem)
        return int(texts.stop - texts.start)

    def _column(self, stem: str) -> slice:
        """The part of the arrays saved by bm25s (CSC) that holds the texts with a stem and their scores."""
        number = self._numbers.get(stem)
        if number is None:
            return slice(0, 0)
        start, end = int(self._indptr[number]), int(self._indptr[number + 1])
        if not 0 <= start <= end <= len(self._indices):
            raise self._damaged()
        return slice(start, end)

    def _damaged(self) -> IndexDamagedError:
        return IndexDamagedError(f"{self._folder} is damaged; run: qa index --rebuild")

    def stem(self, lower_case: Sequence[str]) -> list[str]:
        """See `stems`."""
        return stems(lower_case)

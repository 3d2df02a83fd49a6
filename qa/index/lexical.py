"""BM25 (Lucene's variant, as bm25s computes it) with English stems and stop words.

The score of every term in every text is computed when the index is written; a query adds them up. Both need NumPy
alone, and memory that grows with the number of words, not of Python objects.
"""

import json
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa import files
from qa.english.words import analyze, stems
from qa.errors import IndexDamagedError
from qa.index import vocabulary
from qa.index.typed import is_count

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Ints = NDArray[Any]

__all__ = ["K1", "VERSION", "B", "LexicalIndex", "LexicalWriter", "scored"]

VERSION = 2  # of the analysis; raise it to make existing indexes stale
K1, B = 1.5, 0.75  # the defaults of bm25s; Robertson and Zaragoza 2009 give 1.2-2 and 0.5-0.8

ARRAYS = {"data.csc.index.npy": "<f4", "indices.csc.index.npy": "<i4", "indptr.csc.index.npy": "<i8"}


class LexicalWriter:
    """Counts the terms of texts as they come, and saves their scores at the end.

    Nothing is pickled. A term takes four bytes of memory for each time it occurs, and
    while the scores are computed about 35 more (measured with tracemalloc).
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}  # of the terms, in the order in which they came
        self._terms, self._lengths = array("i"), array("i")

    def add(self, texts: Iterable[str]) -> None:
        """Texts without terms are allowed."""
        for text in texts:
            terms = analyze(text)
            self._terms.extend(self._numbers.setdefault(term, len(self._numbers)) for term in terms)
            self._lengths.append(len(terms))

    def save(self, folder: files.Folder) -> None:
        """Write the index into an empty folder. Raises OSError."""
        import numpy as np

        counts = {"texts": len(self._lengths), "terms": len(self._numbers)}
        with folder.create("size.json") as file:
            file.write(json.dumps(counts).encode())
        if not self._numbers:
            return
        ordered = sorted(self._numbers)
        place = np.empty(len(ordered), dtype=np.int32)
        place[[self._numbers[term] for term in ordered]] = np.arange(len(ordered), dtype=np.int32)
        terms, lengths = place[np.frombuffer(self._terms, dtype=np.int32)], np.frombuffer(self._lengths, dtype=np.int32)
        for name, values in zip(ARRAYS, scored(terms, lengths, len(self._numbers)), strict=True):
            with folder.create(name) as file:
                np.save(file, values, allow_pickle=False)
        vocabulary.save(folder, ordered)


def scored(terms: "Ints", lengths: "Ints", distinct: int) -> "tuple[Floats, Ints, Ints]":
    """BM25 scores of every term in every text, as the columns of a sparse matrix: scores, numbers of the texts, and
    where the column of each term starts.

    terms: those of all texts, one text after the other, as numbers below `distinct`. lengths: of the texts, in terms.
    """
    import numpy as np

    size = len(lengths)
    keys = terms.astype(np.int64) * size + np.repeat(np.arange(size, dtype=np.int64), lengths)
    keys, counts = np.unique(keys, return_counts=True)
    column, text = np.divmod(keys, size)
    found = np.bincount(column, minlength=distinct)
    rarity = np.log1p((size - found + 0.5) / (found + 0.5))
    full = K1 * (1 - B + B * lengths / max(lengths.mean(), 1e-9))
    scores = rarity[column] * counts / (full[text] + counts)
    starts = np.concatenate([[0], np.cumsum(found)])
    return scores.astype(np.float32), text.astype(np.int32), starts.astype(np.int64)


class LexicalIndex:
    """A BM25 index on disk, its arrays memory-mapped. Safe to share between threads."""

    def __init__(
        self, folder: Path, size: int, known: vocabulary.Terms | None, data: Any, indices: Any, indptr: Any
    ) -> None:
        self.size, self._folder = size, folder
        self._known, self._data, self._indices, self._indptr = known, data, indices, indptr

    @classmethod
    def open(cls, folder: Path, below: Path | None = None) -> "LexicalIndex":
        """Open a folder that `write` made. below: as for `files.open_file`.

        Raises FileNotFoundError, or IndexDamagedError for a folder that is not a BM25 index.
        """
        try:
            counts = json.loads(files.read(folder / "size.json", files.SMALL, below))
            texts, terms = counts["texts"], counts["terms"]
            if not is_count(texts, terms):
                raise ValueError("its counts are not numbers")
            if not terms:
                return cls(folder, texts, None, None, None, None)
            known = vocabulary.Terms.open(folder, below)
            arrays = [vocabulary.mapped(folder / name, kind, below) for name, kind in ARRAYS.items()]
            if len(arrays[0]) != len(arrays[1]) or len(arrays[2]) != len(known) + 1 or terms != len(known):
                raise ValueError("its arrays do not fit together")
            return cls(folder, texts, known, *arrays)
        except FileNotFoundError:
            raise
        except (ValueError, KeyError, TypeError, RecursionError, OSError) as error:
            raise IndexDamagedError(f"{folder} is not a BM25 index ({error}); run: qa index --rebuild") from None

    def scores(self, query: str, allowed: "Ints | None" = None) -> "Floats":
        """BM25 score of every text, shape (size,), >= 0; zeros if no term of the query is known. All texts are scored,
        whichever are `allowed`.

        Raises IndexDamagedError for an array with numbers of texts that there are not.
        """
        import numpy as np

        scores = np.zeros(self.size, dtype=np.float32)
        for term in analyze(query):
            column = self._column(term)
            if column.stop > column.start:
                texts = self._indices[column].astype(np.int64)  # a copy, which nobody can change after the check
                if texts.min() < 0 or texts.max() >= self.size:
                    raise self._damaged()
                scores[texts] += self._data[column]
        return scores

    def frequency(self, stem: str) -> int:
        """The number of texts in which a stem occurs."""
        texts = self._column(stem)
        return int(texts.stop - texts.start)

    def _column(self, stem: str) -> slice:
        """The part of the arrays that holds the texts with a stem and their scores."""
        number = self._known.number(stem) if self._known else None
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

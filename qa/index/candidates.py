"""Which passages and sentences of a generation are ranked for a question, and their scores.

All of them in a small index. In a larger one: the best of the dense and the best of the lexical search, with their
neighbours, and all sentences of those passages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from qa.errors import IndexDamagedError
from qa.index.context import pieces
from qa.index.manifest import REBUILD
from qa.index.protocol import Candidates, PassageRows, SentenceRows, Vectors
from qa.index.store import Generation, TableName
from qa.records import Context, Sentence, Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float32]

__all__ = ["SMALL", "Rows", "context_of", "find", "rows_of"]

SMALL = 2000  # an index of at most this many sentences is ranked whole
NEAR_PASSAGES, NEAR_SENTENCES = 1, 2  # neighbours on either side that become candidates too


@dataclass(frozen=True, slots=True)
class Rows:
    """Numbers of rows in the tables of passages and sentences, rising."""

    passages: "Ints"
    sentences: "Ints"


def rows_of(generation: Generation, documents: "Ints") -> Rows:
    """The rows of these documents, given by their rising positions in the generation."""
    passages, sentences = generation.first_rows("passages"), generation.first_rows("sentences")
    after = documents + 1
    return Rows(_ranges(passages[documents], passages[after]), _ranges(sentences[documents], sentences[after]))


def find(generation: Generation, question: str, vector: "Floats", k: int, allowed: Rows | None) -> Candidates:
    """The candidates for a question, see `Index.candidates`. allowed: the rows to search, None for all.

    Raises IndexDamagedError if the vectors of the generation and that of the question differ in length.
    """
    if generation.complete and len(vector) != generation.passage_vectors.dim:
        raise IndexDamagedError(
            f"{generation.folder} has vectors of length {generation.passage_vectors.dim:,}, but its embedding model "
            f"makes vectors of length {len(vector):,}; {REBUILD}"
        )
    passages = _table(generation, "passages", question, vector, allowed.passages if allowed else None)
    sentences = _table(generation, "sentences", question, vector, allowed.sentences if allowed else None)
    if generation.counts["sentences"] <= SMALL:
        return Candidates(_passage_rows(passages, passages.all()), _sentence_rows(sentences, sentences.all()))
    found = _passage_rows(passages, passages.around(passages.best(k), NEAR_PASSAGES))
    return Candidates(found, _sentence_rows(sentences, _sentences_to_rank(sentences, k, found)))


def _table(
    generation: Generation, name: TableName, question: str, vector: "Floats", allowed: "Ints | None"
) -> "_Table":
    vectors = generation.passage_vectors if name == "passages" else generation.sentence_vectors
    terms = generation.passage_terms if name == "passages" else generation.sentence_terms
    return _Table(generation, name, vectors, vector, terms.scores(question, allowed), allowed)


def _sentences_to_rank(sentences: "_Table", k: int, passages: PassageRows) -> "Ints":
    import numpy as np

    base, ends = sentences.first_rows(passages.doc), sentences.first_rows(passages.doc + 1)
    if (base + passages.last >= ends).any():
        raise IndexDamagedError(f"{sentences.generation.folder / 'passages.bin'} is damaged; {REBUILD}")
    inside = _ranges(base + passages.first, base + passages.last + 1)
    return np.union1d(sentences.around(sentences.best(k), NEAR_SENTENCES), inside)


def _passage_rows(table: "_Table", numbers: "Ints") -> PassageRows:
    rows = table.rows(numbers)
    return PassageRows(
        doc=rows[:, 0],
        number=numbers - table.first_rows(rows[:, 0]),
        dense=table.dense(numbers),
        lexical=table.lexical[numbers],
        first=rows[:, 3],
        last=rows[:, 4],
        start=rows[:, 1],
        end=rows[:, 2],
    )


def _sentence_rows(table: "_Table", numbers: "Ints") -> SentenceRows:
    rows = table.rows(numbers)
    return SentenceRows(
        doc=rows[:, 0],
        number=numbers - table.first_rows(rows[:, 0]),
        dense=table.dense(numbers),
        lexical=table.lexical[numbers],
        start=rows[:, 1],
        end=rows[:, 2],
        block=rows[:, 4],
        section=rows[:, 6],
        kind=rows[:, 5],
        text=_Texts(table.generation, rows),
        context=_Contexts(table.generation, rows),
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """The passages or the sentences of a generation and their scores for one question.

    lexical: BM25 score of every row. allowed: numbers of the rows to search, None for all.
    """

    generation: Generation
    name: TableName
    vectors: Vectors
    vector: "Floats"
    lexical: "Floats"
    allowed: "Ints | None"

    def all(self) -> "Ints":
        """The numbers of all allowed rows."""
        import numpy as np

        return np.arange(len(self.lexical), dtype=np.int64) if self.allowed is None else self.allowed

    def best(self, k: int) -> "Ints":
        """Numbers of the rows that are among the k best of either search, rising."""
        import numpy as np

        rows = (
            np.flatnonzero(self.lexical > 0) if self.allowed is None else self.allowed[self.lexical[self.allowed] > 0]
        )
        if len(rows) > k:
            rows = rows[np.argpartition(-self.lexical[rows], k)[:k]]
        return np.union1d(self.vectors.search(self.vector, k, self.allowed), rows)

    def around(self, numbers: "Ints", reach: int) -> "Ints":
        """These rows and up to `reach` neighbours on either side in the same document, rising."""
        import numpy as np

        first, documents = self.generation.first_rows(self.name), self.rows(numbers)[:, :1]
        near = numbers[:, None] + np.arange(-reach, reach + 1)
        return np.unique(near[(near >= first[documents]) & (near < first[documents + 1])])

    def dense(self, numbers: "Ints") -> "Floats":
        """Cosine of each row with the question."""
        return self.vectors.scores(self.vector, numbers)

    def first_rows(self, documents: "Ints") -> "Ints":
        """For each document the number of its first row."""
        first: Ints = self.generation.first_rows(self.name)[documents]
        return first

    def rows(self, numbers: "Ints") -> "Ints":
        """The rows with these rising numbers. Consecutive ones are read in one go."""
        import numpy as np

        starts = numbers[np.diff(numbers, prepend=-2) > 1]
        lasts = numbers[np.diff(numbers, append=np.iinfo(np.int64).max) > 1]
        return self.generation.rows(self.name, zip(starts.tolist(), (lasts + 1).tolist(), strict=True))


def context_of(generation: Generation, document: int, sentence: Sentence) -> tuple[Context, ...]:
    """What a sentence of a document, given by its position in the generation, cannot be understood without."""
    blocks, span = generation.blocks(document), Span(sentence.start, sentence.end)
    if blocks and sentence.block >= len(blocks):
        raise IndexDamagedError(f"{generation.folder / 'sentences.bin'} is damaged; {REBUILD}")
    return pieces(blocks, sentence.block, span, partial(generation.text, document)) if len(blocks) else ()


class _Texts(Sequence[str]):
    """The text of each row, read when it is first asked for."""

    def __init__(self, generation: Generation, rows: "Ints") -> None:
        self._generation, self._rows = generation, rows
        self._kept: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, n: Any) -> Any:
        if n not in self._kept:
            self._kept[n] = self._read(n)
        return self._kept[n]

    def _read(self, n: int) -> str:
        document, start, end = self._rows[n, :3].tolist()
        return self._generation.text(document, start, end)


class _Contexts(_Texts):
    """The words that stand around each row, read when they are first asked for."""

    def _read(self, n: int) -> str:
        document, start, end, _, block = self._rows[n, :5].tolist()
        around = context_of(self._generation, document, Sentence("", 0, start, end, block))
        return "\n".join(piece.text for piece in around)


def _ranges(starts: "Ints", ends: "Ints") -> "Ints":
    """The integers of all ranges [start, end), one range after the other."""
    import numpy as np

    lengths = ends - starts
    before = np.cumsum(lengths) - lengths
    numbers: Ints = np.arange(lengths.sum(), dtype=np.int64) + np.repeat(starts - before, lengths)
    return numbers

"""What the retriever needs of an index: the documents, and the candidates for a question with their scores.

An implementation may search wherever it likes. Text, offsets and documents are always those of the generation on disk,
so that a quote never depends on a database.
"""

from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from qa.index.where import Condition
from qa.records import Context, Document, Sentence, Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Column = NDArray[Any]
    Rows = NDArray[np.int64]
    Vector = NDArray[np.float32]

__all__ = [
    "Candidates",
    "DocumentInfo",
    "EmbeddingModel",
    "Index",
    "PassageRows",
    "SentenceRows",
    "Terms",
    "Vectors",
    "Vocabulary",
]


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """An indexed document without its text. The fields are those of `Document`."""

    id: str
    title: str
    metadata: Mapping[str, str]
    sha256: str
    skipped: tuple[Span, ...]
    pages: tuple[int, ...]
    unread: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EmbeddingModel:
    """The model that made the vectors of an index. weights: SHA-256 (hex). precision: see `BuildSettings`."""

    name: str
    weights: str
    precision: str


@dataclass(frozen=True, slots=True)
class SentenceRows:
    """Candidate sentences, one a row, as columns of equal length, sorted by document and number.

    doc: position of the document in `Index.documents`. number: of the sentence in its document. dense: cosine with the
    question, in [-1, 1]. lexical: BM25 score >= 0. block: number of the block that it is part of. section: number of
    the heading or question that this block stands under, its own if it is one, -1 for none. kind: of the block, as a
    position in `qa.index.structure.KINDS`. text[i]: the document's text from start[i] to end[i]. context[i]: what
    stands around it.
    """

    doc: "Column"
    number: "Column"
    dense: "Column"
    lexical: "Column"
    start: "Column"
    end: "Column"
    block: "Column"
    section: "Column"
    kind: "Column"
    text: Sequence[str]
    context: Sequence[str]

    def __post_init__(self) -> None:
        _check_lengths(self.doc, self.number, self.dense, self.lexical, self.start, self.end)
        _check_lengths(self.doc, self.block, self.section, self.kind, self.text, self.context)


@dataclass(frozen=True, slots=True)
class PassageRows:
    """Candidate passages, in the same form as `SentenceRows`. first and last: sentence numbers, inclusive."""

    doc: "Column"
    number: "Column"
    dense: "Column"
    lexical: "Column"
    first: "Column"
    last: "Column"
    start: "Column"
    end: "Column"

    def __post_init__(self) -> None:
        _check_lengths(self.doc, self.number, self.dense, self.lexical, self.first, self.last, self.start, self.end)


def _check_lengths(*columns: Sized) -> None:
    lengths = {len(column) for column in columns}
    if len(lengths) > 1:
        raise ValueError(f"columns need equal lengths, got {sorted(lengths)}")


@dataclass(frozen=True, slots=True)
class Candidates:
    """What is worth ranking for one question."""

    passages: PassageRows
    sentences: SentenceRows


class Vocabulary(Protocol):
    """What the index knows about the words of its sentences."""

    @property
    def size(self) -> int:
        """The number of sentences."""

    def stem(self, words: Sequence[str]) -> list[str]:
        """The stem of each lower-case word; same length."""

    def frequency(self, stem: str) -> int:
        """The number of sentences in which the stem occurs."""


class Vectors(Protocol):
    """The vectors of the passages or of the sentences, searched."""

    size: int
    dim: int

    def search(self, query: "Vector", k: int, allowed: "Rows | None" = None) -> "Rows":
        """Numbers of the k rows nearest to query (shape (dim,)), best first; fewer if there are fewer.

        allowed: rising numbers of the rows to search, None for all.
        """

    def rows(self, numbers: "Rows") -> "Vector":
        """The stored vectors, shape (len(numbers), dim)."""

    def scores(self, query: "Vector", numbers: "Rows") -> "Vector":
        """Cosine of query with each of the rows, shape (len(numbers),)."""


class Terms(Vocabulary, Protocol):
    """The words of the passages or of the sentences, searched."""

    def scores(self, query: str, allowed: "Rows | None" = None) -> "Vector":
        """BM25 score of every row, shape (size,), >= 0. allowed: rows whose scores are wanted, None for all."""


class Index(Protocol):
    """One generation of an index, open. It does not change, and threads may share it.

    Methods that take a document id raise KeyError for one that is not indexed. Every method that reads raises
    IndexDamagedError if what it reads is not what was written.
    """

    @property
    def name(self) -> str:
        """The name of the generation."""

    @property
    def model(self) -> EmbeddingModel:
        """The model that made its vectors."""

    @property
    def is_ours(self) -> bool:
        """Whether this user built it, and did not only accept it."""

    @property
    def counts(self) -> Mapping[str, int]:
        """The numbers of `documents`, `passages` and `sentences`."""

    @property
    def documents(self) -> Sequence[DocumentInfo]:
        """Every document, sorted by id."""

    @property
    def unread(self) -> Mapping[str, int]:
        """How many `files` were skipped when it was built, and how many `parts` of its documents could not be read."""

    @property
    def complete(self) -> bool:
        """Whether it has its vectors; without them only words are searched."""

    @property
    def unfinished(self) -> str:
        """For people: that it is not complete, how far it is, and what to do. Empty if it is complete."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The words of its sentences."""

    def info(self, doc_id: str) -> DocumentInfo:
        """A document without its text."""

    def document(self, doc_id: str) -> Document:
        """A document with its text."""

    def text(self, doc_id: str, start: int, end: int) -> str:
        """Characters [start, end) of a document."""

    def line(self, doc_id: str, offset: int) -> int:
        """The line, from 1, that the character at offset is on. `\\n`, `\\r\\n` and a lone `\\r` end a line."""

    def sentences(self, doc_id: str, first: int = 0, last: int | None = None) -> list[Sentence]:
        """Sentences first..last (inclusive; None: to the end) of a document, leaving out numbers it does not have."""

    def context(self, sentence: Sentence) -> tuple[Context, ...]:
        """What a sentence cannot be understood without, in the order of the text; see `qa.index.context`."""

    def sentences_in(self, doc_id: str, start: int, end: int) -> range:
        """Numbers of the sentences that share characters with [start, end)."""

    def candidates(self, question: str, vector: "Vector", k: int, where: Sequence[Condition] = ()) -> Candidates:
        """The passages and sentences to rank for a question; `candidates.py` says which.

        vector: of the question, shape (dim,). k: how many to take from the dense and from the lexical search.
        where: conditions that their documents meet. Raises WhereError for a key that no document has.
        """

    def newer(self) -> "Index | None":
        """The current generation if it is newer than this one. Raises IndexUnusableError if it cannot be opened."""

    def close(self) -> None:
        """Close the files. The index cannot be used afterwards."""

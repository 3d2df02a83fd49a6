"""An index on this machine: FAISS and BM25 over a generation on disk."""

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from qa.index import store, unfinished
from qa.index.candidates import Rows, context_of, find, rows_of
from qa.index.documents import StoredDocument
from qa.index.protocol import Candidates, DocumentInfo, EmbeddingModel, Vocabulary
from qa.index.store import Generation
from qa.index.where import Condition
from qa.records import Context, Document, Sentence

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

__all__ = ["LocalIndex", "Store"]

FILTERS = 8  # filters whose rows are kept


class Store(Protocol):
    """A database that holds the rows of generations and searches them."""

    def attach(self, generation: Generation) -> None:
        """Have it search an open generation; `generation.opened` closes the connection. Raises StoreError if it cannot
        be reached or does not have the rows.
        """


class LocalIndex:
    """See `Index`. `open` makes one.

    folder: the index, of which this is one generation. trusted, store: as for `open`.
    """

    def __init__(self, folder: Path, generation: Generation, trusted: str = "", store: Store | None = None) -> None:
        self._folder, self._generation, self._trusted, self._store = folder, generation, trusted, store
        self._allowed = lru_cache(maxsize=FILTERS)(self._rows_allowed)

    @classmethod
    def open(cls, folder: Path, trusted: str = "", store: Store | None = None) -> "LocalIndex":
        """The current generation of an index.

        trusted: SHA-256 of a manifest that the caller accepts, whoever built it. store: a database that searches it.
        Raises as `Generation.open` does, and StoreError.
        """
        generation = Generation.open(folder, trusted)
        if store:
            try:
                store.attach(generation)
            except BaseException:
                generation.close()
                raise
        return cls(folder, generation, trusted, store)

    def newer(self) -> "LocalIndex | None":
        """See `Index.newer`."""
        if store.current_name(self._folder)[0] == self.name:
            return None
        return self.open(self._folder, self._trusted, self._store)

    @property
    def name(self) -> str:
        """The name of the generation."""
        return self._generation.name

    @property
    def is_ours(self) -> bool:
        """Whether this user's key signed it."""
        return self._generation.is_ours

    @property
    def model(self) -> EmbeddingModel:
        """The model that made its vectors."""
        manifest = self._generation.manifest
        model = manifest["model"]
        return EmbeddingModel(str(model["name"]), model["weights"], manifest["settings"]["precision"])

    @property
    def counts(self) -> Mapping[str, int]:
        """The numbers of documents, passages and sentences."""
        return self._generation.counts

    @property
    def documents(self) -> Sequence[DocumentInfo]:
        """Every document, sorted by id."""
        return self._generation.documents

    @property
    def unread(self) -> Mapping[str, int]:
        """See `Index.unread`."""
        counted: Mapping[str, int] = self._generation.manifest["unread"]
        return counted

    @property
    def complete(self) -> bool:
        """See `Index.complete`."""
        return self._generation.complete

    @property
    def unfinished(self) -> str:
        """See `Index.unfinished`."""
        return "" if self.complete else unfinished.described(self._generation)

    @property
    def vocabulary(self) -> Vocabulary:
        """The words of its sentences."""
        return self._generation.sentence_terms

    def info(self, doc_id: str) -> DocumentInfo:
        """See `Index.info`."""
        return self._stored(doc_id)

    def document(self, doc_id: str) -> Document:
        """See `Index.document`."""
        return self._generation.document(self._number(doc_id))

    def text(self, doc_id: str, start: int, end: int) -> str:
        """See `Index.text`."""
        return self._generation.text(self._number(doc_id), start, end)

    def line(self, doc_id: str, offset: int) -> int:
        """See `Index.line`."""
        return self._generation.line(self._number(doc_id), offset)

    def sentences(self, doc_id: str, first: int = 0, last: int | None = None) -> list[Sentence]:
        """See `Index.sentences`."""
        begin, end = self._stored(doc_id).sentences
        start = min(begin + max(first, 0), end)
        stop = end if last is None else max(start, min(begin + last + 1, end))
        rows = self._generation.table("sentences", start, stop).tolist()
        return [Sentence(doc_id, n, a, b, block) for n, (_, a, b, _, block, *_) in enumerate(rows, start - begin)]

    def context(self, sentence: Sentence) -> tuple[Context, ...]:
        """See `Index.context`."""
        return context_of(self._generation, self._number(sentence.doc_id), sentence)

    def sentences_in(self, doc_id: str, start: int, end: int) -> range:
        """See `Index.sentences_in`."""
        import numpy as np

        rows = self._generation.table("sentences", *self._stored(doc_id).sentences)
        return range(int(np.searchsorted(rows[:, 2], start, "right")), int(np.searchsorted(rows[:, 1], end, "left")))

    def candidates(self, question: str, vector: "Vector", k: int, where: Sequence[Condition] = ()) -> Candidates:
        """See `Index.candidates`."""
        allowed = self._allowed(tuple(where)) if where or self._twins else None
        return find(self._generation, question, vector, k, allowed)

    def close(self) -> None:
        """See `Index.close`."""
        self._generation.close()

    def _number(self, doc_id: str) -> int:
        return self._generation.documents.number(doc_id)

    def _stored(self, doc_id: str) -> StoredDocument:
        return self._generation.documents[self._number(doc_id)]

    def _rows_allowed(self, where: tuple[Condition, ...]) -> Rows:
        """The rows of the documents that meet the conditions; of identical ones, those of the first."""
        import numpy as np

        documents = self._generation.fields.matching(where)
        _, first = np.unique(self._generation.first_of_twins()[documents], return_index=True)
        return rows_of(self._generation, documents[np.sort(first)])

    @cached_property
    def _twins(self) -> bool:
        """Whether two documents are identical files."""
        import numpy as np

        first = self._generation.first_of_twins()
        return bool((first != np.arange(len(first))).any())

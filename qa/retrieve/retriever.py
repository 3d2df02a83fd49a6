"""Retriever: passages and evidence for a question. Usable alone; safe to share between threads."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from qa.embed import encoder as encoders
from qa.embed.protocol import Encoder
from qa.english import compound
from qa.errors import IndexForeignError, IndexUnusableError, ModelError, QuestionError
from qa.index import where as filters
from qa.index.local import LocalIndex, Store
from qa.index.protocol import DocumentInfo, Index
from qa.modelfiles import is_path
from qa.records import (
    BuildSettings,
    Considered,
    Context,
    Document,
    Evidence,
    Hit,
    Quote,
    Sentence,
)
from qa.retrieve import rank
from qa.retrieve.query import Query, quote_of
from qa.retrieve.reranker import CloseReading, Reader, Reranker

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qa.index.build import Progress

    Floats = NDArray[np.float32]

__all__ = ["MAX_QUESTION_WORDS", "Retriever", "check_question"]

MAX_QUESTION_WORDS = 1000


def check_question(question: str) -> None:
    """Raise QuestionError for a question that is empty, too long, or not text."""
    words = len(question.split())
    if words == 0:
        raise QuestionError('the question is empty; ask something, for example: qa ask "Who signed the letter?"')
    if words > MAX_QUESTION_WORDS:
        raise QuestionError(f"the question has {words:,} words; shorten it to at most {MAX_QUESTION_WORDS:,}")
    if any("\ud800" <= char <= "\udfff" for char in question):  # undecodable bytes of a command-line argument
        raise QuestionError("the question is not UTF-8; type it again, or give it on standard input: qa ask -")


class Retriever:
    """Searches one generation of an index. `open` and `build` make one; `refresh` moves it to the newest generation."""

    def __init__(
        self,
        index: Index,
        encoder: Encoder | None = None,
        notify: Callable[[str], None] | None = None,
        closely: CloseReading | None = None,
        embedder: str = "",
    ) -> None:
        self._index, self._encoder, self._notify = index, _Encoder(encoder), notify
        self._closely, self._embedder = closely or CloseReading(), embedder
        self._lock = threading.Lock()

    @classmethod
    def open(
        cls,
        index: str | Path,
        *,
        encoder: Encoder | None = None,
        notify: Callable[[str], None] | None = None,
        trusted: str = "",
        store: Store | None = None,
        reranker: Reranker | None = None,
        reader: Reader | None = None,
        embedder: str = "",
    ) -> "Retriever":
        """Open the current generation of an index.

        encoder: used instead of the index's own model; it must have the same weights. notify: called with a message
        before slow work starts. trusted: SHA-256 of a manifest, as in `CURRENT` and in the output of
        `qa trust --index`; an index with this manifest is opened whoever built it. store: a database that searches it,
        such as `qa.index.milvus.MilvusStore`. reranker, reader: order what was found anew, and choose the words that
        answer; see `qa.retrieve.reranker`. embedder: the path of the embedding model, if the index names it by path; no
        other folder is loaded, whoever built the index.
        Raises IndexMissingError, IndexDamagedError, IndexForeignError, SettingError (an unusable key file), or
        IndexUntrustedError for an index that this user neither built nor accepted.
        """
        opened = _checked(LocalIndex.open(Path(index), trusted, store), encoder)
        return cls(opened, encoder, notify, CloseReading(reranker, reader), embedder)

    @classmethod
    def build(
        cls,
        seeds: str | Path,
        index: str | Path,
        *,
        settings: BuildSettings | None = None,
        encoder: Encoder | None = None,
        progress: "Progress | None" = None,
    ) -> "Retriever":
        """Build or update the index of a folder of documents, then open it. An index that this user neither built nor
        accepted is replaced.

        Raises as `qa.index.build.build` and `open` do.
        """
        from qa.index import build as builder

        builder.build(Path(seeds), Path(index), settings, encoder, progress)
        return cls.open(index, encoder=encoder)

    @property
    def generation(self) -> str:
        """The name of the generation that is searched."""
        return self._index.name

    @property
    def model(self) -> str:
        """The name of the embedding model."""
        return self._index.model.name

    @property
    def documents(self) -> Sequence[DocumentInfo]:
        """The indexed documents, sorted by id."""
        return self._index.documents

    @property
    def unread(self) -> Mapping[str, int]:
        """How many `files` could not be read when the index was built, and how many `parts` of documents."""
        return self._index.unread

    @property
    def unfinished(self) -> str:
        """For people: that only words are searched because the index has no vectors yet, and what to do; else empty.
        No estimate is above `UNCERTAIN` then.
        """
        return self._index.unfinished

    def require_vectors(self, purpose: str) -> None:
        """Raise IndexUnusableError if only words are searched, which finds too little to say what is not there.

        purpose: `measured`, as in "nothing can be measured yet".
        """
        if self.unfinished:
            raise IndexUnusableError(f"nothing can be {purpose} yet: {self.unfinished}")

    def document(self, doc_id: str) -> Document:
        """A document with its text. Raises KeyError for an id that is not indexed."""
        return self._index.document(doc_id)

    def info(self, doc_id: str) -> DocumentInfo:
        """A document without its text. Raises KeyError for an id that is not indexed."""
        return self._index.info(doc_id)

    def snapshot(self) -> "Retriever":
        """A retriever that stays on the present generation when this one is refreshed. They share the model."""
        pinned = Retriever(self._index, None, self._notify, self._closely, self._embedder)
        pinned._encoder = self._encoder
        return pinned

    def sentences(self, doc_id: str, first: int = 0, last: int | None = None) -> list[Sentence]:
        """Sentences first..last (inclusive; None: to the end) of a document, leaving out numbers it does not have.

        Raises KeyError for an id that is not indexed.
        """
        return self._index.sentences(doc_id, first, last)

    def sentences_in(self, doc_id: str, start: int, end: int) -> range:
        """Numbers of the sentences that share characters with [start, end). Raises KeyError as `sentences` does."""
        return self._index.sentences_in(doc_id, start, end)

    def text(self, sentence: Sentence | Considered) -> str:
        """The characters of a sentence. Raises KeyError for an id that is not indexed."""
        return self._index.text(sentence.doc_id, sentence.start, sentence.end)

    def quote(self, sentence: Sentence, n: int = 1) -> Quote:
        """A sentence as quote number n, copied from the source. Raises KeyError for an id that is not indexed."""
        return quote_of(self._index, n, sentence)

    def context(self, sentence: Sentence) -> tuple[Context, ...]:
        """What a sentence cannot be understood without, in the order of the text. Raises KeyError as `text` does."""
        return self._index.context(sentence)

    def search(self, query: str, k: int = 5, where: Sequence[str] = ()) -> list[Hit]:
        """The k best passages, best first; fewer if there are fewer. where: conditions on documents, see
        `qa.index.where`.

        Raises QuestionError for an empty or too long query, WhereError, ModelError, IndexDamagedError.
        """
        return self.search_many([query], k, where)[0]

    def search_many(self, queries: Sequence[str], k: int = 5, where: Sequence[str] = ()) -> list[list[Hit]]:
        """As `search`, for several queries whose vectors are made in one batch."""
        return [query.hits(k) for query in self._queries(queries, where, divided=False)]

    def evidence(self, question: str, where: Sequence[str] = ()) -> Evidence:
        """The sentences that best answer the question, and the estimate that they do. If no documents match: no quotes,
        estimate 0.

        Raises as `search` does.
        """
        return self._queries([question], where)[0].evidence()

    def retrieve(self, question: str, k: int = 5, where: Sequence[str] = ()) -> tuple[list[Hit], Evidence]:
        """`search` and `evidence` for one question, from one generation and one query vector."""
        return self.retrieve_many([question], k, where)[0]

    def retrieve_many(
        self, questions: Sequence[str], k: int = 5, where: Sequence[str] = ()
    ) -> list[tuple[list[Hit], Evidence]]:
        """As `retrieve`, for several questions whose vectors are made in one batch."""
        return [(query.hits(k), query.evidence()) for query in self._queries(questions, where)]

    async def asearch(self, query: str, k: int = 5, where: Sequence[str] = ()) -> list[Hit]:
        """`search` for asyncio, in a thread."""
        import asyncio

        return await asyncio.to_thread(self.search, query, k, where)

    async def aretrieve(self, question: str, k: int = 5, where: Sequence[str] = ()) -> tuple[list[Hit], Evidence]:
        """`retrieve` for asyncio, in a thread."""
        import asyncio

        return await asyncio.to_thread(self.retrieve, question, k, where)

    def refresh(self) -> bool:
        """Move to the newest generation; return whether there was a newer one.

        Calls in progress finish on the generation they started with. Raises as `open` does.
        """
        with self._lock:
            newer = self._index.newer()
            if newer is not None:
                self._index = _checked(newer, self._encoder.loaded)
            return newer is not None

    def close(self) -> None:
        """Close the files. The retriever cannot be used afterwards."""
        self._index.close()

    def __enter__(self) -> "Retriever":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def encoder(self) -> Encoder:
        """The embedding model, loaded on first use. Raises ModelError, or IndexForeignError if it is not the model that
        the index was made with.
        """
        index, shared = self._index, self._encoder
        with shared.lock:
            if shared.loaded is None:
                self._check_embedder(index)
                shared.loaded = self._load(index)
            return shared.loaded

    def _load(self, index: Index) -> Encoder:
        """Load the model that the index was made with, and no other."""
        model = index.model
        try:
            encoder = encoders.load(model.name, model.precision, notify=self._notify, wanted=model.weights)
        except encoders.OtherWeightsError:
            index.close()
            raise _made_by_another(model.name, model.name) from None
        _checked(index, encoder)
        return encoder

    def _check_embedder(self, index: Index) -> None:
        """Raise ModelError for an index that names a model's folder which the settings do not name.

        This applies to the user's own index, too: the folder may have changed since, and the settings name it only as
        long as it is trusted.
        """
        name = index.model.name
        if not is_path(name) or name == self._embedder:
            return
        whose = "" if index.is_ours else "was built by somebody else and "
        raise ModelError(
            f"the index {whose}names its embedding model by path, {name}, which is not loaded. Name it as `embedder` "
            "in qa.toml and run `qa trust`, or build your own: qa index --rebuild"
        )

    def _queries(self, questions: Sequence[str], where: Sequence[str], divided: bool = True) -> "list[Query]":
        """The candidates for each question, all from one generation. divided: and for each of its parts."""
        index = self._index
        for question in questions:
            check_question(question)
        conditions = filters.parse(where)
        asked = [_with_parts(question) if divided else [compound.Part(question, question)] for question in questions]
        vectors = self._vectors(index, [part.searched for parts in asked for part in parts])

        def query(parts: Sequence[compound.Part]) -> Query:
            found = [index.candidates(p.searched, next(vectors), rank.CANDIDATES, conditions) for p in parts]
            return Query(index, parts, found, self._closely)

        return [query(parts) for parts in asked]

    def _vectors(self, index: Index, texts: Sequence[str]) -> "Iterator[Floats]":
        """A vector for each text; without a model where only words are searched."""
        import numpy as np

        empty = np.empty((len(texts), 0), dtype=np.float32)
        return iter(self.encoder.encode(texts, "query") if index.complete else empty)


class _Encoder:
    """The embedding model of a retriever and of its snapshots, None until the first of them needs it."""

    def __init__(self, loaded: Encoder | None) -> None:
        self.loaded, self.lock = loaded, threading.Lock()


def _checked(index: Index, encoder: Encoder | None) -> Index:
    """The index, if the encoder has the weights that it was made with. Else closes it and raises IndexForeignError."""
    model = index.model
    if encoder and encoder.weights != model.weights:
        index.close()
        raise _made_by_another(model.name, encoder.name)
    return index


def _made_by_another(model: str, name: str) -> IndexForeignError:
    """model: of the index. name: of the model that has other weights."""
    return IndexForeignError(
        f"the index was made with {model}, whose weights are not those of {name} now; run: qa index"
    )


def _with_parts(question: str) -> list[compound.Part]:
    """The question, and its parts if it has several."""
    parts = compound.parts(question)
    return [compound.Part(question, question), *(parts if len(parts) > 1 else ())]

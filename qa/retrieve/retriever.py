"""The retriever: passages and evidence for a question. Usable alone; safe to share between threads."""

import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.embed import encoder as encoders
from qa.embed.encoder import Encoder
from qa.errors import IndexForeignError, QuestionError
from qa.index import where
from qa.index.store import DocumentInfo, Generation, current_name
from qa.records import BuildSettings, Document, Evidence, Hit, Passage, Quote, Sentence, Span
from qa.retrieve import evidence, rank

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qa.index.build import Progress

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float32]

__all__ = ["MAX_QUESTION_WORDS", "Retriever", "check_question"]

MAX_QUESTION_WORDS = 1000
SMALL = 2000  # an index of at most so many sentences is ranked whole, a larger one from the candidates of both searches


def check_question(question: str) -> None:
    """Raise QuestionError for a question that is empty, too long to be searched for, or no text at all."""
    words = len(question.split())
    if words == 0:
        raise QuestionError('the question is empty; ask something, for example: qa ask "Who signed the letter?"')
    if words > MAX_QUESTION_WORDS:
        raise QuestionError(f"the question has {words:,} words; shorten it to at most {MAX_QUESTION_WORDS:,}")
    if any("\ud800" <= char <= "\udfff" for char in question):  # bytes of an argument that are not UTF-8
        raise QuestionError("the question is not UTF-8; type it again, or give it on standard input: qa ask -")


class Retriever:
    """Searches one generation of an index. `open` and `build` make one; `refresh` moves it to the newest generation."""

    def __init__(
        self,
        index: Path,
        generation: Generation,
        encoder: Encoder | None,
        notify: Callable[[str], None] | None,
        trusted: str = "",
    ) -> None:
        self._index, self._generation, self._encoder, self._notify = index, generation, encoder, notify
        self._trusted = trusted
        self._lock = threading.Lock()

    @classmethod
    def open(
        cls,
        index: str | Path,
        *,
        encoder: Encoder | None = None,
        notify: Callable[[str], None] | None = None,
        trusted: str = "",
    ) -> "Retriever":
        """Open the current generation of an index.

        encoder: instead of the one that the index names; it must have the same weights. notify: told before something
        slow is done. trusted: SHA-256 of a manifest, as `CURRENT` and `qa trust --index` show it: the index that has it
        is opened whoever built it.
        Raises IndexMissingError, IndexDamagedError, IndexForeignError, SettingError (an unusable key file), or
        IndexUntrustedError for an index that this user neither built nor accepted.
        """
        folder = Path(index)
        return cls(folder, _checked(Generation.open(folder, trusted), encoder), encoder, notify, trusted)

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
        accepted is replaced. Raises as `builder.build` and `open` do.
        """
        from qa.index import build as builder

        builder.build(Path(seeds), Path(index), settings, encoder, progress)
        return cls.open(index, encoder=encoder)

    @property
    def generation(self) -> str:
        """The name of the generation that is being searched."""
        return self._generation.name

    @property
    def model(self) -> str:
        """The name of the embedding model."""
        return str(self._generation.manifest["model"]["name"])

    @property
    def documents(self) -> Sequence[DocumentInfo]:
        """What is indexed, sorted by id."""
        return self._generation.documents

    def document(self, doc_id: str) -> Document:
        """A document with its text. Raises KeyError for an id that is not indexed."""
        generation = self._generation
        return generation.document(self._number(generation, doc_id))

    def info(self, doc_id: str) -> DocumentInfo:
        """A document without its text. Raises KeyError for an id that is not indexed."""
        generation = self._generation
        return generation.documents[self._number(generation, doc_id)]

    def snapshot(self) -> "Retriever":
        """A retriever that stays on the generation of now, whatever `refresh` does to this one; the model is shared."""
        return Retriever(self._index, self._generation, self.encoder, self._notify, self._trusted)

    def sentences(self, doc_id: str, first: int = 0, last: int | None = None) -> list[Sentence]:
        """Sentences first..last (inclusive; None: to the end) of a document; numbers that it lacks are left out.

        Raises KeyError for an id that is not indexed.
        """
        generation = self._generation
        begin, end = generation.documents[self._number(generation, doc_id)].sentences
        start = min(begin + max(first, 0), end)
        stop = end if last is None else max(start, min(begin + last + 1, end))
        rows = generation.table("sentences", start, stop).tolist()
        return [Sentence(doc_id, n, a, b) for n, (_, a, b, _) in enumerate(rows, start - begin)]

    def sentences_in(self, doc_id: str, start: int, end: int) -> range:
        """Numbers of the sentences that share characters with [start, end). Raises KeyError as `sentences` does."""
        import numpy as np

        generation = self._generation
        table = generation.table("sentences", *generation.documents[self._number(generation, doc_id)].sentences)
        return range(int(np.searchsorted(table[:, 2], start, "right")), int(np.searchsorted(table[:, 1], end, "left")))

    def text(self, sentence: Sentence) -> str:
        """The characters of a sentence. Raises KeyError for an id that is not indexed."""
        generation = self._generation
        return generation.text(self._number(generation, sentence.doc_id), sentence.start, sentence.end)

    def quote(self, sentence: Sentence, n: int = 1) -> Quote:
        """A sentence as the n-th quote, copied from the source. Raises KeyError for an id that is not indexed."""
        generation = self._generation
        doc = self._number(generation, sentence.doc_id)
        return _quote(generation, n, doc, sentence.start, sentence.end, ())

    @staticmethod
    def _number(generation: Generation, doc_id: str) -> int:
        return {info.id: n for n, info in enumerate(generation.documents)}[doc_id]

    def search(self, query: str, k: int = 5, where: Sequence[str] = ()) -> list[Hit]:
        """The k best passages, best first; fewer where there are fewer. where: conditions that documents must meet, see
        `where.py`.

        Raises QuestionError for an empty or too long query, WhereError, ModelError, IndexDamagedError.
        """
        return self.search_many([query], k, where)[0]

    def search_many(self, queries: Sequence[str], k: int = 5, where: Sequence[str] = ()) -> list[list[Hit]]:
        """As `search`, for several queries whose vectors are made in one batch."""
        generation = self._generation
        vectors = self._vectors(queries)
        return [_Query(generation, q, v, where).hits(k) for q, v in zip(queries, vectors, strict=True)]

    def evidence(self, question: str, where: Sequence[str] = ()) -> Evidence:
        """The sentences that best answer the question, and the estimate that they do. No documents match: no quotes,
        estimate 0.

        Raises as `search` does.
        """
        return _Query(self._generation, question, self._vectors([question])[0], where).evidence()

    def retrieve(self, question: str, k: int = 5, where: Sequence[str] = ()) -> tuple[list[Hit], Evidence]:
        """`search` and `evidence` of one question, from one generation and one query vector."""
        return self.retrieve_many([question], k, where)[0]

    def retrieve_many(
        self, questions: Sequence[str], k: int = 5, where: Sequence[str] = ()
    ) -> list[tuple[list[Hit], Evidence]]:
        """As `retrieve`, for several questions whose vectors are made in one batch."""
        generation = self._generation
        vectors = self._vectors(questions)
        queries = (_Query(generation, q, v, where) for q, v in zip(questions, vectors, strict=True))
        return [(query.hits(k), query.evidence()) for query in queries]

    def refresh(self) -> bool:
        """Move to the newest generation; whether there was a newer one. Calls under way finish on the one they began
        with. Raises as `open` does.
        """
        with self._lock:
            if current_name(self._index)[0] == self._generation.name:
                return False
            self._generation = _checked(Generation.open(self._index, self._trusted), self._encoder)
            return True

    def close(self) -> None:
        """Give the files back. The retriever cannot be used afterwards."""
        self._generation.close()

    def __enter__(self) -> "Retriever":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _vectors(self, queries: Sequence[str]) -> "Floats":
        for query in queries:
            check_question(query)
        return self.encoder.encode(queries, "query")

    @property
    def encoder(self) -> Encoder:
        """The embedding model, loaded when it is first needed. Raises ModelError, or IndexForeignError when it is not
        the index's.
        """
        with self._lock:
            if self._encoder is None:
                made_by = self._generation.manifest["settings"]
                encoder = encoders.load(self.model, made_by["precision"], notify=self._notify)
                _checked(self._generation, encoder)
                self._encoder = encoder
            return self._encoder


def _checked(generation: Generation, encoder: Encoder | None) -> Generation:
    model = generation.manifest["model"]
    if encoder and encoder.weights != model["weights"]:
        generation.close()
        raise IndexForeignError(
            f"the index was made with {model['name']}, whose weights are not those of {encoder.name} now; run: qa index"
        )
    return generation


class _Query:
    """One question against one generation."""

    def __init__(self, generation: Generation, question: str, vector: "Floats", conditions: Sequence[str]) -> None:
        self.generation, self.question, self.vector = generation, question, vector
        self.allowed: list[int] | None = None
        if conditions:
            listed = (
                (d.id, {"title": d.title, **{k.lower(): v for k, v in d.metadata.items()}})
                for d in generation.documents
            )
            self.allowed = where.matching(conditions, listed)
        self.passage_lexical = generation.passage_terms.scores(question)
        self.sentence_lexical = generation.sentence_terms.scores(question)
        self.passage_rows = self._candidate_passages()
        self.sentences = self._sentence_rows()

    def hits(self, k: int) -> list[Hit]:
        table = self._rows("passages", self.passage_rows)
        first = [self.generation.documents[d].passages[0] for d in table[:, 0]]
        passages = rank.PassageRows(
            doc=table[:, 0],
            number=self.passage_rows - first,
            dense=self.generation.passage_vectors.scores(self.vector, self.passage_rows),
            lexical=self.passage_lexical[self.passage_rows],
            first=table[:, 3],
            last=table[:, 4],
        )
        scores = rank.rank_passages(passages, self.sentences)
        return [
            self._hit(table[i].tolist(), passages, scores, int(i), n) for n, i in enumerate(rank.best(scores, k), 1)
        ]

    def _hit(self, row: list[int], passages: rank.PassageRows, scores: Any, i: int, n: int) -> Hit:
        doc, start, end, first, last = row
        doc_id = self.generation.documents[doc].id
        passage = Passage(f"{doc_id}:{start}-{end}", doc_id, start, end, first, last)
        text = self.generation.text(doc, start, end)
        return Hit(passage, text, float(scores[i]), n, float(passages.dense[i]), float(passages.lexical[i]))

    def evidence(self) -> Evidence:
        found = evidence.select(self.question, self.sentences, self.generation.sentence_terms)
        quotes = tuple(_quote(self.generation, n, p.doc, p.start, p.end, p.focus) for n, p in enumerate(found.picks, 1))
        return Evidence(quotes, found.answerability, found.features)

    def _candidate_passages(self) -> "Ints":
        """Rows of the passages to rank, rising: the best of both searches and their neighbours, or all of a small
        index.
        """
        import numpy as np

        spans = [d.passages for d in self._documents()]
        if self.generation.counts["sentences"] <= SMALL:
            return _ranges(spans)
        top = _top(
            self.generation.passage_vectors,
            self.vector,
            self.passage_lexical,
            None if self.allowed is None else _ranges(spans),
        )
        owner = self._rows("passages", top)[:, 0]
        around = [
            n
            for row, d in zip(top.tolist(), owner.tolist(), strict=True)
            for n in self._around(row, 1, self.generation.documents[d].passages)
        ]
        return np.unique(np.array(around, dtype=np.int64))

    def _sentence_rows(self) -> rank.SentenceRows:
        """The sentences to rank: those of the candidate passages, the best of both searches, and their neighbours."""
        import numpy as np

        generation = self.generation
        if generation.counts["sentences"] <= SMALL:
            rows = _ranges([d.sentences for d in self._documents()])
        else:
            allowed = None if self.allowed is None else _ranges([d.sentences for d in self._documents()])
            top = _top(generation.sentence_vectors, self.vector, self.sentence_lexical, allowed)
            owner = self._rows("sentences", top)[:, 0].tolist()
            wanted = {
                n
                for row, d in zip(top.tolist(), owner, strict=True)
                for n in self._around(row, 2, generation.documents[d].sentences)
            }
            for doc, _, _, first, last in self._rows("passages", self.passage_rows).tolist():
                base = generation.documents[doc].sentences[0]
                wanted.update(range(base + first, base + last + 1))
            rows = np.array(sorted(wanted), dtype=np.int64)
        table = self._rows("sentences", rows)
        return rank.SentenceRows(
            doc=table[:, 0],
            number=rows - [generation.documents[d].sentences[0] for d in table[:, 0]],
            dense=generation.sentence_vectors.scores(self.vector, rows),
            lexical=self.sentence_lexical[rows],
            start=table[:, 1],
            end=table[:, 2],
            text=_Texts(generation, table),
        )

    def _documents(self) -> Iterable[DocumentInfo]:
        documents = self.generation.documents
        return documents if self.allowed is None else [documents[n] for n in self.allowed]

    def _around(self, row: int, reach: int, limits: tuple[int, int]) -> range:
        return range(max(row - reach, limits[0]), min(row + reach + 1, limits[1]))

    def _rows(self, name: Any, rows: "Ints") -> "Ints":
        """The table's rows with these rising numbers, runs of them read at once."""
        import numpy as np

        if len(rows) == 0:
            return self.generation.table(name, 0, 0)
        order = np.argsort(rows, kind="stable")
        runs = np.split(rows[order], np.flatnonzero(np.diff(rows[order]) > 1) + 1)
        out = np.empty((len(rows), self.generation.table(name, 0, 0).shape[1]), dtype=np.int64)
        out[order] = np.concatenate([self.generation.table(name, int(run[0]), int(run[-1]) + 1) for run in runs])
        return out


class _Texts(Sequence[str]):
    """The text of each row of a sentence table, read when it is asked for."""

    def __init__(self, generation: Generation, table: "Ints") -> None:
        self._generation, self._table = generation, table

    def __len__(self) -> int:
        return len(self._table)

    def __getitem__(self, n: Any) -> Any:
        doc, start, end = self._table[n, :3].tolist()
        return self._generation.text(doc, start, end)


def _ranges(spans: Iterable[tuple[int, int]]) -> "Ints":
    import numpy as np

    return np.concatenate([np.empty(0, dtype=np.int64), *(np.arange(a, b, dtype=np.int64) for a, b in spans)])


def _top(vectors: Any, query: "Floats", lexical: "Floats", allowed: "Ints | None") -> "Ints":
    """Rows that are among the `rank.CANDIDATES` best of either search, rising."""
    import numpy as np

    rows = np.arange(len(lexical)) if allowed is None else allowed
    rows = rows[lexical[rows] > 0]
    if len(rows) > rank.CANDIDATES:
        rows = rows[np.argpartition(-lexical[rows], rank.CANDIDATES)[: rank.CANDIDATES]]
    return np.union1d(vectors.search(query, rank.CANDIDATES, allowed), rows)


def _quote(generation: Generation, n: int, doc: int, start: int, end: int, focus: tuple[Span, ...]) -> Quote:
    info = generation.documents[doc]
    before = generation.text(doc, 0, end)
    line = 1 + before.count("\n", 0, start) + _lone_returns(before[:start])
    page = bisect_right(info.pages, start) if info.pages else None
    return Quote(n, info.id, start, end, before[start:end], line, page, info.title, info.sha256, focus)


def _lone_returns(text: str) -> int:
    """Line ends of old Macs."""
    return text.count("\r") - text.count("\r\n") if "\r" in text else 0

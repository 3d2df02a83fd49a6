"""What every framework is given: passages and quotes with all that a citation needs. Knows no framework."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from qa import schema
from qa.lines import headline, unread_note
from qa.records import UNCONFIRMED, Answer, Hit, Quote, Span, Statement
from qa.retrieve.retriever import Retriever

__all__ = ["Kind", "Piece", "find", "passage_quote", "quotes_of", "said", "spans"]

Kind = Literal["passages", "quotes"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage or a quote: `quote.text` is the characters [start, end) of its document.

    score: of a passage its fused score, at least 0; of a quote the estimate in [0, 1] that it answers; None for a quote
    of an answer. about: the metadata of the document.
    """

    kind: Kind
    quote: Quote
    score: float | None = None
    about: Mapping[str, str] | None = None

    @property
    def id(self) -> str:
        """The same for the same characters of the same document."""
        return f"{self.quote.doc_id}:{self.quote.start}-{self.quote.end}"

    @property
    def metadata(self) -> dict[str, Any]:
        """JSON-able: the document's own metadata, and the fields of a quote in schema 1 except its text.

        kind and score are those of the piece. context_text: the texts of `context`, for prompts.
        """
        fields = schema.quote(self.quote)
        del fields["text"]
        around = " / ".join(piece.text for piece in self.quote.context)
        return {**(self.about or {}), **fields, "kind": self.kind, "score": self.score, "context_text": around}


def find(retriever: Retriever, question: str, k: int, where: Sequence[str], kind: Kind) -> list[Piece]:
    """The k best passages or quotes, best first, all from one generation. Raises as `Retriever.search` does."""
    pinned = retriever.snapshot()
    if kind == "passages":
        hits = pinned.search(question, k, where)
        found = [(passage_quote(pinned, hit), hit.score) for hit in hits]
    else:
        evidence = pinned.evidence(question, where)
        found = list(zip(evidence.quotes, evidence.scores, strict=True))[: max(k, 0)]
    return [Piece(kind, quote, score, pinned.info(quote.doc_id).metadata) for quote, score in found]


def passage_quote(retriever: Retriever, hit: Hit) -> Quote:
    """A whole passage as a quote: with line, page, hash, and the context of its first sentence."""
    passage = hit.passage
    (first,) = retriever.sentences(passage.doc_id, passage.first_sentence, passage.first_sentence)
    return retriever.quote(replace(first, start=passage.start, end=passage.end), hit.rank)


def quotes_of(answer: Answer) -> list[Piece]:
    """The quotes that prove an answer."""
    return [Piece("quotes", quote) for quote in answer.quotes]


def said(answer: Answer) -> str:
    """The answer as text with [1] markers, and with `UNCONFIRMED` after what nobody confirmed.

    An abstention says why, and that files could not be read.
    """
    if answer.status == "answered":
        return " ".join(text for _, text in _parts(answer))
    return " ".join(filter(None, (headline(answer), unread_note(answer))))


def spans(answer: Answer) -> Iterator[tuple[Statement, Span]]:
    """Each statement with its place in what is `said`, markers included."""
    start = 0
    for statement, text in _parts(answer):
        yield statement, Span(start, start + len(text))
        start += len(text) + 1


def _parts(answer: Answer) -> Iterator[tuple[Statement, str]]:
    for statement in answer.statements:
        text = replace(answer, statements=(statement,)).text
        yield statement, f"{text} {UNCONFIRMED}" if statement.verdict == "unconfirmed" else text

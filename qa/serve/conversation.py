"""Earlier turns of a conversation, as clients tell them. Whatever they say, a quote is copied from the index."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel, Field

from qa.answer.conversation import TURNS, Turn
from qa.records import Quote, Sentence, Span
from qa.retrieve.retriever import Retriever, check_question

__all__ = ["MAX_TURNS", "EarlierTurn", "proven"]

MAX_TURNS = 100  # that a client may send; the last TURNS count
MAX_QUOTES = 20

Offset = Annotated[int, Field(ge=0, le=10**12)]
Pair = Annotated[list[Offset], Field(min_length=2, max_length=2)]


class EarlierQuote(BaseModel):
    """Where a quote of an earlier answer is; other fields are ignored."""

    source: Annotated[str, Field(max_length=4096)]
    start: Offset
    end: Offset
    sha256: Annotated[str, Field(max_length=64)]
    focus: Annotated[list[Pair], Field(default_factory=list, max_length=50)]


class EarlierTurn(BaseModel):
    """An earlier answer as it came, or its question and quotes only; other fields are ignored."""

    question: Annotated[str, Field(min_length=1, max_length=20_000)]
    quotes: Annotated[list[EarlierQuote], Field(default_factory=list, max_length=MAX_QUOTES)]

    def turn(self) -> Turn:
        """What the client says, without any text; see `proven`."""
        return Turn(self.question, tuple(_told(n, quote) for n, quote in enumerate(self.quotes, 1)))


def _told(n: int, told: EarlierQuote) -> Quote:
    focus = tuple(Span(start, end) for start, end in told.focus if start < end)
    return Quote(n, told.source, told.start, told.end, "", 1, None, "", told.sha256, focus)


def proven(retriever: Retriever, history: Sequence[Turn]) -> tuple[Turn, ...]:
    """The last turns, their quotes copied from the index again. A quote is left out if its document is gone or has
    changed, or if it is not made of whole sentences of one block.

    Raises QuestionError for a question that nobody can have asked.
    """
    for turn in history:
        check_question(turn.question)
    return tuple(Turn(turn.question, tuple(_proven(retriever, turn.quotes))) for turn in history[-TURNS:])


def _proven(retriever: Retriever, quotes: Sequence[Quote]) -> Iterator[Quote]:
    for quote in quotes:
        try:
            is_same = retriever.info(quote.doc_id).sha256 == quote.sha256
        except KeyError:
            continue
        if not is_same or quote.start >= quote.end:
            continue
        inside = retriever.sentences_in(quote.doc_id, quote.start, quote.end)
        sentences = retriever.sentences(quote.doc_id, inside[0], inside[-1]) if inside else []
        if not sentences or (sentences[0].start, sentences[-1].end) != (quote.start, quote.end):
            continue
        if sentences[0].block == sentences[-1].block:
            whole = Sentence(quote.doc_id, sentences[0].number, quote.start, quote.end, sentences[0].block)
            focus = tuple(span for span in quote.focus if quote.start <= span.start < span.end <= quote.end)
            yield replace(retriever.quote(whole, quote.n), focus=focus)

"""A second look at what was found, by models that read a question together with each text.

A reranker says how well a text answers, a reader which of its words do. Neither is needed: without them passages and
sentences keep the order that `rank` and `answerability` give them, and the estimate of answerability is theirs always.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from qa.records import Span

__all__ = ["RERANKED", "Choice", "CloseReading", "Reader", "Reranker"]

RERANKED = 30
"""How many passages a reranker reads, or as many as are asked for: 96% of answers are among the first 15, 98% among
the first 30.
"""


class Reranker(Protocol):
    """Says how well texts answer a question."""

    def rerank(self, question: str, texts: Sequence[str]) -> list[float]:
        """A score in [0, 1] for each text. Raises ModelError."""
        ...


class Reader(Protocol):
    """Says which words of texts answer a question."""

    def read(self, question: str, texts: Sequence[str]) -> list[tuple[Span, float]]:
        """For each text the span that answers best, in its characters, and a score in [0, 1]. Raises ModelError."""
        ...


@dataclass(frozen=True, slots=True)
class Choice:
    """What the models say about a sentence. score: in [0, 1]. focus: its words that answer, None without a reader."""

    score: float
    focus: Span | None = None


@dataclass(frozen=True, slots=True)
class CloseReading:
    """The models that are in use. False without any."""

    reranker: Reranker | None = None
    reader: Reader | None = None

    def __bool__(self) -> bool:
        return self.reranker is not None or self.reader is not None

    def choose(self, question: str, texts: Sequence[str]) -> list[Choice]:
        """What the models say about each sentence; with both, the score is the mean of theirs. Raises ModelError."""
        scores = self.reranker.rerank(question, texts) if self.reranker else []
        spans = self.reader.read(question, texts) if self.reader else []
        if not spans:
            return [Choice(score) for score in scores]
        if not scores:
            return [Choice(read, span) for span, read in spans]
        return [Choice((score + read) / 2, span) for score, (span, read) in zip(scores, spans, strict=True)]

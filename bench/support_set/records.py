"""The records of the support test set."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = ["COMPOSED", "SPLITS", "Pair", "QuoteRef", "Split", "quotes_key"]

Split = Literal["seen", "opened", "unseen", "composed_opened", "composed_unseen"]
SPLITS: tuple[Split, ...] = ("seen", "opened", "unseen")
COMPOSED: tuple[Split, ...] = ("composed_opened", "composed_unseen")  # by hand, most of them over several quotes


@dataclass(frozen=True, slots=True)
class QuoteRef:
    """A verbatim source sentence: `text == source.text[start:end]`.

    before, after: the neighbouring text of the source, at most two sentences on either side.
    """

    doc: str
    start: int
    end: int
    text: str
    before: str
    after: str
    title: str


@dataclass(frozen=True, slots=True)
class Pair:
    """One test item.

    label: do the quotes (with the question) support the statement?
    kind: `original`, `harmless/...` or the kind of the edit.
    base: the supported statement that an edit or a paraphrase was made from; origin: `hand` or `generated`.
    """

    statement: str
    quotes: tuple[QuoteRef, ...]
    kind: str
    label: Literal["supported", "unsupported"]
    split: Split
    origin: Literal["hand", "generated"]
    base: str
    question: str = ""

    @property
    def harmless(self) -> bool:
        return self.kind.startswith("harmless/")


def quotes_key(quotes: Iterable[QuoteRef]) -> tuple[tuple[str, int, int], ...]:
    """What identifies the evidence of a pair."""
    return tuple((q.doc, q.start, q.end) for q in quotes)

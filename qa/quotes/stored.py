"""Records for anchors.py: a stored quote, today's documents, and the quote's current state."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from qa.quotes.effort import Effort
from qa.quotes.folding import Folded
from qa.quotes.match import Match
from qa.quotes.nearest import Change, WordIndex
from qa.quotes.rendered import Rendered, find_rendered, readings
from qa.records import Span

__all__ = ["Anchor", "Corpus", "Place", "Standing"]

State = Literal["intact", "moved", "edited", "duplicated", "gone"]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A quote as it was stored.

    start, end: offsets at that time, both None if they were not kept. before, after: the characters on either side, as
    many as were kept, empty if none. sha256: of the document's bytes at that time.
    """

    REACH: ClassVar[int] = 40  # characters of context to keep on either side

    doc_id: str
    text: str
    start: int | None = None
    end: int | None = None
    before: str = ""
    after: str = ""
    sha256: str | None = None

    @classmethod
    def take(cls, doc_id: str, document: str, start: int, end: int, sha256: str | None = None) -> "Anchor":
        """The anchor of `document[start:end]`, with `REACH` characters of context on either side."""
        before, after = document[max(0, start - cls.REACH) : start], document[end : end + cls.REACH]
        return cls(doc_id, document[start:end], start, end, before, after, sha256)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Characters `[start, end)` of a document."""

    doc_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Standing:
    """The current state of a quote.

    place: where it is now, or the passage that took its place; None if duplicated or gone. diff: old against new
    words, empty unless something changed; the old parts joined are the quote, the new parts joined the passage. others:
    further places with the same words. certain: no other place in the texts is possible. style_only: only the
    typography differs.
    """

    state: State
    place: Place | None = None
    diff: tuple[Change, ...] = ()
    others: tuple[Place, ...] = ()
    certain: bool = True
    style_only: bool = False

    @property
    def stands(self) -> bool:
        """Whether the quote was found word for word, in whatever typography, at a known place."""
        return self.state in ("intact", "moved")

    @property
    def unambiguous(self) -> bool:
        """Whether a program may store the new place (and wording) without asking."""
        return self.certain and self.stands


class Corpus:
    """Today's documents by id, with cached lookups. Create one and locate all quotes with it.

    hashes: SHA-256 of the documents' bytes, to recognise a renamed one. markup: gives the characters of a
    document that readers of the rendered text do not see. borders: where its paragraphs, items and rows begin.
    Documents are read from `texts` when needed. effort: what all searches for words that are not there literally may
    cost together.
    """

    def __init__(
        self,
        texts: Mapping[str, str],
        hashes: Mapping[str, str] | None = None,
        markup: Callable[[str], Sequence[Span]] | None = None,
        borders: Callable[[str], Sequence[int]] | None = None,
    ) -> None:
        self.texts = texts
        self.effort = Effort(Effort.WHOLE)
        self.markup, self.borders = markup, borders
        self.hashes = dict(hashes or {})
        self._folded: dict[str, Folded] = {}
        self._words: dict[str, WordIndex] = {}
        self._readings: dict[str, tuple[Rendered, ...]] = {}

    def folded(self, doc_id: str) -> Folded:
        """The document without its typography."""
        if doc_id not in self._folded:
            self._folded[doc_id] = Folded(self.texts[doc_id], self.borders(doc_id) if self.borders else ())
        return self._folded[doc_id]

    def find(self, quote: str, doc_id: str, effort: Effort | None = None) -> list[Match]:
        """Where the quote stands in the document: apart from typography, and else as the rendered text is read.
        effort: what this may cost, a part of the corpus's own.
        """
        effort, folded = effort or Effort(whole=self.effort), self.folded(doc_id)
        return find_rendered(quote, folded, self._rendered(doc_id), effort)

    def _rendered(self, doc_id: str) -> tuple[Rendered, ...]:
        if doc_id not in self._readings:
            markup = self.markup(doc_id) if self.markup else ()
            self._readings[doc_id] = readings(self.texts[doc_id], markup, self.folded(doc_id).borders)
        return self._readings[doc_id]

    def words(self, doc_id: str) -> WordIndex:
        """The document's index of words."""
        if doc_id not in self._words:
            self._words[doc_id] = WordIndex(self.texts[doc_id])
        return self._words[doc_id]

    def named(self, sha256: str | None) -> list[str]:
        """The documents with these bytes."""
        return [doc_id for doc_id, known in self.hashes.items() if sha256 and known == sha256]

"""Locate gold quotes in today's documents: `qa.quotes.anchors` with white space ignored."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import replace

from qa.gold.files.cases import GoldQuote
from qa.quotes.anchors import Anchor, Corpus, Place, Standing, locate
from qa.quotes.edges import clean_edges

__all__ = ["Sources", "squeeze"]

_TELLING = 20  # characters on either side that show, with the quote, that a document is the same under another name
_RUN = re.compile(r"\s\s+|[^\S ]")  # white space that is not one plain space


def squeeze(text: str) -> str:
    """The text with single spaces for white space, and none at its ends."""
    return " ".join(text.split())


class Sources:
    """Today's documents: make one and locate all gold quotes with it. Places are offsets in `texts`."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self._squeezed = _Squeezed(texts)
        self._corpus = Corpus(self._squeezed)

    def standing(self, quote: GoldQuote) -> Standing:
        """The current state of the quote.

        intact      found exactly once in its document, between its `before` and `after`, in whatever typography.
        moved       found between other words, or in another document.
        edited      as `anchors` says; a quote whose first or last word is now a part of another word is edited too.
        duplicated  found in several places.
        gone        none of these.
        """
        found = self._standing(quote)
        places = tuple(self._squeezed.place(place) for place in found.others)
        return replace(found, place=found.place and self._squeezed.place(found.place), others=places)

    def places(self, quote: GoldQuote, doc_id: str | None = None) -> list[Place]:
        """The places of the quote between its `before` and `after`, in its own or another document."""
        return [self._squeezed.place(place) for place in self._places(quote, doc_id or quote.source)]

    def around(self, place: Place, reach: int) -> tuple[str, str]:
        """The whole words within `reach` characters before and after the place, white space squeezed."""
        text, window = self.texts[place.doc_id], 4 * reach
        before = squeeze(text[max(0, place.start - window) : place.start]).split(" ")
        after = squeeze(text[place.end : place.end + window]).split(" ")
        if place.start > window and len(before) > 1:
            del before[0]  # may be half a word
        if place.end + window < len(text) and len(after) > 1:
            del after[-1]
        while len(before) > 1 and len(" ".join(before)) > reach:
            del before[0]
        while len(after) > 1 and len(" ".join(after)) > reach:
            del after[-1]
        return " ".join(before), " ".join(after)

    def _standing(self, quote: GoldQuote) -> Standing:
        places = self._places(quote, quote.source)
        if len(places) > 1:
            return Standing("duplicated", others=tuple(places), certain=False)
        if places and self._whole(quote, places[0]):
            return Standing("intact", places[0])
        if (renamed := self._renamed(quote)) is not None:
            return renamed
        before, after = squeeze(quote.before), squeeze(quote.after)
        anchor = Anchor(quote.source, squeeze(quote.text), before=before and f"{before} ", after=after and f" {after}")
        found = locate(anchor, self._corpus)
        return replace(found, state="moved") if found.state == "intact" and not found.style_only else found

    def _renamed(self, quote: GoldQuote) -> Standing | None:
        """The quote in the only document that has it between the words that it names, if its own is not there."""
        if quote.source in self._squeezed or min(len(quote.before), len(quote.after)) < _TELLING:
            return None
        places = [place for doc_id in self._squeezed for place in self._places(quote, doc_id)]
        return Standing("moved", places[0]) if len(places) == 1 else None

    def _places(self, quote: GoldQuote, doc_id: str) -> list[Place]:
        """As `qa.gold.files.cases.locate` finds them, in the squeezed text."""
        if doc_id not in self._squeezed:
            return []
        text, words = self._squeezed[doc_id], squeeze(quote.text)
        before, after = squeeze(quote.before), squeeze(quote.after)
        places = []
        at = text.find(words)
        while at >= 0:
            end = at + len(words)
            left = text.endswith((before, f"{before} "), 0, at)
            if left and text.startswith((after, f" {after}"), end):
                places.append(Place(doc_id, at, end))
            at = text.find(words, at + 1)
        return places

    def _whole(self, quote: GoldQuote, place: Place) -> bool:
        """Whether the quote is cut off between words, or both its neighbours are known to be what they were."""
        known = bool(quote.before and quote.after)
        return known or clean_edges(self._squeezed[place.doc_id], place.start, place.end)


class _Squeezed(Mapping[str, str]):
    """The squeezed texts by document, with the way back to the original offsets."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._made: dict[str, str] = {}
        self._runs: dict[str, tuple[list[int], list[int]]] = {}

    def __getitem__(self, doc_id: str) -> str:
        if doc_id not in self._made:
            self._made[doc_id] = squeeze(self._texts[doc_id])
        return self._made[doc_id]

    def __contains__(self, doc_id: object) -> bool:
        return doc_id in self._texts

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def place(self, place: Place) -> Place:
        """The place in the original text. It may be empty, but neither begins nor ends with white space."""
        start = self._back(place.doc_id, place.start)
        end = self._back(place.doc_id, place.end - 1) + 1 if place.end > place.start else start
        return Place(place.doc_id, start, end)

    def _back(self, doc_id: str, at: int) -> int:
        if doc_id not in self._runs:
            self._runs[doc_id] = _runs(self._texts[doc_id])
        begins, shifts = self._runs[doc_id]
        return at + shifts[bisect_right(begins, at) - 1]


def _runs(text: str) -> tuple[list[int], list[int]]:
    """From which squeezed offset on a character of the original stands how much further right."""
    shift = len(text) - len(text.lstrip())
    begins, shifts = [0], [shift]
    for run in _RUN.finditer(text, shift):
        shift += len(run[0]) - 1
        begins.append(run.end() - shift)
        shifts.append(shift)
    return begins, shifts

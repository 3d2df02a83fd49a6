"""Where does a stored quote stand in today's texts? Five answers, for `qa verify` and `qa gold check`.

intact      the words stand, character for character, where they stood.
moved       they stand elsewhere: another offset, or another document.
edited      they stand nowhere, but the passage that took their place does; `diff` says what changed. If nothing but
            typography changed (white space, quote marks, dashes), `style_only` is true.
duplicated  they stand in several places, and neither the offsets nor the words around them tell which is meant.
gone        none of these.

The words around a quote (`Anchor.before`, `.after`) are what tells copies apart, and an edited sentence from a deleted
one that has a twin; an anchor without them is located as well as can be, but less is `unambiguous`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from qa.answer.folding import Folded
from qa.answer.match import clean_edges, find
from qa.answer.nearest import Change, Words, likeness, word_diff

__all__ = ["Anchor", "Change", "Corpus", "Place", "Standing", "locate"]

REACH = 40  # characters of context to keep on either side
_STRONG = 20  # this much of one side in common, or the whole side, and it is the same place (bench/anchors.py)
_CLEAR = 8  # the best copy has this many characters of context more in common than the second
_LONG_ENOUGH = 40  # a quote this long, that occurs once, is the same one without any context
_NEIGHBOUR = 24  # characters of each neighbour that are looked for
_SAME_GAP = 0.4  # share of common words that makes the text between the old neighbours an edit of the quote
_SAME_SENTENCE = 0.6  # the same where one neighbour was found, or none was stored
_SAME_ANYWHERE = 0.75  # the same where the stored neighbours were not found

State = Literal["intact", "moved", "edited", "duplicated", "gone"]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A quote as it was stored.

    start, end: offsets at that time, both None if they were not kept. before, after: the characters on either side, as
    many as were kept, empty if none. sha256: of the document's bytes at that time.
    """

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
        before, after = document[max(0, start - REACH) : start], document[end : end + REACH]
        return cls(doc_id, document[start:end], start, end, before, after, sha256)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Characters `[start, end)` of a document."""

    doc_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What has become of a quote.

    place: where it stands now, or the passage that took its place; None if duplicated or gone. diff: old against new
    words, empty unless edited; the old parts joined are the quote, the new parts joined the passage. others: further
    places where the very words stand. certain: nothing else in the texts could be meant.
    """

    state: State
    place: Place | None = None
    diff: tuple[Change, ...] = ()
    others: tuple[Place, ...] = ()
    certain: bool = True
    style_only: bool = False

    @property
    def stands(self) -> bool:
        """Whether the very words stand, and it is known where."""
        return self.state in ("intact", "moved")

    @property
    def unambiguous(self) -> bool:
        """Whether a program may write the new place (and wording) down without asking."""
        return self.certain and (self.stands or (self.state == "edited" and self.style_only))


class Corpus:
    """Today's documents by id, and what was found out about them: make one and locate all quotes with it.

    hashes: SHA-256 of the documents' bytes, to recognise a renamed one. Documents are read from `texts` when needed.
    """

    def __init__(self, texts: Mapping[str, str], hashes: Mapping[str, str] | None = None) -> None:
        self.texts = texts
        self.hashes = dict(hashes or {})
        self._folded: dict[str, Folded] = {}
        self._words: dict[str, Words] = {}

    def folded(self, doc_id: str) -> Folded:
        """The document without its typography."""
        if doc_id not in self._folded:
            self._folded[doc_id] = Folded(self.texts[doc_id])
        return self._folded[doc_id]

    def words(self, doc_id: str) -> Words:
        """The document's index of words."""
        if doc_id not in self._words:
            self._words[doc_id] = Words(self.texts[doc_id])
        return self._words[doc_id]

    def named(self, sha256: str | None) -> list[str]:
        """The documents with these bytes."""
        return [doc_id for doc_id, known in self.hashes.items() if sha256 and known == sha256]


def locate(anchor: Anchor, corpus: Corpus) -> Standing:
    """Where the anchor's quote stands in today's corpus. Other documents are read only if its own has not the words."""
    if not anchor.text.strip():
        return Standing("gone")
    if anchor.doc_id in corpus.texts:
        return _at_home(anchor, corpus)
    abroad = _renamed(anchor, corpus) or _abroad(anchor, corpus)
    if abroad is None or abroad.state == "gone":
        return _edited_abroad(anchor, corpus) or abroad or Standing("gone")
    return abroad


def _at_home(anchor: Anchor, corpus: Corpus) -> Standing:
    home = anchor.doc_id
    copies = _copies(anchor, home, corpus)
    known = corpus.hashes.get(home)
    old = Place(home, anchor.start, anchor.end) if anchor.start is not None and anchor.end is not None else None
    if old in copies and known is not None and known == anchor.sha256:
        return Standing("intact", old, others=_but(copies, old))
    if copies:
        return _among(anchor, copies, old, corpus)
    restyled = _restyled(anchor, home, corpus)
    between = _between(anchor, home, corpus)
    if restyled or (between and between.place):
        return restyled or between or Standing("gone")
    abroad = _abroad(anchor, corpus)
    if abroad and abroad.state != "gone" and (abroad.certain or between):
        return abroad
    nearest = None if between else _nearest(anchor, home, corpus)
    return nearest or Standing("gone", others=abroad.others if abroad else ())


def _among(anchor: Anchor, copies: Sequence[Place], old: Place | None, corpus: Corpus) -> Standing:
    """The very words stand in the document, once or more: which copy is meant?"""
    scores: dict[Place | None, int] = {copy: _context(anchor, copy, corpus) for copy in copies}
    best = max(copies, key=lambda copy: (scores[copy], copy == old))
    second = max((scores[copy] for copy in copies if copy != best), default=-_CLEAR)
    strong = scores[best] >= _needed(anchor)
    if strong and scores[best] - second >= _CLEAR:
        return _found(anchor, best, copies)
    if old in scores and (scores[old] == scores[best] or not strong):
        return Standing("intact", old, others=_but(copies, old))
    if strong:
        return Standing("duplicated", others=tuple(copies), certain=False)
    between = _between(anchor, best.doc_id, corpus)
    if between and between.place:
        return replace(between, others=tuple(copies))
    if len(copies) > 1:
        return Standing("duplicated", others=tuple(copies), certain=False)
    return _lone_copy(anchor, best, old, corpus)


def _lone_copy(anchor: Anchor, copy: Place, old: Place | None, corpus: Corpus) -> Standing:
    """One copy, elsewhere and in other company: was the quote moved, or was another copy edited or deleted?"""
    if anchor.before or anchor.after:
        return Standing("moved" if old else "intact", copy, certain=False)
    if old is None:
        return Standing("intact", copy)
    there = corpus.texts[copy.doc_id][max(0, old.start - 40) : old.end + 40]
    twin = copy.start > old.end + 40 or copy.end < old.start - 40
    twin = twin and any(p.likeness >= _SAME_SENTENCE for p in Words(there).nearest(anchor.text))
    return Standing("moved", copy, certain=not twin and len(anchor.text) >= _LONG_ENOUGH)


def _found(anchor: Anchor, place: Place, copies: Sequence[Place]) -> Standing:
    same = anchor.start is None or (place.start == anchor.start and place.doc_id == anchor.doc_id)
    return Standing("intact" if same and place.doc_id == anchor.doc_id else "moved", place, others=_but(copies, place))


def _but(copies: Sequence[Place], one: Place | None) -> tuple[Place, ...]:
    return tuple(copy for copy in copies if copy != one)


def _copies(anchor: Anchor, doc_id: str, corpus: Corpus) -> list[Place]:
    """Where the very words stand, as whole words or cut off as they were when stored."""
    text, quote, places = corpus.texts[doc_id], anchor.text, []
    at = text.find(quote)
    while at >= 0:
        end = at + len(quote)
        if _whole(anchor, text, at, end):
            places.append(Place(doc_id, at, end))
        at = text.find(quote, at + 1)
    return places


def _whole(anchor: Anchor, text: str, start: int, end: int) -> bool:
    """Whether the copy is cut off as the quote was: between words, or with the same character next to it."""
    left, right = text[max(0, start - 1) : start], text[end : end + 1]
    if left == anchor.before[-1:] and right == anchor.after[:1]:
        return True
    if not (anchor.before or anchor.after) and start == anchor.start:
        return True
    lead = len(text[start:end]) - len(text[start:end].lstrip())
    return clean_edges(text, start + lead, start + len(text[start:end].rstrip()))


def _context(anchor: Anchor, place: Place, corpus: Corpus) -> int:
    """How many characters next to the place agree with the stored ones, white space and typography apart."""
    text = corpus.texts[place.doc_id]
    before = Folded(text[max(0, place.start - 2 * REACH) : place.start]).skeleton.rstrip()
    after = Folded(text[place.end : place.end + 2 * REACH]).skeleton.lstrip()
    stored_before, stored_after = Folded(anchor.before).skeleton.rstrip(), Folded(anchor.after).skeleton.lstrip()
    left, right = _agree(before[::-1], stored_before[::-1]), _agree(after, stored_after)
    whole = (left == len(stored_before) > 0) + (right == len(stored_after) > 0)
    return left + right + _STRONG * whole


def _agree(a: str, b: str) -> int:
    return next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _needed(anchor: Anchor) -> int:
    return _STRONG if anchor.before.strip() or anchor.after.strip() else len(anchor.text) + 10 * _STRONG


def _renamed(anchor: Anchor, corpus: Corpus) -> Standing | None:
    """The same bytes under another name."""
    places = []
    for doc_id in corpus.named(anchor.sha256):
        copies = _copies(anchor, doc_id, corpus)
        same = [copy for copy in copies if copy.start == anchor.start]
        places += same or copies
    if len(places) == 1:
        return Standing("moved", places[0])
    return Standing("duplicated", others=tuple(places), certain=False) if places else None


def _abroad(anchor: Anchor, corpus: Corpus) -> Standing | None:
    """The very words in other documents. Not certain: there they stand, but probably always did."""
    copies = [c for doc_id in corpus.texts if doc_id != anchor.doc_id for c in _copies(anchor, doc_id, corpus)]
    if not copies:
        return None
    scores = sorted((_context(anchor, copy, corpus), copy) for copy in copies)
    score, best = scores[-1]
    clear = len(scores) == 1 or score - scores[-2][0] >= _CLEAR
    if score >= _needed(anchor):
        if clear:
            return Standing("moved", best, others=_but(copies, best))
        return Standing("duplicated", others=tuple(copies), certain=False)
    if anchor.before or anchor.after or anchor.doc_id in corpus.texts:
        return Standing("gone", others=tuple(copies), certain=False)
    if len(copies) == 1:
        return Standing("moved", best, certain=False)
    return Standing("duplicated", others=tuple(copies), certain=False)


def _restyled(anchor: Anchor, doc_id: str, corpus: Corpus) -> Standing | None:
    """The same words and punctuation in another typography."""
    doc = corpus.folded(doc_id)
    wanted = Folded(anchor.text.strip()).skeleton
    places = [
        Place(doc_id, match.start, match.end)
        for match in find(anchor.text, doc)
        if not match.gaps and Folded(doc.text[match.start : match.end]).skeleton == wanted
    ]
    if not places:
        return None
    scores = sorted((_context(anchor, place, corpus), place == _old(anchor), place) for place in places)
    best = scores[-1][2]
    if len(scores) > 1 and scores[-1][0] - scores[-2][0] < _CLEAR and best != _old(anchor):
        return Standing("duplicated", others=tuple(places), certain=False)
    certain = scores[-1][0] >= _needed(anchor) or len(places) == 1
    diff = word_diff(anchor.text, doc.text[best.start : best.end])
    return Standing("edited", best, diff, _but(places, best), certain, style_only=True)


def _old(anchor: Anchor) -> Place | None:
    return None if anchor.start is None or anchor.end is None else Place(anchor.doc_id, anchor.start, anchor.end)


def _between(anchor: Anchor, doc_id: str, corpus: Corpus) -> Standing | None:
    """What stands between the old neighbours: an edit of the quote, or something else (gone). None: not both found."""
    doc = corpus.folded(doc_id)
    before, after = (
        Folded(anchor.before).skeleton.strip()[-_NEIGHBOUR:],
        Folded(anchor.after).skeleton.strip()[:_NEIGHBOUR],
    )
    if min(len(before), len(after)) < _NEIGHBOUR // 2:
        return None
    spans: list[tuple[int, int]] = []
    at = doc.skeleton.find(before)
    while at >= 0 and len(spans) < 20:
        start = at + len(before)
        stop = doc.skeleton.find(after, start, start + 2 * len(anchor.text) + 200)
        if stop >= 0:
            spans.append((start, stop))
        at = doc.skeleton.find(before, at + 1)
    likely = [(likeness(anchor.text, doc.skeleton[i:j]), i, j) for i, j in spans]
    if not likely:
        return None
    score, i, j = max(likely)
    return _edit(anchor, doc_id, doc, i, j) if score >= _SAME_GAP else Standing("gone")


def _edit(anchor: Anchor, doc_id: str, doc: Folded, i: int, j: int) -> Standing:
    while doc.skeleton[i] == " ":
        i += 1
    while doc.skeleton[j - 1] == " ":
        j -= 1
    span = doc.span(i, j)
    new = doc.text[span.start : span.end]
    return Standing("edited", Place(doc_id, span.start, span.end), word_diff(anchor.text, new), certain=False)


def _nearest(anchor: Anchor, doc_id: str, corpus: Corpus) -> Standing | None:
    """The passage most like the quote, if it is like enough for what is known of its neighbours."""
    best: tuple[float, int, Place] | None = None
    for likely in corpus.words(doc_id).nearest(anchor.text):
        place = Place(doc_id, likely.start, likely.end)
        known = _context(anchor, place, corpus) >= _needed(anchor)
        least = _SAME_SENTENCE if known or not (anchor.before or anchor.after) else _SAME_ANYWHERE
        distance = abs(likely.start - (anchor.start or 0))
        if likely.likeness >= least and (best is None or (likely.likeness + 0.3 * known, -distance) > best[:2]):
            best = likely.likeness + 0.3 * known, -distance, place
    if best is None:
        return None
    new = corpus.texts[doc_id][best[2].start : best[2].end]
    return Standing("edited", best[2], word_diff(anchor.text, new), certain=False)


def _edited_abroad(anchor: Anchor, corpus: Corpus) -> Standing | None:
    """The document is not there any more: is an edited passage of another one recognised by its neighbours?"""
    for doc_id in corpus.texts:
        found = _restyled(anchor, doc_id, corpus) or _between(anchor, doc_id, corpus)
        if found and found.place:
            known = _context(anchor, found.place, corpus) >= _needed(anchor)
            return replace(found, certain=found.certain and known)
    return None

"""Compare the text around a stored quote with the text around a place, and find what is between old neighbours."""

from bisect import bisect_left
from collections.abc import Sequence

from qa.quotes.folding import Folded
from qa.quotes.nearest import Likely, likeness
from qa.quotes.stored import Anchor, Corpus, Place

__all__ = [
    "best_gap",
    "context",
    "gaps_between",
    "gaps_near",
    "holds",
    "is_edit",
    "is_nearer",
    "neighbour_strays",
    "same_company",
]

_SAME_GAP = 0.4  # share of common words that makes the text between the old neighbours an edit of the quote
_STRONG = 20  # this much of a side in common, or the whole side, and the neighbour is there (bench/anchors.py)
_SIDE = 1000  # what a neighbour that is there counts more than any number of characters
_NEIGHBOUR = 24  # characters of each neighbour that are looked for
_NEAR = 600  # an old neighbour may stand this far away after an insertion between the two


def context(anchor: Anchor, place: Place, corpus: Corpus) -> int:
    """How many characters next to the place agree with the stored ones, white space and typography apart.

    A side that agrees as a whole, or in `_STRONG` characters, counts `_SIDE` more.
    """
    text, reach = corpus.texts[place.doc_id], 2 * max(Anchor.REACH, len(anchor.before), len(anchor.after))
    sides = (
        _in_common(text[max(0, place.start - reach) : place.start], anchor.before, -1),
        _in_common(text[place.end : place.end + reach], anchor.after, 1),
    )
    strong = sum(kept > 0 and agreed >= min(_STRONG, kept) for agreed, kept in sides)
    return sum(agreed for agreed, _ in sides) + _SIDE * strong


def _in_common(there: str, stored: str, step: int) -> tuple[int, int]:
    """How many characters agree, counted away from the quote, and how many were stored. step: -1 on the left."""
    stored = stored.strip()
    if stored and (there.lstrip().startswith(stored) if step > 0 else there.rstrip().endswith(stored)):
        return len(stored), len(stored)
    kept = Folded(stored).skeleton
    return _agree(Folded(there).skeleton.strip()[::step], kept[::step]), len(kept)


def _agree(a: str, b: str) -> int:
    return next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def same_company(anchor: Anchor, score: int, both: bool = False) -> bool:
    """Whether a score of `context` says that a stored neighbour is there; both: every one that was stored."""
    sides = bool(anchor.before.strip()) + bool(anchor.after.strip())
    return score >= _SIDE * (sides if both else 1) and sides > 0


def _neighbours(anchor: Anchor) -> tuple[str, str]:
    """The nearest characters on either side, folded."""
    before, after = Folded(anchor.before).skeleton.strip(), Folded(anchor.after).skeleton.strip()
    return before[-_NEIGHBOUR:], after[:_NEIGHBOUR]


def gaps_between(anchor: Anchor, doc: Folded, offset: int = 0) -> list[Likely]:
    """The text between the old neighbours, wherever both are found; empty passages if nothing is left.

    offset: of `doc` in its document, if it is only a part.
    """
    before, after = _neighbours(anchor)
    if min(len(before), len(after)) < _NEIGHBOUR // 2:
        return []
    gaps: list[Likely] = []
    at = doc.skeleton.find(before)
    while at >= 0 and len(gaps) < 20:
        i = at + len(before)
        j = doc.skeleton.find(after, i, i + 2 * len(anchor.text) + 200)
        if j >= 0:
            gaps.append(_trimmed(anchor, doc, i, j, offset))
        at = doc.skeleton.find(before, at + 1)
    return gaps


def is_edit(gap: Likely) -> bool:
    """Whether the text between the old neighbours is similar enough to be an edit of the quote."""
    return gap.likeness >= _SAME_GAP


def best_gap(anchor: Anchor, gaps: Sequence[Likely]) -> Likely | None:
    """Of those like enough the one nearest to the old place, or the likest if none was stored; else any, for it shows
    that the neighbours are there.
    """
    old = anchor.start
    if old is None:
        return max(gaps, key=lambda gap: gap.likeness, default=None)
    return max(gaps, key=lambda gap: (is_edit(gap), -abs(gap.start - old)), default=None)


def _trimmed(anchor: Anchor, doc: Folded, i: int, j: int, offset: int) -> Likely:
    words = doc.skeleton[i:j]
    if not words.strip():
        place = offset + doc.span(i - 1, i).end
        return Likely(place, place, 0.0)
    span = doc.span(i + len(words) - len(words.lstrip()), j - len(words) + len(words.rstrip()))
    return Likely(offset + span.start, offset + span.end, likeness(anchor.text, words))


def neighbour_strays(anchor: Anchor, place: Place, corpus: Corpus) -> bool:
    """Whether an old neighbour stands today, but far from the place, or is not next to it and too short to be looked
    for: then another copy may have been meant.
    """
    doc = corpus.folded(place.doc_id)
    left = Folded(doc.text[max(0, place.start - _NEAR) : place.start]).skeleton.strip()
    right = Folded(doc.text[place.end : place.end + _NEAR]).skeleton.strip()
    before, after = Folded(anchor.before).skeleton.strip(), Folded(anchor.after).skeleton.strip()
    missing = []
    if not left.endswith(before[-_NEIGHBOUR:]):
        missing.append([before[-n:] for n in range(len(before) + 1)][1:])
    if not right.startswith(after[:_NEIGHBOUR]):
        missing.append([after[:n] for n in range(len(after) + 1)][1:])
    for parts in missing:  # each longer than the one before it, so that the first ones stand and the others do not
        known = bisect_left(parts, True, key=lambda part: part not in doc.skeleton)
        if len(parts) < _NEIGHBOUR // 2:
            return True
        if known >= _NEIGHBOUR // 2 and parts[known - 1] not in left and parts[known - 1] not in right:
            return True
    return False


def holds(gap: Likely, copy: Place, corpus: Corpus) -> bool:
    """Whether the copy is in the gap, apart from white space at its ends."""
    words = corpus.texts[copy.doc_id][copy.start : copy.end]
    start, end = copy.start + len(words) - len(words.lstrip()), copy.end - len(words) + len(words.rstrip())
    return gap.start <= start and end <= gap.end


def gaps_near(anchor: Anchor, place: Place, corpus: Corpus) -> list[Likely]:
    """The gaps that are nearer to the old place than `place` is."""
    old = anchor.start or 0
    reach = abs(place.start - old) + len(anchor.text) + 200
    if reach > 20_000:
        return gaps_between(anchor, corpus.folded(place.doc_id))
    low = max(0, old - reach)
    return gaps_between(anchor, Folded(corpus.texts[place.doc_id][low : old + reach]), low)


def is_nearer(gap: Likely, place: Place, old: Place | None) -> bool:
    """Whether the gap is nearer to the old place than `place` is."""
    return old is not None and abs(gap.start - old.start) < abs(place.start - old.start)

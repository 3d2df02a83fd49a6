"""Locate a stored quote in today's texts, for `qa verify` and `qa gold check`.

intact      the words stand where they stood. If their typography changed (white space, quote marks, dashes, hyphens at
            line ends, marks of Markdown), `style_only` is true, and `diff` says what changed.
moved       they stand elsewhere: another offset, or another document.
edited      they stand nowhere, but the passage that took their place does; `diff` says what changed.
duplicated  they stand in several places, and neither the offsets nor the words around them tell which is meant.
gone        none of these.

The words around a quote (`Anchor.before`, `.after`) are what tells copies apart, and an edited sentence from a deleted
one that has a twin; an anchor without them is located as well as can be, but less is `unambiguous`.
"""

from collections.abc import Sequence
from dataclasses import replace

from qa.quotes.edges import clean_edges
from qa.quotes.nearest import Change, Likely, word_diff
from qa.quotes.rendered import bare
from qa.quotes.stored import Anchor, Corpus, Place, Standing
from qa.quotes.surroundings import (
    best_gap,
    context,
    gaps_between,
    gaps_near,
    holds,
    is_edit,
    is_nearer,
    neighbour_strays,
    same_company,
)

__all__ = ["Anchor", "Change", "Corpus", "Place", "Standing", "locate"]

_MOST_COPIES = 1_000  # of a quote in one document that are looked at; so many cannot be told apart
_CLEAR = 8  # the best copy has this many characters of context more in common than the second
_LONG_ENOUGH = 40  # a quote this long in another document is no coincidence
# Share of common words that makes a passage an edit of the quote (bench/anchors.py): where a neighbour was found or
# none was stored, and where the stored ones were not found.
_SAME_SENTENCE = 0.6
_SAME_ANYWHERE = 0.75


def locate(anchor: Anchor, corpus: Corpus) -> Standing:
    """Locate the anchor's quote in the corpus. Other documents are read only if its own does not contain it."""
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
    old = _old(anchor)
    if old in copies and known is not None and known == anchor.sha256:
        return Standing("intact", old, others=_but(copies, old))
    if copies:
        return _among(anchor, copies, old, corpus)
    if restyled := _restyled(anchor, home, corpus):
        return restyled
    gap = best_gap(anchor, gaps_between(anchor, corpus.folded(home)))
    if gap and is_edit(gap):
        return _edit(anchor, gap, corpus)
    abroad = _abroad(anchor, corpus)
    if abroad and abroad.state != "gone" and (abroad.certain or gap):
        return abroad
    nearest = None if gap else _nearest(anchor, home, corpus)
    return nearest or abroad or Standing("gone")


def _among(anchor: Anchor, copies: Sequence[Place], old: Place | None, corpus: Corpus) -> Standing:
    """The document contains the quote: decide which copy is meant, or whether another one was edited."""
    scores = {copy: context(anchor, copy, corpus) for copy in copies}
    best = max(copies, key=lambda copy: (scores[copy], copy == old))
    top, home = scores[best], best.doc_id
    if best == old or (old in copies and not same_company(anchor, top)):
        return Standing("intact", old, others=_but(copies, old))
    sure = same_company(anchor, top, both=True)
    rivals = [copy for copy in copies if copy != best and scores[copy] > top - _CLEAR]
    closest = min((best, *rivals), key=lambda copy: abs(copy.start - (anchor.start or 0)))
    gaps = gaps_near(anchor, closest, corpus) if sure and old else gaps_between(anchor, corpus.folded(home))
    rewritten = best_gap(anchor, [gap for gap in gaps if not any(holds(gap, copy, corpus) for copy in copies)])
    is_edited = rewritten is not None and is_edit(rewritten)
    if rewritten and is_edited and (not sure or _is_likelier(anchor, rewritten, closest, top, corpus)):
        return replace(_edit(anchor, rewritten, corpus, home), others=tuple(copies))
    inside = [copy for copy in copies if any(holds(gap, copy, corpus) for gap in gaps)]
    if len(inside) == 1 and not sure:
        return _found(anchor, inside[0], copies, certain=True)
    if rivals or (len(copies) > 1 and not same_company(anchor, top)):
        return Standing("duplicated", others=tuple(copies), certain=False)
    certain = same_company(anchor, top) and not gaps and not neighbour_strays(anchor, best, corpus)
    certain = certain or (sure and (old is not None or not is_edited))
    return _found(anchor, best, copies, certain=certain)


def _is_likelier(anchor: Anchor, gap: Likely, copy: Place, top: int, corpus: Corpus) -> bool:
    """Whether the gap, and not the copy, is where the quote stood: it is nearer, or has more of the old neighbours."""
    if anchor.start is not None:
        return is_nearer(gap, copy, _old(anchor))
    return context(anchor, Place(copy.doc_id, gap.start, gap.end), corpus) > top


def _found(anchor: Anchor, place: Place, copies: Sequence[Place], certain: bool) -> Standing:
    """The result for a known place: moved if another place was stored, else intact."""
    others = _but(copies, place)
    if anchor.start is None:
        return Standing("intact", place, others=others, certain=certain or not (anchor.before or anchor.after))
    return Standing("intact" if place == _old(anchor) else "moved", place, others=others, certain=certain)


def _but(copies: Sequence[Place], one: Place | None) -> tuple[Place, ...]:
    return tuple(copy for copy in copies if copy != one)


def _copies(anchor: Anchor, doc_id: str, corpus: Corpus) -> list[Place]:
    """Places of the quote that neither begin nor end inside a word or a number: the stored one, and the first of the
    others.
    """
    text, quote = corpus.texts[doc_id], anchor.text
    lead, tail = len(quote) - len(quote.lstrip()), len(quote) - len(quote.rstrip())
    starts = [anchor.start] if anchor.start is not None and text.startswith(quote, anchor.start) else []
    at = text.find(quote)
    while at >= 0 and len(starts) < _MOST_COPIES:
        starts.append(at)
        at = text.find(quote, at + 1)
    whole = (start for start in sorted(set(starts)) if clean_edges(text, start + lead, start + len(quote) - tail))
    return [Place(doc_id, start, start + len(quote)) for start in whole]


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
    """The quote in other documents. Without its neighbours, such a copy was probably always there."""
    copies = [c for doc_id in corpus.texts if doc_id != anchor.doc_id for c in _copies(anchor, doc_id, corpus)]
    if not copies:
        return None
    scores = sorted((context(anchor, copy, corpus), copy) for copy in copies)
    score, best = scores[-1]
    if same_company(anchor, score):
        if len(scores) > 1 and score - scores[-2][0] < _CLEAR:
            return Standing("duplicated", others=tuple(copies), certain=False)
        return Standing("moved", best, others=_but(copies, best), certain=same_company(anchor, score, both=True))
    if anchor.before or anchor.after or len(anchor.text) < _LONG_ENOUGH:
        return Standing("gone", others=tuple(copies), certain=False)
    if len(copies) == 1:
        return Standing("moved", best, certain=False)
    return Standing("duplicated", others=tuple(copies), certain=False)


def _restyled(anchor: Anchor, doc_id: str, corpus: Corpus) -> Standing | None:
    """The same words and punctuation in another typography."""
    doc = corpus.folded(doc_id)
    wanted = bare(anchor.text.strip())
    places = [
        Place(doc_id, match.start, match.end)
        for match in corpus.find(anchor.text, doc_id)[:_MOST_COPIES]
        if not match.gaps and bare(doc.text[match.start : match.end]) == wanted
    ]
    if not places:
        return None
    scores = sorted((context(anchor, place, corpus), place == _old(anchor), place) for place in places)
    best = scores[-1][2]
    if len(scores) > 1 and scores[-1][0] - scores[-2][0] < _CLEAR and best != _old(anchor):
        return Standing("duplicated", others=tuple(places), certain=False, style_only=True)
    certain = same_company(anchor, scores[-1][0]) or (len(places) == 1 and not (anchor.before or anchor.after))
    diff = word_diff(anchor.text, doc.text[best.start : best.end])
    same = best.doc_id == anchor.doc_id and anchor.start in (None, best.start)
    return Standing("intact" if same else "moved", best, diff, _but(places, best), certain, style_only=True)


def _old(anchor: Anchor) -> Place | None:
    return None if anchor.start is None or anchor.end is None else Place(anchor.doc_id, anchor.start, anchor.end)


def _edit(anchor: Anchor, passage: Likely, corpus: Corpus, doc_id: str | None = None) -> Standing:
    """The passage took the place of the quote."""
    home, start, end = doc_id or anchor.doc_id, passage.start, passage.end
    text = corpus.texts[home]
    if text[start:end] == anchor.text:  # the quote is cut inside a word or a number: what is around it is the change
        while start and not text[start - 1].isspace():
            start -= 1
        while end < len(text) and not text[end].isspace():
            end += 1
    return Standing("edited", Place(home, start, end), word_diff(anchor.text, text[start:end]), certain=False)


def _nearest(anchor: Anchor, doc_id: str, corpus: Corpus) -> Standing | None:
    """The passage most like the quote, if it is like enough for what is known of its neighbours."""
    best: tuple[float, int, Likely] | None = None
    for likely in corpus.words(doc_id).nearest(anchor.text):
        known = same_company(anchor, context(anchor, Place(doc_id, likely.start, likely.end), corpus))
        least = _SAME_SENTENCE if known or not (anchor.before or anchor.after) else _SAME_ANYWHERE
        rank = likely.likeness + 0.3 * known, -abs(likely.start - (anchor.start or 0)), likely
        if likely.likeness >= least and (best is None or rank[:2] > best[:2]):
            best = rank
    return _edit(anchor, best[2], corpus, doc_id) if best else None


def _edited_abroad(anchor: Anchor, corpus: Corpus) -> Standing | None:
    """For a missing document: an edited passage of another document, recognised by its neighbours."""
    for doc_id in corpus.texts:
        found = _restyled(anchor, doc_id, corpus)
        if found and found.place and corpus.texts[doc_id][found.place.start : found.place.end] != anchor.text:
            known = same_company(anchor, context(anchor, found.place, corpus))
            return replace(found, certain=found.certain and known)
        gap = best_gap(anchor, gaps_between(anchor, corpus.folded(doc_id)))
        if gap and is_edit(gap):
            return _edit(anchor, gap, corpus, doc_id)
    return None

"""Who acts on whom: the voice of a verb, and the two sides of `into`, `than`, `rather than`, turned round."""

import itertools
from collections.abc import Iterator, Sequence

from qa.english.lemmas import is_participle
from qa.gate.alignment import Alignment
from qa.gate.reading import Reading

__all__ = ["GOALS", "exchanged", "passive", "reversed_voice"]

GOALS = frozenset("to into onto in at on for with against toward towards".split())
_BE = frozenset("is are was were be been being am get gets got".split())
_REACH = 4  # words of content on either side of a verb
_SIDES = frozenset("into than over replacing replaces replaced".split())


def passive(reading: Reading, verb: int) -> bool:
    """Whether the word is a participle after a form of `be`, or before `by`."""
    tokens = reading.tokens
    if verb + 1 < len(tokens) and tokens[verb + 1].lower == "by" and verb + 2 not in reading.number_at:
        return True
    if verb and tokens[verb - 1].mark and is_participle(tokens[verb].lower):  # `the fair, founded in 1987 by students`
        after = [t.lower for t in tokens[verb + 1 : verb + 5]]
        return "by" in after and not any(t.mark for t in tokens[verb + 1 : verb + 1 + after.index("by")])
    if verb and tokens[verb - 1].lower in ("and", "or") and is_participle(tokens[verb].lower):
        return any(t.lower in _BE for t in tokens[max(0, verb - 8) : verb])  # `was arrested in May and released`
    for place in range(verb - 1, max(-1, verb - 4), -1):
        if tokens[place].lower in _BE:
            return is_participle(tokens[verb].lower)
        if tokens[place].content and not tokens[place].lower.endswith("ly"):
            break
    return False


def reversed_voice(pair: Alignment) -> Iterator[str]:
    """`A captured B` where the quotes say `A was captured by B`, or `B sold A` where they say `A was sold to B`."""
    statement, there = pair.statement, pair.quotes
    for a, b in pair.best.items():
        here = passive(statement, a)
        reading, verb = (statement, a) if here else (there, b)
        if a in pair.opposite or here == passive(there, b) or not is_participle(reading.tokens[verb].lower):
            continue
        if _caused(reading, verb):
            continue
        before, after = _around(statement, a), _around(there, b)
        same = _meet(pair, before[0], after[0]) and _meet(pair, before[1], after[1])
        crosswise = _meet(pair, before[0], after[1]) or _meet(pair, before[1], after[0])
        by = _agent_follows(statement if here else there, a if here else b)
        goal = not here and not by and _meet(pair, before[0], after[1]) and _first_preposition(there, b) in GOALS
        kept = not here and by and _meet(pair, before[0], after[0]) and _has_object(statement, a)
        if (((same and by) or kept) and not crosswise) or (goal and _subject_kept(pair, before, after)):
            yield f'The quotes say "{there.text(b - 3, b + 4)}"; the statement turns it round.'


def _has_object(reading: Reading, verb: int) -> bool:
    """Whether an article or a word of content follows the verb directly."""
    after = reading.tokens[verb + 1 : verb + 2]
    return any(t.lower in _ARTICLES or (t.content and not t.lower.endswith("ly")) for t in after)


_ARTICLES = frozenset("the a an its his her their our".split())


def _caused(reading: Reading, verb: int) -> bool:
    """`have it replaced`"""
    before = [t.lower for t in reading.tokens[max(0, verb - 3) : verb]]
    return any(word in _HAVE for word in before[:-1]) and "been" not in before


_HAVE = frozenset("have has had having get got getting".split())


def _around(reading: Reading, verb: int) -> tuple[list[int], list[int]]:
    """The words of content before and after the verb in its clause, at most four on a side."""
    clause, sentence = reading.clause[verb], reading.sentence[verb]
    places = [t.place for t in reading.tokens if t.content and reading.clause[t.place] == clause]
    before = [p for p in places if p < verb]
    if not before:  # `Arniel was fired and was replaced by`
        before = [t.place for t in reading.tokens[:verb] if t.content and reading.sentence[t.place] == sentence]
    return before[:1] + before[-_REACH:], [p for p in places if p > verb][:_REACH]


def _meet(pair: Alignment, ours: Sequence[int], theirs: Sequence[int]) -> bool:
    return any(place in theirs for a in ours for place in pair.candidates.get(a, ()))


def _agent_follows(reading: Reading, verb: int) -> bool:
    return any(t.lower == "by" for t in reading.tokens[verb + 1 : verb + 4])


def _first_preposition(reading: Reading, verb: int) -> str:
    return reading.tokens[verb + 1].lower if verb + 1 < len(reading.tokens) else ""


def _subject_kept(pair: Alignment, ours: Sequence[Sequence[int]], theirs: Sequence[Sequence[int]]) -> bool:
    """Whether what the quotes have before the verb stands after it in the statement."""
    return _meet(pair, ours[1], theirs[0])


def exchanged(pair: Alignment, blocks: Sequence[Sequence[int]]) -> Iterator[str]:
    """Two neighbouring pieces that have changed places around `into` or `than`."""
    statement, there = pair.statement.tokens, pair.quotes.tokens
    for first, second in itertools.pairwise(blocks):
        start, end = pair.best[second[-1]], pair.best[first[0]]
        if start >= end or end - start > 7 or not all(len(pair.strong(a)) == 1 for a in (*first, *second)):
            continue
        here = {t.lower for t in statement[first[-1] + 1 : second[0]]} & _SIDES
        if here & {t.lower for t in there[start + 1 : end]}:
            a, b = (pair.statement.text(x[0], x[-1] + 1) for x in (first, second))
            yield f'The quotes have "{a}" and "{b}" the other way round.'
            return

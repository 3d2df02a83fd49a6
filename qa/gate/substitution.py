"""A noun of the question in the place of another noun of the quotes: `the hose` for `the cable is ten metres long`."""

from collections.abc import Iterator

from qa.english.meanings import is_generic_noun, is_light
from qa.english.operators import CONTENT_CLASSES
from qa.gate.alignment import Alignment
from qa.gate.reading import Reading
from qa.gate.tokens import Token
from qa.gate.voices import passive

__all__ = ["substituted"]


def substituted(pair: Alignment, asked: Reading) -> Iterator[str]:
    """Nouns of the question alone that stand where the quotes have another: `the hose is 10 m long` for `the cable`.

    Not where either is a name, which other rules compare, or may be a word for the other: `the company`.
    """
    statement = pair.statement
    for start, end in _of_the_question(pair, asked):
        before, after = _next(statement, start, -1), _next(statement, end - 1, 1)
        if after == end and after in statement.number_at:
            after = -1  # `guests stay 3 nights`: a verb before a number is no noun
        found = [rival for rival in (_right_of(pair, before), _left_of(pair, after, after == end)) if rival >= 0]
        if found:
            text = pair.quotes.tokens[found[0]].text
            yield f'Where the statement has "{statement.text(start, end)}", the quotes have "{text}".'


def _right_of(pair: Alignment, near: int) -> int:
    """The noun that the quotes have after a word of the statement, where this has the question's noun; else -1."""
    if near not in pair.best:
        return -1
    there = pair.quotes
    rival = _across(pair, near, 1)
    if not _is_rival(pair, rival) or not _opens_with_noun(there, rival):
        return -1
    while rival + 1 < len(there.tokens) and _plain(there, rival + 1) and _is_rival(pair, rival + 1):
        rival += 1  # `Web pages`
    return rival if _may_differ(there, rival) else -1


def _left_of(pair: Alignment, near: int, joined: bool) -> int:
    """The same before a word. joined: no other word stands between, as in `animal species` for `plant species`."""
    if near not in pair.best:
        return -1
    there = pair.quotes
    rival = _across(pair, near, -1)
    if not _is_rival(pair, rival):
        return -1
    if joined and rival == pair.best[near] - 1:
        return -1 if there.tokens[rival].name else rival
    return rival if _opens_with_noun(there, rival) and _may_differ(there, rival) else -1


def _across(pair: Alignment, near: int, step: int) -> int:
    """The next word in the quotes beside the match of a word, on the other side where the voice differs."""
    statement, there = pair.statement, pair.quotes
    place = pair.best[near]
    if passive(statement, near) != passive(there, place):
        step = -step
    if step > 0 and place in there.number_at:
        place = there.number_at[place].end - 1
    return _next(there, place, step)


def _is_rival(pair: Alignment, place: int) -> bool:
    """Whether the statement lacks the word of the quotes, and it is no number."""
    matched = any(place in places for places in pair.candidates.values())
    return place >= 0 and not matched and place not in pair.quotes.number_at


def _is_generic(token: Token) -> bool:
    """Whether the word may stand for anything: `company`, `person`."""
    return is_light(token.lower) or is_generic_noun(token.lower)


def _may_differ(reading: Reading, place: int) -> bool:
    token = reading.tokens[place]
    return not token.name and not _is_generic(token)


def _of_the_question(pair: Alignment, asked: Reading) -> Iterator[tuple[int, int]]:
    """Places [start, end) of nouns that the question has and the quotes do not, no names and not only generic words."""
    statement = pair.statement
    for start in range(len(statement.tokens)):
        inside = start > 0 and _plain(statement, start - 1) and not statement.tokens[start - 1].text[:1].isupper()
        if inside or not (_plain(statement, start) and _opens_with_noun(statement, start)):
            continue
        end = start
        while end < len(statement.tokens) and _plain(statement, end) and end not in pair.candidates:
            end += 1
        theirs = [{asked.tokens[n] for n in asked.candidates(t)} for t in statement.tokens[start:end]]
        generic = all(_is_generic(t) for t in statement.tokens[start:end])
        if all(theirs) and not generic and not any(t.name for found in theirs for t in found):
            yield start, end


def _plain(reading: Reading, place: int) -> bool:
    return reading.tokens[place].content and place not in reading.number_at and place not in reading.operator_at


def _opens_with_noun(reading: Reading, place: int) -> bool:
    """Whether the run of words of content there opens its clause, or follows an article, preposition or number."""
    while place > 0 and _plain(reading, place - 1):
        place -= 1
    if place == 0 or reading.clause[place - 1] != reading.clause[place] or reading.tokens[place - 1].mark:
        return True
    return place - 1 in reading.number_at or reading.tokens[place - 1].lower in _BEFORE_NOUNS


def _next(reading: Reading, place: int, step: int) -> int:
    """The nearest word of content or number on that side in the same clause, adverbs left out; -1 if there is none.

    To the left of `which` and `who` it is the word before them.
    """
    clause = reading.clause[place]
    place += step
    while 0 <= place < len(reading.tokens):
        token = reading.tokens[place]
        if reading.clause[place] != clause:
            after = [t.lower for t in reading.tokens[place + 1 : place + 3] if not t.mark]
            if step > 0 or not after or after[0] not in ("which", "who"):
                return -1
            clause = reading.clause[place]
        if place in reading.number_at:
            return reading.number_at[place].start
        operator = reading.operator_at.get(place)
        if operator is not None and operator.kind in CONTENT_CLASSES:
            return -1  # another verb: `the president wants 21 percent`
        if token.content and not token.lower.endswith("ly") and operator is None:
            return place if step > 0 else _head(reading, place)
        place += step
    return -1


def _head(reading: Reading, place: int) -> int:
    """The noun that a word after a preposition belongs to: `fitters` in `fitters on site`; -1 for `all on site`."""
    while True:
        start = place
        while start > 0 and (_plain(reading, start - 1) or reading.tokens[start - 1].lower in _ARTICLES):
            start -= 1
        if start < 2 or reading.tokens[start - 1].lower not in _PREPOSITIONS:
            return place
        if not _plain(reading, start - 2) or reading.clause[start - 2] != reading.clause[place]:
            return -1
        place = start - 2


_ARTICLES = frozenset("the a an this that these those its his her their our your my".split())
_PREPOSITIONS = frozenset("of in on at by for from with into".split())
_BEFORE_NOUNS = _ARTICLES | _PREPOSITIONS | frozenset("to and or where that when while because if than as but".split())

"""A clause of the statement whose words no single quote has: pieces of several sentences that were run into one."""

from collections.abc import Collection, Iterator, Sequence

from qa.answer.support.alignment import Alignment
from qa.answer.support.lexicon import GENERIC_NOUNS, LIGHT_WORDS
from qa.answer.support.reading import Reading
from qa.answer.support.tokens import Token, lemma
from qa.answer.support.voices import passive

__all__ = ["scattered", "substituted"]

_LIGHT = frozenset(lemma(word) for word in LIGHT_WORDS)
_POINTING = frozenset("he she it they him her them his hers its their theirs this these those such we us our".split())
_DEFINITE = frozenset("the this that these those such".split())


def scattered(said: Reading, quotes: Sequence[Reading], before: Sequence[Reading], asked: Reading) -> Iterator[str]:
    """Clauses whose words stand in different quotes that do not hang together. before: what stands before each quote.

    They hang together if one has a pronoun and the words from the other stand just before it, if one takes up a word of
    the other with an article (`a pump ... the pump`), or if both have a name or number of the clause. Names of the
    question may stand anywhere.
    """
    for clause in sorted(set(said.clause)):
        found = {
            token: {n for n, quote in enumerate(quotes) if _stands(said, token, quote)}
            for token in said.tokens
            if said.clause[token.place] == clause and _counts(said, token)
        }
        words = [t for t, where in found.items() if where and not (t.name and asked.candidates(t))]
        if not words or set.intersection(*(found[t] for t in words)):
            continue
        best = max(range(len(quotes)), key=lambda n: (sum(n in found[t] for t in words), -n))
        missing = [t for t in words if best not in found[t]]
        held = [t for t in words if best in found[t]]
        for other in sorted(set().union(*(found[t] for t in missing))):
            theirs = [t for t in missing if other in found[t]]
            if (
                any({best, other} <= where and (t.name or t.place in said.number_at) for t, where in found.items())
                or _takes_up(quotes[best], quotes[other])
                or _takes_up(quotes[other], quotes[best])
                or _points(quotes[best], before[best], theirs)
                or _points(quotes[other], before[other], [t for t in held if other not in found[t]])
            ):
                missing = [t for t in missing if t not in theirs]
        if missing:
            yield f'No quote says this of "{held[0].text}" and "{missing[0].text}" together.'


def _counts(said: Reading, token: Token) -> bool:
    number = said.number_at.get(token.place)
    if number is not None:
        return number.start == token.place
    return token.content and lemma(token.lower) not in _LIGHT


def _stands(said: Reading, token: Token, quote: Reading) -> bool:
    number = said.number_at.get(token.place)
    if number is not None:
        return any(other.value == number.value for other in quote.numbers)
    return bool(quote.candidates(token))


def _points(quote: Reading, before: Reading, words: Collection[Token]) -> bool:
    """Whether a pronoun of the quote may stand for the words. before: what stands before it, empty if not known."""
    pronoun = any(token.lower in _POINTING for token in quote.tokens)
    return pronoun and (not before.tokens or all(before.candidates(token) for token in words))


def _takes_up(quote: Reading, other: Reading) -> bool:
    """Whether a sentence of the quote begins with a word of the other one after an article."""
    first: dict[int, Token] = {}
    for token in quote.tokens:
        if token.content:
            first.setdefault(quote.sentence[token.place], token)
    return any(
        token.place > 0 and quote.tokens[token.place - 1].lower in _DEFINITE and other.candidates(token)
        for token in first.values()
    )


def substituted(pair: Alignment, asked: Reading) -> Iterator[str]:
    """Nouns of the question alone that stand where the quotes have another: `the hose is 10 m long` for `the cable`.

    Not where either is a name, which other rules compare, or may be a word for the other: `the company`.
    """
    said, there = pair.statement, pair.quotes
    matched = {place for places in pair.candidates.values() for place in places}
    for start, end in _of_the_question(pair, asked):
        for near, step in ((_next(said, start, -1), 1), (_next(said, end - 1, 1), -1)):
            if near not in pair.best:
                continue
            place = pair.best[near]
            rival = _next(there, place, step if passive(said, near) == passive(there, place) else -step)
            if rival < 0 or rival in matched or rival in there.number_at or not _opens_with_noun(there, rival):
                continue
            token = there.tokens[rival]
            if not token.name and lemma(token.lower) not in _GENERIC:
                yield f'Where the statement has "{said.text(start, end)}", the quotes have "{token.text}".'
                break


def _of_the_question(pair: Alignment, asked: Reading) -> Iterator[tuple[int, int]]:
    """Places [start, end) of nouns that the question has and the quotes do not, no names and not only generic words."""
    said = pair.statement
    for start in range(len(said.tokens)):
        if not (_plain(said, start) and _opens_with_noun(said, start)) or (start and _plain(said, start - 1)):
            continue
        end = start
        while end < len(said.tokens) and _plain(said, end) and end not in pair.candidates:
            end += 1
        theirs = [{asked.tokens[n] for n in asked.candidates(t)} for t in said.tokens[start:end]]
        generic = all(lemma(t.lower) in _GENERIC for t in said.tokens[start:end])
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
        if token.content and not token.lower.endswith("ly") and place not in reading.operator_at:
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
_BEFORE_NOUNS = _ARTICLES | _PREPOSITIONS | {"to", "and", "or"}
_GENERIC = frozenset(lemma(word) for word in LIGHT_WORDS | GENERIC_NOUNS)

"""A clause of the statement whose words no single quote has: pieces of several sentences that were run into one."""

from collections.abc import Iterator, Sequence

from qa.answer.support.alignment import Alignment
from qa.answer.support.lexicon import CALENDAR, CONTENT_CLASSES, GENERIC_NOUNS, LIGHT_WORDS
from qa.answer.support.reading import Reading
from qa.answer.support.roles import parts
from qa.answer.support.tokens import Token, lemma
from qa.answer.support.voices import passive

__all__ = ["scattered", "substituted"]

_LIGHT = frozenset(lemma(word) for word in LIGHT_WORDS)
_SUBJECTS = frozenset("he she it they we this these those".split())
_POSSESSIVES = frozenset("his her its their our such".split())
_AND = frozenset(["and", "but"])
_DEFINITE = frozenset("the this that these those such".split())


def scattered(said: Reading, quotes: Sequence[Reading], before: Sequence[Reading], asked: Reading) -> Iterator[str]:
    """Clauses whose words stand in different quotes that do not hang together. before: what stands before each quote.

    They hang together if one has a pronoun and the words from the other, which stand together in the statement, stand
    just before it; if one takes up the thing with an article (`a pump ... the pump`); or if both have a name of the
    clause. Names of the question may stand anywhere.
    """
    for group in _groups(said):
        found = {
            token: {n for n, quote in enumerate(quotes) if _stands(said, token, quote, asked)}
            for token in group
            if _counts(said, token)
        }
        words = [t for t, where in found.items() if where and not any(u.name for u in _same(asked, t))]
        if not words or set.intersection(*(found[t] for t in words)):
            continue
        best = max(range(len(quotes)), key=lambda n: (sum(n in found[t] for t in words), -n))
        held = [t for t in words if best in found[t]]
        missing = [t for t in words if best not in found[t]]
        for other in sorted(set().union(*(found[t] for t in missing))):
            theirs = [t for t in missing if other in found[t]]
            ours = [t for t in held if other not in found[t]]
            if (
                any({best, other} <= where and _names(t, quotes[best], quotes[other]) for t, where in found.items())
                or _stand_for(said, theirs, ours, quotes[best], quotes[other], before[best])
                or _stand_for(said, ours, theirs, quotes[other], quotes[best], before[other])
            ):
                missing = [t for t in missing if t not in theirs]
        if missing:
            yield f'No quote says this of "{held[0].text}" and "{missing[0].text}" together.'


def _names(token: Token, *quotes: Reading) -> bool:
    """Whether the word is a name on all sides, and no month or day."""
    if not (token.name or token.text[:1].isupper()) or token.lower in CALENDAR:
        return False
    return all(any(quote.tokens[n].text[:1].isupper() for n in quote.candidates(token)) for quote in quotes)


def _stand_for(
    said: Reading, words: Sequence[Token], rest: Sequence[Token], quote: Reading, other: Reading, before: Reading
) -> bool:
    """Whether the words, of the other quote, may be what a pronoun or `the ...` of this quote stands for.

    rest: words of the statement that this quote has. before: what stands before it, empty if not known.
    """
    if not words:
        return False
    together = sum(t.content for t in said.tokens[words[0].place : words[-1].place + 1]) == len(words)
    if rest:  # `The rent is 900 euros and includes water`
        together = together or any(t.lower in _AND for t in said.tokens[words[-1].place + 1 : rest[0].place])
    known = not before.tokens or all(before.candidates(token) for token in words)
    clauses = {quote.clause[n] for token in rest for n in quote.candidates(token)}
    pronoun = any(quote.clause[n] in clauses for n in _pronouns(quote)) or not rest
    if together and known and pronoun:
        return True
    taken = _taken_up(quote, other)
    plain = [t for t in words if not t.name and t.place not in said.number_at]
    return bool(taken) and (not plain or any(taken & t.keys for t in plain))


def _pronouns(quote: Reading) -> Iterator[int]:
    """The places of pronouns that open their clause, and of possessive ones."""
    opened: set[int] = set()
    for token in quote.tokens:
        clause = quote.clause[token.place]
        if token.lower in _POSSESSIVES or (token.lower in _SUBJECTS and clause not in opened):
            yield token.place
        if token.content and token.place not in quote.operator_at:
            opened.add(clause)


def _taken_up(quote: Reading, other: Reading) -> set[str]:
    """The keys of the words of the other quote with which, after an article, a sentence of this quote begins."""
    first: dict[int, Token] = {}
    for token in quote.tokens:
        if token.content:
            first.setdefault(quote.sentence[token.place], token)
    found: set[str] = set()
    for token in first.values():
        if token.place > 0 and quote.tokens[token.place - 1].lower in _DEFINITE and other.candidates(token):
            found |= token.keys
    return found


def _groups(said: Reading) -> Iterator[list[Token]]:
    """The words of each clause; of each part of it, if all have a number: `202 feet for one and 40 for the other`."""
    part = parts(said)
    for clause in sorted(set(said.clause)):
        words = [t for t in said.tokens if said.clause[t.place] == clause and not t.mark]
        pieces = [[t for t in words if part[t.place] == n] for n in sorted({part[t.place] for t in words})]
        if all(any(t.place in said.number_at for t in piece) for piece in pieces):
            yield from pieces
        else:
            yield words


def _same(reading: Reading, token: Token) -> list[Token]:
    """The words of the text that match the word."""
    return [reading.tokens[n] for n in reading.candidates(token)]


def _counts(said: Reading, token: Token) -> bool:
    number = said.number_at.get(token.place)
    if number is not None:
        return number.start == token.place
    return token.content and lemma(token.lower) not in _LIGHT


def _stands(said: Reading, token: Token, quote: Reading, asked: Reading) -> bool:
    """Whether the quote has the number or word; a word of the question counts only if it is the same."""
    number = said.number_at.get(token.place)
    if number is not None:
        return any(other.value == number.value for other in quote.numbers)
    there = _same(quote, token)
    if any(lemma(other.lower) == lemma(token.lower) for other in _same(asked, token)):
        return any(lemma(other.lower) == lemma(token.lower) for other in there)
    return bool(there)


def substituted(pair: Alignment, asked: Reading) -> Iterator[str]:
    """Nouns of the question alone that stand where the quotes have another: `the hose is 10 m long` for `the cable`.

    Not where either is a name, which other rules compare, or may be a word for the other: `the company`.
    """
    said, there = pair.statement, pair.quotes
    matched = {place for places in pair.candidates.values() for place in places}
    for start, end in _of_the_question(pair, asked):
        for near, step in ((_next(said, start, -1), 1), (_next(said, end - 1, 1), -1)):
            if near not in pair.best or (step < 0 and near in said.number_at and near == end):
                continue  # `guests stay 3 nights`: a verb before a number is no noun
            place = pair.best[near]
            if place in there.number_at and step > 0:
                place = there.number_at[place].end - 1
            rival = _next(there, place, step if passive(said, near) == passive(there, place) else -step)
            modifier = step < 0 and near == end and rival == place - 1  # `animal species` for `plant species`
            if (
                rival < 0
                or rival in matched
                or rival in there.number_at
                or not (modifier or _opens_with_noun(there, rival))
            ):
                continue
            token = there.tokens[rival]
            if not token.name and (modifier or lemma(token.lower) not in _GENERIC):
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
_GENERIC = frozenset(lemma(word) for word in LIGHT_WORDS | GENERIC_NOUNS)

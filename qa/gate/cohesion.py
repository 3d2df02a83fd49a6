"""A clause of the statement whose words no single quote has: pieces of several sentences that were run into one."""

from collections.abc import Iterator, Sequence

from qa.english.calendar import CALENDAR
from qa.english.lemmas import lemma
from qa.english.meanings import is_light
from qa.gate.reading import Reading
from qa.gate.tokens import Token
from qa.gate.units import parts

__all__ = ["scattered"]

_SUBJECTS = frozenset("he she it they we this these those".split())
_POSSESSIVES = frozenset("his her its their our such".split())
_AND = frozenset(["and", "but"])
_SHOWN = frozenset("this these those such".split())
_DEFINITE = frozenset("the this that these those such".split())


def scattered(
    statement: Reading, quotes: Sequence[Reading], before: Sequence[Reading], asked: Reading
) -> Iterator[str]:
    """Clauses whose words stand in different quotes that do not hang together. before: what stands before each quote.

    They hang together if one has a pronoun and the words from the other, which stand together in the statement, stand
    just before it; if one takes up the thing with an article (`a pump ... the pump`); or if both have a name of the
    clause. Names of the question may stand anywhere.
    """
    for group in _groups(statement):
        found = {
            token: {n for n, quote in enumerate(quotes) if _stands(statement, token, quote, asked)}
            for token in group
            if _counts(statement, token)
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
            shared = [t for t in held if other in found[t]]
            if (
                any({best, other} <= where and _names(t, quotes[best], quotes[other]) for t, where in found.items())
                or any(_shows(statement, t, theirs, quotes[best], quotes[other]) for t in shared)
                or any(_shows(statement, t, ours, quotes[other], quotes[best]) for t in shared)
                or _stand_for(statement, theirs, ours, quotes[best], quotes[other], before[best])
                or _stand_for(statement, ours, theirs, quotes[other], quotes[best], before[other])
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
    statement: Reading, words: Sequence[Token], rest: Sequence[Token], quote: Reading, other: Reading, before: Reading
) -> bool:
    """Whether the words, of the other quote, may be what a pronoun or `the ...` of this quote stands for.

    rest: words of the statement that this quote has. before: what stands before it, empty if not known.
    """
    if not words:
        return False
    together = sum(t.content for t in statement.tokens[words[0].place : words[-1].place + 1]) == len(words)
    if rest:  # `The rent is 900 euros and includes water`
        together = together or any(t.lower in _AND for t in statement.tokens[words[-1].place + 1 : rest[0].place])
    known = not before.tokens or all(before.candidates(token) for token in words)
    clauses = {quote.clause[n] for token in rest for n in quote.candidates(token)}
    pronoun = any(quote.clause[n] in clauses for n in _pronouns(quote)) or not rest
    if together and known and pronoun:
        return True
    taken = _taken_up(quote, other)
    plain = [t for t in words if not t.name and t.place not in statement.number_at]
    return bool(taken) and (not plain or any(taken & t.keys for t in plain))


def _shows(statement: Reading, token: Token, words: Sequence[Token], quote: Reading, other: Reading) -> bool:
    """Whether the quote has `this challenge`, and the words say which: `the challenge of finding ...`."""
    after = next((t for t in statement.tokens[token.place + 1 :] if _counts(statement, t)), None)
    there = quote.candidates(token)[:1]
    shown = any(n and quote.tokens[n - 1].lower in _SHOWN for n in there)
    return shown and after in words and bool(other.candidates(token))


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


def _groups(statement: Reading) -> Iterator[list[Token]]:
    """The words of each clause; of each part of it, if all have a number: `202 feet for one and 40 for the other`."""
    part = parts(statement)
    for clause in sorted(set(statement.clause)):
        words = [t for t in statement.tokens if statement.clause[t.place] == clause and not t.mark]
        pieces = [[t for t in words if part[t.place] == n] for n in sorted({part[t.place] for t in words})]
        if all(any(t.place in statement.number_at for t in piece) for piece in pieces):
            yield from pieces
        else:
            yield words


def _same(reading: Reading, token: Token) -> list[Token]:
    """The words of the text that match the word."""
    return [reading.tokens[n] for n in reading.candidates(token)]


def _counts(statement: Reading, token: Token) -> bool:
    number = statement.number_at.get(token.place)
    if number is not None:
        return number.start == token.place
    return token.content and not is_light(token.lower)


def _stands(statement: Reading, token: Token, quote: Reading, asked: Reading) -> bool:
    """Whether the quote has the number or word; a word of the question counts only if it is the same."""
    number = statement.number_at.get(token.place)
    if number is not None:
        return any(other.value == number.value for other in quote.numbers)
    there = _same(quote, token)
    if any(lemma(other.lower) == lemma(token.lower) for other in _same(asked, token)):
        return any(lemma(other.lower) == lemma(token.lower) for other in there)
    return bool(there)

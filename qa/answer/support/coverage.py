"""Every word of content of a statement must stand in its quotes, in the same or an equivalent word."""

from collections.abc import Iterator, Sequence

from qa.answer.support.alignment import Alignment
from qa.answer.support.lexicon import CONTENT_CLASSES, LIGHT_WORDS, OPERATORS
from qa.answer.support.reading import Reading
from qa.answer.support.speakers import sayings
from qa.answer.support.tokens import Token, lemma

__all__ = ["uncovered"]

_LIGHT = frozenset(lemma(word) for word in LIGHT_WORDS)


def uncovered(pair: Alignment, question: Reading, around: Sequence[Reading]) -> Iterator[Token]:
    """Words and names of the statement that neither quotes nor question hold; numbers are not looked at.

    A word of the quotes covers one word of the statement, a name any number of them. around: the texts before and after
    the quotes and their title, which help with names only.
    """
    said = pair.statement
    used: set[int] = set()
    helped = _context_names(pair, around)
    for token in said.tokens:
        if not token.content or token.place in said.number_at or _is_operator(said, token):
            continue
        free = [b for b in pair.candidates.get(token.place, ()) if b not in used]
        if free:
            best = pair.best[token.place]
            used.add(best if best in free else free[0])
        elif not (
            (token.place in pair.candidates and (token.name or token.text[:1].isupper()))
            or question.candidates(token)
            or lemma(token.lower) in _LIGHT
            or token.place in helped
            or (lemma(token.lower) in _CAUSE and any(op.kind == "BECAUSE" for op in pair.quotes.operators))
        ):
            yield token


def _is_operator(reading: Reading, token: Token) -> bool:
    """Operators are compared elsewhere; verbs that deny (`refuse`) are words to be covered as well."""
    op = reading.operator_at.get(token.place)
    if op is None or op.kind in CONTENT_CLASSES:
        return False
    return op.kind != "NOT" or token.lower in OPERATORS or op.end - op.start > 1


def _context_names(pair: Alignment, around: Sequence[Reading]) -> set[int]:
    """Names of the statement that the text around the quotes explains.

    The other part of a full name (`Matt` beside `Whitaker`); who `he` is, if the quotes have such a pronoun; who speaks,
    where the quote is speech in quotation marks.
    """
    said, there = pair.statement, pair.quotes
    known = {t.place for t in said.tokens if t.content and any(reading.candidates(t) for reading in around)}
    pronouns = any(t.lower in _PRONOUNS for t in there.tokens)
    speech = any(sayings(reading) for reading in around[:2])
    found = set()
    for place in known:
        token = said.tokens[place]
        if not token.text[:1].isupper():
            continue
        beside = [n for n in (place - 1, place + 1) if 0 <= n < len(said.tokens) and said.tokens[n].text[:1].isupper()]
        part = any(n in pair.candidates for n in beside)
        person = pronouns and bool(around[0].candidates(token))
        if part or person or speech:
            found.add(place)
    return found


_PRONOUNS = frozenset("he she they it him her them his hers their its".split())
_CAUSE = frozenset(lemma(word) for word in ("cause", "result", "reason", "lead"))

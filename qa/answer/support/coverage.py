"""Every word of content of a statement must stand in its quotes, in the same or an equivalent word."""

from collections import Counter
from collections.abc import Iterator

from qa.answer.support.alignment import Alignment
from qa.answer.support.lexicon import CONTENT_CLASSES, LIGHT_WORDS
from qa.answer.support.reading import Reading
from qa.answer.support.tokens import Token, lemma

__all__ = ["uncovered"]

_LIGHT = frozenset(lemma(word) for word in LIGHT_WORDS)


def uncovered(pair: Alignment, question: Reading, context: Reading) -> Iterator[Token]:
    """Words and names of the statement that neither quotes nor question hold; numbers are not looked at."""
    said = pair.statement
    supply: Counter[int] = Counter()
    for token in said.tokens:
        if not token.content or token.place in said.number_at:
            continue
        op = said.operator_at.get(token.place)
        if op is not None and op.kind not in CONTENT_CLASSES and op.kind != "NOT":
            continue
        if op is not None and op.kind == "NOT" and token.lower in ("without", "unable", "except", "far", "instead"):
            continue
        if token.place in pair.candidates:
            free = [b for b in pair.candidates[token.place] if not supply[b]]
            supply[free[0] if free else pair.best[token.place]] += 1
            if free or token.name or question.candidates(token) or lemma(token.lower) in _LIGHT:
                continue
            if len(said.tokens) > len(pair.quotes.tokens):
                pass
        elif question.candidates(token) or lemma(token.lower) in _LIGHT:
            continue
        elif token.name and _beside_covered_name(pair, token, context):
            continue
        yield token


def _beside_covered_name(pair: Alignment, token: Token, context: Reading) -> bool:
    """`Matt` of `Matt Whitaker`, when the quotes have `Whitaker` and the text around them the full name."""
    if not context.candidates(token):
        return False
    tokens = pair.statement.tokens
    beside = [n for n in (token.place - 1, token.place + 1) if 0 <= n < len(tokens) and tokens[n].name]
    return any(n in pair.candidates for n in beside)

"""Plain negation: the same words, denied on one side and not on the other."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from qa.english.function_words import FUNCTION_WORDS
from qa.english.lemmas import lemma

__all__ = ["contradicted"]

_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?")
_CLAUSE = re.compile(
    r"[.!?;:,\n—–]+(?=\s|$|[^\w])"
    r"|\b(?:but|although|though|whereas|while|because|unless|if|except|so that|however)\b",
    re.I,
)
_ASIDE = re.compile(r"\([^()]*\)")
_NOT = frozenset("not cannot never neither nor".split())
_UNCLEAR = frozenset(
    """no without nobody nothing none nowhere hardly barely rarely seldom only unless except fail refuse deny prevent
    avoid lack unable impossible exclude prohibit forbid ban stop longer until yet few little less least reject rule
    necessarily always all every any instead rather exceed exceeding exceeds more than beyond over""".split()
)
_LIGHT = frozenset("do does did be is are was were will would have has had been being need must can could may".split())
_LIMITING = frozenset(map(lemma, _UNCLEAR))
_PASSED_OVER = FUNCTION_WORDS | _LIGHT | _NOT
_TAIL = re.compile(r"'(?:s|re|ve|ll|d|m)$")
ALIKE = 0.8  # of the words of the statement's clause
COVERED = 0.65  # of the words of the quote's
LEAST = 3  # words


@dataclass(frozen=True, slots=True)
class _Clause:
    text: str
    words: frozenset[str]
    negations: int
    limits: frozenset[str]


@lru_cache(maxsize=512)
def _clauses(text: str) -> tuple[_Clause, ...]:
    return tuple(_clause(part) for part in _CLAUSE.split(_ASIDE.sub(" ", text)) if part and part.strip())


def _clause(text: str) -> _Clause:
    words = [_TAIL.sub("", word.lower().replace("’", "'")) for word in _WORD.findall(text)]
    negations = sum(word in _NOT or word.endswith("n't") for word in words)
    content = [w for w in words if w not in _PASSED_OVER and not w.endswith("n't")]
    limits = frozenset(word for word in map(lemma, words) if word in _LIMITING)
    return _Clause(text.strip(), frozenset(map(lemma, content)), negations, limits)


def contradicted(statement: str, quotes: Sequence[str]) -> Iterator[str]:
    """Where a clause of the statement and one of the quotes have the same words, and one of the two denies them.

    Only clear cases count: one negation more on one side, and the same other words that deny or limit.
    """
    there = [clause for quote in quotes for clause in _clauses(quote)]
    for clause in _clauses(statement):
        if len(clause.words) < LEAST or clause.negations > 1:
            continue
        like = [(len(clause.words & other.words), other) for other in there]
        like = [(n, other) for n, other in like if _is_alike(n, clause, other) and _numbers(clause) == _numbers(other)]
        if not like:
            continue
        most = max(shared for shared, _ in like)
        best = [other for shared, other in like if shared == most]
        if all(other.limits == clause.limits and abs(other.negations - clause.negations) == 1 for other in best):
            yield f'The quotes say "{best[0].text}"; the statement says "{clause.text}".'
            return


def _numbers(clause: _Clause) -> frozenset[str]:
    return frozenset(word for word in clause.words if word[0].isdigit())


def _is_alike(shared: int, clause: _Clause, other: _Clause) -> bool:
    """Whether the quote has next to all words of the clause and few others, or the clause all words of the quote."""
    much = shared >= ALIKE * len(clause.words) and shared >= COVERED * len(other.words)
    return much or shared == len(other.words) >= LEAST

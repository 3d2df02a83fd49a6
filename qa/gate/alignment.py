"""Which words of the quotes the words of a statement stand for."""

from collections.abc import Sequence
from dataclasses import dataclass

from qa.english.lemmas import lemma
from qa.english.meanings import opposite_keys
from qa.english.operators import SHORT_NEGATIONS, UNREAL
from qa.gate.reading import Operator, Reading
from qa.gate.tokens import Token

__all__ = ["Alignment", "align"]

_WINDOW = 4
_REACH = 6  # words
_ADVERBS = frozenset("also soon again even ever now once still then far first later perhaps quite too yet".split())


@dataclass(frozen=True)
class Alignment:
    """candidates: word of the statement -> all places in the quotes; best: the one whose neighbours fit best."""

    statement: Reading
    quotes: Reading
    candidates: dict[int, list[int]]
    best: dict[int, int]
    opposite: frozenset[int]  # words of the statement whose matches mean the contrary

    def strong(self, a: int) -> list[int]:
        """The places with the same word; if there is none, with a word of the same meaning."""
        if a in self.statement.number_at:
            return self.candidates[a]
        word = lemma(self.statement.tokens[a].lower)
        same = [b for b in self.candidates[a] if lemma(self.quotes.tokens[b].lower) == word]
        return same or self.candidates[a]

    def back(self, place: int) -> list[int]:
        """The words of the statement whose best match is this place in the quotes."""
        return [a for a, b in self.best.items() if b == place]

    def borne(self, op: Operator) -> list[int]:
        """The words of the statement that an operator of the quotes bears on.

        Where the statement leaves out the word beside it, these are the next ones that it has: `approved` for `did not
        formally approve`. A negation of the verb reaches the rest of its clause, other operators an adverb or the
        words of one phrase: in `would give him power to close`, `would` does not bear on `close`.
        """
        found = self.back(op.anchor)
        if found or op.anchor < op.end or any(op.anchor in places for places in self.candidates.values()):
            return found
        tokens, clause = self.quotes.tokens, self.quotes.clause
        far = op.kind == "NOT" and tokens[op.start].lower not in SHORT_NEGATIONS
        for place in range(op.anchor + 1, min(op.anchor + _REACH, len(tokens))):
            before = tokens[place - 1]
            near = _is_adverb(before) if op.kind in UNREAL else before.content
            if clause[place] != clause[op.anchor] or not (far or near):
                break
            if found := self.back(place):
                return found
        return []


def _is_adverb(token: Token) -> bool:
    return token.lower in _ADVERBS or (token.lower.endswith("ly") and len(token.lower) > 4)


def align(statement: Reading, quotes: Reading) -> Alignment:
    """Every word of content of the statement that has a match in the quotes."""
    candidates: dict[int, list[int]] = {}
    opposite: set[int] = set()
    for token in statement.tokens:
        if token.place in statement.number_at:
            number = statement.number_at[token.place]
            if number.start == token.place:
                found = [n.start for n in quotes.numbers if n.value == number.value][:20]
                if found:
                    candidates[token.place] = found
        elif token.content:
            found = quotes.candidates(token)
            if not found:
                found = quotes.candidates_of(opposite_keys(token.lower))
                opposite.update([token.place] if found else [])
            if found:
                candidates[token.place] = found[:20]
    left, right = _neighbours(statement), _neighbours(quotes)
    best: dict[int, int] = {}
    taken: set[int] = set()
    for a, places in candidates.items():
        scores = [
            (_fit(left[a], right[b]) + _exact(statement, a, quotes, b) - (2.5 if b in taken else 0.0), -b)
            for b in places
        ]
        best[a] = -max(scores)[1]
        taken.add(best[a])
    return Alignment(statement, quotes, candidates, best, frozenset(opposite))


Neighbours = tuple[list[frozenset[str]], list[frozenset[str]]]


def _neighbours(reading: Reading) -> dict[int, Neighbours]:
    """For each word of content, the keys of the words of content before it (nearest first) and after it."""
    words = [t for t in reading.tokens if t.content or t.place in reading.number_at]
    keys = [token.keys for token in words]
    return {
        token.place: (keys[max(0, n - _WINDOW) : n][::-1], keys[n + 1 : n + 1 + _WINDOW])
        for n, token in enumerate(words)
    }


def _exact(statement: Reading, a: int, quotes: Reading, b: int) -> float:
    return 0.5 if lemma(statement.tokens[a].lower) == lemma(quotes.tokens[b].lower) else 0.0


def _fit(a: Neighbours, b: Neighbours) -> float:
    """How many neighbours match: near ones count more, those on the other side half."""
    same = _overlap(a[0], b[0]) + _overlap(a[1], b[1])
    return same + 0.5 * (_overlap(a[0], b[1]) + _overlap(a[1], b[0]))


def _overlap(a: Sequence[frozenset[str]], b: Sequence[frozenset[str]]) -> float:
    return sum(1 / (1 + abs(n - m)) / (1 + n) for n, x in enumerate(a) for m, y in enumerate(b) if x & y)

"""A text read once: tokens, numbers, clauses and operators (`not`, `may`, `all`, `before`) with what they govern."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import overload

from qa.english.function_words import AUXILIARIES
from qa.english.lemmas import lemma
from qa.english.operators import (
    BEFORE_NUMBERS,
    CONTENT_CLASSES,
    NEGATING_BEFORE_TO,
    NEGATING_VERBS,
    SHORT_NEGATIONS,
    operator_kinds,
)
from qa.gate.numbers import Number, find_numbers
from qa.gate.tokens import Token, tokenize

__all__ = ["Operator", "Reading", "Surroundings", "read_text"]

_SENTENCE_ENDS = frozenset(".!?;")
_CLAUSE_MARKS = frozenset(",:—–()[]…")
_CLAUSE_WORDS = frozenset(
    "but although though because while whereas which who if unless when after before so yet".split()
)


@dataclass(frozen=True, slots=True)
class Operator:
    """kind: one of data/operators.txt in qa/english; tokens [start, end); anchor: the next word of content, or -1."""

    kind: str
    start: int
    end: int
    anchor: int


@dataclass(frozen=True)
class Reading:
    """tokens, and for each the number of its sentence and clause; number_at: token -> its Number."""

    tokens: list[Token]
    sentence: Sequence[int]
    clause: Sequence[int]
    numbers: Sequence[Number]
    number_at: dict[int, Number]
    operators: Sequence[Operator]
    operator_at: dict[int, Operator]
    places: dict[str, list[int]] = field(default_factory=dict)

    def candidates(self, token: Token) -> list[int]:
        """The places of words that match the token."""
        return self.candidates_of(token.keys)

    def candidates_of(self, keys: frozenset[str]) -> list[int]:
        """The places of words that have one of the keys."""
        return sorted({place for key in keys for place in self.places.get(key, ())})

    def governing(self, place: int, kinds: frozenset[str] | set[str]) -> list[Operator]:
        """The operators of these kinds whose scope holds the token: earlier in its clause, or anchored at it.

        `no`, `without` and verbs that deny reach only as far as the words of content that follow them directly.
        """
        return [op for op in self.operators if op.kind in kinds and op.start != place and self._governs(op, place)]

    def _governs(self, op: Operator, place: int) -> bool:
        if op.anchor == place:
            return True
        if op.start > place or self.clause[op.start] != self.clause[place]:
            return False
        if op.kind == "NOT" and self.tokens[op.start].lower in SHORT_NEGATIONS:
            return op.anchor >= 0 and all(self.tokens[n].content for n in range(op.anchor, place))
        return True

    def text(self, start: int, end: int) -> str:
        """The words [start, end) for a message."""
        return " ".join(t.text.replace("_", " ") for t in self.tokens[max(0, start) : end] if not t.mark)


class Surroundings(Sequence["Reading"]):
    """Readings of the texts before and after the quotes, and of the titles; each is read only when it is asked for."""

    def __init__(self, before: str, after: str, title: str) -> None:
        self._texts = (before, after, title)

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, place: int) -> Reading: ...
    @overload
    def __getitem__(self, place: slice) -> list[Reading]: ...
    def __getitem__(self, place: int | slice) -> Reading | list[Reading]:
        if isinstance(place, slice):
            return [read_text(text) for text in self._texts[place]]
        return read_text(self._texts[place])


@lru_cache(maxsize=256)
def read_text(text: str) -> Reading:
    """Raises nothing, whatever the text. The statements of one answer share quotes and question: hence the cache."""
    tokens = tokenize(text)
    found = find_numbers(tokens)
    sentence, clause = _clauses(tokens, {place for n in found for place in range(n.start, n.end)})
    number_at = {place: n for n in found for place in range(n.start, n.end)}
    operators = _operators(tokens, sentence, number_at)
    places: dict[str, list[int]] = {}
    for token in tokens:
        if token.content:
            for key in token.keys:
                places.setdefault(key, []).append(token.place)
    at = {place: op for op in operators for place in range(op.start, op.end)}
    return Reading(tokens, sentence, clause, found, number_at, operators, at, places)


def _clauses(tokens: Sequence[Token], in_numbers: set[int]) -> tuple[list[int], list[int]]:
    sentence, clause = [], []
    s = c = 0
    for n, token in enumerate(tokens):
        if n not in in_numbers:
            if token.mark and token.text in _SENTENCE_ENDS and not _initial(tokens, n):
                s, c = s + 1, c + 1
            elif (
                (token.mark and token.text in _CLAUSE_MARKS)
                or (token.lower in _CLAUSE_WORDS and not _so_far(tokens, n))
                or (token.lower == "and" and n + 2 < len(tokens) and _starts_clause(tokens[n + 1], tokens[n + 2]))
            ):
                c += 1
        sentence.append(s)
        clause.append(c)
    return sentence, clause


def _so_far(tokens: Sequence[Token], n: int) -> bool:
    """Whether `so` opens no clause: `has not so far agreed`."""
    return tokens[n].lower == "so" and n + 1 < len(tokens) and tokens[n + 1].lower in ("far", "long", "many", "much")


def _initial(tokens: Sequence[Token], n: int) -> bool:
    """Whether the full stop at n follows a single letter, as in `P. falciparum`."""
    return tokens[n].text == "." and n > 0 and len(tokens[n - 1].text) == 1 and tokens[n - 1].text.isupper()


def _starts_clause(first: Token, second: Token) -> bool:
    return first.lower in AUXILIARIES or second.lower in AUXILIARIES or first.lower in _CLAUSE_WORDS


def _operators(tokens: Sequence[Token], sentence: Sequence[int], number_at: dict[int, Number]) -> list[Operator]:
    found: list[Operator] = []
    at = 0
    while at < len(tokens):
        kind, size = _operator_at(tokens, at, number_at)
        if kind and kind != "IGNORED" and not (kind == "INTEND" and _is_noun(tokens, at)):
            anchors = _anchors(tokens, sentence, kind, at, at + size)
            places = [number_at[anchor].start if anchor in number_at else anchor for anchor in anchors]
            found += [Operator(kind, at, at + size, place) for place in dict.fromkeys(places)]
            if tokens[at].lower == "unable":
                found.append(Operator("CAN", at, at + size, places[0]))
        at += size or 1
    dated = [op for op in found if op.kind == "UNTIL" and op.anchor in number_at]
    return [op for op in found if not (op.kind == "NOT" and _until(dated, sentence, op))]


def _until(dated: Sequence[Operator], sentence: Sequence[int], op: Operator) -> bool:
    """Whether the negation is that of `not ... until 1995`, which says that it was, and when."""
    return any(0 < until.start - op.end < 7 and sentence[until.start] == sentence[op.start] for until in dated)


def _is_noun(tokens: Sequence[Token], at: int) -> bool:
    """Whether `offer`, `plan`, `request` is a thing here: `their offer of`, `savings plans for 2009`."""
    after = tokens[at + 1].lower if at + 1 < len(tokens) else ""
    before = tokens[at - 1].lower if at else ""
    verb = tokens[at].lower.endswith(("ed", "ing"))
    if after == "of" or (not verb and after != "to" and before in _DETERMINERS):
        return True
    year = after == "for" and at + 2 < len(tokens) and tokens[at + 2].text.isdecimal()
    return not verb and (year or after in _AFTER_NOUNS) and at > 0 and tokens[at - 1].content


_AFTER_NOUNS = frozenset("is are was were has have".split())
_DETERMINERS = frozenset("the a an this that its his her their our my your no".split())


_PLACED = frozenset("in on at with for from by after before and . , ;".split())


def _operator_at(tokens: Sequence[Token], at: int, number_at: dict[int, Number]) -> tuple[str, int]:
    token = tokens[at]
    if token.mark or at in number_at or (token.text == "May" and token.content):
        return "", 0
    if token.lower == "further" and at and tokens[at - 1].lower == "to":
        return "", 0  # a verb
    if token.lower in ("appear", "appears", "appeared") and (at + 1 == len(tokens) or tokens[at + 1].lower in _PLACED):
        return "", 0  # `the book appeared in 1923`
    if lemma(token.lower) == "weigh" and at + 1 in number_at:
        return "", 0  # `weighs 5 kg` plans nothing
    if token.lower in ("more", "less", "fewer", "greater") and at + 1 < len(tokens) and tokens[at + 1].lower == "than":
        return ("MORETHAN" if token.lower in ("more", "greater") else "LESSTHAN"), 2
    for phrase in _by_first_word().get(token.lower, ()):
        size = len(phrase)
        if all(t.lower == word for t, word in zip(tokens[at : at + size], phrase, strict=False)) and at + size <= len(
            tokens
        ):
            before_number = at + size in number_at or (at + size + 1 in number_at and tokens[at + size].lower == "a")
            spelled = " ".join(phrase)
            kind = (before_number and BEFORE_NUMBERS.get(spelled)) or operator_kinds().get(spelled, "")
            if kind:
                return kind, size
    verb = lemma(token.lower)
    to = at + 1 < len(tokens) and tokens[at + 1].lower == "to"
    return ("NOT", 1) if verb in _NEGATING or (to and verb in _NEGATING_BEFORE_TO) else ("", 0)


@lru_cache(maxsize=1)
def _by_first_word() -> dict[str, list[tuple[str, ...]]]:
    table: dict[str, list[tuple[str, ...]]] = {}
    for phrase in sorted({*operator_kinds(), *BEFORE_NUMBERS}, key=lambda p: -len(p.split())):
        table.setdefault(phrase.split()[0], []).append(tuple(phrase.split()))
    return table


def _anchors(tokens: Sequence[Token], sentence: Sequence[int], kind: str, start: int, end: int) -> list[int]:
    """The words an operator bears on first of all; -1 if none."""
    word = tokens[start].lower
    if word == "or":  # `$1,000 or more`
        return [next((place for place in range(start - 1, max(-1, start - 4), -1) if tokens[place].content), -1)]
    if kind == "NOT" and (_elliptic(tokens, end) or (word == "none" and tokens[end].lower != "of")):
        return [-1]
    if kind in ("LIKELY", "MUST", "INTEND") and _has_be(tokens, start) and _ends_here(tokens, end):
        return [_subject(tokens, start)]
    first = _anchor(tokens, sentence, end)
    if tokens[end - 1].lower != "to" and (
        word in ("ability", "capability", "capacity") or kind in ("LIKELY", "INTEND") or word.startswith("require")
    ):
        to = [n for n in range(end, min(end + 6, len(tokens))) if tokens[n].lower == "to"]
        # `the ability of Ukraine to hit`, `expect the bank to cut`
        return [_anchor(tokens, sentence, to[0])] if to and sentence[to[0]] == sentence[start] else [first]
    if kind == "NOT" and lemma(word) in _NEGATING and _has_be(tokens, start):  # `floods are excluded`
        return [next((n for n in range(start - 1, max(-1, start - 6), -1) if tokens[n].content), first)]
    if kind == "NOT" and first >= 0:
        after = first + 1
        if after < len(tokens) and tokens[after].lower in ("or", "nor"):  # `never declared or paid`
            return [first, _anchor(tokens, sentence, after + 1)]
    return [first]


def _elliptic(tokens: Sequence[Token], end: int) -> bool:
    """Whether nothing that could be denied follows: `only two did not, which ...`."""
    if end + 1 >= len(tokens):
        return end == len(tokens) or tokens[end].mark
    after = tokens[end + 1].lower
    return tokens[end].mark and (tokens[end].text in ".;:!?)" or after in _CLAUSE_WORDS or after in ("and", "as"))


def _ends_here(tokens: Sequence[Token], end: int) -> bool:
    """Whether what is expected stands before: `none is expected, according to ...`."""
    return end == len(tokens) or tokens[end].text in ",.;:!?)" or tokens[end].lower in ("according", "by", "for")


def _subject(tokens: Sequence[Token], start: int) -> int:
    """The nearest word of content before, in the same clause; -1 if none."""
    for place in range(start - 1, max(-1, start - 7), -1):
        if tokens[place].mark:
            break
        if tokens[place].content:
            return place
    return -1


def _has_be(tokens: Sequence[Token], place: int) -> bool:
    return any(
        t.lower in ("is", "are", "was", "were", "be", "been", "being") for t in tokens[max(0, place - 2) : place]
    )


_SKIPPED = frozenset(lemma(word) for word in "actually really truly also ever".split())
_NEGATING_BEFORE_TO = frozenset(lemma(verb) for verb in NEGATING_BEFORE_TO)
_NEGATING = frozenset(lemma(verb) for verb in NEGATING_VERBS)


def _anchor(tokens: Sequence[Token], sentence: Sequence[int], start: int) -> int:
    """The first word of content from `start` on in the sentence that is not itself an operator; -1 if none."""
    for place in range(start, min(start + 12, len(tokens))):
        if sentence[place] != sentence[max(0, start - 1)]:
            break
        token = tokens[place]
        kind = operator_kinds().get(token.lower, "")
        if place > start and kind in ("BEFORE", "AFTER", "DURING", "UNTIL") and tokens[place - 1].lower == "that":
            break  # `did not expect that before the meeting`
        if token.content and lemma(token.lower) not in _SKIPPED and (not kind or kind in CONTENT_CLASSES):
            return place
    return -1

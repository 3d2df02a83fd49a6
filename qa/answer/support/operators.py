"""Polarity, modality, quantifiers and time order: operators must govern the same words in statement and quotes."""

from collections.abc import Iterator

from qa.answer.support.alignment import Alignment
from qa.answer.support.lexicon import SAME
from qa.answer.support.reading import Operator, Reading

__all__ = ["modality", "negations", "polarity", "quantifiers", "time_order"]

_MODAL = frozenset(["MAY", "CAN", "COULD", "WILL", "WOULD", "MUST", "LIKELY", "SEEM"])
_UNREAL = _MODAL | {"INTEND", "ASK"}
_QUANTIFIERS = frozenset(
    """ALL ANY SOME MANY MOST FEW ONLY ALMOST ATLEAST ATMOST MORETHAN LESSTHAN MORE LESS LEAST HALF APPROX""".split()
)
_NOT_DROPPED = frozenset("MANY MOST FEW SOME ONLY ALMOST ATLEAST ATMOST MORETHAN LESSTHAN MORE LESS HALF".split())
_TIME = frozenset(["BEFORE", "AFTER", "DURING", "UNTIL", "STILL", "ALREADY"])
_NOT = frozenset(["NOT"])


def _same(kind: str) -> frozenset[str]:
    return SAME.get(kind, frozenset([kind]))


def negations(reading: Reading, place: int) -> int:
    """How many negations govern the word."""
    return len({op.start for op in reading.governing(place, _NOT)})


def polarity(pair: Alignment) -> Iterator[str]:
    """Where one side negates what the other does not."""
    said, there = pair.statement, pair.quotes
    for op in said.operators:
        if op.kind == "NOT" and op.anchor >= 0:
            places = pair.candidates.get(op.anchor)
            odd = negations(said, op.anchor) % 2
            if places is None:
                if not any(o.kind == "NOT" for o in there.operators):
                    yield f'The statement says "{_around(said, op)}"; the quotes have no such negation.'
            elif all(negations(there, b) % 2 != odd for b in places):
                yield _differ(there, said, pair.best[op.anchor], op.anchor)
    for op in there.operators:
        if op.kind != "NOT" or op.anchor < 0:
            continue
        for a in pair.back(op.anchor):
            odd = negations(said, a) % 2
            if all(negations(there, b) % 2 != odd for b in pair.candidates[a]):
                yield _differ(there, said, op.anchor, a)


def _differ(there: Reading, said: Reading, b: int, a: int) -> str:
    return f'The quotes say "{_phrase(there, b)}"; the statement says "{_phrase(said, a)}".'


def _phrase(reading: Reading, place: int) -> str:
    start = place
    while start > 0 and place - start < 5 and reading.clause[start - 1] == reading.clause[place]:
        start -= 1
    return reading.text(start, place + 2)


def _around(reading: Reading, op: Operator) -> str:
    return reading.text(op.start, max(op.end, op.anchor + 1))


def modality(pair: Alignment, question: Reading) -> Iterator[str]:
    """`may`, `plans to`, `was asked about` are not `did`; and the other way round."""
    yield from _added(pair, question, _MODAL, "how certain or possible that is")
    said, there = pair.statement, pair.quotes
    for op in there.operators:
        if op.kind in _UNREAL and op.anchor >= 0:
            for a in pair.back(op.anchor):
                if not _has(said, a, op.kind) and not _free_elsewhere(pair, a, op.kind):
                    yield f'The quotes say "{_around(there, op)}"; the statement does not keep "{op_text(there, op)}".'


def op_text(reading: Reading, op: Operator) -> str:
    """The operator's own words."""
    return reading.text(op.start, op.end)


def _has(reading: Reading, place: int, kind: str) -> bool:
    return bool(reading.governing(place, _same(kind)))


def _free_elsewhere(pair: Alignment, a: int, kind: str) -> bool:
    """Whether the quotes also have the word without the operator."""
    return any(not _has(pair.quotes, b, kind) for b in pair.candidates[a])


def _added(pair: Alignment, question: Reading, kinds: frozenset[str], what: str) -> Iterator[str]:
    """Operators of the statement that govern nothing alike in the quotes."""
    said, there = pair.statement, pair.quotes
    for op in said.operators:
        if op.kind not in kinds:
            continue
        wanted = _same(op.kind)
        places = pair.candidates.get(op.anchor, [])
        if places:
            kept = any(there.governing(b, wanted) for b in places)
        else:
            kept = any(o.kind in wanted for o in (*there.operators, *question.operators))
        if not kept:
            yield f'The statement says "{_around(said, op)}"; the quotes do not say {what}.'


def quantifiers(pair: Alignment, question: Reading) -> Iterator[str]:
    """all, some, most, only, at least, more than."""
    yield from _added(pair, question, _QUANTIFIERS, "how much or how many in that way")
    said, there = pair.statement, pair.quotes
    for op in there.operators:
        if op.kind in _NOT_DROPPED and op.anchor >= 0:
            for a in pair.back(op.anchor):
                if not _has(said, a, op.kind) and not _free_elsewhere(pair, a, op.kind):
                    yield f'The quotes say "{_around(there, op)}"; the statement leaves out "{op_text(there, op)}".'


def time_order(pair: Alignment, question: Reading) -> Iterator[str]:
    """before, after, during, until, still, already."""
    yield from _added(pair, question, _TIME, "that order of time")

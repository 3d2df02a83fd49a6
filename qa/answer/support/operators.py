"""Polarity, modality, quantifiers and time order: operators must govern the same words in statement and quotes."""

from collections.abc import Iterator

from qa.answer.support.alignment import Alignment
from qa.answer.support.lexicon import SAME
from qa.answer.support.reading import Operator, Reading

__all__ = ["conditions", "modality", "negations", "polarity", "quantifiers", "time_order"]

_MODAL = frozenset(["MAY", "CAN", "COULD", "WILL", "WOULD", "MUST", "LIKELY", "SEEM"])
_UNREAL = _MODAL | {"INTEND", "ASK"}
_QUANTIFIERS = frozenset(
    """ALL ANY SOME MANY MOST FEW ONLY ALMOST ATLEAST ATMOST MORETHAN LESSTHAN MORE LESS LEAST HALF APPROX""".split()
)
_NOT_DROPPED = frozenset("MANY MOST FEW SOME ONLY ALMOST ATLEAST ATMOST MORETHAN LESSTHAN MORE LESS HALF".split())
_TIME = frozenset(["BEFORE", "AFTER", "DURING", "UNTIL", "STILL", "ALREADY", "SINCE"])
_CONDITION = frozenset(["IF", "UNLESS"])
_POSITION = frozenset(["ABOVE", "BELOW"])
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
        if op.kind == "NOT":
            places = pair.strong(op.anchor) if op.anchor in pair.candidates else []
            if not places:
                if not any(o.kind == "NOT" for o in there.operators):
                    yield f'The statement says "{_around(said, op)}"; the quotes have no such negation.'
            elif not any(_same_polarity(pair, op.anchor, b) for b in places):
                yield _differ(there, said, pair.best[op.anchor], op.anchor)
    for op in there.operators:
        if op.kind != "NOT" or op.anchor < 0:
            continue
        for a in pair.back(op.anchor):
            if not any(_same_polarity(pair, a, b) for b in pair.strong(a)):
                yield _differ(there, said, op.anchor, a)


def _same_polarity(pair: Alignment, a: int, b: int) -> bool:
    """Both affirmed, both denied, or both denied twice: `not ruled out` is neither `ruled out` nor `allowed`."""
    here, there = negations(pair.statement, a), negations(pair.quotes, b)
    return here % 2 == there % 2 and (here == 0) == (there == 0)


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
            if there.clause[op.anchor] != there.clause[op.start]:
                continue
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
    return any(not _has(pair.quotes, b, kind) for b in pair.strong(a))


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
    yield from _added(pair, question, _POSITION, "that it is there")


def conditions(pair: Alignment, question: Reading) -> Iterator[str]:
    """if, unless: neither added nor dropped nor turned round."""
    yield from _added(pair, question, _CONDITION, "that condition")
    said, there = pair.statement, pair.quotes
    if any(op.kind in _CONDITION for op in said.operators) or any(t.lower in _CONDITIONAL for t in said.tokens):
        return
    for op in there.operators:
        if op.kind in _CONDITION:
            inside, outside = _parts(there, op)
            used = set(pair.best.values())
            if len(outside & used) >= 2 and 2 * len(inside & used) < len(inside):
                yield f'The quotes say this only with a condition: "{there.text(op.start, min(op.start + 8, max(inside) + 1))}".'


_CONDITIONAL = frozenset(["when", "whenever", "anyone", "anybody", "whoever", "otherwise", "conditional"])


def _parts(reading: Reading, op: Operator) -> tuple[set[int], set[int]]:
    """The words of content of the clause that the operator opens, and those of the rest of its sentence."""
    number = reading.sentence[op.start]
    places = [t.place for t in reading.tokens if t.content and reading.sentence[t.place] == number]
    end = places[-1] + 1 if places else op.end
    if not any(place < op.start for place in places):
        end = next((n for n in range(op.end, end) if reading.tokens[n].text == ","), end)
    inside = {place for place in places if op.start <= place < end}
    return inside, set(places) - inside

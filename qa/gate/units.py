"""The names and numbers of a text, what stands beside them, and the lists and parts of sentences they stand in."""

from collections.abc import Sequence
from dataclasses import dataclass

from qa.gate.alignment import Alignment
from qa.gate.numbers import Number
from qa.gate.reading import Reading

__all__ = ["Unit", "alike", "is_year", "lists", "parts", "same_unit", "units"]

_MAX_UNITS = 60


@dataclass(frozen=True, slots=True)
class Unit:
    """A name or a number: tokens [start, end); left and right: the nearest words of content beside it, or -1."""

    start: int
    end: int
    number: bool
    left: int
    right: int


def units(reading: Reading) -> list[Unit]:
    """The names (runs of capital words) and numbers of a text."""
    found: list[Unit] = []
    at = 0
    tokens = reading.tokens
    while at < len(tokens) and len(found) < _MAX_UNITS:
        end = at + 1
        number = reading.number_at.get(at)
        if number is not None:
            end = number.end
        elif _capital(reading, at):
            while end < len(tokens) and _capital(reading, end):
                end += 1
        else:
            at += 1
            continue
        found.append(Unit(at, end, number is not None, _beside(reading, at, -1), _beside(reading, end - 1, 1)))
        at = end
    return found


def _capital(reading: Reading, place: int) -> bool:
    token = reading.tokens[place]
    return token.content and token.text[:1].isupper() and place not in reading.number_at


def _beside(reading: Reading, place: int, step: int) -> int:
    sentence = reading.sentence[place]
    place += step
    while 0 <= place < len(reading.tokens) and reading.sentence[place] == sentence:
        if reading.tokens[place].content and not reading.tokens[place].lower.endswith("ly"):
            return place
        place += step
    return -1


def parts(reading: Reading) -> list[int]:
    """For each token the number of its part of a sentence: `£120 a night`, `or £160 in London`."""
    found, n = [], 0
    for token in reading.tokens:
        ends = token.lower in _PARTING or (token.mark and token.text in ".!?")
        n += ends and token.place not in reading.number_at
        found.append(n)
    return found


_PARTING = frozenset([",", ";", "and", "or", "but", "while", "whereas", "versus", "against"])


def lists(reading: Reading, found: Sequence[Unit]) -> list[list[Unit]]:
    """Runs of values of one kind with nothing but commas, `and` and `or` between them."""
    made: list[list[Unit]] = []
    for unit in found:
        last = made[-1][-1] if made else None
        between = [t.lower for t in reading.tokens[last.end : unit.start]] if last else []
        joined = set(between) <= _LISTING and not _COMMAS.isdisjoint(between)
        if last and joined and alike(reading, last, reading, unit):
            made[-1].append(unit)
        else:
            made.append([unit])
    return made


_COMMAS = frozenset([",", "and", "or", "&"])
_LISTING = _COMMAS | {"the", "in", "for"}


def same_unit(pair: Alignment, a: Unit, b: Unit) -> bool:
    statement, there = pair.statement, pair.quotes
    if a.number != b.number:
        return False
    if a.number:
        return statement.number_at[a.start].value == there.number_at[b.start].value
    return any(
        x.keys & y.keys for x in statement.tokens[a.start : a.end] if x.content for y in there.tokens[b.start : b.end]
    )


def alike(here: Reading, a: Unit, there: Reading, b: Unit) -> bool:
    """Whether both are names, or numbers with the same unit of which both or neither look like years."""
    if not (a.number and b.number):
        return a.number == b.number
    x, y = here.number_at[a.start], there.number_at[b.start]
    return x.unit == y.unit and is_year(x) == is_year(y)


def is_year(number: Number) -> bool:
    return not number.unit and 1500 <= number.value <= 2100 and number.value == int(number.value)

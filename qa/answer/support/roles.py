"""Who did what to whom: names and numbers that have changed places."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from qa.answer.support.alignment import Alignment
from qa.answer.support.lexicon import MONTHS
from qa.answer.support.reading import Reading
from qa.answer.support.tokens import is_participle

__all__ = ["crossed", "replaced"]

_BE = frozenset("is are was were be been being am get gets got".split())
_PREPOSITIONS = frozenset("in on at by for from with to of under over after before during since based".split())
_MAX_WORDS = 150


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
    found = []
    at = 0
    tokens = reading.tokens
    while at < len(tokens):
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
        if reading.tokens[place].content:
            return place
        place += step
    return -1


def _passive(reading: Reading, verb: int) -> bool:
    """Whether the word is a participle after a form of `be`, or before `by`."""
    tokens = reading.tokens
    if verb + 1 < len(tokens) and tokens[verb + 1].lower == "by":
        return True
    for place in range(verb - 1, max(-1, verb - 4), -1):
        if tokens[place].lower in _BE:
            return is_participle(tokens[verb].lower)
        if tokens[place].content and not tokens[place].lower.endswith("ly"):
            break
    return False


def _same_unit(pair: Alignment, a: Unit, b: Unit) -> bool:
    said, there = pair.statement, pair.quotes
    if a.number != b.number:
        return False
    if a.number:
        return said.number_at[a.start].value == there.number_at[b.start].value
    return any(
        x.keys & y.keys for x in said.tokens[a.start : a.end] if x.content for y in there.tokens[b.start : b.end]
    )


def _sides(pair: Alignment, unit: Unit) -> list[tuple[int, str]]:
    """The matched neighbours of a unit of the statement, each with its side."""
    return [(n, side) for n, side in ((unit.left, "left"), (unit.right, "right")) if n in pair.candidates]


def _holds(pair: Alignment, neighbour: int, side: str, unit: Unit, strict: bool = False) -> bool:
    """Whether in the quotes the unit has that neighbour on that side; the other one where the voice differs.

    strict: only close by, in the same clause.
    """
    there = pair.quotes
    for place in pair.candidates[neighbour]:
        turned = _passive(pair.statement, neighbour) != _passive(there, place)
        wanted = {"left": "right", "right": "left"}[side] if turned else side
        beside = unit.left if wanted == "left" else unit.right
        if place == beside:
            near = unit.start - place if wanted == "left" else place - unit.end
            if not strict or (there.clause[place] == there.clause[unit.start] and near <= 3):
                return True
    return False


def replaced(pair: Alignment) -> Iterator[str]:
    """Names and numbers that stand in the quotes, but where others stand beside the same words."""
    said, there = pair.statement, units(pair.quotes)
    for unit in units(said):
        sides = _sides(pair, unit)
        own = [other for other in there if _same_unit(pair, unit, other)]
        if not sides or not own or any(_kept(pair, unit, n, side, other) for n, side in sides for other in own):
            continue
        close = [(n, side) for n, side in sides if said.clause[n] == said.clause[unit.start] and not _date(said, n)]
        for other in there:
            if other.number != unit.number or _same_unit(pair, unit, other) or _coordinated(pair, other, own):
                continue
            if any(_holds(pair, n, side, other, strict=True) for n, side in close):
                name, rival = said.text(unit.start, unit.end), pair.quotes.text(other.start, other.end)
                yield f'Where the statement has "{name}", the quotes have "{rival}".'
                break


def _kept(pair: Alignment, unit: Unit, neighbour: int, side: str, other: Unit) -> bool:
    """Whether the quotes have the unit beside that neighbour, as before it as in `the question of Trump`."""
    if _holds(pair, neighbour, side, other):
        return True
    tokens = pair.statement.tokens
    between = tokens[neighbour + 1 : unit.start] if side == "left" else tokens[unit.end : neighbour]
    if any(t.lower == "of" for t in between):
        return _holds(pair, neighbour, "right" if side == "left" else "left", other)
    return False


def _date(reading: Reading, place: int) -> bool:
    return place in reading.number_at or reading.tokens[place].lower in MONTHS


def _coordinated(pair: Alignment, other: Unit, own: Sequence[Unit]) -> bool:
    """Whether the other name stands in one list with the unit's own: `Social Security or Medicare`."""
    tokens = pair.quotes.tokens
    for unit in own:
        first, second = sorted((unit, other), key=lambda u: u.start)
        between = [t.lower for t in tokens[first.end : second.start]]
        if not unit.number and between and len(between) <= 3 and set(between) <= {"and", "or", ",", "the", "both", "("}:
            return True
    return False


def crossed(pair: Alignment) -> Iterator[str]:
    """Two pieces of a sentence that have changed places around the same words, as in `A managed B`."""
    mine = [a for a in pair.best if pair.statement.tokens[a].content][:_MAX_WORDS]
    if len(mine) < 3:
        return
    ours = [pair.best[a] for a in mine]
    low, high = min(ours), max(ours)
    theirs = [t.place for t in pair.quotes.tokens if t.content and low <= t.place <= high][: 2 * _MAX_WORDS]
    blocks = SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    gone = [(ours[i:j], theirs[k:m], mine[i:j]) for kind, i, j, k, m in blocks if kind == "replace"]
    for n, (first, instead, places) in enumerate(gone):
        for second, other, later in gone[n + 1 :]:
            if _leading(pair.quotes, instead) or _leading(pair.quotes, other) or _leading(pair.statement, places):
                continue
            if set(first) & set(other) and set(second) & set(instead) and not _turned(pair, places[-1], later[0]):
                a, b = (pair.statement.text(x[0], x[-1] + 1) for x in (places, later))
                yield f'The quotes have "{a}" and "{b}" the other way round.'
                return


def _leading(reading: Reading, places: Sequence[int]) -> bool:
    """Whether the piece opens its sentence with a preposition, and so may move: `In the 1950s, ...`"""
    before = [t for t in reading.tokens[: places[0]] if reading.sentence[t.place] == reading.sentence[places[0]]]
    return len(before) < 4 and not any(t.content for t in before) and any(t.lower in _PREPOSITIONS for t in before)


def _turned(pair: Alignment, start: int, end: int) -> bool:
    """Whether a verb between the two pieces has another voice in the quotes."""
    between: Sequence[int] = [a for a in pair.best if start < a < end]
    return any(_passive(pair.statement, a) != _passive(pair.quotes, pair.best[a]) for a in between)

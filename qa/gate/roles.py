"""Who did what to whom: names and numbers that have changed places."""

import itertools
from collections.abc import Collection, Iterator, Sequence

from qa.english.calendar import CALENDAR, MONTHS, TIME_UNITS
from qa.english.lemmas import is_participle, lemma
from qa.gate.alignment import Alignment
from qa.gate.reading import Reading
from qa.gate.units import Unit, alike, lists, parts, same_unit, units
from qa.gate.voices import GOALS, exchanged, passive, reversed_voice

__all__ = ["added", "crossed", "replaced"]

_PREPOSITIONS = frozenset("in on at by for from with to of under over after before during since based".split())
_MAX_WORDS = 150


def _sides(pair: Alignment, unit: Unit) -> list[tuple[int, str]]:
    """The matched neighbours of a unit of the statement, each with its side."""
    return [(n, side) for n, side in ((unit.left, "left"), (unit.right, "right")) if n in pair.candidates]


def _holds(pair: Alignment, neighbour: int, side: str, own: Unit, unit: Unit, strict: bool = False) -> bool:
    """Whether in the quotes the unit has that neighbour, which `own` has in the statement, on that side.

    The other side where the voice differs, but not for `sent to Kyiv`. strict: only close by, in the same clause.
    """
    there = pair.quotes
    placed = side == "left" and any(
        t.lower in GOALS for t in pair.statement.tokens[neighbour + 1 : own.start] if not t.content
    )
    for place in pair.strong(neighbour) if strict else pair.candidates[neighbour]:
        turned = not placed and passive(pair.statement, neighbour) != passive(there, place)
        wanted = {"left": "right", "right": "left"}[side] if turned else side
        beside = unit.left if wanted == "left" else unit.right
        if place == beside:
            near = unit.start - place if wanted == "left" else place - unit.end
            if strict and placed and not any(t.lower in GOALS for t in there.tokens[place + 1 : unit.start]):
                continue  # `sent to Kyiv` beside `sent missiles`
            if not strict or (there.clause[place] == there.clause[unit.start] and near <= 3):
                return True
    return False


def replaced(pair: Alignment, known: Collection[int] = ()) -> Iterator[str]:
    """Names and numbers where the quotes have others beside the same words. known: names that only differ in form."""
    statement, there = pair.statement, units(pair.quotes)
    for unit in units(statement):
        sides = _sides(pair, unit)
        own = [other for other in there if same_unit(pair, unit, other)]
        absent = not own and not unit.number and not any(n in pair.candidates for n in range(unit.start, unit.end))
        if (
            not sides
            or not (own or absent)
            or (not own and not set(known).isdisjoint(range(unit.start, unit.end)))
            or any(_kept(pair, unit, n, side, other) for n, side in sides for other in own)
            or _in_turn(pair, there, own)
        ):
            continue
        close = [
            (n, side)
            for n, side in sides
            if statement.clause[n] == statement.clause[unit.start] and not _date(statement, n)
        ]
        for other in there:
            if _kind_of_date(statement, unit) != _kind_of_date(pair.quotes, other):
                continue
            if unit.number and other.number and not alike(pair.statement, unit, pair.quotes, other):
                continue
            if other.number != unit.number or same_unit(pair, unit, other) or _coordinated(pair, other, own):
                continue
            if _in_one_list(pair, unit, other):
                continue
            held = any(_holds(pair, n, side, unit, other, strict=True) for n, side in close)
            if held and not _in_its_part(pair, unit, other, own):
                name, rival = statement.text(unit.start, unit.end), pair.quotes.text(other.start, other.end)
                yield f'Where the statement has "{name}", the quotes have "{rival}".'
                break


def _kind_of_date(reading: Reading, unit: Unit) -> str:
    word = reading.tokens[unit.start].lower
    return "month" if word in MONTHS else "day" if word in CALENDAR else ""


def _kept(pair: Alignment, unit: Unit, neighbour: int, side: str, other: Unit) -> bool:
    """Whether the quotes have the unit beside that neighbour, as before it as in `the question of Trump`."""
    if _holds(pair, neighbour, side, unit, other):
        return True
    tokens = pair.statement.tokens
    before = pair.quotes.tokens[max(0, other.start - 2) : other.start]
    if any(t.lower == "of" for t in before):  # `a cruiser of the Royal Navy` for `a Royal Navy cruiser`
        words = [t.place for t in pair.quotes.tokens[: other.start] if t.content][-3:]
        if set(words) & set(pair.candidates[neighbour]):
            return True
    between = tokens[neighbour + 1 : unit.start] if side == "left" else tokens[unit.end : neighbour]
    if any(t.lower == "of" for t in between):
        return _holds(pair, neighbour, "right" if side == "left" else "left", unit, other)
    return False


def _date(reading: Reading, place: int) -> bool:
    return place in reading.number_at or reading.tokens[place].lower in MONTHS


_JOINING = frozenset(["and", "or", ",", "the", "both", "("])


def _coordinated(pair: Alignment, other: Unit, own: Sequence[Unit]) -> bool:
    """Whether the other name stands in one list with the unit's own: `Social Security or Medicare`."""
    tokens = pair.quotes.tokens
    for unit in own:
        first, second = sorted((unit, other), key=lambda u: u.start)
        between = tokens[first.end : second.start]
        if 0 < len(between) <= 2 and all(t.content and t.text.islower() for t in between) and not unit.number:
            return True  # `the Bolognese architect Ottaviano Mascherino`
        joined = all(t.lower in _JOINING or (t.content and t.text[:1].isupper()) for t in between)
        if not unit.number and between and len(between) <= 12 and joined:
            return True
    return False


def _in_turn(pair: Alignment, units_there: Sequence[Unit], own: Sequence[Unit]) -> bool:
    """Whether the number stands in a list that another list is paired with; see pairing.py."""
    there = pair.quotes
    if not own or not own[0].number:
        return False
    size = next(len(found) for found in lists(there, units_there) if own[0] in found)
    sentence = there.sentence[own[0].start]
    in_turn = any(t.lower == "respectively" and there.sentence[t.place] == sentence for t in there.tokens)
    return size > (1 if in_turn else 2)


def _in_its_part(pair: Alignment, unit: Unit, other: Unit, own: Sequence[Unit]) -> bool:
    """Whether words are left out in a later part of the quotes: `two accidents in York and three in Leeds`.

    The statement then has something else of that part: `three accidents in Leeds`.
    """
    part = parts(pair.quotes)
    later = {part[o.start] for o in own if part[o.start] > part[other.start]}
    beside = [
        u
        for u in units(pair.statement)
        if u != unit and pair.statement.clause[u.start] == pair.statement.clause[unit.start]
    ]
    return any(n in pair.best and part[pair.best[n]] in later for u in beside for n in range(u.start, u.end))


def added(pair: Alignment, question: Reading) -> Iterator[str]:
    """A name that only the question has, joined to one of the quotes: `Biden and Trump signal` for `Biden signals`."""
    statement, there = pair.statement, pair.quotes
    others = {there.sentence[t.place] for t in there.tokens if t.lower in _PLURAL}
    for first, second in itertools.pairwise(units(statement)):
        joined = [t.lower for t in statement.tokens[first.end : second.start]] == ["and"]
        for unit, other in ((first, second), (second, first)):
            mine, theirs = range(unit.start, unit.end), range(other.start, other.end)
            alone = not any(n in pair.candidates for n in mine) and any(n in pair.candidates for n in theirs)
            asked = any(question.candidates(statement.tokens[n]) for n in mine)
            stands_for_it = {there.sentence[pair.best[n]] for n in theirs if n in pair.best} & others
            if joined and alone and asked and not (unit.number or other.number or stands_for_it):
                yield f'The quotes do not say this of "{statement.text(unit.start, unit.end)}".'


_PLURAL = frozenset("he she they them both we".split())


def _in_one_list(pair: Alignment, unit: Unit, rival: Unit) -> bool:
    """Whether the statement has the rival, too, in one list with the unit: `A and B merged` for `A merged with B`."""
    for other in units(pair.statement):
        first, second = sorted((unit, other), key=lambda u: u.start)
        between = pair.statement.tokens[first.end : second.start]
        if other.start != unit.start and 0 < len(between) <= 3 and same_unit(pair, other, rival):
            return not unit.number and all(t.lower in _JOINING for t in between)
    return False


def crossed(pair: Alignment) -> Iterator[str]:
    """Two pieces of a sentence that have changed places around the same words, as in `A managed B`."""
    yield from reversed_voice(pair)
    blocks = _blocks(pair)
    yield from exchanged(pair, blocks)
    order = [pair.best[block[0]] for block in blocks]
    for i in range(len(blocks)):
        for j in range(i + 2, min(len(blocks), i + 8)):
            turned = order[i : j + 1]
            turned[0], turned[-1] = turned[-1], turned[0]
            if any(a >= b for a, b in itertools.pairwise(turned)):
                continue
            first, second = blocks[i], blocks[j]
            if not (_single(pair, first) and _single(pair, second)):
                continue
            if not _one_clause(pair, first, second) or _circumstance(pair, first) or _circumstance(pair, second):
                continue
            moved = (
                _leading(pair.statement, first),
                *(_leading(pair.quotes, [pair.best[b[0]]]) for b in (first, second)),
            )
            if not any(moved) and not _turned(pair, first[-1], second[0]):
                a, b = (pair.statement.text(x[0], x[-1] + 1) for x in (first, second))
                yield f'The quotes have "{a}" and "{b}" the other way round.'
                return


def _single(pair: Alignment, places: Sequence[int]) -> bool:
    """Whether the words stand once only in the quotes, so that it is sure which is meant."""
    words = [pair.statement.tokens[a] for a in places]
    if any((is_participle(t.lower) or t.lower.endswith("ing")) and not t.name for t in words):
        return False  # a verb, not one of those who act
    return all(len(pair.strong(a)) == 1 for a in places)


def _one_clause(pair: Alignment, first: Sequence[int], second: Sequence[int]) -> bool:
    """Whether both pieces stand in one sentence on both sides, with no condition and no reporting between them."""
    statement, there = pair.statement, pair.quotes
    places = [pair.best[first[0]], pair.best[second[0]]]
    same = statement.sentence[first[0]] == statement.sentence[second[0]]
    same = same and there.sentence[places[0]] == there.sentence[places[1]]
    between = statement.tokens[first[0] : second[-1] + 1] + there.tokens[min(places) : max(places) + 1]
    return same and not any(t.lower in _BREAKS or lemma(t.lower) == "say" for t in between)


_BREAKS = frozenset("if unless when according because while which who after before until although but".split())


def _circumstance(pair: Alignment, places: Sequence[int]) -> bool:
    """Whether the piece says when, where or how, and so may stand anywhere: after `in` or `at`, a time, an adverb."""
    sides = ((pair.statement, places[0]), (pair.quotes, pair.best[places[0]]))
    for reading, start in sides:
        before = start
        while before > 0 and (reading.tokens[before - 1].lower in _DETERMINERS or reading.tokens[before - 1].content):
            before -= 1
            if reading.tokens[before].content and start - before > 3:
                break
        if before > 0 and reading.tokens[before - 1].lower in _CIRCUMSTANTIAL:
            return True
    last = pair.statement.tokens[places[-1]].lower
    return last in TIME_UNITS or last.endswith("ly") or last in MONTHS


_DETERMINERS = frozenset("the a an its his her their our my this that these those".split())
_CIRCUMSTANTIAL = frozenset("in on at during for with after before since about within under than".split())


def _blocks(pair: Alignment) -> list[list[int]]:
    """The matched words of the statement in runs that stand together in the quotes, too."""
    rank = {t.place: n for n, t in enumerate(t for t in pair.quotes.tokens if t.content)}
    blocks: list[list[int]] = []
    for a in sorted(pair.best)[:_MAX_WORDS]:
        if blocks and rank.get(pair.best[a], -1) == rank.get(pair.best[blocks[-1][-1]], -9) + 1:
            blocks[-1].append(a)
        else:
            blocks.append([a])
    return blocks


def _leading(reading: Reading, places: Sequence[int]) -> bool:
    """Whether the piece opens its sentence with a preposition, and so may move: `In the 1950s, ...`"""
    before = [t for t in reading.tokens[: places[0]] if reading.sentence[t.place] == reading.sentence[places[0]]]
    return len(before) < 4 and not any(t.content for t in before) and any(t.lower in _PREPOSITIONS for t in before)


def _turned(pair: Alignment, start: int, end: int) -> bool:
    """Whether a verb between the two pieces has another voice in the quotes."""
    between: Sequence[int] = [a for a in pair.best if start < a < end]
    return any(passive(pair.statement, a) != passive(pair.quotes, pair.best[a]) for a in between)

"""Which of several values goes with which: `£120 a night, or £160 in London`; `4% and 5% in 2016 and 2017,
respectively`.
"""

import itertools
from collections.abc import Iterator, Sequence

from qa.gate.alignment import Alignment
from qa.gate.reading import Reading
from qa.gate.units import Unit, alike, is_year, lists, parts, same_unit, units

__all__ = ["mispaired"]

_AGAINST = frozenset("from since than compared until before after over".split())


def mispaired(pair: Alignment) -> Iterator[str]:
    """Values of the statement that the quotes give to others."""
    yield from _in_turn(pair)
    yield from _of_a_later_part(pair)


def _in_turn(pair: Alignment) -> Iterator[str]:
    """`A and B ..., C and D, respectively`: A goes with C, and B with D. Three in each list need no `respectively`."""
    statement, there = units(pair.statement), units(pair.quotes)
    sentence = pair.quotes.sentence
    in_turn = {sentence[t.place] for t in pair.quotes.tokens if t.lower == "respectively"}
    listed = [found for found in lists(pair.quotes, there) if len(found) > 1]
    for first, second in itertools.pairwise(listed):
        same = sentence[first[0].start] == sentence[second[0].start]
        if not same or len(first) != len(second) or not (len(first) > 2 or sentence[first[0].start] in in_turn):
            continue
        mine, theirs = _indices(pair, statement, first), _indices(pair, statement, second)
        if len(mine) == len(theirs) and mine and mine != theirs:
            a = pair.quotes.text(first[mine[0]].start, first[mine[0]].end)
            b = pair.quotes.text(second[mine[0]].start, second[mine[0]].end)
            yield f'In the quotes "{a}" goes with "{b}".'
            return


def _indices(pair: Alignment, statement: Sequence[Unit], listed: Sequence[Unit]) -> list[int]:
    """The items of the list that the statement has, in its order."""
    return [n for unit in statement for n, item in enumerate(listed) if same_unit(pair, unit, item)]


def _of_a_later_part(pair: Alignment) -> Iterator[str]:
    """A number beside something that stands in a later part of the sentence, which has a number of its own."""
    statement, there = units(pair.statement), units(pair.quotes)
    once = {}
    for unit in statement:
        places = [other for other in there if same_unit(pair, unit, other)]
        if len(places) == 1:
            once[unit] = places[0]
    held = set(once.values()) | {other for unit in statement for other in there if same_unit(pair, unit, other)}
    part, ours = parts(pair.quotes), parts(pair.statement)
    for (a, x), (b, y) in itertools.permutations(once.items(), 2):
        near = ours[a.start] == ours[b.start]
        same = pair.quotes.sentence[x.start] == pair.quotes.sentence[y.start]
        if not (x.number and near and same and part[x.start] < part[y.start]) or alike(pair.quotes, x, pair.quotes, y):
            continue
        if {t.lower for t in pair.statement.tokens[max(0, b.start - 2) : b.start]} & _AGAINST:
            continue
        for own in there:
            if part[own.start] == part[y.start] and own not in held and _rivals(pair.quotes, x, own, y):
                mine, theirs = pair.statement.text(a.start, a.end), pair.quotes.text(own.start, own.end)
                with_ = pair.statement.text(b.start, b.end)
                yield f'The statement has "{mine}" with "{with_}", the quotes have "{theirs}".'
                return


def _rivals(quotes: Reading, x: Unit, own: Unit, y: Unit) -> bool:
    """Whether the numbers count the same, as far as their words say, and y is what tells them apart."""
    number = quotes.number_at[x.start]
    if not alike(quotes, x, quotes, own) or (is_year(number) and not y.number):
        return False
    after = quotes.tokens[own.end] if own.end < len(quotes.tokens) else None
    return bool(number.unit) or is_year(number) or after is None or not after.content

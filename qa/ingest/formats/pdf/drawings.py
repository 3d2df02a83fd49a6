"""Lines through words, and small drawings and pictures beside them, which may be signs: a box to tick, a minus."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from qa.ingest.formats.pdf.page import Rule
from qa.ingest.formats.pdf.words import Box, Word

__all__ = ["beside_drawings", "with_underscores"]

_THROUGH = (0.12, 0.52)  # above the baseline, as a share of the size: where a level line runs through letters
_REACH = 2.0  # of the size: how far a sign stands from a word
_TALLEST, _WIDEST = 2.2, 3.0  # of the size: larger drawings are no signs
_UNDERSCORE = (0.2, 0.7)  # of the size: how wide a line is that stands for an underscore
_TOUCHING = 0.15  # of the size: the widest gap beside one
_MOST_LOOKS = 3_000_000


def with_underscores(words: list[Word], lines: Sequence[Rule]) -> list[Word]:
    """The words, and underscores where a short line on the baseline joins two of them: TeX draws them so."""
    lookup = _Lookup(words)
    found = []
    for rule in lines:
        if rule.level and not rule.edge and (pair := lookup.joined(rule)):
            before, after = pair
            box = before.box[2], before.box[1], after.box[0], before.box[3]
            found.append(before._replace(text="_", x0=rule.x0, x1=rule.x1, box=box, spaced=False))
    return words + found


def beside_drawings(
    words: list[Word], lines: Sequence[Rule], slashes: Sequence[Box], signs: Sequence[Box]
) -> list[Word]:
    """The words, each `partial` if a line runs through it or if a sign that it does not cover is beside it.

    slashes: lines that are not level, from one end to the other; signs: boxes around small shapes, on the page's frame.
    """
    lookup = _Lookup(words)
    touched: set[int] = set()
    for rule in lines:
        if rule.level:
            touched.update(lookup.crossed((rule.x0, rule.y0, rule.x1, rule.y1)))
    for slash in slashes:
        touched.update(lookup.crossed(slash))
    for sign in signs:
        touched.update(lookup.beside(sign))
    every = lookup.is_spent
    return [word._replace(partial=True) if every or number in touched else word for number, word in enumerate(words)]


class _Lookup:
    """The words of a page by their height on it."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._words = words
        self._order = sorted(range(len(words)), key=lambda number: words[number].base)
        self._bases = [words[number].base for number in self._order]
        self._tallest = max((word.size for word in words), default=0.0)
        self._looks = _MOST_LOOKS

    @property
    def is_spent(self) -> bool:
        """Whether there was more to look at than is looked at."""
        return self._looks < 0

    def _between(self, low: float, high: float) -> Iterator[tuple[int, Word]]:
        """Words whose letters stand between two heights, at least in part."""
        first, last = bisect_left(self._bases, low), bisect_left(self._bases, high + self._tallest)
        self._looks -= last - first
        if self._looks >= 0:
            yield from ((number, self._words[number]) for number in self._order[first:last])

    def crossed(self, line: Box) -> list[int]:
        """The words that a straight line runs through."""
        ax, ay, bx, by = line if line[0] <= line[2] else (*line[2:], *line[:2])
        found = []
        for number, word in self._between(min(ay, by), max(ay, by)):
            low, high = max(ax, word.x0), min(bx, word.x1)
            if high - low < (0 if ay != by else 0.3 * (word.x1 - word.x0)):
                continue
            slope = (by - ay) / (bx - ax) if bx - ax > 0.01 else 0.0
            ends = (ay + slope * (low - ax), ay + slope * (high - ax)) if bx - ax > 0.01 else (ay, by)
            if min(ends) < word.base - _THROUGH[0] * word.size and max(ends) > word.base - _THROUGH[1] * word.size:
                found.append(number)
        return found

    def joined(self, rule: Rule) -> tuple[Word, Word] | None:
        """The words that a line fills the gap between, on their baseline."""
        near = self._between(rule.y0 - 0.2 * self._tallest, rule.y0)
        line = [
            word
            for _, word in near
            if -0.2 * word.size < rule.y0 - word.base < 0.2 * word.size
            and _UNDERSCORE[0] < (rule.x1 - rule.x0) / word.size < _UNDERSCORE[1]
        ]
        before = next((w for w in line if abs(rule.x0 - w.x1) < _TOUCHING * w.size), None)
        after = next((w for w in line if abs(w.x0 - rule.x1) < _TOUCHING * w.size), None)
        return (before, after) if before and after and not (before.raised or after.spaced) else None

    def beside(self, sign: Box) -> list[int]:
        """The words on the line of a sign that are near it; none if words cover it, as they do a background."""
        x0, y0, x1, y1 = sign
        middle = (y0 + y1) / 2
        line = [(n, w) for n, w in self._between(middle, middle) if w.base - 0.95 * w.size < middle <= w.base]
        if 2 * sum(max(0.0, min(x1, word.x1) - max(x0, word.x0)) for _, word in line) > x1 - x0:
            return []
        return [
            number
            for number, word in line
            if max(word.x0 - x1, x0 - word.x1) < _REACH * word.size
            and y1 - y0 < _TALLEST * word.size
            and x1 - x0 < _WIDEST * word.size
            and not (x1 - x0 < 0.15 * word.size and y1 - y0 > 0.8 * word.size)  # a bar in the margin
        ]

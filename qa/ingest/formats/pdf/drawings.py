"""Lines through words, and small drawings and pictures beside them, which may be signs: a box to tick, a minus."""

from collections.abc import Iterator, Sequence

from qa.ingest.formats.pdf.page import Rule
from qa.ingest.formats.pdf.words import Box, Word

__all__ = ["beside_drawings", "with_underscores"]

_THROUGH = (0.12, 0.52)  # above the baseline, as a share of the size: where a level line runs through letters
_REACH = 2.0  # of the size: how far a sign stands from a word
_TALLEST, _WIDEST = 2.2, 3.0  # of the size: larger drawings are no signs
_UNDERSCORE = (0.2, 0.7)  # of the size: how wide a line is that stands for an underscore
_TOUCHING = 0.15  # of the size: the widest gap beside one
_CELLS = 60  # of the grid over a page, in each direction
_MOST_LOOKS = 1_000_000


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
    """The words of a page by their places, in a grid over it. Each word is also in the cells that it is near to."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._words = words
        self._looks = _MOST_LOOKS
        areas = [(w.x0 - _REACH * w.size, w.base - w.size, w.x1 + _REACH * w.size, w.base + w.size) for w in words]
        self._area = tuple(
            edge(sides) for edge, sides in zip((min, min, max, max), zip(*areas, strict=True), strict=False)
        )
        self._cells: dict[tuple[int, int], list[int]] = {}
        for number, area in enumerate(areas):
            for cell in self._touched(area):
                self._cells.setdefault(cell, []).append(number)

    @property
    def is_spent(self) -> bool:
        """Whether there was more to look at than is looked at."""
        return self._looks < 0

    def _touched(self, box: Box) -> list[tuple[int, int]]:
        """The cells that a box is in."""
        left, top, right, bottom = self._area
        if box[0] > right or box[2] < left or box[1] > bottom or box[3] < top:
            return []
        wide, high = (right - left) / _CELLS or 1.0, (bottom - top) / _CELLS or 1.0
        first, last = (int(min(max(0.0, (x - left) / wide), _CELLS)) for x in (box[0], box[2]))
        upper, lower = (int(min(max(0.0, (y - top) / high), _CELLS)) for y in (box[1], box[3]))
        self._looks -= (last - first + 1) * (lower - upper + 1)
        if self._looks < 0:
            return []
        return [(x, y) for x in range(first, last + 1) for y in range(upper, lower + 1)]

    def _near(self, box: Box) -> Iterator[tuple[int, Word]]:
        """Words that a box may touch, or stand beside."""
        if self._words:
            found = sorted({number for cell in self._touched(box) for number in self._cells.get(cell, ())})
            self._looks -= len(found)
            yield from ((number, self._words[number]) for number in found)

    def crossed(self, line: Box) -> list[int]:
        """The words that a straight line runs through."""
        ax, ay, bx, by = line if line[0] <= line[2] else (*line[2:], *line[:2])
        found = []
        for number, word in self._near((ax, min(ay, by), bx, max(ay, by))):
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
        near = self._near((rule.x0, rule.y0, rule.x1, rule.y0))
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
        line = [(n, w) for n, w in self._near((x0, middle, x1, middle)) if w.base - 0.95 * w.size < middle <= w.base]
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

"""The order of reading: rows of a page to regions, each read from top to bottom."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from qa.ingest.formats.pdf.page import Rule
from qa.ingest.formats.pdf.words import Row, row_of, segments_of

__all__ = ["part", "regions"]

_GUTTER = 0.8  # of the size: the narrowest space between columns
_STEP = 3.0  # points: how finely gutters are looked for
_DEPTH = 7
_LEAST = 3  # lines that a column has
_TRIED = 8  # gutters for each region


class _Run(NamedTuple):
    """Rows `[start, end)` that nothing crosses at `x`; how many have text on the left, the right, both."""

    x: float
    start: int
    end: int
    left: int
    right: int
    both: int


def regions(rows: Sequence[Row], rules: Sequence[Rule]) -> list[list[Row]]:
    """Groups of rows in the order of reading. Level rules that cross a gutter end it."""
    barriers = sorted((rule.y0, rule.x0, rule.x1) for rule in rules if rule.level)
    return _split(list(rows), barriers, 0)


def part(row: Row, low: float, high: float) -> Row | None:
    """The words of a row whose middle lies between two places."""
    words = tuple(word for word in row.words if low <= (word.x0 + word.x1) / 2 < high)
    return (row if len(words) == len(row.words) else row_of(words)) if words else None


def _split(rows: list[Row], barriers: list[tuple[float, float, float]], depth: int) -> list[list[Row]]:
    if len(rows) < _LEAST or depth > _DEPTH:
        return [rows] if rows else []
    run = _best(rows, barriers)
    if run is None:
        return [rows]
    body = rows[run.start : run.end]
    left = [piece for row in body if (piece := part(row, float("-inf"), run.x))]
    right = [piece for row in body if (piece := part(row, run.x, float("inf")))]
    pieces = (rows[: run.start], left, right, rows[run.end :])
    return [region for piece in pieces for region in _split(piece, barriers, depth + 1)]


def _best(rows: list[Row], barriers: list[tuple[float, float, float]]) -> _Run | None:
    """The gutter with the most lines beside it."""
    best: _Run | None = None
    for x in _gutters(rows):
        for run in _runs(rows, x, barriers):
            enough = min(run.left, run.right) >= _LEAST
            if enough and (best is None or _weight(run) > _weight(best)) and _columns(rows, run):
                best = run
    return best


def _weight(run: _Run) -> tuple[int, int]:
    return min(run.left, run.right), run.end - run.start


def _gutters(rows: list[Row]) -> list[float]:
    """Places where many lines have a gap, the commonest first. Lines of two columns may stand at different heights."""
    counts: dict[int, int] = {}
    for number, row in enumerate(rows):
        spans = [(word.x0, word.x1) for word in row.words]
        for other in rows[number + 1 : number + 3]:
            if other.base - row.base < 0.9 * row.size:
                spans += [(word.x0, word.x1) for word in other.words]
        spans.sort()
        end = spans[0][1]
        for low, high in spans[1:]:
            if low - end >= _GUTTER * row.size:
                for at in range(int(end / _STEP) + 1, int(low / _STEP) + 1):
                    counts[at] = counts.get(at, 0) + 1
            end = max(end, high)
    peaks = []
    for at, count in counts.items():
        if count >= _LEAST and count >= counts.get(at - 1, 0) and count >= counts.get(at + 1, 0):
            width = 1
            while counts.get(at + width) == count:
                width += 1
            if counts.get(at - 1, 0) < count:
                peaks.append((count, width, (at + width / 2 - 0.5) * _STEP))
    return [x for _, _, x in sorted(peaks, reverse=True)[:_TRIED]]


def _runs(rows: list[Row], x: float, barriers: list[tuple[float, float, float]]) -> list[_Run]:
    """The longest stretches of rows that leave a place free."""
    found: list[_Run] = []
    start = 0
    sides: list[int] = []
    for number, row in enumerate(rows):
        side = _side(row, x)
        crossed = number > start and _barred(rows[number - 1], row, x, barriers)
        if side == 0 or crossed:
            found += _closed(rows, x, start, sides, ended=True)
            start, sides = (number + 1, []) if side == 0 else (number, [side])
        else:
            sides.append(side)
    return found + _closed(rows, x, start, sides, ended=False)


def _closed(rows: list[Row], x: float, start: int, sides: list[int], ended: bool) -> list[_Run]:
    while ended and len(sides) > 1 and sides[-1] == 1:
        last = start + len(sides) - 1
        if rows[last].base - rows[last - 1].base <= 1.7 * rows[last].size:
            break
        sides = sides[:-1]  # a line set apart that stands before text across the page
    if not sides:
        return []
    left, right = sum(side & 1 for side in sides), sum(side >> 1 for side in sides)
    return [_Run(x, start, start + len(sides), left, right, sum(side == 3 for side in sides))]


def _side(row: Row, x: float) -> int:
    """1 if a row has words on the left of a place only, 2 on the right only, 3 both, 0 if it crosses it."""
    low, high = float("-inf"), float("inf")
    for word in row.words:
        if word.x0 < x < word.x1:
            return 0
        if word.x1 <= x:
            low = max(low, word.x1)
        else:
            high = min(high, word.x0)
    if high - low < _GUTTER * 0.9 * row.size:
        return 0
    return (low > float("-inf")) + 2 * (high < float("inf"))


def _barred(above: Row, below: Row, x: float, barriers: list[tuple[float, float, float]]) -> bool:
    return any(above.base < y <= below.base and x0 < x - 2 and x1 > x + 2 for y, x0, x1 in barriers)


def _columns(rows: list[Row], run: _Run) -> bool:
    """Whether the two sides are read one after the other, and not line by line as a table is."""
    body = rows[run.start : run.end]
    left = [piece for row in body if (piece := part(row, float("-inf"), run.x))]
    right = [piece for row in body if (piece := part(row, run.x, float("inf")))]
    if not left or not right:
        return False
    low, high = max(left[0].base, right[0].base) - left[0].size, min(left[-1].base, right[-1].base) + left[0].size
    beside = [[row for row in side if low <= row.base <= high] for side in (left, right)]
    if min(map(len, beside)) < _LEAST:
        return False  # one above the other
    if run.both < 0.35 * min(map(len, beside)):
        return True
    return _prose(left) and _prose(right)


def _prose(rows: list[Row]) -> bool:
    """Whether rows are lines of running text: words rather than figures, most lines filled, of several words."""
    words = [word.text for row in rows for word in row.words]
    letters = sum(word[:1].isalpha() and len(word) > 1 for word in words)
    if letters < 0.55 * len(words):
        return False
    segments = [piece for row in rows for piece in segments_of(row, 1.2 * row.size)]
    widths = sorted(piece[-1].x1 - piece[0].x0 for piece in segments)
    full = widths[int(0.85 * (len(widths) - 1))]
    return median(map(len, segments)) >= 3 and median(widths) >= 0.6 * full and full >= 8 * rows[0].size

"""Tables drawn with ruling lines; what a table is, and which of its rows are column headers."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from qa.ingest.formats.pdf.page import Rule
from qa.ingest.formats.pdf.words import Row, Word, rows_of, segments_of

__all__ = ["Cell", "Table", "compact", "figure_columns", "heads", "is_figure", "ruled"]

_TOUCH = 3.0  # points: lines that come this near meet
_MOST_LINES = 700  # of a page, after those in one line are joined; more is a drawing
_MOST_PLACES = 20_000  # of one grid
_FIGURE = re.compile(
    r"[-+−–(<>≤≥~±]*\s*(?:[$€£¥₹]|(?:EUR|USD|GBP|CHF|SEK|NOK|DKK|JPY|CNY|INR|AUD|CAD)\s)?\s*[-+−–]?\d[\d.,'’\s/:%×x-]*\)?\s*[%€£$¥°*]?(?:\s?\[\w+\])?|[-–—.…]+|n/?a",
    re.IGNORECASE,
)


class Cell(NamedTuple):
    """A cell of a grid: where it begins, how many rows and columns it takes, and its lines of text."""

    row: int
    column: int
    rows: int
    columns: int
    lines: tuple[Row, ...]

    @property
    def text(self) -> str:
        """Its words, for judging; not for showing."""
        return " ".join(word.text for line in self.lines for word in line.words)

    @property
    def bold(self) -> bool:
        """Whether all its words are."""
        return all(word.bold for line in self.lines for word in line.words)


class Table(NamedTuple):
    """A grid of cells that have text. heads: how many of its rows are column headers. edges: x of its columns."""

    cells: tuple[Cell, ...]
    height: int
    width: int
    heads: int
    edges: tuple[float, ...]
    x0: float
    top: float
    x1: float
    bottom: float

    def row(self, number: int) -> list[Cell]:
        """The cells that begin in a row, from left to right."""
        return [cell for cell in self.cells if cell.row == number]


def is_figure(text: str) -> bool:
    """Whether a cell holds a number or stands for one."""
    return bool(_FIGURE.fullmatch(text.strip()))


def ruled(words: Sequence[Word], rules: Sequence[Rule]) -> tuple[list[Table], list[Word]]:
    """Tables drawn with lines, and the words that stand in none of them."""
    tables = []
    rest = list(words)
    for xs, ys, level, upright in _grids(rules):
        inside = [word for word in rest if _within(word, xs, ys)]
        if table := _ruled(inside, xs, ys, level, upright):
            tables.append(table)
            taken = set(map(id, inside))
            rest = [word for word in rest if id(word) not in taken]
    return tables, rest


def _within(word: Word, xs: Sequence[float], ys: Sequence[float]) -> bool:
    x, y = (word.x0 + word.x1) / 2, word.base - 0.3 * word.size
    return xs[0] <= x <= xs[-1] and ys[0] <= y <= ys[-1]


def _joined(lines: Iterable[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """Lines given as (place, from, to): those on one line that touch become one."""
    found: list[tuple[float, float, float]] = []
    groups: list[list[tuple[float, float, float]]] = []
    for line in sorted(lines):
        if groups and line[0] - groups[-1][0][0] <= 1.5:
            groups[-1].append(line)
        else:
            groups.append([line])
    for group in groups:
        place = group[0][0]
        low, high = None, 0.0
        for _, start, end in sorted(group, key=lambda line: line[1]):
            if low is None:
                low, high = start, end
            elif start <= high + _TOUCH:
                high = max(high, end)
            else:
                found.append((place, low, high))
                low, high = start, end
        if low is not None:
            found.append((place, low, high))
    return found


_Lines = list[tuple[float, float, float]]


def _grids(rules: Sequence[Rule]) -> Iterator[tuple[list[float], list[float], _Lines, _Lines]]:
    """Sets of lines that meet, as places of columns and rows, largest first, with the lines themselves."""
    level = _joined((rule.y0, rule.x0, rule.x1) for rule in rules if rule.level)
    upright = _joined((rule.x0, rule.y0, rule.y1) for rule in rules if not rule.level)
    if not upright or len(level) < 2 or len(level) + len(upright) > _MOST_LINES:
        return
    group = list(range(len(level) + len(upright)))

    def root(number: int) -> int:
        while group[number] != number:
            group[number] = group[group[number]]
            number = group[number]
        return number

    for number, (y, x0, x1) in enumerate(level):
        for other, (x, y0, y1) in enumerate(upright, len(level)):
            if x0 - _TOUCH <= x <= x1 + _TOUCH and y0 - _TOUCH <= y <= y1 + _TOUCH:
                group[root(number)] = root(other)
    sets: dict[int, tuple[_Lines, _Lines]] = {}
    for number, line in enumerate(level + upright):
        sets.setdefault(root(number), ([], []))[number >= len(level)].append(line)
    for flat, tall in sorted(sets.values(), key=lambda pair: -len(pair[0]) - len(pair[1])):
        if tall and len(flat) > 1:
            xs = _places([x for x, _, _ in tall] + [flat[0][1], flat[0][2]] + [x for line in flat for x in line[1:]])
            ys = _places([y for y, _, _ in flat] + [y for line in tall for y in line[1:]])
            if len(xs) > 2 and len(ys) > 2 and len(xs) * len(ys) < _MOST_PLACES:
                yield xs, ys, sorted(flat), sorted(tall)


def _places(values: Iterable[float]) -> list[float]:
    """Sorted values; of those within a touch of each other, the first."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _TOUCH:
            found.append(value)
    return found


def _ruled(words: Sequence[Word], xs: list[float], ys: list[float], level: _Lines, upright: _Lines) -> Table | None:
    """The table that a grid makes of the words in it, or None: a frame around text, a chart, a decoration."""
    wide, high = len(xs) - 1, len(ys) - 1
    merged = _merged(xs, ys, level, upright)
    held: dict[int, list[Word]] = {}
    for word in words:
        column = min(max(bisect_right(xs, (word.x0 + word.x1) / 2) - 1, 0), wide - 1)
        row = min(max(bisect_right(ys, word.base - 0.3 * word.size) - 1, 0), high - 1)
        held.setdefault(merged[row * wide + column], []).append(word)
    areas: dict[int, list[int]] = {}
    for place, root in enumerate(merged):
        areas.setdefault(root, []).append(place)
    cells = []
    for root, inside in held.items():
        rows, columns = [at // wide for at in areas[root]], [at % wide for at in areas[root]]
        lines = tuple(rows_of(inside))
        cells.append(Cell(min(rows), min(columns), max(rows) - min(rows) + 1, max(columns) - min(columns) + 1, lines))
    if len({cell.column for cell in cells}) < 2 or len({cell.row for cell in cells}) < 2 or len(cells) < 4:
        return None
    if max(len(cell.text) for cell in cells) > 0.7 * sum(len(cell.text) for cell in cells):
        return None  # a page's frame: one cell holds the text
    if _divided(cells):
        return None
    cells = list(_split_rows(cells))
    table = compact(cells, (xs[0], ys[0], xs[-1], ys[-1]), xs)
    return table._replace(heads=heads(table))


def _divided(cells: Sequence[Cell]) -> bool:
    """Whether the cells have columns of their own: the lines set parts of a page apart, and no cells."""
    parted = whole = 0
    for cell in cells:
        lines = [len(segments_of(line, 1.5 * line.size)) > 1 for line in cell.lines]
        if sum(lines) > 0.5 * len(lines):
            parted += len(cell.text)
        whole += len(cell.text)
    return parted > 0.35 * whole


def _merged(xs: list[float], ys: list[float], level: _Lines, upright: _Lines) -> list[int]:
    """For each place of the grid, the first place of the cell that it belongs to: a rectangle without lines in it."""
    wide, high = len(xs) - 1, len(ys) - 1
    walls = {(at, row) for at in range(1, wide) for row in range(high) if _drawn(upright, xs[at], ys[row], ys[row + 1])}
    floors = {
        (at, column)
        for at in range(1, high)
        for column in range(wide)
        if _drawn(level, ys[at], *xs[column : column + 2])
    }
    owner = [-1] * (wide * high)
    for place in range(wide * high):
        if owner[place] >= 0:
            continue
        row, left = divmod(place, wide)
        right = left + 1
        while right < wide and (right, row) not in walls and owner[row * wide + right] < 0:
            right += 1
        low = row + 1
        while low < high and all(
            (low, at) not in floors and owner[low * wide + at] < 0 and (at == left or (at, low) not in walls)
            for at in range(left, right)
        ):
            if (left and (left, low) not in walls) or (right < wide and (right, low) not in walls):
                break  # wider below: another cell
            low += 1
        for at in range(row, low):
            owner[at * wide + left : at * wide + right] = [place] * (right - left)
    return owner


def _drawn(lines: _Lines, place: float, low: float, high: float) -> bool:
    """Whether a line runs at this place over the middle of a stretch."""
    middle = (low + high) / 2
    first = bisect_left(lines, (place - _TOUCH,))
    for at, start, end in lines[first:]:
        if at > place + _TOUCH:
            return False
        if start <= middle <= end:
            return True
    return False


def _split_rows(cells: list[Cell]) -> Iterator[Cell]:
    """A band of cells without lines between its rows: most cells have as many lines, at the same heights."""
    shift = 0
    for band in sorted({cell.row for cell in cells}):
        members = [cell for cell in cells if cell.row == band]
        bases = _common_bases(members)
        if len(bases) < 2:
            yield from (cell._replace(row=cell.row + shift) for cell in members)
            continue
        for cell in members:
            parts: dict[int, list[Row]] = {}
            for line in cell.lines:
                parts.setdefault(max(bisect_right(bases, line.base + 0.4 * line.size) - 1, 0), []).append(line)
            yield from (
                Cell(cell.row + shift + number, cell.column, 1, cell.columns, tuple(lines))
                for number, lines in parts.items()
            )
        shift += len(bases) - 1


def _common_bases(members: list[Cell]) -> list[float]:
    """The baselines that most cells of a band share; fewer than two if it is one row."""
    if len(members) < 3:
        return []
    counts = sorted(len(cell.lines) for cell in members)
    usual = counts[len(counts) // 2]
    same = [cell for cell in members if len(cell.lines) == usual]
    if usual < 2 or len(same) < 0.6 * len(members) or len(same) < 3:
        return []
    bases = [line.base for line in same[0].lines]
    size = same[0].lines[0].size
    alike = sum(
        all(abs(line.base - base) < 0.3 * size for line, base in zip(cell.lines, bases, strict=True)) for cell in same
    )
    return bases if alike >= 0.8 * len(same) else []


def compact(cells: list[Cell], box: tuple[float, float, float, float], xs: Sequence[float]) -> Table:
    """A table without the rows and columns in which no cell begins."""
    rows = {row: number for number, row in enumerate(sorted({cell.row for cell in cells}))}
    starts = sorted({cell.column for cell in cells})
    columns = {column: number for number, column in enumerate(starts)}

    def span(low: int, count: int, known: dict[int, int]) -> int:
        return max(sum(1 for at in known if low <= at < low + count), 1)

    neat = [
        Cell(
            rows[cell.row],
            columns[cell.column],
            span(cell.row, cell.rows, rows),
            span(cell.column, cell.columns, columns),
            cell.lines,
        )
        for cell in sorted(cells, key=lambda cell: (cell.row, cell.column))
    ]
    edges = tuple(xs[column] for column in starts)
    return Table(tuple(neat), len(rows), len(columns), 0, edges, *box)


def heads(table: Table, ruled_after: int = 0) -> int:
    """How many of the first rows are column headers. ruled_after: how many rows stand above a line, if there is one.

    A header is bold over rows that are not, or has words over figures, or stands above a line; in a table of three
    columns or more the first row is one if it names every column.
    """
    rows = [table.row(number) for number in range(table.height)]
    if table.height < 2:
        return 0
    most = min(5, table.height - 1)
    titles = 0
    while titles < most and len(rows[titles]) == 1 and rows[titles][0].columns > 1:
        titles += 1
    body = [cell for row in rows[most:] or rows[-1:] for cell in row]
    figures = figure_columns([cell for row in rows[1:] for cell in row])
    found = 0
    for number in range(most):
        row = rows[number]
        if any(is_figure(cell.text) and not _year(cell.text) for cell in row if cell.column or len(row) > 1):
            break
        bold = all(cell.bold for cell in row) and not all(cell.bold for cell in body)
        words = any(cell.column + at in figures for cell in row for at in range(cell.columns))
        if bold or number < ruled_after or (words and len(row) > 1) or number < titles:
            found = number + 1
        else:
            break
    if found <= titles and table.width > 2 and table.height > titles + 2 and _names(rows[titles], table.width):
        return titles + 1
    return found if found > titles or table.width > 2 else 0


def _names(row: Sequence[Cell], width: int) -> bool:
    """Whether a row names every column: short texts, all different, no figures, no labels of fields."""
    texts = [cell.text for cell in row]
    short = all(len(text) <= 40 and not is_figure(text) and not text.endswith(":") for text in texts)
    return short and sum(cell.columns for cell in row) >= width and len(set(texts)) == len(texts)


def _year(text: str) -> bool:
    return bool(re.fullmatch(r"(?:19|20)\d\d(?:[-–/]\d\d(?:\d\d)?)?", text.strip()))


def figure_columns(cells: Sequence[Cell]) -> set[int]:
    """Columns in which most cells hold figures."""
    counts: dict[int, list[bool]] = {}
    for cell in cells:
        if cell.columns == 1:
            counts.setdefault(cell.column, []).append(is_figure(cell.text))
    return {column for column, kinds in counts.items() if sum(kinds) > 0.6 * len(kinds)}

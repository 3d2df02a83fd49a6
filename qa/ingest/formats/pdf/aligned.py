"""Tables without lines: rows of text whose parts line up in columns."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from qa.ingest.formats.pdf.tables import Cell, Table, compact, heads
from qa.ingest.formats.pdf.words import Row, Word, row_of, segments_of

__all__ = ["aligned"]


def aligned(rows: Sequence[Row], levels: Sequence[float]) -> Table | None:
    """The table that rows make whose parts line up in columns; None if they do not. levels: y of lines across."""
    size = median(row.size for row in rows)
    parts = [segments_of(row, 0.55 * size) for row in rows]
    gaps = _separators(parts, size)
    cells = _placed(parts, gaps)
    counts = [len([cell for cell in cells if cell.row == number]) for number in range(len(rows))]
    if not gaps or sum(count > 1 for count in counts) < max(2, 0.55 * len(rows)):
        return None
    box = (min(r.x0 for r in rows), min(r.top for r in rows), max(r.x1 for r in rows), max(r.bottom for r in rows))
    cells = _continued(cells, rows, len(gaps) + 1)
    table = compact(cells, box, [box[0], *((low + high) / 2 for low, high in gaps)])
    if table.width < 2 or sum(len(cell.text) for cell in cells) > 60 * len(cells):
        return None
    return table._replace(heads=heads(table, _ruled_after(table, levels)))


def _ruled_after(table: Table, levels: Sequence[float]) -> int:
    """How many rows stand above the first line across that has rows on both sides."""
    for number in range(min(5, table.height - 1)):
        above = max(line.base for cell in table.row(number) for line in cell.lines)
        below = min(line.base for cell in table.row(number + 1) for line in cell.lines)
        if any(above <= level < below for level in levels) and number + 1 < table.height / 2:
            return number + 1
    return 0


def _separators(parts: Sequence[Sequence[Sequence[Word]]], size: float) -> list[tuple[float, float]]:
    """Stretches from left to right that hardly any row crosses, between columns that several rows have text in."""
    spans = [(part[0].x0, max(word.x1 for word in part), number) for number, row in enumerate(parts) for part in row]
    allowed = 1 if 4 <= len(parts) < 12 else int(0.1 * len(parts))
    events = sorted([(low, 1) for low, _, _ in spans] + [(high, -1) for _, high, _ in spans])
    found: list[tuple[float, float]] = []
    depth, start = 0, None
    for x, step in events:
        depth += step
        if depth <= allowed and start is None:
            start = x
        elif depth > allowed and start is not None:
            if x - start >= 0.4 * size:
                found.append((start, x))
            start = None
    first = min(low for low, _, _ in spans)
    gaps = [gap for gap in found if gap[0] > first]
    return _peopled(spans, gaps, len(parts))


def _peopled(
    spans: Sequence[tuple[float, float, int]], gaps: list[tuple[float, float]], rows: int
) -> list[tuple[float, float]]:
    """The gaps without those that would leave a column with text in hardly any row."""
    kept: list[tuple[float, float]] = []
    for gap in [*gaps, (float("inf"), float("inf"))]:
        low = kept[-1][1] if kept else float("-inf")
        within = {number for left, right, number in spans if left >= low - 1 and right <= gap[0] + 1}
        if len(within) >= max(2, 0.2 * rows) or (gap[0] == float("inf") and not kept):
            kept.append(gap)
        elif gap[0] == float("inf"):
            kept.pop()
    return [gap for gap in kept if gap[0] != float("inf")]


def _placed(parts: Sequence[Sequence[Sequence[Word]]], gaps: Sequence[tuple[float, float]]) -> list[Cell]:
    """A cell for what each row has in each column; a part that crosses gaps takes several columns."""
    middles = [(low + high) / 2 for low, high in gaps]
    cells = []
    for number, segments in enumerate(parts):
        held: dict[int, tuple[int, list[Word]]] = {}
        for segment in segments:
            x0, x1 = segment[0].x0, max(word.x1 for word in segment)
            first, last = bisect_right(middles, x0 + 0.5), bisect_right(middles, x1 - 0.5)
            count, words = held.get(first, (1, []))
            held[first] = (max(count, last - first + 1), [*words, *segment])
        for column, (count, words) in held.items():
            cells.append(Cell(number, column, 1, count, (row_of(words),)))
    return cells


def _continued(cells: list[Cell], rows: Sequence[Row], width: int) -> list[Cell]:
    """A row with a single cell that only goes on with the row above it or below it becomes part of that row."""
    by_row: dict[int, list[Cell]] = {}
    for cell in cells:
        by_row.setdefault(cell.row, []).append(cell)
    pitches = [after.base - before.base for before, after in pairwise(rows)]
    usual = median(pitches) if pitches else 0.0
    target = list(range(len(rows)))
    for number in range(1, len(rows)):
        here, above = by_row[number], by_row[target[number - 1]]
        tight = pitches[number - 1] <= 1.05 * usual and pitches[number - 1] < 1.5 * rows[number].size
        lone = len(here) == 1 and (here[0].column > 0 or here[0].columns == 1)
        known = [cell for cell in above if lone and cell.column == here[0].column]
        small = lone and here[0].text[:1].islower()
        if lone and tight and known and len(above) > 1 and (here[0].column > 0 or small):
            target[number] = target[number - 1]
        elif tight and len(above) == 1 and len(here) > 1 and above[0].column == 0 and above[0].columns == 1:
            first = next((cell for cell in here if cell.column == 0), None)
            if first and first.text[:1].islower() and target[number - 1] == number - 1:
                target[number] = number - 1
    merged: dict[tuple[int, int], Cell] = {}
    for cell in cells:
        key = target[cell.row], cell.column
        old = merged.get(key)
        if old is None:
            merged[key] = cell._replace(row=key[0])
        else:
            merged[key] = old._replace(lines=old.lines + cell.lines, columns=max(old.columns, cell.columns))
    return list(merged.values())

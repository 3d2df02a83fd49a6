"""Tables with merged cells as blocks: rows with their labels and with the headers of each cell."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from qa.ingest.blocks import Builder
from qa.records import Span

__all__ = ["Cell", "Row", "write"]

_WIDEST = 100  # columns that a cell may span, and columns that may be taken by cells of earlier rows
_LABELS = 8
_HEADS = 20  # headers over one cell
_HEADER_ROWS = 5
_HEADER_CHARS = 80
_NUMBER = re.compile(r"[\s(<>≤≥~≈±+−–-]*(?:[$€£¥]|[A-Z]{3} ?)?\s*\d")
_SHORT_NUMBER = re.compile(r"\d{1,4}\.?")


@dataclass(frozen=True, slots=True)
class Cell:
    """text: on one line. columns, rows: how many it covers, from 1. head: marked as a header; bold: all of it is."""

    text: str
    columns: int = 1
    rows: int = 1
    head: bool = False
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """head: marked as a row of column headers."""

    cells: Sequence[Cell]
    head: bool = False


@dataclass(slots=True)
class _Placed:
    """A cell in the grid: its first column, and where its text stands."""

    cell: Cell
    column: int
    span: Span
    left: int = 0  # rows below that it still covers

    @property
    def covered(self) -> range:
        return range(self.column, self.column + self.cell.columns)


def write(builder: Builder, rows: Sequence[Row], parent: int | None = None) -> list[int | None]:
    """Write a table; the number of each row's block, None for empty rows.

    parent: of the header, or of the rows if there is none: a caption, or the paragraph that introduces the table.
    """
    return _Table(builder, _clamped(rows), parent).write()


class _Table:
    def __init__(self, builder: Builder, rows: Sequence[Row], parent: int | None) -> None:
        self._builder, self._rows, self._parent = builder, rows, parent
        self._width = max((sum(cell.columns for cell in row.cells) for row in rows), default=0)
        self._heads: dict[int, list[Span]] = {}  # column -> headers, from the top
        self._above: list[_Placed] = []  # cells that reach down into the next row
        self._top = _header_rows(rows)

    def write(self) -> list[int | None]:
        header: int | None = None
        numbers: list[int | None] = []
        fresh = grouped = False  # whether the row before was a header, or named a group of rows
        for number, row in enumerate(self._rows):
            is_header = number < self._top or self._is_header(number)
            group = not is_header and self._is_group(number)
            if is_header and not fresh:
                self._heads.clear()
                header = header if grouped else None
            written = self._write(row, self._parent if header is None else header, is_header or group)
            numbers.append(written)
            if written is not None:
                fresh, grouped = is_header, group
                header = written if is_header or group else header
        return numbers

    def _write(self, row: Row, parent: int | None, header: bool) -> int | None:
        """One row; `columns` and `labels` by the cells above, its own label once it has its place in the text."""
        columns = self._columns(row)
        above = [placed for placed in self._above if placed.cell.text]
        merged = [] if header else [placed.span for placed in above[:_LABELS]]
        heads = [self._headers(start, cell) for start, cell in zip(columns, row.cells, strict=True)]
        number = self._builder.row(
            [cell.text for cell in row.cells],
            parent,
            header=header,
            labels=merged,
            columns=() if header else heads,
        )
        spans = self._builder.blocks[number].cells if number is not None else [Span(0, 0)] * len(row.cells)
        placed = [
            _Placed(cell, start, span, cell.rows - 1)
            for cell, start, span in zip(row.cells, columns, spans, strict=True)
        ]
        if number is not None and header and not self._is_group_row(row):
            for piece in placed:
                self._add_head(piece)
        elif number is not None and not header:
            own = [spans[index] for index in _own_labels(row, columns, bool(self._heads))]
            block = self._builder.blocks[number]
            labels = tuple(sorted((*block.labels, *own)))
            self._builder.blocks[number] = replace(block, labels=labels)
        self._advance(placed)
        return number

    def _columns(self, row: Row) -> list[int]:
        """The first column of each cell: those that cells of earlier rows reach into are taken."""
        taken = {column for placed in self._above for column in placed.covered}
        starts, column = [], 0
        for cell in row.cells:
            while column in taken:
                column += 1
            starts.append(column)
            column += cell.columns
        return starts

    def _advance(self, placed: Iterable[_Placed]) -> None:
        for earlier in self._above:
            earlier.left -= 1
        kept = [earlier for earlier in self._above if earlier.left > 0]
        self._above, width = [], 0
        for piece in [*kept, *(piece for piece in placed if piece.left > 0)]:
            width += piece.cell.columns
            if width <= _WIDEST:
                self._above.append(piece)

    def _add_head(self, piece: _Placed) -> None:
        if piece.cell.text:
            for column in piece.covered:
                heads = self._heads.setdefault(column, [])
                heads.append(piece.span)
                del heads[:-_HEADS]

    def _headers(self, start: int, cell: Cell) -> list[Span]:
        """The nearest headers over a cell, outermost first, each once."""
        spans = [span for column in range(start, start + cell.columns) for span in self._heads.get(column, ())]
        return sorted(set(spans))[-_HEADS:]

    def _is_header(self, number: int) -> bool:
        """A row of header cells further down, with rows of values below."""
        row = self._rows[number]
        full = [cell for cell in row.cells if cell.text]
        if not row.head and (len(full) < 2 or not all(cell.head for cell in full)):
            return False
        return any(not all(cell.head for cell in later.cells) for later in self._rows[number + 1 : number + 6])

    def _is_group(self, number: int) -> bool:
        """A line over the whole width that names the rows under it."""
        row = self._rows[number]
        if number + 1 >= len(self._rows) or not self._is_group_row(row):
            return False
        cell = next(cell for cell in row.cells if cell.text)
        alone = not self._is_group_row(self._rows[number + 1])
        return alone and len(cell.text) <= _HEADER_CHARS and (cell.head or cell.bold) and cell.text[-1] not in ".!"

    def _is_group_row(self, row: Row) -> bool:
        full = [cell for cell in row.cells if cell.text]
        width = sum(cell.columns for cell in row.cells)
        return len(full) == 1 and self._width > 1 and width >= self._width and not self._above


def _clamped(rows: Sequence[Row]) -> list[Row]:
    """Spans as wide as the table has cells at most: what a page claims costs time and memory."""
    limit = min(max((len(row.cells) for row in rows), default=1), _WIDEST)
    wide = [row for row in rows if any(cell.columns > limit for cell in row.cells)]
    if not wide:
        return list(rows)
    return [
        replace(row, cells=[replace(cell, columns=max(1, min(cell.columns, limit))) for cell in row.cells])
        for row in rows
    ]


def _header_rows(rows: Sequence[Row]) -> int:
    """How many rows at the top are headers: marked ones, rows of header cells, or what looks like one."""
    count = 0
    for row in rows[:_HEADER_ROWS]:
        full = [cell for cell in row.cells if cell.text]
        marked = row.head or (bool(full) and all(cell.head for cell in full) and len(row.cells) > 1)
        if not (marked or (count and not full)):
            break
        count += 1
    if count == 0 and not any(cell.head for row in rows[:50] for cell in row.cells):
        count = _unmarked(rows)
    return 0 if count >= len(rows) else count


def _unmarked(rows: Sequence[Row]) -> int:
    """Rows at the top of a table without marks that are headers: bold over plain cells, or words over numbers."""
    first = [cell for cell in rows[0].cells if cell.text] if rows else []
    if len(first) < 2 or len(rows) < 2 or any(len(cell.text) > _HEADER_CHARS or cell.text[-1] == ":" for cell in first):
        return 0
    if len(first) < len(rows[0].cells) - 1 or any(map(_NUMBER.match, (cell.text for cell in first))):
        return 0
    below = [cell for row in rows[1:50] for cell in row.cells if cell.text]
    if all(cell.bold for cell in first) and not all(cell.bold for cell in below):
        return 1
    if len({cell.text for cell in first}) < len(first):
        return 0
    for count in (1, 2):
        rest = rows[count:50]
        plain = all(not _NUMBER.match(cell.text) for row in rows[:count] for cell in row.cells)
        if rest and plain and _numeric_columns(rest, all_but_first=count == 2):
            return count
    return 0


def _numeric_columns(rows: Sequence[Row], all_but_first: bool) -> bool:
    """Whether a column holds nothing but numbers; or all columns but the first do."""
    columns: dict[int, list[str]] = {}
    taken: dict[int, int] = {}  # column -> rows that a cell of an earlier row still covers
    for row in rows:
        column, below = 0, {at: left - 1 for at, left in taken.items() if left > 1}
        for cell in row.cells:
            while taken.get(column):
                column += 1
            if cell.text and column:
                columns.setdefault(column, []).append(cell.text)
            below |= dict.fromkeys(range(column, column + cell.columns), cell.rows - 1) if cell.rows > 1 else {}
            column += cell.columns
        taken = below
    numeric = [all(map(_NUMBER.match, column)) for column in columns.values()]
    return bool(numeric) and (all(numeric) if all_but_first else any(numeric))


def _own_labels(row: Row, columns: Sequence[int], has_header: bool) -> list[int]:
    """Which cells of a row name it: its header cells; else the first, if it has letters or numbers the rows."""
    full = [index for index, cell in enumerate(row.cells) if cell.text]
    heads = [index for index in full if row.cells[index].head]
    if heads or len(full) < 2:
        return heads if len(full) > len(heads) else []
    first = row.cells[full[0]]
    if full[0] != 0 or first.columns > 1:
        return []
    if columns[0] == 0 and re.search(r"[^\W\d_]", first.text):
        return [0]
    if columns[0] == 0:
        return [0] if has_header and _SHORT_NUMBER.fullmatch(first.text) else []
    return [0] if len(full) > 1 and not re.search(r"\d", first.text) else []

"""Tables of plain cells, from any format: title lines, header rows, row labels."""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from qa.ingest.blocks import Builder
from qa.records import Span

__all__ = ["MOST_CELLS", "Grid", "is_value", "write"]

MOST_CELLS = 1_000_000  # of one document
_TITLE_LINES = 12  # looked at for the start of the table
_TITLE_CHARS = 120
_HEADER_CHARS = 80
_HEADER_ROWS = 3
_HEADS = 20  # headers over one cell, and labels of a row: the nearest ones
_SAMPLE = 200  # rows that decide whether the first one is a header
_CURRENCY = r"(?:[$€£¥₹₽]|[A-Z]{3}|kr|Kč|zł|Ft|CHF)"
_NUMBER = r"[-(+−–±~≈<>≤≥]*\d[\d.,'’\s\u00a0\u202f/]*(?:[eE][-+]?\d+)?\)?"
_VALUE = re.compile(
    rf"(?:{_CURRENCY}\s?)?{_NUMBER}\s?(?:%|‰|{_CURRENCY}|[kKMG]?[A-Za-zµ°²³]{{1,3}})?"
    r"|\d{4}-\d\d-\d\d(?:[T ][\d:.+Z-]+)?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}:\d\d(?::\d\d)?(?: ?[AaPp]\.?[Mm]\.?)?"
    r"|(?i:true|false|yes|no|n/?a|null|none|nan)|[-–—.?✓✗]|[^\s@]+@[^\s@]+\.[a-z]+|https?://\S+"
)


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of cells from left to right, and what a spreadsheet knows about them.

    merged: (row, column) of a cell that a merge covers -> (row, column) of the one that holds the text. groups: rows
    that are set off as the heading of those below them. header: whether a first row of names is a header where its
    length and the values below it do not tell. header_rows: how many rows are the header, for formats that say so.
    frozen: rows at the top of a spreadsheet that do not scroll.
    """

    rows: Sequence[Sequence[str]]
    merged: Mapping[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    groups: Set[int] = frozenset()
    header: bool = True
    header_rows: int | None = None
    frozen: int = 0


def is_value(text: str) -> bool:
    """Whether a cell is a number, an amount, a date or the like, rather than a name."""
    return bool(_VALUE.fullmatch(text[:100].strip()))


def write(builder: Builder, grid: Grid) -> None:
    """Write the tables of a grid, which blank rows set apart, each with its title lines and its header.

    A table without a header of its own has none, unless the grid says that the header above counts for all rows.
    """
    wide: dict[int, int] = {}  # rows with cells merged from left to right, and where the last of these merges ends
    for (row, column), source in grid.merged.items():
        if source[0] == row:
            wide[row] = max(wide.get(row, 0), column + 1)
    header: _Header | None = None
    level = builder.level + 1
    rows = [[" ".join(cell.split()) for cell in row] for row in grid.rows]
    filled = [[column for column, cell in enumerate(row) if cell] for row in rows]
    tables = list(_tables(filled))
    for number, (start, end) in enumerate(tables):
        table = _Table(builder, grid, rows, filled, start, end, level, wide, last=number + 1 == len(tables))
        header = table.write(header) or header


def _tables(filled: Sequence[Sequence[int]]) -> Iterator[tuple[int, int]]:
    """Runs of rows that are not blank."""
    start = None
    for number, columns in enumerate(filled):
        if columns:
            start = number if start is None else start
        elif start is not None:
            yield start, number
            start = None
    if start is not None:
        yield start, len(filled)


@dataclass(frozen=True, slots=True)
class _Header:
    """A written header: its last block, the spans of its cells, by column, and the row after it."""

    block: int
    columns: Mapping[int, tuple[Span, ...]]
    end: int


@dataclass(slots=True)
class _Table:
    """The rows `start..end` of a grid, all of them with text."""

    builder: Builder
    grid: Grid
    rows: list[list[str]]  # cells without white space at their ends
    filled: list[list[int]]  # columns of the cells with text
    start: int
    end: int
    level: int  # of a title
    wide: Mapping[int, int]
    last: bool
    spans: dict[tuple[int, int], Span] = field(default_factory=dict)  # of written cells, by row and column

    def write(self, before: _Header | None) -> _Header | None:
        """Write everything; return the header. before: the header of the last table above that has one."""
        used = {column for row in range(self.start, self.end) for column in self.filled[row]}
        known = self.grid.header_rows is not None
        if len(used) == 1 and not known:
            self._column()
            return None
        first = self.start if known else self._titles()
        body = self._header_end(first, before)
        if body > first:
            header: _Header | None = self._header(first, body)
        else:
            header = before if self._stays(before, first) else None
        group = None
        for row in range(body, self.end):
            if row in self.grid.groups and row + 1 < self.end and len(self.filled[row]) == 1:
                parent = header.block if header else None
                group = self.builder.row([self._cell(row, self.filled[row][0])], parent, header=True)
            else:
                self._row(row, header, group)
        return header

    def _column(self) -> None:
        """Write rows that all have the same only cell: a title, a list under its name, or lines of text."""
        cells = [self._cell(row, self.filled[row][0]) for row in range(self.start, self.end)]
        if self.grid.header and len(cells) > 1 and not is_value(cells[0]) and max(map(len, cells)) <= _HEADER_CHARS:
            header = self.builder.row(cells[:1], header=True)
            for cell in cells[1:]:
                self.builder.row([cell], header)
            return
        for number, cell in enumerate(cells):
            self._title(cell, heading=number == 0 and not self.last and len(cells) <= _HEADER_ROWS)

    def _titles(self) -> int:
        """Write the lines above the table, which have one cell; the first row of the table."""
        limit = min(self.start + _TITLE_LINES, self.end)
        full = next((row for row in range(self.start, limit) if len(self.filled[row]) > 1), self.start)
        for row in range(self.start, full):
            self._title(self._cell(row, self.filled[row][0]), heading=row == self.start)
        return full

    def _title(self, text: str, heading: bool) -> None:
        if heading and len(text) <= _TITLE_CHARS and not text.endswith((".", "!", ";", ",")):
            self.builder.add("heading", text, level=self.level)
        else:
            self.builder.add("paragraph", text)

    def _stays(self, before: _Header | None, first: int) -> bool:
        """Whether the header above a blank row still applies below it, where no row can be a header of its own."""
        if before is None or self.grid.header_rows is not None:
            return before is not None
        return before.end <= self.grid.frozen and not self._heads(first)

    def _header_end(self, first: int, before: _Header | None) -> int:
        """The first row after the header rows; `first` if there are none."""
        if self.grid.header_rows is not None:
            return min(self.grid.header_rows, self.end) if first == 0 else first
        if first + 1 == self.end or not self._heads(first):
            return first
        names = first + 1 if first in self.wide and first + 2 < self.end and self._names(first + 1) else first
        contrast = self._contrast(names)
        if contrast and not self.grid.header and self._is_pair(first):
            return first
        if not contrast and (before is not None or not (self.grid.header or self._shorter(first))):
            return first
        end = first + 1
        while end < min(first + _HEADER_ROWS, self.end - 1) and end - 1 in self.wide and self._names(end):
            end += 1
        return end

    def _heads(self, row: int) -> bool:
        """Whether a row names the columns: short names that do not come again below them."""
        if not self._names(row) or len(self.filled[row]) < 2:
            return False
        below = range(row + 1, min(row + 1 + _SAMPLE, self.end))
        return not any(
            self._cell(row, column) == self._cell(other, column) for column in self.filled[row] for other in below
        )

    def _names(self, row: int) -> bool:
        cells = [self._cell(row, column) for column in self.filled[row]]
        values = sum(1 for cell in cells if is_value(cell) and not re.fullmatch(r"\d{4}|\d{4}[-/]\d\d(?:\d\d)?", cell))
        return not values and all(len(cell) <= _HEADER_CHARS for cell in cells)

    def _contrast(self, row: int) -> bool:
        """Whether a column has a name in this row and values below it."""
        below = range(row + 1, min(row + 1 + _SAMPLE, self.end))
        return any(
            all(is_value(cell) for other in below if (cell := self._cell(other, column)))
            and any(self._cell(other, column) for other in below)
            for column in self.filled[row]
        )

    def _is_pair(self, row: int) -> bool:
        """Whether two rows of two cells are all there is: as likely two labels with their values as a table."""
        return self.end - row == 2 and all(len(self.filled[number]) == 2 for number in range(row, self.end))

    def _shorter(self, row: int) -> bool:
        """Whether a row of three cells or more is shorter than those below it are on average."""
        below = range(row + 1, min(row + 1 + _SAMPLE, self.end))
        lengths = [sum(len(self._cell(other, column)) for column in self.filled[other]) for other in below]
        own = sum(len(self._cell(row, column)) for column in self.filled[row])
        return len(self.filled[row]) > 2 and len(lengths) > 1 and own < sum(lengths) / len(lengths)

    def _header(self, first: int, end: int) -> _Header:
        columns: dict[int, list[Span]] = {}
        block: int | None = None
        for row in range(first, end):
            block = self._write(row, block, header=True)
            for column in range(max(self.wide.get(row, 0), len(self.grid.rows[row]))):
                span = self._span(row, column)
                if span and span not in (heads := columns.setdefault(column, [])):
                    heads.append(span)
                    del heads[:-_HEADS]
        return _Header(block or 0, {column: tuple(spans) for column, spans in columns.items() if spans}, end)

    def _row(self, row: int, header: _Header | None, group: int | None) -> None:
        number = self._write(row, group if group is not None else header.block if header else None)
        labels = [
            self.spans[source]
            for at in ((row, column) for column in range(len(self.grid.rows[row])))
            if (source := self.grid.merged.get(at)) and source[0] < row and source in self.spans
        ]
        filled = self.filled[row]
        first = filled[1:2] if self._cell(row, filled[0]).isdigit() else filled[:1]  # after a running number
        label = next((column for column in first if len(filled) > 1 and not is_value(self._cell(row, column))), None)
        if label is not None and len(self._cell(row, label)) <= _TITLE_CHARS:
            labels.append(self.spans[row, label])
        cells = range(self.filled[row][0], self.filled[row][0] + len(self.builder.blocks[number].cells))
        columns = [header.columns.get(column, ()) for column in cells] if header else ()
        self.builder.label(number, list(dict.fromkeys(labels))[-_HEADS:], columns)

    def _write(self, row: int, parent: int | None, header: bool = False) -> int:
        """Write a row from its first filled cell to its last one."""
        filled, first = self.filled[row], self.filled[row][0]
        cells = [self._cell(row, column) for column in range(first, filled[-1] + 1)]
        number = self.builder.row(cells, parent, header=header)
        assert number is not None
        for column, span in enumerate(self.builder.blocks[number].cells, start=first):
            if span.end > span.start:
                self.spans[row, column] = span
        return number

    def _span(self, row: int, column: int) -> Span | None:
        return self.spans.get(self.grid.merged.get((row, column), (row, column)))

    def _cell(self, row: int, column: int) -> str:
        cells = self.rows[row]
        return cells[column] if column < len(cells) else ""

"""Tables to blocks: headers, rows with their labels and column headers, tables that go on over pages."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from qa.ingest.blocks import Builder
from qa.ingest.formats.pdf.tables import Cell, Table, figure_columns, is_figure
from qa.ingest.formats.pdf.text import Run, Vocabulary, join, line
from qa.records import Span

__all__ = ["TableWriter"]

_SAME_EDGE = 0.05  # of a table's width: columns of one table differ by less from page to page


class _Headed(NamedTuple):
    """A table with its header blocks: their numbers, the texts of their cells, and (column, columns, span) of each."""

    table: Table
    numbers: list[int]
    names: list[list[str]]
    spans: list[tuple[int, int, Span]]

    def over(self, cell: Cell) -> tuple[Span, ...]:
        """The header cells above a cell."""
        return tuple(
            span
            for column, count, span in self.spans
            if column < cell.column + cell.columns and cell.column < column + count and span.end > span.start
        )

    def fits(self, other: Table) -> bool:
        """Whether another table has the same columns, and the same header if it has one."""
        near = max(_SAME_EDGE * (self.table.x1 - self.table.x0), 8.0)
        if self.table.width != other.width:
            return False
        if any(abs(a - b) > near for a, b in zip(self.table.edges, other.edges, strict=True)):
            return False
        names = [[cell.text for cell in other.row(number)] for number in range(other.heads)]
        return names == self.names[: len(names)]


class TableWriter:
    """Writes tables row by row. place: takes a run and where its text begins in the document."""

    def __init__(self, builder: Builder, place: Callable[[Run, int], None], words: Vocabulary) -> None:
        self._builder = builder
        self._place = place
        self._words = words
        self._open: _Headed | None = None

    def close(self) -> None:
        """What follows is no longer the table before."""
        self._open = None

    def write(self, table: Table, page: int, section: int | None) -> None:
        """A table: its headers, then a block a row. One that goes on from the page before keeps its headers."""
        if self._open is not None and self._open.fits(table):
            headed = self._open._replace(table=table)
            for number in range(table.heads):
                self._repeated(table.row(number), page)
        else:
            headed = _Headed(table, [], [], [])
            for number in range(table.heads):
                self._header(headed, table.row(number), page, section)
        self._open = headed
        self._body(headed, page, section)

    def _repeated(self, cells: Sequence[Cell], page: int) -> None:
        """A header that the page repeats: furniture."""
        run = join([(" ", self._run(cell, page)) for cell in cells], self._words)
        number = self._builder.add("furniture", run.text)
        if number is not None:
            self._place(run, self._builder.blocks[number].start)

    def _header(self, headed: _Headed, cells: Sequence[Cell], page: int, section: int | None) -> None:
        made = self._row(headed, cells, page, headed.numbers[-1] if headed.numbers else section, header=True)
        if made is not None:
            headed.numbers.append(made[0])
            headed.names.append([cell.text for cell in cells])
            headed.spans.extend((cell.column, cell.columns, span) for cell, span in made[1])

    def _body(self, headed: _Headed, page: int, section: int | None) -> None:
        table = headed.table
        parent = headed.numbers[-1] if headed.numbers else section
        held: dict[int, tuple[int, Span]] = {}  # column -> the row that a cell reaches to, and its text
        figures = figure_columns([cell for row in range(table.heads, table.height) for cell in table.row(row)])
        group: Span | None = None  # the label cell of the rows before
        for number in range(table.heads, table.height):
            cells = table.row(number)
            if _is_group(cells, table) and number + 1 < table.height and not held:
                above = headed.numbers[-1] if headed.numbers else section
                made = self._row(headed, cells, page, above, header=True)
                parent = made[0] if made else parent
                continue
            made = self._row(headed, cells, page, parent)
            if made is None:
                continue
            labels = [span for _, (until, span) in sorted(held.items()) if until >= number]
            total = made[1][0][0].column in figures and len(made[1]) > 1
            labels += _labels(made[1], group if not labels else None, total)
            if made[1][0][0].column == 0:
                group = made[1][0][1] if labels else None
            columns = tuple(headed.over(cell) for cell in _slots(table, cells))
            blocks = self._builder.blocks
            blocks[made[0]] = replace(blocks[made[0]], labels=tuple(labels), columns=columns)
            tall = [(cell, span) for cell, span in made[1] if cell.rows > 1 and re.search(r"\w", cell.text)]
            held |= {cell.column: (number + cell.rows - 1, span) for cell, span in tall}

    def _row(
        self, headed: _Headed, cells: Sequence[Cell], page: int, parent: int | None, header: bool = False
    ) -> tuple[int, list[tuple[Cell, Span]]] | None:
        """One row; its number, and the text of each cell that has any."""
        slots = _slots(headed.table, cells)
        runs = [self._run(slot, page) for slot in slots]
        number = self._builder.row([run.text for run in runs], parent, header=header)
        if number is None:
            return None
        spans = self._builder.blocks[number].cells
        for run, span in zip(runs, spans, strict=True):
            self._place(run, span.start)
        return number, [(slot, span) for slot, span in zip(slots, spans, strict=True) if slot.lines]

    def _run(self, cell: Cell, page: int) -> Run:
        return join([("", line(row.words, page)) for row in cell.lines], self._words)


def _is_group(cells: Sequence[Cell], table: Table) -> bool:
    """Whether a row is the title of the rows under it: one cell of words at the left of several columns."""
    return len(cells) == 1 and cells[0].column == 0 and table.width > 2 and not is_figure(cells[0].text)


def _labels(cells: Sequence[tuple[Cell, Span]], group: Span | None, total: bool) -> list[Span]:
    """The label of a row: its first cell if that has words, else, next to an empty one, the label of the row above.

    total: the first cell stands in a column of figures, as `Total due` under the quantities.
    """
    cell, span = cells[0]
    words = len(cells) > 1 and not is_figure(cell.text)
    if (
        cell.column == 0 or cell.column > 1 or (total and words)
    ):  # after two empty cells: a total under the last columns
        return [span] if words else []
    return [group] if group is not None else []


def _slots(table: Table, cells: Sequence[Cell]) -> list[Cell]:
    """The cells of a row with empty ones where there are none."""
    by_column = {cell.column: cell for cell in cells}
    slots, column = [], 0
    while column < table.width:
        cell = by_column.get(column) or Cell(0, column, 1, 1, ())
        slots.append(cell)
        taken = [at for at in range(column + 1, column + max(cell.columns, 1)) if at in by_column]
        column = taken[0] if taken else column + max(cell.columns, 1)
    return slots

"""The rows and cells of a Word table, placed in columns."""

import re
from dataclasses import dataclass
from typing import Any

from qa.ingest.formats.word.styles import WORD, Styles, attribute, is_on

__all__ = ["GridCell", "GridRow", "has_styled_header", "is_layout", "reach", "rows_of"]


@dataclass(slots=True)
class GridCell:
    """below: it goes on with the cell above it."""

    node: Any
    column: int
    columns: int
    below: bool


@dataclass(slots=True)
class GridRow:
    """before: columns that are left out at its start. below: columns where a cell goes on with the one above it."""

    cells: list[GridCell]
    head: bool
    before: int = 0
    below: frozenset[int] = frozenset()


def rows_of(table: Any) -> list[GridRow]:
    """The rows and cells of a table, through content controls and insertions, without deleted ones."""
    found: list[GridRow] = []
    for row in _inside(table, "tr"):
        properties = row.find(f"{WORD}trPr")
        if properties is not None and (properties.find(f"{WORD}del") is not None or is_on(properties, "hidden")):
            continue
        before = attribute(properties.find(f"{WORD}gridBefore"), "val") if properties is not None else ""
        column = min(int(before), 63) if before.isdigit() else 0
        grid_row = GridRow([], bool(is_on(properties, "tblHeader")), column)
        for cell in _inside(row, "tc"):
            own = cell.find(f"{WORD}tcPr")
            if own is not None and own.find(f"{WORD}cellDel") is not None:
                continue
            span = attribute(own.find(f"{WORD}gridSpan"), "val") if own is not None else ""
            columns = max(1, min(int(span), 63)) if span.isdigit() else 1
            if grid_row.cells and _goes_on(own, "hMerge"):  # its own text is not shown
                grid_row.cells[-1].columns += columns
                column += columns
                continue
            below = _goes_on(own, "vMerge") and bool(found)
            grid_row.cells.append(GridCell(cell, column, columns, below))
            column += columns
        grid_row.below = frozenset(cell.column for cell in grid_row.cells if cell.below)
        found.append(grid_row)
    return found


def _goes_on(properties: Any, merge: str) -> bool:
    """Whether a merge joins a cell to the one before it."""
    node = properties.find(f"{WORD}{merge}") if properties is not None else None
    return node is not None and attribute(node, "val") != "restart"


def has_styled_header(table: Any, styles: Styles) -> bool:
    """Whether the style of a table sets its first row apart, and the table makes use of it."""
    properties = table.find(f"{WORD}tblPr")
    look = properties.find(f"{WORD}tblLook") if properties is not None else None
    if look is None:
        return False
    flags = attribute(look, "val")
    first = attribute(look, "firstRow") or str(
        int(bool(re.fullmatch("[0-9A-Fa-f]{4}", flags) and int(flags, 16) & 0x20))
    )
    return first in ("1", "true", "on") and styles.has_first_row(attribute(properties.find(f"{WORD}tblStyle"), "val"))


def _inside(container: Any, name: str) -> list[Any]:
    """Rows of a table or cells of a row."""
    found = []
    stack = list(reversed(container))
    while stack:
        node = stack.pop()
        tag = node.tag.removeprefix(WORD) if isinstance(node.tag, str) else ""
        if tag == name:
            found.append(node)
        elif tag in ("sdt", "sdtContent", "customXml", "ins", "moveTo"):
            stack.extend(reversed(node))
    return found


def reach(grid: list[GridRow], number: int, column: int) -> int:
    """How many rows a cell covers."""
    count = 1
    while number + count < len(grid) and column in grid[number + count].below:
        count += 1
    return count


def is_layout(grid: list[GridRow]) -> bool:
    """Whether a table only places paragraphs side by side: no header, many paragraphs in its cells."""
    if any(row.head for row in grid) or len(grid) > 3:
        return False
    counts = [sum(1 for _ in cell.node.iterchildren(f"{WORD}p")) for row in grid for cell in row.cells]
    inner = any(cell.node.find(f"{WORD}tbl") is not None for row in grid for cell in row.cells)
    return bool(counts) and (sum(counts) > 4 * len(counts) or (inner and len(grid) < 2))

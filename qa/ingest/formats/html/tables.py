"""Tables of a page: layout or data, and their cells."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from qa.ingest.formats.common.tables import Cell, Row
from qa.ingest.formats.html.inline import BOLD, line
from qa.ingest.formats.html.parts import HEADINGS
from qa.ingest.formats.html.tree import Node

__all__ = ["Line", "is_layout", "read", "rows"]

_CELL_CHARS = 300
_GROUPS = frozenset(("thead", "tbody", "tfoot"))


@dataclass(frozen=True, slots=True)
class Line:
    """A row. head: whether it is in the head of its table. below: number of rows from it to the end of its group."""

    row: Node
    head: bool
    below: int


def rows(table: Node) -> list[Line]:
    """The rows of a table, without those of tables in its cells. Consecutive rows without a group form one."""
    found: list[tuple[Node, Node]] = []
    stack = [(child, table) for child in reversed(table.elements)]
    while stack:
        node, group = stack.pop()
        if node.tag == "tr":
            found.append((node, group))
        elif node.tag not in ("td", "th", "caption", "table"):
            stack.extend((child, node if node.tag in _GROUPS else group) for child in reversed(node.elements))
    lines = []
    for _, members in groupby(found, key=lambda each: id(each[1])):
        grouped = list(members)
        lines += [Line(row, group.tag == "thead", len(grouped) - at) for at, (row, group) in enumerate(grouped)]
    return lines


def is_layout(table: Node, lines: list[Line]) -> bool:
    """Whether a table only places things on the page, so that its cells are ordinary text."""
    if table.get("role") in ("presentation", "none"):
        return True
    cells = [[cell for cell in each.row.elements if cell.tag in ("td", "th")] for each in lines]
    if max(map(len, cells), default=0) < 2:
        return True
    inner, blocks = 0, 0
    marked = any(child.tag in ("caption", "thead") for child in table.elements)
    for cell in (cell for row in cells for cell in row):
        marked = marked or cell.tag == "th"
        for child, _ in zip(cell.walk(), range(200), strict=False):
            if child.tag == "table" and (child.size * 2 > cell.size or _is_block_table(child)):
                inner += child.size
            blocks += child.tag in HEADINGS or child.tag in ("ul", "ol", "form", "article", "section", "pre")
    if inner * 2 > table.size:
        return True
    if marked:
        return False
    if blocks or inner:
        return blocks * 4 > sum(map(len, cells)) or len(cells) < 3
    long = [cell for row in cells for cell in row if cell.size > _CELL_CHARS]
    return len(cells) == 1 and bool(long)


def _is_block_table(table: Node) -> bool:
    return any(
        node.tag == "table" for node, _ in zip((n for n in table.walk() if n is not table), range(50), strict=False)
    )


def read(lines: list[Line]) -> tuple[list[Row], list[tuple[int, Node]]]:
    """The cells of a data table; the data tables in its cells, each with the number of its row."""
    nested: list[tuple[int, Node]] = []

    def apart(number: int, node: Node) -> bool:
        if node.tag == "table" and not is_layout(node, rows(node)):
            nested.append((number, node))
            return True
        return node.tag == "button"

    found = []
    for number, each in enumerate(lines):
        cells = [
            _cell(cell, partial(apart, number), each.below) for cell in each.row.elements if cell.tag in ("td", "th")
        ]
        found.append(Row(cells, each.head))
    return found, nested


def _cell(node: Node, apart: Callable[[Node], bool], below: int) -> Cell:
    """below: number of rows from this one to the end of its group; no cell extends beyond that."""
    head = node.tag == "th" or node.get("role") in ("columnheader", "rowheader")
    down = _span(node.get("rowspan"))
    text = line(node, apart) or _alternative(node)
    return Cell(text, _span(node.get("colspan")) or 1, min(down or below, below), head, _is_bold(node))


def _alternative(cell: Node) -> str:
    """The picture of a cell without words, such as a tick."""
    pictures = (node for node, _ in zip(cell.walk(), range(20), strict=False) if node.tag == "img")
    return next(filter(None, (" ".join(node.get("alt").split()) for node in pictures)), "")


def _span(text: str) -> int:
    match = re.match(r"\s*(\d{1,5})", text)
    return int(match[1]) if match else 1


def _is_bold(node: Node) -> bool:
    """Whether all text of an element is in bold print."""
    place = node
    while True:
        if place.tag in BOLD:
            return True
        full = [child for child in place.children if not (isinstance(child, str) and not child.strip())]
        full = [child for child in full if isinstance(child, str) or child.size]
        if not full or any(isinstance(child, str) for child in full):
            return False
        if all(isinstance(child, Node) and child.tag in BOLD for child in full):
            return True
        if len(full) > 1 or not isinstance(full[0], Node):
            return False
        place = full[0]

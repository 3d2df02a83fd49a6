"""The body of a Word document: paragraphs, lists and tables to blocks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from qa.ingest.blocks import Builder
from qa.ingest.formats.common import tables
from qa.ingest.formats.common.omml import MATH
from qa.ingest.formats.common.phrases import (
    asks,
    is_field,
    is_marked_question,
    leads_in,
    question_end,
    reads_as_heading,
)
from qa.ingest.formats.word.numbering import Numbering
from qa.ingest.formats.word.styles import WORD, Styles, attribute, is_on
from qa.ingest.formats.word.text import Line, Runs
from qa.ingest.formats.word.typed_numbers import Typed
from qa.records import BlockKind

__all__ = ["Body"]

_CONTENTS_LINE = re.compile(r"\S.*?(?:\t|\.{4,}|…{2,}|(?:\. ){4,})\s*(?:\d{1,4}|[ivxlc]{1,6})\s*$", re.DOTALL)
_CODE_STYLES = frozenset(("source code", "html preformatted", "preformatted text"))
_LIST_STYLE = re.compile(r"list(?: bullet| number| continue| paragraph)?\b|aufzählung|liste\b")
_HEADING_CHARS = 80
_TYPED = "typed"  # in the place of a numId


@dataclass(slots=True)
class _Piece:
    """A paragraph, read. number: its automatic number, as written; place: numId and level, if it is counted."""

    line: Line
    style: str
    level: int = 0  # of a heading
    number: str = ""
    place: tuple[str, int] | None = None
    contents: bool = False
    goes_on: bool = False  # a further paragraph of the item before it


@dataclass(slots=True)
class _Table:
    node: Any


class Body:
    """Writes blocks in the order of the document. guessed: numbers of headings that have no heading style."""

    def __init__(self, builder: Builder, styles: Styles, numbering: Numbering, runs: Runs) -> None:
        self.builder, self.guessed = builder, set[int]()
        self._styles, self._numbering, self._runs = styles, numbering, runs
        self._typed = Typed()
        self._items: list[tuple[int, int, str]] = []  # open list items, outermost first: level, block, list
        self._lead: int | None = None
        self._list = ""  # the list that the last item belongs to
        self._guess: int | None = None  # depth of sections before the last guessed heading

    def write(self, container: Any) -> None:
        """Everything in a container of paragraphs and tables."""
        pieces = self._read(container)
        piece = next(pieces, None)
        while piece is not None:
            if isinstance(piece, _Table):  # before anything after it is read: numbers go on through its cells
                self._table(piece.node)
                piece = next(pieces, None)
            else:
                following = next(pieces, None)
                self._paragraph(piece, following if isinstance(following, _Piece) else None)
                piece = following

    # Reading

    def _read(self, container: Any) -> Iterator["_Piece | _Table"]:
        """Paragraphs and tables, through content controls and marks of revision; text boxes after their paragraph."""
        opened: Line | None = None  # of paragraphs whose end is deleted
        stack = [(node, False) for node in reversed(container)]
        while stack:
            node, contents = stack.pop()
            name = node.tag.removeprefix(WORD) if isinstance(node.tag, str) else ""
            if name == "tbl":
                yield _Table(node)
            elif name == "p" or name.startswith(f"{MATH}oMath"):
                piece = self._piece(node, contents)
                boxes = piece.line.boxes
                if opened is not None:
                    piece.line = opened.followed_by(piece.line)
                if _mark_is_deleted(node) and stack:
                    opened = piece.line
                    if piece.place and piece.place[0] == _TYPED:  # its number is in the text
                        opened.text = f"{piece.number} {opened.text}"
                else:
                    opened = None
                    if piece.line.text or piece.line.picture:
                        yield piece
                stack.extend((part, False) for box in reversed(boxes) for part in reversed(box))
            elif name == "sdt":
                gallery = attribute(node.find(f"{WORD}sdtPr/{WORD}docPartObj/{WORD}docPartGallery"), "val")
                if node.find(f"{WORD}sdtPr/{WORD}showingPlcHdr") is None:
                    stack.extend((part, contents or gallery == "Table of Contents") for part in reversed(node))
            elif name in ("sdtContent", "customXml", "ins", "moveTo", "smartTag"):
                stack.extend((part, contents) for part in reversed(node))

    def _piece(self, node: Any, contents: bool) -> _Piece:
        properties = node.find(f"{WORD}pPr")
        style = self._styles.of(properties)
        line = self._runs.line(node)
        outline = attribute(properties.find(f"{WORD}outlineLvl"), "val") if properties is not None else ""
        level = int(outline) + 1 if outline.isdigit() and int(outline) < 9 else self._styles.level(style)
        piece = _Piece(line, style, 0 if outline == "9" else level)
        piece.contents = contents or line.contents or self._styles.is_contents(style)
        if (place := self._place(properties, style)) and (line.text or not _mark_is_deleted(node)):
            piece.goes_on = self._numbering.is_blank(*place)
            piece.place = None if piece.goes_on else place
            piece.number = self._numbering.next(*place)
        elif not piece.level and not piece.contents and (typed := self._typed.split(line.text)):
            piece.number, line.text, level = typed
            piece.place = (_TYPED, level)
        if piece.level:
            self._typed.forget()
        return piece

    def _place(self, properties: Any, style: str) -> tuple[str, int] | None:
        """The list and the level of a paragraph: its own, or those of its style."""
        own = properties.find(f"{WORD}numPr") if properties is not None else None
        number = attribute(own.find(f"{WORD}numId"), "val") if own is not None else ""
        level = attribute(own.find(f"{WORD}ilvl"), "val") if own is not None else ""
        named, styled = self._styles.numbering(style)
        if not number:
            number = named
            level = level or styled or str(self._numbering.level_of_style(number, style))
        if number in ("", "0") or not self._numbering.has(number):
            return None
        return number, int(level) if level.isdigit() else 0

    # Writing

    def _paragraph(self, piece: _Piece, following: "_Piece | None") -> None:
        text = f"{piece.number} {piece.line.text}" if piece.number else piece.line.text
        if not piece.line.text:
            self.builder.add("caption", piece.line.picture)
        elif piece.contents or (
            _CONTENTS_LINE.fullmatch(text) and not piece.place and "\t" in text and not is_field(text)
        ):
            self.builder.add("contents", " ".join(text.split()))
        elif piece.level:
            self._end_list()
            self._guess = None
            self.builder.add("heading", " ".join(text.split()), level=piece.level)
        elif self._is_heading(piece, text, following):
            self._guess_heading(" ".join(text.split()))
        elif piece.place is not None:
            self._item(piece, text)
        else:
            self._plain(piece, text)

    def _is_heading(self, piece: _Piece, text: str, following: "_Piece | None") -> bool:
        """A line without a heading style: in bold print over plain text, a question, a clause over its parts."""
        line = piece.line
        if "\n" in line.text or following is None or following.level:
            return False
        if asks(line.text) and (line.bold or is_marked_question(line.text)):
            return True
        if piece.place and following.place and self._is_outline(*following.place):
            deeper = following.place[0] == piece.place[0] and following.place[1] == piece.place[1] + 1
            return deeper and bool(piece.number) and len(text) <= _HEADING_CHARS and text[-1] not in ".;:,"
        return (
            line.bold
            and not following.line.bold
            and reads_as_heading(line.text)
            and not (piece.place and not piece.number)
        )

    def _is_outline(self, number: str, level: int) -> bool:
        return level > 0 if number == _TYPED else self._numbering.is_outline(number, level)

    def _guess_heading(self, text: str) -> None:
        """One level under the section; the next such heading takes its place."""
        self._end_list()
        if self._guess is not None:
            self.builder.leave(self._guess)
        depth, section = self.builder.depth, self.builder.section
        level = self.builder.blocks[section].level if section is not None else 0
        self.guessed.add(len(self.builder.blocks))
        self.builder.add("heading", text, level=level + 1)
        self._guess = depth

    def _item(self, piece: _Piece, text: str) -> None:
        assert piece.place is not None
        number, level = piece.place
        blocks = self.builder.blocks
        inside = bool(self._items) and (level > self._items[-1][0] or any(number == kept for *_, kept in self._items))
        if not inside and (number != self._list or not self._items):
            goes_on = number == self._list and self._lead is not None
            self._items.clear()
            if not goes_on:
                before = blocks[-1].kind in ("paragraph", "field") if blocks else False
                self._lead = len(blocks) - 1 if before and leads_in(self.builder.last) else None
        self._list = number
        while self._items and self._items[-1][0] >= level:
            self._items.pop()
        parent = self._items[-1][1] if self._items else self._lead
        found = self.builder.add("item", text, parent, level + 1)
        if found is not None:
            self._items.append((level, found, number))

    def _plain(self, piece: _Piece, text: str) -> None:
        name = self._styles.name(piece.style)
        parent = None
        if self._items and (piece.goes_on or _LIST_STYLE.match(name)):
            parent = self._items[-1][1]
        else:
            self._items.clear()
            self._list = self._list if text[:1].islower() else ""
        if asked := question_end(text, piece.line.bold_start) if not piece.number else 0:
            parent = self.builder.add("question", text[:asked], parent)
            text = text[asked:].strip()
        kind: BlockKind = "caption" if name.startswith(("caption", "beschriftung", "légende")) else "paragraph"
        if name in _CODE_STYLES:
            self.builder.add("code", text, parent)
            return
        for part in _fields(text):
            labelled = part.startswith(("☒", "☐", "☑")) or (
                kind == "paragraph" and is_field(part) and (part != text or _is_label(piece.line, part))
            )
            level = int(not labelled and (piece.line.partial or self._styles.is_quotation(piece.style)))
            self.builder.add("field" if labelled else kind, _untabbed(part), parent, level)

    def _end_list(self) -> None:
        self._items.clear()
        self._list, self._lead = "", None

    # Tables

    def _table(self, node: Any, parent: int | None = None) -> None:
        grid = _grid(node)
        if grid and _has_styled_header(node, self._styles):
            grid[0].head = True
        if max((len(row.cells) for row in grid), default=0) < 2 or _is_layout(grid):
            for row in grid:
                for cell in row.cells:
                    if not cell.below:
                        self.write(cell.node)
            return
        if parent is None and self.builder.blocks and self.builder.blocks[-1].kind in ("caption", "paragraph"):
            introduces = self.builder.blocks[-1].kind == "caption" or self.builder.last.endswith(":")
            parent = len(self.builder.blocks) - 1 if introduces else None
        self._items.clear()
        nested: list[tuple[int, Any]] = []
        written = [self._row(row, number, grid, nested) for number, row in enumerate(grid)]
        placed = tables.write(self.builder, written, parent)
        for number, inner in nested:
            self._table(inner, placed[number])

    def _row(self, row: "_GridRow", number: int, grid: list["_GridRow"], nested: list[tuple[int, Any]]) -> tables.Row:
        cells = [tables.Cell("", row.before)] if row.before else []
        for cell in row.cells:
            if cell.below:
                continue
            pieces = list(self._read(cell.node))
            nested += [(number, piece.node) for piece in pieces if isinstance(piece, _Table)]
            lines = [piece for piece in pieces if isinstance(piece, _Piece)]
            text = " ".join(f"{piece.number} {piece.line.text or piece.line.picture}".strip() for piece in lines)
            bold = bool(lines) and all(piece.line.bold for piece in lines)
            cells.append(
                tables.Cell(" ".join(text.split()), cell.columns, _reach(grid, number, cell.column), False, bold)
            )
        return tables.Row(cells, row.head)


@dataclass(slots=True)
class _GridCell:
    """below: it goes on with the cell above it."""

    node: Any
    column: int
    columns: int
    below: bool


@dataclass(slots=True)
class _GridRow:
    """before: columns that are left out at its start. below: columns where a cell goes on with the one above it."""

    cells: list[_GridCell]
    head: bool
    before: int = 0
    below: frozenset[int] = frozenset()


def _grid(table: Any) -> list[_GridRow]:
    """The rows and cells of a table, through content controls and insertions, without deleted ones."""
    found: list[_GridRow] = []
    for row in _inside(table, "tr"):
        properties = row.find(f"{WORD}trPr")
        if properties is not None and (properties.find(f"{WORD}del") is not None or is_on(properties, "hidden")):
            continue
        before = attribute(properties.find(f"{WORD}gridBefore"), "val") if properties is not None else ""
        column = min(int(before), 63) if before.isdigit() else 0
        grid_row = _GridRow([], bool(is_on(properties, "tblHeader")), column)
        for cell in _inside(row, "tc"):
            own = cell.find(f"{WORD}tcPr")
            span = attribute(own.find(f"{WORD}gridSpan"), "val") if own is not None else ""
            columns = max(1, min(int(span), 63)) if span.isdigit() else 1
            if grid_row.cells and _goes_on(own, "hMerge"):  # its own text is not shown
                grid_row.cells[-1].columns += columns
                column += columns
                continue
            below = _goes_on(own, "vMerge") and bool(found)
            grid_row.cells.append(_GridCell(cell, column, columns, below))
            column += columns
        grid_row.below = frozenset(cell.column for cell in grid_row.cells if cell.below)
        found.append(grid_row)
    return found


def _goes_on(properties: Any, merge: str) -> bool:
    """Whether a merge joins a cell to the one before it."""
    node = properties.find(f"{WORD}{merge}") if properties is not None else None
    return node is not None and attribute(node, "val") != "restart"


def _has_styled_header(table: Any, styles: Styles) -> bool:
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


def _reach(grid: list[_GridRow], number: int, column: int) -> int:
    """How many rows a cell covers."""
    count = 1
    while number + count < len(grid) and column in grid[number + count].below:
        count += 1
    return count


def _is_layout(grid: list[_GridRow]) -> bool:
    """Whether a table only places paragraphs side by side: no header, many paragraphs in its cells."""
    if any(row.head for row in grid) or len(grid) > 3:
        return False
    counts = [sum(1 for _ in cell.node.iterchildren(f"{WORD}p")) for row in grid for cell in row.cells]
    inner = any(cell.node.find(f"{WORD}tbl") is not None for row in grid for cell in row.cells)
    return bool(counts) and (sum(counts) > 4 * len(counts) or (inner and len(grid) < 2))


def _mark_is_deleted(paragraph: Any) -> bool:
    """Whether the end of a paragraph is deleted, so that the next one goes on in it."""
    mark = paragraph.find(f"{WORD}pPr/{WORD}rPr")
    return mark is not None and (mark.find(f"{WORD}del") is not None or mark.find(f"{WORD}moveFrom") is not None)


def _fields(text: str) -> list[str]:
    """The lines of a paragraph that is nothing but labels with values; else the paragraph."""
    lines = text.split("\n")
    if len(lines) > 1 and all(map(is_field, lines)):
        return [part for line in lines for part in _fields(line)]
    parts = re.split(r"\t+(?=[^\W\d_][^\t:]{0,39}:\s)", text)
    return parts if len(parts) > 1 and all(map(is_field, parts)) else [text]


def _is_label(line: Line, text: str) -> bool:
    """Whether what stands before the first colon is set apart from the rest: by bold print or by a tab."""
    label = text.partition(":")[0]
    bold = len("".join(label.split())) <= line.bold_start <= len("".join(label.split())) + 1
    return "\n" not in text and (bold or bool(re.match(r"[^:]{1,40}:\s*\t", text)))


def _untabbed(text: str) -> str:
    """A label and its value apart by a space."""
    return re.sub(r"(?<=:)[ ]?\t+", " ", text)

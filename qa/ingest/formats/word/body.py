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
from qa.ingest.formats.word.grid import GridRow, has_styled_header, is_layout, reach, rows_of
from qa.ingest.formats.word.line import Line
from qa.ingest.formats.word.numbering import Numbering
from qa.ingest.formats.word.styles import WORD, Styles, attribute
from qa.ingest.formats.word.text import Runs
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

    def is_apart_from(self, following: "_Piece") -> bool:
        """Whether it is a heading that stands on the first line of its paragraph."""
        return self.line.end == "hidden" and bool(self.level and (self.line.gap or following.line.lead))

    def go_on_from(self, opened: "_Piece") -> None:
        """Become one with the paragraph before, which has no end of its own."""
        before, typed = opened.line, opened.place is not None and opened.place[0] == _TYPED
        if opened.number and before.text and (typed or not self.number):
            before.text = f"{opened.number} {before.text}"
        self.line = before.followed_by(self.line)


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
        opened: _Piece | None = None  # a paragraph that goes on in the next one
        apart = False  # something that stands beside the next paragraph was read before it
        stack = [(node, False) for node in reversed(container)]
        while stack or opened is not None:
            node, contents = stack.pop() if stack else (None, False)
            name = node.tag.removeprefix(WORD) if node is not None and isinstance(node.tag, str) else ""
            if node is None or (name == "tbl" and opened is not None):
                assert opened is not None
                stack += [(part, contents) for part in (node, *reversed(opened.line.boxes)) if part is not None]
                yield from _shown(opened)
                opened = None
            elif name == "tbl":
                yield _Table(node)
            elif name == "txbxContent":
                yield from self._read(node)
            elif name == "p" or name.startswith(f"{MATH}oMath"):
                piece = self._piece(node, contents)
                piece.line.partial = piece.line.partial or (apart and not piece.line.framed)
                apart = piece.line.framed or (apart and not piece.line.text)
                if opened is not None and opened.is_apart_from(piece):
                    yield from _shown(opened)
                    piece.line.boxes = opened.line.boxes + piece.line.boxes
                    piece.line.partial = True
                elif opened is not None:
                    piece.go_on_from(opened)
                if piece.line.end:
                    opened = piece
                    continue
                opened = None
                stack.extend((box, False) for box in reversed(piece.line.boxes))
                yield from _shown(piece)
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
        if (place := self._place(properties, style)) and (line.text or not line.end):
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
        grid = rows_of(node)
        if grid and has_styled_header(node, self._styles):
            grid[0].head = True
        if max((len(row.cells) for row in grid), default=0) < 2 or is_layout(grid):
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

    def _row(self, row: GridRow, number: int, grid: list[GridRow], nested: list[tuple[int, Any]]) -> tables.Row:
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
                tables.Cell(" ".join(text.split()), cell.columns, reach(grid, number, cell.column), False, bold)
            )
        return tables.Row(cells, row.head)


def _shown(piece: _Piece) -> Iterator[_Piece]:
    if piece.line.text or piece.line.picture:
        yield piece


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

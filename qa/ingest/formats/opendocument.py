"""OpenDocument texts, spreadsheets and presentations (ODT, ODS, ODP)."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qa.errors import SourceError
from qa.ingest.blocks import Builder, questions
from qa.ingest.decoding import clean
from qa.ingest.formats.common import grid
from qa.ingest.formats.common.archive import Archive, parse
from qa.ingest.formats.common.raised import lowered, raised
from qa.ingest.formats.opendocument_hidden import HiddenStyles, drop_hidden
from qa.ingest.metadata import Extracted

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["extract"]

_NS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_TEXT, _TABLE, _OFFICE, _DRAW = (_NS % name for name in ("text", "table", "office", "drawing"))
_STYLE, _PRESENTATION, _META = (_NS % name for name in ("style", "presentation", "meta"))
_DC = "{http://purl.org/dc/elements/1.1/}"
_MANIFEST = "META-INF/manifest.xml"
_MOST_REPEATED = 1_000
_DEEPEST = 100
_QUOTED = "Quotations"
_TITLES = frozenset(("Title", "Subtitle"))


def extract(data: bytes) -> Extracted:
    """Headings, paragraphs, lists, tables and slides; title, author and date. Raises SourceError; ImportError without
    lxml.
    """
    archive = Archive(data, "an OpenDocument file")
    if _MANIFEST in archive.names and b"encryption-data" in archive.read(_MANIFEST):
        raise SourceError("encrypted; save it without a password")
    content = parse(archive.read("content.xml"), "content.xml")
    body = next(content.iter(f"{_OFFICE}body"), None)
    if body is None:
        raise SourceError("damaged: content.xml has no body")
    named = [parse(archive.read("styles.xml"), "styles.xml")] if "styles.xml" in archive.names else []
    hidden = HiddenStyles(content, *named)
    drop_hidden(content, hidden)
    reading = _Reading(_Styles.of(content), hidden)
    reading.all(body, 0)
    found = _fields(parse(archive.read("meta.xml"), "meta.xml")) if "meta.xml" in archive.names else {}
    pictures = sum(1 for name in archive.names if name.startswith("Pictures/") and not name.endswith("/"))
    if pictures:
        reading.unread.append(f"{pictures} picture{'s' * (pictures > 1)}")
    text, blocks = reading.builder.text, questions(reading.builder.text, reading.builder.blocks)
    return Extracted(text, found, tuple(reading.pages), blocks=blocks, unread=tuple(reading.unread))


def _fields(meta: "_Element") -> dict[str, str]:
    names = {"title": f"{_DC}title", "author": f"{_META}initial-creator", "date": f"{_META}creation-date"}
    found = {key: next((node.text for node in meta.iter(tag) if node.text), "") for key, tag in names.items()}
    return {key: clean(value) for key, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class _Styles:
    """Names of styles: of text that is struck out, raised or lowered, of titles, and of quotations."""

    struck: frozenset[str]
    moved: Mapping[str, str]  # style -> super or sub
    titles: frozenset[str]
    quoted: frozenset[str]

    @classmethod
    def of(cls, content: "_Element") -> "_Styles":
        """The automatic styles of a document."""
        struck, moved, titles, quoted = set(), {}, set(_TITLES), {_QUOTED}
        for style in content.iter(f"{_STYLE}style"):
            name = str(style.get(f"{_STYLE}name"))
            if style.get(f"{_STYLE}parent-style-name") in _TITLES:
                titles.add(name)
            if style.get(f"{_STYLE}parent-style-name") == _QUOTED:
                quoted.add(name)
            for about in style.iter(f"{_STYLE}text-properties"):
                if about.get(f"{_STYLE}text-line-through-style", "none") != "none":
                    struck.add(name)
                position = (about.get(f"{_STYLE}text-position") or "").split(" ")[0]
                if position in ("super", "sub") or re.fullmatch(r"-?[1-9]\d*%", position):
                    moved[name] = "sub" if position.startswith(("sub", "-")) else "super"
        return cls(frozenset(struck), moved, frozenset(titles), frozenset(quoted))


@dataclass(slots=True)
class _Reading:
    styles: _Styles
    hidden: HiddenStyles
    builder: Builder = field(default_factory=Builder)
    pages: list[int] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def all(self, parent: "_Element", depth: int) -> None:
        """Write what an element holds, in order."""
        if depth > _DEEPEST:
            raise SourceError(f"parts nested over {_DEEPEST} deep")
        for node in parent:
            tag = node.tag
            if tag == f"{_TEXT}h":
                level = node.get(f"{_TEXT}outline-level") or ""
                self.builder.add(
                    "heading", self.line(node), level=int(level) if level.isdigit() and level != "0" else 1
                )
            elif tag == f"{_TEXT}p":
                style = node.get(f"{_TEXT}style-name")
                titled = style in self.styles.titles
                level = int(titled or style in self.styles.quoted)
                self.builder.add("heading" if titled else "paragraph", self.line(node), level=level)
                self.frames(node, depth)
            elif tag == f"{_TEXT}list":
                self.items(node, 1, self.lead_in(), depth)
            elif tag == f"{_TABLE}table":
                self.table(node)
            elif tag == f"{_DRAW}page":
                self.slide(node, depth)
            elif tag not in (f"{_TEXT}tracked-changes", f"{_OFFICE}forms", f"{_TEXT}table-of-content"):
                self.all(node, depth + 1)
        if depth == 0:
            for note in self.notes:
                self.builder.add("paragraph", note)

    def slide(self, page: "_Element", depth: int) -> None:
        """Write a slide under its title."""
        self.pages.append(self.builder.page_break() if self.pages else 0)
        if self.hidden.hide(page):
            self.unread.append(f"slide {len(self.pages)}: hidden")
            return
        self.builder.close()
        frames = list(page)
        for frame in frames:
            if frame.get(f"{_PRESENTATION}class") == "title":
                lines = (self.line(node) for node in frame.iter(f"{_TEXT}p", f"{_TEXT}h"))
                self.builder.add("heading", " ".join(filter(None, lines)), level=1)
        for frame in frames:
            if frame.get(f"{_PRESENTATION}class") != "title":
                self.all(frame, depth + 1)

    def frames(self, paragraph: "_Element", depth: int) -> None:
        """Write the text boxes that are anchored in a paragraph."""
        for box in paragraph.iter(f"{_DRAW}text-box"):
            self.all(box, depth + 1)

    def items(self, node: "_Element", level: int, parent: int | None, depth: int) -> None:
        """Write a list: items under what announces them or under the outer item."""
        if level > _DEEPEST:
            raise SourceError(f"lists nested over {_DEEPEST} deep")
        last = parent
        for item in node:
            block: int | None = None
            for child in item:
                if child.tag in (f"{_TEXT}p", f"{_TEXT}h"):
                    text = self.line(child)
                    if block is None:
                        block = last = self.builder.add("item", text, parent, level)
                    else:
                        self.builder.add("paragraph", text, block)
                elif child.tag == f"{_TEXT}list":
                    self.items(child, level + 1, last, depth)

    def table(self, node: "_Element") -> None:
        """Write a table, or a sheet under its name."""
        sheet = node.getparent() is not None and node.getparent().tag == f"{_OFFICE}spreadsheet"
        name = str(node.get(f"{_TABLE}name") or "")
        if self.hidden.hide(node):
            self.unread.append(f'{"sheet" if sheet else "table"} "{name}": hidden')
            return
        table = _Table(self)
        table.read(node)
        if sheet and any(map(any, table.rows)):
            self.builder.add("heading", clean(name), level=1)
        if table.cut:
            self.unread.append(f'table "{name}": the rows after {len(table.rows):,}')
        grid.write(self.builder, grid.Grid(table.rows, table.merged, header=False, header_rows=table.headers or None))

    def lead_in(self) -> int | None:
        blocks = self.builder.blocks
        announced = blocks and blocks[-1].kind == "paragraph" and self.builder.text.endswith(":")
        return len(blocks) - 1 if announced else None

    def line(self, node: "_Element") -> str:
        """The text of a paragraph; notes are put aside, with their mark left in place."""
        text, tail = [], ""
        for piece, position in self._pieces(node, 0):
            written = _MOVED[position](tail, piece) if position and piece.strip() else piece
            text.append(written)
            tail = (tail + written)[-60:]
        return clean(re.sub(r"[ \t]+", " ", "".join(text))).strip()

    def _pieces(self, node: "_Element", depth: int, position: str = "") -> Iterator[tuple[str, str]]:
        """Each text of a paragraph, and whether it is raised (super) or lowered (sub)."""
        if depth > _DEEPEST:
            return
        yield _folded(node.text), position
        for child in node:
            style = str(child.get(f"{_TEXT}style-name"))
            if child.tag == f"{_TEXT}line-break":
                yield "\n", ""
            elif child.tag in (f"{_TEXT}s", f"{_TEXT}tab"):
                yield " ", ""
            elif child.tag == f"{_TEXT}note":
                yield self._note(child, depth), ""
            elif child.tag not in _APART and style not in self.styles.struck:
                yield from self._pieces(child, depth + 1, self.styles.moved.get(style, position))
            yield _folded(child.tail), position

    def _note(self, note: "_Element", depth: int) -> str:
        mark = "".join("".join(node.itertext()) for node in note.iter(f"{_TEXT}note-citation")).strip()
        body = " ".join(self.line(node) for node in note.iter(f"{_TEXT}p", f"{_TEXT}h"))
        self.notes.append(f"[{mark}] {body}")
        return f" [{mark}]"


_MOVED: Mapping[str, Callable[[str, str], str]] = {"super": raised, "sub": lowered}
_APART = frozenset((f"{_OFFICE}annotation", f"{_DRAW}frame", f"{_TEXT}ruby-text", f"{_TEXT}bookmark"))


@dataclass(slots=True)
class _Table:
    """The rows of a table; empty repeated rows and columns only once."""

    reading: _Reading
    rows: list[list[str]] = field(default_factory=list)
    merged: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    headers: int = 0
    size: int = 0
    cut: bool = False
    folded: set[int] = field(default_factory=set)  # hidden columns

    def read(self, node: "_Element") -> None:
        self._fold(node)
        for row in self._rows(node):
            cells = list(self._cells(row))
            if self.size > grid.MOST_CELLS:
                self.cut = True
                return
            header = row.getparent().tag == f"{_TABLE}table-header-rows"
            times = _number(row, f"{_TABLE}number-rows-repeated") if any(cells) else 1
            for _ in range(times):
                self.rows.append(cells)
                self.size += len(cells)
            self.headers += header

    def _fold(self, node: "_Element") -> None:
        at = 0
        for column in node.iter(f"{_TABLE}table-column"):
            times = _number(column, f"{_TABLE}number-columns-repeated")
            self.folded.update(() if _is_visible(column) else range(at, at + times))
            at += times

    def _rows(self, node: "_Element") -> Iterable["_Element"]:
        for child in node:
            if child.tag == f"{_TABLE}table-row" and _is_visible(child):
                yield child
            elif child.tag in _ROW_GROUPS:
                yield from self._rows(child)

    def _cells(self, row: "_Element") -> Iterator[str]:
        column = 0
        for cell in row:
            if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                continue
            covered = cell.tag != f"{_TABLE}table-cell"  # by a merged cell, so its own text is not shown
            lines = (self.reading.line(part) for part in cell.iter(f"{_TEXT}p", f"{_TEXT}h"))
            text = "" if covered else " ".join(filter(None, lines))
            down = _number(cell, f"{_TABLE}number-rows-spanned")
            right = _number(cell, f"{_TABLE}number-columns-spanned")
            if text and (down > 1 or right > 1) and down * right <= _MOST_REPEATED:
                source = (len(self.rows), column)
                for at in ((source[0] + y, column + x) for y in range(down) for x in range(right)):
                    self.merged[at] = source
                del self.merged[source]
            times = _number(cell, f"{_TABLE}number-columns-repeated")
            for place in range(column, column + times):
                yield "" if place in self.folded else text
            column += times


def _is_visible(part: "_Element") -> bool:
    """Whether a row or column is shown, and not folded or filtered out."""
    return bool(part.get(f"{_TABLE}visibility", "visible") == "visible")


_ROW_GROUPS = frozenset(f"{_TABLE}{name}" for name in ("table-header-rows", "table-rows", "table-row-group"))


def _number(node: "_Element", name: str) -> int:
    """A count that an attribute gives, within reason."""
    value = node.get(name) or "1"
    return max(1, min(int(value), _MOST_REPEATED)) if value.isdigit() and len(value) < 10 else 1


def _folded(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")

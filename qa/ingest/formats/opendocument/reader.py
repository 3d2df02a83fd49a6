"""OpenDocument texts, spreadsheets and presentations (ODT, ODS, ODP)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qa.errors import SourceError
from qa.ingest.blocks import Builder, qualify, questions
from qa.ingest.decoding import clean
from qa.ingest.formats.common import grid
from qa.ingest.formats.common.archive import Archive, parse
from qa.ingest.formats.common.joined import APART, joined
from qa.ingest.formats.common.symbols import is_symbolic, signs
from qa.ingest.formats.opendocument.hidden import drop_hidden
from qa.ingest.formats.opendocument.references import References
from qa.ingest.formats.opendocument.styles import UNSTYLED, Look, Styles
from qa.ingest.formats.opendocument.values import settled
from qa.ingest.metadata import Extracted

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["extract"]

_NS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_TEXT, _TABLE, _OFFICE, _DRAW = (_NS % name for name in ("text", "table", "office", "drawing"))
_PRESENTATION, _META = (_NS % name for name in ("presentation", "meta"))
_DC = "{http://purl.org/dc/elements/1.1/}"
_MANIFEST = "META-INF/manifest.xml"
_MOST_REPEATED = 1_000
_DEEPEST = 100
_COMMENT = f"{_OFFICE}annotation"
_SILENT = frozenset((_COMMENT, f"{_OFFICE}annotation-end", f"{_TEXT}script", f"{_TEXT}bookmark"))  # show nothing
_UNREAD = frozenset((f"{_TEXT}ruby-text", f"{_TEXT}placeholder"))
_PLAIN = frozenset(  # what shows the text in it as it is stored; all else is a field or not known
    f"{_TEXT}{name}"
    for name in """
    span a bookmark-start bookmark-end reference-mark reference-mark-start reference-mark-end soft-page-break meta ruby
    ruby-base change change-start change-end toc-mark toc-mark-start toc-mark-end user-index-mark user-index-mark-start
    user-index-mark-end alphabetical-index-mark alphabetical-index-mark-start alphabetical-index-mark-end
    """.split()
)
_COMPUTED = re.compile(r"(?:page-number|page-continuation|\w+-count|date|time)\Z")  # anew whenever they are shown
_DOUBT = ("", "doubt")  # a piece of a line: what stands beside it may be shown in another way
_NAME = f"{_TEXT}name"


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
    styles = Styles(content, *named)
    drop_hidden(content, styles)
    declared = {str(node.get(_NAME)): node for node in body.iter(f"{_TEXT}user-field-decl")}
    reading = _Reading(styles, declared, References(body, _PLAIN))
    reading.all(body, 0)
    found = _fields(parse(archive.read("meta.xml"), "meta.xml")) if "meta.xml" in archive.names else {}
    pictures = sum(1 for name in archive.names if name.startswith("Pictures/") and not name.endswith("/"))
    objects = sum(1 for _ in body.iter(f"{_DRAW}object", f"{_DRAW}object-ole"))
    counts = {
        "picture": pictures,
        "embedded object": objects,
        "comment": sum(1 for _ in body.iter(_COMMENT)),
        "placeholder": sum(1 for _ in body.iter(f"{_TEXT}placeholder")),
    }
    reading.unread += [f"{count} {what}{'s' * (count > 1)}" for what, count in counts.items() if count]
    text, blocks = reading.builder.text, questions(reading.builder.text, reading.builder.blocks)
    return Extracted(text, found, tuple(reading.pages), blocks=blocks, unread=tuple(reading.unread))


def _fields(meta: "_Element") -> dict[str, str]:
    names = {"title": f"{_DC}title", "author": f"{_META}initial-creator", "date": f"{_META}creation-date"}
    found = {key: next((node.text for node in meta.iter(tag) if node.text), "") for key, tag in names.items()}
    return {key: clean(value) for key, value in found.items() if value}


@dataclass(slots=True)
class _Reading:
    styles: Styles
    declared: dict[str, "_Element"]  # user fields, by name
    references: References
    builder: Builder = field(default_factory=Builder)
    pages: list[int] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    notes: list[tuple[str, int]] = field(default_factory=list)

    def all(self, parent: "_Element", depth: int) -> None:
        """Write what an element holds, in order."""
        if depth > _DEEPEST:
            raise SourceError(f"parts nested over {_DEEPEST} deep")
        sheets = parent.tag == f"{_OFFICE}spreadsheet"  # beside them are former contents, messages and sources
        for node in parent.iterchildren(f"{_TABLE}table") if sheets else parent:
            tag = node.tag
            if tag == f"{_TEXT}h":
                self.builder.add("heading", self.line(node)[0], level=_number(node, f"{_TEXT}outline-level"))
                self.frames(node, depth)
            elif tag == f"{_TEXT}p":
                style = node.get(f"{_TEXT}style-name")
                titled = self.styles.is_title(style)
                text, partial = self.line(node)
                level = int(titled or partial or self.styles.is_quotation(style))
                self.builder.add("heading" if titled else "paragraph", text, level=level)
                self.frames(node, depth)
            elif tag == f"{_TEXT}list":
                self.items(node, 1, self.lead_in(), depth)
            elif tag == f"{_TABLE}table":
                self.table(node, depth)
            elif tag == f"{_DRAW}page":
                self.slide(node, depth)
            elif tag not in _NOT_READ:
                self.all(node, depth + 1)
        if depth == 0:
            for note, level in self.notes:
                self.builder.add("paragraph", note, level=level)

    def slide(self, page: "_Element", depth: int) -> None:
        """Write a slide under its title."""
        self.pages.append(self.builder.page_break() if self.pages else 0)
        if self.styles.hides(page):
            self.unread.append(f"slide {len(self.pages)}: hidden")
            return
        self.builder.close()
        frames = list(page)
        for frame in frames:
            if frame.get(f"{_PRESENTATION}class") == "title":
                lines = (self.line(node)[0] for node in frame.iter(f"{_TEXT}p", f"{_TEXT}h"))
                self.builder.add("heading", " ".join(filter(None, lines)), level=1)
        for frame in frames:
            if frame.get(f"{_PRESENTATION}class") != "title":
                self.all(frame, depth + 1)

    def frames(self, node: "_Element", depth: int) -> None:
        """Write the texts of the boxes and shapes that are anchored in a paragraph or a cell."""
        for child in node if depth <= _DEEPEST else ():
            if str(child.tag).startswith(_DRAW):
                self.all(child, depth + 1)
            elif child.tag not in (_COMMENT, f"{_TEXT}note"):
                self.frames(child, depth + 1)

    def items(self, node: "_Element", level: int, parent: int | None, depth: int) -> None:
        """Write a list: items under what announces them or under the outer item."""
        if level > _DEEPEST:
            raise SourceError(f"lists nested over {_DEEPEST} deep")
        last = parent
        for item in node:
            block: int | None = None
            for child in item:
                if child.tag in (f"{_TEXT}p", f"{_TEXT}h"):
                    text, partial = self.line(child)
                    if block is None:
                        block = last = self.builder.add("item", text, parent, level)
                    else:
                        self.builder.add("paragraph", text, block, level=int(partial))
                    self.frames(child, depth)
                elif child.tag == f"{_TEXT}list":
                    self.items(child, level + 1, last, depth)

    def table(self, node: "_Element", depth: int) -> None:
        """Write a table, or a sheet under its name."""
        sheet = node.getparent() is not None and node.getparent().tag == f"{_OFFICE}spreadsheet"
        name = str(node.get(f"{_TABLE}name") or "")
        if self.styles.hides(node):
            self.unread.append(f'{"sheet" if sheet else "table"} "{name}": hidden')
            return
        table = _Table(self)
        table.read(node)
        if sheet and any(map(any, table.rows)):
            self.builder.add("heading", clean(name), level=1)
        if table.cut:
            self.unread.append(f'table "{name}": the rows after {len(table.rows):,}')
        first = len(self.builder.blocks)
        grid.write(self.builder, grid.Grid(table.rows, table.merged, header=False, header_rows=table.headers or None))
        if table.partial:
            qualify(self.builder.blocks, first)
        for place in (*table.drawn, *node.iterchildren(f"{_TABLE}shapes")):
            self.frames(place, depth)

    def lead_in(self) -> int | None:
        blocks = self.builder.blocks
        announced = blocks and blocks[-1].kind == "paragraph" and self.builder.text.endswith(":")
        return len(blocks) - 1 if announced else None

    def line(self, node: "_Element", look: Look = UNSTYLED) -> tuple[str, bool]:
        """The text of a paragraph, and whether more or something else may be shown; notes are put aside, with their
        mark left in place. look: that of what the paragraph stands in.
        """
        for shape in reversed(list(node.iterancestors(f"{_DRAW}*"))):
            look = self.styles.look("graphic", shape.get(f"{_DRAW}style-name"), look)
            look = self.styles.look("presentation", shape.get(f"{_PRESENTATION}style-name"), look)
            look = self.styles.look("paragraph", shape.get(f"{_DRAW}text-style-name"), look)
        look = self.styles.look("paragraph", node.get(f"{_TEXT}style-name"), look)
        pieces = list(self._pieces(node, 0, look))
        text, sure = joined(piece for piece in pieces if piece != _DOUBT)
        partial = not sure or any(piece == _DOUBT or piece[0] == APART for piece in pieces)
        return clean(re.sub(r"[ \t]+", " ", text)).strip(), partial

    def _pieces(self, node: "_Element", depth: int, look: Look) -> Iterator[tuple[str, str]]:
        """Each text of a paragraph, and its position as in `joined`; `APART` for what is shown and left out."""
        if depth > _DEEPEST:
            yield APART, ""
            return
        yield from _shown(node.text, look)
        for child in node:
            if child.tag == f"{_TEXT}line-break":
                yield "\n", ""
            elif child.tag in (f"{_TEXT}s", f"{_TEXT}tab"):
                yield " ", ""
            elif child.tag == f"{_TEXT}note":
                yield self._note(child), ""
            elif _is_unread(child):
                yield APART, ""
            elif isinstance(child.tag, str) and child.tag not in _SILENT:
                stays = child.tag in _PLAIN or child.get(f"{_TEXT}fixed") == "true"
                if not (stays or self.references.repeats(child)):
                    yield _DOUBT
                if child.tag.startswith(f"{_TEXT}user-field-") and child.get(_NAME) in self.declared:
                    stored = "".join(child.itertext())
                    child.text = settled(self.declared[str(child.get(_NAME))], stored)[0]
                    del child[:]
                yield from self._pieces(child, depth + 1, self.styles.look("text", child.get(_STYLED), look))
            yield from _shown(child.tail, look)

    def _note(self, note: "_Element") -> str:
        mark = "".join("".join(node.itertext()) for node in note.iter(f"{_TEXT}note-citation")).strip()
        lines = [self.line(node) for node in note.iter(f"{_TEXT}p", f"{_TEXT}h")]
        text = " ".join(text for text, _ in lines)
        self.notes.append((f"[{mark}] {text}", int(any(partial for _, partial in lines))))
        return f" [{mark}]"


_STYLED = f"{_TEXT}style-name"
_NOT_READ = frozenset(
    (f"{_TEXT}tracked-changes", f"{_OFFICE}forms", f"{_TEXT}table-of-content", f"{_TABLE}content-validations", _COMMENT)
)


def _shown(text: str | None, look: Look) -> Iterator[tuple[str, str]]:
    """The piece of a text, and whether it is certain."""
    folded = _folded(text)
    if look.struck and folded.strip():
        yield APART, ""
        return
    yield (signs(folded, look.font) if is_symbolic(look.font) else folded), look.position
    if folded.strip() and (look.font or (look.capitals and folded.lower() != folded.upper())):
        yield _DOUBT


def _is_unread(node: "_Element") -> bool:
    """Whether the page shows something in the place of an element in a line that is not read there."""
    drawn = str(node.tag).startswith((_DRAW, _NS % "dr3d"))
    prompt = any(name.endswith("}showing-place-holder") and value == "true" for name, value in node.attrib.items())
    computed = str(node.tag).startswith(_TEXT) and _COMPUTED.match(str(node.tag).removeprefix(_TEXT))
    anew = bool(computed) and node.get(f"{_TEXT}fixed") != "true" and bool("".join(node.itertext()).strip())
    return drawn or prompt or anew or node.tag in _UNREAD


@dataclass(slots=True)
class _Table:
    """The rows of a table; empty repeated rows and columns only once."""

    reading: _Reading
    rows: list[list[str]] = field(default_factory=list)
    merged: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    headers: int = 0
    size: int = 0
    cut: bool = False
    partial: bool = False  # whether a cell may show more, or something else
    folded: set[int] = field(default_factory=set)  # hidden columns
    styled: dict[int, str] = field(default_factory=dict)  # columns, with the style of their cells
    drawn: list["_Element"] = field(default_factory=list)  # cells with shapes in them

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
            if style := column.get(f"{_TABLE}default-cell-style-name"):
                self.styled.update(dict.fromkeys(range(at, at + times), style))
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
            text = "" if covered else self._text(cell, row, column)
            if not covered and column not in self.folded and next(cell.iter(f"{_DRAW}*"), None) is not None:
                self.drawn.append(cell)
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

    def _text(self, cell: "_Element", row: "_Element", column: int) -> str:
        own = cell.get(f"{_TABLE}style-name") or row.get(f"{_TABLE}default-cell-style-name")
        styles, style = self.reading.styles, own or self.styled.get(column)
        look = styles.look("table-cell", style, UNSTYLED)
        paragraphs = list(_paragraphs(cell))
        lines = [self.reading.line(part, look) for part in paragraphs]
        text = " ".join(filter(None, (line for line, _ in lines)))
        stored = " ".join("".join(part.itertext()) for part in paragraphs)
        value, agrees = settled(cell, stored if text else "", styles.factor(style))
        self.partial = self.partial or not agrees or any(partial for _, partial in lines)
        return text if agrees else value


def _paragraphs(cell: "_Element") -> Iterator["_Element"]:
    """The paragraphs of a cell, without those of comments and shapes."""
    for child in cell:
        if child.tag in (f"{_TEXT}p", f"{_TEXT}h"):
            yield child
        elif child.tag != _COMMENT and not str(child.tag).startswith(_DRAW):
            yield from _paragraphs(child)


def _is_visible(part: "_Element") -> bool:
    """Whether a row or column is shown, and not folded or filtered out."""
    return bool(part.get(f"{_TABLE}visibility", "visible") == "visible")


_ROW_GROUPS = frozenset(f"{_TABLE}{name}" for name in ("table-header-rows", "table-rows", "table-row-group"))


def _number(node: "_Element", name: str) -> int:
    """A count that an attribute gives, within reason."""
    value = node.get(name) or "1"
    return max(1, min(int(value), _MOST_REPEATED)) if value.isdecimal() and len(value) < 10 else 1


def _folded(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")

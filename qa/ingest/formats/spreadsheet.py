"""Excel workbooks: every visible sheet under its name, cells as they are shown. The only import of openpyxl."""

import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from qa.errors import SourceError
from qa.ingest.blocks import Builder, qualify
from qa.ingest.decoding import clean
from qa.ingest.formats.common import grid
from qa.ingest.formats.common.archive import Archive
from qa.ingest.formats.common.joined import APART
from qa.ingest.formats.common.numberformat import is_blank, shown
from qa.ingest.formats.common.raised import is_doubtful, lowered, raised
from qa.ingest.formats.common.symbols import is_symbolic, signs
from qa.ingest.metadata import Extracted

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["extract"]

_MOST_TAGS = 1_500_000  # rows and cells, empty ones included: what a parser keeps in memory
_MOST_COLUMNS = 500
_SIGNS = 2  # the character set of fonts with signs in the place of letters
_MOST_MERGED = 20_000  # ranges
_TAG = re.compile(rb"<(?:\w+:)?(?:row|c)[\s>/]")
_RANGE = re.compile(  # openpyxl makes a cell for each that these cover
    rb"<(?:\w+:)?(?:mergeCell|hyperlink)\s[^<>]{0,500}?\bref\s*=\s*[\"'](?i:\$?([A-Z]{1,3})\$?(\d{1,9}):\$?([A-Z]{1,3})\$?(\d{1,9}))"
)
_NO_VALUE = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f[^<>]{0,200}/>)\s{0,9}(?:<(?:\w+:)?v(?:/>|></(?:\w+:)?v>)\s{0,9})?</(?:\w+:)?c>"
)
_SHAPE = re.compile(rb"<(?:\w+:)?sp[\s>]")
_SHAPE_TEXT = re.compile(rb"<(?:\w+:)?t(?:\s[^<>]*)?>\s*[^<\s]")
_THREADED = re.compile(r"\A\[Threaded comment\].*?^Comment:\s*", re.DOTALL | re.MULTILINE)  # what older programs show
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def extract(data: bytes) -> Extracted:
    """Sheets as headings with their tables; title and author. Raises SourceError; ImportError without openpyxl."""
    from openpyxl import load_workbook

    archive = Archive(data, "an Excel workbook")
    empty_formulas = _check(archive)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # parts that openpyxl does not keep: charts, validation, styles
            book = load_workbook(io.BytesIO(data), data_only=True, rich_text=True)
    except Exception as error:  # openpyxl lets all kinds of errors through for files that break its expectations
        raise SourceError("not an Excel workbook, or damaged") from error
    builder, unread = Builder(), []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            unread.append(f'sheet "{sheet.title}": hidden')
            continue
        try:
            unread += _sheet(builder, sheet, several=len(book.sheetnames) > 1)
        except IndexError as error:  # openpyxl looks formats and fonts up when a cell is asked for them
            raise SourceError("damaged: a cell names a format or a font that the workbook does not have") from error
    unread += [f'sheet "{sheet.title}": a chart' for sheet in book.chartsheets]
    charts = sum(1 for name in archive.names if re.fullmatch(r"xl/charts/chart\d*\.xml", name)) - len(book.chartsheets)
    pictures = sum(1 for name in archive.names if name.startswith("xl/media/"))
    diagrams = sum(1 for name in archive.names if re.fullmatch(r"xl/diagrams/data\d*\.xml", name))
    drawings = (archive.read(name) for name in archive.names if re.fullmatch(r"xl/drawings/drawing\d*\.xml", name))
    counts = {
        "chart(s)": charts,
        "picture(s)": pictures,
        "diagram(s)": diagrams,
        "shape(s) with text": sum(map(_shapes, drawings)),
        "formula(s) without a stored value": empty_formulas,
    }
    unread += [f"{count:,} {what}" for what, count in counts.items() if count > 0]
    about = book.properties
    found = {"title": about.title, "author": about.creator if about.creator != "openpyxl" else ""}
    found = {key: clean(value) for key, value in found.items() if value}
    return Extracted(builder.text, found, blocks=tuple(builder.blocks), unread=tuple(unread))


def _check(archive: Archive) -> int:
    """Refuse what would take all memory: openpyxl keeps every row and cell, however empty.

    Returns how many formulas have no stored value, which only a spreadsheet program can compute.
    """
    tags, formulas = 0, 0
    for name in archive.names:
        if name.endswith((".xml", ".rels")):
            part = archive.read(name)
            if _DTD.search(part):
                raise SourceError(f"{name} declares entities, which no workbook needs")
            if name.startswith("xl/worksheets/"):
                tags += sum(1 for _ in _TAG.finditer(part)) + sum(map(_area, _RANGE.finditer(part)))
                formulas += sum(1 for _ in _NO_VALUE.finditer(part))
    if tags > _MOST_TAGS:
        raise SourceError(
            f"{tags:,} rows, cells and merged cells; the limit is {_MOST_TAGS:,}. Save the sheets that matter as CSV"
        )
    return formulas


def _shapes(drawing: bytes) -> int:
    """How many shapes with text, such as text boxes, a drawing on a sheet has."""
    return sum(1 for shape in _SHAPE.split(drawing)[1:] if _SHAPE_TEXT.search(shape))


def _area(match: re.Match[bytes]) -> int:
    """How many cells a range such as A1:C3 covers."""
    left, right = (_column(match[number]) for number in (1, 3))
    return (abs(right - left) + 1) * (abs(int(match[4]) - int(match[2])) + 1)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + (letter & 31)
    return number


def _sheet(builder: Builder, sheet: "Worksheet", several: bool) -> Iterator[str]:
    """Write a sheet; what of it was not read."""
    name = clean(sheet.title)
    layout = _Layout(sheet)
    table = layout.read()
    if (table.rows or layout.comments) and (
        several or not re.fullmatch(r"\w+ ?1", name)
    ):  # a lone "Sheet1" says nothing
        builder.add("heading", name, level=1)
    first = len(builder.blocks)
    grid.write(builder, table)
    if layout.partial:
        qualify(builder.blocks, first)
    for text in layout.comments:
        builder.add("paragraph", text)
    for left_out in layout.left_out:
        yield f'sheet "{name}": {left_out}'


@dataclass(slots=True)
class _Layout:
    """A sheet without its empty and hidden rows and columns; what is left is counted anew, from 0."""

    sheet: "Worksheet"
    cells: dict[int, dict[int, Any]] = field(default_factory=dict)  # with text, by row and column of the sheet
    texts: dict[int, dict[int, str]] = field(default_factory=dict)  # of these cells
    comments: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    wide: frozenset[str] = frozenset()  # cells that are merged over several columns
    hidden: set[int] = field(default_factory=set)  # rows
    partial: bool = False  # whether a cell has a struck part, signs, or a small figure that may mean several things

    def read(self) -> grid.Grid:
        """The cells as they are shown, blank rows in between as one."""
        self._collect()
        ranges = islice(self.sheet.merged_cells.ranges, _MOST_MERGED)
        self.wide = frozenset(area.start_cell.coordinate for area in ranges if area.max_col > area.min_col)
        columns = {column: at for at, column in enumerate(sorted({c for row in self.cells.values() for c in row}))}
        rows: list[list[str]] = []
        numbers: dict[int, int] = {}  # row of the sheet -> row of the grid
        before, size = 0, 0
        for row, cells in self.cells.items():
            if rows and any(between not in self.hidden for between in range(before + 1, row)):
                rows.append([])
            before = row
            numbers[row] = len(rows)
            line = [""] * (columns[max(cells)] + 1)
            for column in cells:
                line[columns[column]] = self.texts[row][column]
            rows.append(line)
            size += len(line)
            if size > grid.MOST_CELLS:
                self.left_out.append(f"the rows after row {row:,}")
                break
        groups = {numbers[row] for row in numbers if len(self.cells[row]) == 1 and self._set_off(row)}
        frozen = sum(1 for row in numbers if row < self._first_moving())
        return grid.Grid(rows, dict(self._merged(numbers, columns)), groups, self._has_header(), frozen=frozen)

    def _collect(self) -> None:
        """Sort the cells with text into those that are shown and those that are not."""
        hidden = self.hidden = {
            row for row, about in self.sheet.row_dimensions.items() if about.hidden or about.height == 0
        }
        folded: set[int] = set()
        for about in self.sheet.column_dimensions.values():
            if (about.hidden or about.width == 0) and about.min:
                folded.update(range(about.min, min(about.max, _MOST_COLUMNS) + 1))
        lost: dict[str, set[tuple[int, int]]] = {}
        for (row, column), cell in sorted(self.sheet._cells.items()):  # iter_rows would make all cells in between
            if cell.comment and cell.comment.text and row not in hidden and column not in folded:
                self.comments.append(clean(_THREADED.sub("", cell.comment.text)))
            value, whole = _unstruck(cell)
            if cell.value is None or not str(cell.value).strip() or is_blank(value, cell.number_format):
                continue
            if row in hidden:
                lost.setdefault("hidden row", set()).add((row, 0))
            elif column in folded:
                lost.setdefault("hidden column", set()).add((0, column))
            elif column > _MOST_COLUMNS:
                lost.setdefault(f"column beyond the first {_MOST_COLUMNS}", set()).add((0, column))
            elif not str(value).strip():
                lost.setdefault("unknown sign" if is_symbolic(cell.font.name or "") else "struck cell", set()).add(
                    (row, column)
                )
            else:
                self.cells.setdefault(row, {})[column] = cell
                self.texts.setdefault(row, {})[column] = _text(value, cell.number_format)
                self.partial = self.partial or not whole
        self.left_out += [f"{len(numbers):,} {what}{'s' * (len(numbers) > 1)}" for what, numbers in lost.items()]

    def _merged(
        self, rows: dict[int, int], columns: dict[int, int]
    ) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        """The cells that merges cover, with the cell that holds their text."""
        for area in islice(self.sheet.merged_cells.ranges, _MOST_MERGED):
            if area.min_row not in rows or area.min_col not in columns:
                continue
            source = (rows[area.min_row], columns[area.min_col])
            for row in range(area.min_row, min(area.max_row, area.min_row + _MOST_COLUMNS) + 1):
                for column in range(area.min_col, min(area.max_col, _MOST_COLUMNS) + 1):
                    if row in rows and column in columns and (at := (rows[row], columns[column])) != source:
                        yield at, source

    def _set_off(self, row: int) -> bool:
        """Whether the only cell of a row is set off as a heading: bold, or merged over several columns."""
        cell = next(iter(self.cells[row].values()))
        return bool(cell.font and cell.font.b) or cell.coordinate in self.wide

    def _first_moving(self) -> int:
        """The first row below the frozen ones; 0 if none are frozen."""
        place = re.search(r"\d+", self.sheet.freeze_panes or "")
        return int(place[0]) if place else 0

    def _has_header(self) -> bool:
        """Whether the sheet is laid out as a table: filtered, frozen, or with a bold first row."""
        sheet = self.sheet
        first = next((cells for cells in self.cells.values() if len(cells) > 1), {})
        bold = all(cell.font and cell.font.b for cell in first.values())
        return bool(sheet.auto_filter.ref or sheet.tables or sheet.freeze_panes or (first and bold))


def _unstruck(cell: Any) -> tuple[object, bool]:
    """A cell's value without what is struck, small figures marked, and whether that is surely all that it says."""
    struck = bool(cell.font and cell.font.strike)
    if not isinstance(cell.value, list):  # openpyxl's rich text is a list of runs
        return ("", False) if struck else _drawn(cell.value, cell.font)
    text, script, whole = "", "", True
    for run in cell.value:
        font = getattr(run, "font", None)
        words, plain = _drawn(str(run), font or cell.font)
        whole = whole and plain
        raise_or_lower = font and font.vertAlign
        if font.strike if font else struck:
            text, script, whole = f"{text} ", "", False
        elif raise_or_lower in ("superscript", "subscript"):
            whole = whole and not (script or (raise_or_lower == "superscript" and is_doubtful(text, words)))
            script = (raised if raise_or_lower == "superscript" else lowered)(text, words)
            text += script + words[len(words.rstrip()) :]
        else:
            goes_on = bool(script) and words[:1].isalnum() and not text[-1:].isspace()
            whole = whole and not (goes_on and words[:1].isdigit())
            gap = " " if goes_on and not (script.isalnum() and words[:1].isalpha()) else ""
            text, script = f"{text}{gap}{words}", ""
    return text, whole


def _drawn(value: Any, font: Any) -> tuple[Any, bool]:
    """A value as its font shows it, and whether that is certain: what programs make of a symbol font differs."""
    name = str(getattr(font, "rFont", None) or getattr(font, "name", None) or "")
    if is_symbolic(name) and isinstance(value, str):
        value = signs(value, name).replace(APART, " ")
    return value, not is_symbolic(name) and getattr(font, "charset", None) != _SIGNS


def _text(value: object, code: str | None) -> str:
    return clean(shown(value, code or "General").replace("_x000D_", "").replace("\r", ""))

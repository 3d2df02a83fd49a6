"""Which header the rows of a CSV file, a workbook or a sheet stand under."""

import io
import zipfile
from collections.abc import Sequence

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from qa.ingest.formats import delimited, spreadsheet
from qa.ingest.formats.opendocument import reader as opendocument
from qa.ingest.metadata import Extracted

Row = Sequence[str | int]
ROOMS: list[Row] = [("Room", "Seats", "Fee"), ("Blue", 12, 140), ("Red", 8, 90)]
CITIES: list[Row] = [("Country", "Capital"), ("France", "Paris"), ("Spain", "Madrid")]


def headers(extracted: Extracted) -> dict[str, list[str]]:
    """The column headers of each cell of the data rows."""
    text = extracted.text
    return {
        text[cell.start : cell.end]: [text[span.start : span.end] for span in heads]
        for block in extracted.blocks
        if block.kind == "row"
        for cell, heads in zip(block.cells, block.columns or [()] * len(block.cells), strict=True)
        if cell.end > cell.start
    }


def csv(rows: Sequence[Row]) -> dict[str, list[str]]:
    return headers(delimited.extract("\n".join(",".join(map(str, row)) for row in rows).encode()))


def workbook(rows: Sequence[Row], frozen: str = "", hidden: Sequence[int] = ()) -> dict[str, list[str]]:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            sheet.cell(number, column, value)
    if frozen:
        sheet.freeze_panes = frozen
    for number in hidden:
        sheet.row_dimensions[number].hidden = True
    buffer = io.BytesIO()
    book.save(buffer)
    return headers(spreadsheet.extract(buffer.getvalue()))


def sheet(cells: str) -> dict[str, list[str]]:
    """An OpenDocument sheet of rows that are separated by `/`; `~` stands before the text of a covered cell."""
    rows = ""
    for row in cells.split("/"):
        rows += "<table:table-row>"
        for cell in row.split("|"):
            kind = "covered-table-cell" if cell[:1] == "~" else "table-cell"
            span = 2 if cell[-1:] == "*" else 1
            rows += f"<table:{kind} table:number-columns-spanned='{span}'>"
            rows += f"<text:p>{cell.strip('~*')}</text:p></table:{kind}>"
        rows += "</table:table-row>"
    names = "".join(f' xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text"))
    content = (
        f"<office:document-content{names}><office:body><office:spreadsheet><table:table table:name='S'>{rows}"
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("content.xml", content)
    return headers(opendocument.extract(buffer.getvalue()))


@pytest.mark.parametrize("read", [csv, workbook])
def test_a_blank_row_ends_a_table_and_its_header(read: object) -> None:
    assert callable(read)
    found = read([*ROOMS, (), ("No", "Kind", "Deposit"), (1, "Gold", 500), (2, "Silver", 300)])
    assert (found["140"], found["500"]) == (["Fee"], [])
    found = read([*CITIES, (), ("Company", "Founder"), ("Acme", "Smith"), ("Beta", "Jones")])
    assert (found["Acme"], found["Smith"]) == ([], [])
    found = read([*ROOMS, (), ("Totals for 2023",), ("Gold", 500, 3)])
    assert (found["90"], found["500"], found["3"]) == (["Fee"], [], [])
    found = read([*ROOMS, (), ("Kind", "Deposit", "Days"), ("Gold", 500, 3), ("Silver", 300, 4)])
    assert (found["140"], found["500"], found["4"]) == (["Fee"], ["Deposit"], ["Days"])


def test_a_blank_row_ends_a_table_of_an_open_document() -> None:
    found = sheet("Room|Seats|Fee/Blue|12|140/Red|8|90//1|Gold|500")
    assert (found["140"], found["500"]) == (["Fee"], [])


def test_a_header_in_frozen_rows_counts_below_blank_rows() -> None:
    rows: list[Row] = [*ROOMS, (), ("Green", 7, 70), ("White", 6, 60)]
    assert workbook(rows)["70"] == []
    assert workbook(rows, frozen="A2")["70"] == ["Fee"]
    assert workbook(rows, frozen="B1")["70"] == []


def test_a_header_in_frozen_rows_does_not_count_for_a_table_that_may_have_its_own() -> None:
    found = workbook([*CITIES, (), ("Company", "Founder"), ("Acme", "Smith"), ("Beta", "Jones")], frozen="A2")
    assert (found["Acme"], found["Smith"]) == ([], [])


def test_hidden_rows_between_two_rows_end_no_table() -> None:
    rows: list[Row] = [*ROOMS, ("Green", 7, 70), ("White", 6, 60)]
    assert workbook(rows, hidden=(3, 4))["60"] == ["Fee"]


def test_blank_rows_after_each_row_only_space_them() -> None:
    rows = [spaced for row in [*ROOMS, ("Green", 7, 70)] for spaced in (row, ())]
    assert csv(rows)["70"] == ["Fee"]


def test_the_text_of_a_covered_cell_is_not_shown() -> None:
    found = sheet("Item|Low|High/A|8*|~9/B|1|2")
    assert found == {"A": ["Item"], "8": ["Low"], "B": ["Item"], "1": ["Low"], "2": ["High"]}


STRUCK, HIGH, LOW = InlineFont(strike=True), InlineFont(vertAlign="superscript"), InlineFont(vertAlign="subscript")
SYMBOL, WEBDINGS = InlineFont(rFont="Symbol"), InlineFont(rFont="Webdings")


def runs(*parts: str | tuple[InlineFont, str]) -> CellRichText:
    return CellRichText([part if isinstance(part, str) else TextBlock(*part) for part in parts])


def of_one_cell(value: object, struck: bool = False, font: str = "Calibri") -> Extracted:
    """A workbook with a sentence in its only cell; `struck` and `font` are the style of the cell."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "Sheet1"
    book.active["A1"] = value  # type: ignore[assignment]
    book.active["A1"].font = Font(strike=struck, name=font)
    buffer = io.BytesIO()
    book.save(buffer)
    return spreadsheet.extract(buffer.getvalue())


@pytest.mark.parametrize(
    ("value", "text", "sure"),
    [
        (runs((STRUCK, "40"), "30 euros."), "30 euros.", False),
        (runs("4", (STRUCK, "0"), "5 euros."), "4 5 euros.", False),
        (runs("10", (HIGH, "6 "), "people."), "10^6 people.", True),
        (runs("10", (HIGH, "6"), "people."), "10^6 people.", True),
        (runs("H", (LOW, "2"), "O is water."), "H2O is water.", True),
        (runs("5", (LOW, "2"), "3 in all."), "5_2 3 in all.", False),
        (runs("9", (HIGH, "99"), " euros."), "9^99 euros.", False),
        (runs("3 ", (SYMBOL, "m"), "g a day."), "3 μg a day.", False),
        (runs("3", (WEBDINGS, "a"), "5 euros."), "3 5 euros.", False),
        (runs("3 ", (InlineFont(charset=2), "m"), "g a day."), "3 mg a day.", False),
    ],
)
def test_struck_runs_and_small_figures_of_a_cell_make_no_other_number(
    value: CellRichText, text: str, sure: bool
) -> None:
    extracted = of_one_cell(value)
    assert extracted.text == text
    assert extracted.blocks[0].level == (0 if sure else 1)


def test_a_struck_cell_is_left_out_and_listed() -> None:
    for value in ("The fee is 40 euros.", runs("The fee is ", (STRUCK, "40 euros."))):
        assert of_one_cell(value, struck=True).text == ""
        assert of_one_cell(value, struck=True).unread == ('sheet "Sheet1": 1 struck cell',)
    assert of_one_cell(runs((STRUCK, "40 euros."))).unread == ('sheet "Sheet1": 1 struck cell',)
    assert of_one_cell(runs("40", (InlineFont(), "30 euros.")), struck=True).text == "30 euros."


@pytest.mark.parametrize(
    ("font", "text", "unread"),
    [("Symbol", "μ", ()), ("Wingdings", "✓", ()), ("Webdings", "", ('sheet "Sheet1": 1 unknown sign',))],
)
def test_a_cell_in_a_symbol_font_has_its_signs(font: str, text: str, unread: tuple[str, ...]) -> None:
    found = of_one_cell({"Symbol": "m"}.get(font, "ü"), font=font)
    assert (found.text, found.unread) == (text, unread)


def test_shapes_with_text_are_listed() -> None:
    buffer = io.BytesIO()
    book = openpyxl.Workbook()
    book.active["A1"] = "The fee is 40 euros."  # type: ignore[index]
    book.save(buffer)
    shapes = "".join(
        f"<xdr:sp macro=''><xdr:txBody><a:t>{said}</a:t></xdr:txBody></xdr:sp>" for said in ("In GBP.", " ")
    )
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("xl/drawings/drawing1.xml", f"<xdr:wsDr xmlns:xdr='x' xmlns:a='y'>{shapes}</xdr:wsDr>")
    assert spreadsheet.extract(buffer.getvalue()).unread == ("1 shape(s) with text",)

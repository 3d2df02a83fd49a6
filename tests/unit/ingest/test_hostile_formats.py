"""Small files that would unpack, expand or nest without end are refused; nothing outside of the file is opened."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from qa.errors import SourceError
from qa.ingest import readers
from qa.ingest.blocks import Builder
from qa.ingest.formats import reader
from qa.ingest.formats.common import archive, grid

FORMATS = Path(__file__).parents[2] / "data/formats"
SHEET = "xl/worksheets/sheet1.xml"
OPEN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'


def patched(name: str, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """A fixture with one of its parts changed."""
    old = zipfile.ZipFile(FORMATS / name)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            new.writestr(entry, change(old.read(entry)) if entry == part else old.read(entry))
    return buffer.getvalue()


@pytest.mark.parametrize("suffix", [".xlsx", ".pptx", ".epub", ".odt"])
def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_is(
    suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_MOST_BYTES", 1_000_000)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("content.xml", bytes(2_000_000))
    with pytest.raises(SourceError, match="unpacks to 2,000,000 bytes; the limit is 1,000,000"):
        reader(suffix)(buffer.getvalue())


def test_entities_are_never_expanded() -> None:
    with pytest.raises(SourceError, match="declares entities"):
        reader(".xlsx")(patched("spreadsheet/merged.xlsx", SHEET, lambda old: LAUGHS + b"<worksheet>&c;</worksheet>"))
    document = patched(
        "opendocument/testStyles.odt",
        "content.xml",
        lambda old: LAUGHS + old.split(b"?>", 1)[1].replace(b"This", b"&c;"),
    )
    assert "ha" not in reader(".odt")(document).text.split()[0]


@pytest.mark.parametrize(
    "content",
    [
        OPEN + b'<row r="1"/>' * 1_600_000 + b"</sheetData></worksheet>",
        OPEN + b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>',
        OPEN + b"</sheetData><hyperlinks><hyperlink r:id='r1' ref='A1:B1048576'/></hyperlinks></worksheet>",
    ],
    ids=["rows", "merge", "link"],
)
def test_a_workbook_of_millions_of_empty_cells_is_refused(content: bytes) -> None:
    with pytest.raises(SourceError, match="rows, cells and merged cells; the limit is 1,500,000"):
        reader(".xlsx")(patched("spreadsheet/merged.xlsx", SHEET, lambda old: content))


def test_a_cell_in_the_last_row_and_column_costs_nothing_and_is_named() -> None:
    extracted = reader(".xlsx")((FORMATS / "spreadsheet/far-apart.xlsx").read_bytes())
    assert extracted.text == "Key | Kept by\nLab | Jun"
    assert 'sheet "Sheet1": 1 column beyond the first 500' in extracted.unread


@pytest.mark.parametrize(
    ("suffix", "data", "reason"),
    [
        (".csv", b"a" * 3_000_000, "a line of more than 1,000,000 characters"),
        (".csv", b"a," * 1_100_000, "its first row has 1,100,001 cells"),
        (".json", b"[" * 100_000, "nested too deep"),
        (".json", b"{", "not valid JSON"),
        (".ipynb", b"[" * 100_000, "not a notebook"),
        (".ipynb", b"{}", "one without cells"),
        (".srt", b"no times here", "no subtitles in it"),
        (".eml", b"no headers here", "it has no headers"),
        (".xlsx", b"PK\x03\x04", "not an Excel workbook"),
        (".xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "encrypted with a password"),
        (".rst", b"\n\n".join(b" " * i + b"x" for i in range(600)), "nested too deep"),
        (".rst", b"*a " * 15_000, "with 15,000 marks; split it"),
        (
            ".rst",
            b"".join(b".. |%d| replace:: |%d| |%d|\n" % (i, i + 1, i + 1) for i in range(30)),
            "stands for over 500",
        ),
        (
            ".rst",
            b"".join(b"   " * i + b".. foo:: a\n\n" for i in range(20)) + b"   " * 20 + b"x",
            "nested over 10 deep",
        ),
    ],
)
def test_what_is_broken_or_built_to_take_forever_is_refused_with_the_reason(
    suffix: str, data: bytes, reason: str
) -> None:
    with pytest.raises(SourceError) as error:
        reader(suffix)(data)
    assert reason in str(error.value)


def test_parts_nested_without_end_are_no_message() -> None:
    parts = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(200))
    with pytest.raises(SourceError, match="nested 20 deep"):
        reader(".eml")(parts + b"x")


@pytest.mark.parametrize("header", [b"To: " + b"(" * 9000, b"From: " + b'"\\' * 5000, b"To: " + b"a <b@c>, " * 3000])
def test_headers_that_the_parser_of_addresses_chokes_on_are_cut(header: bytes) -> None:
    assert reader(".eml")(header + b"\n\nHello.").text.endswith("\n\nHello.")


def test_a_cell_with_a_font_that_is_not_there_is_damage() -> None:
    def without_its_font(xml: bytes) -> bytes:
        before, cells, after = xml.partition(b"<cellXfs")
        assert b'fontId="0"' in after
        return before + cells + after.replace(b'fontId="0"', b'fontId="99"')

    with pytest.raises(SourceError, match="a font that the workbook does not have"):
        reader(".xlsx")(patched("spreadsheet/xlsx_05_table_with_title.xlsx", "xl/styles.xml", without_its_font))


def test_a_date_that_no_calendar_has_is_read_as_text() -> None:
    header = b"Subject: Budget\nDate: Thu, 5 Mar 2026 12:00:00 +33333333333333330000"
    assert reader(".eml")(header + b"\n\nHello.").text.endswith("+33333333333333330000\n\nHello.")


def test_no_directive_opens_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("hidden,words\n")
    source = "".join(
        f".. {directive}\n   :file: {secret}\n\n"
        for directive in ("csv-table:: A", "raw:: html", f"include:: {secret}")
    )
    extracted = reader(".rst")(f"Text.\n\n{source}.. literalinclude:: {secret}\n".encode())
    assert extracted.text == "Text."
    assert len(extracted.unread) == 4


def test_a_table_that_goes_on_over_the_limit_says_where_it_was_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.ingest.formats.common.grid.MOST_CELLS", 10)
    extracted = reader(".csv")(b"a,b\n" + b"1,2\n" * 9)
    assert extracted.text.count("\n") == 4
    assert extracted.unread == ("the rows after row 5: more than 10 cells",)


def test_broken_lines_of_json_are_named_and_then_counted() -> None:
    extracted = reader(".jsonl")(b'{"a": 1}\n' + b"x\n" * 20)
    assert extracted.text == "1\n\na: 1"
    assert [line.partition(":")[0] for line in extracted.unread] == [
        *(f"line {n}" for n in range(2, 7)),
        "15 more lines",
    ]


def test_headers_upon_headers_are_limited_to_the_nearest() -> None:
    builder = Builder()
    lines = [[f"name {n}", f"other {n}"] for n in range(300)]
    grid.write(builder, grid.Grid([*lines, ["1", "2"]], header_rows=300))
    heads = [builder.text[span.start : span.end] for span in builder.blocks[-1].columns[0]]
    assert heads == [f"name {n}" for n in range(280, 300)]


def test_marked_rows_upon_rows_of_a_page_are_limited_to_the_nearest() -> None:
    head = "".join(f"<tr><td>name {n}<td>other {n}" for n in range(300))
    read = readers.read("a.html", f"<table><thead>{head}</thead><tr><td>1<td>2</table>".encode())
    assert max(len(column) for block in read.blocks for column in block.columns) <= 20


def test_labels_of_merged_cells_are_limited_to_the_nearest() -> None:
    builder = Builder()
    merged = {(1, column): (0, column) for column in range(300)}
    row = [f"name {n}" for n in range(300)]
    grid.write(builder, grid.Grid([row, [""] * 300 + ["1", "2"]], merged, header_rows=0))
    assert len(builder.blocks[-1].labels) <= 20

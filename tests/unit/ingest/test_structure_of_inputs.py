"""Structure that people see on the page and that a reader of characters misses, in small inputs of several formats."""

import io

import pytest

from qa.ingest.pipeline import prepare
from qa.records import Block, Document


def read(name: str, data: bytes | str) -> Document:
    return prepare(name, data.encode() if isinstance(data, str) else data).document


def rows(document: Document) -> list[tuple[str, str, list[str]]]:
    """Kind, text and labels of each block."""
    text = document.text
    return [(b.kind, text[b.start : b.end], [text[s.start : s.end] for s in b.labels]) for b in document.blocks]


def above(document: Document, block: Block) -> list[str]:
    texts = []
    while block.parent is not None:
        block = document.blocks[block.parent]
        texts.append(document.text[block.start : block.end])
    return texts


def test_the_title_of_front_matter_stands_above_everything_and_is_no_field() -> None:
    document = read(
        "a.md", "---\ndate: 2026-02-03\ntitle: Garden minutes\nchair: Priya\n---\n\n# Minutes\n\nWe plant trees.\n"
    )
    kinds = {document.text[b.start : b.end]: (b.kind, above(document, b)) for b in document.blocks}
    assert kinds["title: Garden minutes"] == ("heading", [])
    assert kinds["chair: Priya"] == ("field", ["title: Garden minutes"])
    assert kinds["We plant trees."] == ("paragraph", ["# Minutes", "title: Garden minutes"])


def test_what_steers_a_site_generator_is_furniture() -> None:
    document = read("a.md", "---\nlayout: page\nredirect_from:\n  - /old/\nowner: Priya\n---\n\nWe plant trees.\n")
    assert [row[:2] for row in rows(document) if row[0] != "furniture"] == [
        ("field", "owner: Priya"),
        ("paragraph", "We plant trees."),
    ]


def test_a_file_of_rows_is_called_by_its_name() -> None:
    assert read("prices.csv", "item,price\nRye,2\nSpelt,3\n").title == "prices.csv"


@pytest.mark.parametrize(
    "html",
    [
        "<div class=row><div class=label>Quiet hours</div><div class=value>22:00 to 06:30</div></div>",
        "<div><span class='info-label'>Quiet hours</span><span class='info-value'>22:00 to 06:30</span></div>",
        "<p><strong class=key>Quiet hours:</strong> <span>22:00 to 06:30</span></p>",
    ],
)
def test_a_label_beside_its_value_is_a_field(html: str) -> None:
    assert [row[:2] for row in rows(read("a.html", f"<p>About the house.</p>{html}"))][1:] == [
        ("field", "Quiet hours: 22:00 to 06:30")
    ]


def test_two_elements_without_names_are_no_field() -> None:
    html = "<div class=card><div class=title>Anna Moss</div><div class=text>She runs the house.</div></div>"
    assert all(kind != "field" for kind, _, _ in rows(read("a.html", html)))


def test_a_turn_of_subtitles_that_asks_is_the_question_of_the_next_turn() -> None:
    vtt = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Mara>Who paid for the trip?\n\n"
        "00:02.500 --> 00:04.000\n<v Jon>The foundation paid.\n"
    )
    document = read("a.vtt", vtt)
    (answer,) = [block for block in document.blocks if block.kind == "turn"]
    assert above(document, answer) == ["Mara: Who paid for the trip?"]


def test_a_header_of_two_rows_with_merged_cells_in_a_spreadsheet() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["Hall", "Weekday", None], [None, "Morning", "Evening"], ["A", 20, 35], ["B", 15, 28]):
        sheet.append(row)
    sheet.merge_cells("A1:A2")
    sheet.merge_cells("B1:C1")
    buffer = io.BytesIO()
    book.save(buffer)
    document = read("a.xlsx", buffer.getvalue())
    last = document.blocks[-1]
    names = [[document.text[span.start : span.end] for span in column] for column in last.columns]
    assert names == [["Hall"], ["Weekday", "Morning"], ["Weekday", "Evening"]]


def test_two_rows_of_labels_and_values_have_no_header() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["Manager", "Petra Voss"])
    book.active.append(["Phone", "555 0101"])
    buffer = io.BytesIO()
    book.save(buffer)
    assert [kind for kind, _, _ in rows(read("a.xlsx", buffer.getvalue()))][1:] == ["row", "row"]


def test_a_word_table_without_marks_has_a_header_although_cells_are_merged_downwards() -> None:
    docx = pytest.importorskip("docx")
    document = docx.Document()
    cells = [
        ["Trip", "Approved by", "Limit"],
        ["Domestic", "Lead", "400"],
        ["", "Head", "900"],
        ["Abroad", "Director", "2500"],
    ]
    table = document.add_table(rows=4, cols=3)
    for number, row in enumerate(cells):
        for column, text in enumerate(row):
            table.cell(number, column).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    buffer = io.BytesIO()
    document.save(buffer)
    assert [(kind, labels) for kind, _, labels in rows(read("a.docx", buffer.getvalue()))] == [
        ("header", []),
        ("row", ["Domestic"]),
        ("row", ["Domestic", "Head"]),
        ("row", ["Abroad"]),
    ]


def drawn(lines: list[list[tuple[float, str]]], pitch: float = 16) -> bytes:
    canvas_module = pytest.importorskip("reportlab.pdfgen.canvas")
    buffer = io.BytesIO()
    canvas = canvas_module.Canvas(buffer)
    canvas.setFont("Courier", 10)
    for number, line in enumerate(lines):
        for x, text in line:
            canvas.drawString(x, 780 - pitch * number, text)
    canvas.save()
    return buffer.getvalue()


def test_a_line_after_the_last_item_of_a_pdf_that_begins_under_the_bullet_is_no_part_of_it() -> None:
    filler = [(60.0, "The ferry company sells tickets on board, at the pier and in the shop on the market square.")]
    lines = [filler, filler, [(60, "The ticket does not include:")]]
    lines += [[(60, "•"), (84, text)] for text in ("meals on board", "the cabin")]
    found = rows(read("a.pdf", drawn([*lines, [(60, "The ticket includes a seat.")], filler])))
    assert ("item", "• the cabin", []) in found
    assert any(kind == "paragraph" and text.startswith("The ticket includes") for kind, text, _ in found)


def test_a_total_under_the_figures_of_a_pdf_table_names_its_own_row() -> None:
    lines = [
        [(60, "Description"), (260, "Quantity"), (380, "Amount")],
        [(60, "Espresso beans"), (290, "12"), (380, "238.80")],
        [(60, "Filter papers"), (290, "40"), (380, "18.00")],
        [(260, "Total due"), (380, "256.80")],
    ]
    assert rows(read("a.pdf", drawn(lines)))[-1][2] == ["Total due"]


def test_numbered_lines_of_a_transcript_in_pdf_are_questions_and_answers() -> None:
    said = [
        "THE COURT:  Call your next witness.",
        "MS. REYES:  We call Ivan Toth.",
        "Q.  Where were you on the",
        "night?",
    ]
    said += ["A.  At the depot on Hill Street,", "loading crates.", "Q.  Who else was there?", "A.  Only Marta Silva."]
    lines = []
    for number in range(24):
        text = said[number % 8]
        goes_on = text in ("night?", "loading crates.")
        lines.append([(50.0, f"{number + 1:2}"), (90.0 if goes_on else 150.0, text)])
    document = read("a.pdf", drawn(lines, pitch=24))
    answers = [above(document, b)[:1] for b in document.blocks if document.text.startswith("A.", b.start)]
    assert answers == [["Q. Where were you on the night?"], ["Q. Who else was there?"]] * 3
    assert sum(text.startswith("MS. REYES: We call") for _, text, _ in rows(document)) == 3

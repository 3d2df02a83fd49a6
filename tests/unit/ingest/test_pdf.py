"""PDF: order of reading, paragraphs, tables, forms, furniture, and the way back to the page."""

import functools
import struct
import zlib
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from qa.errors import SourceError
from qa.ingest.blocks import context, problems
from qa.ingest.formats.pdf.reader import extract, page_image, rectangles
from qa.ingest.metadata import Extracted

TESTS = Path(__file__).parents[2]
GOLDEN = TESTS / "data" / "formats" / "pdf"
listing = run_path(str(TESTS / "support" / "blocks.py"))["listing"]
pdfs = SimpleNamespace(**run_path(str(TESTS / "support" / "pdfs.py")))
SAMPLES, drawn = pdfs.SAMPLES, pdfs.drawn


@functools.cache
def sample(name: str) -> bytes:
    return SAMPLES[name]()


@functools.cache
def read(name: str) -> Extracted:
    return extract(sample(name))


def page(*lines: str, size: float = 11, left: float = 60, top: float = 780, pitch: float = 14) -> bytes:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", size)
        for number, text in enumerate(lines):
            canvas.drawString(left, top - pitch * number, text)
        canvas.showPage()

    return drawn(draw)


def texts(extracted: Extracted, *kinds: str) -> list[str]:
    return [extracted.text[b.start : b.end] for b in extracted.blocks if not kinds or b.kind in kinds]


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_blocks_are_those_of_the_listing(name: str) -> None:
    assert listing(read(name)) == (GOLDEN / f"{name}.blocks").read_text("utf-8")
    assert list(problems(read(name).text, read(name).blocks)) == []


# Paragraphs


def test_a_line_that_begins_with_a_name_or_a_number_goes_on() -> None:
    found = extract(
        page(
            "Repairs to the roof of the mill are paid for by",
            "Oakley Mutual and the tenant must be told within",
            "14 days. The lease ends at noon.",
        )
    )
    assert texts(found) == [
        "Repairs to the roof of the mill are paid for by Oakley Mutual and the tenant must be told within 14 days. The "
        "lease ends at noon."
    ]


def test_a_hyphen_at_a_line_end_goes_unless_it_belongs_to_the_word() -> None:
    found = extract(
        page(
            "The well-known form of the state-",
            "ment is kept. It is a well-",
            "known one, and so is the co-",
            "Chair, who came with Mr Smith-",
            "Jones in 1914-",
            "18 to see it and to read it.",
        )
    )
    assert texts(found) == [
        "The well-known form of the statement is kept. It is a well-known one, and so is the co-Chair, who came with "
        "Mr Smith-Jones in 1914-18 to see it and to read it."
    ]


def test_a_soft_hyphen_at_a_line_end_vanishes() -> None:
    found = extract(page("The reimbursement is paid by the depart\xad", "ment within a month of the trip."))
    assert texts(found) == ["The reimbursement is paid by the department within a month of the trip."]


def test_an_address_keeps_its_lines() -> None:
    found = extract(
        page("Harbour Office", "4 Quay Street", "Leith", "", "Please write to the office before the end of the month.")
    )
    assert texts(found)[0] == "Harbour Office\n4 Quay Street\nLeith"


def test_furniture_does_not_cut_a_sentence_that_goes_on_over_the_page() -> None:
    def draw(canvas: Canvas) -> None:
        pages = ("The bolt must be tightened to no more than", "38 newton metres. Then close the lid.")
        for number, text in enumerate(pages, 1):
            canvas.drawString(60, 800, "Service manual")
            canvas.drawString(60, 700, text)
            canvas.drawString(60, 40, f"Confidential {number}")
            canvas.showPage()

    found = extract(drawn(draw))
    assert texts(found, "paragraph") == [
        "The bolt must be tightened to no more than 38 newton metres. Then close the lid."
    ]
    assert len(texts(found, "furniture")) == 4
    assert found.pages[1] <= found.text.index("38 newton")


def test_marks_of_notes_are_no_digits_of_a_number_and_exponents_are() -> None:
    def draw(canvas: Canvas) -> None:
        text = canvas.beginText(60, 700)
        for words, rise, size in (
            ("The fleet had 40", 0, 11),
            ("1", 4, 7),
            (" ships on an area of 12 km", 0, 11),
            ("2", 4, 7),
            (" and 3 × 10", 0, 11),
            ("6", 4, 7),
            (" fish of H", 0, 11),
            ("2", -2, 7),
            ("O.", 0, 11),
        ):
            text.setFont("Helvetica", size)
            text.setRise(rise)
            text.textOut(words)
        canvas.drawText(text)
        canvas.showPage()

    assert texts(extract(drawn(draw))) == ["The fleet had 40 [1] ships on an area of 12 km^2 and 3 × 10^6 fish of H2O."]


@pytest.mark.parametrize("shift", [0.0, 0.3, 0.6])
def test_words_drawn_twice_count_once(shift: float) -> None:
    def draw(canvas: Canvas) -> None:
        for at in (0.0, shift):
            canvas.drawString(60 + at, 700, "All doors will open at noon.")
        canvas.showPage()

    assert texts(extract(drawn(draw))) == ["All doors will open at noon."]


def test_letters_set_apart_are_a_word() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 700, "NOTICE", charSpace=5)
        canvas.drawString(60, 650, "The bath is closed.")
        canvas.showPage()

    assert "NOTICE" in extract(drawn(draw)).text


def test_a_page_that_lies_on_its_side_is_read_upright() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.rotate(90)
        canvas.drawString(100, -200, "The first line of the page that is turned")
        canvas.drawString(100, -214, "goes on in the second line.")
        canvas.showPage()

    assert texts(extract(drawn(draw))) == ["The first line of the page that is turned goes on in the second line."]


# Context


def test_a_row_comes_with_its_headers_and_its_label() -> None:
    found = read("report_table")
    number = next(n for n, b in enumerate(found.blocks) if "Palm house" in found.text[b.start : b.end])
    block = found.blocks[number]
    pieces = [(kind, found.text[s.start : s.end].strip("| ")) for kind, s in context(found.blocks, number)]
    assert pieces == [
        ("lead_in", "Table 2. Visitors by season, in thousands"),
        ("header", "Summer | Winter"),
        ("header", "2030 | 2031 | 2030 | 2031"),
        ("header", "Gardens"),
        ("row_label", "Palm house"),
    ]
    columns = [[found.text[s.start : s.end] for s in spans] for spans in block.columns]
    assert columns == [[], ["Summer", "2030"], ["Summer", "2031"], ["Winter", "2030"], ["Winter", "2031"]]
    assert [found.text[s.start : s.end] for s in block.cells] == ["Palm house", "27", "31", "22", "20"]


def test_a_table_keeps_its_header_on_the_next_page() -> None:
    found = read("long_table")
    rows = [b for b in found.blocks if b.kind == "row"]
    header = next(n for n, b in enumerate(found.blocks) if b.kind == "header")
    assert len(rows) == 90
    assert {row.parent for row in rows} == {header}
    last = rows[-1]
    assert [found.text[s.start : s.end] for s in last.labels] == ["Land 30"]
    assert [found.text[s.start : s.end] for s in last.columns[2]] == ["Height (m)"]


def test_a_line_of_hyphens_under_the_header_is_a_line() -> None:
    def draw(canvas: Canvas) -> None:
        rows = (
            ("Part", "Shelf", "Maker"),
            ("-----", "-----", "-----"),
            ("hinge", "upper", "Vos"),
            ("lock", "lower", "Ott"),
        )
        for number, row in enumerate(rows):
            for at, word in enumerate(row):
                canvas.drawString(60 + 120 * at, 700 - 14 * number, word)
        canvas.showPage()

    found = extract(drawn(draw))
    assert texts(found, "header") == ["Part | Shelf | Maker"]
    assert texts(found, "row") == ["hinge | upper | Vos", "lock | lower | Ott"]


# What cannot be read


def test_a_page_without_text_is_named() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 700, "Words.")
        for _ in range(3):
            canvas.showPage()
            canvas.rect(10, 10, 100, 100)
        canvas.showPage()
        canvas.drawString(60, 700, "More words.")
        canvas.showPage()

    found = extract(drawn(draw))
    assert found.unread == ("pages 2-4: no text (a scanned image?)",)
    assert found.pages[4] == found.text.index("More words.")


def shifted(text: str) -> str:
    """Glyph numbers of a common font taken for letters."""
    return "".join(chr(ord(char) - 29) if char > "@" else " " for char in text)


PROSE = "the harbour master answers letters about moorings and keeps the list of boats that wait for a berth"


def test_the_codes_of_glyphs_are_not_taken_for_text() -> None:
    with pytest.raises(SourceError, match="fonts do not say which letters they show; run OCR first"):
        extract(page(*[shifted(PROSE)] * 4))

    def draw(canvas: Canvas) -> None:
        for text in (PROSE, PROSE, shifted(PROSE)):
            for number in range(4):
                canvas.drawString(60, 700 - 14 * number, text)
            canvas.showPage()

    found = extract(drawn(draw))
    assert found.unread == ("page 3: its text is in a broken font encoding",)
    assert shifted("harbour") not in found.text


def test_a_table_of_figures_is_not_taken_for_glyph_codes() -> None:
    assert extract(page(*[" ".join(["184.20", "-3.1%", "(77)", "$1,200"] * 3)] * 12)).text


@pytest.mark.parametrize("strength", [40, 128])
def test_an_empty_password_opens_a_file_and_another_does_not(strength: int) -> None:
    lock = StandardEncryption("", ownerPassword="owner", strength=strength)
    assert extract(drawn(lambda c: c.drawString(60, 700, "Words."), encrypt=lock)).text == "Words."
    lock = StandardEncryption("user", ownerPassword="owner", strength=strength)
    with pytest.raises(SourceError, match="encrypted with a password; save it without one"):
        extract(drawn(lambda c: c.drawString(60, 700, "Words."), encrypt=lock))


@pytest.mark.parametrize("name", ["aes128", "aes256"])  # made by qpdf: an owner's password, none for the user
def test_aes_with_an_empty_password_is_opened(name: str) -> None:
    assert extract((GOLDEN / f"{name}.pdf").read_bytes()).text == "The closing balance was 4,318.77 euros."


# Hostile files


def written(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalog."""
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    return (
        data + head + table + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(data))
    )


def stream(body: bytes, entries: bytes = b"") -> bytes:
    return b"<</Length %d%b>>stream\n%b\nendstream" % (len(body), entries, body)


CATALOG, FONT = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>%b>>>>"
WORDS = b"BT /F 12 Tf 72 700 Td (The cat slept on the mat.) Tj ET"


def test_a_page_named_three_thousand_times_is_read_a_few_times() -> None:
    kids = b"<</Type/Pages/Kids[%b]/Count 3000>>" % (b"3 0 R " * 3000)
    found = extract(written(CATALOG, kids, PAGE % b"", stream(WORDS), FONT))
    assert found.text.count("The cat slept") == 20
    assert found.unread == ("pages 21-3000: the same as others before it",)


def test_a_huge_page_count_is_not_believed() -> None:
    kids = b"<</Type/Pages/Kids[3 0 R]/Count 1000000000>>"
    assert extract(written(CATALOG, kids, PAGE % b"", stream(WORDS), FONT)).text == "The cat slept on the mat."
    with pytest.raises(SourceError, match="broken PDF"):
        extract(written(CATALOG, b"<</Type/Pages/Kids[]/Count 100000>>"))


def test_forms_in_forms_end() -> None:
    forms = [
        stream(
            b"0 0 m 9 9 l S /X Do", b"/Type/XObject/Subtype/Form/BBox[0 0 99 99]/Resources<</XObject<</X %d 0 R>>>>" % n
        )
        for n in range(7, 207)
    ]
    last = stream(b"", b"/Type/XObject/Subtype/Form/BBox[0 0 99 99]/Resources<</XObject<</X 6 0 R>>>>")
    kids = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    data = written(CATALOG, kids, PAGE % b"/XObject<</X 6 0 R>>", stream(WORDS + b" /X Do"), FONT, *forms, last)
    assert extract(data).text == "The cat slept on the mat."


def test_forms_that_double_thirty_times_are_refused() -> None:
    entries = b"/Type/XObject/Subtype/Form/BBox[0 0 99 99]/Resources<</XObject<</X %d 0 R>>>>"
    for pack, more in ((bytes, b""), (zlib.compress, b"/Filter/FlateDecode")):
        forms = [stream(pack(b"/X Do 0 0 m 9 9 l S /X Do"), entries % n + more) for n in range(7, 37)]
        last = stream(b"", b"/Type/XObject/Subtype/Form/BBox[0 0 99 99]")
        kids = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
        data = written(CATALOG, kids, PAGE % b"/XObject<</X 6 0 R>>", stream(WORDS + b" /X Do"), FONT, *forms, last)
        with pytest.raises(SourceError, match="broken PDF: its drawings are nested without end"):
            extract(data)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_any_part_or_change_of_a_file_gives_a_text_or_a_reason(name: str, draw: st.DataObject) -> None:
    data = bytearray(sample(name)[: draw.draw(st.integers(0, len(sample(name))), label="length")])
    for at, value in draw.draw(st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), max_size=20)):
        if data:
            data[at % len(data)] = value
    try:
        found = extract(bytes(data))
    except SourceError:
        return
    assert list(problems(found.text, found.blocks)) == []
    assert list(found.pages) == sorted(found.pages)


# The way back


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_every_word_has_its_place(name: str) -> None:
    import pypdfium2

    found, data = read(name), sample(name)
    document = pypdfium2.PdfDocument(data)
    drawn_pages = [document[number].get_textpage() for number in range(len(document))]
    words = [block for block in found.blocks if block.kind in ("paragraph", "heading", "item")]
    for block in words[:12]:
        boxes = rectangles(data, block.start, block.end)
        shown = " ".join(drawn_pages[number - 1].get_text_bounded(*box) for number, *box in boxes)
        plain = [word for word in found.text[block.start : block.end].split() if word.isalpha()]
        assert [word for word in plain if word not in shown] in ([], ["thermodynamic"])
    document.close()


def test_a_quote_over_two_lines_has_two_rectangles() -> None:
    data = page("The lease may be ended early by either the", "Harrow Trust or the tenant, who gives notice.")
    text = extract(data).text
    start, end = text.index("either"), text.index(" or the")
    (first, second) = rectangles(data, start, end)
    assert first[0] == second[0] == 1
    assert first[1] > second[1]
    assert first[2] > second[4]
    assert rectangles(data, 0, 0) == []
    with pytest.raises(SourceError):
        rectangles(b"no PDF", 0, 10)


def test_a_page_is_drawn_as_png() -> None:
    data = page_image(sample("slides"), 2, 320)
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">I", data[16:20]) == (320,)
    with pytest.raises(SourceError, match="no page 9: it has 3"):
        page_image(sample("slides"), 9, 320)


# Bullets


def dotted(left: float, words: str = "Meals are not covered.", before: str = "") -> bytes:
    """A line of words at 80 points with a disc that begins at `left`."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 11)
        canvas.drawString(30, 780, before)
        canvas.drawString(80, 780, words)
        canvas.circle(left + 2, 784, 2, stroke=0, fill=1)
        canvas.showPage()

    return drawn(draw)


def test_a_disc_before_a_line_is_its_bullet() -> None:
    assert texts(extract(dotted(68)), "item") == ["• Meals are not covered."]


@pytest.mark.parametrize("left", [20, 110], ids=["far before it", "inside of it"])
def test_a_disc_elsewhere_is_no_bullet(left: float) -> None:
    assert texts(extract(dotted(left))) == ["Meals are not covered."]


def test_a_disc_after_a_word_is_no_bullet() -> None:
    assert "•" not in extract(dotted(68, before="Legend:")).text

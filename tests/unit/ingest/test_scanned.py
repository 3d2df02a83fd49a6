"""Text in pictures: only if asked for, doubtful words marked, illegible paragraphs left out and named."""

import io
import shutil
import sys
from pathlib import Path

import pytest

from qa.errors import SourceError
from qa.ingest import readers, scan
from qa.ingest.blocks import problems
from qa.ingest.formats import scanned
from qa.ingest.formats.pdf.reader import extract, rectangles

tesseract = pytest.mark.skipif(
    shutil.which("tesseract") is None, reason="the program tesseract is not installed: apt-get install tesseract-ocr"
)


def words(*lines: list[tuple[str, int]]) -> dict[str, list[object]]:
    """Tesseract's table for one paragraph; a line's right end grows with its length."""
    table: dict[str, list[object]] = {
        key: [] for key in ("text", "conf", "page_num", "block_num", "par_num", "line_num", "left", "width")
    }
    for number, line in enumerate(lines):
        left = 0
        for text, confidence in line:
            for key, value in (("text", text), ("conf", confidence), ("line_num", number), ("left", left)):
                table[key].append(value)
            for key in ("page_num", "block_num", "par_num"):
                table[key].append(1)
            table["width"].append(10 * len(text))
            left += 10 * len(text) + 10
    return table


def picture(text: str, kind: str = "PNG", pages: int = 1) -> bytes:
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("L", (1200, 300), 255)
    ImageDraw.Draw(image).text((40, 40), text, font=ImageFont.load_default(size=36), fill=0)
    buffer = io.BytesIO()
    image.save(buffer, kind, **({"save_all": True, "append_images": [image] * (pages - 1)} if pages > 1 else {}))
    return buffer.getvalue()


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, list[object]]]:
    pytest.importorskip("PIL")
    answers: list[dict[str, list[object]]] = []
    monkeypatch.setattr(scanned, "_words", lambda image: answers.pop(0))
    return answers


def test_pictures_are_skipped_unless_they_are_asked_for(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "plan.PNG").write_bytes(b"x")
    assert [skip.reason for skip in scan.scan(seeds).skipped] == ["a picture; set ocr = true to read the text in it"]
    assert [file.id for file in scan.scan(seeds, ocr=True).files] == ["plan.PNG"]
    with pytest.raises(SourceError, match="set ocr = true"):
        readers.read("plan.png", b"x")


def test_lines_are_joined_hyphens_undone_and_doubtful_words_marked(said: list[dict[str, list[object]]]) -> None:
    said.append(
        words(
            [("The keys of the whole house are kept for reim-", 95)],
            [("bursement", 90), ("by Milan and by nobody else in the", 91)],
            [("office", 30)],
        )
    )
    extracted = scanned.recognise(picture(""))
    assert extracted.text == (
        "The keys of the whole house are kept for reimbursement by Milan and by nobody else in the office [?]"
    )
    assert extracted.unread == ()


def test_short_lines_keep_their_ends(said: list[dict[str, list[object]]]) -> None:
    said.append(words([("Main Street 5", 95)], [("Turku", 95)]))
    assert scanned.recognise(picture("")).text == "Main Street 5\nTurku"


def test_an_illegible_paragraph_is_named_not_read(said: list[dict[str, list[object]]]) -> None:
    said.append(words([("zx", 20), ("qwv", 30), ("plain", 90)]))
    extracted = scanned.extract(picture(""))
    assert extracted.text == ""
    assert extracted.unread == ("page 1: 1 paragraph too unclear to read",)


def test_pages_of_a_tiff_are_pages(said: list[dict[str, list[object]]]) -> None:
    said += [words([("First", 95)]), words([("Second", 95)])]
    extracted = scanned.extract(picture("", "TIFF", pages=2))
    assert [extracted.text[page:].split()[0] for page in extracted.pages] == ["First", "Second"]


def test_a_broken_picture_and_a_missing_library_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SourceError, match="not a picture that can be opened"):
        readers.read("a.png", b"\x89PNG broken", ocr=True)
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(SourceError, match=r"pip install 'quoteqa\[ocr\]', or in a clone: pip install '\.\[ocr\]'"):
        readers.read("a.png", b"x", ocr=True)


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pytesseract = pytest.importorskip("pytesseract")
    monkeypatch.setattr(pytesseract.pytesseract, "tesseract_cmd", "/nowhere/tesseract")
    with pytest.raises(SourceError, match="tesseract is not installed"):
        readers.read("a.png", picture("Hello"), ocr=True)


@tesseract
def test_tesseract_reads_a_printed_page() -> None:
    pytest.importorskip("pytesseract")
    text = scanned.recognise(picture("The keynote was given by\nDr. Runa Falk from Oslo.")).text
    assert "Runa Falk from Oslo" in " ".join(text.split())


def partly_scanned(*pages: str | bytes) -> bytes:
    """A PDF whose pages have text, or nothing but a picture."""
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    for page in pages:
        if isinstance(page, str):
            canvas.drawString(72, 700, page)
        else:
            canvas.drawImage(ImageReader(io.BytesIO(page)), 50, 500, 500, 125)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def test_scanned_pages_of_a_pdf_are_read_in_their_place(said: list[dict[str, list[object]]]) -> None:
    data = partly_scanned(picture(""), "The pool opens at seven.", picture(""), "The pool closes at nine.", picture(""))
    said += [words([(word, 95)]) for word in ("Cover", "Middle", "Last")]
    extracted = extract(data, scanned.recognise)
    assert [
        extracted.text[slice(*ends)].strip() for ends in zip(extracted.pages, (*extracted.pages[1:], None), strict=True)
    ] == [
        "Cover",
        "The pool opens at seven.",
        "Middle",
        "The pool closes at nine.",
        "Last",
    ]
    assert list(problems(extracted.text, extracted.blocks)) == []
    assert extracted.unread == ()
    said += [words([(word, 95)]) for word in ("Cover", "Middle", "Last")]
    start = extracted.text.index("The pool closes")
    assert [box[0] for box in rectangles(data, start, start + 24, scanned.recognise)] == [4]


def test_without_recognition_scanned_pages_are_unread() -> None:
    extracted = extract(partly_scanned("The pool opens at seven.", picture("")))
    assert extracted.unread == ("page 2: no text (a scanned image?)",)


def test_scanned_pages_that_are_not_read_say_why(monkeypatch: pytest.MonkeyPatch) -> None:
    pytesseract = pytest.importorskip("pytesseract")
    monkeypatch.setattr(pytesseract.pytesseract, "tesseract_cmd", "/nowhere/tesseract")
    data = partly_scanned("The pool opens at seven.", picture("Hello"))
    (unread,) = readers.read("a.pdf", data, ocr=True).unread
    assert "no text (a scanned image?); the program tesseract is not installed" in unread
    with pytest.raises(SourceError, match="no text in it; the program tesseract is not installed"):
        readers.read("a.pdf", partly_scanned(picture("Hello")), ocr=True)
    monkeypatch.setitem(sys.modules, "pytesseract", None)
    (unread,) = readers.read("a.pdf", data, ocr=True).unread
    assert "needs the extra ocr" in unread


def test_illegible_parts_of_a_scanned_page_are_unread(said: list[dict[str, list[object]]]) -> None:
    said.append(words([("zx", 20), ("qwv", 30), ("plain", 90)]))
    extracted = extract(partly_scanned("The pool opens at seven.", picture("")), scanned.recognise)
    assert extracted.text == "The pool opens at seven."
    assert extracted.unread == ("page 2: no text (a scanned image?); 1 paragraph too unclear to read",)


@tesseract
def test_tesseract_reads_a_scanned_page_of_a_pdf() -> None:
    pytest.importorskip("pytesseract")
    data = partly_scanned("The pool opens at seven.", picture("The keynote was given by\nDr. Runa Falk from Oslo."))
    document = readers.read("a.pdf", data, ocr=True)
    assert "Runa Falk from Oslo" in " ".join(document.text[document.pages[1] :].split())
    assert document.unread == ()

"""Text in pictures: only if asked for, doubtful words marked, illegible paragraphs left out and named."""

import io
import shutil
import sys
from pathlib import Path

import pytest

from qa.errors import SourceError
from qa.ingest import readers, scan
from qa.ingest.formats import scanned

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

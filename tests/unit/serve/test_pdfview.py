"""Pages as pictures, and the places of quotes on them; what cannot be placed is not marked."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import pdfs

from qa.errors import SourceError
from qa.ingest.formats import scanned
from qa.ingest.formats.pdf.reader import extract, on_image, page_image, rectangles
from qa.ingest.metadata import Extracted
from qa.quotes.drawing import WIDTH
from qa.records import Block, Quote
from qa.serve.pdfview import PdfPages, _boxes, handle
from qa.worker import Frame

CONTRACT = pdfs.SAMPLES["contract"]()
TEXT = extract(CONTRACT).text
DIGEST = hashlib.sha256(CONTRACT).hexdigest()


def quote(words: str, page: int = 1, digest: str = DIGEST) -> Quote:
    start = TEXT.index(words)
    return Quote(1, "contract.pdf", start, start + len(words), words, 1, page, "", digest)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PdfPages]:
    folder = tmp_path_factory.mktemp("pdf") / "seeds"
    folder.mkdir()
    (folder / "contract.pdf").write_bytes(CONTRACT)
    (folder.parent / "outside.pdf").write_bytes(CONTRACT)
    made = PdfPages(folder)
    yield made
    made.close()


def test_a_page_is_a_picture_and_a_quote_has_its_boxes(pages: PdfPages) -> None:
    shown = pages.view(quote("Either party may end the agreement by giving not less than six months"), 2)
    assert (shown.page, shown.problem) == (1, "")
    assert pages.picture("contract.pdf", DIGEST, 1).startswith(b"\x89PNG")
    ((left, top, width, height),) = shown.boxes
    assert 0 < left < left + width < WIDTH
    assert 0 < top < top + height < shown.height
    assert shown.height == pytest.approx(WIDTH * 842 / 595, abs=2)


def test_boxes_are_where_the_words_are_drawn() -> None:
    """Points count from the bottom and pixels from the top, by one scale."""
    (place,) = rectangles(CONTRACT, TEXT.index("Parties"), TEXT.index("Parties") + 7)
    _, left, bottom, right, top = place
    ((x, y, wide, tall),) = on_image(CONTRACT, 1, 5950, [(left, bottom, right, top)])
    scale = 5950 / 595.28
    assert (x, y, wide, tall) == pytest.approx(
        (left * scale, (841.89 - top) * scale, (right - left) * scale, (top - bottom) * scale), abs=3
    )


def test_a_quote_that_is_not_what_the_file_says_is_not_marked(pages: PdfPages) -> None:
    found = quote("six months")
    forged = Quote(1, "contract.pdf", found.start, found.end, "two months", 1, 1, "", DIGEST)
    shown = pages.view(forged, 2)
    assert (shown.boxes, shown.problem) == ((), "the quote cannot be found on this page, so nothing is marked")
    assert shown.height


def test_a_file_that_has_changed_is_not_shown(pages: PdfPages) -> None:
    shown = pages.view(quote("six months", digest="0" * 64), 2)
    assert (shown.height, shown.boxes) == (0, ())
    assert shown.problem == "the page cannot be shown: the file has changed since it was indexed"


def test_no_other_file_is_read(pages: PdfPages) -> None:
    for name in ("../outside.pdf", "/etc/passwd", "travel/../../outside.pdf", "none.pdf", "a\0b.pdf"):
        with pytest.raises(SourceError, match="the file cannot be read"):
            pages.picture(name, DIGEST, 1)
    with pytest.raises(SourceError, match="no page 9"):
        pages.picture("contract.pdf", DIGEST, 9)


def test_a_child_that_breaks_off_is_replaced(pages: PdfPages) -> None:
    pages.view(quote("six months"), 1)
    assert pages._worker is not None
    assert pages._worker._process is not None
    pages._worker._process.kill()
    shown = pages.view(quote("damage by sea water"), 1)
    assert "the process that reads it broke off" in shown.problem
    shown = pages.view(quote("damage by sea water"), 1)
    assert (len(shown.boxes), shown.problem) == (1, "")


def test_what_the_child_says_is_checked() -> None:
    assert _boxes("x") == _boxes([[1, 2, 3]]) == _boxes([[1, 2, 0, 4], ["1", 2, 3, 4], [True, 1, 1, 1], None]) == ()
    assert _boxes([[1, 2, 3, 4], 5]) == ((1, 2, 3, 4),)


def test_a_broken_file_is_a_problem() -> None:
    assert "broken PDF" in handle({"do": "picture", "page": 1}, b"no pdf").head["problem"]


def test_a_quote_behind_a_scanned_page_is_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its offsets count the text that was recognised on the page before."""

    def draw(canvas: Any) -> None:
        canvas.showPage()
        canvas.drawString(72, 700, "The pool opens at seven.")
        canvas.showPage()

    data = pdfs.drawn(draw)
    monkeypatch.setattr(scanned, "recognise", lambda png: Extracted("Cover", blocks=(Block("paragraph", 0, 5),)))
    text = extract(data, scanned.recognise).text
    words = "The pool opens at seven."
    head = {"do": "places", "page": 2, "start": text.index(words), "end": text.index(words) + len(words), "text": words}
    assert handle(head | {"ocr": False}, data).head == {"boxes": []}
    assert len(handle(head | {"ocr": True}, data).head["boxes"]) == 1
    asked: list[Any] = []
    made = PdfPages(tmp_path, ocr=True)
    monkeypatch.setattr(made, "_asked", lambda *told: asked.append(told[2]) or Frame({"height": 10, "boxes": []}))
    made.view(Quote(1, "a.pdf", 0, 5, "Cover", 1, 1, "", DIGEST), 2)
    assert asked[1]["ocr"] is True


def test_the_limits_of_files_hold(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "link.pdf").symlink_to("/etc/passwd")
    made = PdfPages(tmp_path / "seeds")
    with pytest.raises(SourceError, match="cannot be read"):
        made.picture("link.pdf", DIGEST, 1)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [False, True])
def test_boxes_hold_the_ink_of_the_words_however_the_page_is_turned_and_cut(turn: int, crop: bool) -> None:
    import io

    from PIL import Image
    from pypdf import PdfReader, PdfWriter

    def draw(canvas: Any) -> None:
        canvas.setFont("Helvetica", 20)
        canvas.drawString(150, 500, "Lanterns burn at Dunmore.")
        canvas.showPage()

    writer = PdfWriter()
    page = PdfReader(io.BytesIO(pdfs.drawn(draw))).pages[0].rotate(turn)
    if crop:
        page.cropbox.lower_left, page.cropbox.upper_right = (100, 300), (500, 700)
    writer.add_page(page)
    buffer = io.BytesIO()
    writer.write(buffer)
    data = buffer.getvalue()
    start = extract(data).text.index("Lanterns")
    boxes = [place[1:] for place in rectangles(data, start, start + 25)]
    picture = Image.open(io.BytesIO(page_image(data, 1, 800))).convert("L")
    ink = picture.point(lambda value: 255 if value < 128 else 0).getbbox()
    ((x, y, wide, tall),) = on_image(data, 1, 800, boxes)
    assert ink is not None
    assert x - 4 <= ink[0]
    assert y - 4 <= ink[1]
    assert ink[2] <= x + wide + 4
    assert ink[3] <= y + tall + 4
    assert (ink[2] - ink[0]) * (ink[3] - ink[1]) > 0.4 * wide * tall

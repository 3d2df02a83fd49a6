"""PDF: lines that may be put together from pieces that do not belong together are read, and not confirmed."""

from collections.abc import Callable
from pathlib import Path
from runpy import run_path

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from qa.ingest.formats.pdf.reader import extract

drawn = run_path(str(Path(__file__).parents[2] / "support" / "pdfs.py"))["drawn"]
FEE = "The fee is 50 euros for members."


LINES = [
    "The mate fills the lamp with oil in the morning after the watch. The",
    "oil is kept in the hold of the ship. In a storm the mate must hang",
    "lamps on the mast for the ships that follow. The rope is made of silk",
    "or of hemp. The owner of the ship may open the lamp with a key that",
    "hangs on the wall. The key is given to the mate in the evening.",
]


def blocks(*draw: Callable[[Canvas], object]) -> list[tuple[str, int]]:
    """The texts of a page in 11 points and the levels of their blocks."""

    def all_of(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 11)
        for each in draw:
            each(canvas)
        canvas.showPage()

    found = extract(drawn(all_of))
    return [(found.text[block.start : block.end], block.level) for block in found.blocks]


def put(*lines: str, x: float = 72, y: float = 690, size: float = 11, pitch: float = 14) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", size)
        for number, text in enumerate(lines):
            canvas.drawString(x, y - pitch * number, text)

    return draw


def picture(x: float, y: float, wide: float, high: float) -> Callable[[Canvas], object]:
    return lambda c: c.drawImage(ImageReader(Image.new("RGB", (8, 8))), x, y, wide, high)


@pytest.mark.parametrize(
    ("large", "size", "y", "left"), [("A", 42, 662, 102), ("A", 30, 676, 94), ("U", 56, 662, 114)], ids=str
)
def test_a_drop_cap_begins_its_word_and_is_not_confirmed(large: str, size: float, y: float, left: float) -> None:
    beside = ["political movements were banned by the duke", "and all of them met on the hills in the woods"]
    lines = 3 if y == 662 else 2
    below = ["by night, as the men on duty wrote in the book that is kept in the tower."]
    text = put(*beside, *below[: lines - 2], x=left)
    rest = put(*below, x=72, y=690 - 14 * lines)
    [(found, level)] = blocks(put(large, y=y, size=size), text, rest)
    assert (found, level) == (f"{large}{' '.join([*beside, *below[: lines - 2], *below])}", 1)


@pytest.mark.parametrize("module", ["initials", "drawings"])
def test_a_page_with_more_than_is_looked_at_is_not_confirmed(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"qa.ingest.formats.pdf.{module}._MOST_LOOKS", 1)
    marks = [put("1", x=300, size=6), put("9", x=300, y=660, size=40), lambda c: c.line(300, 664, 330, 694)]
    assert (FEE, 1) in blocks(put(FEE), put(FEE, y=640), put(*LINES, y=600), put("9", x=310, y=600, size=40), *marks)


def test_lines_beside_a_large_number_are_not_confirmed() -> None:
    assert all(level for _, level in blocks(put("9", y=676, size=30), put("of ten men", "are on duty.", x=92)))


@pytest.mark.parametrize("step", [1, 5])
@pytest.mark.parametrize("left", [48, 420], ids=["left", "right"])
def test_numbers_of_lines_are_no_part_of_the_text(step: int, left: float) -> None:
    lines = LINES * 4
    numbers = [put(str(n), x=left, y=704 - 14 * n, size=8) for n in range(step, 21, step)]
    whole, rest = blocks(put(*lines), *numbers)
    assert whole == (" ".join(lines), 0)
    assert rest[0] == " ".join(map(str, range(step, 21, step)))


@pytest.mark.parametrize(
    ("more", "level"),
    [
        ([put("5", x=52, y=662, size=8)], 1),
        ([put("never", x=20, y=662, size=9)], 1),
        ([put("5", x=470, y=662)], 1),
        ([put("12", x=40)], 0),
        ([], 0),
    ],
    ids=["number", "note", "number at the end", "number of the paragraph", "nothing"],
)
def test_a_piece_that_stands_apart_leaves_its_paragraph_unconfirmed(
    more: list[Callable[[Canvas], None]], level: int
) -> None:
    assert [found for _, found in blocks(put(*LINES), *more)] == [level]


@pytest.mark.parametrize(
    "draw",
    [
        lambda c: c.rect(58, 690, 9, 9),
        lambda c: c.rect(56, 688, 14, 14),
        lambda c: c.circle(62, 694, 5),
        lambda c: c.rect(124, 693.5, 5, 1, fill=1),
        lambda c: c.line(124, 694, 129, 694),
        lambda c: c.rect(123, 690, 1, 1, fill=1),
        picture(123, 690, 8, 8),
        lambda c: c.line(72, 689, 230, 699),
        lambda c: c.line(124, 690, 138, 698),
        lambda c: c.bezier(72, 690, 120, 700, 180, 680, 230, 700),
        lambda c: c.line(60, 693.5, 500, 693.5),
    ],
    ids=["box", "large box", "ring", "bar", "minus", "dot", "picture", "slash", "short slash", "curve", "long line"],
)
def test_signs_beside_words_and_lines_through_them_leave_them_unconfirmed(draw: Callable[[Canvas], object]) -> None:
    fee = [put("The fee is", x=72), put("50 euros for members.", x=132)]
    assert blocks(*fee, draw) == [(FEE, 1)]
    other = "The last paragraph is set apart from all that is drawn on the page."
    assert blocks(*fee, draw, put(other, y=600))[-1] == (other, 0)


@pytest.mark.parametrize(
    "draw",
    [
        lambda c: None,
        lambda c: c.line(72, 688, 230, 688),
        lambda c: c.rect(60, 680, 300, 22),
        lambda c: c.line(60, 680, 60, 702),
        lambda c: (c.setFillGray(0.9), c.rect(71, 687, 20, 12, fill=1, stroke=0)),
        picture(72, 400, 300, 200),
        lambda c: c.line(60, 400, 500, 600),
        lambda c: c.bezier(60, 600, 120, 760, 180, 640, 300, 780),
    ],
    ids=["nothing", "underline", "frame", "bar in the margin", "ground", "picture", "line elsewhere", "large curve"],
)
def test_other_drawings_leave_words_as_they_are(draw: Callable[[Canvas], object]) -> None:
    assert blocks(draw, lambda c: c.setFillGray(0), put(FEE)) == [(FEE, 0)]


def test_a_line_on_the_baseline_that_joins_two_words_is_an_underscore() -> None:
    end = 72 + stringWidth("The option key", "Helvetica", 11)
    under = [lambda c: c.line(end + 0.6, 690.2, end + 4, 690.2), put("file is set.", x=end + 4.6)]
    assert blocks(put("The option key"), *under) == [("The option key_file is set.", 0)]

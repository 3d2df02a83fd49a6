"""PDF: text in the order of reading with its blocks, and the way back from the text to places on the pages."""

import re
import unicodedata
from collections.abc import Sequence
from functools import partial

from qa.errors import SourceError
from qa.ingest.decoding import clean
from qa.ingest.formats.pdf.blocks import Assembled, assemble
from qa.ingest.formats.pdf.engine import Pixels, metadata, opened, read_pages, render, to_pixels, xfa
from qa.ingest.formats.pdf.layers import may_have_layers
from qa.ingest.formats.pdf.layout import lay_out
from qa.ingest.formats.pdf.page import Page
from qa.ingest.formats.pdf.scans import Recognise, attempt, with_scans
from qa.ingest.formats.pdf.text import Mark
from qa.ingest.metadata import Extracted

__all__ = ["extract", "on_image", "page_image", "placed", "rectangles"]

_FILE_NAME = re.compile(
    r"\(?anonymous\)?|untitled( document)?[ \d]*|microsoft word - .*"
    r"|.*\.(docx?|pdf|tex|dvi|indd|qxd|pptx?|xlsx?|rtf|odt)",
    re.IGNORECASE,
)
_LATIN, _VOWEL = re.compile("[A-Za-z]"), re.compile("[aeiouyAEIOUY]")
_SIGN = re.compile(r"[^\w.–—…\u0300-\u036f-]")
_STRUCK = "all of its text is struck out"
_GARBLED = "its text is in a broken font encoding"
_SCAN_WIDTH = 2_000  # pixels: about 240 to the inch
_MOST_CHARS = 20_000_000
_LETTERS = 120  # the fewest that the encoding of a page is judged by
_VOWELS = 0.22  # of the letters: languages in Latin script have 0.3 to 0.5, shifted codes about 0.15


def extract(data: bytes, recognise: Recognise | None = None) -> Extracted:
    """Text, blocks and fields of a PDF. Raises SourceError; ImportError if pypdfium2 is not installed.

    recognise: reads pages without text, and pages whose text makes no sense, from a picture of them.

    `pages` has the offset at which each page starts; a paragraph may go on over it. `unread` names pages without text
    and pages whose text makes no sense.
    """
    whole, found, unread = _read(data, recognise)
    return Extracted(whole.text, found, whole.pages, blocks=whole.blocks, unread=tuple(unread))


def rectangles(
    data: bytes, start: int, end: int, recognise: Recognise | None = None
) -> list[tuple[int, float, float, float, float]]:
    """Where characters `[start, end)` of the extracted text stand: page from 1, left, bottom, right, top in points.

    One rectangle for each line. The origin is the page's own, as a rule its lower left corner. Words on
    scanned pages have none. recognise: as for `extract`. Raises SourceError.
    """
    return placed(data, start, end, recognise)[1]


def placed(
    data: bytes, start: int, end: int, recognise: Recognise | None = None
) -> tuple[str, list[tuple[int, float, float, float, float]]]:
    """Characters `[start, end)` of the extracted text, and their `rectangles`. Raises SourceError."""
    whole, _, _ = _read(data, recognise)
    found: list[tuple[int, float, float, float, float]] = []
    for mark in whole.marks:
        if mark.start < end and start < mark.end:
            _add(found, _clipped(mark, start, end))
    return whole.text[start:end], found


def on_image(data: bytes, page: int, width: int, boxes: Sequence[tuple[float, float, float, float]]) -> list[Pixels]:
    """Where boxes of a page (left, bottom, right, top in points) are on its `page_image` of that width: left, top,
    width and height in pixels. Raises SourceError.
    """
    with opened(data) as document:
        return to_pixels(document, page, width, boxes)


def page_image(data: bytes, page: int, width: int) -> bytes:
    """A page, from 1, as a PNG image that is `width` pixels wide. Raises SourceError if there is no such page."""
    with opened(data) as document:
        return render(document, page, width)


def _read(data: bytes, recognise: Recognise | None) -> tuple[Assembled, dict[str, str], list[str]]:
    pages: list[Page] = []
    scans: dict[int, Extracted] = {}
    doubts: list[str] = []
    chars = 0
    with opened(data) as document:
        named = metadata(document)
        for page in read_pages(document, may_have_layers(data)):
            checked = page._replace(problem=page.problem or _garbled(page))
            chars += sum(len(word.text) for word in page.words)
            if chars > _MOST_CHARS:
                raise SourceError(f"more than {_MOST_CHARS:,} characters; split it")
            if checked.problem:
                checked = checked._replace(words=[], sideways=[])
            elif not page.words and not any(widget.value for widget in page.widgets):
                checked = checked._replace(problem=_STRUCK if page.struck else "no text (a scanned image?)")
            readable = checked.problem != _STRUCK and "broken" not in checked.problem.removesuffix(_GARBLED)
            if recognise and checked.problem and readable:
                scan, problem = attempt(recognise, partial(render, document, page.number, _SCAN_WIDTH))
                if scan:
                    scans[page.number] = scan
                    doubts += [f"page {page.number}: {problem}"] if problem else []
                checked = checked._replace(problem="" if scan else f"{checked.problem}; {problem}")
            pages.append(checked)
        doubts += [f"page {page.number}: struck-out text" for page in pages if page.struck and page.words]
        unread = [*_unread(pages, len(document)), *doubts]
        if xfa(document):
            unread.append("an XFA form: fields that are drawn by the viewer are not read")
    _refuse(pages)
    whole = with_scans(assemble(lay_out(pages)), scans)
    if not whole.text.strip():
        raise SourceError("no text in it; run OCR first")
    title, author = named["title"].strip(), clean(named["author"])
    author = "" if _FILE_NAME.fullmatch(author.strip()) else author
    title = _heading(whole) if not title or _FILE_NAME.fullmatch(title) else clean(title)
    return whole, {"title": title, "author": author}, unread


def _heading(whole: Assembled) -> str:
    """The highest heading of the first page that has text, the first of them; empty if it has none."""
    end = next((start for start in whole.pages if start), len(whole.text))
    headings = [block for block in whole.blocks if block.kind == "heading" and block.start < end]
    best = min(headings, key=lambda block: block.level, default=None)
    return whole.text[best.start : best.end] if best else ""


def _unread(pages: Sequence[Page], count: int) -> list[str]:
    """A line for each page, or stretch of pages, that has a problem. count: how many pages the file names."""
    runs: list[tuple[int, int, str]] = []
    for page in pages:
        if page.problem and runs and runs[-1][1:] == (page.number - 1, page.problem):
            runs[-1] = (runs[-1][0], page.number, page.problem)
        elif page.problem:
            runs.append((page.number, page.number, page.problem))
    if runs and len(pages) < count and runs[-1][1] == len(pages):
        runs[-1] = (runs[-1][0], count, runs[-1][2])
    return [f"page{f' {low}' if low == high else f's {low}-{high}'}: {problem}" for low, high, problem in runs]


def _refuse(pages: Sequence[Page]) -> None:
    """Raises SourceError if nothing, or next to nothing, can be read."""
    problems = [page.problem for page in pages if page.problem]
    if len(problems) == len(pages) and set(problems) == {_STRUCK}:
        raise SourceError("all of its text is struck out")
    if len(problems) == len(pages) and all("no text" in problem for problem in problems):
        tried = problems[0].partition("; ")[2]
        raise SourceError(f"no text in it; {tried or 'run OCR first, or set ocr = true'}")
    if len(problems) == len(pages) and all("broken" in problem and "font" not in problem for problem in problems):
        raise SourceError("broken PDF: none of its pages can be read")
    garbled = sum("font" in problem for problem in problems)
    if garbled and garbled * 2 > len(pages):
        raise SourceError("its fonts do not say which letters they show; run OCR first, or set ocr = true")


def _garbled(page: Page) -> str:
    """Why the text of a page makes no sense: the codes of its glyphs instead of letters. Empty if it does."""
    text = unicodedata.normalize("NFD", "".join(word.text for word in page.words))
    total = len(text)
    letters = len(_LATIN.findall(text))
    vowels = len(_VOWEL.findall(text))
    others = len(_SIGN.findall(text))
    if total < _LETTERS:
        return ""
    if others > 0.5 * total or (letters >= max(_LETTERS, 0.5 * total) and vowels < _VOWELS * letters):
        return _GARBLED
    return ""


def _clipped(mark: Mark, start: int, end: int) -> tuple[int, float, float, float, float]:
    """The part of a word's box that characters `[start, end)` take, as if they were all as wide."""
    left, bottom, right, top = mark.box
    count = mark.end - mark.start
    low, high = max(start, mark.start) - mark.start, min(end, mark.end) - mark.start
    wide = right - left
    return mark.page, left + wide * low / count, bottom, left + wide * high / count, top


def _add(found: list[tuple[int, float, float, float, float]], box: tuple[int, float, float, float, float]) -> None:
    """A box, joined to the one before if both are on one line."""
    if found and found[-1][0] == box[0]:
        page, left, bottom, right, top = found[-1]
        shared = min(top, box[4]) - max(bottom, box[2])
        if shared > 0.5 * min(top - bottom, box[4] - box[2]) and box[1] >= left - 1:
            found[-1] = (page, left, min(bottom, box[2]), max(right, box[3]), max(top, box[4]))
            return
    found.append(box)

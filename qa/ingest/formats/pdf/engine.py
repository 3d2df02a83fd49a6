"""PDF pages by PDFium: opening, words, metadata, pictures."""

import ctypes
import io
import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from qa.errors import SourceError
from qa.ingest.formats.pdf.bullets import with_bullets
from qa.ingest.formats.pdf.calls import address, untyped
from qa.ingest.formats.pdf.drawings import beside_drawings, with_underscores
from qa.ingest.formats.pdf.forms import as_shown, widgets_of
from qa.ingest.formats.pdf.guard import check
from qa.ingest.formats.pdf.hidden import hide
from qa.ingest.formats.pdf.initials import with_initials
from qa.ingest.formats.pdf.page import Page, PageFrame
from qa.ingest.formats.pdf.rules import rules_of
from qa.ingest.formats.pdf.strikes import beside, marked_as_struck, without_struck
from qa.ingest.formats.pdf.words import Glyph, Style, build_words

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

__all__ = ["Pixels", "metadata", "opened", "read_pages", "render", "to_pixels", "xfa"]

Pixels = tuple[int, int, int, int]
"""Left, top, width and height."""

_MOST_CHARS = 200_000  # of one page
_BOLD = re.compile(r"bold|black|heavy|demi|(?:^|[-,+_ ])(?:medi|bd|b)\b|cmbx|cmb\d|[a-z]bx\d", re.IGNORECASE)
_MOST_COPIES = 20  # of one page that are read
_MOST_BROKEN = 200  # pages on end that cannot be loaded
_LOCK = threading.Lock()  # PDFium is not made for several threads


@contextmanager
def opened(data: bytes) -> Iterator["PdfDocument"]:
    """A PDF for reading; an empty password is tried. Raises SourceError, ImportError without pypdfium2."""
    import pypdfium2

    check(data)
    with _LOCK:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            raise SourceError(_refusal(error)) from error
        try:
            with suppress(pypdfium2.PdfiumError):  # a broken form leaves the pages readable
                document.init_forms()
            if not len(document):
                raise SourceError("broken PDF: it has no pages")
            yield document
        finally:
            document.close()


def _refusal(error: Exception) -> str:
    import pypdfium2.raw as raw

    code = getattr(error, "err_code", None)
    if code == raw.FPDF_ERR_PASSWORD:
        return "encrypted with a password; save it without one"
    if code == raw.FPDF_ERR_SECURITY:
        return "encrypted in a way that is not supported; save it without encryption"
    return "broken PDF: it cannot be opened"


def metadata(document: "PdfDocument") -> dict[str, str]:
    """The Title and Author fields, empty if absent."""
    return {key.lower(): document.get_metadata_value(key) or "" for key in ("Title", "Author")}


def xfa(document: "PdfDocument") -> bool:
    """Whether it is a form whose fields only XFA describes."""
    import pypdfium2.raw as raw

    return bool(raw.FPDF_GetFormType(document.raw) == raw.FORMTYPE_XFA_FULL)


def render(document: "PdfDocument", page: int, width: int) -> bytes:
    """A page, from 1, as PNG of this width in pixels. Raises SourceError if there is no such page."""
    import pypdfium2

    if not 1 <= page <= len(document):
        raise SourceError(f"no page {page}: it has {len(document)}")
    try:
        loaded = document[page - 1]
        image = loaded.render(scale=width / max(loaded.get_width(), 1.0)).to_pil()
    except pypdfium2.PdfiumError as error:
        raise SourceError(f"page {page} cannot be drawn: it is broken") from error
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def to_pixels(
    document: "PdfDocument", page: int, width: int, boxes: Sequence[tuple[float, float, float, float]]
) -> list[Pixels]:
    """Boxes of a page's own coordinates on its picture of this width. Raises SourceError as `render` does."""
    import pypdfium2.raw as raw

    if not 1 <= page <= len(document):
        raise SourceError(f"no page {page}: it has {len(document)}")
    loaded = document[page - 1]
    scale = width / max(loaded.get_width(), 1.0)
    size = round(loaded.get_width() * scale), round(loaded.get_height() * scale)
    x, y = ctypes.c_int(), ctypes.c_int()
    found = []
    for left, bottom, right, top in boxes:
        corners = []
        for at in ((left, bottom), (right, top)):
            raw.FPDF_PageToDevice(loaded.raw, 0, 0, *size, 0, *at, ctypes.byref(x), ctypes.byref(y))
            corners.append((x.value, y.value))
        (x0, y0), (x1, y1) = corners
        found.append((min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0)))
    return found


def read_pages(document: "PdfDocument", layered: bool) -> Iterator[Page]:
    """Each page in turn, without text that does not show. A page that cannot be read has a `problem` and no words.

    layered: whether its file may have layers, as `layers.may_have_layers` says.

    After many copies of one page, and after many broken ones, what follows is not looked at.
    """
    import pypdfium2

    copies: Counter[int] = Counter()
    broken = 0
    for number in range(1, len(document) + 1):
        try:
            page = document[number - 1]
        except pypdfium2.PdfiumError:
            broken += 1
            yield _empty(number, "it is broken")
            if broken == _MOST_BROKEN:
                return
            continue
        broken = 0
        try:
            hide(document, page, layered)
            yield _once(document, page, number, copies)
        except pypdfium2.PdfiumError:
            yield _empty(number, "it is broken")
        finally:
            page.close()


def _empty(number: int, problem: str) -> Page:
    return Page(number, 0, 0, [], [], [], [], problem)


def _once(document: "PdfDocument", page: Any, number: int, copies: Counter[int]) -> Page:
    """A page, unless it came many times before: a small file can name one page thousands of times."""
    import pypdfium2.raw as raw

    handle = raw.FPDFText_LoadPage(page.raw)
    if not handle:
        return _empty(number, "it is broken")
    try:
        count = raw.FPDFText_CountChars(handle)
        buffer = (ctypes.c_ushort * (count + 1))()
        raw.FPDFText_GetText(handle, 0, count, buffer)
        key = hash((page.get_size(), bytes(buffer)))
        copies[key] += count > 0
        if copies[key] > _MOST_COPIES:
            return _empty(number, "the same as others before it")
        return _read(document, page, number, handle)
    finally:
        raw.FPDFText_ClosePage(handle)


def _read(document: "PdfDocument", page: Any, number: int, handle: Any) -> Page:
    left, bottom, right, top = page.get_bbox()
    streams, dropped = _glyphs(handle)
    total = sum(map(len, streams.values()))
    turn = max(streams, key=lambda key: len(streams[key])) if streams else 0
    frame = PageFrame(turn, left, bottom, right, top)
    problem = "its text is in a broken font encoding" if dropped > max(20, 0.3 * (total + dropped)) else ""
    words, sideways, struck = [], [], False
    drawn = rules_of(page, frame)
    for direction, glyphs in streams.items():
        if direction == turn:
            kept, lines, struck = without_struck(glyphs, frame.matrix, drawn.rules, marked_as_struck(page, frame))
            words = beside(build_words(kept, frame.matrix, frame.width, frame.height), lines)
            words = with_underscores(with_bullets(words, drawn.dots), drawn.rules)
            words = beside_drawings(words, drawn.rules, drawn.slashes, drawn.signs)
        else:
            own = PageFrame(direction, left, bottom, right, top)
            sideways += build_words(glyphs, own.matrix, own.width, own.height)
    return Page(
        number,
        frame.width,
        frame.height,
        [] if problem else with_initials(words),
        [] if problem else sideways,
        drawn.rules,
        as_shown(document, number, widgets_of(document.formenv, page, frame)),
        problem,
        struck,
    )


def _glyphs(handle: Any) -> tuple[dict[int, list[Glyph]], int]:
    """Glyphs by direction (quarter turns to the left), in the order of the file; and how many have no letter."""
    import pypdfium2.raw as raw

    streams: dict[int, list[Glyph]] = {}
    fonts: dict[int, tuple[str, bool]] = {}
    loose = raw.FS_RECTF()
    at = ctypes.byref(loose)
    owner_of, code_of, box_of = _quick(raw)
    at_page = address(handle)
    last, dropped, high = None, 0, 0
    for index in range(min(raw.FPDFText_CountChars(handle), _MOST_CHARS)):
        owner = owner_of(at_page, index)
        if not owner:
            continue  # a space or line end that PDFium guessed
        code = code_of(at_page, index)
        if code < 32 or code > 0xD7FF:
            code, high = _repaired(code, high)
            if not code:
                dropped += code is not None
                continue
        box_of(at_page, index, at)
        left, bottom, right, top = loose.left, loose.bottom, loose.right, loose.top
        if owner != last:
            style, direction, dx, dy = _style(handle, index, owner, loose, fonts)
            append, last = streams.setdefault(direction, []).append, owner
        x, y = (right if direction == 2 else left) + dx, (top if direction == 3 else bottom) + dy
        append(Glyph(chr(code), x, y, left, bottom, right, top, style))
    return {direction: glyphs for direction, glyphs in streams.items() if glyphs}, dropped


def _quick(raw: Any) -> tuple[Any, Any, Any]:
    """The three calls that are made for each character."""
    pointer, number = ctypes.c_void_p, ctypes.c_int
    return (
        untyped(raw.FPDFText_GetTextObject, pointer, pointer, number),
        untyped(raw.FPDFText_GetUnicode, ctypes.c_uint, pointer, number),
        untyped(raw.FPDFText_GetLooseCharBox, number, pointer, number, pointer),
    )


_BULLETS = frozenset((0xF0B7, 0xF0A7, 0xF0D8, 0xF0FC, 0xF076, 0xF0A8, 0xF06E, 0xF0E0, 0xF071))  # Symbol, Wingdings


def _repaired(code: int, high: int) -> tuple[int | None, int]:
    """A character that is not plain: its code, 0 if it has no meaning, None if it is half of a pair; a pending half."""
    if code in (0x02, 0xFFFE):
        return 0x2010, 0  # PDFium's mark of a hyphen at a line end
    if code in (0x09, 0x0A, 0x0D):
        return 0x20, 0
    if 0xD800 <= code <= 0xDBFF:
        return None, code
    if 0xDC00 <= code <= 0xDFFF:
        return (0x10000 + ((high - 0xD800) << 10) + code - 0xDC00, 0) if high else (0, 0)
    if code in _BULLETS:
        return 0x2022, 0
    if 0xF020 <= code <= 0xF07E:
        return code - 0xF000, 0  # a symbol font's copy of ASCII
    plain = 0xD7FF < code <= 0x10FFFF and not (0xE000 <= code <= 0xF8FF or code & 0xFFFE == 0xFFFE or code == 0xFFFD)
    return (code if plain and code < 0xF0000 else 0), 0


def _style(handle: Any, index: int, owner: int, loose: Any, fonts: dict[Any, Any]) -> tuple[Style, int, float, float]:
    """Size and face of a text object, the direction that it runs in, and from a corner of the box to the origin.

    The corner is where a glyph begins and its line has its foot: the distance is the same for all glyphs.
    """
    import pypdfium2.raw as raw

    matrix, size, x, y = raw.FS_MATRIX(), ctypes.c_float(), ctypes.c_double(), ctypes.c_double()
    text = ctypes.cast(owner, raw.FPDF_PAGEOBJECT)
    raw.FPDFText_GetMatrix(handle, index, matrix)
    raw.FPDFTextObj_GetFontSize(text, size)
    raw.FPDFText_GetCharOrigin(handle, index, x, y)
    font = raw.FPDFTextObj_GetFont(text)
    key = ctypes.addressof(font.contents) if font else 0
    if key not in fonts:
        fonts[key] = _font(font) if font else ("", False)
    across, along = matrix.a, matrix.b
    level = abs(across) >= abs(along)
    direction = (0 if across >= 0 else 2) if level else (1 if along > 0 else 3)
    tall = loose.top - loose.bottom if direction in (0, 2) else loose.right - loose.left
    points = abs(size.value) * (matrix.c**2 + matrix.d**2) ** 0.5
    if not 0.4 * tall < points < 4 * tall and tall > 0:
        points = 0.8 * tall  # fonts drawn as pictures have a unit of their own
    dx = x.value - (loose.right if direction == 2 else loose.left)
    dy = y.value - (loose.top if direction == 3 else loose.bottom)
    skew = min(abs(across), abs(along)) > 0.2 * max(abs(across), abs(along))
    return Style(max(points, 0.1), *fonts[key]), direction + 4 * skew, dx, dy


def _font(font: Any) -> tuple[str, bool]:
    import pypdfium2.raw as raw

    buffer = ctypes.create_string_buffer(128)
    raw.FPDFFont_GetBaseFontName(font, buffer, 128)
    name = buffer.value.decode("latin-1").split("+")[-1]
    flags = max(raw.FPDFFont_GetFlags(font), 0)
    return name, bool(_BOLD.search(name)) or bool(flags & 1 << 18)

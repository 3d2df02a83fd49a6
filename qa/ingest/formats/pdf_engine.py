"""PDF pages as words, rules and form fields, with their places. The only import of pypdfium2.

A page's frame has its origin at the top left, y downwards, turned so that most of the text stands upright; units are
PDF points. Boxes for a viewer stay in the page's own coordinates: left, bottom, right, top.
"""

import ctypes
import io
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from qa.errors import SourceError
from qa.ingest.formats.pdf_words import Box, Glyph, Matrix, Style, Word, build_words

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

__all__ = ["Page", "Rule", "Widget", "metadata", "opened", "read_pages", "render", "xfa"]

_MOST_OBJECTS = 30_000  # of a page that are looked at for ruling lines
_MOST_SEGMENTS = 400  # of one path; longer ones are drawings
_MOST_CHARS = 200_000  # of one page
_MOST_WIDGETS = 5_000  # of one page
_DEPTH = 6  # of forms within forms
_THIN = 3.0  # points; a filled shape no thicker than this is a line
_BOLD = re.compile(r"bold|black|heavy|demi|(?:^|[-,+_ ])(?:medi|bd|b)\b|cmbx|cmb\d|[a-z]bx\d", re.IGNORECASE)
_LOCK = threading.Lock()  # PDFium is not made for several threads


class Rule(NamedTuple):
    """A straight line on a page's frame: level if `x1 - x0` is the larger side, else upright."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def level(self) -> bool:
        """Whether it runs from left to right."""
        return self.x1 - self.x0 >= self.y1 - self.y0


class Widget(NamedTuple):
    """A form field on a page's frame. value: as text; kind: text, choice, check or radio."""

    kind: str
    name: str
    label: str
    value: str
    x0: float
    y0: float
    x1: float
    y1: float
    box: Box


class Page(NamedTuple):
    """One page. sideways: words that run in another direction than most. problem: why it cannot be read, or empty."""

    number: int
    width: float
    height: float
    words: list[Word]
    sideways: list[Word]
    rules: list[Rule]
    widgets: list[Widget]
    problem: str = ""


@contextmanager
def opened(data: bytes) -> Iterator["PdfDocument"]:
    """A PDF for reading; an empty password is tried. Raises SourceError, ImportError without pypdfium2."""
    import pypdfium2

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
    return f"broken PDF: {_brief(error)}"


def _brief(error: BaseException) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:120]


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
        raise SourceError(f"page {page} cannot be drawn ({_brief(error)})") from error
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def read_pages(document: "PdfDocument") -> Iterator[Page]:
    """Each page in turn. A page that cannot be loaded has a `problem` and no words."""
    import pypdfium2

    styles: dict[tuple[int, float], tuple[str, bool]] = {}
    for number in range(1, len(document) + 1):
        try:
            page = document[number - 1]
        except pypdfium2.PdfiumError:
            yield Page(number, 0, 0, [], [], [], [], "it is broken")
            continue
        try:
            yield _read(document, page, number, styles)
        except pypdfium2.PdfiumError:
            yield Page(number, 0, 0, [], [], [], [], "it is broken")
        finally:
            page.close()


def _read(document: "PdfDocument", page: Any, number: int, fonts: dict[Any, Any]) -> Page:
    left, bottom, right, top = page.get_bbox()
    streams, dropped = _glyphs(page, fonts)
    total = sum(map(len, streams.values()))
    turn = max(streams, key=lambda key: len(streams[key])) if streams else 0
    frame = _Frame(turn, left, bottom, right, top)
    problem = "its text is in a broken font encoding" if dropped > max(20, 0.3 * (total + dropped)) else ""
    words, sideways = [], []
    for direction, glyphs in streams.items():
        if direction == turn:
            words = build_words(glyphs, frame.matrix, frame.width, frame.height)
        else:
            own = _Frame(direction, left, bottom, right, top)
            sideways += build_words(glyphs, own.matrix, own.width, own.height)
    return Page(
        number,
        frame.width,
        frame.height,
        [] if problem else words,
        [] if problem else sideways,
        _rules(page, frame),
        _widgets(document, page, frame),
        problem,
    )


class _Frame(NamedTuple):
    """How the page's own coordinates become the frame's: turn counts quarter turns of the text to the left."""

    turn: int
    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        return self.top - self.bottom if self.turn % 2 else self.right - self.left

    @property
    def height(self) -> float:
        return self.right - self.left if self.turn % 2 else self.top - self.bottom

    @property
    def matrix(self) -> Matrix:
        if self.turn % 4 == 0:
            return 1, 0, 0, -1, -self.left, self.top
        if self.turn % 4 == 1:
            return 0, 1, 1, 0, -self.bottom, -self.left
        if self.turn % 4 == 2:
            return -1, 0, 0, 1, self.right, -self.bottom
        return 0, -1, -1, 0, self.top, self.right

    def point(self, x: float, y: float) -> tuple[float, float]:
        a, b, c, d, e, f = self.matrix
        return a * x + c * y + e, b * x + d * y + f

    def box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        (ax, ay), (bx, by) = self.point(x0, y0), self.point(x1, y1)
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


def _glyphs(page: Any, fonts: dict[Any, Any]) -> tuple[dict[int, list[Glyph]], int]:
    """Glyphs by direction (quarter turns to the left), in the order of the file; and how many have no letter."""
    import pypdfium2.raw as raw

    handle = raw.FPDFText_LoadPage(page.raw)
    if not handle:
        return {}, 0
    streams: dict[int, list[Glyph]] = {}
    loose = raw.FS_RECTF()
    at = ctypes.byref(loose)
    owner_of, code_of, box_of = _quick(raw)
    address = ctypes.cast(handle, ctypes.c_void_p).value
    last, dropped, high = None, 0, 0
    for index in range(min(raw.FPDFText_CountChars(handle), _MOST_CHARS)):
        owner = owner_of(address, index)
        if not owner:
            continue  # a space or line end that PDFium guessed
        code = code_of(address, index)
        if code < 32 or code > 0xD7FF:
            code, high = _repaired(code, high)
            if not code:
                dropped += code is not None
                continue
        box_of(address, index, at)
        left, bottom, right, top = loose.left, loose.bottom, loose.right, loose.top
        if owner != last:
            style, direction, dx, dy = _style(handle, index, owner, loose, fonts)
            append, last = streams.setdefault(direction, []).append, owner
        x, y = (right if direction == 2 else left) + dx, (top if direction == 3 else bottom) + dy
        append(Glyph(chr(code), x, y, left, bottom, right, top, style))
    raw.FPDFText_ClosePage(handle)
    return {direction: glyphs for direction, glyphs in streams.items() if glyphs}, dropped


def _quick(raw: Any) -> tuple[Any, Any, Any]:
    """The three calls that are made for each character, with plain addresses instead of typed pointers."""
    pointer, number = ctypes.c_void_p, ctypes.c_int

    def untyped(function: Any, result: Any, *arguments: Any) -> Any:
        return ctypes.CFUNCTYPE(result, *arguments)(ctypes.cast(function, pointer).value)

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
    if abs(across) >= abs(along):
        direction = 0 if across >= 0 else 2
    else:
        direction = 1 if along > 0 else 3
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


def _rules(page: Any, frame: _Frame) -> list[Rule]:
    """Straight level and upright lines: strokes, thin filled shapes and the edges of boxes."""
    found: list[Rule] = []
    for box, corners in _paths(page):
        x0, y0, x1, y1 = frame.box(*box)
        if min(x1 - x0, y1 - y0) <= _THIN:
            found.append(_line(x0, y0, x1, y1))
            continue
        points = [frame.point(*corner) for corner in corners]
        for (ax, ay), (bx, by) in zip(points, points[1:], strict=False):
            if abs(ax - bx) < 0.5 or abs(ay - by) < 0.5:
                found.append(_line(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)))
    return [rule for rule in found if max(rule.x1 - rule.x0, rule.y1 - rule.y0) > _THIN]


def _line(x0: float, y0: float, x1: float, y1: float) -> Rule:
    if x1 - x0 >= y1 - y0:
        return Rule(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2)
    return Rule((x0 + x1) / 2, y0, (x0 + x1) / 2, y1)


def _paths(page: Any) -> Iterator[tuple[Box, list[tuple[float, float]]]]:
    """Painted paths in the page's coordinates: the box around each, and its corners unless it is a drawing."""
    import pypdfium2.raw as raw

    budget = _MOST_OBJECTS
    unit = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    waiting: list[tuple[Any, bool, int, tuple[float, ...]]] = [(page.raw, False, 0, unit)]
    while waiting and budget > 0:
        holder, inner, depth, matrix = waiting.pop()
        count = raw.FPDFFormObj_CountObjects(holder) if inner else raw.FPDFPage_CountObjects(holder)
        for index in range(min(count, budget)):
            budget -= 1
            item = raw.FPDFFormObj_GetObject(holder, index) if inner else raw.FPDFPage_GetObject(holder, index)
            kind = raw.FPDFPageObj_GetType(item)
            if kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEPTH:
                waiting.append((item, True, depth + 1, _times(_matrix(item), matrix)))
            elif kind == raw.FPDF_PAGEOBJ_PATH and (path := _path(item, matrix)):
                yield path


def _matrix(item: Any) -> tuple[float, ...]:
    import pypdfium2.raw as raw

    m = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(item, m)
    return m.a, m.b, m.c, m.d, m.e, m.f


def _times(a: tuple[float, ...], b: tuple[float, ...]) -> tuple[float, ...]:
    """The matrix that does `a`, then `b`."""
    return (
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4],
        a[4] * b[1] + a[5] * b[3] + b[5],
    )


def _path(item: Any, outer: tuple[float, ...]) -> tuple[Box, list[tuple[float, float]]] | None:
    import pypdfium2.raw as raw

    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(item, fill, stroke)
    if not stroke.value and (not fill.value or _white(item)):
        return None
    count = raw.FPDFPath_CountSegments(item)
    if not 2 <= count <= _MOST_SEGMENTS:
        return None
    m = _times(_matrix(item), outer)
    x, y, corners = ctypes.c_float(), ctypes.c_float(), []
    for index in range(count):
        segment = raw.FPDFPath_GetPathSegment(item, index)
        if raw.FPDFPathSegment_GetType(segment) == raw.FPDF_SEGMENT_BEZIERTO:
            return None
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        if index and raw.FPDFPathSegment_GetType(segment) == raw.FPDF_SEGMENT_MOVETO:
            corners.append((float("inf"), float("inf")))
        corners.append((m[0] * x.value + m[2] * y.value + m[4], m[1] * x.value + m[3] * y.value + m[5]))
    real = [corner for corner in corners if corner[0] != float("inf")]
    xs, ys = [corner[0] for corner in real], [corner[1] for corner in real]
    if count in (4, 5):
        corners.append(corners[0])
    return (min(xs), min(ys), max(xs), max(ys)), corners


def _white(item: Any) -> bool:
    import pypdfium2.raw as raw

    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    raw.FPDFPageObj_GetFillColor(item, red, green, blue, alpha)
    return min(red.value, green.value, blue.value) > 250 or alpha.value == 0


def _widgets(document: "PdfDocument", page: Any, frame: _Frame) -> list[Widget]:
    """Filled fields and notes typed onto the page, as a viewer shows them."""
    import pypdfium2.raw as raw

    found = []
    for index in range(min(raw.FPDFPage_GetAnnotCount(page.raw), _MOST_WIDGETS)):
        annotation = raw.FPDFPage_GetAnnot(page.raw, index)
        if not annotation:
            continue
        try:
            if widget := _widget(document.formenv, annotation, frame):
                found.append(widget)
        finally:
            raw.FPDFPage_CloseAnnot(annotation)
    return found


def _widget(form: Any, annotation: Any, frame: _Frame) -> Widget | None:
    import pypdfium2.raw as raw

    subtype = raw.FPDFAnnot_GetSubtype(annotation)
    rect = raw.FS_RECTF()
    raw.FPDFAnnot_GetRect(annotation, rect)
    if raw.FPDFAnnot_GetFlags(annotation) & (raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW):
        return None
    box = (rect.left, min(rect.bottom, rect.top), rect.right, max(rect.bottom, rect.top))
    if subtype == raw.FPDF_ANNOT_FREETEXT:
        text = _string(lambda buffer, size: raw.FPDFAnnot_GetStringValue(annotation, b"Contents", buffer, size))
        return Widget("note", "", "", text, *frame.box(*box), box) if text.strip() else None
    if subtype != raw.FPDF_ANNOT_WIDGET or form is None:
        return None
    kind = raw.FPDFAnnot_GetFormFieldType(form, annotation)
    name = _string(lambda buffer, size: raw.FPDFAnnot_GetFormFieldName(form, annotation, buffer, size))
    label = _string(lambda buffer, size: raw.FPDFAnnot_GetFormFieldAlternateName(form, annotation, buffer, size))
    if kind in (raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON):
        ticked = bool(raw.FPDFAnnot_IsChecked(form, annotation))
        sort = "check" if kind == raw.FPDF_FORMFIELD_CHECKBOX else "radio"
        export = _string(lambda buffer, size: raw.FPDFAnnot_GetFormFieldExportValue(form, annotation, buffer, size))
        value = (export or "yes") if ticked and sort == "radio" else "yes" if ticked else "no"
        return Widget(sort, name, label, value if sort == "check" or ticked else "", *frame.box(*box), box)
    if kind not in (raw.FPDF_FORMFIELD_TEXTFIELD, raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX):
        return None
    sort = "text" if kind == raw.FPDF_FORMFIELD_TEXTFIELD else "choice"
    value = _choices(form, annotation) if sort == "choice" else ""
    value = value or _string(lambda buffer, size: raw.FPDFAnnot_GetFormFieldValue(form, annotation, buffer, size))
    return Widget(sort, name, label, value, *frame.box(*box), box)


def _choices(form: Any, annotation: Any) -> str:
    """The labels of what is selected."""
    import pypdfium2.raw as raw

    picked = []
    for index in range(min(max(raw.FPDFAnnot_GetOptionCount(form, annotation), 0), _MOST_WIDGETS)):
        if raw.FPDFAnnot_IsOptionSelected(form, annotation, index):
            read = raw.FPDFAnnot_GetOptionLabel
            picked.append(_string(lambda buffer, size, at=index: read(form, annotation, at, buffer, size)))
    return ", ".join(picked)


def _string(read: Any) -> str:
    """A UTF-16 string of PDFium: asked for its length in bytes first."""
    size = read(None, 0)
    if not 2 < size < 1_000_000:
        return ""
    buffer = (ctypes.c_ushort * (size // 2))()
    read(buffer, size)
    return bytes(buffer)[: size - 2].decode("utf-16-le", "replace").replace("\x00", "")

"""Text of a page that is in the file and does not show: PDFium is told to leave it out before it collects the text."""

import ctypes
from collections.abc import Iterator
from typing import Any, NamedTuple

from qa.ingest.formats.pdf.calls import address, untyped
from qa.ingest.formats.pdf.layers import hide_layers
from qa.ingest.formats.pdf.rules import times
from qa.ingest.formats.pdf.words import Box, Matrix

__all__ = ["hide"]

_FILLED, _STROKED, _UNPAINTED = frozenset((0, 2, 4, 6)), frozenset((1, 2, 5, 6)), 3  # modes of drawing text
_PAINTED = _FILLED | _STROKED
_SHOWN = 0.25  # of a text's height or of its width, if that is less: the least that has to lie inside of the clip
_MOST_SEGMENTS = 400  # of one clip that are looked at


class _Item(NamedTuple):
    """What is drawn on a page, forms aside. forms: those around it, from the outside; matrix: theirs."""

    handle: int
    kind: int
    forms: tuple[int, ...]
    matrix: Matrix


def hide(document: Any, page: Any, layered: bool) -> None:
    """Switches off text that is not painted, fully transparent, clipped away or on a layer that is off.

    Text that is not painted stays where it lies on a picture: it is what OCR read there. layered: as `may_have_layers`
    says. The page must not be drawn afterwards.
    """
    calls = _Calls()
    texts: list[_Item] = []
    others: list[_Item] = []
    unpainted: list[_Item] = []
    for item in _items(address(page.raw), calls):
        mode = calls.mode_of(item.handle) if item.kind == calls.text else None
        if mode is None:
            others.append(item)
        elif mode == _UNPAINTED:
            unpainted.append(item)
        elif calls.transparent(item.handle, mode):
            calls.switch(item.handle, 0)
        else:
            texts.append(item)
    texts = _inside(texts, calls)
    recognised = _recognised(unpainted, others, calls) if unpainted else []
    if layered:
        drawn = [(item.handle, item.forms) for item in texts]
        hide_layers(document, page, drawn, [item.handle for item in (*others, *recognised)])


def _inside(texts: list[_Item], calls: "_Calls") -> list[_Item]:
    """Texts that are not clipped away, and those on a line that is cut off, as in a narrow cell: half a word says
    less than the page does. The rest is switched off.
    """
    clips = [calls.clip(item.handle) for item in texts]
    cut = {at for at, clip in enumerate(clips) if calls.clipped(texts[at].handle, clip)}
    if not cut:
        return texts
    lines: dict[Box | None, list[Box]] = {clips[at]: [] for at in cut}
    for at, clip in enumerate(clips):
        if at not in cut and clip in lines and (box := calls.bounds(texts[at].handle)):
            lines[clip].append(box)
    found = []
    for at, item in enumerate(texts):
        if at not in cut or _on_line(calls.bounds(item.handle), lines[clips[at]]):
            found.append(item)
        else:
            calls.switch(item.handle, 0)
    return found


def _on_line(box: Box | None, others: list[Box]) -> bool:
    """Whether a box shares at least half of its height with one of the others."""
    return box is not None and any(2 * (min(box[3], o[3]) - max(box[1], o[1])) > box[3] - box[1] for o in others)


def _recognised(unpainted: list[_Item], others: list[_Item], calls: "_Calls") -> list[_Item]:
    """Texts that are not painted and lie on a picture; the rest is switched off."""
    pictures = [box for item in others if item.kind == calls.picture and (box := _box(item, calls))]
    found = []
    for item in unpainted:
        if _on_one(_box(item, calls), pictures):
            found.append(item)
        else:
            calls.switch(item.handle, 0)
    return found


class _Calls:
    """PDFium's functions on objects, by address."""

    def __init__(self) -> None:
        import pypdfium2.raw as raw

        pointer, number = ctypes.c_void_p, ctypes.c_int
        self.text, self.picture, self.form = raw.FPDF_PAGEOBJ_TEXT, raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM
        self.count_of = untyped(raw.FPDFPage_CountObjects, number, pointer)
        self.object_of = untyped(raw.FPDFPage_GetObject, pointer, pointer, number)
        self.inner_count_of = untyped(raw.FPDFFormObj_CountObjects, number, pointer)
        self.inner_of = untyped(raw.FPDFFormObj_GetObject, pointer, pointer, ctypes.c_ulong)
        self.kind_of = untyped(raw.FPDFPageObj_GetType, number, pointer)
        self.mode_of = untyped(raw.FPDFTextObj_GetTextRenderMode, number, pointer)
        self.switch = untyped(raw.FPDFPageObj_SetIsActive, number, pointer, number)
        self._fill_of = untyped(raw.FPDFPageObj_GetFillColor, number, *[pointer] * 5)
        self._stroke_of = untyped(raw.FPDFPageObj_GetStrokeColor, number, *[pointer] * 5)
        self._bounds_of = untyped(raw.FPDFPageObj_GetBounds, number, *[pointer] * 5)
        self._clip_of = untyped(raw.FPDFPageObj_GetClipPath, pointer, pointer)
        self._paths_of = untyped(raw.FPDFClipPath_CountPaths, number, pointer)
        self._segments_of = untyped(raw.FPDFClipPath_CountPathSegments, number, pointer, number)
        self._segment_of = untyped(raw.FPDFClipPath_GetPathSegment, pointer, pointer, number, number)
        self._point_of = untyped(raw.FPDFPathSegment_GetPoint, number, pointer, pointer, pointer)
        self._matrix_of = untyped(raw.FPDFPageObj_GetMatrix, number, pointer, pointer)
        self._matrix = raw.FS_MATRIX()
        self._boxes: dict[int | None, Box | None] = {None: None}
        self._colour = [ctypes.c_uint() for _ in range(4)]
        self._colour_at = [ctypes.addressof(part) for part in self._colour]
        self._sides = [ctypes.c_float() for _ in range(4)]
        self._sides_at = [ctypes.addressof(side) for side in self._sides]

    def transparent(self, handle: int, mode: int) -> bool:
        """Whether nothing of a text, or of a form (mode 0), leaves a trace. Text as a mere clip counts as seen."""
        alpha = self._colour[3]
        if mode in _FILLED and not (self._fill_of(handle, *self._colour_at) and alpha.value == 0):
            return False
        if mode in _STROKED and not (self._stroke_of(handle, *self._colour_at) and alpha.value == 0):
            return False
        return mode in _PAINTED

    def matrix(self, handle: int) -> Matrix:
        """From the coordinates in a form to those of what it is drawn in."""
        m = self._matrix
        self._matrix_of(handle, ctypes.addressof(m))
        return m.a, m.b, m.c, m.d, m.e, m.f

    def bounds(self, handle: int) -> Box | None:
        """The box around an object, in the coordinates of what it is drawn in."""
        if not self._bounds_of(handle, *self._sides_at):
            return None
        left, bottom, right, top = (side.value for side in self._sides)
        return left, bottom, right, top

    def clip(self, handle: int) -> Box | None:
        """What an object may show in, as a box around the clip's shape; None if that is not limited."""
        clip = self._clip_of(handle)
        found = None
        for path in range(self._paths_of(clip)):
            if box := self._clip_box(clip, path):
                found = box if found is None else _shared(found, box)
        return found

    def clipped(self, handle: int, clip: Box | None) -> bool:
        """Whether no more than a sliver of an object lies inside of its clip."""
        if clip is None or not (bounds := self.bounds(handle)):
            return False
        least = _SHOWN * min(bounds[2] - bounds[0], bounds[3] - bounds[1])
        left, bottom, right, top = _shared(bounds, clip)
        return right - left < least or top - bottom < least

    def _clip_box(self, clip: int, path: int) -> Box | None:
        """The box around a part of a clip, None if it is a drawing. Objects with one clip share its first point."""
        first = self._segment_of(clip, path, 0)
        if first not in self._boxes:
            self._boxes[first] = self._around(clip, path)
        return self._boxes[first]

    def _around(self, clip: int, path: int) -> Box | None:
        count = self._segments_of(clip, path)
        if not 0 < count <= _MOST_SEGMENTS:
            return None
        (x, y), (x_at, y_at) = self._sides[:2], self._sides_at[:2]
        segment_of, point_of = self._segment_of, self._point_of
        xs, ys = [], []
        for index in range(count):
            point_of(segment_of(clip, path, index), x_at, y_at)
            xs.append(x.value)
            ys.append(y.value)
        return min(xs), min(ys), max(xs), max(ys)


def _shared(a: Box, b: Box) -> Box:
    """What two boxes have in common; its sides are the wrong way round if that is nothing."""
    return max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])


def _items(page: int, calls: _Calls) -> Iterator[_Item]:
    """What is drawn on a page, also by its forms. Forms that do not show are switched off as a whole."""
    waiting: list[tuple[int, tuple[int, ...], Matrix]] = [(page, (), (1.0, 0.0, 0.0, 1.0, 0.0, 0.0))]
    while waiting:
        holder, forms, matrix = waiting.pop()
        count_of, item_of = (calls.inner_count_of, calls.inner_of) if forms else (calls.count_of, calls.object_of)
        for index in range(count_of(holder)):
            handle = item_of(holder, index)
            kind = calls.kind_of(handle)
            if kind != calls.form:
                yield _Item(handle, kind, forms, matrix)
            elif calls.transparent(handle, 0) or calls.clipped(handle, calls.clip(handle)):
                calls.switch(handle, 0)
            else:
                waiting.append((handle, (*forms, handle), times(calls.matrix(handle), matrix)))


def _box(item: _Item, calls: _Calls) -> Box | None:
    """The box around an item in the page's coordinates."""
    if not (bounds := calls.bounds(item.handle)):
        return None
    a, b, c, d, e, f = item.matrix
    corners = [(a * x + c * y + e, b * x + d * y + f) for x in bounds[::2] for y in bounds[1::2]]
    xs, ys = zip(*corners, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _on_one(box: Box | None, pictures: list[Box]) -> bool:
    """Whether the middle of a box lies on one of the pictures."""
    if box is None:
        return False
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(left <= x <= right and bottom <= y <= top for left, bottom, right, top in pictures)

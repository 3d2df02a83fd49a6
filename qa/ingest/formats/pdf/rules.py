"""Straight lines, bullets and small drawings on a page of a PDF, from the paths that PDFium finds."""

import ctypes
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from qa.ingest.formats.pdf.page import Dot, PageFrame, Rule
from qa.ingest.formats.pdf.words import Box, Matrix

__all__ = ["Drawn", "rules_of", "times"]

_MOST_OBJECTS = 30_000  # of a page that are looked at
_MOST_SEGMENTS = 400  # of one path; longer ones are drawings
_MOST_CURVES = 60_000  # segments of the paths with curves on a page; those after them are drawings, too
_DEPTH = 6  # of forms within forms
_LEAST, _LARGEST = 1.0, 9.0  # points across a bullet
_MOST_DOTS = 2_000  # of a page; one with more is a drawing
_THIN = 3.0  # points; a filled shape no thicker than this is a line
_SMALL = 40.0  # points; larger shapes are no signs


class Drawn(NamedTuple):
    """What is drawn on a page, on its frame.

    rules: straight level and upright lines, which are strokes, thin filled shapes and the edges of boxes. dots: what is
    as small as a bullet, and about as wide as high. slashes: other lines, from end to end; of curves only those that
    are as low as a line of text. signs: what is no larger than a sign, pictures included.
    """

    rules: list[Rule]
    dots: list[Dot]
    slashes: list[Box]
    signs: list[Box]


def rules_of(page: Any, frame: PageFrame) -> Drawn:
    """The lines and small shapes of a page."""
    found: list[Rule] = []
    dots: list[Dot] = []
    slashes: list[Box] = []
    signs: list[Box] = []
    for box, corners, curved in _paths(page):
        x0, y0, x1, y1 = frame.box(*box)
        points = [frame.point(*corner) for corner in corners]
        if max(x1 - x0, y1 - y0) < _SMALL:
            signs.append((x0, y0, x1, y1))
        slashes += [
            (ax, ay, bx, by)
            for (ax, ay), (bx, by) in pairwise(() if curved and y1 - y0 > _SMALL else points)
            if min(abs(ax - bx), abs(ay - by)) >= 0.5 and max(abs(ax - bx), abs(ay - by)) < float("inf")
        ]
        if len(dots) < _MOST_DOTS and _LEAST < x1 - x0 < _LARGEST and 0.8 < (x1 - x0) / max(y1 - y0, 0.1) < 1.25:
            dots.append(Dot(x0, y0, x1, y1, box))
            continue
        if curved:
            continue
        if min(x1 - x0, y1 - y0) <= _THIN:
            found.append(_line(x0, y0, x1, y1))
            continue
        for (ax, ay), (bx, by) in pairwise(points):
            if abs(ax - bx) < 0.5 or abs(ay - by) < 0.5:
                found.append(_line(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))._replace(edge=True))
    rules = [rule for rule in found if max(rule.x1 - rule.x0, rule.y1 - rule.y0) > _THIN]
    return Drawn(rules, dots, slashes, signs)


def _line(x0: float, y0: float, x1: float, y1: float) -> Rule:
    if x1 - x0 >= y1 - y0:
        return Rule(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2)
    return Rule((x0 + x1) / 2, y0, (x0 + x1) / 2, y1)


_Path = tuple[Box, list[tuple[float, float]], bool]  # the box around it, its corners, and whether it has curves


def _paths(page: Any) -> Iterator[_Path]:
    """Painted paths and pictures in the page's coordinates. Pictures and long drawings come without corners."""
    import pypdfium2.raw as raw

    budget, curves = _MOST_OBJECTS, _MOST_CURVES
    unit = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    waiting: list[tuple[Any, bool, int, Matrix]] = [(page.raw, False, 0, unit)]
    while waiting and budget > 0:
        holder, inner, depth, matrix = waiting.pop()
        count = raw.FPDFFormObj_CountObjects(holder) if inner else raw.FPDFPage_CountObjects(holder)
        for index in range(min(count, budget)):
            budget -= 1
            item = raw.FPDFFormObj_GetObject(holder, index) if inner else raw.FPDFPage_GetObject(holder, index)
            kind = raw.FPDFPageObj_GetType(item)
            path = None
            if kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEPTH:
                waiting.append((item, True, depth + 1, times(_matrix(item), matrix)))
            elif kind == raw.FPDF_PAGEOBJ_PATH:
                path = _path(item, matrix, curves > 0)
            elif kind == raw.FPDF_PAGEOBJ_IMAGE:
                path = _shape(item, matrix, [])
            if path:
                curves -= len(path[1]) if path[2] else 0
                yield path


def _matrix(item: Any) -> Matrix:
    import pypdfium2.raw as raw

    m = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(item, m)
    return m.a, m.b, m.c, m.d, m.e, m.f


def times(a: Matrix, b: Matrix) -> Matrix:
    """The matrix that does `a`, then `b`."""
    return (
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4],
        a[4] * b[1] + a[5] * b[3] + b[5],
    )


def _path(item: Any, outer: Matrix, curves: bool) -> _Path | None:
    """A path that is painted. curves: whether the corners of one with curves are wanted."""
    import pypdfium2.raw as raw

    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(item, fill, stroke)
    if not stroke.value and (not fill.value or _white(item)):
        return None
    count = raw.FPDFPath_CountSegments(item)
    if not 2 <= count <= _MOST_SEGMENTS:
        return _shape(item, outer, [])
    m = times(_matrix(item), outer)
    x, y, corners, curved = ctypes.c_float(), ctypes.c_float(), [], False
    for index in range(count):
        segment = raw.FPDFPath_GetPathSegment(item, index)
        kind = raw.FPDFPathSegment_GetType(segment)
        curved = curved or kind == raw.FPDF_SEGMENT_BEZIERTO
        if curved and not curves:
            return _shape(item, outer, [])
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        if index and kind == raw.FPDF_SEGMENT_MOVETO:
            corners.append((float("inf"), float("inf")))
        corners.append((m[0] * x.value + m[2] * y.value + m[4], m[1] * x.value + m[3] * y.value + m[5]))
    if curved:
        return _shape(item, outer, corners)
    real = [corner for corner in corners if corner[0] != float("inf")]
    xs, ys = [corner[0] for corner in real], [corner[1] for corner in real]
    if count in (4, 5):
        corners.append(corners[0])
    return (min(xs), min(ys), max(xs), max(ys)), corners, False


def _shape(item: Any, outer: Matrix, corners: list[tuple[float, float]]) -> _Path | None:
    """A shape that is not made of straight lines alone, with the box around it."""
    import pypdfium2.raw as raw

    sides = [ctypes.c_float() for _ in range(4)]
    if not raw.FPDFPageObj_GetBounds(item, *sides):
        return None
    left, bottom, right, top = (side.value for side in sides)
    m = outer
    ends = [(m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]) for x, y in ((left, bottom), (right, top))]
    (ax, ay), (bx, by) = ends
    return (min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)), corners, True


def _white(item: Any) -> bool:
    import pypdfium2.raw as raw

    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    raw.FPDFPageObj_GetFillColor(item, red, green, blue, alpha)
    return min(red.value, green.value, blue.value) > 250 or alpha.value == 0

"""The styles that the text of a shape on a slide has from the layout and the master behind it."""

from collections.abc import Iterator
from typing import Any

__all__ = ["styles_behind"]

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_SLIDES = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_OTHERS = frozenset(("dt", "ftr", "sldNum", "hdr"))


def styles_behind(shape: Any) -> list[Any]:
    """Elements with the properties of each level of a text, as in `a:lstStyle`, nearest first."""
    kind, number = _place(shape.element)
    layout = getattr(shape.part, "slide_layout", None)
    master = layout.slide_master if layout else getattr(shape.part, "slide_master", None)
    found = list(_styles(layout, lambda place: place[1] == number)) if layout and number else []
    if master:
        found += _styles(master, lambda place: place[0] == kind) if kind else ()
        name = {"title": "titleStyle", "body": "bodyStyle"}.get(kind, "otherStyle")
        found += master.element.iterfind(f"{_SLIDES}txStyles/{_SLIDES}{name}")
        found += shape.part.package.presentation_part.presentation.element.iterfind(f"{_SLIDES}defaultTextStyle")
    return found


def _styles(part: Any, matches: Any) -> Iterator[Any]:
    for shape in part.element.iter(f"{_SLIDES}sp"):
        if matches(_place(shape)):
            yield from shape.iterfind(f"{_SLIDES}txBody/{_DRAWING}lstStyle")


def _place(shape: Any) -> tuple[str, str]:
    """The kind and the number of a placeholder; empty for other shapes."""
    found = next(shape.iter(f"{_SLIDES}ph"), None)
    if found is None:
        return "", ""
    kind = found.get("type", "obj")
    if kind not in _OTHERS:
        kind = "title" if kind in ("title", "ctrTitle") else "body"
    return kind, found.get("idx", "0")

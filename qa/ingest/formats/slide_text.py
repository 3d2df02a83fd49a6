"""The text of one paragraph on a slide: without what is struck out, with equations on one line."""

import re
from collections.abc import Iterator
from typing import Any

from qa.ingest.decoding import clean
from qa.ingest.formats.common.joined import APART, joined
from qa.ingest.formats.common.omml import linear

__all__ = ["line"]

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_EQUATION = "{http://schemas.microsoft.com/office/drawing/2010/main}m"
_SILENT = frozenset(f"{_DRAWING}{name}" for name in ("pPr", "endParaRPr"))


def line(paragraph: Any) -> tuple[str, bool]:
    """The text of an `a:p`, line breaks as newlines, and whether something that is shown may be missing from it."""
    partial, pieces = False, []
    for text, position, is_whole in _pieces(paragraph):
        pieces.append((text, position))
        partial = partial or not is_whole
    text, sure = joined(pieces)
    return clean(text.replace("\v", "\n")), partial or not sure


def _pieces(paragraph: Any) -> Iterator[tuple[str, str, bool]]:
    """Each text, its position as in `joined`, and whether it is all that is shown there."""
    for node in paragraph:
        if node.tag == f"{_DRAWING}br":
            yield "\n", "", True
        elif node.tag in (f"{_DRAWING}r", f"{_DRAWING}fld"):
            properties = node.find(f"{_DRAWING}rPr")
            own = "".join(part.text or "" for part in node.iter(f"{_DRAWING}t")).replace("_x000B_", "\n")
            if not _is_struck(properties):
                yield own, _position(properties), True
            elif own.strip():
                yield APART, "", False
        elif node.tag == _EQUATION:
            for part in node:
                formula = linear(part, lambda run: (False, _is_struck(run.find(f"{_DRAWING}rPr"))))
                yield f"{APART}{formula.text}{APART}", "", formula.whole
        elif isinstance(node.tag, str) and node.tag not in _SILENT:
            yield APART, "", False


def _is_struck(properties: Any) -> bool:
    return properties is not None and properties.get("strike", "noStrike") != "noStrike"


def _position(properties: Any) -> str:
    """By the distance from the line, in thousandths of the height or in percent."""
    distance = properties.get("baseline", "") if properties is not None else ""
    if not re.match(r"\s*[+-]?[0.]*[1-9]", distance):
        return ""
    return "sub" if distance.strip().startswith("-") else "super"

"""The text of one paragraph on a slide: without what is struck out, with equations on one line."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from qa.ingest.decoding import clean
from qa.ingest.formats.common.joined import APART, joined
from qa.ingest.formats.common.omml import linear
from qa.ingest.formats.common.symbols import is_symbolic, signs, symbol

__all__ = ["line"]

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_EQUATION = "{http://schemas.microsoft.com/office/drawing/2010/main}m"
_SILENT = frozenset(f"{_DRAWING}{name}" for name in ("pPr", "endParaRPr"))
_COMPUTED = re.compile("slidenum|datetime")  # fields that PowerPoint fills in anew, whatever is stored
_SIGNS = "2"  # the character set of fonts with signs in the place of letters
_SIGN = re.compile("[\xa1-\xff\uf020-\uf0ff]")  # what the font for symbols may show in another way
_SIGN_ALONE = re.compile(r"[\uf020-\uf0ff]|(?<!\S)[\xa1-\xff](?!\S)")


def line(paragraph: Any, styles: Sequence[Any] = ()) -> tuple[str, bool]:
    """The text of an `a:p`, line breaks as newlines, and whether the slide may show more or something else.

    styles: as in `a:lstStyle`, those that count behind that of the text itself, nearest first.
    """
    partial, pieces = False, []
    for text, position, is_whole in _pieces(paragraph, list(_inherited(paragraph, styles))):
        pieces.append((text, position))
        partial = partial or not is_whole
    text, sure = joined(pieces)
    return clean(text.replace("\v", "\n")), partial or not sure


def _inherited(paragraph: Any, styles: Sequence[Any]) -> Iterator[Any]:
    """The properties that characters of a paragraph have by its level."""
    about, around = paragraph.find(f"{_DRAWING}pPr"), paragraph.getparent()
    level = about.get("lvl", "") if about is not None else ""
    number = int(level) + 1 if re.fullmatch("[0-8]", level) else 1
    own = around.iterfind(f"{_DRAWING}lstStyle") if around is not None else ()
    for style in (*own, *styles):
        for name in (f"lvl{number}pPr", "defPPr"):
            yield from style.iterfind(f"{_DRAWING}{name}/{_DRAWING}defRPr")


def _pieces(paragraph: Any, inherited: Sequence[Any]) -> Iterator[tuple[str, str, bool]]:
    """Each text, its position as in `joined`, and whether it is all that is shown there."""
    for node in paragraph:
        if node.tag == f"{_DRAWING}br":
            yield "\n", "", True
        elif node.tag in (f"{_DRAWING}r", f"{_DRAWING}fld"):
            properties = [*node.iterfind(f"{_DRAWING}rPr"), *inherited]
            own = "".join(part.text or "" for part in node.iter(f"{_DRAWING}t")).replace("_x000B_", "\n")
            if _is_struck(properties) or _COMPUTED.match(node.get("type", "")):
                yield (APART if own.strip() else own), "", not own.strip()
            else:
                text, certain = _drawn(own, properties)
                yield text, _position(properties), certain and node.tag == f"{_DRAWING}r"
        elif node.tag == _EQUATION:
            for part in node:
                formula = linear(part, lambda run: (False, _is_struck(list(run.iterfind(f"{_DRAWING}rPr")))))
                yield f"{APART}{formula.text}{APART}", "", formula.whole
        elif isinstance(node.tag, str) and node.tag not in _SILENT:
            yield APART, "", False


def _said(properties: Sequence[Any], name: str) -> str:
    """What the nearest properties say; empty if none do."""
    return next((said for each in properties if (said := each.get(name)) is not None), "")


def _is_struck(properties: Sequence[Any]) -> bool:
    return _said(properties, "strike") not in ("", "noStrike")


def _drawn(text: str, properties: Sequence[Any]) -> tuple[str, bool]:
    """A text as its font shows it, and whether that is certain: in capitals or in a symbol font it is not."""
    font = _font(properties, "latin")
    if is_symbolic(font.get("typeface", "")):
        return signs(text, font["typeface"]), not text.strip()
    if font.get("charset") == _SIGNS:
        return text, not text.strip()
    certain = _said(properties, "cap") in ("", "none") or text == text.upper()
    font = _font(properties, "sym")
    if is_symbolic(font.get("typeface", "")):  # PowerPoint leaves it on the ordinary words behind a sign
        certain = certain and _SIGN.search(text) is None
        text = _SIGN_ALONE.sub(lambda match: symbol(ord(match[0]), font["typeface"]) or APART, text)
    return text, certain


def _font(properties: Sequence[Any], kind: str) -> Mapping[str, str]:
    """The attributes of the nearest font of a kind."""
    return next((font.attrib for each in properties for font in each.iterfind(f"{_DRAWING}{kind}")), {})


def _position(properties: Sequence[Any]) -> str:
    """By the distance from the line, in thousandths of the height or in percent."""
    distance = _said(properties, "baseline")
    if not re.match(r"\s*[+-]?[0.]*[1-9]", distance):
        return ""
    return "sub" if distance.strip().startswith("-") else "super"

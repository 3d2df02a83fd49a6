"""Styles of an OpenDocument file, resolved along the styles that they are based on."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

from qa.ingest.formats.common.symbols import is_symbolic

__all__ = ["UNSTYLED", "Look", "Styles"]

_NS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_TEXT, _STYLE, _PRESENTATION, _TABLE, _DRAW = (
    _NS % name for name in ("text", "style", "presentation", "table", "drawing")
)
_FO, _SVG, _NUMBER = (_NS % name for name in ("xsl-fo-compatible", "svg-compatible", "datastyle"))
_CHARACTERS = f"{_STYLE}text-properties"
_HIDING: Mapping[str, tuple[str, str, str]] = {  # family of a style: what in it hides, by element, attribute and value
    "text": (_CHARACTERS, f"{_TEXT}display", "none"),
    "paragraph": (_CHARACTERS, f"{_TEXT}display", "none"),
    "drawing-page": (f"{_STYLE}drawing-page-properties", f"{_PRESENTATION}visibility", "hidden"),
    "table": (f"{_STYLE}table-properties", f"{_TABLE}display", "false"),
}
_STYLED = {  # elements, with the attribute that names their style, and its family
    f"{_TEXT}span": (f"{_TEXT}style-name", "text"),
    f"{_TEXT}p": (f"{_TEXT}style-name", "paragraph"),
    f"{_TEXT}h": (f"{_TEXT}style-name", "paragraph"),
    f"{_DRAW}page": (f"{_DRAW}style-name", "drawing-page"),
    f"{_TABLE}table": (f"{_TABLE}style-name", "table"),
}
_TITLES = frozenset(("Title", "Subtitle"))
_QUOTED = frozenset(("Quotations",))
_CHAIN = 20  # styles based on one another; longer chains are loops or worse


@dataclass(frozen=True, slots=True)
class Look:
    """How characters are shown. position: `super`, `sub` or empty. font: one with signs in the place of letters, empty
    for others. capitals: whether letters are shown as capitals, or otherwise than they are stored.
    """

    position: str = ""
    struck: bool = False
    font: str = ""
    capitals: bool = False


UNSTYLED = Look()


class Styles:
    """The styles under some elements, by family and name. Of two that are the same, that under the first counts."""

    def __init__(self, *roots: "_Element") -> None:
        styles = [style for root in reversed(roots) for style in root.iter(f"{_STYLE}style")]
        self._styles = {(style.get(f"{_STYLE}family"), style.get(f"{_STYLE}name")): style for style in styles}
        for style in (style for root in reversed(roots) for style in root.iter(f"{_STYLE}default-style")):
            self._styles[style.get(f"{_STYLE}family"), None] = style
        faces = (face for root in reversed(roots) for face in root.iter(f"{_STYLE}font-face"))
        self._faces = {str(face.get(f"{_STYLE}name")): face for face in faces}
        numbers = (number for root in roots for number in root.iter(f"{_NUMBER}number"))
        self._factors = {
            _base(number.getparent().get(f"{_STYLE}name")): factor
            for number in numbers
            if (factor := number.get(f"{_NUMBER}display-factor"))
        }
        self._found: dict[tuple[str, str | None, str], str] = {}
        self._looks: dict[tuple[str, str | None, Look], Look] = {}

    def hides(self, node: "_Element") -> bool:
        """Whether the style of an element hides it."""
        attribute, family = _STYLED.get(node.tag, ("", ""))
        if not attribute:
            return False
        element, display, value = _HIDING[family]
        return self._said(family, node.get(attribute), element, display) == value

    def look(self, family: str, name: str | None, around: Look) -> Look:
        """How a style shows characters. around: how they are shown without it."""
        key = (family, name, around)
        if key not in self._looks:
            struck, position = self._strikes(family, name), self._position(name) if family == "text" else None
            font, capitals = self._font(family, name), self._capitals(family, name)
            self._looks[key] = Look(
                around.position if position is None else position,
                around.struck if struck is None else struck,
                around.font if font is None else font,
                around.capitals if capitals is None else capitals,
            )
        return self._looks[key]

    def factor(self, name: str | None) -> int:
        """By which the format of a cell's style divides its number."""
        formats = (style.get(f"{_STYLE}data-style-name") for style in self._chain("table-cell", name))
        factor = self._factors.get(_base(next(filter(None, formats), "")), "")
        return int(factor) if re.fullmatch("[1-9][0-9]{0,12}", factor) else 1

    def _font(self, family: str, name: str | None) -> str | None:
        """The font with signs for letters that a style names, `?` if its name says nothing; empty if it names another
        font, None if it names none.
        """
        for about in (about for style in self._chain(family, name) for about in style.iter(_CHARACTERS)):
            face = self._faces.get(about.get(f"{_STYLE}font-name") or "")
            kept = [about] if face is None else [about, face]
            keys = (f"{_FO}font-family", f"{_SVG}font-family", f"{_STYLE}font-name", f"{_STYLE}name")
            names = [said.split(",")[0].strip(" '\"") for node in kept for key in keys if (said := node.get(key))]
            if names:
                coded = any(node.get(f"{_STYLE}font-charset") == "x-symbol" for node in kept)
                return next(filter(is_symbolic, names), "?" if coded else "")
        return None

    def _capitals(self, family: str, name: str | None) -> bool | None:
        said = [self._said(family, name, _CHARACTERS, f"{_FO}{key}") for key in ("text-transform", "font-variant")]
        return any(value not in ("", "none", "normal") for value in said) if any(said) else None

    def _strikes(self, family: str, name: str | None) -> bool | None:
        """Whether a style strikes text out; None if it does not say."""
        for kind in ("style", "type"):
            if said := self._said(family, name, _CHARACTERS, f"{_STYLE}text-line-through-{kind}"):
                return said != "none"
        return None

    def _position(self, name: str | None) -> str | None:
        """How a style of characters moves them: `super`, `sub` or empty; None if it does not say.

        Less than a tenth of the size is ignored: converters write it to keep lines in place.
        """
        said = self._said("text", name, _CHARACTERS, f"{_STYLE}text-position")
        first = said.split()[0] if said.split() else ""
        if first in ("super", "sub") or re.fullmatch(r"-?0*[1-9]\d[\d.]*%", first):
            return "sub" if first.startswith(("sub", "-")) else "super"
        return "" if first else None

    def is_title(self, name: str | None) -> bool:
        """Whether a style is one for titles, or based on one."""
        return not _TITLES.isdisjoint(self._names(name))

    def is_quotation(self, name: str | None) -> bool:
        """Whether a style is one for quotations, or based on one."""
        return not _QUOTED.isdisjoint(self._names(name))

    def _names(self, name: str | None) -> set[str]:
        parents = (str(style.get(f"{_STYLE}parent-style-name")) for style in self._chain("paragraph", name))
        return {str(name), *parents}

    def _said(self, family: str, name: str | None, element: str, attribute: str) -> str:
        """What the nearest style says; empty if none does."""
        key = (family, name, attribute)
        if key not in self._found:
            said = (about.get(attribute) for style in self._chain(family, name) for about in style.iter(element))
            self._found[key] = str(next(filter(None, said), ""))
        return self._found[key]

    def _chain(self, family: str, name: str | None) -> Iterator["_Element"]:
        """A style and those that it is based on, then the default of its family."""
        for _ in range(_CHAIN):
            style = self._styles.get((family, name))
            if style is None or not name:
                break
            yield style
            name = style.get(f"{_STYLE}parent-style-name")
        if (default := self._styles.get((family, None))) is not None:
            yield default


def _base(name: str | None) -> str:
    """The name of a format without the end that those of its conditions have."""
    return re.sub(r"P\d+\Z", "", name or "")

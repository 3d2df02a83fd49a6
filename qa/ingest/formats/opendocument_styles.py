"""Styles of an OpenDocument file, resolved along the styles that they are based on."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["Styles"]

_NS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_TEXT, _STYLE, _PRESENTATION, _TABLE, _DRAW = (
    _NS % name for name in ("text", "style", "presentation", "table", "drawing")
)
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


class Styles:
    """The styles under some elements, by family and name. Of two that are the same, that under the first counts."""

    def __init__(self, *roots: "_Element") -> None:
        styles = [style for root in reversed(roots) for style in root.iter(f"{_STYLE}style")]
        self._styles = {(style.get(f"{_STYLE}family"), style.get(f"{_STYLE}name")): style for style in styles}
        self._found: dict[tuple[str, str | None, str], str] = {}

    def hides(self, node: "_Element") -> bool:
        """Whether the style of an element hides it."""
        attribute, family = _STYLED.get(node.tag, ("", ""))
        if not attribute:
            return False
        element, display, value = _HIDING[family]
        return self._said(family, node.get(attribute), element, display) == value

    def strikes(self, family: str, name: str | None) -> bool | None:
        """Whether a style strikes text out; None if it does not say."""
        for kind in ("style", "type"):
            if said := self._said(family, name, _CHARACTERS, f"{_STYLE}text-line-through-{kind}"):
                return said != "none"
        return None

    def position(self, name: str | None) -> str | None:
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
        for _ in range(_CHAIN if name else 0):
            style = self._styles.get((family, name))
            if style is None:
                return
            yield style
            name = style.get(f"{_STYLE}parent-style-name")

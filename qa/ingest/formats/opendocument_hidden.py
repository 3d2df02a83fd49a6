"""What an OpenDocument file marks as hidden."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["HiddenStyles", "drop_hidden"]

_NS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_TEXT, _STYLE, _PRESENTATION, _TABLE, _DRAW = (
    _NS % name for name in ("text", "style", "presentation", "table", "drawing")
)
_HIDING: Mapping[str, tuple[str, str, str]] = {  # family of a style: what in it hides, by element, attribute and value
    "text": (f"{_STYLE}text-properties", f"{_TEXT}display", "none"),
    "paragraph": (f"{_STYLE}text-properties", f"{_TEXT}display", "none"),
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
_CHAIN = 20  # styles based on one another; longer chains are loops or worse


class HiddenStyles:
    """The styles under some elements that hide what has them, by themselves or by the style that they are based on."""

    def __init__(self, *roots: "_Element") -> None:
        styles = [style for root in roots for style in root.iter(f"{_STYLE}style")]
        self._styles = {(style.get(f"{_STYLE}family"), style.get(f"{_STYLE}name")): style for style in styles}

    def hide(self, node: "_Element") -> bool:
        """Whether the style of an element hides it."""
        attribute, family = _STYLED.get(node.tag, ("", ""))
        name = node.get(attribute) if attribute else None
        for _ in range(_CHAIN if name else 0):
            style = self._styles.get((family, name))
            if style is None:
                break
            element, display, value = _HIDING[family]
            for properties in style.iter(element):
                if said := properties.get(display):
                    return bool(said == value)
            name = style.get(f"{_STYLE}parent-style-name")
        return False


def drop_hidden(content: "_Element", styles: HiddenStyles) -> None:
    """Take hidden text and hidden shapes out of a document. Hidden slides and sheets stay, to be listed."""
    for node in list(_hidden(content, styles)):
        parent, before = node.getparent(), node.getprevious()
        if parent is None:
            continue
        if before is None:
            parent.text = (parent.text or "") + (node.tail or "")
        else:
            before.tail = (before.tail or "") + (node.tail or "")
        parent.remove(node)


def _hidden(content: "_Element", styles: HiddenStyles) -> Iterator["_Element"]:
    for node in content.iter(f"{_TEXT}*", f"{_DRAW}*"):
        by_style = node.tag != f"{_DRAW}page" and styles.hide(node)
        section = node.tag == f"{_TEXT}section" and node.get(f"{_TEXT}display") == "none"
        flagged = node.get(f"{_TEXT}is-hidden") == "true"
        if flagged and node.tag == f"{_TEXT}hidden-paragraph":
            yield next(node.iterancestors(f"{_TEXT}p", f"{_TEXT}h"), node)
        elif flagged or section or by_style or (node.tag.startswith(_DRAW) and _is_undrawn(node)):
            yield node


def _is_undrawn(node: "_Element") -> bool:
    """Whether a shape is not shown on the screen; programs write so in a namespace of their own."""
    return any(name.endswith("}display") and value in ("none", "printer") for name, value in node.attrib.items())

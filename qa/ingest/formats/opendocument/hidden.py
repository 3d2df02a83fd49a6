"""What an OpenDocument file marks as hidden."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from qa.ingest.formats.opendocument.styles import Styles

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["drop_hidden"]

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"


def drop_hidden(content: "_Element", styles: Styles) -> None:
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


def _hidden(content: "_Element", styles: Styles) -> Iterator["_Element"]:
    for node in content.iter(f"{_TEXT}*", f"{_DRAW}*"):
        by_style = node.tag != f"{_DRAW}page" and styles.hides(node)
        undisplayed = node.get(f"{_TEXT}display") == "none"  # a section, a field
        flagged = node.get(f"{_TEXT}is-hidden") == "true"
        if flagged and node.tag == f"{_TEXT}hidden-paragraph":
            yield next(node.iterancestors(f"{_TEXT}p", f"{_TEXT}h"), node)
        elif flagged or undisplayed or by_style or (node.tag.startswith(_DRAW) and _is_undrawn(node)):
            yield node


def _is_undrawn(node: "_Element") -> bool:
    """Whether a shape is not shown on the screen; programs write so in a namespace of their own."""
    return any(name.endswith("}display") and value in ("none", "printer") for name, value in node.attrib.items())

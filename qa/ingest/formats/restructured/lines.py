"""Lines of reStructuredText: the words of docutils' nodes, roles included, and whether these are all."""

import re
from collections.abc import Iterable
from typing import Any

from qa.ingest.formats.common.raised import lowered
from qa.markup import sets_apart

__all__ = ["is_partial", "line", "plain"]

_PICTURE = "\x01"  # stands for a picture or struck words; `clean` leaves no such character in a text
_STRUCK = re.compile(r":(?:strike|del|strikethrough|s):`[^`]*`")
_ROLE = re.compile(r"(?::[\w:.+-]+:)?`([^`]*)`(?::[\w:.+-]+:|_{0,2})")
_TARGET = re.compile(r"\s*<[^<>]*>$")
_DELETED = frozenset(("strike", "del", "strikethrough", "s"))  # names of roles
_INLINE = frozenset(
    {
        *("emphasis", "strong", "literal", "reference", "title_reference", "inline", "subscript", "abbreviation"),
        *("acronym", "math", "generated", "target", "option_string", "option"),
    }
)


def line(node: Any) -> str:
    """The text of a node on one line: roles as their words, note marks set apart."""
    name = node.__class__.__name__
    if name == "Text":
        return re.sub(r"\x00\s?", "", str(node))  # docutils marks what a backslash escapes with NUL
    if name in ("system_message", "comment", "target") and not (name == "target" and node.children):
        return ""
    if name == "image":
        return _PICTURE
    if name == "problematic":
        return plain(node.astext(), struck=_PICTURE)
    if name == "inline" and not _DELETED.isdisjoint(node["classes"]):
        return _PICTURE
    text = _joined(node.children)
    if name == "option_argument":
        return f"{node.get('delimiter', ' ')}{text}"
    if name in ("footnote_reference", "citation_reference"):
        return f" [{text}]"
    if name == "superscript":
        return f"^{text}"
    if name in _INLINE:
        return text
    text = re.sub(_PICTURE, lambda at: " " * sets_apart(text, *at.span()), text)
    return " ".join(text.split()).replace(" ,", ",")


def _joined(children: Iterable[Any]) -> str:
    """Parts of a line, a subscript or superscript set apart from figures that follow it."""
    text, small = "", False
    for child in children:
        piece, name = line(child), child.__class__.__name__
        if name == "subscript":
            piece = lowered(text, piece)
        elif small and piece[:1].isdigit() and text[-1:].isalnum():
            piece = f" {piece}"
        text += piece
        small = name in ("subscript", "superscript") or (small and not piece)
    return text


def is_partial(node: Any) -> bool:
    """Whether something that a page shows is left out of a line: a picture, raw markup, struck words."""
    for inner in node.findall():
        name = inner.__class__.__name__
        if name in ("image", "raw") or (name == "problematic" and _STRUCK.search(inner.astext())):
            return True
        if name == "inline" and not _DELETED.isdisjoint(inner["classes"]):
            return True
    return False


def plain(text: str, struck: str = " ") -> str:
    """A role that docutils does not know as Sphinx shows it: `words <target>` as the words."""

    def words(match: re.Match[str]) -> str:
        text = match[1].strip()
        return _TARGET.sub("", text) or text.strip("<>") if not text.startswith(("~", "!")) else text[1:]

    return _ROLE.sub(words, _STRUCK.sub(struck, text))

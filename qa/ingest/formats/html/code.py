"""Preformatted text: code, or sentences in lines."""

import re

from qa.ingest.formats.common.concealed import UNMARKED, UNSEEN
from qa.ingest.formats.html.tree import Node, struck

__all__ = ["is_prose", "is_whole", "verbatim"]

_APART = frozenset(("sup", "sub", "img", "math", "input", "select", "button", "embed"))  # more than their words
_GAP = "\0"  # for what is left out; no page has this character


def verbatim(node: Node) -> str:
    """The text of an element as it stands, with a space where something left out sets words apart."""
    parts: list[str] = []
    stack: list[Node | str] = [node]
    while stack:
        piece = stack.pop()
        if isinstance(piece, str):
            parts.append(piece)
        elif piece.tag == "br":
            parts.append("\n")
        elif piece is not node and (piece.tag in UNSEEN or struck(piece)):
            parts.append("" if piece.tag in UNMARKED else _GAP)
        else:
            parts.append(_GAP if piece.tag in _APART else "")
            stack.extend(reversed(piece.children))
    return re.sub(f"{_GAP}+", "", re.sub(rf"(?<=\w){_GAP}+(?=\w)", " ", "".join(parts)))


def is_whole(node: Node) -> bool:
    """Whether `verbatim` gives all that a page shows of an element."""
    inner = (each for each in node.walk() if each is not node and each.tag not in UNMARKED)
    return not any(each.tag in UNSEEN | _APART or struck(each) for each in inner)


def is_prose(node: Node, text: str) -> bool:
    """Whether preformatted text is ordinary sentences in long lines."""
    if any(child.tag in ("code", "samp", "kbd", "span") for child in node.elements[:3]):
        return False
    lines = [found for found in text.split("\n") if found.strip()]
    prose = [found for found in lines if len(found.split()) > 5 and not re.search(r"[{};=<>|]|\s{3,}\S", found.strip())]
    return len(lines) > 1 and len(prose) >= len(lines) * 0.6

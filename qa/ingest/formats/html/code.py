"""Preformatted text: code, or sentences in lines."""

import re

from qa.ingest.formats.common.concealed import UNSEEN
from qa.ingest.formats.html.tree import Node, struck

__all__ = ["is_prose", "verbatim"]


def verbatim(node: Node) -> str:
    """The text of an element as it stands."""
    parts: list[str] = []
    stack: list[Node | str] = [node]
    while stack:
        piece = stack.pop()
        if isinstance(piece, str):
            parts.append(piece)
        elif piece.tag == "br":
            parts.append("\n")
        elif piece is node or not (piece.tag in UNSEEN or struck(piece)):
            stack.extend(reversed(piece.children))
    return "".join(parts)


def is_prose(node: Node, text: str) -> bool:
    """Whether preformatted text is ordinary sentences in long lines."""
    if any(child.tag in ("code", "samp", "kbd", "span") for child in node.elements[:3]):
        return False
    lines = [found for found in text.split("\n") if found.strip()]
    prose = [found for found in lines if len(found.split()) > 5 and not re.search(r"[{};=<>|]|\s{3,}\S", found.strip())]
    return len(lines) > 1 and len(prose) >= len(lines) * 0.6

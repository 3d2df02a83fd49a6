"""What the walk over a page keeps in mind about the elements that it is inside of."""

from dataclasses import dataclass

from qa.ingest.formats.html.parts import Chrome, is_repeated
from qa.ingest.formats.html.tree import Node
from qa.records import BlockKind

__all__ = ["SCOPES", "Frame", "Item", "is_scope"]

SCOPES = frozenset(("details", "section", "article", "li", "dd", "fieldset", "aside", "blockquote", "figure", "footer"))


@dataclass(slots=True)
class Item:
    """A list item. number: of its block, None before its first words."""

    prefix: str
    level: int
    parent: int | None
    number: int | None = None


@dataclass(slots=True)
class Frame:
    """An open block element. depth: of sections when it was opened; first: the number of the next block then."""

    node: Node
    kind: BlockKind
    item: Item | None
    chrome: Chrome
    depth: int
    first: int
    lists: int = 0
    lead: int | None = None  # of a list: the block that introduces it
    guessed: int | None = None  # depth of sections before the heading in it that only looks like one


def is_scope(frame: Frame) -> bool:
    """Whether headings inside an element do not reach beyond it."""
    node = frame.node
    if node.tag in SCOPES or "foot" in node.get("class") + node.get("id"):
        return True
    return node.tag in ("div", "td") and is_repeated(node)

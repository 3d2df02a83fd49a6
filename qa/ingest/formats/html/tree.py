"""Markup to a tree of plain nodes, in linear time and to any depth. The only import of lxml for HTML."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from qa.errors import SourceError
from qa.ingest.formats.common.concealed import UNSEEN, declarations

__all__ = ["Node", "measure", "parse", "struck"]

_DEPTH = 1_500  # pages with hundreds of unclosed tags exist; an end tag costs as much as the depth it looks through
_CHUNK = 1 << 16
_FOREIGN = frozenset("svg math path g use rect circle line polygon polyline ellipse text tspan image mspace".split())
_INLINE = (
    "a|abbr|b|big|bdi|bdo|cite|code|del|em|font|i|ins|kbd|label|mark|q|s|samp|small|span|strike|strong|sub|sup|tt|u|var"
)
_INLINE_TAG = re.compile(rf"</?(?:{_INLINE})(?:[\s/][^<>]*)?>", re.IGNORECASE)
_STARTED = re.compile(r"<([a-z][^\s/>]*)((?:=\s*+\"[^\"]*\"|=\s*+'[^']*'|[^>])*+)>?", re.IGNORECASE)
_MAY_HIDE = re.compile(r"hidden|popover|none|collapse|style.*[\\&]", re.IGNORECASE | re.DOTALL)
_BLOCK_TAG = re.compile(r"</?(?!(?:script|style|title|textarea|head|body|html|meta|link)\b)[a-z][^<>]*>", re.IGNORECASE)


@dataclass(slots=True, eq=False, repr=False)
class Node:
    """An element. previous, following: the elements beside it.

    size: visible characters in it that are not white space; linked: those inside links and buttons.
    """

    tag: str
    attributes: dict[str, str]
    parent: "Node | None" = None
    children: list["Node | str"] = field(default_factory=list)
    size: int = 0
    linked: int = 0
    previous: "Node | None" = None
    following: "Node | None" = None

    def get(self, name: str) -> str:
        """An attribute, empty if it is not there."""
        return self.attributes.get(name, "")

    @property
    def elements(self) -> list["Node"]:
        """The children that are elements."""
        return [child for child in self.children if isinstance(child, Node)]

    def walk(self) -> Iterator["Node"]:
        """This element and all below it, in the order of the document."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.elements))

    def words(self) -> str:
        """Every text in it, seen or not, on one line."""
        parts: list[str] = []
        stack: list[Node | str] = [self]
        while stack:
            node = stack.pop()
            if isinstance(node, str):
                parts.append(node)
            else:
                stack.extend(reversed(node.children))
        return " ".join("".join(parts).split())

    def above(self) -> Iterator["Node"]:
        """The elements around it, innermost first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent


class _TooDeep(Exception):
    """Nested too deeply to look for the tag that an end tag closes."""


class _Target:
    """Builds the tree out of lxml's events."""

    def __init__(self) -> None:
        self.root = Node("document", {})
        self._here = self.root
        self._depth = 0
        self._last: list[Node | None] = [None]  # the last element in each open element

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEPTH:
            raise _TooDeep
        node = Node(tag, dict(attributes), self._here, previous=self._last[-1])
        if node.previous is not None:
            node.previous.following = node
        self._last[-1] = node
        self._last.append(None)
        self._here.children.append(node)
        self._here = node

    def end(self, tag: str) -> None:
        node, self._depth = self._here, self._depth - 1
        if node.parent is not None:
            self._here = node.parent
            self._last.pop()

    def data(self, text: str) -> None:
        self._here.children.append(text)

    def close(self) -> Node:
        while self._here is not self.root:
            self.end("")
        measure(self.root)
        return self.root


def struck(node: Node) -> bool:
    """Whether an element holds deleted text."""
    return (
        node.tag in ("del", "s", "strike")
        or node.get("role") == "deletion"
        or any("text-decoration" in name and "line-through" in words for name, words in declarations(node.get("style")))
    )


def measure(root: Node) -> None:
    """Count the characters in each element, and those in links."""
    for node in reversed(list(root.walk())):
        node.size = node.linked = 0
        for child in node.children:
            if isinstance(child, str):
                node.size += len("".join(child.split()))
            elif child.tag not in UNSEEN:
                node.size += child.size
                node.linked += child.linked
        node.linked = node.size if node.tag in ("a", "button") else node.linked


def parse(markup: str) -> Node:
    """The tree of a page, under a node `document`. Raises SourceError; ImportError without lxml.

    Pages that nest deeper than any author writes are read without their structure.
    """
    markup = _STARTED.sub(_opened, markup)
    try:
        return _parsed(markup)
    except _TooDeep:
        flat = _BLOCK_TAG.sub("<br><br>", _INLINE_TAG.sub("", markup))
    try:
        return _parsed(flat)
    except _TooDeep as error:  # pragma: no cover - no tag that nests is left
        raise SourceError("broken HTML; open it in a browser and save it again") from error


def _opened(tag: re.Match[str]) -> str:
    """The start tag of an element that may be hidden, without a slash at its end, which browsers ignore."""
    ends = tag[2].endswith("/") and tag[1].lower() not in _FOREIGN
    return f"{tag[0][:-2]} >" if ends and tag[0][-1] == ">" and _MAY_HIDE.search(tag[2]) else tag[0]


def _parsed(markup: str) -> Node:
    from lxml import etree

    data = markup.encode("utf-8", "replace")
    if not data.strip():
        return Node("document", {})
    parser = etree.HTMLParser(target=_Target(), encoding="utf-8", huge_tree=True, no_network=True)
    try:
        for start in range(0, len(data), _CHUNK):  # in pieces, because the parser goes on to the end of what it has
            parser.feed(data[start : start + _CHUNK])
        root: Node = parser.close()
    except etree.LxmlError as error:
        raise SourceError("broken HTML; open it in a browser and save it again") from error
    return root

"""Markup to a tree of plain nodes, in linear time and to any depth."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from qa.errors import SourceError
from qa.ingest.formats.common.concealed import UNSEEN, declarations
from qa.ingest.formats.html.formatting import MARK, marked, unmarked

__all__ = ["Node", "complete", "measure", "parse", "struck"]

_DEPTH = 1_500  # pages with hundreds of unclosed tags exist; an end tag costs as much as the depth it looks through
_CHUNK = 1 << 16
_SCOPES = frozenset(("td", "th", "caption", "template", "object", "marquee", "applet"))
_DRAWINGS = frozenset(("svg", "math"))
_LEAVES = frozenset(("img", "input", "embed", "select", "textarea", "button", "math", "svg"))  # more than their words
_PLAIN = frozenset(("script", "style", "title", "textarea", "option"))  # hold nothing but text
_DIVIDED = frozenset(  # what ends behind an element of formatting that it began in
    """
    address article aside blockquote button center dd details dir div dl dt fieldset figcaption figure footer form h1 h2
    h3 h4 h5 h6 header hgroup li main menu nav ol p pre section summary table tbody tfoot thead tr ul
    """.split()
)
_SAME, _UNENDED, _AGAIN = 3, 100, 50_000  # the first as in the HTML standard
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
    """Builds the tree out of lxml's events and the marks of `formatting`, nested as in the HTML standard."""

    def __init__(self) -> None:
        self.root = Node("document", {})
        self._open = [self.root]
        self._begun: list[tuple[Node | None, int, int, int]] = []  # by the parser: place in _open, formatting, scope
        self._formatting: list[tuple[Node, int]] = []  # begun and not ended, with their place in _open
        self._scope = 0  # number of those outside of the cell or caption; they do not begin again in it
        self._again = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "a":
            self._end_formatting(tag)
        begun = len(self._open), len(self._formatting), self._scope
        if mark := attributes.get(MARK):
            self._begun.append((None, *begun))
            own = {name: value for name, value in attributes.items() if name != MARK}
            self._end_formatting(mark[1:]) if mark.startswith("/") else self._begin_formatting(mark, own)
            return
        if tag in _LEAVES:
            self._begin_again()
        self._begun.append((self._add(tag, dict(attributes)), *begun))
        if tag in _SCOPES:
            self._scope = len(self._formatting)

    def end(self, tag: str) -> None:
        node, place, formatting, scope = self._begun.pop()
        if node is None:
            return
        if self._is_open(node, place):
            del self._open[place:]
        if tag in _SCOPES:
            del self._formatting[formatting:]
            self._scope = scope
        elif tag in _DRAWINGS:
            inside = self._formatting[formatting:]
            self._formatting[formatting:] = [each for each in inside if each[0].tag not in ("a", "font")]

    def data(self, text: str) -> None:
        if len(self._formatting) > self._scope and self._open[-1].tag not in _PLAIN and text.strip():
            self._begin_again()
        self._open[-1].children.append(unmarked(text))

    def close(self) -> Node:
        return complete(self.root)

    def _add(self, tag: str, attributes: dict[str, str]) -> Node:
        if len(self._open) > _DEPTH:
            raise _TooDeep
        node = Node(tag, attributes, self._open[-1])
        self._open[-1].children.append(node)
        self._open.append(node)
        return node

    def _is_open(self, node: Node, place: int) -> bool:
        return place < len(self._open) and self._open[place] is node

    def _begin_formatting(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in ("a", "nobr"):
            self._end_formatting(tag)
        self._begin_again()
        inside = self._formatting[self._scope :]
        same = [each for each in inside if each[0].tag == tag and each[0].attributes == attributes]
        if len(same) >= _SAME:
            self._formatting.remove(same[0])
        self._formatting.append((self._add(tag, attributes), len(self._open) - 1))
        if len(self._formatting) > _UNENDED:
            raise _TooDeep

    def _begin_again(self) -> None:
        """Begin the elements of formatting that ended with a block, but have no end tag yet."""
        for number in range(self._scope, len(self._formatting)):
            node, place = self._formatting[number]
            if not self._is_open(node, place):
                self._count(1)
                self._formatting[number] = self._add(node.tag, node.attributes), len(self._open) - 1

    def _count(self, more: int) -> None:
        self._again += more
        if self._again > _AGAIN:
            raise _TooDeep

    def _end_formatting(self, tag: str) -> None:
        """End the last such element. Blocks that began in it go on behind it, without it."""
        numbers = range(len(self._formatting) - 1, self._scope - 1, -1)
        number = next((number for number in numbers if self._formatting[number][0].tag == tag), None)
        if number is None:
            return
        node, place = self._formatting.pop(number)
        if self._is_open(node, place):
            inside = self._open[place + 1 :]
            if any(each.tag in _DIVIDED for each in inside):
                self._move_out(node, place, inside)
            else:
                del self._open[place:]

    def _move_out(self, node: Node, place: int, inside: list[Node]) -> None:
        """Move the open elements in an element of formatting behind it, and what they have so far into copies of it."""
        self._count(len(inside))
        node.children.pop()
        above = self._open[place] = self._open[place - 1]
        above.children.append(inside[0])
        inside[0].parent = above
        for one, inner in zip(inside, [*inside[1:], None], strict=True):
            kept = one.children[:-1] if inner else one.children
            copy = Node(node.tag, node.attributes, one, kept)
            for child in kept:
                if isinstance(child, Node):
                    child.parent = copy
            one.children = [*([copy] if kept else []), *([inner] if inner else [])]


def struck(node: Node) -> bool:
    """Whether an element holds deleted text."""
    return (
        node.tag in ("del", "s", "strike")
        or node.get("role") == "deletion"
        or any("text-decoration" in name and "line-through" in words for name, words in declarations(node.get("style")))
    )


def complete(root: Node) -> Node:
    """The tree, in which each element knows its size and the elements beside it."""
    for node in root.walk():
        for one, following in pairwise(node.elements):
            one.following, following.previous = following, one
    measure(root)
    return root


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
    markup = marked(_STARTED.sub(_opened, markup))
    try:
        return _parsed(markup)
    except _TooDeep:
        flat = _BLOCK_TAG.sub("<br><br>", _INLINE_TAG.sub("", markup))
    try:
        root = _parsed(flat)
        root.children = [Node("blockquote", {}, root, root.children)]  # so that code confirms none of it
        for child in root.elements[0].elements:
            child.parent = root.elements[0]
        return root
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

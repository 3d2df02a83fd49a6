"""Lists: numbers of items, pairs of a definition list, lists that are only links."""

import re
from collections.abc import Iterator

from qa.ingest.formats.common.numerals import letters, roman
from qa.ingest.formats.html.tree import Node

__all__ = ["is_simple", "labelled", "links_only", "numbers", "pairs"]

_NUMBERED = re.compile(r"\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.):]")
_STRUCTURE = frozenset(
    ("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "pre", "blockquote", "figure", "details", "section")
)
_LOOKED_AT = 60
_LABEL = re.compile(r"(?:\b|[_-])(?:label|key|term|dt|th|property|field-?name)(?:\b|[_-])", re.IGNORECASE)
_VALUE = re.compile(r"(?:\b|[_-])(?:value|val|dd|td|definition|data)(?:\b|[_-])", re.IGNORECASE)
_LABEL_CHARS, _VALUE_CHARS = 60, 300


def numbers(ordered: Node) -> dict[int, str]:
    """What stands before each item of an `<ol>`, by id of the node."""
    items = [child for child in ordered.elements if child.tag == "li"]
    step = -1 if "reversed" in ordered.attributes else 1
    start = _integer(ordered.get("start"))
    current = start if start is not None else (len(items) if step < 0 else 1)
    found = {}
    for item in items:
        given = _integer(item.get("value"))
        current = current if given is None else given
        found[id(item)] = f"{_written(current, item.get('type') or ordered.get('type'))}. "
        current += step
    styled = "list-style" in ordered.get("style") and "none" in ordered.get("style")
    return {} if styled or any(_NUMBERED.match(_start(item)) for item in items[:3]) else found


def pairs(definitions: Node) -> Iterator[tuple[list[Node], list[Node]]]:
    """Terms and what is said about them, in the order of a `<dl>`."""
    terms: list[Node] = []
    said: list[Node] = []
    stack = list(reversed(definitions.elements))
    while stack:
        node = stack.pop()
        if node.tag == "dt":
            if said:
                yield terms, said
                terms, said = [], []
            terms.append(node)
        elif node.tag == "dd":
            said.append(node)
        elif node.tag in ("div", "span", "p", "form"):
            stack.extend(reversed(node.elements))
    if terms or said:
        yield terms, said


def is_simple(node: Node) -> bool:
    """Whether an element is one paragraph."""
    found = [inner.tag for inner, _ in zip(node.walk(), range(_LOOKED_AT), strict=False)]
    return not _STRUCTURE.intersection(found[1:]) and found.count("p") < 2


def labelled(node: Node) -> tuple[Node, Node] | None:
    """A label and its value, where an element holds nothing but these two, side by side."""
    if node.tag not in ("div", "p") or not 0 < node.size <= _LABEL_CHARS + _VALUE_CHARS:
        return None
    parts = [child for child in node.elements if child.size]
    if len(parts) != 2 or any(isinstance(child, str) and child.strip() for child in node.children):
        return None
    label, said = parts
    named = _LABEL.search(label.get("class")) or _VALUE.search(said.get("class"))
    if (
        not named
        or label.size > _LABEL_CHARS
        or "label" in (label.tag, said.tag)
        or label.linked
        or said.tag == "button"
    ):
        return None
    return (label, said) if is_simple(label) and is_simple(said) and not label.tag.startswith("h") else None


def links_only(items: Node) -> bool:
    """Whether a list has hardly anything but short links, as menus and tables of contents do."""
    lines = [child for child in items.elements if child.tag == "li" and child.size]
    return len(lines) > 1 and items.linked >= items.size * 0.8 and items.size < 60 * len(lines)


def _integer(text: str) -> int | None:
    match = re.match(r"\s*([+-]?\d{1,6})", text)
    return int(match[1]) if match else None


def _written(number: int, kind: str) -> str:
    if kind in ("a", "A") and number > 0:
        text = letters(number)
    elif kind in ("i", "I") and 0 < number < 4000:
        text = roman(number)
    else:
        return str(number)
    return text.upper() if kind.isupper() else text


def _start(item: Node) -> str:
    """The first words of an item."""
    for node, _ in zip(item.walk(), range(5), strict=False):
        for child in node.children[:2]:
            if isinstance(child, str) and child.strip():
                return child.strip()[:20]
    return ""

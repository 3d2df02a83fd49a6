"""YAML as a plain tree with line numbers, built from the parser's events.

Values stay the characters of the file: `no` is "no" and 2024-07-04 is "2024-07-04"; nothing is converted.
Anchors, aliases and tags are refused, and so is deep nesting: no file can grow in memory or exhaust the stack.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from qa.errors import GoldError

if TYPE_CHECKING:
    import yaml

__all__ = ["Node", "compose"]

_MAX_DEPTH = 10


@dataclass(slots=True)
class Node:
    """A scalar with its text, a sequence with its items, or a mapping with keys and values in turn. line: from 1."""

    kind: Literal["text", "list", "mapping"]
    line: int
    text: str = ""
    items: list["Node"] = field(default_factory=list)
    empty: bool = False
    """Nothing is written here at all, as in `note:`."""


def compose(text: str, file: str) -> Node | None:
    """The tree of one YAML document, None if it is empty. Raises GoldError with file and line."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser is ten times faster, where it was built
    try:
        return _build(yaml.parse(text, Loader=loader), file)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = error.problem or error.context
        raise GoldError(f"{file}:{mark.line + 1 if mark else 1}: broken YAML: {reason}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, max(text.find(chr(error.character)), 0)) + 1
        raise GoldError(f"{file}:{line}: broken YAML: the character {chr(error.character)!r} is not allowed") from None


def _build(events: Iterator["yaml.Event"], file: str) -> Node | None:
    root: Node | None = None
    open_nodes: list[Node] = []
    for event in events:
        if type(event).__name__.endswith("EndEvent"):
            if type(event).__name__ in ("SequenceEndEvent", "MappingEndEvent"):
                open_nodes.pop()
            continue
        node = _node(event, file)
        if node is None:
            continue
        if open_nodes:
            open_nodes[-1].items.append(node)
        elif root is not None:
            raise GoldError(f"{file}:{node.line}: a second YAML document; put all cases into one list")
        else:
            root = node
        if node.kind != "text":
            open_nodes.append(node)
        if len(open_nodes) > _MAX_DEPTH:
            raise GoldError(f"{file}:{node.line}: nested more than {_MAX_DEPTH} levels deep")
    return None if root is not None and root.empty else root


def _node(event: "yaml.Event", file: str) -> Node | None:
    import yaml

    line = event.start_mark.line + 1 if event.start_mark else 1
    if isinstance(event, yaml.AliasEvent) or (isinstance(event, yaml.NodeEvent) and event.anchor):
        raise GoldError(f"{file}:{line}: anchors (&) and aliases (*) are not allowed; write the value out")
    if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)) and event.tag:
        raise GoldError(f"{file}:{line}: the tag {event.tag} is not allowed; values are plain text")
    if isinstance(event, yaml.ScalarEvent):
        return Node("text", line, event.value, empty=not event.value and event.implicit[0])
    if isinstance(event, yaml.SequenceStartEvent):
        return Node("list", line)
    return Node("mapping", line) if isinstance(event, yaml.MappingStartEvent) else None

"""Form controls: what they hold and which label they have."""

from dataclasses import dataclass, field

from qa.ingest.formats.html.tree import Node

__all__ = ["Labels", "is_written", "options", "value"]

_MANY_OPTIONS = 40
_NOT_WRITTEN = frozenset(
    ("hidden", "submit", "button", "reset", "image", "password", "search", "checkbox", "radio", "file")
)


def is_written(node: Node) -> bool:
    """Whether an `<input>` is a text field that is filled in."""
    return node.get("type").lower() not in _NOT_WRITTEN and bool(node.get("value").strip())


def options(select: Node, chosen: bool = False) -> list[str]:
    """The texts of a choice, all or the chosen ones."""
    found = [node for node in select.walk() if node.tag == "option"]
    return [text for node in found if (not chosen or "selected" in node.attributes) and (text := node.words())]


def value(node: Node) -> str:
    """What a control holds; for a choice in which nothing is chosen, everything that can be; empty if nothing."""
    if node.tag == "input":
        return " ".join(node.get("value").split()) if is_written(node) else ""
    if node.tag == "textarea":
        return node.words()
    every = options(node)
    return ", ".join(options(node, chosen=True) or (every if len(every) <= _MANY_OPTIONS else ()))


@dataclass(slots=True)
class Labels:
    """Labels that stand apart from their control. texts: by id of the control's node. nodes: ids of those labels."""

    texts: dict[int, str] = field(default_factory=dict)
    nodes: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, nodes: list[Node]) -> "Labels":
        """Of all elements of a page."""
        found = cls()
        controls = {
            node.get("id"): node for node in nodes if node.tag in ("input", "select", "textarea") and node.get("id")
        }
        for node in nodes:
            control = controls.get(node.get("for")) if node.tag == "label" else None
            if (
                control is not None
                and id(control) not in found.texts
                and value(control)
                and node not in control.above()
            ):
                found.texts[id(control)] = node.words()
                found.nodes.add(id(node))
        for control in controls.values():
            if control.get("aria-label") and value(control):
                found.texts.setdefault(id(control), control.get("aria-label"))
        return found

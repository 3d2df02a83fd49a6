"""Cross-references of an OpenDocument text, and whether they repeat what they refer to."""

from collections.abc import Set
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["References"]

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_KINDS = {f"{_TEXT}bookmark-ref": f"{_TEXT}bookmark", f"{_TEXT}reference-ref": f"{_TEXT}reference-mark"}
_STARTS, _ENDS = ({f"{kind}-{end}": kind for kind in _KINDS.values()} for end in ("start", "end"))
_LONGEST = 500  # characters of a text that is referred to


class References:
    """The texts that references of a document repeat. plain: elements that show their text as it is stored."""

    def __init__(self, body: "_Element", plain: Set[str]) -> None:
        self._marked: dict[tuple[str, str], str] = {}
        if next(body.iter(*_KINDS), None) is not None:
            self._collect(body, plain)

    def repeats(self, node: "_Element") -> bool:
        """Whether an element is a reference whose text is that of the marked words."""
        key = (_KINDS.get(str(node.tag), ""), str(node.get(f"{_TEXT}ref-name")))
        as_text = node.get(f"{_TEXT}reference-format", "text") == "text"
        return as_text and key in self._marked and _squeezed("".join(node.itertext())) == _squeezed(self._marked[key])

    def _collect(self, body: "_Element", plain: Set[str]) -> None:
        from lxml.etree import iterwalk

        parts: list[str] = []
        begun: dict[tuple[str, str], int] = {}
        spans: list[tuple[tuple[str, str], int, int]] = []
        size = 0
        for event, node in iterwalk(body, events=("start", "end")):
            text = node.tail or ""
            if event == "start":
                text = (node.text or "") if node.tag in plain else f"\0{node.text or ''}"
                if node.tag in _ENDS and (start := begun.pop(_key(_ENDS[node.tag], node), None)) is not None:
                    spans.append((_key(_ENDS[node.tag], node), start, size))
            elif node.tag in _STARTS:
                begun[_key(_STARTS[node.tag], node)] = size
            parts.append(text)
            size += len(text)
        whole = "".join(parts)
        self._marked = {key: whole[start:end] for key, start, end in spans if end - start <= _LONGEST}


def _key(kind: str, node: "_Element") -> tuple[str, str]:
    return kind, str(node.get(f"{_TEXT}name"))


def _squeezed(text: str) -> str:
    return "".join(text.split())

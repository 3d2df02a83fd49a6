"""HTML inside Markdown: its tags are marks, the words between them are blocks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from qa.records import BlockKind

__all__ = ["BLOCKS", "TAG", "Piece", "pieces"]

TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?P<dark>script|style)\b.*?(?:</(?P=dark)\s*>|\Z)"
    r"|<(?P<close>/?)(?P<name>[a-z][a-z0-9]*)\b[^<>]*>|<[!?][^<>]*>",
    re.IGNORECASE | re.DOTALL,
)
_KINDS: dict[str, BlockKind] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6", "summary"), "heading"),
    **dict.fromkeys(("caption", "figcaption"), "caption"),
    **dict.fromkeys(("dt", "dd"), "field"),
    "li": "item",
    "pre": "code",
}
_CELLS = ("td", "th")
BLOCKS = frozenset(_KINDS) | frozenset(
    "p div section article header footer main nav aside details table thead tbody tfoot tr td th ul ol dl blockquote "
    "hr form fieldset figure center br".split()
)
SUMMARY_LEVEL = 7  # below every heading of Markdown


@dataclass(frozen=True, slots=True)
class Piece:
    """Words between tags. kind "close": the end of a `<details>`. cells: of a row, empty ones left out."""

    kind: BlockKind | Literal["close"]
    start: int
    end: int
    level: int = 0
    cells: Sequence[tuple[int, int]] = ()


class _Cell(NamedTuple):
    """A cell whose tag is `name`. end: 0 while it has no words."""

    name: str
    start: int
    end: int


def pieces(source: str, start: int, end: int) -> tuple[list[Piece], list[tuple[int, int]]]:
    """What the words of `source[start:end]` are, in order, and its marks."""
    found: list[Piece] = []
    marks: list[tuple[int, int]] = []
    row: list[_Cell] = []
    name, at, inline, cell = "p", start, 0, ""
    for tag in [*TAG.finditer(source, start, end), None]:
        here = tag.start() if tag else end
        tagged = (tag["name"] or "").lower() if tag else "table"
        if tagged in BLOCKS:
            for low, high in _words(source, at, here, marks[inline:]):
                if cell:
                    row[-1] = _Cell(cell, row[-1].start if row[-1].end else low, high)
                else:
                    found.append(_piece(name, low, high))
            if tagged in ("tr", "table", "tbody", "thead"):
                found += _row(row)
                row, cell = [], ""
        if not tag:
            break
        marks.append(tag.span())
        if tagged in BLOCKS:
            if tag["close"] and tagged == "details" and not cell:
                found.append(Piece("close", tag.end(), tag.end()))
            if tagged in _CELLS:
                cell = "" if tag["close"] else tagged
                row += [_Cell(cell, tag.end(), 0)] if cell else []
            name, at, inline = ("p" if tag["close"] or tagged == "br" else tagged), tag.end(), len(marks)
    return found, marks


def _row(row: list[_Cell]) -> list[Piece]:
    """The row of these cells, none if they are all empty."""
    filled = [cell for cell in row if cell.end]
    if not filled:
        return []
    kind: BlockKind = "header" if all(cell.name == "th" for cell in row) else "row"
    cells, at = [], filled[0].start
    for cell in row:
        cells.append((cell.start, cell.end) if cell.end else (at, at))
        at = cells[-1][1]
    return [Piece(kind, filled[0].start, filled[-1].end, cells=cells)]


def _piece(name: str, start: int, end: int) -> Piece:
    level = int(name[1]) if re.fullmatch("h[1-6]", name) else SUMMARY_LEVEL if name == "summary" else 0
    return Piece(_KINDS.get(name, "paragraph"), start, end, level)


def _words(source: str, start: int, end: int, marks: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Paragraphs of a stretch whose only tags are the inline `marks`; those that show no words are left out."""
    shown = sorted((low, high) for low, high in marks)
    for part in re.finditer(r"\S(?:(?!\n[ \t]*\n).)*", source[start:end], re.DOTALL):
        low, high = start + part.start(), start + part.start() + len(part[0].rstrip())
        at = low
        for mark_low, mark_high in shown:
            if mark_low <= at < mark_high:
                at = mark_high
                while at < high and source[at].isspace():
                    at += 1
        if at < high:
            yield low, high

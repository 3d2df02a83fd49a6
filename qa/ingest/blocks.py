"""Blocks: building a text out of them, what stands around one, and whether they are sound."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, get_args

from qa.records import Block, BlockKind, ContextKind, Span

__all__ = [
    "Builder",
    "context",
    "from_record",
    "paragraphs",
    "problems",
    "qualify",
    "questions",
    "shifted",
    "sound",
    "to_record",
]

KINDS = frozenset(get_args(BlockKind))
QUOTED: frozenset[BlockKind] = frozenset(("paragraph", "caption"))  # see `qualify`

_GAPS = {"row": "\n", "header": "\n", "item": "\n", "field": "\n", "turn": "\n", "contents": "\n"}


class Builder:
    """Writes a text block by block, for formats whose text is extracted. Headings become parents by themselves.

    Blocks of the same kind that come as lists (rows, items, fields, turns) are set apart by a line end, all others by a
    blank line. Cells of a row are set apart by ` | `.
    """

    CELL = " | "

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self.blocks: list[Block] = []
        self._headings: list[tuple[int, int]] = []  # (level, number), outermost first

    @property
    def length(self) -> int:
        """Characters written so far."""
        return self._length

    @property
    def text(self) -> str:
        """Everything written so far."""
        return "".join(self._parts)

    @property
    def section(self) -> int | None:
        """The number of the heading that a new block stands under."""
        return self._headings[-1][1] if self._headings else None

    @property
    def depth(self) -> int:
        """How many headings a new block stands under, one inside the other."""
        return len(self._headings)

    @property
    def level(self) -> int:
        """The level of the heading that a new block stands under, 0 for none."""
        return self._headings[-1][0] if self._headings else 0

    def leave(self, depth: int) -> None:
        """End the sections begun since `self.depth` was `depth`."""
        del self._headings[depth:]

    @property
    def last(self) -> str:
        """The text of the last block; empty before the first."""
        return self._parts[-1] if self.blocks else ""

    def add(
        self,
        kind: BlockKind,
        text: str,
        parent: int | None = None,
        level: int = 0,
        labels: Sequence[Span] = (),
    ) -> int | None:
        """Write a block; its number, or None if the text is white. parent: None for the section that it stands in."""
        text = text.strip()
        if not text:
            return None
        if kind == "heading":
            self.close(level)
        start = self._write(kind, text)
        number = self._append(Block(kind, start, start + len(text), self._parent(parent), level, tuple(labels)))
        if kind == "heading":
            self._open(level, number)
        return number

    def row(
        self,
        cells: Sequence[str],
        parent: int | None = None,
        *,
        header: bool = False,
        labels: Sequence[Span] = (),
        columns: Sequence[Sequence[Span]] = (),
    ) -> int | None:
        """Write a row of a table, cells on one line each; its number, or None if all cells are empty."""
        plain = [" ".join(cell.split()) for cell in cells]
        if not any(plain):
            return None
        kind: BlockKind = "header" if header else "row"
        line = self.CELL.join(plain)
        lead = len(line) - len(line.lstrip())
        start = self._write(kind, line.strip()) - lead
        spans, at = [], start
        for cell in plain:
            low = min(max(at, start + lead), start + lead + len(line.strip()))
            spans.append(Span(low, low + len(cell)))
            at += len(cell) + len(self.CELL)
        begin = start + lead
        block = Block(
            kind,
            begin,
            begin + len(line.strip()),
            self._parent(parent),
            labels=tuple(labels),
            cells=tuple(spans),
            columns=tuple(map(tuple, columns)),
        )
        return self._append(block)

    def label(self, number: int, labels: Sequence[Span], columns: Sequence[Sequence[Span]] = ()) -> None:
        """Say what a block that is written already cannot be understood without."""
        self.blocks[number] = replace(self.blocks[number], labels=tuple(labels), columns=tuple(map(tuple, columns)))

    def graft(self, text: str, blocks: Sequence[Block], deeper: int = 0, open_sections: bool = False) -> int:
        """Write a text that has blocks of its own, below the current section; how far its offsets moved.

        deeper: added to the levels of its headings. open_sections: what comes next stands below its last headings.
        """
        if not text.strip():
            return self._length
        lead = len(text) - len(text.lstrip())
        start = self._write("paragraph", text.strip()) - lead
        first = len(self.blocks)
        for block in blocks:
            section = bool(block.level) and block.kind in ("heading", "question")
            level = block.level + deeper if section else block.level
            if section and open_sections:
                self.close(level)
            parent = self.section if block.parent is None else block.parent + first
            self._append(replace(shifted(block, start), parent=parent, level=level))
            if section and open_sections:
                self._open(level, len(self.blocks) - 1)
        return start

    def page_break(self) -> int:
        """Where the next page starts: after a line end that belongs to no block."""
        if self._parts:
            self._parts.append("\n")
            self._length += 1
        return self._length

    def close(self, level: int = 1) -> None:
        """End the sections of this level and of deeper ones: what comes next does not stand under their headings."""
        while self._headings and self._headings[-1][0] >= level:
            self._headings.pop()

    def _open(self, level: int, number: int) -> None:
        self.close(level)
        self._headings.append((level, number))

    def _parent(self, parent: int | None) -> int | None:
        return self.section if parent is None else parent

    def _write(self, kind: BlockKind, text: str) -> int:
        if self._parts:
            same = self.blocks and self.blocks[-1].kind in (kind, "header") and kind in _GAPS
            gap = _GAPS[kind] if same else "\n\n"
            self._parts.append(gap)
            self._length += len(gap)
        start = self._length
        self._parts.append(text)
        self._length += len(text)
        return start

    def _append(self, block: Block) -> int:
        self.blocks.append(block)
        return len(self.blocks) - 1


def shifted(block: Block, by: int) -> Block:
    """The block with all its offsets moved."""
    if not by:
        return block
    return replace(
        block,
        start=block.start + by,
        end=block.end + by,
        labels=_moved(block.labels, by),
        cells=_moved(block.cells, by),
        columns=tuple(_moved(column, by) for column in block.columns),
    )


def _moved(spans: Sequence[Span], by: int) -> tuple[Span, ...]:
    return tuple(Span(span.start + by, span.end + by) for span in spans)


def paragraphs(text: str) -> tuple[Block, ...]:
    """A paragraph for each run of lines between blank lines, for a text whose reader gave no blocks."""
    found = re.finditer(r"\S(?:[^\n]*\S)?(?:[^\S\n]*\n[^\S\n]*\S(?:[^\n]*\S)?)*", text)
    return tuple(Block("paragraph", *match.span()) for match in found)


def questions(text: str, blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks with those headings as questions that are one and have text under them."""
    answered = {block.parent for block in blocks if block.kind not in ("heading", "furniture", "contents")}
    return tuple(
        replace(block, kind="question")
        if block.kind == "heading" and number in answered and text[block.end - 1] == "?"
        else block
        for number, block in enumerate(blocks)
    )


def qualify(blocks: list[Block], first: int) -> None:
    """Mark the paragraphs and captions from number `first` on as quoted, or as incomplete."""
    for number, block in enumerate(blocks[first:], start=first):
        if block.kind in QUOTED:
            blocks[number] = replace(block, level=1)


DEEPEST = 12  # blocks above a block that count as its context
_PIECES: dict[str, ContextKind] = {"heading": "heading", "header": "header", "question": "question"}


def context(blocks: Sequence[Block], number: int) -> tuple[tuple[ContextKind, Span], ...]:
    """What a block cannot be understood without, in the order of the text: its headings, the header, and so on."""
    block = blocks[number]
    label: ContextKind = "speaker" if block.kind == "turn" else "row_label"
    pieces: list[tuple[ContextKind, Span]] = [(label, span) for span in block.labels]
    for above in _ancestors(blocks, number):
        kind = _PIECES.get(above.kind, "lead_in")
        pieces.append((kind, Span(above.start, above.end)))
        pieces += [("row_label", span) for span in above.labels if above.kind == "field"]
    return tuple(sorted(pieces, key=lambda piece: piece[1]))


def _ancestors(blocks: Sequence[Block], number: int) -> Iterator[Block]:
    """The nearest ones first, at most `DEEPEST`."""
    parent = blocks[number].parent
    for _ in range(DEEPEST):
        if parent is None:
            break
        yield blocks[parent]
        parent = blocks[parent].parent


def problems(text: str, blocks: Sequence[Block]) -> Iterator[str]:
    """What is wrong with the blocks of a text, for tests: order, overlap, white ends, parents, characters left out."""
    end = 0
    for number, block in enumerate(blocks):
        if block.start < end or block.end <= block.start or block.end > len(text):
            yield f"block {number} is {block.start}..{block.end}, after {end}"
        if text[block.start : block.end] != text[block.start : block.end].strip():
            yield f"block {number} has white space at an end"
        if text[end : block.start].strip():
            yield f"{text[end : block.start].strip()[:40]!r} before block {number} is in no block"
        if block.parent is not None and not 0 <= block.parent < number:
            yield f"block {number} has the parent {block.parent}"
        end = max(end, block.end)
        spans = (*block.labels, *block.cells, *(span for column in block.columns for span in column))
        if any(span.end > len(text) for span in spans):
            yield f"block {number} names text after the end"
    if text[end:].strip():
        yield f"{text[end:].strip()[:40]!r} at the end is in no block"


def sound(text: str, blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks, or, where a reader was led astray by a broken file, the nearest ones that have no `problems`.

    Overlaps are cut off, blocks without text go, and text that no block holds becomes a paragraph.
    """
    if next(problems(text, blocks), None) is None:
        return tuple(blocks)
    result: list[Block] = []
    numbers: dict[int, int] = {}
    end = 0
    for number, block in enumerate((*blocks, None)):
        start = min(max(block.start, end), len(text)) if block else len(text)
        if gap := _trimmed(text, end, start):
            result.append(Block("paragraph", gap.start, gap.end, result[-1].parent if result else None))
        end = start
        if block is None:
            break
        if inner := _trimmed(text, start, min(block.end, len(text))):
            parent = None if block.parent is None or block.parent >= number else numbers.get(block.parent)
            numbers[number] = len(result)
            plain = replace(block, start=inner.start, end=inner.end, parent=parent)
            kept = _within(plain, len(text)) and inner == Span(block.start, block.end)
            result.append(plain if kept else replace(plain, labels=(), cells=(), columns=()))
            end = inner.end
    return tuple(result)


def _trimmed(text: str, start: int, end: int) -> Span | None:
    """The span without white space at its ends; None if nothing is left."""
    part = text[start:end]
    inner = part.strip()
    start += len(part) - len(part.lstrip())
    return Span(start, start + len(inner)) if inner else None


def _within(block: Block, length: int) -> bool:
    spans = (*block.labels, *block.cells, *(span for column in block.columns for span in column))
    return all(span.end <= length for span in spans)


def to_record(block: Block) -> list[Any]:
    """A block as JSON-able lists: kind, start, end, parent or -1, level, labels, cells, columns; spans are flat."""
    return [
        block.kind,
        block.start,
        block.end,
        -1 if block.parent is None else block.parent,
        block.level,
        _flat(block.labels),
        _flat(block.cells),
        [_flat(column) for column in block.columns],
    ]


def from_record(record: Sequence[Any]) -> Block:
    """The block that `to_record` wrote. Raises ValueError or TypeError for anything else."""
    kind, start, end, parent, level, labels, cells, columns = record
    if kind not in KINDS or not all(type(number) is int for number in (start, end, parent, level)):
        raise ValueError(f"not a block: {record!r}")
    return Block(
        kind,
        start,
        end,
        None if parent == -1 else parent,
        level,
        _spans(labels),
        _spans(cells),
        tuple(_spans(column) for column in columns),
    )


def _flat(spans: Sequence[Span]) -> list[int]:
    return [offset for span in spans for offset in (span.start, span.end)]


def _spans(flat: Sequence[int]) -> tuple[Span, ...]:
    if len(flat) % 2 or not all(type(offset) is int for offset in flat):
        raise ValueError("spans need pairs of whole numbers")
    return tuple(Span(flat[n], flat[n + 1]) for n in range(0, len(flat), 2))

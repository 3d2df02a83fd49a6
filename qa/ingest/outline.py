"""A growing list of blocks whose headings nest, for formats whose blocks point into the file."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from qa.english.questions import QUESTION_MARKS
from qa.markup import plain
from qa.records import Block, BlockKind, Span

__all__ = ["Outline", "merged", "questions"]


class Outline:
    """Blocks of a text, added in its order. A block stands under the last heading unless it is told its parent."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.root: int | None = None  # the block that everything else stands under: the title of the document
        self._headings: list[tuple[int, int]] = []  # (level, number), outermost first

    @property
    def section(self) -> int | None:
        """The number of the heading that a new block stands under."""
        return self._headings[-1][1] if self._headings else self.root

    def add(
        self,
        kind: BlockKind,
        start: int,
        end: int,
        parent: int | None = None,
        level: int = 0,
        labels: Sequence[Span] = (),
        cells: Sequence[Span] = (),
        columns: Sequence[Sequence[Span]] = (),
    ) -> int:
        """Append a block; its number. A level makes a heading or question open a section."""
        opens = kind in ("heading", "question") and level > 0
        if opens:
            self.close(level)
        above = self.section if parent is None else parent
        placed = tuple(map(tuple, columns))
        self.blocks.append(Block(kind, start, end, above, level, tuple(labels), tuple(cells), placed))
        if opens:
            self._headings.append((level, len(self.blocks) - 1))
        return len(self.blocks) - 1

    def close(self, level: int) -> None:
        """End the sections of this level and of deeper ones."""
        while self._headings and self._headings[-1][0] >= level:
            self._headings.pop()


def questions(text: str, blocks: Sequence[Block], markup: Sequence[Span]) -> list[Block]:
    """The blocks, with headings that ask, and have text right under them, as questions."""
    result = list(blocks)
    following: Block | None = None
    for number in range(len(blocks) - 1, -1, -1):
        block = blocks[number]
        if block.kind == "heading" and following and following.kind != "heading" and following.parent == number:
            shown = plain(text, block.start, block.end, markup).rstrip(" *_\t\r\n#=-~")
            if shown.endswith(QUESTION_MARKS):
                result[number] = replace(block, kind="question")
        following = block if block.kind != "furniture" else following
    return result


def merged(ranges: Iterable[tuple[int, int]]) -> tuple[Span, ...]:
    """Sorted, disjoint spans of all characters in the ranges."""
    spans: list[Span] = []
    for start, end in sorted(ranges):
        if spans and start <= spans[-1].end:
            spans[-1] = Span(spans[-1].start, max(end, spans[-1].end))
        elif start < end:
            spans.append(Span(start, end))
    return tuple(spans)

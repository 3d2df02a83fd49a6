"""A document as the page shows it: its blocks around a place, with the quote and its context marked."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from qa.records import Block, Document, Quote, Sentence, Span
from qa.retrieve.retriever import Retriever
from qa.text import layers

__all__ = ["Part", "Piece", "SourceView", "cut", "quote_at", "view"]

BEFORE = 120  # blocks shown before the place
MOST_BLOCKS, MOST_CHARS = 400, 60_000  # shown at a time
TABLE = ("header", "row")
HASHES = re.compile(r"#{1,6}[ \t]+")  # before a heading of Markdown
RULE = re.compile(r"[-:| \t]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """Text with one style: quote, focus (the words of the quote that answer), context, or none."""

    text: str
    style: str


@dataclass(frozen=True, slots=True)
class Part:
    """A block, or a table of several. kind: of the block, or table. rows: cells of pieces; of any other block one row
    with one cell. heads: how many of the rows are headers.
    """

    kind: str
    level: int
    rows: tuple[tuple[tuple[Piece, ...], ...], ...]
    heads: tuple[bool, ...] = (False,)


@dataclass(frozen=True, slots=True)
class SourceView:
    """What is shown of a document. earlier, later: offsets to show what comes before and after, None at its ends."""

    document: Document
    quote: Quote | None
    parts: tuple[Part, ...]
    earlier: int | None
    later: int | None


def quote_at(retriever: Retriever, document: Document, start: int, end: int) -> Quote | None:
    """Characters of a document as a quote with its context; None if there are no such characters."""
    if not 0 <= start < end <= len(document.text):
        return None
    return retriever.quote(Sentence(document.id, 0, start, end, _block_at(document.blocks, start)))


def view(document: Document, quote: Quote | None, at: int = 0) -> SourceView:
    """The blocks around the quote, or from the offset `at` on."""
    blocks = document.blocks or (Block("code", 0, len(document.text)),)
    place = _block_at(blocks, quote.start if quote else at)
    first = max(0, place - BEFORE) if quote else place
    last, chars = first, 0
    while last < len(blocks) and last - first < MOST_BLOCKS and (chars < MOST_CHARS or last <= place):
        chars += blocks[last].end - blocks[last].start
        last += 1
    spans = _marked(quote)
    parts = tuple(_parts(document.text, blocks[first:last], spans))
    earlier = blocks[max(0, first - MOST_BLOCKS // 2)].start if first else None
    return SourceView(document, quote, parts, earlier, blocks[last].start if last < len(blocks) else None)


def cut(text: str, start: int, end: int, spans: Sequence[tuple[Span, str]]) -> tuple[Piece, ...]:
    """Characters `[start, end)` of a document where styled spans begin and end."""
    return tuple(Piece(text[left:right], style) for left, right, style in layers(start, end, spans))


def _marked(quote: Quote | None) -> list[tuple[Span, str]]:
    if quote is None:
        return []
    context = [(Span(piece.start, piece.end), "context") for piece in quote.context]
    focus = [(span, "focus") for span in quote.focus]
    return [*context, (Span(quote.start, quote.end), "quote"), *focus]


def _block_at(blocks: Sequence[Block], offset: int) -> int:
    """The number of the block that an offset is in, or of the one before it."""
    return max(0, bisect_right(blocks, offset, key=lambda block: block.start) - 1)


def _parts(text: str, blocks: Sequence[Block], spans: Sequence[tuple[Span, str]]) -> Iterator[Part]:
    shown = [block for block in blocks if not _is_rule(text, block)]
    for in_table, group in groupby(shown, lambda block: block.kind in TABLE):
        if in_table:
            rows = list(group)
            cells = tuple(_cells(text, row, spans) for row in rows)
            yield Part("table", 0, cells, tuple(row.kind == "header" for row in rows))
            continue
        for block in group:
            start = block.start
            if block.kind == "heading" and (marks := HASHES.match(text, start, block.end)):
                start = marks.end()
            yield Part(block.kind, block.level, ((cut(text, start, block.end, spans),),))


def _is_rule(text: str, block: Block) -> bool:
    """Whether a block is the line of dashes between a table's header and its rows."""
    return block.kind == "furniture" and RULE.fullmatch(text, block.start, block.end) is not None


def _cells(text: str, row: Block, spans: Sequence[tuple[Span, str]]) -> tuple[tuple[Piece, ...], ...]:
    cells = row.cells or (Span(row.start, row.end),)
    return tuple(cut(text, cell.start, cell.end, spans) if cell.end > cell.start else () for cell in cells)

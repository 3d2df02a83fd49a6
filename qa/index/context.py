"""What stands around a quote in its document, as pieces that are short enough to show."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence

from qa.ingest.blocks import context
from qa.records import Block, Context, ContextKind, Span

__all__ = ["LONGEST", "MOST", "pieces"]

LONGEST = 300  # characters of a piece
MOST = 1_000  # characters of all pieces together: every sentence is searched with its context

Read = Callable[[int, int], str]


def pieces(blocks: Sequence[Block], number: int, span: Span, read: Read) -> tuple[Context, ...]:
    """What `span`, which lies in block `number`, cannot be understood without, in the order of the text.

    read: gives the characters [start, end) of the document. A piece has at most `LONGEST` characters: of a longer
    lead-in or question the end is kept, of a table's header the cells over those of `span`, of all others the
    beginning. All pieces have at most `MOST` characters: those that stand nearest are kept. Nothing that `span` itself
    holds.
    """
    around: list[list[Context]] = []
    left = MOST
    for kind, piece in reversed(context(blocks, number)):
        around.append([])
        for part in _parts(kind, piece, blocks[number], span, read):
            if part.start < span.end and part.end > span.start:
                continue
            left -= part.end - part.start
            if left < 0:
                break
            around[-1].append(Context(kind, part.start, part.end, read(part.start, part.end)))
        if left < 0:
            break
    return tuple(dict.fromkeys(found for nearer in reversed(around) for found in nearer))


def _parts(kind: ContextKind, piece: Span, block: Block, span: Span, read: Read) -> Iterator[Span]:
    if piece.end - piece.start <= LONGEST:
        yield from (piece,) if piece.end > piece.start else ()
    elif kind == "header":
        heads = sorted({head for column in _columns(block, span) for head in column})
        yield from (c for c in heads if piece.start <= c.start < c.end <= piece.end and c.end - c.start <= LONGEST)
    elif kind in ("lead_in", "question"):
        tail = read(piece.end - LONGEST - 1, piece.end)
        if word := re.search(r"(?<=\s)\S", tail):
            yield Span(piece.end - len(tail) + word.start(), piece.end)
    else:
        head = read(piece.start, piece.start + LONGEST + 1)
        if word := re.match(r".*\S(?=\s)", head, re.DOTALL):
            yield Span(piece.start, piece.start + word.end())


def _columns(block: Block, span: Span) -> Sequence[Sequence[Span]]:
    """The headers over those cells of a row that are in `span`."""
    if len(block.cells) != len(block.columns):
        return block.columns
    first = bisect_right(block.cells, span.start, key=lambda cell: cell.end)
    return block.columns[first : bisect_left(block.cells, span.end, key=lambda cell: cell.start)]

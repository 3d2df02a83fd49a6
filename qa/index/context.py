"""What stands around a quote in its document, as pieces that are short enough to show."""

import re
from collections.abc import Callable, Iterator, Sequence

from qa.ingest.blocks import context
from qa.records import Block, Context, ContextKind, Span

__all__ = ["LONGEST", "pieces"]

LONGEST = 300  # characters of a piece

Read = Callable[[int, int], str]


def pieces(blocks: Sequence[Block], number: int, span: Span, read: Read) -> tuple[Context, ...]:
    """What `span`, which lies in block `number`, cannot be understood without, in the order of the text.

    read: gives the characters [start, end) of the document. A piece has at most `LONGEST` characters: of a longer
    lead-in or question the end is kept, of a table's header the cells over those of the row, of all others the
    beginning. Nothing that `span` itself holds.
    """
    found: dict[Context, None] = {}
    for kind, piece in context(blocks, number):
        for part in _parts(kind, piece, blocks[number], read):
            if part.start >= span.end or part.end <= span.start:
                found[Context(kind, part.start, part.end, read(part.start, part.end))] = None
    return tuple(found)


def _parts(kind: ContextKind, piece: Span, block: Block, read: Read) -> Iterator[Span]:
    if piece.end - piece.start <= LONGEST:
        yield from (piece,) if piece.end > piece.start else ()
    elif kind == "header":
        cells = sorted({cell for column in block.columns for cell in column})
        yield from (c for c in cells if piece.start <= c.start < c.end <= piece.end and c.end - c.start <= LONGEST)
    elif kind in ("lead_in", "question"):
        tail = read(piece.end - LONGEST - 1, piece.end)
        if word := re.search(r"(?<=\s)\S", tail):
            yield Span(piece.end - len(tail) + word.start(), piece.end)
    else:
        head = read(piece.start, piece.start + LONGEST + 1)
        if word := re.match(r".*\S(?=\s)", head, re.DOTALL):
            yield Span(piece.start, piece.start + word.end())

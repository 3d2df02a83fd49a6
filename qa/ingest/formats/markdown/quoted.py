"""Which paragraphs of a Markdown file are in a quotation: after `>`, with lazy continuation lines, or between tags."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from markdown_it.token import Token

from qa.ingest.blocks import QUOTED
from qa.ingest.formats.markdown.rawhtml import TAG
from qa.ingest.outline import merged
from qa.records import Block, Span

__all__ = ["marked", "quotations"]

Range = tuple[int, int]


def quotations(tokens: Sequence[Token], lines: Sequence[int]) -> list[Range]:
    """The block quotes. lines: offsets where the lines of the text begin, and where the last one ends."""
    return [
        (lines[token.map[0]], lines[token.map[1]]) for token in tokens if token.type == "blockquote_open" and token.map
    ]


def marked(source: str, blocks: Sequence[Block], markup: Sequence[Span], quotes: Sequence[Range]) -> list[Block]:
    """The blocks, with level 1 for those in one of the quotations or between quotation tags."""
    spans = merged([*quotes, *_tagged(source, markup)])
    return [replace(block, level=1) if block.kind in QUOTED and _touches(block, spans) else block for block in blocks]


def _touches(block: Block, spans: Sequence[Span]) -> bool:
    """Whether a block shares characters with one of the spans, which are sorted and disjoint."""
    after = bisect_right(spans, block.start, key=lambda span: span.end)
    return after < len(spans) and spans[after].start < block.end


def _tagged(source: str, markup: Sequence[Span]) -> Iterator[Range]:
    """The ranges from an opening quotation tag to its closing tag, or to the end of the text."""
    opened: int | None = None
    depth = 0
    for span in markup:
        for tag in TAG.finditer(source, span.start, span.end):
            if not re.fullmatch("blockquote|q", tag["name"] or "", re.IGNORECASE):
                continue
            opened = tag.start() if opened is None else opened
            depth += -1 if tag["close"] else 1
            if depth <= 0 and opened is not None:
                yield opened, tag.end()
                opened, depth = None, 0
    if opened is not None:
        yield opened, len(source)

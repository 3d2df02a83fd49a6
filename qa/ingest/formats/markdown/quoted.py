"""Which paragraphs of a Markdown file may not be its own words, or not shown as they stand there."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from markdown_it.token import Token

from qa.ingest.blocks import QUOTED
from qa.ingest.formats.markdown.frames import frames, is_neutral
from qa.ingest.formats.markdown.marks import Place
from qa.ingest.outline import merged
from qa.records import Block, Span

__all__ = ["doubtful", "marked"]

Range = tuple[int, int]

_SPAN = re.compile(r"\]\{(?:[.#]|[\w-]+=)")  # of Pandoc, with a class or a style
_TILDES = re.compile(r"(?<!~)~(?![~\s])[^~]*(?<![~\s])~(?!~)")  # GitHub strikes out what Pandoc lowers


def doubtful(tokens: Sequence[Token], lines: Sequence[int]) -> Iterator[Range]:
    """Block quotes with lazy continuation lines, admonitions of unknown kinds, footnotes that nothing refers to, and
    paragraphs with words between single tildes or with a class.

    lines: offsets where the lines of the text begin, and where the last one ends.
    """
    for token in tokens:
        if token.type == "inline":
            place: Place = token.meta["place"]
            if place.span and (_TILDES.search(_words(token)) or _SPAN.search(token.content)):
                yield lines[0] + place.span[0], lines[0] + place.span[1]
        elif token.map and (
            token.type == "blockquote_open"
            or (token.type == "admonition_open" and not is_neutral(token.meta["tag"]))
            or (token.type == "footnote_reference_open" and not token.meta["used"])
        ):
            yield lines[token.map[0]], lines[token.map[1]]


def _words(token: Token) -> str:
    return "".join("`" if child.type == "code_inline" else child.content or " " for child in token.children or ())


def marked(source: str, blocks: Sequence[Block], markup: Sequence[Span], ranges: Sequence[Range]) -> list[Block]:
    """The blocks, with level 1 for those in one of the ranges or in a frame."""
    spans = merged([*ranges, *frames(source, blocks, markup)])
    return [replace(block, level=1) if block.kind in QUOTED and _touches(block, spans) else block for block in blocks]


def _touches(block: Block, spans: Sequence[Span]) -> bool:
    """Whether a block shares characters with one of the spans, which are sorted and disjoint."""
    after = bisect_right(spans, block.start, key=lambda span: span.end)
    return after < len(spans) and spans[after].start < block.end

"""Sentence spans: paragraphs first, then the segmenter, then cuts of what is too long."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.metadata import version
from typing import Any

from qa.records import Span

__all__ = ["MAX_CHARS", "SEGMENTER", "VERSION", "split"]

VERSION = 1
SEGMENTER = f"nupunkt-{version('nupunkt')}"
MAX_CHARS = 800

BLANK_LINE = re.compile(r"\n[^\S\n]*(?:\n\s*|\Z)")
CLAUSE_END = re.compile(r"[;:,.!?][\"')\]”’]*\s+")
WORD_END = re.compile(r"\s+")


def split(text: str, skipped: Sequence[Span] = ()) -> list[Span]:
    """The sentences of `text` outside of the `skipped` spans (sorted, disjoint).

    Trimmed of white space, in order, disjoint, each at most `MAX_CHARS` characters.
    """
    spans: list[Span] = []
    for block in _blocks(text, skipped):
        for start, end in _segmenter().span_tokenize(text[block.start : block.end]):
            spans.extend(_cut(text, block.start + start, block.start + end))
    return spans


@cache
def _segmenter() -> Any:
    import nupunkt

    return nupunkt.load("default")


def _blocks(text: str, skipped: Sequence[Span]) -> Iterator[Span]:
    start = 0
    for gap in (*skipped, Span(len(text), len(text))):
        for blank in BLANK_LINE.finditer(text, start, gap.start):
            yield Span(start, blank.start())
            start = blank.end()
        if start < gap.start:
            yield Span(start, gap.start)
        start = max(start, gap.end)


def _cut(text: str, start: int, end: int) -> Iterator[Span]:
    while True:
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if start == end:
            return
        if end - start <= MAX_CHARS:
            yield Span(start, end)
            return
        stop = start + MAX_CHARS
        for pattern in (CLAUSE_END, WORD_END):
            ends = [m.end() for m in pattern.finditer(text, start + MAX_CHARS // 2, stop)]
            if ends:
                stop = ends[-1]
                break
        yield Span(start, start + len(text[start:stop].rstrip()))
        start = stop

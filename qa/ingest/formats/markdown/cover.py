"""Every character of a Markdown file belongs to a block: marks between blocks are given to one beside them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from qa.ingest.outline import merged
from qa.markup import plain
from qa.records import Block, Span

__all__ = ["cover"]

_NUMBER = re.compile(r"\(?\d{1,9}[.)]")
Range = tuple[int, int]

# Lines that show nothing: rules, rows under a table's header, ends of fences, containers, labels of footnotes.
_DARK = re.compile(
    r"(?:[>\s]|(?:[-*+:]|\d{1,9}[.)]|#{1,6})(?!\S))*+"
    r"(?:[-*_=\s]+|[\s|:-]+|[`~]{3,}.*|:{3,}.*|(?:!!!|\?\?\?\+?)\s*\w*|\[\^[^\]]+\]:|<[^<>]*>)?\s*"
)


def cover(text: str, blocks: Sequence[Block], markup: Sequence[Span]) -> tuple[list[Block], tuple[Span, ...]]:
    """Blocks that hold every character that is not white, and the markup with what they gained.

    What stands before a block on its line goes to it, and what follows it on its line: bullets, marks of quotes, bars.
    Lines between blocks become furniture if they show nothing, else a paragraph that is not confirmed.
    """
    marks = [(span.start, span.end) for span in markup]
    result: list[Block] = []
    numbers: list[int] = []
    end = 0
    for block in (*blocks, None):
        start = block.start if block else len(text)
        tail, middle, head = _parts(text, end, start, bool(result), block is not None)
        if tail:
            result[-1] = replace(result[-1], end=tail[1])
            marks.append(tail)
        for low, high, dark in _stretches(text, middle, markup):
            marks += [(low, high)] if dark else []
            parent = result[-1].parent if result else None
            result.append(Block("furniture" if dark else "paragraph", low, high, parent, level=0 if dark else 1))
        if block:
            numbers.append(len(result))
            marks += _bullets(text, head) if head else []
            parent = None if block.parent is None else numbers[block.parent]
            result.append(replace(block, start=head[0] if head else start, parent=parent))
            end = block.end
    return result, merged(marks)


def _parts(
    text: str, end: int, start: int, before: bool, after: bool
) -> tuple[Range | None, Range | None, Range | None]:
    """A gap: the rest of a line whose block ends there, whole lines, and what opens the line of the next block."""
    low = text.find("\n", end, start) if before else end
    if low < 0:
        return _trimmed(text, end, start), None, None
    high = max(text.rfind("\n", low, start), low) if after else start
    return _trimmed(text, end, low), _trimmed(text, low, high), _trimmed(text, high, start)


def _trimmed(text: str, start: int, end: int) -> Range | None:
    part = text[start:end]
    inner = part.strip()
    start += len(part) - len(part.lstrip())
    return (start, start + len(inner)) if inner else None


def _stretches(text: str, gap: Range | None, markup: Sequence[Span]) -> Iterator[tuple[int, int, bool]]:
    """The lines of a gap, those of a kind together: with words, or without (True)."""
    start, end = gap or (0, 0)
    last: tuple[int, int, bool] | None = None
    for line in re.finditer(r"[^\n]*[^\s][^\n]*", text[start:end]):
        low, high = _trimmed(text, start + line.start(), start + line.end()) or (0, 0)
        dark = bool(_DARK.fullmatch(plain(text, low, high, markup)))
        if last and last[2] == dark and not text[last[1] : low].count("\n") > 1:
            last = (last[0], high, dark)
            continue
        if last:
            yield last
        last = (low, high, dark)
    if last:
        yield last


def _bullets(text: str, head: Range) -> Iterator[Range]:
    """What is not shown of the characters that open a block: all but the numbers of items."""
    for word in re.finditer(r"\S+", text[slice(*head)]):
        if not _NUMBER.fullmatch(word[0]):
            yield head[0] + word.start(), head[0] + word.end()

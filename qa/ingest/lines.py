"""Lines of a plain text, and whether they are broken at a width or where they mean it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["Line", "Wrapping", "chunks", "closed", "line_feeds", "read"]

_CLOSED = re.compile(r"(?:[.!?:…][\"'”’»)\]*_]*|[。！？：；」』”])\Z")
_QUOTED = re.compile(r"[ \t]{0,3}(?:>[ \t]?)+")
_LONE_RETURN = re.compile(r"\r(?!\n)")
_WORD = re.compile(r"[^\W_]")
_FIRST_WORD = re.compile(r"\S+")
_WRAPPED_SHARE = 0.4  # of the line breaks in paragraphs that follow no stop; about 3/4 in English wrapped at a width
_FULL_SHARE = 0.6  # of the same line breaks, where the next word would not have fitted
_FULL_LINE = 0.8  # of the paragraph's longest line; text extracted from proportional fonts has uneven lines
_SHORT = 80  # headlines are shorter
_WIDTH = 130  # longer lines are paragraphs


@dataclass(frozen=True, slots=True)
class Line:
    """A line without the white space at its ends, and without the marks of a quoted message.

    indent: columns before it. depth: how many times it is quoted with `>`.
    """

    start: int
    end: int
    indent: int
    depth: int
    text: str


def line_feeds(text: str) -> str:
    """The text with a line feed for every carriage return that stands alone. No character changes its place."""
    return _LONE_RETURN.sub("\n", text)


def closed(text: str) -> bool:
    """Whether a line ends as a sentence or a lead-in does."""
    return bool(_CLOSED.search(text, max(0, len(text) - 6)))


def read(text: str) -> list[Line]:
    """All lines of a text. Lines of a Python session start with `>>>` too: without any `> ` they are no quotes."""
    quotes = bool(re.search(r"^[ \t]{0,3}>(?!>>)", text, re.MULTILINE))
    lines, start = [], 0
    for raw in text.splitlines(keepends=True):
        prefix = _QUOTED.match(raw) if quotes else None
        at = prefix.end() if prefix else 0
        body = raw[at:]
        inner = body.strip()
        low = start + at + len(body) - len(body.lstrip())
        indent = len(body[: len(body) - len(body.lstrip())].expandtabs(8))
        depth = prefix[0].count(">") if prefix else 0
        lines.append(Line(low, low + len(inner), indent, depth, inner))
        start += len(raw)
    return lines


def chunks(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines between blank lines, of one depth of quoting."""
    chunk: list[Line] = []
    for line in lines:
        if chunk and (not line.text or line.depth != chunk[-1].depth):
            yield chunk
            chunk = []
        if line.text:
            chunk.append(line)
    if chunk:
        yield chunk


class Wrapping:
    """How a text breaks its lines, measured over all pairs of lines that follow each other in a paragraph."""

    def __init__(self, paragraphs: Sequence[Sequence[Line]]) -> None:
        pairs = [pair for lines in paragraphs for pair in pairwise(lines)]
        lengths = sorted(len(last.text) for last, _ in pairs)
        self.width = lengths[len(lengths) * 19 // 20] if lengths else 0
        undecided = [(last, line) for last, line in pairs if not closed(last.text)]
        lower = sum(line.text[:1].islower() for _, line in undecided)
        full = sum(self._fits_not(last, line, self.width) for last, line in undecided)
        many = len(undecided) or 1
        self.wrapped = bool(undecided) and (
            lower / many >= _WRAPPED_SHARE or (self.width <= _WIDTH and len(pairs) > 5 and full / many >= _FULL_SHARE)
        )
        self.long = bool(paragraphs) and not self.wrapped and self.width > _WIDTH  # one paragraph a line

    @staticmethod
    def _fits_not(last: Line, line: Line, width: float) -> bool:
        word = _FIRST_WORD.match(line.text)
        return len(last.text) + 1 + len(word[0] if word else "") > width

    def full(self, last: Line, line: Line, longest: int) -> bool:
        """Whether `line` goes on with `last` because its first word did not fit there any more.

        longest: characters of the longest line of the paragraph.
        """
        return self.wrapped and self._fits_not(last, line, _FULL_LINE * longest)

    def parts(self, paragraph: Sequence[Line]) -> Iterator[Sequence[Line]]:
        """The lines of a stretch without blank lines, cut where a new paragraph begins."""
        longest = max(len(line.text) for line in paragraph)
        start = 0
        for number, (last, line) in enumerate(pairwise(paragraph), start=1):
            if not (line.text[:1].islower() or self.full(last, line, longest)) and self._ends(last, line):
                yield paragraph[start:number]
                start = number
        yield paragraph[start:]

    def _ends(self, last: Line, line: Line) -> bool:
        if not _WORD.search(last.text):
            return True
        if closed(last.text):
            return self.long or (self.wrapped and line.indent > last.indent)
        if last.text.endswith((",", ";", "-", "—")):
            return False
        return self.long and len(last.text) <= _SHORT  # a headline; a longer line without a stop goes on

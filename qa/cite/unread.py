"""What of a text nobody checked: it must not pass for checked."""

import re
import string
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.records import Span
from qa.text import line_of, shortened

__all__ = ["MOST_CHARS", "Piece", "unread"]

MOST_CHARS = 100  # that are shown of a piece
_GAP = re.compile(r"(?>\r\n|\r|\n)[^\S\r\n]*(?>\r\n|\r|\n)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a paragraph. line: from 1. text: on one line, shortened."""

    line: int
    text: str


def unread(text: str, spans: Sequence[Span]) -> Iterator[Piece]:
    """The parts of a text outside the spans that were checked. Mere punctuation is none."""
    at = counted = 0
    line = 1
    for start, end in [*sorted((span.start, span.end) for span in spans), (len(text), len(text))]:
        while at < start:
            gap = _GAP.search(text, at, start)
            stop, following = gap.span() if gap else (start, start)
            piece = text[at:stop]
            if any(map(_says, piece)):
                first = at + len(piece) - len(piece.lstrip())
                line += line_of(text[counted:first], first - counted) - 1
                counted = first
                yield Piece(line, shortened(piece, MOST_CHARS))
            at = following
        at = max(at, end)


def _says(char: str) -> bool:
    """Whether a reader could take something from it: a letter, a digit, a symbol, a mark that hides or turns others."""
    if char.isascii():
        return char.isalnum() or not (char.isspace() or char in string.punctuation)
    return not (char.isspace() or unicodedata.category(char).startswith("P"))

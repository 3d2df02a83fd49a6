"""Lines of a region: what is usual there, the parts that they make, and the signs that open or end them."""

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from qa.ingest.formats.pdf.tables import Table
from qa.ingest.formats.pdf.words import Row, Word

__all__ = ["CAPTION", "MARKER", "WEAK_END", "Part", "RegionFrame", "bold", "ends_sentence", "loose", "plain"]

MARKER = re.compile(
    r"(?:[•◦▪▫‣⁃∙·●○■□◆◇►▶➢➤✓✔☐☑☒*–—-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)]|\d{1,2}(?:\.\d{1,2}){1,4}\.?)"
)
CAPTION = re.compile(
    r"(?:Figure|Fig\.|Table|Chart|Exhibit|Box|Abbildung|Tabelle|Tableau)\s+[A-Z]?\d+(?:[.\-]\d+)*\s*[.:–—]"
)
WEAK_END = re.compile(
    r"\b(?:a|an|the|of|by|to|and|or|than|in|on|at|for|with|from|is|are|was|were|be|been|that|which|no|not|as|its|their"
    r"|this|these|more|less|any|each|into|over|under|must|may|shall|will|can|has|have|had|der|die|das|und|oder|von|zu"
    r"|le|la|les|de|des|du|et|ou|el|los|las|y|o|que)$",
    re.IGNORECASE,
)
_LABEL = re.compile(r"\d+|\[\S+\]")
_FAR, _APART = 3.0, 1.4  # of the size: gaps that part a line, the smaller one if its other gaps are much smaller
_BESIDE = 0.8  # of the size: such a gap next to a number at a line's end
_ENDS = re.compile(r"[.!?…:;。！？][\"'”’»)\]]*(?:\s?\[\S{1,5}\])*$")
_TERMINAL = re.compile(r"[.!?…。！？][\"'”’»)\]]*(?:\s?\[\S{1,5}\])*$")


class Part(NamedTuple):
    """A piece of a page. kind: text, item, table, field, contents.

    rows: its lines, each set apart from the one before by what `breaks` says (a line end that means something, or
    nothing). left and right: the edges of the column. gap: from the line before, in lines; region: its number on the
    page. label: how many words of a field's first row are its label.
    """

    kind: str
    page: int
    region: int
    rows: tuple[Row, ...]
    breaks: tuple[str, ...]
    left: float
    right: float
    gap: float
    table: Table | None = None
    island: int = -1

    @property
    def size(self) -> float:
        """Of its letters, in points."""
        return median(row.size for row in self.rows)

    @property
    def bold(self) -> bool:
        """Whether all of it is bold."""
        return all(map(bold, self.rows))

    @property
    def text(self) -> str:
        """Its words, for judging; not for showing."""
        return " ".join(map(plain, self.rows))

    @property
    def room(self) -> float:
        """Of the column's width, the share that its last line leaves free."""
        return (self.right - self.rows[-1].x1) / max(self.right - self.left, 1)


def plain(row: Row) -> str:
    """The words of a row, for judging."""
    return " ".join(word.text for word in row.words)


def bold(row: Row) -> bool:
    """Whether all letters of a row are bold."""
    words = [word for word in row.words if any(char.isalnum() for char in word.text)]
    return bool(words) and all(word.bold for word in words)


def loose(part: Part) -> bool:
    """Whether a line has a piece that stands apart, as notes and numbers in the margin do."""
    return any(_loose(row.words, row.size) for row in (_unnumbered(part), *part.rows[1:]))


def _unnumbered(part: Part) -> Row:
    """The first line without the number or the label of the paragraph, which hangs beside all of its lines."""
    first = part.rows[0]
    number, *rest = first.words
    opens = bool(rest) and part.gap > 1.2 and bool(_LABEL.fullmatch(number.text)) and rest[0].text[0].isupper()
    hangs = len(part.rows) > 1 and all(row.x0 > number.x1 for row in part.rows[1:])
    return first._replace(words=tuple(rest)) if opens and hangs else first


def _loose(words: Sequence[Word], size: float) -> bool:
    """Whether a gap is much wider than the others are. Behind a sentence, TeX leaves twice as much."""
    gaps = [(b.x0 - a.x1) / size / (2 if ends_sentence(a.text, colon=True) else 1) for a, b in pairwise(words)]
    if not gaps:
        return False
    *others, widest = sorted(gaps)
    if widest > _FAR or (widest > _APART and widest > 2.5 * median(others or [0.0])):
        return True
    ends = (words[0], gaps[0], gaps[1:]), (words[-1], gaps[-1], gaps[:-1])
    return any(
        word.text.isdecimal() and not word.raised and gap > _BESIDE and gap > 2 * max(rest, default=0.0)
        for word, gap, rest in ends
    )


def ends_sentence(text: str, colon: bool = False) -> bool:
    """Whether a line ends where a sentence does. colon: count colons and semicolons."""
    return bool((_ENDS if colon else _TERMINAL).search(text))


class RegionFrame(NamedTuple):
    """What is usual in a region: its edges, the distance of its lines, whether lines end at one place."""

    left: float
    right: float
    leading: float
    justified: bool
    size: float
    rows: int
    notes: frozenset[str] = frozenset()

    @classmethod
    def of(cls, rows: Sequence[Row]) -> "RegionFrame":
        ends = sorted(row.x1 for row in rows)
        right = ends[min(int(0.97 * len(ends)), len(ends) - 1)] if len(ends) > 3 else ends[-1]
        left = min(row.x0 for row in rows)
        pitches = [
            after.base - before.base
            for before, after in pairwise(rows)
            if 0 < after.base - before.base < 2.6 * max(before.size, after.size)
        ]
        size = median(row.size for row in rows)
        leading = _usual(pitches) if pitches else 1.3 * size
        level = sum(abs(row.x1 - right) < 0.6 * size for row in rows)
        return cls(left, right, leading, level > 0.5 * len(rows) and len(rows) > 3, size, len(rows))

    def gap(self, before: Row, row: Row) -> float:
        """The distance of two lines, in usual ones."""
        return (row.base - before.base) / max(self.leading, 1)


def _usual(pitches: Sequence[float]) -> float:
    """The commonest distance, or the shortest common one."""
    ordered = sorted(pitches)
    best, count = ordered[0], 0
    for pitch in ordered:
        near = sum(abs(other - pitch) <= 0.05 * pitch + 0.2 for other in ordered)
        if near > count * 1.2:
            best, count = pitch, near
    return best

"""Rows of a region to parts: tables, aligned fields and contents lines; the rest is paragraphs."""

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from qa.ingest.formats.pdf.aligned import aligned
from qa.ingest.formats.pdf.paragraphs import paragraphs
from qa.ingest.formats.pdf.parts import MARKER, Part, RegionFrame, ends_sentence, plain
from qa.ingest.formats.pdf.tables import Table, is_figure
from qa.ingest.formats.pdf.words import Row, segments_of

__all__ = ["parts_of"]

_LEADERS = re.compile(r"(?:\.\s?){4,}|…\s?(?:…|\.)|_{5,}")
_CONTENTS = re.compile(
    r"contents|inhalt|sommaire|table des|índice|indice|sumário|innehåll|indhold|sisäl", re.IGNORECASE
)
_DRAWN = re.compile(r"[-=_–—+|]{3,}")
_FIRST = 9.0  # the gap before the first line of a region, in lines


def parts_of(
    rows: Sequence[Row], page: int, region: int, levels: Sequence[float], notes: frozenset[str] = frozenset()
) -> list[Part]:
    """The parts of a region. levels: y of lines drawn across. notes: the note marks of the page."""
    frame = RegionFrame.of(rows)._replace(notes=notes)
    parts: list[Part] = []
    pending: list[Row] = []  # lines of paragraphs
    start = 0
    while start < len(rows):
        row = rows[start]
        gap = frame.gap(rows[start - 1], row) if start else _FIRST
        end = start + 1 if row.words[0].text == "\ufffc" else _table_end(rows, start)
        found: list[Part] = []
        if end > start + 1:
            found = _aligned(rows[start:end], page, region, levels, frame)
            if found and _contents(rows[start:end], plain(rows[start - 1]) if start else ""):
                found = [_one("contents", line, page, region, frame, 1.0) for line in rows[start:end]]
        if not found:
            end = start + 1
            kind = _kind(row, pending)
            found = [_one(kind, row, page, region, frame, gap)] if kind else []
        if found:
            parts += [*paragraphs(pending, page, region, frame), *found]
            pending = []
        else:
            pending.append(row)
        start = end
    return parts + paragraphs(pending, page, region, frame)


def _kind(row: Row, pending: Sequence[Row]) -> str:
    """What a row is by itself; empty for a line of a paragraph. pending: the lines before."""
    if row.words[0].text == "\ufffc":
        return "island"
    if _leaders(row):
        return "contents"
    goes_on = pending and not ends_sentence(plain(pending[-1]), colon=True) and plain(row)[:1].islower()
    return "field" if _gappy(row) and _field(row) and not goes_on else ""


def _one(kind: str, row: Row, page: int, region: int, frame: RegionFrame, gap: float) -> Part:
    island = int(row.words[0].font) if kind == "island" else -1
    return Part(kind, page, region, (row,), ("",), frame.left, frame.right, gap, island=island)


def _leaders(row: Row) -> bool:
    text = plain(row)
    return bool(_LEADERS.search(text)) and bool(re.search(r"[\w)]\W*$", text)) and text[:1].isalnum()


def _contents(rows: Sequence[Row], before: str) -> bool:
    """Whether rows that end in numbers, which never fall, are the entries of a contents page."""
    last = [row.words[-1].text for row in rows]
    if len(rows) < 3 or not all(text.isdecimal() and len(text) < 5 for text in last):
        return False
    rising = all(int(low) <= int(high) for low, high in pairwise(last))
    return rising and bool(_CONTENTS.search(before))


def _gappy(row: Row) -> bool:
    """Whether a row has parts that stand far apart, other than a list's marker or a section's number."""
    segments = segments_of(row, 1.0 * row.size)
    if (len(segments) > 1 and len(segments[0]) == 1 and MARKER.fullmatch(segments[0][0].text + ".")) or (
        len(segments) > 1 and len(segments[0]) == 1 and _opens(segments[0][0].text)
    ):
        segments = segments[1:]
    if len(segments) < 2:
        return False
    gaps = [after.x0 - before.x1 for before, after in zip(row.words, row.words[1:], strict=False)]
    return len(segments) > 2 or max(gaps) > 2.2 * median(gaps) or len(gaps) < 3


def _opens(text: str) -> bool:
    """Whether a word alone before a gap is a list's marker; fonts of signs have letters for them."""
    return bool(MARKER.fullmatch(text)) or (len(text) == 1 and not text.isdigit())


def _table_end(rows: Sequence[Row], start: int) -> int:
    """Where the rows end that may be a table from here: rows with parts, and short ones between them."""
    if not _gappy(rows[start]):
        return start
    end, number = start + 1, start + 1
    low = rows[start].x0
    while number < len(rows) and rows[number].words[0].text != "\ufffc":
        row, before = rows[number], rows[number - 1]
        if row.base - before.base > 3.2 * max(row.size, before.size):
            break
        inside = row.x0 > low + 2 * row.size  # the rest of a cell that is not the first
        if _gappy(row) and not _leaders(row):
            end = number + 1
            low = min(low, row.x0)
        elif number - end >= (6 if inside else 2) or (
            not inside and row.x1 - row.x0 > 0.6 * max(other.x1 - low for other in rows[start:end])
        ):
            break
        number += 1
    while end < len(rows) and end < number and rows[end].x0 > low + 2 * rows[end].size:
        end += 1
    return end


def _aligned(rows: Sequence[Row], page: int, region: int, levels: Sequence[float], frame: RegionFrame) -> list[Part]:
    """A table, or one field a row for labels with values; nothing if the rows are neither."""
    drawn = [row.base for row in rows if all(_DRAWN.fullmatch(word.text) for word in row.words)]
    rows = [row for row in rows if row.base not in drawn]  # lines made of hyphens
    if len(rows) < 2:
        return []
    levels = [*levels, *drawn]
    if (table := aligned(rows, levels)) is None:
        return []
    if table.width == 2 and not table.heads:
        return _fields(table, page, region, frame)
    return [Part("table", page, region, tuple(rows), (), frame.left, frame.right, 2.0, table)]


def _fields(table: Table, page: int, region: int, frame: RegionFrame) -> list[Part]:
    """Rows of two columns as fields: label, value. A value that goes on below is one with its first line."""
    parts: list[Part] = []
    for number in range(table.height):
        cells = table.row(number)
        words = tuple(word for cell in cells for line in cell.lines for word in line.words)
        lines = tuple(line for cell in cells for line in cell.lines)
        row = lines[0]._replace(words=words)
        if len(cells) == 2:
            parts.append(_one("field", row, page, region, frame, 1.0))
        elif cells[0].column == 1 and parts and parts[-1].kind == "field":
            last = parts[-1]
            parts[-1] = last._replace(rows=(*last.rows, row), breaks=(*last.breaks, ""))
        else:
            parts.append(_one("text", row, page, region, frame, 1.4))
    return parts


def _field(row: Row) -> bool:
    """Whether a single row is a label with its value."""
    segments = segments_of(row, 1.0 * row.size)
    if len(segments) != 2:
        return False
    label, value = (" ".join(word.text for word in words) for words in segments)
    named = label.endswith(":") or (is_figure(value) and re.search(r"[^\W\d]{2}", label))
    return bool(named) and len(label) <= 60 and len(value) <= 200

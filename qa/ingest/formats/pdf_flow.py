"""Rows of a region to parts: paragraphs, list items, tables, aligned fields, contents lines."""

import re
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from qa.ingest.formats.pdf_tables import Table, aligned, is_figure
from qa.ingest.formats.pdf_words import Row, Word, segments_of

__all__ = ["CAPTION", "MARKER", "Part", "ends_sentence", "parts_of", "plain"]

MARKER = re.compile(
    r"(?:[•◦▪▫‣⁃∙·●○■□◆◇►▶➢➤✓✔☐☑☒*–—-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)]|\d{1,2}(?:\.\d{1,2}){1,4}\.?)"
)
CAPTION = re.compile(
    r"(?:Figure|Fig\.|Table|Chart|Exhibit|Box|Abbildung|Tabelle|Tableau)\s+[A-Z]?\d+(?:[.\-]\d+)*\s*[.:–—]"
)
_LEADERS = re.compile(r"(?:\.\s?){4,}|…\s?(?:…|\.)|_{5,}")
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


def ends_sentence(text: str, colon: bool = False) -> bool:
    """Whether a line ends where a sentence does. colon: count colons and semicolons."""
    return bool((_ENDS if colon else _TERMINAL).search(text))


def parts_of(
    rows: Sequence[Row], page: int, region: int, levels: Sequence[float], notes: frozenset[str] = frozenset()
) -> list[Part]:
    """The parts of a region. levels: y of lines drawn across. notes: the note marks of the page."""
    parts: list[Part] = []
    start = 0
    frame = _Frame.of(rows)._replace(notes=notes)
    pending: list[Row] = []

    def flush(until: int) -> None:
        if pending:
            parts.extend(_paragraphs(pending, page, region, frame))
            pending.clear()

    while start < len(rows):
        row = rows[start]
        if row.words[0].text == "\ufffc":
            flush(start)
            gap = frame.gap(rows[start - 1], row) if start else 9.0
            parts.append(
                Part("island", page, region, (row,), (), frame.left, frame.right, gap, island=int(row.words[0].font))
            )
            start += 1
            continue
        end = _table_end(rows, start)
        found = _aligned(rows[start:end], page, region, levels, frame) if end > start + 1 else []
        if found:
            flush(start)
            parts += found
            start = end
            continue
        if _leaders(row):
            flush(start)
            parts.append(_one("contents", row, page, region, frame, frame.gap(rows[start - 1], row) if start else 9.0))
        elif _gappy(row) and (label := _field(row)) and not pending_prose(pending, row):
            flush(start)
            gap = frame.gap(rows[start - 1], row) if start else 9.0
            parts.append(_one("field", row, page, region, frame, gap))
        else:
            pending.append(row)
        start += 1
    flush(start)
    return parts


def pending_prose(pending: Sequence[Row], row: Row) -> bool:
    """Whether the line before goes on in this one."""
    return bool(pending) and not ends_sentence(plain(pending[-1]), colon=True) and plain(row)[:1].islower()


class _Frame(NamedTuple):
    """What is usual in a region: its edges, the distance of its lines, whether lines end at one place."""

    left: float
    right: float
    leading: float
    justified: bool
    size: float
    notes: frozenset[str] = frozenset()

    @classmethod
    def of(cls, rows: Sequence[Row]) -> "_Frame":
        ends = sorted(row.x1 for row in rows)
        right = ends[min(int(0.97 * len(ends)), len(ends) - 1)] if len(ends) > 3 else ends[-1]
        left = min(row.x0 for row in rows)
        pitches = [
            after.base - before.base
            for before, after in zip(rows, rows[1:], strict=False)
            if 0 < after.base - before.base < 2.6 * max(before.size, after.size)
        ]
        size = median(row.size for row in rows)
        leading = _usual(pitches) if pitches else 1.3 * size
        level = sum(abs(row.x1 - right) < 0.6 * size for row in rows)
        return cls(left, right, leading, level > 0.5 * len(rows) and len(rows) > 3, size)

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


def _one(kind: str, row: Row, page: int, region: int, frame: _Frame, gap: float) -> Part:
    return Part(kind, page, region, (row,), ("",), frame.left, frame.right, gap)


def _leaders(row: Row) -> bool:
    text = plain(row)
    return bool(_LEADERS.search(text)) and bool(re.search(r"[\w)]\W*$", text)) and text[:1].isalnum()


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


def _aligned(rows: Sequence[Row], page: int, region: int, levels: Sequence[float], frame: _Frame) -> list[Part]:
    """A table, or one field a row for labels with values; nothing if the rows are neither."""
    if (table := aligned(rows, levels)) is None:
        return []
    if table.width == 2 and not table.heads:
        return _fields(table, page, region, frame)
    return [Part("table", page, region, tuple(rows), (), frame.left, frame.right, 2.0, table)]


def _fields(table: Table, page: int, region: int, frame: _Frame) -> list[Part]:
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


def _paragraphs(rows: Sequence[Row], page: int, region: int, frame: _Frame) -> list[Part]:
    """Lines to paragraphs and items."""
    parts: list[Part] = []
    current: list[Row] = []
    breaks: list[str] = []
    gap = 9.0

    def close() -> None:
        if current:
            kind = "item" if _marker(current[0], frame) else "text"
            parts.append(Part(kind, page, region, tuple(current), tuple(breaks), frame.left, frame.right, gap))
            current.clear()
            breaks.clear()

    for number, row in enumerate(rows):
        after = rows[number + 1] if number + 1 < len(rows) else None
        found = _break(current, row, after, frame) if current else None
        if found is None and current:
            pass
        elif found == "\n":
            current.append(row)
            breaks.append("\n")
            continue
        else:
            close()
            gap = frame.gap(rows[number - 1], row) if number else 9.0
        breaks.append("")
        current.append(row)
    close()
    return parts


def _marker(row: Row, frame: _Frame) -> bool:
    """Whether a line opens with the marker of a list."""
    if len(row.words) < 2 or row.words[0].raised or not MARKER.fullmatch(row.words[0].text):
        return False
    return any(char.isalnum() for char in row.words[1].text) or row.words[0].text[0].isalnum()


def _break(current: Sequence[Row], row: Row, after: Row | None, frame: _Frame) -> str | None:
    """What stands between a line and the paragraph before it: None if it goes on, a line end, or "new"."""
    before, size = current[-1], max(row.size, current[-1].size)
    text, last = plain(row), plain(before)
    if _resized(before, row) and min(len(text), len(last)) > 2:
        return "new"
    usual = current[1].base - current[0].base if len(current) > 1 else frame.leading
    limit = 1.25 * min(usual, 1.3 * frame.leading) + 1
    if min(row.size, before.size) > 1.1 * frame.size:
        limit = max(limit, 1.45 * size)  # a title of several lines
    if row.base - before.base > limit:
        return "new"
    if _restyled(before, row, frame) or CAPTION.match(text) or _note(row, last, frame):
        return "new"
    if _marker(row, frame) and _lists(current, row, last, frame):
        return "new"
    if _indented(current, row, after, last, frame):
        return "new"
    return _short(current, row, text, last, frame)


def _note(row: Row, last: str, frame: _Frame) -> bool:
    """Whether a line opens a footnote."""
    first = row.words[0]
    marked = first.raised > 0 or first.text in frame.notes
    return marked and len(row.words) > 1 and ends_sentence(last)


def _lists(current: Sequence[Row], row: Row, last: str, frame: _Frame) -> bool:
    """Whether a line that opens like an item is one, and not a sentence's number at a line start."""
    mark = row.words[0].text
    if not mark[0].isalnum() and mark not in "–—-*·":
        return True
    if ends_sentence(last, colon=True) or _marker(current[0], frame):
        return True
    return abs(row.x0 - current[0].x0) > 0.8 * row.size


def _resized(before: Row, row: Row) -> bool:
    """Whether the size of the letters changes with the line; small capitals in a line do not count."""
    if abs(row.size - before.size) <= 0.12 * max(row.size, before.size):
        return False
    near = 0.05 * row.size
    mixed = any(abs(word.size - row.size) < near for word in before.words if not word.raised)
    return not mixed and not any(abs(word.size - before.size) < near for word in row.words if not word.raised)


def _restyled(before: Row, row: Row, frame: _Frame) -> bool:
    """Whether the weight of the letters changes with the line."""
    old, new = bold(before), bold(row)
    if old == new:
        return False
    if new:
        return not before.words[-1].bold
    full = before.x1 > frame.right - 0.12 * (frame.right - frame.left)
    return not row.words[0].bold and not (full and len(plain(before)) > 50)


def _indented(current: Sequence[Row], row: Row, after: Row | None, last: str, frame: _Frame) -> bool:
    """Whether a line begins a paragraph by where it begins."""
    before, size = current[-1], row.size
    first = current[0]
    ended = ends_sentence(last) or before.x1 < frame.right - 0.12 * (frame.right - frame.left)
    shift = row.x0 - before.x0
    if _marker(first, frame):
        if row.x0 < first.x0 - 0.8 * size:
            return ends_sentence(last, colon=True)
        return abs(row.x0 - first.x0) < 0.3 * size and _hangs(current) and ended
    if abs((row.x0 + row.x1) - (before.x0 + before.x1)) < 0.6 * size and abs(shift) > 0.3 * size:
        return False  # centred
    if shift > 0.8 * size and ended:
        return shift < 6 * size and (after is None or after.x0 < row.x0 - 0.5 * size or ends_sentence(last))
    hanging = len(current) > 1 and current[1].x0 > first.x0 + 0.8 * size
    return hanging and abs(row.x0 - first.x0) < 0.3 * size and row.x0 < before.x0 - 0.8 * size


def _hangs(current: Sequence[Row]) -> bool:
    return len(current) > 1 and current[1].x0 > current[0].x0 + 0.6 * current[0].size


def _short(current: Sequence[Row], row: Row, text: str, last: str, frame: _Frame) -> str | None:
    """Whether a line ended early although the next word had room."""
    before, width = current[-1], max(frame.right - frame.left, 1)
    first: Word = row.words[0]
    slack = (frame.right - before.x1 - (first.x1 - first.x0) - 0.3 * row.size) / width
    if text[:1].islower() and not ends_sentence(last):
        return None
    if ends_sentence(last, colon=True) and slack > (0.04 if frame.justified else 0.15):
        return "new"
    if slack > 0.35 and not text[:1].islower():
        return "\n" if row.x1 < frame.right - 0.25 * width or len(current) > 1 else "new"
    return None

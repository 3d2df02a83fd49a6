"""Lines to paragraphs and list items: where one ends, and which line ends mean something."""

import re
from collections.abc import Sequence

from qa.ingest.formats.pdf.parts import CAPTION, MARKER, WEAK_END, Part, RegionFrame, bold, ends_sentence, plain
from qa.ingest.formats.pdf.words import Row, Word

__all__ = ["paragraphs"]

_DIVIDED = re.compile(r"\w[-\xad]$")  # a hyphen at a line's end
_SPEAKER = re.compile(r"[A-Z][A-Z.'’-]+(?: [A-Z][A-Z.'’-]+){0,4}:\s+\S")  # in the left margin of a transcript


def paragraphs(rows: Sequence[Row], page: int, region: int, frame: RegionFrame) -> list[Part]:
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


def _marker(row: Row, frame: RegionFrame) -> bool:
    """Whether a line opens with the marker of a list."""
    if len(row.words) < 2 or row.words[0].raised or not MARKER.fullmatch(row.words[0].text):
        return False
    sign = row.words[0].text
    return sign not in ("-", "–", "—", "*") or any(char.isalnum() for char in row.words[1].text)


def _break(current: Sequence[Row], row: Row, after: Row | None, frame: RegionFrame) -> str | None:
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
    if ends_sentence(last) and _SPEAKER.match(text):
        return "new"
    if _restyled(before, row, frame) or CAPTION.match(text) or _note(row, last, frame):
        return "new"
    if _marker(row, frame) and _lists(current, row, last, frame):
        return "new"
    if _indented(current, row, after, last, frame):
        return "new"
    return _short(current, row, after, frame)


def _note(row: Row, last: str, frame: RegionFrame) -> bool:
    """Whether a line opens a footnote."""
    first = row.words[0]
    marked = first.raised > 0 or first.text in frame.notes
    return marked and len(row.words) > 1 and ends_sentence(last)


def _lists(current: Sequence[Row], row: Row, last: str, frame: RegionFrame) -> bool:
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


def _restyled(before: Row, row: Row, frame: RegionFrame) -> bool:
    """Whether the weight of the letters changes with the line."""
    old, new = bold(before), bold(row)
    if old == new:
        return False
    if new:
        return not before.words[-1].bold
    full = before.x1 > frame.right - 0.12 * (frame.right - frame.left)
    return not row.words[0].bold and not (full and len(plain(before)) > 50)


def _indented(current: Sequence[Row], row: Row, after: Row | None, last: str, frame: RegionFrame) -> bool:
    """Whether a line begins a paragraph by where it begins."""
    before, size = current[-1], row.size
    first = current[0]
    ended = ends_sentence(last) or before.x1 < frame.right - 0.12 * (frame.right - frame.left)
    shift = row.x0 - before.x0
    if _marker(first, frame):
        if row.x0 < first.x0 - 0.8 * size:
            return ends_sentence(last, colon=True)
        sign, word = first.words[:2]
        set_apart = word.x0 - sign.x1 > 0.8 * size and plain(row)[:1].isupper()
        return abs(row.x0 - first.x0) < 0.3 * size and (_hangs(current) or set_apart) and ended
    if abs((row.x0 + row.x1) - (before.x0 + before.x1)) < 0.6 * size and abs(shift) > 0.3 * size:
        return False  # centred
    if shift > 0.8 * size and ended:
        return shift < 6 * size and (after is None or after.x0 < row.x0 - 0.5 * size or ends_sentence(last))
    hanging = len(current) > 1 and current[1].x0 > first.x0 + 0.8 * size
    return hanging and abs(row.x0 - first.x0) < 0.3 * size and row.x0 < before.x0 - 0.8 * size


def _hangs(current: Sequence[Row]) -> bool:
    return len(current) > 1 and current[1].x0 > current[0].x0 + 0.6 * current[0].size


def _short(current: Sequence[Row], row: Row, after: Row | None, frame: RegionFrame) -> str | None:
    """Whether a line ended early although the next word had room."""
    before, width = current[-1], max(frame.right - frame.left, 1)
    text, last = plain(row), plain(before)
    first: Word = row.words[0]
    slack = (frame.right - before.x1 - (first.x1 - first.x0) - 0.3 * row.size) / width
    if not ends_sentence(last) and (text[:1].islower() or WEAK_END.search(last) or _DIVIDED.search(last)):
        return None
    if ends_sentence(last, colon=True) and slack > (0.04 if frame.justified else 0.15):
        return "new"
    if not ends_sentence(last) and frame.rows <= 3 and after is None and max(len(row.words), len(before.words)) <= 6:
        return "\n"  # a few words on each of two lines
    if slack > 0.35 and not text[:1].islower():
        return "\n" if row.x1 < frame.right - 0.25 * width or len(current) > 1 else "new"
    return None

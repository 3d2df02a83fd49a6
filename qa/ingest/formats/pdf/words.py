"""Glyphs to words, words to rows: what belongs together on one line, by place, size and baseline."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

__all__ = ["Box", "Glyph", "Matrix", "Row", "Style", "Word", "build_words", "row_of", "rows_of", "segments_of"]

Box = tuple[float, float, float, float]  # left, bottom, right, top in the page's own coordinates
Matrix = tuple[float, float, float, float, float, float]

_WORD_GAP = 0.16  # of the size: a wider gap is a space (TeX draws none; its narrowest is about 0.2, kerning 0.08)
_SAME_PLACE = 0.16  # of the size: the same glyph drawn again as near as this is fake bold
_SCRIPT = 0.86  # of the size of the word beside it: a script is no larger
_BASELINE = 0.25  # of the size: words whose baselines differ by less stand on one row


class Style(NamedTuple):
    """Size in points as drawn, the font's name, and whether it is a bold one."""

    size: float
    font: str
    bold: bool


class Glyph(NamedTuple):
    """A character, its origin and its box, in the page's own coordinates."""

    char: str
    x: float
    y: float
    left: float
    bottom: float
    right: float
    top: float
    style: Style


class Word(NamedTuple):
    """Characters without space, on a page's frame (y downwards). base: of the baseline. box: in the page's coordinates.

    spaced: a space was drawn before it. raised: 1 for a superscript, -1 for a subscript. partial: struck
    text is, or may be, next to it.
    """

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    base: float
    size: float
    font: str
    bold: bool
    box: Box
    spaced: bool = False
    raised: int = 0
    partial: bool = False


class Row(NamedTuple):
    """Words on one baseline, from left to right. size: of most of its characters."""

    words: tuple[Word, ...]
    base: float
    size: float

    @property
    def x0(self) -> float:
        """Its left end."""
        return self.words[0].x0

    @property
    def x1(self) -> float:
        """Its right end."""
        return self.words[-1].x1

    @property
    def top(self) -> float:
        """Of its tallest word."""
        return min(word.top for word in self.words)

    @property
    def bottom(self) -> float:
        """Of its deepest word."""
        return max(word.bottom for word in self.words)


def build_words(glyphs: Sequence[Glyph], matrix: Matrix, width: float, height: float) -> list[Word]:
    """Words in the order of the file. matrix: from the page's coordinates to the frame, which is width by height.

    Glyphs off the page are left out, glyphs drawn twice at one place count once and are bold.
    """
    words: list[Word] = []
    current: list[_Placed] = []
    spaced = False
    a, b, c, d, e, f = matrix

    def finish() -> None:
        nonlocal spaced
        if current:
            if (word := _word(current, spaced)).text:
                words.append(word)
            current.clear()
        spaced = False

    for glyph in glyphs:
        char, x, y, low_x, low_y, high_x, high_y, style = glyph
        if char.isspace():
            finish()
            spaced = True
            continue
        base = b * x + d * y + f
        left, right = a * low_x + c * low_y + e, a * high_x + c * high_y + e
        if left > right:
            left, right = right, left
        if right < -1 or left > width + 1 or base < -1 or base - style.size > height + 1:
            continue
        if current:
            before = current[-1]
            if before[0].style is style and before[1] == left and before[2] == base:
                current.append((glyph, left, base, right))  # one glyph that stands for several letters
                continue
            if before[0].char == char and abs(left - before[1]) < _SAME_PLACE * style.size > abs(base - before[2]):
                continue  # each letter drawn twice
            if not _follows(before, style.size, left, base):
                finish()
        current.append((glyph, left, base, right))
    finish()
    return _single(words)


_Placed = tuple[Glyph, float, float, float]  # with its left end, baseline and right end on the frame


def _single(words: list[Word]) -> list[Word]:
    """Words that are drawn twice at nearly one place once, and bold."""
    seen: dict[tuple[str, int], list[int]] = {}
    kept: list[Word] = []
    for word in words:
        near = _SAME_PLACE * word.size
        row = int(word.base / near)
        for at in (row, row - 1, row + 1):
            twin = next((n for n in seen.get((word.text, at), ()) if abs(kept[n].x0 - word.x0) < near), None)
            if twin is not None:
                kept[twin] = kept[twin]._replace(bold=True)
                break
        else:
            seen.setdefault((word.text, row), []).append(len(kept))
            kept.append(word)
    return kept


def _follows(before: _Placed, size: float, left: float, base: float) -> bool:
    """Whether a glyph goes on with the word of the one before."""
    other = before[0].style.size
    if abs(base - before[2]) > 0.1 * size or not 0.8 * other <= size <= 1.25 * other:
        return False
    return -0.35 * size < left - before[3] < _WORD_GAP * size


_DINGBATS = re.compile("dingbat|wingding|webding", re.IGNORECASE)
_PLAIN = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "‐": "-", "\u200b": ""}
_LIGATURES = str.maketrans(_PLAIN)
_ACCENTS = dict(
    zip("´`¨ˆ˜ˇ˘¯˚¸˝˙˛", "\u0301\u0300\u0308\u0302\u0303\u030c\u0306\u0304\u030a\u0327\u030b\u0307\u0328", strict=True)
)


def _word(parts: Sequence[_Placed], spaced: bool) -> Word:
    first = parts[0][0]
    text = "".join(part[0].char for part in parts)
    if len(text) == 1 and _DINGBATS.search(first.style.font):
        text = "•"
    if not text.isascii():
        if any(char in _ACCENTS for char in text):
            text = _accented(parts)
        text = text.translate(_LIGATURES)
        if _right_to_left(text):
            text = _reversed(parts)
    last = parts[-1][0]
    base, size = parts[0][2], first.style.size
    return Word(
        text,
        parts[0][1],
        base - 0.75 * size,
        parts[-1][3],
        base + 0.22 * size,
        base,
        size,
        first.style.font,
        first.style.bold,
        (
            min(first.left, last.left),
            min(first.bottom, last.bottom),
            max(first.right, last.right),
            max(first.top, last.top),
        ),
        spaced,
    )


def _accented(parts: Sequence[_Placed]) -> str:
    """Accents that TeX draws as glyphs of their own over a letter become part of it."""
    chars = [part[0].char for part in parts]
    for at, char in enumerate(chars):
        if char not in _ACCENTS:
            continue
        middle = (parts[at][1] + parts[at][3]) / 2
        for other in (at + 1, at - 1):
            if 0 <= other < len(parts) and parts[other][1] <= middle <= parts[other][3] and chars[other].isalpha():
                chars[other] = unicodedata.normalize("NFC", chars[other].replace("ı", "i") + _ACCENTS[char])
                chars[at] = ""
                break
    return "".join(chars)


def _right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(char) in ("R", "AL") for char in text)


def _reversed(parts: Sequence[_Placed]) -> str:
    """The letters of a right-to-left word in reading order, whichever way they were drawn."""
    return "".join(part[0].char for part in sorted(parts, key=lambda part: -part[1])).translate(_LIGATURES)


def rows_of(words: Iterable[Word]) -> list[Row]:
    """Rows from the top down. Scripts stand on the row of the word beside them."""
    ordered = sorted(words, key=lambda word: (word.base, word.x0))
    groups: list[list[Word]] = []
    for word in ordered:
        for group in reversed(groups[-3:]):
            if abs(word.base - group[0].base) <= _BASELINE * min(word.size, group[0].size):
                group.append(word)
                break
        else:
            groups.append([word])
    return [_row(group) for group in _with_scripts(groups)]


def _with_scripts(groups: list[list[Word]]) -> list[list[Word]]:
    """Small words just above or below the baseline of a larger neighbour go to the row of that neighbour."""
    bases = [group[0].base for group in groups]
    tallest = [max(word.size for word in group) for group in groups]
    moved: list[tuple[int, Word]] = []
    kept: list[list[Word]] = []
    for number, group in enumerate(groups):
        stay = []
        for word in group:
            target = _host(groups, bases, tallest, number, word) if len(word.text) <= 12 else None
            if target is None:
                stay.append(word)
            else:
                moved.append((target[0], word._replace(raised=target[1])))
        kept.append(stay)
    for number, word in moved:
        kept[number].append(word)
    return [group for group in kept if group]


def _host(
    groups: list[list[Word]], bases: list[float], tallest: list[float], own: int, word: Word
) -> tuple[int, int] | None:
    """The row that a script belongs to and which way it is shifted; None if it is no script."""
    reach = 1.2 * word.size
    number = bisect_left(bases, word.base - reach)
    while number < len(groups) and bases[number] <= word.base + reach:
        small = word.size <= _SCRIPT * tallest[number]
        if small and number != own and any((found := _shift(word, other)) for other in groups[number]):
            return number, found
        number += 1
    return None


def _shift(word: Word, other: Word) -> int:
    """1 if a word is a superscript of another one right beside it, -1 for a subscript, else 0."""
    if word.size > _SCRIPT * other.size:
        return 0
    after, before = word.x0 - other.x1, other.x0 - word.x1
    if not (-0.3 * word.size < after < 0.35 * other.size or -0.1 * word.size < before < 0.3 * other.size):
        return 0
    shift = (other.base - word.base) / other.size
    return 1 if 0.1 < shift < 0.75 else -1 if -0.45 < shift < -0.06 else 0


def _row(words: list[Word]) -> Row:
    words = sorted(words, key=lambda word: word.x0)
    return row_of(_spread([_raised(word, words, number) for number, word in enumerate(words)]))


def row_of(words: Sequence[Word]) -> Row:
    """A row of words that are in order already."""
    level = next((word for word in words if not word.raised), words[0])
    size = level.size
    if any(word.size != size for word in words):
        counts: dict[float, int] = {}
        for word in words:
            counts[word.size] = counts.get(word.size, 0) + len(word.text)
        size = max(counts, key=lambda key: (counts[key], key))
    return Row(tuple(words), level.base, size)


def _raised(word: Word, words: list[Word], number: int) -> Word:
    """A small word within a row that is shifted from the baseline of its neighbour is a script as well."""
    if word.raised:
        return word
    for other in (*words[max(number - 1, 0) : number], *words[number + 1 : number + 2]):
        if not other.raised and (shift := _shift(word, other)):
            return word._replace(raised=shift)
    return word


_LETTER = re.compile(r"\w[,.;:!?]?", re.UNICODE)


def _spread(words: list[Word]) -> list[Word]:
    """Letters set apart for looks ("N O T I C E") are one word again; wider gaps than most stay spaces."""
    result: list[Word] = []
    run: list[Word] = []
    for word in [*words, None]:
        if word is not None and _LETTER.fullmatch(word.text) and not word.raised and word.text[0].isalpha():
            run.append(word)
            continue
        result += _closed(run)
        run = []
        if word is not None:
            result.append(word)
    return result


def _closed(run: list[Word]) -> list[Word]:
    if len(run) < 4:
        return run
    gaps = [after.x0 - before.x1 for before, after in pairwise(run)]
    usual = median(gaps)
    if usual > 0.9 * run[0].size:
        return run
    closed = [run[0]]
    for word, gap in zip(run[1:], gaps, strict=True):
        if gap <= 1.6 * usual + 0.05 * word.size:
            before = closed[-1]
            a, b = before.box, word.box
            box = min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])
            closed[-1] = before._replace(text=before.text + word.text, x1=word.x1, box=box)
        else:
            closed.append(word)
    return closed


def segments_of(row: Row, gap: float) -> list[list[Word]]:
    """The words of a row, set apart where a gap is at least this wide."""
    found = [[row.words[0]]]
    end = row.words[0].x1
    for word in row.words[1:]:
        if word.x0 - end >= gap:
            found.append([])
        found[-1].append(word)
        end = max(end, word.x1)
    return found

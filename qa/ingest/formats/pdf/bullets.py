"""Bullets that a program drew as shapes, as browsers do: words for them, so that lists are read as lists."""

from bisect import bisect_left
from collections.abc import Sequence

from qa.ingest.formats.pdf.page import Dot
from qa.ingest.formats.pdf.words import Word

__all__ = ["with_bullets"]

_BULLET = "•"
_REACH = 2.5  # of the size: from a bullet to the first word of its item
_FREE = 3.0  # of the size: no word stands as near as this before a bullet
_SIZES = (0.15, 0.7)  # of the size: across a bullet


def with_bullets(words: list[Word], dots: Sequence[Dot]) -> list[Word]:
    """The words, with a bullet before each one that a dot on its line stands before. dots: of the same page."""
    if not dots or not words:
        return words
    order = sorted(range(len(words)), key=lambda number: words[number].base)
    bases = [words[number].base for number in order]
    tallest = max(word.size for word in words)
    found: dict[int, Word] = {}
    for dot in dots:
        middle = (dot.y0 + dot.y1) / 2
        near = order[bisect_left(bases, middle) : bisect_left(bases, middle + tallest)]
        line = [number for number in near if words[number].base - 0.8 * words[number].size < middle]
        after = [number for number in line if words[number].x0 >= dot.x1]
        first = min(after, key=lambda number: words[number].x0, default=None)
        if first is not None and _leads(dot, words[first], [words[n] for n in line if words[n].x0 < dot.x1]):
            found[first] = _bullet(dot, words[first])
    return [
        each for number, word in enumerate(words) for each in ((found[number],) if number in found else ()) + (word,)
    ]


def _leads(dot: Dot, word: Word, before: Sequence[Word]) -> bool:
    """Whether a dot is a bullet of the word after it."""
    low, high = (share * word.size for share in _SIZES)
    near = word.x0 - dot.x1 <= _REACH * word.size
    return near and low <= dot.x1 - dot.x0 <= high and all(other.x1 < dot.x0 - _FREE * word.size for other in before)


def _bullet(dot: Dot, word: Word) -> Word:
    top, bottom = dot.y0, dot.y1
    return word._replace(text=_BULLET, x0=dot.x0, top=top, x1=dot.x1, bottom=bottom, box=dot.box, spaced=True, raised=0)

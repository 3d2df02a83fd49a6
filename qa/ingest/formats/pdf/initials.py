"""Letters much larger than the lines beside them: a drop cap begins the first word there."""

import re
from bisect import bisect_left, bisect_right
from statistics import median

from qa.ingest.formats.pdf.words import Word

__all__ = ["with_initials"]

_LARGER = 1.8  # times the size of the lines beside it
_FAR = 1.5  # of the size of a line, or a third of the large one's: how far the line may be from it
_INITIAL = re.compile(r"[\"'“„‘‚«‹¿¡(]?[^\W\d_]{1,2}")
_MOST_LOOKS = 1_000_000  # at words of a page


def with_initials(words: list[Word]) -> list[Word]:
    """The words with each drop cap before the first line beside it.

    Lines beside a large word are all `partial`: whether it is a word by itself, and where it belongs, is a guess.
    """
    order = sorted(range(len(words)), key=lambda number: words[number].base)
    bases = [words[number].base for number in order]
    usual = median(word.size for word in words) if words else 0.0
    large = [number for number, word in enumerate(words) if word.size >= _LARGER * usual]
    looks = _MOST_LOOKS
    found = list(words)
    opened: dict[int, Word] = {}
    gone: set[int] = set()
    for number in large:
        word = words[number]
        level = order[bisect_left(bases, word.top) : bisect_right(bases, word.base + 0.3 * word.size)]
        level = [at for at in level if _LARGER * words[at].size <= word.size and words[at].x0 > word.x0]
        looks -= len(level)
        if looks < 0:
            return [each._replace(partial=True) for each in words]
        firsts = [at for at in level if _adjoins(word, words[at])]
        lines = sorted({words[at].base for at in firsts})
        for at in level:
            line = bisect_left(lines, words[at].base - 0.25 * words[at].size)
            if line < len(lines) and lines[line] < words[at].base + 0.25 * words[at].size:
                found[at] = found[at]._replace(partial=True)
        if firsts:
            found[number] = found[number]._replace(partial=True)
        first = min(firsts, key=lambda at: (words[at].base, words[at].x0), default=None)
        several = first is not None and any(words[at].base > words[first].base + 0.8 * words[at].size for at in firsts)
        if first is not None and several and _INITIAL.fullmatch(word.text) and word.text.upper() == word.text:
            opened[first] = _before(word, found[first])
            gone.add(number)
    return [
        each
        for number, word in enumerate(found)
        if number not in gone
        for each in ((opened[number], word) if number in opened else (word,))
    ]


def _adjoins(large: Word, word: Word) -> bool:
    """Whether a word is right behind a large one and between its top and its foot."""
    near = max(_FAR * word.size, large.size / 3)
    low = large.base + 0.3 * word.size
    return -0.3 * word.size < word.x0 - large.x1 < near and large.top - 0.3 * word.size < word.base <= low


def _before(large: Word, word: Word) -> Word:
    """A drop cap as the beginning of a word."""
    place = {name: getattr(word, name) for name in ("top", "bottom", "base", "size")}
    return large._replace(**place, x0=word.x0 - 0.01, x1=word.x0, spaced=False, partial=True)

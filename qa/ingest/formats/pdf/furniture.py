"""Running headers and footers, page numbers and line numbers: rows that a reader skips."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from qa.ingest.formats.pdf.words import Row, Word, segments_of

__all__ = ["furniture", "line_numbers"]

_REACH = 4  # rows from either edge of a page
_MARGIN = 0.1  # of the height: where a number alone is the page's
_WIDE_MARGIN = 0.15  # where it is, if it stands far from the text
_SAME_HEIGHT = 4.0  # points
_NUMBER = re.compile(r"\d+")
_PAGE = re.compile(
    r"\W*(?:(?:page|p\.|pg\.?|seite|sida|side|página|pagina|стр\.?)\s*)?(?:[a-z]{1,2}-)?(?:\d{1,4}|[ivxlc]{1,7})"
    r"(?:\s*(?:of|/|von|de|av|sur|di|out of)\s*\d{1,5})?\W*",
    re.IGNORECASE,
)
_FULL_PAGE = 20  # numbered lines that are no table even if they begin at two places only


def furniture(pages: Sequence[tuple[float, Sequence[Row]]]) -> list[set[int]]:
    """For each page (height, rows from the top down) the numbers of its rows that are furniture.

    Rows count that come again on other pages at the same height, numbers apart, from the outside in; and page numbers
    in the margin. A page is never furniture as a whole.
    """
    texts = [[" ".join(word.text for word in row.words) for row in rows] for _, rows in pages]
    seen: dict[tuple[str, bool], list[tuple[int, float]]] = defaultdict(list)
    for page, (_, rows) in enumerate(pages):
        for number, top in _edges(len(rows)):
            seen[_key(texts[page][number]), top].append((page, rows[number].base))
    usual = _usual_size(pages)
    found: list[set[int]] = []
    for page, (height, rows) in enumerate(pages):
        taken: set[int] = set()
        for order, top in ((range(min(_REACH, len(rows))), True), (range(len(rows) - 1, -1, -1)[:_REACH], False)):
            run: list[int] = []
            for number in order:
                row, text = rows[number], texts[page][number]
                places = seen[_key(text), top]
                again = _again(places, page, row.base) or _everywhere(places, text, page, len(pages))
                kept = again == "first" and (row.size > 1.15 * usual or _prose(row))
                if not kept and (again or _page_number(text, rows, number, height)) and not _tabular(rows, number, top):
                    run.append(number)
                elif not _in_margin(row, height):
                    break
            taken |= set(_apart(rows, run))
        found.append(taken if len(taken) < len(rows) or (len(pages) > 1 and len(rows) <= 2) else set())
    if all(len(taken) == len(rows) for taken, (_, rows) in zip(found, pages, strict=True)):
        return [set() for _ in pages]  # nothing else would be left
    return found


def _prose(row: Row) -> bool:
    """Whether a row is part of a sentence: a notice on every page is worth reading once."""
    return sum(word.text[:1].islower() for word in row.words) > 5


def _apart(rows: Sequence[Row], run: list[int]) -> list[int]:
    """The rows of a run up to the last that is set apart from the text by space or by its size."""
    while run:
        last = rows[run[-1]]
        inner = run[-1] + (1 if run[0] < len(rows) - 1 - run[-1] or run[0] == 0 else -1)
        if not 0 <= inner < len(rows) or abs(rows[inner].base - last.base) > 1.45 * max(last.size, rows[inner].size):
            break
        if abs(rows[inner].size - last.size) > 0.08 * last.size:
            break
        run = run[:-1]
    return run


def _edges(count: int) -> list[tuple[int, bool]]:
    """The rows near the top, and those near the bottom, of a page with so many rows."""
    near = min(_REACH, count)
    return [(number, True) for number in range(near)] + [(number, False) for number in range(count - near, count)]


def _key(text: str) -> str:
    """What stays the same from page to page."""
    return _NUMBER.sub("#", text).casefold() if not _PAGE.fullmatch(text) else "#"


def _again(places: Sequence[tuple[int, float]], page: int, base: float) -> str:
    """Whether a row comes again on another page at this height: "first" on the first of them, "again", or empty."""
    pages = [other for other, height in places if abs(height - base) <= _SAME_HEIGHT]
    if len(set(pages)) < 2:
        return ""
    return "first" if page == min(pages) else "again"


def _everywhere(places: Sequence[tuple[int, float]], text: str, page: int, count: int) -> str:
    """The same for a row with a number that stands at the edge of most pages, whatever its height."""
    pages = {other for other, _ in places}
    if len(pages) < max(2, 0.6 * count) or not _NUMBER.search(text):
        return ""
    return "first" if page == min(pages) else "again"


def _in_margin(row: Row, height: float) -> bool:
    return row.base < _WIDE_MARGIN * height or row.base > (1 - _WIDE_MARGIN) * height


def _near_edge(row: Row, height: float) -> bool:
    return row.base < _MARGIN * height or row.base > (1 - _MARGIN) * height


def _page_number(text: str, rows: Sequence[Row], number: int, height: float) -> bool:
    """Whether a row is a page number that stands alone in the margin."""
    row = rows[number]
    if not _PAGE.fullmatch(text) or not _in_margin(row, height):
        return False
    far = 1.3 if _near_edge(row, height) else 2.2
    neighbours = [abs(rows[other].base - row.base) for other in (number - 1, number + 1) if 0 <= other < len(rows)]
    return not neighbours or min(neighbours) > far * row.size


def _tabular(rows: Sequence[Row], number: int, top: bool) -> bool:
    """Whether a row at the top is the header of a table: several parts, over rows with several parts."""
    if not top or number + 1 >= len(rows):
        return False
    parts = [len(segments_of(row, row.size)) for row in rows[number : number + 3]]
    return parts[0] > 2 and all(count > 2 for count in parts[1:])


def _usual_size(pages: Sequence[tuple[float, Sequence[Row]]]) -> float:
    sizes: Counter[float] = Counter()
    for _, rows in pages:
        for row in rows:
            sizes[round(row.size, 1)] += sum(len(word.text) for word in row.words)
    return sizes.most_common(1)[0][0] if sizes else 1.0


def line_numbers(rows: Sequence[Row]) -> list[Word]:
    """Numbers of lines in the margin, as in transcripts, drafts and patents: in one column, counting up, set apart."""
    for edge in (0, -1):
        column = _counting([(int(row.words[edge].text), row) for row in rows if _small_number(row.words[edge].text)])
        if len(column) < 3:
            continue
        pitches = [after[1].base - before[1].base for before, after in pairwise(column)]
        if sum(abs(pitch - median(pitches)) < 2 for pitch in pitches) <= 0.8 * len(pitches):
            continue
        prose = _beside_prose(
            [row for row in rows if column[0][1].base <= row.base <= column[-1][1].base], column, edge
        )
        if column[1][0] - column[0][0] > 1:
            found = prose
        else:
            most = len(column) >= 8 and len(column) >= 0.7 * len(rows) and column[0][0] <= 5
            found = most and (prose or _ragged(column, edge))
        if found:
            return [row.words[edge] for _, row in column]
    return []


def _ragged(column: Sequence[tuple[int, Row]], edge: int) -> bool:
    """Whether the words beside numbers begin at several places, as the next cells of a table do not."""
    inner = {round(row.words[1 if edge == 0 else -2].x0) for _, row in column if len(row.words) > 1}
    return len(inner) > (1 if len(column) >= _FULL_PAGE else 2)


def _beside_prose(rows: Sequence[Row], column: Sequence[tuple[int, Row]], edge: int) -> bool:
    """Whether rows are lines of running text beside a column of numbers that nothing else stands in."""
    numbers = {id(row): row.words[edge] for _, row in column}
    lines = [[word for word in row.words if word is not numbers.get(id(row))] for row in rows]
    lines = [words for words in lines if words]
    wall = max(word.x1 for word in numbers.values()) if edge == 0 else min(word.x0 for word in numbers.values())
    beyond = all(words[0].x0 > wall if edge == 0 else words[-1].x1 < wall for words in lines)
    running = sum(words[0].text[0].islower() for words in lines)
    whole = sum(all(b.x0 - a.x1 < max(a.size, b.size) for a, b in pairwise(words)) for words in lines)
    return beyond and running > 0.4 * len(lines) and whole > 0.8 * len(lines)


def _small_number(text: str) -> bool:
    return len(text) < 5 and text.isdecimal()


def _counting(column: Sequence[tuple[int, Row]]) -> list[tuple[int, Row]]:
    """The longest stretch in which each number is one, or five, more than the one before."""
    best: list[tuple[int, Row]] = []
    run: list[tuple[int, Row]] = []
    for entry in column:
        step = entry[0] - run[-1][0] if run else 0
        if run and (step not in (1, 5) or (len(run) > 1 and step != run[1][0] - run[0][0])):
            run = []
        run.append(entry)
        best = max(best, run, key=len)
    return list(best)

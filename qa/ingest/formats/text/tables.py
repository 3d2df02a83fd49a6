"""Tables in plain text: bars, tabs, or columns lined up with spaces."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import takewhile

from qa.ingest.lines import Line
from qa.records import Span

__all__ = ["RULE", "find"]

RULE = re.compile(r"[\s|│║]+|[\s|+=_*~:.─━│┼┌┐└┘├┤┬┴═║╔╗╚╝╠╣╦╩╬#<>^-]{3,}")
_BAR = re.compile(r"(?:(?<=\s)|(?<=\A))[|│║](?=\s|\Z)|(?<=\S)\s[|│║]|\A[|│║]|[|│║]\Z")
_TAB = re.compile(r"\t+")
_GAP = re.compile(r"\t+| {2,}")
_NUMBER = re.compile(r"[^\w\s]{0,3}\d[\d.,:/%' -]*\S{0,4}")
_YEAR = re.compile(r"(?:19|20)\d\d")
_DIGIT = re.compile(r"\d")
_INNER_GAP = re.compile(r"(?<=x)( +)(?=x)")
_SHORT_CHARS = 30  # of cells lined up with spaces, on average
_LAST_CHARS = 20
_LOOK = 30  # rows after which what is no table is given up: else every line of a long list would look at all the others
_CELL_CHARS = 60  # a line whose cells are longer on average is prose with a bar or wide spaces in it

Row = list[Span]


def find(text: str, lines: Sequence[Line], at: int) -> tuple[int, list[Row], bool] | None:
    """The table at `lines[at]`: how many lines it takes, its rows, and whether the first of them is a header.

    Lines without letters and digits are rules and give no row.
    """
    for sign, cut in ((_BAR, _by_bars), (_TAB, _by_tabs), (_GAP, _by_columns)):
        if sign.search(lines[at].text) or RULE.fullmatch(lines[at].text):
            stretch = takewhile(partial(_belongs, sign), (lines[n] for n in range(at, len(lines))))
            taken, rows = cut(text, stretch)
            cells = sum(map(len, rows))
            alone = cells > 2 or (cells == 2 and lines[at].text[0] == lines[at].text[-1] == "|")
            if (len(rows) > 1 and _is_table(rows)) or (len(rows) == 1 and alone and sign is not _GAP):
                return taken, rows, _has_header(text, lines[at : at + taken], rows)
    return None


def _belongs(sign: re.Pattern[str], line: Line) -> bool:
    cells = len(sign.findall(line.text)) + 1
    return bool(RULE.fullmatch(line.text)) or (cells > 1 and len(line.text) <= _CELL_CHARS * cells)


def _by_bars(text: str, lines: Iterable[Line]) -> tuple[int, list[Row]]:
    return _by_marks(text, lines, _BAR)


def _by_tabs(text: str, lines: Iterable[Line]) -> tuple[int, list[Row]]:
    return _by_marks(text, lines, _TAB)


def _by_marks(text: str, lines: Iterable[Line], mark: re.Pattern[str]) -> tuple[int, list[Row]]:
    rows: list[Row] = []
    taken = 0
    for taken, line in enumerate(lines, start=1):  # noqa: B007
        if not RULE.fullmatch(line.text):
            rows.append(_split(text, line, [match.span() for match in mark.finditer(line.text)]))
            if len(rows) == _LOOK and not _is_table(rows):
                return 0, []
    return taken, rows


def _is_table(rows: Sequence[Row]) -> bool:
    return sum(map(len, rows)) >= 2 * len(rows)


def _by_columns(text: str, lines: Iterable[Line]) -> tuple[int, list[Row]]:
    """Cells are set apart where all lines have white space in the same columns, at least two of them."""
    rows: list[Line] = []
    used, taken = "", 0
    for number, line in enumerate(lines):
        if RULE.fullmatch(line.text):
            continue
        with_line = _used(used, line)
        if not _INNER_GAP.search(with_line):
            break
        rows.append(line)
        used, taken = with_line, number + 1
        if len(rows) == _LOOK and not _is_table(_cut(text, rows, used) or [[]]):
            return 0, []
    cut = _cut(text, rows, used)
    return (taken, cut) if cut else (0, [])


def _cut(text: str, rows: Sequence[Line], used: str) -> list[Row]:
    """The cells of each line; none where the gaps that all lines have set no short cells apart."""
    gaps = [match.span(1) for match in _INNER_GAP.finditer(used)]
    gaps = [gap for gap in gaps if _sets_apart(rows, gap)]
    cut = [_by_gaps(text, line, gaps) for line in rows] if gaps else []
    return cut if _is_short(cut) else []


def _is_short(rows: Sequence[Row]) -> bool:
    """Whether cells are short, and, of two rows only, the last ones very short: lines of prose line up by chance."""
    lengths = [cell.end - cell.start for row in rows for cell in row]
    last = [row[-1].end - row[-1].start for row in rows]
    few = len(rows) < 3 and max(last, default=0) > _LAST_CHARS
    return bool(rows) and not few and sum(lengths) <= _SHORT_CHARS * len(lengths)


def _used(used: str, line: Line) -> str:
    """`x` for each column in which a line so far has something, counting single spaces between words."""
    columns = list(used.ljust(line.indent + len(line.text)))
    for words in re.finditer(r"\S+(?: \S+)*", line.text):
        columns[line.indent + words.start() : line.indent + words.end()] = "x" * len(words[0])
    return "".join(columns)


def _sets_apart(lines: Sequence[Line], gap: tuple[int, int]) -> bool:
    """Whether most lines have words on both sides of a gap, not just the two spaces that some put after a stop."""
    wide = stops = 0
    for line in lines:
        low, high = max(0, gap[0] - line.indent), max(0, gap[1] - line.indent)
        left, right = line.text[:low].rstrip(), line.text[high:].lstrip()
        wide += bool(left and right) and len(line.text) - len(left) - len(right) > 1
        stops += left.endswith((".", "!", "?")) and len(line.text) - len(left) - len(right) < 3
    return wide * 2 > len(lines) and stops * 3 < len(lines)


def _by_gaps(text: str, line: Line, gaps: Sequence[tuple[int, int]]) -> Row:
    return _split(text, line, [(max(0, low - line.indent), max(0, high - line.indent)) for low, high in gaps])


def _split(text: str, line: Line, bars: Sequence[tuple[int, int]]) -> Row:
    """The cells between the bars; empty ones at either end of the line are left out."""
    row = list(_cells(text, line, bars))
    if row and row[0].start == row[0].end and bars[0][0] == 0:
        row = row[1:]
    return row[:-1] if row and row[-1].start == row[-1].end else row


def _cells(text: str, line: Line, bars: Sequence[tuple[int, int]]) -> Iterator[Span]:
    low = line.start
    for bar_low, bar_high in [*bars, (len(line.text), len(line.text))]:
        high = min(line.start + bar_low, line.end)
        cell = text[low : max(low, high)]
        start = low + len(cell) - len(cell.lstrip())
        yield Span(start, start + len(cell.strip())) if cell.strip() else Span(low, low)
        low = min(line.start + bar_high, line.end)


def _has_header(text: str, lines: Sequence[Line], rows: Sequence[Row]) -> bool:
    """A rule under the first row, or words over a column of numbers; never where the first row has a number too."""
    head = [text[cell.start : cell.end] for cell in rows[0]]
    if any(_NUMBER.fullmatch(cell) and not _YEAR.fullmatch(cell) for cell in head) or len(head) < 2:
        return False
    following = [line for line in lines if line.start > rows[0][-1].end]
    if following and RULE.fullmatch(following[0].text) and len(rows) > 1:
        return True
    columns = [[text[row[n].start : row[n].end] for row in rows[1:] if n < len(row)] for n in range(len(head))]
    plain = not any(_DIGIT.search(cell) for cell in head)
    number = _DIGIT.search if plain and len(rows) > 2 else _NUMBER.fullmatch
    return any(sum(bool(number(cell)) for cell in cells) * 2 > len(cells) for cells in columns if cells)

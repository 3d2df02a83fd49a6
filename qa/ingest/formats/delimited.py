"""Comma-separated values and their relatives (CSV, TSV), whatever sets their cells apart."""

import csv
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice, pairwise

from qa.errors import SourceError
from qa.ingest.blocks import Builder
from qa.ingest.decoding import clean, decode
from qa.ingest.formats.common import grid
from qa.ingest.metadata import Extracted

__all__ = ["extract"]

_SAMPLE_CHARS = 64_000
_SAMPLE_ROWS = 200
_LINE_CHARS = 1_000_000
_SPACED = 5  # rows; below that, blank rows may separate tables
_DELIMITERS = ("\t", ";", "|", ",")  # the first of those that fit as well counts: "1,5;2,5" has decimal commas
_DECLARED = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)  # written by Excel


def extract(data: bytes) -> Extracted:
    """Title lines, header and rows. Raises SourceError."""
    text = clean(decode(data))
    declared = _DECLARED.match(text)
    delimiter = declared[1] if declared else _delimiter(text[:_SAMPLE_CHARS])
    builder, unread = Builder(), []
    rows = _unspaced(_rows(text[declared.end() if declared else 0 :], delimiter))
    within = bisect_right(list(accumulate(map(len, rows))), grid.MOST_CELLS)
    if rows and not within:
        raise SourceError(f"its first row has {len(rows[0]):,} cells; the limit is {grid.MOST_CELLS:,}")
    if within < len(rows):
        unread.append(f"the rows after row {within:,}: more than {grid.MOST_CELLS:,} cells")
    grid.write(builder, grid.Grid(rows[:within]))
    return Extracted(builder.text, blocks=tuple(builder.blocks), unread=tuple(unread))


def _delimiter(sample: str) -> str:
    """What sets the cells of most rows apart into the same number of them."""
    best, most = ",", (0.0, 0)
    for delimiter in _DELIMITERS:
        try:
            reader = csv.reader(_lines(sample), delimiter=delimiter)
            widths = Counter(len(row) for row in islice(reader, _SAMPLE_ROWS) if row)
        except csv.Error:
            continue
        width, rows = max(widths.items(), key=lambda item: (item[0] > 1, item[1]), default=(1, 0))
        score = (round(rows / max(widths.total(), 1), 1), 0) if width > 1 else (0.0, 0)
        if score > most:
            best, most = delimiter, score
    return best


def _rows(text: str, delimiter: str) -> Sequence[list[str]]:
    """The rows, with quotation marks as in CSV, or as plain characters where they do not pair up."""
    try:
        return list(csv.reader(_lines(text), delimiter=delimiter, strict=True))
    except csv.Error:
        plain = _plain(text, delimiter)
    try:
        rows = list(csv.reader(_lines(text), delimiter=delimiter))
    except csv.Error:
        return plain
    return rows if _evenness(rows) > _evenness(plain) else plain


def _plain(text: str, delimiter: str) -> list[list[str]]:
    lines = [line.rstrip("\r\n") for line in _lines(text)]
    if any(len(line) > _LINE_CHARS for line in lines):
        raise SourceError(f"a line of more than {_LINE_CHARS:,} characters, which no table has")
    return [[re.sub(r'^"(.*)"$', r"\1", cell) for cell in line.split(delimiter)] for line in lines]


def _unspaced(rows: Sequence[list[str]]) -> Sequence[list[str]]:
    """The rows without blank ones, if every other row is blank, as programs that get line ends wrong write them."""
    blank = [not any(map(str.strip, row)) for row in rows]
    spaced = len(rows) > _SPACED and all(before != after for before, after in pairwise(blank))
    return [row for row, empty in zip(rows, blank, strict=True) if not empty] if spaced else rows


def _evenness(rows: Sequence[Sequence[str]]) -> float:
    """The share of rows that have as many cells as most."""
    widths = Counter(len(row) for row in rows if row)
    return max(widths.values(), default=0) / max(widths.total(), 1)


def _lines(text: str) -> Iterator[str]:
    """Lines with their ends, by line feeds and carriage returns only: other separators may stand inside of a cell."""
    return (match[0] for match in re.finditer(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text))

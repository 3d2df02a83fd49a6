"""How the context of a quote is shown: lines above it, and the cells of a table row under their headers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from qa.records import Context, Quote, Span
from qa.text import label, one_line

__all__ = ["BETWEEN_CELLS", "Table", "above", "padded", "table"]

BETWEEN_CELLS = " | "
BETWEEN_HEADINGS = " > "
BORDER = re.compile(r"(?<!\\)\||\t")  # between cells; Markdown escapes a bar that is text
HASHES = re.compile(r"#{1,6}\s+")


@dataclass(frozen=True, slots=True)
class Table:
    """A table row with its header. headers: lines to print above the row, in columns. cells: of the row, in offsets of
    the document. widths: of the columns, in characters of a terminal.
    """

    headers: tuple[str, ...]
    cells: tuple[Span, ...]
    widths: tuple[int, ...]


def above(quote: Quote, text: str, chars: int, in_table: bool) -> list[str]:
    """The lines to print above a quote: its headings on one, then each other piece.

    text: of the whole document. chars: how far before the quote its own line is printed anyway. in_table: column
    headers are printed with the row. Pieces that are printed anyway are left out.
    """
    shown = [piece for piece in quote.context if not _is_beside(piece, quote, text, chars)]
    headings = [HASHES.sub("", one_line(piece.text), count=1) for piece in shown if piece.kind == "heading"]
    lines = [BETWEEN_HEADINGS.join(headings)] if headings else []
    rest = [piece for piece in shown if piece.kind != "heading" and not (in_table and piece.kind == "header")]
    return lines + [_speaker(piece) if piece.kind == "speaker" else one_line(piece.text) for piece in rest]


def table(quote: Quote, width: int) -> Table | None:
    """The quote as a table row; None if it is none, has no header that fits its cells, or is wider than `width`."""
    headers = [piece for piece in quote.context if piece.kind == "header"]
    if not headers or "\n" in quote.text.strip():
        return None
    cells = _cells(quote.text, quote.start)
    rows = _header_rows(headers, len(cells))
    if len(cells) < 2 or not rows:
        return None
    body = [one_line(quote.text[cell.start - quote.start : cell.end - quote.start]) for cell in cells]
    widths = tuple(max(map(_width, column)) for column in zip(*rows, body, strict=True))
    if sum(widths) + len(BETWEEN_CELLS) * (len(widths) - 1) > width:
        return None
    lines = tuple(BETWEEN_CELLS.join(map(padded, row, widths)).rstrip() for row in rows)
    return Table(lines, tuple(cells), widths)


def padded(cell: str, width: int) -> str:
    """The cell with spaces up to a width in characters of a terminal."""
    return cell + " " * (width - _width(cell))


def _width(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)


def _is_beside(piece: Context, quote: Quote, text: str, chars: int) -> bool:
    """Whether the piece is part of the quote, or stands on its line and not far before it."""
    if piece.start >= quote.start and piece.end <= quote.end:
        return True
    near = quote.start - chars < piece.start < quote.start
    return near and not re.search(r"[\r\n]", text[piece.start : quote.start])


def _speaker(piece: Context) -> str:
    name = one_line(piece.text)
    return name if name.endswith(":") else f"{name}:"


def _header_rows(headers: Sequence[Context], columns: int) -> list[list[str]]:
    """The header lines as rows of `columns` cells; none if they do not fit. A header may be a line or a single cell."""
    rows = [
        [label(one_line(h.text[c.start - h.start : c.end - h.start])) for c in _cells(h.text, h.start)] for h in headers
    ]
    rows = [row for row in rows if any(re.search(r"[^\s:|-]", cell) for cell in row)]  # without Markdown's rule
    if all(len(row) == columns for row in rows):
        return rows
    single = [cell for row in rows for cell in row]
    return [single] if len(single) == columns and all(len(row) == 1 for row in rows) else []


def _cells(text: str, offset: int) -> list[Span]:
    """The cells of a row between bars or tabs, empty ones too, without white space at their ends."""
    borders = [(0, 0), *((b.start(), b.end()) for b in BORDER.finditer(text)), (len(text), len(text))]
    pieces = [(left[1], right[0]) for left, right in pairwise(borders)]
    if len(pieces) > 2 and text.lstrip().startswith("|"):
        pieces = pieces[1:]
    if len(pieces) > 2 and text.rstrip().endswith("|"):
        pieces = pieces[:-1]
    return [_stripped(text, start, end, offset) for start, end in pieces]


def _stripped(text: str, start: int, end: int, offset: int) -> Span:
    piece = text[start:end]
    first = start + len(piece) - len(piece.lstrip())
    return Span(offset + first, offset + max(first, start + len(piece.rstrip())))

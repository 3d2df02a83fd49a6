"""Pages to parts in the order of reading: fields, tables and furniture set apart, columns one after the other."""

import re
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from qa.ingest.formats.pdf.columns import regions
from qa.ingest.formats.pdf.flow import parts_of
from qa.ingest.formats.pdf.furniture import furniture, line_numbers
from qa.ingest.formats.pdf.page import Page, Widget
from qa.ingest.formats.pdf.parts import Part
from qa.ingest.formats.pdf.tables import Table, ruled
from qa.ingest.formats.pdf.text import note_marks
from qa.ingest.formats.pdf.words import Row, Word, row_of, rows_of

__all__ = ["Filled", "Sheet", "lay_out"]

_BESIDE = 14.0  # of the size: how far a field's printed label may be from it
_LABEL_GAP = 1.3  # of the size: a wider gap ends a label


class Filled(NamedTuple):
    """A form field: its label, as words of the page or else as text, and its value."""

    words: tuple[Word, ...]
    label: str
    value: tuple[Word, ...]
    text: str
    widget: Widget


class Sheet(NamedTuple):
    """One page: its parts, running headers (before) and footers (after), tables and fields by number, note marks."""

    number: int
    before: list[Row]
    parts: list[Part]
    after: list[Row]
    islands: list[Table | Filled]
    notes: frozenset[str]


def lay_out(pages: Sequence[Page]) -> list[Sheet]:
    """The parts of each page."""
    drafts = [_draft(page) for page in pages]
    skipped = furniture([(page.height, rows) for page, (rows, _, _) in zip(pages, drafts, strict=True)])
    return [_sheet(page, *draft, skip) for page, draft, skip in zip(pages, drafts, skipped, strict=True)]


def _draft(page: Page) -> tuple[list[Row], list[Table | Filled], list[Word]]:
    """Rows without tables, fields and line numbers; the tables and fields; the line numbers."""
    rows = rows_of(page.words)
    numbers = line_numbers(rows)
    rows = _without(rows, numbers)
    islands: list[Table | Filled] = []
    fields = _fields(page.widgets, rows)
    rows = _without(rows, [word for field in fields for word in (*field.words, *field.value)])
    islands += fields
    if page.rules and rows:
        tables, rest = ruled([word for row in rows for word in row.words], page.rules)
        if tables:
            kept = set(map(id, rest))
            gone = [word for row in rows for word in row.words if id(word) not in kept]
            rows = _without(rows, gone)
            islands += tables
    return rows, islands, numbers


def _without(rows: Sequence[Row], words: Sequence[Word]) -> list[Row]:
    if not words:
        return list(rows)
    gone = set(map(id, words))
    left = ((row, tuple(word for word in row.words if id(word) not in gone)) for row in rows)
    return [row if len(words) == len(row.words) else row_of(words) for row, words in left if words]


def _sheet(page: Page, rows: list[Row], islands: list[Table | Filled], numbers: list[Word], skip: set[int]) -> Sheet:
    notes = frozenset().union(*(note_marks(row.words) for row in rows)) if rows else frozenset()
    body = [row for number, row in enumerate(rows) if number not in skip]
    size = median(row.size for row in rows) if rows else 10.0
    body += [_island(number, island, size) for number, island in enumerate(islands)]
    body.sort(key=lambda row: (row.base, row.x0))
    start = min((row.top for row in body), default=page.height / 2)
    before = [rows[number] for number in sorted(skip) if rows[number].base <= start]
    after = [rows[number] for number in sorted(skip) if rows[number].base > start]
    if numbers:
        after.append(Row(tuple(word._replace(spaced=True) for word in numbers), numbers[-1].base, numbers[0].size))
    after += rows_of(page.sideways)
    levels = [rule.y0 for rule in page.rules if rule.level and rule.x1 - rule.x0 > 3 * size]
    wide = [rule for rule in page.rules if rule.level and rule.x1 - rule.x0 > 8 * size]
    parts: list[Part] = []
    for region, group in enumerate(regions(body, wide)):
        parts += parts_of(group, page.number, region, levels, notes)
    return Sheet(page.number, before, parts, after, islands, notes)


def _island(number: int, island: Table | Filled, size: float) -> Row:
    """A row that holds the place of a table or a field in the order of reading."""
    if isinstance(island, Table):
        x0, top, x1, bottom = island.x0, island.top, island.x1, island.bottom
        base = (top + bottom) / 2
    else:
        words, widget = (*island.words, *island.value), island.widget
        x0, x1 = min([widget.x0, *(w.x0 for w in words)]), max([widget.x1, *(w.x1 for w in words)])
        top, bottom = min([widget.y0, *(w.top for w in words)]), max([widget.y1, *(w.bottom for w in words)])
        base = words[0].base if words else (top + bottom) / 2
    word = Word("\ufffc", x0, top, x1, bottom, base, size, str(number), False, (0.0, 0.0, 0.0, 0.0))
    return Row((word,), base, size)


def _fields(widgets: Sequence[Widget], rows: Sequence[Row]) -> list[Filled]:
    """Filled fields with the labels printed beside them."""
    found: list[Filled] = []
    taken: set[int] = set()
    for widget in widgets:
        if not widget.value.strip():
            continue
        beside = _beside(widget, widgets, rows, taken)
        if widget.kind == "note":
            field = Filled((), "", (), widget.value, widget)
        elif widget.kind == "option":
            if not beside:
                continue
            field = Filled(beside, "", (), widget.value, widget)
        elif widget.kind == "radio":
            field = Filled((), widget.label or _name(widget.name), beside, "" if beside else widget.value, widget)
        elif widget.label and not _same(widget.label, beside):
            field = Filled((), widget.label, (), widget.value, widget)
        else:
            field = Filled(beside, "" if beside else widget.label or _name(widget.name), (), widget.value, widget)
        taken |= set(map(id, (*field.words, *field.value)))
        found.append(field)
    return found


def _name(name: str) -> str:
    """The last part of a field's full name: `form1[0].page[0].family_name[0]` is family name."""
    return re.sub(r"\[\d+\]", "", name).rsplit(".", 1)[-1].replace("_", " ").strip() or name


def _same(label: str, words: Sequence[Word]) -> bool:
    """Whether a field's own label and what is printed beside it are the same."""
    printed = re.sub(r"\W", "", "".join(word.text for word in words)).casefold()
    return bool(printed) and printed == re.sub(r"\W", "", label).casefold()


def _beside(widget: Widget, widgets: Sequence[Widget], rows: Sequence[Row], taken: set[int]) -> tuple[Word, ...]:
    """The printed words that name a field: right of a box to tick, else left of the field or above it."""
    middle = (widget.y0 + widget.y1) / 2
    level = [row for row in rows if row.top - 1 <= middle <= row.bottom + 1]
    words = sorted((word for row in level for word in row.words if id(word) not in taken), key=lambda word: word.x0)
    left = [word for word in words if word.x1 <= widget.x0 + 2]
    right = [word for word in words if word.x0 >= widget.x1 - 2]
    walls = [other.x0 for other in widgets if other is not widget and other.y0 <= middle <= other.y1]
    ticked = widget.kind in ("check", "radio", "option")
    if ticked and (found := _nearest(right, widget.x1, [x for x in walls if x > widget.x1], forward=True)):
        return found + _below(found, rows)
    edges = [other.x1 for other in widgets if other is not widget and other.y0 <= middle <= other.y1]
    if found := _nearest(left, widget.x0, [x for x in edges if x < widget.x0 + 2], forward=False):
        return found
    return () if ticked else _above(widget, rows, taken)


def _nearest(words: Sequence[Word], edge: float, walls: Sequence[float], forward: bool) -> tuple[Word, ...]:
    """The words next to a place, up to a wide gap or another field."""
    ordered = list(words) if forward else [*reversed(words)]
    found: list[Word] = []
    limit = min(walls, default=float("inf")) if forward else max(walls, default=float("-inf"))
    at = edge
    for word in ordered:
        gap = word.x0 - at if forward else at - word.x1
        beyond = word.x0 >= limit - 1 if forward else word.x1 <= limit + 1
        if beyond or gap > (_LABEL_GAP if found else _BESIDE) * word.size:
            break
        found.append(word)
        at = word.x1 if forward else word.x0
    return tuple(found if forward else reversed(found))


def _below(label: Sequence[Word], rows: Sequence[Row]) -> tuple[Word, ...]:
    """The lines in which the label of a box to tick goes on."""
    found: list[Word] = []
    first, base = label[0], label[0].base
    for row in rows:
        if not 0.5 * first.size < row.base - base < 1.6 * first.size:
            continue
        start = next((at for at, word in enumerate(row.words) if abs(word.x0 - first.x0) < 2), None)
        if start is None or not row.words[start].text[:1].islower():
            break
        found += _nearest(row.words[start:], first.x0, [], forward=True)
        base = row.base
    return tuple(found)


def _above(widget: Widget, rows: Sequence[Row], taken: set[int]) -> tuple[Word, ...]:
    """The words right above a field."""
    for row in reversed(rows):
        if 0 <= widget.y0 - row.base < 1.2 * row.size:
            words = [w for w in row.words if widget.x0 - 3 <= w.x0 < widget.x1 and id(w) not in taken]
            return _nearest(words, words[0].x0, [], forward=True) if words else ()
    return ()

"""Parts of all pages to blocks: paragraphs joined over columns and pages, headings, lists, tables that go on."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from qa.ingest.blocks import Builder
from qa.ingest.formats.pdf.layout import Filled, Sheet
from qa.ingest.formats.pdf.parts import CAPTION, MARKER, WEAK_END, Part, bold, ends_sentence, loose, plain
from qa.ingest.formats.pdf.rows import TableWriter
from qa.ingest.formats.pdf.tables import Table, is_figure
from qa.ingest.formats.pdf.text import Mark, Run, Vocabulary, join, line
from qa.records import Block, BlockKind

__all__ = ["Assembled", "assemble"]

_NUMBERED = re.compile(
    r"(?:(?:Chapter|Section|Article|Part|Appendix|Annex|Clause|Schedule)\s+)?(\d{1,2}(?:\.\d{1,2})*|[IVXLC]+|[A-Z])[.):]?\s+\S",
)
_AROUND = "\"'.,;:!?()[]{}“”‘’«»-–—/*"
_HEADING_CHARS = 160
_LEVELS = 6


class Assembled(NamedTuple):
    """A text with its blocks, where each part of it was drawn, and where each page starts."""

    text: str
    blocks: tuple[Block, ...]
    marks: tuple[Mark, ...]
    pages: tuple[int, ...]


class _Unit(NamedTuple):
    """What becomes one block, or one table: parts that belong together."""

    kind: str
    parts: tuple[Part, ...]
    table: Table | None = None
    field: Filled | None = None


class _Facts(NamedTuple):
    """What is usual in the document. words: those within lines. notes: the note marks of each page."""

    size: float
    bold: bool
    words: Vocabulary
    notes: dict[int, frozenset[str]]
    levels: dict[tuple[float, bool, bool, int], int]


def assemble(sheets: Sequence[Sheet]) -> Assembled:
    """The document of these pages."""
    parts = list(_parts(sheets))
    islands = {sheet.number: sheet.islands for sheet in sheets}
    facts = _facts(parts, sheets)
    units = _joined([_unit(parts, number, islands, facts) for number in range(len(parts))], facts)
    facts = facts._replace(levels=_levels(units))
    writer = _Blocks(facts)
    for unit in units:
        writer.write(unit)
    text = writer.builder.text
    starts = _starts(writer.marks, len(sheets), len(text))
    return Assembled(text, tuple(writer.builder.blocks), tuple(writer.marks), starts)


def _parts(sheets: Sequence[Sheet]) -> Iterator[Part]:
    """Everything in order, furniture included."""
    for sheet in sheets:
        for row in sheet.before:
            yield Part("furniture", sheet.number, -1, (row,), ("",), row.x0, row.x1, 9.0)
        yield from sheet.parts
        for row in sheet.after:
            yield Part("furniture", sheet.number, -1, (row,), ("",), row.x0, row.x1, 9.0)


def _facts(parts: Sequence[Part], sheets: Sequence[Sheet]) -> _Facts:
    sizes: Counter[float] = Counter()
    heavy = light = 0
    words: set[str] = set()
    compounds: set[str] = set()
    tables = [island for sheet in sheets for island in sheet.islands if isinstance(island, Table)]
    for table in tables:
        for cell in table.cells:
            for row in cell.lines:
                sizes[round(row.size * 2) / 2] += sum(len(word.text) for word in row.words)
    for part in parts:
        if part.kind in ("text", "item", "table"):
            for row in part.rows:
                count = sum(len(word.text) for word in row.words)
                sizes[round(row.size * 2) / 2] += count
                heavy, light = (heavy + count, light) if bold(row) else (heavy, light + count)
        for row in part.rows:
            for word in row.words[:-1] if row.words[-1].text[-1] in "-\xad" else row.words:
                if plain_word := word.text.lower().strip(_AROUND):
                    (compounds if "-" in plain_word else words).add(plain_word)
    size = sizes.most_common(1)[0][0] if sizes else 10.0
    vocabulary = Vocabulary(frozenset(words), frozenset(compounds))
    return _Facts(size, heavy > light, vocabulary, {sheet.number: sheet.notes for sheet in sheets}, {})


def _unit(parts: Sequence[Part], number: int, islands: dict[int, list[Table | Filled]], facts: _Facts) -> _Unit:
    part = parts[number]
    if part.kind == "island":
        island = islands[part.page][part.island]
        if isinstance(island, Table):
            return _Unit("table", (part,), table=island)
        return _Unit("filled", (part,), field=island)
    if part.kind == "table":
        return _Unit("table", (part,), table=part.table)
    if part.kind == "item" and _NUMBERED.match(part.text) and _is_heading(parts, number, facts):
        return _Unit("heading", (part,))
    if part.kind != "text":
        return _Unit(part.kind, (part,))
    if CAPTION.match(part.text):
        return _Unit("caption", (part,))
    if _is_note(part, facts):
        return _Unit("note", (part,))
    return _Unit("heading" if _is_heading(parts, number, facts) else "paragraph", (part,))


def _is_note(part: Part, facts: _Facts) -> bool:
    """Whether a paragraph is a footnote: smaller than the text, and it opens with a mark."""
    first = part.rows[0].words[0]
    small = part.size < 0.95 * facts.size
    marked = first.raised > 0 or first.text.rstrip(".)") in facts.notes.get(part.page, frozenset())
    return small and marked and len(part.rows[0].words) > 1


def _is_heading(parts: Sequence[Part], number: int, facts: _Facts) -> bool:
    part = parts[number]
    text = part.text
    if len(part.rows) > 4 or len(text) > _HEADING_CHARS or ("\n" in part.breaks and len(part.rows) > 3):
        return False
    if not re.search(r"[^\W\d_]{2}", text) or re.search(r"[,;]$", text) or is_figure(text):
        return False
    after = next((other for other in parts[number + 1 :] if other.kind != "furniture"), None)
    if after is None:
        return False
    bigger, heavy = part.size > 1.1 * facts.size, part.bold and not facts.bold
    numbered = bool(_NUMBERED.match(text))
    sentence = ends_sentence(text) and not text.endswith("?") and not (numbered and len(text) < 80)
    if bigger or heavy:
        return not (sentence and not bigger) and not (text.endswith(":") and not bigger and len(text) > 60)
    if sentence or text.endswith(":") or part.size < 0.97 * facts.size or len(part.rows) > 1 or len(text) > 80:
        return False
    if part.kind == "item" and not (re.match(r"\d+\.\d", text) or text.isupper() or _lone(parts, number)):
        return False
    apart = part.gap > 1.25 and (after.page, after.region) == (part.page, part.region) and after.gap > 1.25
    letters = sum(char.isalpha() for char in text)
    if text.isupper() and letters > 3 and letters > 0.5 * len(text):
        return part.gap > 1.2
    if not text[0].isalnum() or text[0].islower():
        return False
    follows = after.kind in ("text", "item", "table", "island", "field") and len(after.text) > 1.5 * len(text)
    return apart and follows and len(text.split()) <= 12 and not re.search(r"\d{3,}|@|:", text)


def _lone(parts: Sequence[Part], number: int) -> bool:
    """Whether an item has no other items beside it: a section with a number or a letter."""
    beside = [part.kind for part in (*parts[max(number - 1, 0) : number], *parts[number + 1 : number + 2])]
    return "item" not in beside


def _joined(units: Sequence[_Unit], facts: _Facts) -> list[_Unit]:
    """Paragraphs and items that go on in another column or on another page are one.

    Notes and tables of the page where it begins come before it; furniture, and what stands on later pages, after it:
    so the pages of a text follow each other.
    """
    result: list[_Unit] = []
    open_at: int | None = None  # the paragraph that may go on
    for unit in units:
        if open_at is not None and unit.kind == "paragraph" and _goes_on(result[open_at], unit, facts):
            whole, between = result[open_at], result[open_at + 1 :]
            first = whole.parts[0].page
            early = [other.kind != "furniture" and other.parts[0].page == first for other in between]
            before = [other for other, is_early in zip(between, early, strict=True) if is_early]
            after = [other for other, is_early in zip(between, early, strict=True) if not is_early]
            whole = whole._replace(parts=whole.parts + unit.parts)
            result[open_at:] = [*before, whole, *after]
            open_at += len(before)
            continue
        result.append(unit)
        if unit.kind in ("paragraph", "item"):
            open_at = len(result) - 1
        elif unit.kind in ("heading", "contents", "field", "filled"):
            open_at = None
    return result


def _goes_on(unit: _Unit, after: _Unit, facts: _Facts) -> bool:
    last, first = unit.parts[-1], after.parts[0]
    tail, head = plain(last.rows[-1]), plain(first.rows[0])
    if ends_sentence(tail, colon=True) or abs(last.size - first.size) > 0.1 * last.size or last.bold != first.bold:
        return False
    moved = (last.page, last.region) != (first.page, first.region)
    if re.search(r"\w[-\xad]$", tail) and head[:1].islower():
        return moved or first.gap < 2.5
    if head[:1].islower():
        return moved or (first.gap < 2.5 and last.room < 0.3)
    if not moved or (MARKER.fullmatch(head.split()[0]) and not head[0].isdigit()):
        return False
    return bool(WEAK_END.search(tail)) or tail.endswith(",") or (last.room < 0.2 and len(tail.split()) > 3)


def _style(unit: _Unit) -> tuple[float, bool, bool, int]:
    """What the level of a heading is read from."""
    part = unit.parts[0]
    match = _NUMBERED.match(part.text)
    depth = match[1].count(".") + 1 if match and match[1][0].isdigit() else 0
    return -round(part.size), not part.bold, not part.text.isupper(), depth


def _levels(units: Sequence[_Unit]) -> dict[tuple[float, bool, bool, int], int]:
    styles = sorted({_style(unit) for unit in units if unit.kind == "heading"})
    return {style: min(number, _LEVELS) for number, style in enumerate(styles, 1)}


def _starts(marks: Sequence[Mark], pages: int, length: int) -> tuple[int, ...]:
    """Where each page starts: at the first of its words, in the order of the text; a page without words is empty."""
    starts: list[int] = []
    for mark in marks:
        if mark.page > len(starts):
            starts += [mark.start] * (mark.page - len(starts))
    starts += [length] * (pages - len(starts))
    if starts:
        starts[0] = 0
    return tuple(starts)


_KINDS: dict[str, BlockKind] = {
    "paragraph": "paragraph",
    "note": "paragraph",
    "caption": "caption",
    "contents": "contents",
    "field": "field",
    "furniture": "furniture",
}


class _Blocks:
    """Writes units as blocks and keeps where their words were drawn."""

    def __init__(self, facts: _Facts) -> None:
        self.facts = facts
        self.builder = Builder()
        self.marks: list[Mark] = []
        self.sections: list[tuple[int, int]] = []  # (level, number) of headings and questions
        self.lead: int | None = None  # the block before, if it introduces a list or a table
        self.items: list[tuple[float, int]] = []  # (left end, number) of the items that are open
        self.tables = TableWriter(self.builder, self.place, facts.words)

    @property
    def section(self) -> int | None:
        return self.sections[-1][1] if self.sections else None

    def write(self, unit: _Unit) -> None:
        """One unit as a block, or a table as one block a row."""
        if unit.kind == "furniture":
            self.add("furniture", self.run(unit), self.section)
            return
        if unit.table is not None:
            above = self.section if self.lead is None else self.lead
            self.tables.write(unit.table, unit.parts[0].page, above)
            self.lead, self.items = None, []
        elif unit.field is not None:
            self.filled(unit.field, unit.parts[0].page)
        elif unit.kind == "heading":
            self.heading(unit)
        elif unit.kind == "item":
            self.item(unit)
        else:
            run = self.run(unit)
            doubtful = run.partial or any(loose(part) for part in unit.parts if part.kind == "text")
            number = self.add(_KINDS[unit.kind], run, self.section, int(doubtful))
            leads = unit.kind == "caption" or (unit.kind == "paragraph" and run.text.endswith(":"))
            self.lead = number if leads else None
            self.items = []
        if unit.kind not in ("table", "note", "caption"):
            self.tables.close()

    def run(self, unit: _Unit) -> Run:
        """The text of a unit."""
        lines: list[tuple[str, Run]] = []
        for part in unit.parts:
            for number, (gap, row) in enumerate(zip(part.breaks, part.rows, strict=True)):
                words = row.words
                if unit.kind == "note" and not number and words[0].text in self.facts.notes[part.page]:
                    words = (words[0]._replace(raised=1), *words[1:])
                lines.append((gap if number else "", line(words, part.page)))
        run = join(lines, self.facts.words)
        return _leaders(run) if unit.kind in ("contents", "field") else run

    def add(self, kind: BlockKind, run: Run, parent: int | None = None, level: int = 0) -> int | None:
        number = self.builder.add(kind, run.text, parent, level)
        if number is not None:
            self.place(run, self.builder.blocks[number].start)
        return number

    def place(self, run: Run, start: int) -> None:
        self.marks += [mark._replace(start=mark.start + start, end=mark.end + start) for mark in run.marks]

    def heading(self, unit: _Unit) -> None:
        run, level = self.run(unit), self.facts.levels[_style(unit)]
        while self.sections and self.sections[-1][0] >= level:
            self.sections.pop()
        kind: BlockKind = "question" if run.text.endswith("?") else "heading"
        number = self.add(kind, run, self.section, level)
        if number is not None:
            self.sections.append((level, number))
        self.lead, self.items = None, []

    def item(self, unit: _Unit) -> None:
        row = unit.parts[0].rows[0]
        while self.items and self.items[-1][0] > row.x0 + 0.8 * row.size:
            self.items.pop()
        deeper = bool(self.items) and row.x0 > self.items[-1][0] + 0.8 * row.size
        if self.items and not deeper:
            self.items.pop()
        parent = self.items[-1][1] if self.items else self.lead if self.lead is not None else self.section
        number = self.add("item", self.run(unit), parent, len(self.items) + 1)
        if number is not None:
            self.items.append((row.x0, number))

    def filled(self, field: Filled, page: int) -> None:
        """A form field as "Label: value"."""
        value = field.text.replace("\r\n", "\n").replace("\r", "\n").strip()
        if field.widget.kind == "note":
            self.add("paragraph", _whole(value, page, field.widget.box), self.section, 1)  # by somebody else
            return
        label = line(field.words, page) if field.words else Run(field.label, ())
        label = Run(label.text.rstrip(" :_."), label.marks)
        answer = line(field.value, page) if field.value else _whole(value, page, field.widget.box)
        shift = len(label.text) + 2
        marks = [mark._replace(end=min(mark.end, len(label.text))) for mark in label.marks if mark.start < shift - 2]
        marks += [mark._replace(start=mark.start + shift, end=mark.end + shift) for mark in answer.marks]
        text = f"{label.text}: {answer.text}" if label.text else answer.text
        self.add("field", Run(text, tuple(marks)), self.section)


def _whole(text: str, page: int, box: tuple[float, float, float, float]) -> Run:
    return Run(text, (Mark(0, len(text), page, box),) if text else ())


def _leaders(run: Run) -> Run:
    """Rows of dots cut down to a few; the marks stay in order."""
    for match in reversed(list(re.finditer(r"\s?(?:\.\s?){4,}\s?|\s?[…_](?:[\s…._])+", run.text))):
        low, high, cut = match.start(), match.end(), match.end() - match.start() - 5
        if cut <= 0:
            continue

        def moved(at: int, low: int = low, high: int = high, cut: int = cut) -> int:
            return at if at <= low else at - cut if at >= high else min(at, high - cut)

        marks = (mark._replace(start=moved(mark.start), end=moved(mark.end)) for mark in run.marks)
        run = Run(f"{run.text[:low]} ... {run.text[high:]}", tuple(mark for mark in marks if mark.end > mark.start))
    return run

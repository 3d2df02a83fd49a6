"""Plain text: the text is the decoded file, and its structure is found by its layout."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from qa.ingest.blocks import QUOTED
from qa.ingest.decoding import decode
from qa.ingest.formats.markdown.cover import cover
from qa.ingest.formats.text import cues, forms, headings
from qa.ingest.formats.text import tables as text_tables
from qa.ingest.lines import Line, Wrapping, chunks, closed, line_feeds, read
from qa.ingest.metadata import Extracted
from qa.ingest.outline import Outline, merged, questions
from qa.records import Block, BlockKind, Span

__all__ = ["extract", "find"]

Range = tuple[int, int]


def extract(data: bytes) -> Extracted:
    """Text, blocks and markup of a file. Raises SourceError."""
    text = decode(data)
    blocks, markup = find(text)
    return Extracted(text, blocks=blocks, markup=markup)


def find(text: str) -> tuple[tuple[Block, ...], tuple[Span, ...]]:
    """The blocks of any text, and what is not shown of it: marks of quoted messages, times of subtitles, rules."""
    text = line_feeds(text)
    reader = _Reader(text)
    reader.read()
    blocks, markup = cover(text, reader.outline.blocks, merged(reader.marks))
    return tuple(questions(text, blocks, markup)), markup


class _Reader:
    """Goes through the chunks of lines between blank lines and decides what each begins with."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = read(text)
        self.chunks = list(chunks(self.lines))
        self.outline = Outline()
        self.marks: list[Range] = []
        self.levels = headings.levels(self.chunks)
        self.wrapping = Wrapping([chunk for chunk in self.chunks if not forms.ITEM.match(chunk[0].text)])
        self.speakers = forms.speakers(self.chunks)
        self.asks = sum(bool(forms.QUESTION.match(line.text)) for line in self.lines) > 1
        fences = sum(bool(forms.FENCE.fullmatch(line.text)) for line in self.lines)
        self.fenced, self.code = fences > 0 and fences % 2 == 0, False
        self.led: int | None = None  # the block that ends in a colon right before this one
        self.listing = False  # whether a contents list is open
        self.entries: set[str] = set()  # what it may list
        self.listed: set[str] = set()
        self.items: list[tuple[int, int]] = []  # (indent, number) of open items
        self.speaker: Span | None = None
        self.messages: dict[int, int | None] = {}  # by depth of quoting: what names the message
        self.threaded = False

    def read(self) -> None:
        if sum(bool(cues.TIME.fullmatch(line.text)) for line in self.lines) > 1:
            cues.add(self.text, self.lines, self.outline, self.marks)
            return
        readers: tuple[Callable[[Sequence[Line], int], int], ...] = (
            *(self._fence, self._rule, self._header, self._quoted_by, self._contents, self._turn, self._heading),
            *(self._log, self._asked, self._table, self._list, self._fields, self._program, self._paragraph),
        )
        for chunk in self.chunks:
            at = 0
            while at < len(chunk):
                at += next(taken for reader in readers if (taken := reader(chunk, at)))

    # -- each of these says how many lines it took, 0 if what begins at `lines[at]` is not its kind --

    def _fence(self, lines: Sequence[Line], at: int) -> int:
        """Code between fences; blank lines may be inside."""
        fence = forms.FENCE.fullmatch(lines[at].text) if self.fenced else None
        if not (self.code or fence):
            return 0
        if fence:
            self.code = not self.code
            self._add("furniture", lines[at : at + 1])
            return 1
        stop = _stop(lines, at, lambda line: bool(forms.FENCE.fullmatch(line.text)))
        self._add("code", lines[at:stop])
        return stop - at

    def _rule(self, lines: Sequence[Line], at: int) -> int:
        """Lines without words, page numbers, and remarks in brackets."""
        text = lines[at].text
        if text_tables.RULE.fullmatch(text):
            below = lines[at + 1].text if at + 1 < len(lines) else ""
            if below and not text_tables.RULE.fullmatch(below) and text_tables.find(self.text, lines, at):
                return 0
            self.marks.append((lines[at].start, lines[at].end))
            self._add("furniture", lines[at : at + 1])
            return 1
        if forms.ORIGINAL.fullmatch(text):
            self._add("furniture", lines[at : at + 1])
            return 1
        if at == 0 and len(lines) == 1 and (forms.FURNITURE.fullmatch(text) or forms.STAGE.fullmatch(text)):
            self._add("caption" if forms.STAGE.fullmatch(text) and len(text.split()) > 2 else "furniture", lines)
            return 1
        return 0

    def _header(self, lines: Sequence[Line], at: int) -> int:
        """The header of a message: fields, each under the one before it, so that what follows names its message."""
        stop = _stop(lines, at, lambda line: not forms.MAIL.match(line.text))
        senders = sum(bool(forms.SENDER.match(line.text)) for line in lines[at:stop])
        if stop - at < 2 or not senders:
            return 0
        while stop < len(lines) and lines[stop].indent > lines[at].indent and lines[stop].depth == lines[at].depth:
            stop += 1
        self.outline.close(0)
        above: int | None = None
        for line in lines[at:stop]:
            number = self._add("field", [line], above)
            above = number if forms.KEPT.match(line.text) else above
        # The newest message stands first and needs no context; older ones are read with who wrote them, and when.
        depth = lines[at].depth
        self.messages = {d: number for d, number in self.messages.items() if d < depth}
        self.messages[depth] = above if self.threaded or depth else None
        self.threaded = True
        return stop - at

    def _quoted_by(self, lines: Sequence[Line], at: int) -> int:
        """The line that introduces a quoted message."""
        text = " ".join(line.text for line in lines[at : at + 2])
        match = forms.WROTE.match(text)
        if not match:
            return 0
        taken = 1 if match.end() <= len(lines[at].text) else 2
        self.outline.close(0)
        number = self._add("field", lines[at : at + taken])
        self.messages = {**self.messages, lines[at].depth + 1: number}
        return taken

    def _contents(self, lines: Sequence[Line], at: int) -> int:
        """Entries with leaders and a page, or, under a heading that says so, lines that are headings later on."""
        text = lines[at].text
        if len(text) > forms.ENTRY_CHARS:
            return 0
        paged = forms.PAGED.fullmatch(text) or forms.INDEXED.fullmatch(text)
        beside = at > 0 and self.outline.blocks[-1].kind == "contents" and not closed(text)
        listed = self.listing and (paged or beside or _entry(text) in self.entries)
        if not (forms.LEADERS.fullmatch(text) or listed) or _entry(text) in self.listed:
            return 0
        self.listed.add(_entry(text))
        self._add("contents", lines[at : at + 1])
        return 1

    def _heading(self, lines: Sequence[Line], at: int) -> int:
        level = self.levels.get(lines[at].start, 0)
        if not level or at:
            return 0
        if _entry(lines[0].text) in self.listed:
            self.listing = False
        if headings.is_contents(lines[0].text):
            self.entries, self.listing = self._later(lines[0]), True
        self.speaker = None
        kind: BlockKind = "question" if level == headings.ASKING else "heading"
        self._add(kind, lines[:1], level=level)
        if len(lines) > 1 and headings.UNDERLINE.fullmatch(lines[1].text):
            self.marks.append((lines[1].start, lines[1].end))
            self._add("furniture", lines[1:2])
            return 2
        return 1

    def _later(self, line: Line) -> set[str]:
        """Short lines that stand more than once below: a contents list and the headings that it lists."""
        below = (each.text for each in self.lines if each.start > line.start and 0 < len(each.text) <= 100)
        counts = Counter(_entry(text) for text in below)
        return {text for text, count in counts.items() if count > 1 and text}

    def _log(self, lines: Sequence[Line], at: int) -> int:
        if not forms.LOG.match(lines[at].text):
            return 0
        stop = at + 1
        while stop < len(lines) and not forms.LOG.match(lines[stop].text) and lines[stop].indent > lines[at].indent:
            stop += 1
        self._add("row", lines[at:stop])
        return stop - at

    def _asked(self, lines: Sequence[Line], at: int) -> int:
        """`Q: ...` and `A: ...`: the question opens a section that ends with the next one."""
        if not self.asks or not forms.QUESTION.match(lines[at].text):
            return 0
        stop = _stop(lines, at + 1, lambda line: bool(forms.ANSWER.match(line.text) or forms.QUESTION.match(line.text)))
        part = next(iter(self.wrapping.parts(lines[at:stop])))
        while not headings.asks(part[-1].text) and at + len(part) < stop and len(part) < forms.QUESTION_LINES:
            part = lines[at : at + len(part) + 1]
        self._add("question", part, level=headings.ASKING)
        return len(part)

    def _turn(self, lines: Sequence[Line], at: int) -> int:
        """What a speaker says, with the name before it or on the line over it."""
        name = self._name(lines[at]) if self.speakers else None
        if not name or (name.end == lines[at].end and at + 1 == len(lines)):
            return 0
        stop = _stop(lines, at + 1, lambda line: bool(self._name(line)))
        self.speaker = name
        self._add("turn", lines[at:stop], labels=(name,))
        return stop - at

    def _name(self, line: Line) -> Span | None:
        """The speaker who is named at the head of a line."""
        match = forms.SPEAKER.match(line.text) or forms.NAME_LINE.fullmatch(line.text)
        if not match or match["name"] not in self.speakers:
            return None
        return Span(line.start + match.start("name"), line.start + match.end("name"))

    def _table(self, lines: Sequence[Line], at: int) -> int:
        found = text_tables.find(self.text, lines, at)
        if not found:
            return 0
        taken, rows, headed = found
        inside = [line for line in lines[at : at + taken] if text_tables.RULE.fullmatch(line.text)]
        pairs = all(len(row) == 2 for row in rows) and not headed
        header: int | None = None
        for number, row in enumerate(rows):
            while inside and inside[0].end <= row[0].start:
                self._dark(inside.pop(0))
            header = self._row(row, header, rows[0] if headed else [], number, pairs)
        for line in inside:
            self._dark(line)
        return taken

    def _dark(self, line: Line) -> None:
        self.marks.append((line.start, line.end))
        self._add("furniture", [line])

    def _row(
        self, row: Sequence[Span], header: int | None, heads: Sequence[Span], number: int, pairs: bool
    ) -> int | None:
        """Add a row, a header or, from a list of two columns, a label with its value; the number of the header."""
        start, end = row[0].start, max(cell.end for cell in row)
        if heads and not number:
            return self._block("header", start, end, cells=row)
        columns = [(heads[n],) if n < len(heads) and heads[n].end > heads[n].start else () for n in range(len(row))]
        labels = row[:1] if any(map(str.isalpha, self.text[row[0].start : row[0].end])) and len(row) > 1 else ()
        kind: BlockKind = "field" if pairs else "row"
        self._block(kind, start, end, header, cells=row, labels=labels, columns=columns if heads else ())
        return header

    def _fields(self, lines: Sequence[Line], at: int) -> int:
        """Lines of labels with values, at least two or one alone that is no sentence."""
        if not forms.is_field(lines[at]):
            return 0
        stop = at + 1
        while stop < len(lines) and (forms.is_field(lines[stop]) or lines[stop].indent > lines[at].indent):
            stop += 1
        alone = at == 0 and len(lines) == 1 and not closed(lines[0].text)
        goes_on = at > 0 and self.outline.blocks[-1].kind == "field"
        if stop - at < 2 and not alone and not goes_on:
            return 0
        for low, high in _runs(lines, at, stop, forms.is_field):
            self._add("field", lines[low:high])
        return stop - at

    def _list(self, lines: Sequence[Line], at: int) -> int:
        """One item with the lines that go on with it."""
        line = lines[at]
        if not self._is_item(lines, at, True):
            return 0
        beside: int | None = None  # the item before it in the same list
        while self.items and self.items[-1][0] >= line.indent:
            beside = self.items.pop()[1]
        stop = at + 1
        longest = max(len(each.text) for each in lines[at : at + 50])
        while stop < len(lines) and not self._is_item(lines, stop, True) and lines[stop].depth == line.depth:
            last = lines[stop - 1]
            on = lines[stop].indent > line.indent or lines[stop].text[0].islower() or not closed(last.text)
            if not on and not self.wrapping.full(last, lines[stop], longest):
                break
            stop += 1
        parent = self._above(beside)
        number = self._add("item", lines[at:stop], parent, level=len(self.items) + 1)
        self.items.append((line.indent, number))
        return stop - at

    def _above(self, beside: int | None) -> int | None:
        """What a new item stands under: the outer item, a lead-in, or what the item beside it stands under."""
        if self.items:
            return self.items[-1][1]
        if beside is None or self.led == len(self.outline.blocks) - 1:
            return self.led
        return self.outline.blocks[beside].parent

    def _is_item(self, lines: Sequence[Line], at: int, free: bool = False) -> bool:
        """Whether a line is marked as an item; a letter or a Roman number counts only beside another one.

        free: no paragraph is open that a number or a dash at the head of a line could belong to.
        """
        text = lines[at].text
        if not forms.ITEM.match(text):
            return False
        if at and not self.items and not free:
            last = lines[at - 1].text
            beside = any(forms.ITEM.match(each.text) for each in lines[at + 1 : at + 8])
            return last.endswith((":", "：")) or (beside and (closed(last) or lines[at].indent > lines[at - 1].indent))
        if forms.LETTERED.match(text) and not text.startswith("("):
            others = [lines[n].text for n in (at - 1, at + 1) if 0 <= n < len(lines)]
            return bool(self.items) or self.led is not None or any(map(forms.LETTERED.match, others))
        return True

    def _program(self, lines: Sequence[Line], at: int) -> int:
        """A chunk that looks like code in most of its lines."""
        if at or (len(lines) < 2 and not lines[0].text.startswith(("$ ", ">>> "))):
            return 0
        if sum(bool(forms.CODE.match(line.text)) for line in lines) < 0.6 * len(lines):
            return 0
        self._add("code", lines)
        return len(lines)

    def _paragraph(self, lines: Sequence[Line], at: int) -> int:
        """Lines up to the first that begins something else, in as many paragraphs as their ends tell."""
        stop = at + 1
        while stop < len(lines) and lines[stop].depth == lines[at].depth and not self._begins(lines, stop):
            stop += 1
        item = self.items[-1][1] if self.items and lines[at].indent > self.items[-1][0] else None
        for part in self.wrapping.parts(lines[at:stop]):
            after = self.speaker is not None and self._is_speech(part)
            labels = (self.speaker,) if after and self.speaker else ()
            kind: BlockKind = "caption" if forms.CAPTION.match(part[0].text) else "turn" if after else "paragraph"
            self._add(kind, part, item, labels=labels)
        return stop - at

    def _begins(self, lines: Sequence[Line], at: int) -> bool:
        """Whether a line inside a chunk begins something that is no part of the paragraph before it."""
        line = lines[at]
        return (
            bool(text_tables.RULE.fullmatch(line.text) or forms.FENCE.fullmatch(line.text) or self._is_led(line))
            or self._is_item(lines, at)
            or bool(forms.LOG.match(line.text))
            or (bool(self.speakers) and self._name(line) is not None)
            or (self.asks and bool(forms.QUESTION.match(line.text) or forms.ANSWER.match(line.text)))
            or (at + 1 < len(lines) and forms.is_field(line) and forms.is_field(lines[at + 1]))
            or text_tables.find(self.text, lines, at) is not None
        )

    @staticmethod
    def _is_led(line: Line) -> bool:
        return len(line.text) <= forms.ENTRY_CHARS and bool(forms.LEADERS.fullmatch(line.text))

    @staticmethod
    def _is_speech(part: Sequence[Line]) -> bool:
        return closed(part[-1].text)

    def _add(self, kind: BlockKind, lines: Sequence[Line], parent: int | None = None, **more: Any) -> int:
        if kind != "item" and self.items and lines[0].indent <= self.items[0][0]:
            self.items = []
        if parent is None and self.outline.section is None:
            parent = self.messages.get(lines[0].depth)
        if kind == "paragraph" and sum(len(line.text) for line in lines) > forms.PROSE and closed(lines[-1].text):
            self.listing = False
        if kind in QUOTED:
            more["level"] = min(lines[0].depth, 1)
        number = self._block(kind, lines[0].start, lines[-1].end, parent, **more)
        self.marks += [(_line_start(self.text, line.start), line.start) for line in lines[1:] if line.depth]
        ends = lines[-1].text.endswith((":", "：")) and kind not in ("heading", "furniture")
        self.led = number if ends else self.led if kind in ("item", "furniture") else None
        return number

    def _block(self, kind: BlockKind, start: int, end: int, parent: int | None = None, **more: Any) -> int:
        return self.outline.add(kind, start, end, parent, **more)


def _stop(lines: Sequence[Line], at: int, ends: Callable[[Line], bool]) -> int:
    return next((number for number in range(at, len(lines)) if ends(lines[number])), len(lines))


def _runs(lines: Sequence[Line], at: int, stop: int, opens: Callable[[Line], bool]) -> Iterator[Range]:
    """Stretches that begin with a line that `opens`."""
    low = at
    for number in range(at + 1, stop):
        if opens(lines[number]):
            yield low, number
            low = number
    yield low, stop


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _entry(text: str) -> str:
    """A line of a contents list or a heading, without page, case and white space."""
    bare = re.sub(r"[\s.]+\d{1,4}\Z", "", text)
    return re.sub(r"\W+", "", re.sub(r"\A(?:[IVXLC]+|\d{1,3})\.\s+(?=\S)", "", bare)).lower()

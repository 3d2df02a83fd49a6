"""Paragraphs and rows that state nothing, whatever the format: they are context or furniture, and never quoted."""

import re
from collections.abc import Sequence
from dataclasses import replace

from qa.ingest.formats.common.phrases import states
from qa.records import Block

__all__ = ["settled"]

_LABEL = re.compile(r"[(\[]?(?:[IVXLC]{1,7}|(?:\d{1,3}|[A-Z])(?:\.(?:\d{1,3}|[A-Z]))+|[A-Z])[.)\]:]*")
_PAGE = re.compile(r"(?<!\d)\d{1,3}(?:[-–]\d{1,3})?\Z")
_PAGE_CHARS = 8
_ENTRIES = 10  # paragraphs like an entry of an index or a list of pictures, in a document that has one
_LISTED = 5  # rows of a table of contents
_SHARE = 0.5  # of the paragraphs that are entries, from the first to the last, and of the rows that name a heading
_TITLE_CHARS = 60
_RULE = re.compile(r"[-_=*~.–—\s]{3,}")
_NAME = re.compile(  # `Bug fixes:`
    r"(?:[-+*•] |\d+[.)] )?[*_`]{0,6}(?P<words>[^\s:]{1,80}(?: [^\s:]{1,80})?)(?::[*_`]{0,6}|[*_`]{1,6}:)"
)
_TAG = re.compile(r"(?:[-*+] |\d+[.)] )?\{%[^{}]*%\}\.?")  # of a template, and nothing else


def settled(text: str, blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks, with those that state nothing under their own kind: numbers of sections as furniture, entries of an
    index or a table of contents as contents, titles of tables and names of lists as headings.
    """
    result = list(blocks)
    for number in _index(text, blocks):
        result[number] = replace(blocks[number], kind="contents")
    for number in _listing(text, blocks):
        result[number] = replace(blocks[number], kind="contents", labels=(), cells=())
    for number, block in enumerate(result):
        words = text[block.start : block.end]
        if (block.kind in ("paragraph", "item") and _TAG.fullmatch(words)) or (
            block.kind == "paragraph" and (_LABEL.fullmatch(words) or _RULE.fullmatch(words))
        ):
            result[number] = replace(block, kind="furniture")
        elif block.kind == "paragraph" and _names_table(text, result, number):
            result[number] = replace(block, kind="heading")
            _hang(result, number)
        elif block.kind in ("paragraph", "item") and _names_list(text, result, number):
            result[number] = replace(block, kind="heading", level=0)
    return tuple(result)


def _index(text: str, blocks: Sequence[Block]) -> list[int]:
    """Entries of an index or a list of pictures: many paragraphs that name pages, with few others between them."""
    prose = [number for number, block in enumerate(blocks) if block.kind == "paragraph"]
    entries = [number for number in prose if _is_entry(text[blocks[number].start : blocks[number].end])]
    if len(entries) < _ENTRIES:
        return []
    between = sum(entries[0] <= number <= entries[-1] for number in prose)
    return entries if len(entries) >= _SHARE * between else []


def _is_entry(words: str) -> bool:
    """Whether each line is a name and pages: `Amulets, 12, 45-47`, `The harbour ... 12`. A year is no page."""
    return all(_names_page(line.strip()) for line in words.splitlines() if line.strip()) and not states(words)


def _names_page(line: str) -> bool:
    line = line.rstrip(" .,;")
    page = _PAGE.search(line[-_PAGE_CHARS:])
    before = line[: -len(page[0])] if page else ""
    return before.endswith((", ", "   ", "\t")) or before.rstrip().endswith("...")


def _names_table(text: str, blocks: Sequence[Block], number: int) -> bool:
    """Whether a short line that neither ends in a stop nor states something stands right over a table."""
    after = blocks[number + 1] if number + 1 < len(blocks) else None
    words = text[blocks[number].start : blocks[number].end]
    if after is None or after.kind not in ("row", "header") or after.parent != blocks[number].parent:
        return False
    titled = len(words) <= _TITLE_CHARS and "\n" not in words and words[:1].isupper() and words[-1] not in ".!?:;,…*_)"
    return titled and not states(words)


def _names_list(text: str, blocks: Sequence[Block], number: int) -> bool:
    """Whether one or two words and a colon are all that a block says about the blocks under it."""
    words = _NAME.fullmatch(text, blocks[number].start, blocks[number].end)
    over = number + 1 < len(blocks) and blocks[number + 1].parent == number
    return over and words is not None and not states(words["words"])


def _hang(blocks: list[Block], number: int) -> None:
    """Put the table after a title under it."""
    above = blocks[number].parent
    for at in range(number + 1, len(blocks)):
        if blocks[at].kind not in ("row", "header"):
            break
        if blocks[at].parent == above:
            blocks[at] = replace(blocks[at], parent=number)


def _listing(text: str, blocks: Sequence[Block]) -> list[int]:
    """Rows of tables of contents: names of headings of the document, with rising numbers of pages, under no header."""
    rows = [n for n, b in enumerate(blocks) if b.kind == "row" and len(b.cells) > 1 and not any(b.columns)]
    runs: list[list[int]] = []
    for number in rows:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    long = [run for run in runs if len(run) >= _LISTED and _rises(text, [blocks[number] for number in run])]
    if not long:
        return []
    known = {_folded(text[block.start : block.end]) for block in blocks if block.kind == "heading"}
    names = {number: _folded(text[slice(*_name(blocks[number]))]) for run in long for number in run}
    return [number for run in long if sum(names[n] in known for n in run) >= _SHARE * len(run) for number in run]


def _rises(text: str, rows: Sequence[Block]) -> bool:
    last = [text[row.cells[-1].start : row.cells[-1].end].strip() for row in rows]
    pages = [int(cell) for cell in last if cell.isdecimal() and len(cell) < 5]
    return len(pages) >= 0.8 * len(rows) and pages == sorted(pages)


def _name(row: Block) -> tuple[int, int]:
    longest = max(row.cells[:-1], key=lambda cell: cell.end - cell.start)
    return longest.start, longest.end


def _folded(words: str) -> str:
    return " ".join(re.findall(r"\w+", words.lower()))

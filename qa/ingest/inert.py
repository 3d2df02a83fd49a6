"""Paragraphs and rows that state nothing, whatever the format: they are context or furniture, and never quoted."""

import re
from collections.abc import Sequence
from dataclasses import replace

from qa.english.function_words import LOWERED_IN_TITLES
from qa.ingest.formats.common.phrases import states
from qa.records import Block

__all__ = ["settled"]

_LABEL = re.compile(r"[(\[]?(?:[IVXLC]{1,7}|(?:\d{1,3}|[A-Z])(?:\.(?:\d{1,3}|[A-Z]))+|[A-Z])[.)\]:]*")
_ENTRY = re.compile(r"\S.*(?:, ?|\s{3,}|\.{3,}\s*)\d{1,4}(?:[-–]\d{1,4})?(?:, ?\d{1,4}(?:[-–]\d{1,4})?)*[.,;]?")
_ENTRIES = 10  # paragraphs like an entry of an index or a list of pictures, in a document that has one
_LISTED, _SHARE = 5, 0.5  # rows of a table of contents, and those whose names stand elsewhere in the document
_TITLE_CHARS = 60
_CAPITALS = 150  # characters of a title page
_MARKS = '”"’*_) '
_TAG = re.compile(r"(?:[-*+] |\d+[.)] )?\{%[^{}]*%\}\.?")  # of a template, and nothing else
_TITLES = 5  # paragraphs like a title with a stop, in a document that has such titles


def settled(text: str, blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks, with those that state nothing under their own kind: numbers of sections as furniture, entries of an
    index or a table of contents as contents, lines in capitals and titles of tables as headings.
    """
    result = list(blocks)
    entries = [n for n, block in enumerate(blocks) if block.kind == "paragraph" and _is_entry(text, block)]
    indexed = len(entries) >= _ENTRIES
    for number in entries if indexed else ():
        result[number] = replace(blocks[number], kind="contents")
    titles = [n for n, block in enumerate(blocks) if block.kind == "paragraph" and _is_title(text, blocks, block)]
    for number in titles if len(titles) >= _TITLES else ():
        result[number] = replace(blocks[number], kind="heading")
    for number in _listing(text, blocks):
        result[number] = replace(blocks[number], kind="contents", labels=(), cells=(), columns=())
    for number, block in enumerate(result):
        words = text[block.start : block.end]
        if block.kind in ("paragraph", "item") and _TAG.fullmatch(words):
            result[number] = replace(block, kind="furniture")
        if block.kind != "paragraph":
            continue
        if _LABEL.fullmatch(words) or (indexed and words.isdecimal()):
            result[number] = replace(block, kind="furniture")
        elif _is_capital(words):
            result[number] = replace(block, kind="heading")
        elif _names_table(text, result, number):
            result[number] = replace(block, kind="heading")
            _hang(result, number)
    return tuple(result)


def _is_entry(text: str, block: Block) -> bool:
    return all(_ENTRY.fullmatch(line.strip()) for line in text[block.start : block.end].splitlines() if line.strip())


def _is_title(text: str, blocks: Sequence[Block], block: Block) -> bool:
    """Whether a paragraph is a title with a stop, as old books have them: `Charms, Spells, and Incantations.`"""
    words = text[block.start : block.end]
    if len(words) > _TITLE_CHARS or not words.endswith(".") or not words[0].isalpha() or "\n" in words:
        return False
    names = [word for word in re.findall(r"[^\W\d_]+", words) if word.lower() not in LOWERED_IN_TITLES]
    asked = block.parent is not None and blocks[block.parent].kind in ("question", "paragraph")
    return not asked and bool(names) and len(words) > 5 and all(word[0].isupper() for word in names)


def _is_capital(words: str) -> bool:
    """Whether a line is in capitals, as a title is; not a letter, a code or a shouted sentence."""
    letters = sum(map(str.isalpha, words))
    if not words.isupper() or len(words) > _CAPITALS or words.rstrip(_MARKS)[-1:] in ("!", "?", ":") or states(words):
        return False
    return (
        letters > 5 and (" " in words or (words.isalpha() and letters > 7)) and (words[-1] != "." or "\n" not in words)
    )


def _names_table(text: str, blocks: Sequence[Block], number: int) -> bool:
    """Whether a short line without a stop stands right over a table."""
    after = blocks[number + 1] if number + 1 < len(blocks) else None
    words = text[blocks[number].start : blocks[number].end]
    if after is None or after.kind not in ("row", "header") or after.parent != blocks[number].parent:
        return False
    return len(words) <= _TITLE_CHARS and "\n" not in words and words[:1].isupper() and words[-1] not in ".!?:;,…*_)"


def _hang(blocks: list[Block], number: int) -> None:
    """Put the table after a title under it."""
    above = blocks[number].parent
    for at in range(number + 1, len(blocks)):
        if blocks[at].kind not in ("row", "header"):
            break
        if blocks[at].parent == above:
            blocks[at] = replace(blocks[at], parent=number)


def _listing(text: str, blocks: Sequence[Block]) -> list[int]:
    """Rows of tables of contents: names that stand elsewhere in the document, with rising numbers of pages."""
    rows = [number for number, block in enumerate(blocks) if block.kind == "row" and len(block.cells) > 1]
    runs: list[list[int]] = []
    for number in rows:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    long = [run for run in runs if len(run) >= _LISTED and _rises(text, [blocks[number] for number in run])]
    if not long:
        return []
    known = {_folded(text[block.start : block.end]) for block in blocks if block.kind != "row"}
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

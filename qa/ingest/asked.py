"""Questions that stand in one block with their answer, in any format: the two become blocks of their own.

A row of a table whose cell asks (`Is there a lift? | Only in house B.`), a paragraph that calls its parts question and
answer, one that opens with a question in bold print, and short questions that open many paragraphs of a document.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from qa.english.questions import QUESTION_MARKS
from qa.ingest.formats.common.phrases import MARKED
from qa.records import Block, BlockKind, Span

__all__ = ["divided"]

_ANSWER = re.compile(r"(?:\*\*|__)?(?:A|Answer|Antwort|Antwoord|Respuesta)\s*\d*\s*[:.)]")
_BULLET = r"(?:(?:[-+*•]|\d+[.)]) )?"
_ASKED = re.compile(
    rf"{_BULLET}(?P<mark>[*_]{{0,2}}{MARKED}[*_]{{0,2}}\s*)?(?P<words>[^?？؟.!\n]{{8,200}}[?？؟][*_\"”’)]*)\s+(?P<dash>[-–—]\s+(?=(?-i:[^\W_a-z])))?(?=\S)",
    re.IGNORECASE,
)
_BOLD = re.compile(rf"{_BULLET}(\*\*|__)[^*_]+(?:[?？؟]\1|\1[?？؟])")
_NEXT = re.compile(rf"^[*_]{{0,2}}{MARKED}", re.IGNORECASE | re.MULTILINE)
_CELL_WORDS = 3  # of a cell that asks; `Size?` names a column
_NAME_CHARS = 30  # of the name of a column
_MANY, _SHARE = 3, 0.3  # paragraphs that open with a question, and their share: a list of questions and answers
_PROSE = frozenset(("paragraph", "item", "field"))


def divided(text: str, blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks, with questions that are answered in their own block, or in the next one, as blocks of their own."""
    return _paired(text, _divided(text, blocks))


def _paired(text: str, blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks, with `Q. Who was there?` as the question of the next block if that begins with `A.`"""
    result = list(blocks)
    said = [number for number, block in enumerate(blocks) if block.kind != "furniture"]
    for number, answer in pairwise(said):
        asks = blocks[number].kind in _PROSE and _NEXT.match(text, blocks[number].start, blocks[number].end)
        if asks and blocks[answer].kind in _PROSE and _ANSWER.match(text, blocks[answer].start, blocks[answer].end):
            result[number] = replace(blocks[number], kind="question", level=0)
            result[answer] = replace(result[answer], parent=number)
    return tuple(result)


def _divided(text: str, blocks: Sequence[Block]) -> tuple[Block, ...]:
    opening = [number for number, block in enumerate(blocks) if block.kind in _PROSE and _opening(text, block)]
    prose = sum(block.kind in _PROSE for block in blocks)
    many = len(opening) >= _MANY and len(opening) >= _SHARE * prose
    asked = {number for number in opening if many or _is_marked(text, blocks[number])}
    rows = {
        number for number, block in enumerate(blocks) if block.kind == "row" and _asking_cell(text, block) is not None
    }
    if not asked and not rows:
        return tuple(blocks)
    result: list[Block] = []
    places: list[int] = []  # where the last part of each block is now
    for number, block in enumerate(blocks):
        parent = None if block.parent is None else places[block.parent]
        moved = replace(block, parent=parent)
        if number in asked:
            result += _paragraph(text, moved, len(result))
        elif number in rows:
            result += _row(text, moved, len(result))
        elif block.kind == "row" and number + 1 in rows and number - 1 not in rows and _names(text, block):
            result.append(replace(moved, kind="header", labels=()))
        else:
            result.append(moved)
        places.append(len(result) - 1)
    return tuple(result)


def _opening(text: str, block: Block) -> re.Match[str] | None:
    """The question that opens a block and is followed by more than another question."""
    found = _ASKED.match(text, block.start, block.end)
    if not found or len(found["words"].split()) < _CELL_WORDS:
        return None
    rest = text[found.end() : block.end].rstrip("*_ ")
    return None if rest.endswith(QUESTION_MARKS) or not rest[:1].strip(" -–—") else found


def _is_marked(text: str, block: Block) -> bool:
    found = _opening(text, block)
    return found is not None and bool(
        _BOLD.match(text, block.start, block.end) or (found["mark"] and _ANSWER.match(text, found.end(), block.end))
    )


def _paragraph(text: str, block: Block, number: int) -> Iterator[Block]:
    """Each question of the block, and what follows it as its answer."""
    starts = [match.start() for match in _NEXT.finditer(text, block.start + 1, block.end)]
    for start, end in pairwise([block.start, *starts, block.end]):
        part = replace(block, start=start, end=start + len(text[start:end].rstrip()))
        found = _opening(text, part)
        if found is None:
            yield part
            number += 1
            continue
        yield Block("question", start, found.end("words"), block.parent)
        if found["dash"]:
            yield Block("furniture", found.start("dash"), found.start("dash") + 1, block.parent)
        kind: BlockKind = "item" if block.kind == "item" else "paragraph"
        labels = tuple(span for span in block.labels if span.end <= block.start or span.start >= found.end())
        yield Block(kind, found.end(), part.end, number, block.level, labels)
        number += 3 if found["dash"] else 2


def _asking_cell(text: str, block: Block) -> int | None:
    """The cell of a row, one of the first two, that is a question and has an answer beside it."""
    filled = [number for number, cell in enumerate(block.cells) if cell.end > cell.start]
    for number in filled[:2]:
        cell = block.cells[number]
        words = text[cell.start : cell.end].rstrip("*_ ")
        before = [other for other in filled if other < number]
        counted = all(not re.search(r"[^\W\d_]{2}", text[slice(*_ends(block.cells[other]))]) for other in before)
        if words.endswith(QUESTION_MARKS) and len(words.split()) >= _CELL_WORDS and number != filled[-1] and counted:
            return number
    return None


def _row(text: str, block: Block, number: int) -> Iterator[Block]:
    """The question, what sets the cells apart, and the other cells as its answer."""
    at = _asking_cell(text, block)
    assert at is not None
    rest = [cell for cell in range(at + 1, len(block.cells)) if block.cells[cell].end > block.cells[cell].start]
    end, start = block.cells[at].end, block.cells[rest[0]].start
    yield Block("question", block.start, end, block.parent)
    between = text[end:start]
    if between.strip():
        low = end + len(between) - len(between.lstrip())
        yield Block("furniture", low, end + len(between.rstrip()), block.parent)
    if len(rest) == 1:
        yield Block("paragraph", start, block.end, number)
        return
    columns = tuple(block.columns[cell] for cell in rest) if block.columns else ()
    yield Block("row", start, block.end, number, cells=tuple(block.cells[cell] for cell in rest), columns=columns)


def _names(text: str, block: Block) -> bool:
    """Whether a row can only hold the names of columns."""
    cells = [text[slice(*_ends(cell))] for cell in block.cells if cell.end > cell.start]
    return len(cells) > 1 and all(len(cell) <= _NAME_CHARS and cell[-1] not in ".?!" for cell in cells)


def _ends(span: Span) -> tuple[int, int]:
    return span.start, span.end

"""What the words of a block say about its kind: questions, lead-ins, labels, headings without a style."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from qa.english.questions import QUESTION_MARKS
from qa.records import Block

__all__ = [
    "MARKED",
    "asks",
    "is_field",
    "is_marked_question",
    "leads_in",
    "question_end",
    "reads_as_heading",
    "settle",
    "states",
]

MARKED = r"(?:Q|Question|Frage|Vraag|Pregunta)\s*\d*\s*[:.)]"
"""What opens a line that calls itself a question."""

_QUESTION = re.compile(rf"{MARKED}\s?", re.IGNORECASE)
_ASKED_CHARS = 300
_HEADING_CHARS = 80
_FIELD = re.compile(r"(?!https?:|www\.)[^\W\d_][^\n:.!?;]{0,39}?\s?:(?:[ \t]+\S|\n\S)")
_INTRODUCES = re.compile(
    r"\b(?:following|below|these|as follows|such as|include|includes|including)\b[^.]*\W?$", re.IGNORECASE
)
_STATES = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|do|does|did|must|may|can|cannot|will|shall|should|no|not|only|never|closed|open)\b",
    re.IGNORECASE,
)


def asks(text: str) -> bool:
    """Whether a line is a question and nothing else."""
    return text.endswith(QUESTION_MARKS) and len(text) <= _ASKED_CHARS and not re.search(r"[.!:]\s+\S", _body(text))


def _body(text: str) -> str:
    match = _QUESTION.match(text) or re.match(r"\s*[\w.]{1,5}[.)]\s", text)
    return text[match.end() :] if match else text


def is_marked_question(text: str) -> bool:
    """Whether a line calls itself a question: `Q: Where is it?`."""
    return bool(_QUESTION.match(text)) and asks(text)


def question_end(text: str, bold: int) -> int:
    """Where the question ends that opens a text in bold print and is answered in plain print; 0 if there is none.

    bold: characters other than white space at the beginning of the text that are in bold print.
    """
    for match in re.finditer(r"[?？؟](?=\s+\S)", text[:_ASKED_CHARS]):
        if len("".join(text[: match.end()].split())) == bold:
            return match.end() if asks(text[: match.end()]) else 0
    return 0


def is_field(text: str) -> bool:
    """Whether a line is a label and its value."""
    return bool(_FIELD.match(text)) and not is_marked_question(text)


def leads_in(text: str) -> bool:
    """Whether a paragraph right before a list introduces it."""
    return (
        text.endswith((":", "：", "—", "–"))
        or not text.endswith((".", "!", "?", "…", ")"))
        or bool(_INTRODUCES.search(text[-120:]))
    )


def states(text: str) -> bool:
    """Whether a short line has a verb or another word that makes a statement of it."""
    return bool(_STATES.search(text))


def reads_as_heading(text: str) -> bool:
    """Whether a line in bold print can only be a heading: short, no sentence, no figures."""
    if "\n" in text or len(text) > _HEADING_CHARS or re.search(r"\d", text) or not re.search(r"[^\W\d_]", text):
        return False
    return not text.endswith((".", "!", ",", ";")) and not is_field(text) and not states(text)


def settle(text: str, blocks: Sequence[Block], guessed: Collection[int] = ()) -> tuple[Block, ...]:
    """The blocks, with headings that ask and have something under them as questions.

    guessed: headings that only look like one; those with nothing under them are paragraphs.
    """
    over = {block.parent for block in blocks if block.kind != "heading"}
    settled = []
    for number, block in enumerate(blocks):
        if block.kind == "heading" and number in over and asks(text[block.start : block.end]):
            block = replace(block, kind="question")
        elif number in guessed and not any(other.parent == number for other in blocks[number + 1 : number + 2]):
            block = replace(block, kind="paragraph", level=0)
        settled.append(block)
    return tuple(settled)

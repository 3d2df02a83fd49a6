"""Reading a draft: its text, its blocks, and the sentences that state something."""

from dataclasses import dataclass
from pathlib import PurePath

import regex

from qa.cite.unread import Piece, unread
from qa.errors import SourceError, UsageError
from qa.ingest.reading import Job, prepare_all
from qa.records import QUOTABLE, Block, Document, Span
from qa.text import line_of

__all__ = ["SUFFIXES", "Claim", "Draft", "read_draft"]

SUFFIXES = (".txt", ".md", ".docx")
LEAST_WORDS = 3  # a shorter sentence, such as `Thank you.`, states nothing that a document could prove
LEAST_LETTERS = 4  # of a script that sets no spaces between words
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of a draft: `draft.text[start:end] == text`. line: from 1."""

    text: str
    start: int
    end: int
    line: int


@dataclass(frozen=True, slots=True)
class Draft:
    """claims: in the order of the text. Headings, questions, code and very short sentences are none."""

    name: str
    text: str
    blocks: tuple[Block, ...]
    claims: tuple[Claim, ...]

    @property
    def unread(self) -> list[Piece]:
        """What is beside the claims."""
        return list(unread(self.text, [Span(claim.start, claim.end) for claim in self.claims]))


def read_draft(name: str, data: bytes) -> Draft:
    """The draft in these bytes; the ending of its name says how to read it, none means plain text.

    Raises UsageError for a format that is no draft's and for a file that cannot be read.
    """
    suffix = PurePath(name).suffix.lower() or ".txt"
    if suffix not in SUFFIXES:
        raise UsageError(f"{name}: a draft is a .txt, .md or .docx file; save it as one of these")
    (prepared,) = prepare_all([Job(f"draft{suffix}", data)], boilerplate=False)
    if isinstance(prepared, SourceError):
        raise UsageError(f"{name} cannot be read: {prepared}")
    document = prepared.document
    spans = [(s.start, s.end) for s in prepared.sentences if _states(document, s.block, s.start, s.end)]
    claims = tuple(Claim(document.text[start:end], start, end, line_of(document.text, start)) for start, end in spans)
    return Draft(name, document.text, document.blocks, claims)


def _states(document: Document, block: int, start: int, end: int) -> bool:
    text = document.text[start:end]
    kind = document.blocks[block].kind
    return kind in QUOTABLE and kind != "code" and not text.rstrip("\"'”’)").endswith("?") and _is_long(text)


def _is_long(text: str) -> bool:
    words = sum(any(character.isalpha() for character in word) for word in text.split())
    return words >= LEAST_WORDS or len(_UNSPACED.findall(text)) >= LEAST_LETTERS

"""A file's bytes to a Document: one reader a format, chosen by suffix."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from qa.errors import SourceError
from qa.ingest import boilerplate
from qa.ingest.formats import reader
from qa.ingest.metadata import Extracted, fields
from qa.ingest.unread import refusal, without_extra
from qa.records import Block, Document, Span

__all__ = ["read"]

_LINE_CHARS = 2_000
_TITLE_CHARS = 80  # of a title taken from the text: about a line
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(\S[^\n]*)|^(\S[^\n]*)\n {0,3}(?:={3,}|-{3,})[ \t]*\r?$", re.M)
_INLINE = re.compile(r"!?\[([^]]*)\]\([^)]*\)|[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}|\s#+\s*$")
_FENCE = re.compile(r"^ {0,3}(```|~~~).*?(?:^ {0,3}\1|\Z)", re.M | re.S)


def read(doc_id: str, data: bytes, sidecar: Mapping[str, str] | None = None, ocr: bool = False) -> Document:
    """Read one file.

    doc_id: its id, whose suffix decides the format. sidecar: fields that win over the file's own; an empty value
    removes one. ocr: whether pictures and scanned pages are read, by Tesseract.
    The document's `skipped` is empty; boilerplate is added later. Raises SourceError(reason).
    """
    suffix = PurePosixPath(doc_id).suffix.lower()
    if reason := refusal(suffix, ocr):
        raise SourceError(reason)
    try:
        extracted = _with_scans(data) if suffix == ".pdf" and ocr else reader(suffix)(data)
    except ImportError as error:
        raise SourceError(without_extra(suffix)) from error
    text, front = extracted.text, extracted.front
    if not text[front:].strip():
        raise SourceError("no text in it")
    own = fields(extracted.found) | dict(sidecar or {})
    title = own.pop("title", "") or (_heading(text, front) if suffix in (".md", ".markdown", ".ipynb") else "")
    return Document(
        id=doc_id,
        text=text,
        sha256=hashlib.sha256(data).hexdigest(),
        title=title or _first_line(text, front, extracted.blocks) or PurePosixPath(doc_id).name,
        metadata={key: value for key, value in own.items() if value},
        pages=extracted.pages,
        blocks=extracted.blocks,
        markup=extracted.markup,
        unread=extracted.unread,
    )


def _with_scans(data: bytes) -> Extracted:
    """A PDF whose pages without text are read from pictures of them."""
    from qa.ingest.formats import scanned
    from qa.ingest.formats.pdf import reader as pdf

    return pdf.extract(data, scanned.recognise)


def _heading(text: str, front: int) -> str:
    """The first heading of a Markdown text that is not inside of a code block, without its markup."""
    body = _FENCE.sub("", text[front:])
    for match in _HEADING.finditer(body):
        plain = _INLINE.sub(r"\1", (match[1] or match[2])[:_LINE_CHARS])
        if title := _short(plain):
            return title
    return ""


def _first_line(text: str, front: int, blocks: Sequence[Block]) -> str:
    """The first line that is not white, leaving out what the page added around the article."""
    chrome = [
        Span(block.start, block.end) for block in blocks if block.kind in ("furniture", "contents", "header", "row")
    ]
    skipped = sorted([Span(0, front), *chrome, *boilerplate.find(text, (Span(0, front), *chrome))])
    ends = [span.end for span in skipped]
    starts = [*(span.start for span in skipped[1:]), len(text)]
    for end, start in zip(ends, starts, strict=True):
        for line in text[end:start].splitlines():
            if re.search(r"\w", line):
                return _short(line)
    return ""


def _short(line: str) -> str:
    """On one line, cut at a word boundary."""
    line = " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", line[:_LINE_CHARS]).split())
    if len(line) <= _TITLE_CHARS:
        return line
    head, _, tail = line[:_TITLE_CHARS].rpartition(" ")
    return (head or tail[:-1]).rstrip(",;:-–— ") + "…"

"""Log files: the decoded file, unchanged; an entry is a line and those that go on with it."""

import re
from collections.abc import Iterator

from qa.ingest.decoding import decode
from qa.ingest.metadata import Extracted
from qa.records import Block

__all__ = ["extract"]

_LINE = re.compile(r"[^\r\n]+")
_ENTRY = re.compile(
    r"[\[(<]?\d|[\[(<]?[A-Z][a-z]{2} +\d|[\[<(]?(?:TRACE|DEBUG|INFO|NOTICE|WARN|ERROR|FATAL|CRITICAL|[DIWEF]\d)"
)


def extract(data: bytes) -> Extracted:
    """Entries as paragraphs. Raises SourceError."""
    text = decode(data)
    return Extracted(text, blocks=tuple(_entries(text)))


def _entries(text: str) -> Iterator[Block]:
    lines = [match.span() for match in _LINE.finditer(text) if match[0].strip()]
    stamped = sum(1 for start, _ in lines if _ENTRY.match(text, start))
    entry: tuple[int, int] | None = None
    for start, end in lines:
        goes_on = stamped * 2 >= len(lines) and not _ENTRY.match(text, start)
        if entry and not goes_on:
            yield _block(text, *entry)
            entry = None
        entry = (entry[0] if entry else start, end)
    if entry:
        yield _block(text, *entry)


def _block(text: str, start: int, end: int) -> Block:
    piece = text[start:end]
    return Block("paragraph", start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip()))

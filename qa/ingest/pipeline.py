"""The steps from one file to its sentences and passages, in their order."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

from qa.errors import SourceError
from qa.ingest import boilerplate as chrome
from qa.ingest import passages, readers, sentences
from qa.ingest.asked import divided
from qa.ingest.blocks import sound
from qa.ingest.formats.text import reader as plain
from qa.ingest.inert import settled
from qa.ingest.outline import merged
from qa.records import Block, Prepared, Sentence, Span

__all__ = ["prepare"]


def prepare(
    doc_id: str,
    data: bytes,
    sidecar: Mapping[str, str] | None = None,
    boilerplate: bool = True,
    passage_chars: int = 800,
    ocr: bool = False,
    most: int | None = None,
) -> Prepared:
    """Read, skip boilerplate, split and pack one file's bytes, in this process and without limits of time and memory:
    see `qa.ingest.reading` for files of strangers.

    most: characters of text. Raises SourceError with the reason when the file cannot be read or has more.
    """
    document = readers.read(doc_id, data, sidecar, ocr)
    text = document.text
    if most is not None and len(text) > most:
        raise SourceError(f"extracts to more than {most:,} characters, from a file of {len(data):,} bytes")
    if not document.blocks:
        blocks, markup = plain.find(text)
        document = replace(document, blocks=tuple(blocks), markup=markup)
    document = replace(document, blocks=divided(text, settled(text, sound(text, document.blocks))))
    found = chrome.find(text, (*document.skipped, *_fields_first(document.blocks))) if boilerplate else ()
    document = replace(document, skipped=merged((span.start, span.end) for span in (*document.skipped, *found)))
    units = sentences.split_blocks(text, document.blocks, document.markup, document.skipped)
    cut = tuple(Sentence(doc_id, n, span.start, span.end, block) for n, (span, block) in enumerate(units))
    starts = passages.sections(cut, document.blocks, passage_chars)
    return Prepared(document, cut, tuple(passages.pack(doc_id, text, cut, passage_chars, starts)), len(found))


def _fields_first(blocks: Sequence[Block]) -> tuple[Span, ...]:
    """The fields that open a document, such as front matter: boilerplate is looked for after them."""
    first = list(takewhile(lambda block: block.kind in ("field", "furniture"), blocks))
    return (Span(0, first[-1].end),) if any(block.kind == "field" for block in first) else ()

"""Files to documents, sentences and passages. `prepare` does all of it for one file."""

from collections.abc import Mapping
from dataclasses import replace

from qa.ingest import boilerplate as chrome
from qa.ingest import passages, readers, sentences
from qa.records import Prepared, Sentence, Span

__all__ = ["prepare", "versions"]


def prepare(
    doc_id: str,
    data: bytes,
    sidecar: Mapping[str, str] | None = None,
    boilerplate: bool = True,
    passage_chars: int = 800,
    ocr: bool = False,
) -> Prepared:
    """Read, skip boilerplate, split and pack one file's bytes. Raises SourceError with the reason when it cannot be
    read.
    """
    document = readers.read(doc_id, data, sidecar, ocr)
    found = chrome.find(document.text, document.skipped) if boilerplate else ()
    document = replace(document, skipped=_union(document.skipped, found))
    spans = sentences.split(document.text, document.skipped)
    cut = tuple(Sentence(doc_id, number, span.start, span.end) for number, span in enumerate(spans))
    return Prepared(document, cut, tuple(passages.pack(doc_id, document.text, cut, passage_chars)), len(found))


def _union(*groups: tuple[Span, ...]) -> tuple[Span, ...]:
    """Sorted and disjoint."""
    merged: list[Span] = []
    for span in sorted(span for group in groups for span in group):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(span.end, merged[-1].end))
        else:
            merged.append(span)
    return tuple(merged)


def versions() -> dict[str, int | str]:
    """What the outcome depends on besides the file and the settings; part of an index's fingerprint."""
    return {
        "readers": readers.VERSION,
        "boilerplate": chrome.VERSION,
        "sentences": sentences.VERSION,
        "segmenter": sentences.SEGMENTER,
        "passages": passages.VERSION,
    }

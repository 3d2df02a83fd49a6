"""Locate the quotes of a stored answer in today's documents."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath

from qa import schema
from qa.errors import SourceError
from qa.ingest.formats import reader
from qa.quotes.anchors import Anchor, Corpus, Standing, locate
from qa.records import Document, Hit, Quote, Span
from qa.retrieve.retriever import Retriever

__all__ = ["Located", "borders", "corpus_of", "locate_all", "stored_anchors"]

MARKDOWN = (".md", ".markdown")


@dataclass(frozen=True, slots=True)
class Located:
    """A stored quote, its number in the answer, and its current state."""

    n: int
    anchor: Anchor
    standing: Standing


class _Texts(Mapping[str, str]):
    """The indexed texts by document, each read when it is first needed."""

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever
        self._ids = dict.fromkeys(info.id for info in retriever.documents)
        self._read: dict[str, str] = {}

    def __getitem__(self, doc_id: str) -> str:
        if doc_id not in self._read:
            self._read[doc_id] = self._retriever.document(doc_id).text
        return self._read[doc_id]

    def __contains__(self, doc_id: object) -> bool:
        return doc_id in self._ids

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


def corpus_of(retriever: Retriever) -> Corpus:
    """The documents of an index, to look for quotes in. Needs no embedding model."""
    hashes = {info.id: info.sha256 for info in retriever.documents}
    texts, document = _Texts(retriever), retriever.document
    return Corpus(texts, hashes, lambda doc_id: _markup(document(doc_id)), lambda doc_id: borders(document(doc_id)))


def borders(document: Document) -> list[int]:
    """Where the blocks of a document begin, but for a paragraph that goes on from the page before."""
    return [
        block.start
        for before, block in pairwise(document.blocks)
        if not before.kind == block.kind == "paragraph" or not _new_page(document.pages, before.end, block.start)
    ]


def _new_page(pages: Sequence[int], start: int, end: int) -> bool:
    return bisect_right(pages, end) > bisect_left(pages, start)


def _markup(document: Document) -> tuple[Span, ...]:
    """The characters that readers of the rendered text do not see; an index without blocks does not have them."""
    suffix = PurePosixPath(document.id).suffix.lower()
    if document.blocks or suffix not in MARKDOWN:
        return document.markup
    try:
        return reader(suffix)(document.text.encode("utf-8")).markup
    except (SourceError, ImportError, UnicodeEncodeError):
        return ()


def stored_anchors(text: str) -> list[tuple[int, Anchor]]:
    """The numbered quotes of a stored answer or search, with the words around them if it has those.

    Raises UsageError for anything that is not JSON of schema 1.
    """
    quotes, hits = schema.quotes_and_hits(text)
    return [(quote.n, _anchor(quote, hits)) for quote in quotes]


def locate_all(quotes: Sequence[tuple[int, Anchor]], corpus: Corpus) -> list[Located]:
    """Locate each quote in today's documents."""
    return [Located(n, anchor, locate(anchor, corpus)) for n, anchor in quotes]


def _anchor(quote: Quote, hits: Sequence[Hit]) -> Anchor:
    before, after = _around(quote, hits)
    return Anchor(quote.doc_id, quote.text, quote.start, quote.end, before, after, quote.sha256)


def _around(quote: Quote, hits: Sequence[Hit]) -> tuple[str, str]:
    """The characters before and after the quote, from the passage of the answer that has most of them."""
    best = ("", "")
    for hit in hits:
        left, right = quote.start - hit.passage.start, quote.end - hit.passage.start
        if hit.passage.doc_id != quote.doc_id or left < 0 or hit.text[left:right] != quote.text:
            continue
        found = (hit.text[max(0, left - Anchor.REACH) : left], hit.text[right : right + Anchor.REACH])
        best = max(best, found, key=lambda pair: len(pair[0]) + len(pair[1]))
    return best

"""Do the quotes of a stored answer still stand? Reads the JSON of `qa ask` and `qa search`, and locates each quote."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qa.errors import UsageError
from qa.quotes.anchors import Anchor, Corpus, Standing, locate
from qa.retrieve.retriever import Retriever

__all__ = ["Located", "corpus_of", "is_receipt", "locate_all", "read"]

SCHEMA = 1
MAKE = "qa ask --json makes one"


@dataclass(frozen=True, slots=True)
class Located:
    """A stored quote, its number in the answer, and what has become of it."""

    n: int
    anchor: Anchor
    standing: Standing


class _Texts(Mapping[str, str]):
    """The indexed texts by document, each read when it is first asked for."""

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
    return Corpus(_Texts(retriever), {info.id: info.sha256 for info in retriever.documents})


def is_receipt(text: str) -> bool:
    """Whether the text is meant to be JSON rather than prose."""
    return text.lstrip("\ufeff \t\r\n").startswith("{")


def read(text: str) -> list[tuple[int, Anchor]]:
    """The numbered quotes of a stored answer, with what it holds of the words around them.

    Raises UsageError for what is no answer of schema 1.
    """
    try:
        value = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"this looks like a stored answer, but it is not valid JSON ({error}); {MAKE}") from None
    quotes = value.get("quotes")
    if value.get("schema") != SCHEMA or not isinstance(quotes, list):
        raise UsageError(f"this JSON is no answer of schema {SCHEMA}; {MAKE}")
    hits = value.get("hits")
    passages = [hit for hit in hits if _is_passage(hit)] if isinstance(hits, list) else []
    return [_anchor(quote, position, passages) for position, quote in enumerate(quotes, 1)]


def locate_all(quotes: Sequence[tuple[int, Anchor]], corpus: Corpus) -> list[Located]:
    """Where each quote stands in today's documents."""
    return [Located(n, anchor, locate(anchor, corpus)) for n, anchor in quotes]


def _anchor(quote: Any, position: int, passages: Sequence[Mapping[str, Any]]) -> tuple[int, Anchor]:
    fields: dict[str, type] = {"n": int, "text": str, "source": str, "start": int, "end": int, "sha256": str}
    if not isinstance(quote, dict) or any(type(quote.get(name)) is not kind for name, kind in fields.items()):
        raise UsageError(f"quote {position} of the stored answer is not as qa writes it; it needs {', '.join(fields)}")
    source, start, end, text = quote["source"], quote["start"], quote["end"], quote["text"]
    if not 0 <= start < end or not text.strip():
        raise UsageError(f"quote {position} of the stored answer is empty or has impossible offsets")
    before, after = _around(quote, passages)
    return quote["n"], Anchor(source, text, start, end, before, after, quote["sha256"])


def _around(quote: Mapping[str, Any], passages: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """The characters before and after the quote, as far as a passage of the answer holds them."""
    best = ("", "")
    for hit in passages:
        left, right = quote["start"] - hit["start"], quote["end"] - hit["start"]
        if hit["source"] != quote["source"] or left < 0 or hit["text"][left:right] != quote["text"]:
            continue
        found = (hit["text"][max(0, left - Anchor.REACH) : left], hit["text"][right : right + Anchor.REACH])
        best = max(best, found, key=lambda pair: len(pair[0]) + len(pair[1]))
    return best


def _is_passage(hit: Any) -> bool:
    fields = {"source": str, "start": int, "text": str}
    return isinstance(hit, dict) and all(type(hit.get(name)) is kind for name, kind in fields.items())

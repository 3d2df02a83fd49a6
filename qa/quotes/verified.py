"""The quotes of a stored answer, or of any text, checked against the documents as they are now."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from qa import schema
from qa.quotes import quoted, receipt
from qa.quotes.anchors import Place
from qa.quotes.current import CurrentTexts
from qa.quotes.nearest import word_diff
from qa.retrieve.retriever import Retriever
from qa.text import line_of

__all__ = ["Verified", "nearest", "verify"]

LIKE = 0.6  # share of common words from which on a passage is an altered form of the quotation


@dataclass(frozen=True, slots=True)
class Verified:
    """kind: whether the text is a stored answer. records: one a quote, as `qa verify --json` prints them. short: how
    many passages in quotation marks have too few words to be searched for.
    """

    kind: Literal["text", "answer"]
    records: tuple[dict[str, Any], ...]
    short: int = 0

    @property
    def stands(self) -> bool:
        return all(record["stands"] for record in self.records)


def verify(
    text: str, retriever: Retriever, sources: Path, notify: Callable[[str], None], ocr: bool = False
) -> Verified:
    """Where each quote stands, by the index, and by the files where these differ from it. Needs no model.

    sources: the folder of the documents. ocr: the setting. notify: takes a line about each file that differs. Raises
    UsageError for JSON that is no stored answer.
    """
    stored = receipt.stored_anchors(text) if schema.is_json(text) else None
    quotations = [] if stored is not None else quoted.quotations(text)
    long = [quotation for quotation in quotations if quotation.words >= quoted.MIN_WORDS]
    texts = CurrentTexts(receipt.corpus_of(retriever), sources, notify, ocr)
    while True:
        corpus, places = texts.corpus(), _Places(retriever, texts)
        if stored is not None:
            records = [_located(quote, places) for quote in receipt.locate_all(stored, corpus)]
        else:
            records = [_checked(quoted.check_quotation(quotation, corpus), places) for quotation in long]
        if not texts.reread(_involved(records)):
            break
    return Verified("text" if stored is None else "answer", tuple(records), len(quotations) - len(long))


def nearest(quotation: str, doc_ids: Sequence[str], retriever: Retriever) -> dict[str, Any] | None:
    """The passage of these documents that an altered quotation was made from, and what was changed; None for none."""
    corpus = receipt.corpus_of(retriever)
    found = [(like, doc_id) for doc_id in dict.fromkeys(doc_ids) for like in corpus.words(doc_id).nearest(quotation)]
    like, doc_id = max(found, key=lambda pair: pair[0].likeness, default=(None, ""))
    if like is None or like.likeness < LIKE:
        return None
    text = corpus.texts[doc_id]
    there = text[like.start : like.end]
    diff = [{"kind": step.kind, "old": step.old, "new": step.new} for step in word_diff(there, quotation)]
    place = {"source": doc_id, "start": like.start, "end": like.end, "line": line_of(text, like.start)}
    return {**place, "text": there, "diff": diff}


def _involved(records: Sequence[dict[str, Any]]) -> list[str]:
    """The documents that quotes are in, or were in."""
    named = [record["source"] for record in records if "source" in record]
    places = [
        place for record in records for name in ("place", "others", "places") for place in _listed(record.get(name))
    ]
    return [*named, *(place["source"] for place in places)]


def _listed(value: Any) -> list[dict[str, Any]]:
    return value if isinstance(value, list) else [value] if value else []


class _Places:
    """Places for JSON, with line and page."""

    def __init__(self, retriever: Retriever, texts: CurrentTexts) -> None:
        self._retriever, self._texts = retriever, texts

    def __call__(self, place: Place) -> dict[str, Any]:
        pages = self._texts.pages(place.doc_id)
        pages = self._retriever.info(place.doc_id).pages if pages is None else pages
        return {
            "source": place.doc_id,
            "start": place.start,
            "end": place.end,
            "line": line_of(self._texts[place.doc_id], place.start),
            "page": bisect_right(pages, place.start) if pages else None,
        }


def _located(quote: receipt.Located, places: _Places) -> dict[str, Any]:
    """What has become of a stored quote."""
    anchor, standing = quote.anchor, quote.standing
    return {
        "n": quote.n,
        "text": anchor.text,
        "source": anchor.doc_id,
        "start": anchor.start,
        "end": anchor.end,
        "state": standing.state,
        "stands": standing.stands,
        "certain": standing.certain,
        "style_only": standing.style_only,
        "place": places(standing.place) if standing.place else None,
        "others": [places(place) for place in standing.others],
        "diff": [{"kind": step.kind, "old": step.old, "new": step.new} for step in standing.diff],
    }


def _checked(checked: quoted.Checked, places: _Places) -> dict[str, Any]:
    """Where a passage in quotation marks stands."""
    return {
        "text": checked.quotation.text,
        "line": checked.quotation.line,
        "state": "found" if checked.stands else "not found",
        "stands": checked.stands,
        "places": [places(place) for place in checked.places],
    }

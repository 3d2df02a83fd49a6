"""The quotes of a stored answer, or of any text, checked against the documents: what `qa verify` and its like report.

Uses the index as it is, and the files where they differ from it; needs no model.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from qa import schema
from qa.errors import UsageError
from qa.quotes import quoted, receipt
from qa.quotes.anchors import Anchor, Place
from qa.quotes.current import CurrentTexts
from qa.quotes.nearest import word_diff
from qa.quotes.page import Page, read_page
from qa.quotes.quoted import Checked, Quotation
from qa.quotes.receipt import Located
from qa.retrieve.retriever import Retriever
from qa.text import counted, line_of, visible

__all__ = ["MOST_CHARS", "MOST_CHECKS", "Claims", "bounded_claims", "check_number", "claims", "nearest", "verify"]

MOST_OF_A_PAGE = 8_000_000  # characters, pictures and all; and
MOST_CHARS = 200_000  # of a text that somebody sends to a server, and
MOST_CHECKS = 300  # quotes, or statements with each document that they cite, that it holds
MOST_OF_A_QUOTE = 10_000  # characters; to compare longer ones word by word takes minutes
MOST_QUOTES = 5_000  # of a text or an answer, whoever sends it
DISGUISED = "Hidden direction marks, which no document has there, change what a reader sees."
UNFINISHED = "There are too many places in the documents where it may be."
LIKE = 0.6  # share of common words from which on a passage is an altered form of the quotation


@dataclass(frozen=True, slots=True)
class Claims:
    """What is to be verified. anchors: the numbered quotes of a stored answer. quotations: the passages in quotation
    marks of a text, and the blockquotes of a page.

    stored: the answer as JSON. draft: a text as its readers see it. exported: whether it is a page with an answer in
    it. foreign: what keeps a page from being verified.
    """

    kind: Literal["answer", "text"]
    anchors: tuple[tuple[int, Anchor], ...] = ()
    quotations: tuple[Quotation, ...] = ()
    stored: str | None = None
    draft: str = ""
    exported: bool = False
    foreign: str = ""


def claims(text: str, required: bool = True) -> Claims:
    """The quotes in an answer as JSON or as an exported page, or in any other text. Raises UsageError for none, unless
    none is required.
    """
    return _claims(text, read_page(text), required)


def _claims(text: str, page: Page | None, required: bool) -> Claims:
    if page and page.answer is not None:
        found, short = _of_page(page.answer), 0
    elif schema.is_json(text):
        found, short = Claims("answer", tuple(receipt.stored_anchors(text)), stored=text), 0
    else:
        draft, blockquotes = (page.text, page.blockquotes) if page else (text, ())
        every = [*quoted.quotations(draft), *map(_as_quotation, blockquotes)]
        long = tuple(quotation for quotation in every if quotation.is_long)
        read = "\n\n".join([draft, *blockquotes])
        is_exported, foreign = (page.exported, page.foreign) if page else (False, "")
        found = Claims("text", quotations=long, draft=read, exported=is_exported, foreign=foreign)
        short = len(every) - len(long)
    number = len(found.anchors) + len(found.quotations)
    if number > MOST_QUOTES:
        raise UsageError(f"The text has {number:,} quotes; check at most {MOST_QUOTES:,} at a time.")
    if required and not number:
        raise UsageError(_nothing(found.kind == "answer", short))
    return found


def _of_page(stored: str) -> Claims:
    """All quotes that an exported page shows: where it shows those that come closest, these too."""
    answer = schema.read_answer(stored)
    closest = answer.closest if answer.status != "answered" else ()
    anchors, others = tuple(receipt.stored_anchors(stored)), tuple(_as_quotation(quote.text) for quote in closest)
    return Claims("answer", anchors, others, stored, exported=True)


def _as_quotation(text: str) -> Quotation:
    return Quotation(text, 0, len(text), 1)


def bounded_claims(text: str, required: bool = True) -> Claims:
    """`claims` of a text that somebody sends to a server. Raises UsageError for more than one may check at a time, too.

    The pictures of an exported page do not count.
    """
    if len(text) > MOST_OF_A_PAGE:
        raise UsageError(f"The text has {len(text):,} characters; a page may have {MOST_OF_A_PAGE:,}.")
    page = read_page(text)
    size = sum(map(len, (page.text, page.answer or "", *page.blockquotes))) if page else len(text)
    if size > MOST_CHARS:
        raise UsageError(f"The text has {size:,} characters; check at most {MOST_CHARS:,} at a time.")
    found = _claims(text, page, required)
    quotes = [*(anchor.text for _, anchor in found.anchors), *(quotation.text for quotation in found.quotations)]
    check_number(len(quotes), "quotes")
    if (longest := max(map(len, quotes), default=0)) > MOST_OF_A_QUOTE:
        raise UsageError(f"A quote has {longest:,} characters; check at most {MOST_OF_A_QUOTE:,} of one at a time.")
    return found


def check_number(number: int, what: str) -> None:
    """Raise UsageError for more than a server checks at a time. what: of what, a plural."""
    if number > MOST_CHECKS:
        raise UsageError(f"The text has {number:,} {what}; check at most {MOST_CHECKS:,} at a time.")


def _nothing(stored: bool, short: int) -> str:
    if stored:
        return "this answer has no quotes, so there is nothing to verify"
    words = f"; {counted(short, 'shorter one')} not checked" if short else ""
    return f"no passage of three words or more in quotation marks, so there is nothing to verify{words}"


def verify(
    found: Claims,
    retriever: Retriever,
    sources: Path,
    notify: Callable[[str], None],
    ocr: bool = False,
    changed: Collection[str] = (),
) -> dict[str, Any]:
    """What has become of each quote, in schema 1.

    sources: the folder of the documents. ocr: the setting. notify: takes a line about each file that differs from the
    index. changed: documents that were said to have changed, with what to do about it.
    """
    texts = CurrentTexts(receipt.corpus_of(retriever), sources, notify, ocr, changed)
    while True:
        corpus, places = texts.corpus(), _Places(retriever, texts)
        records = [_located(quote, places) for quote in receipt.locate_all(found.anchors, corpus)]
        records += [_checked(quoted.check_quotation(quotation, corpus), places) for quotation in found.quotations]
        if not texts.reread(_involved(records)):
            break
    stands = all(record["stands"] for record in records) and not found.foreign
    report: dict[str, Any] = {"schema": schema.SCHEMA, "kind": found.kind, "stands": stands, "quotes": records}
    if found.exported or found.foreign:
        compared = 0 if found.foreign else len(records)
        report["page"] = {"compared": compared, "altered": [], "foreign": visible(found.foreign)}
    return report


def nearest(quotation: str, doc_ids: Sequence[str], retriever: Retriever) -> dict[str, Any] | None:
    """The passage of these documents that an altered quotation was made from, and what was changed; None for none."""
    corpus = receipt.corpus_of(retriever)
    found = [(like, doc_id) for doc_id in dict.fromkeys(doc_ids) for like in corpus.words(doc_id).nearest(quotation)]
    like, doc_id = max(found, key=lambda pair: pair[0].likeness, default=(None, ""))
    if like is None or like.likeness < LIKE:
        return None
    text = corpus.texts[doc_id]
    there = text[like.start : like.end]
    diff = [
        {"kind": step.kind, "old": visible(step.old), "new": visible(step.new)} for step in word_diff(there, quotation)
    ]
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


def _located(quote: Located, places: _Places) -> dict[str, Any]:
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


def _checked(checked: Checked, places: _Places) -> dict[str, Any]:
    """Where a passage in quotation marks stands, or why it does not although the documents have its words."""
    record = {
        "text": visible(checked.quotation.text),
        "line": checked.quotation.line,
        "state": "found" if checked.stands else "altered" if checked.disguised else "not found",
        "stands": checked.stands,
        "places": [places(place) for place in checked.places],
    }
    reason = DISGUISED if checked.disguised else UNFINISHED if checked.unfinished else ""
    return record | ({"reason": reason} if reason else {})

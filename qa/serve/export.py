"""An answer as one HTML file that needs nothing else: quotes, pictures of pages, hashes, and the answer as JSON for
`qa verify`.
"""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from qa.errors import SourceError
from qa.quotes.exported import policy
from qa.records import Quote
from qa.retrieve.retriever import Retriever
from qa.serve.answers import Kept
from qa.serve.pdfview import WIDTH, PageView, PdfPages
from qa.serve.render import packaged, render

__all__ = ["export"]

MOST_PICTURES = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """A quote with the picture of its page, if it has one. picture: a data URL, empty without one."""

    quote: Quote
    page: PageView | None
    picture: str


def export(kept: Kept, record: dict[str, Any], retriever: Retriever, pdf: PdfPages) -> str:
    """The page. record: the answer in schema 1. Blocks while pages are drawn."""
    from markupsafe import Markup

    answer = kept.answer
    quotes = [*answer.quotes, *(answer.closest if answer.status != "answered" else ())]
    shown = [_shown(quote, retriever, pdf, number < MOST_PICTURES) for number, quote in enumerate(quotes)]
    style = packaged("static", "page.css")
    return render(
        "export",
        kept=kept,
        shown=shown,
        width=WIDTH,
        made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        hashes=dict(sorted({quote.doc_id: quote.sha256 for quote in quotes}.items())),
        style=Markup(style),
        policy=policy(),
        stored=Markup(_for_markup(record)),
    )


def _for_markup(value: dict[str, Any]) -> str:
    """JSON in which no character can end the element that it stands in."""
    text = json.dumps(value, indent=1)
    for char in "<>&":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _shown(quote: Quote, retriever: Retriever, pdf: PdfPages, pictured: bool) -> Shown:
    if quote.page is None or not pictured or not quote.doc_id.lower().endswith(".pdf"):
        return Shown(quote, None, "")
    try:
        page = pdf.view(quote, len(retriever.info(quote.doc_id).pages))
        picture = pdf.picture(quote.doc_id, quote.sha256, page.page) if page.height else b""
    except (KeyError, SourceError):
        return Shown(quote, None, "")
    return Shown(quote, page, f"data:image/png;base64,{base64.b64encode(picture).decode()}" if picture else "")

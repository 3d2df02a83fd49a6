"""An answer as one HTML file that needs nothing else: quotes, pictures of pages, hashes, and the answer as JSON for
`qa verify`.
"""

import base64
import json
from datetime import UTC, datetime
from typing import Any

from qa.errors import SourceError
from qa.quotes.drawing import Picture, draw
from qa.records import Quote
from qa.retrieve.retriever import Retriever
from qa.serve.answers import Kept
from qa.serve.pdfview import PdfPages

__all__ = ["export"]

MOST_PICTURES = 20
EDGE = 2  # pixels around what is marked


def export(kept: Kept, record: dict[str, Any], retriever: Retriever, pdf: PdfPages) -> str:
    """The page. record: the answer in schema 1. Blocks while pages are drawn."""
    answer = kept.answer
    quotes = [*answer.quotes, *(answer.closest if answer.status != "answered" else ())]
    pictures = {number: _picture(quote, retriever, pdf) for number, quote in enumerate(quotes[:MOST_PICTURES])}
    made = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    stored = _for_markup(record | {"where": list(kept.where)})
    return "".join(draw(stored, made, {number: picture for number, picture in pictures.items() if picture}))


def _for_markup(value: dict[str, Any]) -> str:
    """JSON in which no character can end the element that it stands in."""
    text = json.dumps(value, indent=1)
    for char in "<>&":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _picture(quote: Quote, retriever: Retriever, pdf: PdfPages) -> Picture | None:
    if quote.page is None or not quote.doc_id.lower().endswith(".pdf"):
        return None
    try:
        page = pdf.view(quote, len(retriever.info(quote.doc_id).pages))
        picture = pdf.picture(quote.doc_id, quote.sha256, page.page) if page.height else b""
    except (KeyError, SourceError):
        return None
    boxes = tuple((x - EDGE, y - EDGE, width + 2 * EDGE, height + 2 * EDGE) for x, y, width, height in page.boxes)
    height = int.from_bytes(picture[20:24], "big")  # as its header says
    return Picture(base64.b64encode(picture).decode(), height, boxes) if height else None

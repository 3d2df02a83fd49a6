"""Findings as Markdown: each sentence of the draft, and under it the quotes.

Texts of the draft and of documents are escaped: nothing in them is a link, HTML or a mark.
"""

from collections.abc import Iterator, Sequence

from qa.cite.draft import Draft
from qa.cite.findings import Cited
from qa.cite.record import explained, headline, place, summary
from qa.text import in_markdown, label

__all__ = ["markdown"]


def markdown(draft: Draft, found: Sequence[Cited], folder: str = "") -> str:
    """The whole report. folder: what stands before the ids of documents, as `seeds/`."""
    title = f"# Sources for {in_markdown(label(draft.name))}"
    return "\n\n".join((title, summary(draft, found), *_sentences(draft, found, folder), *_unread(draft))) + "\n"


def _sentences(draft: Draft, found: Sequence[Cited], folder: str) -> Iterator[str]:
    headings = [block for block in draft.blocks if block.kind == "heading"]
    for cited in found:
        while headings and headings[0].start < cited.claim.start:
            heading = headings.pop(0)
            yield f"## {in_markdown(draft.text[heading.start : heading.end].lstrip('# '))}"
        yield "\n".join(_lines(cited, folder))


def _lines(cited: Cited, folder: str) -> Iterator[str]:
    mark = {"contradicted": "**", "no source": "**"}.get(cited.state, "")
    yield in_markdown(cited.claim.text)
    yield ""
    yield f"- {mark}{headline(cited)}{mark}"
    for problem in explained(cited):
        yield f"- {in_markdown(problem)}"
    for quote in cited.quotes:
        yield f"- > {in_markdown(quote.text)}"
        yield f"  > — {in_markdown(place(quote, folder))}, {in_markdown(label(quote.title))}"


def _unread(draft: Draft) -> Iterator[str]:
    if pieces := draft.unread:
        yield "## Not checked"
        yield "\n".join(f"- line {piece.line}: {in_markdown(piece.text)}" for piece in pieces)

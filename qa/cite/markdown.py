"""Findings as Markdown: each sentence of the draft, and under it the quotes.

Texts of the draft and of documents are escaped: nothing in them is a link, HTML or a mark.
"""

import re
from collections.abc import Iterator, Sequence

from qa.cite.draft import Draft
from qa.cite.findings import Cited
from qa.cite.record import explained, headline, place, summary
from qa.text import label, one_line

__all__ = ["markdown"]

_PUNCTUATION = re.compile(r"([\\`*_{}\[\]<>#|!~&@])")


def markdown(draft: Draft, found: Sequence[Cited]) -> str:
    """The whole report."""
    return "\n\n".join((f"# Sources for {_plain(label(draft.name))}", summary(found), *_sentences(draft, found))) + "\n"


def _sentences(draft: Draft, found: Sequence[Cited]) -> Iterator[str]:
    headings = [block for block in draft.blocks if block.kind == "heading"]
    for cited in found:
        while headings and headings[0].start < cited.claim.start:
            heading = headings.pop(0)
            yield f"## {_plain(one_line(draft.text[heading.start : heading.end].lstrip('# ')))}"
        yield "\n".join(_lines(cited))


def _lines(cited: Cited) -> Iterator[str]:
    mark = {"contradicted": "**", "no source": "**"}.get(cited.state, "")
    yield _plain(one_line(cited.claim.text))
    yield ""
    yield f"- {mark}{headline(cited)}{mark}"
    for problem in explained(cited):
        yield f"- {_plain(problem)}"
    for quote in cited.quotes:
        yield f"- > {_plain(one_line(quote.text))}"
        yield f"  > — {_plain(place(quote))}, {_plain(label(quote.title))}"


def _plain(text: str) -> str:
    return _PUNCTUATION.sub(r"\\\1", text)

"""What is searched: the words of each passage and sentence, with what stands around them in their document."""

from collections.abc import Iterable

from qa.index.context import pieces
from qa.records import Prepared, Span
from qa.text import plain

__all__ = ["TEMPLATE", "texts"]

TEMPLATE = "passage: title, context, plain text; sentence: context, plain text"
"""What is embedded and counted; change it to make existing indexes stale."""


def texts(prepared: Iterable[Prepared]) -> dict[str, list[str]]:
    """The text of each of the `passages` and `sentences` that is embedded and that BM25 counts, in order.

    A sentence stands under its headings, its table's header, its lead-in and so on; a passage under the document's
    title and what stands around its first sentence. Markup is left out.
    """
    found: dict[str, list[str]] = {"passages": [], "sentences": []}
    for each in prepared:
        for name, rows in _texts(each).items():
            found[name] += rows
    return found


def _texts(prepared: Prepared) -> dict[str, list[str]]:
    document = prepared.document
    blocks, markup = document.blocks, document.markup

    def read(start: int, end: int) -> str:
        return document.text[start:end]

    def with_context(block: int, span: Span) -> str:
        parts = [(p.start, p.end) for p in pieces(blocks, block, span, read)] if blocks else []
        return "\n".join(plain(document.text, *part, markup).strip() for part in (*parts, (span.start, span.end)))

    owner = [sentence.block for sentence in prepared.sentences]
    return {
        "passages": [
            f"{document.title}\n{with_context(owner[x.first_sentence], Span(x.start, x.end))}"
            for x in prepared.passages
        ],
        "sentences": [with_context(x.block, Span(x.start, x.end)) for x in prepared.sentences],
    }

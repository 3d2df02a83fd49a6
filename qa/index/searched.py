"""What is searched: the words of each passage and sentence, with what stands around them in their document."""

from collections.abc import Iterator

from qa.embed.parts import Divided
from qa.index.context import pieces
from qa.markup import plain
from qa.records import Prepared, Sentence, Span

__all__ = ["TEMPLATE", "divided"]

TEMPLATE = "passage: title, nearest context, plain text; sentence: within its passage, else nearest context, plain text"
"""What is embedded and counted; change it to make existing indexes stale."""


def divided(prepared: Prepared) -> Iterator[Divided]:
    """Each passage of a document as it is embedded and counted, with its sentences.

    A sentence alone stands under its headings, its table's header, its lead-in and so on; a passage under the
    document's title and what stands around its first sentence. Markup is left out.
    """
    document = prepared.document
    text, blocks, markup = document.text, document.blocks, document.markup

    def read(start: int, end: int) -> str:
        return text[start:end]

    def around(block: int, span: Span) -> list[str]:
        found = pieces(blocks, block, span, read) if blocks else ()
        return [plain(text, piece.start, piece.end, markup).strip() for piece in found]

    def by_itself(each: Sentence) -> str:
        own = plain(text, each.start, each.end, markup).strip()
        return "\n".join([*around(each.block, Span(each.start, each.end)), own])

    for passage in prepared.passages:
        inside = prepared.sentences[passage.first_sentence : passage.last_sentence + 1]
        above = [document.title, *around(inside[0].block, Span(passage.start, passage.end)), ""]
        head, body = "\n".join(above), plain(text, passage.start, passage.end, markup)
        shift = len(head) - (len(body) - len(body.lstrip()))
        parts = tuple(
            (
                shift + len(plain(text, passage.start, each.start, markup)),
                shift + len(plain(text, passage.start, each.end, markup)),
            )
            for each in inside
        )
        yield Divided(head + body.strip(), parts, tuple(map(by_itself, inside)))

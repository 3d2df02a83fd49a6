"""A sentence of a document as the support check reads it: with its neighbours, its context, and what is known of it."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from qa.gate.alone import ENTITY, has_entities, shown, stands_alone
from qa.gate.checks import SupportQuote
from qa.gate.stated import Setting
from qa.markup import is_plain
from qa.records import Block, BlockKind, Context, Document, Sentence
from qa.retrieve.retriever import Retriever

__all__ = ["NEIGHBOURS", "support_quote"]

NEIGHBOURS = 2  # sentences on either side of a quote that the support check may read
REACH = 10_000  # characters on either side in which the quotation marks of somebody's speech are looked for
RUNNING: frozenset[BlockKind] = frozenset(("paragraph", "item", "caption", "turn", "heading", "row", "field"))
"""Blocks in which a speech may begin or end."""


def support_quote(retriever: Retriever, sentence: Sentence, has_setting: bool = True) -> SupportQuote:
    """has_setting: False to compare many, of which none is to be confirmed yet. Raises KeyError for an id that is not
    indexed.
    """
    doc_id, number = sentence.doc_id, sentence.number
    near = retriever.sentences(doc_id, number - NEIGHBOURS, number + NEIGHBOURS)
    before = " ".join(retriever.text(s) for s in near if s.number < number)
    after = " ".join(retriever.text(s) for s in near if s.number > number)
    info = retriever.info(doc_id)
    context = retriever.context(sentence)
    return SupportQuote(
        retriever.text(sentence),
        before,
        after,
        info.title,
        tuple(piece.text for piece in context),
        (doc_id, *info.metadata.values()),
        _setting(retriever.document(doc_id), sentence, context) if has_setting else None,
    )


def _setting(document: Document, sentence: Sentence, context: Sequence[Context]) -> Setting | None:
    if not stands_alone(document, sentence, context) or not _is_read_whole(document, sentence):
        return None
    block = document.blocks[sentence.block]
    low, high = sentence.start - REACH, sentence.end + REACH
    earlier = _running(document, range(sentence.block - 1, -1, -1))
    later = _running(document, range(sentence.block + 1, len(document.blocks)))
    before = [_shown(document, b, low, high) for b in takewhile(lambda b: b.end > low, earlier)]
    after = [_shown(document, b, low, high) for b in takewhile(lambda b: b.start < high, later)]
    return Setting(
        "\n\n".join([*reversed(before), _shown(document, block, low, sentence.start)]),
        _shown(document, block, sentence.start, sentence.end),
        "\n\n".join([_shown(document, block, sentence.end, high), *after]),
    )


def _is_read_whole(document: Document, sentence: Sentence) -> bool:
    """Whether the sentence as a page shows it is known: it has no picture, note or template, and no entity in code."""
    text, start, end = document.text, sentence.start, sentence.end
    if document.markup and not is_plain(text, start, end, document.markup):
        return False
    source = text[start:end]
    return not (has_entities(document) and ENTITY.search(source) and ("`" in source or "\\&" in source))


def _running(document: Document, numbers: Iterable[int]) -> Iterator[Block]:
    return (block for n in numbers if (block := document.blocks[n]).kind in RUNNING)


def _shown(document: Document, block: Block, low: int, high: int) -> str:
    """What readers see of a block between two places; a heading or a row ends whatever stands before the next block."""
    text = shown(document, max(low, block.start), min(high, block.end))
    return f"{text}." if block.kind in ("heading", "row") else text

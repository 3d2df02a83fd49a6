"""A sentence of a document as the support check reads it: with its neighbours, its context, and what is known of it."""

from collections.abc import Iterable, Iterator
from itertools import takewhile

from qa.gate.checks import SupportQuote
from qa.gate.stated import Setting, asks
from qa.records import Block, BlockKind, ContextKind, Document, Sentence
from qa.retrieve.retriever import Retriever
from qa.text import plain

__all__ = ["NEIGHBOURS", "support_quote"]

NEIGHBOURS = 2  # sentences on either side of a quote that the support check may read
REACH = 10_000  # characters on either side in which the quotation marks of somebody's speech are looked for
PROSE: frozenset[BlockKind] = frozenset(("paragraph", "item", "caption"))
RUNNING = PROSE | {"turn", "furniture"}  # blocks that a speech may run through


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
        _setting(retriever.document(doc_id), sentence, {piece.kind for piece in context}) if has_setting else None,
    )


def _setting(document: Document, sentence: Sentence, context: set[ContextKind]) -> Setting | None:
    block = document.blocks[sentence.block]
    if block.kind not in PROSE or not {"lead_in", "speaker"}.isdisjoint(context):
        return None
    if block.kind == "item" and ("question" in context or _is_asked_about(document, sentence.block)):
        return None
    low, high = sentence.start - REACH, sentence.end + REACH
    earlier = _running(document, range(sentence.block - 1, -1, -1))
    later = _running(document, range(sentence.block + 1, len(document.blocks)))
    before = [(max(low, b.start), b.end) for b in takewhile(lambda b: b.end > low, earlier)]
    after = [(b.start, min(high, b.end)) for b in takewhile(lambda b: b.start < high, later)]
    lead = _joined(document, [(max(low, block.start), sentence.start)])
    return Setting(
        _joined(document, [*reversed(before), (max(low, block.start), sentence.start)]),
        _joined(document, [(sentence.start, sentence.end)]),
        _joined(document, [(sentence.end, min(high, block.end)), *after]),
        is_marked=block.kind == "item" and not any(map(str.isalnum, lead)),
    )


def _is_asked_about(document: Document, item: int) -> bool:
    """Whether the paragraph before a list ends with a question."""
    earlier = (document.blocks[n] for n in range(item - 1, -1, -1))
    asking = next((block for block in earlier if block.kind not in ("item", "furniture")), None)
    return asking is not None and asks(document.text[max(asking.start, asking.end - 5) : asking.end])


def _running(document: Document, numbers: Iterable[int]) -> Iterator[Block]:
    """The blocks of these numbers, up to the first heading, table or code."""
    running = takewhile(lambda block: block.kind in RUNNING, (document.blocks[n] for n in numbers))
    return (block for block in running if block.kind != "furniture")


def _joined(document: Document, parts: Iterable[tuple[int, int]]) -> str:
    return "\n\n".join(plain(document.text, start, end, document.markup) for start, end in parts)

"""A sentence of a document as the support check reads it: with its neighbours, its context, and what is known of it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import unescape
from itertools import takewhile

from qa.gate.checks import SupportQuote
from qa.gate.stated import Setting, asks
from qa.records import Block, BlockKind, Context, Document, Sentence
from qa.retrieve.retriever import Retriever
from qa.text import plain

__all__ = ["NEIGHBOURS", "support_quote"]

NEIGHBOURS = 2  # sentences on either side of a quote that the support check may read
REACH = 10_000  # characters on either side in which the quotation marks of somebody's speech are looked for
PROSE: frozenset[BlockKind] = frozenset(("paragraph", "item", "caption"))
RUNNING = PROSE | {"turn", "heading", "row"}  # blocks in which a speech may begin or end


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
    block = document.blocks[sentence.block]
    if block.kind not in PROSE or any(map(_governs, context)) or _is_cited(document, sentence):
        return None
    is_asked = any(piece.kind == "question" for piece in context)
    if block.kind == "item" and (is_asked or _is_asked_about(document, sentence.block)):
        return None
    low, high = sentence.start - REACH, sentence.end + REACH
    earlier = _running(document, range(sentence.block - 1, -1, -1))
    later = _running(document, range(sentence.block + 1, len(document.blocks)))
    before = [_shown(document, b, low, high) for b in takewhile(lambda b: b.end > low, earlier)]
    after = [_shown(document, b, low, high) for b in takewhile(lambda b: b.start < high, later)]
    lead = _shown(document, block, low, sentence.start)
    return Setting(
        "\n\n".join([*reversed(before), lead]),
        _shown(document, block, sentence.start, sentence.end),
        "\n\n".join([_shown(document, block, sentence.end, high), *after]),
        is_marked=block.kind == "item" and not any(map(str.isalnum, lead)),
    )


def _governs(piece: Context) -> bool:
    """Whether what stands above the sentence says whose words follow, or what they are."""
    return piece.kind in ("lead_in", "speaker") or piece.text.rstrip(" *_").endswith((":", "："))


def _is_cited(document: Document, sentence: Sentence) -> bool:
    """Whether its line begins with the sign of a block quotation or of somebody's e-mail."""
    line = document.text[document.text.rfind("\n", 0, sentence.start) + 1 : sentence.end]
    return ">" in re.split(r"\w", line, maxsplit=1)[0]


def _is_asked_about(document: Document, item: int) -> bool:
    """Whether the paragraph before a list ends with a question."""
    earlier = (document.blocks[n] for n in range(item - 1, -1, -1))
    asking = next((block for block in earlier if block.kind not in ("item", "furniture")), None)
    return asking is not None and asks(document.text[max(asking.start, asking.end - 5) : asking.end])


def _running(document: Document, numbers: Iterable[int]) -> Iterator[Block]:
    return (block for n in numbers if (block := document.blocks[n]).kind in RUNNING)


def _shown(document: Document, block: Block, low: int, high: int) -> str:
    """What readers see of a block between two places; a heading or a row ends whatever stands before the next block."""
    text = unescape(plain(document.text, max(low, block.start), min(high, block.end), document.markup))
    return f"{text}." if block.kind in ("heading", "row") else text

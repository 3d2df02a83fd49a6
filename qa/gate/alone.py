"""Does a block stand by itself, so that its sentences are the document's own statements?

It does not if it is part of something: a list, a numbered series, a quotation, a conversation, a forwarded message, or
what a lead-in announces, with or without a colon.
"""

import re
from collections.abc import Sequence
from html import unescape

from qa.english.function_words import FUNCTION_WORDS
from qa.ingest.sentences import surely_end
from qa.markup import plain
from qa.quotes.marks import asks
from qa.records import Block, BlockKind, Context, Document, Sentence

__all__ = ["ENTITY", "has_entities", "shown", "stands_alone"]

STATING: frozenset[BlockKind] = frozenset(("paragraph", "caption"))
TITLES: frozenset[BlockKind] = frozenset(("heading", "question"))
UNMARKED = (".txt", ".log")  # suffixes of formats in which any short line may be taken for a heading
SPOKEN = (".srt", ".vtt")  # formats whose every word somebody says
FAR = 2_000  # blocks above that are searched for a speaker; a block further down counts as somebody else's words
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,31});")  # as Markdown has them
_TAIL = 300  # characters of a block that show how it ends

_COLON = re.compile(r"[:：∶﹕︰](?![\d/])")
_LABEL = re.compile(
    r"[^\w\"'“‘«]*(?:§|(?:\d{1,4}|[^\W\d_]|[ivxlcdmIVXLCDM]{1,7})(?:[.-]\w{1,4})*\s?(?:[.):\]](?=\s)|[–—-]\s)"
    r"|\d{1,4}(?:\.\d{1,4})*\s+(?=[^\W\d_a-z])|[•‣◦▪●·*+–—-]\s)"
)
_QUOTED_LINE = re.compile(r"^[^\w\n]*>", re.MULTILINE)
_OPEN = re.compile(r"[:：;,…—–-]\Z")
_SIGNED = re.compile(r"(?:[.!?…\"'”’»*_)]\s*|\A\s*)(?:--+|[—–―])\s*\w[^.!?\n]{0,100}[.]?[*_\s]*\Z")  # `... — A. Smith`
_DASHED = re.compile(r"\s*(?:--+|[—–―])\s*\w")
_LAST_WORD = re.compile(r"([^\W\d_]+)\W*\Z")


def stands_alone(document: Document, sentence: Sentence, context: Sequence[Context]) -> bool:
    """Whether nothing around the sentence's block suggests that it is not the document's own statement; False in doubt.

    context: of the sentence.
    """
    block = document.blocks[sentence.block]
    text = document.text
    line = text.rfind("\n", 0, block.start) + 1
    return (
        block.kind in STATING
        and not block.level
        and not document.id.lower().endswith(SPOKEN)
        and not any(_introduces(document, piece) for piece in context)
        and not _LABEL.match(shown(document, block.start, min(block.end, block.start + _TAIL)).lstrip())
        and not _COLON.search(shown(document, block.start, sentence.start))
        and not _QUOTED_LINE.search(text[line : sentence.end])
        and not _is_signed(document, sentence.block)
        and _begins_anew(document, sentence.block)
        and not _is_announced(document, sentence.block)
    )


def _introduces(document: Document, piece: Context) -> bool:
    """Whether a piece of context says whose words follow, or what they are."""
    return piece.kind in ("lead_in", "speaker") or _goes_on(shown(document, piece.start, piece.end))


def _goes_on(title: str) -> bool:
    """Whether a heading continues in what follows: it ends with an open punctuation mark or a function word."""
    title = title.rstrip(" \t\r\n*_#=~>")
    word = _LAST_WORD.search(title)
    return bool(_OPEN.search(title)) or (word is not None and word[1].islower() and word[1] in FUNCTION_WORDS)


def _begins_anew(document: Document, number: int) -> bool:
    """Whether the block before this one is complete: a heading, or a block that clearly ends a sentence."""
    block = document.blocks[number]
    earlier = (document.blocks[n] for n in range(number - 1, -1, -1))
    last = next((other for other in earlier if other.kind != "furniture"), None)
    if last is None:
        return True
    if last.kind in TITLES:
        return not _goes_on(shown(document, last.start, last.end)) and (
            last.kind == "question" or _is_marked(document, last)
        )
    tail = shown(document, max(last.start, last.end - _TAIL), last.end)
    head = shown(document, block.start, min(block.end, block.start + _TAIL))
    is_quoted = last.kind in STATING and bool(last.level)
    return not is_quoted and not asks(tail[-5:]) and surely_end(tail, head)


def _is_signed(document: Document, number: int) -> bool:
    """Whether the block ends, or the next one begins, with a dash and the name of the person who said it."""
    near = [document.blocks[n] for n in range(number, min(number + 2, len(document.blocks)))]
    ends = [shown(document, max(block.start, block.end - _TAIL), block.end) for block in near if block.kind in STATING]
    return any(_SIGNED.search(end) for end in ends[:1]) or any(_DASHED.match(end) for end in ends[1:])


def _is_marked(document: Document, heading: Block) -> bool:
    """Whether a heading is marked as one. A line that only looks like a heading may be a lead-in."""
    raw = document.text[heading.start : heading.end]
    if raw.startswith(("**", "__")):
        return False
    if not document.id.lower().endswith(UNMARKED) or not document.text[: heading.start].strip():
        return True
    below = document.text[heading.end : heading.end + _TAIL].lstrip("\r\n").partition("\n")[0].strip()
    return raw.isupper() or raw[0] in "#§" or raw[:1].isdigit() or (bool(below) and not any(map(str.isalnum, below)))


def _is_announced(document: Document, number: int) -> bool:
    """Whether a block above, under the same heading, announces somebody else's words: it ends with a colon before a
    paragraph, as in `On Monday Bob wrote:`, or it is a header field of a forwarded message.
    """
    first = _first_words(document)
    following: BlockKind = document.blocks[number].kind
    for block in reversed(document.blocks[max(0, number - FAR) : number]):
        if block.start < first or (block.kind in TITLES and _is_marked(document, block)):
            return False
        if block.kind == "field" or (
            following in STATING and _COLON.search(shown(document, max(block.start, block.end - 10), block.end))
        ):
            return True
        if block.kind != "furniture":
            following = block.kind
    return number > FAR


def _first_words(document: Document) -> int:
    """Where the document's own text begins: after its headings and, in an e-mail, after its header fields."""
    own = (block.start for block in document.blocks if block.kind not in ("heading", "field", "furniture"))
    return next(own, len(document.text))


def shown(document: Document, start: int, end: int) -> str:
    """What readers see between two places."""
    text = plain(document.text, start, end, document.markup)
    return ENTITY.sub(lambda entity: unescape(entity[0]), text) if has_entities(document) else text


def has_entities(document: Document) -> bool:
    """Whether `&lt;` in the text is shown as `<`. Other formats have none, or their readers have decoded them."""
    return document.id.lower().endswith((".md", ".markdown", ".ipynb"))

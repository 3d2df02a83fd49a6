"""Does a block stand by itself, so that its sentences are the document's own statements?

It does not if it is part of something: a list, a numbered series, a quotation, a conversation, a forwarded message, or
what a lead-in announces, with or without a colon.
"""

import re
from collections import Counter
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
SIGNING: frozenset[BlockKind] = STATING | TITLES | frozenset(("turn", "field", "furniture"))
UNMARKED = (".txt", ".log")  # suffixes of formats in which any short line may be taken for a heading
SPOKEN = (".srt", ".vtt")  # formats whose every word somebody says
FAR = 2_000  # blocks above that are searched for a speaker; a block further down counts as somebody else's words
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,31});")  # as Markdown has them
REACH = 10_000  # characters behind a sentence in which the end of a tag is looked for
_TAIL = 300  # characters of a block that show how it ends
_NAME = 100  # characters of a name, with what its bearer does

_COLON = re.compile(r"[:：∶﹕︰](?![\d/])")
_LABEL = re.compile(
    r"(?:[^\w\"'“‘«]|_)*(?:§|(?:\d{1,4}|[^\W\d_]|[ivxlcdmIVXLCDM]{1,7})(?:[.-]\w{1,4})*\s?(?:[.):\]](?=\s)|[–—-]\s)"
    r"|\d{1,4}(?:\.\d{1,4})*\s+(?=[^\W\d_a-z])|[•‣◦▪●·*+–—-]\s)"
)
_OPENERS = "|".join(sorted(map(str.capitalize, FUNCTION_WORDS)))
_NUMBERED = (
    re.compile(  # `Myth 1. `, `T/F 12) `, `Claim no. IV - `, at the beginning or between sentences; `Myth A. The`
        r"(?:\A|[.!?…][^\w\s]{0,3}\s)[\W_]{0,20}(?:[^\W\d_]{1,20}[\W_]{1,4}){0,3}"
        r"(?:[^\W\d_]{0,20}\d{1,3}(?:[.-]\w{1,3})*[a-z]?|[IVXLC]{2,6})\s?(?:[.):\]]\s|[–—-]\s)"
        r"|\A[\W_]{0,20}(?:[^\W\d_]{1,20}[\W_]{1,4}){1,3}[A-Za-z]"
        rf"(?:[)\]]\s|[.]\s+(?:{_OPENERS})\b)"
    )
)
_QUOTED_LINE = re.compile(r"^(?:[^\w\n]*>|[^\w\n<]{0,3}\w{1,12}>+\s)", re.MULTILINE)  # `> `, `jd> `
_TAG = re.compile(r"\[(/?)([^\W\d_]\w{0,11})(?=[\]=\s])(?!\][(\[:])")  # `[quote=Bob]`, no link of Markdown
_TYPED_TAG = re.compile(r"[\[<](/?)([^\W\d_]\w{0,11})(?=[\]>=\s])")
_OPEN = re.compile(r"[:：;,…—–-]\Z")
_SIGNED = re.compile(  # `... — A. Smith`; a hyphen only after the end of a sentence
    r"(?:(?:[.!?…\"'”’»*_)]\s*|\A\s*)(?:--+|[‒-―⸺⸻])|[.!?…][\"'”’»*_)\]]*\s+[-~‐‑−])\s*\w[^!?\n]{0,100}\Z"
)
_SIGNATURE = re.compile(r"\s*(?:(?:--+|[-~‐-―−⸺⸻])\s*[^\W\d_]|\([^\W\d_][^().!?:\n]{0,80}\)\s*\Z)")
_SENTENCE_END = re.compile(r"[.!?…]\W*\Z")
_LAST_WORD = re.compile(r"([^\W\d_]+)\W*\Z")


def stands_alone(document: Document, sentence: Sentence, context: Sequence[Context]) -> bool:
    """Whether nothing around the sentence's block suggests that it is not the document's own statement; False in doubt.

    context: of the sentence.
    """
    block = document.blocks[sentence.block]
    text = document.text
    line = text.rfind("\n", 0, block.start) + 1
    before = shown(document, block.start, sentence.start)
    return (
        block.kind in STATING
        and not block.level
        and not document.id.lower().endswith(SPOKEN)
        and not any(_introduces(document, piece) for piece in context)
        and not _LABEL.match(shown(document, block.start, min(block.end, block.start + _TAIL)).lstrip())
        and not _COLON.search(before)
        and not _NUMBERED.search(before)
        and not _QUOTED_LINE.search(text[line : sentence.end])
        and not _is_tagged(document, sentence)
        and not _is_signed(document, sentence.block)
        and _begins_anew(document, sentence.block)
        and not _is_announced(document, sentence.block)
    )


def _introduces(document: Document, piece: Context) -> bool:
    """Whether a piece of context says whose words follow, or what they are."""
    return piece.kind in ("lead_in", "speaker") or _goes_on(shown(document, piece.start, piece.end))


def _is_tagged(document: Document, sentence: Sentence) -> bool:
    """Whether a typed tag that was opened before the sentence is closed behind it: `[quote=Bob] ... [/quote]`."""
    text, start = document.text, sentence.start
    tag = _TYPED_TAG if document.id.lower().endswith(UNMARKED) else _TAG
    opened = Counter[str]()
    for found in tag.finditer(text, start, sentence.end + REACH):
        opened[found[2]] += -1 if found[1] else 1
        if opened[found[2]] == -1 and text.rfind(found[0].replace("/", ""), max(0, start - REACH), start) >= 0:
            return True
    return False


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
    """Whether the block ends with a dash and the name of the person who said it, or a signature follows it."""
    block = document.blocks[number]
    if _SIGNED.search(shown(document, max(block.start, block.end - _TAIL), block.end)):
        return True
    following = document.blocks[number + 1 : number + 4]
    nearest = next((n for n, other in enumerate(following, 1) if other.kind != "furniture"), len(following))
    return any(_is_signature(document, n) for n in range(number + 1, number + 1 + nearest))


def _is_signature(document: Document, number: int) -> bool:
    """Whether a block begins with a dash, which may be read as the bullet of a single short item, or is in brackets."""
    block = document.blocks[number]
    head = shown(document, block.start, min(block.end, block.start + _TAIL))
    if block.kind == "item":
        is_sole = all(other.kind != "item" for other in document.blocks[number + 1 : number + 3])
        return is_sole and len(head) <= _NAME and not _COLON.search(head) and not _SENTENCE_END.search(head)
    return block.kind in SIGNING and bool(_SIGNATURE.match(head))


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

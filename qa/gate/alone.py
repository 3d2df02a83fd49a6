"""Does a block of a document stand by itself, so that its sentences can be taken as the document's own?

Not if it is a part of something: an item, a numbered paragraph, a quotation, a turn, an e-mail, or what a lead-in
announces, with a colon or without one.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from qa.english.function_words import FUNCTION_WORDS
from qa.gate.stated import asks
from qa.ingest.sentences import surely_end
from qa.records import Block, BlockKind, Context, Document, Sentence
from qa.text import plain

__all__ = ["stands_alone"]

STATING: frozenset[BlockKind] = frozenset(("paragraph", "caption"))
TITLES: frozenset[BlockKind] = frozenset(("heading", "question"))
UNMARKED = frozenset((".txt", ".log"))  # formats in which any short line may be taken for a heading
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
_VERB = r"(?:wrote|writes|schrieb|écrit|escribió|scritto|schreef|escreveu|skrev|napsal|kirjoitti|napisał)"
_REPLIED = re.compile(
    rf"^[^\w\n]*(?:on|am|le|el|il|op|em|den|dne|pe|w dniu)\b[^\n]{{4,200}}\n?[^\n]{{0,80}}\b{_VERB}\b[^\n]{{0,80}}:\W*$"
    r"|^[-_*> \t]{2,}(?:original message|forwarded message|weitergeleitete nachricht|ursprüngliche nachricht"
    r"|message d'origine|message transféré|mensaje original|messaggio originale|oorspronkelijk bericht)\b"
    r"|^[^\w\n]*begin forwarded message",
    re.IGNORECASE | re.MULTILINE,
)
_HEADER = re.compile(
    r"^[^\w\n]*(?:From|Von|De|Da|Van|Från|Fra)\b\W{0,3}:[^\n]*\n+"
    r"[^\w\n]*(?:Sent|Date|To|Gesendet|Datum|An|Envoyé|À|Enviado|Fecha|Para|Inviato|A|Verzonden|Aan|Skickat|Till|Til)\b\W{0,3}:",
    re.MULTILINE,
)


def stands_alone(document: Document, sentence: Sentence, context: Sequence[Context]) -> bool:
    """Whether nothing around its block says that the sentence is less than the document's own. In doubt it is not.

    context: that of the sentence.
    """
    block = document.blocks[sentence.block]
    text = document.text
    line = text.rfind("\n", 0, block.start) + 1
    return (
        block.kind in STATING
        and not block.level
        and not any(_governs(document, piece) for piece in context)
        and not _LABEL.match(_shown(document, block.start, min(block.end, block.start + _TAIL)).lstrip())
        and not _COLON.search(text, block.start, sentence.start)
        and not _QUOTED_LINE.search(text[line : sentence.end])
        and not _is_signed(document, sentence.block)
        and _is_opened(document, sentence.block)
        and block.start < _others(text, _first_words(document))
    )


def _governs(document: Document, piece: Context) -> bool:
    """Whether what stands above a sentence says whose words follow, or what they are."""
    return piece.kind in ("lead_in", "speaker") or _goes_on(_shown(document, piece.start, piece.end))


def _goes_on(title: str) -> bool:
    """Whether a heading has no end of its own: a mark or a word that something has to follow."""
    title = title.rstrip(" \t\r\n*_#=~>")
    word = _LAST_WORD.search(title)
    return bool(_OPEN.search(title)) or (word is not None and word[1].islower() and word[1] in FUNCTION_WORDS)


def _is_opened(document: Document, number: int) -> bool:
    """Whether the block before this one is over: a title, or a block that surely ends as a sentence does."""
    block = document.blocks[number]
    earlier = (document.blocks[n] for n in range(number - 1, -1, -1))
    last = next((other for other in earlier if other.kind != "furniture"), None)
    if last is None:
        return True
    if last.kind in TITLES:
        return not _goes_on(_shown(document, last.start, last.end)) and (
            last.kind == "question" or _is_marked(document, last)
        )
    tail = _shown(document, max(last.start, last.end - _TAIL), last.end)
    head = _shown(document, block.start, min(block.end, block.start + _TAIL))
    is_quoted = last.kind in STATING and bool(last.level)
    return not is_quoted and not asks(tail[-5:]) and surely_end(tail, head)


def _is_signed(document: Document, number: int) -> bool:
    """Whether the block, or the one after it, ends with a dash and the name of whoever said it."""
    near = [document.blocks[n] for n in range(number, min(number + 2, len(document.blocks)))]
    ends = [_shown(document, max(block.start, block.end - _TAIL), block.end) for block in near if block.kind in STATING]
    return any(_SIGNED.search(end) for end in ends[:1]) or any(_DASHED.match(end) for end in ends[1:])


def _is_marked(document: Document, heading: Block) -> bool:
    """Whether more than its looks makes a heading of a line, which else may be a lead-in."""
    raw = document.text[heading.start : heading.end]
    if raw.startswith(("**", "__")):
        return False
    if not document.id.lower().endswith(tuple(UNMARKED)) or not document.text[: heading.start].strip():
        return True
    below = document.text[heading.end : heading.end + _TAIL].lstrip("\r\n").partition("\n")[0].strip()
    return raw.isupper() or raw[0] in "#§" or raw[:1].isdigit() or (bool(below) and not any(map(str.isalnum, below)))


def _first_words(document: Document) -> int:
    """Where the first block stands that is no title and no field; the header of a mail comes before its own words."""
    own = (block.start for block in document.blocks if block.kind not in ("heading", "field", "furniture"))
    return next(own, len(document.text))


@lru_cache(maxsize=4)
def _others(text: str, start: int) -> int:
    """Where a message begins that is not the text's own: one that is answered, or passed on; else beyond the end.

    start: where the text's own words do; a header before them is its own.
    """
    places = [match.start() for match in (_REPLIED.search(text), _HEADER.search(text, start)) if match]
    return min(places, default=len(text) + 1)


def _shown(document: Document, start: int, end: int) -> str:
    return plain(document.text, start, end, document.markup)

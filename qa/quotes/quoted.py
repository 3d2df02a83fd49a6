"""Find passages in quotation marks in any text, and look them up in the documents with the strict matcher."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.quotes.anchors import Corpus, Place
from qa.quotes.folding import DIRECTIONS

__all__ = ["MIN_WORDS", "Checked", "Quotation", "check_quotation", "quotations"]

MIN_WORDS = 3  # shorter ones are titles, terms and irony
MAX_PLACES = 20

# What opens a quotation, and what closes it. Straight marks and apostrophes are told apart by what stands beside them.
PAIRS = {"“": "”", "„": "“”", "«": "»", "»": "«", "‹": "›", "‘": "’", '"': '"'}
MARKS = frozenset("".join([*PAIRS, *PAIRS.values()]))
OPENERS = "([{—–-/“„‘«\"'*_"
PARAGRAPH = re.compile(r"\r?\n[ \t>]*\r?\n")
TURN = re.compile(r"[\n\r\x1c-\x1e\x85\u2029\u202a-\u202e\u2066-\u2069]")
CLOSES = "\u202c\u2069"
WORD = re.compile(r"\w+(?:['’]\w+)*")


@dataclass(frozen=True, slots=True)
class Quotation:
    """A passage in quotation marks. start, end: offsets in the text, without the marks. line: from 1. turned: a hidden
    mark before it changes the direction in which it is shown.
    """

    text: str
    start: int
    end: int
    line: int
    turned: bool = False

    @property
    def words(self) -> int:
        return len(WORD.findall(self.text))


@dataclass(frozen=True, slots=True)
class Checked:
    """A quotation and its places in the documents, at most `MAX_PLACES`; empty if not found.

    disguised: the documents have its words, but hidden direction marks may show others.
    """

    quotation: Quotation
    places: tuple[Place, ...]
    disguised: bool = False

    @property
    def stands(self) -> bool:
        return bool(self.places)


def quotations(text: str) -> list[Quotation]:
    """All quotations, outer ones whole, in order; one that is never closed ends with its paragraph."""
    found = []
    at = counted = 0
    line = 1
    turns = list(_turns(text))
    for left, right in _paragraphs(text):
        pairs = _pairs(text, left, right)
        at = max(at, left)
        while at < right:
            end = pairs.get(at)
            if end is None:
                at += 1
                continue
            start = at + 1
            line += text.count("\n", counted, start)
            counted = start
            before = bisect_right(turns, start, key=lambda turn: turn[0])
            found.append(Quotation(text[start:end], start, end, line, before > 0 and turns[before - 1][1] > 0))
            at = end + 1
    return found


def _turns(text: str) -> Iterator[tuple[int, int]]:
    """Where embeddings, overrides and isolates open and close, and how many are open from there on in the line."""
    depth = 0
    for found in TURN.finditer(text):
        mark = found[0]
        depth = max(0, depth - 1) if mark in CLOSES else depth + 1 if mark in DIRECTIONS else 0
        yield found.start(), depth


def check_quotation(quotation: Quotation, corpus: Corpus) -> Checked:
    """Places of the quotation: exact matches if there are any, else matches apart from typography."""
    places = _found(quotation.text, corpus)
    if quotation.turned:
        return Checked(quotation, (), disguised=bool(places))
    bare = quotation.text.translate(dict.fromkeys(map(ord, DIRECTIONS)))
    return Checked(quotation, places, not places and bare != quotation.text and bool(_found(bare, corpus)))


def _found(quote: str, corpus: Corpus) -> tuple[Place, ...]:
    exact = [doc_id for doc_id, text in corpus.texts.items() if quote.strip() in text]
    return tuple(_places(quote, exact, corpus)) or tuple(_places(quote, list(corpus.texts), corpus))


def _places(quote: str, doc_ids: Sequence[str], corpus: Corpus) -> Iterator[Place]:
    room = MAX_PLACES
    for doc_id in doc_ids:
        for match in corpus.find(quote, doc_id)[:room]:
            yield Place(doc_id, match.start, match.end)
            room -= 1


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in PARAGRAPH.finditer(text):
        yield start, gap.start()
        start = gap.end()
    yield start, len(text)


def _opens(text: str, at: int) -> bool:
    """Whether a quotation can begin here. Straight marks, apostrophes and » also close, or are part of a word."""
    mark, before, after = text[at], text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if mark not in PAIRS or not after or (after.isspace() and mark not in "«»"):
        return False
    if mark in "“„«‹":
        return True
    return (not before or before.isspace() or before in OPENERS) and not (mark == "‘" and after.isdigit())


def _pairs(text: str, left: int, right: int) -> dict[int, int]:
    """Each mark of a paragraph that opens a quotation, and where that is closed. One pass, however they are nested.

    Straight marks do not nest: a mark that closes one closes all that are open.
    """
    pairs: dict[int, int] = {}
    opened: dict[str, list[int]] = {mark: [] for mark in PAIRS}
    for at in range(left, right):
        char = text[at]
        if char not in MARKS:
            continue
        closes, opens = _closes(text, at), _opens(text, at)
        for mark, waiting in opened.items():
            if closes and waiting and char in PAIRS[mark]:
                last = waiting if mark == '"' else waiting[-1:]
                pairs.update(dict.fromkeys(last, at))
                del waiting[-len(last) :]
            if opens and char == mark:
                waiting.append(at)
    return pairs | {at: right for mark in '“"' for at in opened[mark]}


def _closes(text: str, at: int) -> bool:
    """Straight marks and apostrophes close only behind a word or its punctuation, and before no letter."""
    return text[at] not in '"’' or not (text[at - 1].isspace() or text[at + 1 : at + 2].isalnum())

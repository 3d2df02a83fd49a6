"""Find passages in quotation marks in any text, and look them up in the documents with the strict matcher."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.quotes.anchors import Corpus, Place
from qa.quotes.edges import unspaced
from qa.quotes.effort import Effort
from qa.quotes.folding import DIRECTIONS

__all__ = ["Checked", "Quotation", "check_quotation", "quotations"]

MIN_WORDS = 3  # shorter ones are titles, terms and irony
MIN_UNSPACED = 12  # characters, in scripts without spaces between words
MAX_PLACES = 20

# What opens a quotation, and what closes it: the marks of Unicode, and those of TeX and of typewriters.
PAIRS = {
    **{"“": "”", "„": "“”", "‟": "”", "«": "»", "»": "«»", "”": "”", '"': '"', "＂": "＂", "❝": "❞", "⹂": "”"},
    **{"「": "」", "『": "』", "〝": "〞〟", "﹁": "﹂", "﹃": "﹄", "｢": "｣"},
    **{"‹": "›", "›": "‹›", "‘": "’", "‚": "‘’", "‛": "’", "’": "’", "'": "'", "＇": "＇", "❛": "❜"},
    **{"``": ["''"], "''": ["''"]},
}
CLOSED = {mark: [one for one in PAIRS if mark in PAIRS[one]] for marks in PAIRS.values() for mark in marks}
MARK = re.compile("|".join(sorted(map(re.escape, PAIRS.keys() | CLOSED.keys()), key=len, reverse=True)))
APOSTROPHES = frozenset("‘’‚‛'＇❛❜")
TWO_WAYS = APOSTROPHES | frozenset('"＂”»›') | {"''"}  # what stands beside them tells whether they open or close
STRAIGHT = ('"', "＂")
OPENERS = "([{—–-/“„‘«\"'*_:,;=….?!>|~"
DECADE = re.compile(r"\d\ds\b")
PARAGRAPH = re.compile(r"\r?\n[ \t>]*\r?\n")
TURN = re.compile(r"[\n\r\x1c-\x1e\x85\u2029\u202a-\u202e\u2066-\u2069]")
CLOSES = "\u202c\u2069"
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


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

    @property
    def is_long(self) -> bool:
        """Whether it is looked up."""
        return self.words >= MIN_WORDS or sum(map(unspaced, self.text)) >= MIN_UNSPACED


@dataclass(frozen=True, slots=True)
class Checked:
    """A quotation and its places in the documents, at most `MAX_PLACES`; empty if not found.

    disguised: the documents have its words, but hidden direction marks may show others. unfinished: it was not found,
    but there were too many places to look at all.
    """

    quotation: Quotation
    places: tuple[Place, ...]
    disguised: bool = False
    unfinished: bool = False

    @property
    def stands(self) -> bool:
        return bool(self.places)


def quotations(text: str) -> list[Quotation]:
    """All quotations, outer ones whole, in order; one that is never closed ends with its paragraph."""
    found = []
    counted, line = 0, 1
    turns = list(_turns(text))
    for left, right in _paragraphs(text):
        for start, end in _spans(text, left, right):
            line += text.count("\n", counted, start)
            counted = start
            before = bisect_right(turns, start, key=lambda turn: turn[0])
            found.append(Quotation(text[start:end], start, end, line, before > 0 and turns[before - 1][1] > 0))
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
    effort = Effort(whole=corpus.effort)
    places = _found(quotation.text, corpus, effort)
    if quotation.turned:
        return Checked(quotation, (), disguised=bool(places))
    bare = quotation.text.translate(dict.fromkeys(map(ord, DIRECTIONS)))
    disguised = not places and bare != quotation.text and bool(_found(bare, corpus, effort))
    return Checked(quotation, places, disguised, not places and not disguised and not effort.left)


def _found(quote: str, corpus: Corpus, effort: Effort) -> tuple[Place, ...]:
    exact = [doc_id for doc_id, text in corpus.texts.items() if quote.strip() in text]
    return tuple(_places(quote, exact, corpus, effort)) or tuple(_places(quote, list(corpus.texts), corpus, effort))


def _places(quote: str, doc_ids: Sequence[str], corpus: Corpus, effort: Effort) -> Iterator[Place]:
    room = MAX_PLACES
    for doc_id in doc_ids:
        for match in corpus.find(quote, doc_id, effort)[:room]:
            yield Place(doc_id, match.start, match.end)
            room -= 1
        if not room:
            return


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in PARAGRAPH.finditer(text):
        yield start, gap.start()
        start = gap.end()
    yield start, len(text)


@dataclass(frozen=True, slots=True)
class _Mark:
    """A quotation mark. before, after: the characters beside it, empty at the ends of the paragraph."""

    written: str
    start: int
    end: int
    before: str
    after: str
    is_decade: bool

    @property
    def is_apostrophe(self) -> bool:
        """Whether this may be an apostrophe."""
        return self.written in APOSTROPHES

    @property
    def opens(self) -> bool:
        """Whether a quotation begins here, even if it is not closed."""
        if self.written not in PAIRS or not self.after or (self.after.isspace() and self.written not in "«»‹›"):
            return False
        if self.written not in TWO_WAYS:
            return not (self.written == "‘" and self.is_decade)
        return not self.is_decade and (not self.before or self.before.isspace() or self.before in OPENERS)

    @property
    def may_open(self) -> bool:
        """Whether one may begin here, if it is closed: straight marks also behind a letter."""
        stuck = not self.is_apostrophe and self.written in TWO_WAYS and self.written != "''"
        return self.opens or (
            stuck and bool(self.after.strip()) and (not self.before.isdigit() or self.after.isalpha())
        )

    @property
    def closes(self) -> bool:
        """Whether one may end here: marks that also open do so only behind a word or its punctuation."""
        if self.written not in TWO_WAYS or self.written in "»›":
            return self.written in CLOSED
        if not self.before.strip():
            return False
        joined = self.after.isalnum() and not unspaced(self.after)
        return not joined or (not self.is_apostrophe and self.before not in OPENERS)

    @property
    def is_possessive(self) -> bool:
        """Whether this may be the apostrophe of `the captains' letter`."""
        return self.written in "'’＇" and self.before == "s" and self.after.isspace()


def _spans(text: str, left: int, right: int) -> list[tuple[int, int]]:
    """The quotations of a paragraph, outer ones whole, and what stands between a mark that has no other and the next
    mark, or the end of the paragraph.
    """
    marks = [_mark(text, found, left, right) for found in MARK.finditer(text, left, right)]
    pairs = _pairs(marks, right)
    nexts = [mark.start for mark in marks if not mark.is_apostrophe] + [right]
    spans: list[tuple[int, int]] = []
    passed, done = 0, left
    for mark in marks:
        passed += not mark.is_apostrophe
        if mark.start < done:
            continue
        if mark.end in pairs:
            end, done = pairs[mark.end]
            spans.append((mark.end, end))
        elif not mark.is_apostrophe and len(mark.written) == 1 and not mark.before.isdigit():
            start, end = (done, mark.start) if mark.before.strip() else (mark.end, nexts[passed])
            done = max(end, mark.end)
            if Quotation(text[start:end], start, end, 1).is_long:
                spans.append((start, end))
    return spans


def _mark(text: str, found: re.Match[str], left: int, right: int) -> _Mark:
    start, end = found.span()
    before = text[start - 1] if start > left else ""
    after = text[end] if end < right else ""
    return _Mark(found[0], start, end, before, after, after.isdigit() and DECADE.match(text, end) is not None)


def _pairs(marks: Sequence[_Mark], right: int) -> dict[int, tuple[int, int]]:
    """Where each quotation begins, where it ends, and where the mark that closes it ends. One pass, however they are
    nested.

    Straight marks do not nest: a mark that closes one closes all that are open.
    """
    pairs: dict[int, tuple[int, int]] = {}
    opened: dict[str, list[_Mark]] = {mark: [] for mark in PAIRS}
    for mark in marks:
        waiting = [opened[one] for one in CLOSED.get(mark.written, ()) if opened[one]] if mark.closes else []
        for ones in waiting:
            last = ones[:] if ones[0].written in STRAIGHT else ones[-1:]
            if mark.is_possessive:  # it closes only if no other does
                pairs.setdefault(last[0].end, (mark.start, mark.end))
            else:
                pairs.update((one.end, (mark.start, mark.end)) for one in last)
                del ones[-len(last) :]
        if not waiting and mark.may_open:
            opened[mark.written].append(mark)
    never = [mark for written in '“"' for mark in opened[written] if mark.opens]
    return pairs | {mark.end: (right, right) for mark in never}

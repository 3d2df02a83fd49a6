"""Sentence spans of a document: layout first, then a segmenter, then a few repairs, then cuts of what is too long.

Layout decides which line breaks end a unit (`docs/segmentation.md` says what a unit is). In the remaining blocks of
prose a segmenter finds where sentences end, and general rules of English correct it where it is plainly wrong.
Every step takes time linear in the text.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from importlib.metadata import version
from itertools import pairwise
from typing import Any, NamedTuple

from qa.records import Span

__all__ = ["MAX_CHARS", "SEGMENTER", "VERSION", "nupunkt_ends", "split"]

VERSION = 3  # raised whenever the same text may give other sentences
SEGMENTER = f"nupunkt-{version('nupunkt')}"
MAX_CHARS = 800

# Prose in, the offsets at which its sentences end out.
Segmenter = Callable[[str], Iterable[int]]


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


# -- layout --
LINE_START = re.compile(
    r"\s*(?:(?P<fence>```|~~~)|(?P<row>\|)|(?P<heading>#{1,6}\s)|(?P<quote>>)"
    r"|(?P<item>[-*+•‣◦▪●]\s|\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)]\s))"
)
CELLS = re.compile(r"\S(?:[^\S\n]+\|[^\S\n]+|\t+)\S")
CELL_CHARS = 100  # a line whose cells are longer on average is prose with a tab in it
LETTER_OR_DIGIT = re.compile(r"[^\W_]")
FIRST_WORD = re.compile(r"[>\s]*(\S*)")
CLOSED_LINE = re.compile(r"[.!?:…]\W*\Z")
WRAPPED_SHARE = 0.4  # of the line breaks in paragraphs that follow no stop; about 3/4 in English wrapped at a width
FULL_LINE = 0.8  # of the paragraph's longest line; text extracted from proportional fonts has uneven lines

# -- sentence ends --
STOP = re.compile(
    r"(?P<mark>[.!?…]+)(?P<close>\s?[”»]|[\"'”’»“‘«)\]}*_]*)(?=\s+(?P<open>[\"'“‘«(\[{*_¿¡]*)(?P<next>[^\W_]+\.?))"
)
UNSPACED_STOP = re.compile(r"[。！？｡॥।؟۔።]+(?:[」』”’）】》\"')\]]+(?=[\s「『“‘（《]|\Z))?(?![」』”’）】》\"')\]])")
CLOSING = "\"'”’»)]}"
NOT_IN_WORD = re.compile(r"[^\w.’'&-]|_")
LONG_RUN = re.compile(r"\S{200,}")
QUOTES = "\"'”’»“‘«"
OPENING_QUOTES = "“‘«"
# A name, a number or an explanation follows these, so they are never the last word of a sentence.
TITLES = _words("""
    mr mrs ms messrs mme mlle dr prof hon rev gen lt maj col capt cpt sgt cmdr adm brig gov sen rep fr hr sra dra
""")
CONNECTORS = _words("v vs cf e.g i.e viz bzw vgl bijv z.b d.h u.a approx fig figs eq eqs pp")
NUMBERED = _words("no nos nr art sec vol ch p")
# Abbreviations of four letters and more that may stand before a name; all other words that long are words.
LONG_ABBREVIATIONS = _words("""
    appx arch ariz arts asst assn assoc atty blvd bros calif chap chem colo comm conf cong conn corp dept dist econ
    elec engr exch geol hist hosp incl inst intl jour mass math mech mich minn misc mont natl nebr okla para paras
    penn phil phys pkwy pres proc psych publ resp secs sect sept spec stat subsec supp suppl supt symp tech tenn
    theol thurs trans treas tues univ vols wash
""")
SHORT_WORDS = _words("""
    ago all am and any are at be but by can car day did do for get go had has he her him his how in is it its law
    low man may me men met my new not now of off oil ok OK Ok old on one or our out own pay put run saw say see set
    she so sun tax the to too two up us use war was way we who why win won yet you
""")
# Words that open sentences and do not begin names.
OPENERS = _words("""
    A After Although An And As At But By During Everyone For He Her Here His How However If In It Its Moreover Nobody
    Nothing Now On Our She Since So Someone That The Their Then There These They This Those Thus To We What When Where
    While Why You
""")
AFTER_GERMAN_ORDINAL = _words("""
    Jahrhundert Jahrhunderts Januar Jänner Februar März April Mai Juni Juli August September Oktober November Dezember
""")
# After a closing quote: "Blinken said at a news conference", "Tom Jones asked."; not "Blinken said he would go".
ATTRIBUTION = re.compile(
    r"(?:[^\W\d_][\w’'-]*\s+){1,4}(?:said|says|told|asked|replied|added|wrote|answered|shouted|explained|warned|noted)"
    r"(?:[.,;:]|\s+(?:at|in|on|during|after|before|while|when|as|to|last|this|yesterday|today|[MTWFS]\w+day)\b)"
)
VOWEL = re.compile(r"[aeiouyäöüáéíóúàèêâîôû]", re.IGNORECASE)
# "2.", "(b)", "Figure 3.", "Box 1.": these go with what they count.
LABEL = re.compile(
    r"(?:(?:Appendix|Article|Box|Chapter|Example|Exhibit|Figure|Note|Part|Question|Section|Step|Table)\s+\w{1,5}[.:]"
    r"|\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)])"
)
NOTES = r"(?:\[\d{1,3}(?:[,–-]\s?\d{1,3})*\])+"
NOTE_MARKS = re.compile(NOTES + r"(?=\s|\Z)")
NOTED_STOP = re.compile(r"[.!?][\"'”’)]*" + NOTES + r"(?=\s+[\"'“‘(]*[A-ZÀ-Þ])")

# -- cuts of sentences over MAX_CHARS, best first --
CUTS = (
    re.compile(r"\n+|[.!?;:…][\"'”’)\]]*\s+|[。！？；：]|\s[—–-]\s"),
    re.compile(r",[\"'”’)\]]*\s+|[，、]|\s\|\s"),
    re.compile(r"\s+"),
)


class _Line(NamedTuple):
    start: int  # of the first character that is not white space
    end: int
    kind: str  # blank, fence, row, heading, quote, item, rule (no letter or digit) or text


class _Block(NamedTuple):
    start: int
    end: int
    prose: bool  # False: one unit as it stands


def split(text: str, skipped: Sequence[Span] = (), segment: Segmenter | None = None) -> list[Span]:
    """The sentences of `text` outside of the `skipped` spans (sorted, disjoint), found by `segment` (default: nupunkt).

    Trimmed of white space, in order, disjoint, each at most `MAX_CHARS` characters; together they hold every character
    that is neither white space nor skipped. No sentence runs over a paragraph, heading, list item, table row or skipped
    span into the next.
    """
    spans: list[Span] = []
    for block in _blocks(text, skipped):
        body = text[block.start : block.end]
        for start, end in _sentences(body, segment or nupunkt_ends) if block.prose else [(0, len(body))]:
            spans.extend(_cut(text, block.start + start, block.start + end))
    return spans


def nupunkt_ends(prose: str) -> Iterator[int]:
    """Where nupunkt's own model, trained on legal and general English, sees sentences end."""
    return (end for _, end in _nupunkt().span_tokenize(prose))


@cache
def _nupunkt() -> Any:
    import nupunkt

    return nupunkt.load("default")


# -- layout --


def _blocks(text: str, skipped: Sequence[Span]) -> Iterator[_Block]:
    """The text outside of the skipped spans, cut at every line break that ends a unit."""
    paragraphs: list[list[_Line]] = []
    start = 0
    for gap in (*skipped, Span(len(text), len(text))):
        paragraphs.extend(_paragraphs(_lines(text, start, gap.start)))
        start = max(start, gap.end)
    wrapped = _is_wrapped(text, paragraphs)
    for paragraph in paragraphs:
        yield from _unwrap(text, paragraph, wrapped)


def _lines(text: str, start: int, end: int) -> Iterator[_Line]:
    """The lines of `text[start:end]`. Lines inside a code fence are rows, whatever they look like."""
    code = False
    for line in text[start:end].splitlines(keepends=True):
        content = line.strip()
        first = start + len(line) - len(line.lstrip())
        kind = _kind(content)
        if kind == "fence":
            code = not code
            kind = "row"
        elif code and content:
            kind = "row"
        yield _Line(first, first + len(content), kind)
        start += len(line)


def _kind(line: str) -> str:
    if not line:
        return "blank"
    start = LINE_START.match(line)
    if start and start.lastgroup:
        return start.lastgroup
    if not LETTER_OR_DIGIT.search(line):
        return "rule"
    if "|" in line or "\t" in line:
        cells = len(CELLS.findall(line)) + 1
        if cells > 1 and len(line) <= CELL_CHARS * cells:
            return "row"
    return "text"


def _paragraphs(lines: Iterable[_Line]) -> Iterator[list[_Line]]:
    """Lines that may hold one running text: a list item takes the text lines that follow it, a heading stands alone."""
    paragraph: list[_Line] = []
    for line in lines:
        last = paragraph[-1].kind if paragraph else "blank"
        goes_on = (line.kind == "text" and last in ("text", "item", "quote")) or line.kind == last == "quote"
        if paragraph and not goes_on:
            yield paragraph
            paragraph = []
        if line.kind != "blank":
            paragraph.append(line)
    if paragraph:
        yield paragraph


def _is_wrapped(text: str, paragraphs: Iterable[list[_Line]]) -> bool:
    """Whether the lines of this document are broken at a width, not at paragraphs: then most begin in lower case."""
    breaks = lower = 0
    for paragraph in paragraphs:
        for last, line in pairwise(paragraph):
            if CLOSED_LINE.search(text, max(last.start, last.end - 5), last.end):
                continue  # any line may begin in upper case after a sentence
            breaks += 1
            lower += _first_word(text, line)[:1].islower()
    return breaks > 0 and lower / breaks >= WRAPPED_SHARE


def _unwrap(text: str, paragraph: list[_Line], wrapped: bool) -> Iterator[_Block]:
    """Blocks of lines that one running text was broken into.

    A line that begins in lower case goes on with the text before it. In a wrapped document so does one whose first
    word did not fit any more in the line before.
    """
    start, last = paragraph[0].start, paragraph[0]
    width = FULL_LINE * max(line.end - line.start for line in paragraph)
    for line in paragraph[1:]:
        word = _first_word(text, line)
        full = wrapped and last.end - last.start + 1 + len(word) > width
        if not (full or word[:1].islower()):
            yield _Block(start, last.end, True)
            start = line.start
        last = line
    yield _Block(start, last.end, last.kind not in ("row", "rule"))


def _first_word(text: str, line: _Line) -> str:
    word = FIRST_WORD.match(text, line.start, line.end)
    return word[1] if word else ""


# -- sentence ends --


def _sentences(prose: str, segment: Segmenter) -> list[tuple[int, int]]:
    """The repaired sentences of a block, as offsets in it."""
    # Segmenters take quadratic time in a long run without white space; the inside of one holds no English sentence.
    masked = LONG_RUN.sub(lambda run: "x" * (len(run[0]) - 20) + run[0][-20:], prose)
    found = {_trim_end(prose, 0, end) for end in segment(masked)}
    ends = {end for end in found if _may_end(prose, end)}
    for stop in STOP.finditer(prose):
        place = stop.end("close")
        verdict = _judge(prose, stop)
        if verdict is True:
            ends.add(place)
        elif verdict is False:
            ends.difference_update(range(stop.start("mark"), stop.start("next") + 1))
    ends.update(stop.end() for stop in NOTED_STOP.finditer(prose))
    if not prose.isascii():
        ends.update(stop.end() for stop in UNSPACED_STOP.finditer(prose))
    ends.add(len(prose))
    return _tidy(prose, sorted(ends))


def _may_end(prose: str, end: int) -> bool:
    """Whether a sentence may end here at all: before white space, a closing mark or a note, not in "4.5" or "a.b"."""
    following = prose[end : end + 1]
    return not following or following.isspace() or following in CLOSING or bool(NOTE_MARKS.match(prose, end))


def _judge(prose: str, stop: re.Match[str]) -> bool | None:
    """True: a sentence ends at this stop. False: none does. None: the segmenter decides."""
    following = stop["next"]
    if any(mark in QUOTES for mark in stop["close"]):
        if following[0].islower() and not stop["open"]:
            return False
        attributed = not stop["open"] and following not in OPENERS and ATTRIBUTION.match(prose, stop.start("next"))
        if attributed:
            return False
        return True if any(mark in OPENING_QUOTES for mark in stop["close"]) else None  # „So schließt man in Berlin.“
    if stop["mark"] != "." or stop["close"]:
        return None
    return _judge_word(prose, stop.start("mark"), following)


def _judge_word(prose: str, end: int, following: str) -> bool | None:
    """The same for the single period after the word that ends at `end`."""
    before = prose[max(0, end - 40) : end].rstrip()
    word = NOT_IN_WORD.split(before)[-1]
    before = before[: len(before) - len(word)].rstrip()
    low = word.lower()
    if (low in TITLES and not word[0].islower()) or low in CONNECTORS:
        return False
    if low in NUMBERED and following[0].isdigit():
        return False
    if word.isdecimal() and len(word) <= 2:
        listed = before.endswith(",") or (word == "1" and before.endswith(":"))  # "the steps: 1. Mix, 2. Heat"
        if listed or following.rstrip(".") in AFTER_GERMAN_ORDINAL:
            return False
    if not following[0].isupper():
        return None
    if following in OPENERS or word in SHORT_WORDS:
        return True
    chained = following.endswith(".") or before.endswith(".")
    is_word = len(word) >= 4 and word.isalpha() and VOWEL.search(word) and low not in LONG_ABBREVIATIONS
    return True if is_word and not chained else None


def _tidy(prose: str, ends: list[int]) -> list[tuple[int, int]]:
    """Spans between the ends; what is no sentence by itself goes to a neighbour."""
    units: list[tuple[int, int]] = []
    start = 0
    for end in ends:
        notes = NOTE_MARKS.match(prose, end)
        end = notes.end() if notes else end
        unit = prose[start:end].strip()
        if not unit or (LABEL.fullmatch(unit) and end < len(prose)):
            continue
        if units and not LETTER_OR_DIGIT.search(unit):
            units[-1] = (units[-1][0], end)  # a lone "." or "”" goes with what it closes
        else:
            units.append((start, end))
        start = end
    return units


# -- cuts --


def _cut(text: str, start: int, end: int) -> Iterator[Span]:
    """`text[start:end]` trimmed, in pieces of at most MAX_CHARS, cut at clauses, else at words, else anywhere."""
    while True:
        while start < end and text[start].isspace():
            start += 1
        end = _trim_end(text, start, end)
        if start == end:
            return
        stop = end if end - start <= MAX_CHARS else _cut_place(text, start)
        yield Span(start, _trim_end(text, start, stop))
        start = stop


def _trim_end(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1].isspace():
        end -= 1
    return end


def _cut_place(text: str, start: int) -> int:
    limit = start + MAX_CHARS
    for pattern in CUTS:
        places = [found.end() for found in pattern.finditer(text, start + MAX_CHARS // 2, limit)]
        if places:
            return places[-1]
    place = limit
    while place > limit - 50 and _extends(text, place):
        place -= 1
    return place if place > limit - 50 else limit


def _extends(text: str, place: int) -> bool:
    """Whether the character at `place` belongs to the one before it: combining marks, joined emoji, surrogate pairs."""
    char = text[place]
    return (
        unicodedata.category(char)[0] == "M"
        or char in "\u200c\u200d"
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\udc00" <= char <= "\udfff"
        or text[place - 1] == "\u200d"
    )

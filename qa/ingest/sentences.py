"""Sentence spans inside the blocks of a document: a segmenter, a few repairs, cuts of what is too long.

Blocks say what belongs together (`docs/segmentation.md` says what a unit is); a line end inside one is a space. In
prose a segmenter finds where sentences end, and general rules of English correct it where it is plainly wrong. It
reads what a reader of the rendered document sees. Every step takes time linear in the text.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from qa.english.function_words import FUNCTION_WORDS
from qa.markup import plain
from qa.records import Block, BlockKind, Span

__all__ = ["MAX_CHARS", "nupunkt_ends", "split_blocks", "surely_end"]

MAX_CHARS = 800

# Prose in, the offsets at which its sentences end out.
Segmenter = Callable[[str], Iterable[int]]


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


WHOLE = frozenset(("row", "header", "field", "contents"))  # kinds of blocks that are one unit
LINE_END = re.compile(r"[\n\r\f\v\x1c-\x1e\x85\u2028\u2029]")
CODE_GROUP = re.compile(r"[^\n]{1,300}(?:\n(?=[^\n]*\S)[^\n]{1,299}){0,7}")  # lines up to a blank one, a few together
# Marks that touch a unit go with it: up to white space, a template's tag (`{% channel "#help" %}`) to its end.
MARK_BEFORE = re.compile(r"(?:\{[{%][^{}\n]{0,400}|\[[^\[\]\n]{0,100}|(?:<[^<>]{0,400}>){1,9}|(?:(?![>|#\s])\S*)?)\Z")
MARK_AFTER = re.compile(r"(?:\]\[[^\[\]]{1,200}\]|[^\s|])*(?:[ \t]+[\"'(][^\n]*\)|[^{}\n]{0,400}[%}]\})?")
LETTER_OR_DIGIT = re.compile(r"[^\W_]")

# -- sentence ends --
STOP = re.compile(
    r"(?<![.!?…])(?P<mark>[.!?…]+)(?P<close>\s?[”»]|[\"'”’»“‘«)\]}*_]*)(?=\s+(?P<open>[\"'“‘«(\[{*_¿¡]*)(?P<next>[^\W_]+\.?))"
)
UNSPACED_STOP = re.compile(r"[。！？｡॥।؟۔።]+(?:[」』”’）】》\"')\]]+(?=[\s「『“‘（《]|\Z))?(?![」』”’）】》\"')\]])")
CLOSING = "\"'”’»)]}"
NOT_IN_WORD = re.compile(r"[^\w.’'&-]|_")
LONG_RUN = re.compile(r"\S{200,}")
QUOTES = "\"'”’»“‘«"
OPENING_QUOTES = "“‘«"
JOINED_INITIALS = re.compile(r"(?:[^\W\d_]+-)+(?:[A-Z]\.)+[A-Z]")  # "the EU-U.S. Data Privacy Framework"
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
    r"|\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)]|(?:\d{1,3}|[A-Z])(?:\.(?:\d{1,3}|[A-Z])){1,4}\.)"
)
NOTES = r"(?:\[\d{1,3}(?:[,–-]\s?\d{1,3})*\])+"
NOTE_MARK = re.compile(NOTES)
NOTE_MARKS = re.compile(NOTES + r"(?=\s|\Z)")
NOTED_STOP = re.compile(r"[.!?][\"'”’)]*" + NOTES + r"(?=\s+[\"'“‘(]*[A-ZÀ-Þ])")

# The end of a text that ends like a sentence, and what may open the next one.
SURE_STOP = re.compile(
    r"(?P<before>\S*)(?<![.!?…])\s?(?P<mark>[.!?。！？।॥։።۔؟])[\"'”’»›“‘«)\]}*_」』】》〉]*(?:\s[»›])?"
    rf"\s?(?:{NOTES})?\s*\Z"
)
MORE_ABBREVIATIONS = _words("""
    aprox avda boul cmte dpto einschl evtl excmo gest govt gral inkl insbes insp mins miss mses núm prov präs párr
    sogen spett urspr
""")
ABBREVIATIONS = TITLES | CONNECTORS | LONG_ABBREVIATIONS | MORE_ABBREVIATIONS
ALSO_NAMES = _words("will may can no us")
OPENER = re.compile(r"[^\w]*([^\W\d_]+)")

# -- cuts of sentences over MAX_CHARS, best first --
CUTS = (
    re.compile(r"\n+|[.!?;:…][\"'”’)\]]*\s+|[。！？；：]|\s[—–-]\s"),
    re.compile(r",[\"'”’)\]]*\s+|[，、]|\s\|\s"),
    re.compile(r"\s+"),
)


def split_blocks(
    text: str,
    blocks: Sequence[Block],
    markup: Sequence[Span] = (),
    skipped: Sequence[Span] = (),
    segment: Segmenter | None = None,
) -> list[tuple[Span, int]]:
    """The units of all blocks outside of the `skipped` spans, each with the number of its block.

    A row, a header, a field or a contents entry is one unit, code is cut into groups of lines, everything else where
    `segment` (default: nupunkt) sees sentences end. markup, skipped: sorted, disjoint. Units are trimmed of white space
    and of marks set apart by it (bullets, marks of headings), in order, disjoint, each at most `MAX_CHARS` characters;
    together they hold every character that is neither white space nor markup nor skipped.
    """
    units: list[tuple[Span, int]] = []
    for number, block in enumerate(blocks):
        for start, end in _outside(block.start, block.end, skipped):
            for low, high in _units(text, block.kind, start, end, markup, segment or nupunkt_ends):
                low = max(low, units[-1][0].end if units else 0)
                units += [(span, number) for span in _cut(text, low, high)]
    return units


def _outside(start: int, end: int, spans: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """The parts of `start..end` that are in no span."""
    for number in range(max(0, bisect_right(spans, start, key=lambda span: span.start) - 1), len(spans)):
        if spans[number].start >= end:
            break
        if spans[number].start > start:
            yield start, spans[number].start
        start = max(start, spans[number].end)
    if start < end:
        yield start, end


def _units(
    text: str, kind: BlockKind, start: int, end: int, markup: Sequence[Span], segment: Segmenter
) -> Iterator[tuple[int, int]]:
    """The units of a block or of a part of one."""
    if kind == "code":
        for low, high in _outside(start, end, markup):
            yield from ((low + begin, low + stop) for begin, stop in _code_groups(text[low:high]))
        return
    shown = _Shown(text, start, end, markup)
    ends = [(0, len(shown.text))] if kind in WHOLE else _sentences(shown.text, segment)
    for low, high in ends:
        inner = shown.text[low:high]
        low, high = low + len(inner) - len(inner.lstrip()), low + len(inner.rstrip())
        if low < high:
            yield shown.source(low, high)


def _code_groups(code: str) -> Iterator[tuple[int, int]]:
    """Groups of lines; one without a letter or a digit, such as a closing brace, goes with the one before it."""
    start = end = 0
    for group in CODE_GROUP.finditer(code):
        if not end:
            start = group.start()
        elif LETTER_OR_DIGIT.search(group[0]) and LETTER_OR_DIGIT.search(code, start, end):
            yield start, end
            start = group.start()
        end = group.end()
    if end:
        yield start, end


class _Shown:
    """What is shown of `text[start:end]`, with line ends as spaces, and the way back to the text."""

    def __init__(self, text: str, start: int, end: int, markup: Sequence[Span]) -> None:
        self._text, self._start, self._end = text, start, end
        self._pieces = list(_outside(start, end, markup))
        self._offsets: list[int] = []
        parts: list[str] = []
        length, last = 0, start
        for low, high in self._pieces:
            gap = plain(text, last, low, markup)
            self._offsets.append(length + len(gap))
            parts += [gap, text[low:high]]
            length, last = self._offsets[-1] + high - low, high
        self.text = LINE_END.sub(" ", "".join(parts))

    def source(self, start: int, end: int) -> tuple[int, int]:
        """The span of the text for a span of what is shown that has no white space at its ends, with the marks that
        touch it, such as emphasis, brackets and the target of a link.
        """
        first, last = bisect_right(self._offsets, start) - 1, bisect_right(self._offsets, end - 1) - 1
        low = self._pieces[first][0] + start - self._offsets[first]
        high = self._pieces[last][0] + end - self._offsets[last]
        if not self._text[self._pieces[first][0] : low].strip():  # nothing is shown between the marks and the unit
            while first and self._text[slice(*self._pieces[first - 1])].isspace():
                first -= 1
            before = self._text[self._pieces[first - 1][1] if first else self._start : low]
            low -= len(MARK_BEFORE.search(before)[0])  # type: ignore[index]
        if high == self._pieces[last][1]:
            after = self._text[high : self._pieces[last + 1][0] if last + 1 < len(self._pieces) else self._end]
            high += len(MARK_AFTER.match(after)[0])  # type: ignore[index]
        return low, high


def nupunkt_ends(prose: str) -> Iterator[int]:
    """Where nupunkt's own model, trained on legal and general English, sees sentences end."""
    return (end for _, end in _nupunkt().span_tokenize(prose))


@cache
def _nupunkt() -> Any:
    import nupunkt

    return nupunkt.load("default")


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
        apart = prose[stop.start("mark") - 1 : stop.start("mark")].isspace()
        return False if apart and not stop["close"] and following[0].islower() else None  # "add a ! after the name"
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
    if JOINED_INITIALS.fullmatch(word) and following not in OPENERS:
        return False
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
        if units and not LETTER_OR_DIGIT.search(NOTE_MARK.sub("", unit)):
            units[-1] = (units[-1][0], end)  # a lone "." or "”" goes with what it closes
        else:
            units.append((start, end))
        start = end
    return units


def surely_end(text: str, following: str) -> bool:
    """Whether a sentence ends with `text`, however its last word is read, if `following` is what comes next.

    The full stop of what may be an abbreviation, in any language, is no sure end, nor is `Yahoo!` before a name. For
    decisions that a cut in the middle of a sentence would make wrong.
    """
    ending = SURE_STOP.search(text[-200:])
    if not ending or ending["mark"] not in ".!?":
        return bool(ending)
    if ending["before"].endswith((")", "]", '"', "”", "»")):
        return True
    opener = OPENER.match(following[:100])
    may_go_on = not (opener and (opener[1] in OPENERS or opener[1].lower() in FUNCTION_WORDS - ALSO_NAMES))
    word = NOT_IN_WORD.split(ending["before"].rstrip(CLOSING))[-1].rpartition("-")[2].replace("’", "").replace("'", "")
    if any(character.isdigit() for character in word):
        return len(word) >= 3 or not may_go_on
    if word in SHORT_WORDS or ending["mark"] != ".":
        return word.islower() or not may_go_on
    low = word.lower()
    if not word.isalpha() or not {low, low.removesuffix("s")}.isdisjoint(ABBREVIATIONS):
        return False
    if word.isupper() and not may_go_on:
        return len(word) >= 2
    least = 4 if may_go_on else 3
    return len(word) >= least and (not word.isascii() or bool(VOWEL.search(word)))


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

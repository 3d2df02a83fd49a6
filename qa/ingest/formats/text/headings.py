"""Which lines of a plain text are headings, and how they nest."""

import re
from collections import Counter
from collections.abc import Sequence

from qa.english.questions import QUESTION_MARKS
from qa.ingest.formats.text.forms import CAPTION, is_field
from qa.ingest.lines import Line, closed

__all__ = ["BULLET", "UNDERLINE", "asks", "is_contents", "levels"]

UNDERLINE = re.compile(r"([=~^*#+\"'.-])\1{2,}")
BULLET = re.compile(r"[-*+•‣◦▪●–·]\s+(?=\S)")
_HASHES = re.compile(r"(#{1,6})[ \t]+\S")
_NAMED = re.compile(
    r"(?:chapter|section|article|part|book|act|scene|canto|letter|volume|appendix|annex|schedule|clause|lesson|unit"
    r"|kapitel|teil|abschnitt|artikel|chapitre|partie|annexe|cap[ií]tulo|capitolo|parte|§)"
    r"\.?\s+(?:\d+(?:\.\d+)*|[IVXLCDM]+|[A-Z])\b(?:[.:—–-]+|\s|\Z)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?:\d{1,2}(?:\.\d{1,2}){0,4}\.?|[IVXLC]{1,6}\.|[A-Z]\.)[ \t]+(?=[^\W\d_])")
_PAGE = re.compile(r"(?:,|\s{3,})\s*\d{1,4}\Z")  # of an index or a contents list
_DATED = re.compile(r"\A\d{1,2}\.? [^\W\d]+\.?,? \d{4}\Z")
_ROMAN = re.compile(r"[IVXLC]{1,7}\.?")
_CONTENTS = re.compile(
    r"(?:table of )?contents|index|(?:list of )?(?:figures|tables|illustrations)|inhalt(?:sverzeichnis)?"
    r"|table des matières|sommaire|índice|indice|目录|目次",
    re.IGNORECASE,
)
_ENDS_NONE = re.compile(r"[,;:—–-]\Z")
_CHARS, _WORDS = 80, 12

# Ranks, outermost first; a heading's level is the rank of its style among those that the document uses.
TITLE, EQUALS, NAMED, CAPITALS, HYPHENS, NUMBERED, SHORT, ASKING = 1, 2, 3, 5, 6, 7, 14, 15


def levels(chunks: Sequence[Sequence[Line]]) -> dict[int, int]:
    """The level of each heading, by the offset of its line. chunks: the lines between blank lines."""
    found: dict[int, int] = {}
    asking = _asks_often(chunks)
    for number, chunk in enumerate(chunks):
        following = chunks[number + 1] if number + 1 < len(chunks) else None
        level = _level(chunk, following, asking)
        if level:
            found[chunk[0].start] = level
    return _with_title(found, chunks)


def asks(text: str) -> bool:
    """Whether a line ends in a question mark."""
    return text.rstrip("\"'”’»)*_ ").endswith(QUESTION_MARKS)


def is_contents(text: str) -> bool:
    """Whether a heading says that a list of headings follows."""
    return bool(_CONTENTS.fullmatch(text.strip(" .:*_=-#")))


def _with_title(found: dict[int, int], chunks: Sequence[Sequence[Line]]) -> dict[int, int]:
    """The heading that opens a text is above all others, unless others look like it or it only lists them."""
    first = next(iter(chunks), None)
    level = found.get(first[0].start) if first else None
    if first and level and not is_contents(first[0].text) and Counter(found.values())[level] == 1:
        found[first[0].start] = TITLE
    return found


def _asks_often(chunks: Sequence[Sequence[Line]]) -> bool:
    """Whether a text is a list of questions and answers, and not a story in which people ask."""
    bare = sum(asks(chunk[0].text) and len(chunk[0].text) <= 150 and chunk[0].text[0].isalnum() for chunk in chunks)
    return bare >= 2 and bare * 5 >= len(chunks)


def _level(chunk: Sequence[Line], following: Sequence[Line] | None, asking: bool) -> int:
    """The rank of the heading that a chunk begins with, 0 if it begins with none."""
    text = chunk[0].text
    if hashes := _HASHES.match(text):
        return len(hashes[1])
    if len(text) > 150 or text[0] in "([{<" or not any(char.isalpha() for char in text):
        return 0
    if len(chunk) > 1 and _underlines(chunk[1].text, text):
        return EQUALS if chunk[1].text[0] in "=#*" else HYPHENS
    if asking and asks(text) and (len(chunk) > 1 or following):
        return ASKING
    if len(chunk) > 1 and not _stands_over(chunk):
        return 0
    return _style(text, chunk, following)


def _underlines(line: str, text: str) -> bool:
    return bool(UNDERLINE.fullmatch(line)) and 0.7 * len(text) <= len(line) <= len(text) + 40 and "  " not in text


def _stands_over(chunk: Sequence[Line]) -> bool:
    """Whether the first line of a chunk is set apart from the others by its form alone."""
    first, second = chunk[0].text, chunk[1].text
    if len(first) > 60 or closed(first) or second[0].islower():
        return False
    if first.isupper() and len(second) > 20 and not second.isupper():
        return True
    if BULLET.match(second):
        return not BULLET.match(first)
    return len(second) > 1.6 * len(first) and closed(chunk[-1].text) and not BULLET.match(first)


def _style(text: str, chunk: Sequence[Line], following: Sequence[Line] | None) -> int:
    words = text.split()
    if len(text) > _CHARS or len(words) > _WORDS or _ENDS_NONE.search(text) or (len(chunk) == 1 and not following):
        return 0
    if (named := _NAMED.match(text)) and (not closed(text) or text.isupper() or named.end() == len(text)):
        return NAMED + (text[:4].lower() not in ("part", "book", "volu", "teil"))
    if is_field(chunk[0]) or CAPTION.match(text):
        return 0
    if closed(text) and not (text.isupper() and text.endswith(".")):
        return 0
    if _PAGE.search(text):
        return 0
    numbered = None if _DATED.search(text) else _NUMBERED.match(text)
    if numbered and not text[numbered.end()].islower():
        depth = text[: numbered.end()].rstrip(" \t.").count(".")
        return 0 if _lists(numbered, chunk, following) else NUMBERED + depth
    if _ROMAN.fullmatch(text):
        return NUMBERED
    if text.isupper() and sum(map(str.isalpha, text)) > 1:
        return CAPITALS
    stands = len(chunk) > 1 and text[0].isalpha()  # `_stands_over` has looked at the lines under it
    return SHORT if is_contents(text) or stands or _heads(text, following or ()) else 0


def _lists(numbered: re.Match[str], chunk: Sequence[Line], following: Sequence[Line] | None) -> bool:
    """Whether numbers at the head of lines count items: the next line, or the next chunk, has one of the same form and
    does not begin again at 1."""
    after = chunk[1].text if len(chunk) > 1 else following[0].text if following else ""
    other = _NUMBERED.match(after)
    restarts = other is not None and other[0].rstrip(" \t.") == "1"  # a list under its heading
    return other is not None and not restarts and numbered[0].count(".") == other[0].count(".")


def _heads(text: str, following: Sequence[Line]) -> bool:
    """Whether a line without a stop, alone between blank lines, has text under it."""
    if not following or text[0].islower() or not text[0].isalpha() or len(text) > 70:
        return False
    return len(following) > 1 or closed(following[0].text) or len(following[0].text) > 2 * len(text) + 20

"""Words of a row to text, rows to a paragraph: spaces, note marks, exponents, hyphens; each part knows its place."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from qa.ingest.formats.pdf.words import Box, Word

__all__ = ["Mark", "Run", "Vocabulary", "join", "line", "note_marks"]

_NOTE = re.compile(r"\(?\[?(\d{1,3}(?:[,–-]\d{1,3})*|[*∗†‡§¶#]+|[a-z](?:,[a-z])*)\]?\)?,?")
_SUFFIX = re.compile(r"st|nd|rd|th|er|re|e|o|a|ª|º|°|TM|SM|®|©|™|me|ème|s|r", re.IGNORECASE)
_POWER_OF = re.compile(r"(?:^|[\s\d×·*/(=+−-])(?:10|[munkcd]?m|s|ft|in|yd|[a-zA-Zα-ωΑ-Ω])$")
_POWER = re.compile(r"[-+–−]?\d{1,3}|[a-z]|[-+–−]\d*[a-z]?")
_CJK = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_GLUE = 0.15  # of the size: words nearer than this belong together


class Mark(NamedTuple):
    """Characters `[start, end)` of a run were drawn in this box of this page."""

    start: int
    end: int
    page: int
    box: Box


class Run(NamedTuple):
    """Text with the places of its parts, in order. partial: whether a page may show something else."""

    text: str
    marks: tuple[Mark, ...]
    partial: bool = False


class _Writer:
    """A run being written."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.marks: list[Mark] = []
        self.partial = False

    def add(self, text: str, page: int = 0, box: Box | None = None) -> None:
        if not text:
            return
        if box is not None:
            self.marks.append(Mark(self.length, self.length + len(text), page, box))
        self.parts.append(text)
        self.length += len(text)

    def extend(self, run: Run) -> None:
        self.marks += [mark._replace(start=mark.start + self.length, end=mark.end + self.length) for mark in run.marks]
        self.parts.append(run.text)
        self.length += len(run.text)
        self.partial = self.partial or run.partial

    def run(self) -> Run:
        return Run("".join(self.parts), tuple(self.marks), self.partial)


def line(words: Sequence[Word], page: int) -> Run:
    """The words of a row in reading order."""
    if sum(_right_to_left(word.text) for word in words) * 2 > len(words):
        words = [*reversed(words)]
    writer = _Writer()
    before: Word | None = None
    for word in words:
        text, glued = word.text.replace("\xad", ""), False
        if not text:
            continue
        if word is words[-1] and word.text[-1] == "\xad":
            text += "\xad"  # a hyphen at the line's end, see `join`
        writer.partial = writer.partial or word.partial
        if before is not None:
            doubtful = _is_doubtful(before, word)
            writer.partial = writer.partial or doubtful
            if word.raised > 0:
                text, glued = _superscript(before, text)
            elif before.raised > 0 and _NOTE.fullmatch(before.text):
                glued = not text[0].isalnum() and not _apart(before, word)
            else:
                glued = not _apart(before, word) and not (doubtful and text[0].isdigit())
        elif word.raised > 0 and (match := _NOTE.fullmatch(text)):
            text = f"[{match[1].replace('∗', '*')}]"
        if before is not None and not glued and text:
            writer.add(" ")
        writer.add(text, page, word.box)
        before = word
    return writer.run()


def _is_doubtful(before: Word, word: Word) -> bool:
    """Whether digits side by side are not on one level, so that they may be a fraction (`3` `¹/₂`), a price (9⁹⁹) or an
    index. One raised digit behind a number is a note mark or a power, unless a fraction goes on behind it.
    """
    if before.raised == word.raised or not before.text[-1].isdigit() or _apart(before, word):
        return False
    if word.raised > 0 and not before.raised:
        return word.text.isdigit() and len(word.text) == 2 and not _POWER_OF.search(before.text)
    return word.text[0].isdigit() or (before.raised > 0 and word.text[0] in "/⁄∕")


def _apart(before: Word, word: Word) -> bool:
    """Whether there is a space between two words of a row."""
    gap = max(word.x0, before.x0) - min(word.x1, before.x1)
    if _CJK.match(before.text[-1]) and _CJK.match(word.text[0]):
        return gap > 0.5 * word.size
    return word.spaced or gap > _GLUE * max(word.size, before.size)


def _superscript(before: Word, text: str) -> tuple[str, bool]:
    """How a raised word is written, and whether it follows without a space."""
    if _POWER.fullmatch(text) and _POWER_OF.search(before.text) and not text.isalpha():
        return f"^{text}", True
    if _SUFFIX.fullmatch(text) and (before.text[-1].isdigit() or not text.islower()):
        return text, True
    symbol = before.raised < 0 or not re.search(r"[^\W_]{2}|\d|[.,;:!?”’\"')\]]", before.text)
    if (
        (match := _NOTE.fullmatch(text))
        and not (symbol and text[-1].isalnum())
        and not (match[1][0].isalpha() and len(before.text) < 3)
    ):
        return f"[{match[1].replace('∗', '*')}]", False
    short = len(text) <= 3 and before.text[-1].isalnum()
    return (f"^{text}", True) if short else (text, not _apart(before, before._replace(x0=before.x1)))


def _right_to_left(text: str) -> bool:
    return not text.isascii() and any(unicodedata.bidirectional(char) in ("R", "AL") for char in text)


def note_marks(words: Iterable[Word]) -> set[str]:
    """Numbers and signs of the note marks in a row that do not open it."""
    found = set()
    for number, word in enumerate(words):
        if number and word.raised > 0 and (match := _NOTE.fullmatch(word.text)):
            found |= set(match[1].split(","))
    return found


class Vocabulary(NamedTuple):
    """Words that stand within the lines of a document, in lower case; compounds are those with hyphens."""

    words: frozenset[str]
    compounds: frozenset[str]

    def divided(self, stem: str, rest: str) -> bool:
        """Whether a hyphen between these at a line's end is there for the line's end only."""
        stem, rest = stem.lower(), rest.lower()
        if stem + rest in self.words:
            return True
        if f"{stem}-{rest}" in self.compounds or len(stem) == 1:
            return False
        return not (len(stem) > 3 and len(rest) > 3 and stem in self.words and rest in self.words)


def join(runs: Sequence[tuple[str, Run]], vocabulary: Vocabulary) -> Run:
    """Lines as one text. Each comes with what sets it apart from the one before: "" for the end of a mere line."""
    writer = _Writer()
    for gap, run in runs:
        if not run.text:
            continue
        if writer.length and gap:
            writer.add(gap)
        elif writer.length:
            _close_up(writer, run.text, vocabulary)
        writer.extend(run)
    if writer.parts and writer.parts[-1].endswith("\xad"):
        _drop_hyphen(writer)
    return writer.run()


def _close_up(writer: _Writer, text: str, vocabulary: Vocabulary) -> None:
    """What is written between a line and the next: a space as a rule."""
    last, first = writer.parts[-1].rsplit(None, 1)[-1], text.split(" ", 1)[0]
    if _hyphenated(last, first):
        if _divided(last, first, vocabulary):
            _drop_hyphen(writer)
        return
    dashed = last[-1] == "–" and last[-2:-1].isalnum() and first[:1].isdigit()
    if not dashed and not (last[-1] in "—/" and len(last) > 1) and not (_CJK.match(last[-1]) and _CJK.match(first[:1])):
        writer.add(" ")


def _hyphenated(last: str, first: str) -> bool:
    """Whether a line ends in a hyphen that joins two words or parts of a word."""
    return len(last) > 1 and last[-1] in "-\xad" and (last[-2].isalnum()) and bool(first) and first[0].isalnum()


def _divided(last: str, first: str, vocabulary: Vocabulary) -> bool:
    """Whether the hyphen is there for the line's end only."""
    if last[-1] == "\xad":
        return True
    if not first[0].islower() or not last[-2].isalpha():
        return False
    stem, rest = re.split(r"[^\w-]", last[:-1])[-1], re.split(r"[^\w-]", first, maxsplit=1)[0]
    return "-" not in stem and vocabulary.divided(stem, rest)


def _drop_hyphen(writer: _Writer) -> None:
    last = writer.parts[-1]
    kept = last.rstrip()[:-1]
    cut = len(last) - len(kept)
    writer.parts[-1] = kept
    writer.length -= cut
    while writer.marks and writer.marks[-1].end > writer.length:
        mark = writer.marks.pop()
        if mark.start < writer.length:
            writer.marks.append(mark._replace(end=writer.length))
            break

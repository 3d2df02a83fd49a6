"""Subtitles in a text file: cues joined into sentences; their numbers and times are furniture or, inside, markup."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from qa.ingest.lines import Line, closed
from qa.ingest.outline import Outline

__all__ = ["TIME", "add"]

_CLOCK = r"(?:(\d{1,3}):)?(\d\d):(\d\d)[.,](\d{3})"
TIME = re.compile(rf"{_CLOCK}\s+-->\s+{_CLOCK}\b.*")
_SPEAKER = re.compile(r">>|-\s*\w|\[|<v\b|[A-Z][\w.'’ -]{0,30}:\s")
_TAG = re.compile(r"</?[a-z][^<>\n]{0,60}>|\{\\[^{}\n]{0,60}\}")
_PAUSE = 3.0  # seconds without words that end a sentence
_CHARS = 600  # of a paragraph; speech without punctuation would be one

Range = tuple[int, int]


@dataclass
class _Cue:
    begin: float
    finish: float
    head: list[Line]  # its number and its time
    words: list[Line] = field(default_factory=list)


def add(text: str, lines: Sequence[Line], outline: Outline, marks: list[Range]) -> None:
    """Blocks of a text that consists of cues: one for each run of cues up to the end of a sentence."""
    paragraph: list[_Cue] = []
    for cue in _cues(lines):
        if paragraph and _starts(paragraph, cue):
            _close(text, paragraph, outline, marks)
            paragraph = []
        paragraph.append(cue)
    _close(text, paragraph, outline, marks)


def _cues(lines: Sequence[Line]) -> Iterator[_Cue]:
    """Cues in order; lines before the first one are the head of a cue without words."""
    now = _Cue(0, 0, [])
    for number, line in enumerate(lines):
        following = lines[number + 1].text if number + 1 < len(lines) else ""
        time = TIME.fullmatch(line.text)
        counts = line.text.isdigit() and TIME.fullmatch(following)
        if counts or (time and not (now.head and not now.words and now.begin < 0)):
            yield now
            now = _Cue(-1, -1, [])
        if time:
            now.begin, now.finish = _seconds(time, 1), _seconds(time, 5)
        if line.text:
            (now.head if time or counts or not (now.begin >= 0 and now.head) else now.words).append(line)
    yield now


def _seconds(time: re.Match[str], group: int) -> float:
    hours, minutes, seconds, thousandths = (int(time[group + n] or 0) for n in range(4))
    return hours * 3600 + minutes * 60 + seconds + thousandths / 1000


def _starts(paragraph: Sequence[_Cue], cue: _Cue) -> bool:
    """Whether a cue begins a new paragraph."""
    last = paragraph[-1]
    if not last.words or not cue.words:
        return not last.words
    spoken = sum(len(line.text) for each in paragraph for line in each.words)
    return (
        closed(last.words[-1].text)
        or cue.begin - last.finish > _PAUSE
        or bool(_SPEAKER.match(cue.words[0].text))
        or spoken > _CHARS
    )


def _close(text: str, paragraph: Sequence[_Cue], outline: Outline, marks: list[Range]) -> None:
    words = [line for cue in paragraph for line in cue.words]
    heads = [line for cue in paragraph for line in cue.head]
    inner = [line for line in heads if words and words[0].start < line.start < words[-1].start]
    for line in heads:
        if line not in inner and not (words and line.start > words[0].start):
            outline.add("furniture", line.start, line.end)
    if words:
        marks += [(line.start, line.end) for line in inner]
        marks += [tag.span() for tag in _TAG.finditer(text, words[0].start, words[-1].end)]
        outline.add("turn" if _SPEAKER.match(words[0].text) else "paragraph", words[0].start, words[-1].end)
    for line in heads:
        if words and line.start > words[-1].start:
            outline.add("furniture", line.start, line.end)

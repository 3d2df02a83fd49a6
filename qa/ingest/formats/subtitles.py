"""Subtitles (SubRip, WebVTT): cues joined into sentences and speakers' turns, each labelled with its time."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import unescape
from itertools import pairwise

from qa.errors import SourceError
from qa.ingest.blocks import Builder
from qa.ingest.decoding import clean, decode
from qa.ingest.metadata import Extracted
from qa.records import Block, BlockKind, Span

__all__ = ["extract"]

_STAMP = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMES = re.compile(rf"\s*{_STAMP}\s*-->\s*{_STAMP}(?:\s.*)?")
_BESIDES = re.compile(r"(?:WEBVTT|NOTE|STYLE|REGION)\b|X-TIMESTAMP-MAP")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^<>]{1,100})>")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>|<[\d:.]{3,20}>|\{\\[^{}]{0,100}\}")
_NAME = re.compile(r"(?:>>\s*)?((?:[A-Z][\w.'’-]*)(?: [A-Z0-9][\w.'’-]*){0,3}|[A-Z][A-Z .'’-]{1,30}[A-Z])\s?:\s+(?=\S)")
_TURN = re.compile(r"(?:[-–—‐]\s*|>>+\s*)(?=\S)")
_SOUND = re.compile(r"[\[(][^\])]{1,80}[\])]")
_END = re.compile(r"[.!?…][\"'”’)\]]*$")
_PAUSE = 3.0  # seconds between paragraphs, after a sentence
_SILENCE = 8.0  # seconds that end any sentence
_PARAGRAPH = 700  # characters after which a paragraph ends with its sentence
_LONGEST = 2_000  # characters of a paragraph that has no sentence ends, as in automatic captions
_QUESTION = 300  # characters; a longer turn says more than it asks
_AT_ONCE = 0.05  # seconds between cues that follow each other without a pause


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a cue: who says it, if that is known; whether somebody new begins to speak; seconds."""

    text: str
    speaker: str
    new: bool
    start: float
    end: float


def extract(data: bytes) -> Extracted:
    """Paragraphs and turns. Raises SourceError."""
    text = clean(decode(data)).replace("\r\n", "\n").replace("\r", "\n")
    said = list(_lines(text))
    if not said:
        raise SourceError("no subtitles in it: no line such as 00:00:01,000 --> 00:00:03,000 with text below it")
    builder = Builder()
    for paragraph in _paragraphs(said):
        _write(builder, paragraph)
    return Extracted(builder.text, blocks=_asked(builder.text, builder.blocks))


def _asked(text: str, blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks, with turns that end in a question, and are answered in the next turn, as questions."""
    result = list(blocks)
    turns = [number for number, block in enumerate(blocks) if block.kind == "turn"]
    for number, answer in pairwise(turns):
        spoken, said = text[blocks[number].start : blocks[number].end], text[blocks[answer].start : blocks[answer].end]
        near = all(block.kind == "furniture" for block in blocks[number + 1 : answer])
        if near and spoken.endswith("?") and len(spoken) <= _QUESTION and not said.endswith("?"):
            result[number] = replace(blocks[number], kind="question")
            result[answer] = replace(result[answer], parent=number)
    return tuple(result)


def _cues(text: str) -> Iterator[tuple[float, float, list[str]]]:
    """Start, end and lines of each cue, without its number or name; comments and styles of WebVTT are left out."""
    cue: tuple[float, float, list[str]] | None = None
    for part in re.split(r"\n[^\S\n]*\n", text):
        if _BESIDES.match(part.lstrip()) and "-->" not in part:
            continue
        waiting: list[str] = []  # lines of this part that no time stands above yet
        for line in part.split("\n"):
            if times := _TIMES.fullmatch(line):
                if cue:
                    yield cue[0], cue[1], cue[2] + waiting[:-1]
                cue, waiting = (_seconds(times.groups()[:4]), _seconds(times.groups()[4:]), []), []
            else:
                waiting.append(line)
        if cue:
            cue[2].extend(waiting)
    if cue:
        yield cue


def _seconds(stamp: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = stamp
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + float(f"0.{fraction}")


def _lines(text: str) -> Iterator[_Line]:
    """What is said, line by line; lines that scroll up and are shown a second time only once."""
    cues = list(_cues(text))
    names = Counter(match[1] for _, _, lines in cues for line in lines if (match := _NAME.match(_plain(line))))
    before, until = "", -1.0
    for start, end, lines in cues:
        speaker = ""
        for raw in lines:
            voice = _VOICE.search(raw)
            speaker = " ".join(unescape(voice[1]).split()) if voice else speaker
            plain = _plain(raw)
            if not plain or "-->" in plain or (plain == before and start - until < _AT_ONCE):
                continue
            before = plain
            turn = _TURN.match(plain)
            plain = plain[turn.end() :] if turn else plain
            name = _NAME.match(plain)
            if name and (names[name[1]] > 1 or name[1].isupper()):
                speaker, plain = name[1], plain[name.end() :]
            yield _Line(plain, speaker, bool(turn or name or voice), start, end)
        until = end


def _plain(line: str) -> str:
    return " ".join(unescape(_TAG.sub("", line)).split())


def _paragraphs(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """Lines that belong together: one speaker, no long pause, not too much at a time."""
    run: list[_Line] = []
    size = 0
    for line in lines:
        if run and _ends(run, size, line):
            yield run
            run, size = [], 0
        run.append(line)
        size += len(line.text) + 1
    yield run


def _ends(run: Sequence[_Line], size: int, line: _Line) -> bool:
    last, pause = run[-1], line.start - run[-1].end
    if bool(_SOUND.fullmatch(line.text)) != bool(_SOUND.fullmatch(last.text)):
        return True
    if line.new or last.speaker:
        return line.speaker != run[0].speaker or (line.new and not line.speaker) or (size > _PARAGRAPH and _done(last))
    return pause > _SILENCE or size > _LONGEST or (_done(last) and (pause > _PAUSE or size > _PARAGRAPH))


def _done(line: _Line) -> bool:
    return bool(_END.search(line.text))


def _write(builder: Builder, run: Sequence[_Line]) -> None:
    """Write a paragraph or turn below its time, which is its label, as the speaker is."""
    first = run[0]
    seconds = int(first.start)
    time = builder.add("furniture", f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}")
    text = " ".join(line.text for line in run)
    if _SOUND.fullmatch(first.text):
        builder.add("furniture", text)
        return
    kind: BlockKind = "turn" if first.speaker or first.new else "paragraph"
    number = builder.add(kind, f"{first.speaker}: {text}" if first.speaker else text)
    if number is not None and time is not None:
        start = builder.blocks[number].start
        labels = [Span(builder.blocks[time].start, builder.blocks[time].end)]
        builder.label(number, [*labels, Span(start, start + len(first.speaker))] if first.speaker else labels)

"""Finds the small JSON objects in a stream of text, whatever surrounds or breaks them."""

import json
import re
from dataclasses import dataclass
from typing import Any

__all__ = ["Objects"]

MAX_OBJECT = 20_000  # characters of one object that is read
MAX_HEIGHT = 3  # an object in a list in an object; what is taller is only a container
MAX_OPEN = 64  # brackets that are told apart; deeper ones are counted

STRUCTURE = re.compile(r'[{}\[\]"]')
DECODER = json.JSONDecoder(strict=False)  # a line break within a string is forgiven
IN_STRING = re.compile(r'["\\]')


@dataclass(slots=True)
class _Frame:
    """An open bracket: its place in the stream, and the height of what it holds so far."""

    bracket: str
    start: int
    height: int = 0


class Objects:
    """Splits text into prose, outside of any brace, and JSON objects of at most `MAX_HEIGHT`, inner ones first.

    Memory is bounded by `MAX_OBJECT`, work is linear. broken: objects that are no JSON or too long. begun: outermost
    ones, whether they could be read or not. open: is a brace still open?
    """

    def __init__(self) -> None:
        self.broken = self.begun = 0
        self._frames: list[_Frame] = []
        self._deeper = 0
        self._in_string = False
        self._skip = 0
        self._buffer = ""
        self._base = 0  # the position of the buffer's first character in the stream

    @property
    def open(self) -> bool:
        return bool(self._frames)

    def feed(self, piece: str) -> list[str | dict[str, Any]]:
        """Prose and objects that the piece adds or completes, in order."""
        found: list[str | dict[str, Any]] = []
        at = len(self._buffer)
        self._buffer += piece
        while at < len(self._buffer):
            if self._skip:  # the character after a backslash
                self._skip, at = 0, at + 1
            elif not self._frames:
                at = self._prose(at, found)
            else:
                at = self._inside(at, found)
        self._trim()
        return found

    def _prose(self, at: int, found: list[str | dict[str, Any]]) -> int:
        brace = self._buffer.find("{", at)
        end = len(self._buffer) if brace < 0 else brace
        if end > at:
            found.append(self._buffer[at:end])
        if brace < 0:
            return end
        self.begun += 1
        self._frames.append(_Frame("{", self._base + brace))
        return brace + 1

    def _inside(self, at: int, found: list[str | dict[str, Any]]) -> int:
        """Go to the next character that means something, and take it."""
        match = (IN_STRING if self._in_string else STRUCTURE).search(self._buffer, at)
        if match is None:
            return len(self._buffer)
        char = match[0]
        if char == "\\":
            self._skip = 1
        elif char == '"':
            self._in_string = not self._in_string
        elif char in "{[":
            self._opened(char, match.start())
        else:
            self._closed(char, match.end(), found)
        return match.end()

    def _opened(self, bracket: str, at: int) -> None:
        if self._deeper or len(self._frames) >= MAX_OPEN:
            self._deeper += 1
        else:
            self._frames.append(_Frame(bracket, self._base + at))

    def _closed(self, bracket: str, end: int, found: list[str | dict[str, Any]]) -> None:
        if self._deeper:
            self._deeper -= 1
            self._frames[-1].height = MAX_HEIGHT
            return
        if bracket == "]":
            if self._frames[-1].bracket == "[":
                self._pop()
            return
        while self._frames[-1].bracket == "[":  # left open
            self._pop()
        frame = self._pop()
        if frame.height <= MAX_HEIGHT:
            self._read(frame, end, found)

    def _pop(self) -> _Frame:
        frame = self._frames.pop()
        frame.height += 1
        if self._frames:
            self._frames[-1].height = max(self._frames[-1].height, frame.height)
        return frame

    def _read(self, frame: _Frame, end: int, found: list[str | dict[str, Any]]) -> None:
        start = frame.start - self._base
        try:
            if start < 0 or end - start > MAX_OBJECT:
                raise ValueError("too long")
            found.append(DECODER.decode(self._buffer[start:end]))
        except (ValueError, RecursionError):
            self.broken += 1

    def _trim(self) -> None:
        """Forget what no open object that may still be read needs."""
        keep = 2 * MAX_OBJECT if self._frames else 0
        surplus = len(self._buffer) - keep
        if surplus > (MAX_OBJECT if keep else 0):
            self._buffer = self._buffer[surplus:]
            self._base += surplus

"""Text built up from the blocks of a page or a Word document."""

import re

__all__ = ["Flow"]

_BREAKS = ("", " ", "\t", "\n", "\n\n")


class Flow:
    """Collects words and the breaks between them; of several breaks in a row the strongest is written, once."""

    SPACE, CELL, LINE, BLOCK = 1, 2, 3, 4

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._pending = 0

    def breaks(self, strength: int) -> None:
        """At least this break before the next words; none at the start or the end of the text."""
        self._pending = max(self._pending, strength)

    def words(self, text: str) -> None:
        """Running text, in which every stretch of white space counts as one space. No-break spaces stay."""
        if re.match(_BLANK, text):
            self.breaks(self.SPACE)
        if words := re.sub(f"{_BLANK}+", " ", text).strip(" "):
            self._write(words)
            if re.search(f"{_BLANK}$", text):
                self.breaks(self.SPACE)

    def verbatim(self, text: str) -> None:
        """Text whose white space means something."""
        if text:
            self._write(text)

    def text(self) -> str:
        """Everything so far."""
        return "".join(self._parts)

    def _write(self, text: str) -> None:
        if self._parts:
            self._parts.append(_BREAKS[self._pending])
        self._parts.append(text)
        self._pending = 0


_BLANK = r"[ \t\n\r\f\v]"

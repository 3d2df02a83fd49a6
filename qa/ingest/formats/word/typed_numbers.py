"""Numbers and bullets that somebody typed in front of a paragraph, instead of letting the program count."""

import re

__all__ = ["Typed"]

_MARK = re.compile(
    r"(?P<decimal>\d{1,3}(?:\.\d{1,3}){0,4})(?:[.)]\s+|\t\s*)|(?P<letter>\(?[A-Za-z]\)|[a-z]\.)\s+"
    r"|(?P<roman>\(?[ivx]{2,5}\))\s+|(?P<bullet>[•·▪●◦‣–*-])(?:\t\s*|[ ]+)(?=\w)"
)


class Typed:
    """Finds typed marks, and their levels by the marks above them."""

    def __init__(self) -> None:
        self._open: list[str] = []  # kinds of marks, outermost first

    def split(self, text: str) -> tuple[str, str, int] | None:
        """The mark, the rest and the level (from 0) of a paragraph; None if it has no mark or nothing after it."""
        match = _MARK.match(text)
        if match is None or match.end() == len(text):
            return None
        kind = match.lastgroup or ""
        if kind == "decimal":
            level = match["decimal"].count(".")
            self._open = [f"decimal{depth}" for depth in range(level + 1)]
        elif kind in self._open:
            level = self._open.index(kind)
            del self._open[level + 1 :]
        else:
            level = len(self._open)
            self._open.append(kind)
        mark = "" if kind == "bullet" else match[0].strip()
        return mark, text[match.end() :], level

    def forget(self) -> None:
        """Begin anew, after a heading."""
        self._open.clear()

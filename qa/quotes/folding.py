"""A text without its typography, with the way back to the original offsets.

Folding makes two strings of equal length out of a text. The *skeleton* is for searching: lower case, one straight quote
mark, one dash without spaces around it, single spaces, no invisible characters. The *detail*
keeps, at the same index, what the skeleton dropped and what may matter: the case, single or double quote mark, which
kind of dash.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence

from qa.records import Span

__all__ = ["DIRECTIONS", "DISREGARDED", "Dash", "Folded"]


class Dash:
    """The kinds of dash in a detail string: glued between words, with spaces around it, or the sign of a number."""

    HYPHEN, EN, EM, SPACED, SIGN = "-", "\u2013", "\u2014", "\u2015", "\u2212"


DIRECTIONS = (
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # they move what stands beside them
)
DISREGARDED = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
_WHITE = "\\t-\\r\\x1c-\\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"  # white space but the plain one
_HYPHENS = "-\u2010\u2011\u2212\ufe63\uff0d"
_ENS = "\u2012\u2013"
_EMS = "\u2014\u2015\u2e3a\u2e3b"
_DASHES = f"{_HYPHENS[1:]}{_ENS}{_EMS}"
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_MARKS = {"'": "‘’‚‛‹›′´`＇", '"': "“”„‟″＂"}
_REST = rf"[ {_WHITE}{DISREGARDED}]*"
_SITE = re.compile(  # every alternative begins with fixed characters, which makes the search many times as fast
    rf" (?=[ {_WHITE}{DISREGARDED}\-{_DASHES}»]){_REST}(?:(?:-+|[{_DASHES}]){_REST}|»)?"
    rf"|[{_WHITE}{DISREGARDED}]{_REST}(?:(?:-+|[{_DASHES}]){_REST}|»)?"
    rf"|-(?:-+{_REST}|[ {_WHITE}{DISREGARDED}]{_REST}|(?<=\A-)|(?<=[ {_WHITE}{DISREGARDED}]-))"
    rf"|[{_DASHES}]{_REST}"
    rf"|\.(?:\.\.+|\s\.\s\.)|…|''|«\s*|»|[ﬀ-ﬆ]|[\u0300-\u036f]+"
)
_BLANK = re.compile(rf"[ {_WHITE}{DISREGARDED}]+")


class Folded:
    """A text, folded once and searched often. Folding takes about 0.2 s a million characters. borders: where its parts
    begin.

    `detail` and `skeleton` have equal length; `span(i, j)` gives the offsets of `skeleton[i:j]` in `text`.
    """

    __slots__ = ("_at", "_length", "_origin", "borders", "detail", "facts", "skeleton", "text")

    def __init__(self, text: str, borders: Sequence[int] = ()) -> None:
        self.text = text
        self.borders = borders
        self.facts: dict[str, bool] = {}  # what a caller found out about this text and wants to keep
        self._at: list[int] = [0]  # where each piece begins in the folded strings,
        self._origin: list[int] = [0]  # where it begins in the text,
        self._length: list[int] = [-1]  # and how much of the text it stands for; -1: character for character
        self.detail = self._fold(text)
        self.skeleton = _lower(self.detail)

    def _fold(self, text: str) -> str:
        plain = text
        for mark, others in _MARKS.items():
            for other in others:
                plain = plain.replace(other, mark)
        parts: list[str] = []
        done, size = 0, 0
        for site in _SITE.finditer(plain):
            start, end = site.span()
            if unicodedata.combining(site[0][0]):  # the letter under the accents belongs to the site
                start = max(start - 1, done)
            new = _replacement(site, plain, start)
            if new == plain[start:end]:
                continue
            parts += (plain[done:start], new)
            size += start - done
            self._piece(size, start, end - start)
            size += len(new)
            self._piece(size, end, -1)
            done = end
        parts.append(plain[done:])
        return "".join(parts)

    def _piece(self, at: int, origin: int, length: int) -> None:
        self._at.append(at)
        self._origin.append(origin)
        self._length.append(length)

    def _back(self, i: int) -> tuple[int, int]:
        """The offsets in the text of the folded character `i`."""
        k = bisect_right(self._at, i) - 1
        if self._length[k] >= 0:
            return self._origin[k], self._origin[k] + self._length[k]
        start = self._origin[k] + i - self._at[k]
        return start, start + 1

    def span(self, i: int, j: int) -> Span:
        """Where `skeleton[i:j]` stands in the text; `i < j`."""
        return Span(self._back(i)[0], self._back(j - 1)[1])


def _lower(detail: str) -> str:
    """Lower case without a change of length, all marks and dashes alike."""
    low = detail.lower()
    if len(low) != len(detail):  # a few letters, as the Turkish dotted I, have a longer lower case
        low = "".join(c.lower() if len(c.lower()) == 1 else c for c in detail)
    for dash in (Dash.EN, Dash.EM, Dash.SPACED, Dash.SIGN):
        low = low.replace(dash, "-")
    return low.replace("'", '"')


def _replacement(site: re.Match[str], text: str, start: int) -> str:
    """What the characters of one site become in the detail."""
    body = _BLANK.sub("", site[0])
    if not body:
        return " " if any(c.isspace() for c in site[0]) else ""
    if body[0] in _HYPHENS + _DASHES:
        return _dash(site, body, text)
    if body[0] in ".…":
        return "..."
    if body in _LIGATURES:
        return _LIGATURES[body]
    return '"' if body[0] in "'«»" else unicodedata.normalize("NFC", text[start : site.end()])


def _dash(site: re.Match[str], body: str, text: str) -> str:
    """One character for the kind of dash, and a space where the space belongs to the words and not to the dash."""
    before, _, after = site[0].partition(body)
    left = site.start() == 0 or any(c.isspace() for c in before) or text[site.start() - 1].isspace()
    follows = any(c.isspace() for c in after)
    right = follows or site.end() == len(text)
    if left and right:
        return Dash.SPACED
    if body in _HYPHENS or (body in _ENS and left and text[site.end()].isdigit()):
        return (" " if left and before else "") + (Dash.SIGN if left else Dash.HYPHEN) + (" " if follows else "")
    if left or right:
        return Dash.SPACED
    return Dash.EN if body in _ENS else Dash.EM

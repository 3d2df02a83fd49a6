"""A text as a reader of the page sees it: no Markdown marks, no hyphens at line ends, with the way back to its offsets.

A hyphen at a line's end may belong to the word or not ("reim-/bursement", "well-/known"), so a text has two readings:
without those hyphens, and with them. A hyphen between letters that touch it is never one of these: "re-sign" is not
"resign".
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from qa.markup import plain
from qa.quotes.edges import clean_edges
from qa.quotes.effort import Effort
from qa.quotes.folding import Folded
from qa.quotes.match import Match, find
from qa.records import Span

__all__ = ["Rendered", "bare", "find_rendered", "readings", "wordings"]

# A hyphen after a letter, then white space within a paragraph, then a small letter; "short- and long-term" goes on.
_DIVIDED = re.compile(
    r"(?<=[^\W\d_])(?P<mark>[-\u2010\u00ad])(?P<space>[^\S\r\n]*(?:\r?\n|\r)?[^\S\r\n]*)"
    r"(?=[^\W\d_])(?!(?:and|or|nor|to|but|und|oder|bzw)\b)"
)
_MARKER = re.compile(r"\s*(?:[-+*]|\d+[.)]|#{1,6}|[-+*]\s+\[[ xX]\])\s*")  # of an item or a heading
_QUOTED_LINE = re.compile(r"[ \t]*(?:>[ \t]?)+")
_RAISING = re.compile(r"<sup\b[^<>]*>\Z", re.I)
_POWER = re.compile(r"[-+−]?\d")
_INLINE = re.compile(  # pairs around words, in a copied quote; what is struck out is not current, so its marks stay
    r"(?<![\w*])(?P<stars>\*{1,3})(?=[^\s*])(?P<starred>[^*\n]+)(?<=\S)(?P=stars)(?![\w*])"
    r"|(?<![\w_])(?P<lines>_{1,3})(?=[^\s_])(?P<lined>[^_\n]+)(?<=\S)(?P=lines)(?![\w_])"
    r"|(?<![\w`])(?P<ticks>`{1,2})(?=[^\s`])(?P<code>[^`\n]+)(?P=ticks)(?![\w`])"
    r"|(?<!!)\[(?P<linked>[^\[\]\n]+)\]\([^()\s]*\)"
    r"|\\(?P<escaped>[!-/:-@\[-`{-~])"
)


class Rendered:
    """A text with some of its spans replaced; `origin` leads back."""

    __slots__ = ("_at", "_from", "_text", "_until", "folded")

    def __init__(self, text: str, replaced: Sequence[tuple[int, int, str]], borders: Sequence[int] = ()) -> None:
        """replaced: start, end and what takes their place; sorted and disjoint. borders: where parts of it begin."""
        parts: list[str] = []
        self._text, self._at, self._from = text, [0], [0]
        self._until: list[int] = []  # where each piece that stayed ends in the rendered text
        done = size = 0
        for start, end, new in replaced:
            parts += (text[done:start], new)
            self._until.append(size + start - done)
            size = self._until[-1] + len(new)
            self._at.append(size)
            self._from.append(end)
            done = end
        self._until.append(size + len(text) - done)
        self.folded = Folded("".join([*parts, text[done:]]), [self._there(border) for border in borders])

    def shows(self, match: Match) -> bool:
        """Whether a match in the original is also one here: it is not hidden, and its words and numbers end there."""
        if self._hides(match.start, 1) or self._hides(match.end, -1):
            return False
        shown = self.folded.text[self._there(match.start) : self._there(match.end)]
        start = self._there(match.start) + len(shown) - len(shown.lstrip())
        end = start + len(shown.strip())
        return start < end and clean_edges(self.folded.text, start, end, self.folded.borders, True)

    def _there(self, offset: int) -> int:
        """Where a character of the original is in the rendered text, or what took its place begins."""
        piece = bisect_right(self._from, offset) - 1
        return min(self._at[piece] + offset - self._from[piece], self._until[piece])

    def _hides(self, edge: int, step: int) -> bool:
        """Whether words on one side of an edge in the original are not shown. step: 1 for those after it."""
        piece = bisect_right(self._from, edge) - 1
        start = self._from[piece] + self._until[piece] - self._at[piece]
        if edge <= start:
            return False
        return any(map(str.isalnum, self._text[edge : self._from[piece + 1]] if step > 0 else self._text[start:edge]))

    def origin(self, start: int, end: int) -> Span:
        """Where characters [start, end) of the rendered text, `start < end`, stand in the original."""
        return Span(self._back(start), self._back(end - 1) + 1)

    def _back(self, offset: int) -> int:
        piece = bisect_right(self._at, offset) - 1
        return self._from[piece] + offset - self._at[piece]


def readings(text: str, markup: Sequence[Span], borders: Sequence[int] = ()) -> tuple[Rendered, ...]:
    """The text as it is read, if that differs from what is written: without and with the hyphens at line ends.

    markup: characters that readers of the rendered text do not see, sorted and disjoint. borders: as of `Folded`.
    """
    marks = list(_inline(text, markup))
    found = []
    for hyphen in ("", "-"):
        replaced = _merged([*marks, *_divided(text, hyphen)])
        if replaced:
            found.append(Rendered(text, replaced, borders))
        if len(replaced) == len(marks):
            break
    return tuple(found)


def wordings(quote: str) -> list[str]:
    """The quote, and what it says without marks and without line ends inside words, and with bars between cells."""
    unmarked = _unmarked(quote)
    variants = [quote, unmarked, *(_joined(unmarked, hyphen) for hyphen in ("", "-")), quote.replace("\t", " | ")]
    return list(dict.fromkeys(variants))


def bare(text: str) -> str:
    """The skeleton of a text without Markdown's marks, hyphens and bars between cells, to compare texts that
    `find_rendered` takes for one another.
    """
    return Folded(_joined(_unmarked(text), "").replace(" | ", " ")).skeleton.replace("-", "")


def find_rendered(quote: str, text: Folded, views: Sequence[Rendered], effort: Effort | None = None) -> list[Match]:
    """As `match.find`, in each way to read the quote and the text; the first that stands counts. What stands in the
    text as it is written must stand in its views, too.
    """
    effort = effort or Effort()
    variants = wordings(quote)
    for wording in variants:
        if found := [match for match in find(wording, text, effort) if all(view.shows(match) for view in views)]:
            return found if wording == quote else [Match(m.start, m.end, "folded", m.gaps) for m in found]
    for view in views:
        for wording in variants:
            if found := find(wording, view.folded, effort):
                return [_back(match, view) for match in found]
    return []


def _back(match: Match, view: Rendered) -> Match:
    place = view.origin(match.start, match.end)
    gaps = tuple(view.origin(gap.start, gap.end) if gap.start < gap.end else gap for gap in match.gaps)
    return Match(place.start, place.end, "folded", gaps)


def _inline(text: str, markup: Sequence[Span]) -> Iterator[tuple[int, int, str]]:
    """The marks inside lines. Those that set items, cells and headings apart stay."""
    for span in markup:
        marks = text[span.start : span.end]
        if _QUOTED_LINE.fullmatch(marks):
            yield span.start, span.end, " "
        elif re.search(r"[\r\n|]", marks):
            yield span.start, span.end, re.sub(r"[^\s|]+", "", marks)
        elif _RAISING.search(marks) and _POWER.match(text, span.end) and text[span.start - 1 : span.start].isalnum():
            yield span.start, span.end, "^"
        elif marks and not _is_marker(text, span):
            yield span.start, span.end, plain(text, span.start, span.end, (span,))


def _is_marker(text: str, span: Span) -> bool:
    """Whether the marks begin an item or a heading; unlike emphasis, white space is on both sides of them."""
    before, last, after = text[span.start - 1 : span.start], text[span.end - 1], text[span.end : span.end + 1]
    alone = (not before or before.isspace()) and (last.isspace() or not after or after.isspace())
    return alone and _MARKER.fullmatch(text, span.start, span.end) is not None


def _divided(text: str, hyphen: str) -> Iterator[tuple[int, int, str]]:
    """Hyphens at line ends, with the white space after them."""
    for site in _DIVIDED.finditer(text):
        if site["space"] and text[site.end()].islower():
            yield site.start(), site.end(), "" if site["mark"] == "\u00ad" else hyphen


def _merged(replaced: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Sorted, without those that overlap an earlier one."""
    kept: list[tuple[int, int, str]] = []
    for one in sorted(replaced):
        if not kept or one[0] >= kept[-1][1]:
            kept.append(one)
    return kept


def _joined(text: str, hyphen: str) -> str:
    return _DIVIDED.sub(
        lambda site: (
            ("" if site["mark"] == "\u00ad" else hyphen) if site["space"] and text[site.end()].islower() else site[0]
        ),
        text,
    )


def _unmarked(quote: str) -> str:
    for _ in range(3):  # marks within marks
        bared = _INLINE.sub(lambda m: m["starred"] or m["lined"] or m["code"] or m["linked"] or m["escaped"], quote)
        if bared == quote:
            break
        quote = bared
    return quote

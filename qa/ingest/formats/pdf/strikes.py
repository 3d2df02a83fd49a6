"""Struck text of a page: a line runs through it, or an annotation says so."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any

from qa.ingest.formats.pdf.page import PageFrame, Rule
from qa.ingest.formats.pdf.words import Glyph, Matrix, Word

__all__ = ["beside", "marked_as_struck", "without_struck"]

_LOWEST, _HIGHEST = 0.12, 0.52  # above the baseline, as a share of the size: lines below and above only border text
_COVERED = 0.6  # share of a line that letters cover if it strikes them; a grid line crosses only a few
_BEYOND = 0.15  # how far the letters may extend beyond its ends, as a share of the size
_MOST_MARKS = 1_000  # of a page
_MOST_LOOKS = 2_000_000  # at glyphs of a page


def marked_as_struck(page: Any, frame: PageFrame) -> list[Rule]:
    """A line through the middle of each piece of text that an annotation strikes out."""
    import pypdfium2.raw as raw

    found: list[Rule] = []
    quad = raw.FS_QUADPOINTSF()
    for index in range(min(raw.FPDFPage_GetAnnotCount(page.raw), _MOST_MARKS)):
        annotation = raw.FPDFPage_GetAnnot(page.raw, index)
        if not annotation:
            continue
        if raw.FPDFAnnot_GetSubtype(annotation) == raw.FPDF_ANNOT_STRIKEOUT:
            for number in range(min(raw.FPDFAnnot_CountAttachmentPoints(annotation), _MOST_MARKS - len(found))):
                if raw.FPDFAnnot_GetAttachmentPoints(annotation, number, quad):
                    xs, ys = (quad.x1, quad.x2, quad.x3, quad.x4), (quad.y1, quad.y2, quad.y3, quad.y4)
                    x0, y0, x1, y1 = frame.box(min(xs), min(ys), max(xs), max(ys))
                    found.append(Rule(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2))
        raw.FPDFPage_CloseAnnot(annotation)
    return found


def without_struck(
    glyphs: Sequence[Glyph], matrix: Matrix, drawn: Sequence[Rule], marks: Sequence[Rule]
) -> tuple[list[Glyph], list[Rule], bool]:
    """The glyphs with a space in place of each struck one, the lines that run through text, and whether any is struck.

    matrix: from the page to the frame that the lines are on. drawn: lines of the page; most of them strike nothing.
    """
    lookup = _Lookup(glyphs, matrix)
    struck: set[int] = set()
    lines = []
    for rule in marks:
        if hit := lookup.crossed(rule):
            lines.append(rule)
            struck.update(hit)
    for rule in drawn:
        if rule.level and not rule.edge and (hit := lookup.crossed(rule)) and lookup.covers(hit, rule):
            lines.append(rule)
            if lookup.ends_with(hit, rule):
                struck.update(hit)
    kept = [glyph._replace(char=" ") if at in struck else glyph for at, glyph in enumerate(glyphs)]
    return kept, lines, bool(struck)


class _Lookup:
    """The glyphs of a page by their height on the frame."""

    def __init__(self, glyphs: Sequence[Glyph], matrix: Matrix) -> None:
        self._glyphs, self._matrix = glyphs, matrix
        _, b, _, d, _, f = matrix
        self._placed = sorted((b * glyph.x + d * glyph.y + f, number) for number, glyph in enumerate(glyphs))
        self._bases = [base for base, _ in self._placed]
        self._largest = max((glyph.style.size for glyph in glyphs), default=0.0)
        self._looks = _MOST_LOOKS

    def _sides(self, at: int) -> list[float]:
        a, _, c, _, e, _ = self._matrix
        glyph = self._glyphs[at]
        return sorted((a * glyph.left + c * glyph.bottom + e, a * glyph.right + c * glyph.top + e))

    def crossed(self, rule: Rule) -> list[int]:
        """The glyphs that a line runs through, none of them if they are all signs."""
        low, high = bisect_left(self._bases, rule.y0), bisect_right(self._bases, rule.y0 + _HIGHEST * self._largest)
        self._looks -= high - low
        if self._looks < 0:
            return []
        hit = [
            at
            for base, at in self._placed[low:high]
            if _LOWEST < (base - rule.y0) / self._glyphs[at].style.size < _HIGHEST
            and rule.x0 <= sum(self._sides(at)) / 2 <= rule.x1
        ]
        return hit if any(self._glyphs[at].char.isalnum() for at in hit) else []

    def covers(self, hit: Sequence[int], rule: Rule) -> bool:
        """Whether glyphs take most of a line, which a grid line's labels do not."""
        return sum(x1 - x0 for x0, x1 in map(self._sides, hit)) > _COVERED * (rule.x1 - rule.x0)

    def ends_with(self, hit: Sequence[int], rule: Rule) -> bool:
        """Whether a line ends where the glyphs do, and does not underline larger ones of which they are the index."""
        near = _BEYOND * self._glyphs[hit[0]].style.size
        within = all(rule.x0 - near < x0 and x1 < rule.x1 + near for x0, x1 in map(self._sides, hit))
        return within and not any(self._underlines(at, hit[0], rule) for at in (min(hit) - 1, max(hit) + 1))

    def _underlines(self, at: int, other: int, rule: Rule) -> bool:
        """Whether a line is right under a glyph, which is larger than another one."""
        if not 0 <= at < len(self._glyphs):
            return False
        _, b, _, d, _, f = self._matrix
        glyph, size = self._glyphs[at], self._glyphs[at].style.size
        x0, x1 = self._sides(at)
        above = (b * glyph.x + d * glyph.y + f - rule.y0) / size
        larger = size > 1.15 * self._glyphs[other].style.size
        return larger and -0.4 < above <= _LOWEST and x0 - size < rule.x1 and rule.x0 < x1 + size


def beside(words: Sequence[Word], lines: Sequence[Rule]) -> list[Word]:
    """The words, each `partial` if it is on the line of a struck one, or on the line above or below."""
    heights = sorted(rule.y0 for rule in lines)

    def near(word: Word) -> bool:
        first = bisect_left(heights, word.base - 2.2 * word.size)
        return first < len(heights) and heights[first] <= word.base + 1.6 * word.size

    return [word._replace(partial=True) if near(word) else word for word in words]

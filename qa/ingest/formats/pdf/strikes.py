"""Struck text of a page: a line runs through it, or an annotation says so."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any

from qa.ingest.formats.pdf.page import PageFrame, Rule
from qa.ingest.formats.pdf.words import Glyph, Matrix, Word

__all__ = ["beside", "marked_as_struck", "without_struck"]

_LOWEST, _HIGHEST = 0.12, 0.52  # of the size, above the baseline: where a line strikes text, and neither borders it
_COVERED = 0.6  # of a line's length: the least that letters take of one that strikes them; a grid line crosses a few
_MOST_MARKS = 1_000  # of a page
_MOST_LOOKS = 2_000_000  # at glyphs of a page


def marked_as_struck(page: Any, frame: PageFrame) -> list[Rule]:
    """A line through the middle of each piece of text that an annotation strikes out."""
    import pypdfium2.raw as raw

    found = []
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
) -> tuple[list[Glyph], list[Rule]]:
    """The glyphs with a space in place of each struck one, and the lines that strike some.

    matrix: to the frame, on which the lines are. drawn: lines of the page; most of them strike nothing.
    """
    a, b, c, d, e, f = matrix
    placed = sorted((b * glyph.x + d * glyph.y + f, number) for number, glyph in enumerate(glyphs))
    bases = [base for base, _ in placed]
    largest = max((glyph.style.size for glyph in glyphs), default=0.0)
    struck: set[int] = set()
    lines = []
    looks = 0
    for number, rule in enumerate((*marks, *(rule for rule in drawn if rule.level))):
        low, high = bisect_left(bases, rule.y0), bisect_right(bases, rule.y0 + _HIGHEST * largest)
        looks += high - low
        if looks > _MOST_LOOKS:
            break
        hit, covered = [], 0.0
        for base, at in placed[low:high]:
            glyph = glyphs[at]
            x0, x1 = sorted((a * glyph.left + c * glyph.bottom + e, a * glyph.right + c * glyph.top + e))
            above = (base - rule.y0) / glyph.style.size
            if rule.x0 <= (x0 + x1) / 2 <= rule.x1 and _LOWEST < above < _HIGHEST:
                hit.append(at)
                covered += x1 - x0
        sure = number < len(marks) or covered > _COVERED * (rule.x1 - rule.x0)
        if sure and any(glyphs[at].char.isalnum() for at in hit):
            struck.update(hit)
            lines.append(rule)
    kept = [glyph._replace(char=" ") if at in struck else glyph for at, glyph in enumerate(glyphs)]
    return kept, lines


def beside(words: Sequence[Word], lines: Sequence[Rule]) -> list[Word]:
    """The words, each `partial` if it is on the line of a struck one, or on the line above or below."""
    heights = sorted(rule.y0 for rule in lines)

    def near(word: Word) -> bool:
        first = bisect_left(heights, word.base - 2.2 * word.size)
        return first < len(heights) and heights[first] <= word.base + 1.6 * word.size

    return [word._replace(partial=True) if near(word) else word for word in words]

"""A page of a PDF as words, lines and form fields, each with its place.

A page's frame has its origin at the top left, y downwards, turned so that most of the text stands upright; units are
PDF points. Boxes for a viewer stay in the page's own coordinates: left, bottom, right, top.
"""

from typing import NamedTuple

from qa.ingest.formats.pdf.words import Box, Matrix, Word

__all__ = ["Dot", "Page", "PageFrame", "Rule", "Widget"]


class Rule(NamedTuple):
    """A straight line on a page's frame: level if `x1 - x0` is the larger side, else upright. edge: of a shape."""

    x0: float
    y0: float
    x1: float
    y1: float
    edge: bool = False

    @property
    def level(self) -> bool:
        """Whether it runs from left to right."""
        return self.x1 - self.x0 >= self.y1 - self.y0


class Dot(NamedTuple):
    """A small painted shape on a page's frame, about as wide as high. box: in the page's coordinates."""

    x0: float
    y0: float
    x1: float
    y1: float
    box: Box


class Widget(NamedTuple):
    """A form field on a page's frame. value: as text; kind: text, choice, check, radio (the one that is chosen),
    option (one that is not) or note (text typed onto the page)."""

    kind: str
    name: str
    label: str
    value: str
    x0: float
    y0: float
    x1: float
    y1: float
    box: Box


class Page(NamedTuple):
    """One page. sideways: words that run in another direction than most. problem: why it cannot be read, or empty.
    struck: whether struck text was left out.
    """

    number: int
    width: float
    height: float
    words: list[Word]
    sideways: list[Word]
    rules: list[Rule]
    widgets: list[Widget]
    problem: str = ""
    struck: bool = False


class PageFrame(NamedTuple):
    """How the page's own coordinates become the frame's: turn counts quarter turns of the text to the left."""

    turn: int
    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        return self.top - self.bottom if self.turn % 2 else self.right - self.left

    @property
    def height(self) -> float:
        return self.right - self.left if self.turn % 2 else self.top - self.bottom

    @property
    def matrix(self) -> Matrix:
        if self.turn % 4 == 0:
            return 1, 0, 0, -1, -self.left, self.top
        if self.turn % 4 == 1:
            return 0, 1, 1, 0, -self.bottom, -self.left
        if self.turn % 4 == 2:
            return -1, 0, 0, 1, self.right, -self.bottom
        return 0, -1, -1, 0, self.top, self.right

    def point(self, x: float, y: float) -> tuple[float, float]:
        a, b, c, d, e, f = self.matrix
        return a * x + c * y + e, b * x + d * y + f

    def box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        (ax, ay), (bx, by) = self.point(x0, y0), self.point(x1, y1)
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)

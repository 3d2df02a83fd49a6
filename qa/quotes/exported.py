"""Whether a page is one that `qa serve` exported: drawing the answer in it again must give the same page.

What cannot be drawn again is taken from the page, if it looks as `qa` writes it: the date, and the pictures of pages
with what is marked on them.
"""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator

from qa.errors import UsageError
from qa.quotes.drawing import WIDTH, Picture, draw
from qa.text import shortened

__all__ = ["difference", "stored_in"]

MOST_STORED = 2_000_000  # characters of the answer in a page
OPENING = '<script type="application/json" id="qa-answer">'
CLOSING = "</script>\n</body>\n</html>"
MADE = '<p class="hint">Saved '  # and then the date
DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC")
CARD = '<article class="card" '
INT = r"-?\d{1,6}"
PICTURE = re.compile(
    rf'<image href="data:image/png;base64,(?P<png>[A-Za-z0-9+/]++={{0,2}})" width="{WIDTH}" '
    r'height="(?P<height>\d{1,5})"/>'
    rf'(?P<boxes>(?:<rect class="place-mark" x="{INT}" y="{INT}" width="{INT}" height="{INT}"/>)*+)'
)
HEADER = 32  # characters of a picture in Base64, 24 bytes: what it is, its width, and its height
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
SHOWN = 80  # characters of what differs
ODD = (TypeError, ValueError, AttributeError, KeyError, ArithmeticError, RecursionError)  # drawing JSON of a stranger


def stored_in(page: str) -> str | None:
    """The answer in a page, as JSON that nobody has checked; None for a page that has none where `qa` puts it."""
    at = page.rfind(OPENING)
    if at < 0 or not page.endswith(CLOSING):
        return None
    return page[at + len(OPENING) : -len(CLOSING)]


def difference(page: str, stored: str) -> str:
    """Where a page first differs from the answer in it as this version of `qa` draws it; empty if it does not.

    stored: what `stored_in` found. Takes no longer than drawing what is the same.
    """
    if len(stored) > MOST_STORED or re.search("[<>&]", stored):
        return "an answer that qa did not write"
    date = DATE.match(page, page.rfind(MADE) + len(MADE))
    at = 0
    try:
        for piece in draw(stored, date[0] if date else "", dict(_pictures(page))):
            if not page.startswith(piece, at):
                return _first_line(page, at, piece)
            at += len(piece)
    except UsageError as error:
        return str(error)
    except ODD:
        return "an answer that qa did not write"
    return shortened(page[at : at + SHOWN], SHOWN) if at < len(page) else ""


def _first_line(page: str, at: int, piece: str) -> str:
    """What the page has in place of a piece, from the first line that differs."""
    for line in piece.splitlines(keepends=True):
        if not page.startswith(line, at):
            break
        at += len(line)
    return shortened(page[at : at + SHOWN], SHOWN) or "its end"


def _pictures(page: str) -> Iterator[tuple[int, Picture]]:
    """The pictures in a page, each with the position of its quote. What is no such picture is left out, and differs."""
    for position, card in enumerate(page.split(CARD)[1:]):
        found = PICTURE.search(card)
        if found and _is_png(found["png"], int(found["height"])):
            numbers = iter(map(int, re.findall(rf'="({INT})"', found["boxes"])))
            yield position, Picture(found["png"], int(found["height"]), tuple(zip(*[numbers] * 4, strict=True)))


def _is_png(written: str, height: int) -> bool:
    """Whether this is a picture of such a height, by its header."""
    try:
        header = b64decode(written[:HEADER], validate=True)
    except Base64Error:
        return False
    return header.startswith(PNG) and header[20:24] == height.to_bytes(4, "big")

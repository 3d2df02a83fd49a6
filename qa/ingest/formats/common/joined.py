"""Join the pieces of a line: raised and lowered ones are marked, and words that a page sets apart stay apart."""

import re
from collections.abc import Iterable
from itertools import groupby

from qa.ingest.formats.common.raised import is_doubtful, lowered, raised
from qa.markup import sets_apart

__all__ = ["APART", "joined", "parted"]

APART = "\0"  # between words that are not adjacent on the page; no reader lets this character through
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2}")  # scripts that set no words apart
_BETWEEN_DIGITS = re.compile(rf"\d{APART}+\d")  # `4`, a formula that begins with 5: the page shows 45


def joined(pieces: Iterable[tuple[str, str]]) -> tuple[str, bool]:
    """The text of the pieces, and whether it can be read in one way only: `5²` may be a power or a note mark.

    pieces: each text, `APART` for a gap, and its position: `super`, `sub`, `note` (a note mark), or empty.
    """
    text, last, sure = "", "", True
    for position, group in groupby(pieces, key=lambda piece: piece[1]):
        piece = "".join(part for part, _ in group)
        if position in ("super", "sub") and piece.strip() and not _goes_on(text, piece):
            written = _moved(text, piece, position)
            sure = sure and not (position == "super" and is_doubtful(_tail(text), piece))
            text = text.rstrip(" ") if written.startswith("^") else text
            piece, last = written, position
        elif piece.strip():
            sure = sure and not (last == "super" and _is_part(text, piece[0]))
            if position == "note":
                piece = piece if not text or text[-1].isspace() else f" {piece}"
            elif last and _touch(text, piece, last):
                piece = f" {piece}"
            last = ""
        text += piece
    return parted(text), sure and not _BETWEEN_DIGITS.search(text)


def parted(text: str) -> str:
    """The text with a space for each `APART` that needs one."""

    def between(mark: re.Match[str]) -> str:
        wide = _WIDE.fullmatch(text[mark.start() - 1 : mark.start()] + text[mark.end() : mark.end() + 1])
        return " " if sets_apart(text, *mark.span()) and not wide else ""

    return re.sub(f"{APART}+", between, text)


def _goes_on(text: str, piece: str) -> bool:
    """Whether a moved piece is running text that begins within a word, rather than a superscript or subscript."""
    return len(piece.split()) > 3 and text[-1:].isalpha() and piece[0].isalpha()


def _tail(text: str) -> str:
    return text[-60:].replace(APART, " ")


def _moved(text: str, piece: str, position: str) -> str:
    """A raised or lowered piece, with the space at its end."""
    end = piece[len(piece.rstrip()) :]
    before = _tail(text)
    if position == "super":
        return raised(before, piece) + end
    lead = piece[: len(piece) - len(piece.lstrip())]
    return lead + lowered(before + lead, piece) + end


def _is_part(text: str, following: str) -> bool:
    """Whether a raised piece belongs to what follows: a numerator, the mass number of an isotope."""
    return following in "/⁄" or (text.endswith("]") and following.isalnum())


def _touch(text: str, piece: str, last: str) -> bool:
    """Whether a piece on the line needs a space after a moved one: `10²` and `5`, but not `H₂` and `O`."""
    before, after = text[-1:], piece[0]
    numbers = before.isdigit() and after.isdigit()
    marked = last == "super" or bool(re.search(r"_\w+$", text[-40:]))
    return numbers or (marked and before.isalnum() and after.isalnum())

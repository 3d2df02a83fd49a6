"""Does a document state a sentence by itself? Not if the sentence is asked, is somebody's speech, or is only a part.

Every doubt counts against it: what code does not confirm is still shown, for a judge or a reader to compare.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from qa.ingest.sentences import surely_end
from qa.quotes.marks import asks

__all__ = ["Setting", "is_stated"]

_STOP = re.compile(r"[.!。！।॥։።。．｡۔]")
_UNFINISHED = re.compile(r"\.\s?\.|[…‥]|[,;:،؛；：·]\W*\Z")
_DIALOGUE = re.compile(r"\s*[—–―]")
_RUN = re.compile(r"[\"“”„‟«»＂〝〞〟❝❞❠״‹›‘’‚‛'＇`´❛❜❟׳❮❯「」『』｢｣《》〈〉⟨⟩⟪⟫﹁﹂﹃﹄]+")
_SINGLE = frozenset("‹›‘’‚‛'＇`´❛❜❟׳❮❯")
_OPENING = frozenset("“„‟«〝❝❠‹‘‚‛❛❟❮「『｢《〈⟨⟪﹁﹃")
_CLOSING = frozenset("”»〞〟❞›❜❯」』｣》〉⟩⟫﹂﹄")
_ALWAYS = frozenset("„‚〝〞〟「」『』｢｣《》〈〉⟨⟩⟪⟫﹁﹂﹃﹄")  # they open, or close, whatever stands beside them
_ELIDED = re.compile(r"\d|(?:tis|twas|em|til|till|cause|bout|round|n|s|ll|re|ve|d|m)\b", re.I)  # '90s, 'tis, it 's


@dataclass(frozen=True, slots=True)
class Setting:
    """A stored sentence as readers see it, and the paragraphs around it, in which a quotation may begin or end.

    before, after: paragraphs are separated by blank lines.
    """

    before: str
    text: str
    after: str


def is_stated(setting: Setting) -> bool:
    """Whether it is a whole sentence that its document neither asks nor puts in somebody's mouth."""
    before, text, after = map(_with_guillemets, (setting.before, setting.text, setting.after))
    tail = text[_last(text) :]
    following = after.partition("\n\n")[0]
    return (
        not asks(text)
        and bool(_STOP.search(tail))
        and not _UNFINISHED.search(tail)
        and not _DIALOGUE.match(before.rpartition("\n\n")[2] + text)
        and (not before.strip() or surely_end(before, text))
        and (not following.strip() or surely_end(text, following))
        and not any(_is_spoken(text, before, after, single) for single in (False, True))
    )


def _with_guillemets(text: str) -> str:
    """The text with `«` and `»` in place of `<<` and `>>`, which people type instead."""
    return text.replace("<<", "«").replace(">>", "»")


def _last(text: str) -> int:
    return next((n for n in range(len(text), 0, -1) if text[n - 1].isalnum()), 0)


# -- quotation marks --


@dataclass(frozen=True, slots=True)
class _Mark:
    """opens: else it closes. sure: not to be taken for an apostrophe, or for a sign of inches."""

    at: int
    opens: bool
    sure: bool


def _is_spoken(text: str, before: str, after: str, single: bool) -> bool:
    """Whether the sentence lies between quotation marks, which may be sentences and paragraphs away.

    single: whether single or double ones are looked at.
    """
    last = next(_marks(before, single, backwards=True), None)
    if last and last.opens:
        return True
    first, end = next((n for n, c in enumerate(text) if c.isalnum()), 0), _last(text)
    begins = first
    marks = [mark for mark in _marks(text, single) if mark.sure or mark.opens]
    if any(mark.opens and mark.at < first for mark in marks):
        closed = next((mark.at for mark in marks if first < mark.at < end and not mark.opens), None)
        if closed is None or single:
            return True
        begins = closed + 1
    inside = (mark for mark in marks if mark.at >= begins)
    following = (mark for mark in _marks(after, single) if mark.sure)
    nearest = next(inside, None) or next(following, None)
    return nearest is not None and not nearest.opens


def _marks(text: str, single: bool, backwards: bool = False) -> Iterator[_Mark]:
    runs = list(_RUN.finditer(text))  # marks side by side have the same neighbours: a long run takes linear time
    for run in reversed(runs) if backwards else runs:
        left = text[run.start() - 1] if run.start() else " "
        right = text[run.end()] if run.end() < len(text) else " "
        places = range(*run.span())
        for at in reversed(places) if backwards else places:
            if (text[at] in _SINGLE) == single and (mark := _read(text, at, left, right)):
                yield mark


def _read(text: str, at: int, left: str, right: str) -> _Mark | None:
    """The mark at this place by what stands beside it, else by its shape; None for an apostrophe and the like.

    left, right: the nearest characters that are no quotation marks; a space at either end of the text.
    """
    mark = text[at]
    free_left = left.isspace() or left in "([{—–―-/:;,"
    free_right = right.isspace() or right in ".,;:!?)]}—–―-…。，、！？؟"
    if mark in _ALWAYS or free_left == free_right:
        if mark not in _OPENING | _CLOSING or (mark in "’‘" and left.isalnum() and right.isalnum()):
            return None
        return _Mark(at, mark in _OPENING, sure=True)
    if free_left and mark in _SINGLE and _ELIDED.match(text, at + 1):
        return None
    return _Mark(at, free_left, sure=free_left or not _may_be_sign(mark, left))


def _may_be_sign(mark: str, left: str) -> bool:
    """Whether a closing mark may be an apostrophe (`the dogs' bowl`) or a sign of inches."""
    return (mark in _SINGLE and left.isalnum()) or (mark in '"”' and left.isdigit())

"""Where words and numbers begin and end: half of one is no quotation."""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from html import unescape

from qa.english.function_words import FUNCTION_WORDS
from qa.english.numbers import SCALE_WORDS, SCALES, SMALL, TENS
from qa.quotes.folding import DISREGARDED

__all__ = ["clean_edges", "unspaced"]

_HYPHENS = "-\u058a\u05be\u1806\u2010\u2011\u2012\u2013\u2043\u2212\u2e17\u30a0\ufe63\uff0d"
_UNIT = re.compile(
    rf"[^\S\n]?(?:[%‰‱°′″٪؉؊﹪％]|(?:per\s?(?:cent|mille)|percentage|(?:{'|'.join(SCALE_WORDS)})(?:s|ths?)?|[mkbt]n|m|k|km|kg|cm|mm)\b)",
    re.I,
)
_BESIDE = 32  # characters on either side of an edge that are looked at
_UNSEEN = re.compile(rf"[{DISREGARDED}\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]+")
_ENTITY = re.compile(r"&(?:#\w{1,8}|\w{1,32});")
_EDGE = "\0"
_WRAPPED = re.compile(
    rf"[^\S\n]*\n[ \t>]*(?!{_EDGE}?[-+*=~_•–—…]*\s)"
)  # a line end within a paragraph, no bullet after it
_DIVIDED = re.compile(  # as in rendered.py, and compounds, too
    r"(?<=[^\W_])[-\u2010-\u2013\u2043\u2212\u00ad](?:[^\S\r\n]*(?P<line>\r?\n|\r)[ \t>]*|(?<=[^\W\d_].)[^\S\r\n]+)"
    r"(?=[^\W_])(?!(?:and|or|nor|to|but|und|oder|bzw)\b)"
)
_BLANK = r"[^\S\n]"
_SPACES = " \xa0\u2009\u202f"
_GROUPED = re.compile(rf"(?<!\d)\d{{1,3}}(?:{_BLANK}\d{{3}})+(?!\d)")  # 12 500, as most of Europe and the SI write it
_JOINT = re.compile(  # between two parts of one number: 2 ½, 2 1/2, 3 × 10^6, 10–20
    rf"(?<=\d)(?:{_BLANK}(?=[¼-¾⅐-⅞↉]|\d+[/⁄∕]\d)"
    rf"|{_BLANK}?(?!(?<=\s)[-+‐-–−±~]\d)(?:(?:[-+‐-–−×÷·⋅∙∗*^/⁄∕=≈~±…]|\.{{2,}}|x\b){_BLANK}?){{1,3}}(?=\d))"
)
_SCALE, _TEN, _NUMBER = ("|".join(words) for words in (SCALES, TENS, (*SMALL, *TENS, *SCALES)))
_COUNTED = re.compile(  # between two words of one number, or the two numbers of a share: five hundred, 1 in 50
    rf"(?:(?:\b(?:{_NUMBER})|\d)(?:-|[^\S\n]+)(?=(?:{_SCALE})\b)|\b(?:{_SCALE})[^\S\n](?:and[^\S\n])?(?=(?:{_NUMBER})\b)"
    rf"|\b(?:{_TEN})(?:-|[^\S\n])(?=(?:{_NUMBER})\b)"
    rf"|(?:\b(?:{_NUMBER})|\d) (?:in|(?:out )?of|to) (?:every )?(?=(?:{_NUMBER})\b|(?!(?:1\d|20)\d\d\b)\d))",
    re.I,
)
_SHORT_UNIT = re.compile(
    rf"[^\S\n](?!(?:{'|'.join(word for word in FUNCTION_WORDS if len(word) in (2, 3) or word in 'ai')})\b)"
    r"[^\W\d_]{1,3}(?![^\W\d_])",
    re.I,
)
_YEAR = re.compile(r"(?<![\d.,])(?:1\d|20)\d\d\Z")
_POWER = re.compile(r"(?<=\d)\s?[^\W\d_]{1,3}(?=\^[-+−]?\d)")
_ESCAPED_BLANKS = ("\\n", "\\r", "\\t")  # white space as JSON writes it


def clean_edges(text: str, start: int, end: int, borders: Sequence[int] = (), wrapped: bool = False) -> bool:
    """Whether `text[start:end]` begins and ends where words and numbers do.

    Not so: half a word, also of one that is divided at the end of a line, part of a compound or of a number, a number
    that lost its sign or unit.
    borders: where the parts of the text begin; words and numbers do not go on from one to the next. wrapped: they go
    on over the end of a line.
    """
    if _in_divided(text, start) or _in_divided(text, end):
        return False
    first, last = bisect_right(borders, start) - 1, bisect_left(borders, end)
    low, high = borders[first] if first >= 0 else 0, borders[last] if last < len(borders) else len(text)
    around = (max(low, start - _BESIDE), start, start + _BESIDE), (max(0, end - _BESIDE), end, min(high, end + _BESIDE))
    (before, head), (tail, after) = (_seen(text[a:b], text[b:c], wrapped) for a, b, c in around)
    if not head or not tail:
        return False
    left, right = (before + head, len(before)), (tail + after, len(tail))
    return _clean_left(*left) and _clean_right(*right) and not _in_number(*left) and not _in_number(*right)


def _seen(left: str, right: str, wrapped: bool) -> tuple[str, str]:
    """What is on either side of an edge, without invisible characters, accents and entities. wrapped: as one line."""
    text = left.replace(_EDGE, "") + _EDGE + right.replace(_EDGE, "")
    if "&" in text:
        text = _ENTITY.sub(lambda found: unescape(found[0]), text)
    if not text.isascii():
        text = _UNSEEN.sub("", text)
    if wrapped and "\n" in text:
        text = _WRAPPED.sub(" ", text)
    before, _, after = text.partition(_EDGE)
    return before, after


def _in_divided(text: str, edge: int) -> bool:
    """Whether an edge is inside a word that is divided at the end of a line, or at either side of its hyphen."""
    sites = _DIVIDED.finditer(text, max(0, edge - _BESIDE), edge + _BESIDE)
    return any(site.start() <= edge <= site.end() and (site["line"] or text[site.end()].islower()) for site in sites)


def _in_number(text: str, edge: int) -> bool:
    """Whether an edge lies between the parts of a number, or between a number and the sign of its currency."""
    left, right = text[:edge], text[edge:]
    if not left or not right:
        return False
    if left[-1].isnumeric() and right[0].isnumeric():  # digits, and the numerals of scripts without spaces
        return True
    before, after = left.rstrip(_SPACES), right.lstrip(_SPACES)
    if before[-1:].isdigit() and _is_currency(after[:1]):
        return before + after == text or not after[1:2].isdigit()  # `5 €`, but not `in 2019 $5`
    if _is_currency(before[-1:]) and after[:1].isdigit():
        return True
    inside = any(found.start() < edge < found.end() for found in _GROUPED.finditer(text)) or any(
        found.start() < edge <= found.end() for found in _COUNTED.finditer(text)
    )
    return inside or any(
        found.start() <= edge <= found.end() for part in (_JOINT, _POWER) for found in part.finditer(text)
    )


def _is_currency(char: str) -> bool:
    return char != "" and unicodedata.category(char) == "Sc"


def _clean_left(text: str, start: int) -> bool:
    first, glued, further = text[start], text[start - 1 : start], text[max(0, start - 2) : start - 1] if start else ""
    if not glued or glued.isspace() or text[max(0, start - 2) : start] in _ESCAPED_BLANKS:
        return not (first in "%°‰" and text[max(0, start - 3) : start].rstrip()[-1:].isdigit())
    if not first.isalnum():
        return not (
            (first in "'’.,-" and glued.isalnum() and text[start + 1 : start + 2].isalnum())
            or (first in "$€£¥%°‰" and (glued.isalnum() or glued in _HYPHENS))
        )
    if glued.isalnum():
        return unspaced(first) or unspaced(glued)
    if glued in _HYPHENS:
        return not (first.isdigit() or further.isalnum())
    if glued in "'’/@&_\\":
        return not further.isalnum()
    if glued in ".,:":
        return not (further.isdigit() and first.isdigit()) and not (
            glued == "." and further.isalnum() and (first.islower() or _single(text, start - 2))
        )
    return not first.isdigit() or glued not in "#+~<>=±≈≤≥"


def _clean_right(text: str, end: int) -> bool:
    last, glued, further = text[end - 1], text[end : end + 1], text[end + 1 : end + 2]
    if last.isdigit() and (_UNIT.match(text, end) or (_SHORT_UNIT.match(text, end) and not _YEAR.search(text, 0, end))):
        return False
    if not glued or glued.isspace():
        return True
    if not last.isalnum():
        return not (last in "'’.,-$€£¥#" and glued.isalnum() and text[end - 2 : end - 1].isalnum()) and not (
            last in "$€£¥#" and glued.isdigit()
        )
    if glued.isalnum():
        return unspaced(last) or unspaced(glued)
    if glued in _HYPHENS or glued in "'’/@&_\\":
        return not further.isalnum()
    if glued in ",:":
        return not (last.isdigit() and further.isdigit())
    if glued == ".":
        return not (further.isdigit() and last.isdigit()) and not (
            further.islower() or (further.isalnum() and _single(text, end - 1))
        )
    return glued not in "%‰°"


def _single(text: str, at: int) -> bool:
    """Whether the letter at `at` stands alone, as in `U.S.`"""
    return at == 0 or not text[at - 1].isalnum()


def unspaced(char: str) -> bool:
    """Whether the script puts no spaces between words: Chinese, Japanese, Thai, Lao, Khmer, Burmese."""
    return (
        "\u3040" <= char <= "\u9fff"
        or "\u0e00" <= char <= "\u0eff"
        or "\u1000" <= char <= "\u109f"
        or "\u1780" <= char <= "\u17ff"
        or char >= "\U00020000"
    )

"""Whether the stored text of a cell or a field of OpenDocument is what a program shows of its value."""

import re
from collections.abc import Iterator
from decimal import Decimal, DecimalException
from typing import TYPE_CHECKING

from qa.ingest.decoding import clean

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["settled"]

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_FIGURES = re.compile(r"\d(?:[\d.,'’\s]*\d)?")
_NEGATIVE = re.compile(r"\A\D*[-−–]\D*\d|\([^()]*\d[^()]*\)\s*\Z")  # -5, (5)
_LONGEST = 40  # characters of a number


def settled(node: "_Element", text: str, factor: int = 1) -> tuple[str, bool]:
    """The text that stands for the value of an element, and whether that is certain.

    It is the stored text if a format can make it of the value, else the value itself. factor: by which the format
    divides numbers.
    """
    if not text.strip():
        return text, True
    value, words, day, time = (node.get(f"{_OFFICE}{name}value") for name in ("", "string-", "date-", "time-"))
    if words:
        value, agrees = words, "".join(words.split()) == "".join(text.split())
    elif value:
        agrees = _is_number(value[:_LONGEST], text, factor)
    elif day or time:
        parts = re.findall("[0-9]{1,9}", day or time or "")
        agrees = _is_moment(list(map(int, parts)), text, dated=bool(day))
        value = day.replace("T", " ") if day else ":".join(parts[:3])
    else:
        return text, True
    return (text, True) if agrees else (" ".join(clean(value).split()), False)


def _is_number(value: str, text: str, factor: int) -> bool:
    """Whether figures in a text are a number, rounded to as many places as they have."""
    try:
        number = Decimal(value) * (100 if "%" in text else 1000 if "‰" in text else 1) / factor
    except DecimalException:
        return False
    first = _FIGURES.search(text)
    if first is None or not number.is_finite():
        return not number
    if bool(_NEGATIVE.search(text)) != (number < 0) and re.search("[1-9]", text):
        return False
    return any(abs(abs(number) - read) <= Decimal(5).scaleb(-places - 1) for read, places in _readings(text))


def _readings(text: str) -> Iterator[tuple[Decimal, int]]:
    """The numbers that a text may show, with their decimal places: the last comma or dot may be one of thousands."""
    parts = [match[0] for match in _FIGURES.finditer(text[:_LONGEST])]
    if not re.search("[.,]", text):
        parts.append("".join(re.findall(r"\d", text[:_LONGEST])))  # 030 1234, 12-34
    for part in parts:
        digits, after = Decimal(re.sub(r"\D", "", part)), re.search(r"[.,](\d+)\Z", part)
        places = len(after[1]) if after else 0
        yield digits.scaleb(-places), places
        if places == 3:
            yield digits, 0


def _is_moment(value: list[int], text: str, dated: bool) -> bool:
    """Whether the numbers in a text are parts of a date or a time. value: from years or hours down."""
    found, hours = set(map(int, re.findall(r"\d{1,9}", text))), value[3:] if dated else value
    parts = {*value, *(year % 100 for year in value[:1])}
    parts.update(part for hour in hours[:1] for part in (hour % 24, hour % 12, hour % 12 or 12))
    if dated and re.search(r"[^\W\d_]{3}", text) and not found.issuperset(value[2:3]):
        parts -= set(value[1:2])  # the month is a word, so its number is not a day
    return parts.issuperset(found)

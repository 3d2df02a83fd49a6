"""Dates and times of a text as values, so that `14 October 1204`, `October 14th, 1204` and 1204-10-14 are one date."""

import re
from dataclasses import dataclass

from qa.english.calendar import MONTH_NAMES
from qa.english.numbers import ORDINALS, SMALL

__all__ = ["Date", "Dates", "Time", "covers", "read_dates"]

_MONTH_OF = {name[:3].lower(): number for number, name in enumerate(MONTH_NAMES, 1)}
_MONTH = rf"(?:{'|'.join(MONTH_NAMES)}|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
_ANY_CASE = rf"(?:{'|'.join(name.lower() for name in MONTH_NAMES if name not in ('May', 'March'))})"
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s+(?:of\s+)?(\d{4}))?(?!\d)"
_TO = r"\s?(?:[-–—]|to|and|or|until|through)\s?(?:the\s)?"
_ORDINAL = "|".join(("first", "second", *ORDINALS))
_CENTURY_OF = {"first": 1, "second": 2, **ORDINALS}
_PATTERNS = (
    ("iso", r"\b(\d{4})-(\d\d)-(\d\d)(?!\d)"),
    ("slashed", r"\b(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d\d)\b(?![.\d])"),
    ("days_month", rf"\b{_DAY}{_TO}{_DAY}(?:\s+of)?\s+({_MONTH}|{_ANY_CASE}){_YEAR}"),
    ("day_month", rf"\b{_DAY}(?:\s+day)?(?:\s+of)?[\s-]+({_MONTH}|{_ANY_CASE})\b{_YEAR}"),
    ("month_days", rf"\b({_MONTH}|{_ANY_CASE})\s+(?:the\s+)?{_DAY}{_TO}{_DAY}(?!\d|,\d|\.\d|\s?%){_YEAR}"),
    ("month_day", rf"\b({_MONTH}|{_ANY_CASE})\s+(?:the\s+)?{_DAY}(?!\d|,\d|\.\d|\s?%){_YEAR}"),
    ("month_year", rf"\b({_MONTH}|{_ANY_CASE}),?\s+(?:of\s+)?(\d{{4}})(?!\d)"),
    ("month", rf"\b({_MONTH.replace('March|', '').replace('May|', '')}|{_ANY_CASE})\b"),
    ("placed", r"(?<=[Ii]n |[Oo]f |[Bb]y |[Tt]o )(March|May)\b|(?<=[Ff]rom |[Tt]his |[Ll]ast |[Nn]ext )(March|May)\b"),
    ("decade", r"\b(\d{3}0)['’]?s\b"),
    (
        "short_year",
        r"\b(?:in|of|since|from|to|until|till|and|by|before|after|spring|summer|autumn|fall|winter)\s['’](\d\d)\b(?!['’\w])",
    ),
    ("century", rf"\b(?:(\d{{1,2}})(?:st|nd|rd|th)|({_ORDINAL}))[\s-]century\b"),
)
_DATE = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS))
_HOURS = {word: number for word, number in SMALL.items() if 1 <= number <= 12}
_HALF = r"\s?([ap])\.?\s?m\b\.?"
_TIME = re.compile(
    rf"\b(\d{{1,2}})(?:[:.](\d\d))?\s?(?:[-–—]|to)\s?(\d{{1,2}})(?:[:.](\d\d))?{_HALF}"
    rf"|\b(\d{{1,2}})(?:[:.](\d\d))?{_HALF}"
    r"|(?<![\d:])([01]?\d|2[0-4]):([0-5]\d)(?::\d\d)?(?!\d|:)"
    r"|\b(noon|midday|midnight)\b"
    r"|\b(1[0-2]|[1-9])\s(?:o'clock\s)?in\sthe\s(morning|afternoon|evening)\b"
    r"|\b(\d{1,2})(?=\s?(?:[-–—]|to|until|till)\s?\d{1,2}:\d\d)|\b(1[0-2]|[1-9])\so'clock\b"
    rf"|\b(half|(?:a\s)?quarter)\s(past|to)\s({'|'.join(_HOURS)}|1[0-2]|[1-9])\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Date:
    """What is known of a date, None for the rest. years: more than one for a decade or a century, else none."""

    text: str
    year: int | None = None
    month: int | None = None
    day: int | None = None
    years: range = range(0)


@dataclass(frozen=True, slots=True)
class Time:
    """minutes: since midnight; is_exact: whether it is known which half of the day is meant."""

    text: str
    minutes: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Dates:
    """Of one text. rest: the text with white space in the place of its dates and times."""

    dates: tuple[Date, ...]
    times: tuple[Time, ...]
    rest: str


def read_dates(text: str) -> Dates:
    """Raises nothing. A year that stands alone is left in the rest, as a number."""
    dates: list[Date] = []
    times: list[Time] = []

    def date(found: re.Match[str]) -> str:
        dates.extend(_dates(found))
        return " | "

    def time(found: re.Match[str]) -> str:
        times.extend(_times(found))
        return " | "

    rest = _TIME.sub(time, _DATE.sub(date, text))
    return Dates(tuple(dates), tuple(times), rest)


def _dates(found: re.Match[str]) -> list[Date]:
    kind, text = str(found.lastgroup), found[0]
    parts = [group for group in found.groups()[found.re.groupindex[kind] :] if group is not None]
    match kind:
        case "iso":
            return [Date(text, int(parts[0]), int(parts[1]), int(parts[2]))]
        case "slashed":
            return _slashed(text, *(int(part) for part in parts))
        case "short_year":
            return [Date(text, _whole(int(parts[0])))]
        case "decade":
            start = int(parts[0])
            return [Date(text, years=range(start, start + (100 if start % 100 == 0 else 10)))]
        case "century":
            number = int(parts[0]) if parts[0].isdecimal() else _CENTURY_OF[parts[0]]
            return [Date(text, years=range(100 * number - 100, 100 * number + 1))]
    month = next(_MONTH_OF[part[:3].lower()] for part in parts if part[0].isalpha())
    numbers = [int(part) for part in parts if part.isdecimal()]
    year = next((number for number in numbers if number > 31), None)
    days = [number for number in numbers if number <= 31]
    return [Date(text, year, month, day) for day in days] or [Date(text, year, month)]


def _slashed(text: str, first: int, second: int, year: int) -> list[Date]:
    """Both readings, for nobody knows whether the day or the month comes first."""
    year = _whole(year)
    return [Date(text, year, m, d) for d, m in ((first, second), (second, first)) if m <= 12 and d <= 31]


def _whole(year: int) -> int:
    """The year that two digits mean; others as they are."""
    return year + (2000 if year < 50 else 1900) if year < 100 else year


def _times(found: re.Match[str]) -> list[Time]:
    h1, m1, h2, m2, half12, hour, minute, half, hour24, minute24, word, *worded = found.groups()
    text = found[0].strip()
    if any(worded):
        return _worded(text, *worded)
    if word:
        return [Time(text, 0 if word.lower() == "midnight" else 720, True)]
    if hour24:
        return [Time(text, int(hour24) % 24 * 60 + int(minute24), int(hour24) > 12)]
    if h2:
        last = _minutes(h2, m2, half12)
        return [Time(text, int(h1) % 24 * 60 + int(m1 or 0), False), Time(text, last, True)]
    return [Time(text, _minutes(hour, minute, half), True)]


def _worded(text: str, hour: str, half: str, start: str, clock: str, part: str, side: str, spelled: str) -> list[Time]:
    """`10 in the morning`, the first of `7 to 9:30`, `5 o'clock`, `half past four`."""
    if hour:
        return [Time(text, int(hour) % 12 * 60 + (0 if half.lower() == "morning" else 720), True)]
    if start or clock:
        return [Time(text, int(start or clock) % 24 * 60, int(start or clock) > 12)]
    minutes = 60 * _HOURS.get(spelled.lower(), 0) or 60 * int(spelled)
    shift = 30 if part.lower() == "half" else 15
    return [Time(text, minutes + (shift if side.lower() == "past" else -shift), False)]


def _minutes(hour: str, minute: str | None, half: str) -> int:
    return int(hour) % 12 * 60 + int(minute or 0) + (720 if half.lower() == "p" else 0)


def covers(known: Dates, years: frozenset[int], stated: Date | Time) -> bool:
    """Whether the text has the date or the time. years: the numbers of the text, any of which may be a year."""
    if isinstance(stated, Time):
        return any(_same_time(time, stated) for time in known.times)
    if stated.years:
        of_dates = {date.year for date in known.dates if date.year is not None}
        spans = [date.years for date in known.dates if date.years]
        inside = any(year in stated.years for year in years | of_dates)
        return inside or any(span[0] in stated.years or stated.years[0] in span for span in spans)
    return any(_same_date(date, stated, years, known) for date in known.dates)


def _same_time(a: Time, b: Time) -> bool:
    if a.is_exact and b.is_exact:
        return a.minutes == b.minutes
    return a.minutes % 720 == b.minutes % 720


def _same_date(known: Date, stated: Date, years: frozenset[int], dates: Dates) -> bool:
    if stated.day is not None and known.day != stated.day:
        return False
    if stated.month is not None and known.month != stated.month:
        return False
    if stated.year is None or known.year == stated.year:
        return True
    elsewhere = stated.year in years or any(d.year == stated.year and d.month is None for d in dates.dates)
    return known.year is None and (elsewhere or any(d.year == stated.year for d in dates.dates))

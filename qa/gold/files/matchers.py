"""What an answer must say: words, a regular expression, a number or a date. Pure functions of the answer's text.

Words(text)    the words stand in the answer one after the other, whole, in any case. White space counts as one space;
               curly and straight quotes are equal, and so are all dashes. `JASSM` is not in "JASSMs".
Regex(pattern) the pattern (of the library `regex`) is found in the answer, in any case, its quotes made straight and
               its dashes made "-".
Number(...)    some number of the answer is within `tolerance` of `value`. Read as English writes them: "17",
               "seventeen", "1,700", "1.5 million", "$3bn", "two hundred and five"; "F-16", "17th" and "several
               hundred" are none.
               With a `unit`, that unit stands right after the number (a currency sign: before it). Nothing is
               converted; without a unit, any is accepted.
Date(...)      some date of the answer has every part that this one has: "July 2024" accepts "July 4, 2024",
               "Friday" accepts "Friday, 4 July", and "2024-07-04" accepts neither "July 4" nor "July 2024".
               "07/04/2024" is not read: nobody can tell day from month. Names of months and days have a capital.

Each has `found_in(answer_text) -> bool`, a `str` for messages, and `parse` where a person's spelling has to be read.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import regex

from qa.gold.files.patterns import searched

__all__ = ["TIME_LIMIT", "Date", "Matcher", "Number", "Regex", "Words", "fold"]

TIME_LIMIT = 0.5
"""Seconds that one regular expression may take on one answer."""

_FOLDS = str.maketrans(dict.fromkeys("‘’‚‛′ʼ", "'") | dict.fromkeys("“”„‟″", '"') | dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"))
_UNSEEN = regex.compile(r"\p{Default_Ignorable_Code_Point}+")


def fold(text: str) -> str:
    """The text with straight quotes, "-" for every dash, and no soft hyphens or other invisible characters."""
    return _UNSEEN.sub("", text).translate(_FOLDS)


@dataclass(frozen=True, slots=True)
class Words:
    """Whole words, one after the other, in any case."""

    text: str

    def found_in(self, answer: str) -> bool:
        """Whether the words stand in the answer."""
        return _words_pattern(self.text).search(fold(answer).casefold()) is not None

    def __str__(self) -> str:
        return f"words {self.text!r}"


@lru_cache(maxsize=4096)
def _words_pattern(text: str) -> regex.Pattern[str]:
    words = fold(text).casefold().split()
    before = r"(?<!\w)" if regex.match(r"\w", words[0]) else ""
    after = r"(?!\w)" if regex.search(r"\w$", words[-1]) else ""
    return regex.compile(before + r"\s+".join(regex.escape(word) for word in words) + after)


@dataclass(frozen=True, slots=True)
class Regex:
    """A pattern of the library `regex`, searched in any case within TIME_LIMIT."""

    pattern: str

    @classmethod
    def parse(cls, pattern: str) -> "Regex":
        """Check a pattern. Raises ValueError if it does not compile or matches the empty text, and TimeoutError if it
        takes too much time or memory.
        """
        if searched(pattern, "", TIME_LIMIT):
            raise ValueError("the regular expression matches even an empty answer")
        return cls(pattern)

    def found_in(self, answer: str) -> bool:
        """Whether the pattern is found. Raises TimeoutError if that takes too much time or memory."""
        return searched(self.pattern, fold(answer), TIME_LIMIT)

    def __str__(self) -> str:
        return f"regex {self.pattern!r}"


# fmt: off
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
# fmt: on
_SMALL = {word: Decimal(n) for n, word in [*enumerate(_ONES), *zip(range(20, 100, 10), _TENS, strict=True)]}
_SCALES = {
    "dozen": Decimal(12),
    "thousand": Decimal(10**3),
    "million": Decimal(10**6),
    "billion": Decimal(10**9),
    "trillion": Decimal(10**12),
}
_SHORT = {"k": 10**3, "m": 10**6, "mn": 10**6, "b": 10**9, "bn": 10**9, "tn": 10**12}
_UNITS = (
    ("%", "percent", "per cent", "pct"),
    ("$", "dollar", "us dollar", "usd"),
    ("€", "euro", "eur"),
    ("£", "pound", "gbp"),
    ("km", "kilometer", "kilometre"),
    ("m", "meter", "metre"),
    ("mi", "mile"),
    ("kg", "kilogram", "kilo"),
)
_NUMBER_WORDS = "|".join([*_SMALL, "hundred", *_SCALES])
_SPELLED = regex.compile(
    rf"(?<![\w])(?:an?\s+(?=hundred|{'|'.join(_SCALES)}))?(?:{_NUMBER_WORDS})"
    rf"(?:(?:\s+and\s+|[\s-]+)(?:{_NUMBER_WORDS}))*(?!\w)",
    regex.IGNORECASE,
)
_DIGITS = regex.compile(
    r"""(?<!\w)(?<!\d[.,:/'’])(?<!\b\p{Lu}\w*[-‐‑–])      # not inside a word, a version or a name such as F-16
    (?<![\^√×·⋅∙*/÷]\s?)                               # not a part of a calculation
    (?P<digits>[0-9]{1,3}(?:[,\u00a0\u202f\u2009][0-9]{3})+(?![0-9])|[0-9]++)
    (?!\.[0-9][0-9]0(?![0-9]))(?P<fraction>\.[0-9]++)?(?![.,'’·][0-9])  # 17.000 and 17'000 are 17,000 to many
    (?!\s?[\^×·⋅∙÷]|\s?\*+\s?[0-9]|\s?/\s?[0-9]|[⁄√])     # 10^6, 5 × 10, 17/18
    (?!\p{No}|\s?[¼-¾⅐-⅟↉]|\s[0-9]+[/⁄][0-9])            # 5³, 1½, 1 1/2
    (?!(?i:st|nd|rd|th)\b)
    (?:(?P<short>\s?(?i:bn|mn|tn)|(?i:[kmb]))(?!\w)|[\s-]?(?P<scale>(?i:thousand|million|billion|trillion))(?!\w))?""",
    regex.VERBOSE,
)
_FRACTION = regex.compile(
    r"[\s-](?:half|halves|thirds?|quarters?|(?:four|fif|six|seven|eigh|nin|ten|hundred|thousand)ths?)\b", regex.I
)
_MINUS = regex.compile(r"\bminus\s+$", regex.I)


@dataclass(frozen=True, slots=True)
class Number:
    """A number within `tolerance` of `value`, and its unit if one is asked for."""

    value: Decimal
    tolerance: Decimal = Decimal(0)
    unit: str | None = None

    @classmethod
    def parse(cls, value: str, tolerance: str = "0", unit: str | None = None) -> "Number":
        """From what a person writes: "17", "1.5 million", "-3". Raises ValueError if it is not exactly one number."""
        numbers = [_whole_number(text) for text in (value, tolerance)]
        if numbers[1] < 0:
            raise ValueError(f"the tolerance is negative: {tolerance}")
        return cls(numbers[0], numbers[1], unit)

    def found_in(self, answer: str) -> bool:
        """Whether some number of the answer is near enough and has the unit."""
        return any(
            abs(value - self.value) <= self.tolerance and (self.unit is None or _has_unit(self.unit, before, after))
            for value, before, after in _numbers(_UNSEEN.sub("", answer))
        )

    def __str__(self) -> str:
        tolerance = f" ± {_grouped(self.tolerance)}" if self.tolerance else ""
        return f"number {_grouped(self.value)}{tolerance}{' ' + self.unit if self.unit else ''}"


def _grouped(value: Decimal) -> str:
    """With commas from five digits on: 1925 may be a year."""
    return f"{value:,f}" if abs(value) >= 10_000 else f"{value:f}"


def _whole_number(text: str) -> Decimal:
    text = text.strip()
    for value, before, after in _numbers(text):
        if not before.strip("-−") and not after:
            return value
    raise ValueError(f"{text!r} is not a number (write 17, 1.5 million or seventeen, and put the unit in `unit`)")


def _numbers(text: str) -> Iterator[tuple[Decimal, str, str]]:
    """Every number of the text with the text before and after it, without those of fractions in words (two thirds)."""
    for value, before, after in _unsigned(text):
        if not _FRACTION.match(after[:20]):
            negative = _MINUS.search(before[-20:])
            yield (-value, before[: -len(negative[0])], after) if negative else (value, before, after)


def _unsigned(text: str) -> Iterator[tuple[Decimal, str, str]]:
    """Every number of the text, ignoring the word "minus"; "3m" is read twice, as three and three million."""
    for found in _DIGITS.finditer(text):
        value = Decimal(regex.sub(r"\D", "", found["digits"]) + (found["fraction"] or ""))
        start = found.start()
        if start and text[start - 1] in "-−" and (start == 1 or text[start - 2] in " \t\n($€£"):
            value, start = -value, start - 1
        short, scale = found["short"], found["scale"]
        if short:
            yield value * _SHORT[short.strip().lower()], text[:start], text[found.end() :]
        if scale:
            yield value * _SCALES[scale.lower()], text[:start], text[found.end() :]
        elif not short or len(short) == 1:
            yield value, text[:start], text[found.end("fraction" if found["fraction"] else "digits") :]
    for found in _SPELLED.finditer(text):
        for value, start, end in _spelled(found):
            yield value, text[: found.start() + start], text[found.start() + end :]


def _spelled(run: regex.Match[str]) -> Iterator[tuple[Decimal, int, int]]:
    """The numbers of a run of number words with their offsets in it: "two hundred and five", but "five" "six" apart."""
    state: _State | None = None
    start = end = 0
    joined = True
    for found in regex.finditer(r"\w+", run.group()):
        word = found.group().lower()
        if word == "and":
            joined = state is not None and (state[1] is None or state[1] % 100 == 0)
            continue
        after = _add(state, word) if state and joined else None
        if after is None:
            if state:
                yield state[0] + (state[1] or 0), start, end
            after, start = _add((Decimal(0), None, Decimal("Infinity")), word), found.start()
        state, end, joined = after, found.end(), True
    if state:
        yield state[0] + (state[1] or 0), start, end


_State = tuple[Decimal, Decimal | None, Decimal]
"""The finished groups, the group under way (below 1,000), and the scale that the next group must stay below."""


def _add(state: _State, word: str) -> _State | None:
    """The number with one more word, or None where the word cannot continue it ("several hundred" starts nothing)."""
    total, group, ceiling = state
    if word in ("a", "an"):
        return (total, Decimal(1), ceiling) if group is None and not total else None
    if word == "hundred":
        return (total, group * 100, ceiling) if group is not None and 0 < group < 100 else None
    if word in _SCALES:
        scale = _SCALES[word]
        return (total + group * scale, None, scale) if group is not None and scale < ceiling else None
    value = _SMALL[word]
    if group is None:
        return total, value, ceiling
    after_ten = 0 < value < 10 and group % 10 == 0 and group % 100 >= 20
    after_hundred = group >= 100 and group % 100 == 0 and value > 0
    return (total, group + value, ceiling) if after_ten or after_hundred else None


_UNIT_ENDS = r"(?!\s?[\^/⁄·⋅×]|\p{No}|\s(?:per|an?)\b)"  # 17 m², 17 km/h and 17 dollars a day have another unit


def _has_unit(unit: str, before: str, after: str) -> bool:
    unit = unit.casefold()
    row = next(
        (names for names in _UNITS if unit in names or unit.removesuffix("s") in names), (unit.removesuffix("s"),)
    )
    return any(
        regex.match(rf"[\s-]{{0,2}}{regex.escape(name)}(?:s?(?!\w)|(?<!\w)){_UNIT_ENDS}", after[:60].casefold())
        or (not name.isalnum() and regex.search(rf"(?<!\w)(?:us)?{regex.escape(name)}\s*$", before[-60:].casefold()))
        for name in row
    )


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTH = (
    r"(?P<month>(?=(?-i:[A-Z]))(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?))\b\.?"
)
_WEEKDAY = (
    r"(?P<weekday>(?=(?-i:[A-Z]))(?:Mon(?:day)?|Tue(?:s(?:day)?)?|Wed(?:nesday)?|Thu(?:r(?:s(?:day)?)?)?|Fri(?:day)?"
    r"|Sat(?:urday)?|Sun(?:day)?))\b\.?"
)
_DAY = r"(?P<day>[0-3]?[0-9])(?:st|nd|rd|th)?\b"
_YEAR = r"(?P<year>[12][0-9]{3})"
_DATE = regex.compile(
    rf"\b(?:{_YEAR}-(?P<month>[01][0-9])(?:-(?P<day>[0-3][0-9]))?(?![0-9-])"
    rf"|(?:{_WEEKDAY},?\s+(?:the\s+)?)?{_DAY}(?:\s+of)?\s+{_MONTH}(?:,?\s+{_YEAR}\b)?"
    rf"|(?:{_WEEKDAY},?\s+)?{_MONTH}(?:\s+(?:the\s+)?{_DAY})?(?:,?\s+{_YEAR}\b)?"
    rf"|{_WEEKDAY}|{_YEAR}\b)",
    regex.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Date:
    """A date or part of one: what is None is not asked for. month 1..12, day 1..31, weekday 0..6 from Monday."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Date":
        """From "2024-07-04", "2024-07", "2024", "July 4, 2024", "4 July", "July" or "Friday". Raises ValueError."""
        found = _DATE.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"{text!r} is not a date (write 2024-07-04, 2024-07, July 4 or Friday)")
        date = _date(found)
        if date.month is not None and not 1 <= date.month <= 12:
            raise ValueError(f"{text!r}: there is no month {date.month}")
        if date.month and date.day is not None and not 1 <= date.day <= monthrange(date.year or 2000, date.month)[1]:
            raise ValueError(f"{text!r}: this month has no day {date.day}")
        return date

    def found_in(self, answer: str) -> bool:
        """Whether some date of the answer has every part of this one."""
        return any(self._accepts(_date(found)) for found in _DATE.finditer(fold(answer)))

    def _accepts(self, other: "Date") -> bool:
        pairs = zip(self._parts(), other._parts(), strict=True)
        return all(mine is None or mine == theirs for mine, theirs in pairs)

    def _parts(self) -> tuple[int | None, ...]:
        return self.year, self.month, self.day, self.weekday

    def __str__(self) -> str:
        named = zip(("year", "month", "day", "weekday"), self._parts(), strict=True)
        return "date with " + ", ".join(f"{name} {value}" for name, value in named if value is not None)


def _date(found: regex.Match[str]) -> Date:
    month, weekday = found["month"], found["weekday"]
    if month is not None:
        month = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
    return Date(
        year=int(found["year"]) if found["year"] else None,
        month=month,
        day=int(found["day"]) if found["day"] else None,
        weekday=_WEEKDAYS.index(weekday[:3].lower()) if weekday else None,
    )


Matcher = Words | Regex | Number | Date

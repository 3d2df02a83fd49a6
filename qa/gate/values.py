"""Numbers, dates and times: each that a statement gives must be that of a quote, or be computed from quoted ones."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import count

from qa.english.function_words import FUNCTION_WORDS
from qa.english.words import stems
from qa.gate.arithmetic import span_of, terms_of, terms_of_time
from qa.gate.dates import Date, Dates, covers, read_dates
from qa.gate.numbers import Number, find_numbers, plain, same

__all__ = ["Values", "read_values", "wrong_values"]

MAX_SAID = 60  # numbers, dates and times of a statement; each is compared with all of the quotes
MAX_COMPUTED = 12  # numbers and times of a statement for which a calculation is sought; the quotes must give the others
MAX_COUNTED = 12
_LISTING = re.compile(r"^[ \t]*(?:\d{1,2}[.)]|[-*•])[ \t]+", re.M)
_SCALES = {r"thousands?|k|'?000s?": 10**3, "millions?|m|mn|mio": 10**6, "billions?|bn": 10**9}
_SCALE = r"(?:[($€£¥]|\b(?:in|eur|usd|gbp|chf|dollars?|euros?|pounds?)\b)\s?(?:{})(?!\w)"  # `(m)`, `£m`, `in thousands`
_LOSS = frozenset(
    "loss losses lost deficit below minus negative decline declined fell fall decrease decreased drop dropped".split()
)


@dataclass(frozen=True)
class Values:
    """What a text gives as numbers, dates and times."""

    numbers: tuple[Number, ...]
    dates: Dates
    words: frozenset[str]

    @property
    def years(self) -> frozenset[int]:
        """The numbers that may be years."""
        return frozenset(int(n.amount) for n in self.numbers if not n.unit and 1 <= n.amount <= 2999)


@lru_cache(maxsize=512)
def read_values(text: str) -> Values:
    """Raises nothing. The statements of one answer share quotes and question: hence the cache."""
    dates = read_dates(_LISTING.sub("\n| ", text))
    rest = plain(dates.rest)
    return Values(tuple(find_numbers(rest)), dates, frozenset(re.findall(r"[^\W\d_]+|%", rest)))


@dataclass(frozen=True, slots=True)
class Found:
    """What was found wrong, and which sums were found right, as plain sentences."""

    problems: tuple[str, ...]
    computed: tuple[str, ...]


def wrong_values(statement: str, quotes: str, context: str, question: str, headers: str = "") -> Found:
    """The numbers, dates and times of the statement that the quotes do not give.

    context: titles, headings and the like, which give numbers and dates as well. Those of the question are not wrong.
    headers: the header cells among them, which may say that a table is in millions.
    """
    said, known = read_values(statement), read_values(quotes)
    scaled = _scaled(known, headers)
    if len(said.numbers) + len(said.dates.dates) + len(said.dates.times) > MAX_SAID:
        return Found(("The statement has too many numbers to be checked.",), ())
    around = (known, scaled, read_values(context), read_values(question))
    years = frozenset().union(*(values.years for values in around))
    computed = []
    attempts = count(1)  # at finding a calculation, which takes time
    problems = [
        f"The quotes do not contain the date {date.text}."
        for date in said.dates.dates
        if not any(covers(values.dates, years, date) or _is_named_day(date, values) for values in around)
    ]
    for time in said.dates.times:
        bare = any(known.dates.times) and any(n.amount == time.minutes // 60 % 12 for n in known.numbers)
        if bare or any(covers(values.dates, years, time) for values in around):
            continue
        if next(attempts) <= MAX_COMPUTED and (terms := terms_of_time(time, known.numbers, known.dates.times)):
            computed.append(f"{time.text} is computed: {terms}.")
        else:
            problems.append(f"The quotes do not contain the time {time.text}.")
    for number in said.numbers:
        if _is_free(number, known) or any(_gives(values, number) for values in around):
            if wrong := _opposite(number, known):
                problems.append(wrong)
        elif _is_counted(number, known):
            computed.append(f"{number.text} is counted.")
        elif span := span_of(number, [date for values in around for date in values.dates.dates]):
            computed.append(f"{number.text} is computed: {span}.")
        elif next(attempts) <= MAX_COMPUTED and (
            terms := terms_of(number, (*known.numbers, *_years(known)), known.dates.times)
            or terms_of(number, scaled.numbers, ())
        ):
            computed.append(f"{number.text} is computed: {terms}.")
        else:
            problems.append(f"The quotes do not contain the number {number.text}.")
    return Found(tuple(problems), tuple(computed))


def _scaled(values: Values, headers: str) -> Values:
    """The numbers without a unit in the scale of their table: 318 below `EUR m` is 318 million. Of several scales each
    may be meant.
    """
    scales = sorted({scale for form, scale in _SCALES.items() if re.search(_SCALE.format(form), headers, re.I)})
    bare = [number for number in values.numbers if not number.unit]
    return Values(
        tuple(replace(number, amount=number.amount * scale) for scale in scales for number in bare),
        Dates((), (), ""),
        frozenset(),
    )


def _is_named_day(date: Date, values: Values) -> bool:
    """Whether a text has its month and, elsewhere, its day: `the last Saturday in June, which is the 29th`."""
    months = any(other.month == date.month and other.day is None for other in values.dates.dates)
    return months and date.year is None and any(n.is_ordinal and n.amount == date.day for n in values.numbers)


def _is_free(number: Number, known: Values) -> bool:
    """Whether it need not be given: `one` is as often a pronoun, and `zero` another word for none."""
    word = number.text.partition(" ")[0]
    if number.amount == 1 and (word in ("a", "an") or (word == "one" and not number.unit)):
        return True
    if word == "twice" and not known.words.isdisjoint({"double", "doubled", "doubles", "doubling"}):
        return True
    return word == "zero" and not known.words.isdisjoint({"no", "none", "nothing", "never", "not"})


def _gives(values: Values, number: Number) -> bool:
    if any(same(number, known) for known in values.numbers):
        return True
    if number.amount < 0:
        signed = Number(-number.amount, number.unit, number.text, number.start)
        return not values.words.isdisjoint(_LOSS) and any(same(signed, known) for known in values.numbers)
    dates = values.dates.dates
    if number.is_plural:
        decades = (Number(Decimal(date.years[0]), "", date.text, 0) for date in dates if date.years)
        return any(same(number, year) for year in (*_years(values), *decades))
    whole = not number.unit and number.amount == int(number.amount)
    return whole and any(
        int(number.amount) in (date.year, date.day) or (number.amount > 999 and int(number.amount) in date.years[:1])
        for date in dates
    )


def _opposite(number: Number, known: Values) -> str:
    """Why `at most` does not hold where every quote that gives the number says `at least`; "" if it may."""
    bounds = {other.bound for other in known.numbers if same(number, other)}
    if number.bound and bounds == {-number.bound}:
        mine, theirs = ("at least", "at most") if number.bound > 0 else ("at most", "at least")
        return f"The statement gives {number.text} as {mine}; the quotes as {theirs}."
    return ""


def _years(values: Values) -> Iterator[Number]:
    for date in values.dates.dates:
        if date.year is not None:
            yield Number(Decimal(date.year), "", str(date.year), 0)


def _is_counted(number: Number, known: Values) -> bool:
    """Whether it may be how many things the quotes list, which is left to whoever judges meaning. Where the quotes say
    themselves how many of them there are, it is not.
    """
    whole = number.amount == int(number.amount) and not (number.unit or number.is_ordinal)
    counted = number.after == ":" or (number.after.isalpha() and number.after not in FUNCTION_WORDS)
    given = any(stems([number.after]) == stems([other.after]) for other in known.numbers if other.amount != 1)
    return whole and counted and 2 <= number.amount <= MAX_COUNTED and not given

"""How a number or a time comes out of quoted ones.

A number may be the sum of two others by chance, so this confirms nothing: whether it was the right thing to compute is
left to whoever judges meaning.
"""

import datetime as calendar
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from qa.gate.dates import Date, Time
from qa.gate.numbers import Number

__all__ = ["span_of", "terms_of", "terms_of_time"]

MAX_TERMS = 24  # numbers, times or dates that a result may be made of
HALF_DAY = 720  # minutes
DAY = 86_400  # seconds
COMMON_YEAR = 2001


def terms_of(number: Number, known: Sequence[Number], times: Sequence[Time]) -> str:
    """The terms, such as `7 + 2`; "" if the number does not come out of the known numbers and times."""
    numbers, times = known[:MAX_TERMS], times[:MAX_TERMS]
    for a, b in itertools.combinations(numbers, 2):
        for sign, value, measure in _results(a, b):
            if _fits(number, value, measure):
                return f"{a.text} {sign} {b.text}"
    for start, end in itertools.combinations(times, 2):
        minutes = abs(end.minutes - start.minutes)
        if number.measure == "second" and number.value / 60 in (minutes, HALF_DAY - minutes):
            return f"{end.text} - {start.text}"
    return _sum_of_run(number, numbers)


def terms_of_time(time: Time, numbers: Sequence[Number], times: Sequence[Time]) -> str:
    """The terms, such as `03:12 + four minutes`; "" if no known time and duration give it."""
    for start, number in itertools.product(times[:MAX_TERMS], numbers[:MAX_TERMS]):
        if number.measure == "second":
            for sign, minutes in (("+", number.value / 60), ("-", -number.value / 60)):
                if (start.minutes + minutes - time.minutes) % HALF_DAY == 0:
                    return f"{start.text} {sign} {number.text}"
    return ""


def span_of(number: Number, dates: Sequence[Date]) -> str:
    """The dates between which there are so many days, the last one counted or not, or calendar months; "" if none."""
    for start, end in itertools.combinations(dates[:MAX_TERMS], 2):
        first, last = _day(start), _day(end)
        if not first or not last or (start.year is None) != (end.year is None):
            continue
        days = abs((last - first).days)
        months = abs(12 * (last.year - first.year) + last.month - first.month)
        in_days = number.measure == "second" and number.value / DAY in (days, days + 1)
        if in_days or (number.measure == "month" and number.value == months):
            return f"{start.text} to {end.text}"
    return ""


def _day(date: Date) -> calendar.date | None:
    """The day, in a common year if its year is not known; None if there is no such day."""
    try:
        return calendar.date(date.year or COMMON_YEAR, date.month or 0, date.day or 0)
    except ValueError:
        return None


def _results(a: Number, b: Number) -> Iterator[tuple[str, Decimal, str]]:
    """sign, value and what it measures. A number without a unit has that of the other: `from 310 to 265 litres`."""
    if a.unit and b.unit and a.measure != b.measure:
        return
    if not (a.unit and b.unit):
        yield "×", a.value * b.value, a.measure or b.measure
    for year, span in ((a, b), (b, a)):
        if not year.unit and _is_year(year) and span.measure == "month":
            yield "+", year.amount + span.value / 12, ""
            yield "-", year.amount - span.value / 12, ""
    a, b = replace(a, unit=a.unit or b.unit), replace(b, unit=b.unit or a.unit)
    yield "+", a.value + b.value, a.measure
    years = not a.unit and _is_year(a) and _is_year(b)
    yield "-", abs(a.value - b.value), "years" if years else a.measure
    if a.measure == "percent":
        yield "-", abs(a.value - b.value), "point"
    if a.value and b.value:
        low, high = sorted((abs(a.value), abs(b.value)))
        yield "/", 100 * low / high, "percent"
        yield "/", high / low, ""


def _is_year(number: Number) -> bool:
    return 999 < number.amount < 3000


def _fits(number: Number, value: Decimal, measure: str) -> bool:
    if measure == "years":
        return number.amount == value and (number.measure in ("", "month") or number.unit == "")
    if number.unit and measure and number.measure != measure:
        return False
    exact = (number.value if measure else number.amount) == value or (not measure and number.value == value)
    if exact or not value:
        return exact
    near = abs(number.value - value)
    return (number.measure == "percent" and near <= Decimal("0.6")) or (
        number.is_rounded and near <= abs(value) * Decimal("0.06")
    )


def _sum_of_run(number: Number, numbers: Sequence[Number]) -> str:
    """The sum of three or more numbers that follow each other."""
    for start in range(len(numbers) - 2):
        for end in range(start + 3, min(len(numbers), start + 8) + 1):
            run = numbers[start:end]
            units = {n.measure for n in run if n.unit}
            if len(units) <= 1 and _fits(number, sum((n.value for n in run), Decimal(0)), "".join(units)):
                return " + ".join(n.text for n in run)
    return ""

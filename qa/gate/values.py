"""Numbers, dates and times: each that a statement gives must be that of a quote, or be computed from quoted ones."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from qa.english.function_words import FUNCTION_WORDS
from qa.english.words import stems
from qa.gate.dates import Dates, Time, covers, read_dates
from qa.gate.numbers import Number, find_numbers, plain, same

__all__ = ["Values", "read_values", "wrong_values"]

MAX_SAID = 60  # numbers, dates and times of a statement; each is compared with all of the quotes
MAX_TERMS = 24  # numbers of the quotes that a sum may be made of
_LISTING = re.compile(r"^[ \t]*(?:\d{1,2}[.)]|[-*•])[ \t]+", re.M)
_SCALES = {r"thousands?|k|'?000s?": 10**3, "millions?|m|mn|mio": 10**6, "billions?|bn": 10**9}
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


def wrong_values(statement: str, quotes: str, context: str, question: str) -> Found:
    """The numbers, dates and times of the statement that the quotes do not give.

    context: titles, headings and the like, which give numbers and dates as well. Those of the question are not wrong.
    """
    said, known = read_values(statement), _scaled(read_values(quotes), context)
    if len(said.numbers) + len(said.dates.dates) + len(said.dates.times) > MAX_SAID:
        return Found(("The statement has too many numbers to be checked.",), ())
    around = (known, read_values(context), read_values(question))
    years = frozenset().union(*(values.years for values in around))
    computed = []
    problems = [
        f"The quotes do not contain the date {date.text}."
        for date in said.dates.dates
        if not any(covers(values.dates, years, date) for values in around)
    ]
    for time in said.dates.times:
        bare = any(known.dates.times) and any(n.amount == time.minutes // 60 % 12 for n in known.numbers)
        if bare or any(covers(values.dates, years, time) for values in around):
            continue
        if terms := _terms_of_time(time, known):
            computed.append(f"{time.text} is computed: {terms}.")
        else:
            problems.append(f"The quotes do not contain the time {time.text}.")
    for number in said.numbers:
        if _is_free(number, known) or any(_gives(values, number) for values in around):
            if wrong := _opposite(number, known):
                problems.append(wrong)
        elif terms := _terms(number, known):
            computed.append(f"{number.text} is computed: {terms}.")
        else:
            problems.append(f"The quotes do not contain the number {number.text}.")
    return Found(tuple(problems), tuple(computed))


def _scaled(values: Values, context: str) -> Values:
    """The values of quotes, with those of cells in the scale of their table: 318 below `EUR m` is 318 million, too."""
    scales = {scale for form, scale in _SCALES.items() if re.search(rf"(?<!\w){form}(?!\w)", context, re.I)}
    bare = [number for number in values.numbers if not number.unit]
    more = [replace(number, amount=number.amount * scale) for number in bare for scale in sorted(scales)]
    return replace(values, numbers=(*values.numbers, *more)) if more else values


def _is_free(number: Number, known: Values) -> bool:
    """Whether it need not be given: `one` is as often a pronoun, and `zero` another word for none."""
    word = number.text.partition(" ")[0]
    if number.amount == 1 and (word in ("a", "an") or (word == "one" and not number.unit)):
        return True
    return word == "zero" and not known.words.isdisjoint({"no", "none", "nothing", "never", "not"})


def _gives(values: Values, number: Number) -> bool:
    if any(same(number, known) for known in values.numbers):
        return True
    if number.after in ("in", "o'clock") and any((t.minutes - number.amount * 60) % 720 == 0 for t in values.dates.times):
        return True
    if number.amount < 0:
        signed = Number(-number.amount, number.unit, number.text, number.start)
        return not values.words.isdisjoint(_LOSS) and any(same(signed, known) for known in values.numbers)
    whole = not number.unit and number.amount == int(number.amount)
    dates = values.dates.dates
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


def _terms(number: Number, known: Values) -> str:
    """How the number comes out of quoted ones, such as `7 + 2`; "" if it does not.

    One number may be the sum of two others by chance, so this confirms nothing: whether it was the right thing to
    compute is left to whoever judges meaning.
    """
    numbers = [*known.numbers, *_years(known)][:MAX_TERMS]
    if _is_counted(number, known):
        return "counted"
    for a, b in itertools.combinations(numbers, 2):
        for sign, value, measure in _results(a, b):
            if _fits(number, value, measure):
                return f"{a.text} {sign} {b.text}"
    for start, end in itertools.combinations(known.dates.times, 2):
        if number.measure == "second" and number.value / 60 in (d := abs(end.minutes - start.minutes), 720 - d):
            return f"{end.text} - {start.text}"
    return _sum_of_run(number, numbers)


def _terms_of_time(time: Time, known: Values) -> str:
    """How the time comes out of a quoted one and a quoted duration; "" if it does not."""
    for start, number in itertools.product(known.dates.times, known.numbers):
        if number.measure == "second":
            for sign, minutes in (("+", number.value / 60), ("-", -number.value / 60)):
                if (start.minutes + minutes - time.minutes) % 720 == 0:
                    return f"{start.text} {sign} {number.text}"
    return ""


def _years(values: Values) -> Iterator[Number]:
    for date in values.dates.dates:
        if date.year is not None:
            yield Number(Decimal(date.year), "", str(date.year), 0)


def _results(a: Number, b: Number) -> Iterator[tuple[str, Decimal, str]]:
    """sign, value and what it measures."""
    unit_a, unit_b, first, second = a.unit, b.unit, a.value, b.value
    if a.measure == b.measure or not (a.unit and b.unit):
        measure = a.measure or b.measure
        a, b = replace(a, unit=a.unit or b.unit), replace(b, unit=b.unit or a.unit)  # `from 310 to 265 litres`
        yield "+", a.value + b.value, measure
        years = not measure and min(a.amount, b.amount) > 999
        yield "-", abs(a.value - b.value), "years" if years else measure
        if measure == "percent":
            yield "-", abs(a.value - b.value), "point"
        if a.value and b.value:
            low, high = sorted((abs(a.value), abs(b.value)))
            yield "/", 100 * low / high, "percent"
            yield "/", high / low, ""
    for year, span in ((a, b), (b, a)):
        if not year.unit and 999 < year.amount < 3000 and span.measure == "month":
            yield "+", year.amount + span.value / 12, ""
            yield "-", year.amount - span.value / 12, ""
    if not (unit_a and unit_b):
        yield "×", first * second, a.measure or b.measure


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


def _is_counted(number: Number, known: Values) -> bool:
    """Whether it may be how many things the quotes list, which is left to whoever judges meaning. Where the quotes say
    themselves how many of them there are, it is not.
    """
    small = not number.unit and not number.is_ordinal and number.amount == int(number.amount) and 2 <= number.amount <= 12
    counted = number.after == ":" or (number.after.isalpha() and number.after not in FUNCTION_WORDS)
    return small and counted and not any(_one_thing(number.after, other.after) for other in known.numbers)


def _one_thing(a: str, b: str) -> bool:
    return stems([a]) == stems([b])

"""Numbers, amounts, percentages, dates and times: read from tokens, compared by value and unit."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from qa.english.numbers import ORDINALS, ROMAN, SCALES, SMALL, TENS
from qa.english.units import CURRENCY_SIGNS, DOLLARS, UNIT_OF
from qa.gate.tokens import Token

__all__ = ["Number", "directions", "find_numbers", "missing", "preposition"]

_DIGITS = re.compile(r"([$€£¥]?)(\d+(?:,\d+)*(?:\.\d+)?)(st|nd|rd|th)?(%?)$")
_GLUED = re.compile(r"([$€£¥]?)(\d+(?:,\d+)*(?:\.\d+)?)([a-z]+)$")


@dataclass(frozen=True, slots=True)
class Number:
    """A value with its unit ("" if none) and the tokens [start, end) it was read from."""

    value: Decimal
    unit: str
    start: int
    end: int
    text: str


def _value(word: str) -> tuple[Decimal, str] | None:
    """The value and unit that one token says on its own."""
    if word in SMALL:
        return Decimal(SMALL[word]), ""
    for table in (TENS, ORDINALS):
        if word in table:
            return Decimal(table[word]), ""
    found = _DIGITS.match(word)
    if found:
        try:
            value = _decimal(found[2])
        except InvalidOperation:
            return None
        return value, "percent" if found[4] else CURRENCY_SIGNS.get(found[1], "")
    glued = _GLUED.match(word)
    if glued and (glued[3] in UNIT_OF or glued[3] in SCALES or glued[3] in ("k", "m", "b")):
        scale = {"k": 10**3, "m": 10**6, "b": 10**9}.get(glued[3], 1) if glued[1] else SCALES.get(glued[3], 1)
        unit = CURRENCY_SIGNS.get(glued[1], "") or UNIT_OF.get(glued[3], "")
        return _decimal(glued[2]) * scale, unit
    return None


def _decimal(digits: str) -> Decimal:
    """`1,500` is a thousand and more, `1,5` is not fifteen."""
    return Decimal(digits.replace(",", "." if re.fullmatch(r"\d+,\d\d?", digits) else ""))


def find_numbers(tokens: Sequence[Token]) -> list[Number]:
    """The numbers in order: `$6 million`, `twenty-one percent`, `over a dozen`, `World War II`."""
    numbers: list[Number] = []
    at = 0
    while at < len(tokens):
        number = _at(tokens, at)
        if number is not None:
            numbers.append(number)
        at = number.end if number else at + 1
    return numbers


def _at(tokens: Sequence[Token], at: int) -> Number | None:
    """The number that starts here, with its sign and currency: `minus 5`, `US-dollar $5`."""
    if tokens[at].lower != "minus" or at + 1 == len(tokens) or (at and _value(tokens[at - 1].lower)):
        return _priced(tokens, at)
    found = _priced(tokens, at + 1)
    return found and replace(found, value=-found.value, start=at, text=f"minus {found.text}")


def _priced(tokens: Sequence[Token], at: int) -> Number | None:
    country = tokens[at].lower
    if country in DOLLARS and [t.lower[:1] for t in tokens[at + 1 : at + 4]] == ["-", "d", "$"]:
        found = _unsigned(tokens, at + 3)
        return found and replace(found, unit=DOLLARS[country], start=at, text=f"{tokens[at].text}{found.text}")
    return _unsigned(tokens, at)


def _unsigned(tokens: Sequence[Token], at: int) -> Number | None:
    word = tokens[at].lower
    found = _value(word)
    if found is None and word in SCALES and not word.endswith("s"):
        found = Decimal(1), ""
        end = at
    elif found is None and word in ROMAN and tokens[at].text.isupper() and at and tokens[at - 1].text[:1].isupper():
        return Number(Decimal(ROMAN[word]), "", at, at + 1, tokens[at].text)
    elif found is None:
        return None
    else:
        end = at + 1
    value, unit = found
    end, value = _more_words(tokens, at, end, value)
    if not unit:
        unit, end = _unit_after(tokens, end)
    text = " ".join(token.text for token in tokens[at:end])
    return Number(value, unit, at, end, text)


def _more_words(tokens: Sequence[Token], at: int, end: int, value: Decimal) -> tuple[int, Decimal]:
    """`twenty one`, `six hundred and fifty million` in what follows."""
    total, part = Decimal(0), value
    while end < len(tokens) and end < at + 10:
        word = tokens[end].lower
        hyphen = word == "-" and end + 1 < len(tokens)
        after = tokens[end + 1].lower if end + 1 < len(tokens) else ""
        if word in SCALES and not word.endswith("s"):
            if SCALES[word] >= 1000:
                total, part = total + part * SCALES[word], Decimal(0)
            else:
                part *= SCALES[word]
        elif hyphen and (after in SCALES or (_is_tens(tokens[end - 1].lower) and after in SMALL)):
            pass
        elif (word in SMALL and SMALL[word] < 10 and _is_tens(tokens[end - 1].lower if word != "-" else "")) or (
            word in SMALL and tokens[end - 1].lower == "-" and end >= 2 and _is_tens(tokens[end - 2].lower)
        ):
            part += SMALL[word]
        elif word == "and" and tokens[end - 1].lower == "hundred" and (after in SMALL or after in TENS):
            pass
        elif (word in SMALL or word in TENS) and tokens[end - 1].lower in ("and", "hundred"):
            part += SMALL.get(word, TENS.get(word, 0))
        else:
            break
        end += 1
    return end, total + part


def _is_tens(word: str) -> bool:
    return word in TENS


def _unit_after(tokens: Sequence[Token], end: int) -> tuple[str, int]:
    for skip in (0, 1):
        place = end + skip
        if place < len(tokens) and tokens[place].lower in UNIT_OF:
            if place + 1 < len(tokens) and tokens[place + 1].lower in ("point", "points"):
                return "point", place + 2  # `2 percentage points`
            return UNIT_OF[tokens[place].lower], place + 1
        if place < len(tokens) and tokens[place].lower != "-":
            break
    if end + 1 < len(tokens) and tokens[end].lower == "per" and tokens[end + 1].lower == "cent":
        return "percent", end + 2
    return "", end


def missing(
    statement: Sequence[Number], quoted: Sequence[Number], others: Sequence[Number], there: Sequence[Token] = ()
) -> list[str]:
    """Numbers of the statement that are neither in the quotes nor in the question (`others`), each as a sentence.

    A number without a unit in the statement matches one with a unit, and the other way round: what is counted is a word
    of its own. Two units must be the same. there: the words of the quotes, in which `a week` is one week.
    """
    known = {(n.value, n.unit) for n in (*quoted, *others)}
    values = {value for value, _ in known}
    bare = {value for value, unit in known if not unit}
    found = []
    for number in statement:
        if number.value == 1 and (not number.unit or _single(number.unit, there)):
            continue  # `one` is as often a pronoun
        same = any((number.value, unit) in known for unit in _alike(number.unit)) or number.value in bare
        if not same and not (number.value in values and not number.unit):
            found.append(f"The quotes do not contain the number {number.text}.")
    return found


def _alike(unit: str) -> set[str]:
    """The units that may be meant: dollars without a country are those of any."""
    if unit == "dollar":
        return {unit, *DOLLARS.values()}
    return {unit, "dollar"} if unit in DOLLARS.values() else {unit}


def _single(unit: str, there: Sequence[Token]) -> bool:
    """Whether the quotes have the unit with an article: `a week`."""
    return any(
        first.lower in ("a", "an") and UNIT_OF.get(second.lower) == unit for first, second in itertools.pairwise(there)
    )


_AROUND = frozenset(
    "less more than at least most about approximately around roughly nearly almost some over under up a an $".split()
)


def directions(
    statement: Sequence[Token], ours: Sequence[Number], there: Sequence[Token], theirs: Sequence[Number]
) -> list[str]:
    """`by 3 percent` is not `to 3 percent`: how much is not how far. Years do not count."""
    found = []
    for number in ours:
        mine = preposition(statement, number)
        same = {preposition(there, other) for other in theirs if other.value == number.value}
        year = not number.unit and 1500 <= number.value <= 2100
        if mine in ("by", "to", "from") and same and not year:
            opposed = {"by": {"to", "from"}, "to": {"by", "from"}, "from": {"by", "to"}}[mine]
            if same <= opposed:
                found.append(f'The statement says "{mine} {number.text}"; the quotes say "{same.pop()}".')
    return found


def preposition(tokens: Sequence[Token], number: Number) -> str:
    """The word in front of the number: `to` in `to at least 21 percent`."""
    place = number.start - 1
    while place >= 0 and tokens[place].lower in _AROUND:
        place -= 1
    return tokens[place].lower if place >= 0 else ""

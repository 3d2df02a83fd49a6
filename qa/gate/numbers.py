"""Numbers and amounts of a text as values: `seven`, 2.4 million, `$31.5m`, `half`, 250 mg."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from qa.english.numbers import ORDINALS, SCALES, SMALL, TENS
from qa.english.units import CURRENCY_SIGNS, DOLLARS, UNITS

__all__ = ["Number", "find_numbers", "in_digits", "plain", "same"]

_FRACTIONS = {char: f"{unicodedata.numeric(char):.3f}".strip("0") for char in "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"}
_DIGITS = str.maketrans(_FRACTIONS | {"²": "^2", "³": "^3"})
_SIGNS = str.maketrans({"−": "-", "‑": "-", "⁄": "/", "⩽": "≤", "⩾": "≥"})
# Groups of three digits. A space separates them only where text follows: otherwise they may be columns. The second
# lookbehind keeps a long row of groups from being tried again from each of them.
_GROUPED = re.compile(
    r"(?<![\d.,])(?<!\D\d{3} )\d{1,3}"
    r"(?:(?:[\u00a0\u2009\u202f'’]\d{3})+|(?: \d{3})+(?=[.,;:!?)]|\s?[^\W\d_]|\s?[%$€£¥]))(?!\d)"
)
_BEFORE_FRACTION = re.compile(rf"(?<=\d)[^\S\n](?=[{''.join(_FRACTIONS)}])")
_GROUP = re.compile(r"[\s'’]")
_RAISED = re.compile(r"(?<=\d)[⁺⁻]?[⁰¹²³⁴-⁹]+")
_SCIENTIFIC = re.compile(
    r"(?:(?<![\w.,^])(\d+(?:,\d{3})*(?:\.\d+)?)\s?[×x·⋅∙*]\s?)?(?<![\w.^])10\^([-+]?\d{1,2})(?!\w)"
)
_MIXED = re.compile(r"(?<![\d/.,])(\d{1,3}) (\d{1,2})/(\d{1,2})(?![\d/])")
_TOKEN = re.compile(
    r"""
    (?P<version>(?<![\w.])v?\d+(?:\.\d+){2,}(?:[-.]?\w+)*)
  | (?P<money>(?:(?<!\w)(?:us|au?|ca?|nz|hk|s))?[$€£¥]\s?)?
    \(?(?<!\^)(?<!\^[-+])(?P<digits>\d+(?:,\d+)*(?:\.\d+)?|(?<!\w)\.\d+)
    (?P<tail>%|(?:[a-zµμ°]+(?:/h)?(?:\^[23])?)(?![\w]))?(?!\w|\^\d)
  | (?P<code>\w*\d\w*)
  | (?P<word>[^\W\d_]+(?:\^[23])?(?:'[^\W\d_]+)*|°[cf]\b|%)
  | (?P<mark>[^\s\w])
    """,
    re.X,
)
_DENOMINATORS = {"half": 2, "halves": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "tenth": 10}
_DENOMINATORS |= {f"{word}s": value for word, value in _DENOMINATORS.items() if value > 2}
_SHORT_SCALES = {"k": 10**3, "m": 10**6, "b": 10**9, **SCALES}
_UP, _DOWN = {">", "≥", "least", "minimum", "exceeding"}, {"<", "≤", "most", "maximum", "under", "below"}
_DENYING = frozenset("not no never cannot without nobody none nor neither nothing".split())
_ABOUT = frozenset("about around approximately roughly nearly almost over some circa ~ ≈ c".split())


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    found: re.Match[str]


@dataclass(frozen=True)
class Number:
    """amount: in the unit as written. unit: a key of UNITS, or whose dollar; "" for none. bound: 1 for at least, -1
    for at most, else 0. is_rounded: whether it is given as approximate. is_plural: `30s`, which may be ages, seconds or
    several of that number. after: the word that follows. start: where it stands in `plain(text)`."""

    amount: Decimal
    unit: str
    text: str
    start: int
    bound: int = 0
    is_rounded: bool = False
    is_ordinal: bool = False
    is_plural: bool = False
    after: str = ""

    @cached_property
    def measure(self) -> str:
        return UNITS[self.unit][0] if self.unit in UNITS else self.unit

    @cached_property
    def value(self) -> Decimal:
        """The amount in the smallest unit of what is measured."""
        return self.amount * UNITS[self.unit][1] if self.unit in UNITS else self.amount


def plain(text: str) -> str:
    """Lower case, and numbers `in_digits`."""
    text = re.sub(r" ?@([-.,])@ ?", r"\1", in_digits(text))  # text written as tokens: `1 @,@ 200`
    text = re.sub(r"(?<![^\W\d_])_+|_+(?![^\W\d_])", " ", text)  # emphasis; within a name it stays
    return unicodedata.normalize("NFKC", text).lower().replace("’", "'")


def in_digits(text: str) -> str:
    """Numbers that are written in several parts as one: `10 000` is 10000, `1½` and `1 1/2` are 1.5, `10⁶` 1000000."""
    text = _GROUPED.sub(lambda found: _GROUP.sub("", found[0]), text.translate(_SIGNS))
    text = _RAISED.sub(lambda found: "^" + unicodedata.normalize("NFKC", found[0]).replace("−", "-"), text)
    text = _SCIENTIFIC.sub(_power_of_ten, text)
    return _MIXED.sub(_mixed, _BEFORE_FRACTION.sub("", text)).translate(_DIGITS)


def _power_of_ten(found: re.Match[str]) -> str:
    factor = Decimal((found[1] or "1").replace(",", ""))
    return f"{factor.scaleb(int(found[2])):f}"


def _mixed(found: re.Match[str]) -> str:
    whole, above, below = map(int, found.groups())
    return f"{whole + above / below:.3f}".rstrip("0") if above < below else found[0]


def find_numbers(text: str) -> list[Number]:
    """The numbers of a text from `plain`, in order. Years are numbers, too."""
    tokens = [_Token(str(found.lastgroup), found[0], found) for found in _TOKEN.finditer(text)]
    tokens = [replace(t, kind="digits") if t.found["digits"] else t for t in tokens]
    return list(_numbers(tokens))


def _numbers(tokens: Sequence[_Token]) -> Iterator[Number]:
    at = 0
    while at < len(tokens):
        read = _amount(tokens, at)
        if read is None:
            at += 1
            continue
        amount, unit, end, is_ordinal = read
        end, unit = (end, unit) if unit else _unit(tokens, end)
        amount, unit, end = _and_a_half(tokens, end, amount, unit)
        amount = -amount if _is_negative(tokens, at) else amount
        text = " ".join(t.text for t in tokens[at:end])
        after = tokens[end].text if end < len(tokens) else ""
        rounded = any(t.text in _ABOUT for t in tokens[max(0, at - 2) : at])
        bound = _bound(tokens, at, end)
        plural = tokens[at].kind == "digits" and tokens[at].found["tail"] == "s"
        yield Number(amount, unit, text, tokens[at].found.start(), bound, rounded, is_ordinal, plural, after)
        at = end


def _amount(tokens: Sequence[_Token], at: int) -> tuple[Decimal, str, int, bool] | None:
    """The number that starts here, with a unit glued to it, the token after it, and whether it is an ordinal."""
    token = tokens[at]
    if token.kind == "digits":
        return _of_digits(tokens, at)
    word = token.text
    if word in ("a", "an") and at + 1 < len(tokens):
        return _article(tokens, at)
    if (fraction := _fraction(tokens, at)) is not None:
        return fraction
    if word in SMALL or word in TENS or (word in SCALES and not word.endswith("s")):
        amount, end = _spelled(tokens, at)
        return amount, "", end, False
    if word in ORDINALS:
        return Decimal(ORDINALS[word]), "", at + 1, True
    if word == "twice":
        return Decimal(2), "", at + 1, False
    return None


def _of_digits(tokens: Sequence[_Token], at: int) -> tuple[Decimal, str, int, bool] | None:
    found = tokens[at].found
    digits, money, tail = found["digits"], (found["money"] or "").strip(), found["tail"] or ""
    decimal_comma = re.fullmatch(r"\d+,\d\d?", digits)
    amount = Decimal(digits.replace(",", "." if decimal_comma else ""))
    unit = ""
    if money:
        unit = CURRENCY_SIGNS[money[-1]] if len(money) == 1 else DOLLARS.get(money[:-1], "dollar")
    if tail in ("st", "nd", "rd", "th"):
        return amount, "", at + 1, True
    if tail in _SHORT_SCALES and (unit or tail not in ("m",)):
        amount *= _SHORT_SCALES[tail]
    elif tail in UNITS:
        unit = unit or tail
    elif tail not in ("", "x", "s"):
        return None
    end = at + 1
    while end < len(tokens) and tokens[end].text in SCALES:
        amount *= SCALES[tokens[end].text]
        end += 1
    below = tokens[at + 2].text if at + 2 < len(tokens) and tokens[at + 1].text == "/" else ""
    if below.isdecimal() and amount < int(below) <= 10:
        return 100 * amount / int(below), "percent", at + 3, False  # `1/2`
    return amount, unit, end, False


def _article(tokens: Sequence[_Token], at: int) -> tuple[Decimal, str, int, bool] | None:
    """`a dozen`, `an hour`, `a third of`."""
    word = tokens[at + 1].text
    ordinal = word in ORDINALS and (at + 2 == len(tokens) or tokens[at + 2].text != "of")
    following = [t.text for t in tokens[at + 2 : at + 5]]
    if word == "quarter" and following == ["of", "an", "hour"]:
        return Decimal("0.25"), "hour", at + 5, False
    if word in _DENOMINATORS and word != "half" and not ordinal:
        return Decimal(100) / _DENOMINATORS[word], "percent", at + 2, False
    if word in SCALES and not word.endswith("s"):
        amount, end = _spelled(tokens, at + 1)
        return amount, "", end, False
    return (Decimal(1), "", at + 1, False) if word in UNITS and len(word) > 2 else None


def _fraction(tokens: Sequence[_Token], at: int) -> tuple[Decimal, str, int, bool] | None:
    """`half of`, `two thirds`, `half an hour`, `half a million`."""
    word, after = tokens[at].text, [t.text for t in tokens[at + 1 : at + 3]]
    if word == "half" and after[:1] in (["a"], ["an"]) and len(after) > 1:
        if after[1] in SCALES:
            return Decimal(SCALES[after[1]]) / 2, "", at + 3, False
        return (
            (Decimal("0.5"), after[1], at + 3, False) if after[1] in UNITS else (Decimal(50), "percent", at + 1, False)
        )
    if word == "half" and after[:1] == ["-"] and len(after) > 1 and after[1] in UNITS:
        return Decimal("0.5"), after[1], at + 3, False
    if word == "half" and (after[:1] in (["of"], ["the"], ["as"]) or (at and tokens[at - 1].text in _ABOUT)):
        return Decimal(50), "percent", at + 1, False
    gap = 1 if after[:1] == ["-"] else 0
    if word in SMALL and 0 < SMALL[word] < 10 and len(after) > gap:
        below = _DENOMINATORS.get(after[gap])
        if below and (SMALL[word] == 1 or after[gap].endswith("s")):
            return Decimal(100) * SMALL[word] / below, "percent", at + 2 + gap, False
    return None


def _spelled(tokens: Sequence[_Token], at: int) -> tuple[Decimal, int]:
    """`twenty-four`, `six hundred and fifty million`, `two dozen`."""
    total, part, end, last = Decimal(0), Decimal(0), at, ""
    while end < len(tokens):
        word = tokens[end].text
        joins = word == "-" or (word == "and" and last == "hundred")
        if joins and end + 1 < len(tokens) and end > at and _continues(last, tokens[end + 1].text):
            end += 1
            continue
        if end > at and not _continues(last, word):
            break
        if word in SCALES:
            part = part or Decimal(1)
            if SCALES[word] >= 1000:
                total, part = total + part * SCALES[word], Decimal(0)
            else:
                part *= SCALES[word]
        elif word in SMALL or word in TENS:
            part += SMALL.get(word, TENS.get(word, 0))
        else:
            break
        last = word
        end += 1
    return total + part, end


def _continues(last: str, word: str) -> bool:
    if word in SCALES and not word.endswith("s"):
        return last in SMALL or last in TENS or last in SCALES
    if word in SMALL and last in TENS:
        return 0 < SMALL[word] < 10
    return last in SCALES and last != "dozen" and (word in SMALL or word in TENS)


def _unit(tokens: Sequence[_Token], end: int) -> tuple[int, str]:
    for skip in (0, 1):
        place = end + skip
        words = [t.text for t in tokens[place : place + 2]]
        if words == ["per", "cent"]:
            return place + 2, "percent"
        if words and words[0] in UNITS and (len(words[0]) > 1 or tokens[place].kind == "word"):
            if words[1:] and words[1] in ("point", "points"):
                return place + 2, "point"
            return place + 1, words[0]
        if not words or words[0] != "-":
            break
    return end, ""


def _and_a_half(tokens: Sequence[_Token], end: int, amount: Decimal, unit: str) -> tuple[Decimal, str, int]:
    """`an hour and a half`, `two and a half hours`."""
    if [t.text for t in tokens[end : end + 3]] != ["and", "a", "half"]:
        return amount, unit, end
    end += 3
    if not unit:
        end, unit = _unit(tokens, end)
    return amount + Decimal("0.5"), unit, end


def _is_negative(tokens: Sequence[_Token], at: int) -> bool:
    if not at:
        return False
    before = tokens[at - 1]
    if before.text in ("minus", "negative"):
        return True
    free = at < 2 or (not tokens[at - 2].found["digits"] and tokens[at - 2].found.end() < before.found.start())
    return before.text == "-" and before.found.end() == tokens[at].found.start() and free


def _bound(tokens: Sequence[_Token], at: int, end: int) -> int:
    """Whether the number is a lower bound (1), an upper one (-1) or neither (0)."""
    words = [t.text for t in tokens[max(0, at - 8) : at]]
    near = words[-3:]
    sign = 1 if not _UP.isdisjoint(near) else -1 if not _DOWN.isdisjoint(near) else 0
    if "than" in near[-2:]:
        sign = 1 if "more" in near else -1 if ("less" in near or "fewer" in near) else sign
    if near[-2:] == ["up", "to"]:
        sign = -1
    after = [t.text for t in tokens[end : end + 3]]
    if after[:2] in (["or", "more"], ["or", "newer"], ["or", "later"]):
        sign = 1
    if not sign or near[-3:-1] in (["no", "more"], ["not", "more"], ["no", "less"], ["not", "less"], ["no", "fewer"]):
        return -sign
    denied = any(word in _DENYING or word.endswith("n't") for word in words)
    return 0 if denied else sign


def same(stated: Number, known: Number) -> bool:
    """Whether a number of a text says what is stated: the same value, in units of the same kind if both have one."""
    in_seconds = known.measure == "second" and known.value == known.amount
    if stated.is_plural and not in_seconds and _is_among(known.amount, stated.amount):
        return True
    if not (stated.unit and known.unit):
        return known.amount == stated.amount or (stated.unit == known.unit and _rounds_to(stated, known.amount))
    if not _alike(stated.measure, known.measure):
        return False
    if stated.value == known.value or (stated.measure == "percent" and _is_same_share(stated, known)):
        return True
    scale = UNITS[stated.unit][1] if stated.unit in UNITS else Decimal(1)
    return _rounds_to(stated, known.value / scale)


def _is_among(amount: Decimal, plural: Decimal) -> bool:
    """Whether it is 34 or, as the year of a decade, 1934, where `30s` is stated, or 1834 for `1800s`."""
    if plural % 10:
        return False
    is_year = plural < 100 and 1000 <= amount < 3000
    width = 10 if plural % 100 or plural < 1000 else 100
    return 0 <= (amount % 100 if is_year else amount) - plural < width


def _alike(a: str, b: str) -> bool:
    """Whether they measure the same; dollars without a country are those of any."""
    return a == b or ("dollar" in (a, b) and {a, b} - {"dollar"} <= set(DOLLARS.values()))


def _is_same_share(stated: Number, known: Number) -> bool:
    """Whether one of them is a fraction, `a third`, and the other its percentage."""
    spelled = any("/" in number.text or number.text[:1].isalpha() for number in (stated, known))
    return spelled and abs(stated.value - known.value) < Decimal("0.5")


def _rounds_to(stated: Number, amount: Decimal) -> bool:
    """Whether the stated number is given as approximate, and is the other one rounded."""
    if not stated.is_rounded or not stated.amount:
        return False
    digits = len(stated.amount.normalize().as_tuple().digits)
    if digits > 3 or not amount:
        return False
    return abs(stated.amount - amount) / abs(amount) <= Decimal("0.06")

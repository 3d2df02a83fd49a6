"""Numbers as a spreadsheet shows them: what its format codes mean."""

import operator
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, DecimalException

__all__ = ["is_blank", "shown"]

_TOKEN = re.compile(
    r'"([^"]*)"|\\(.)|_(.)|\*(.)|\[\$([^\]-]*)[^\]]*\]'
    r"|\[(?:((?:<=|>=|<>|[<>=])\s*-?[0-9]+(?:\.[0-9]*)?)\s*|[^\]]*)\]|((?i:General))"
    r"|([#0?,.]+(?:[eE][-+][#0?]+)?)|(.)",
    re.DOTALL,
)
_COMPARISONS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]{2}")
_CODE_CHARS = 255
_MOST_DIGITS = 30
_LAST = datetime.max - timedelta(seconds=1)

_Section = list[tuple[str, str]]  # kind and text of each piece of a code


def shown(value: object, code: str = "General") -> str:
    """A cell's value as text: dates in ISO form, numbers by their format (percent, currency, thousands, decimals).

    A number whose format is not understood is shown plainly, with the words before and after it; so is a date.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return _number(value, code)
    if isinstance(value, date | time | timedelta):
        return _dated(value, code)
    return _worded(str(value), code)


def _moment(value: date | time | timedelta) -> str:
    if isinstance(value, datetime):
        value = _rounded(value)
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(" ").removesuffix(":00")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return _rounded(datetime.combine(date(2000, 1, 1), value)).time().isoformat().removesuffix(":00")
    seconds = round(value.total_seconds())
    return f"{'-' * (seconds < 0)}{abs(seconds) // 3600}:{abs(seconds) // 60 % 60:02}:{abs(seconds) % 60:02}"


def _rounded(moment: datetime) -> datetime:
    """To the second, as spreadsheets show a time."""
    return (min(moment, _LAST) + timedelta(seconds=0.5)).replace(microsecond=0)


def is_blank(value: object, code: str | None) -> bool:
    """Whether a format shows nothing at all of a value: its section for numbers below zero, zero, or texts is empty."""
    if not code or not (";" in code or '"' in code):
        return False
    sections = _sections(code[:_CODE_CHARS])
    section: _Section | None = sections[0]
    if isinstance(value, str):
        section = sections[3] if len(sections) > 3 else None
    elif isinstance(value, int | float):
        section, _ = _chosen(Decimal(value), sections)
    return section is not None and _says_nothing(section, alone=len(sections) == 1)


def _says_nothing(section: _Section, alone: bool) -> bool:
    """Whether a section holds nothing, or nothing but blank literals. alone: a code without sections is "General"."""
    blank = (not text.strip() if kind == "literal" else kind == "condition" and bool(text) for kind, text in section)
    return not (alone and not section) and all(blank)


def _worded(value: str, code: str) -> str:
    """A text by the section for texts, if the code has one."""
    sections = _sections(code[:_CODE_CHARS])
    section = sections[3] if len(sections) > 3 else sections[-1]
    if len(sections) < 4 and "text" not in (kind for kind, _ in section):
        return value
    return "".join(value if kind in ("text", "general") else text for kind, text in section if kind != "condition")


def _number(value: int | float, code: str) -> str:
    plain = f"{value:.15g}" if isinstance(value, float) else str(value)
    try:
        number = Decimal(plain)
        if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
            return plain
        section, signed = _chosen(number, _sections(code[:_CODE_CHARS]))
        if section is None:
            return plain
        text = _formatted(abs(number), section, plain.lstrip("-"))
        if text is None:
            return _framed(plain, section)
        return f"-{text}" if signed and re.search("[1-9]", text) else text or plain
    except DecimalException:
        return plain


def _chosen(number: Decimal, sections: list[_Section]) -> tuple[_Section | None, bool]:
    """The section of a code that applies to a number, and whether a minus sign goes before it.

    None where none applies, or where programs may differ.
    """
    numeric = [section for section in sections[:3] if "text" not in (kind for kind, _ in section)]
    if not numeric or not number.is_finite():
        return None, False
    conditions = [next((text for kind, text in section if kind == "condition" and text), "") for section in numeric]
    if not any(conditions):
        at = 2 if not number and len(numeric) > 2 else 1 if number < 0 and len(numeric) > 1 else 0
        return numeric[at], number < 0 and at == 0
    met = _first(number, conditions)
    limits = [abs(_limit(condition)) for condition in conditions if condition]
    others = {_first(other, conditions) for limit in limits for other in (Decimal(0), limit, limit + 1)}
    if met is None or (number < 0 and met not in others):  # its section may leave out the sign
        return None, False
    return numeric[met], number < 0


def _first(number: Decimal, conditions: list[str]) -> int | None:
    """The first section whose condition a number meets. Only the last one may have none."""
    if not all(conditions[:-1]):
        return None
    met = (at for at, condition in enumerate(conditions) if not condition or _meets(number, condition))
    return next(met, None)


def _meets(number: Decimal, condition: str) -> bool:
    compare = _COMPARISONS[condition.rstrip("-.0123456789eE+ ")]
    return compare(number, _limit(condition))


def _limit(condition: str) -> Decimal:
    return Decimal(condition.lstrip("<>= "))


def _sections(code: str) -> list[_Section]:
    """The parts of a code for positive numbers, negative ones, zero and texts.

    Kinds: literal, digits, percent, general, text (where a text is put), condition (empty for a colour), other.
    """
    sections: list[_Section] = [[]]
    for match in _TOKEN.finditer(code):
        quoted, escaped, blank, fill, currency, condition, general, digits, char = match.groups()
        if char == ";":
            sections.append([])
        elif digits:
            sections[-1].append(("digits", digits))
        elif general:
            sections[-1].append(("general", general))
        elif char in ("%", "@"):
            sections[-1].append(("percent" if char == "%" else "text", char))
        elif char == "/" or (char and char.isalpha()):
            sections[-1].append(("other", char))
        elif match[0].startswith("[") and not currency:
            sections[-1].append(("condition", condition or ""))
        else:
            literal = quoted or escaped or currency or (" " if blank else "" if fill else char) or ""
            before = sections[-1].pop()[1] if sections[-1] and sections[-1][-1][0] == "literal" else ""
            sections[-1].append(("literal", before + literal))
    return sections


def _formatted(number: Decimal, section: _Section, plain: str) -> str | None:
    """A number that is not negative, in one section; None where the section is not a plain number format.

    plain: the number as it is shown without a format.
    """
    section = [piece for piece in section if piece[0] != "condition"]
    kinds = [kind for kind, _ in section]
    places = "".join(text for kind, text in section if kind == "digits")
    if "other" in kinds or "E" in places.upper() or places.count(".") > 1:
        return None
    if not places and "percent" not in kinds:
        return "".join(plain if kind == "general" else text for kind, text in section).strip()
    if "general" in kinds or not places:
        return None
    first = kinds.index("digits")
    if any(kind == "digits" for kind in kinds[first + 1 :]):
        return None  # a pattern such as 000-00-0000
    number *= 100 ** kinds.count("percent")
    whole, _, fraction = places.partition(".")
    scale = len(places) - len(places.rstrip(","))  # each comma at the end divides by a thousand
    digits = _digits(number / 1000**scale, whole.rstrip(","), fraction.rstrip(","))
    text = "".join(digits if kind == "digits" else literal for kind, literal in section)
    return " ".join(text.split())


def _framed(plain: str, section: _Section) -> str:
    """A plain value with the literals at both ends of a section, such as its unit.

    Without them where the section divides by a thousand, since the literals then say so, and where it has words
    between parts of the value, since the literals then belong to parts: 5 "h" 30 "min".
    """
    inner = [at for at, (kind, _) in enumerate(section) if kind not in ("literal", "condition")]
    if not inner or any(kind == "digits" and text.endswith(",") for kind, text in section):
        return plain
    if any(kind == "literal" and _LETTER.search(text) for kind, text in section[inner[0] : inner[-1]]):
        return plain
    before = "".join(text for kind, text in section[: inner[0]] if kind == "literal")
    after = "".join(text for _, text in section[inner[-1] + 1 :])
    gaps = [" " if touching.isdigit() else "" for touching in (before[-1:], after[:1])]
    return " ".join(f"{before}{gaps[0]}{plain}{gaps[1]}{after}".split())


def _dated(value: date | time | timedelta, code: str) -> str:
    """A date or a time with the words that its format puts before or after it.

    Without them for a time of which the format shows no hours: 00:05 is not `00:05 min`.
    """
    plain, section = _moment(value), _sections(code[:_CODE_CHARS])[0]
    if not isinstance(value, date) and ("other", "h") not in ((kind, text.lower()) for kind, text in section):
        return plain
    framed = _framed(plain, section)
    return framed if _WORD.search(framed) else plain


def _digits(number: Decimal, whole: str, fraction: str) -> str:
    places = whole + fraction
    rounded = number.quantize(Decimal(1).scaleb(-len(fraction)), ROUND_HALF_UP)
    text = f"{rounded:,f}" if "," in whole else f"{rounded:f}"
    left, _, right = text.partition(".")
    left = left.rjust(whole.count("0"), "0")
    if not rounded and "0" not in places:
        left = ""  # accounting formats show zero as a dash
    least = len(fraction.rstrip("#?"))
    right = right[:least] + right[least:].rstrip("0")
    return f"{left}.{right}" if right else left

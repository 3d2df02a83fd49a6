"""Numbers as a spreadsheet shows them: what its format codes mean."""

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, DecimalException

__all__ = ["is_blank", "shown"]

_TOKEN = re.compile(
    r'"([^"]*)"|\\(.)|_(.)|\*(.)|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|([#0?,.]+(?:[eE][-+][#0?]+)?)|(.)', re.DOTALL
)
_CODE_CHARS = 200
_MOST_DIGITS = 30


def shown(value: object, code: str = "General") -> str:
    """A cell's value as text: dates in ISO form, numbers by their format (percent, currency, thousands, decimals)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.replace(microsecond=0).isoformat(" ").removesuffix(":00")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.replace(microsecond=0).isoformat().removesuffix(":00")
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return f"{'-' * (seconds < 0)}{abs(seconds) // 3600}:{abs(seconds) // 60 % 60:02}:{abs(seconds) % 60:02}"
    if isinstance(value, int | float):
        return _number(value, code)
    return str(value)


def is_blank(value: object, code: str | None) -> bool:
    """Whether a format shows nothing at all of a value: its section for numbers below zero, zero, or texts is empty."""
    if not code or not (";" in code or '"' in code):
        return False
    sections = _sections(code[:_CODE_CHARS])
    at = 0
    if isinstance(value, str):
        at = 3
    elif isinstance(value, int | float) and len(sections) > 1:
        at = 1 if value < 0 else 2 if value == 0 and len(sections) > 2 else 0
    return at < len(sections) and _says_nothing(sections[at], alone=len(sections) == 1)


def _says_nothing(section: list[tuple[str, str]], alone: bool) -> bool:
    """Whether a section holds nothing, or nothing but blank literals. alone: a code without sections is "General"."""
    return not (alone and not section) and all(kind == "literal" and not text.strip() for kind, text in section)


def _number(value: int | float, code: str) -> str:
    plain = f"{value:.15g}" if isinstance(value, float) else str(value)
    sections = _sections(code[:_CODE_CHARS])
    try:
        number = Decimal(plain)
        if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
            return plain
        if len(sections) > 2 and not number:
            return _formatted(number, sections[2]) or plain
        if len(sections) > 1 and number < 0:
            return _formatted(-number, sections[1]) or plain
        text = _formatted(abs(number), sections[0])
        return f"-{text}" if text and number < 0 and re.search("[1-9]", text) else text or plain
    except DecimalException:
        return plain


def _sections(code: str) -> list[list[tuple[str, str]]]:
    """The parts of a code for positive numbers, negative ones and zero, as (kind, text): literal, digits or percent."""
    sections: list[list[tuple[str, str]]] = [[]]
    for match in _TOKEN.finditer(code):
        quoted, escaped, blank, fill, currency, digits, char = match.groups()
        if char == ";":
            sections.append([])
        elif digits:
            sections[-1].append(("digits", digits))
        elif char == "%":
            sections[-1].append(("percent", "%"))
        elif char == "/" or (char and char.isalpha()):
            sections[-1].append(("other", char))
        elif match[0].startswith("[") and not currency:
            sections[-1].append(("condition", ""))  # or a colour
        else:
            literal = quoted or escaped or currency or (" " if blank else "" if fill else char) or ""
            sections[-1].append(("literal", literal))
    return sections


def _formatted(number: Decimal, section: list[tuple[str, str]]) -> str:
    """A number that is not negative, in one section; empty where the section is not a plain number format."""
    kinds = [kind for kind, _ in section]
    places = "".join(text for kind, text in section if kind == "digits")
    if "other" in kinds or "E" in places.upper() or places.count(".") > 1:
        return ""
    if not places:
        return "".join(text for _, text in section).strip()
    first = kinds.index("digits")
    if any(kind == "digits" for kind in kinds[first + 1 :]):
        return ""  # a pattern such as 000-00-0000
    number *= 100 ** kinds.count("percent")
    whole, _, fraction = places.partition(".")
    scale = len(places) - len(places.rstrip(","))  # each comma at the end divides by a thousand
    digits = _digits(number / 1000**scale, whole.rstrip(","), fraction.rstrip(","))
    text = "".join(digits if kind == "digits" else literal for kind, literal in section)
    return " ".join(text.split())


def _digits(number: Decimal, whole: str, fraction: str) -> str:
    rounded = number.quantize(Decimal(1).scaleb(-len(fraction)), ROUND_HALF_UP)
    text = f"{rounded:,f}" if "," in whole else f"{rounded:f}"
    left, _, right = text.partition(".")
    left = left.rjust(whole.count("0"), "0")
    least = len(fraction.rstrip("#?"))
    right = right[:least] + right[least:].rstrip("0")
    return f"{left}.{right}" if right else left

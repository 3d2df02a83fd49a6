"""What kind of answer a question expects, and where a sentence holds something of that kind.

Plain English rules and no model: the estimate of answerability weighs what they find. A question that no rule knows
is of the kind "other", one that asks for yes or no "yesno"; neither has spans of its own.
"""

import re
from dataclasses import dataclass
from functools import cache

from qa.english.answers import CASED, PATTERNS, SPEAKER
from qa.english.calendar import CALENDAR
from qa.english.questions import RULES, YES_OR_NO
from qa.records import Span

__all__ = ["KINDS", "Expected", "expect", "spans"]

MAX_CHARS = 2_000  # of a question; what lies beyond does not say what is asked for

KINDS: tuple[str, ...] = (*sorted(PATTERNS), "other", "yesno")
"""Every kind that `expect` can name."""


# "E-4013", "07-1315", "2026-0418": letters or a leading zero before or after a hyphen; not a date, not "10-12".
_CODE = re.compile(r"(?<![\w-])(?:[A-Z]{1,6}-\d+|0\d*-\d+|\d+-0\d*)(?![\w-])")


@dataclass(frozen=True, slots=True)
class Expected:
    """kind: one of `KINDS`. speaker: whose words are asked for, as written, or empty."""

    kind: str
    speaker: str = ""


def expect(question: str) -> Expected:
    """The kind of answer that a question expects."""
    text = question.strip()[:MAX_CHARS]
    if YES_OR_NO.match(text):
        return Expected("yesno")
    kind = next((kind for kind, pattern in RULES if pattern.search(text)), "other")
    if kind == "long" and re.search(r"\b(?:tak|last|stay|wait)", text):
        kind = "duration"
    speaker = SPEAKER.search(text) if kind == "said" else None
    if speaker and re.search(r"\d", speaker.group(1)):  # "What does clause 2.2 say?" asks for no one's words
        return Expected("other")
    return Expected(kind, speaker.group(1) if speaker else "")


def spans(expected: Expected, text: str) -> tuple[Span, ...]:
    """Where `text` holds something of the expected kind, left to right and disjoint.

    A part of a code, "0418" in "no. 2026-0418", is none, and neither is a month or a day where a name is expected.
    """
    if expected.kind not in PATTERNS:
        return ()
    found = (Span(m.start(), m.end()) for m in _finder(expected.kind).finditer(text) if m.end() > m.start())
    codes = [m.span() for m in _CODE.finditer(text)]
    whole = (s for s in found if not any(a <= s.start and s.end <= b and s.end - s.start < b - a for a, b in codes))
    if expected.kind not in CASED:
        return tuple(whole)
    return tuple(span for span in whole if not _dates(text[span.start : span.end]))


def _dates(name: str) -> bool:
    return all(word.lower() in CALENDAR for word in re.findall(r"[^\W\d_]+", name))


@cache
def _finder(kind: str) -> re.Pattern[str]:
    return re.compile(PATTERNS[kind], 0 if kind in CASED else re.IGNORECASE)

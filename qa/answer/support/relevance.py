"""Whether a statement, true or not, may be an answer: of what is asked, with a number or a time where asked."""

import re
from collections.abc import Sequence

from qa.answer.support import names
from qa.answer.support.lexicon import CALENDAR, TIME_UNITS
from qa.answer.support.reading import Reading, read
from qa.answer.support.tokens import MAX_CHARS

__all__ = ["off_question", "shared"]

ON_TOPIC = 0.3  # of the question's words, in the statement or its quotes; of recorded answers, right ones had 0.4
_ASKING = frozenset("many much name kind type day date time place reason way happen do does did say said".split())
_HOW_MUCH = re.compile(r"\bhow (?:many|much|old|far|long|tall|large|big|heavy|often)\b|\bnumber of\b", re.I)
_WHEN = re.compile(r"^\W*when\b|\b(?:on|in) (?:what|which) (?:day|date|month|year)\b|\bwhat (?:day|date)\b", re.I)
_AMOUNTS = frozenset(["ALL", "ANY", "SOME", "MANY", "MOST", "FEW", "HALF", "NOT", "ATLEAST", "ATMOST", "MORE", "LESS"])
_TIMES = frozenset(["BEFORE", "AFTER", "DURING", "UNTIL", "SINCE", "STILL", "ALREADY", "IF", "NOT"])
_TIME_WORDS = frozenset(
    """when while as once now then soon yet ago yesterday tomorrow today early late currently recently eventually
    daily weekly monthly yearly annually twice dozens hundreds thousands millions limited enough""".split()
)


def shared(question: str, text: str) -> float:
    """The share, in [0, 1], of a question's words of content that the text has, in any form or as a synonym."""
    asked = [t for t in read(question[:MAX_CHARS]).tokens if t.content and t.lower not in _ASKING]
    there = read(text)
    return sum(bool(there.candidates(token)) for token in asked) / len(asked) if asked else 1.0


def off_question(question: str, statement: str, quotes: Sequence[str], around: Sequence[str]) -> str:
    """Why the statement is no answer, in a sentence; "" if it may be one. around: the text beside the quotes."""
    asked, said = read(question[:MAX_CHARS]), read(statement)
    if shared(question, "\n.\n".join([statement, *quotes])) < ON_TOPIC:
        return "It has hardly a word in common with the question, and its quotes have no more."
    missing = _unknown(asked, read("\n.\n".join([statement, *quotes, *around])))
    if missing:
        return f'The question is about "{missing}"; neither the statement nor its quotes are.'
    if _HOW_MUCH.search(question) and not _amount(asked, said):
        return "The question asks for a number; the statement has none."
    if _WHEN.search(question) and not _time(said):
        return "The question asks when; the statement does not say it."
    return ""


def _unknown(asked: Reading, there: Reading) -> str:
    """The first name of the question, if none of its names stands there."""
    named = [t for t in asked.tokens if t.name and t.lower not in CALENDAR]
    forms = names.abbreviated(asked.tokens, there.tokens)
    if any(there.candidates(token) or token.place in forms for token in named):
        return ""
    return named[0].text.replace("_", " ") if named else ""


def _amount(asked: Reading, said: Reading) -> bool:
    """Whether the statement has a number that the question has not, or a word for how many."""
    values = {number.value for number in asked.numbers}
    if any(number.value not in values for number in said.numbers):
        return True
    return any(op.kind in _AMOUNTS for op in said.operators) or _any(said, _TIME_WORDS | TIME_UNITS)


def _time(said: Reading) -> bool:
    return (
        bool(said.numbers)
        or any(op.kind in _TIMES for op in said.operators)
        or _any(said, _TIME_WORDS | TIME_UNITS | CALENDAR)
    )


def _any(reading: Reading, words: frozenset[str]) -> bool:
    return any(t.lower in words or t.lower.removesuffix("s") in words for t in reading.tokens)

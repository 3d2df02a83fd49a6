"""Whether a statement, true or not, may answer the question: about its subject, with a number or time if asked."""

from collections.abc import Iterable, Sequence
from itertools import chain

from qa.english.calendar import CALENDAR, TIME_UNITS
from qa.gate import names
from qa.gate.reading import Reading, read_text
from qa.gate.speakers import FIRST_PERSON, SPEECH
from qa.gate.tokens import MAX_CHARS
from qa.retrieve.expected import Expected, expect, spans

__all__ = ["off_question", "shared"]

ON_TOPIC = 0.3  # of the question's words, in the statement or its quotes; of recorded answers, right ones had 0.4
_ROUGH = frozenset("no none nobody several dozens hundreds thousands millions billions enough".split())
_HEARERS = frozenset(["you", "your"])
_ASKING = frozenset("many much name kind type day date time place reason way happen do does did say said".split())
_WANTED = {
    "number": "a number",
    "money": "an amount of money",
    "percent": "a percentage",
    "age": "an age",
    "duration": "a length of time",
    "frequency": "how often",
    "phone": "a telephone number",
    "mail": "a mail address",
}  # kinds of `qa.retrieve.expected`; not those that can be answered in words: `How far?` - `It can reach the coast.`
_AMOUNTS = frozenset(["ALL", "MANY", "MOST", "FEW", "HALF", "ATLEAST", "ATMOST", "MORE", "LESS"])
_TIMES = frozenset(["BEFORE", "AFTER", "DURING", "UNTIL", "SINCE", "STILL", "ALREADY", "IF", "NOT"])
_TIME_WORDS = frozenset(
    """when while as once now then soon yet ago yesterday tomorrow today early late currently recently eventually
    daily weekly monthly yearly annually twice dozens hundreds thousands millions limited enough""".split()
)


def shared(question: str, *texts: str) -> float:
    """The share, in [0, 1], of a question's words of content that the texts have, in any form or as a synonym."""
    asked = [t for t in read_text(question[:MAX_CHARS]).tokens if t.content and t.lower not in _ASKING]
    there = [read_text(text) for text in texts]
    return sum(any(text.candidates(token) for text in there) for token in asked) / len(asked) if asked else 1.0


def off_question(question: str, statement: str, quotes: str, around: Sequence[Reading]) -> str:
    """Why the statement does not answer the question, in a sentence; "" if it may. around: text beside the quotes."""
    asked, stated = read_text(question[:MAX_CHARS]), read_text(statement)
    if shared(question, statement, quotes) < ON_TOPIC:
        return "It has hardly a word in common with the question, and its quotes have no more."
    if statement.rstrip().endswith("?") and not any(t.lower.startswith(("ask", "question")) for t in asked.tokens):
        return "It asks, and answers nothing."
    missing = _unknown(asked, chain((stated, read_text(quotes)), around))
    if missing and not _is_speech(quotes):
        return f'The question is about "{missing}"; neither the statement nor its quotes are.'
    expected = expect(question)
    if expected.kind in _WANTED and not (_has(expected, stated, asked, statement, question) or _roughly(stated)):
        return f"The question asks for {_WANTED[expected.kind]}; the statement has none."
    if expected.kind == "date" and not (_has(expected, stated, asked, statement, question) or _time(stated)):
        return "The question asks when; the statement does not say it."
    return ""


def _unknown(asked: Reading, there: Iterable[Reading]) -> str:
    """The first name of the question, if none of its names stands there."""
    named = [t for t in asked.tokens if t.name and t.lower not in CALENDAR]
    for reading in there if named else ():
        forms = names.abbreviated(asked.tokens, reading.tokens)
        if any(reading.candidates(token) or token.place in forms for token in named):
            return ""
    return named[0].text.replace("_", " ") if named else ""


def _is_speech(quotes: str) -> bool:
    """Whether it is the text of a speech, without quotation marks: whoever speaks may be who is asked about."""
    return any(t.lower in FIRST_PERSON or t.lower in _HEARERS for t in read_text(SPEECH.sub(" ", quotes)).tokens)


def _has(expected: Expected, stated: Reading, asked: Reading, statement: str, question: str) -> bool:
    """Whether the statement holds something of the expected kind that the question does not hold."""
    if expected.kind == "number":  # F-16 has none
        return not {number.value for number in stated.numbers} <= {number.value for number in asked.numbers}
    known = question.casefold()
    return any(statement[span.start : span.end].casefold() not in known for span in spans(expected, statement))


def _roughly(stated: Reading) -> bool:
    """Whether the statement has words for how many, or for none."""
    return any(op.kind in _AMOUNTS for op in stated.operators) or _any(stated, _ROUGH)


def _time(stated: Reading) -> bool:
    return (
        bool(stated.numbers)
        or any(op.kind in _TIMES for op in stated.operators)
        or _any(stated, _TIME_WORDS | TIME_UNITS | CALENDAR)
    )


def _any(reading: Reading, words: frozenset[str]) -> bool:
    """Whether one of the words stands there, and not as a part of a name, as `Times` may."""
    tokens = [t for t in reading.tokens if not t.name or t.lower in CALENDAR]
    return any(t.lower in words or t.lower.removesuffix("s") in words for t in tokens)

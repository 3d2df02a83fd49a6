"""Answers to yes-or-no questions: what `Yes` and `No` claim is the question itself."""

import re

from qa.english.function_words import PRONOUNS
from qa.english.questions import NEGATED_OPENERS, YES_NO_OPENERS
from qa.gate import operators
from qa.gate.alignment import Alignment, align
from qa.gate.reading import Reading

__all__ = ["Lead", "completed", "is_yes_no", "not_borne_out", "split_lead"]

_LEAD = re.compile(r"\s*(yes|no|not yet|not really|none|never|correct|indeed|true|false)\s*(?:[,.:;!—–-]\s*|$)", re.I)
_OPENERS = [*YES_NO_OPENERS, *NEGATED_OPENERS, *"weren't hasn't haven't couldn't wouldn't".split()]
_ASKS = re.compile(rf"\s*(?:{'|'.join(_OPENERS)})\b", re.I)
_AFFIRMING = frozenset(["yes", "correct", "indeed", "true"])
Lead = str


def split_lead(statement: str) -> tuple[Lead, str]:
    """`Yes, it has.` -> ("yes", "it has."); ("", statement) without such a word in front."""
    found = _LEAD.match(statement)
    if not found:
        return "", statement
    return ("yes" if found[1].lower() in _AFFIRMING else "no"), statement[found.end() :]


def is_yes_no(question: str) -> bool:
    """Whether the question can be answered with yes or no."""
    return _ASKS.match(question) is not None


def completed(question: str, answer: str, reading: Reading) -> str:
    """A name in answer to `who`, as a sentence: `Who directed it?`, `Anna Hall.` -> `Anna Hall directed it`."""
    words = [t for t in reading.tokens if not t.mark]
    found = re.match(r"\s*who\s+(?=\w)(.+?)\??\s*$", question, re.I | re.S)
    if not found or len(words) > 4 or not all(t.text[:1].isupper() for t in words):
        return ""
    return f"{answer.strip(' .!')} {found[1]}"


def not_borne_out(lead: Lead, rest: Reading, question: Reading, quotes: Reading) -> list[str]:
    """Why the quotes do not bear out the yes or the no, as at most one sentence."""
    pair = align(question, quotes)
    denied, of = _denied(pair)
    if lead == "yes":
        if of and 2 * denied >= of:
            return ['The answer "Yes" does not agree with the quotes: they deny what the question asks.']
        unsure = [] if any(op.kind in _UNSURE for op in question.operators) else list(operators.weakened(pair))
        conditions = [] if any(op.kind in ("IF", "UNLESS") for op in rest.operators) else _conditions(pair)
        if unsure or conditions or not _covered(pair):
            return ['The quotes do not bear out the answer "Yes".']
    if lead == "no" and not denied:
        more = [t for t in rest.tokens if t.content and not question.candidates(t)]
        if not any(op.kind == "NOT" for op in rest.operators) and len(more) < 2:
            return ['The quotes do not bear out the answer "No": they deny nothing.']
    return []


_UNSURE = frozenset(["MAY", "CAN", "COULD", "WILL", "WOULD", "LIKELY", "INTEND", "MUST", "SEEM"])


def _conditions(pair: Alignment) -> list[str]:
    return list(operators.conditions(pair, pair.statement))


def _denied(pair: Alignment) -> tuple[int, int]:
    """How many of the question's words the quotes deny, and of how many; its subject and names do not count."""
    words = [t for t in pair.statement.tokens if t.content]
    asked = [t.lower for t in pair.statement.tokens[:3]]
    subject = 0 if any(word in PRONOUNS for word in asked[1:2]) else 1
    counted = [t.place for t in words[subject:] if t.place in pair.best and not t.name]
    counted = counted or [t.place for t in words[:1]]
    denied = 0
    for a in counted:
        if a in pair.best:
            odd = (operators.negations(pair.quotes, pair.best[a]) + operators.negations(pair.statement, a)) % 2 == 1
            denied += odd != (a in pair.opposite)
    return denied, len(counted)


def _covered(pair: Alignment) -> bool:
    asked = [t for t in pair.statement.tokens if t.content]
    return 2 * len(pair.best) >= len(asked)

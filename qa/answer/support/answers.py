"""Answers to yes-or-no questions: what `Yes` and `No` claim is the question itself."""

import re

from qa.answer.support import operators
from qa.answer.support.alignment import Alignment, align
from qa.answer.support.reading import Reading

__all__ = ["Lead", "is_yes_no", "problems", "split_lead"]

_LEAD = re.compile(r"\s*(yes|no|not yet|not really|none|never|correct|indeed|true|false)\s*(?:[,.:;!—–-]\s*|$)", re.I)
_ASKS = re.compile(
    r"\s*(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must|isn't|aren't|wasn't|"
    r"weren't|don't|doesn't|didn't|hasn't|haven't|can't|couldn't|won't|wouldn't)\b",
    re.I,
)
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


def problems(lead: Lead, rest: Reading, question: Reading, quotes: Reading) -> list[str]:
    """Whether the quotes bear out the yes or the no; without either, a plain statement counts as a yes."""
    pair = align(question, quotes)
    against = [*operators.polarity(pair), *operators.modality(pair, question)]
    denies = any(op.kind == "NOT" for op in rest.operators)
    if lead == "yes":
        if against:
            return ['The answer "Yes" does not agree with the quotes. ' + _quoted(against[0])]
        if not _covered(pair):
            return ['The quotes do not bear out the answer "Yes".']
    if lead == "no" and not list(operators.polarity(pair)):
        more = [t for t in rest.tokens if t.content and not question.candidates(t)]
        if not any(op.kind == "NOT" for op in quotes.operators) and not (denies or len(more) >= 2):
            return ['The quotes do not bear out the answer "No": they deny nothing.']
        if not more and _covered(pair):
            return ['The quotes do not bear out the answer "No".']
    return []


def _quoted(problem: str) -> str:
    return problem.replace("the statement says", "the question asks").replace("the statement", "the answer")


def _covered(pair: Alignment) -> bool:
    asked = [t for t in pair.statement.tokens if t.content]
    return 2 * len(pair.best) >= len(asked)

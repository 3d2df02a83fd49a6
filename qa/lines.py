"""What is said in words above, in place of, or beside an answer, wherever it is shown, exported or verified."""

from qa.records import Answer
from qa.text import counted

__all__ = [
    "JUDGED",
    "RESTARTED",
    "UNDERSTOOD",
    "WITHDRAWN",
    "headline",
    "missing_notes",
    "understood_note",
    "unread_note",
]

JUDGED = "A second reading of the answer: statement {} is"
RESTARTED = "Ignore the above: that answer broke off or cannot be used. The model is asked again."
WITHDRAWN = "Ignore the above: it is not part of the answer."
UNDERSTOOD = "Understood as: "

_NOT_IN_SOURCES = "The sources do not say."
_UNCERTAIN = "The sources may not say this."
_INSTEAD = "The sources support nothing that the model stated. Quotes instead:"
_FOUND_NOTHING = "The model found no answer in the sources. Quotes that may answer:"
_MISSING = "The sources may not say: {}"
_SILENCE = {
    "unsupported": "No answer: the sources support nothing that the model stated.",
    "uncertain": "No answer: nothing confirms what the model stated.",
}


def headline(answer: Answer) -> str:
    """The line above an abstention, or above quotes that a model's statements gave way to; else empty."""
    if answer.reason == "uncertain" and not answer.rejected:
        unfinished = answer.index.get("unfinished", "")
        return f"{unfinished[:1].upper()}{unfinished[1:]}." if unfinished else _UNCERTAIN
    if answer.status != "answered":
        return _SILENCE.get(answer.reason or "", _NOT_IN_SOURCES)
    if answer.mode == "quotes" and answer.model is not None:
        return _INSTEAD if answer.rejected else _FOUND_NOTHING
    return ""


def understood_note(answer: Answer) -> str:
    """How a follow-up was understood; empty where the question was taken as it is."""
    return UNDERSTOOD + answer.resolved if answer.resolved != answer.question else ""


def missing_notes(answer: Answer) -> list[str]:
    """A line for each part of the question that the answer leaves open."""
    return [_MISSING.format(part) for part in answer.missing]


def unread_note(answer: Answer) -> str:
    """How much could not be read and may hold what the sources do not seem to say; empty if everything was read."""
    numbers = [(answer.unread.get("files", 0), "file"), (answer.unread.get("parts", 0), "part of a file")]
    plurals = {"file": "files", "part of a file": "parts of files"}
    missing = [counted(number, noun, plurals[noun]) for number, noun in numbers if number]
    return f"{' and '.join(missing)} could not be read; run: qa status" if missing else ""

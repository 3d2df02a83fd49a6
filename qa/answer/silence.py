"""What is said to people when there is no answer."""

from qa.records import Answer
from qa.text import counted

__all__ = ["silence", "unread_note"]

NOT_IN_SOURCES = "The sources do not say."
UNSUPPORTED = "No answer: the sources support nothing that the model stated."
UNCONFIRMED = "No answer: nothing confirms what the model stated."
UNCERTAIN = "The sources may not say this."

_SENTENCES = {"unsupported": UNSUPPORTED, "uncertain": UNCONFIRMED}


def silence(answer: Answer) -> str:
    """One sentence: why this abstention is no answer."""
    if answer.reason == "uncertain" and not answer.rejected:
        return UNCERTAIN
    return _SENTENCES.get(answer.reason or "", NOT_IN_SOURCES)


def unread_note(answer: Answer) -> str:
    """What the sources that could not be read may hold instead; empty if everything was read."""
    numbers = [(answer.unread.get("files", 0), "file"), (answer.unread.get("parts", 0), "part of a file")]
    plurals = {"file": "files", "part of a file": "parts of files"}
    missing = [counted(number, noun, plurals[noun]) for number, noun in numbers if number]
    return f"{' and '.join(missing)} could not be read; run: qa status" if missing else ""

"""Statements that code alone can confirm, because they copy a whole sentence that a document states."""

import unicodedata

from qa.gate.stated import Setting, is_stated

__all__ = ["MAX_CHARS", "is_copied"]

MAX_CHARS = 20_000  # what lies beyond is not read: less evidence, never more
_FEWEST = 10  # letters and digits; `Yes.` and `Of course.` mean what stands before them
_TYPOGRAPHY = str.maketrans("“”„‘’‚`´\u2010\u2011", "\"\"\"'''''--")


def is_copied(statement: str, setting: Setting) -> bool:
    """Whether the statement is a whole stored sentence, as readers see it, that its document states (`is_stated`).

    Character for character but for white space, the style of quotation marks and hyphens, and a full stop at the end:
    a part of a sentence, a sign that was left out (`±`, `[ ]`), a capital (`mW`) or a comma in a number may say
    something else.
    """
    says_something = sum(map(str.isalnum, statement)) >= _FEWEST and len(setting.text) <= MAX_CHARS
    return says_something and _as_read(statement) == _as_read(setting.text) and is_stated(setting)


def _as_read(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).translate(_TYPOGRAPHY).split()).removesuffix(".")

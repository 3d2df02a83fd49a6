"""Statements that code alone can confirm, because they copy a whole sentence that a document states."""

import re

from qa.gate.stated import Setting, is_stated
from qa.quotes import match

__all__ = ["MAX_CHARS", "is_copied"]

MAX_PLACES = 20
MAX_CHARS = 20_000  # what lies beyond is not read: less evidence, never more
_GOVERNING = re.compile(
    r"""\b(?:if|unless|except|only|provided|providing|when|where|until|while|whereas|though|although|as\slong|so\slong
    |may|might|can|could|would|should|must|shall|likely|unlikely|perhaps|possibly|probably|seems?|appears?|about|almost
    |nearly|generally|usually|sometimes|often|some|most|many|plans?|planned|intends?|hopes?|wants?|asked|whether|rumou?r
    |sa(?:id|ys?|ying)|told|tells?|claim\w*|believ\w*|argu\w*|alleg\w*|report\w*|according|suggest\w*|think\w*|thought
    |not|no|never|none|neither|nor|without|hardly|barely|den(?:y|ied|ies)|refus\w*|fail\w*|but|however|instead|cannot)\b
    |n['’]t\b|\?""",
    re.I | re.X,
)
_OPENER = re.compile(r"\s*(?:additionally|also|moreover|furthermore|and|so|thus|therefore|then|finally),?\s*$", re.I)


def is_copied(statement: str, quote: str, setting: Setting) -> bool:
    """Whether the statement is the quote, a whole stored sentence, word for word, and the document states that
    sentence by itself (`qa.gate.stated`). setting: of the quote.

    A part of a sentence is none: what is left out may take it back (`..., in Monopoly money`). Only an opening
    `Moreover` may be left out, where nothing in the sentence could govern the rest: `if`, `may`, `she said`.
    """
    if len(quote) > MAX_CHARS:
        return False
    for found in match.find(statement, quote)[:MAX_PLACES]:
        opening, rest = quote[: found.start], quote[found.end :]
        if found.gaps or _has_words(rest):
            continue
        opened = _OPENER.fullmatch(opening) and len(statement.split()) > 3 and not _GOVERNING.search(quote)
        if opened or not _has_words(opening):
            return is_stated(setting)
    return False


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)

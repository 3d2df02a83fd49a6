"""Statements that code alone can confirm, because they copy whole sentences of a quote."""

import re
from bisect import bisect_left, bisect_right

from qa.quotes import match
from qa.quotes.elision import sentence_ends

__all__ = ["MAX_CHARS", "SPEECH", "is_copied"]

MAX_PLACES = 20
MAX_CHARS = 20_000  # what lies beyond is not read: less evidence, never more
# Words in quotation marks, also unclosed ones.
SPEECH = re.compile(r"“[^”]*(?:”|$)|\"[^\"]*(?:\"|$)|«[^»]*(?:»|$)|(?<!\w)[‘'][^‘’']*[’'](?!\w)")
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


def is_copied(statement: str, quote: str) -> bool:
    """Whether the statement is the quote, or whole sentences of it, word for word, and neither asked nor spoken.

    A part of a sentence is none: what follows may take it back (`..., in Monopoly money`). Only an opening `Moreover`
    may be left out, where nothing in the sentence could govern the rest: `if`, `may`, `she said`.
    """
    quote = quote[:MAX_CHARS]
    ends = sorted(sentence_ends(quote))
    for found in match.find(statement, quote)[:MAX_PLACES]:
        if found.gaps:
            continue
        before_it, after_it = bisect_right(ends, found.start), bisect_left(ends, found.end)
        start = ends[before_it - 1] if before_it else 0
        end = ends[after_it] if after_it < len(ends) else len(quote)
        before, after = quote[start : found.start], quote[found.end : end]
        if "?" in quote[found.end - 1 : end] or _in_speech(quote, found.start, found.end):
            continue
        if _has_words(after):
            continue
        if not _has_words(before):
            return True
        if _OPENER.fullmatch(before) and len(statement.split()) > 3 and not _GOVERNING.search(quote[start:end]):
            return True
    return False


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _in_speech(quote: str, start: int, end: int) -> bool:
    """Whether [start, end) is within quotation marks, and there are words outside these."""
    for spoken in SPEECH.finditer(quote):
        if spoken.start() <= start and end <= spoken.end():
            return _has_words(quote[: spoken.start()] + quote[spoken.end() :])
    return False

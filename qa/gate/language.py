"""Whether a text is English, the only language the gate reads."""

from collections.abc import Sequence

from qa.english.function_words import FUNCTION_WORDS
from qa.english.meanings import is_known
from qa.english.tables import word_set
from qa.gate.reading import Reading
from qa.gate.tokens import Token

__all__ = ["is_english"]

# Small English words that are words of other languages, too.
_SHARED = frozenset("a an i in is on at so no do me he her am as per or us by to".split())


def is_english(text: str, reading: Reading, quotes: Reading) -> bool:
    """Whether most letters are Latin, no other language's small words outnumber the English ones, and some words of the
    statement or its quotes are known as English.

    Names and numbers alone (`46 thousand`, `Kyiv`) count as English.
    """
    letters = [c for c in text if c.isalpha()]
    if not letters:
        return True
    latin = sum(c < "\u0250" or ("\u0370" <= c <= "\u03ff" and len(letters) > 20) for c in letters)
    if latin < 0.7 * len(letters):
        return False
    words = [t.lower for t in reading.tokens if not t.mark]
    foreign = sum(word in word_set("foreign_words.txt") for word in words)
    english = sum(word in FUNCTION_WORDS for word in words)
    if _unknown((*reading.tokens, *quotes.tokens)):
        return False
    return not (foreign >= 2 and foreign > english) and not (foreign == 1 and english == 0 and len(words) > 3)


def _unknown(tokens: Sequence[Token]) -> bool:
    """Whether there are three words without a capital, and next to none of all words is known as English."""
    words = [t for t in tokens if t.text.isalpha()]
    known = sum((t.lower in FUNCTION_WORDS and t.lower not in _SHARED) or is_known(t.lower) for t in words)
    return sum(t.text.islower() for t in words) >= 3 and 10 * known < len(words)

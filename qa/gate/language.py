"""Whether a text is English, the only language the gate reads."""

from collections.abc import Sequence

from qa.gate.lexicon import FUNCTION_WORDS
from qa.gate.reading import Reading
from qa.gate.tokens import Token, is_known

__all__ = ["is_english"]

# Common small words of other languages that are no English words.
_FOREIGN = (
    frozenset(
        """der das und ist nicht ein eine mit von zu auf für dem den des sich auch wird haben werden sie ich wir oder
    le les et est une des du que qui dans pour pas sur avec sont au aux ce cette ces il elle nous vous ont été
    el los las y es un una por con para su del se lo como más pero fue ha han
    il gli che di è per non sono della nel alla anche più questo
    o os e um uma não ao dos foi são mais
    het een van niet zijn voor naar ook werd
    och att det som på är av för inte jag
    og af til ikke jeg på
    i w na nie się z do jest że
    ve bir bu için ile""".split()
    )
    - FUNCTION_WORDS
    - {"i", "a", "o", "on", "do", "per", "due", "die", "z", "w", "e", "y", "m", "es", "ha", "ve", "su"}
)


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
    foreign = sum(word in _FOREIGN for word in words)
    english = sum(word in FUNCTION_WORDS for word in words)
    if _unknown((*reading.tokens, *quotes.tokens)):
        return False
    return not (foreign >= 2 and foreign > english) and not (foreign == 1 and english == 0 and len(words) > 3)


def _unknown(tokens: Sequence[Token]) -> bool:
    """Whether there are three words without a capital, and next to none of all words is known as English."""
    words = [t for t in tokens if t.text.isalpha()]
    known = sum((t.lower in FUNCTION_WORDS and t.lower not in _SHARED) or is_known(t.lower) for t in words)
    return sum(t.text.islower() for t in words) >= 3 and 10 * known < len(words)

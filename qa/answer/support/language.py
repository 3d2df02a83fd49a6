"""Whether a text is English, the only language the gate reads."""

from qa.answer.support.lexicon import FUNCTION_WORDS
from qa.answer.support.reading import Reading

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


def is_english(text: str, reading: Reading) -> bool:
    """Whether most letters are Latin and no other language's small words outnumber the English ones.

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
    return not (foreign >= 2 and foreign > english) and not (foreign == 1 and english == 0 and len(words) > 3)

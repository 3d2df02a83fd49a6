"""Is a text English? Rules for English words say nothing about any other language."""

import re

from qa.english.function_words import FUNCTION_WORDS
from qa.english.tables import word_set

__all__ = ["is_english"]


def is_english(text: str) -> bool:
    """Whether nothing shows that a text is in another language: letters, or small words, of one."""
    letters = [c for c in text if c.isalpha()]
    if sum(c < "\u0250" for c in letters) < 0.7 * len(letters):
        return False
    words = [word.lower() for word in re.findall(r"[^\W\d_]+", text)]
    foreign = sum(word in word_set("foreign_words.txt") for word in words)
    return foreign <= sum(word in FUNCTION_WORDS for word in words)

"""The content words of a question, what they weigh, and which of them a sentence has."""

import math
import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Protocol

from qa.english.function_words import QUESTION_STOP_WORDS
from qa.english.numbers import SMALL

__all__ = ["Lexicon", "StemmedWords", "Term", "question_terms", "tokens"]

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|(?:[A-Za-z]\.){2,}|[^\W\d_]+(?:[’'][^\W\d_]+)?")
_NUMBERS = {word: str(value) for word, value in {**SMALL, "twenty": 20}.items()}
_DERIVED = 5
SMALLEST = 2000  # sentences; in a smaller index a word counts as rare as in one of this size


class Lexicon(Protocol):
    """What the sentence index knows about words."""

    @property
    def size(self) -> int:
        """The number of sentences."""

    def stem(self, words: Sequence[str]) -> list[str]:
        """The stem of each lower-case word; same length."""

    def frequency(self, stem: str) -> int:
        """In how many sentences the stem occurs; 0 for none."""


@dataclass(frozen=True, slots=True)
class Term:
    """A content word of the question. weight: its rarity in (0, 1], 1 for a word that the index does not have (then it
    is not known). name: a proper name or a number.
    """

    word: str
    stem: str
    weight: float
    known: bool
    name: bool


@dataclass(frozen=True, slots=True)
class StemmedWords:
    """A sentence's words: stems in order, their character offsets in the sentence, and the words as written."""

    stems: tuple[str, ...]
    starts: tuple[int, ...]
    written: tuple[str, ...]


def tokens(text: str) -> list[tuple[int, str]]:
    """Words and numbers with their offsets, as written; possessive endings are cut off."""
    return [(m.start(), _bare(m.group())) for m in _TOKEN.finditer(text)]


def _bare(word: str) -> str:
    return word[:-2] if word.endswith(("'s", "’s")) else word


def fold(word: str) -> str:
    """The form in which words are compared before stemming: lower case, no dots, small number words as digits."""
    plain = word.lower().replace("’", "'")
    if "." in plain and not plain[0].isdigit():
        plain = plain.replace(".", "")
    if plain[0].isdigit():
        plain = plain.replace(",", "")
    return _NUMBERS.get(plain, plain)


def words_of(text: str, lexicon: Lexicon) -> StemmedWords:
    """The words of a sentence, stemmed."""
    found = tokens(text)
    stems = lexicon.stem([fold(word) for _, word in found])
    return StemmedWords(tuple(stems), tuple(start for start, _ in found), tuple(word for _, word in found))


def question_terms(question: str, lexicon: Lexicon) -> tuple[Term, ...]:
    """The content words of a question, each stem once, in order."""
    found = [word for _, word in tokens(question)]
    cased = any(word[:1].islower() for word in found)
    kept = [
        (place, word)
        for place, word in enumerate(found)
        if (fold(word) not in QUESTION_STOP_WORDS or _initials(word)) and (len(word) > 1 or word.isdigit())
    ]
    terms: dict[str, Term] = {}
    for (place, word), stem in zip(kept, lexicon.stem([fold(word) for _, word in kept]), strict=True):
        frequency = lexicon.frequency(stem)
        name = word[0].isdigit() or (cased and word[0].isupper() and (place > 0 or _initials(word)))
        terms.setdefault(stem, Term(word, stem, weight(frequency, lexicon.size), frequency > 0, name))
    return tuple(terms.values())


def _initials(word: str) -> bool:
    return len(word) > 1 and word.isupper()


def weight(frequency: int, size: int) -> float:
    """Inverse document frequency as BM25 has it, ln(1 + (N - f + .5) / (f + .5)), over that of a word found nowhere."""
    size = max(size, SMALLEST)
    top = math.log(1 + (size + 0.5) / 0.5)
    return math.log(1 + (max(size - frequency, 0) + 0.5) / (frequency + 0.5)) / top


def matches(term: Term, stem: str) -> bool:
    """The same stem, one derived from it ("found", "founder"), or, for a word that the index lacks, a typing error."""
    if term.stem == stem:
        return True
    if term.stem[0].isdigit() or stem[0].isdigit() or stem[0] != term.stem[0]:
        return False
    short, long = sorted((term.stem, stem), key=len)
    if len(short) >= _DERIVED and long.startswith(short) and not term.name:
        return True
    return not term.known and len(short) >= _DERIVED and _one_edit(short, long)


def _one_edit(short: str, long: str) -> bool:
    if len(long) - len(short) > 1:
        return False
    same = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[same:] == long[same + 1 :]
    swapped = short[same + 1 : same + 2] + short[same : same + 1] + short[same + 2 :]
    return short[same + 1 :] == long[same + 1 :] or swapped == long[same:]


def coverage(terms: Sequence[Term], found: Set[str]) -> float:
    """The share of the terms' weight that is among the found stems; 1 for no terms at all."""
    total = sum(term.weight for term in terms)
    return sum(term.weight for term in terms if term.stem in found) / total if total else 1.0

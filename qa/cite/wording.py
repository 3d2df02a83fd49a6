"""The words of a sentence beside its numbers, dates and names: what carries content, and what denies."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from qa.english.function_words import FUNCTION_WORDS
from qa.english.lemmas import lemma
from qa.english.numbers import ORDINALS, SCALES, SMALL, TENS
from qa.english.words import words

__all__ = ["Wording", "read_wording", "window"]

_NUMBERS = frozenset({*SMALL, *TENS, *SCALES, *ORDINALS})
_DENYING = frozenset(
    "not no never neither nor none nobody nothing without cannot hardly barely rarely seldom unable fail refuse deny "
    "prevent prohibit forbid ban exclude lack".split()
)
_LIGHT = frozenset("also too just even very mean".split())
_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)*")
_MARK = re.compile(r"[,;:()—–](?=\s)|(?<=\s)[(—–]|[.!?](?=\s)")
_NEXT_CLAUSE = re.compile(rf"{_MARK.pattern}|\b(?:and|but|or|which|who)\b")
_WORDS_PER_CLAIM = 400  # what follows is not read: less evidence, never more


@dataclass(frozen=True, slots=True)
class Wording:
    """One or more sentences.

    forms: base forms of the words that carry content, in order; numbers and denials are left out. denials: how many
    words deny.
    """

    forms: tuple[str, ...]
    denials: int

    @property
    def content(self) -> frozenset[str]:
        """The words that carry content, each once."""
        return frozenset(self.forms)


@lru_cache(maxsize=4096)
def read_wording(text: str) -> Wording:
    """Raises nothing."""
    found = words(text)[:_WORDS_PER_CLAIM]
    base = [lemma(word) for word in found]
    return Wording(
        forms=tuple(_content(found)),
        denials=sum(_denies(word, form) for word, form in zip(found, base, strict=True)),
    )


def _denies(word: str, form: str) -> bool:
    return word in _DENYING or form in _denying() or word.endswith("n't")


@cache
def _denying() -> frozenset[str]:
    return frozenset(map(lemma, _DENYING))


def _content(found: Iterable[str]) -> Iterable[str]:
    for word in found:
        bare = re.sub(r"'(?:s|re|ve|ll|d|m)$", "", word)
        if form := _form(bare):
            yield form


def _form(word: str) -> str:
    """What stands for a word of content; "" for any other word."""
    form = lemma(word)
    passed_over = (
        word in FUNCTION_WORDS or word in _NUMBERS or _denies(word, form) or not _LIGHT.isdisjoint((word, form))
    )
    return "" if passed_over or any(c.isdigit() for c in word) else form


def window(claimed: Wording, text: str) -> str:
    """The shortest part of a text with all content words that it shares with a claim, from the mark of punctuation
    before it to the end of the clause. Empty where it shares none.
    """
    places = [(found.start(), found.end(), form) for found in _WORD.finditer(text) if (form := _form(_plain(found[0])))]
    wanted = {form for *_, form in places} & claimed.content
    if not wanted:
        return ""
    best = (0, len(text))
    last: dict[str, int] = {}
    for start, end, form in places:
        if form in wanted:
            last[form] = start
            if len(last) == len(wanted) and end - min(last.values()) < best[1] - best[0]:
                best = min(last.values()), end
    before = max((found.end() for found in _MARK.finditer(text, 0, best[0])), default=0)
    after = _NEXT_CLAUSE.search(text, best[1])
    return text[before : after.start() if after else len(text)]


def _plain(word: str) -> str:
    return re.sub(r"'(?:s|re|ve|ll|d|m)$", "", word.lower().replace("’", "'"))

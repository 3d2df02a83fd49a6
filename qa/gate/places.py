"""Nearly copied sentences: what stands in the place of another name, number or date is wrong, even if a quote has it
elsewhere.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from qa.english.calendar import CALENDAR, TIME_UNITS
from qa.english.function_words import FUNCTION_WORDS
from qa.english.numbers import ORDINALS, SCALES, SMALL, TENS
from qa.gate.names import find_names, unknown_names
from qa.gate.numbers import find_numbers, in_digits, plain, same

__all__ = ["exchanged"]

_TOKEN = re.compile(r"[$€£¥]?\d+(?:[.,]\d+)*(?:%|s\b)?|[^\W\d_]+(?:['’][^\W\d_]+)?|\w+")
_RELATIVE = frozenset("this last next previous coming tonight today yesterday tomorrow".split())
_TIMES = frozenset({*CALENDAR, *TIME_UNITS, *(f"{unit}s" for unit in TIME_UNITS), *_RELATIVE})
_NUMBERS = frozenset({*SMALL, *TENS, *SCALES, *ORDINALS, "first", "second"})
COPIED = 0.75  # of the statement's words, in the order of the quote
LEAST = 5  # words that are copied
LONGEST = 4  # words in the place of others


def exchanged(statement: str, quotes: Sequence[str]) -> Iterator[str]:
    """Names, numbers and dates that stand in the place of others, where the rest is copied word for word."""
    mine = _tokens(statement)
    if not LEAST < len(mine) <= 150:
        return
    for quote in quotes:
        theirs = _tokens(quote)
        if len(set(_lower(mine)) & set(_lower(theirs))) < COPIED * len(set(_lower(mine))):
            continue
        matcher = SequenceMatcher(None, _lower(theirs), _lower(mine), autojunk=False)
        codes = matcher.get_opcodes()
        if sum(j2 - j1 for tag, _, _, j1, j2 in codes if tag == "equal") < max(LEAST, COPIED * len(mine)):
            continue
        for tag, i1, i2, j1, j2 in codes:
            if tag == "replace" and max(i2 - i1, j2 - j1) <= LONGEST and _differ(theirs[i1:i2], mine[j1:j2]):
                there, here = " ".join(theirs[i1:i2]), " ".join(mine[j1:j2])
                yield f'The quotes say "{there}" where the statement says "{here}".'


@lru_cache(maxsize=256)
def _tokens(text: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(in_digits(text).replace("’", "'")))


def _lower(tokens: Sequence[str]) -> list[str]:
    return [token.lower().removesuffix("'s") for token in tokens]


def _differ(theirs: Sequence[str], mine: Sequence[str]) -> bool:
    """Whether both are names, numbers or times, and not the same one in another form."""
    there, here = " ".join(theirs), " ".join(mine)
    for kinds in (_NUMBERS, _TIMES):
        if all(any(word in kinds or word[:1].isdigit() for word in _lower(side)) for side in (theirs, mine)):
            numbers = find_numbers(plain(here)), find_numbers(plain(there))
            alike = any(same(a, b) for a in numbers[0] for b in numbers[1])
            return not alike and {word[:3] for word in _lower(mine)}.isdisjoint(word[:3] for word in _lower(theirs))
    names = list(find_names(f"x {here}"))
    if (
        not FUNCTION_WORDS.isdisjoint(_lower(theirs))  # `It` at the start of a sentence is no name
        or min(len(word) for word in (*theirs, *mine)) < 2
        or len(theirs) != len(mine)
        or len(names) < len(mine)
        or not all(word[:1].isupper() for word in theirs)
    ):
        return False
    return len(unknown_names(f"x {here}", there)) == len(names)

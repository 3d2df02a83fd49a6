"""Base forms of words: irregular forms and British spelling."""

import re
from functools import lru_cache

from qa.english.tables import table_lines
from qa.english.words import stems

__all__ = ["lemma"]


def _stem(word: str) -> str:
    return stems([word])[0]


@lru_cache(maxsize=1)
def _irregular() -> dict[str, str]:
    table: dict[str, str] = {}
    for line in table_lines("irregular.txt"):
        base, *forms = line.split()
        for form in forms:
            table.setdefault(form, base)
    return table


_BRITISH = (
    (
        re.compile(r"^((?:neighb|lab|fav|col|hon|harb|behavi|hum|rum|endeav|vap|arm|sav|tum|flav|od|vig|parl))our"),
        r"\1or",
    ),
    (re.compile(r"(?<=[a-z]{3})is(?=e$|ed$|es$|ing$|ation|er)"), "iz"),
    (re.compile(r"(?<=[a-z]{3})ys(?=e$|ed$|es$|ing$)"), "yz"),
    (re.compile(r"(?<=[a-z]{2}[ae])ll(?=ed$|ing$|er$)"), "l"),
    (re.compile(r"^(cent|theat|met|lit|fib|calib|kilomet|centimet)re(?=s?$)"), r"\1er"),
)


def _american(word: str) -> str:
    """One spelling for both sides of the ocean; real words or not does not matter, as long as both come out alike."""
    for pattern, plain in _BRITISH:
        word = pattern.sub(plain, word)
    return word


# Words that have the stem or root of another without its meaning: `author`, `policy`, `state`, `port`, `depart`.
_APART = {
    form: word + "_"
    for word, forms in (
        ("authority", "authority authorities"),
        ("police", "police"),
        ("station", "station stations"),
        ("morale", "morale"),
        ("portion", "portion portions"),
        ("customer", "customer customers"),
        ("department", "department departments"),
        ("apartment", "apartment apartments"),
    )
    for form in forms.split()
}


@lru_cache(maxsize=50_000)
def lemma(word: str) -> str:
    """The base form of a lower-case word, as its stem: `bought` -> `buy`."""
    if word in _APART:
        return _APART[word]
    return _stem(_american(_irregular().get(word, word)))

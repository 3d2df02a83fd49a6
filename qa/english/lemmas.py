"""Base forms of words: irregular forms, British spelling, endings and prefixes."""

import re
from functools import lru_cache

from qa.english.tables import table_lines, word_set
from qa.english.words import stems

__all__ = ["is_participle", "lemma", "root", "without_prefix"]

_SUFFIXES = (
    "anc enc ational ization isation ibility ability ations ation ition ments ment nesses ness ities ity ically ical "
    "ances ance ences ence ative ive ions ion ally ous ful ers ors eri er or ing ed ies es al ic ly y i e s"
).split()


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


@lru_cache(maxsize=1)
def _participles() -> frozenset[str]:
    return frozenset(form for line in table_lines("irregular.txt") for form in line.split()[1:])


def is_participle(word: str) -> bool:
    """Whether a lower-case word may be a past participle: `allowed`, `bought`."""
    return word.endswith("ed") or "_" in word or word in _participles()


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


def root(stem: str) -> str:
    """The stem without derivational endings: `classif(ic)ation` and `classify` meet."""
    for suffix in _SUFFIXES:
        if stem.endswith(suffix) and len(stem) - len(suffix) >= 4:
            return stem[: -len(suffix)]
    return stem


def without_prefix(word: str) -> str:
    """The word without its prefix of negation (`un-`, `in-`, `dis-`, `non-`); "" if it has none."""
    for prefix in ("non", "dis", "un", "in", "im", "il", "ir"):
        if word.startswith(prefix) and len(word) - len(prefix) >= 4 and word not in word_set("not_negated.txt"):
            return word[len(prefix) :]
    return ""

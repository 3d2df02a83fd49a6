"""Words of the same and of the contrary meaning: synonyms, opposites, phrases that act as one word."""

from functools import lru_cache

from qa.english.lemmas import lemma, root, without_prefix
from qa.english.tables import table_lines, word_set

__all__ = ["is_generic_noun", "is_known", "is_light", "keys_of", "name_keys", "opposite_keys", "phrases"]

_COMMON = "w"  # groups that do not hold for names


@lru_cache(maxsize=1)
def _groups() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for name, lines in (
        ("g", table_lines("synonyms.txt")),
        ("d", table_lines("places.txt")),
        ("i", table_lines("irregular.txt")),
        (_COMMON, table_lines("wordnet.txt")),
    ):
        for number, line in enumerate(lines):
            for word in line.split():
                table.setdefault(lemma(word), set()).add(f"{name}{number}")
                table.setdefault(word, set()).add(f"{name}{number}")
    return {word: frozenset(found) for word, found in table.items()}


def is_light(word: str) -> bool:
    """Whether a lower-case word, in any form, adds nothing to check: the frame of an answer."""
    return lemma(word) in _light()


@lru_cache(maxsize=1)
def _light() -> frozenset[str]:
    return frozenset(map(lemma, word_set("light_words.txt")))


def is_known(word: str) -> bool:
    """Whether a lower-case word of four letters or more stands in a table of English words."""
    return len(word) > 3 and (word in _groups() or lemma(word) in _groups())


@lru_cache(maxsize=1)
def phrases() -> dict[str, tuple[tuple[str, ...], ...]]:
    """The stem of a first word -> the phrases that start with it, as tuples of base forms, in alphabetical order."""
    lines = [tuple(line.split()) for line in table_lines("phrases.txt")]
    lines += [tuple(word.split("_")) for word in word_set("wordnet.txt") if "_" in word]
    table: dict[str, set[tuple[str, ...]]] = {}
    for line in lines:
        table.setdefault(lemma(line[0]), set()).add(line)
    return {word: tuple(sorted(found)) for word, found in table.items()}


@lru_cache(maxsize=50_000)
def keys_of(word: str) -> frozenset[str]:
    """Two words match if they share a key: the word, its stem, its root, or a group of synonyms."""
    stem = lemma(word)
    found = {word, stem, "~" + root(stem)}
    bare = without_prefix(word)
    if bare:
        found.add("!" + lemma(bare))
    groups = _groups()
    if "_" in word:
        found.add(lemma(word.split("_")[0]))  # `shut_down` is `shut` as well
    return frozenset(found | groups.get(word, frozenset()) | groups.get(stem, frozenset()))


def name_keys(keys: frozenset[str]) -> frozenset[str]:
    """The keys that also hold for a name: `Cardin` is not `cardinal`."""
    return frozenset(key for key in keys if not (key[0] == _COMMON and key[1:].isdigit()))


@lru_cache(maxsize=1)
def _opposites() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for line in table_lines("opposites.txt"):
        sides = [[lemma(word) for word in side.split()] for side in line.split("|")]
        for mine, others in (sides, sides[::-1]):
            for word in mine:
                table.setdefault(word, set()).update(others)
    return {word: frozenset(found) for word, found in table.items()}


@lru_cache(maxsize=50_000)
def opposite_keys(word: str) -> frozenset[str]:
    """Keys of the words that mean the contrary: from the table, or by a prefix (`un-`, `in-`, `dis-`, `non-`)."""
    found = set(_opposites().get(lemma(word), ())) | {"!" + lemma(word)}
    bare = without_prefix(word)
    if bare:
        found |= {lemma(bare)}
    return frozenset(found)


def is_generic_noun(word: str) -> bool:
    """Whether a lower-case noun, in any form, may refer to anything: `company`, `device`."""
    return lemma(word) in _generic_nouns()


@lru_cache(maxsize=1)
def _generic_nouns() -> frozenset[str]:
    return frozenset(map(lemma, word_set("generic_nouns.txt")))

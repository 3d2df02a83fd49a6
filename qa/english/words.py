"""Words of a text, their stems, and the stop words. The only module that imports the stemmer."""

import re
import threading
import unicodedata
from collections.abc import Sequence

__all__ = ["STOP_WORDS", "analyze", "identifiers", "stems", "words"]

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(
    rf"[{_CJK}]|[^\W_{_CJK}]+(?:['’][^\W\d_]+)*"
)  # a word with its apostrophes; a CJK character on its own
# What is looked up whole: "E-4013", "2.2", "QP-117", "07-1315", "v1.2.3". At least one digit, and parts on both sides.
_IDENTIFIER = re.compile(r"(?<![\w./-])(?=[\w./-]*[0-9])[^\W_]{1,20}(?:[-./_][^\W_]{1,20}){1,5}(?![\w/-])")
STOP_WORDS = frozenset(
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this "
    "to was will with".split()
)  # Lucene's and bm25s'
_local = threading.local()  # a stemmer is not safe to share between threads


def words(text: str) -> list[str]:
    """Lower-case words in order, possessive 's removed; compatibility forms folded (NFKC)."""
    folded = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    return [word.removesuffix("'s") for word in _WORD.findall(folded)]


def identifiers(text: str) -> list[str]:
    """The names of things that are written with digits and marks between them, lower case, in order."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return [found.group() for found in _IDENTIFIER.finditer(folded)]


def stems(lower_case: Sequence[str]) -> list[str]:
    """The English (Snowball) stem of each word, same length and order; stop words are stemmed like any other."""
    stemmer = getattr(_local, "stemmer", None)
    if stemmer is None:
        import Stemmer

        stemmer = _local.stemmer = Stemmer.Stemmer("english")
    return list(stemmer.stemWords(list(lower_case)))


def analyze(text: str) -> list[str]:
    """The terms that BM25 counts: stems of the words that are not stop words, then identifiers, whole."""
    return [*stems([word for word in words(text) if word not in STOP_WORDS]), *identifiers(text)]

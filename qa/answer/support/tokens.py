"""Text -> tokens with the keys by which words of a statement and of its quotes are compared."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from qa.answer.support.lexicon import FUNCTION_WORDS, TIME_UNITS
from qa.answer.support.synonyms import DEMONYMS, GROUPS, IRREGULAR, PHRASES
from qa.retrieve.lexical import stems

__all__ = ["MAX_CHARS", "Token", "content", "is_participle", "keys_of", "lemma", "tokenize"]

MAX_CHARS = 20_000  # what lies beyond is not read: less evidence, never more
_FOLD = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‐": "-", "‑": "-", "−": "-"}
)
_TOKEN = re.compile(
    r"""
    (?P<number>[$€£¥]?\d+(?:,\d+)*(?:\.\d+)?(?:st|nd|rd|th)?(?!\w)%?)
  | (?P<code>[^\W\d_]{1,6}-?\d[\w]*(?:-\d\w*)*|[$€£¥]?\d[\d.,]*[^\W\d_]\w*(?:\.\d+)?)
  | (?P<initials>(?:[^\W\d_]\.){2,})
  | (?P<word>[^\W_]+(?:'[^\W\d_]+)*)
  | (?P<mark>[.!?;:,()\[\]"—–…/%$&+*=<>-])
    """,
    re.X,
)
# Wordings of several words that say the same as one.
_REWRITTEN = [
    (re.compile(pattern, re.I), plain)
    for pattern, plain in (
        (r"\bworld war (?:ii|two|2)\b|\bsecond world war\b|\bww ?(?:ii|2)\b", "WorldWarTwo"),
        (r"\bworld war (?:i|one|1)\b|\bfirst world war\b|\bww ?(?:i|1)\b", "WorldWarOne"),
        (r"\bat once\b|\bright away\b|\bstraight away\b", "immediately"),
        (r"\bin order to\b|\bso as to\b", "to"),
        (r"\b(?:on account of|owing to|due to|as a result of|thanks to)\b", "because of"),
        (r"\b(?:a number of|a lot of|lots of|plenty of|a great many)\b", "many"),
        (r"\bprior to\b", "before"),
        (r"\bsubsequent to\b", "after"),
        (r"\bin the (?:midst|course) of\b", "during"),
        (r"\bin spite of\b", "despite"),
        (r"\bthe (year|month|week|day) before(?=\s*(?:[.,;]|$))", r"last \1"),
        (r"\bthe previous (year|month|week|day)\b", r"last \1"),
        (r"\b(?:each|every|per) (year|month|week|day|hour)\b", r"a \1"),
        (r"\bright now\b|\bat present\b|\bat the moment\b|\bthese days\b", "now"),
        (r"\bfor instance\b", "for example"),
        (r"\bthe majority of\b", "most of"),
        (r"\bwith (?:regard|respect) to\b", "about"),
        (r"\balong with\b", "with"),
        (r"\bused to\b", "formerly"),
        (r"\bnot yet\b", "not"),
    )
]
_CONTRACTIONS = {"won't": "will not", "can't": "can not", "cannot": "can not", "shan't": "shall not", "ain't": "is not"}
_TAILS = {"'re": "are", "'ve": "have", "'ll": "will", "'m": "am", "'d": "", "'s": ""}
_ABBREVIATIONS = frozenset(
    "st dr mr mrs ms prof approx dec jan feb mar apr aug sept sep oct nov inc corp ltd co".split()
)
_SUFFIXES = (
    "anc enc ational ization isation ibility ability ations ation ition ments ment nesses ness ities ity ically ical ances "
    "ance ences ence ative ive ions ion ally ous ful ers ors er or ing ed ies es al ic ly y e s"
).split()


@dataclass(frozen=True, slots=True)
class Token:
    """text: as written; lower: folded; keys: what it matches by; mark: punctuation; name: has a telling capital."""

    text: str
    lower: str
    keys: frozenset[str]
    content: bool
    name: bool
    mark: bool
    place: int  # its number in the text


def _stem(word: str) -> str:
    return stems([word])[0]


@lru_cache(maxsize=1)
def _irregular() -> dict[str, str]:
    table: dict[str, str] = {}
    for line in IRREGULAR.strip().splitlines():
        base, *forms = line.split()
        for form in forms:
            table.setdefault(form, base)
    return table


@lru_cache(maxsize=1)
def _participles() -> frozenset[str]:
    return frozenset(form for line in IRREGULAR.strip().splitlines() for form in line.split()[1:])


def is_participle(word: str) -> bool:
    """Whether a lower-case word may be a past participle: `allowed`, `bought`."""
    return word.endswith("ed") or word in _participles()


@lru_cache(maxsize=50_000)
def lemma(word: str) -> str:
    """The base form of a lower-case word, as its stem: `bought` -> `buy`."""
    base = _irregular().get(word)
    return _stem(base if base is not None else word)


@lru_cache(maxsize=1)
def _groups() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for name, text in (("g", GROUPS), ("d", DEMONYMS), ("i", IRREGULAR)):
        for number, line in enumerate(text.strip().splitlines()):
            for word in line.split():
                table.setdefault(lemma(word), set()).add(f"{name}{number}")
                table.setdefault(word, set()).add(f"{name}{number}")
    return {word: frozenset(found) for word, found in table.items()}


@lru_cache(maxsize=1)
def _phrases() -> dict[str, set[tuple[str, ...]]]:
    """First word -> the phrases that start with it, as tuples of base forms."""
    lines = [tuple(line.split()) for line in PHRASES.strip().splitlines()]
    lines += [tuple(word.split("_")) for word in DEMONYMS.split() if "_" in word]
    table: dict[str, set[tuple[str, ...]]] = {}
    for line in lines:
        table.setdefault(lemma(line[0]), set()).add(line)
    return table


def _root(stem: str) -> str:
    """The stem without derivational endings: `classif(ic)ation` and `classify` meet."""
    for suffix in _SUFFIXES:
        if stem.endswith(suffix) and len(stem) - len(suffix) >= 4:
            return stem[: -len(suffix)]
    return stem


@lru_cache(maxsize=50_000)
def keys_of(word: str) -> frozenset[str]:
    """Two words match if they share a key: the word, its stem, its root, or a group of synonyms."""
    stem = lemma(word)
    root = _root(stem)
    found = {word, stem, "~" + root}
    groups = _groups()
    return frozenset(found | groups.get(word, frozenset()) | groups.get(stem, frozenset()))


def _words(text: str) -> list[tuple[str, bool]]:
    """The words and marks in order, contractions spelled out; True for marks."""
    found: list[tuple[str, bool]] = []
    for match in _TOKEN.finditer(text):
        piece = match[0]
        if match["mark"]:
            if piece == "." and found and found[-1][0].lower() in _ABBREVIATIONS:
                continue
            found.append((piece, True))
        elif match["word"] and "'" in piece:
            found += [(part, False) for part in _spelled_out(piece)]
        else:
            found.append((piece, False))
    return found


def _spelled_out(piece: str) -> list[str]:
    lower = piece.lower()
    if lower in _CONTRACTIONS:
        parts = _CONTRACTIONS[lower].split()
        return [parts[0].capitalize() if piece[0].isupper() else parts[0], *parts[1:]]
    if lower.endswith("n't"):
        return [piece[:-3], "not"]
    for tail, full in _TAILS.items():
        if lower.endswith(tail):
            return [piece[: -len(tail)], *([full] if full else [])]
    return [piece]


def tokenize(text: str) -> list[Token]:
    """Tokens in order; at most MAX_CHARS characters are read."""
    folded = unicodedata.normalize("NFKC", text[:MAX_CHARS]).translate(_FOLD)
    for pattern, plain in _REWRITTEN:
        folded = pattern.sub(plain, folded)
    words = _joined(_words(folded))
    tokens: list[Token] = []
    opening = True
    for n, (word, mark) in enumerate(words):
        lower = word.lower()
        if mark:
            tokens.append(Token(word, word, frozenset((word,)), False, False, True, len(tokens)))
            opening = opening or word in '.!?:"—'
            continue
        timely = bool(tokens) and lower in TIME_UNITS and tokens[-1].lower == "this"
        if timely:
            tokens[-1] = Token("this", "this", frozenset(("this",)), True, False, False, len(tokens) - 1)
        capital = word[:1].isupper() and len(word) > 1
        shouted = sum(c.isupper() for c in word) > 1 or any(c.isdigit() for c in word)
        is_content = (
            lower not in FUNCTION_WORDS or (shouted and lower in ("us", "it")) or _is_month_may(words, n, opening)
        )
        name = capital and is_content and (not opening or shouted)
        tokens.append(Token(word, lower, keys_of(_key_form(word, lower)), is_content, name, False, len(tokens)))
        opening = False
    return tokens


def _is_month_may(words: list[tuple[str, bool]], n: int, opening: bool) -> bool:
    beside = "".join(w for w, _ in words[max(0, n - 1) : n] + words[n + 1 : n + 2])
    return words[n][0] == "May" and (not opening or any(c.isdigit() for c in beside))


def _key_form(word: str, lower: str) -> str:
    if lower == "us" and word != "US":
        return "us-pronoun"
    if lower.endswith("s") and len(lower) > 3 and any(c.isupper() for c in word[1:-1]):
        return lower[:-1]  # plurals of acronyms and codes: JASSMs, F-16s
    return lower


def _joined(words: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Phrases of PHRASES become one token: `carried out` -> `carry_out`."""
    phrases = _phrases()
    joined: list[tuple[str, bool]] = []
    at = 0
    while at < len(words):
        word, mark = words[at]
        found: tuple[str, ...] = ()
        for phrase in () if mark else phrases.get(lemma(word.lower()), ()):
            ahead = [lemma(w.lower()) for w, _ in words[at : at + len(phrase)]]
            if len(phrase) > len(found) and ahead == [lemma(w) for w in phrase]:
                found = phrase
        if found:
            spelled = "_".join(found)
            joined.append((spelled.capitalize() if word[:1].isupper() else spelled, False))
        else:
            joined.append((word, mark))
        at += len(found) or 1
    return joined


def content(tokens: list[Token]) -> list[Token]:
    """The tokens that carry content."""
    return [token for token in tokens if token.content]

"""Text -> tokens with the keys by which words of a statement and of its quotes are compared."""

import re
import unicodedata
from dataclasses import dataclass

from qa.english.calendar import MONTH_NAMES, TIME_UNITS
from qa.english.function_words import FUNCTION_WORDS
from qa.english.lemmas import lemma
from qa.english.meanings import keys_of, name_keys, phrases
from qa.english.wordings import ABBREVIATIONS, CONTRACTIONS, REWRITTEN, SPELLINGS, TAILS

__all__ = ["MAX_CHARS", "Token", "tokenize"]

MAX_CHARS = 20_000  # what lies beyond is not read: less evidence, never more
_FOLD = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‐": "-", "‑": "-", "−": "-"}
)
_TOKEN = re.compile(
    r"""
    (?P<glued>[$€£¥]?\d+(?:[.,]\d+)*(?:bn|tn|mn|m|k|b)\b)
  | (?P<number>[$€£¥]?\d+(?:,\d+)*(?:\.\d+)?(?:st|nd|rd|th)?(?!\w)%?)
  | (?P<code>(?:[A-Z]{1,6}-|[^\W\d_]{1,6})\d[\w]*(?:-\d\w*)*|[$€£¥]?\d[\d.,]*[^\W\d_]\w*(?:\.\d+)?)
  | (?P<initials>(?:[^\W\d_]\.){2,})
  | (?P<word>[^\W_]+(?:'[^\W\d_]+)*)
  | (?P<mark>[.!?;:,()\[\]"—–…/%$&+*=<>-])
    """,
    re.X,
)
_ANY_REWRITTEN = re.compile(
    r"\b(?:" + "|".join(f"(?P<r{n}>{pattern})" for n, pattern in enumerate(REWRITTEN)) + r")(?!\w)", re.I
)
_PLAIN = tuple(REWRITTEN.values())
_ISO_DATE = re.compile(r"\b(\d{4})-(0[1-9]|1[0-2])-([0-3]\d)\b")


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


def _words(text: str) -> list[tuple[str, bool]]:
    """The words and marks in order, contractions spelled out; True for marks."""
    found: list[tuple[str, bool]] = []
    for match in _TOKEN.finditer(text):
        piece = match[0]
        if match["mark"]:
            if piece == "." and found and found[-1][0].lower() in ABBREVIATIONS:
                continue
            found.append((piece, True))
        elif match["word"] and ("'" in piece or piece.lower() in CONTRACTIONS):
            found += [(part, False) for part in _spelled_out(piece) if part]
        else:
            found.append((piece, False))
    return found


def _spelled_out(piece: str) -> list[str]:
    lower = piece.lower()
    if lower in CONTRACTIONS:
        parts = CONTRACTIONS[lower].split()
        return [parts[0].capitalize() if piece[0].isupper() else parts[0], *parts[1:]]
    if lower.endswith("n't"):
        return [piece[:-3], "not"]
    for tail, full in TAILS.items():
        if lower.endswith(tail):
            return [piece[: -len(tail)], *([full] if full else [])]
    return [piece]


def tokenize(text: str) -> list[Token]:
    """Tokens in order; at most MAX_CHARS characters are read."""
    folded = unicodedata.normalize("NFKC", text[:MAX_CHARS]).translate(_FOLD)
    folded = _ISO_DATE.sub(lambda found: f"{found[3]} {MONTH_NAMES[int(found[2]) - 1]} {found[1]}", folded)
    for pattern, plain in SPELLINGS:
        folded = pattern.sub(plain, folded)
    folded = _ANY_REWRITTEN.sub(lambda found: _PLAIN[int(str(found.lastgroup)[1:])], folded)
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
        keys = keys_of(_key_form(word, lower))
        if name:
            keys = name_keys(keys)
        tokens.append(Token(word, lower, keys, is_content, name, False, len(tokens)))
        opening = False
    return tokens


_SUBJECTS = frozenset("i we you he she it they one the a an this that these those his her its their my our".split())


def _is_month_may(words: list[tuple[str, bool]], n: int, opening: bool) -> bool:
    """`May` with a capital; at the opening of a sentence it asks or wishes only before a subject: `May I ...`."""
    after = words[n + 1][0].lower() if n + 1 < len(words) else ""
    return words[n][0] == "May" and (not opening or after not in _SUBJECTS)


def _key_form(word: str, lower: str) -> str:
    if lower == "us" and word != "US":
        return "us-pronoun"
    if lower.endswith("s") and len(lower) > 3 and any(c.isupper() for c in word[1:-1]):
        return lower[:-1]  # plurals of acronyms and codes: JASSMs, F-16s
    return lower


def _joined(words: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Words of a phrase become one token: `carried out` -> `carry_out`."""
    known = phrases()
    joined: list[tuple[str, bool]] = []
    at = 0
    while at < len(words):
        word, mark = words[at]
        found: tuple[str, ...] = ()
        for phrase in () if mark else known.get(lemma(word.lower()), ()):
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

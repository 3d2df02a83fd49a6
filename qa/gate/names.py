"""Names: each one in a statement must stand in its quotes, beside them, in what is known of the document, or in the
question.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import islice

from qa.english.calendar import MONTHS
from qa.english.function_words import FUNCTION_WORDS, LOWERED_IN_TITLES
from qa.english.numbers import ORDINALS, ROMAN, SCALES, SMALL, TENS
from qa.english.tables import table_lines, word_set
from qa.english.units import UNITS
from qa.english.words import stems

__all__ = ["MAX_NAMES", "find_names", "unknown_names"]

MAX_NAMES = 60  # of a statement; each is compared with all quotes
_WORD = re.compile(r"[^\W_]+(?:['’.&][^\W_]+)*\.?")
_OPENS = re.compile(
    r"(?:^|[.!?:;\n]|[.!?][\"”’)]|[\"“(•–—]|\b[ivx]+\)|(?<!\w)[-*])\s*$|^\s*\d+[.)]\s*$|\n\s*\d+[.)]\s*$"
)
_PARTS = re.compile(r"[^\W\d_]+|\d+")
_INITIAL = re.compile(r"\b(\w)\.(?= ?(\w+))")
_FOLLOWING = re.compile(r" (\w+)")
_MOST_PLACES = 4  # occurrences of a name in a statement that are compared with acronyms
_PEOPLES = re.compile(r"(?:ese|ians?|eans?|ans?|ish|ic|is?|ers?|ites?)$")
_COMMON_ENDINGS = ("ing", "tion", "ment", "ness", "ship", "ity", "ly", "ed", "ance", "ence", "ism", "able", "ful")
_DAYS = {day[:3]: day for day in "monday tuesday wednesday thursday friday saturday sunday".split()}
_SMALL = frozenset("a an and at by de for from in of on the to".split())
_FORMS = frozenset("mr mrs ms dr prof sir lord lady st saint no yes not ok okay i first second half twice".split())
_TAILS = frozenset(["", "st", "nd", "rd", "th", "am", "pm", "k", "m", "b", "x", *SCALES])  # of a number
_FORMS |= {*SMALL, *TENS, *ORDINALS, *SCALES, *ROMAN}


def find_names(text: str) -> Iterator[str]:
    """The words that are names or codes: with a capital that no sentence explains, or of letters and digits."""
    found = list(_WORD.finditer(text))
    for n, match in enumerate(found):
        word = match[0].rstrip(".") if not re.fullmatch(r"(?:\w\.)+", match[0]) else match[0]
        word = re.sub(r"['’](?:s|ll|d|ve|re|m)?$", "", word)
        lower = word.lower()
        if not word or lower in _FORMS or lower.rstrip(".") in MONTHS or word.isdecimal():
            continue
        if any(c.isdigit() for c in word):
            tail = re.fullmatch(r"[\d.,]+([^\W\d]*)", lower)
            if re.fullmatch(r"\d+s", lower):  # a decade, or people of an age
                continue
            if not tail or word.count(".") > 1 or (tail[1] not in _TAILS and tail[1] not in UNITS):
                yield word
        elif word[:1].isupper() and (lower not in FUNCTION_WORDS or _is_shouted(word)):
            opens = bool(_OPENS.search(text[: match.start()][-12:])) or match.start() == 0
            beside = n + 1 < len(found) and _is_name_beside(text, match, found[n + 1])
            if (
                not opens
                or (not _is_common(lower) and len(word) > 1)
                or (_is_shouted(word) and len(word) > 1)
                or (beside and lower not in LOWERED_IN_TITLES and not _is_common(lower))
            ):
                yield word


def _is_shouted(word: str) -> bool:
    return sum(c.isupper() for c in word) > 1


def _is_name_beside(text: str, first: re.Match[str], second: re.Match[str]) -> bool:
    return second[0][:1].isupper() and text[first.end() : second.start()] in (" ", "-", " & ")


@lru_cache(maxsize=4096)
def _is_common(lower: str) -> bool:
    if lower in LOWERED_IN_TITLES or lower in FUNCTION_WORDS or lower.endswith(_COMMON_ENDINGS):
        return True
    return lower in word_set("common_words.txt") or stems([lower])[0] in _common_stems()


@cache
def _common_stems() -> frozenset[str]:
    return frozenset(stems(sorted(word_set("common_words.txt"))))


@cache
def _places() -> dict[str, frozenset[str]]:
    """A place's name -> what its people and things are called."""
    table: dict[str, set[str]] = {}
    for line in table_lines("places.txt"):
        group = {word.replace("_", " ") for word in line.split()}
        for word in group:
            table.setdefault(word.replace(".", ""), set()).update(group)
    return {word: frozenset(group) for word, group in table.items()}


@lru_cache(maxsize=512)
def _known(text: str) -> tuple[frozenset[str], frozenset[str], str]:
    """The words and parts of words of a text, the acronyms of its runs of capitals, and the text, folded."""
    folded = unicodedata.normalize("NFKC", text).replace("’", "'")
    words = re.findall(r"[^\W_]+(?:['.&-][^\W_]+)*", folded)
    lowered = {word.lower().removesuffix("'s") for word in words}
    lowered |= {part for word in lowered for part in _PARTS.findall(word)} | {w.replace(".", "") for w in lowered}
    camel = {part.lower() for word in words for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", word)}
    initials = frozenset(_initials(words))
    return frozenset(lowered | camel), initials, re.sub(r"[^\w]+", " ", folded.lower())


def _initials(words: Sequence[str]) -> Iterator[str]:
    for n in range(len(words)):
        letters, capital = "", True
        for other in words[n : n + 9]:
            if other.lower() in _SMALL:
                continue
            capital &= other[:1].isupper() or other[:1].isdigit()
            letters += "".join(part[0] for part in re.split(r"[-/]", other) if part).lower()
            if len(letters) > (1 if capital else 2):
                yield letters


def unknown_names(statement: str, *known: str) -> list[str]:
    """The names in the statement that none of the texts has; only the first `MAX_NAMES` are looked up."""
    names = list(islice(dict.fromkeys(find_names(statement)), MAX_NAMES))
    return [name for name in names if not any(_has(_known(text), text, name, statement) for text in known if text)]


def _has(known: tuple[frozenset[str], frozenset[str], str], text: str, name: str, statement: str) -> bool:
    words, initials, flat = known
    lower = unicodedata.normalize("NFKC", name).lower().replace("’", "'").replace(".", "")
    forms = {lower, lower.removesuffix("s"), lower.removesuffix("es"), lower + "s"}
    if (
        (forms if lower.isalpha() else {lower, f"{lower}s"}) & words
        or lower in initials
        or lower.removesuffix("s") in initials
    ):
        return True
    parts = _PARTS.findall(lower)
    worded = set(parts) <= words and lower.isalpha()
    if len(parts) > 1 and (worded or re.sub(r"\W", "", lower) in flat.replace(" ", "")):
        return True
    if any(group in words or f" {group} " in f" {flat} " for group in _places().get(lower, ())):
        return True
    if lower[:3] in _DAYS and (_DAYS[lower[:3]] == lower or lower == lower[:3]):
        return lower[:3] in words or _DAYS[lower[:3]] in words or _DAYS[lower[:3]] + "s" in words
    if len(lower) > 4 and any(_one_place(lower, word) for word in words if word[:4] == lower[:4]):
        return True
    if (name[0], _word_after(name, statement)) in _initialled(text):
        return True  # `P. falciparum` for `Plasmodium falciparum`
    return _spells(lower, statement, text) or stems([lower])[0] in _stems_of(text)


@lru_cache(maxsize=512)
def _stems_of(text: str) -> frozenset[str]:
    return frozenset(stems(sorted(_known(text)[0])))


def _one_place(a: str, b: str) -> bool:
    """Whether the longer word is the shorter one, less a vowel at its end, with an ending of peoples."""
    short, long = sorted((a, b), key=len)
    stem = short.rstrip("aeiouy")
    return len(stem) >= 4 and long.startswith(stem) and _PEOPLES.fullmatch(long[len(stem) :]) is not None


def _word_after(name: str, statement: str) -> str:
    at = statement.find(f"{name} ")
    following = _FOLLOWING.match(statement, at + len(name)) if at >= 0 else None
    return following[1] if following else ""


@lru_cache(maxsize=512)
def _initialled(text: str) -> frozenset[tuple[str, ...]]:
    """The pairs of an initial and the word after it."""
    return frozenset(found.groups() for found in _INITIAL.finditer(text))


@lru_cache(maxsize=512)
def _acronyms(text: str) -> frozenset[str]:
    return frozenset(word.rstrip("s").lower() for word in re.findall(r"\b[A-Z]{2,8}s?\b", text))


def _spells(lower: str, statement: str, text: str) -> bool:
    """Whether the name is part of what an acronym of the text stands for: `Joint` for JASSM."""
    acronyms = _acronyms(text)
    if not acronyms:
        return False
    words = re.findall(r"[^\W_]+", statement)
    places = islice((n for n, word in enumerate(words) if word.lower() == lower), _MOST_PLACES)
    return any(
        "".join(w[0] for w in run).lower() in acronyms and lower in (w.lower() for w in run)
        for place in places
        for length in {len(acronym) for acronym in acronyms}
        for n in range(max(0, place - 2 * length + 1), place + 1)
        if len(run := _run(words, n, length)) == length
    )


def _run(words: Sequence[str], start: int, length: int) -> list[str]:
    """The words from number `start` on whose initials can make up an acronym of this length."""
    return [w for w in words[start : start + 2 * length] if w.lower() not in _SMALL or w[:1].isupper()][:length]

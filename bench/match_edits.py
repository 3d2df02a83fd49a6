"""Edits of real sentences for match.py: those that change the meaning, and those that do not.

The word lists were written without those of the matcher.
"""

import random
import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import pairwise

RISKY_WORDS = """
not no never nothing none without neither nor may might could would should must can cannot if unless whether
when until only except but however although despite while because said says told claims claimed believes
according reportedly allegedly perhaps probably likely unlikely possibly hardly almost nearly some few many
most all every any each than less more planned plans wants refused failed denied declined tried expects
expected will shall
"""
RISKY = set(RISKY_WORDS.split())
SWAPS = {
    "may": "will",
    "could": "can",
    "would": "did",
    "should": "does",
    "might": "must",
    "will": "may",
    "can": "cannot",
    "not": "now",
    "no": "the",
    "never": "always",
    "more": "less",
    "less": "more",
    "all": "some",
    "some": "all",
    "before": "after",
    "after": "before",
    "increase": "decrease",
    "increased": "decreased",
    "first": "last",
    "and": "or",
    "or": "and",
    "over": "under",
    "is": "isn’t",
    "was": "wasn't",
    "are": "aren't",
    "has": "had",
    "million": "billion",
    "billion": "million",
    "against": "for",
    "up": "down",
    "allowed": "refused",
    "with": "without",
    "high": "low",
    "he": "she",
    "his": "her",
    "they": "we",
    "today": "yesterday",
}


# --- edits that change the meaning: each yields quotes that the text does not support ---------------------------------


def words_of(sentence: str) -> list[re.Match[str]]:
    return list(re.finditer(r"[A-Za-z’']+", sentence))


def swap_word(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    for m in rng.sample(words_of(s), min(2, len(words_of(s)))):
        new = rng.choice(pool)
        if new.lower() != m[0].lower():
            yield s[: m.start()] + new + s[m.end() :]


def swap_known(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    for m in words_of(s):
        if m[0] in SWAPS:
            yield s[: m.start()] + SWAPS[m[0]] + s[m.end() :]


def insert_not(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    for m in re.finditer(r"\b(is|was|are|were|has|have|will|can|could|did)\b", s):
        yield s[: m.end()] + " not" + s[m.end() :]


def drop_word(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    words = words_of(s)[1:-1]
    for m in rng.sample(words, min(2, len(words))):
        yield s[: m.start()].rstrip() + s[m.end() :]


def turn_words(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    pairs = [m for m in re.finditer(r"\b([A-Za-z]{3,}) ([A-Za-z]{3,})\b", s) if m[1].lower() != m[2].lower()]
    for m in rng.sample(pairs, min(1, len(pairs))):
        yield s[: m.start()] + f"{m[2]} {m[1]}" + s[m.end() :]


def change_number(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    for m in re.finditer(r"\d+(?:[.,]\d+)*%?", s):
        old = m[0]
        news = {
            old[:-1] if len(old) > 1 else "",
            old + "0",
            str((int(old[0]) + 1) % 10) + old[1:],
            "-" + old,
            old.replace(".", ""),
        }
        news |= {old[0] + "." + old[1:]} if old.isdigit() and len(old) > 1 else set()
        for new in sorted(news - {old, ""}):
            same = old.replace(",", "") == new.replace(",", "")
            if not same and not (new.startswith("-") and s[: m.start()].endswith(("-", "–"))):
                yield s[: m.start()] + new + s[m.end() :]


def drop_sign(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    for m in re.finditer(r"[$€£%]", s):
        yield s[: m.start()] + s[m.end() :]


def end_mark(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    if s[-1] in ".?":
        yield s[:-1] + {".": "?", "?": "."}[s[-1]]
    if s[-1] == ".":
        yield s[:-1] + "!"
    if s[-1] == "?":
        yield s[:-1]


def inner_quotes(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    marks = [m.start() for m in re.finditer(r"[“”]", s) if 2 < m.start() < len(s) - 3]
    spaces = [m.start() for m in re.finditer(" ", s)][2:-2]
    for at in marks[:2]:
        yield s[:at] + s[at + 1 :]
        if s[at] == "”" and (gap := s.find(" ", at + 2)) > 0:
            yield s[:at] + s[at + 1 : gap] + "”" + s[gap:]
    if spaces and not marks:
        at = rng.choice(spaces)
        yield s[: at + 1] + "“" + s[at + 1 :].rstrip(".") + "”."


def change_case(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    inner = list(re.finditer(r"(?<=[a-z] )[A-Za-z]{2,}", s))
    for m in rng.sample(inner, min(1, len(inner))):
        new = m[0].lower() if not m[0].islower() else rng.choice((m[0].upper(), m[0].capitalize()))
        yield s[: m.start()] + new + s[m.end() :]


def change_form(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    longer = [m for m in words_of(s) if len(m[0]) > 4]
    for m in rng.sample(longer, min(1, len(longer))):
        new = m[0][:-1] if m[0].endswith("s") else m[0] + "s"
        yield s[: m.start()] + new + s[m.end() :]


def elide_risky(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    """Leave out some words, a risky one among them."""
    words = words_of(s)
    for k, m in enumerate(words):
        if m[0].lower().replace("’", "'") in RISKY or m[0].lower().endswith(("n't", "n’t")):
            i, j = max(2, k - rng.randint(0, 2)), min(len(words) - 3, k + rng.randint(0, 3))
            if i <= k <= j:
                dots = rng.choice((" ... ", " … ", " [...] ", "... "))
                yield s[: words[i].start()].rstrip() + dots + s[words[j].end() :].lstrip()


def stop_early(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    """A full stop in front of what limits the sentence, or of who said so."""
    for m in re.finditer(r",? (?:if|unless|but|although|only|except|until|said|says|according|while|whether)\b", s):
        if m.start() > 20 and s[m.start() - 1] not in '”"':
            yield s[: m.start()] + "."


MEANING: dict[str, Callable[[str, random.Random, list[str]], Iterator[str]]] = {
    "a word swapped for any other": swap_word,
    "a word swapped for its opposite": swap_known,
    "'not' inserted": insert_not,
    "a word dropped": drop_word,
    "two words turned round": turn_words,
    "a number changed": change_number,
    "a sign of currency or percent dropped": drop_sign,
    "'.', '?' and '!' exchanged": end_mark,
    "quote marks moved": inner_quotes,
    "case of an inner word": change_case,
    "form of a word": change_form,
    "elision over a risky word": elide_risky,
    "full stop before a limit or speaker": stop_early,
}


def joined(text: str, spans: list[tuple[int, int]], rng: random.Random) -> Iterator[str]:
    """The head of one sentence and the tail of another: neighbours, far ones, the wrong order."""
    for (a, b), (c, d) in pairwise(spans):
        one, two = text[a:b], text[c:d]
        first, second = words_of(one), words_of(two)
        if len(first) > 8 and len(second) > 8:
            head, tail = one[: first[3].end()], two[second[4].start() :]
            yield f"{head} ... {tail}"
            yield f"{one} … {two}" if c - b > 400 else f"{head} [...] {tail}"
            yield f"{two} ... {one}"


# --- edits that do not ------------------------------------------------------------------------------------------------


def plain_quotes(s: str, rng: random.Random) -> str:
    return s.translate(str.maketrans("“”‘’", "\"\"''"))


def curly_quotes(s: str, rng: random.Random) -> str:
    return re.sub(r"(\w)'(\w)", r"\1’\2", re.sub(r'"([^"]*)"', r"“\1”", s))


def nested_quotes(s: str, rng: random.Random) -> str:
    return '"' + re.sub(r"(?<!\d)[“”\"]", "'", s) + '"' if not re.search(r"\d[“”\"]", s) else s


def dashes(s: str, rng: random.Random) -> str:
    if re.search(r"[-–—] ?[-–—]", s):
        return s
    s = re.sub(r"(?<=\w)[-–](?=\w)", lambda m: rng.choice("‐‑-") if m[0] == "-" else "-", s)
    s = re.sub(r" [—–] ", lambda m: rng.choice((" - ", " -- ", "—", " – ")), s)
    return re.sub(r"(?<=\w)—(?=\w)", lambda m: rng.choice(("--", " — ", "—")), s)


def wrapped(s: str, rng: random.Random) -> str:
    return re.sub(" ", lambda m: rng.choice((" ", "\n", "  ", "\u00a0", "\r\n", "\t")), s)


def hidden(s: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(s) - 1)
    return s[:at] + rng.choice("\u00ad\u200b\u2060\ufeff") + s[at:]


def ligatures(s: str, rng: random.Random) -> str:
    return s.replace("ffi", "ﬃ").replace("fi", "ﬁ").replace("fl", "ﬂ").replace("ff", "ﬀ")


def decomposed(s: str, rng: random.Random) -> str:
    return unicodedata.normalize("NFD", s)


def no_stop(s: str, rng: random.Random) -> str:
    return s[:-1] + rng.choice(("", ",")) if s.endswith(".") else s


def small_first(s: str, rng: random.Random) -> str:
    return (
        s[0].lower() + s[1:]
        if re.match(r"(?:The|A|An|In|It|He|She|They|We|This|These|For|On|As|At|By|Our|And|To) ", s)
        else s
    )


def marked_case(s: str, rng: random.Random) -> str:
    return (
        f"[{s[0].lower()}]{s[1:]}"
        if re.match(r"(?:The|In|It|He|She|They|We|This|These|For|On|As|At|By|Our|And|To) ", s)
        else s
    )


def fragment(s: str, rng: random.Random) -> str:
    at = [m.end() for m in re.finditer(r"(?<=\w) (?=(?:the|a|an|to|of|in|for|and|with|from|by|that) )", s)]
    if not at:
        return s
    part = s[rng.choice(at) :]
    return part[0].upper() + part[1:]


def quoted(s: str, rng: random.Random) -> str:
    left, right = rng.choice((("“", "”"), ('"', '"'), ("«", "»"), ("‘", "’")))
    return f"{left}{s}{right}"


def open_ends(s: str, rng: random.Random) -> str:
    words = s.split(" ")
    if s.endswith("?") or len(words) < 9 or words[-3][-1:].isdigit():
        return s
    return rng.choice(("... ", "…", "[...] ")) + " ".join(words[2:-2]) + rng.choice(("...", " …", " [...]"))


def aside(s: str, rng: random.Random) -> str:
    """Leave out `, words,` and `(words)` with nothing risky in them."""
    for m in re.finditer(r", ((?:[A-Za-z’-]+ ){2,9}[A-Za-z’-]+),(?= )|\(((?:[A-Za-z-]+ ){2,9}[A-Za-z-]+)\)", s):
        inner = (m[1] or m[2]).lower().split()
        safe = (
            not set(inner) & RISKY
            and not any(w.endswith(("ly", "n’t")) for w in inner)
            and inner[0] in ("which", "who", "the", "a", "an", "in", "with", "including", "from")
        )
        if safe and m.start() > 12 and len(s) - m.end() > 12:
            return s[: m.start()].rstrip() + rng.choice((" ... ", " … ", " [...] ")) + s[m.end() :].lstrip()
    return s


HARMLESS: dict[str, Callable[[str, random.Random], str]] = {
    "quote marks straight": plain_quotes,
    "quote marks curly": curly_quotes,
    "quote marks nested": nested_quotes,
    "dashes": dashes,
    "white space": wrapped,
    "invisible characters": hidden,
    "ligatures": ligatures,
    "accents decomposed": decomposed,
    "final stop dropped or a comma": no_stop,
    "first letter small": small_first,
    "[t]he": marked_case,
    "a fragment with a capital": fragment,
    "in quote marks": quoted,
    "ellipsis at the ends": open_ends,
    "elision of an aside": aside,
}


def without_a_sentence(text: str, rng: random.Random, most: int) -> Iterator[tuple[str, str]]:
    """Three sentences of a paragraph without the middle one, where that is harmless; and the three."""
    found = list(re.finditer(r"(?<=[.!?] )[A-Z][^\n.!?“”\"]{25,160}\.(?= )", text))
    triples = list(zip(found, found[1:], found[2:], strict=False))
    for one, two, three in rng.sample(triples, len(triples)):
        if two.start() - one.end() == 1 == three.start() - two.end() and most:
            middle = set(re.findall(r"[a-z’']+", two[0].lower()))
            pointing = re.search(r"\b(he|she|it|they|th[aio]\w+|his|her|its|such|here)\b", three[0].lower())
            ly = any(word.endswith(("ly", "n’t", "n't")) for word in middle)
            if not (middle & RISKY or pointing or ly or re.search(r"[\d$%@<*]", two[0])):
                most -= 1
                yield f"{one[0]}{rng.choice((' ... ', ' … ', ' [...] '))}{three[0]}", text[one.start() : three.end()]

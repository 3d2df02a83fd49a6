"""Names that differ in form: initials (`P. falciparum`), acronyms and what they stand for."""

import itertools
import re
from collections.abc import Sequence

from qa.gate.tokens import Token

__all__ = ["abbreviated"]

_SMALL = frozenset("a an and at by de for from in of on the to".split())


def abbreviated(tokens: Sequence[Token], there: Sequence[Token]) -> set[int]:
    """The places in `tokens` that `there` has in a shorter or longer form.

    `Plasmodium` for the `P.` of `P. falciparum`; `JASSM` for `Joint Air-to-Surface Standoff Missile`, both ways. The
    letters are computed, no list of acronyms is consulted.
    """
    found = _initials(tokens, there) | _of_places(tokens, there)
    spelled = {_letters(t): t for t in there if _is_acronym(t)}
    for token in tokens:
        if _is_acronym(token) and _expansion(there, _letters(token)):
            found.add(token.place)
    for letters in spelled:
        found.update(place for run in _expansion(tokens, letters) for place in run)
    return found


def _initials(tokens: Sequence[Token], there: Sequence[Token]) -> set[int]:
    """Words written as one letter with the same word after it on the other side."""
    shorts: dict[str, set[str]] = {}
    for sequence in (there, tokens):
        words = [t for t in sequence if not t.mark]
        for first, second in itertools.pairwise(words):
            if len(first.text) == 1 and first.text.isupper():
                shorts.setdefault(first.lower, set()).add(second.lower)
    longs = {(t.lower[:1], after.lower) for t, after in _pairs(there) if t.name or t.text[:1].isupper()}
    found = set()
    for token, after in _pairs(tokens):
        if (len(token.text) == 1 and (token.lower, after.lower) in longs) or after.lower in shorts.get(
            token.lower[:1], ()
        ):
            found.add(token.place)
    return found


_OF_A_PLACE = re.compile(r"(?:ese|ians?|eans?|ans?|ish|ic|is?)$")


def _of_places(tokens: Sequence[Token], there: Sequence[Token]) -> set[int]:
    """Words made of a place's name on either side: `Bologna`, `Bolognese`; the first five letters must be the same."""
    theirs = [t for t in there if t.text[:1].isupper() and len(t.lower) > 5]
    found = set()
    for token in tokens:
        like = [t for t in theirs if token.text[:1].isupper() and t.lower[:5] == token.lower[:5]]
        if like and not any(t.keys & token.keys for t in like) and any(_one_place(t.lower, token.lower) for t in like):
            found.add(token.place)
    return found


def _one_place(a: str, b: str) -> bool:
    """Whether the longer word is the shorter one, less a vowel at its end, with an ending of peoples."""
    short, long = sorted((a, b), key=len)
    stem = short.rstrip("aeiouy")
    return len(stem) >= 5 and long.startswith(stem) and _OF_A_PLACE.fullmatch(long[len(stem) :]) is not None


def _pairs(tokens: Sequence[Token]) -> list[tuple[Token, Token]]:
    words = [t for t in tokens if not t.mark]
    return list(itertools.pairwise(words))


def _letters(token: Token) -> str:
    return "".join(c for c in token.text.rstrip("s") if c.isalpha()).lower()


def _is_acronym(token: Token) -> bool:
    letters = token.text.rstrip("s").replace(".", "")
    return 2 <= len(letters) <= 8 and letters.isalpha() and letters.isupper()


def _expansion(tokens: Sequence[Token], letters: str) -> list[list[int]]:
    """The runs of words whose first letters spell `letters`; small words may be passed over."""
    words = [t for t in tokens if not t.mark]
    runs = []
    for n, token in enumerate(words):
        if token.lower[:1] == letters[:1] and len(token.text) > 1 and token.text[:1].isupper():
            run = _spell(words[n : n + 2 * len(letters)], letters)
            if run:
                runs.append(run)
    return runs


def _spell(words: Sequence[Token], letters: str) -> list[int]:
    run: list[int] = []
    at = 0
    for token in words:
        if at < len(letters) and token.lower.startswith(letters[at]) and len(token.text) > 1:
            at += 1
        elif token.lower not in _SMALL:
            break
        run.append(token.place)
        if at == len(letters):
            return run
    return run if at >= max(2, len(letters) - 1) and len(run) >= 3 else []

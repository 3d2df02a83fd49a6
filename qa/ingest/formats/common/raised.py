"""What a superscript or subscript means to the word before it: a note mark, an exponent, or part of the word."""

import re

__all__ = ["is_doubtful", "lowered", "raised"]

_NOTE = re.compile(
    r"\[?(?:[a-z]|\d{1,3}|[ivx]{1,5}|[*†‡§¶#]{1,3})\]?(?:[,;–-]\s?\[?(?:[a-z]|\d{1,3})\]?)*", re.IGNORECASE
)
_POWER = re.compile(r"[+−–-]?(?:\d{1,4}|[a-z])(?:[./]\d+)?|[\w+−*/·().,=<>≤≥′-]{1,20}", re.IGNORECASE)
_UNIT = re.compile(r"(?:[kcdmµμn]?m|mi|ft|in|yd|cm|[km]?s|sec|min|hr?|[km]?g|[kM]?N|Pa|K|J|W|mol|L)$")
_VARIABLE = re.compile(r"(?:^|[^\w])(?:\d+[.,]?\d*)?[A-Za-zα-ωΑ-Ω]$")
_CHARGE = re.compile(r"\d{0,2}[+−–-]|[+−–-]\d{0,2}")
_ORDINALS = frozenset(
    "st nd rd th er re e ère ème eme o os a as mo ma ro do to r d de me mme lle tm sm ® ™ nd. st.".split()
)


def raised(before: str, mark: str, linked: bool = False) -> str:
    """What is written after `before` for a superscript: `[1]` after a space for a note, `^2` for a power.

    before: the text of the line so far; only its end matters. linked: whether the superscript is a link, as note marks
    are.
    """
    mark = mark.strip()
    tail = before[-40:]
    if not mark or (len(mark) > 1 and not tail.strip()):
        return mark
    if not linked:
        if _joins(tail, mark):
            return mark
        if _is_power(tail, mark):
            return f"^{mark}"
    space = "" if not tail or tail[-1].isspace() else " "
    if _NOTE.fullmatch(mark):
        return f"{space}[{mark.strip('[]')}]" if mark.count("[") < 2 else space + mark
    return space + mark


def is_doubtful(before: str, mark: str) -> bool:
    """Whether a superscript that is no link may be something else than what `raised` makes of it.

    Figures after a number are a power, a note, cents or minutes. Only after 10 are they surely a power: a single
    figure, or any number of them after a multiplication sign and 10. A letter after a number is a power or a note.
    """
    mark, before = mark.strip(), before.rstrip()
    if not before[-1:].isdigit() or mark[:1] == "[" or not any(map(str.isalnum, mark)):
        return False
    if mark.isdigit():
        return not re.search(r"(?:^|[^\d.,:])10$" if len(mark) == 1 else r"[×·⋅∙*]\s?10$", before)
    return raised(before, mark).startswith(" ")


def lowered(before: str, mark: str) -> str:
    """What is written after `before` for a subscript: H2O as it stands, `_` after a digit or before a longer index."""
    mark = mark.strip()
    last = before[-1:]
    if not mark or not last or last.isspace():
        return mark
    after_power = re.search(r"\^\w+$", before[-10:])
    return (
        f"_{mark}"
        if after_power or last.isdigit() or not mark.isalnum() or (len(mark) > 3 and not mark.isdigit())
        else mark
    )


def _joins(tail: str, mark: str) -> bool:
    """1st, XIXe, no, TM: letters that belong to the number or the word before them."""
    low = mark.lower()
    if low in ("tm", "sm", "®", "™"):
        return True
    if low not in _ORDINALS:
        return False
    if tail[-1:].isdigit():
        return low != "a" and low != "r" and low != "d"
    word = re.search(r"[^\W\d_]+$", tail)
    return bool(word) and (len(low) > 1 or bool(re.fullmatch(r"[IVXLC]+|[nN]", word[0]))) if word else False


def _is_power(tail: str, mark: str) -> bool:
    """Powers of ten, of units, of variables and of brackets that hold no words; charges of ions."""
    if tail[-1:].isspace() or not _POWER.fullmatch(mark):
        return bool(tail.rstrip()) and bool(_UNIT.search(tail.rstrip())) and mark in ("2", "3", "-1", "−1", "-2", "−2")
    if re.search(r"(?:^|[^\d.,])10$", tail):
        return bool(re.fullmatch(r"[+−–-]?(?:\d{1,3}|[a-z])", mark))
    if mark[0] in "+−–-" and len(mark) > 1:
        return True
    if _CHARGE.fullmatch(mark):
        return bool(re.search(r"[A-Z][a-z]?\d*$", tail))
    if re.search(r"(?:^|[^\w])\d$", tail):
        return len(mark) > 1 and mark.isdigit()
    if mark in ("2", "3") and _UNIT.search(tail) and re.search(r"(?:^|[\d\s/·*(])\w{1,3}$", tail):
        return True
    if re.search(r"[=+−*/(×·]\s*[^\W\d_]{1,3}$", tail):
        return True
    if _VARIABLE.search(tail):
        return not re.search(r"(?:^|\s)(?:a|A|I)$", tail)
    return bool(re.search(r"\([^()]{1,30}\)$", tail)) and not re.search(r"[^\W\d_]{3}[^()]*\)$", tail)

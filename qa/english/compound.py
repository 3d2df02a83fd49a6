"""Questions that ask for more than one thing, taken apart by reading them.

"When was it built, and who paid?" has two parts, and so has "How did France and Spain react?". Each part is a question
of its own, which can be searched and answered by itself.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa.english.function_words import AUXILIARIES, PRONOUNS, QUESTION_STOP_WORDS

__all__ = ["LIST", "Part", "parts"]

_ASKING = r"(?:who(?:m|se)?|what|when|where|why|how|which)\b"
_PREPOSITIONS = frozenset(
    "about above across after against among around as at before behind below beneath beside between beyond by during "
    "for from in inside into near of off on onto out outside over per since than through to toward towards under until "
    "up upon via with within without".split()
)
_PREPOSITION = rf"(?:(?:{'|'.join(sorted(_PREPOSITIONS))}) )?"
_AUXILIARY = rf"(?:{'|'.join(sorted(AUXILIARIES))})\b"
_SUBJECT = r"(?:it|he|she|they|the|we|you|i|there)\b"
_SECOND = re.compile(
    rf"[,;]? (?:and|or|but)(?: also| then)?,? (?={_PREPOSITION}{_ASKING})|"
    rf", and (?={_AUXILIARY} {_SUBJECT})|; (?={_ASKING})",
    re.IGNORECASE,
)
_ENDS = re.compile(r"(?<=\?)\s+(?=\w)")
_COMPARED = re.compile(
    r"^(?:what (?:is|are) the (?:difference|differences|distinction) between|what distinguishes|compare\b|"
    r"how (?:do|does|did) (?=.* (?:differ|compare)\b))\s*(?P<one>.+?) "
    r"(?:and|from|with|to|differ from|compare (?:to|with))(?: from)? (?P<other>.+?)(?: (?:differ|compare))?\s*[?.]?$",
    re.IGNORECASE,
)
_DETERMINERS = frozenset("a an the this that these those his her its their our my your each every both".split())
_STOPS = AUXILIARIES | _PREPOSITIONS | PRONOUNS | frozenset("I what when where why how and or".split())
_ASKED = re.compile(rf"(?<!, )\b{_ASKING}", re.IGNORECASE)
_OPENS = re.compile(rf"{_AUXILIARY}", re.IGNORECASE)
_OPENING = re.compile(rf"{_PREPOSITION}{_ASKING}", re.IGNORECASE)
_DIRECT = re.compile(rf"{_PREPOSITION}{_ASKING} {_AUXILIARY}|{_AUXILIARY}", re.IGNORECASE)
_INDIRECT = re.compile(
    rf"{_PREPOSITION}{_ASKING} (?:{'|'.join(sorted(_DETERMINERS))}|{_SUBJECT}|to)\b|"
    rf"(?:when|where|why) (?!(?:{_AUXILIARY}|not\b|(?:and|or) {_ASKING}))\w",
    re.IGNORECASE,
)
LIST = re.compile(
    r"\b(?:which|what) (?:(?!(?:is|was|are|were|do|does|did|has|have|had|will|can)\b)\w+ ){0,2}"
    r"(?!\w*(?:ss|us|is|as)\b|(?:does|happens|causes|means|makes|costs)\b)[a-z]+s\b|"
    r"^(?:list|name|enumerate)\b|\bwhat are\b|\bwho (?:are|were)\b",
    re.IGNORECASE,
)
"""A question that may want several things of a sort: "which groups ..."."""

MOST = 6  # parts of a question; the last one holds what is left
_FEW = 2  # a part with fewer words of content cannot be understood alone
_THIRD = frozenset("he him his she her hers it its they them their theirs".split())
_NAME = re.compile(r"(?<=\s)[A-Z][\w’'-]*\.?(?: [A-Z][\w’'-]*\.?)*")
_LONGEST = 4  # words of one of two things that "and" joins


@dataclass(frozen=True, slots=True)
class Part:
    """One of the things that a question asks for. text: as it is shown. searched: with what it refers to. joint: it is
    one of two things that "and" joins, which may belong together.
    """

    text: str
    searched: str
    joint: bool = False


def parts(question: str) -> tuple[Part, ...]:
    """The questions that a question consists of, in order; one, the question itself, if it asks for one thing."""
    text = " ".join(question.split())
    pieces = [piece for sentence in _ENDS.split(text) for piece in _two_questions(sentence)]
    if len(pieces) > 1:
        if len(pieces) > MOST:
            pieces[MOST - 1 :] = [" and ".join(piece.rstrip("?") for piece in pieces[MOST - 1 :])]
        texts = [piece[0].upper() + piece[1:].rstrip("?") + "?" for piece in pieces]
        return tuple(Part(each, _completed(each, texts[0]) if n else each) for n, each in enumerate(texts))
    things = _two_things(text)
    if len(things) == 1:
        return (Part(question, question),)
    joint = not _COMPARED.match(text)
    return tuple(Part(each, each, joint) for each in things)


def _two_questions(text: str) -> list[str]:
    """Split where a second question word begins a question."""
    pieces, start = [], 0
    for joint in _SECOND.finditer(text):
        before = text[start : joint.start()].strip(" ,;")
        if before and _asks(before) and _is_direct(text[joint.end() :], before):
            pieces.append(before)
            start = joint.end()
    pieces.append(text[start:].strip(" ,;"))
    if len(pieces) < 2 or not pieces[-1]:
        return [text]
    if len(pieces) == 2 and re.fullmatch(_ASKING, pieces[0], re.IGNORECASE):  # "When and where is the meeting?"
        found = _OPENING.match(pieces[1])
        rest = pieces[1][found.end() :] if found else ""
        return [pieces[0] + rest, pieces[1]]
    return pieces


def _asks(text: str) -> bool:
    return bool(re.search(rf"\b{_ASKING}", text, re.IGNORECASE) or _OPENS.match(text))


def _is_direct(text: str, before: str) -> bool:
    """Whether a question begins here; not a clause: "how I know when it ran and why it failed"."""
    if _DIRECT.match(text):
        return True
    return not _INDIRECT.match(text) and len(_ASKED.findall(before)) < (1 if _OPENS.match(before) else 2)


def _completed(part: str, first: str) -> str:
    """A later part with what it leaves to the first one: the names for a pronoun, everything for a fragment."""
    words = part.rstrip("?").split()
    lower = {word.lower() for word in words}
    kept = [word.strip("?,") for word in first.split() if word.lower().strip("?,") not in QUESTION_STOP_WORDS]
    if len([word for word in lower if word not in QUESTION_STOP_WORDS]) < _FEW:
        return f"{part} ({' '.join(kept)})" if kept else part
    if not lower & _THIRD:
        return part
    named = ", ".join(dict.fromkeys(_NAME.findall(first))) or " ".join(kept)
    return f"{part} ({named})" if named else part


def _two_things(text: str) -> tuple[str, ...]:
    """The question once for each of two things that it joins with "and", or compares."""
    compared = _COMPARED.match(text)
    if compared:
        return tuple(f"What is {compared[name].strip(' ?.')}?" for name in ("one", "other"))
    for joint in re.finditer(r"(?<!\d) and (?=\w)|(?<=\d) and (?!\d)", text):
        before, after = text[: joint.start()], text[joint.end() :]
        left = _left(before.split(), after.split())
        right = _right(after.rstrip("?").split(), left)
        if left and right and not _are_clauses(before.split(), left, after.rstrip("?").split(), right):
            head = before[: len(before) - len(" ".join(left))]
            tail = after[len(" ".join(right)) :]
            head = re.sub(r"\b(?:both|between) $", "", head, flags=re.IGNORECASE)
            return f"{head}{' '.join(left)}{tail}", f"{head}{' '.join(right)}{tail}"
    return (text,)


def _left(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """The words before "and" that belong to the first thing; none if that is not clear."""
    first = after[0]
    if first in _DETERMINERS | _PREPOSITIONS:  # "the French and the Germans"
        places = [n for n, word in enumerate(before) if word == first]
        found = list(before[places[-1] :]) if places else []
        clean = 1 < len(found) <= _LONGEST + 1 and not (_PREPOSITIONS - {"than"}) & set(found[1:])
        return found if clean else []
    names = before[-1][:1].isupper()
    if names != after[0][:1].isupper() or "between" in before:
        return []
    taken: list[str] = []
    for word in reversed(before):
        if word in _STOPS | _DETERMINERS or (names and not word[:1].isupper()):
            break
        taken.insert(0, word)
    most = _LONGEST if names else 1  # where two phrases of more words begin is not clear
    return taken if taken and len(taken) < len(before) and len(taken) <= most else []


def _are_clauses(before: Sequence[str], left: Sequence[str], after: Sequence[str], right: Sequence[str]) -> bool:
    """Whether "and" begins a clause, as in "stop the server and restart it"; it does not join two things then."""
    above = before[-len(left) - 1].lower()
    follows = after[len(right)].lower() if len(after) > len(right) else ""
    if not right[0][:1].islower() or left[0] in _DETERMINERS or above not in _DETERMINERS:
        return False
    return above in ("a", "an") or (bool(follows) and follows not in _STOPS - PRONOUNS)


def _right(after: Sequence[str], left: Sequence[str]) -> list[str]:
    """As many words after "and" as the first thing has, or all of a name; fewer where a small word ends it."""
    if not left or after[0].lower() in _STOPS - _PREPOSITIONS:
        return []
    if left[0] in _DETERMINERS | _PREPOSITIONS:
        size = len(left)
    elif left[-1][:1].isupper() and after[0][:1].isupper():
        size = next((n for n, word in enumerate(after) if not word[:1].isupper()), len(after))
    else:
        size = len(left)
    taken = list(after[:size])
    cut = next((n for n, word in enumerate(taken) if n and word.lower() in _STOPS - _PREPOSITIONS), len(taken))
    return taken[:cut]

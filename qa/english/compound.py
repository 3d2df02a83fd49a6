"""Questions that ask for more than one thing, taken apart by reading them.

"When was it built, and who paid?" has two parts, and so has "How did France and Spain react?". Each part is a question
of its own, which can be searched and answered by itself.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa.english.function_words import AUXILIARIES, QUESTION_STOP_WORDS

__all__ = ["LIST", "Part", "parts"]

_ASKING = r"(?:who(?:m|se)?|what|when|where|why|how|which)\b"
_PREPOSITIONS = frozenset(
    "about above across after against among around as at before behind below beneath beside between beyond by during "
    "for from in inside into near of off on onto out outside over per since than through to toward towards under until "
    "up upon via with within without".split()
)
_PREPOSITION = rf"(?:(?:{'|'.join(sorted(_PREPOSITIONS))}) )?"
_CLAUSE = rf"(?:{'|'.join(sorted(AUXILIARIES))}) (?:it|he|she|they|the|we|you|i)\b"
_SECOND = re.compile(
    rf"[,;]? (?:and|or|but)(?: also| then)?,? (?={_PREPOSITION}{_ASKING})|, and (?={_CLAUSE})|; (?={_ASKING})",
    re.IGNORECASE,
)
_ENDS = re.compile(r"(?<=\?)\s+(?=\w)")
_COMPARED = re.compile(
    r"^(?:what (?:is|are) the (?:difference|differences|distinction) between|what distinguishes|compare|"
    r"how (?:do|does|did) (?=.* (?:differ|compare)\b))\s*(?P<one>.+?) "
    r"(?:and|from|with|to|differ from|compare (?:to|with))(?: from)? (?P<other>.+?)(?: (?:differ|compare))?\s*\??$",
    re.IGNORECASE,
)
_WORD = re.compile(r"\S+")
_DETERMINERS = frozenset("a an the this that these those his her its their our my your each every both".split())
_STOPS = AUXILIARIES | _PREPOSITIONS | frozenset("who whom whose what when where why how which and or".split())
LIST = re.compile(
    r"\b(?:which|what) (?:\w+ ){0,2}(?!(?:is|was|does|has|process|status|address|basis|access)\b)[a-z]+s\b|"
    r"^(?:list|name|enumerate)\b|\bwhat are\b|\bwho (?:are|were)\b",
    re.IGNORECASE,
)
"""A question that may want several things of a sort: "which groups ..."."""

MOST = 4  # parts of a question
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
        texts = [piece[0].upper() + piece[1:].rstrip("?") + "?" for piece in pieces[:MOST]]
        return tuple(Part(each, _completed(each, texts[0]) if n else each) for n, each in enumerate(texts))
    things = _two_things(text)
    if len(things) == 1:
        return (Part(question, question),)
    joint = not _COMPARED.match(text)
    return tuple(Part(each, each, joint) for each in things)


def _two_questions(text: str) -> list[str]:
    """Split where a second question word begins a question."""
    pieces = [piece.strip(" ,;") for piece in _SECOND.split(text)]
    pieces = [piece for piece in pieces if piece]
    if len(pieces) < 2 or not re.search(rf"\b{_ASKING}", pieces[0], re.IGNORECASE):
        return [text]
    if len(pieces) == 2 and re.fullmatch(_ASKING, pieces[0], re.IGNORECASE):  # "When and where is the meeting?"
        first, _, rest = pieces[1].partition(" ")
        return [f"{pieces[0]} {rest}", f"{first} {rest}"]
    return pieces


def _completed(part: str, first: str) -> str:
    """A later part with what it leaves to the first one: the names for a pronoun, everything for a fragment."""
    words = part.rstrip("?").split()
    lower = {word.lower() for word in words}
    if len([word for word in lower if word not in QUESTION_STOP_WORDS]) < _FEW:
        kept = [word.strip("?,") for word in first.split() if word.lower().strip("?,") not in QUESTION_STOP_WORDS]
        return f"{part} ({' '.join(kept)})"
    names = list(dict.fromkeys(_NAME.findall(first))) if lower & _THIRD else []
    return f"{part} ({', '.join(names)})" if names else part


def _two_things(text: str) -> tuple[str, ...]:
    """The question once for each of two things that it joins with "and", or compares."""
    compared = _COMPARED.match(text)
    if compared:
        return tuple(f"What is {compared[name].strip(' ?')}?" for name in ("one", "other"))
    for joint in re.finditer(r"(?<!\d) and (?=\w)|(?<=\d) and (?!\d)", text):
        before, after = text[: joint.start()], text[joint.end() :]
        left = _left(before.split(), after.split())
        right = _right(after.rstrip("?").split(), left)
        if left and right:
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
        if word in _STOPS or word in _DETERMINERS or (names and not word[:1].isupper()):
            break
        taken.insert(0, word)
    return taken if taken and len(taken) < len(before) and len(taken) <= _LONGEST else []


def _right(after: Sequence[str], left: Sequence[str]) -> list[str]:
    """As many words after "and" as the first thing has, or all of a name; fewer where a small word ends it."""
    if not left:
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

"""Forms of questions that lean on what was said before: fragments, pronouns, a plain yes."""

import re

from qa.english.function_words import FUNCTION_WORDS, PRONOUNS, QUESTION_STOP_WORDS
from qa.english.language import is_english
from qa.english.questions import NEGATED_OPENERS, YES_NO_OPENERS
from qa.english.words import words

__all__ = ["content_words", "fragment", "has_pronoun", "is_assent", "is_elliptical", "is_personal"]

_LEAD = re.compile(
    r"^(?:(?:and|or|but|so|then|also|ok(?:ay)?|yes|yeah|yep|sure|no|nope|thanks|thank you|well|right|hm+|oh|ah|"
    r"please|i meant?(?: to say)?|sorry|rather|instead|actually)\b[\s,.;:!–—-]*)+",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"^(?:(?:and )?(?:what|how) about|what if|same for|what of)\b\s*", re.IGNORECASE)
_ASSENT = frozenset(
    "yes yeah yep sure ok okay right please go ahead on more tell me continue exactly correct do so it".split()
)
_ASKING = frozenset("what when where which who whom whose why how".split())
_OPENERS = frozenset([*YES_NO_OPENERS, *NEGATED_OPENERS, "shall", "am"])
_ORDERS = frozenset("tell list name explain show describe give find define compare summarise summarize".split())
_PERSONAL = frozenset("he him his she her hers they them their theirs".split())
_POINTING = _PERSONAL | frozenset("it its itself himself herself themselves this these those such same".split())
_THAT = re.compile(
    r"\b(?:is|was|are|were|does|do|did|can|could|will|would|has|had|should|must|of|for|to|in|on|at|by|with|about|from|"
    r"after|before|since|during|like|than|mean)\s+(?:that|those|this|these)\b|"
    r"\b(?:that|there|then|one|ones|meanwhile|afterwards|otherwise)\s*[?.!]*$",
    re.IGNORECASE,
)
_EXPLETIVE = re.compile(r"\b(?:is|was|does|did|will|would|can) it (?:possible|necessary|true|matter)\b", re.IGNORECASE)
_NAMED_BEFORE = re.compile(r"\s[A-Z][\w’'-]+")
_FRAGMENT_WORDS = 6


def fragment(question: str) -> str:
    """What is left of an elliptical question without "and", "what about" and the like; may be empty."""
    return _ABOUT.sub("", _LEAD.sub("", question.strip())).strip(" ?!.,;:")


def is_assent(question: str) -> bool:
    """Whether it says no more than yes, or go on."""
    said = words(question)
    return bool(said) and all(word in _ASSENT for word in said)


def is_elliptical(question: str) -> bool:
    """Whether it is no whole question: "and in winter?", "what about dogs?", "why?", "yes"."""
    if is_assent(question) or _ABOUT.match(_LEAD.sub("", question.strip())):
        return True
    said = words(_LEAD.sub("", question.strip()))
    asking = [place for place, word in enumerate(said[:3]) if word in _ASKING]
    if asking:
        return all(word in FUNCTION_WORDS for word in said) and len(said) <= 2
    if said and (said[0] in _OPENERS or said[0] in _ORDERS):
        return False
    if not is_english(question) or (len(said) > 2 and FUNCTION_WORDS.isdisjoint(words(question))):
        return False  # these rules say nothing about other languages, and most English has a small word
    return len(said) <= _FRAGMENT_WORDS


def has_pronoun(question: str) -> bool:
    """Whether a word of it points at something that was said before, rather than at something in the question."""
    text = question.strip()
    if _THAT.search(text):
        return True
    for found in re.finditer(r"[^\W\d_]+", _EXPLETIVE.sub(" ", text)):
        if found.group().lower() in _POINTING:
            return not _NAMED_BEFORE.search(text[: found.start()])
    return False


def is_personal(question: str) -> bool:
    """Whether it asks about somebody by a pronoun."""
    return any(word in _PERSONAL for word in words(question))


def content_words(text: str) -> tuple[str, ...]:
    """The words that say what a text is about, as written, each once, in order."""
    found = re.findall(r"[^\W_]+(?:[-'’.][^\W_]+)*", text)
    kept = (word.removesuffix("'s").removesuffix("’s") for word in found)
    skipped = QUESTION_STOP_WORDS | PRONOUNS
    return tuple(dict.fromkeys(w for w in kept if w.lower() not in skipped and (len(w) > 1 or w.isdigit())))

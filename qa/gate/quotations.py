"""Words between quotation marks: they must stand in a quote as they are, and be said by whom the quote says it."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from qa.english.function_words import FUNCTION_WORDS, PRONOUNS
from qa.english.words import stems, words
from qa.gate.copies import MAX_CHARS
from qa.quotes import match

__all__ = ["not_verbatim", "wrong_speakers"]

_DOUBLE = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
_MARKED = re.compile(r"\"([^\"]{1,600})\"|(?<!\w)['‘](?!\s)([^'‘’]{1,600})(?<!\s)['’](?!\w)")
_MAX_MARKED = 20
_NEAR = 300  # characters before and after quoted words in which the statement may say whose they are
# Words in quotation marks, also unclosed ones.
_SPEECH = re.compile(r"“[^”]*(?:”|$)|\"[^\"]*(?:\"|$)|«[^»]*(?:»|$)|(?<!\w)[‘'][^‘’']*[’'](?!\w)")
_SPACED = re.compile(
    r"(?<=\w) (?=[,;:.!?%)]|n't\b|'s\b)|(?<=[(]) | ?@(?=[-.,]@)|(?<=@[-.,])@ ?"
)  # text written as tokens
_SAYS = (
    r"(?:said|says?|told|tells|wrote|writes|asked|asks|replied|replies|added|adds|cried|shouted|exclaimed|answered|"
    r"explained|warned|argued|claimed|declared|insisted|stated|states|remarked|whispered|noted|announced|called|calls|described|describes)"
)
_AFTER = re.compile(rf"^[\s,.;:]*(?:{_SAYS}\s+(?P<a>[^,.;:\"“”]+)|(?P<b>[^,.;:\"“”]+?)\s+{_SAYS}\b)", re.I)
_BEFORE = re.compile(
    rf"(?:^|[.;!?,:]\s+)(?:it was\s+)?(?P<a>[^.;!?\"“”]*?)\s+(?:who\s+|that\s+)?{_SAYS}\b[^.;!?\"“”]*$", re.I
)


def not_verbatim(statement: str, quotes: Sequence[str], others: Sequence[str]) -> Iterator[str]:
    """Words between quotation marks that no quote has as they are. others: the question and titles, which may."""
    texts = [*quotes, *(_SPACED.sub("", text) for text in quotes), *others]
    for n, words_of in enumerate(_marked(statement)):
        if n >= _MAX_MARKED:
            yield "The statement has too many quoted words to be checked."
            return
        core = words_of.strip(" ,.;:!?…")
        if core and not any(match.find(core, text[:MAX_CHARS]) for text in texts):
            yield f'The quotes do not contain the words "{core}".'


def _marked(statement: str) -> Iterator[str]:
    for found in _MARKED.finditer(statement.translate(_DOUBLE)):
        yield next(group for group in found.groups() if group is not None)


def wrong_speakers(statement: str, quotes: Sequence[str], others: Sequence[str]) -> Iterator[str]:
    """Words between quotation marks that the statement gives to somebody else than the quote does.

    others: the texts beside the quotes. Only a name, or words that stand elsewhere in these texts, can be somebody
    else: `the author` may be anybody.
    """
    folded = statement.translate(_DOUBLE)
    for found in islice(re.finditer(r'"([^"]{2,600})"', folded), _MAX_MARKED):  # with more it does not pass anyway
        speaker = _speaker(folded, found.start(), found.end())
        core = found[1].strip(" ,.;:!?…")
        holding = [text for text in quotes if core and match.find(core, text[:MAX_CHARS])]
        named = _content(speaker)
        if not named or not holding:
            continue
        told = [_content(_told(text)) for text in holding]
        apart = [text for text in (*quotes, *others) if text not in holding]
        elsewhere = named & frozenset().union(*(_content(text) for text in apart), frozenset())
        is_name = any(word[:1].isupper() for word in re.findall(r"[^\W\d_]+", speaker)[-2:])
        if all(told) and all(named.isdisjoint(there) for there in told) and (elsewhere or is_name):
            yield f'The quotes do not give the words "{core}" to {speaker.strip()}.'


def _speaker(text: str, start: int, end: int) -> str:
    """Who says what stands in [start, end), as the statement puts it; "" if it does not say."""
    after, before = _AFTER.match(text[end : end + _NEAR]), _BEFORE.search(text[max(0, start - _NEAR) : start])
    who = (after["a"] or after["b"]) if after else before["a"] if before else ""
    who = re.sub(r"^(?:according to|and|but|as)\s+", "", who.strip(), flags=re.I)
    return "" if len(who.split()) > 8 or who.lower() in PRONOUNS else who


def _told(quote: str) -> str:
    """Who says it in the quote: what stands outside its quotation marks, "" where a pronoun tells."""
    outside = _SPEECH.sub(" | ", quote)
    found = re.search(rf"\b{_SAYS}\b", outside, re.I)
    if not found:
        return ""
    subject = " ".join(re.split(r"[.;|]", outside[: found.start()])[-1:]) + " " + outside[found.end() :]
    return "" if set(words(subject)) & {"he", "she", "they", "i", "we"} else subject


def _content(text: str) -> frozenset[str]:
    return frozenset(stems([word for word in words(text) if word not in FUNCTION_WORDS and not word.isdecimal()]))

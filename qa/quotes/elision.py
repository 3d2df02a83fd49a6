"""What may a quote leave out? Rules for a gap between two pieces, and for the end of a sentence.

Leaving words out changes the meaning more easily than it seems, so a gap passes only when it is recognised as one of
two shapes: words between two commas, brackets or dashes, or a whole sentence between two others. No gap passes that
holds a word of negation, modality, condition, contrast, limit or attribution, a question or a quotation mark, or that
is not English. A full stop of a quote stands for no words at all.
"""

import re

from qa.english.quoting import ABBREVIATIONS, ENGLISH, NAMES, NOT_ADVERBS, POINTING
from qa.english.tables import word_set

__all__ = ["MAX_GAP_CHARS", "gap_is_harmless", "rest_is_empty", "sentence_ends"]

MAX_GAP_CHARS = 300
_BESIDE = 40  # characters on either side of a gap

_WORD = re.compile(r"[^\W_]+(?:['’.\-][^\W_]+)*")
_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)|\n\s*\n")
_QUOTING = re.compile(r"[\"“”„«»‹›]|(?<![^\W_])['‘’]|['‘’](?![^\W_])")


def sentence_ends(text: str) -> list[int]:
    """Offsets just after each end of a sentence or paragraph. The full stop of an abbreviation counts as none."""
    ends = []
    for found in _END.finditer(text):
        before = re.search(r"[^\s.]*(?:\.[^\s.]+)*$", text[max(0, found.start() - 24) : found.start()])
        word = before[0].lower() if before else ""
        following = text[found.end() :].lstrip()[:1]
        if found[0][0] == "." and (word in ABBREVIATIONS or re.fullmatch(r"(?:[^\W\d_]\.)*[^\W\d_]", word)):
            continue
        if not following.islower() or "\n" in found[0]:
            ends.append(found.end())
    return ends


def rest_is_empty(rest: str) -> bool:
    """Whether a full stop may stand for the rest of the sentence, which then has no words.

    rest: the next MAX_GAP_CHARS of the text.
    """
    line = re.search(r"\n\s*(?:\n|[-*•#>|]|\d+[.)])", rest)
    stop = min([*sentence_ends(rest)[:1], *([line.start()] if line else []), len(rest)])
    return not rest[:stop].strip(" \t\r\n.,;:\"'“”‘’»›")


def gap_is_harmless(left: str, gap: str, right: str) -> bool:
    """Whether an ellipsis between the pieces `left` and `right` may stand for `gap`, the text between them.

    gap: begins with the punctuation after `left`.
    """
    if len(gap) > MAX_GAP_CHARS or re.search(r"\n\s*\n", gap):
        return False
    near = left[-_BESIDE:]  # tells an abbreviation from the end of a sentence
    ends = [end - len(near) for end in sentence_ends(near + gap + right[:_BESIDE])]
    ends = [end for end in ends if 0 < end <= len(gap)]
    if not gap.strip(" .,;:"):
        return not ends or not _points_back(right)
    if not _is_clean(gap) or not _is_english(f"{left} {gap} {right}"):
        return False
    if not ends:
        return _is_aside(gap)
    outside = gap[: ends[0]] + gap[ends[-1] :]  # of the omitted sentence; two sentence ends enclose one
    return len(ends) == 2 and not any(c.isalnum() for c in outside) and not _points_back(right)


def _words(text: str) -> list[str]:
    return [word.replace("’", "'") for word in _WORD.findall(text)]


def _is_clean(gap: str) -> bool:
    """Without blocked words, questions, quotation marks and bare signs."""
    if "?" in gap or "!" in gap or _QUOTING.search(gap) or re.search(r"[%$€£<>=±~]", gap):
        return False
    words = [word if word in NAMES else word.lower() for word in _words(gap)]
    return not any(_is_blocked(word) for word in words)


def _is_english(text: str) -> bool:
    """The lists of words are English; a text in another language must not pass because nothing in it is known."""
    words = [word.lower() for word in _words(text)]
    plain = sum(word.isascii() for word in words)
    return plain >= 0.8 * len(words) and sum(word in ENGLISH for word in words) * 12 >= len(words)


def _is_blocked(word: str) -> bool:
    parts = [word, word.removesuffix("'s"), *word.split("-")]
    if (
        any(part in word_set("gap_blockers.txt") for part in parts)
        or word.endswith("n't")
        or word.startswith(("non", "un-", "anti", "pseudo"))
    ):
        return True
    return word.endswith("ly") and len(word) > 4 and word not in NOT_ADVERBS


def _is_aside(gap: str) -> bool:
    """`, words,` or `(words)` or `— words —`, with nothing of the kind in between."""
    found = re.fullmatch(r"(?s)\s*(?:,\s(.+),|\((.+)\)|\[(.+)\]|[—–]\s?(.+?)\s?[—–]|-\s(.+)\s-)\s*", gap)
    inner = next((part for part in found.groups() if part), "") if found else ""
    return bool(inner) and not re.search(r"[,;:()\[\]—–]|\s-", inner) and len(_words(inner)) <= 40


def _points_back(right: str) -> bool:
    """Whether a piece begins with a word whose meaning stands in the sentences before it."""
    return any(word.lower() in POINTING for word in _words(right)[:6])

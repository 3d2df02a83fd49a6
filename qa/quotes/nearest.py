"""Find the passage of a text that is most similar to a quote, and compare the two word by word."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from typing import Literal

__all__ = ["Change", "Likely", "WordIndex", "likeness", "word_diff"]

_WORD = re.compile(r"\w+")
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_SENTENCE_END = re.compile(r"[.!?]\W*\s|\n\s*\n")
_RARE = 12  # words of the quote that vote on its place
_COMMON = 2000  # more frequent words have no vote
_TRIED = 6  # windows that are compared in full


@dataclass(frozen=True, slots=True)
class Change:
    """A step of a word diff. `old` is empty for inserted words, `new` for deleted ones."""

    kind: Literal["same", "changed", "inserted", "deleted"]
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Likely:
    """A passage, and how much of its words it shares with the quote: in [0, 1]."""

    start: int
    end: int
    likeness: float


def word_diff(old: str, new: str) -> tuple[Change, ...]:
    """What changed, word by word; the old parts joined are `old`, the new parts joined are `new`."""
    a, b = _TOKEN.findall(old), _TOKEN.findall(new)
    kinds: dict[str, Literal["same", "changed", "inserted", "deleted"]]
    kinds = {"equal": "same", "replace": "changed", "insert": "inserted", "delete": "deleted"}
    steps = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return tuple(Change(kinds[tag], "".join(a[i:j]), "".join(b[k:m])) for tag, i, j, k, m in steps)


def likeness(old: str, new: str) -> float:
    """Twice the words in common, in order, over all words of both; 0 if there are none."""
    a, b = _WORD.findall(old.lower()), _WORD.findall(new.lower())
    if not a or not b:
        return 0.0
    return 1.0 if a == b else SequenceMatcher(None, a, b, autojunk=False).ratio()


class WordIndex:
    """The words of a text and their places, indexed once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._words: list[str] = []
        self._spans: list[tuple[int, int]] = []
        self._at: dict[str, list[int]] = {}
        for n, found in enumerate(_WORD.finditer(text)):
            word = found[0].lower()
            self._words.append(word)
            self._spans.append(found.span())
            self._at.setdefault(word, []).append(n)

    def nearest(self, quote: str) -> list[Likely]:
        """The passages that share most words with the quote, best first; a handful at most."""
        wanted = _WORD.findall(quote.lower())
        found = {passage for first in self._votes(wanted) if (passage := self._refine(quote, wanted, first))}
        return sorted(found, key=lambda passage: (-passage.likeness, passage.start))

    def _votes(self, wanted: Sequence[str]) -> list[int]:
        """The first words of the windows where most rare words of the quote stand in place."""
        width = max(3, len(wanted) // 3)
        known = [(len(self._at[w]), j, w) for j, w in enumerate(wanted) if 0 < len(self._at.get(w, ())) <= _COMMON]
        votes: Counter[int] = Counter()
        for _, j, word in sorted(known)[:_RARE]:
            votes.update({(p - j) // width for p in self._at[word]})
        return [bucket * width for bucket, _ in votes.most_common(_TRIED)]

    def _refine(self, quote: str, wanted: list[str], first: int) -> Likely | None:
        """The best passage within a window that begins near the word number `first`."""
        width = max(3, len(wanted) // 3)
        low, high = max(0, first - width), min(len(self._words), first + len(wanted) + 2 * width)
        matcher = SequenceMatcher(None, wanted, self._words[low:high], autojunk=False)
        blocks = _worth_keeping([block for block in matcher.get_matching_blocks() if block.size], len(wanted))
        if not blocks:
            return None
        i = self._widen(low + blocks[0].b, -1, blocks[0].a)
        j = self._widen(low + blocks[-1].b + blocks[-1].size - 1, 1, len(wanted) - blocks[-1].a - blocks[-1].size)
        start, end = self._with_punctuation(quote, self._spans[i][0], self._spans[j][1])
        return Likely(start, end, round(likeness(quote, self.text[start:end]), 4))

    def _widen(self, at: int, step: int, most: int) -> int:
        """Up to `most` words further, for the changed words at the end of a quote, but not into another sentence."""
        for _ in range(most):
            if not 0 <= at + step < len(self._words):
                break
            left, right = sorted((at, at + step))
            if _SENTENCE_END.search(self.text[self._spans[left][1] : self._spans[right][0]]):
                break
            at += step
        return at

    def _with_punctuation(self, quote: str, start: int, end: int) -> tuple[int, int]:
        """Take in the marks next to the words on the sides where the quote has some."""
        if not quote.strip()[:1].isalnum():
            while start and not (self.text[start - 1].isspace() or self.text[start - 1].isalnum()):
                start -= 1
        if not quote.strip()[-1:].isalnum():
            while end < len(self.text) and not (self.text[end].isspace() or self.text[end].isalnum()):
                end += 1
        return start, end


def _worth_keeping(blocks: list[Match], size: int) -> list[Match]:
    """Without the blocks at the ends that make the passage longer by more than they have in common with the quote."""

    def ratio(part: list[Match]) -> float:
        return 2 * sum(b.size for b in part) / (size + part[-1].b + part[-1].size - part[0].b)

    while len(blocks) > 1:
        better = max((blocks[1:], blocks[:-1]), key=ratio)
        if ratio(better) <= ratio(blocks):
            break
        blocks = better
    return blocks

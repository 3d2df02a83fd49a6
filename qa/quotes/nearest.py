"""Find the passage of a text that is most similar to a quote, and compare the two word by word."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from itertools import accumulate
from typing import Literal

__all__ = ["Change", "Likely", "WordIndex", "likeness", "word_diff"]

_WORD = re.compile(r"\w+")
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_SENTENCE_END = re.compile(r"[.!?]\W*\s|\n\s*\n")
_RARE = 12  # words of the quote that vote on its place
_COMMON = 2000  # more frequent words have no vote
_TRIED = 6  # windows that are compared in full
_MOST_PAIRS = 60_000  # words of one text times words of the other that are all compared; beyond, landmarks have to do


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
    steps, i, j = [], 0, 0
    for block in [*_blocks(a, b), Match(len(a), len(b), 0)]:
        steps.append(_step("".join(a[i : block.a]), "".join(b[j : block.b])))
        i, j = block.a + block.size, block.b + block.size
        steps.append(Change("same", "".join(a[block.a : i]), "".join(b[block.b : j])))
    return tuple(step for step in steps if step.old or step.new)


def _step(old: str, new: str) -> Change:
    return Change("changed" if old and new else "deleted" if old else "inserted", old, new)


def likeness(old: str, new: str) -> float:
    """Twice the words in common, in order, over all words of both; 0 if there are none."""
    a, b = _WORD.findall(old.lower()), _WORD.findall(new.lower())
    if not a or not b:
        return 0.0
    return 1.0 if a == b else 2 * sum(block.size for block in _blocks(a, b)) / (len(a) + len(b))


def _blocks(a: Sequence[str], b: Sequence[str]) -> list[Match]:
    """What both have in common, in order: as `difflib` finds it, whose time is cubic, or else by landmarks."""
    if len(a) * len(b) <= _MOST_PAIRS:
        return [block for block in SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks() if block.size]
    return list(_by_landmarks(a, b))


def _by_landmarks(a: Sequence[str], b: Sequence[str]) -> Iterator[Match]:
    """The common beginning and end, and words that stand once in each, in the same order, with their surroundings."""
    end = _agreeing(a[::-1], b[::-1])
    i = j = 0
    for left, right in [(0, 0), *_landmarks(a, b), (len(a) - end, len(b) - end)]:
        if left < i or right < j:
            continue  # inside the block before
        back = _agreeing(a[i:left][::-1], b[j:right][::-1])
        ahead = 0
        while left + ahead < len(a) and right + ahead < len(b) and a[left + ahead] == b[right + ahead]:
            ahead += 1
        if back + ahead:
            yield Match(left - back, right - back, back + ahead)
        i, j = left + ahead, right + ahead


def _agreeing(a: Sequence[str], b: Sequence[str]) -> int:
    return next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _landmarks(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Where the words stand that are once in each: the longest series that is in order in both."""
    once, there = Counter(a), Counter(b)
    places = {word: j for j, word in enumerate(b) if there[word] == 1}
    pairs = [(i, places[word]) for i, word in enumerate(a) if once[word] == 1 and word in places]
    lasts: list[int] = []  # the smallest place in b with which a series of each length ends,
    ends: list[int] = []  # the pair that has it,
    before: list[int] = []  # and of each pair, the one before it in its series
    for n, (_, j) in enumerate(pairs):
        k = bisect_left(lasts, j)
        before.append(ends[k - 1] if k else -1)
        lasts[k : k + 1], ends[k : k + 1] = [j], [n]
    series, n = [], ends[-1] if ends else -1
    while n >= 0:
        series.append(pairs[n])
        n = before[n]
    return series[::-1]


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
        blocks = _worth_keeping(_blocks(wanted, self._words[low:high]), len(wanted))
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
    sums = [0, *accumulate(block.size for block in blocks)]

    def ratio(first: int, last: int) -> float:
        return 2 * (sums[last + 1] - sums[first]) / (size + blocks[last].b + blocks[last].size - blocks[first].b)

    first, last = 0, len(blocks) - 1
    while first < last:
        better = max(((first + 1, last), (first, last - 1)), key=lambda part: ratio(*part))
        if ratio(*better) <= ratio(first, last):
            break
        first, last = better
    return blocks[first : last + 1]

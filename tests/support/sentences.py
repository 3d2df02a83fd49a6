"""Sentences as candidates whose dense scores are set by hand, and a lexicon over them: no model is needed."""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from qa.index.structure import KINDS
from qa.retrieve import rank

STORY = (
    "The mill at Oxley was built in 1852 by Ann Carver.",
    "It ground wheat for eleven villages.",
    "A flood in 1901 carried away the wheel.",
    "Carver said the repair would cost £340.",
    "Today a bakery uses the building.",
    "Visitors can see it on Sundays.",
)


class Words:
    """A lexicon over a few sentences; its stems are words without a final s, ed or er."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.size = len(texts)
        self._counts = Counter(stem for text in texts for stem in set(self.stem(re.findall(r"\w+", text.lower()))))

    def stem(self, words: Sequence[str]) -> list[str]:
        return [re.sub(r"(?<=\w{3})(?:s|ed|er|ing)$", "", word) for word in words]

    def frequency(self, stem: str) -> int:
        return self._counts[stem]


def rows(texts: Sequence[str], dense: Sequence[float] | None = None, gap: int = 1) -> rank.SentenceRows:
    starts = np.cumsum([0, *(len(text) + gap for text in texts)])[:-1] if texts else np.zeros(0, dtype=int)
    n = len(texts)
    return rank.SentenceRows(
        np.zeros(n, dtype=int),
        np.arange(n),
        np.array(dense if dense is not None else [0.1] * n, dtype=float),
        np.zeros(n),
        starts,
        starts + np.array([len(text) for text in texts], dtype=int),
        np.zeros(n, dtype=int),
        np.full(n, -1),
        np.full(n, KINDS.index("paragraph")),
        list(texts),
        [""] * n,
    )

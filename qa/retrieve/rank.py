"""Fusion of dense and lexical scores into a ranking. Pure: arrays in, arrays out.

A row is one passage or one sentence. Rows are sorted by document, then by number within the document.
"""

from typing import TYPE_CHECKING, Any

from qa.index.protocol import PassageRows, SentenceRows
from qa.index.structure import QUOTABLE_KINDS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[Any]
    Ints = NDArray[Any]
    Bools = NDArray[np.bool_]

__all__ = [
    "CANDIDATES",
    "HIGHEST",
    "PassageRows",
    "SentenceRows",
    "asks",
    "best",
    "candidates",
    "fuse",
    "minmax",
    "neighbour",
    "open_questions",
    "over_best",
    "passage_scores",
    "rank_passages",
    "rank_sentences",
    "window",
]

CANDIDATES = 50
"""How many passages, and how many sentences, the retriever takes from the dense and from the lexical search."""

PASSAGES = 10
"""Of how many of the best passages every sentence is read closely."""

BEST = 12
"""How many sentences of each ranking are read closely besides."""

ANSWERS = 2
"""How many of the first sentences below a heading or a question become candidates because of it."""

SENTENCE = 0.5
NEIGHBOUR = 0.3
"""Weights of a passage's best sentence and of each neighbouring passage. Recall of five passages on the chunking
benchmark, and F1 of three sections on docs_rag: 86.0 and .571 without both, 86.6 and .591 with them
(docs/retrieval.md).
"""

HIGHEST = 2 * (1 + SENTENCE + 2 * NEIGHBOUR)
"""The score of a passage that is first in everything, and so are its best sentence and both of its neighbours."""


def minmax(scores: "Floats") -> "Floats":
    """Scores mapped linearly to [0, 1]; constant scores, which rank nothing, all become 0."""
    import numpy as np

    values = np.asarray(scores, dtype=np.float64)
    if not len(values):
        return values
    low, high = values.min(), values.max()
    return (values - low) / (high - low) if high > low else np.zeros_like(values)


def over_best(scores: "Floats", rivals: Any = True) -> "Floats":
    """Scores of at least 0 over the best one of the rivals, a mask, in [0, 1]; where none of them is above 0, all are
    as good as the best: 1.
    """
    import numpy as np

    values = np.asarray(scores, dtype=np.float64)
    top = values.max(initial=0.0, where=rivals)
    return np.minimum(values / top, 1.0) if top > 0 else np.ones_like(values)


def fuse(dense: "Floats", lexical: "Floats") -> "Floats":
    """The sum of both, each mapped to [0, 1] by `minmax`: in [0, 2]."""
    return minmax(dense) + minmax(lexical)


def best(scores: "Floats", k: int) -> "Ints":
    """Rows of the k highest scores, best first; equal scores in row order, so that every run gives the same result."""
    import numpy as np

    return np.argsort(-np.asarray(scores), kind="stable")[: max(k, 0)]


def neighbour(
    rows: PassageRows | SentenceRows, values: "Floats", offset: int, default: "float | Floats" = 0.0
) -> "Floats":
    """For each row, the value of the row `offset` places further on in its document.

    default: the value, for all rows or for each, where that row is not a candidate.
    """
    import numpy as np

    if not len(values):
        return np.zeros(0)
    keys = np.asarray(rows.doc, dtype=np.int64) * 2**32 + np.asarray(rows.number, dtype=np.int64)
    at = np.minimum(np.searchsorted(keys, keys + offset), len(keys) - 1)
    return np.where(keys[at] == keys + offset, np.asarray(values)[at], default)


def window(rows: SentenceRows, values: "Floats", reach: int = 2) -> "Floats":
    """For each sentence, the mean of its value and those of the candidates of its section up to `reach` places away."""
    import numpy as np

    total, count = np.zeros(len(values)), np.zeros(len(values))
    for offset in range(-reach, reach + 1):
        near = neighbour(rows, rows.section, offset, -2) == rows.section
        total += near * neighbour(rows, values, offset)
        count += near
    return total / np.maximum(count, 1)


def rank_sentences(rows: SentenceRows) -> "Floats":
    """A score per sentence in [0, 4]: its own fused score and that of its five-sentence window."""
    own = fuse(rows.dense, rows.lexical)
    return own + fuse(window(rows, rows.dense), window(rows, rows.lexical))


def candidates(sentences: SentenceRows, placed: "Floats") -> "Ints":
    """The sentences that are read closely, best first by `rank_sentences`: those that can state something and are in
    one of the first passages, among the best of either search, or right after a heading or a question that is. A
    question states nothing.

    placed: of each sentence, by `passage_scores`.
    """
    import numpy as np

    scores = rank_sentences(sentences)
    stating = _stating(sentences)
    chosen = stating & (placed > 0)
    for ranking in (scores, sentences.dense, sentences.lexical):
        order = best(ranking, int(np.count_nonzero(ranking > 0)))
        chosen[order[stating[order]][:BEST]] = True
        for head in (row for row in order[:BEST].tolist() if _is_head(sentences, row)):
            below = (sentences.doc == sentences.doc[head]) & (sentences.section == sentences.section[head]) & stating
            chosen[head + np.flatnonzero(below[head:])[:ANSWERS]] = True
    kept = np.flatnonzero(chosen)
    states = np.array([not asks(sentences, row) for row in kept.tolist()], dtype=bool)
    kept = kept[states]
    ordered: Ints = kept[np.argsort(-scores[kept], kind="stable")]
    return ordered


def asks(sentences: SentenceRows, row: int) -> bool:
    """Whether a sentence is a question."""
    return sentences.text[row].rstrip().endswith("?")


def open_questions(sentences: SentenceRows) -> "Bools":
    """Sentences of the text that are questions. One that repeats what is asked is nearer to it than any answer."""
    import numpy as np

    asking: Bools = _stating(sentences)
    rows = np.flatnonzero(asking)
    asking[rows] = [asks(sentences, row) for row in rows.tolist()]
    return asking


def _stating(sentences: SentenceRows) -> "Bools":
    import numpy as np

    return np.isin(sentences.kind, QUOTABLE_KINDS)


def _is_head(sentences: SentenceRows, row: int) -> bool:
    return bool(sentences.section[row] == sentences.block[row]) or asks(sentences, row)


def passage_scores(passages: PassageRows, sentences: SentenceRows) -> "Floats":
    """For each sentence the score of its passage over that of the best one, in [0, 1]; 0 outside the first
    `PASSAGES`. A passage whose best sentence is an open question is not the best one. Passages that all score 0, an
    only one above all, are all as good as the best.
    """
    import numpy as np

    found = np.zeros(len(sentences.doc))
    scores = rank_passages(passages, sentences)
    order = best(scores, PASSAGES)
    asking = open_questions(sentences)
    near = fuse(sentences.dense, sentences.lexical)
    stating = [row for row in order.tolist() if not _asks_most(passages, sentences, row, near, asking)]
    rivals = np.isin(np.arange(len(scores)), stating or order)
    shares = over_best(scores, rivals)
    for row in reversed(order.tolist()):
        inside = (sentences.doc == passages.doc[row]) & (sentences.number >= passages.first[row])
        found[inside & (sentences.number <= passages.last[row])] = max(float(shares[row]), 1e-3)
    return found


def _asks_most(passages: PassageRows, sentences: SentenceRows, row: int, near: "Floats", asking: "Bools") -> bool:
    """Whether the best sentence of a passage is an open question."""
    import numpy as np

    inside = (sentences.doc == passages.doc[row]) & (sentences.number >= passages.first[row])
    rows = np.flatnonzero(inside & (sentences.number <= passages.last[row]))
    return bool(len(rows) and asking[rows[near[rows].argmax()]])


def rank_passages(passages: PassageRows, sentences: SentenceRows) -> "Floats":
    """A score per passage: its fused score plus weighted scores of its best sentence and its neighbouring passages.

    A passage at the edge of its document stands in for the missing neighbour, so that short documents are not at a
    disadvantage. Constant scores count as 0: a single passage scores 0.
    """
    own = fuse(passages.dense, passages.lexical)
    total = own + SENTENCE * _best_sentence(passages, sentences)
    return total + NEIGHBOUR * (neighbour(passages, own, -1, own) + neighbour(passages, own, 1, own))


def _best_sentence(passages: PassageRows, sentences: SentenceRows) -> "Floats":
    import numpy as np

    scores = fuse(sentences.dense, sentences.lexical)
    keys = np.asarray(sentences.doc, dtype=np.int64) * 2**32 + np.asarray(sentences.number, dtype=np.int64)
    base = np.asarray(passages.doc, dtype=np.int64) * 2**32
    starts = np.searchsorted(keys, base + np.asarray(passages.first), side="left")
    ends = np.searchsorted(keys, base + np.asarray(passages.last), side="right")
    return np.array([scores[a:b].max() if b > a else 0.0 for a, b in zip(starts, ends, strict=True)])

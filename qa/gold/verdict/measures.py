"""The figures of a run, named as the field names them. Pure functions.

Of retrieval, where a part of a case counts as found by the hit that completes one of its gold quotes:

recall@k               share of the parts that are found among the first k hits
rr@k                   1 / rank of the first hit that completes a part, 0 if none of the first k does
ndcg@k                 gain of the ranking against that of the best one; see `ndcg`

Of an answer, over characters (white space is none) and over quotes:

char_precision         share of the returned characters that are gold
char_recall            share of the gold characters that are returned
char_iou               gold and returned characters, shared against all
citation_precision     share of the returned quotes that overlap a gold quote
citation_recall        share of the parts of which a gold quote is returned
answer_match           1 if the text says what it must, else 0
supported              share of the shown statements that are supported or unconfirmed
verbatim               share of the returned quotes that are the source's characters

Of a set of cases: pass, abstention_precision (of those abstained, the share that should), abstention_recall (of those
that should, the share that did). What was spent, per case: latency_ms, prompt_tokens, completion_tokens, cost.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from math import log2
from typing import Final

from qa.gold.results import Result
from qa.quotes.anchors import Place

__all__ = [
    "NAMES",
    "Character",
    "Summary",
    "by_tag",
    "char_iou",
    "char_precision",
    "char_recall",
    "characters",
    "citation_precision",
    "citation_recall",
    "gold_characters",
    "mean",
    "ndcg",
    "overlap",
    "rank_of",
    "recall",
    "rr",
    "summary",
]

NAMES: Final = (
    "pass", "recall", "rr", "ndcg", "char_precision", "char_recall", "char_iou", "citation_precision",
    "citation_recall", "answer_match", "abstention_precision", "abstention_recall", "supported", "verbatim",
    "latency_ms", "prompt_tokens", "completion_tokens", "cost",
)  # fmt: skip
"""All measures in the order in which `summary` gives them; the first three of retrieval go on with `@k`."""

Character = tuple[str, int]
"""A document and an offset in its text."""


def characters(places: Iterable[Place], texts: Mapping[str, str]) -> frozenset[Character]:
    """The characters of the places, white space aside."""
    spans = ((place, texts[place.doc_id]) for place in places)
    return frozenset((p.doc_id, i) for p, text in spans for i in range(p.start, p.end) if not text[i].isspace())


def overlap(one: Place, other: Place) -> bool:
    """Whether the places share characters, be it white space."""
    return one.doc_id == other.doc_id and one.start < other.end and other.start < one.end


def rank_of(quote: Place, hits: Sequence[Place], texts: Mapping[str, str]) -> int | None:
    """The rank, from 1, of the hit with which all of the quote, white space aside, stands in the hits so far.

    A quote may straddle two passages: the second of them completes it. None if it is never complete.
    """
    missing: Set[Character] = characters([quote], texts)
    for rank, hit in enumerate(hits, 1):
        if overlap(quote, hit):
            missing = {(doc_id, i) for doc_id, i in missing if not hit.start <= i < hit.end}
            if not missing:
                return rank
    return None


def recall(ranks: Sequence[int | None], k: int) -> float:
    """Recall@k over the parts, each being one thing to find ("nugget"). ranks: of each part, at least one; None: not
    found.
    """
    return mean(_within(rank, k) for rank in ranks)


def rr(ranks: Sequence[int | None], k: int) -> float:
    """Reciprocal rank of the first hit that completes a part, 0 after the k-th. ranks: as for `recall`.

    Source: Voorhees, The TREC-8 question answering track report, 1999.
    """
    return max((1 / rank for rank in ranks if rank is not None and rank <= k), default=0.0)


def ndcg(ranks: Sequence[int | None], k: int) -> float:
    """Normalised discounted cumulative gain of the first k hits. ranks: as for `recall`.

    A hit that completes parts gains 1, however many, and is divided by log2(rank + 1). The best ranking has these
    hits first, and behind them one hit for each part that was not found: a missing part is a relevant document that
    was not retrieved. Source: Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques, 2002, with
    the discount of trec_eval's ndcg_cut.
    """
    relevant = {rank for rank in ranks if rank is not None}
    best = min(len(relevant) + sum(rank is None for rank in ranks), k)
    return sum(1 / log2(rank + 1) for rank in sorted(relevant) if rank <= k) / sum(
        1 / log2(rank + 1) for rank in range(1, best + 1)
    )


def _within(rank: int | None, k: int) -> bool:
    return rank is not None and rank <= k


def gold_characters(parts: Sequence[Sequence[Set[Character]]], returned: Set[Character]) -> frozenset[Character]:
    """What should have been returned: of each part the quote that was returned best, the first of equals.

    Returned characters of its other quotes, which would have done as well, are gold too. parts: the characters of each
    quote of each part.
    """
    best = [max(part, key=lambda quote: len(quote & returned) / len(quote)) for part in parts]
    others = [quote & returned for part in parts for quote in part]
    return frozenset().union(*best, *others)


def char_precision(returned: Set[Character], gold: Set[Character]) -> float:
    """Share of the returned characters, of which there is at least one, that are gold.

    Source of this and the two below: Smith and Troynikov, Evaluating chunking strategies for retrieval, 2024, with
    characters in place of tokens.
    """
    return len(returned & gold) / len(returned)


def char_recall(returned: Set[Character], gold: Set[Character]) -> float:
    """Share of the gold characters, of which there is at least one, that are returned."""
    return len(returned & gold) / len(gold)


def char_iou(returned: Set[Character], gold: Set[Character]) -> float:
    """Intersection over union (Jaccard index) of the two, at least one of which is not empty."""
    return len(returned & gold) / len(returned | gold)


def citation_precision(returned: Sequence[Set[Character]], gold: Set[Character]) -> float:
    """Share of the returned quotes, of which there is at least one, that share characters with a gold quote.

    Source of this and the next: Gao et al., Enabling large language models to generate text with citations, 2023, with
    gold quotes in place of a judge.
    """
    return mean(not quote.isdisjoint(gold) for quote in returned)


def citation_recall(parts: Sequence[Sequence[Set[Character]]], returned: Set[Character]) -> float:
    """Share of the parts, of which there is at least one, one of whose quotes is wholly returned."""
    return mean(any(quote <= returned for quote in part) for part in parts)


@dataclass(frozen=True, slots=True)
class Summary:
    """The mean of a measure and how many cases it was taken over, at least one."""

    value: float
    n: int


def summary(results: Iterable[Result]) -> dict[str, Summary]:
    """Each measure over the cases that it applies to, in the order of `NAMES`; one that applies to none is left out.

    Cases that could not be measured, and those with stale gold, are not in it.
    """
    measured = [result for result in results if result.outcome in ("pass", "fail")]
    values: dict[str, list[float]] = {"pass": [float(result.outcome == "pass") for result in measured]}
    for result in measured:
        for name, value in result.measures.items():
            values.setdefault(name, []).append(value)
    silent = [result for result in measured if result.observed.status == "abstained"]
    should = [result for result in measured if result.expect == "abstain"]
    values["abstention_precision"] = [float(result.expect == "abstain") for result in silent]
    values["abstention_recall"] = [float(result.observed.status == "abstained") for result in should]
    ordered = sorted(values, key=lambda name: NAMES.index(name.partition("@")[0]))
    return {name: Summary(mean(values[name]), len(values[name])) for name in ordered if values[name]}


def by_tag(results: Sequence[Result]) -> dict[str, dict[str, Summary]]:
    """`summary` of the cases of each tag, the tags sorted."""
    tags = sorted({tag for result in results for tag in result.tags})
    return {tag: summary(result for result in results if tag in result.tags) for tag in tags}


def mean(values: Iterable[float]) -> float:
    """The arithmetic mean of at least one value."""
    listed = list(values)
    return sum(listed) / len(listed)

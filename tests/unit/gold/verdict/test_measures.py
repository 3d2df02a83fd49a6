"""Every measure against one that knows better: ir_measures, characters counted one by one, or a pencil."""

import random
from math import log2

import ir_measures
import pytest
from ir_measures import RR, R, nDCG

from qa.gold.results import Observation, Result
from qa.gold.verdict import measures
from qa.gold.verdict.measures import Summary
from qa.quotes.anchors import Place

TEXTS = {"a": "the old harbour  is\nclosed in spring", "b": "it rained on Tuesday, they say"}


def place(words, doc_id="a"):
    start = TEXTS[doc_id].index(words)
    return Place(doc_id, start, start + len(words))


def chars(words, doc_id="a"):
    return measures.characters([place(words, doc_id)], TEXTS)


def random_place(rng):
    doc_id = rng.choice(sorted(TEXTS))
    start, end = sorted(rng.sample(range(len(TEXTS[doc_id]) + 1), 2))
    return Place(doc_id, start, end)


# --- Where a quote is complete ----------------------------------------------------------------------------------------


def test_white_space_is_no_character():
    assert measures.characters([place("harbour  is\nc")], TEXTS) == {("a", i) for i in [*range(8, 15), 17, 18, 20]}


def test_the_hit_that_completes_a_quote_has_its_rank():
    quote = place("harbour  is\nclosed")
    assert measures.rank_of(quote, [place("it rained", "b"), place("the old harbour  is\nclosed in")], TEXTS) == 2
    assert measures.rank_of(quote, [place("is\nclosed"), place("old harbour"), place("the old")], TEXTS) == 2
    assert measures.rank_of(quote, [place("is\nclosed"), place("old harb")], TEXTS) is None
    assert measures.rank_of(quote, [Place("b", quote.start, quote.end)], TEXTS) is None
    assert measures.rank_of(quote, [], TEXTS) is None


def brute_rank(quote, hits):
    text = TEXTS[quote.doc_id]
    for rank in range(1, len(hits) + 1):
        inside = {(hit.doc_id, i) for hit in hits[:rank] for i in range(hit.start, hit.end)}
        if all((quote.doc_id, i) in inside or text[i].isspace() for i in range(quote.start, quote.end)):
            return rank
    return None


def test_ranks_are_those_of_a_slow_obvious_search():
    rng = random.Random(1)
    ranks = []
    for _ in range(2000):
        quote, hits = random_place(rng), [random_place(rng) for _ in range(rng.randint(0, 8))]
        if measures.characters([quote], TEXTS):
            ranks.append(measures.rank_of(quote, hits, TEXTS))
            assert ranks[-1] == brute_rank(quote, hits)
    assert {None, 1, 2, 3, 4} <= set(ranks)


def test_places_overlap_when_they_share_a_character():
    rng = random.Random(2)
    for _ in range(500):
        one, other = random_place(rng), random_place(rng)
        shared = {(one.doc_id, i) for i in range(one.start, one.end)} & {
            (other.doc_id, i) for i in range(other.start, other.end)
        }
        assert measures.overlap(one, other) is bool(shared)


# --- Retrieval --------------------------------------------------------------------------------------------------------


def oracle(measure, ranks, hits):
    """What ir_measures says: hits that complete a part are relevant, and so is one document for each missing part."""
    relevant = {f"hit{rank}" for rank in ranks if rank is not None}
    missing = {f"missing{n}" for n, rank in enumerate(ranks) if rank is None}
    qrels = [ir_measures.Qrel("q", name, 1) for name in relevant | missing]
    run = [ir_measures.ScoredDoc("q", f"hit{rank}", float(-rank)) for rank in range(1, hits + 1)]
    return ir_measures.calc_aggregate([measure], qrels, run)[measure]


def recall_oracle(ranks, hits, k):
    """Recall of ir_measures with each part a document of its own: a hit is replaced by the parts that it completes."""
    run, cutoff = [], 0
    for rank in range(1, hits + 1):
        run += [f"part{n}" for n, r in enumerate(ranks) if r == rank] or [f"hit{rank}"]
        cutoff = len(run) if rank <= k else cutoff
    scored = [ir_measures.ScoredDoc("q", name, float(-n)) for n, name in enumerate(run)]
    qrels = [ir_measures.Qrel("q", f"part{n}", 1) for n in range(len(ranks))]
    return ir_measures.calc_aggregate([R @ cutoff], qrels, scored)[R @ cutoff]


def test_recall_rr_and_ndcg_are_those_of_ir_measures():
    rng = random.Random(3)
    seen = set()
    for _ in range(300):
        hits, k = rng.randint(1, 10), rng.randint(1, 10)
        ranks = [rng.choice([None, *range(1, hits + 1)]) for _ in range(rng.randint(1, 5))]
        assert measures.ndcg(ranks, k) == pytest.approx(oracle(nDCG @ k, ranks, hits), abs=1e-12)
        assert measures.rr(ranks, k) == pytest.approx(oracle(RR @ k, ranks, hits), abs=1e-12)
        assert measures.recall(ranks, k) == pytest.approx(recall_oracle(ranks, hits, k), abs=1e-12)
        seen.add(round(measures.ndcg(ranks, k), 6))
    assert len(seen) > 50


def test_one_hit_that_completes_all_parts_is_the_best_ranking():
    assert measures.ndcg([1, 1], 5) == measures.rr([1, 1], 5) == measures.recall([1, 1], 5) == 1.0


def test_by_hand():
    assert measures.recall([2, None, 6], 5) == pytest.approx(1 / 3)
    assert measures.rr([None, 6, 4], 5) == 0.25
    assert measures.rr([None, 6], 5) == measures.rr([None], 5) == 0.0
    assert measures.ndcg([2, None], 5) == pytest.approx((1 / log2(3)) / (1 + 1 / log2(3)))
    assert measures.ndcg([2], 1) == measures.ndcg([None], 5) == 0.0


# --- Characters and citations -----------------------------------------------------------------------------------------


def count(text_marks):
    """Precision, recall and IoU, the characters counted one by one: (returned, gold) of each."""
    both = sum(r and g for r, g in text_marks)
    returned, gold, either = (
        sum(r for r, _ in text_marks), sum(g for _, g in text_marks), sum(r or g for r, g in text_marks)
    )  # fmt: skip
    return both / returned, both / gold, both / either


def test_character_measures_are_those_counted_one_by_one():
    rng = random.Random(4)
    for _ in range(500):
        returned, gold = [[random_place(rng) for _ in range(rng.randint(1, 3))] for _ in range(2)]
        marks = [
            tuple(any(p.doc_id == doc_id and p.start <= i < p.end for p in places) for places in (returned, gold))
            for doc_id, text in TEXTS.items()
            for i, char in enumerate(text)
            if char not in " \n"
        ]
        sets = measures.characters(returned, TEXTS), measures.characters(gold, TEXTS)
        if all(sets):
            got = measures.char_precision(*sets), measures.char_recall(*sets), measures.char_iou(*sets)
            assert got == count(marks)


def test_of_a_part_the_quote_that_was_returned_best_is_gold():
    part = [chars("old harbour"), chars("rained", "b")]
    assert measures.gold_characters([part], chars("it rained", "b")) == chars("rained", "b")
    assert measures.gold_characters([part], chars("the old")) == chars("old harbour")
    assert measures.gold_characters([part], frozenset()) == chars("old harbour")


def test_another_quote_of_the_part_does_no_harm():
    part = [chars("old harbour"), chars("rained", "b")]
    returned = chars("old harbour") | chars("rain", "b")
    gold = measures.gold_characters([part], returned)
    assert measures.char_precision(returned, gold) == measures.char_recall(returned, gold) == 1.0


def test_each_part_is_needed():
    returned = chars("old harbour")
    gold = measures.gold_characters([[chars("harbour")], [chars("rained", "b")]], returned)
    assert measures.char_precision(returned, gold) == 7 / 10
    assert measures.char_recall(returned, gold) == 7 / 13
    assert measures.char_iou(returned, gold) == 7 / 16


def test_a_citation_is_precise_if_it_touches_gold_and_recalls_a_part_if_it_holds_a_quote_of_it():
    parts = [[chars("old harbour"), chars("closed")], [chars("rained", "b")]]
    gold = frozenset().union(*parts[0], *parts[1])
    quotes = [chars("the old"), chars("spring"), chars("is\nclosed in"), chars("Tuesday", "b")]
    assert measures.citation_precision(quotes, gold) == 2 / 4
    assert measures.citation_recall(parts, frozenset().union(*quotes)) == 1 / 2


def test_two_quotes_may_hold_a_gold_quote_together():
    returned = chars("the old") | chars("harbour")
    assert measures.citation_recall([[chars("old harbour")]], returned) == 1.0


# --- Of a set ---------------------------------------------------------------------------------------------------------


def result(outcome, expect="answer", status="answered", tags=(), **figures):
    named = {name.replace("_at_", "@"): value for name, value in figures.items()}
    return Result(
        id="x", fact="x", question="?", expect=expect, severity="normal", tags=tags, file="g.yaml", line=1,
        case_sha256="", outcome=outcome, problems=(), gold=(), observed=Observation(status=status), measures=named,
    )  # fmt: skip


SET = [
    result("pass", tags=("a", "b"), recall_at_5=1.0, char_precision=0.5),
    result("fail", status="abstained", tags=("a",), recall_at_5=0.5),
    result("pass", expect="abstain", status="abstained", tags=("b",)),
    result("fail", expect="abstain"),
    result("error", status="abstained", tags=("b",), recall_at_5=0.0, verbatim=0.0),
    result("stale", status="abstained", tags=("c",), recall_at_5=0.0),
]


def test_a_summary_is_over_the_measured_cases_that_a_measure_applies_to():
    assert measures.summary(SET) == {
        "pass": Summary(0.5, 4),
        "recall@5": Summary(0.75, 2),
        "char_precision": Summary(0.5, 1),
        "abstention_precision": Summary(0.5, 2),
        "abstention_recall": Summary(0.5, 2),
    }


def test_measures_come_in_one_order():
    assert list(measures.summary(reversed(SET))) == list(measures.summary(SET))
    names = [name.partition("@")[0] for name in measures.summary(SET)]
    assert names == [name for name in measures.NAMES if name in names]


def test_by_tag_summarises_the_cases_of_each_tag():
    tagged = measures.by_tag(SET)
    assert list(tagged) == ["a", "b", "c"]
    assert tagged["a"]["pass"] == Summary(0.5, 2)
    assert tagged["b"] == measures.summary([SET[0], SET[2]])
    assert tagged["c"] == {}


def test_nothing_measured_has_no_summary():
    assert measures.summary([]) == measures.summary(SET[4:]) == {}

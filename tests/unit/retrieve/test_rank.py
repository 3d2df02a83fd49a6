"""Fusion and the rankings, against slow and obvious twins."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.index.structure import KINDS
from qa.retrieve import rank

SCORES = st.lists(st.floats(0, 10, width=32), min_size=1, max_size=12)


def sentences(doc: list[int], number: list[int], dense: list[float], lexical: list[float]) -> rank.SentenceRows:
    n = np.arange(len(doc))
    kind = np.full(len(doc), KINDS.index("paragraph"))
    scores = np.array(dense), np.array(lexical)
    places = n * 10, n * 10 + 9, n, np.full(len(doc), -1), kind
    return rank.SentenceRows(np.array(doc), np.array(number), *scores, *places, ["text"] * len(doc), [""] * len(doc))


def passages(doc: list[int], dense: list[float], lexical: list[float]) -> rank.PassageRows:
    """One sentence a passage, numbered within its document."""
    number = np.array([doc[:i].count(d) for i, d in enumerate(doc)])
    places = number * 10
    return rank.PassageRows(
        np.array(doc), number, np.array(dense), np.array(lexical), number, number, places, places + 9
    )


def test_minmax_reaches_from_zero_to_one() -> None:
    assert rank.minmax(np.array([2.0, 4.0, 3.0])).tolist() == [0.0, 1.0, 0.5]


def test_constant_scores_rank_nothing() -> None:
    assert rank.minmax(np.array([3.0, 3.0])).tolist() == [0.0, 0.0]
    assert rank.minmax(np.array([7.0])).tolist() == [0.0]
    assert rank.minmax(np.array([])).tolist() == []


@given(SCORES)
def test_minmax_keeps_the_order(scores: list[float]) -> None:
    mapped = rank.minmax(np.array(scores))
    assert all(0 <= value <= 1 for value in mapped)
    assert all(mapped[i] <= mapped[j] for i, a in enumerate(scores) for j, b in enumerate(scores) if a <= b)


def test_fuse_adds_both_scores_on_one_scale() -> None:
    assert rank.fuse(np.array([0.1, 0.3]), np.array([8.0, 0.0])).tolist() == [1.0, 1.0]


@given(SCORES, st.integers(0, 15))
def test_best_equals_a_stable_sort(scores: list[float], k: int) -> None:
    expected = sorted(range(len(scores)), key=lambda i: (-scores[i], i))[:k]
    assert rank.best(np.array(scores), k).tolist() == expected


@given(st.data())
def test_window_equals_the_mean_over_the_neighbours_that_are_there(data: st.DataObject) -> None:
    rows = sorted(data.draw(st.sets(st.tuples(st.integers(0, 2), st.integers(0, 8)), min_size=1, max_size=15)))
    values = data.draw(st.lists(st.floats(0, 1), min_size=len(rows), max_size=len(rows)))
    given_rows = sentences([d for d, _ in rows], [n for _, n in rows], values, values)
    for (doc, number), got in zip(rows, rank.window(given_rows, np.array(values)), strict=True):
        near = [v for (d, n), v in zip(rows, values, strict=True) if d == doc and abs(n - number) <= 2]
        assert got == pytest.approx(sum(near) / len(near))


def test_neighbours_are_not_taken_from_another_document() -> None:
    rows = sentences([0, 0, 1], [0, 1, 2], [1.0, 2.0, 4.0], [0.0] * 3)
    assert rank.neighbour(rows, rows.dense, 1).tolist() == [2.0, 0.0, 0.0]
    assert rank.neighbour(rows, rows.dense, -1).tolist() == [0.0, 1.0, 0.0]


def test_a_sentence_among_good_ones_beats_the_same_sentence_alone() -> None:
    rows = sentences([0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], [0.4, 0.9, 0.4, 0.1, 0.9, 0.1], [0.0] * 6)
    scores = rank.rank_sentences(rows)
    assert scores[1] > scores[4]


def test_passages_are_scored_by_themselves_their_best_sentence_and_their_neighbours() -> None:
    rows = passages([0, 0, 0], [0.0, 1.0, 0.5], [0.0, 1.0, 0.0])
    scores = rank.rank_passages(rows, sentences([0, 0, 0], [0, 1, 2], [0.0, 1.0, 0.0], [0.0, 3.0, 0.0]))
    own, best = [0.0, 2.0, 0.5], [0.0, 2.0, 0.0]
    neighbours = [own[0] + own[1], own[0] + own[2], own[1] + own[2]]
    expected = [a + 0.5 * b + 0.3 * c for a, b, c in zip(own, best, neighbours, strict=True)]
    assert scores.tolist() == pytest.approx(expected)


def test_a_document_of_one_passage_is_not_behind_an_equal_one_among_others() -> None:
    rows = passages([0, 0, 0, 1], [0.9, 0.9, 0.9, 0.9], [0.0, 0.0, 0.0, 0.0])
    scores = rank.rank_passages(rows, sentences([], [], [], []))
    assert scores[3] == scores[1]


def test_one_passage_alone_has_the_score_zero() -> None:
    assert rank.rank_passages(passages([0], [0.7], [3.0]), sentences([0], [0], [0.7], [3.0])).tolist() == [0.0]


def test_an_only_passage_is_as_good_as_the_best() -> None:
    rows = sentences([0], [0], [0.7], [3.0])
    assert rank.passage_scores(passages([0], [0.7], [3.0]), rows).tolist() == [1.0]
    assert rank.over_best(rank.rank_sentences(rows)).tolist() == [1.0]
    assert rank.over_best(np.array([1.0, 4.0, 0.0])).tolist() == [0.25, 1.0, 0.0]


def test_no_passages_give_no_scores() -> None:
    assert rank.rank_passages(passages([], [], []), sentences([], [], [], [])).tolist() == []


def test_a_passage_whose_sentences_are_no_candidates_is_ranked_all_the_same() -> None:
    scores = rank.rank_passages(passages([0, 1], [0.2, 0.4], [0.0, 0.0]), sentences([1], [0], [0.4], [0.0]))
    assert scores[1] > scores[0]


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="equal lengths"):
        passages([0, 1], [0.1], [0.0, 0.0])

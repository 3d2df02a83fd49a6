"""Both searches against slow, obvious twins on generated data."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.english import words
from qa.errors import IndexDamagedError
from qa.index import lexical, vectors


def write(path, matrix):
    with vectors.VectorWriter(path, matrix.shape[1]) as out:
        for at in range(0, len(matrix), 7):
            out.add(matrix[at : at + 7])


def write_lexical(folder, texts):
    out = lexical.LexicalWriter(folder)
    for text in texts:
        out.add([text])
    out.save()


SIZES = st.tuples(st.integers(1, 40), st.integers(1, 12), st.integers(0, 2**31))


@settings(deadline=None, max_examples=60)
@given(SIZES, st.integers(1, 50), st.data())
def test_vector_search_equals_brute_force(tmp_path_factory, size, k, data):
    rows, dim, seed = size
    rng = np.random.default_rng(seed)
    matrix = rng.standard_normal((rows, dim)).astype(np.float32)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    query = matrix[rng.integers(rows)] + rng.standard_normal(dim).astype(np.float32)
    path = tmp_path_factory.mktemp("v") / "x.faiss"
    write(path, matrix)
    index = vectors.VectorIndex.open(path)
    allowed = data.draw(st.none() | st.sets(st.integers(0, rows - 1)))
    rows_allowed = np.array(sorted(allowed), dtype=np.int64) if allowed is not None else np.arange(rows)
    exact = matrix @ query
    found = index.search(query, k, None if allowed is None else rows_allowed)
    assert len(found) == len(set(found.tolist())) == min(k, len(rows_allowed))
    assert set(found.tolist()) <= set(rows_allowed.tolist())
    np.testing.assert_allclose(exact[found], np.sort(exact[rows_allowed])[::-1][: len(found)], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(index.scores(query, rows_allowed), exact[rows_allowed], rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(index.rows(np.arange(rows)), matrix)


def test_an_empty_vector_index_finds_nothing(tmp_path):
    write(tmp_path / "x.faiss", np.empty((0, 4), dtype=np.float32))
    index = vectors.VectorIndex.open(tmp_path / "x.faiss")
    assert index.search(np.ones(4, dtype=np.float32), 3).tolist() == []


def test_a_query_of_the_wrong_length_is_refused_at_the_door(tmp_path):
    write(tmp_path / "x.faiss", np.eye(3, dtype=np.float32))
    with pytest.raises(ValueError, match=r"expected a query of shape \(3,\), got \(4,\)"):
        vectors.VectorIndex.open(tmp_path / "x.faiss").search(np.ones(4, dtype=np.float32), 1)


def test_a_file_that_is_no_faiss_index_is_damage(tmp_path):
    (tmp_path / "x.faiss").write_bytes(b"not an index at all")
    with pytest.raises(IndexDamagedError, match=r"x\.faiss is not a FAISS index"):
        vectors.VectorIndex.open(tmp_path / "x.faiss")


def bm25(texts: list[str], query: str) -> list[float]:
    """Lucene's BM25 by the book: sum of idf * tf / (tf + k1 * (1 - b + b * length / mean length))."""
    corpus = [words.analyze(text) for text in texts]
    mean = sum(map(len, corpus)) / len(corpus)
    scores = [0.0] * len(texts)
    for term in words.analyze(query):
        df = sum(term in terms for terms in corpus)
        idf = math.log(1 + (len(corpus) - df + 0.5) / (df + 0.5))
        for n, terms in enumerate(corpus):
            tf = Counter(terms)[term]
            if tf:
                scores[n] += idf * tf / (tf + lexical.K1 * (1 - lexical.B + lexical.B * len(terms) / mean))
    return scores


WORDS = st.lists(
    st.sampled_from(
        ["missile", "missiles", "F-16", "the", "Kyiv’s", "東京", "17", "U.S.", "letter", "signed", "signing", "a"]
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=80)
@given(st.lists(WORDS.map(" ".join), min_size=1, max_size=15), WORDS.map(" ".join))
def test_bm25_equals_the_formula(tmp_path_factory, texts, query):
    folder = tmp_path_factory.mktemp("lexical") / "x"
    write_lexical(folder, texts)
    index = lexical.LexicalIndex.open(folder)
    np.testing.assert_allclose(index.scores(query), bm25(texts, query), rtol=1e-4, atol=1e-6)
    for term in words.analyze(query):
        assert index.frequency(term) == sum(term in words.analyze(text) for text in texts)


def test_words_fold_case_possessives_and_compatibility_forms():
    assert words.words("Trump’s ﬁrst JASSMs, F-16s at 17:30 — don't") == [
        *("trump", "first", "jassms", "f", "16s", "at", "17", "30", "don't")
    ]


def test_nothing_that_is_saved_is_pickled(tmp_path):
    write_lexical(tmp_path / "x", ["one text", "another"])
    for path in (tmp_path / "x").glob("*.npy"):
        assert np.load(path, allow_pickle=False).dtype != object


def test_a_broken_lexical_index_is_damage_not_an_empty_result(tmp_path):
    write_lexical(tmp_path / "x", ["one text", "another"])
    (tmp_path / "x" / "size.json").write_text("{}")
    with pytest.raises(IndexDamagedError, match="is not a BM25 index"):
        lexical.LexicalIndex.open(tmp_path / "x")


@settings(deadline=None, max_examples=40)
@given(st.lists(WORDS.map(" ".join), min_size=1, max_size=15), WORDS.map(" ".join))
def test_scores_are_those_of_bm25s(tmp_path_factory, texts, query):
    import bm25s

    folder = tmp_path_factory.mktemp("lexical") / "x"
    write_lexical(folder, texts)
    ours = lexical.LexicalIndex.open(folder)
    known = [term for term in words.analyze(query) if ours.frequency(term)]
    if known:
        model = bm25s.BM25(method="lucene", k1=lexical.K1, b=lexical.B)
        model.index([words.analyze(text) for text in texts], create_empty_token=False, show_progress=False)
        theirs = model.get_scores(known)
        np.testing.assert_allclose(ours.scores(query), theirs, rtol=1e-5)
    else:
        assert not ours.scores(query).any()


def test_stop_words_are_those_of_the_library():
    from bm25s.stopwords import STOPWORDS_EN

    assert frozenset(STOPWORDS_EN) == words.STOP_WORDS

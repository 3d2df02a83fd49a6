"""Both searches against slow, obvious twins on generated data."""

import math
import re
import sys
from collections import Counter
from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa import files
from qa.english import words
from qa.errors import IndexDamagedError
from qa.index import approximate, lexical, vectors, vocabulary


def write(path, matrix):
    with vectors.VectorWriter(files.create(path), matrix.shape[1]) as out:
        for at in range(0, len(matrix), 7):
            out.add(matrix[at : at + 7])


def write_approximate(flat, path):
    with files.create(path) as file:
        approximate.write(flat, file)


def write_lexical(folder, texts):
    out = lexical.LexicalWriter()
    for text in texts:
        out.add([text])
    with files.Folder.open(folder, create=True) as opened:
        out.save(opened)


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
    with pytest.raises(IndexDamagedError, match=r"x\.faiss is not a flat index as qa writes it"):
        vectors.VectorIndex.open(tmp_path / "x.faiss")


def unit(rows, dim=384, seed=5):
    """Rows that lie near 24 directions, so that some are near each other, as those of real texts are."""
    rng = np.random.default_rng(seed)
    directions = np.random.default_rng(1).standard_normal((24, dim))
    matrix = rng.standard_normal((rows, 24)) @ directions + rng.standard_normal((rows, dim))
    return (matrix / np.linalg.norm(matrix, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """A matrix, its flat index, and the same with an approximate index beside it."""
    folder, matrix = tmp_path_factory.mktemp("both"), unit(3000)
    write(folder / "x.faiss", matrix)
    flat = vectors.VectorIndex.open(folder / "x.faiss")
    write_approximate(flat, folder / "x.rabitq")
    return matrix, flat, vectors.VectorIndex.open(folder / "x.faiss", approximate=folder / "x.rabitq")


ALLOWED = {"all": None, "most": np.flatnonzero(np.arange(3000) % 4), "few": np.arange(0, 3000, 7)}


@pytest.mark.parametrize("allowed", ALLOWED)
def test_an_approximate_search_finds_nearly_what_the_exact_one_finds(both, allowed):
    matrix, flat, near = both
    rows, found = ALLOWED[allowed], []
    for query in unit(50, seed=6):
        exact, here = flat.search(query, 10, rows), near.search(query, 10, rows)
        assert len(set(here.tolist())) == 10
        assert rows is None or set(here.tolist()) <= set(rows.tolist())
        assert (np.diff(matrix[here] @ query) <= 1e-6).all(), "the order is that of the exact scores"
        found.append(len(set(exact.tolist()) & set(here.tolist())) / 10)
    assert np.mean(found) >= 0.98
    assert allowed != "few" or np.mean(found) == 1, "a narrow filter is searched exactly"


@pytest.mark.parametrize("allowed", ["all", "most"])
def test_an_approximate_search_does_not_score_every_row(both, monkeypatch, allowed):
    _, _, near = both
    scored = []
    monkeypatch.setattr(near, "_exact", lambda *_: pytest.fail("every row was scored"))
    monkeypatch.setattr(near, "scores", lambda query, rows: (scored.append(len(rows)), np.zeros(len(rows)))[1])
    assert len(near.search(unit(1, seed=6)[0], 10, ALLOWED[allowed])) == 10
    assert 10 <= scored[0] <= 10 * vectors.CANDIDATES


def test_where_the_filter_leaves_too_few_candidates_the_search_is_exact(both):
    matrix, flat, near = both
    query = matrix[0]
    rows = np.setdiff1d(np.arange(3000), flat.search(query, 600))  # the nearest, which the approximate search finds
    assert near.search(query, 50, rows).tolist() == flat.search(query, 50, rows).tolist()


def test_the_same_rows_give_the_same_approximate_file(both, tmp_path):
    _, flat, _ = both
    for name in ("a", "b"):
        write_approximate(flat, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("harm", ["cut", "flat", "noise", "other"])
def test_a_file_that_is_no_approximate_index_of_these_rows_is_damage(both, tmp_path, harm):
    matrix, flat, _ = both
    write(tmp_path / "x.faiss", matrix)
    path = tmp_path / "x.rabitq"
    write_approximate(flat, path)
    if harm == "cut":
        path.write_bytes(path.read_bytes()[:-100])
    elif harm == "flat":
        path.write_bytes((tmp_path / "x.faiss").read_bytes())
    elif harm == "noise":
        path.write_bytes(b"not an index at all")
    else:
        (tmp_path / "x.faiss").unlink()
        write(tmp_path / "x.faiss", matrix[1:])
    with pytest.raises(IndexDamagedError, match=r"x\.rabitq is not the approximate index that qa wrote.*--rebuild"):
        vectors.VectorIndex.open(tmp_path / "x.faiss", approximate=path)


def number(size: int, value: int) -> bytes:
    return value.to_bytes(size, "little")


def on_disk(_: bytes, folder: Path) -> bytes:
    """An index that makes FAISS open another file to be written."""
    quantizer = faiss.IndexFlatIP(8)
    made = faiss.IndexIVFFlat(quantizer, 8, 2, faiss.METRIC_INNER_PRODUCT)
    made.train(np.eye(8, dtype=np.float32))
    lists = faiss.OnDiskInvertedLists(2, made.code_size, str(folder / "victim"))  # lives as long as the index
    made.replace_invlists(lists)
    made.add(np.eye(8, dtype=np.float32))
    return faiss.serialize_index(made).tobytes()


def put(at: int, new: bytes):
    return lambda data, _: data[:at] + new + data[at + len(new) :] if at >= 0 else data[:at] + new


BEHIND = approximate.CENTRE_AT + 4 * approximate.DIM  # of the centre
HARMS = {
    "rabitq": {
        "another type": put(0, b"IxFI"),
        "on disk": on_disk,
        "more rows": put(8, number(8, 1 << 24)),
        "code size": put(45, number(8, 1 << 20)),
        "bits": put(57, number(8, 200)),
        "a centre of gigabytes": put(65, number(8, 3 << 28)),
        "a centre that is no number": put(approximate.CENTRE_AT, b"\0\0\xc0\x7f"),
        "rows of which the codes are missing": lambda data, _: data.replace(number(8, 3008), number(8, 1 << 28), 1),
        "codes of gigabytes": lambda data, _: data.replace(number(8, 3008 * 56), number(8, 1 << 33), 1),
        "fields behind the centre": put(BEHIND, b"\xff"),
        "more behind its end": lambda data, _: data + b"\0",
    },
    "faiss": {
        "another type": put(0, b"Irfn"),
        "on disk": on_disk,
        "more rows": put(8, number(8, 1 << 24)),
        "no numbers": put(4, number(4, 0)),
        "numbers": put(4, number(4, 1 << 30)),
        "another metric": put(33, number(4, 1)),
        "a size of its own": put(37, number(8, 1 << 33)),
        "more behind its end": lambda data, _: data + b"\0",
    },
}


@pytest.mark.parametrize(("kind", "harm"), [(kind, harm) for kind, harms in HARMS.items() for harm in harms])
def test_faiss_reads_no_file_that_qa_would_not_write(both, tmp_path, monkeypatch, kind, harm):
    """Some of these crash FAISS, some take gigabytes, and some open other files."""
    matrix, flat, _ = both
    paths = {name: tmp_path / f"x.{name}" for name in HARMS}
    write(paths["faiss"], matrix)
    write_approximate(flat, paths["rabitq"])
    data = paths[kind].read_bytes()
    harmed = HARMS[kind][harm](data, tmp_path)
    assert harmed != data
    paths[kind].write_bytes(harmed)
    deserialize = faiss.deserialize_index

    def reading(given: np.ndarray, *flags: int) -> object:
        assert given.tobytes() != harmed
        return deserialize(given, *flags)

    monkeypatch.setattr(faiss, "deserialize_index", reading)
    with pytest.raises(IndexDamagedError, match=f"x.{kind} is not"):
        vectors.VectorIndex.open(paths["faiss"], approximate=paths["rabitq"])


def test_faiss_opens_no_file_that_may_have_changed_since_it_was_checked(both, tmp_path, monkeypatch):
    """Whoever may write to a file could put another index there after the check, and FAISS would open what it names."""
    matrix, flat, near = both
    paths = {name: tmp_path / f"x.{name}" for name in HARMS}
    write(paths["faiss"], matrix)
    write_approximate(flat, paths["rabitq"])
    read_index, named = faiss.read_index, []

    def exchanged(source: object, *flags: int) -> object:
        if isinstance(source, str):
            named.append(source)
            for path in paths.values():
                with path.open("r+b") as file:  # the same file, so that its descriptor sees it, too
                    file.write(on_disk(b"", tmp_path))
        return read_index(source, *flags)

    monkeypatch.setattr(faiss, "read_index", exchanged)
    opened = vectors.VectorIndex.open(paths["faiss"], approximate=paths["rabitq"])
    query = unit(1, seed=6)[0]
    assert opened.search(query, 10).tolist() == near.search(query, 10).tolist()
    assert not named


@pytest.mark.parametrize("allowed", ALLOWED)
def test_an_exact_search_is_that_of_a_flat_index_of_faiss(both, allowed):
    matrix, flat, _ = both
    index, rows = faiss.IndexFlatIP(384), ALLOWED[allowed]
    index.add(matrix)
    params = faiss.SearchParameters(sel=faiss.IDSelectorBatch(rows)) if rows is not None else None
    for query in unit(20, seed=7):
        for k in (1, 10, 200):
            assert flat.search(query, k, rows).tolist() == index.search(query[None], k, params=params)[1][0].tolist()
    assert flat.rows(np.array([5, 2999, 5])).tolist() == matrix[[5, 2999, 5]].tolist()


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


@settings(deadline=None, max_examples=60)
@given(st.sets(st.text(min_size=1), min_size=1, max_size=40), st.text())
def test_terms_on_disk_are_numbered_as_a_sorted_list_is(tmp_path_factory, terms, other):
    folder, ordered = tmp_path_factory.mktemp("terms"), sorted(terms)
    with files.Folder.open(folder) as opened:
        vocabulary.save(opened, ordered)
    known = vocabulary.Terms.open(folder)
    assert len(known) == len(ordered)
    assert [known.number(term) for term in ordered] == list(range(len(ordered)))
    assert other in terms or known.number(other) is None


@pytest.mark.parametrize("name", ["terms.bin", "terms.npy"])
def test_a_vocabulary_that_was_cut_short_is_damage(tmp_path, name):
    write_lexical(tmp_path / "x", ["one text", "another"])
    whole = (tmp_path / "x" / name).read_bytes()
    (tmp_path / "x" / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(IndexDamagedError, match="is not a BM25 index"):
        lexical.LexicalIndex.open(tmp_path / "x")


def test_stop_words_are_those_of_the_library():
    from bm25s.stopwords import STOPWORDS_EN

    assert frozenset(STOPWORDS_EN) == words.STOP_WORDS


@pytest.mark.skipif(sys.platform != "linux", reason="what is in memory is read from /proc, which only Linux has")
def test_writing_an_approximate_index_keeps_no_vectors_in_memory(tmp_path):
    path = tmp_path / "x.faiss"
    write(path, np.random.default_rng(0).standard_normal((20_000, 384)).astype(np.float32))
    flat = vectors.VectorIndex.open(path)
    flat.rows(np.arange(flat.size))
    assert resident(path) > 25_000
    write_approximate(flat, tmp_path / "x.rabitq")
    assert resident(path) < 1_000


def resident(path):
    """Kilobytes of a mapped file that are in this process's memory."""
    parts = re.split(r"\n(?=[0-9a-f]+-[0-9a-f]+ )", Path("/proc/self/smaps").read_text())
    return sum(int(re.search(r"Rss: +(\d+) kB", part)[1]) for part in parts if str(path) in part)

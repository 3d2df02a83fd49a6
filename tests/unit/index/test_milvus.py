"""The same index in Milvus Lite: the same rows, filters and generations, and what happens when it is not there."""

import random

import numpy as np
import pytest

from qa.errors import SettingError, StoreError
from qa.index import build as builder
from qa.index.local import LocalIndex
from qa.index.milvus import MilvusStore, within
from qa.index.where import parse
from qa.testing import HashEncoder

WORDS = "ferry otter mayor bridge letter missile harbour ledger saffron violin quarry lantern meadow copper".split()


def test_a_setting_names_a_uri_and_perhaps_a_name(tmp_path):
    plain = MilvusStore.parse("milvus:http://localhost:19530", tmp_path)
    assert plain.uri == "http://localhost:19530"
    assert plain == MilvusStore.parse("milvus:http://localhost:19530", tmp_path / ".." / tmp_path.name)
    assert plain != MilvusStore.parse("milvus:http://localhost:19530", tmp_path / "another")
    assert MilvusStore.parse("milvus:x.db#handbook", tmp_path) == MilvusStore("x.db", "handbook")
    for wrong in ("milvus:", "chroma:x", "milvus:x.db#two words", "milvus:x.db#1"):
        with pytest.raises(SettingError, match="store: "):
            MilvusStore.parse(wrong, tmp_path)


def test_rows_become_an_expression_of_ranges():
    assert within(np.array([3, 4, 5, 9])) == "(row >= 3 and row <= 5) or (row >= 9 and row <= 9)"


@pytest.fixture(scope="module")
def lite(tmp_path_factory):
    """A folder of documents, indexed here and in a file of Milvus Lite."""
    reason = "needs the extra milvus, a database of 100 MB"
    pytest.importorskip("pymilvus", reason=reason)
    pytest.importorskip("milvus_lite", reason=reason)
    folder = tmp_path_factory.mktemp("lite")
    (folder / "seeds").mkdir()
    rng = random.Random(5)
    for n in range(40):
        lines = (" ".join(rng.choices(WORDS, k=8)).capitalize() + f" number {n}." for _ in range(12))
        (folder / "seeds" / f"d{n:02}.txt").write_text(f"Title {n}\n\n" + "\n\n".join(lines) + "\n")
    (folder / "seeds" / "metadata.toml").write_text(
        "".join(f'["d{n:02}.txt"]\npublisher = "P{n % 3}"\n' for n in range(40))
    )
    database = MilvusStore(str(folder / "rows.db"), "test")
    builder.build(folder / "seeds", folder / "index", encoder=HashEncoder(), database=database)
    return folder, database


def test_the_engine_finds_the_rows_that_the_local_index_finds(lite):
    folder, database = lite
    here, there = LocalIndex.open(folder / "index"), LocalIndex.open(folder / "index", store=database)
    rng = random.Random(6)
    same = total = 0
    for _ in range(40):
        question = " ".join(rng.choices(WORDS, k=4))
        vector = HashEncoder().encode([question], "query")[0]
        for where in ((), parse(["publisher=P1"])):
            allowed = here._allowed(where).sentences if where else None
            local = here._generation.sentence_vectors.search(vector, 10, allowed)
            found = there._generation.sentence_vectors.search(vector, 10, allowed)
            exact = here._generation.sentence_vectors.scores(vector, np.concatenate([local, found])).reshape(2, -1)
            same += bool(np.allclose(np.sort(exact[0]), np.sort(exact[1]), atol=1e-6))  # ties may be broken otherwise
            total += 1
            if where:
                assert set(found.tolist()) <= set(allowed.tolist())
    assert same >= 0.99 * total
    there.close()
    here.close()


def test_the_engine_counts_words_as_the_local_index_does(lite):
    folder, database = lite
    here, there = LocalIndex.open(folder / "index"), LocalIndex.open(folder / "index", store=database)
    for question in ("otter violin", "mayors of the harbour"):
        local = here._generation.passage_terms.scores(question)
        found = there._generation.passage_terms.scores(question)
        np.testing.assert_allclose(found, local, rtol=0.02, atol=0.01)
    assert not there._generation.passage_terms.scores("zebra").any()
    assert there.vocabulary.frequency("otter") == here.vocabulary.frequency("otter") > 0
    there.close()
    here.close()


def test_a_new_generation_has_its_own_rows_and_those_of_removed_documents_go(lite):
    folder, database = lite
    reader = LocalIndex.open(folder / "index", store=database)
    (folder / "seeds" / "d00.txt").unlink()
    builder.build(folder / "seeds", folder / "index", encoder=HashEncoder(), database=database)
    newer = reader.newer()
    assert newer is not None
    assert newer.counts["documents"] == 39
    with database._client() as client:
        assert len(client.list_collections()) == 2
        assert client.describe_alias("test_passages")["collection_name"].startswith("test_passages_")
    newer.close()


def test_an_index_whose_rows_are_not_there_is_an_error_that_says_what_to_do(lite, tmp_path):
    folder, _ = lite
    with pytest.raises(StoreError, match="does not hold this index; send it there with: qa index --store milvus:"):
        LocalIndex.open(folder / "index", store=MilvusStore(str(tmp_path / "empty.db"), "test"))


def test_a_server_that_does_not_answer_is_an_error_that_names_it(tmp_path):
    pytest.importorskip("pymilvus", reason="needs the extra milvus")
    with pytest.raises(StoreError, match=r"Milvus at http://127\.0\.0\.1:1 did not do what was asked \(.*\); start it"):
        MilvusStore("http://127.0.0.1:1", "test")._connected()

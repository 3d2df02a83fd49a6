"""The same index in Milvus Lite: the same rows, filters and generations, and what happens when it is not there."""

import random
import sys
import types
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
import pytest

from qa.errors import SettingError, StoreError
from qa.index import build as builder
from qa.index import store
from qa.index.local import LocalIndex
from qa.index.milvus import MilvusStore, _Engine, within
from qa.index.upload import send_current
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


def test_what_a_killed_build_left_is_dropped_and_only_what_is_missing_is_done(lite):
    folder, database = lite
    digest = store.current_name(folder / "index")[1]
    with database._client() as client:
        for name in ("test_passages_0123456789abcdef", "testament_passages_0123456789abcdef"):  # the second is not ours
            client.create_collection(name, dimension=4)
    assert not database.is_finished(digest, ())
    send_current(folder / "index", database, lambda stage, done, total: None)
    assert database.is_finished(digest, ())
    with database._client() as client:
        assert sorted(client.list_collections())[-1] == "testament_passages_0123456789abcdef"
        assert len(client.list_collections()) == 3


def test_the_connection_is_closed_with_the_generation_and_where_rows_are_missing(lite, tmp_path, monkeypatch):
    folder, database = lite
    open_ = []
    connected = MilvusStore._connected

    def connect(self):
        client = connected(self)
        close = client.close
        open_.append(client)
        monkeypatch.setattr(client, "close", lambda: (open_.remove(client), close()), raising=False)
        return client

    monkeypatch.setattr(MilvusStore, "_connected", connect)
    index = LocalIndex.open(folder / "index", store=database)
    assert len(open_) == 1
    index.close()
    assert open_ == []
    with pytest.raises(StoreError, match="does not hold"):
        LocalIndex.open(folder / "index", store=MilvusStore(str(tmp_path / "none.db"), "test"))
    assert open_ == []


@dataclass
class Engine:
    """A database that gives these rows, or fails."""

    rows: tuple[int, ...] = ()
    error: Exception | None = None

    def search(self, *arguments, **options):
        if self.error:
            raise self.error
        return [[{"row": row, "distance": 0.5} for row in self.rows]]


class Uri(MilvusStore):
    """Its client is of no library."""

    errors = staticmethod(nullcontext)


@pytest.mark.parametrize(
    ("rows", "allowed"), [((10,), None), ((-1,), None), ((3,), np.array([2, 4])), ((2, 99), np.array([2, 4]))]
)
def test_rows_that_were_not_searched_are_an_error_that_names_the_database(rows, allowed):
    engine = _Engine(Uri("http://milvus.example", "test"), Engine(rows), "test_passages_0", 10)
    with pytest.raises(StoreError, match=r"Milvus at http://milvus\.example gave rows that are not of this index"):
        engine.search("dense", [1.0], 5, allowed)
    good = _Engine(Uri("http://milvus.example", "test"), Engine((2, 4)), "test_passages_0", 10)
    assert good.search("dense", [1.0], 5, allowed) == [(2, 0.5), (4, 0.5)]


def test_messages_show_no_password():
    engine = _Engine(Uri("http://me:secret@milvus.example:19530/x", "test"), Engine((99,)), "test_passages_0", 10)
    with pytest.raises(StoreError, match=r"^Milvus at http://milvus\.example:19530/x gave rows"):
        engine.search("dense", [1.0], 5, None)
    assert (engine.store.host, MilvusStore("a@b.db", "test").shown) == ("milvus.example:19530", "a@b.db")


@pytest.mark.parametrize("said", ["Illegal uri: [http://me:s3cret@h:1]", "no s3cret", "user me:s3cret is unknown"])
def test_what_the_client_says_shows_no_password(monkeypatch, said):
    exceptions = types.ModuleType("pymilvus.exceptions")
    exceptions.MilvusException = KeyError
    monkeypatch.setitem(sys.modules, "pymilvus", types.ModuleType("pymilvus"))
    monkeypatch.setitem(sys.modules, "pymilvus.exceptions", exceptions)
    with (
        pytest.raises(StoreError, match="Milvus at http://h:1 did not") as caught,
        MilvusStore("http://me:s3cret@h:1", "test").errors(),
    ):
        raise ValueError(said)
    assert "s3cret" not in str(caught.value)


def test_a_wrong_setting_is_named_without_its_password(tmp_path):
    with pytest.raises(SettingError, match="store: ") as caught:
        MilvusStore.parse("milvus:http://me:s3cret@h:1#two words", tmp_path)
    assert "s3cret" not in str(caught.value)


def test_an_error_without_words_is_named_by_its_kind():
    pytest.importorskip("pymilvus", reason="needs the extra milvus")
    engine = _Engine(MilvusStore("http://milvus.example", "test"), Engine(error=OSError()), "test_passages_0", 10)
    with pytest.raises(StoreError, match=r"did not do what was asked \(OSError\)"):
        engine.search("dense", [1.0], 5, None)


def test_an_index_whose_rows_are_not_there_is_an_error_that_says_what_to_do(lite, tmp_path):
    folder, _ = lite
    with pytest.raises(StoreError, match="does not hold this index; send it there with: qa index --store milvus:"):
        LocalIndex.open(folder / "index", store=MilvusStore(str(tmp_path / "empty.db"), "test"))


def test_a_server_that_does_not_answer_is_an_error_that_names_it(tmp_path):
    pytest.importorskip("pymilvus", reason="needs the extra milvus")
    with pytest.raises(StoreError, match=r"Milvus at http://127\.0\.0\.1:1 did not do what was asked \(.*\); start it"):
        MilvusStore("http://127.0.0.1:1", "test")._connected()

"""The searches of an index in Milvus: dense vectors and BM25 in the engine, text and offsets in the generation on disk.

Each generation has two collections, of its passages and its sentences, named after the hash of its manifest, so that a
reader never meets rows of another one. They are filled before the generation becomes the current one. An alias names
the newest for other programs. What the engine says decides only what is ranked: a quote is always read from the
generation, and checked. The only module that imports pymilvus.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa import addresses
from qa.english.words import analyze
from qa.errors import SettingError, StoreError
from qa.index.lexical import K1, B
from qa.index.protocol import Terms, Vectors
from qa.index.searched import divided
from qa.index.store import Generation

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]

__all__ = ["MilvusStore"]

SCHEME = addresses.STORE
TABLES = ("passages", "sentences")
BATCH = 1000  # rows sent at once: 1.5 MB of vectors of length 384
EXACT = 200_000  # rows; above that the dense index is approximate
LEXICAL = 1000  # best texts that a question gets a BM25 score for
SECONDS = 30.0  # for one request
NAME = re.compile(r"[A-Za-z_]\w{0,99}", re.ASCII)
LONGEST = 65_535  # bytes of a text


@dataclass(frozen=True, slots=True)
class MilvusStore:
    """A Milvus server, or a file of Milvus Lite, that searches the generations of one index.

    uri: as pymilvus takes it. name: what the collections' names start with; indexes with the same name on one server
    must be the same index. Methods raise StoreError if the server cannot be reached or refuses.
    """

    uri: str
    name: str

    @classmethod
    def parse(cls, setting: str, index: Path) -> "MilvusStore":
        """The store that the setting names: `milvus:URI` or `milvus:URI#NAME`. index: whose folder gives the name where
        none is given. Raises SettingError.
        """
        if why := addresses.problem(setting):
            raise SettingError(f"store: the address {why}")
        uri, _, name = setting.removeprefix(SCHEME).partition("#")
        name = name or f"qa_{hashlib.sha256(str(index.resolve()).encode()).hexdigest()[:12]}"
        if not setting.startswith(SCHEME) or not uri or not NAME.fullmatch(name):
            raise SettingError(
                f"store: {addresses.shown(setting)!r} is not local, milvus:FILE.db or milvus:http://HOST:PORT, "
                "with #NAME where indexes share a server (a name has letters, digits and _)"
            )
        return cls(uri, name)

    @property
    def host(self) -> str:
        """Where rows and questions go, empty for this machine's files."""
        return addresses.host(self.uri)

    @property
    def shown(self) -> str:
        """The URI without a name and a password, for messages."""
        return addresses.without_user(self.uri)

    def upload(self, generation: Generation, progress: Callable[[str, int, int], None]) -> None:
        """Fill the collections of a generation; nothing happens if they are full.

        progress: called with the stage in words, the number of rows sent and their total.
        """
        total, done = sum(generation.counts[table] for table in TABLES), 0
        with self._client() as client:
            for table in TABLES:
                collection = self._collection(table, generation.sha256)
                if not self._is_full(client, collection, generation.counts[table]):
                    _create(client, collection, generation, table)
                    for rows in _rows(generation, table):
                        client.insert(collection, rows, timeout=SECONDS)
                        done += len(rows)
                        progress(f"Sending to {self.shown}", done, total)
                    client.flush(collection)

    def is_finished(self, sha256: str, kept: Sequence[str]) -> bool:
        """See `BuildStore.is_finished`."""
        with self._client() as client:
            return not self._others(client, (sha256, *kept)) and all(
                self._alias(table) in client.list_aliases(self._collection(table, sha256), timeout=SECONDS)["aliases"]
                for table in TABLES
            )

    def published(self, sha256: str, kept: Sequence[str]) -> None:
        """Point the aliases at the generation with this manifest, and drop the collections of all others but `kept`."""
        with self._client() as client:
            for table in TABLES:
                known = client.has_collection(self._alias(table), timeout=SECONDS)
                point = client.alter_alias if known else client.create_alias
                point(self._collection(table, sha256), self._alias(table), timeout=SECONDS)
            for collection in self._others(client, (sha256, *kept)):
                client.drop_collection(collection, timeout=SECONDS)

    def _others(self, client: Any, kept: Sequence[str]) -> list[str]:
        """The collections of this index that belong to none of these generations."""
        stays = {self._collection(table, sha256) for table in TABLES for sha256 in kept}
        ours = tuple(f"{self._alias(table)}_" for table in TABLES)
        there = client.list_collections(timeout=SECONDS)
        return [collection for collection in there if collection.startswith(ours) and collection not in stays]

    def _alias(self, table: str) -> str:
        return f"{self.name}_{table}"

    def attach(self, generation: Generation) -> None:
        """See `Store.attach`."""
        client = self._connected()
        generation.opened.callback(client.close)
        engines = {
            t: _Engine(self, client, self._collection(t, generation.sha256), generation.counts[t]) for t in TABLES
        }
        with self.errors():
            full = all(self._is_full(client, engine.collection, engine.rows) for engine in engines.values())
        if not full:
            raise StoreError(f"{self.shown} does not hold this index; send it there with: qa index --store {SCHEME}...")
        for table, engine in engines.items():
            vectors, terms = f"{table[:-1]}_vectors", f"{table[:-1]}_terms"
            setattr(generation, vectors, MilvusVectors(getattr(generation, vectors), engine))
            setattr(generation, terms, MilvusTerms(getattr(generation, terms), engine))

    def _collection(self, table: str, sha256: str) -> str:
        return f"{self._alias(table)}_{sha256[:16]}"

    @staticmethod
    def _is_full(client: Any, collection: str, rows: int) -> bool:
        if not client.has_collection(collection, timeout=SECONDS):
            return False
        client.load_collection(collection, timeout=SECONDS)
        counted = client.query(collection, filter="", output_fields=["count(*)"], timeout=SECONDS)
        return bool(counted) and int(counted[0]["count(*)"]) == rows

    @contextmanager
    def _client(self) -> Iterator[Any]:
        client = self._connected()
        try:
            with self.errors():
                yield client
        finally:
            client.close()

    def _connected(self) -> Any:
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # else it tells users about its keepalive
        try:
            from pymilvus import MilvusClient
        except ImportError:
            raise StoreError("the store milvus needs the extra milvus; run: pip install 'quoteqa[milvus]'") from None
        with self.errors():
            return MilvusClient(self.uri, timeout=SECONDS)

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn what pymilvus raises into StoreError."""
        from pymilvus.exceptions import MilvusException

        try:
            yield
        except (MilvusException, OSError, ValueError) as error:
            said = (str(getattr(error, "message", "")) or str(error)).strip()
            user = self.uri.partition("://")[2].rpartition("@")[0]
            told = any(part in said for part in (user, user.partition(":")[2]) if part)
            what = said.splitlines()[0] if said and not told else type(error).__name__
            raise StoreError(
                f"Milvus at {self.shown} did not do what was asked ({what}); start it, or check the setting store"
            ) from None


def _create(client: Any, collection: str, generation: Generation, table: str) -> None:
    """An empty collection of that name. What an interrupted build left there goes."""
    from pymilvus import DataType, Function, FunctionType

    if client.has_collection(collection, timeout=SECONDS):
        client.drop_collection(collection, timeout=SECONDS)
    fields = client.create_schema(auto_id=False, enable_dynamic_field=False)
    fields.add_field("row", DataType.INT64, is_primary=True)
    fields.add_field("document", DataType.INT64)
    fields.add_field("dense", DataType.FLOAT_VECTOR, dim=generation.passage_vectors.dim)
    analyzer = {"tokenizer": "standard"}
    fields.add_field("terms", DataType.VARCHAR, max_length=LONGEST, enable_analyzer=True, analyzer_params=analyzer)
    fields.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
    names = {"input_field_names": ["terms"], "output_field_names": ["sparse"]}
    fields.add_function(Function(name="bm25", function_type=FunctionType.BM25, **names))
    indexes = client.prepare_index_params()
    exact = generation.counts[table] <= EXACT
    kind, options = ("FLAT", {}) if exact else ("HNSW", {"M": 32, "efConstruction": 200})
    indexes.add_index("dense", index_type=kind, metric_type="IP", params=options)
    indexes.add_index(
        "sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25", params={"bm25_k1": K1, "bm25_b": B}
    )
    client.create_collection(
        collection, schema=fields, index_params=indexes, consistency_level="Strong", timeout=SECONDS
    )


def _rows(generation: Generation, table: str) -> Iterator[list[dict[str, Any]]]:
    """The rows of a table, as the collection holds them, a batch at a time."""
    import numpy as np

    vectors: Vectors = getattr(generation, f"{table[:-1]}_vectors")
    batch: list[dict[str, Any]] = []
    row = 0
    for number in range(len(generation.documents)):
        for passage in divided(generation.prepared(number)):
            for text in (passage.text,) if table == "passages" else passage.alone:
                batch.append({"row": row, "document": number, "terms": _terms(text)})
                row += 1
                if len(batch) == BATCH:
                    yield _with_vectors(batch, vectors, np.arange(row - len(batch), row))
                    batch = []
    if batch:
        yield _with_vectors(batch, vectors, np.arange(row - len(batch), row))


def _with_vectors(batch: list[dict[str, Any]], vectors: Vectors, rows: "Ints") -> list[dict[str, Any]]:
    for record, vector in zip(batch, vectors.rows(rows), strict=True):
        record["dense"] = vector
    return batch


def _terms(text: str) -> str:
    """The stems of a text, apart by spaces: the engine counts what qa counts."""
    return " ".join(analyze(text)).encode()[:LONGEST].decode(errors="ignore")


@dataclass(frozen=True, slots=True)
class _Engine:
    """One collection, searched. rows: how many it has."""

    store: MilvusStore
    client: Any
    collection: str
    rows: int

    def search(self, field: str, query: Any, k: int, allowed: "Ints | None") -> list[tuple[int, float]]:
        """The numbers of the best rows and their scores >= 0, best first. Raises StoreError, also for rows that were
        not to be searched.
        """
        metric = {"dense": "IP", "sparse": "BM25"}[field]
        with self.store.errors():
            (hits,) = self.client.search(
                self.collection,
                data=[query],
                anns_field=field,
                limit=k,
                filter="" if allowed is None else within(allowed),
                output_fields=["row"],
                search_params={"metric_type": metric, "params": {"ef": max(256, 2 * k)} if metric == "IP" else {}},
                timeout=SECONDS,
            )
        found = [(int(hit["row"]), abs(float(hit["distance"]))) for hit in hits]  # Milvus Lite negates BM25
        searched = range(self.rows) if allowed is None else set(allowed.tolist())
        if not all(row in searched for row, _ in found):
            raise StoreError(
                f"Milvus at {self.store.shown} gave rows that are not of this index; run: qa index --rebuild"
            )
        return found


def within(rows: "Ints") -> str:
    """An expression for these rising numbers of rows."""
    import numpy as np

    runs = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)
    return " or ".join(f"(row >= {run[0]} and row <= {run[-1]})" for run in runs)


class MilvusVectors:
    """As `Vectors`: the engine searches; the scores of given rows come from the generation on disk."""

    def __init__(self, local: Vectors, engine: _Engine) -> None:
        self._local, self._engine = local, engine
        self.size, self.dim = local.size, local.dim

    def search(self, query: "Floats", k: int, allowed: "Ints | None" = None) -> "Ints":
        """See `Vectors.search`."""
        import numpy as np

        k = min(k, self.size if allowed is None else len(allowed))
        found = self._engine.search("dense", query.tolist(), k, allowed) if k > 0 else []
        return np.array([row for row, _ in found], dtype=np.int64)

    def rows(self, numbers: "Ints") -> "Floats":
        """See `Vectors.rows`."""
        return self._local.rows(numbers)

    def scores(self, query: "Floats", numbers: "Ints") -> "Floats":
        """See `Vectors.scores`."""
        return self._local.scores(query, numbers)


class MilvusTerms:
    """As `Terms`: the engine scores the best `LEXICAL` texts, all others count as 0; the vocabulary is that of
    the generation on disk.
    """

    def __init__(self, local: Terms, engine: _Engine) -> None:
        self._local, self._engine = local, engine
        self.size = local.size

    def scores(self, query: str, allowed: "Ints | None" = None) -> "Floats":
        """See `Terms.scores`."""
        import numpy as np

        scores = np.zeros(self.size, dtype=np.float32)
        terms = _terms(query)
        if terms and self.size and (allowed is None or len(allowed)):
            for row, score in self._engine.search("sparse", terms, LEXICAL, allowed):
                scores[row] = score / (K1 + 1)  # a factor that Milvus has and Lucene has left out
        return scores

    def frequency(self, stem: str) -> int:
        """See `Terms.frequency`."""
        return self._local.frequency(stem)

    def stem(self, lower_case: Sequence[str]) -> list[str]:
        """See `Terms.stem`."""
        return self._local.stem(lower_case)

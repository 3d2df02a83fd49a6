"""The approximate index against the exact one, over the first rows of an index that qa built.

    python bench/approximate.py INDEX [--table sentences] [--rows 50000 100000 ...]

The queries are questions that occur in the documents, encoded as a user's question is. A search is for the 50 rows that
a question takes; recall@10 is the share of the ten nearest rows that the first ten of an approximate search reach, ties
aside. Milliseconds are medians, with the files in memory. Bytes and build seconds are those of the approximate file.
"""

import argparse
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from qa.embed import encoder
from qa.index import approximate
from qa.index.store import Generation
from qa.index.vectors import VectorIndex, VectorWriter
from qa.retrieve.rank import CANDIDATES

QUESTION = re.compile(
    r"(?:(?<=^)|(?<=[.!?]\s))(?:Wh|How|Can|Do|Is|Are|Should)[a-z]*\s[^\n.?!`<>|]{12,120}\?", re.MULTILINE
)
QUESTIONS = 200
BLOCK = 16_384


def questions(generation: Generation) -> list[str]:
    """Questions of the documents, at most one of each, spread over all of them."""
    found = [QUESTION.search(generation.text(number)) for number in range(len(generation.documents))]
    texts = sorted({match[0] for match in found if match})
    return texts[:: max(1, len(texts) // QUESTIONS)][:QUESTIONS]


def copied(source: Any, rows: int, folder: Path) -> VectorIndex:
    """The first rows of an index as an index of their own."""
    path = folder / f"{rows}.faiss"
    with VectorWriter(path.open("xb"), source.dim) as out:
        for at in range(0, rows, BLOCK):
            out.add(source.rows(np.arange(at, min(at + BLOCK, rows))))
    return VectorIndex.open(path)


def timed(search: Callable[[Any], Any], queries: Any) -> tuple[float, list[Any]]:
    """Median milliseconds of a search, and what each found."""
    for query in queries:  # so that the files are in memory
        search(query)
    times, found = [], []
    for query in queries:
        started = time.perf_counter()
        found.append(search(query))
        times.append(time.perf_counter() - started)
    return 1000 * statistics.median(times), found


def recall(index: VectorIndex, queries: Any, exact: list[Any], found: list[Any]) -> float:
    """The share of the rows of `exact` whose score some row of `found` reaches, so that equal rows count as one."""
    shares = []
    for query, right, rows in zip(queries, exact, found, strict=True):
        worst = index.scores(query, right).min() - 1e-6
        shares.append(min(1.0, int((index.scores(query, rows) >= worst).sum()) / len(right)))
    return statistics.mean(shares)


def measured(source: Any, sizes: list[int], queries: Any) -> Iterator[str]:
    """A line of the table for each size."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for rows in sizes:
            flat, path = copied(source, rows, folder), folder / f"{rows}.rabitq"
            started = time.perf_counter()
            with path.open("xb") as file:
                approximate.write(flat, file)
            seconds = time.perf_counter() - started
            both = VectorIndex.open(folder / f"{rows}.faiss", None, path)
            exact_ms, exact = timed(lambda query, index=flat: index.search(query, CANDIDATES), queries)
            near_ms, near = timed(lambda query, index=both: index.search(query, CANDIDATES), queries)
            at_10 = recall(flat, queries, [r[:10] for r in exact], [r[:10] for r in near])
            at_50 = recall(flat, queries, exact, near)
            size = path.stat().st_size
            yield f"{rows:10,} {exact_ms:9.2f} {near_ms:9.2f} {at_10:10.4f} {at_50:10.4f} {size:14,} {seconds:8.1f}"
            path.unlink()
            (folder / f"{rows}.faiss").unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path, help="an index/ folder")
    parser.add_argument("--table", choices=["passages", "sentences"], default="sentences")
    parser.add_argument(
        "--rows", type=int, nargs="*", help="default: 50,000, doubled as often as there are rows, and all"
    )
    options = parser.parse_args()
    generation = Generation.open(options.index)
    model = generation.manifest["model"]
    texts = questions(generation)
    queries = encoder.load(model["name"], generation.manifest["settings"]["precision"]).encode(texts, "query")
    source = generation.passage_vectors if options.table == "passages" else generation.sentence_vectors
    sizes = options.rows or [*(n for n in (50_000 * 2**i for i in range(20)) if n < source.size), source.size]
    print(f"{options.table}, {len(texts)} questions")
    print("      rows  exact ms approx ms  recall@10  recall@50          bytes  build s")
    for line in measured(source, [n for n in sizes if n <= source.size], queries):
        print(line, flush=True)
    generation.close()


if __name__ == "__main__":
    main()

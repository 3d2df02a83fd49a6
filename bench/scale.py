"""Opening an index and asking it at the size that it has: milliseconds and memory, with the files in memory.

    python bench/scale.py INDEX [--where CONDITION] [--embedder PATH]

The questions are those of bench/approximate.py; the first twenty warm up and do not count. "Search" is the hybrid
search alone: candidates from both searches over passages and sentences. "Retrieve" is all of a question without a
language model: its vector, the search, five hits and the quotes.
"""

import argparse
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from approximate import questions

from qa.index.local import LocalIndex
from qa.index.store import Generation
from qa.index.where import parse
from qa.retrieve.rank import CANDIDATES
from qa.retrieve.retriever import Retriever

OPENS, WARM = 9, 20


def milliseconds(call: Callable[[], object]) -> tuple[float, float]:
    """Of wall time and of processor time, which a busy machine hardly changes."""
    wall, used = time.perf_counter(), time.process_time()
    call()
    return 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - used)


def line(name: str, times: Sequence[tuple[float, float]]) -> str:
    wall, used = (sorted(column) for column in zip(*times, strict=True))
    late = wall[int(0.99 * (len(wall) - 1))]
    return (
        f"{name:10} p50 {statistics.median(wall):7.1f} ms   p99 {late:7.1f} ms   "
        f"processor p50 {statistics.median(used):7.1f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path, help="an index/ folder")
    parser.add_argument("--where", action="append", default=[])
    parser.add_argument("--embedder", default="", help="the path of the model, for an index that names it by path")
    options = parser.parse_args()
    print(line("open", [milliseconds(lambda: Generation.open(options.index).close()) for _ in range(OPENS)]))
    index = LocalIndex.open(options.index)
    print(", ".join(f"{count:,} {name}" for name, count in index.counts.items()))
    generation = Generation.open(options.index)
    texts, where = questions(generation), parse(options.where)
    with Retriever.open(options.index, embedder=options.embedder) as retriever:
        vectors = retriever.encoder.encode(texts, "query")
        pairs = list(zip(texts, vectors, strict=True))
        searched = [milliseconds(lambda t=t, v=v: index.candidates(t, v, CANDIDATES, where)) for t, v in pairs]
        print(line("search", searched[WARM:]))
        retrieved = [milliseconds(lambda t=t: retriever.retrieve(t, where=options.where)) for t in texts]
        print(line("retrieve", retrieved[WARM:]))
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB, mapped files included")


if __name__ == "__main__":
    main()

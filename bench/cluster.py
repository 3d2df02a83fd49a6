"""What a build on Ray costs, in processor time and bytes, and what that means for a larger folder.

    python bench/cluster.py FOLDER FOLDER FOLDER [--passages 100000000] [--cores 64] [--hash]

Builds an index of each folder on a local Ray, the smallest first, and measures the processor time of the process that
builds, of the workers with their readers, and of Ray's own processes. A line through all sizes but the largest
predicts the largest; that shows how far to trust the figures for --passages, which are arithmetic. With --hash, a model
that costs almost nothing encodes, so that the process that builds can be measured with more passages. Linux only:
reads /proc.
"""

import argparse
import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from qa.index.build import build
from qa.index.cluster import RayWorkers
from qa.index.store import Generation
from qa.testing import HashEncoder

TICKS = os.sysconf("SC_CLK_TCK")
COSTS = ("driver, s", "workers, s", "Ray, s", "index, MB")
Row = Mapping[str, float]


class Watched(RayWorkers):
    """Looks at its processes before it ends them."""

    def close(self) -> None:
        self.workers_s, self.ray_s, self.peak = 0.0, 0.0, 0
        for pid, title in _descendants(os.getpid()):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            seconds = sum(map(int, fields[11:15])) / TICKS  # of its own, and of its children that have ended
            if title.startswith(("ray::IDLE", "ray::_do")) or "qa.worker" in title:
                self.workers_s += seconds
                self.peak = max(self.peak, _peak(pid))
            else:
                self.ray_s += seconds
        super().close()


def _descendants(pid: int) -> Iterator[tuple[int, str]]:
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            yield child, Path(f"/proc/{child}/cmdline").read_text()
            yield from _descendants(child)


def _peak(pid: int) -> int:
    """Most bytes of resident memory."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) * 1024


def measure(folder: Path, hash_encoder: bool) -> Row:
    """Build once, in a process that has done nothing before."""
    encoder = HashEncoder(384) if hash_encoder else None
    workers = Watched("local")
    with tempfile.TemporaryDirectory() as work:
        index = Path(work) / "index"
        partial = [0]

        def look(stage: str, done: int, total: int) -> None:
            partial[0] = max([partial[0], *(path.stat().st_size for path in index.glob("partial/*"))])

        wall, driver = time.perf_counter(), time.process_time()
        report = build(folder, index, encoder=encoder, progress=look, workers=workers)
        wall, driver = time.perf_counter() - wall, time.process_time() - driver
        generation = Generation.open(index)
        size = sum(path.stat().st_size for path in (index / generation.name).rglob("*") if path.is_file())
        generation.close()
    return {
        "documents": report.documents, "passages": report.passages, "sentences": report.sentences,
        "driver, s": driver, "workers, s": workers.workers_s, "Ray, s": workers.ray_s, "wall, s": wall,
        "index, MB": size / 1e6, "partial, MB": partial[0] / 1e6, "peak of a worker, MB": workers.peak / 1e6,
    }  # fmt: skip


def fitted(rows: list[Row], cost: str) -> tuple[float, float]:
    """The fixed part of a cost, and the part for each passage, by least squares."""
    slope, fixed = np.polyfit([row["passages"] for row in rows], [row[cost] for row in rows], 1)
    return float(fixed), float(slope)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", help="three or more folders of documents")
    parser.add_argument("--passages", type=float, default=1e8)
    parser.add_argument("--cores", type=int, default=64)
    parser.add_argument("--hash", action="store_true", help="encode with qa.testing.HashEncoder")
    options = parser.parse_args()
    rows: list[Row] = []
    context = multiprocessing.get_context("spawn")
    for folder in options.folders:
        with ProcessPoolExecutor(1, context) as fresh:
            rows.append(fresh.submit(measure, folder, options.hash).result())
        print("; ".join(f"{name} {value:,.1f}" for name, value in rows[-1].items()), flush=True)
    *known, last = sorted(rows, key=lambda row: row["passages"])
    for cost in COSTS:
        fixed, slope = fitted(known, cost)
        print(f"{cost}: {fixed + slope * last['passages']:.1f} predicted, {last[cost]:.1f} measured", end="; ")
        fixed, slope = fitted(rows, cost)
        total = f"{slope * options.passages:,.0f} for {options.passages:,.0f}"
        print(f"from all sizes: {fixed:.2f}, and {1000 * slope:.3f} for 1,000 passages: {total}")
    driver, workers = (fitted(rows, cost)[1] * options.passages / 3600 for cost in ("driver, s", "workers, s"))
    print(f"hours: {max(driver, workers / options.cores):,.1f} with {options.cores} cores, never below {driver:,.1f}")


if __name__ == "__main__":
    main()

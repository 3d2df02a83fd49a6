"""Which sentence segmenter? Each one bare, and with the layout and repair rules of qa.ingest.sentences around it.

    python bench/segmenters.py [--data DIR] [--errors]

Boundaries are the ends of the hand-labelled units in tests/data/boundaries. The data directory holds
chunking/corpora/*.md; without it only the sample articles are measured. pysbd and syntok are measured when installed.
"""

import argparse
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from qa.ingest import sentences
from qa.ingest.formats.text import reader as plain

ROOT = Path(__file__).resolve().parent.parent
LABELS = ROOT / "tests" / "data" / "boundaries"

Ends = Callable[[str], Iterable[int]]


@dataclass(frozen=True)
class Labels:
    """The ends of all units of `text[start:end]`."""

    name: str
    text: str
    start: int
    end: int
    ends: frozenset[int]


@dataclass(frozen=True)
class Score:
    missed: frozenset[int]
    wrong: frozenset[int]
    right: int

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + len(self.wrong))

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + len(self.missed))

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + len(self.wrong) + len(self.missed))


def read_labels(path: Path, data: Path) -> Labels | None:
    """The labels of one file; None when the text that they belong to is not here.

    Raises ValueError if the text is not the one that was labelled, or an end is not where its last words say.
    """
    head, rows = {}, []
    for line in path.read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition("\t")
        if key.startswith("#"):
            head[key[2:]] = value
        else:
            rows.append((int(key), value))
    source = next((base / head["text"] for base in (ROOT, data) if (base / head["text"]).is_file()), None)
    if source is None:
        return None
    raw = source.read_bytes()
    if hashlib.sha256(raw).hexdigest() != head["sha256"]:
        raise ValueError(f"{source} is not the text that {path.name} labels")
    text = raw.decode()
    for end, words in rows:
        if not " ".join(text[max(0, end - 80) : end].split()).endswith(words):
            raise ValueError(f"{path.name}: the unit that ends at {end} does not end with {words!r}")
    start, _, stop = head["labelled"].partition("-")
    return Labels(path.stem, text, int(start), int(stop), frozenset(end for end, _ in rows))


def score(labels: Labels, ends: Iterable[int]) -> Score:
    found = {end for end in ends if labels.start < end <= labels.end}
    return Score(labels.ends - found, frozenset(found - labels.ends), len(found & labels.ends))


def repaired(segment: Ends) -> Ends:
    def ends(text: str) -> list[int]:
        blocks, markup = plain.find(text)
        return [span.end for span, _ in sentences.split_blocks(text, blocks, markup, segment=segment)]

    return ends


def trimmed(text: str, ends: Iterable[int]) -> set[int]:
    return {len(text[:end].rstrip()) for end in ends}


def pysbd_ends() -> Ends:
    import pysbd

    segmenter = pysbd.Segmenter(language="en", clean=False, char_span=True)
    return lambda text: [span.end for span in segmenter.segment(text)]


def syntok_ends() -> Ends:
    from syntok import segmenter

    def ends(text: str) -> Iterator[int]:
        for paragraph in segmenter.analyze(text):
            for sentence in paragraph:
                yield sentence[-1].offset + len(sentence[-1].value)

    return ends


def segmenters() -> dict[str, Ends]:
    found: dict[str, Ends] = {"nupunkt": sentences.nupunkt_ends}
    for name, make in (("pysbd", pysbd_ends), ("syntok", syntok_ends)):
        try:
            found[name] = make()
        except ImportError:
            print(f"{name} is not installed: skipped (pip install {name})")
    return found


def seconds_per_mb(ends: Ends, text: str) -> float:
    """The best of three; a short text first, so that loading the model does not count."""
    for _ in ends(text[:200]):
        pass
    best = float("inf")
    for _ in range(3):
        begin = time.process_time()  # of this process: other work on the machine does not count
        for _ in ends(text):
            pass
        best = min(best, time.process_time() - begin)
    return best / (len(text.encode()) / 1e6)


def show_errors(labels: Labels, result: Score) -> None:
    for kind, places in (("missed", result.missed), ("wrong", result.wrong)):
        for end in sorted(places):
            before, after = labels.text[max(0, end - 40) : end], labels.text[end : end + 25]
            print(f"    {kind:6} {labels.name[:18]} {end}: {before!r} | {after!r}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--data", type=Path, default=Path(os.environ.get("QA_BENCH_DATA", ROOT.parent / "shared/bench"))
    )
    parser.add_argument("--errors", action="store_true", help="print every error with its context")
    options = parser.parse_args()
    texts = []
    for path in sorted(LABELS.glob("*.tsv")):
        labels = read_labels(path, options.data)
        if labels is None:
            print(f"{path.stem}: its text is not under {options.data}, skipped")
        else:
            texts.append(labels)
    print(f"{'segmenter':16}" + "".join(f"{t.name[:18]:>22}" for t in texts) + f"{'s/MB':>8}")
    print(f"{'':16}" + "".join(f"{'F1     P     R':>22}" for _ in texts))
    speed_text = "\n".join(t.text for t in texts)
    for name, bare in segmenters().items():
        for label, ends in ((f"{name} bare", bare), (f"{name} repaired", repaired(bare))):
            scores = [score(t, trimmed(t.text, ends(t.text))) for t in texts]
            cells = "".join(f"{s.f1:10.4f}{s.precision:6.3f}{s.recall:6.3f}" for s in scores)
            print(f"{label:16}{cells}{seconds_per_mb(ends, speed_text):8.2f}")
            if options.errors:
                for t, s in zip(texts, scores, strict=True):
                    show_errors(t, s)


if __name__ == "__main__":
    main()

"""Are the quotes the right ones, and does the estimate know whether the sources answer at all?

    python bench/evidence.py [--data DIR] [--work DIR] [--fit]

Every figure leaves out the tested text: the model that judges a folder or corpus is fitted on the others. `--fit`
prints the weights fitted on everything, for qa/retrieve/answerability.py. The sample articles take no part.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from common import FOLDERS, Asked, arguments, chunking_questions, corpora, index, mean, overlap, own_questions

from qa.index import where as filters
from qa.retrieve import answerability, rank
from qa.retrieve.evidence import KEEP, MAX_QUOTES
from qa.retrieve.retriever import Retriever

NAMES = tuple(answerability.WEIGHTS)
RIDGE = 10.0  # of the fit; 3 to 20 give the same figures within half a point
SHARE = {"own": 1.0, "far": 0.5, "removed": 0.4, "bench": 0.4, "bench removed": 0.15, "bench far": 0.4}
"""How much an example of each kind counts in the fit. Where gold sentences are removed others may still answer."""


@dataclass(frozen=True)
class Example:
    """The sentences read closely for one question: their features (n, f), ranking scores, areas, and which are gold."""

    group: str
    kind: str
    features: Any
    scores: Any
    areas: tuple[tuple[str, int, int], ...]
    right: Any
    asked: Asked

    @property
    def answerable(self) -> bool:
        return self.kind in ("own", "bench") and bool(self.asked.gold)


Place = tuple[Retriever, tuple[str, ...]]  # an index, and the documents of it that are asked


def example(place: Place, asked: Asked, group: str, kind: str) -> Example:
    """The question asked there. Of kinds named "removed" the gold sentences are not among the candidates."""
    retriever, where = place
    vector = retriever.encoder.encode([asked.text], "query")[0]
    index = retriever._index
    rows = index.candidates(asked.text, vector, rank.CANDIDATES, filters.parse(where)).sentences
    names = [document.id for document in retriever.documents]
    areas = [(names[d], int(s), int(e)) for d, s, e in zip(rows.doc, rows.start, rows.end, strict=True)]
    right = np.array([any(a == d and s < y and x < e for a, x, y in asked.gold) for d, s, e in areas], dtype=bool)
    if "removed" in kind:
        rows, areas, right = without(rows, areas, right)
    scores = rank.rank_sentences(rows)
    top = rank.quotable(rows, scores, answerability.LOOKED_AT)
    question = answerability.read_question(asked.text, index.vocabulary)
    candidates = answerability.candidates(question, rows, top, index.vocabulary)
    described = [answerability.describe(question, candidate) for candidate in candidates]
    features = np.array([[each[name] for name in NAMES] for each in described])
    return Example(group, kind, features, scores[top], tuple(areas[i] for i in top), right[top], asked)


def without(rows: rank.SentenceRows, areas: list[Any], right: Any) -> tuple[rank.SentenceRows, list[Any], Any]:
    kept = np.flatnonzero(~right)
    names = ("doc", "number", "dense", "lexical", "start", "end", "block", "section", "kind")
    columns = {name: getattr(rows, name)[kept] for name in names}
    texts = {name: [getattr(rows, name)[i] for i in kept] for name in ("text", "context")}
    return replace(rows, **columns, **texts), [areas[i] for i in kept], right[kept]


def examples(data: Path, work: Path) -> Iterator[Example]:
    """Own questions over their folder, with the answer removed, and over another folder; the benchmark's likewise."""
    whole = index("chunking", corpora(data), work)
    folders: dict[str, Place] = {
        path.name: (index(f"folder-{path.name}", [(path.name, path.read_bytes())], work), ())
        for path in sorted(FOLDERS.iterdir())
    }
    texts: dict[str, Place] = {name.removesuffix(".txt"): (whole, (f"path={name}",)) for name, _ in corpora(data)}
    places = folders | texts
    for n, asked in enumerate(own_questions(data)):
        home = asked.source.removeprefix("folders/")
        yield example(places[home], asked, home, "own")
        if asked.gold:
            yield example(places[home], asked, home, "removed")
            yield example(places[other(sorted(places), home, n)], asked, home, "far")
    for n, asked in enumerate(chunking_questions(data)):
        yield example((whole, ()), asked, asked.source, "bench")
        yield example((whole, ()), asked, asked.source, "bench removed")
        yield example(places[other(sorted(texts), asked.source, n)], asked, asked.source, "bench far")


def other(names: Sequence[str], home: str, n: int) -> str:
    rest = [name for name in names if name != home]
    return rest[n % len(rest)]


def logistic(x: Any, y: Any, weight: Any, ridge: float) -> Any:
    """Coefficients of a weighted ridge-penalised logistic regression, the constant last, by Newton's method."""
    x = np.c_[x, np.ones(len(x))]
    penalty = np.diag([ridge] * (x.shape[1] - 1) + [1e-6])
    found = np.zeros(x.shape[1])
    for _ in range(15):
        p = 1 / (1 + np.exp(-np.clip(x @ found, -30, 30)))
        slope = x.T @ (weight * (p - y)) + penalty @ found
        found = found - np.linalg.solve((x * (weight * p * (1 - p) + 1e-9)[:, None]).T @ x + penalty, slope)
    return found


def fit(made: Sequence[Example]) -> tuple[Any, float]:
    """Weights and constant. The best gold sentence is a positive example, the best others are negative ones; which is
    best is decided by the model of the round before. At the end the best sentence's log odds are calibrated on the
    questions.
    """
    everything = np.concatenate([e.features for e in made])
    centre, scale = everything.mean(0), everything.std(0) + 1e-6
    found = None
    for _ in range(3):
        rows = [row for e in made for row in training_rows(e, (e.features - centre) / scale, found)]
        found = logistic(*(np.array(column) for column in zip(*rows, strict=True)), RIDGE)
    assert found is not None
    weights = found[:-1] / scale
    constant = found[-1] - weights @ centre
    best = np.array([(e.features @ weights + constant).max() for e in made])
    stretch = logistic(
        best[:, None], np.array([e.answerable for e in made], float), np.array([SHARE[e.kind] for e in made]), 1e-3
    )
    return weights * stretch[0], float(constant * stretch[0] + stretch[1])


def training_rows(made: Example, features: Any, found: Any) -> Iterator[tuple[Any, float, float]]:
    share = SHARE[made.kind]
    scores = made.scores if found is None else features @ found[:-1]
    order = np.argsort(-scores, kind="stable")
    if not made.answerable:
        yield from ((features[i], 0.0, share * part) for i, part in zip(order, (0.6, 0.4), strict=False))
    elif made.right.any():
        yield features[next(i for i in order if made.right[i])], 1.0, share
        yield from ((features[i], 0.0, share * 0.1) for i in [i for i in order if not made.right[i]][:3])


def auc(high: Sequence[float], low: Sequence[float]) -> float:
    """How often an answerable question's estimate is above an unanswerable one's."""
    return mean(float(a > b) + 0.5 * float(a == b) for a in high for b in low)


def figure(high: Sequence[float], low: Sequence[float]) -> str:
    return f"{auc(high, low):.3f}" if high and low else "-"


def report_quotes(made: Sequence[Example], odds: Sequence[Any]) -> None:
    print("\nquotes on the chunking benchmark, percent of characters")
    print(f"{'ranking':20} {'recall':>7} {'precision':>10} {'IoU':>6} {'quotes':>7} {'first right':>12}")
    pairs = [(e, o) for e, o in zip(made, odds, strict=True) if e.kind == "bench"]
    for name, keep in (("recipe", 0.9), ("model", KEEP)):
        measured, first, count = [], [], []
        for e, o in pairs:
            scores = e.scores if name == "recipe" else 1 / (1 + np.exp(-o))
            order = np.argsort(-scores, kind="stable")
            kept = [i for i in order if scores[i] >= keep * scores[order[0]]][:MAX_QUOTES]
            measured.append(overlap([e.areas[i] for i in kept], e.asked.gold))
            first.append(bool(e.right[order[0]]))
            count.append(len(kept))
        recall, precision, iou = (
            100 * mean(v) for v in zip(*((m.recall, m.precision, m.iou) for m in measured), strict=True)
        )
        print(f"{name + f', kept from {keep}':20} {recall:7.1f} {precision:10.1f} {iou:6.1f}", end=" ")
        print(f"{mean(count):7.1f} {mean(first):12.2f}")


def report_answerability(made: Sequence[Example], odds: Sequence[Any]) -> None:
    print("\nanswerability; the tested text left out of the fit; AUC, and shares right at 0.5")
    print(f"{'text':22} {'questions':>12} {'AUC near':>9} {'removed':>8} {'far':>6} {'answered':>9} {'abstained':>10}")
    best = [float(o.max()) for o in odds]
    for name, kinds in (("own", ("own", "removed", "far")), ("bench", ("bench", "bench removed", "bench far"))):
        for group in ["all", *sorted({e.group for e in made if e.kind == name})]:
            chosen = [(e, b) for e, b in zip(made, best, strict=True) if e.kind in kinds and group in ("all", e.group)]
            high = [b for e, b in chosen if e.answerable]
            near = [b for e, b in chosen if e.kind == "own" and not e.answerable]
            removed, far = ([b for e, b in chosen if e.kind == kind] for kind in kinds[1:])
            if not high:
                continue
            low = near or removed
            print(f"{name + ' ' + group:22} {f'{len(high)} + {len(low)}':>12} {figure(high, near):>9}", end=" ")
            print(f"{figure(high, removed):>8} {figure(high, far):>6} {mean(b >= 0 for b in high):9.2f}", end=" ")
            print(f"{mean(b < 0 for b in low):10.2f}")


def main() -> None:
    options = arguments(__doc__ or "")
    made = list(examples(options.data, options.work))
    odds: list[Any] = [None] * len(made)
    for group in sorted({e.group for e in made}):
        weights, constant = fit([e for e in made if e.group != group])
        for i, e in enumerate(made):
            if e.group == group:
                odds[i] = e.features @ weights + constant
    report_quotes(made, odds)
    report_answerability(made, odds)
    if options.fit:
        weights, constant = fit(made)
        print("\nBIAS =", round(constant, 3))
        print("WEIGHTS =", {name: round(float(weight), 2) for name, weight in zip(NAMES, weights, strict=True)})


if __name__ == "__main__":
    main()

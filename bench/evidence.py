"""Are the quotes the right ones, and does the estimate know whether the sources answer at all?

    python bench/evidence.py [--data DIR] [--work DIR] [--sets FILE...] [--fit]

Every figure leaves out the tested text: the models that judge a folder or corpus are fitted on the others. `--sets`
names files that bench/near_misses.py made; they are fitted on too. `--fit` prints the weights fitted on everything,
for qa/retrieve/answerability.py. The sample articles take no part.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from common import FOLDERS, Asked, arguments, chunking_questions, corpora, index, mean, overlap, own_questions
from fitting import Example, Models, auc, fit

from qa.index import where as filters
from qa.retrieve import answerability, rank
from qa.retrieve.evidence import MARGIN, MAX_QUOTES
from qa.retrieve.retriever import Retriever

SHARE = {"own": 1.0, "own far": 0.5, "own removed": 0.4, "bench": 0.4, "bench far": 0.3, "set": 1.0}
"""How much an example of each kind counts in the fit. Where gold sentences are removed others may still answer."""

Place = tuple[Retriever, tuple[str, ...]]  # an index, and the documents of it that are asked


def example(place: Place, asked: Asked, group: str, kind: str) -> Example:
    """The question asked there. Of kinds named "removed" the gold sentences are not among the candidates."""
    retriever, where = place
    vector = retriever.encoder.encode([asked.text], "query")[0]
    index = retriever._index
    found = index.candidates(asked.text, vector, rank.CANDIDATES, filters.parse(where))
    rows = found.sentences
    names = [document.id for document in retriever.documents]
    areas = [(names[d], int(s), int(e)) for d, s, e in zip(rows.doc, rows.start, rows.end, strict=True)]
    right = np.array([any(a == d and s < y and x < e for a, x, y in asked.gold) for d, s, e in areas], dtype=bool)
    if "removed" in kind:
        rows, areas, right = without(rows, areas, right)
    placed = rank.passage_scores(found.passages, rows)
    top = rank.candidates(rows, placed)
    question = answerability.read_question(asked.text, index.vocabulary)
    read = answerability.candidates(question, rows, placed, top, index.vocabulary)
    described = [answerability.describe(question, candidate) for candidate in read]
    features = np.array([[each[name] for name in answerability.ORDER] for each in described])
    answers = kind in ("own", "bench", "set") and bool(asked.gold)
    return Example(group, kind, features, right[top], tuple(areas[i] for i in top), asked.gold, answers, SHARE[kind])


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
            yield example(places[home], asked, home, "own removed")
            yield example(places[other(sorted(places), home, n)], asked, home, "own far")
    for n, asked in enumerate(chunking_questions(data)):
        yield example((whole, ()), asked, asked.source, "bench")
        if n % 2 == 0:
            yield example(places[other(sorted(texts), asked.source, n)], asked, asked.source, "bench far")


def set_examples(file: Path) -> Iterator[Example]:
    """The questions of a file that bench/near_misses.py made; its documents lie in a folder of the same name."""
    retriever = Retriever.build(file.with_suffix(""), file.with_suffix(".index"))
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        gold = tuple((doc, start, end) for doc, start, end in row["gold"])
        yield example((retriever, ()), Asked(row["group"], row["question"], gold), row["group"], "set")


def other(names: Sequence[str], home: str, n: int) -> str:
    rest = [name for name in names if name != home]
    return rest[n % len(rest)]


def report_quotes(made: Sequence[Example], models: Sequence[Models]) -> None:
    print("\nquotes; the tested text left out of the fit")
    print(f"{'questions':10} {'number':>6} {'read':>6} {'first right':>12} {'recall':>7} {'precision':>10} {'IoU':>6}")
    for kind in ("own", "bench", "set"):
        pairs = [(e, m) for e, m in zip(made, models, strict=True) if e.kind == kind and e.answerable]
        if not pairs:
            continue
        measured = [overlap(quoted(e, m), e.gold) for e, m in pairs]
        columns = zip(*((m.recall, m.precision, m.iou) for m in measured), strict=True)
        recall, precision, iou = (100 * mean(values) for values in columns)
        read, first = mean(e.right.any() for e, _ in pairs), mean(bool(e.right[m.first(e)]) for e, m in pairs)
        print(f"{kind:10} {len(pairs):6} {read:6.2f} {first:12.2f} {recall:7.1f} {precision:10.1f} {iou:6.1f}")


def quoted(made: Example, models: Models) -> list[tuple[str, int, int]]:
    """The areas that are quoted."""
    scores = made.features @ models.order
    order = np.argsort(-scores, kind="stable")
    return [made.areas[i] for i in order[:MAX_QUOTES] if scores[i] >= scores[order[0]] - MARGIN]


def report_answerability(made: Sequence[Example], models: Sequence[Models]) -> None:
    print("\nanswerability; the tested text left out of the fit; AUC, and shares right at 0.5")
    print(f"{'text':22} {'questions':>12} {'AUC near':>9} {'removed':>8} {'far':>6} {'answered':>9} {'abstained':>10}")
    odds = [m.odds(e) for e, m in zip(made, models, strict=True)]
    for kind in ("own", "bench", "set"):
        for group in ["all", *(sorted({e.group for e in made if e.kind == kind}) if kind == "own" else ())]:
            chosen = [(e, o) for e, o in zip(made, odds, strict=True) if group in ("all", e.group)]
            high = [o for e, o in chosen if e.kind == kind and e.answerable]
            near = [o for e, o in chosen if e.kind == kind and not e.answerable]
            removed, far = ([o for e, o in chosen if e.kind == f"{kind} {name}"] for name in ("removed", "far"))
            low = near or removed or far
            if high:
                print(f"{kind + ' ' + group:22} {f'{len(high)} + {len(low)}':>12} {auc(high, near):9.3f}", end=" ")
                print(f"{auc(high, removed):8.3f} {auc(high, far):6.3f} {mean(o >= 0 for o in high):9.2f}", end=" ")
                print(f"{mean(o < 0 for o in low):10.2f}")


def report_zones(made: Sequence[Example], models: Sequence[Models]) -> None:
    """What a threshold makes of our own questions, the tested text left out of the fit."""
    own = [(e, 1 / (1 + np.exp(-m.odds(e))), m.first(e)) for e, m in zip(made, models, strict=True) if e.kind == "own"]
    print("\nzones; own questions, the tested text left out of the fit")
    print(f"{'threshold':>9} {'answered right':>15} {'near misses refused':>20} {'right of answered':>18}")
    for threshold in (0.05, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5):
        right = [estimate >= threshold and bool(e.right[first]) for e, estimate, first in own if e.answerable]
        refused = [estimate < threshold for e, estimate, _ in own if not e.answerable]
        answered = [e.answerable and bool(e.right[first]) for e, estimate, first in own if estimate >= threshold]
        print(f"{threshold:9.2f} {mean(right):15.2f} {mean(refused):20.2f} {mean(answered):18.2f}")


def folds(made: Sequence[Example]) -> list[Models]:
    """For each example the models fitted without its group; groups of sets are left out six at a time."""
    groups = sorted({e.group for e in made if e.kind != "set"})
    sets = sorted({e.group for e in made if e.kind == "set"})
    parts = [{group} for group in groups] + [set(sets[n::6]) for n in range(6) if sets[n::6]]
    fitted = {
        group: models for part in parts if (models := fit([e for e in made if e.group not in part])) for group in part
    }
    return [fitted[e.group] for e in made]


def main() -> None:
    options = arguments(__doc__ or "")
    made = [*examples(options.data, options.work), *(e for file in options.sets for e in set_examples(file))]
    made = [e for e in made if len(e.features)]
    models = folds(made)
    report_quotes(made, models)
    report_answerability(made, models)
    report_zones(made, models)
    if options.fit:
        names = tuple(answerability.ORDER)
        found = fit(made)
        for name, weights in (("ORDER", found.order), ("WEIGHTS", found.weights)):
            print(f"\n{name} =", {n: round(float(w), 2) for n, w in zip(names, weights, strict=True)})
        print("BIAS =", round(found.bias, 3))


if __name__ == "__main__":
    main()

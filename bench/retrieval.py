"""Which passages are found? Dense alone, BM25 alone, their fusion, and what qa does with them, over the same index.

    python bench/retrieval.py [--data DIR] [--work DIR]

The first run encodes both collections, which takes minutes; later ones reuse the index.
"""

import json
from pathlib import Path

import numpy as np
from common import Area, arguments, chunking_questions, corpora, index, mean, overlap

from qa.retrieve import rank
from qa.retrieve.retriever import Retriever

RANKINGS = ("dense only", "BM25 only", "fused", "qa")


def rankings(retriever: Retriever, question: str, k: int) -> dict[str, list[Area]]:
    """The k best passages by each ranking, best first."""
    vector = retriever.encoder.encode([question], "query")[0]
    index = retriever._index
    rows = index.candidates(question, vector, index.counts["passages"]).passages  # all of them
    names = [document.id for document in retriever.documents]

    def areas(scores: np.ndarray) -> list[Area]:
        return [(names[rows.doc[i]], int(rows.start[i]), int(rows.end[i])) for i in rank.best(scores, k)]

    found = {
        "dense only": areas(rows.dense),
        "BM25 only": areas(rows.lexical),
        "fused": areas(rank.fuse(rows.dense, rows.lexical)),
    }
    hits = retriever.search(question, k)
    return found | {"qa": [(hit.passage.doc_id, hit.passage.start, hit.passage.end) for hit in hits]}


def chunking(data: Path, work: Path, k: int = 5) -> None:
    """Recall, precision and IoU over characters."""
    asked = chunking_questions(data)
    with index("chunking", corpora(data), work) as retriever:
        found = [rankings(retriever, each.text, k) for each in asked]
    print(f"\nchunking benchmark: {len(asked)} questions, {k} passages retrieved, percent of characters")
    print(f"{'ranking':12} {'recall':>7} {'precision':>10} {'IoU':>6}")
    for name in RANKINGS:
        scores = [overlap(each[name], question.gold) for each, question in zip(found, asked, strict=True)]
        figures = [100 * mean(values) for values in zip(*((s.recall, s.precision, s.iou) for s in scores), strict=True)]
        print(f"{name:12} {figures[0]:7.1f} {figures[1]:10.1f} {figures[2]:6.1f}")


def docs_rag(data: Path, work: Path, k: int = 3) -> None:
    """Recall, F1 and mean reciprocal rank of the right sections; a section is as good as its best passage."""
    sections = json.loads((data / "docs_rag" / "anthropic_docs.json").read_text(encoding="utf-8"))
    asked = json.loads((data / "docs_rag" / "docs_evaluation_dataset.json").read_text(encoding="utf-8"))
    links = {f"{n:03}.txt": section["chunk_link"] for n, section in enumerate(sections)}
    files = [(name, sections[n]["text"].encode()) for n, name in enumerate(links) if sections[n]["text"].strip()]
    results: dict[str, list[tuple[float, float, float]]] = {name: [] for name in RANKINGS}
    with index("docs_rag", files, work) as retriever:
        for each in asked:
            right = set(each["correct_chunks"])
            for name, areas in rankings(retriever, each["question"], 20 * k).items():
                order = list(dict.fromkeys(links[doc] for doc, _, _ in areas))
                results[name].append(section_scores(order[:k], right))
    print(f"\ndocs_rag: {len(asked)} questions, {k} sections retrieved")
    print(f"{'ranking':12} {'recall':>7} {'F1':>6} {'MRR':>6}")
    for name, scores in results.items():
        recall, f1, reciprocal = (mean(values) for values in zip(*scores, strict=True))
        print(f"{name:12} {recall:7.3f} {f1:6.3f} {reciprocal:6.3f}")


def section_scores(found: list[str], right: set[str]) -> tuple[float, float, float]:
    """Recall, F1 and the reciprocal of the first right rank."""
    hits = sum(link in right for link in found)
    reciprocal = next((1 / n for n, link in enumerate(found, 1) if link in right), 0.0)
    return hits / len(right), 2 * hits / (len(found) + len(right)), reciprocal


def main() -> None:
    options = arguments(__doc__ or "")
    chunking(options.data, options.work)
    docs_rag(options.data, options.work)


if __name__ == "__main__":
    main()

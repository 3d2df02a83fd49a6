"""Plain sentence-transformers with FAISS: what one writes in ten minutes."""

import json
from pathlib import Path

import faiss
from harness import BEST, Search, read, run, sliced
from sentence_transformers import SentenceTransformer


def build(texts: Path, index: Path, model: str) -> int:
    passages = [passage for _, text in read(texts) for passage in sliced(text)]
    vectors = SentenceTransformer(model, device="cpu").encode(passages, normalize_embeddings=True)
    rows = faiss.IndexFlatIP(vectors.shape[1])
    rows.add(vectors)
    index.mkdir(parents=True)
    faiss.write_index(rows, str(index / "rows.faiss"))
    (index / "passages.json").write_text(json.dumps(passages), encoding="utf-8")
    return len(passages)


def load(index: Path, model: str) -> Search:
    encoder = SentenceTransformer(model, device="cpu")
    rows = faiss.read_index(str(index / "rows.faiss"))
    passages = json.loads((index / "passages.json").read_text(encoding="utf-8"))

    def search(question: str) -> list[str]:
        _, best = rows.search(encoder.encode([question], normalize_embeddings=True), BEST)
        return [passages[row] for row in best[0] if row >= 0]

    return search


run(build, load)

"""txtai with its defaults: FAISS for vectors, SQLite for text. It is given passages."""

from pathlib import Path

from harness import BEST, Search, read, run, sliced
from txtai import Embeddings


def build(texts: Path, index: Path, model: str) -> int:
    passages = [passage for _, text in read(texts) for passage in sliced(text)]
    made = Embeddings(path=model, method="sentence-transformers", content=True, gpu=False)
    made.index(passages)
    made.save(str(index))
    return len(passages)


def load(index: Path, model: str) -> Search:
    opened = Embeddings()
    opened.load(str(index))

    def search(question: str) -> list[str]:
        return [found["text"] for found in opened.search(question, BEST)]

    return search


run(build, load)

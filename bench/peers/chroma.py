"""Chroma, with the model run by sentence-transformers. It does not split text."""

from pathlib import Path

import chromadb
from chromadb.config import Settings
from chromadb.utils.embedding_functions import SentenceTransformerEmbeddingFunction
from harness import BEST, Search, read, run, sliced

AT_ONCE = 1000  # passages of one call; Chroma has a limit


def collection(index: Path, model: str) -> chromadb.Collection:
    client = chromadb.PersistentClient(path=str(index), settings=Settings(anonymized_telemetry=False))
    function = SentenceTransformerEmbeddingFunction(model_name=model, device="cpu", normalize_embeddings=True)
    return client.get_or_create_collection("texts", embedding_function=function)


def build(texts: Path, index: Path, model: str) -> int:
    passages = [(f"{name} {n}", part) for name, text in read(texts) for n, part in enumerate(sliced(text))]
    rows = collection(index, model)
    for at in range(0, len(passages), AT_ONCE):
        ids, parts = zip(*passages[at : at + AT_ONCE], strict=True)
        rows.add(ids=list(ids), documents=list(parts))
    return len(passages)


def load(index: Path, model: str) -> Search:
    rows = collection(index, model)

    def search(question: str) -> list[str]:
        return (rows.query(query_texts=[question], n_results=BEST)["documents"] or [[]])[0]

    return search


run(build, load)

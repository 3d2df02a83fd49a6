"""qa, as a library."""

from pathlib import Path

from harness import BEST, CHARACTERS, Search, run

from qa.index.build import build as build_index
from qa.records import BuildSettings
from qa.retrieve.retriever import Retriever


def build(texts: Path, index: Path, model: str) -> int:
    return build_index(texts, index, BuildSettings(passage_chars=CHARACTERS, embedder=model)).passages


def load(index: Path, model: str) -> Search:
    retriever = Retriever.open(index, embedder=model)

    def search(question: str) -> list[str]:
        return [hit.text for hit in retriever.search(question, BEST)]

    return search


run(build, load)

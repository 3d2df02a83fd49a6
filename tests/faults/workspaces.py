"""A small workspace whose right answers are known: what its index must say, and what may lie around."""

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from qa.errors import IndexMissingError
from qa.index import build as builder
from qa.index import searched, store
from qa.index.build import BuildReport
from qa.index.store import Generation
from qa.records import BuildSettings
from qa.retrieve.retriever import Retriever
from qa.testing import HashEncoder

__all__ = ["ENCODER", "QUESTIONS", "Workspace", "scratch"]

ENCODER = HashEncoder(64)
QUESTIONS = (
    "Who built the lighthouse of Marrow Point?",
    "What does a ticket for the ferry cost?",
    "Where did Quaggamire hide the zyzzyva?",
)
LIGHTHOUSE = "Notes\n\nThe lighthouse of Marrow Point was built in 1871 by Edith Lanning. Its lamp is seen from afar.\n"
FERRY = "# The ferry\n\nThe ferry to Marrow Point leaves twice a day. A ticket costs 14 crowns.\n"
SECRET = "Xylophonist Quaggamire hid the zyzzyva in a cellar.\n"
SECRET_WORDS = ("quaggamir", "xylophonist", "zyzzyva", "secret.txt")
LEFTOVER = re.compile(r"\.(?:building|CURRENT)-.*|partial")


class Workspace:
    """A folder with `seeds` and `index`."""

    def __init__(self, root: Path) -> None:
        self.root, self.seeds, self.index = root, root / "seeds", root / "index"

    def write(self, **documents: str | None) -> None:
        """Write documents, named without suffix; None deletes one. Each content gets a time of its own."""
        self.seeds.mkdir(parents=True, exist_ok=True)
        for name, text in documents.items():
            path = self.seeds / f"{name}.txt"
            if text is None:
                path.unlink(missing_ok=True)
            else:
                path.write_text(text, encoding="utf-8")

    def build(self, **options: Any) -> BuildReport:
        return builder.build(self.seeds, self.index, BuildSettings(), ENCODER, **options)

    def copy(self, to: Path) -> "Workspace":
        shutil.rmtree(to, ignore_errors=True)
        return Workspace(Path(shutil.copytree(self.root, to)))

    def answers(self) -> dict[str, Any] | None:
        """What a reader gets now: documents and answers; None if there is no index. Raises what reading raises."""
        try:
            retriever = Retriever.open(self.index, encoder=ENCODER)
        except IndexMissingError:
            return None
        with retriever:
            return asked(retriever)

    def wrong(self) -> str:
        """What is wrong with what a reader gets: it must equal what a clean index of the same documents gives; from
        words alone, it must be verbatim.
        """
        found = self.answers()
        if found and found["unfinished"]:
            return "" if self.verbatim() else "not verbatim"
        return "" if found is None or found == _expected(found["documents"]) else f"wrong answers: {found}"

    def verbatim(self) -> bool:
        """Whether every quote and passage that a reader gets is what the file says there."""
        with Retriever.open(self.index, encoder=ENCODER) as retriever:
            for question in QUESTIONS:
                hits, evidence = retriever.retrieve(question)
                places = [(h.passage.doc_id, h.passage.start, h.passage.end, h.text) for h in hits]
                places += [(q.doc_id, q.start, q.end, q.text) for q in evidence.quotes]
                for doc_id, start, end, text in places:
                    if (self.seeds / doc_id).read_text(encoding="utf-8")[start:end] != text:
                        return False
        return True

    def untidy(self, secret: bool = False) -> str:
        """What is wrong after a good build: leftovers, damage, vectors that are not those of the texts, files missing.

        secret: the removed document's words may be nowhere.
        """
        names = sorted(p.name for p in self.index.iterdir())
        generations = [name for name in names if name.startswith("gen-")]
        if left := [name for name in names if LEFTOVER.fullmatch(name)]:
            return f"leftovers: {left}"
        if len(generations) > 2 or store.current_name(self.index)[0] != store.generations(self.index)[-1]:
            return f"generations: {generations}"
        if damaged := store.verify(self.index):
            return f"damaged: {damaged}"
        found = self.answers()
        have = {path.relative_to(self.seeds).as_posix() for path in self.seeds.rglob("*") if path.is_file()}
        if found is None or {name for name, _ in found["documents"]} != have:
            return f"documents missing: {found and found['documents']} instead of {sorted(have)}"
        return self.wrong() or self._brute_force() or (self._traces() if secret else "")

    def _brute_force(self) -> str:
        """Every stored vector is the encoder's for that text."""
        generation = Generation.open(self.index)
        try:
            prepared = [generation.prepared(number) for number in range(len(generation.documents))]
            passages = [passage for document in prepared for passage in searched.divided(document)]
            whole = (generation.passage_vectors, [passage.text for passage in passages])
            alone = (generation.sentence_vectors, [text for passage in passages for text in passage.alone])
            for name, (vectors, texts) in {"passages": whole, "sentences": alone}.items():
                made = ENCODER.encode(texts)
                if not np.array_equal(vectors.rows(np.arange(vectors.size)), made):
                    return f"the vectors of the {name} are not those of their texts"
        finally:
            generation.close()
        return ""

    def _traces(self) -> str:
        for path in self.index.rglob("*"):
            data = path.read_bytes().lower() if path.is_file() else b""
            for word in SECRET_WORDS:
                if any(word.encode(codec) in data for codec in ("utf-8", "utf-16-le", "utf-32-le")):
                    return f"{word} is still in {path.relative_to(self.index)}"
        return ""


def asked(retriever: Retriever) -> dict[str, Any]:
    """The documents and the answers of a retriever, in full."""
    documents = tuple((info.id, retriever.document(info.id).text) for info in retriever.documents)
    answers = [repr(retriever.retrieve(question)) for question in QUESTIONS]
    return {"documents": documents, "answers": answers, "unfinished": retriever.unfinished}


_KNOWN: dict[Any, dict[str, Any]] = {}


def _expected(documents: tuple[tuple[str, str], ...]) -> Mapping[str, Any]:
    """What a clean index of these documents gives."""
    if documents not in _KNOWN:
        clean = Workspace(_root() / "clean" / str(len(_KNOWN)))
        for name, text in documents:
            path = clean.seeds / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        clean.build()
        found = clean.answers()
        assert found is not None
        _KNOWN[documents] = found
    return _KNOWN[documents]


@cache
def _root() -> Path:
    return Path(os.environ["QA_FAULTS_ROOT"])


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder, in memory where there is such a thing, with the key of its indexes; gone at the end."""
    import tempfile

    memory = "/dev/shm"
    with tempfile.TemporaryDirectory(prefix="qa-faults-", dir=memory if os.access(memory, os.W_OK) else None) as name:
        os.environ |= {"QA_FAULTS_ROOT": name, "QA_INDEX_KEY": f"{name}/key"}
        Path(name, "key").write_bytes(os.urandom(32))
        yield Path(name)

"""Vectors of a build: kept for text that was encoded before with the same model, made for the rest."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial as partial_call
from typing import TYPE_CHECKING, Any

from qa.embed import encoder as encoders
from qa.embed.protocol import Encoder
from qa.index.job import Job, Progress
from qa.index.lock import writing
from qa.index.partial import FOLDER, Partial
from qa.index.signature import Key
from qa.index.store import Generation, TableName
from qa.index.vectors import VectorIndex

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

__all__ = ["Encoded", "encode"]

LARGE = 1000  # texts from which loading torch (5 s) pays off by its faster encoding (measured on two cores)
CHUNK = 256  # texts encoded between two writes to index/partial/
MODEL = ("weights", "precision")  # the parts of a recipe that shape vectors


@dataclass(frozen=True, slots=True)
class Encoded:
    """Vectors and keys, row for row, of `passages` and `sentences`. made: number of texts that needed the model."""

    vectors: Mapping[str, "Floats"]
    keys: Mapping[str, Sequence[bytes]]
    made: int


def encode(job: Job, texts: Mapping[str, Sequence[str]], current: Generation | None, key: Key) -> Encoded:
    """A vector for every passage and sentence.

    texts: of the `passages` and the `sentences`, see `searched.py`.
    current: a generation whose vectors may be kept. key: signs what is written to `index/partial/`.
    Raises ModelError, and IndexUnusableError if the vectors cannot be written.
    """
    keys = {name: [_key(text) for text in rows] for name, rows in texts.items()}
    name = f"{job.recipe['weights'][:16]}-{job.settings.precision}.vectors"
    partial = Partial(job.index / FOLDER / name, key)
    with writing(job.index):
        known = partial.load()
    known |= _kept(job.recipe, current)
    missing = {k: t for name in texts for k, t in zip(keys[name], texts[name], strict=True) if k not in known}
    for chunk, vectors in _encoded(job, missing):
        known.update(zip(chunk, vectors, strict=True))
        with writing(job.index):
            partial.append(chunk, vectors)
    return Encoded({name: _stack(rows, known) for name, rows in keys.items()}, keys, len(missing))


def _kept(recipe: Mapping[str, Any], current: Generation | None) -> dict[bytes, Any]:
    """Vectors of the current generation by key, if the same model made them."""
    if current is None or any(current.manifest["recipe"].get(part) != recipe[part] for part in MODEL):
        return {}
    import numpy as np

    current.check("vectors.faiss", "sentences.faiss", "passages.keys", "sentences.keys")
    pairs: tuple[tuple[TableName, VectorIndex], ...] = (
        ("passages", current.passage_vectors),
        ("sentences", current.sentence_vectors),
    )
    kept: dict[bytes, Any] = {}
    for name, vectors in pairs:
        kept.update(zip(current.keys(name), vectors.rows(np.arange(vectors.size)), strict=True))
    return kept


def _encoded(job: Job, missing: Mapping[bytes, str]) -> "Iterator[tuple[list[bytes], Floats]]":
    """Keys and vectors of the texts, the shortest first, a chunk at a time."""
    order = sorted(missing, key=lambda key: len(missing[key]))
    encoder = _load(job, len(order)) if order else None
    for at in range(0, len(order), CHUNK):
        assert encoder
        chunk = order[at : at + CHUNK]
        report = partial_call(_report, job.progress, at, len(order))
        yield chunk, encoder.encode([missing[key] for key in chunk], "document", report)


def _report(progress: Progress, before: int, total: int, done: int) -> None:
    progress("Encoding", before + done, total)


def _load(job: Job, texts: int) -> Encoder:
    """Torch for many texts, ONNX for few. In both cases the export that queries need is made now."""
    if job.encoder:
        return job.encoder
    name, precision = job.settings.embedder, job.settings.precision
    encoder = encoders.load(name, precision, notify=lambda text: job.progress(text, 0, 0))
    if texts >= LARGE and isinstance(encoder, encoders.OnnxEncoder):
        return encoders.load_torch(name, precision)
    return encoder


def _stack(keys: Sequence[bytes], known: Mapping[bytes, Any]) -> "Floats":
    import numpy as np

    return np.stack([known[key] for key in keys]).astype(np.float32)


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()

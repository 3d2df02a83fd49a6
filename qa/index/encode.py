"""Vectors of a build: kept for passages that were encoded before with the same model, made for the rest."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qa.embed import encoder as encoders
from qa.embed import parts
from qa.embed.parts import Divided
from qa.embed.protocol import Encoder
from qa.index.job import Job
from qa.index.lock import writing
from qa.index.partial import Partial
from qa.index.signature import Key
from qa.index.store import Generation

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Rows = NDArray[np.int64]

__all__ = ["CHUNK", "LARGE", "Encoding", "PassageVectors", "key_of"]

LARGE = 300  # passages from which loading torch to find or to be the fastest runtime (5 s) may pay off
CHUNK = 64  # passages encoded between two writes to index/partial/
MODEL = ("weights", "precision")  # the parts of a recipe that shape vectors


class PassageVectors:
    """Gives the vectors of passages and of their sentences; runs the model for those that nothing is known of.

    made: number of passages that needed it. current: a generation whose vectors may be kept. key: signs what is written
    to `index/partial/`. Raises IndexDamagedError if the vectors of the current generation are not what was written.
    """

    def __init__(self, job: Job, current: Generation | None, key: Key) -> None:
        self._job, self._key = job, key
        self._kept = _Kept(current, job.recipe)
        self._encoder: Encoder | None = None
        self._partial: Partial | None = None
        self._begun: set[bytes] = set()  # keys of passages that are being encoded
        self.made = 0

    @property
    def keeps(self) -> bool:
        """Whether vectors of the current generation may be kept."""
        return bool(self._kept)

    def begin(self, passages: Sequence[Divided], ahead: int) -> "Encoding":
        """Look up what is known of these passages, and have workers, if there are any, encode the rest.

        ahead: about how many more will need the model. Raises ModelError and WorkersError.
        """
        keys = [key_of(passage) for passage in passages]
        found = {key: vectors for key in keys if (vectors := self._kept.get(key)) is not None}
        missing = {key: passage for key, passage in zip(keys, passages, strict=True) if key not in found}
        if not missing:
            return Encoding(keys, found, [], iter(()))
        partial = self._started(self._loaded(len(missing) + ahead))
        found |= {key: partial[key] for key in missing if key in partial}
        new = {key: passage for key, passage in missing.items() if key not in found and key not in self._begun}
        chunks = list(_chunks(new))
        self._begun |= new.keys()
        return Encoding(keys, found, [list(chunk) for chunk in chunks], self._encoded(chunks, len(missing) + ahead))

    def finish(self, begun: "Encoding", report: Callable[[int], None]) -> "tuple[list[bytes], list[Floats]]":
        """Keys and vectors of the passages that were begun before all others. report: called with the number of
        passages done so far.

        The vectors of a passage are its own and those of its sentences, shape (1 + sentences, dim). Raises ModelError,
        WorkersError, and IndexUnusableError if the new vectors cannot be written to `index/partial/`.
        """
        keys, found = begun.keys, begun.found
        report(sum(key in found for key in keys))
        for number, made in begun.made:
            chunk = begun.chunks[number]
            assert self._partial
            with writing(self._job.index):
                self._partial.append(chunk, made)
            self._begun.difference_update(chunk)
            found |= zip(chunk, made, strict=True)
            self.made += len(chunk)
            report(sum(key in found for key in keys))
        for key in keys:
            if key not in found:  # begun with passages before these
                assert self._partial
                found[key] = self._partial[key]
        report(len(keys))
        return keys, [found[key] for key in keys]

    def _encoded(
        self, chunks: "Sequence[Mapping[bytes, Divided]]", passages: int
    ) -> "Iterator[tuple[int, list[Floats]]]":
        """The vectors of each chunk with its number: by workers, who start now, or here, when they are asked for."""
        texts = [list(chunk.values()) for chunk in chunks]
        if self._job.workers:
            return self._job.workers.encode(self._job, texts, fastest=passages >= LARGE)
        encoder = self._loaded(passages)
        return ((number, parts.encode(encoder, chunk)) for number, chunk in enumerate(texts))

    def _loaded(self, passages: int) -> Encoder:
        """The fastest encoder for many passages, ONNX for few and where workers encode. In all cases the export that
        queries need is made.
        """
        if self._encoder is None:
            name, precision = self._job.settings.embedder, self._job.settings.precision
            here = passages >= LARGE and not self._job.workers
            load = encoders.load_fastest if here else encoders.load
            self._encoder = self._job.encoder or load(
                name, precision, notify=lambda text: self._job.progress(text, 0, 0)
            )
        return self._encoder

    def _started(self, encoder: Encoder) -> Partial:
        if self._partial is None:
            name = f"{self._job.recipe['weights'][:16]}-{self._job.settings.precision}.vectors"
            self._partial = Partial(self._job.index / "partial" / name, self._key, encoder.dim)
            with writing(self._job.index):
                self._partial.load()
        return self._partial


@dataclass(slots=True)
class Encoding:
    """Passages whose vectors are being made. keys: of all. found: vectors by key, so far. chunks: keys of those that
    need the model. made: the vectors of chunks with their numbers, as they come.
    """

    keys: "list[bytes]"
    found: "dict[bytes, Floats]"
    chunks: "list[list[bytes]]"
    made: "Iterator[tuple[int, list[Floats]]]"


class _Kept:
    """The vectors of the current generation by key, if the same model made them; read when they are asked for."""

    def __init__(self, current: Generation | None, recipe: Mapping[str, Any]) -> None:
        self._current = current
        self._rows: dict[bytes, int] = {}
        if current is None or any(current.manifest["recipe"].get(part) != recipe[part] for part in MODEL):
            return
        current.check("vectors.faiss", "sentences.faiss", "passages.keys", "passages.bin")
        self._rows = {key: row for row, key in enumerate(current.keys())}
        self._first_sentences = current.first_rows("sentences")

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, key: bytes) -> "Floats | None":
        import numpy as np

        row = self._rows.get(key)
        if row is None or self._current is None:
            return None
        document, _, _, first, last = self._current.table("passages", row, row + 1)[0].tolist()
        base = int(self._first_sentences[document])
        sentences = self._current.sentence_vectors.rows(np.arange(base + first, base + last + 1))
        return np.concatenate([self._current.passage_vectors.rows(np.array([row])), sentences])


def _chunks(passages: Mapping[bytes, Divided]) -> "Iterator[dict[bytes, Divided]]":
    """The passages in chunks of about the same length, the shortest first."""
    order = sorted(passages, key=lambda key: len(passages[key].text))
    for at in range(0, len(order), CHUNK):
        yield {key: passages[key] for key in order[at : at + CHUNK]}


def key_of(passage: Divided) -> bytes:
    """A hash of everything that the vectors of a passage and of its sentences depend on besides the model: 16 bytes."""
    about = "\0".join([passage.text, *passage.alone, *(f"{start}-{end}" for start, end in passage.parts)])
    return hashlib.blake2b(about.encode("utf-8", "surrogatepass"), digest_size=16).digest()

"""Vectors of a build: kept for passages that were encoded before with the same model, made for the rest."""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qa.embed import encoder as encoders
from qa.embed import parts
from qa.embed.parts import Divided
from qa.embed.protocol import Encoder
from qa.errors import IndexUnusableError
from qa.index.job import Job
from qa.index.lock import writing
from qa.index.partial import Partial, place
from qa.index.signature import Key
from qa.index.store import Generation

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Rows = NDArray[np.int64]

__all__ = ["CHUNK", "LARGE", "Encoding", "PassageVectors", "key_of"]

LARGE = 300  # passages from which loading torch to find or to be the fastest runtime (5 s) may pay off
LONG = 20.0  # seconds of encoding ahead, from which on a new index is first published without vectors
CHUNK = 64  # passages encoded between two writes to index/partial/
FIRST_CHUNK = 16  # the same while the pace is looked at
MODEL = ("weights", "precision")  # the parts of a recipe that shape vectors


class PassageVectors:
    """Gives the vectors of passages and of their sentences; runs the model for those that nothing is known of.

    made: number of passages that needed it. deferred: there are so many that words should be published first; it makes
    no more until `resume`. current: a generation whose vectors may be kept. key: signs what is written to
    `index/partial/`. may_defer: whether to look, in the first block, how long all of it will take. Raises
    IndexDamagedError if the vectors of the current generation are not what was written.
    """

    def __init__(self, job: Job, current: Generation | None, key: Key, may_defer: bool = False) -> None:
        self._job, self._key = job, key
        self._kept = _Kept(current, job.recipe)
        self._encoder: Encoder | None = None
        self._partial: Partial | None = None
        self._begun: set[bytes] = set()  # keys of passages that are being encoded
        self._many: bool | None = None  # whether all of it is worth the fastest runtime; decided once
        self._may_defer, self._timed_from = may_defer, (0.0, 0)
        self.made, self.deferred = 0, False

    @property
    def keeps(self) -> bool:
        """Whether vectors of the current generation may be kept."""
        return bool(self._kept)

    @property
    def dim(self) -> int:
        """The length of a vector of the model, 0 if it was not needed so far."""
        return self._encoder.dim if self._encoder else 0

    def resume(self) -> None:
        """Make all vectors from now on."""
        self.deferred = self._may_defer = False

    def begin(self, passages: Sequence[Divided], ahead: int) -> "Encoding":
        """Look up what is known of these passages, and have workers, if there are any, encode the rest.

        ahead: about how many more will need the model. Raises ModelError and WorkersError.
        """
        keys = [key_of(passage) for passage in passages]
        if self.deferred:
            return Encoding(keys, {}, [], iter(()), ahead)
        found = {key: vectors for key in keys if (vectors := self._kept.get(key)) is not None}
        missing = {key: passage for key, passage in zip(keys, passages, strict=True) if key not in found}
        if not missing:
            return Encoding(keys, found, [], iter(()), ahead)
        self._many = len(missing) + ahead >= LARGE if self._many is None else self._many
        partial = self._started(self._loaded())
        found |= self._stored([key for key in missing if key in partial])
        new = {key: passage for key, passage in missing.items() if key not in found and key not in self._begun}
        chunks = list(_chunks(new, min(CHUNK, FIRST_CHUNK) if self._may_defer else CHUNK))
        self._begun |= new.keys()
        made = self._encoded(chunks)
        return Encoding(keys, found, [list(chunk) for chunk in chunks], made, ahead)

    def finish(self, begun: "Encoding", report: Callable[[int], None]) -> "tuple[list[bytes], list[Floats] | None]":
        """Keys and vectors of the passages that were begun before all others; no vectors once they are deferred.
        report: called with the number of passages done so far.

        The vectors of a passage are its own and those of its sentences, shape (1 + sentences, dim). Raises ModelError,
        WorkersError, and IndexUnusableError if the new vectors cannot be written to `index/partial/`.
        """
        keys, found = begun.keys, begun.found
        if self.deferred:
            return keys, None
        report(sum(key in found for key in keys))
        for number, made in begun.made:
            self._keep(begun.chunks[number], made, found)
            report(sum(key in found for key in keys))
            if self._takes_long(len(set(keys) - found.keys()) + begun.ahead):
                self.deferred = True
                self._begun.clear()
                return keys, None
        self._may_defer = False
        found |= self._stored([key for key in keys if key not in found])  # begun with passages before these
        report(len(keys))
        return keys, [found[key] for key in keys]

    def _stored(self, keys: "Sequence[bytes]") -> "dict[bytes, Floats]":
        """Vectors that are in `index/partial/`."""
        if not keys:
            return {}
        assert self._partial
        try:
            return {key: self._partial[key] for key in keys}
        except OSError as error:
            raise IndexUnusableError(f"{self._partial.path} cannot be read: {error.strerror}") from None

    def _keep(self, chunk: "list[bytes]", made: "list[Floats]", found: "dict[bytes, Floats]") -> None:
        assert self._partial
        with writing(self._job.index):
            self._partial.append(chunk, made)
        self._begun.difference_update(chunk)
        found |= zip(chunk, made, strict=True)
        self.made += len(chunk)

    def _takes_long(self, left: int) -> bool:
        """Whether as many passages as are left take long, by the pace since the first chunk, which warms up."""
        now, (since, before) = time.monotonic(), self._timed_from
        if not self._may_defer or not since:
            self._timed_from = now, self.made
            return False
        return left * (now - since) / (self.made - before) > LONG

    def _encoded(self, chunks: "Sequence[Mapping[bytes, Divided]]") -> "Iterator[tuple[int, list[Floats]]]":
        """The vectors of each chunk with its number: by workers, who start now, or here, when they are asked for."""
        texts = [list(chunk.values()) for chunk in chunks]
        if self._job.workers:
            return self._job.workers.encode(self._job, texts, fastest=bool(self._many))
        encoder = self._loaded()
        return ((number, parts.encode(encoder, chunk)) for number, chunk in enumerate(texts))

    def _loaded(self) -> Encoder:
        """The fastest encoder for many passages, ONNX for few and where workers encode. In all cases the export that
        queries need is made.
        """
        if self._encoder is None:
            name, precision = self._job.settings.embedder, self._job.settings.precision
            here = self._many and not self._job.workers
            load = encoders.load_fastest if here else encoders.load
            self._encoder = self._job.encoder or load(
                name,
                precision,
                notify=lambda text: self._job.progress(text, 0, 0),
                wanted=self._job.recipe["weights"],
            )
        return self._encoder

    def _started(self, encoder: Encoder) -> Partial:
        if self._partial is None:
            path = place(self._job.index, self._job.recipe["weights"], self._job.settings.precision)
            self._partial = Partial(path, self._key, encoder.dim)
            with writing(self._job.index):
                self._partial.load()
        return self._partial


@dataclass(slots=True)
class Encoding:
    """Passages whose vectors are being made. keys: of all. found: vectors by key, so far. chunks: keys of those that
    need the model. made: the vectors of chunks with their numbers, as they come. ahead: about how many more passages
    will need the model.
    """

    keys: "list[bytes]"
    found: "dict[bytes, Floats]"
    chunks: "list[list[bytes]]"
    made: "Iterator[tuple[int, list[Floats]]]"
    ahead: int


class _Kept:
    """The vectors of the current generation by key, if the same model made them; read when they are asked for."""

    def __init__(self, current: Generation | None, recipe: Mapping[str, Any]) -> None:
        self._current = current
        self._rows: dict[bytes, int] = {}
        if (
            current is None
            or not current.complete
            or any(current.manifest["recipe"].get(part) != recipe[part] for part in MODEL)
        ):
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


def _chunks(passages: Mapping[bytes, Divided], size: int) -> "Iterator[dict[bytes, Divided]]":
    """The passages in chunks of about the same length, the shortest first."""
    order = sorted(passages, key=lambda key: len(passages[key].text))
    for at in range(0, len(order), size):
        yield {key: passages[key] for key in order[at : at + size]}


def key_of(passage: Divided) -> bytes:
    """A hash of everything that the vectors of a passage and of its sentences depend on besides the model: 16 bytes."""
    about = "\0".join([passage.text, *passage.alone, *(f"{start}-{end}" for start, end in passage.parts)])
    return hashlib.blake2b(about.encode("utf-8", "surrogatepass"), digest_size=16).digest()

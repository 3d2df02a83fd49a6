"""Build or update an index: what must be encoded is, and one new generation is published.

A sentence or passage whose text and model did not change keeps its vector, whatever file it is in. Vectors that an
interrupted build finished are kept in `index/partial/` and used by the next one.
"""

import errno
import hashlib
import json
import os
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial as partial_call
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa import files
from qa.embed import encoder as encoders
from qa.embed.encoder import Encoder
from qa.errors import (
    IndexBusyError,
    IndexDamagedError,
    IndexForeignError,
    IndexMissingError,
    IndexUntrustedError,
    IndexUnusableError,
    SourceError,
    WorkspaceError,
)
from qa.files import Folder
from qa.index import signature, store
from qa.index import write as writer
from qa.index.partial import Partial
from qa.index.plan import Plan, compare, identity, recipe
from qa.index.store import Generation, Source, TableName
from qa.index.vectors import VectorIndex
from qa.ingest import readers, reading, scan
from qa.records import BuildSettings, Prepared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

__all__ = ["BuildReport", "Progress", "build"]

LARGE = 1000  # texts from which loading torch (5 s) pays for its quicker encoding (measured on two cores)
CHUNK = 256  # texts encoded between two writes to index/partial/
OURS = {"CURRENT", "README.md", "partial"}
KINDS = {"file": "a file", "folder": "a folder", "link": "a link", "other": "no regular file"}
DENIED = (errno.EACCES, errno.EPERM, errno.EROFS)
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. written: False when nothing had changed. encoded: texts that needed the model. seconds: wall
    time.

    plan: with the files that turned out to be unreadable among the skipped.
    """

    generation: str
    written: bool
    plan: Plan
    documents: int
    passages: int
    sentences: int
    encoded: int
    boilerplate_lines: int
    seconds: float


def build(
    seeds: Path,
    index: Path,
    settings: BuildSettings | None = None,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
    rebuild: bool = False,
    wait: float = 60.0,
) -> BuildReport:
    """Make the index of `seeds` current; writes nothing when it is.

    encoder: instead of the one that settings name. progress: called with a stage in words, how much is done, and how
    much there is; 0 announces something slow that cannot be counted.
    rebuild: encode everything again and write a new generation. wait: seconds to wait for another build.
    Nothing is taken from an index that this user neither built nor accepted: a new one is built in its place.
    Raises WorkspaceError (no folder, or nothing to index), IndexBusyError, IndexForeignError, ModelError, SettingError
    (an unusable key file).
    """
    started = time.monotonic()
    settings = settings or BuildSettings()
    made_by = recipe(seeds, settings, encoder)
    job = _Build(seeds, index, settings, made_by, encoder, progress or (lambda stage, done, total: None))
    if not rebuild and (report := _nothing_to_do(job, started)):
        return report
    with _lock(index, wait):
        current = _previous(index)
        try:
            todo = compare(seeds, current, settings, made_by, afresh=rebuild)
            if current and not rebuild and not todo.stale:  # another process was quicker
                return _report(current, todo, False, 0, started)
            done, encoded = job.run(todo, current, reuse=not rebuild)
        finally:
            if current:
                current.close()
        fresh = Generation.open(index)
        try:
            return _report(fresh, done, True, encoded, started)
        finally:
            fresh.close()


def _nothing_to_do(job: "_Build", started: float) -> BuildReport | None:
    current = _previous(job.index)
    if current is None:
        return None
    try:
        todo = compare(job.seeds, current, job.settings, job.recipe)
        return None if todo.stale else _report(current, todo, False, 0, started)
    finally:
        current.close()


def _report(generation: Generation, todo: Plan, written: bool, encoded: int, started: float) -> BuildReport:
    lines = generation.manifest["boilerplate_lines"]
    seconds = time.monotonic() - started
    return BuildReport(
        generation.name, written, todo, **generation.counts, encoded=encoded, boilerplate_lines=lines, seconds=seconds
    )


@contextmanager
def _lock(index: Path, wait: float) -> Iterator[None]:
    """Hold `index/.lock`; the system releases it when the process dies. Refuses a folder with files that qa did not
    make.
    """
    from filelock import FileLock, Timeout

    try:
        with Folder.open(index, create=True) as folder:
            _refuse_strangers(folder)
            folder.append(".lock").close()  # refuses a link, through which the lock would be written
        lock = FileLock(index / ".lock")
        lock.acquire(timeout=wait)
    except Timeout:
        raise IndexBusyError(
            f"another process is building {index}; waited {wait:.0f} seconds; try again when it has finished"
        ) from None
    except OSError as error:
        if error.filename == str(index) and error.errno not in DENIED:
            raise IndexForeignError(f"{index} cannot be used: {error.strerror}; move it away") from None
        raise _unwritable(index, error) from None
    try:
        yield
    finally:
        lock.release()


def _refuse_strangers(folder: Folder) -> None:
    """Raise IndexForeignError for a folder with something that qa did not make."""
    for name in folder.names():
        if name not in OURS and not name.startswith(("gen-", ".")):
            raise IndexForeignError(
                f"{folder.path} holds {name!r}, which qa did not make; the index needs a folder of its own"
            )
        kind = folder.kind(name)
        if (name == "CURRENT" and kind == "folder") or (name == "partial" and kind != "folder"):
            raise IndexForeignError(
                f"{folder.path / name} is {KINDS[kind or 'other']}, which qa did not make; move it away"
            )


def _unwritable(index: Path, error: OSError) -> IndexUnusableError:
    advice = "; mend its permissions" if error.errno in DENIED else ""
    advice = "; move it away" if error.errno in store.NOT_A_FILE else advice
    return IndexUnusableError(f"{error.filename or index} cannot be written: {error.strerror}{advice}")


@contextmanager
def _writing(index: Path) -> Iterator[None]:
    """A full disk, and whatever else keeps the index from being written, as an error that says so."""
    try:
        yield
    except OSError as error:
        raise _unwritable(index, error) from None


def _previous(index: Path) -> Generation | None:
    """The generation to take text and vectors from: none when there is none, when it is damaged, or when somebody else
    built it.
    """
    try:
        return Generation.open(index)
    except (IndexMissingError, IndexDamagedError, IndexForeignError, IndexUntrustedError):
        return None


class _Build:
    """One build, under the lock."""

    def __init__(
        self,
        seeds: Path,
        index: Path,
        settings: BuildSettings,
        recipe: Mapping[str, Any],
        encoder: Encoder | None,
        say: Progress,
    ) -> None:
        self.seeds, self.index, self.settings, self.recipe, self.say = seeds, index, settings, recipe, say
        self._encoder = encoder

    def run(self, todo: Plan, current: Generation | None, reuse: bool) -> tuple[Plan, int]:
        """Write and publish a generation; the plan as it came out, and how many texts were encoded."""
        key = signature.key()  # before the long work, not after it
        prepared, sources = self._prepare(todo, current if reuse else None)
        if not prepared:
            raise WorkspaceError(_nothing(self.seeds, sources))
        texts = {
            "passages": [
                f"{p.document.title}\n{p.document.text[x.start : x.end]}" for p in prepared for x in p.passages
            ],
            "sentences": [p.document.text[x.start : x.end] for p in prepared for x in p.sentences],
        }
        keys = {name: [_key(text) for text in rows] for name, rows in texts.items()}
        name = f"{self.recipe['weights'][:16]}-{self.settings.precision}.vectors"
        partial = Partial(self.index / "partial" / name, key)
        with _writing(self.index):
            kept = partial.load()
        known = kept | self._known(current if reuse else None)
        missing = {k: t for name in texts for k, t in zip(keys[name], texts[name], strict=True) if k not in known}
        known |= self._encode(missing, partial)
        vectors = {name: self._stack(keys[name], known) for name in texts}
        with _writing(self.index):
            self._write(prepared, sources, vectors, keys, current, key)
            partial.remove()
        return _as_it_came_out(todo, sources), len(missing)

    def _prepare(self, todo: Plan, current: Generation | None) -> tuple[list[Prepared], tuple[Source, ...]]:
        """Every document cut up; the unchanged ones come from the current generation unless the recipe of ingest
        changed.
        """
        reusable: dict[str, int] = {}
        if current and not _cut_differently(current.manifest["recipe"], self.recipe):
            reusable = {
                info.id: number for number, info in enumerate(current.documents) if info.id in set(todo.unchanged)
            }
        prepared: list[Prepared] = []
        sources: list[Source] = []
        wanted = [s for s in todo.sources if s.state == "indexed"]
        with closing(self._read([s for s in wanted if s.id not in reusable])) as outcomes:
            for source in todo.sources:
                outcome: Prepared | Source | None = None
                if source.state == "indexed":
                    number = reusable.get(source.id)
                    outcome = current.prepared(number) if current and number is not None else next(outcomes)
                if isinstance(outcome, Prepared):
                    prepared.append(outcome)
                    self.say("Reading", len(prepared), len(wanted))
                sources.append(outcome if isinstance(outcome, Source) else source)
        return prepared, _with_twins(sources)

    def _read(self, sources: Sequence[Source]) -> Generator[Prepared | Source, None, None]:
        """Each document, or its source marked as skipped with the reason."""
        sidecar = readers.load_sidecar(self.seeds)
        jobs = (self._job(source, sidecar.get(source.id)) for source in sources)
        limits = replace(reading.LIMITS, seconds=self.settings.read_seconds)
        outcomes = reading.prepare_all(
            jobs, self.settings.boilerplate, self.settings.passage_chars, limits, ocr=self.settings.ocr
        )
        with closing(outcomes):
            for source, outcome in zip(sources, outcomes, strict=True):
                if isinstance(outcome, SourceError):
                    yield _skipped(source, str(outcome))
                elif outcome.document.sha256 != source.sha256:
                    raise WorkspaceError(f"{source.id} was changed while it was being indexed; run: qa index again")
                else:
                    yield outcome if outcome.sentences else _skipped(source, "no text in it")

    def _job(self, source: Source, sidecar: Mapping[str, str] | None) -> reading.Job:
        try:
            return reading.Job(source.id, scan.read(self.seeds, source.id, files.LARGE), sidecar)
        except OSError as error:
            return reading.Job(source.id, problem=SourceError(f"cannot be read: {error.strerror}"))

    def _known(self, current: Generation | None) -> dict[bytes, Any]:
        """Vectors of the current generation by key, when they are of the same model."""
        if current is None or any(
            current.manifest["recipe"].get(k) != self.recipe[k] for k in ("weights", "precision")
        ):
            return {}
        import numpy as np

        current.check("vectors.faiss", "sentences.faiss", "passages.keys", "sentences.keys")
        known: dict[bytes, Any] = {}
        pairs: tuple[tuple[TableName, VectorIndex], ...] = (
            ("passages", current.passage_vectors),
            ("sentences", current.sentence_vectors),
        )
        for name, index in pairs:
            known.update(zip(current.keys(name), index.rows(np.arange(index.size)), strict=True))
        return known

    def _load(self, texts: int) -> Encoder:
        """Torch for many texts, ONNX for few. Either way the export that queries need is made now."""
        if self._encoder:
            return self._encoder
        name, precision = self.settings.embedder, self.settings.precision
        encoder = encoders.load(name, precision, notify=lambda text: self.say(text, 0, 0))
        if texts >= LARGE and isinstance(encoder, encoders.OnnxEncoder):
            encoder = encoders.load_torch(name, precision)
        return encoder

    def _encode(self, missing: Mapping[bytes, str], partial: Partial) -> dict[bytes, Any]:
        order = sorted(missing, key=lambda key: len(missing[key]))
        made: dict[bytes, Any] = {}
        encoder = self._load(len(order)) if order else None
        for at in range(0, len(order), CHUNK):
            assert encoder
            chunk = order[at : at + CHUNK]
            report = partial_call(self._encoded, at, len(order))
            vectors = encoder.encode([missing[k] for k in chunk], "document", report)
            made.update(zip(chunk, vectors, strict=True))
            with _writing(self.index):
                partial.append(chunk, vectors)
        return made

    def _encoded(self, before: int, total: int, done: int) -> None:
        self.say("Encoding", before + done, total)

    def _stack(self, keys: Sequence[bytes], known: Mapping[bytes, Any]) -> "Floats":
        import numpy as np

        return np.stack([known[key] for key in keys]).astype(np.float32)

    def _write(
        self,
        prepared: Sequence[Prepared],
        sources: tuple[Source, ...],
        vectors: Mapping[str, "Floats"],
        keys: Mapping[str, Sequence[bytes]],
        current: Generation | None,
        key: signature.Key,
    ) -> None:
        self.say("Writing", 0, 1)
        writer.purge(self.index, keep=2 if current else 0)  # without a usable one, no older one is of use either
        building = self.index / f".building-{os.getpid()}"
        fingerprint = _fingerprint(self.recipe, sources)
        about = {
            "fingerprint": fingerprint,
            "built_ns": time.time_ns(),
            "recipe": self.recipe,
            "settings": asdict(self.settings),
            "model": {
                "name": self._encoder.name if self._encoder else self.settings.embedder,
                "weights": self.recipe["weights"],
                "dim": int(vectors["passages"].shape[1]),
            },
            "boilerplate_lines": sum(p.boilerplate for p in prepared),
        }
        sha256 = writer.write(building, prepared, sources, vectors["passages"], vectors["sentences"], keys, about, key)
        newest = max(map(store.sequence, store.generations(self.index)), default=0)
        writer.publish(self.index, building, f"gen-{newest + 1}-{fingerprint[:12]}", sha256)
        gone = current is None or not {d.id for d in current.documents} <= {p.document.id for p in prepared}
        writer.purge(self.index, keep=1 if gone else 2)


def _with_twins(sources: Sequence[Source]) -> tuple[Source, ...]:
    """A duplicate of a file that turned out to be unreadable is as unreadable."""
    reasons = {s.id: s.detail for s in sources if s.state == "skipped"}
    return tuple(
        _skipped(s, reasons[s.detail]) if s.state == "duplicate" and s.detail in reasons else s for s in sources
    )


def _as_it_came_out(todo: Plan, sources: tuple[Source, ...]) -> Plan:
    skipped = {s.id: s.detail for s in sources if s.state == "skipped"}
    return replace(
        todo,
        added=tuple(i for i in todo.added if i not in skipped),
        changed=tuple(i for i in todo.changed if i not in skipped),
        skipped=skipped,
        duplicates={s.id: s.detail for s in sources if s.state == "duplicate"},
        sources=sources,
    )


def _skipped(source: Source, reason: str) -> Source:
    return Source(source.id, "skipped", source.size, source.mtime_ns, source.sha256, reason)


def _nothing(seeds: Path, sources: Sequence[Source]) -> str:
    skipped = [f"{s.id}: {s.detail}" for s in sources if s.state == "skipped"]
    if not skipped:
        return f"{seeds} has no documents; put files there; qa index --help lists the formats"
    more = f" (and {len(skipped) - 3} more)" if len(skipped) > 3 else ""
    return f"nothing in {seeds} can be indexed: {'; '.join(skipped[:3])}{more}"


def _cut_differently(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    return any(
        before.get(key) != now[key] for key in ("schema", "ingest", "boilerplate", "ocr", "passage_chars", "sidecar")
    )


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _fingerprint(recipe: Mapping[str, Any], sources: tuple[Source, ...]) -> str:
    return hashlib.sha256(json.dumps([recipe, sorted(identity(sources))], sort_keys=True).encode()).hexdigest()

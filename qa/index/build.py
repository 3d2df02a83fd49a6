"""Build or update an index: encode what is new, publish one new generation.

A sentence or passage whose text and model did not change keeps its vector, whatever file it is in. The vectors of an
interrupted build are kept in `index/partial/` for the next one.
"""

import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from qa.embed.protocol import Encoder
from qa.errors import (
    IndexDamagedError,
    IndexForeignError,
    IndexMissingError,
    IndexUntrustedError,
    IndexUnusableError,
)
from qa.index import lock, searched, signature, store
from qa.index import write as writer
from qa.index.encode import Encoded, encode
from qa.index.job import Job, Progress
from qa.index.partial import remove_all
from qa.index.plan import Plan, compare, duplicates, identity, recipe
from qa.index.prepare import prepare
from qa.index.store import Generation, Source
from qa.index.tidy import tidy
from qa.records import BuildSettings, Prepared

__all__ = ["BuildReport", "Progress", "build"]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    written: False if nothing had changed. plan: with the files that turned out to be unreadable among the skipped.
    encoded: number of texts that needed the model. seconds: wall time.
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
    check_content: bool = False,
) -> BuildReport:
    """Bring the index of `seeds` up to date; write nothing if it is.

    encoder: used instead of the model that the settings name. progress: called with the stage in words, the number of
    items done and their total; a total of 0 announces slow work that cannot be counted. rebuild: encode everything
    again and write a new generation. wait: seconds to wait for another build. check_content: read every file, also one
    with the size and time that it had at the last build.
    Nothing is taken from an index that this user neither built nor accepted: a new one replaces it.
    Raises WorkspaceError (no folder, or nothing to index), IndexBusyError, IndexForeignError, ModelError, SettingError
    (an unusable key file).
    """
    started = time.monotonic()
    settings = settings or BuildSettings()
    made_by = recipe(seeds, settings, encoder)
    job = Job(seeds, index, settings, made_by, encoder, progress or (lambda stage, done, total: None))
    if not rebuild and (report := _nothing_to_do(job, started, check_content)):
        tidy(index)
        return report
    with lock.hold(index, wait):
        current = _previous(index, rebuild)
        try:
            todo = compare(seeds, current, settings, made_by, afresh=rebuild, check_content=check_content)
            if current and not rebuild and not todo.stale:  # another process was faster
                return _report(current, todo, False, 0, started)
            done, encoded = _run(job, todo, current, reuse=not rebuild)
        finally:
            if current:
                current.close()
        fresh = Generation.open(index)
        try:
            return _report(fresh, done, True, encoded, started)
        finally:
            fresh.close()


def _nothing_to_do(job: Job, started: float, check_content: bool) -> BuildReport | None:
    """The report for an index that is up to date, without taking the lock; None for any other."""
    current = _previous(job.index)
    if current is None:
        return None
    try:
        todo = compare(job.seeds, current, job.settings, job.recipe, check_content=check_content)
        return None if todo.stale else _report(current, todo, False, 0, started)
    finally:
        current.close()


def _report(generation: Generation, todo: Plan, written: bool, encoded: int, started: float) -> BuildReport:
    lines = generation.manifest["boilerplate_lines"]
    seconds = time.monotonic() - started
    return BuildReport(
        generation.name, written, todo, **generation.counts, encoded=encoded, boilerplate_lines=lines, seconds=seconds
    )


def _previous(index: Path, rebuild: bool = False) -> Generation | None:
    """The generation to take text and vectors from; None if there is none that this user built and that is whole.

    rebuild: nothing will be taken from it, so that one that cannot be read is none. Else raises IndexUnusableError.
    """
    try:
        generation = Generation.open(index)
        generation.check("sources.jsonl")  # which the plan reads, also where everything is made anew
        return generation
    except (IndexMissingError, IndexDamagedError, IndexForeignError, IndexUntrustedError):
        return None
    except IndexUnusableError:
        if rebuild:
            return None
        raise


def _run(job: Job, todo: Plan, current: Generation | None, reuse: bool) -> tuple[Plan, int]:
    """Write and publish a generation, under the lock. Returns the plan as carried out, and how many texts were
    encoded. reuse: keep text and vectors of the current generation.
    """
    key = signature.key()  # an unusable key file fails before the long work, not after it
    kept = current if reuse else None
    prepared, sources = prepare(job, todo, kept)
    texts = searched.texts(prepared)
    encoded = encode(job, texts, kept, key)
    job.progress("Writing", 0, 1)
    with lock.writing(job.index):
        _publish(job, todo, prepared, sources, texts, encoded, current, key)
        remove_all(job.index)
    return _carried_out(todo, sources), encoded.made


def _publish(
    job: Job,
    todo: Plan,
    prepared: Sequence[Prepared],
    sources: tuple[Source, ...],
    texts: Mapping[str, Sequence[str]],
    encoded: Encoded,
    current: Generation | None,
    key: signature.Key,
) -> None:
    writer.purge(job.index, keep=2 if current else 0)  # if the newest is of no use, neither are older ones
    building = job.index / f".building-{os.getpid()}"
    fingerprint = _fingerprint(job.recipe, sources)
    removed = current is None or not {d.id for d in current.documents} <= {p.document.id for p in prepared}
    keep = 1 if removed else 2  # no words of a removed document stay on the disk
    about = {
        **_about(job, fingerprint, encoded, sum(p.boilerplate for p in prepared)),
        "scanned_ns": todo.scanned_ns,
        "keep": keep,
    }
    rows = (encoded.vectors["passages"], encoded.vectors["sentences"])
    sha256 = writer.write(building, prepared, sources, *rows, texts, encoded.keys, about, key)
    newest = max(map(store.sequence, store.generations(job.index)), default=0)
    writer.publish(job.index, building, f"gen-{newest + 1}-{fingerprint[:12]}", sha256)
    writer.purge(job.index, keep)


def _about(job: Job, fingerprint: str, encoded: Encoded, boilerplate_lines: int) -> Mapping[str, Any]:
    """The parts of the manifest that say what the generation was made from."""
    return {
        "fingerprint": fingerprint,
        "built_ns": time.time_ns(),
        "recipe": job.recipe,
        "settings": asdict(job.settings),
        "model": {
            "name": job.encoder.name if job.encoder else job.settings.embedder,
            "weights": job.recipe["weights"],
            "dim": int(encoded.vectors["passages"].shape[1]),
        },
        "boilerplate_lines": boilerplate_lines,
    }


def _carried_out(todo: Plan, sources: tuple[Source, ...]) -> Plan:
    """The plan, with the files that could not be read among the skipped."""
    skipped = {s.id: s.detail for s in sources if s.state == "skipped"}
    return replace(
        todo,
        added=tuple(i for i in todo.added if i not in skipped),
        changed=tuple(i for i in todo.changed if i not in skipped),
        skipped=skipped,
        duplicates=duplicates(sources),
        sources=sources,
    )


def _fingerprint(recipe: Mapping[str, Any], sources: tuple[Source, ...]) -> str:
    return hashlib.sha256(json.dumps([recipe, sorted(identity(sources))], sort_keys=True).encode()).hexdigest()

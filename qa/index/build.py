"""Build or update an index: encode what is new, publish one new generation.

A passage whose text and model did not change keeps its vectors, whatever file it is in. The vectors of an interrupted
build are kept in `index/partial/` for the next one.
"""

import hashlib
import json
import os
import time
from collections.abc import Mapping, Set
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
from qa.index import contents, lock, manifest, signature, upload
from qa.index import write as writer
from qa.index.encode import PassageVectors
from qa.index.job import BuildStore, Job, Progress, Workers
from qa.index.partial import remove_all
from qa.index.plan import Plan, compare, duplicates, identity, recipe
from qa.index.store import Generation, Source
from qa.index.tidy import tidy
from qa.index.write import GenerationWriter
from qa.records import BuildSettings

__all__ = ["BuildReport", "Progress", "build"]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    written: False if nothing had changed. plan: with the files that turned out to be unreadable among the skipped.
    unread: the parts of each document that could not be read, with the reasons. encoded: number of passages that needed
    the model. seconds: wall time.
    """

    generation: str
    written: bool
    plan: Plan
    unread: Mapping[str, tuple[str, ...]]
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
    database: BuildStore | None = None,
    workers: Workers | None = None,
) -> BuildReport:
    """Bring the index of `seeds` up to date; write nothing if it is.

    encoder: used instead of the model that the settings name. progress: called with the stage in words, the number of
    items done and their total; a total of 0 announces slow work that cannot be counted. rebuild: encode everything
    again and write a new generation. wait: seconds to wait for another build. check_content: read every file, also one
    with the size and time that it had at the last build. database: that is to search the index, which gets its rows
    before the new generation becomes the current one. workers: read and encode in place of this process; `encoder`, if
    given, is pickled for them.
    Nothing is taken over from an index that this user did not build, not even from an accepted one, because this user's
    key signs the new one.
    Raises WorkspaceError (no folder, or nothing to index), IndexBusyError, IndexForeignError, ModelError, SettingError
    (an unusable key file), WorkersError.
    """
    started = time.monotonic()
    settings = settings or BuildSettings()
    made_by = recipe(seeds, settings, encoder)
    report = progress or (lambda stage, done, total: None)
    job = Job(seeds, index, settings, made_by, encoder, report, database, workers)
    if not rebuild and (finished := _nothing_to_do(job, started, check_content)):
        tidy(index)
        return finished
    with lock.hold(index, wait):
        current = _previous(index, rebuild)
        try:
            todo = compare(seeds, current, settings, made_by, afresh=rebuild, check_content=check_content)
            if current and not rebuild and not todo.stale:  # another process was faster
                return _report(current, todo, False, 0, started)
            reuse = not rebuild
            if current and reuse and not current.is_ours:
                report("The index was built by somebody else; reading every document again", 0, 0)
                todo, reuse = compare(seeds, current, settings, made_by, afresh=True), False
            done, encoded = _run(job, todo, current, reuse)
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
    return BuildReport(
        generation.name,
        written,
        todo,
        generation.unread(),
        **generation.counts,
        encoded=encoded,
        boilerplate_lines=generation.manifest["boilerplate_lines"],
        seconds=time.monotonic() - started,
    )


def _previous(index: Path, rebuild: bool = False) -> Generation | None:
    """The generation to compare with; None if there is none that this user built or accepted and that is whole.

    rebuild: nothing will be taken from it, so an unreadable one counts as none. Otherwise it raises IndexUnusableError.
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
    """Write and publish a generation, under the lock. Returns the plan as carried out, and how many passages were
    encoded. reuse: keep text and vectors of the current generation.
    """
    key = signature.key()  # an unusable key file fails before the long work, not after it
    kept = current if reuse else None
    with lock.writing(job.index):
        writer.purge(job.index, keep=2)
    may_defer = current is None and not (job.store or job.workers)  # an older index is better than words alone
    vectors = PassageVectors(job, kept, key, may_defer)
    sources, sha256 = _generation(job, todo, current, kept, vectors, key)
    if vectors.deferred:
        sources = _completed(job, todo, sources, sha256, vectors, key)
    return _carried_out(todo, sources), vectors.made


def _completed(
    job: Job, todo: Plan, sources: tuple[Source, ...], sha256: str, vectors: PassageVectors, key: signature.Key
) -> tuple[Source, ...]:
    """Replace the generation of words that was just published with a complete one, which takes the documents from it.

    sha256: of its manifest. Raises IndexDamagedError if another generation is current.
    """
    job.progress("Words can be searched already; encoding the rest", 0, 0)
    vectors.resume()
    words = Generation.open(job.index)
    try:
        if words.sha256 != sha256:
            raise IndexDamagedError(f"{words.folder} replaced the generation that was just built; run again: qa index")
        read = tuple(source.id for source in sources if source.state == "indexed")
        return _generation(job, replace(todo, unchanged=read, sources=sources), words, words, vectors, key)[0]
    finally:
        words.close()


def _generation(
    job: Job,
    todo: Plan,
    current: Generation | None,
    kept: Generation | None,
    vectors: PassageVectors,
    key: signature.Key,
) -> tuple[tuple[Source, ...], str]:
    """Write and publish one generation; without vectors if they are deferred. Returns every source with its new state,
    and the SHA-256 of the manifest.
    """
    building = job.index / f".building-{os.urandom(8).hex()}"  # a name that nobody can have taken
    try:
        with contents.open_writer(job, building) as out:
            sources = contents.write(job, todo, kept, vectors, out)
            job.progress("Writing", 0, 1)
            with lock.writing(job.index):
                sha256 = _publish(job, todo, out, building, sources, current, vectors.dim, key)
                if not vectors.deferred:
                    remove_all(job.index)
    finally:
        if job.workers:
            job.workers.close()
        writer.discard(job.index, building)
    return sources, sha256


def _publish(
    job: Job,
    todo: Plan,
    out: GenerationWriter,
    building: Path,
    sources: tuple[Source, ...],
    current: Generation | None,
    dim: int,
    key: signature.Key,
) -> str:
    fingerprint = _fingerprint(job.recipe, sources)
    indexed = {source.id for source in sources if source.state == "indexed"}
    removed = current is None or _lacks(current, indexed)
    replaced = current is not None and not current.complete
    keep = 1 if removed or replaced else 2  # no words of a removed document stay on the disk
    about = {**_about(job, fingerprint, out.dim or dim), "scanned_ns": todo.scanned_ns, "keep": keep}
    sha256 = out.finish(sources, about, key)
    _send(job, building, sha256)  # before anything is deleted: the database may be down
    if current is None:  # if the newest is of no use, neither are older ones
        writer.purge(job.index, keep=0, sparing=building.name)
    writer.publish(job.index, building, writer.next_name(job.index, fingerprint), sha256)
    writer.purge(job.index, keep)
    if job.store:
        upload.finish(job.index, sha256, job.store)
    return sha256


def _lacks(current: Generation, indexed: Set[str]) -> bool:
    """Whether a document of the generation is not among those; in a damaged one there may be any."""
    try:
        return any(document.id not in indexed for document in current.documents)
    except IndexDamagedError:
        return True


def _send(job: Job, building: Path, sha256: str) -> None:
    """Give the rows of a written generation to the database."""
    if job.store:
        written = Generation(building, manifest.parsed(building, manifest.content(building, sha256)), sha256)
        try:
            job.store.upload(written, job.progress)
        finally:
            written.close()


def _about(job: Job, fingerprint: str, dim: int) -> Mapping[str, Any]:
    """The parts of the manifest that say what the generation was made from."""
    return {
        "fingerprint": fingerprint,
        "built_ns": time.time_ns(),
        "recipe": job.recipe,
        "settings": asdict(job.settings),
        "model": {
            "name": job.encoder.name if job.encoder else job.settings.embedder,
            "weights": job.recipe["weights"],
            "dim": dim,
        },
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

"""The documents of a build, divided into sentences and passages: read from files, or taken from the current index."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from qa import files
from qa.errors import SourceError, WorkspaceError
from qa.index.job import Job
from qa.index.plan import Plan
from qa.index.store import Generation, Source
from qa.ingest import reading, scan
from qa.ingest.metadata import load_sidecar
from qa.ingest.unread import UNREADABLE
from qa.records import BuildSettings, Prepared

__all__ = ["limits", "prepare", "reading_job"]

# The parts of a recipe that shape documents.
INGEST = (
    "schema",
    "ingest",
    "boilerplate",
    "ocr",
    "passage_chars",
    "sidecar",
)


def prepare(job: Job, todo: Plan, current: Generation | None) -> Generator[Prepared | Source, None, None]:
    """Every source of the plan in order: its document, or the source marked as skipped with the reason.

    Unchanged documents come from the current generation if its recipe would give the same result; the others are read.
    Raises WorkspaceError for a file that was changed after it was planned, and if there is nothing to index.
    """
    reusable = _reusable(job.recipe, todo, current)
    wanted = [source for source in todo.sources if source.state == "indexed"]
    skipped: list[Source] = []
    done = 0
    job.progress("Reading", 0, len(wanted))
    with closing(_read(job, [s for s in wanted if s.id not in reusable])) as outcomes:
        for source in todo.sources:
            outcome: Prepared | Source = source
            if source.state == "indexed":
                number = reusable.get(source.id)
                outcome = current.prepared(number) if current and number is not None else next(outcomes)
                done += 1
                job.progress("Reading", done, len(wanted))
            skipped += [outcome] if isinstance(outcome, Source) else []
            yield outcome
    if len(skipped) == len(todo.sources):
        raise WorkspaceError(_nothing_to_index(job.seeds, skipped))


def _reusable(recipe: Mapping[str, Any], todo: Plan, current: Generation | None) -> dict[str, int]:
    """Positions in the current generation of the documents that need not be read again, by id."""
    if current is None or any(current.manifest["recipe"].get(key) != recipe[key] for key in INGEST):
        return {}
    unchanged = set(todo.unchanged)
    return {info.id: number for number, info in enumerate(current.documents) if info.id in unchanged}


def _read(job: Job, sources: Sequence[Source]) -> Generator[Prepared | Source, None, None]:
    """Each document, or its source marked as skipped."""
    outcomes = job.workers.read(job, sources) if job.workers else _read_here(job, sources)
    with closing(outcomes):
        for source, outcome in zip(sources, outcomes, strict=True):
            if isinstance(outcome, SourceError):
                yield _skipped(source, str(outcome))
            elif outcome.document.sha256 != source.sha256:
                raise WorkspaceError(f"{source.id} was changed while it was being indexed; run: qa index again")
            else:
                yield outcome if outcome.sentences else _skipped(source, "no text in it")


def _read_here(job: Job, sources: Sequence[Source]) -> Generator[Prepared | SourceError, None, None]:
    sidecar = load_sidecar(job.seeds)
    jobs = (reading_job(job.seeds, source, sidecar.get(source.id)) for source in sources)
    settings = job.settings
    return reading.prepare_all(jobs, settings.boilerplate, settings.passage_chars, limits(settings), ocr=settings.ocr)


def limits(settings: BuildSettings) -> reading.Limits:
    """What reading one document may take."""
    return replace(reading.LIMITS, seconds=settings.read_seconds)


def reading_job(seeds: Path, source: Source, sidecar: Mapping[str, str] | None) -> reading.Job:
    """The bytes of a file with what the sidecar says of it, or the reason why they cannot be had."""
    try:
        return reading.Job(source.id, scan.read(seeds, source.id, files.LARGE), sidecar)
    except OSError as error:
        return reading.Job(source.id, problem=SourceError(f"{UNREADABLE}{error.strerror}"))


def _skipped(source: Source, reason: str) -> Source:
    return replace(source, state="skipped", detail=reason)


def _nothing_to_index(seeds: Path, sources: Sequence[Source]) -> str:
    skipped = [f"{s.id}: {s.detail}" for s in sources]
    if not skipped:
        return f"{seeds} has no documents; put files there; qa index --help lists the formats"
    more = f" (and {len(skipped) - 3} more)" if len(skipped) > 3 else ""
    return f"nothing in {seeds} can be indexed: {'; '.join(skipped[:3])}{more}"

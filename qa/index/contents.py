"""The contents of a generation, from files to vectors, a block at a time.

While one block is encoded, the next documents are read in other processes. Memory holds a block, whatever the size of
the folder.
"""

from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from itertools import islice
from pathlib import Path

from qa.embed.parts import Divided
from qa.index.encode import PassageVectors
from qa.index.job import Job, Progress
from qa.index.lock import writing
from qa.index.plan import Plan
from qa.index.prepare import prepare
from qa.index.searched import divided
from qa.index.store import Generation, Source
from qa.index.write import GenerationWriter
from qa.records import Prepared

__all__ = ["BLOCK", "open_writer", "write"]

BLOCK = 512  # passages: enough of nearly equal length for batches without padding


@contextmanager
def open_writer(job: Job, folder: Path) -> Iterator[GenerationWriter]:
    """A writer into a new folder. Raises IndexUnusableError where it cannot be written."""
    with writing(job.index):
        out = GenerationWriter(folder)
    with out:
        yield out


def write(
    job: Job, todo: Plan, current: Generation | None, vectors: PassageVectors, out: GenerationWriter
) -> tuple[Source, ...]:
    """Write every document that can be read, with its vectors. Returns every source, with what became of it."""
    sources: list[Source] = []
    with closing(_passages(job, todo, current, out, sources)) as passages:
        done = 0
        while block := list(islice(passages, BLOCK)):
            known = out.tables.rows["passages"]  # of the documents so far, the one that is being encoded included
            density = known / max(_size(sources), 1)  # passages a byte
            report = partial(_report, job.progress, done, known + _ahead(todo, sources, density))
            new = {*todo.added, *todo.changed} if vectors.keeps else None
            later = known - done - len(block) + _ahead(todo, sources, density, new)
            keys, made = vectors.of(block, later, report)
            with writing(job.index):
                out.add_passages(block, keys, made)
            done += len(block)
    return tuple(sources)


def _passages(
    job: Job, todo: Plan, current: Generation | None, out: GenerationWriter, sources: list[Source]
) -> Generator[Divided, None, None]:
    """The passages of all documents, each of which is written when its turn comes; `sources` says what became of it."""
    with closing(prepare(job, todo, current)) as outcomes:
        for source, outcome in zip(todo.sources, outcomes, strict=True):
            sources.append(source if isinstance(outcome, Prepared) else outcome)
            if isinstance(outcome, Prepared):
                with writing(job.index):
                    out.add_document(outcome)
                yield from divided(outcome)


def _report(progress: Progress, before: int, total: int, done: int) -> None:
    progress("Encoding", before + done, total)


def _ahead(todo: Plan, done: Sequence[Source], density: float, ids: Collection[str] | None = None) -> int:
    """About how many passages the documents that are still to come will have. ids: count these documents only."""
    later = todo.sources[len(done) :]
    return round(density * _size(source for source in later if ids is None or source.id in ids))


def _size(sources: Iterable[Source]) -> int:
    return sum(source.size for source in sources if source.state == "indexed")

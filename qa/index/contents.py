"""The contents of a generation, from files to vectors, a block at a time.

While one block is encoded, the next documents are read in other processes. Memory holds a block, or two where workers
elsewhere encode, whatever the size of the folder.
"""

from collections import deque
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

from qa.embed.parts import Divided
from qa.index.encode import CHUNK, Encoding, PassageVectors
from qa.index.job import Job, Progress
from qa.index.lock import writing
from qa.index.plan import Plan
from qa.index.prepare import prepare
from qa.index.searched import divided
from qa.index.store import Generation, Source
from qa.index.write import GenerationWriter
from qa.records import Prepared

__all__ = ["BLOCK", "open_writer", "write"]

Passages = Generator[Divided, None, None]
T = TypeVar("T")
BLOCK = 512  # passages: enough of nearly equal length for batches without padding


@contextmanager
def open_writer(job: Job, folder: Path) -> Iterator[GenerationWriter]:
    """A writer into a new folder. Raises IndexUnusableError where it cannot be written or closed (full disk)."""
    with writing(job.index), GenerationWriter(folder) as out:
        yield out


def write(
    job: Job, todo: Plan, current: Generation | None, vectors: PassageVectors, out: GenerationWriter
) -> tuple[Source, ...]:
    """Write every document that can be read, with its vectors. Returns every source, with what became of it."""
    sources: list[Source] = []
    done = 0
    with closing(_passages(job, todo, current, out, sources)) as passages:
        begun = _begun(job, todo, vectors, out, sources, passages)
        for block, encoding, total in _prefetched(begun, 1 if job.workers else 0):
            keys, made = vectors.finish(encoding, partial(_report, job.progress, done, total))
            with writing(job.index):
                out.add_passages(block, keys, made)
            done += len(block)
    return tuple(sources)


def _begun(
    job: Job, todo: Plan, vectors: PassageVectors, out: GenerationWriter, sources: list[Source], passages: Passages
) -> Iterator[tuple[list[Divided], Encoding, int]]:
    """Blocks of passages, each with its encoding, which has begun, and about how many passages there will be."""
    begun = 0
    while block := list(islice(passages, _block(job))):
        known = out.tables.rows["passages"]  # of the documents so far, the one that is being encoded included
        density = known / max(_size(sources), 1)  # passages a byte
        begun += len(block)
        new = {*todo.added, *todo.changed} if vectors.keeps else None
        later = known - begun + _ahead(todo, sources, density, new)
        yield block, vectors.begin(block, later), known + _ahead(todo, sources, density)


def _prefetched(items: Iterable[T], count: int) -> Iterator[T]:
    """The items, of which `count` more are always taken: workers encode a block while the one before is written."""
    waiting: deque[T] = deque()
    for item in items:
        waiting.append(item)
        if len(waiting) > count:
            yield waiting.popleft()
    yield from waiting


def _block(job: Job) -> int:
    """How many passages are encoded between two writes: two chunks for each worker at least."""
    return max(BLOCK, 2 * CHUNK * job.workers.processors) if job.workers else BLOCK


def _passages(
    job: Job, todo: Plan, current: Generation | None, out: GenerationWriter, sources: list[Source]
) -> Passages:
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

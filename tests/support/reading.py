"""Documents read in the process of the test instead of a child, whose start would be most of the time of a build."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from qa.errors import SourceError
from qa.ingest import reading
from qa.ingest.pipeline import prepare
from qa.ingest.reading import Job
from qa.records import Prepared


def _prepare_all(
    jobs: Iterable[Job], boilerplate: bool, passage_chars: int, limits: reading.Limits, *, ocr: bool = False
) -> Iterator[Prepared | SourceError]:
    for job in jobs:
        try:
            if job.problem:
                raise job.problem
            yield prepare(job.doc_id, job.data, job.sidecar, boilerplate, passage_chars, ocr)
        except SourceError as error:
            yield error


@contextmanager
def in_this_process() -> Iterator[None]:
    """Inside, builds start no child."""
    whole = reading.prepare_all
    reading.prepare_all = _prepare_all  # type: ignore[assignment]
    try:
        yield
    finally:
        reading.prepare_all = whole

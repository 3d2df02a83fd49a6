"""Fixtures of the unit tests."""

from collections.abc import Iterable, Iterator

import pytest

from qa.errors import SourceError
from qa.ingest import prepare, reading
from qa.ingest.reading import Job
from qa.records import Prepared


def _prepare_all(
    jobs: Iterable[Job], boilerplate: bool, passage_chars: int, limits: reading.Limits, ocr: bool = False
) -> Iterator[Prepared | SourceError]:
    for job in jobs:
        try:
            if job.problem:
                raise job.problem
            yield prepare(job.doc_id, job.data, job.sidecar, boilerplate, passage_chars, ocr)
        except SourceError as error:
            yield error


@pytest.fixture(scope="module", autouse=True)
def _documents_are_read_in_this_process() -> Iterator[None]:
    """Builds start no child, which would be most of their time. tests/attacks/test_hostile_files.py shows that a child
    gives the same, and the builds of tests/e2e have one.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "prepare_all", _prepare_all)
        yield

"""Fixtures of the unit tests."""

from collections.abc import Iterator

import pytest
from support.reading import in_this_process


@pytest.fixture(scope="module", autouse=True)
def _documents_are_read_in_this_process() -> Iterator[None]:
    """Builds start no child, which would be most of their time. tests/attacks/test_hostile_files.py shows that a child
    gives the same, and the builds of tests/e2e have one.
    """
    with in_this_process():
        yield

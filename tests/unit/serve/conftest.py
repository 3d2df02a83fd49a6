"""A served workspace for each module; not to be changed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from support import serving

from qa.serve.engine import Engine


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return serving.workspace(tmp_path_factory.mktemp("served") / "work")


@pytest.fixture(scope="module")
def engine(root: Path) -> Iterator[Engine]:
    with serving.opened(root) as made:
        yield made


@pytest.fixture(scope="module")
def client(engine: Engine) -> TestClient:
    return serving.client(engine)

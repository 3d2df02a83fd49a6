"""Fixtures for every kind of test."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from qa.llm import dialect

settings.register_profile("qa", deadline=None)  # a busy machine is no error
settings.load_profile("qa")


@pytest.fixture(scope="session", autouse=True)
def _folders_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The key of indexes and what is trusted lie in folders of the tests, here and in every process they start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("QA_INDEX_KEY", raising=False)
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        yield


@pytest.fixture
def endpoint() -> Iterator[Any]:
    """A scripted chat endpoint on loopback: see support/endpoint.py. What an earlier one taught is forgotten."""
    path = Path(__file__).with_name("support") / "endpoint.py"
    spec = importlib.util.spec_from_file_location("support_endpoint", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    dialect._known.clear()  # a port may come again
    yield from module.serving()

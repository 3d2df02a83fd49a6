"""Fixtures for every kind of test."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from qa.embed.encoder import ExportedEncoder
from qa.llm import dialect

# A busy machine is no error, and the same code passes or fails alike each time. make check-all looks further.
settings.register_profile("qa", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile("qa")


@pytest.fixture(scope="session", autouse=True)
def _folders_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The key of indexes and what is trusted lie in folders of the tests, here and in every process they start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QA_SECOND_OPINION", "off")  # models of tests sit no exam unless the exam is what is tested
        patch.delenv("QA_INDEX_KEY", raising=False)
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _an_exported_model_is_opened_once() -> Iterator[None]:
    """Opening it takes most of the time of a short command. Encoders do not change what they share."""
    opened: dict[tuple[Any, ...], tuple[Any, Any]] = {}
    whole = ExportedEncoder._open

    def once(self: ExportedEncoder) -> None:
        files = [path.stat() for path in sorted(self.folder.glob("*"))]
        key = (self.folder, str(self.meta), self._name, *((file.st_size, file.st_mtime_ns) for file in files))
        if key not in opened:
            whole(self)
            opened[key] = self._tokenizer, self._runtime
        self._tokenizer, self._runtime = opened[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ExportedEncoder, "_open", once)
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

"""Fixtures for every kind of test."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qa.answer import dialect


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

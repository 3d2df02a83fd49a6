"""One module or package a format: bytes to text and blocks. `reader` imports it when a file needs it."""

from collections.abc import Callable
from importlib import import_module

from qa.ingest.metadata import Extracted
from qa.ingest.suffixes import READERS

__all__ = ["reader"]


def reader(suffix: str) -> Callable[[bytes], Extracted]:
    """The reader of a suffix in lower case. Raises KeyError for an unknown one."""
    extract: Callable[[bytes], Extracted] = import_module(f"qa.ingest.{READERS[suffix]}").extract
    return extract

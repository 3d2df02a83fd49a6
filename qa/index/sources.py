"""The files that a build has seen, one a line in `sources.jsonl`."""

import json
from dataclasses import dataclass
from typing import Literal

from qa.index.typed import is_count, is_text

__all__ = ["Source", "decoded"]


@dataclass(frozen=True, slots=True)
class Source:
    """A file seen by a build. detail: why it was skipped."""

    id: str
    state: Literal["indexed", "skipped"]
    size: int
    mtime_ns: int
    sha256: str
    detail: str = ""


def decoded(lines: bytes) -> tuple[Source, ...]:
    """Raises ValueError, TypeError or RecursionError for lines that qa does not write."""
    sources = tuple(Source(**json.loads(line)) for line in lines.splitlines())
    for source in sources:
        if source.state not in ("indexed", "skipped") or not is_text(source.id, source.sha256, source.detail):
            raise ValueError("a text is none")
        if not is_count(source.size) or type(source.mtime_ns) is not int:  # a file may be older than 1970
            raise ValueError("a number is none")
    return sources

"""JSON on a stream, safe for a terminal."""

import json
from typing import TextIO

__all__ = ["write"]


def write(value: object, stream: TextIO) -> None:
    """Print JSON, indented. Characters that a terminal would obey or hide, or the stream cannot carry, are escaped."""
    text = json.dumps(value, ensure_ascii=not _carries_unicode(stream), indent=2, allow_nan=False)
    stream.write("".join(c if c.isprintable() or c == "\n" else _escaped(c) for c in text) + "\n")


def _carries_unicode(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().replace("-", "").replace("_", "") in ("utf8", "utf8sig")


def _escaped(char: str) -> str:
    return json.dumps(char, ensure_ascii=True)[1:-1]

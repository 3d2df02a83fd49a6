"""How a request that was never recorded differs from the recorded one that is most like it, for people."""

import difflib
import io
import json
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

__all__ = ["Compared", "compared", "difference"]

MOST_LINES = 1_000  # of a request that are compared with another ...
LINE_CHARS = 500  # ... and characters of each
MOST_KEPT = 50_000_000  # characters of all lines that are kept to be compared, each line counting as 100 at least
DIFF_LINES = 12  # that are shown

Compared = tuple[list[str], frozenset[str]]
"""The lines of a request, in their order and to compare by."""


def compared(requests: Iterable[Mapping[str, Any]]) -> list[Compared]:
    """The lines of requests, as many as memory is worth."""
    kept: list[Compared] = []
    size = 0
    for lines in map(_lines, requests):
        size += sum(max(len(line), 100) for line in lines)
        if size > MOST_KEPT:
            break
        kept.append((lines, frozenset(lines)))
    return kept


def difference(request: Mapping[str, Any], recorded: list[Compared], folder: Path) -> str:
    """What is said about a request that is not recorded in this folder."""
    said, lines = f"nothing is recorded in {folder} for this request", _lines(request)
    if not recorded:
        return f"{said}; the folder is empty. Record with --record"
    words = frozenset(lines)

    def likeness(other: Compared) -> tuple[int, int, float]:
        asked = difflib.SequenceMatcher(None, lines[-1], other[0][-1]).ratio()  # the question comes last
        return len(words & other[1]), -len(other[1]), asked

    nearest, _ = max(recorded, key=likeness)
    diff = list(difflib.unified_diff(nearest, lines, "recorded", "asked now", lineterm="", n=0))
    shown = [line[:200] for line in diff[2 : 2 + DIFF_LINES] if not line.startswith("@@")]
    more = f"\n... and {len(diff) - 2 - DIFF_LINES} more lines" if len(diff) - 2 > DIFF_LINES else ""
    return f"{said}. Differences from the nearest recording (- recorded, + now):\n" + "\n".join(shown) + more


def _lines(request: Mapping[str, Any]) -> list[str]:
    """The request as lines that a person can compare; the question, which tells requests apart best, is the last. Of a
    long one, some lines in its middle are left out.
    """
    lines = [
        f"{name}: {json.dumps(request[name])[:LINE_CHARS]}"
        for name in ("model", "schema", "max_tokens", "temperature", "seed")
    ]
    messages = [(name, message) for name in ("messages", "plain_messages") for message in request[name]]
    for name, message in messages[:MOST_LINES]:
        content = message["content"].rstrip()
        shown = list(islice(io.StringIO(content), MOST_LINES))
        if content.count("\n") >= MOST_LINES:
            shown.append(content.rpartition("\n")[2])
        lines += [f"{name} {message['role'][:LINE_CHARS]}: {line.rstrip()[:LINE_CHARS]}" for line in shown]
    return lines if len(lines) <= 2 * MOST_LINES else lines[:MOST_LINES] + lines[-MOST_LINES:]

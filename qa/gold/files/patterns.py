"""The regular expressions of gold files, compiled and searched in a child process.

The library `regex` unrolls counts when it compiles. A pattern of a hundred characters can take all memory there, or end
the process, and no time limit applies.
"""

import atexit
import json
import threading
from collections.abc import Mapping
from functools import cache
from typing import Any

import regex

from qa.worker import Frame, Stopped, Worker

__all__ = ["handle", "searched"]

MEMORY = 256 * 2**20  # bytes for one pattern
SECONDS = 5.0  # to compile it and to search with it
MOST_OF_A_REPLY = 0  # bytes beside its JSON


def searched(pattern: str, text: str, seconds: float) -> bool:
    """Whether the pattern is found in the text, in any case. Safe to call from several threads.

    seconds: for the search. Raises ValueError for a pattern that does not compile, TimeoutError for one that takes more
    time or memory than it may, and QaError where no child can be started.
    """
    reply = _child().asked(json.dumps([pattern, text, seconds]).encode())
    if "found" in reply:
        return bool(reply["found"])
    if problem := reply.get("problem"):
        raise ValueError(f"the regular expression does not compile: {problem}")
    raise TimeoutError("the regular expression takes too much time or memory")


class _Child:
    """One child for all patterns, started with the first one, and again after one that ended it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worker: Worker | None = None

    def asked(self, body: bytes) -> Mapping[str, Any]:
        """The child's reply; nothing from one that had to be ended."""
        with self._lock:
            worker = self._worker or Worker(__name__, MEMORY).start()
            self._worker = None
            try:
                worker.send({"seconds": SECONDS}, body, MOST_OF_A_REPLY)
                reply = worker.receive(SECONDS).head
            except Stopped:
                return {}
            except BaseException:
                worker.close()
                raise
            self._worker = worker
            return reply

    def close(self) -> None:
        """End the child, if there is one."""
        if self._worker:
            self._worker.close()


@cache
def _child() -> _Child:
    child = _Child()
    atexit.register(child.close)
    return child


def handle(head: Mapping[str, Any], body: bytes) -> Frame:
    """Search with one pattern, in the child. Nothing is kept, so that no pattern takes the memory of another."""
    pattern, text, seconds = json.loads(body)
    try:
        compiled = regex.compile(pattern, regex.IGNORECASE, cache_pattern=False)
        return Frame({"found": compiled.search(text, timeout=seconds) is not None})
    except (TimeoutError, MemoryError):
        return Frame({})
    except Exception as error:  # the library raises more than its own error for what it cannot read
        return Frame({"problem": str(error) or type(error).__name__})

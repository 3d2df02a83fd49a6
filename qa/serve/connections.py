"""Connections: how many there are, and how long a request may take to arrive.

uvicorn limits neither: its `limit_concurrency` counts requests, and its timeout begins with the first answer.
"""

import asyncio
from contextlib import suppress
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["Connection", "most_connections"]

MOST = 500  # connections at a time
RECEIVING = 30.0  # seconds that a client may take to send a request, head and body


def most_connections() -> int:
    """How many connections a server may have here: half of the files that this process may open, at most MOST."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        if allowed != resource.RLIM_INFINITY:
            return max(1, min(MOST, allowed // 2))
    return MOST


class Connection(H11Protocol):
    """Closed when a request does not arrive in time. One too many takes the place of the one that has waited longest
    for its request, so that whoever asks gets in; it is closed itself where all others are being answered.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._most = most_connections()
        self._waiting: asyncio.TimerHandle | None = None  # runs unless a whole request is being answered

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()
        if len(self.connections) > self._most:
            idle = [one for one in self.connections if isinstance(one, Connection) and one._waiting]
            min(idle, key=lambda one: one._waiting.when() if one._waiting else 0.0).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._end_wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete and not self.cycle.more_body:
            self._end_wait()
        elif self._waiting is None:
            self._wait()

    def on_response_complete(self) -> None:
        super().on_response_complete()  # where a request that is here already begins
        if self.cycle.response_complete:
            self._wait()

    def _wait(self) -> None:
        self._end_wait()
        self._waiting = self.loop.call_later(RECEIVING, self.transport.abort)

    def _end_wait(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

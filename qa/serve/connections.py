"""Connections: how many there are, and how long a client may keep the server waiting.

uvicorn limits neither: its `limit_concurrency` counts requests, and its timeout begins with the first answer.
"""

import asyncio
import ipaddress
from collections import Counter
from contextlib import suppress
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["LET_IN", "Connection", "most_connections"]

LET_IN = "qa.let_in"  # key in the scope of a request that the guard has let in

MOST = 500  # connections at a time
RECEIVING = 30.0  # seconds that a client may take to send a request, head and body
READING = 30.0  # seconds in which a client must read an answer, or at least READ bytes of it
READ = 30_000
PIPELINED = 5  # requests on a connection that may be sent before the previous answer; browsers send none
IPV6_NETWORK = 64  # bits of an address that identify a network; one machine may have all addresses in it


def most_connections() -> int:
    """How many connections a server may have here: half of the files that this process may open, at most MOST."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        if allowed != resource.RLIM_INFINITY:
            return max(1, min(MOST, allowed // 2))
    return MOST


class Connection(H11Protocol):
    """A connection that is closed if a request does not arrive in time or an answer is not read in time.

    While an answer is unread, no further request of the connection is begun. When there are too many connections,
    `_displaced` says which one is closed.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._most = most_connections()
        self._owner = ""
        self._pipelined = 0  # requests that arrived before the previous answer
        self._waiting: asyncio.TimerHandle | None = None  # runs while the server waits for the client
        self._since = 0.0  # when the server last began to wait
        self._unread = 0  # bytes, when the timer was started

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.set_write_buffer_limits(0)  # so that `pause_writing` is called as soon as data is unread
        self._owner = _owner(self.client[0] if self.client else "")
        self._wait()
        if len(self.connections) > self._most:
            displaced = self._displaced()
            self.connections.discard(displaced)
            displaced.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._end_wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._look()

    def handle_events(self) -> None:
        if self._is_idle and self.flow.write_paused:
            self.flow.pause_reading()
        else:
            super().handle_events()

    def send_400_response(self, msg: str) -> None:
        if not self._is_idle:  # an answer to the request that turned out to be malformed would raise
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        super().send_400_response(msg)

    def on_response_complete(self) -> None:
        super().on_response_complete()  # where a request that is here already begins
        if not self._is_idle:
            self._pipelined += 1
            self.cycle.keep_alive = self.cycle.keep_alive and self._pipelined < PIPELINED
        if self.flow.write_paused:
            self._unset_keepalive_if_required()  # it would close the connection while the answer is being read
        else:
            self._end_wait()
        self._look()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._look()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._is_idle and not self.transport.is_closing():
            self._end_wait()
            self.flow.resume_reading()
            self.handle_events()
        self._look()

    @property
    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    @property
    def _is_busy(self) -> bool:
        """Whether an answer is being made for a client that was let in, and the server is not waiting for it."""
        return self._waiting is None and not self._pipelined and LET_IN in self.cycle.scope

    def _look(self) -> None:
        """Start the timer if the server now waits for the client, unless it is already running; else stop it."""
        if not (self._is_idle or self.cycle.more_body or self.flow.write_paused):
            self._end_wait()
        elif self._waiting is None:
            self._wait()

    def _wait(self) -> None:
        self._since = self.loop.time()
        self._start_timer()

    def _start_timer(self) -> None:
        self._end_wait()
        self._unread = self.transport.get_write_buffer_size()
        self._waiting = self.loop.call_later(READING if self._unread else RECEIVING, self._overdue)

    def _overdue(self) -> None:
        if 0 < self.transport.get_write_buffer_size() <= self._unread - READ:
            self._start_timer()
        else:
            self.transport.abort()

    def _end_wait(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _displaced(self) -> "Connection":
        """The connection to close when there is one too many: among the addresses with the most connections, the one
        that has waited longest for its client. If all others are busy, that is the new one if it is among them, else
        the oldest.
        """
        others = [one for one in self.connections if isinstance(one, Connection)]
        counts = Counter(one._owner for one in others)
        most = max(counts.values())
        found = (one for one in others if counts[one._owner] == most)
        return min(found, key=lambda one: (one._is_busy, one._since))


def _owner(address: str) -> str:
    """The address that a connection counts for; for IPv6, its network."""
    with suppress(ValueError):
        found = ipaddress.ip_address(address.partition("%")[0])
        if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
            return str(ipaddress.ip_network((found, IPV6_NETWORK), strict=False))
    return address

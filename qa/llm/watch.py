"""The time that a request to an endpoint may take, whatever it waits for: a host name, a connection, single bytes."""

import contextlib
import queue
import socket
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

__all__ = ["CONNECT_SECONDS", "Watch", "current"]

CONNECT_SECONDS = 10.0
GRACE = 1.0  # seconds that a request has to notice that its time is over
T = TypeVar("T")
_here = threading.local()


def current() -> "Watch":
    """The watch over the request of this thread."""
    found: Watch = _here.watch
    return found


class Watch:
    """Ends a request when its time is over: a timeout for each read lets a trickle go on for ever.

    seconds: of time. max_bytes: of a good reply. over: the time was over, and whatever the request then came to is of
    no account.
    """

    def __init__(self, seconds: float, max_bytes: int) -> None:
        self.seconds, self.max_bytes = max(seconds, 0.001), max_bytes
        self.over = False
        self._stream: Any = None
        self._connected = False
        self._lock = threading.Lock()
        self._timer = threading.Timer(self.seconds, self.end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._stream = None

    def run(self, call: Callable[[], T]) -> T:
        """What the call returns or raises. It has a thread of its own, because nothing ends the look-up of a host name.

        Raises TimeoutError when there is no connection in time, or none before the time is over.
        """
        outcome: queue.SimpleQueue[Callable[[], T]] = queue.SimpleQueue()

        def work() -> None:
            _here.watch = self
            try:
                result = call()
            except BaseException as err:
                outcome.put(_raising(err))
            else:
                outcome.put(lambda: result)

        threading.Thread(target=work, daemon=True).start()
        try:
            return self._wait(outcome)()
        except queue.Empty:
            self.end()  # so that it ends itself if it ever gets a connection
            raise TimeoutError("no connection in time") from None

    def _wait(self, outcome: "queue.SimpleQueue[T]") -> T:
        to_connect = min(2 * CONNECT_SECONDS, self.seconds)  # half of it for the look-up
        try:
            return outcome.get(timeout=to_connect)
        except queue.Empty:
            if not self._connected and to_connect < self.seconds:
                raise
        return outcome.get(timeout=self.seconds - to_connect + GRACE)

    def trace(self, name: str, info: Mapping[str, Any]) -> None:
        """Told of each step of the request by the HTTP library; a stream is what it has just connected."""
        stream = info.get("return_value")
        if hasattr(stream, "get_extra_info"):
            with self._lock:
                self._stream, self._connected = stream, True
                self._hang_up()

    def end(self) -> None:
        """The time is over, or nobody waits for the reply any more. Any thread may say so."""
        with self._lock:
            self.over = True
            self._hang_up()

    def _hang_up(self) -> None:
        if self.over and self._stream is not None:
            with contextlib.suppress(OSError):  # of a socket that is closed already
                self._stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)  # a close would not wake who reads


def _raising(err: BaseException) -> Callable[[], Any]:
    def again() -> Any:
        raise err

    return again

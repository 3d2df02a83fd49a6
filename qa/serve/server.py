"""Running the application: the address, the notices, the watcher, and an end that lets answers finish."""

import errno
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from qa.errors import QaError, SettingError
from qa.serve.access import Access
from qa.serve.app import create_app
from qa.serve.connections import Connection, most_connections
from qa.serve.engine import Engine

__all__ = ["configuration", "listen", "run"]

GRACE = 10  # seconds that answers in progress have when the server is stopped
HEAD = 64_000  # bytes of the head of a request; a question may be in its address
PORT_REFUSED = (errno.EADDRINUSE, errno.EACCES)


class _Server(uvicorn.Server):
    """Ends at the first signal once answers are finished, and at the second one at once. The caller goes on."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit, self.should_exit = self.should_exit, True


def listen(access: Access, port: int) -> socket.socket:
    """The socket of the server; who connects before `run` waits. port: 0 for any that is free. Raises QaError if the
    address is not available, SettingError if it is not an address.
    """
    host = access.host.strip("[]")
    if not _is_host(host):
        raise SettingError(
            f"--host {access.host[:200]!r} is not an address; use 127.0.0.1 or an address of this machine"
        )
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (")[0]
        other = "port with --port" if error.errno in PORT_REFUSED else "address with --host"
        raise QaError(f"{host} port {port}: {reason}; choose another {other}") from None


def _is_host(text: str) -> bool:
    """Whether this can be looked up. An empty name is refused: it would mean all addresses of this machine."""
    try:
        return text.isprintable() and bool(text.strip().encode("idna"))
    except UnicodeError:
        return False


def configuration(app: ASGIApp) -> uvicorn.Config:
    """How the application is served."""
    return uvicorn.Config(
        app,
        http=Connection,
        backlog=max(1, most_connections() // 8),  # asyncio accepts as many at once, before any of them is counted
        h11_max_incomplete_event_size=HEAD,
        log_level="error",  # its warnings are about malformed requests, which anybody can send
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=GRACE,
    )


def run(
    engine: Engine,
    access: Access,
    listening: socket.socket,
    *,
    watch: Callable[[threading.Event], None] | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; answers in progress may finish within seconds. Closes the socket.

    watch: runs in a thread until the event is set.
    """
    host = access.host.strip("[]")
    with ExitStack() as stack:
        stack.callback(listening.close)
        shown = f"[{host}]" if ":" in host else host
        engine.session.notify(f"http://{shown}:{listening.getsockname()[1]}/ answers questions; Ctrl-C stops it")
        if watch:
            stop = threading.Event()
            watcher = threading.Thread(target=watch, args=(stop,), name="qa-watch", daemon=True)
            watcher.start()
            stack.callback(watcher.join, 5)
            stack.callback(stop.set)
        _Server(configuration(create_app(engine, access))).run(sockets=[listening])

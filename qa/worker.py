"""A child process for work on input that nobody vouches for, with limits of time, memory and output.

The parent writes frames to the child's standard input and reads frames from its standard output: a JSON object and
bytes. Nothing is unpickled on either side, because hostile input may have taken the child over: whoever uses a `Worker`
checks what comes back. The child ends with its parent, and never outlives a request's time limit by more than seconds.
"""

import json
import os
import queue
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any, Literal, Self

from qa.errors import QaError

__all__ = ["Frame", "Stopped", "Worker", "counts_processor_time", "out_of_memory", "serve"]

START_SECONDS = 120.0  # until the child has imported what it needs; a second or less on an idle machine
HEAD_BYTES = 8_000_000  # of a frame's JSON
GRACE = 5  # seconds after its limit at which a child whose parent is gone ends itself
_OVERTIME = [getattr(signal, name) for name in ("SIGALRM", "SIGPROF") if hasattr(signal, name)]
_SIZES = struct.Struct("!QQ")
_BOOT = """
import json, sys
path, module, memory = json.loads(sys.argv[1])
sys.path[:] = path
from importlib import import_module
from qa.worker import serve
serve(import_module(module).handle, memory)
"""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message. head: a JSON object; body: bytes, whose meaning the head gives."""

    head: Mapping[str, Any]
    body: bytes = b""


class Stopped(Exception):
    """The child gave no usable reply and is gone. why: what happened; detail: more about it, for people."""

    def __init__(self, why: Literal["time", "died", "garbage"], detail: str = "") -> None:
        super().__init__(f"{why}: {detail}")
        self.why, self.detail = why, detail


class Worker:
    """The parent's side. Use as a context manager; not to be shared between threads.

    module: a name; the child imports it and calls its `handle(head, body) -> Frame` for each request, in order.
    memory: bytes that the child may take beyond what it has once it has started; not enforced on macOS and Windows.
    """

    def __init__(self, module: str, memory: int) -> None:
        self._module, self._memory = module, memory
        self._process: subprocess.Popen[bytes] | None = None
        self._outgoing: queue.SimpleQueue[tuple[bytes, bytes] | None] = queue.SimpleQueue()
        self._incoming: queue.SimpleQueue[Frame | Stopped] = queue.SimpleQueue()
        self._most: queue.SimpleQueue[int] = queue.SimpleQueue()  # one for each request: no other reply is read

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Of the child while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> Self:
        """Start the child and wait until it is ready. Raises QaError when it cannot be started."""
        told = json.dumps([sys.path, self._module, self._memory])
        try:
            # -P: the working directory may be a stranger's, and must not be searched for modules
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _BOOT, told],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise QaError(f"{sys.executable} cannot be started for {self._module}: {error.strerror}") from None
        assert self._process.stdin
        assert self._process.stdout
        threading.Thread(target=_write, args=(self._process.stdin, self._outgoing), daemon=True).start()
        threading.Thread(target=_read, args=(self._process.stdout, self._incoming, self._most), daemon=True).start()
        self._most.put(0)
        try:
            self.receive(START_SECONDS)
        except Stopped as error:
            raise QaError(
                f"the process for {self._module} did not start ({error.detail or error.why}); try again, and if that "
                "does not help, install qa again"
            ) from None
        except BaseException:
            self.close()
            raise
        return self

    def send(self, head: Mapping[str, Any], body: bytes, most: int) -> None:
        """Hand over a request; returns at once. most: bytes that the body of its reply may have."""
        self._most.put(most)
        self._outgoing.put((json.dumps(head).encode(), body))

    def receive(self, seconds: float) -> Frame:
        """The reply to the oldest request that has none yet. Raises Stopped when there is none within `seconds`."""
        try:
            reply = self._incoming.get(timeout=seconds)
        except queue.Empty:
            reply = Stopped("time")
        if isinstance(reply, Stopped):
            code = self.close(reply.why == "died") or 0
            why = "time" if -code in _OVERTIME else reply.why
            raise Stopped(why, reply.detail or (f"signal {-code}" if code < 0 else f"exit code {code}"))
        return reply

    def close(self, ended: bool = False) -> int | None:
        """End the child, whatever it is doing; its exit code. ended: it is ending by itself. Twice is fine."""
        process, self._process = self._process, None
        if process is None:
            return None
        if ended:
            with suppress(subprocess.TimeoutExpired):
                process.wait(1)
        process.kill()
        code = process.wait()
        self._outgoing.put(None)
        self._most.put(-1)
        return code


def _write(stream: IO[bytes], outgoing: "queue.SimpleQueue[tuple[bytes, bytes] | None]") -> None:
    """A thread of the parent: requests to the child, so that nobody waits for it to read."""
    with suppress(OSError, ValueError):
        while (frame := outgoing.get()) is not None:
            _put(stream, *frame)
    with suppress(OSError):
        stream.close()


def _read(stream: IO[bytes], incoming: "queue.SimpleQueue[Frame | Stopped]", most: "queue.SimpleQueue[int]") -> None:
    """A thread of the parent: replies of the child, until there is one that cannot be read."""
    with stream:
        reply: Frame | Stopped = Frame({})
        while isinstance(reply, Frame):
            try:
                reply = _get(stream, most)
            except (OSError, EOFError):
                reply = Stopped("died")
            except (ValueError, RecursionError, MemoryError) as error:
                reply = Stopped("garbage", str(error))
            incoming.put(reply)


def _put(stream: IO[bytes], head: bytes, body: bytes) -> None:
    stream.write(_SIZES.pack(len(head), len(body)) + head)
    stream.write(body)
    stream.flush()


def _get(stream: IO[bytes], most: "queue.SimpleQueue[int] | None" = None) -> Frame:
    """The next frame. Raises EOFError at the end, ValueError for what is no frame or one that is too large."""
    head_bytes, body_bytes = _SIZES.unpack(_exactly(stream, _SIZES.size))
    if most is not None and (head_bytes > HEAD_BYTES or body_bytes > most.get()):
        raise ValueError(f"a reply of {head_bytes + body_bytes:,} bytes")
    head = json.loads(_exactly(stream, head_bytes))
    if not isinstance(head, dict):
        raise ValueError("a reply that is no JSON object")
    return Frame(head, _exactly(stream, body_bytes))


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def serve(handle: Callable[[Mapping[str, Any], bytes], Frame], memory: int) -> None:
    """The child's side: answer requests until the parent closes the pipe or dies. Never returns.

    handle: its request's head may have `seconds`, after which the child ends itself if the parent has not done so, and
    `processor`, the seconds of processor time after which the system ends it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business, which ends this process
    replies = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "r+b") as nothing:  # noqa: PTH123  (what a library prints is no reply)
        requests = os.fdopen(os.dup(0), "rb")
        for number in (0, 1):
            os.dup2(nothing.fileno(), number)
    waiting: queue.SimpleQueue[Frame] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, waiting), daemon=True).start()
    _limit_memory(memory)
    _put(replies, b"{}", b"")
    while True:
        request = waiting.get()
        _limit_time(request.head.get("seconds", 0), request.head.get("processor", 0))
        reply = handle(request.head, request.body)
        _limit_time()
        _put(replies, json.dumps(reply.head).encode(), reply.body)


def _listen(requests: IO[bytes], waiting: "queue.SimpleQueue[Frame]") -> None:
    """A thread of the child: it reads while a request is worked on, and so learns at once that the parent is gone."""
    with suppress(EOFError, OSError, ValueError):
        while True:
            waiting.put(_get(requests))
    os._exit(0)


def counts_processor_time() -> bool:
    """Whether the system can limit the processor time of a process; Windows cannot."""
    return hasattr(signal, "setitimer")


def _limit_time(seconds: float = 0, processor: float = 0) -> None:
    """Have the system end this process after its limit, even where a thread could not, because C code holds Python."""
    if counts_processor_time():
        signal.setitimer(signal.ITIMER_PROF, processor)
        signal.alarm(int(seconds) + GRACE if seconds else 0)


def _limit_memory(memory: int) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    try:
        with open("/proc/self/statm", "rb") as stream:  # noqa: PTH123  (pages of this process)
            now = int(stream.read().split()[0]) * resource.getpagesize()
    except OSError:
        now = 0
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = now + memory
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, however many other errors were made of it."""
    seen: BaseException | None = error
    for _ in range(20):
        if seen is None:
            return False
        said = str(seen).lower()  # lxml's words; the second are what it has when there is no room for the first
        if isinstance(seen, MemoryError) or "memory allocation failed" in said or said.startswith("unknown error"):
            return True
        seen = seen.__cause__ or seen.__context__
    return False

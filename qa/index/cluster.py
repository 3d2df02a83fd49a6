"""Reading and encoding by the workers of a Ray cluster. The only module that imports ray.

The process that builds keeps everything else: the plan, the vectors of an interrupted build, the generation and its
signature. Its work is handed out as tasks of a few documents or passages. A process that runs them keeps the model and
the reader of documents from one task to the next. Ray runs a task again, elsewhere if need be, when its process or its
machine is lost.
"""

import os
import re
import secrets
import signal
import socket
import sys
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from qa.addresses import without_user
from qa.embed import encoder as encoders
from qa.embed import parts
from qa.embed.parts import Divided
from qa.embed.protocol import Encoder
from qa.errors import QaError, SettingError, SourceError, WorkersError
from qa.index.job import Job
from qa.index.plan import recipe
from qa.index.prepare import limits, reading_job
from qa.index.store import Source
from qa.ingest import reading, scan
from qa.ingest.metadata import load_sidecar
from qa.ingest.unread import UNREADABLE
from qa.records import BuildSettings, Prepared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

__all__ = ["RayWorkers"]

RETRIES = 3  # of a task whose process was lost; an input that ends every process must not do so for ever
CONNECT = 10.0  # seconds; Ray itself tries for five minutes, and then ends the process
OBJECTS = 200_000_000  # bytes of memory for what tasks give back, in a Ray of our own
SHARED = "every machine of the cluster needs the documents under the same path, as on a shared file system"
SAME = "install the same versions, extras and models on every machine of the cluster"
PARTS = {"weights": "embedding model", "sidecar": scan.SIDECAR}  # of a recipe, by name
ADDRESS = re.compile(r"(?P<host>[\w.-]+|\[[\da-fA-F:]+\]):(?P<port>\d{1,5})", re.ASCII)


class RayWorkers:
    """The workers of a Ray cluster, or of a Ray that is started on this machine for one build. See `Workers`."""

    def __init__(self, address: str) -> None:
        """address: `local`, `auto` for the cluster that this machine is part of, or HOST:PORT of one.

        Raises SettingError for any other, and if ray is not installed.
        """
        if address not in ("local", "auto") and not ADDRESS.fullmatch(address):
            raise SettingError(
                f"ray: {without_user(address)!r} is not valid; use local, auto, or HOST:PORT of the cluster's head node"
            )
        if not find_spec("ray"):
            raise SettingError(
                "building on Ray needs the extra ray: pip install 'quoteqa[ray]', or in a clone: pip install '.[ray]'"
            )
        self.address = address
        self.processors = 1
        self._opened = ExitStack()
        self._task: Any = None
        self._build: Any = None  # a reference to the `_Build` that tasks belong to, once there is a connection

    def read(self, job: Job, sources: Sequence[Source]) -> Generator[Prepared | SourceError, None, None]:
        """See `Workers.read`."""
        waiting: deque[tuple[list[Source], Any]] = deque()
        for batch in _batches(sources):
            waiting.append((batch, self._start(job, "read", batch)))
            if len(waiting) > 2 * self.processors:
                yield from self._outcomes(job, *waiting.popleft())
        while waiting:
            yield from self._outcomes(job, *waiting.popleft())

    def _outcomes(self, job: Job, batch: Sequence[Source], task: Any) -> Iterator[Prepared | SourceError]:
        for source, outcome in zip(batch, self._result(task), strict=True):
            unreadable = isinstance(outcome, SourceError) and str(outcome).startswith(UNREADABLE)
            if unreadable and not reading_job(job.seeds, source, None).problem:
                raise WorkersError(f"a Ray worker cannot read {source.id} ({outcome}), but this machine can; {SHARED}")
            yield outcome

    def encode(
        self, job: Job, chunks: Sequence[Sequence[Divided]], fastest: bool
    ) -> "Iterator[tuple[int, list[Floats]]]":
        """See `Workers.encode`."""
        return self._as_they_come({self._start(job, "encode", chunk, fastest): n for n, chunk in enumerate(chunks)})

    def _as_they_come(self, tasks: dict[Any, int]) -> "Iterator[tuple[int, list[Floats]]]":
        import ray

        while tasks:
            (task,), _ = ray.wait(list(tasks), num_returns=1)
            yield tasks.pop(task), self._result(task)

    def close(self) -> None:
        """See `Workers.close`. Ends the Ray that was started for this build."""
        self._opened.close()
        self._build, self.processors = None, 1

    def _start(self, job: Job, method: str, *arguments: Any) -> Any:
        """Hand out a task: a method of `_Worker` and its arguments. The first one connects."""
        if self._build is None:
            import ray

            job.progress("Connecting to Ray", 0, 0)
            self._opened.enter_context(_connected(self.address))
            self.processors = max(1, int(ray.cluster_resources().get("CPU", 1)))
            self._task = ray.remote(num_cpus=1, max_retries=RETRIES)(_do)
            self._build = ray.put(_Build(job.seeds.absolute(), job.settings, job.recipe, job.encoder))
        return self._task.remote([self._build], method, *arguments)  # a list, so that Ray hands over the reference

    def _result(self, task: Any) -> Any:
        import ray
        from ray.exceptions import RayError, RayTaskError

        try:
            return ray.get(task)
        except RayTaskError as error:
            if isinstance(error.cause, QaError):
                raise error.cause from None
            advice = f"; {SAME}" if isinstance(error.cause, ImportError) else ""
            raise WorkersError(f"a task failed on a Ray worker: {error.cause!r}{advice}") from None
        except RayError as error:
            raise WorkersError(
                f"Ray gave up on a task ({_first_line(error).rstrip('.')}); a lost process is replaced {RETRIES} "
                "times. The vectors made so far are kept: run qa index again, or without --ray"
            ) from None


@contextmanager
def _connected(address: str) -> Iterator[None]:
    """A connection to a Ray cluster; `local`: to a Ray of this build, whose files go with it."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # Ray would report to its makers; read when a cluster is started
    import ray

    if ray.is_initialized():  # by the program that uses qa as a library
        if address != "auto":
            raise WorkersError("this program is connected to Ray already; ray = auto builds there")
        yield
        return
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    before = signal.getsignal(signal.SIGTERM)
    main = before is not None and threading.current_thread() is threading.main_thread()
    with ExitStack() as opened:
        opened.enter_context(redirect_stdout(sys.stderr))  # Ray prints there what becomes of workers
        if main:
            opened.callback(signal.signal, signal.SIGTERM, before)
        if address == "local":
            os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))  # else one in a file that others may read
            short = None if os.name == "nt" else "/tmp"  # the path of a socket may have 107 bytes, on macOS 103
            private = TemporaryDirectory(prefix="qa-ray-", dir=short, ignore_cleanup_errors=True)
            folder = Path(opened.enter_context(private)) / "ray"  # which Ray opens to everybody
            options |= {"num_cpus": reading.processors(), "object_store_memory": OBJECTS}
            options |= {"include_dashboard": False, "_temp_dir": str(folder)}
        elif match := ADDRESS.fullmatch(address):
            _check_reachable(match["host"].strip("[]"), int(match["port"]))
        try:
            opened.callback(ray.shutdown)
            ray.init(address, **options)
        except Exception as error:  # of several libraries, with no base class in common
            raise WorkersError(f"Ray ({address}) cannot be used: {_first_line(error)}") from None
        if main:  # Ray's own handler writes its stack
            signal.signal(signal.SIGTERM, _exit if before is signal.SIG_DFL else before)
        yield


def _exit(number: int, frame: object) -> None:
    sys.exit(128 + number)  # in good order: nothing of Ray stays behind


def _check_reachable(host: str, port: int) -> None:
    try:
        socket.create_connection((host, port), timeout=CONNECT).close()
    except (OSError, OverflowError) as error:
        raise WorkersError(
            f"no Ray cluster at {host}:{port} ({error}); start one there with: ray start --head --port={port}"
        ) from None


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _batches(sources: Iterable[Source]) -> Iterator[list[Source]]:
    """The sources in order, as many at once as one reader is handed in a local build."""
    batch: list[Source] = []
    for source in sources:
        if batch and (
            len(batch) == reading.AHEAD_FILES or sum(s.size for s in batch) + source.size > reading.AHEAD_BYTES
        ):
            yield batch
            batch = []
        batch.append(source)
    if batch:
        yield batch


@dataclass(frozen=True, slots=True)
class _Build:
    """What a worker needs to know of a `Job`."""

    seeds: Path
    settings: BuildSettings
    recipe: Mapping[str, Any]
    encoder: Encoder | None


def _do(build: Sequence[Any], method: str, *arguments: Any) -> Any:
    """A task, on a worker."""
    return getattr(_worker(build[0]), method)(*arguments)


@lru_cache(maxsize=1)
def _worker(build: Any) -> "_Worker":
    import ray

    return _Worker(ray.get(build))


class _Worker:
    """What a process of a cluster keeps from one task of a build to the next: the model, and a child that reads.

    Raises WorkersError where the process would make another index than the one that hands out the tasks.
    """

    def __init__(self, build: _Build) -> None:
        _check(build)
        settings = build.settings
        self._build, self._sidecar = build, load_sidecar(build.seeds)
        self._reader = reading.Reader(
            limits(settings), reading.__name__, settings.boilerplate, settings.ocr, settings.passage_chars
        )
        self._encoder = build.encoder

    def read(self, sources: Sequence[Source]) -> list[Prepared | SourceError]:
        """See `Workers.read`."""
        for source in sources:
            self._reader.send(reading_job(self._build.seeds, source, self._sidecar.get(source.id)))
        return [self._reader.result() for _ in sources]

    def encode(self, passages: Sequence[Divided], fastest: bool) -> "list[Floats]":
        """See `qa.embed.parts.encode`."""
        if self._encoder is None:
            load = encoders.load_fastest if fastest else encoders.load
            settings, weights = self._build.settings, self._build.recipe["weights"]
            self._encoder = load(settings.embedder, settings.precision, wanted=weights)
        return parts.encode(self._encoder, passages)


def _check(build: _Build) -> None:
    host = socket.gethostname()
    if not os.path.isdir(build.seeds):  # noqa: PTH112 - False for a folder that cannot be looked at, too
        raise WorkersError(f"the Ray worker on {host} sees no folder {build.seeds}; {SHARED}")
    try:
        here = recipe(build.seeds, build.settings, build.encoder)
    except QaError as error:
        raise WorkersError(f"the Ray worker on {host} cannot be used: {error}") from None
    other = sorted(
        {PARTS.get(key, "version of qa or of an extra") for key in here if here[key] != build.recipe.get(key)}
    )
    if other:
        raise WorkersError(f"the Ray worker on {host} has another {' and another '.join(other)}; {SAME}")

"""Run jobs concurrently, up to a limit."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Self, TypeVar

__all__ = ["Workers"]

T = TypeVar("T")


class Workers:
    """As `concurrent.futures.ThreadPoolExecutor`, which waits for every request under way before a program may end.

    limit: of jobs at the same time, at least 1. At the end of `with`, jobs that did not begin are cancelled, and those
    under way are left alone.
    """

    def __init__(self, limit: int) -> None:
        self._todo: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(limit)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        with suppress(Empty):
            while job := self._todo.get_nowait():
                job[0].cancel()
        for _ in self._threads:
            self._todo.put(None)

    def submit(self, job: Callable[[], T]) -> Future[T]:
        """Schedule a job."""
        future: Future[T] = Future()
        self._todo.put((future, job))
        return future

    def _work(self) -> None:
        while (job := self._todo.get()) is not None:
            future, do = job
            try:
                future.set_result(do())
            except BaseException as error:
                future.set_exception(error)

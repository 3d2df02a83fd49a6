"""A deadline that several requests share, and with which any thread can give them up."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

__all__ = ["SharedDeadline"]


@dataclass(slots=True)
class SharedDeadline:
    """One deadline for several requests, since an answer may take two. until: set by the first, on the chat's clock.

    `cancel`, which any thread may call, ends the requests at once.
    """

    until: float | None = None
    cancelled: bool = False
    _ends: list[Callable[[], None]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def cancel(self) -> None:
        """Nobody waits for the answer any more: hang up, and ask nothing else."""
        with self._lock:
            self.cancelled = True
            ends = tuple(self._ends)
        for end in ends:
            end()

    @contextmanager
    def ended_by(self, end: Callable[[], None]) -> Iterator[None]:
        """Within the block, `cancel` calls `end`; at once if it has been called already."""
        with self._lock:
            self._ends.append(end)
            late = self.cancelled
        if late:
            end()
        try:
            yield
        finally:
            with self._lock:
                self._ends.remove(end)

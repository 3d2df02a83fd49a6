"""How much one server takes on at a time."""

import os
import threading
from dataclasses import dataclass, field

from qa.errors import ServerBusyError

__all__ = ["Limits", "Slots"]


@dataclass(frozen=True, slots=True)
class Limits:
    """questions: that are being answered at a time, waiting ones included. readers: threads that encode questions and
    read documents. body: bytes of a request. signin: of one from somebody who has not shown the token. bodies: of all
    requests that are being received or answered. answers: that are kept for the page. retry: seconds after which
    somebody who was turned away may try again.
    """

    questions: int = 32
    readers: int = field(default_factory=lambda: max(2, os.cpu_count() or 2))
    body: int = 4_000_000
    signin: int = 8_000
    bodies: int = 128_000_000
    answers: int = 300
    retry: int = 5


class Slots:
    """Counts what runs at a time. Safe to share between threads."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._taken = 0
        self._lock = threading.Lock()

    @property
    def taken(self) -> int:
        return self._taken

    def take(self) -> None:
        """Take a slot; whoever takes one gives it back with `free`. Raises ServerBusyError if there is none."""
        with self._lock:
            if self._taken >= self.most:
                raise ServerBusyError(f"{self.most} questions are being answered already; ask again in a moment")
            self._taken += 1

    def free(self) -> None:
        """Give a slot back."""
        with self._lock:
            self._taken -= 1

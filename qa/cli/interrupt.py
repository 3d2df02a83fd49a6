"""Ctrl-C, from the first import to the end of the process: exit code 130 and one line.

While modules are imported, and while the interpreter shuts down, a KeyboardInterrupt may come out as any other error,
or as a traceback that nothing can catch. There the process ends on the spot; nothing that it could leave half done is
open. Inside a command the interrupt is raised, and the command cleans up.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

__all__ = ["forget", "leave_at_once", "raised", "was_pressed"]

_pressed = False


def leave_at_once() -> None:
    """From now on Ctrl-C ends the process, unless the process is told to ignore it."""
    with suppress(ValueError):  # a thread that is not the main one
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, _leave)


@contextmanager
def raised() -> Iterator[None]:
    """Inside, Ctrl-C raises KeyboardInterrupt where `leave_at_once` would end the process."""
    if signal.getsignal(signal.SIGINT) is not _leave:
        yield
        return
    signal.signal(signal.SIGINT, _raise)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, _leave)


def was_pressed() -> bool:
    """Whether Ctrl-C was pressed inside of `raised`: some libraries turn the interrupt into an error of their own."""
    return _pressed


def forget() -> None:
    """The command dealt with the interrupt and goes on."""
    global _pressed
    _pressed = False


def _leave(number: int, frame: FrameType | None) -> None:
    with suppress(OSError):
        os.write(2, b"qa: interrupted\n")
    os._exit(130)


def _raise(number: int, frame: FrameType | None) -> None:
    global _pressed
    _pressed = True
    raise KeyboardInterrupt

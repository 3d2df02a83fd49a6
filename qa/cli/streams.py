"""Standard streams that are always there, and that take any text."""

import io
import os
import re
import sys

__all__ = ["prepare"]

SIZES = ("COLUMNS", "LINES", "TERMINAL_WIDTH")  # environment variables that libraries take for whole numbers


def prepare() -> None:
    """Put the null device in place of standard streams that were closed before qa began.

    Without it the next file that is opened would get the descriptor, and with it whatever is printed. A terminal that
    is not UTF-8 gets escapes, never a crash. A width or height of the terminal that is no number is forgotten.
    """
    for descriptor, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            _fill(descriptor)
            setattr(sys, name, open(descriptor, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    for name in SIZES:
        if not re.fullmatch("[1-9][0-9]{0,5}", os.environ.get(name, "1"), re.ASCII):
            del os.environ[name]


def _fill(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    if nowhere != descriptor:
        os.dup2(nowhere, descriptor)
        os.close(nowhere)
    os.set_inheritable(descriptor, True)

"""How a function becomes a command: its usage line, and errors as exit codes."""

import os
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from functools import wraps
from pathlib import Path
from typing import Any, TextIO, cast

import typer
from typer.core import TyperCommand

from qa.cli import interrupt
from qa.cli.common import note
from qa.errors import GoldError, QaError, UsageError
from qa.text import shortened

__all__ = ["ManualCommand", "exit_codes"]


class ManualCommand(TyperCommand):
    """Names its arguments the way its help writes them."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        return [str(param.metavar) for param in self.params if param.param_type_name == "argument"] + ["[OPTIONS]"]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        arguments = [param for param in self.params if param.param_type_name == "argument"]
        options = [param for param in self.get_params(ctx) if param.param_type_name == "option"]
        if arguments:
            with formatter.section("Arguments"):
                formatter.write_dl([(param.metavar, getattr(param, "help", "")) for param in arguments])
        with formatter.section("Options"):
            formatter.write_dl([record for param in options if (record := param.get_help_record(ctx))])


def exit_codes(command: Callable[..., int]) -> Callable[..., None]:
    """The command, with its result and its errors as exit codes, one line each on standard error."""

    @wraps(command)
    def run(*args: object, **kwargs: object) -> None:
        with redirect_stdout(_patient(sys.stdout)), redirect_stderr(_patient(sys.stderr)):
            try:
                with interrupt.raised():
                    code = command(*args, **kwargs)
                    sys.stdout.flush()
            except (typer.Exit, typer.Abort):
                raise
            except (Exception, KeyboardInterrupt) as error:
                if os.environ.get("QA_DEBUG"):
                    raise
                code = _report(error)
        raise typer.Exit(code)

    return run


class _Patient:
    """A stream whose reader may leave: what is written after that goes nowhere, and the command ends as it would.

    Behind `| head` a command has its exit code all the same: a regression is one, however little of it was read.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except BrokenPipeError:
            self._discard()
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except BrokenPipeError:
            self._discard()

    def _discard(self) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)


def _patient(stream: TextIO | None) -> TextIO | None:
    return cast(TextIO, _Patient(stream)) if stream else None  # None: it was closed before qa began


def _report(error: BaseException) -> int:
    """One line about the error, or one for each problem of a gold file; its exit code."""
    if isinstance(error, KeyboardInterrupt) or interrupt.was_pressed():
        note("interrupted")
        return 130
    if isinstance(error, QaError):
        for line in error.problems if isinstance(error, GoldError) else [str(error)]:
            note(line)
        return 2 if isinstance(error, UsageError) else 1
    if isinstance(error, FileNotFoundError) and _is_nowhere():
        note("the working directory does not exist any more; go to one that does")
        return 1
    if isinstance(error, OSError):
        note(f"{_path(error.filename)}: {error.strerror}" if error.filename else str(error))
        return 1
    if isinstance(error, ValueError) and "null byte" in str(error):
        note("a path holds a NUL character; no file can have such a name")
        return 2
    if isinstance(error, UnicodeEncodeError):
        note(f"{shortened(error.object, 80)}: not valid Unicode, so it can be neither sent nor looked for")
        return 2
    note(f"this is a bug in qa: {type(error).__name__}: {error} (QA_DEBUG=1 shows where)")
    return 1


def _is_nowhere() -> bool:
    """Whether the working directory has been deleted."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


def _path(name: object) -> str:
    return os.fsdecode(name) if isinstance(name, str | bytes) else str(name)

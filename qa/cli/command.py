"""How a function becomes a command: option records become options, and errors exit codes."""

import errno
import inspect
import os
import re
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import MISSING, fields, is_dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TextIO, cast, get_type_hints

import typer
from typer.core import TyperCommand, TyperGroup

from qa.cli import interrupt
from qa.cli.console import note
from qa.errors import GoldError, QaError, UsageError
from qa.files import TOO_LARGE
from qa.text import shortened

__all__ = ["CommandGroup", "ManualCommand", "as_command", "report"]

RANGE = re.compile(r"(\d+)<=x<=(\d+)")
"""How the library writes which numbers an option takes."""


class CommandGroup(TyperGroup):
    """Knows `help` and `help COMMAND`, and lists its commands with their whole first sentence."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args[:1] == ["help"]:
            args = [*args[1:], "--help"]
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        commands = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        with formatter.section("Commands"):
            formatter.write_dl([(name, each.get_short_help_str(limit=200)) for name, each in commands.items() if each])


class ManualCommand(TyperCommand):
    """Shows its arguments in the usage line as its help writes them, and ranges of numbers in words."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        return [str(param.metavar) for param in self.params if param.param_type_name == "argument"] + ["[OPTIONS]"]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        arguments = [param for param in self.params if param.param_type_name == "argument"]
        options = [param for param in self.get_params(ctx) if param.param_type_name == "option"]
        if arguments:
            with formatter.section("Arguments"):
                formatter.write_dl([(param.metavar, getattr(param, "help", "")) for param in arguments])
        with formatter.section("Options"):
            records = (param.get_help_record(ctx) for param in options)
            formatter.write_dl([(record[0], RANGE.sub(r"\1 to \2", record[1])) for record in records if record])


def as_command(command: Callable[..., int]) -> Callable[..., None]:
    """A function that typer can register.

    A parameter whose type is a dataclass stands for the options that are its fields. The result and every error become
    an exit code, errors with a line each on standard error.
    """
    parameters, records = _flattened(command)

    @wraps(command)
    def run(**options: Any) -> None:
        collected = {name: record(**{f.name: options.pop(f.name) for f in fields(record)}) for name, record in records}
        _exit(lambda: command(**options, **collected))

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _flattened(command: Callable[..., int]) -> tuple[list[inspect.Parameter], list[tuple[str, Any]]]:
    """The parameters of a command with every record replaced by its fields; the records by parameter."""
    parameters, records = [], []
    for parameter in inspect.signature(command, eval_str=True).parameters.values():
        record = parameter.annotation
        if not is_dataclass(record):
            parameters.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))
            continue
        records.append((parameter.name, record))
        hints = get_type_hints(record, include_extras=True)
        for field in fields(record):
            default = inspect.Parameter.empty if field.default is MISSING else field.default
            kind = inspect.Parameter.KEYWORD_ONLY
            parameters.append(inspect.Parameter(field.name, kind, default=default, annotation=hints[field.name]))
    return parameters, records


def _exit(command: Callable[[], int]) -> None:
    """Run a command and leave with its exit code."""
    with redirect_stdout(_patient(sys.stdout)), redirect_stderr(_patient(sys.stderr)):
        try:
            with interrupt.raised():
                code = command()
                sys.stdout.flush()
        except (typer.Exit, typer.Abort):
            raise
        except (Exception, KeyboardInterrupt) as error:
            if os.environ.get("QA_DEBUG"):
                raise
            code = report(error)
    raise typer.Exit(code)


class _Patient:
    """A stream whose reader may leave early: later output is discarded, and the exit code stays the same.

    A regression is exit code 4 behind `| head`, too.
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


def report(error: BaseException) -> int:
    """Print one line about the error, or one for each problem of a gold file. Returns the exit code."""
    if isinstance(error, KeyboardInterrupt) or interrupt.was_pressed():
        note("interrupted")
        return 130
    if isinstance(error, QaError):
        for line in error.problems if isinstance(error, GoldError) else [str(error)]:
            note(line)
        return 2 if isinstance(error, UsageError) else 1
    if isinstance(error, FileNotFoundError) and _is_nowhere():
        note("the working directory no longer exists; change to one that does")
        return 1
    if isinstance(error, OSError) and error.strerror == os.strerror(errno.EFBIG):
        note(f"{_path(error.filename) if error.filename else 'a file'} cannot be written: {TOO_LARGE}")
        return 1
    if isinstance(error, OSError):
        note(f"{_path(error.filename)}: {error.strerror}" if error.filename else str(error))
        return 1
    if isinstance(error, ValueError) and "null byte" in str(error):
        note("a path contains a NUL character; no file can have such a name")
        return 2
    if isinstance(error, UnicodeEncodeError):
        note(f"{shortened(error.object, 80)}: not valid Unicode, so it cannot be searched for or sent")
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

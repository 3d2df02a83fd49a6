"""The command `qa`: its commands, its help, and the one place where errors become exit codes."""

import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from qa.cli import ask, doctor, index, init, search, show, status, verify
from qa.cli.common import ROOT_HELP, note
from qa.errors import QaError, UsageError

__all__ = ["app", "main"]

SYNOPSIS = """\
qa - answers over your own documents, proven by verbatim quotes

Usage: qa [--root DIR] COMMAND [ARGUMENTS]
       qa COMMAND --help

A workspace is a folder with your documents in seeds/. qa indexes them into
index/ and answers with quotes that are exact characters of a source. With a
language model, every statement is checked against its quotes. When the sources
do not say, it says so. Nothing leaves this machine unless you name a model
that runs elsewhere.
"""

AFTER_COMMANDS = """\
Options:
  --root DIR            the workspace; by default the nearest folder upwards
                        with a qa.toml, else the working directory
  --version             print the version
  -h, --help            print this, or with a command its own help
  --install-completion  complete commands and options in your shell
  --show-completion     print the script that does it

Examples:
  qa init news
      make a workspace; then put documents in news/seeds/
  qa ask "Which aircraft fires JASSMs?"
      answer with quotes; the index is built or updated first
  qa ask --json --where 'published>=2025' - < question.txt
      the question from standard input, JSON to standard output
  qa search long-range missiles -k 3
      the three nearest passages and the best quotes
  qa show seeds/article.txt:16
      the source around line 16
  qa ask --model gpt-5-mini "Who signed the letter?"
      an answer in words; OPENAI_API_KEY is the key, --base-url another endpoint
  qa ask --model gguf:model.gguf "Who signed the letter?"
      the same with a model file, on this machine
  qa ask --json "Who signed the letter?" > answer.json
  qa verify answer.json
      do the quotes of a stored answer still stand?

Exit codes:
  0  done              3  the sources do not say (ask),
  1  failed               a quote does not stand (verify)
  2  wrong usage     130  interrupted

Settings come from flags, then the environment (QA_K, ...), then qa.toml;
qa status shows each one with its origin. NO_COLOR gives plain output.
QA_DEBUG=1 shows the traceback of an error.
"""

GROUPS: dict[str, tuple[str, ...]] = {
    "Ask": ("ask", "search", "show", "verify"),
    "Index": ("index", "status"),
    "Set up": ("init", "trust", "doctor"),
}


class _ManualGroup(TyperGroup):
    """Prints `qa --help` as a manual page."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        lines = []
        for title, names in GROUPS.items():
            lines.append(f"{title}:")
            for name in names:
                command = self.get_command(ctx, name)
                assert command is not None
                lines.append(f"  {name:<8}{command.get_short_help_str(limit=100)}")
            lines.append("")
        formatter.write(SYNOPSIS + "\n" + "\n".join(lines) + "\n" + AFTER_COMMANDS)


class _ManualCommand(TyperCommand):
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


def _exit_codes(command: Callable[..., int]) -> Callable[..., None]:
    """The command, with its result and its errors as exit codes, one line each on standard error."""

    @wraps(command)
    def run(*args: object, **kwargs: object) -> None:
        try:
            code = command(*args, **kwargs)
            sys.stdout.flush()
        except (typer.Exit, typer.Abort):
            raise
        except BrokenPipeError:  # the reader of a pipe has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = 0
        except (Exception, KeyboardInterrupt) as error:
            if os.environ.get("QA_DEBUG"):
                raise
            code = _report(error)
        raise typer.Exit(code)

    return run


def _report(error: BaseException) -> int:
    """One line about the error; its exit code."""
    if isinstance(error, KeyboardInterrupt):
        note("interrupted")
        return 130
    if isinstance(error, QaError):
        note(str(error))
        return 2 if isinstance(error, UsageError) else 1
    if isinstance(error, OSError):
        note(f"{error.filename}: {error.strerror}" if error.filename else str(error))
        return 1
    note(f"this is a bug in qa: {type(error).__name__}: {error} (QA_DEBUG=1 shows where)")
    return 1


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"qa {version('quoteqa')}")
        raise typer.Exit


app = typer.Typer(
    name="qa",
    cls=_ManualGroup,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["--help", "-h"]},
)


@app.callback()
def _globals(
    context: typer.Context,
    root: Annotated[Path | None, typer.Option("--root", metavar="DIR", help=ROOT_HELP)] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Ask questions over your own documents; every answer is proven by verbatim quotes."""
    context.obj = root


for _name, _command in (
    ("ask", ask.ask),
    ("search", search.search),
    ("show", show.show),
    ("verify", verify.verify),
    ("index", index.index),
    ("status", status.status),
    ("doctor", doctor.doctor),
    ("init", init.init),
    ("trust", init.trust),
):
    app.command(_name, cls=_ManualCommand)(_exit_codes(_command))


def main() -> None:
    """The entry point of the installed command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that is not UTF-8 gets escapes, never a crash
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except KeyboardInterrupt:
        note("interrupted")
        sys.exit(130)

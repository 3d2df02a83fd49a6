"""The command `qa` run inside the test process, as a process of its own would run it."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from qa.cli.app import main
from qa.llm import dialect


def run_here(
    arguments: Sequence[str], cwd: Path, env: Mapping[str, str], stdin: bytes = b""
) -> subprocess.CompletedProcess[str]:
    """Run `qa ARGUMENTS...` through its entry point. env: the whole environment. What one command learned about an
    endpoint is forgotten before the next, and its working directory, environment and signal handlers are undone.
    """
    out, error = io.BytesIO(), io.BytesIO()
    dialect._known.clear()
    with _process(["qa", *arguments], cwd, env, stdin, out, error):
        try:
            main()
        except SystemExit as end:
            code = end.code
        else:
            raise AssertionError("the command returned without an exit code")
        sys.stdout.flush()
        sys.stderr.flush()
    assert code is None or isinstance(code, int), code
    return subprocess.CompletedProcess(
        ["qa", *arguments], code or 0, out.getvalue().decode(), error.getvalue().decode()
    )


@contextmanager
def _process(
    argv: list[str], cwd: Path, env: Mapping[str, str], stdin: bytes, out: io.BytesIO, error: io.BytesIO
) -> Iterator[None]:
    """Inside, this process has the arguments, folder, environment and streams of another one."""
    before = (sys.argv, sys.stdin, sys.stdout, sys.stderr)
    folder, variables, handler = Path.cwd(), dict(os.environ), signal.getsignal(signal.SIGINT)
    streams = (io.TextIOWrapper(io.BytesIO(stdin), "utf-8"), *(io.TextIOWrapper(s, "utf-8") for s in (out, error)))
    try:
        os.chdir(cwd)
        _set(env)
        sys.argv = argv
        sys.stdin, sys.stdout, sys.stderr = streams
        yield
    finally:
        sys.argv, sys.stdin, sys.stdout, sys.stderr = before
        _set(variables)
        os.chdir(folder)
        signal.signal(signal.SIGINT, handler)
        for stream in streams[1:]:
            stream.detach()


def _set(environment: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)

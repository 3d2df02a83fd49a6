"""pytest in a process of its own, forked from one that has imported the libraries already."""

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

LIBRARIES = ["pytest", "numpy", "faiss", "onnxruntime", "tokenizers", "bm25s", "yaml", "regex", "nupunkt"]  # not qa


def run_pytest(arguments: Sequence[str], cwd: Path, env: Mapping[str, str], output: Path) -> int:
    """What `python -m pytest ARGUMENTS...` does in a folder; its exit code. env: the whole environment. output: the
    file for standard output and standard error.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LIBRARIES)
    process = context.Process(target=_pytest, args=(list(arguments), str(cwd), dict(env), str(output)))
    process.start()
    process.join(300)
    if process.exitcode is None:
        process.kill()
        raise TimeoutError(output.read_text(encoding="utf-8"))
    return process.exitcode


def _pytest(arguments: list[str], cwd: str, env: dict[str, str], output: str) -> None:
    written = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for descriptor in (1, 2):
        os.dup2(written, descriptor)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.path.insert(0, cwd)
    sys.exit(pytest.main(arguments))

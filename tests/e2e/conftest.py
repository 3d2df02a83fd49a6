"""A small workspace of its own for each test, and `qa` run in it.

`qa` runs a command inside the test process, through the same entry point, which spares the imports. `installed` runs
the installed command as a process, for what only a process has: its streams, signals, encodings, imports, exit code.
"""

import os
import shutil
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from support import browser as chromium
from support.command import run_here

QA = Path(sys.executable).with_name("qa")
Run = Callable[..., subprocess.CompletedProcess[str]]

LIGHTHOUSE = (
    "Notes from the north\n\n"
    "Marrow Point is a cape in the far north. "
    "The lighthouse of Marrow Point was built in 1871 by Edith Lanning. "
    "Its lamp can be seen from nineteen miles away.\n\n"
    "“We never slept before the fog lifted,” said the keeper, Tomas Berg.\n"
)
FERRY = (
    "---\ntitle: The ferry\npublished: 2024-05-01\n---\n\n"
    "# The ferry\n\n"
    "The ferry to Marrow Point leaves twice a day. A ticket costs 14 crowns and bicycles travel free of charge.\n"
)


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """This environment without the settings of whoever runs the tests, and with its own configuration folder."""
    kept = {
        k: v
        for k, v in os.environ.items()
        if (not k.startswith(("QA_", "OPENAI_", "COV_")) or k == "QA_SECOND_OPINION") and k != "NO_COLOR"
    }
    config = str(tmp_path_factory.mktemp("config"))
    return kept | {"XDG_CONFIG_HOME": config, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}


def _runner(start: Callable[..., subprocess.CompletedProcess[str]], environment: dict[str, str]) -> Run:
    def run(
        *arguments: str, cwd: Path, env: dict[str, str] | None = None, code: int | None = 0, stdin: bytes = b""
    ) -> subprocess.CompletedProcess[str]:
        result = start(arguments, cwd, environment | (env or {}), stdin)
        assert "Traceback" not in result.stderr, result.stderr
        if code is not None:
            assert result.returncode == code, (result.stdout, result.stderr)
        return result

    return run


@pytest.fixture(scope="session")
def qa(environment: dict[str, str]) -> Run:
    """Run `qa ARGUMENTS...` in a folder. env: added to the environment; code: the exit code it must have."""
    return _runner(run_here, environment)


@pytest.fixture(scope="session")
def installed(environment: dict[str, str]) -> Run:
    """The same with the installed command, as a process."""

    def start(
        arguments: Sequence[str], cwd: Path, env: dict[str, str], stdin: bytes
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run([str(QA), *arguments], cwd=cwd, input=stdin, capture_output=True, env=env, timeout=300)
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    return _runner(start, environment)


@pytest.fixture(scope="session")
def indexed(tmp_path_factory: pytest.TempPathFactory, qa: Run) -> Path:
    """An indexed workspace. Not to be changed: `workspace` is a copy of it."""
    root = tmp_path_factory.mktemp("indexed") / "news"
    (root / "seeds" / "travel").mkdir(parents=True)
    (root / "seeds" / "lighthouse.txt").write_text(LIGHTHOUSE, encoding="utf-8")
    (root / "seeds" / "travel" / "ferry.md").write_text(FERRY, encoding="utf-8")
    (root / "qa.toml").write_text("k = 4\n", encoding="utf-8")
    qa("index", cwd=root)
    return root


@pytest.fixture
def heed_ctrl_c() -> Callable[[], None]:
    """For a child process: it heeds SIGINT as a terminal's child does, also when the tests run in the background."""
    return lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None


@pytest.fixture
def workspace(tmp_path: Path, indexed: Path) -> Path:
    """An indexed workspace that the test may change."""
    return Path(shutil.copytree(indexed, tmp_path / "news"))


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A workspace with one document and no index."""
    (tmp_path / "bare" / "seeds").mkdir(parents=True)
    (tmp_path / "bare" / "seeds" / "lighthouse.txt").write_text(LIGHTHOUSE, encoding="utf-8")
    return tmp_path / "bare"


@pytest.fixture(scope="session")
def on_terminal(environment: dict[str, str]) -> Callable[..., tuple[str, int]]:
    """Run `qa` on a terminal: what it receives, with escape sequences, and the exit code."""
    pty = pytest.importorskip("pty")
    fcntl, termios = pytest.importorskip("fcntl"), pytest.importorskip("termios")
    kept = {k: v for k, v in environment.items() if k not in ("COLUMNS", "LINES", "FORCE_COLOR")}

    def run(arguments: list[str], cwd: Path, env: dict[str, str] | None = None, columns: int = 80) -> tuple[str, int]:
        parent, child = pty.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen(
            [str(QA), *arguments],
            cwd=cwd,
            env=kept | {"TERM": "xterm-256color"} | (env or {}),
            stdin=child,
            stdout=child,
            stderr=child,
        )
        os.close(child)
        data = b""
        while part := _read(parent):
            data += part
        os.close(parent)
        return data.decode().replace("\r\n", "\n"), process.wait()

    return run


def _read(terminal: int) -> bytes:
    """The next bytes; none when the other side is closed, which Linux reports as an error."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A real browser, where there is one."""
    command = chromium.executable()
    if command is None:
        pytest.skip("no chromium on the PATH; QA_TEST_BROWSER names one")
    with chromium.browsing(command, tmp_path_factory.mktemp("profile")) as opened:
        yield opened

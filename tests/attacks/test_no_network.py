"""Nothing leaves the machine unless the user named an endpoint: indexing, searching and quoting use no network.

Every attempt is written down and refused, in a fresh process and in the child processes that it starts.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.offline import attempts, hooked

# The commands, one after the other, in one process. A line of arguments each, and the exit code.
COMMANDS = """
import sys
import qa
from qa.cli.app import main

for arguments, code in [
    (["index"], 0),
    (["ask", "--quotes", "Who built the lighthouse?"], 0),
    (["ask", "--quotes", "--json", "Who won the football match?"], 3),
    (["search", "lighthouse"], 0),
    (["show", "lighthouse.txt:3"], 0),
    (["status", "--check"], 0),
    (["verify", "quotes.txt"], 0),
]:
    sys.argv = ["qa", *arguments]
    try:
        main()
    except SystemExit as end:
        assert (end.code or 0) == code, (arguments, end.code)
    else:
        raise AssertionError(arguments)
"""

LIGHTHOUSE = "The lighthouse of Marrow Point was built in 1871 by Edith Lanning. It stands on the northern cape.\n"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder, empty at first: the first test prepares the model, as the first command of a new user does."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def offline(tmp_path: Path, cache: Path) -> dict[str, str]:
    """An environment without a network, and without the variables that keep libraries offline."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("QA_", "OPENAI_", "HF_", "TRANSFORMERS_"))}
    own = {name: str(tmp_path / name) for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    own["XDG_CACHE_HOME"] = str(cache)
    return kept | own | hooked(tmp_path / "hook") | {"LC_ALL": "C.UTF-8"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace with a document of each kind of reader that needs a child, and quotes to verify."""
    (tmp_path / "news" / "seeds").mkdir(parents=True)
    (tmp_path / "news" / "seeds" / "lighthouse.txt").write_text(f"Notes\n\n{LIGHTHOUSE}", encoding="utf-8")
    sheet, image = "<link rel=stylesheet href='http://203.0.113.1/a.css'>", "<img src='http://203.0.113.1/a.png'>"
    page = f"<html><head>{sheet}</head><body><p>A ferry leaves twice a day.</p>{image}</body></html>"
    (tmp_path / "news" / "seeds" / "ferry.html").write_text(page, encoding="utf-8")
    (tmp_path / "news" / "quotes.txt").write_text("“built in 1871 by Edith Lanning”\n", encoding="utf-8")
    return tmp_path / "news"


def run(code: list[str], cwd: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(code, cwd=cwd, env=environment, capture_output=True, text=True, encoding="utf-8")


def lines(environment: dict[str, str], name: str) -> list[str]:
    return attempts(Path(environment["QA_TEST_OFFLINE"]), name)


def test_no_command_without_a_model_uses_the_network(root: Path, offline: dict[str, str]) -> None:
    done = run([sys.executable, "-c", COMMANDS], root, offline)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Edith Lanning" in done.stdout
    assert lines(offline, "attempts") == []
    assert len(lines(offline, "started")) > 1  # the child that reads documents is watched as well


def test_the_installed_command_uses_none_either(root: Path, offline: dict[str, str]) -> None:
    qa = str(Path(sys.executable).with_name("qa"))
    done = run([qa, "ask", "--quotes", "Who built the lighthouse?"], root, offline)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Edith Lanning" in done.stdout
    assert lines(offline, "attempts") == []


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_connection(('127.0.0.1', 9), 1)",
        "socket.getaddrinfo('localhost', 80)",
        "subprocess.run([sys.executable, '-c', 'import socket; socket.getaddrinfo(\"localhost\", 80)'], check=True)",
    ],
)
def test_an_attempt_is_noticed(attempt: str, tmp_path: Path, offline: dict[str, str]) -> None:
    done = run([sys.executable, "-c", f"import socket, subprocess, sys; {attempt}"], tmp_path, offline)
    assert done.returncode != 0
    assert lines(offline, "attempts")

"""What a shell may do to a command: closed streams, a deleted folder, Ctrl-C at any time, bytes that are no text."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from qa.cli import streams
from qa.cli.commands import app

QA = Path(sys.executable).with_name("qa")
NO_TRACEBACK = ("Traceback", "bug in qa")


def shell(line: str, cwd: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a line of shell, in which QA is the command."""
    env = environment | {"QA": str(QA)}
    done = subprocess.run(["sh", "-c", line], cwd=cwd, env=env, capture_output=True, text=True, timeout=300)
    assert not any(words in done.stdout + done.stderr for words in NO_TRACEBACK), done.stderr
    return done


@pytest.mark.parametrize(
    ("line", "code", "printed"),
    [
        ('"$QA" show lighthouse.txt <&-', 0, True),
        ('"$QA" show lighthouse.txt >&-', 0, False),
        ('"$QA" show lighthouse.txt 2>&-', 0, True),
        ('"$QA" show lighthouse.txt <&- >&- 2>&-', 0, False),
        ('"$QA" verify - <&-', 2, False),
        ('"$QA" ask - <&-', 2, False),
        ('"$QA" ask - <&- 2>&-', 2, False),
        ('"$QA" status --json 2>&-', 0, True),
    ],
)
def test_a_closed_standard_stream_is_an_empty_one(
    line: str, code: int, printed: bool, indexed: Path, environment: dict[str, str]
) -> None:
    done = shell(line, indexed, environment)
    assert (done.returncode, bool(done.stdout)) == (code, printed)
    assert "qa:" not in done.stdout


def test_in_a_deleted_folder(indexed: Path, environment: dict[str, str], tmp_path: Path) -> None:
    def run(arguments: str) -> subprocess.CompletedProcess[str]:
        return shell(f'mkdir gone && cd gone && rmdir ../gone && "$QA" {arguments}', tmp_path, environment)

    for arguments in ("status", "ask x", "doctor", "status --root .", "init here"):
        done = run(arguments)
        assert done.returncode == 1
        assert done.stderr == "qa: the working directory no longer exists; change to one that does\n"
    assert run(f"status --root '{indexed}'").returncode == 0
    assert run(f"init '{tmp_path / 'new'}'").returncode == 0


@pytest.mark.parametrize("module", ["typer", "qa.cli.commands", "rich.text", "qa.settings", "numpy", "faiss"])
def test_ctrl_c_while_a_module_is_imported(
    module: str, indexed: Path, environment: dict[str, str], heed_ctrl_c: Any
) -> None:
    script = (
        "import os, signal, sys\n"
        "class Press:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Press())\n"
        "sys.argv = ['qa', 'search', 'lighthouse']\n"
        "from qa.cli.app import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=indexed, env=environment, capture_output=True, preexec_fn=heed_ctrl_c
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"qa: interrupted\n")


HALF, DIGITS = os.fsdecode(b"x\xff"), "9" * 5000


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["ask", HALF], 2, "the question is not UTF-8"),
        (["search", HALF], 2, "the question is not UTF-8"),
        (["show", HALF], 1, "the index has no source x<U+DCFF>"),
        (["verify", HALF], 2, "x<U+DCFF> cannot be read"),
        (["status", "--root", HALF], 1, "x<U+DCFF> is not a folder"),
        (["gold", "check", HALF], 2, "x<U+DCFF>: cannot be read"),
        (["gold", "compare", HALF, HALF], 2, "x<U+DCFF>: cannot be read"),
        (["search", "x", "--where", HALF], 2, "is not a condition"),
        (["ask", "x", "--model", f"gguf:{HALF}"], 1, "x<U+DCFF>"),
        (["verify", "a\0b"], 2, "NUL character"),
        (["verify", "a" * 5000], 2, "File name too long"),
        (["status", "--root", "a" * 5000], 1, "File name too long|is not a folder"),
        (["show", f"lighthouse.txt:{DIGITS}"], 2, "there is no line 999"),
        (["show", f"lighthouse.txt:1-{DIGITS}"], 2, "is not a part of it"),
        (["show", f"lighthouse.txt:{DIGITS}-{DIGITS}"], 2, "is not a part of it"),
    ],
)
def test_arguments_that_are_no_text_no_path_or_no_number(
    arguments: list[str],
    code: int,
    said: str,
    indexed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(indexed)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(SystemExit) as end:
        app(arguments)
    out, err = capsys.readouterr()
    assert (end.value.code, out) == (code, "")
    assert len(err.splitlines()) == 1
    assert any(words in err for words in said.split("|"))
    assert not any(words in err for words in NO_TRACEBACK)


@pytest.mark.parametrize("name", ["COLUMNS", "LINES", "TERMINAL_WIDTH"])
@pytest.mark.parametrize("value", ["²", "٣", "0", "-3", "x", "9" * 5000, " 80"])
def test_a_size_of_the_terminal_that_is_no_number_is_forgotten(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    streams.prepare()
    assert name not in os.environ
    monkeypatch.setenv(name, "72")
    streams.prepare()
    assert os.environ[name] == "72"


@pytest.mark.parametrize("size", ["COLUMNS=²", "TERMINAL_WIDTH=x"])
def test_an_odd_terminal_is_answered_like_others(size: str, indexed: Path, environment: dict[str, str]) -> None:
    done = shell(f'{size} "$QA" search lighthouse', indexed, environment)
    assert (done.returncode, bool(done.stdout)) == (0, True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", ["--help", "--version", "help ask", "ask --help"])
def test_a_full_disk_is_no_traceback_whatever_is_printed(
    arguments: str, indexed: Path, environment: dict[str, str]
) -> None:
    done = shell(f'"$QA" {arguments} > /dev/full', indexed, environment)
    assert (done.returncode, done.stderr) == (1, "qa: [Errno 28] No space left on device\n")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit on Windows")
@pytest.mark.parametrize("blocks", [0, 8])
def test_a_limit_on_the_size_of_files_is_named(blocks: int, indexed: Path, environment: dict[str, str]) -> None:
    done = shell(f'ulimit -f {blocks}; "$QA" index --rebuild', indexed, environment)
    assert done.returncode == 1
    assert "cannot be written: it would be larger than files may be here; raise the limit" in done.stderr
    assert "move it away" not in done.stderr

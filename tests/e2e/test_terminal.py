"""Terminals, pipes, encodings, interruptions."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

QA = Path(sys.executable).with_name("qa")
WHO = "Who built the lighthouse of Marrow Point?"
BUILT = "The lighthouse of Marrow Point was built in 1871 by Edith Lanning."
Run = Callable[..., Any]
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def test_a_terminal_gets_styles_and_no_line_over_80_columns(on_terminal: Run, indexed: Path) -> None:
    out, code = on_terminal(["ask", WHO], indexed)
    assert code == 0
    assert "\x1b[1" in out
    plain = ESCAPES.sub("", out)
    assert max(len(line) for line in plain.splitlines()) <= 80
    quoted = [line.removeprefix("    | ") for line in plain.splitlines() if line.startswith("    | ")]
    assert " ".join(quoted).startswith(BUILT)


def test_a_narrow_terminal_is_wrapped_too(on_terminal: Run, indexed: Path) -> None:
    out, _ = on_terminal(["ask", "--quotes", WHO], indexed, columns=40)
    assert max(len(line) for line in ESCAPES.sub("", out).splitlines()) <= 40


def test_no_color_on_a_terminal_is_plain_text(on_terminal: Run, indexed: Path) -> None:
    out, _ = on_terminal(["ask", WHO], indexed, env={"NO_COLOR": "1"})
    assert "\x1b" not in out
    assert "Edith Lanning" in out


def test_a_first_build_on_a_terminal_shows_progress_and_leaves_the_answer(on_terminal: Run, bare: Path) -> None:
    out, code = on_terminal(["ask", WHO], bare)
    assert code == 0
    assert "building the index" in out
    assert BUILT in " ".join(ESCAPES.sub("", out).replace("    | ", "").split())


def test_a_pipe_is_plain_and_unwrapped(installed: Run, indexed: Path) -> None:
    out = installed("ask", WHO, cwd=indexed, env={"COLUMNS": "20"}).stdout
    assert "\x1b" not in out
    assert f"    | {BUILT}" in out


def test_escape_sequences_of_documents_and_file_names_are_shown_not_obeyed(
    qa: Run, on_terminal: Run, tmp_path: Path
) -> None:
    seeds = tmp_path / "w" / "seeds"
    seeds.mkdir(parents=True)
    evil = "The captain of the ship is \x1b[31mAnna\x1b[0m [bold]Holm[/bold] \u202etxet\u202c \x9b2J :smile: today."
    (seeds / "evil\x1b[2J.txt").write_text(f"Title \x1b]0;owned\x07\n\n{evil}\n", encoding="utf-8")
    question = "Who is the captain of the ship?"
    listed = qa("index", cwd=seeds.parent).stdout
    assert "evil␛[2J.txt" in listed
    for arguments in (["ask", question], ["search", question], ["show", "evil\x1b[2J.txt"], ["index"], ["status"]):
        plain = qa(*arguments, cwd=seeds.parent, code=None)
        assert not set("\x1b\x07\x9b\u202e\u202c") & set(plain.stdout + plain.stderr), arguments
        styled, _ = on_terminal(arguments, seeds.parent)
        assert not set("\x1b\x07\x9b\u202e\u202c") & set(ESCAPES.sub("", styled)), arguments
        assert "\x1b[2J" not in styled
        assert "\x1b[31m" not in styled
    shown = qa("search", question, cwd=seeds.parent).stdout
    assert "␛[31mAnna␛[0m [bold]Holm[/bold] <U+202E>txet<U+202C> <U+009B>2J :smile: today." in shown
    value = json.loads(qa("search", "--json", question, cwd=seeds.parent).stdout)
    assert evil in value["hits"][0]["text"]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_terminal_that_is_not_utf_8_gets_escapes_not_a_crash(installed: Run, indexed: Path, encoding: str) -> None:
    env = {"PYTHONIOENCODING": encoding}
    question = "What did the keeper Tomas Berg say about the fog?"
    assert "Tomas Berg" in installed("ask", question, cwd=indexed, env=env).stdout.replace("\\u201c", "“")
    value = json.loads(installed("ask", "--json", question, cwd=indexed, env=env).stdout)
    texts = [quote["text"] for quote in value["quotes"]]
    assert any("“We never slept before the fog lifted,” said the keeper, Tomas Berg." in text for text in texts)


def test_the_c_locale_is_no_obstacle(installed: Run, indexed: Path) -> None:
    env = {"LC_ALL": "C", "LANG": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    assert BUILT in installed("ask", WHO, cwd=indexed, env=env).stdout


def test_a_reader_that_stops_early_is_no_error(environment: dict[str, str], workspace: Path) -> None:
    (workspace / "seeds" / "long.txt").write_text("A line of text.\n" * 20_000, encoding="utf-8")
    subprocess.run([str(QA), "index"], cwd=workspace, env=environment, check=True, capture_output=True)
    process = subprocess.Popen(
        [str(QA), "show", "long.txt"], cwd=workspace, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(100)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 0


@pytest.mark.parametrize("together", [False, True], ids=["stdout", "both streams"])
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("ask", WHO), 0),
        (("gold", "run", "gold.yaml", "--quotes"), 4),
        (("gold", "run", "gold.yaml", "--json"), 4),
        (("gold", "check", "stale.yaml", "--json"), 3),
    ],
)
def test_the_exit_code_is_that_of_the_result_though_nobody_reads_it(
    environment: dict[str, str], workspace: Path, arguments: tuple[str, ...], code: int, together: bool
) -> None:
    case = (
        f"- id: year-{{}}\n  question: {WHO}\n  expect: answer\n  severity: critical\n  all: [{{{{number: 1925}}}}]\n"
    )
    stands = "  quotes:\n    - {source: lighthouse.txt, text: built in 1871}\n"
    gold = "".join(case.format(number) + stands for number in range(60))  # reports longer than what is buffered
    (workspace / "gold.yaml").write_text(gold, encoding="utf-8")
    (workspace / "stale.yaml").write_text(gold.replace("built in 1871", "built in 1925"), encoding="utf-8")
    process = subprocess.Popen(
        [str(QA), *arguments],
        cwd=workspace,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if together else subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    said = b"" if process.stderr is None else process.stderr.read()
    if process.stderr is not None:
        process.stderr.close()
    assert b"Broken" not in said
    assert process.wait() == code, said


def test_ctrl_c_during_a_build_prints_one_line_and_loses_nothing(
    qa: Run, environment: dict[str, str], workspace: Path, heed_ctrl_c: Callable[[], None]
) -> None:
    before = (workspace / "index" / "CURRENT").read_bytes()
    for number in range(400):
        text = "".join(f"Sentence {n} of document {number} is about topic {n * number}. " for n in range(40))
        (workspace / "seeds" / f"{number}.txt").write_text(text, encoding="utf-8")
    process = subprocess.Popen(
        [str(QA), "index"],
        cwd=workspace,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=heed_ctrl_c,
    )
    deadline = time.monotonic() + 120
    while not any((workspace / "index").glob("partial/*")) and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.1)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=120)
    assert process.returncode == 130
    assert out == b""
    assert error.decode().splitlines()[-1] == "qa: interrupted"
    assert b"Traceback" not in error
    assert (workspace / "index" / "CURRENT").read_bytes() == before
    assert "Edith Lanning" in qa("ask", "--no-build", WHO, cwd=workspace).stdout


def test_an_unexpected_error_is_one_line_and_a_traceback_on_demand(
    installed: Run, workspace: Path, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import qa.settings\ndef broken(*a, **k): raise RuntimeError('boom')\nqa.settings.find = broken\n"
    )
    env = {"PYTHONPATH": str(tmp_path)}
    done = installed("status", cwd=workspace, env=env, code=1)
    assert done.stderr == "qa: this is a bug in qa: RuntimeError: boom (QA_DEBUG=1 shows where)\n"
    debug = subprocess.run(
        [str(QA), "status"], cwd=workspace, env=os.environ | env | {"QA_DEBUG": "1"}, capture_output=True
    )
    assert b"Traceback" in debug.stderr

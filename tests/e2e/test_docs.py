"""The README and the help are true: every command is described, every example runs, every transcript comes out."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MODELS = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
COMMANDS = "ask chat search show verify cite index status gold serve mcp init trust models doctor".split()
Run = Callable[..., Any]


def blocks(language: str) -> list[str]:
    """The fenced code blocks of the README in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.M | re.S)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory, qa: Run) -> Path:
    """A workspace with the sample articles, indexed."""
    root = tmp_path_factory.mktemp("samples")
    shutil.copytree(ROOT / "seeds", root / "seeds")
    qa("index", cwd=root)
    return root


def test_every_command_of_the_help_is_in_the_readme(qa: Run, tmp_path: Path) -> None:
    text = qa("--help", cwd=tmp_path).stdout
    commands = re.findall(r"^  ([a-z]+) {2,}[A-Z]", text, re.M)
    assert commands == COMMANDS
    assert [name for name in commands if f"| `qa {name}" not in README] == []


def test_the_help_fits_in_80_columns(qa: Run, tmp_path: Path) -> None:
    for arguments in (["--help"], *([name, "--help"] for name in COMMANDS)):
        text = qa(*arguments, cwd=tmp_path, env={"COLUMNS": "80"}).stdout
        assert [line for line in text.splitlines() if len(line) > 80] == []


def test_every_option_of_a_command_is_explained(qa: Run, tmp_path: Path) -> None:
    text = qa("ask", "--help", cwd=tmp_path, env={"COLUMNS": "200"}).stdout
    options = "--json --quotes --model --base-url --strict --k --where --explain --verbose --no-build --sources --root"
    options += " --store"
    for option in options.split():
        assert re.search(rf"{option}\b.* {{2,}}[A-Z]", text), option
    assert sorted(set(re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", text, re.M))) == sorted([*options.split(), "--help"])


def test_the_transcripts_of_the_readme_are_what_a_terminal_shows(on_terminal: Run, samples: Path) -> None:
    transcripts = [block for block in blocks("console") if len(block.splitlines()) > 1 and "make ask" in block]
    assert transcripts
    for block in transcripts:
        command, _, shown = block.partition("\n")
        match = re.fullmatch(r'\$ make ask Q="(.*)"', command)
        assert match, command
        out, code = on_terminal(["ask", match[1]], samples, env={"NO_COLOR": "1"})
        assert shown in (out, "".join(out.partition("\n\n2. ")[0]) + "\n...\n")
        assert code == (3 if shown.startswith("The sources do not say.") else 0)


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_make_hands_the_question_over_untouched(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    commands = tmp_path / ".venv" / "bin"
    commands.mkdir(parents=True)
    (commands / "qa").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', encoding="utf-8")
    (commands / "qa").chmod(0o755)
    for stamp in (".created", ".installed"):
        (tmp_path / ".venv" / stamp).touch()
    question = """Who's "Matt", $5 $(shell touch pwned) `touch pwned` $$ # \\ ; %"""
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    done = subprocess.run(
        ["make", "ask", f"Q={question}"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["ask", "--", question]
    assert not (tmp_path / "pwned").exists()


def test_the_qa_examples_of_readme_and_help_run(qa: Run, tmp_path: Path, endpoint: Any) -> None:
    notes = str(tmp_path / "notes")
    Path(notes).mkdir()
    (tmp_path / "question.txt").write_text("Who signed the letter?", encoding="utf-8")
    endpoint.script(*[endpoint.answer('{"statements": []}')] * 9)
    help_text = qa("--help", cwd=tmp_path).stdout.partition("Examples:\n")[2].partition("Exit codes:")[0]
    lines = [line.strip() for line in help_text.splitlines()] + [
        line.removeprefix("$ ") for block in blocks("console") for line in block.splitlines()
    ]
    here, ran = tmp_path, []
    for line in lines:
        if line == "qa init news" and here == tmp_path:
            qa("init", "news", cwd=here)
            here = tmp_path / "news"
            (here / "seeds" / "article.txt").write_text("A title\n" + "\nThe letter was signed by Ada Holm.\n" * 9)
            (here / "seeds" / "metadata.toml").write_text('["article.txt"]\npublished = "2025-07-15"\n')
            (here / "gold.yaml").write_text("- id: cost\n  question: What does a pony cost?\n  expect: abstain\n")
            qa("gold", "run", "gold.yaml", "--save", "base.json", cwd=here)
        elif line.startswith("qa serve"):
            continue  # it answers until it is stopped: tests/e2e/test_serve.py
        elif re.match(r"qa \S", line) and not line.startswith("qa: "):
            example = line.replace("http://localhost:11434/v1", endpoint.base_url).replace("~/Documents/notes", notes)
            _run_example(qa, example, here, endpoint)
        else:
            continue
        ran.append(line)
    assert len(ran) >= 12
    assert len(endpoint.requests) == sum("--model" in line and "gguf:" not in line for line in ran) > 1


def _run_example(qa: Run, line: str, here: Path, endpoint: Any) -> None:
    """A line of a shell that reads from a file or writes to one; the endpoint plays every model but files."""
    command, writes, target = line.partition(" > ")
    command, _, source = command.partition(" < ")
    stdin = (here.parent / source).read_bytes() if source else b""
    done = qa(*shlex.split(command)[1:], cwd=here, stdin=stdin, env={"OPENAI_BASE_URL": endpoint.base_url}, code=None)
    if "gguf:" in line:
        assert "There is no model file model.gguf" in done.stderr
    else:
        assert done.returncode in (0, 3), (line, done.stderr)
    if writes:
        (here / target).write_text(done.stdout, encoding="utf-8")


def test_the_python_examples_of_the_readme_run(samples: Path, environment: dict[str, str]) -> None:
    examples = blocks("python")
    assert examples
    for code in examples:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code], cwd=samples, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        assert "JASSMs, which are fired from F-16 fighter jets." in done.stdout


def test_the_settings_that_the_readme_names_exist() -> None:
    from qa.index.signature import VARIABLE
    from qa.settings import SETTINGS

    text = README + MODELS
    for name in re.findall(r"`(\w+) = |^(\w+) = [\d.]+$", text, re.M):
        assert "".join(name) in SETTINGS
    for variable in re.findall(r"`((?:QA|OPENAI)_\w+)[=`]", text):
        assert variable in {VARIABLE, *(kind.env for kind in SETTINGS.values())}


def test_the_files_that_the_documents_link_to_exist() -> None:
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
            assert target.startswith("https://") or (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_page_about_models_states_the_limits_that_hold(endpoint: Any, samples: Path) -> None:
    from qa.answer import prompt
    from qa.llm import dialect, failures
    from qa.settings import SETTINGS

    for words in (
        f"a limit of {prompt.ANSWER_TOKENS} tokens for the answer",
        f"thinks up to {prompt.ANSWER_TOKENS * dialect.ROOM_TO_THINK:,}",
        f"({SETTINGS['deadline'].default:.0f} seconds; 600 for a `gguf:` file)",
        "up to six attempts in all",
    ):
        assert words in MODELS
    assert failures.ATTEMPTS == 6


def test_the_example_of_the_page_about_models_runs(endpoint: Any, samples: Path, environment: dict[str, str]) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", MODELS, re.M | re.S)
    endpoint.script(endpoint.answer('{"statements": []}'))
    code = code.replace("http://localhost:11434/v1", endpoint.base_url).replace(
        "Who signed the letter?", "What are JASSMs?"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{code}\nprint(answer.status)"],
        cwd=samples,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.stdout in ("answered\n", "abstained\n"), done.stderr
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion_prints_a_script_and_completes_commands(installed: Run, tmp_path: Path, shell: str) -> None:
    env = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    assert "_QA_COMPLETE=complete_" in installed("--show-completion", shell, cwd=tmp_path, env=env).stdout
    env = {
        "_QA_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": "qa s",
        "COMP_CWORD": "1",
        "_TYPER_COMPLETE_ARGS": "qa s",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    completed = installed(cwd=tmp_path, env=env).stdout
    assert {name for name in ("ask", "search", "show", "status") if name in re.findall(r"\w+", completed)} >= {
        "search",
        "show",
        "status",
    }

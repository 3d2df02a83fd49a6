"""Bad input gets one line of what happened and what to do, the right exit code, no traceback, and loses nothing."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

WHO = "Who built the lighthouse?"
Run = Callable[..., Any]


def one_line(done: Any) -> str:
    """The only line on standard error; nothing on standard output."""
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("qa: ")
    return str(line)


def test_no_workspace(qa: Run, tmp_path: Path) -> None:
    for arguments in (["index"], ["ask", WHO], ["search", "x"], ["show", "x"], ["status"]):
        assert "qa init" in one_line(qa(*arguments, cwd=tmp_path, code=1))


def test_a_root_that_does_not_exist(qa: Run, tmp_path: Path) -> None:
    assert "nowhere is not a folder" in one_line(qa("ask", WHO, "--root", "nowhere", cwd=tmp_path, code=1))


def test_missing_seeds(qa: Run, tmp_path: Path) -> None:
    (tmp_path / "qa.toml").touch()
    for arguments in (["index"], ["ask", WHO]):
        done = qa(*arguments, cwd=tmp_path, code=1)
        assert done.stdout == ""
        assert "seeds" in done.stderr.splitlines()[-1]


def test_empty_seeds(qa: Run, tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    for arguments in (["index"], ["ask", WHO]):
        done = qa(*arguments, cwd=tmp_path, code=1)
        assert done.stdout == ""
        assert "seeds" in done.stderr.splitlines()[-1]


def test_a_removed_seeds_folder_does_not_empty_the_index(qa: Run, workspace: Path) -> None:
    (workspace / "seeds").rename(workspace / "elsewhere")
    qa("ask", WHO, cwd=workspace, code=1)
    (workspace / "elsewhere").rename(workspace / "seeds")
    assert "Edith Lanning" in qa("ask", "--no-build", WHO, cwd=workspace).stdout


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_skipped_with_the_reason(qa: Run, bare: Path) -> None:
    (bare / "seeds" / "secret.txt").write_text("x", encoding="utf-8")
    (bare / "seeds" / "secret.txt").chmod(0)
    assert "skipped   secret.txt: " in qa("index", cwd=bare).stdout


def test_a_binary_file_is_skipped_with_the_reason_and_the_rest_is_indexed(qa: Run, bare: Path) -> None:
    (bare / "seeds" / "image.txt").write_bytes(bytes(range(256)) * 8)
    out = qa("index", cwd=bare).stdout
    assert "skipped   image.txt: " in out
    assert "Indexed 1 document" in out


def test_a_link_out_of_the_workspace_is_skipped_with_the_reason(qa: Run, bare: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("An outside secret.\n", encoding="utf-8")
    (bare / "seeds" / "inside.txt").symlink_to(tmp_path / "outside.txt")
    assert "skipped   inside.txt: " in qa("index", cwd=bare).stdout


def test_no_index_and_no_build(qa: Run, bare: Path) -> None:
    for arguments in (["ask", "--no-build", WHO], ["search", WHO], ["show", "lighthouse.txt"]):
        assert "qa index" in one_line(qa(*arguments, cwd=bare, code=1))
    assert not (bare / "index").exists()


def test_a_foreign_index_is_not_touched(qa: Run, bare: Path) -> None:
    (bare / "index").mkdir()
    (bare / "index" / "CURRENT").write_text("MANIFEST-000001\n", encoding="utf-8")
    (bare / "index" / "precious.db").write_bytes(b"data")
    for arguments in (["ask", WHO], ["ask", "--no-build", WHO], ["search", "x"], ["index"]):
        done = qa(*arguments, cwd=bare, code=1)
        assert "index" in done.stderr.splitlines()[-1]
    assert (bare / "index" / "CURRENT").read_text(encoding="utf-8") == "MANIFEST-000001\n"
    assert (bare / "index" / "precious.db").read_bytes() == b"data"


def test_a_manifest_that_is_no_json(qa: Run, workspace: Path) -> None:
    (path,) = (workspace / "index").glob("gen-*/manifest.json")
    path.write_bytes(b"not json")
    assert "qa index --rebuild" in one_line(qa("search", "x", cwd=workspace, code=1))


def test_an_unknown_setting_names_the_nearest_one(qa: Run, workspace: Path) -> None:
    (workspace / "qa.toml").write_text("treshold = 0.4\n", encoding="utf-8")
    assert "'threshold'" in one_line(qa("ask", WHO, cwd=workspace, code=2))


def test_a_setting_of_the_wrong_kind(qa: Run, workspace: Path) -> None:
    (workspace / "qa.toml").write_text('k = "many"\n', encoding="utf-8")
    assert "expected a whole number" in one_line(qa("ask", WHO, cwd=workspace, code=2))
    (workspace / "qa.toml").write_text("k = \n", encoding="utf-8")
    assert "not valid TOML" in one_line(qa("ask", WHO, cwd=workspace, code=2))


@pytest.mark.parametrize("value", ["0", "101"])
def test_k_out_of_range(qa: Run, indexed: Path, value: str) -> None:
    assert "1 to 100" in one_line(qa("ask", WHO, "-k", value, cwd=indexed, code=2))


def test_a_wrong_environment_variable_is_named(qa: Run, indexed: Path) -> None:
    assert "QA_K" in one_line(qa("ask", WHO, cwd=indexed, code=2, env={"QA_K": "five"}))


@pytest.mark.parametrize("where", ["", "nonsense", "=x", "title", "published<soon"])
def test_a_wrong_filter(qa: Run, indexed: Path, where: str) -> None:
    for command in ("ask", "search"):
        assert f"--where {where!r}" in one_line(qa(command, WHO, "--where", where, cwd=indexed, code=2))


@pytest.mark.parametrize("question", ["", "   ", "\n"])
def test_an_empty_question(qa: Run, indexed: Path, question: str) -> None:
    assert "empty" in one_line(qa("ask", question, cwd=indexed, code=2))
    assert "empty" in one_line(qa("ask", "-", cwd=indexed, code=2, stdin=question.encode()))
    assert "empty" in one_line(qa("search", question, cwd=indexed, code=2))


def test_a_question_of_ten_thousand_words(qa: Run, indexed: Path, bare: Path) -> None:
    question = "why " * 10_000
    for command in ("ask", "search"):
        one_line(qa(command, question, cwd=indexed, code=2))
        one_line(qa(command, "-" if command == "ask" else question, cwd=indexed, code=2, stdin=question.encode()))
    one_line(qa("ask", question, cwd=bare, code=2))
    assert not (bare / "index").exists()


def test_a_question_that_is_not_utf_8(qa: Run, indexed: Path) -> None:
    assert "UTF-8" in one_line(qa("ask", "-", cwd=indexed, code=2, stdin=b"\xff\xfe?"))


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/hostname", "seeds/../../outside.txt", "lighthous.txt"])
def test_a_source_that_is_not_indexed(qa: Run, workspace: Path, name: str) -> None:
    (workspace.parent / "outside.txt").write_text("secret", encoding="utf-8")
    assert f"the index has no source {name}; did you mean " in one_line(qa("show", name, cwd=workspace, code=1))


@pytest.mark.parametrize("place", ["99", "0", "5-5", "9-3", "0-99999"])
def test_a_place_that_is_not_in_the_source(qa: Run, indexed: Path, place: str) -> None:
    problem = one_line(qa("show", f"lighthouse.txt:{place}", cwd=indexed, code=2))
    assert f"{place} is not a part of it" in problem or f"there is no line {place}" in problem


@pytest.mark.parametrize("arguments", [["asc"], ["ask"], ["ask", "--jsn", "x"], ["show"], ["ask", "x", "--k", "many"]])
def test_a_mistyped_command_line(qa: Run, indexed: Path, arguments: list[str]) -> None:
    done = qa(*arguments, cwd=indexed, code=2)
    assert done.stdout == ""
    assert "--help" in done.stderr


def test_a_range_of_numbers_is_in_words(qa: Run, indexed: Path) -> None:
    for command, limits in (("serve", "0 to 65535"), ("gold run", "1 to 64"), ("gold compare", "0 to 100")):
        text = qa(*command.split(), "--help", cwd=indexed).stdout
        assert limits in text
        assert "<=x" not in text


def test_help_is_a_command_too(qa: Run, tmp_path: Path) -> None:
    for group in ([], ["models"], ["gold"]):
        text = qa(*group, "--help", cwd=tmp_path).stdout
        assert qa(*group, "help", cwd=tmp_path).stdout == text
        assert "..." not in text.partition("Commands:")[2]
    assert qa("help", "models", "add", cwd=tmp_path).stdout == qa("models", "add", "--help", cwd=tmp_path).stdout
    assert "No such command 'nonsense'" in qa("help", "nonsense", cwd=tmp_path, code=2).stderr


@pytest.mark.parametrize(
    "arguments",
    [
        "verify none.md",
        "cite none.md",
        "gold run none.yaml",
        "gold check none.yaml",
        "gold compare none.json other.json",
        "gold changes none.yaml",
        "gold calibrate none.yaml",
        "gold suggest none.txt --out new.yaml",
        "gold accept none.yaml gold.yaml",
        "serve --token-file none.txt",
    ],
)
def test_a_missing_file_that_the_command_line_names_is_wrong_usage(qa: Run, indexed: Path, arguments: str) -> None:
    problem = one_line(qa(*arguments.split(), cwd=indexed, code=2))
    assert re.search(r"none\.\w+:? cannot be read: No such file or directory", problem)


@pytest.mark.parametrize(
    ("name", "meant"), [("QA_BASE_URL", "OPENAI_BASE_URL"), ("QA_MODLE", "QA_MODEL"), ("QA_SOMETHING_ELSE", "")]
)
def test_a_mistyped_variable_of_the_environment_is_named(qa, indexed, name, meant):
    said = qa("status", cwd=indexed, env={name: "x"}).stderr
    assert (f"{name} is not an environment variable of qa and is ignored; did you mean {meant}?" in said) is bool(meant)
    assert (name in said) is bool(meant)

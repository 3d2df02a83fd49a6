"""qa cite as a command: exit codes, outputs, and a draft that stays as it is."""

import json
from pathlib import Path
from typing import Any

import pytest

GOOD = "The lighthouse of Marrow Point was built in 1871 by Edith Lanning.\n"
BAD = "The lighthouse of Marrow Point was built in 1871 by Edith Lanning. A ticket costs 15 crowns.\n"


@pytest.fixture
def draft(workspace: Path) -> Path:
    path = workspace / "draft.md"
    path.write_text(BAD, encoding="utf-8")
    return path


def test_check_exits_with_3_only_if_something_is_wrong(draft: Path, qa: Any) -> None:
    shown = qa("cite", "draft.md", cwd=draft.parent).stdout
    assert "Contradicted" in shown
    assert "— seeds/travel/ferry.md:8, The ferry" in shown
    qa("cite", "draft.md", "--check", cwd=draft.parent, code=3)
    assert draft.read_text(encoding="utf-8") == BAD
    draft.write_text(GOOD, encoding="utf-8")
    qa("cite", "draft.md", "--check", "--strict", cwd=draft.parent)


def test_strict_counts_what_is_not_confirmed(draft: Path, qa: Any) -> None:
    draft.write_text("The old lighthouse of Marrow Point was built in 1871 by Edith Lanning.\n", encoding="utf-8")
    loose = qa("cite", "draft.md", "--check", cwd=draft.parent)
    strict = qa("cite", "draft.md", "--check", "--strict", cwd=draft.parent, code=3)
    assert "1 unconfirmed" in loose.stdout
    assert loose.stdout == strict.stdout


def test_every_output_is_written(draft: Path, qa: Any) -> None:
    for name in ("out.md", "out.docx", "out.json"):
        error = qa("cite", "draft.md", "-o", name, cwd=draft.parent).stderr
        assert f"2 sentences: 1 proven, 1 contradicted. Written to {name}" in error
    record = json.loads((draft.parent / "out.json").read_text(encoding="utf-8"))
    assert [sentence["state"] for sentence in record["sentences"]] == ["proven", "contradicted"]
    assert json.loads(qa("cite", "draft.md", "--json", cwd=draft.parent).stdout) == record
    assert qa("cite", "draft.md", cwd=draft.parent).stdout == (draft.parent / "out.md").read_text(encoding="utf-8")
    again = qa("cite", "out.docx", "--json", cwd=draft.parent).stdout  # a Word file is a draft, too
    assert json.loads(again)["sentences"][0]["state"] == "proven"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("draft.md", "-o", "draft.md"), "is the draft itself, which is not changed"),
        (("draft.md", "-o", "nowhere/out.md"), "nowhere/out.md cannot be written"),
        (("draft.md", "--strict"), "--strict needs --check"),
        (("draft.md", "-o", "out.pdf"), "the output ends in .md, .docx or .json"),
        (("seeds/none.odt",), "none.odt"),
        (("empty.md",), "nothing to check"),
    ],
)
def test_what_cannot_be_done_is_said(draft: Path, qa: Any, arguments: tuple[str, ...], problem: str) -> None:
    (draft.parent / "empty.md").write_text("# Why?\n", encoding="utf-8")
    assert problem in qa("cite", *arguments, cwd=draft.parent, code=2).stderr


def test_a_file_is_overwritten_only_if_asked(draft: Path, qa: Any) -> None:
    output = draft.parent / "out.md"
    output.write_text("Notes of mine.\n", encoding="utf-8")
    assert "out.md exists" in qa("cite", "draft.md", "-o", "out.md", cwd=draft.parent, code=2).stderr
    assert output.read_text(encoding="utf-8") == "Notes of mine.\n"
    qa("cite", "draft.md", "-o", "out.md", "--force", cwd=draft.parent)
    assert "Notes of mine" not in output.read_text(encoding="utf-8")
    assert draft.read_text(encoding="utf-8") == BAD


def test_a_model_is_asked_only_if_one_is_named_and_has_passed_its_exam(draft: Path, qa: Any, endpoint: Any) -> None:
    draft.write_text("The old lighthouse of Marrow Point was built in 1871 by Edith Lanning.\n", encoding="utf-8")
    model = ("--model", "m", "--base-url", endpoint.base_url)
    qa("cite", "draft.md", cwd=draft.parent)
    assert endpoint.requests == []
    error = qa("cite", "draft.md", *model, cwd=draft.parent).stderr  # the tests' environment wants no second opinion
    assert "the model is not asked: second_opinion is off" in error
    assert endpoint.requests == []


def test_a_model_that_cannot_be_asked_is_a_failure_and_its_host_is_named_first(
    draft: Path, qa: Any, endpoint: Any, tmp_path: Path
) -> None:
    env = {"XDG_DATA_HOME": str(tmp_path / "data"), "QA_SECOND_OPINION": "doubtful"}
    endpoint.script(endpoint.error(401, "wrong key"))
    done = qa("cite", "draft.md", "--model", "m", "--base-url", endpoint.base_url, cwd=draft.parent, env=env, code=1)
    assert done.stdout == ""
    assert done.stderr.index(f"asking m at {endpoint.host}") < done.stderr.index("checking whether m can judge")
    assert "m gave no second opinion" in done.stderr

"""`--sources`: documents that stay in a folder of their own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
WHO = "Who built the lighthouse of Marrow Point?"


@pytest.fixture
def notes(tmp_path: Path, workspace: Path) -> Path:
    """The documents of the workspace, moved out of it."""
    return (workspace / "seeds").rename(tmp_path / "notes")


def listing(folder: Path) -> list[tuple[Path, int]]:
    return sorted((path, path.stat().st_mtime_ns) for path in [folder, *folder.rglob("*")])


def test_questions_are_asked_over_another_folder_and_nothing_is_written_there(
    qa: Run, workspace: Path, notes: Path
) -> None:
    before = listing(notes)
    there = ("--root", str(workspace), "--sources", str(notes))
    done = qa("ask", "--quotes", *there, WHO, cwd=workspace)
    assert "notes/lighthouse.txt:3" in done.stdout
    assert "seeds/" not in done.stdout
    answer = qa("ask", "--quotes", "--json", *there, WHO, cwd=workspace).stdout
    assert json.loads(answer)["quotes"][0]["source"] == "lighthouse.txt"
    assert "notes/lighthouse.txt:3" in qa("verify", *there, cwd=workspace, stdin=answer.encode()).stdout
    assert "notes/lighthouse.txt" in qa("show", *there, "notes/lighthouse.txt:3", cwd=workspace).stdout
    assert listing(notes) == before


def test_a_workspace_is_made_around_a_folder_and_a_link_out_of_that_is_not_followed(
    qa: Run, tmp_path: Path, notes: Path
) -> None:
    (tmp_path / "secret.txt").write_text("The password of the harbour is xyzzy.\n", encoding="utf-8")
    (notes / "link.txt").symlink_to(tmp_path / "secret.txt")
    made = qa("init", "asking", "--sources", "notes", cwd=tmp_path)
    assert "qa --root asking ask" in made.stdout
    done = qa("index", "--root", "asking", cwd=tmp_path)
    assert "skipped   link.txt: a link out of the folder" in done.stdout
    assert "notes/lighthouse.txt:3" in qa("ask", "--quotes", "--root", "asking", WHO, cwd=tmp_path).stdout
    assert "exists already" in qa("init", "asking", "--sources", "notes", cwd=tmp_path, code=2).stderr
    inside = qa("init", "notes/asking", "--sources", "notes", cwd=tmp_path, code=2)
    assert "qa writes nothing among your documents" in inside.stderr
    assert not (notes / "asking" / "qa.toml").exists()


def test_templates_that_are_there_already_are_not_trusted_with_the_folder(qa: Run, tmp_path: Path, notes: Path) -> None:
    (tmp_path / "asking" / "prompts").mkdir(parents=True)
    (tmp_path / "asking" / "prompts" / "answer.j2").write_text("{{ question }}")
    made = qa("init", "asking", "--sources", "notes", cwd=tmp_path)
    assert "Review them, then run: qa trust" in made.stdout
    assert "sources in qa.toml ignored" in qa("status", "--root", "asking", cwd=tmp_path).stderr


def test_outside_of_a_workspace_it_says_how_to_make_one(qa: Run, tmp_path: Path) -> None:
    (tmp_path / "my notes" / "old").mkdir(parents=True)
    (line,) = qa("ask", WHO, "--sources", "my notes", cwd=tmp_path, code=1).stderr.splitlines()
    assert line.endswith("make one with: qa init --sources 'my notes'")
    for inside, sources in (("my notes", "."), ("my notes/old", "..")):
        (line,) = qa("ask", WHO, "--sources", sources, cwd=tmp_path / inside, code=1).stderr.splitlines()
        assert line.endswith(f"make one elsewhere with: qa init DIR --sources '{tmp_path / 'my notes'}'")
    (line,) = qa("search", "x", "--root", "nowhere", "--sources", "my notes", cwd=tmp_path, code=1).stderr.splitlines()
    assert "nowhere is not a folder" in line

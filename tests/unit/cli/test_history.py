"""The history of questions: for this user's eyes only, also in a folder that somebody else made."""

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from qa.cli.history import questions, remember
from qa.records import Answer
from qa.settings import Workspace, find

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")

QUESTION = "my private question"
NAME = "history.jsonl"
ANSWER = Answer(QUESTION, "abstained", "not_in_sources", "quotes", (), (), (), (), 0.0, None, None, {}, {}, {})


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "seeds").mkdir()
    return find(tmp_path)


def ask(workspace: Workspace) -> None:
    remember(workspace, ANSWER, ())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_it_is_kept_for_this_user_only(workspace: Workspace) -> None:
    ask(workspace)
    assert questions(workspace) == ([QUESTION], 0)
    assert (mode(workspace.private), mode(workspace.private / NAME)) == (0o700, 0o600)
    assert (workspace.private / ".gitignore").read_text() == "*\n"


def test_a_folder_that_came_along_is_made_private(workspace: Workspace) -> None:
    workspace.private.mkdir()
    (workspace.private / NAME).touch()
    (workspace.private / ".gitignore").write_text("!*\n")
    workspace.private.chmod(0o777)
    (workspace.private / NAME).chmod(0o666)
    ask(workspace)
    assert questions(workspace) == ([QUESTION], 0)
    assert (mode(workspace.private), mode(workspace.private / NAME)) == (0o700, 0o600)
    assert (workspace.private / ".gitignore").read_text() == "*\n"


def hard_link(workspace: Workspace) -> None:
    other = workspace.root / "read-me-too.jsonl"
    other.touch()
    workspace.private.mkdir()
    (workspace.private / NAME).hardlink_to(other)


def foreign_folder(workspace: Workspace) -> None:
    workspace.private.mkdir()


@pytest.mark.parametrize(
    ("make", "why"),
    [(hard_link, "it has a second name, a hard link; delete it"), (foreign_folder, "it belongs to another user")],
)
def test_what_somebody_else_can_read_takes_no_question(
    workspace: Workspace,
    make: Callable[[Workspace], None],
    why: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make(workspace)
    if make is foreign_folder:
        monkeypatch.setattr(os, "geteuid", lambda: workspace.root.stat().st_uid + 1)
    ask(workspace)
    assert why in capsys.readouterr().err
    assert not any(QUESTION in path.read_text() for path in workspace.root.rglob("*") if path.is_file())

"""A large new folder: what commands say while its index is being built, and after the build was interrupted."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from e2e.conftest import LIGHTHOUSE, Run

from qa.index import encode

WHO = "Who built the lighthouse of Marrow Point?"
UNFINISHED = "nly words can be searched: the index was not finished (0% done); run: qa index"
BUILDING = "nly words can be searched: the index is still being built (0% done)"


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory, qa: Run) -> Path:
    """A workspace whose first build was interrupted when the words were published. Not to be changed."""
    root = tmp_path_factory.mktemp("large") / "large"
    (root / "seeds").mkdir(parents=True)
    (root / "seeds" / "lighthouse.txt").write_text(LIGHTHOUSE, encoding="utf-8")
    for n in range(5):
        (root / "seeds" / f"n{n}.txt").write_text(f"Ticket {n}\n\nTicket number {n} costs {n + 10} crowns.\n")
    with ctrl_c_after_the_words():
        qa("index", cwd=root, code=130)
    shutil.rmtree(root / "index" / "partial")
    return root


@pytest.fixture
def large(tmp_path: Path, interrupted: Path) -> Path:
    return Path(shutil.copytree(interrupted, tmp_path / "large"))


@contextmanager
def ctrl_c_after_the_words() -> Iterator[None]:
    """Ctrl-C when two passages were encoded; the words are published after them."""
    whole, made = encode.parts.encode, []

    def until(encoder: Any, texts: Any) -> Any:
        if len(made) == 2:
            raise KeyboardInterrupt
        made.extend(texts)
        return whole(encoder, texts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encode, "CHUNK", 1)
        patch.setattr(encode, "LONG", -1.0)
        patch.setattr(encode.parts, "encode", until)
        yield


@contextmanager
def build_at_work(root: Path) -> Iterator[None]:
    from filelock import FileLock

    with FileLock(root / "index" / ".lock", is_singleton=False):
        yield


def test_ctrl_c_while_ask_builds_gets_an_answer_from_words(qa: Run, large: Path) -> None:
    shutil.rmtree(large / "index")
    with ctrl_c_after_the_words():
        done = qa("ask", WHO, cwd=large, code=3)
    assert "Words can be searched already; encoding the rest" in done.stderr
    assert "nly words can" not in done.stderr  # the answer says so
    assert "Only words can be searched: the index was not finished" in done.stdout
    assert "run: qa index. Closest:" in " ".join(done.stdout.split())
    assert "built in 1871 by Edith Lanning" in done.stdout


def test_ctrl_c_before_the_words_or_with_an_older_index_ends_the_command(qa: Run, workspace: Path) -> None:
    (workspace / "seeds" / "new.txt").write_text("The harbour was dredged.\n", encoding="utf-8")

    def pressed(*_: Any) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encode.parts, "encode", pressed)
        assert qa("ask", WHO, cwd=workspace, code=130).stdout == ""
        shutil.rmtree(workspace / "index")
        assert qa("ask", WHO, cwd=workspace, code=130).stdout == ""


def test_a_second_process_answers_from_words_while_the_first_one_builds(qa: Run, large: Path) -> None:
    with build_at_work(large):
        done = qa("ask", WHO, cwd=large, code=3)
        assert "O" + BUILDING + ". Closest:" in " ".join(done.stdout.split())
        assert "updating the index" not in done.stderr
        value = json.loads(qa("ask", "--json", WHO, cwd=large, code=3).stdout)
        assert (value["status"], value["reason"]) == ("abstained", "uncertain")
        assert value["index"]["unfinished"] == "o" + BUILDING
        assert value["closest"][0]["source"] == "lighthouse.txt"
        assert "o" + BUILDING in qa("status", cwd=large).stdout
    assert not (large / "index" / "partial").exists(), "nothing was encoded"


def test_commands_that_use_the_index_as_it_is_say_that_it_is_not_finished(qa: Run, large: Path) -> None:
    found = qa("search", WHO, cwd=large)
    assert "o" + UNFINISHED in found.stderr
    assert "Edith Lanning" in found.stdout
    status = qa("status", "--check", cwd=large).stdout
    assert "o" + UNFINISHED in status
    assert "whole: every file matches its checksum" in status
    assert "stale: the index is out of date: it was not finished" in status
    assert json.loads(qa("status", "--json", cwd=large).stdout)["index"]["unfinished"] == "o" + UNFINISHED
    done = qa("ask", "--no-build", WHO, cwd=large, code=3)
    assert "O" + UNFINISHED in " ".join(done.stdout.split())
    assert "nly words" not in done.stderr
    assert "Edith Lanning" in qa("show", "lighthouse.txt", cwd=large).stdout
    draft = large / "draft.md"
    draft.write_text('It "was built in 1871 by Edith Lanning" [lighthouse.txt].\n', encoding="utf-8")
    assert "line 1: found" in qa("verify", "draft.md", cwd=large).stdout


def test_no_gold_is_measured_with_words_alone(qa: Run, large: Path) -> None:
    case = f"- id: who\n  question: {WHO}\n  expect: answer\n  quotes:\n    - source: lighthouse.txt\n"
    (large / "gold.yaml").write_text(f"{case}      text: built in 1871 by Edith Lanning\n", encoding="utf-8")
    done = qa("gold", "run", "gold.yaml", "--no-build", cwd=large, code=None)
    assert done.returncode not in (0, 3)
    assert "nothing can be measured yet: o" + UNFINISHED in done.stderr


def test_nothing_is_compared_or_checked_with_words_alone(qa: Run, large: Path) -> None:
    (large / "standing.txt").write_text(f"{WHO}\n", encoding="utf-8")
    compared = qa("gold", "changes", "standing.txt", "--no-build", cwd=large, code=None)
    assert compared.returncode not in (0, 3)
    assert "nothing can be compared yet: o" + UNFINISHED in compared.stderr
    text = large / "text.txt"
    text.write_text("The lighthouse was built in 1871 by Edith Lanning.\n", encoding="utf-8")
    cited = qa("cite", "text.txt", "--no-build", cwd=large, code=None)
    assert cited.returncode not in (0, 3)
    assert "nothing can be checked yet: o" + UNFINISHED in cited.stderr


def test_the_next_build_completes_the_index(qa: Run, large: Path) -> None:
    done = qa("index", cwd=large)
    assert "rebuilt because it was not finished" in done.stdout
    assert "6 passages encoded" in done.stdout
    answered = qa("ask", WHO, cwd=large)
    assert "nly words" not in answered.stdout + answered.stderr
    assert "Edith Lanning" in answered.stdout
    status = qa("status", cwd=large).stdout
    assert "nly words" not in status
    assert "\n  fresh\n" in status

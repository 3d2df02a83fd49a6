"""Standing questions: what appeared, changed or was lost, and nothing else, since they were last asked."""

import json
from pathlib import Path
from typing import Any

import pytest

QUESTIONS = """\
- Who built the lighthouse of Marrow Point?
- id: price
  question: What does a ticket cost?
- When was the harbour of Elling closed?
- Who was the keeper?
"""


@pytest.fixture
def asked(workspace: Path, qa: Any) -> Path:
    """A workspace in which the questions have been asked once."""
    (workspace / "questions.yaml").write_text(QUESTIONS, encoding="utf-8")
    assert qa("gold", "changes", "questions.yaml", cwd=workspace).stdout == "4 questions: 4 asked for the first time.\n"
    return workspace


def edit(workspace: Path, name: str, old: str, new: str) -> None:
    path = workspace / "seeds" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def change_all(workspace: Path) -> None:
    edit(workspace, "travel/ferry.md", "14 crowns", "16 crowns")
    edit(workspace, "lighthouse.txt", "The lighthouse of Marrow Point was built in 1871 by Edith Lanning. ", "")
    (workspace / "seeds" / "elling.txt").write_text("The harbour of Elling was closed in 1999.\n", encoding="utf-8")


def test_what_appeared_changed_or_was_lost_is_shown_once(asked: Path, qa: Any) -> None:
    change_all(asked)
    out = qa("gold", "changes", "questions.yaml", "--check", "--json", cwd=asked, code=4).stdout
    record = json.loads(out)
    assert record["counts"] == {"appeared": 1, "changed": 1, "lost": 1}
    kinds = {change["id"]: change for change in record["changes"]}
    (pair,) = kinds["price"]["pairs"]
    assert (pair["state"], pair["old"]["date"], pair["new"]["date"]) == ("edited", "2024-05-01", "2024-05-01")
    assert [(s["old"], s["new"]) for s in pair["diff"] if s["kind"] != "same"] == [("14", "16")]
    lost = kinds["Who built the lighthouse of Marrow Point?"]
    assert (lost["kind"], lost["pairs"][0]["state"], lost["pairs"][0]["new"]) == ("lost", "gone", None)
    appeared = kinds["When was the harbour of Elling closed?"]
    assert (appeared["kind"], appeared["pairs"][0]["state"]) == ("appeared", "new")
    again = qa("gold", "changes", "questions.yaml", "--check", cwd=asked)
    assert again.stdout == "4 questions: no answer changed.\n"


def test_a_quote_that_only_moved_is_no_change(asked: Path, qa: Any) -> None:
    edit(asked, "travel/ferry.md", "# The ferry\n", "# The ferry\n\nThis page was checked last week.\n")
    (asked / "seeds" / "travel" / "ferry.md").rename(asked / "seeds" / "boats.md")
    assert "no answer changed" in qa("gold", "changes", "questions.yaml", "--check", cwd=asked).stdout


def test_a_question_in_other_words_is_asked_for_the_first_time(asked: Path, qa: Any) -> None:
    text = QUESTIONS.replace("What does a ticket cost?", "How much is a ticket?")
    (asked / "questions.yaml").write_text(text, encoding="utf-8")
    assert "1 asked for the first time" in qa("gold", "changes", "questions.yaml", "--check", cwd=asked).stdout


def test_a_baseline_is_compared_with_and_stays_as_it_is(asked: Path, qa: Any) -> None:
    qa("gold", "changes", "questions.yaml", "--save", "answers.json", cwd=asked)
    saved = (asked / "answers.json").read_bytes()
    change_all(asked)
    for _ in range(2):
        qa("gold", "changes", "questions.yaml", "--baseline", "answers.json", "--check", cwd=asked, code=4)
    assert (asked / "answers.json").read_bytes() == saved
    (asked / "answers.json").write_text('{"schema": 1}')
    error = qa("gold", "changes", "questions.yaml", "--baseline", "answers.json", cwd=asked, code=2).stderr
    assert "not answers as qa gold changes keeps them" in error


def test_the_reports_show_old_and_new_side_by_side_and_escape_documents(asked: Path, qa: Any) -> None:
    edit(asked, "travel/ferry.md", "14 crowns", "<b>16</b> crowns | *today*")
    reports = ("--markdown", "r.md", "--html", "r.html")
    out = qa("gold", "changes", "questions.yaml", *reports, cwd=asked).stdout
    assert "changed: What does a ticket cost?\n  The sentence was edited.\n  before | A ticket costs 14 crowns" in out
    page, text = ((asked / name).read_text(encoding="utf-8") for name in ("r.html", "r.md"))
    assert "<del>14</del>" in page
    assert "<b>16" not in page
    assert "&lt;" in page
    (row,) = [line for line in text.splitlines() if line.startswith("| A ticket")]
    assert "A ticket costs 14 crowns" in row
    assert r"\<b\>16\</b\> crowns \| \*today\*" in row
    assert "2024-05-01" in row


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("question: Who?\n", "q.yaml:1: not a list"),
        ("- 1\n- id: x\n", "q.yaml:2: neither a question nor an object with the key question"),
        ("- Who?\n- Who?\n", "'Who?' is there twice"),
        ("", "no questions"),
        ("- [", "broken YAML"),
    ],
)
def test_a_file_that_holds_no_questions_is_named_with_its_line(
    workspace: Path, qa: Any, content: str, problem: str
) -> None:
    (workspace / "q.yaml").write_text(content, encoding="utf-8")
    assert problem in qa("gold", "changes", "q.yaml", cwd=workspace, code=2).stderr


def test_a_text_has_a_question_on_each_line(workspace: Path, qa: Any) -> None:
    (workspace / "q.txt").write_text("# ours\n\nWho  won?\r\n  What does a ticket cost?\n", encoding="utf-8")
    assert "2 questions: 2 asked" in qa("gold", "changes", "q.txt", cwd=workspace).stdout
    asked = json.loads((workspace / ".qa" / "answers.json").read_text(encoding="utf-8"))["answers"]
    assert set(asked) == {"Who won?", "What does a ticket cost?"}
    (workspace / "q.txt").write_text(f"Who won?\n{'a ' * 1001}\n", encoding="utf-8")
    assert "q.txt:2: " in qa("gold", "changes", "q.txt", cwd=workspace, code=2).stderr


def test_a_gold_file_is_a_file_of_questions(workspace: Path, qa: Any) -> None:
    (workspace / "gold.yaml").write_text("- id: who\n  question: Who won?\n  expect: abstain\n", encoding="utf-8")
    assert "1 question: 1 asked" in qa("gold", "changes", "gold.yaml", cwd=workspace).stdout


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"start": ', '"start": "7'),
        ('"line": ', '"line": null, "_": '),
        ('"sha256": "', '"sha256": ["'),
        ('"before": "', '"before": 1, "_": "'),
        ('"answered"', '["answered"]'),
        ('"quotes": [', '"quotes": {}, "_": ['),
        ('"schema": 1', '"schema": NaN'),
        ('"answers": {', '"answers": [{'),
    ],
)
def test_a_damaged_file_of_answers_is_named(asked: Path, qa: Any, old: str, new: str) -> None:
    path = asked / ".qa" / "answers.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    damaged = json.dumps(record).replace(old, new)
    if new.endswith('"7'):
        damaged = damaged.replace('"7', '"7", "_": ')
    assert json.dumps(record) != damaged
    path.write_text(damaged, encoding="utf-8")
    done = qa("gold", "changes", "questions.yaml", "--baseline", ".qa/answers.json", cwd=asked, code=2)
    assert "answers.json: not answers as qa gold changes keeps them; delete it" in done.stderr


@pytest.mark.parametrize("signature", [None, b"", b"00" * 32, b"\xff", b"no"])
def test_kept_answers_of_somebody_else_are_not_believed(asked: Path, qa: Any, signature: bytes | None) -> None:
    path, beside = asked / ".qa" / "answers.json", asked / ".qa" / "answers.json.sig"
    if signature is None:
        path.write_bytes(path.read_bytes() + b" ")
    else:
        beside.write_bytes(signature)
    done = qa("gold", "changes", "questions.yaml", cwd=asked)
    assert "answers.json: not signed with your key" in done.stderr
    assert "not signed" not in qa("gold", "changes", "questions.yaml", cwd=asked).stderr


def test_answers_that_cannot_be_read_are_an_error(asked: Path, qa: Any) -> None:
    (asked / "folder.json").mkdir()
    error = qa("gold", "changes", "questions.yaml", "--baseline", "folder.json", cwd=asked, code=2).stderr
    assert "folder.json: cannot be read" in error

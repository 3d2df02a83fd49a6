"""`qa gold check`, `suggest` and `accept`, and the history of questions."""

import json
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
WHO = "Who built the lighthouse of Marrow Point?"
BUILT = "The lighthouse of Marrow Point was built in 1871 by Edith Lanning."
GOLD = f"""\
# Gold of the lighthouse.
- id: who   # the builder
  question: {WHO}
  expect: answer
  quotes:
    - source: lighthouse.txt
      text: {BUILT}
- id: lamp
  question: From how far is the lamp seen?
  expect: answer
  quotes:
    - source: lighthouse.txt
      text: Its lamp can be seen
        from nineteen miles away.   # the last sentence
    - source: travel/ferry.md
      text: A ticket costs 14 crowns
- id: keeper
  question: Did they sleep?
  expect: answer
  quotes:
    - source: lighthouse.txt
      text: “We never slept before the fog lifted,”
"""


@pytest.fixture
def gold(workspace: Path) -> Path:
    path = workspace / "gold.yaml"
    path.write_text(GOLD, "utf-8")
    return path


def edit(root: Path, old: str, new: str) -> None:
    path = root / "seeds" / "lighthouse.txt"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def states(qa: Run, gold: Path, code: int, *options: str) -> list[str]:
    value = json.loads(qa("gold", "check", "--json", *options, gold.name, cwd=gold.parent, code=code).stdout)
    assert value["schema"] == 1
    assert value["stands"] is (code == 0)
    assert sum(value["counts"].values()) == len(value["quotes"]) == 4
    return [quote["state"] for quote in value["quotes"]]


# --- check ------------------------------------------------------------------------------------------------------------


def test_gold_stands_as_long_as_nothing_changes(qa: Run, gold: Path) -> None:
    assert qa("gold", "check", gold.name, cwd=gold.parent).stdout == "4 quotes: 4 intact.\n"
    assert states(qa, gold, 0) == ["intact"] * 4
    assert qa("gold", "check", "--fix", gold.name, cwd=gold.parent).stdout == "4 quotes: 4 intact.\n"
    assert gold.read_text("utf-8") == GOLD


def test_the_documents_are_read_as_they_are_now_and_without_an_index(qa: Run, gold: Path) -> None:
    edit(gold.parent, "in 1871 by", "in 1874 by")
    done = qa("gold", "check", gold.name, cwd=gold.parent, code=3)
    assert done.stdout.splitlines()[:4] == [
        "gold.yaml:6 who: edited",
        f"    | {BUILT}",
        "    The lighthouse of Marrow Point was built in [-1871-]{+1874+} by Edith Lanning.",
        "    seeds/lighthouse.txt:3 (63-129), not certain, was seeds/lighthouse.txt",
    ]
    assert done.stdout.splitlines()[-1] == "4 quotes: 3 intact, 1 edited."
    assert done.stderr == ""
    for file in (gold.parent / "index").glob("*"):
        file.rename(gold.parent / file.name)
    assert states(qa, gold, 3) == ["edited", "intact", "intact", "intact"]


def test_fix_changes_what_is_beyond_doubt_and_nothing_else(qa: Run, gold: Path) -> None:
    edit(gold.parent, "“We never slept before the fog lifted,”", '"We never slept before the fog lifted,"')
    edit(gold.parent, "nineteen miles", "twenty miles")
    shown = qa("gold", "check", gold.name, cwd=gold.parent, code=3).stdout
    assert shown.splitlines()[-2:] == [
        "4 quotes: 3 intact, 1 edited.",
        "1 quote can be fixed. Run: qa gold check --fix gold.yaml",
    ]
    assert gold.read_text("utf-8") == GOLD
    shown = qa("gold", "check", "--fix", gold.name, cwd=gold.parent, code=3).stdout
    assert "gold.yaml:21 keeper: intact, fixed" in shown
    assert shown.splitlines()[-1] == "1 quote fixed."
    straight = "text: '\"We never slept before the fog lifted,\"'"
    assert gold.read_text("utf-8") == GOLD.replace("text: “We never slept before the fog lifted,”", straight)
    assert states(qa, gold, 3) == ["intact", "edited", "intact", "intact"]


def test_fix_follows_a_renamed_document(qa: Run, gold: Path) -> None:
    (gold.parent / "seeds" / "lighthouse.txt").rename(gold.parent / "seeds" / "tower.txt")
    assert states(qa, gold, 0) == ["moved", "moved", "intact", "moved"]
    assert (
        "was seeds/lighthouse.txt (no such document in seeds/)"
        in qa("gold", "check", gold.name, cwd=gold.parent).stdout
    )
    assert states(qa, gold, 0, "--fix") == ["moved", "moved", "intact", "moved"]
    assert gold.read_text("utf-8") == GOLD.replace("lighthouse.txt", "tower.txt")
    assert states(qa, gold, 0) == ["intact"] * 4


def test_what_does_not_stand_is_listed(qa: Run, gold: Path) -> None:
    edit(gold.parent, BUILT, f"{BUILT} {BUILT}")
    (gold.parent / "seeds" / "travel" / "ferry.md").unlink()
    before = gold.read_bytes()
    done = qa("gold", "check", "--fix", gold.name, cwd=gold.parent, code=3)
    assert "gold.yaml:6 who: duplicated" in done.stdout
    assert re.search(r"found in seeds/lighthouse.txt:3 \(63-129\)\n +found in seeds/lighthouse.txt:3", done.stdout)
    assert "was seeds/travel/ferry.md (no such document in seeds/)" in done.stdout
    assert done.stdout.splitlines()[-1] == "4 quotes: 2 intact, 1 duplicated, 1 gone."
    assert gold.read_bytes() == before


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("- id: lamp", "- id: who", "gold.yaml:8: duplicate id 'who', first used at gold.yaml:2"),
        ("expect: answer", "expct: answer", "gold.yaml:4: unknown key 'expct' in a case; did you mean 'expect'?"),
        ("question: Did they sleep?", "question: Did: they?", "gold.yaml:18: broken YAML: mapping values"),
        ("expect: answer", "expect: answer\n  all: [{regex: '('}]", "gold.yaml:5: the regular expression does not"),
        (
            "- id: lamp",
            "- id: lamp\n  review: todo",
            "gold.yaml:9: unknown key 'review' in a case; the cases of a review",
        ),
    ],
)
def test_a_gold_file_that_cannot_be_read(qa: Run, gold: Path, old: str, new: str, expected: str) -> None:
    gold.write_text(GOLD.replace(old, new, 1), "utf-8")
    before = gold.read_bytes()
    for command in (["check"], ["check", "--fix"]):
        done = qa("gold", *command, gold.name, cwd=gold.parent, code=2)
        assert any(line.startswith(f"qa: {expected}") for line in done.stderr.splitlines())
        assert done.stdout == ""
    done = qa("gold", "accept", "review.yaml", gold.name, cwd=gold.parent, code=2)
    assert "review.yaml: cannot be read" in done.stderr
    assert gold.read_bytes() == before


def test_files_that_are_not_there(qa: Run, workspace: Path) -> None:
    assert "no.yaml: cannot be read: No such file" in qa("gold", "check", "no.yaml", cwd=workspace, code=2).stderr
    done = qa("gold", "suggest", "no.txt", "--out", "r.yaml", cwd=workspace, code=2)
    assert "no.txt cannot be read: No such file" in done.stderr


# --- suggest and accept -----------------------------------------------------------------------------------------------


def test_from_questions_to_gold(qa: Run, workspace: Path) -> None:
    asked = f"# Asked today\n{WHO}\n\nwho BUILT the lighthouse of Marrow Point?\nWhich team won the football cup?\n"
    (workspace / "questions.txt").write_text(asked, "utf-8")
    done = qa("gold", "suggest", "questions.txt", "--out", "review.yaml", cwd=workspace)
    assert done.stdout.splitlines()[0] == "2 cases in review.yaml: 1 to answer, 1 to abstain."
    review = (workspace / "review.yaml").read_text("utf-8")
    assert f"      text: {BUILT}\n      before: " in review
    done = qa("gold", "suggest", "-", "--out", "review.yaml", cwd=workspace, stdin=asked.encode(), code=2)
    assert "review.yaml exists already" in done.stderr

    (workspace / "gold.yaml").write_text(GOLD, "utf-8")
    done = qa("gold", "accept", "review.yaml", "gold.yaml", cwd=workspace)
    assert done.stdout == "0 cases added to gold.yaml.\n0 rejected, 2 still to review in review.yaml.\n"
    assert (workspace / "review.yaml").read_text("utf-8") == review

    reviewed = review.replace("\n  review: todo", "\n  review: accept", 1)
    (workspace / "review.yaml").write_text(reviewed, "utf-8")
    done = qa("gold", "accept", "review.yaml", "gold.yaml", cwd=workspace)
    assert done.stdout == "1 case added to gold.yaml.\n0 rejected, 1 still to review in review.yaml.\n"
    text = (workspace / "gold.yaml").read_text("utf-8")
    assert text.startswith(
        f"{GOLD}\n- id: who-built-the-lighthouse-of-marrow-point\n  question: {WHO}\n  expect: answer\n"
    )
    assert "#?" not in text
    assert qa("gold", "check", "gold.yaml", cwd=workspace).stdout == "5 quotes: 5 intact.\n"

    (workspace / "review.yaml").write_text(reviewed, "utf-8")  # as if the second write had not come to pass
    done = qa("gold", "accept", "review.yaml", "gold.yaml", cwd=workspace)
    assert done.stdout.startswith("0 cases added to gold.yaml (1 there already).\n")
    assert (workspace / "gold.yaml").read_text("utf-8") == text


def test_a_quote_in_no_source_is_refused_and_nothing_is_written(qa: Run, workspace: Path) -> None:
    review = GOLD.replace("- id: who   # the builder", "- id: who\n  review: accept").replace("1871", "1872")
    review = review.replace("- id: lamp", "- id: lamp\n  review: todo").replace(
        "- id: keeper", "- id: keeper\n  review: reject"
    )
    (workspace / "review.yaml").write_text(review, "utf-8")
    done = qa("gold", "accept", "review.yaml", "gold.yaml", cwd=workspace, code=2)
    (line,) = done.stderr.splitlines()
    assert line.startswith("qa: review.yaml:7: this quote is not in seeds/lighthouse.txt; the nearest passage is ")
    assert (workspace / "review.yaml").read_text("utf-8") == review
    assert not (workspace / "gold.yaml").exists()
    done = qa("gold", "accept", "review.yaml", "review.yaml", cwd=workspace, code=2)
    assert "cannot be both" in done.stderr


def test_questions_that_cannot_be_asked(qa: Run, workspace: Path) -> None:
    for stdin, words in ((b"# none\n", "no questions in standard input"), (b"\xff", "standard input is not UTF-8")):
        assert words in qa("gold", "suggest", "-", "--out", "r.yaml", cwd=workspace, stdin=stdin, code=2).stderr
    long = b"Who?\n" + b"word " * 3000
    done = qa("gold", "suggest", "-", "--out", "r.yaml", cwd=workspace, stdin=long, code=2)
    assert "standard input:2: the question has 3,000 words" in done.stderr
    for arguments in ([], ["q.txt", "--from-history"]):
        done = qa("gold", "suggest", *arguments, "--out", "r.yaml", cwd=workspace, code=2)
        assert "name either a file of questions" in done.stderr
    assert not (workspace / "r.yaml").exists()


# --- The history ------------------------------------------------------------------------------------------------------


def history(root: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (root / ".qa" / "history.jsonl").read_text("utf-8").splitlines()]


def test_no_question_is_kept_unless_the_user_asked_for_it(qa: Run, workspace: Path) -> None:
    qa("ask", "--quotes", WHO, cwd=workspace)
    assert not (workspace / ".qa").exists()
    (workspace / "qa.toml").write_text("history = true\n", "utf-8")
    done = qa("ask", "--quotes", WHO, cwd=workspace)  # a folder does not switch it on by itself
    assert "history in qa.toml ignored: this workspace is not trusted" in done.stderr
    assert not (workspace / ".qa").exists()
    done = qa("gold", "suggest", "--from-history", "--out", "r.yaml", cwd=workspace, code=2)
    assert "there is no history in" in done.stderr
    assert "history = true" in qa("trust", cwd=workspace).stdout
    qa("ask", "--quotes", WHO, cwd=workspace)
    assert [line["question"] for line in history(workspace)] == [WHO]


def test_questions_are_kept_and_become_cases(qa: Run, workspace: Path) -> None:
    on = {"QA_HISTORY": "1"}
    plain = qa("ask", "--quotes", WHO, cwd=workspace)
    assert qa("ask", "--quotes", WHO, cwd=workspace, env=on).stdout == plain.stdout
    qa("ask", "--quotes", "Which team won the\nfootball cup?", cwd=workspace, env=on, code=3)
    qa("ask", "--quotes", "--where", "path=travel/*", "What does a ticket cost?", cwd=workspace, env=on, code=None)
    kept = history(workspace)
    assert [(line["question"], line["status"], line["where"]) for line in kept][:2] == [
        (WHO, "answered", []),
        ("Which team won the\nfootball cup?", "abstained", []),
    ]
    assert kept[2]["where"] == ["path=travel/*"]
    if os.name == "posix":
        assert stat.S_IMODE((workspace / ".qa" / "history.jsonl").stat().st_mode) == 0o600
    assert (workspace / ".qa" / ".gitignore").read_text("utf-8") == "*\n"
    done = qa("gold", "suggest", "--from-history", "--out", "review.yaml", cwd=workspace)
    assert done.stdout.startswith("2 cases in review.yaml: 1 to answer, 1 to abstain.\n")
    assert "1 question left out because of --where" in done.stderr
    with (workspace / ".qa" / "history.jsonl").open("a", encoding="utf-8") as file:
        file.write("{broken\n")
    done = qa("gold", "suggest", "--from-history", "--out", "r.yaml", cwd=workspace, code=2)
    assert "history.jsonl:4: not as qa ask writes it" in done.stderr


def test_a_history_that_cannot_be_written_breaks_no_answer(qa: Run, workspace: Path, tmp_path: Path) -> None:
    plain = qa("ask", "--quotes", WHO, cwd=workspace)
    (tmp_path / "elsewhere").mkdir()
    for target in (None, tmp_path / "elsewhere"):
        if target:
            (workspace / ".qa").symlink_to(target)
        else:
            (workspace / ".qa").write_text("a file")
        done = qa("ask", "--quotes", WHO, cwd=workspace, env={"QA_HISTORY": "1"})
        assert done.stdout == plain.stdout
        assert "the question was not added to the history: " in done.stderr
        (workspace / ".qa").unlink()
    assert list((tmp_path / "elsewhere").iterdir()) == []

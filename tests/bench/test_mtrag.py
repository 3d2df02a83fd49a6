"""The benchmark of MTRAG reads its files, and counts what it says that it counts."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import qa
from qa.testing import HashEncoder

BENCH = Path(__file__).resolve().parents[2] / "bench"
PASSAGE = "In winter the ferry leaves once\na day."


@pytest.fixture
def mtrag(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCH))
    spec = importlib.util.spec_from_file_location("bench_mtrag", BENCH / "mtrag.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


def said(*questions: str) -> list[dict[str, str]]:
    """What was said, the answers between the questions too."""
    turns = [{"speaker": who, "text": text} for text in questions for who in ("user", "agent")]
    return turns[:-1]


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def test_tasks_are_read_with_their_passages_and_rewrites(mtrag: ModuleType, tmp_path: Path) -> None:
    common = {"task_id": "c1<::>2", "input": said("How often does the ferry leave?", "And in winter?")}
    un: dict[str, Any] = common | {"answerability": ["UNANSWERABLE"], "contexts": []}
    row = common | {"Answerability": ["PARTIAL"], "contexts": [{"document_id": "d1"}]}
    write(tmp_path / mtrag.UN, json.dumps(un) + "\n")
    write(tmp_path / mtrag.MTRAG, json.dumps({"documents": [{"document_id": "d1", "text": PASSAGE}], "tasks": [row]}))
    rewrite = {"_id": "c1<::>2", "text": "|user|: How often does the ferry leave in winter?"}
    write(tmp_path / "mtrag-human/retrieval_tasks/sea/sea_rewrite.jsonl", json.dumps(rewrite) + "\n")
    questions = ("How often does the ferry leave?", "And in winter?")
    assert mtrag.unanswerable_tasks(tmp_path) == [mtrag.Task("c1", "UNANSWERABLE", questions, ())]
    assert mtrag.rewritten_tasks(tmp_path) == [
        mtrag.Task("c1", "PARTIAL", questions, (PASSAGE,), "How often does the ferry leave in winter?")
    ]


def test_an_answer_is_right_where_a_passage_has_its_quote(mtrag: ModuleType, tmp_path: Path) -> None:
    write(tmp_path / "seeds" / "ferry.txt", PASSAGE + "\n")
    with qa.Retriever.build(tmp_path / "seeds", tmp_path / "index", encoder=HashEncoder()) as retriever:
        answer = qa.Assistant(retriever, threshold=0.0).ask("How often does the ferry leave in winter?")
        silent = qa.Assistant(retriever, threshold=1.1).ask("How often does the ferry leave in winter?")
    right, wrong, unsaid = (mtrag.Task("c", "", ("q",), texts) for texts in ((PASSAGE,), ("In summer it does.",), ()))
    assert [one.outcome(answer) for one in (right, wrong, unsaid)] == ["right", "wrong", "wrong"]
    assert {one.outcome(silent) for one in (right, wrong, unsaid)} == {"refused"}


def test_a_sample_has_only_follow_ups_and_depends_on_its_seed_alone(mtrag: ModuleType) -> None:
    tasks = [mtrag.Task(str(n), "ANSWERABLE", ("q",) * (1 + n % 2), ()) for n in range(100)]
    chosen = mtrag.sample(tasks, 10, seed=3)
    assert len(chosen) == 10
    assert all(len(one.questions) == 2 for one in chosen)
    assert mtrag.sample(tasks, 10, seed=3) == chosen != mtrag.sample(tasks, 10, seed=4)
    assert len(mtrag.sample(tasks, 0, seed=3)) == 50


def test_the_report_counts_by_kind_and_compares(mtrag: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    said, unsaid = mtrag.Task("a", "PARTIAL", ("q", "r"), ("p",), "s"), mtrag.Task("b", "UNANSWERABLE", ("q", "r"), ())
    found = [
        (said, {"history": "right", "alone": "refused", "rewrite": "right"}),
        (said, {"history": "wrong", "alone": "wrong", "rewrite": "right"}),
        (unsaid, {"history": "wrong", "alone": "refused"}),
    ]
    mtrag.report("MTRAG", found)
    assert capsys.readouterr().out.splitlines()[1:] == [
        "MTRAG: 3 follow-ups, of them right / wrong / refused",
        "answerable         2  history 1 / 1 / 0  alone 0 / 1 / 1  rewrite 2 / 0 / 0",
        "unanswerable       1  history 0 / 1 / 0  alone 0 / 0 / 1",
        "50.0% of what the rewrite gets, over 2 turns",
        "against the question alone: 1 better, 1 worse of 3 (33.3%)",
    ]


def test_without_its_files_it_says_what_is_missing(
    mtrag: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["mtrag.py", str(tmp_path)])
    mtrag.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["skipped MTRAG-UN", "skipped MTRAG"]
    assert all("clone https://github.com/IBM/mt-rag-benchmark" in line for line in lines)

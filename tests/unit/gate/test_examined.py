"""Exam results are kept in the user's data folder, one for each model, endpoint and exam."""

import json
import time
from pathlib import Path

import pytest
from platformdirs import user_data_path

from qa.gate import examined
from qa.gate.exam import ExamResult, describe


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return user_data_path("qa", appauthor=False)


def test_a_result_is_known_for_its_model_endpoint_and_exam_only() -> None:
    examined.save("m", "http://a", "exam", ExamResult(0.95, 0.5, 8))
    found = examined.load("m", "http://a", "exam")
    assert found == ExamResult(0.95, 0.5)
    assert (found.may_judge, found.may_refuse) == (True, False)
    for other in (("n", "http://a", "exam"), ("m", "http://b", "exam"), ("m", "http://a", "other")):
        assert examined.load(*other) is None
    examined.save("n", "http://a", "exam", ExamResult(0.5, None, 2))
    assert examined.load("m", "http://a", "exam") == found


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "[" * 100_000])
def test_a_damaged_file_counts_as_no_result_and_is_replaced(folder: Path, text: str) -> None:
    folder.mkdir(parents=True)
    (folder / "exams.json").write_text(text)
    assert examined.load("m", "", "exam") is None
    examined.save("m", "", "exam", ExamResult(1.0, 1.0, 8))
    assert examined.load("m", "", "exam") == ExamResult(1.0, 1.0)


@pytest.mark.parametrize(("days", "counts"), [(0, True), (89, True), (91, False), (-1, False)])
def test_a_result_expires(monkeypatch: pytest.MonkeyPatch, days: int, counts: bool) -> None:
    """Another model may be put behind the same address; a clock that was set back makes nothing last longer."""
    examined.save("m", "", "exam", ExamResult(1.0, 1.0, 8))
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + days * 86_400)
    assert (examined.load("m", "", "exam") is not None) == counts


@pytest.mark.parametrize("taken", [None, "2026-01-01", True, 1e9, 10**400])
def test_a_result_without_a_readable_date_is_none(folder: Path, taken: object) -> None:
    examined.save("m", "", "exam", ExamResult(1.0, 1.0, 8))
    path = folder / "exams.json"
    records = json.loads(path.read_text())
    for record in records.values():
        record["taken"] = taken
    path.write_text(json.dumps(records))
    assert examined.load("m", "", "exam") is None


def test_a_folder_that_cannot_be_written_keeps_nothing(folder: Path) -> None:
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("a file in the place of the folder")
    examined.save("m", "", "exam", ExamResult(1.0, 1.0, 8))
    assert examined.load("m", "", "exam") is None


def test_the_result_is_told_in_a_sentence() -> None:
    assert describe("m", ExamResult(0.5)).startswith("m gives no second opinions")
    assert "its 'the sources do not say' is final" in describe("m", ExamResult(1.0, 1.0))
    assert "weighed" in describe("m", ExamResult(1.0, 0.5))

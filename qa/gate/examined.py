"""Exam results, kept in the user's data folder for some time, so that a model seldom takes the exam."""

import hashlib
import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from qa import files
from qa.gate.exam import ExamResult

__all__ = ["load", "save"]

DAYS = 90  # then another model may well answer at the same address


def load(model: str, endpoint: str, exam: str) -> ExamResult | None:
    """The result of this model behind this endpoint in the exam of this identity; None if there is none to read, or an
    old one.
    """
    record = _records().get(_key(model, endpoint, exam))
    if not isinstance(record, dict):
        return None
    taken = record.get("taken")
    if type(taken) is not int or not 0 <= int(time.time()) - taken < DAYS * 86_400:
        return None
    score = {name: record.get(name) for name in ("pairs", "questions")}
    if not all(value is None or type(value) in (int, float) for value in score.values()):
        return None
    return ExamResult(score["pairs"], score["questions"])


def save(model: str, endpoint: str, exam: str, result: ExamResult) -> None:
    """Keep a result. A folder that cannot be written to keeps none: the exam is taken again."""
    records = _records() | {_key(model, endpoint, exam): {"model": model, "taken": int(time.time()), **asdict(result)}}
    path = _path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write(path, json.dumps(records, indent=1, sort_keys=True).encode())
    except OSError:
        return


def _key(model: str, endpoint: str, exam: str) -> str:
    return hashlib.sha256("\0".join((model, endpoint, exam)).encode("utf-8", "surrogateescape")).hexdigest()


def _path() -> Path:
    from platformdirs import user_data_path

    return user_data_path("qa", appauthor=False) / "exams.json"


def _records() -> dict[str, Any]:
    try:
        records = json.loads(files.read_named(_path(), files.MEDIUM).decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return records if isinstance(records, dict) else {}

"""Files behind an index are read again, in a child process: they have the last word."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from qa.gold.files.documents import Documents
from qa.ingest import readers
from qa.quotes import verification
from qa.quotes.anchors import Corpus
from qa.quotes.current import CurrentTexts
from qa.records import BuildSettings

OLD, NEW = "The harbour was opened in 1904.\n", "The harbour was opened in 1905.\n"


@pytest.fixture(autouse=True)
def no_parser_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **options: Any) -> None:
        raise AssertionError("a document was parsed in this process")

    monkeypatch.setattr(readers, "read", refuse)


def texts(folder: Path, notices: list[str]) -> CurrentTexts:
    hashes = {name: hashlib.sha256(OLD.encode()).hexdigest() for name in ("a.txt", "b.txt", "gone.txt", "c.docx")}
    return CurrentTexts(Corpus(dict.fromkeys(hashes, OLD), hashes), folder, notices.append)


def test_a_changed_file_is_read_in_a_child_process(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(NEW)
    (tmp_path / "b.txt").write_text(OLD)
    (tmp_path / "c.docx").write_text("no Word file")
    notices: list[str] = []
    found = texts(tmp_path, notices)
    assert found.reread(found) is True
    assert (found["a.txt"], found["b.txt"], found["c.docx"], found["gone.txt"]) == (NEW, OLD, OLD, OLD)
    assert [("differs" in line, "cannot be read" in line) for line in notices] == [(True, False), (False, True)]
    assert found.reread(found) is False


def test_a_file_with_the_indexed_bytes_is_read_too_because_the_index_may_hold_another_text(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text(OLD)
    hashes = {"b.txt": hashlib.sha256(OLD.encode()).hexdigest()}
    found = CurrentTexts(Corpus({"b.txt": NEW}, hashes), tmp_path, [].append)
    assert found.reread(["b.txt"]) is True
    assert found["b.txt"] == OLD


def test_the_documents_of_gold_files_are_read_in_a_child_process(tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / f"{number}.txt").write_text(f"The number is {number}.\n")
    documents = Documents(tmp_path, BuildSettings())
    assert dict(documents) == {f"{number}.txt": f"The number is {number}.\n" for number in range(9)}


def test_a_stored_answer_without_quotes_is_an_answer() -> None:
    stored = json.dumps({"schema": 1, "quotes": []})
    assert verification.claims(stored, required=False) == verification.Claims("answer", stored=stored)
    assert verification.claims("Nothing is quoted.", required=False) == verification.Claims(
        "text", draft="Nothing is quoted."
    )

"""What version 0.1.0 saved, one file for each format that it read: receipts verify, gold files load, runs compare.

tests/data/saved-by-0.1.0 holds its documents and what it wrote about them. Later versions read some of these documents
in another way: hyphens at line ends are undone, and cells are set apart by bars.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
SAVED = Path(__file__).parents[1] / "data/saved-by-0.1.0"
ANSWERS = sorted(SAVED.glob("answer-*.json"))


@pytest.fixture(scope="module")
def folder(qa: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documents, indexed by this version."""
    root = tmp_path_factory.mktemp("saved") / "harbour"
    shutil.copytree(SAVED / "seeds", root / "seeds")
    shutil.copy(SAVED / "gold.yaml", root)
    qa("index", cwd=root)
    return root


def test_there_is_a_receipt_for_each_format() -> None:
    sources = {Path(quote["source"]).suffix for path in ANSWERS for quote in json.loads(path.read_text())["quotes"]}
    assert sources == {".txt", ".md", ".html", ".pdf", ".docx"}


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: path.stem)
def test_a_receipt_verifies(qa: Run, folder: Path, path: Path) -> None:
    value = json.loads(qa("verify", "--json", str(path), cwd=folder).stdout)
    assert value["stands"] is True
    for quote in value["quotes"]:
        assert quote["place"]["source"] == quote["source"]
        assert quote["state"] in ("intact", "moved")


def test_quotes_that_are_read_in_another_way_are_found_by_their_words(qa: Run, folder: Path) -> None:
    (quote,) = json.loads(qa("verify", "--json", str(SAVED / "answer-pdf.json"), cwd=folder).stdout)["quotes"]
    assert (quote["state"], quote["style_only"]) == ("moved", True)
    assert [step["new"] for step in quote["diff"] if step["kind"] != "same"] == ["reimbursement"]


def test_a_receipt_with_another_number_does_not_verify(qa: Run, folder: Path) -> None:
    told = (SAVED / "answer-pdf.json").read_text(encoding="utf-8").replace("sixty days", "ninety days")
    assert json.loads(qa("verify", "--json", "-", cwd=folder, stdin=told.encode(), code=3).stdout)["stands"] is False


def test_a_gold_file_loads_and_its_quotes_stand(qa: Run, folder: Path) -> None:
    value = json.loads(qa("gold", "check", "--json", "gold.yaml", cwd=folder).stdout)
    assert [quote["state"] for quote in value["quotes"]] == ["intact"] * 5


def test_a_saved_run_compares(qa: Run, folder: Path) -> None:
    done = qa("gold", "run", "gold.yaml", "--quotes", "--baseline", str(SAVED / "run.json"), cwd=folder)
    assert "no case got worse" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("PASS  5 of 5 cases pass")

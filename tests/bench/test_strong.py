"""What a strong model said over two invented folders, with today's retrieval, prompt and support check."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

import qa

BENCH = Path(__file__).resolve().parents[2] / "bench"
NAMES = ("harbour", "clinic")


@pytest.fixture(scope="module")
def strong() -> ModuleType:
    if str(BENCH) not in sys.path:
        sys.path.append(str(BENCH))
    return importlib.import_module("strong")


@pytest.fixture(scope="module", params=NAMES)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, qa.Retriever]:
    name = request.param
    return name, qa.Retriever.build(BENCH / "strong" / name, tmp_path_factory.mktemp(name) / "index")


def test_with_second_opinions_right_statements_are_shown_and_near_misses_refused(
    strong: ModuleType, folder: tuple[str, qa.Retriever]
) -> None:
    counts = strong.measure(*folder, judged=True, errors=False)
    assert counts["abstained unanswerable"] == counts["asked unanswerable"] == 17
    assert counts["supported but wrong"] == 0
    assert counts["right supported answerable"] >= 22  # of 27; the model was right about 25 of each
    assert counts["right supported two-part"] >= 4  # of 6
    assert counts["good unsupported"] <= 2
    assert counts["lost"] <= 2
    assert counts["no opinion"] == 0


def test_without_a_judge_little_is_confirmed_and_next_to_nothing_right_is_called_unsupported(
    strong: ModuleType, folder: tuple[str, qa.Retriever]
) -> None:
    counts = strong.measure(*folder, judged=False, errors=False)
    assert counts["supported but wrong"] == 0
    assert counts["good unsupported"] <= 1
    assert (
        counts["right answerable"] >= 7
    )  # of 27: only exact copies are confirmed, and the estimate decides on the rest
    assert counts["abstained unanswerable"] >= 8


@pytest.mark.parametrize("name", ["clinic", "handbook", "harbour", "novel", "peps", "sitepolicy"])
def test_every_statement_is_graded_and_points_somewhere(strong: ModuleType, name: str) -> None:
    lines = strong.load(name)
    assert len(lines) == 50
    for line in lines:
        assert len(line["said"]) == len(line.get("grades", ())), line["id"]
        assert all(said["places"] for said in line["said"]), line["id"]
        assert bool(line["gold"]) == (line["kind"] != "unanswerable"), line["id"]


def test_the_places_of_answers_are_in_the_folders(strong: ModuleType, folder: tuple[str, qa.Retriever]) -> None:
    name, retriever = folder
    for line in strong.load(name):
        for gold in line["gold"]:
            assert retriever.document(gold["file"]).text[gold["start"] : gold["end"]].strip(), line["id"]

"""The committed baselines of the sample gold set belong to it and keep the promises; `make gold` compares with them."""

from pathlib import Path

import pytest

from qa.gold.files.cases import load
from qa.gold.results import Run
from qa.gold.results import load as load_run
from qa.gold.verdict.score import case_sha256
from qa.llm.recorded import Store

HERE = Path(__file__).parent
MODES = ["quotes", "replay"]


@pytest.fixture(params=MODES)
def baseline(request: pytest.FixtureRequest) -> Run:
    """A committed run."""
    return load_run(HERE / "baselines" / f"{request.param}.json")


def test_a_baseline_has_measured_every_case_as_it_stands_today(baseline: Run) -> None:
    cases = {case.id: case_sha256(case) for case in load(HERE / "seeds.yaml")}
    assert {result.id: result.case_sha256 for result in baseline.results} == cases
    assert {result.outcome for result in baseline.results} == {"pass", "fail"}


def test_every_quote_is_verbatim_and_critical_cases_come_out_right(baseline: Run) -> None:
    quotes = [quote for result in baseline.results for quote in result.observed.quotes]
    assert len(quotes) > 50
    assert all(quote.verbatim for quote in quotes)
    critical = [result for result in baseline.results if result.severity == "critical"]
    assert len(critical) >= 5
    assert [result.id for result in critical if result.outcome != "pass"] == []


def test_the_recorded_answers_are_whole_and_of_one_model() -> None:
    store = Store(HERE / "replay")
    store.check()
    assert store.only_model() == load_run(HERE / "baselines" / "replay.json").model

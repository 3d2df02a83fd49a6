"""A run as a file: what is saved is what is read, and nothing else is read as a run."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qa.errors import GoldError
from qa.gold.results import Claimed, GoldFound, Observation, Result, Run, Shown, load, save
from qa.quotes.anchors import Place
from qa.records import Statement

PLACE = Place("a.txt", 4, 9)
SEEN = Observation(
    status="answered",
    mode="llm",
    model="m-1",
    statements=(Statement("It “is”.", (1,)), Statement("No.", (), "unsupported", ("It points at no sentence.",))),
    rejected=(Statement("Moon", (), "unsupported", ("No.",)),),
    quotes=(Shown(1, PLACE, "is\nso", 2, "It ", " yes"),),
    hits=(PLACE, Place("b.txt", 0, 3)),
    context=(PLACE,),
    claims=(Claimed("It is.", (PLACE,)),),
    answerability=0.25,
    prompt_sha256="ab",
    usage={"prompt_tokens": 3},
    timings_ms={"total": 1.5},
)
FOUND = GoldFound("a.txt", "is so", 0, "moved", PLACE, "It ", " yes", 2, True, 1, True, False, True)
LOST = GoldFound("c.txt", "gone", 1, "missing")
RESULT = Result(
    id="one",
    fact="one",
    question="Is it?",
    expect="answer",
    severity="critical",
    tags=("single",),
    file="gold.yaml",
    line=3,
    case_sha256="cd",
    outcome="fail",
    problems=("no answer",),
    gold=(FOUND, LOST),
    observed=SEEN,
    measures={"recall@5": 0.5},
    passes=1,
    runs=3,
    fingerprint="ef",
)
RUN = Run(
    version="0.1.0",
    mode="live",
    model="m",
    settings={"k": 5, "strict": False, "threshold": 0.5},
    index={"model": "e", "fingerprint": "f"},
    documents={"a.txt": "12"},
    templates={"answer.j2": "34"},
    gold_files=("gold.yaml",),
    results=(RESULT,),
)


def test_a_run_is_read_as_it_was_saved(tmp_path: Path) -> None:
    save(RUN, tmp_path / "run.json")
    assert load(tmp_path / "run.json") == RUN
    save(load(tmp_path / "run.json"), tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "run.json").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again.json", "run.json"]


def test_the_text_that_is_judged_is_that_of_the_supported_statements() -> None:
    assert SEEN.text == "It “is”."


def change(edit: Callable[[dict[str, Any]], object]) -> Callable[[str], str]:
    def changed(text: str) -> str:
        value = json.loads(text)
        edit(value)
        return json.dumps(value)

    return changed


BROKEN: dict[str, tuple[Callable[[str], str], str]] = {
    "cut off": (lambda text: text[:200], r"run\.json:\d+: not valid JSON"),
    "empty": (lambda text: "", r"run\.json:1: not valid JSON"),
    "another JSON": (lambda text: '{"cases": []}', "not a saved run; make one with: qa gold run FILES --save"),
    "a list": (lambda text: "[]", "not a saved run"),
    "nested": (lambda text: "[" * 100_000, "not a saved run"),
    "newer": (change(lambda v: v.update(schema=2)), "has schema 2, but this qa reads 1"),
    "no results": (change(lambda v: v.pop("results")), "damaged"),
    "results is text": (change(lambda v: v.update(results="x")), "damaged"),
    "unknown field": (change(lambda v: v.update(more=1)), "damaged"),
    "unknown mode": (change(lambda v: v.update(mode="guess")), "damaged"),
    "no index": (change(lambda v: v.update(index=None)), "damaged"),
    "no templates": (change(lambda v: v.update(templates=None)), "damaged: .*templates of Run"),
    "documents of numbers": (change(lambda v: v.update(documents={"a.txt": 1})), "damaged: .*documents of Run"),
    "model is a list": (change(lambda v: v.update(model=["m"])), "damaged: .*model of Run"),
    "no measures": (change(lambda v: v["results"][0].update(measures=None)), "damaged: .*measures of Result"),
    "measures of texts": (
        change(lambda v: v["results"][0].update(measures={"recall@5": "all"})),
        "damaged: .*measures of Result",
    ),
    "not a number": (change(lambda v: v["results"][0].update(measures={"rr@5": float("nan")})), "damaged: .*measures"),
    "beyond floats": (change(lambda v: v["results"][0].update(measures={"rr@5": 10**400})), "damaged: OverflowError"),
    "many digits": (lambda text: text.replace("0.25", "9" * 5000), "not a saved run"),
    "a place in words": (change(lambda v: v["results"][0]["observed"]["hits"][0].update(end="x")), "damaged: .*Place"),
    "a tag is a number": (change(lambda v: v["results"][0].update(tags=[1])), "damaged: .*tags of Result"),
    "unknown outcome": (change(lambda v: v["results"][0].update(outcome="won")), "damaged"),
    "no observation": (change(lambda v: v["results"][0].pop("observed")), "damaged"),
    "unknown observation": (change(lambda v: v["results"][0]["observed"].update(mood="good")), "damaged"),
    "a place without end": (change(lambda v: v["results"][0]["observed"]["hits"][0].pop("end")), "damaged"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_no_run_is_an_error_that_names_the_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "run.json"
    save(RUN, path)
    break_it, message = BROKEN[kind]
    path.write_text(break_it(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(GoldError, match=message) as error:
        load(path)
    assert str(path) in str(error.value)


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match="No such file"):
        load(tmp_path / "none.json")
    (tmp_path / "latin.json").write_bytes(b'{"a": "\xe9"}')
    with pytest.raises(GoldError, match="not UTF-8"):
        load(tmp_path / "latin.json")

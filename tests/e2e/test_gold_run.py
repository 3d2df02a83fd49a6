"""`qa gold run` and `qa gold compare`: quotes only, live, recorded and replayed, against a baseline."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from qa.gate import exam, examined
from qa.gold import results
from qa.trust import packaged_prompt

Run = Callable[..., Any]
GOLD = """\
- id: builder
  question: Who built the lighthouse of Marrow Point?
  expect: answer
  severity: critical
  tags: [lighthouse]
  all:
    - words: Edith Lanning
  quotes:
    - source: lighthouse.txt
      text: was built in 1871 by Edith Lanning

- id: ticket
  question: What does a ticket of the ferry cost?
  expect: answer
  tags: [ferry]
  all:
    - number: 14
  quotes:
    - source: travel/ferry.md
      text: A ticket costs 14 crowns

- id: football
  question: Who won the football match yesterday?
  expect: abstain
  tags: [far]
"""
SAID = {"Who built": ("1871", "Edith Lanning built it in 1871."), "ticket": ("14 crowns", "A ticket costs 14 crowns.")}


@pytest.fixture
def gold(workspace: Path) -> Path:
    """A workspace with a gold file of three cases that pass quotes-only."""
    (workspace / "gold.yaml").write_text(GOLD, encoding="utf-8")
    return workspace


@pytest.fixture
def env(endpoint: Any) -> dict[str, str]:
    """The scripted endpoint as the user's own setting, and not in CI."""
    url = {"OPENAI_BASE_URL": endpoint.base_url, "OPENAI_API_KEY": "sk-not-to-be-kept", "QA_MODEL": "m"}
    return {**url, "QA_DEADLINE": "20", "QA_FLOOR": "0", "CI": ""}


def knowing(endpoint: Any, said: dict[str, tuple[str, str]] = SAID) -> Callable[[Any, Any], None]:
    """A step that answers what it knows, pointing at the sentence that holds the words; to all else, nothing."""

    def step(handler: Any, body: dict[str, Any]) -> None:
        shown = "\n".join(message["content"] for message in body["messages"])
        question = shown.rpartition("Question: ")[2]
        made = []
        for asked, (words, statement) in said.items():
            if asked in question:
                ids = [name for name, text in re.findall(r"^\[(s\d+)\] (.*)$", shown, re.M) if words in text]
                made.append({"evidence": ids[:1], "text": statement})
        endpoint.answer(json.dumps({"statements": made}))(handler, body)

    return step


def forget(workspace: Path, old: str, new: str = "") -> None:
    """Edit the documents."""
    for path in (workspace / "seeds").rglob("*.*"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(old, new), encoding="utf-8")


def test_quotes_only_against_its_own_baseline_passes(qa: Run, gold: Path) -> None:
    done = qa("gold", "run", "gold.yaml", "--save", "base.json", cwd=gold)
    assert re.search(r"^pass +1\.000 +3$", done.stdout, re.M)
    assert done.stdout.splitlines()[-1].startswith("PASS  3 of 3 cases pass")
    assert done.stderr.startswith("qa: quotes only. --model or QA_MODEL names a model")
    done = qa("gold", "run", "gold.yaml", "--quotes", "--baseline", "base.json", cwd=gold)
    assert done.stdout.splitlines()[-1].startswith("PASS")
    assert done.stderr == ""


def test_a_case_that_fails_now_is_a_regression_blamed_on_its_layer_in_every_report(qa: Run, gold: Path) -> None:
    qa("gold", "run", "gold.yaml", "--save", "base.json", cwd=gold)
    (gold / "seeds" / "lighthouse.txt").unlink()
    files = ("--junit", "r.xml", "--html", "r.html", "--markdown", "r.md", "--save", "new.json")
    done = qa("gold", "run", "gold.yaml", "--baseline", "base.json", *files, cwd=gold, code=4)
    assert "lighthouse.txt is not in the index" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("FAIL")
    suites = ElementTree.parse(gold / "r.xml").getroot()
    assert [case.get("name") for case in suites.iter("testcase") if case.find("failure") is not None] == ["builder"]
    for name in ("r.html", "r.md"):
        assert "lighthouse.txt is not in the index" in (gold / name).read_text(encoding="utf-8").replace("\\", "")
    done = qa("gold", "compare", "base.json", "new.json", "--annotations", cwd=gold, code=4)
    assert done.stdout.startswith("::error file=gold.yaml,line=1,")
    value = json.loads(qa("gold", "compare", "base.json", "new.json", "--json", cwd=gold, code=4).stdout)
    assert (value["comparison"]["verdict"], value["comparison"]["critical"]) == ("fail", ["builder"])
    assert value["comparison"]["newly_failing"][0]["layer"] == "corpus"
    assert value["comparison"]["smallest_drop"] > 0.05
    assert value["measures"]["pass"] == {"value": pytest.approx(2 / 3), "n": 3}
    assert qa("gold", "compare", "new.json", "new.json", cwd=gold).stdout.splitlines()[-1].startswith("PASS")


def test_without_a_baseline_only_a_critical_case_fails_the_run(qa: Run, gold: Path) -> None:
    forget(gold, "A ticket costs 14 crowns", "A ticket is dear")
    (gold / "gold.yaml").write_text(GOLD.replace("A ticket costs 14 crowns", "A ticket is dear"), encoding="utf-8")
    other = qa("gold", "run", "gold.yaml", "--quotes", cwd=gold)  # `ticket` fails: no 14
    assert "ticket" in other.stdout
    assert other.stdout.splitlines()[-1].startswith("PASS")
    (gold / "gold.yaml").write_text(GOLD.replace("Edith Lanning", "Olga Petrov", 1), encoding="utf-8")
    critical = qa("gold", "run", "gold.yaml", "--quotes", "--case", "builder", cwd=gold, code=4)
    assert critical.stdout.splitlines()[-1].startswith("FAIL")
    qa("gold", "run", "gold.yaml", "--quotes", "--tag", "far", cwd=gold)


def test_a_renamed_document_is_no_regression(qa: Run, gold: Path) -> None:
    whole = "The lighthouse of Marrow Point was built in 1871 by Edith Lanning"
    (gold / "gold.yaml").write_text(GOLD.replace("was built in 1871 by Edith Lanning", whole), encoding="utf-8")
    qa("gold", "run", "gold.yaml", "--quotes", "--save", "base.json", cwd=gold)
    (gold / "seeds" / "lighthouse.txt").rename(gold / "seeds" / "lighthouse-2024.txt")
    assert "1 moved" in qa("gold", "check", "gold.yaml", cwd=gold).stdout
    qa("gold", "run", "gold.yaml", "--quotes", "--baseline", "base.json", cwd=gold)


def test_stale_gold_is_said_and_is_no_regression(qa: Run, gold: Path) -> None:
    qa("gold", "run", "gold.yaml", "--save", "base.json", cwd=gold)
    forget(gold, "A ticket costs 14 crowns", "The fare has risen to twenty crowns")
    done = qa("gold", "run", "gold.yaml", "--quotes", "--baseline", "base.json", "--save", "n.json", cwd=gold, code=5)
    assert "Stale gold" in done.stdout
    outcomes = {r["id"]: r["outcome"] for r in json.loads((gold / "n.json").read_text())["results"]}
    assert outcomes == {"builder": "pass", "ticket": "stale", "football": "pass"}


def test_what_was_recorded_is_replayed_byte_for_byte_and_nothing_is_sent(
    qa: Run, gold: Path, endpoint: Any, env: dict[str, str]
) -> None:
    endpoint.script(*[knowing(endpoint)] * 3)
    done = qa("gold", "run", "gold.yaml", "--record", cwd=gold, env=env)
    assert f"asking m at {endpoint.host}; the questions and the retrieved text are sent there" in done.stderr
    assert re.search(r"^prompt_tokens +12 ", done.stdout, re.M)
    assert len(list((gold / "replay").iterdir())) == len(endpoint.requests) == 3
    assert not any("sk-not-to-be-kept" in path.read_text() for path in (gold / "replay").iterdir())
    nowhere = {"OPENAI_BASE_URL": "", "OPENAI_API_KEY": "", "QA_FLOOR": "0"}
    for name, how in (("a.json", {"CI": "true", "QA_MODEL": "m"}), ("b.json", {"CI": "", "QA_MODEL": ""})):
        flags = () if how["CI"] else ("--replay",)
        done = qa("gold", "run", "gold.yaml", "--save", name, *flags, cwd=gold, env=nowhere | how)
        assert f"m as recorded in {gold / 'replay'}; nothing is sent" in done.stderr
    assert (gold / "a.json").read_bytes() == (gold / "b.json").read_bytes()
    saved = json.loads((gold / "a.json").read_text())
    assert [r["observed"]["mode"] for r in saved["results"]][:2] == ["llm", "llm"]
    assert [r["outcome"] for r in saved["results"]] == ["pass", "pass", "pass"]
    assert len(endpoint.requests) == 3


def test_a_miss_is_not_measured_and_shows_what_changed_in_the_prompt(
    qa: Run, gold: Path, endpoint: Any, env: dict[str, str]
) -> None:
    endpoint.script(*[knowing(endpoint)] * 3)
    qa("gold", "run", "gold.yaml", "--record", cwd=gold, env=env)
    reworded = GOLD.replace("Who built the lighthouse", "Who was the builder of the lighthouse")
    (gold / "gold.yaml").write_text(reworded, encoding="utf-8")
    done = qa("gold", "run", "gold.yaml", "--replay", "--json", cwd=gold, env=env, code=5)
    (missed,) = [r for r in json.loads(done.stdout)["run"]["results"] if r["outcome"] == "error"]
    assert "-messages user: Question: Who built the lighthouse of Marrow Point?" in missed["observed"]["error"]
    assert "+messages user: Question: Who was the builder" in missed["observed"]["error"]
    assert json.loads(done.stdout)["measures"]["pass"] == {"value": 1.0, "n": 2}
    damaged = sorted((gold / "replay").iterdir())[0]
    damaged.write_text(damaged.read_text(encoding="utf-8")[:99], encoding="utf-8")
    done = qa("gold", "run", "gold.yaml", "--replay", cwd=gold, env=env, code=2)
    assert f"{damaged.name}:" in done.stderr


def test_second_opinions_are_recorded_and_replayed(
    qa: Run, gold: Path, endpoint: Any, env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    env = env | {"XDG_DATA_HOME": str(tmp_path / "data"), "QA_SECOND_OPINION": "doubtful"}
    examined.save("m", endpoint.base_url, exam.identity(packaged_prompt), exam.ExamResult(1.0, 1.0, 8))
    answers = knowing(endpoint)

    def step(handler: Any, body: dict[str, Any]) -> None:
        shown = "\n".join(message["content"] for message in body["messages"])
        if "<items>" not in shown:
            answers(handler, body)
            return
        opinion = {"n": 1, "not_stated": "", "stated": True, "answers": True}
        endpoint.answer(json.dumps({"opinions": [opinion]}))(handler, body)

    endpoint.script(*[step] * 20)
    qa("gold", "run", "gold.yaml", "--record", "--save", "live.json", cwd=gold, env=env)
    asked = len(endpoint.paths)
    assert asked > 3
    (tmp_path / "data" / "qa" / "exams.json").unlink()  # the recording says who judges
    live = [one.observed.statements for one in results.load(gold / "live.json").results]
    assert "supported" in {statement.verdict for shown in live for statement in shown}
    for portable in ((), ("--portable",)):
        done = qa("gold", "run", "gold.yaml", "--replay", *portable, "--save", "again.json", cwd=gold, env=env)
        assert "second opinions as recorded" in done.stdout
        assert "its second opinions count as recorded, without an exam" in done.stderr
        assert [one.observed.statements for one in results.load(gold / "again.json").results] == live
    assert len(endpoint.paths) == asked


def test_recordings_that_no_case_uses_are_deleted_on_demand(
    qa: Run, gold: Path, endpoint: Any, env: dict[str, str]
) -> None:
    endpoint.script(*[knowing(endpoint)] * 3)
    qa("gold", "run", "gold.yaml", "--record", cwd=gold, env=env)
    (gold / "gold.yaml").write_text(GOLD.partition("- id: football")[0], encoding="utf-8")
    assert (
        "--prune needs a run of all cases"
        in qa("gold", "run", "gold.yaml", "--replay", "--prune", "--case", "ticket", cwd=gold, env=env, code=2).stderr
    )
    done = qa("gold", "run", "gold.yaml", "--replay", "--prune", cwd=gold, env=env)
    assert "1 unused recorded answer deleted" in done.stderr
    assert len(list((gold / "replay").iterdir())) == 2
    endpoint.script(*[endpoint.error(401, "no")] * 2)
    done = qa("gold", "run", "gold.yaml", "--record", "--prune", cwd=gold, env=env, code=5)
    assert "no recorded answer is deleted: 2 cases could not be measured" in done.stderr
    assert len(list((gold / "replay").iterdir())) == 2
    recorded = sorted((gold / "replay").iterdir())
    recorded[0].unlink()
    endpoint.script(*[knowing(endpoint)] * 2)
    done = qa("gold", "run", "gold.yaml", "--record", "--changed", cwd=gold, env=env)
    assert "the model was asked 1 time;" in done.stderr
    assert sorted((gold / "replay").iterdir()) == recorded
    done = qa("gold", "run", "gold.yaml", "--replay", "--model", "gguf:models/m.gguf", cwd=gold, env=env)
    assert f"m as recorded in {gold / 'replay'}" in done.stderr  # a model file is recorded under its name


def test_an_endpoint_that_is_down_is_not_measured_and_never_a_failed_case(
    qa: Run, gold: Path, endpoint: Any, env: dict[str, str]
) -> None:
    endpoint.script(*[endpoint.error(401, "no")] * 3)
    done = qa("gold", "run", "gold.yaml", "--json", cwd=gold, env=env, code=5)
    value = json.loads(done.stdout)
    assert {r["outcome"] for r in value["run"]["results"]} == {"error"}
    assert "pass" not in value["measures"]


def test_cases_that_flicker_are_named(qa: Run, gold: Path, endpoint: Any, env: dict[str, str]) -> None:
    copied = {"ticket": ("14 crowns", "A ticket costs 14 crowns and bicycles travel free of charge.")}
    endpoint.script(knowing(endpoint, copied), knowing(endpoint, {}), knowing(endpoint, copied))
    flags = ("--case", "ticket", "--repeat", "3", "--jobs", "1")
    done = qa("gold", "run", "gold.yaml", *flags, cwd=gold, env=env | {"QA_THRESHOLD": "1"})
    assert re.search(r"ticket +2 of 3 runs passed", done.stdout)


def test_only_what_changed_is_asked_again(qa: Run, gold: Path, endpoint: Any, env: dict[str, str]) -> None:
    endpoint.script(*[knowing(endpoint)] * 6)
    done = qa("gold", "run", "gold.yaml", "--changed", cwd=gold, env=env)
    assert "asking every case, because the last run cannot be used" in done.stderr
    done = qa("gold", "run", "gold.yaml", "--changed", cwd=gold, env=env)
    assert "3 of 3 cases not asked again" in done.stderr
    (gold / "gold.yaml").write_text(GOLD.replace("a ticket of the ferry", "a ferry ticket"), encoding="utf-8")
    done = qa("gold", "run", "gold.yaml", "--changed", cwd=gold, env=env)
    assert "2 of 3 cases not asked again" in done.stderr
    assert len(endpoint.requests) == 4
    qa("gold", "run", "gold.yaml", "--changed", "--case", "football", cwd=gold, env=env)
    done = qa("gold", "run", "gold.yaml", "--changed", cwd=gold, env=env)
    assert "3 of 3 cases not asked again" in done.stderr  # a part of the cases does not push the others out
    assert (gold / ".qa" / ".gitignore").read_text() == "*\n"


def test_a_last_run_of_somebody_else_is_not_believed(qa: Run, gold: Path) -> None:
    qa("gold", "run", "gold.yaml", cwd=gold, code=None)
    path = gold / ".qa" / "last-quotes.json"
    forged = path.read_text(encoding="utf-8").replace('"status": "answered"', '"status": "abstained"')
    path.write_text(forged, encoding="utf-8")
    done = qa("gold", "run", "gold.yaml", "--changed", cwd=gold, code=None)
    assert "last-quotes.json: not signed with your key" in done.stderr
    assert "0 of 3 cases not asked again" in done.stderr
    assert path.read_text(encoding="utf-8") != forged
    assert "3 of 3 cases not asked again" in qa("gold", "run", "gold.yaml", "--changed", cwd=gold, code=None).stderr


WRONG: dict[str, tuple[tuple[str, ...], str]] = {
    "no file": (("none.yaml",), "none.yaml: cannot be read: No such file"),
    "unknown case": (("gold.yaml", "--case", "moon"), "no case and no tag is called 'moon'"),
    "two modes": (("gold.yaml", "--quotes", "--live"), "--quotes and --live exclude each other"),
    "no case left": (("gold.yaml", "--case", "ticket", "--tag", "far"), "no case has both"),
    "no cases": (("empty.yaml",), "empty.yaml:1: no cases"),
    "changed": (("gold.yaml", "--replay", "--changed"), "--changed saves nothing where answers are recorded"),
    "no model": (("gold.yaml", "--record"), "--record needs a model"),
    "nothing recorded": (("gold.yaml", "--replay"), "replay does not exist: nothing is recorded yet"),
    "repeat": (("gold.yaml", "--quotes", "--repeat", "3"), "--repeat needs a live model"),
    "prune": (("gold.yaml", "--quotes", "--prune"), "--prune needs --record or --replay"),
    "no folder": (
        ("gold.yaml", "--html", "reports/a.html"),
        "reports/a.html cannot be written: its folder does not exist",
    ),
    "two outputs": (("gold.yaml", "--json", "--annotations"), "--json and --annotations both write to standard output"),
    "broken baseline": (("gold.yaml", "--baseline", "broken.json"), "broken.json:2: not valid JSON"),
    "baseline of another set": (
        ("gold.yaml", "--quotes", "--baseline", "other.json", "--save", "other.json"),
        "no case in common",
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_request_is_one_line_and_exit_code_2(qa: Run, gold: Path, kind: str) -> None:
    (gold / "broken.json").write_text('{"schema": 1,\n "version', encoding="utf-8")
    (gold / "empty.yaml").write_text("[]\n", encoding="utf-8")
    if kind == "baseline of another set":
        (gold / "other.yaml").write_text(GOLD.replace("id: ", "id: other-"), encoding="utf-8")
        qa("gold", "run", "other.yaml", "--quotes", "--save", "other.json", cwd=gold)
    arguments, message = WRONG[kind]
    done = qa("gold", "run", *arguments, cwd=gold, code=2, env={"CI": ""})
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""
    if kind == "baseline of another set":
        assert '"other-builder"' in (gold / "other.json").read_text(encoding="utf-8")

"""`pytest --qa-gold FILE`: each case is a test; pytest runs as a process in a workspace."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.forked import run_pytest

Run = Callable[..., Any]
Tests = Callable[..., tuple[str, dict[str, int]]]
LEFT_OUT = [part for name in ("cacheprovider", "hypothesispytest", "anyio") for part in ("-p", f"no:{name}")]  # slow
GOLD = """\
- id: builder
  question: Who built the lighthouse of Marrow Point?
  expect: answer
  tags: [person]
  all:
    - words: Edith Lanning
  quotes:
    - source: lighthouse.txt
      text: was built in 1871 by Edith Lanning

- id: year
  question: When was the lighthouse of Marrow Point built?
  expect: answer
  tags: [date]
  all:
    - number: 1925
  quotes:
    - source: lighthouse.txt
      text: was built in 1871 by Edith Lanning

- id: football
  question: Who won the football match yesterday?
  expect: abstain
"""
STALE = """\
- id: stale
  question: Who built the lighthouse of Marrow Point?
  expect: answer
  quotes:
    - source: lighthouse.txt
      text: was built in 1925 by nobody that we know of
"""


ASKED = """\
from pathlib import Path
import pytest
from qa.llm.recorded import Recorder, Store
from qa.testing import FakeChat

def pytest_sessionstart(session):
    import qa
    reply = {'statements': [{'evidence': ['s2'], 'text': 'Edith Lanning built it.'}]}
    with qa.Retriever.open('index') as found:
        chat = Recorder(FakeChat(reply), 'm', Store(Path(FOLDER)))
        qa.Assistant(found, chat, k=4, floor=0).ask('Who built the lighthouse of Marrow Point?')
"""
"""A conftest.py that records what the model m says to the case `builder`."""
LOCAL = """\
import qa.llm.gguf
from qa.testing import FakeChat

class Local(FakeChat):
    host = 'this process'

    def __init__(self, path, **options):
        reply = {'statements': [{'evidence': ['s2'], 'text': 'Edith Lanning built it.'}]}
        super().__init__(reply, reply)
        self.model, self.asked = path.stem, 0
        print(f'made of {path} with {options}', file=open('local.txt', 'a'))

    def stream(self, request):
        self.asked += 1
        return super().stream(request)

    def close(self):
        if self.asked:
            print(f'closed after {self.asked}', file=open('local.txt', 'a'))

qa.llm.gguf.GgufChat = Local
"""
"""A conftest.py in which every GGUF file gives the same answer."""


@pytest.fixture
def gold(workspace: Path) -> Path:
    """A workspace with three cases, of which `year` fails."""
    (workspace / "gold.yaml").write_text(GOLD, encoding="utf-8")
    return workspace


@pytest.fixture
def run_tests(environment: dict[str, str], tmp_path: Path) -> Tests:
    """Run pytest in a folder: its output, and how many tests came out how. code: the exit code it must have."""

    def run(*arguments: str, cwd: Path, code: int = 0, env: dict[str, str] | None = None) -> tuple[str, dict[str, int]]:
        flags = [*LEFT_OUT, "-c", "/dev/null", "--rootdir", str(cwd), "-rA"]
        found = run_pytest([*flags, *arguments], cwd, environment | (env or {}), tmp_path / "shown")
        shown = (tmp_path / "shown").read_text(encoding="utf-8")
        assert found == code, shown
        names = ("PASSED", "FAILED", "SKIPPED", "XFAIL", "ERROR")
        return shown, {n: found for n in names if (found := sum(line.startswith(n) for line in shown.splitlines()))}

    return run


def test_each_case_is_a_test_and_a_failure_shows_expected_against_got(gold: Path, run_tests: Tests) -> None:
    shown, counts = run_tests("--qa-gold", "gold.yaml", cwd=gold, code=1)
    assert counts == {"PASSED": 2, "FAILED": 1}
    assert "gold.yaml::builder" in shown
    assert "FAILED gold.yaml::year - gold.yaml:11: number 1925 is missing" in shown
    lines = [line.split(maxsplit=1) for line in shown.splitlines()]
    assert ["question", "When was the lighthouse of Marrow Point built?"] in lines
    assert "was built in 1871 by Edith Lanning." in shown
    assert "Traceback" not in shown


def test_it_runs_in_parallel_and_takes_selections(gold: Path, run_tests: Tests) -> None:
    _, counts = run_tests("--qa-gold", "gold.yaml", "-n", "2", cwd=gold, code=1)
    assert counts == {"PASSED": 2, "FAILED": 1}
    _, counts = run_tests("--qa-gold", "gold.yaml", "-k", "person or football", cwd=gold)
    assert counts == {"PASSED": 2}


def test_what_failed_in_the_baseline_is_expected_to_fail(gold: Path, run_tests: Tests, qa: Run) -> None:
    qa("gold", "run", "gold.yaml", "--quotes", "--save", "base.json", cwd=gold)
    _, counts = run_tests("--qa-gold", "gold.yaml", "--qa-gold-baseline", "base.json", cwd=gold)
    assert counts == {"PASSED": 2, "XFAIL": 1}
    (gold / "gold.yaml").write_text(GOLD.replace("1925", "1930"), encoding="utf-8")  # another expectation: a new case
    _, counts = run_tests("--qa-gold", "gold.yaml", "--qa-gold-baseline", "base.json", cwd=gold, code=1)
    assert counts == {"PASSED": 2, "FAILED": 1}
    (gold / "base.json").write_text("{", encoding="utf-8")
    shown, _ = run_tests("--qa-gold", "gold.yaml", "--qa-gold-baseline", "base.json", cwd=gold, code=4)
    assert "base.json:1: not valid JSON" in shown


def test_a_quote_that_is_not_verbatim_fails_whatever_the_baseline(gold: Path, run_tests: Tests, qa: Run) -> None:
    qa("gold", "run", "gold.yaml", "--quotes", "--save", "base.json", cwd=gold)
    (gold / "conftest.py").write_text(
        "from qa.gold.verdict.score import Indexed\n"
        "show = Indexed.show\n"
        "Indexed.show = lambda self, n, place, text: show(self, n, place, text.replace('1871', '1925'))\n",
        encoding="utf-8",
    )
    flags = ("--qa-gold", "gold.yaml", "--qa-gold-baseline", "base.json", "-k", "year")
    shown, counts = run_tests(*flags, cwd=gold, code=1)
    assert counts == {"FAILED": 1}
    assert "differs from the text of lighthouse.txt" in shown


def test_stale_gold_is_skipped_and_a_broken_file_is_an_error_with_its_line(gold: Path, run_tests: Tests) -> None:
    (gold / "stale.yaml").write_text(STALE, encoding="utf-8")
    shown, counts = run_tests("--qa-gold", "stale.yaml", cwd=gold)
    assert counts == {"SKIPPED": 1}
    assert "stale gold:" in shown
    (gold / "broken.yaml").write_text(GOLD + "- id: football\n", encoding="utf-8")
    shown, counts = run_tests("--qa-gold", "broken.yaml", cwd=gold, code=2)
    assert "broken.yaml:24: " in shown
    shown, _ = run_tests("--qa-gold", "none.yaml", cwd=gold, code=4)
    assert "none.yaml is not a file" in shown


@pytest.mark.parametrize("model", ["m", "gguf:/models/m.gguf"])
def test_recorded_answers_are_replayed_and_what_is_not_recorded_is_not_measured(
    gold: Path, run_tests: Tests, model: str
) -> None:
    flags = ("--qa-gold", "gold.yaml", "--qa-gold-model", model, "-k", "builder")
    shown, counts = run_tests(*flags, cwd=gold, code=1, env={"QA_FLOOR": "0"})
    assert counts == {"FAILED": 1}
    assert "not measured: nothing is recorded in" in shown
    (gold / "conftest.py").write_text(ASKED.replace("FOLDER", "'replay'"), encoding="utf-8")
    _, counts = run_tests(*flags, cwd=gold, env={"QA_FLOOR": "0"})
    assert counts == {"PASSED": 1}


def test_a_key_in_a_recorded_answer_is_not_shown(gold: Path, run_tests: Tests) -> None:
    key = "sk-proj-0a1b2c3d4e5f"
    recorded = ASKED.replace("FOLDER", "'replay'").replace("built it.", f"built it with {key}.")
    (gold / "conftest.py").write_text(recorded, encoding="utf-8")
    (gold / "test_mine.py").write_text(
        "def test_it(qa_assistant):\n"
        "    answer = qa_assistant.ask('Who built the lighthouse of Marrow Point?')\n"
        "    open('answer.txt', 'w').write(repr(answer))\n",
        encoding="utf-8",
    )
    flags = ("test_mine.py", "--qa-gold", "gold.yaml", "--qa-gold-model", "m", "-k", "it")
    run_tests(*flags, cwd=gold, env={"QA_FLOOR": "0", "OPENAI_API_KEY": key})
    answer = (gold / "answer.txt").read_text(encoding="utf-8")
    assert "Edith Lanning built it with [key]" in answer
    assert key not in answer


def test_the_host_is_named_before_a_model_is_asked_and_what_is_not_trusted_does_not_count(
    gold: Path, run_tests: Tests, endpoint: Any
) -> None:
    (gold / "qa.toml").write_text('k = 4\nbase_url = "http://127.0.0.1:9/v1"\n', encoding="utf-8")
    live = ("-q", "--qa-gold", "gold.yaml", "--qa-gold-model", "m", "--qa-gold-live", "-k", "builder")
    shown, _ = run_tests(*live, cwd=gold, code=4)
    assert "api.openai.com needs an API key" in shown  # neither the endpoint of qa.toml nor a key
    answer = {"statements": [{"evidence": ["s2"], "text": "Edith Lanning built it."}]}
    endpoint.script(endpoint.answer(json.dumps(answer)))
    env = {"OPENAI_BASE_URL": endpoint.base_url, "OPENAI_API_KEY": "sk-1"}
    shown, counts = run_tests(*live, cwd=gold, env=env)
    assert counts == {"PASSED": 1}
    assert f"qa: asking m at {endpoint.host}; the questions and the retrieved text are sent there\n" in shown
    assert len(endpoint.requests) == 1
    (gold / "qa.toml").write_text('k = 4\napi_key = "sk-2"\n', encoding="utf-8")
    shown, _ = run_tests("--qa-gold", "gold.yaml", "-k", "builder", cwd=gold)
    assert "qa: api_key in qa.toml ignored: this workspace is not trusted." in shown


def test_a_model_file_is_run_on_this_machine_once_for_all_tests(gold: Path, run_tests: Tests, endpoint: Any) -> None:
    env = {"OPENAI_BASE_URL": endpoint.base_url, "OPENAI_API_KEY": "sk-1", "QA_FLOOR": "0"}
    (gold / "model.gguf").write_bytes(b"GGUF")
    (gold / "conftest.py").write_text(LOCAL, encoding="utf-8")
    (gold / "test_mine.py").write_text(
        "def test_it(qa_assistant):\n    assert qa_assistant.ask('Who built the lighthouse?').mode == 'llm'\n",
        encoding="utf-8",
    )
    live = ("--qa-gold", "gold.yaml", "--qa-gold-live", "--qa-gold-model")
    shown, counts = run_tests("test_mine.py", *live, "gguf:model.gguf", "-k", "it or builder", cwd=gold, env=env)
    assert counts == {"PASSED": 2}
    assert "qa: asking model on this machine; nothing is sent anywhere\n" in shown
    made = f"made of {gold}/model.gguf with {{'trusted': None}}"
    assert (gold / "local.txt").read_text().splitlines() == [made, made, "closed after 2"]  # the first one only checks
    assert endpoint.paths == []


def test_a_model_file_that_is_none_is_told_before_any_test(gold: Path, run_tests: Tests, endpoint: Any) -> None:
    env = {"OPENAI_BASE_URL": endpoint.base_url, "OPENAI_API_KEY": "sk-1"}
    live = ("--qa-gold", "gold.yaml", "--qa-gold-live", "--qa-gold-model")
    shown, _ = run_tests(*live, "gguf:none.gguf", cwd=gold, code=4, env=env)
    assert f"There is no model file {gold}/none.gguf" in shown
    shown, _ = run_tests(*live, "gguf:", cwd=gold, code=4, env=env)
    assert "gguf: needs the path of a model file" in shown
    shown, _ = run_tests(*live, "gguf:~nobody-here/m.gguf", cwd=gold, code=4, env=env)
    assert "there is no such home folder" in shown
    assert endpoint.paths == []


def test_the_fixture_gives_the_assistant_beside_other_tests(gold: Path, run_tests: Tests) -> None:
    (gold / "test_mine.py").write_text(
        "def test_silence(qa_assistant):\n"
        "    assert qa_assistant.ask('Who won the football match yesterday?').status == 'abstained'\n",
        encoding="utf-8",
    )
    _, counts = run_tests("test_mine.py", "--qa-gold", "gold.yaml", cwd=gold, code=1)
    assert counts == {"PASSED": 3, "FAILED": 1}


def test_the_fixture_replays_what_lies_beside_the_first_gold_file(gold: Path, run_tests: Tests) -> None:
    (gold / "cases").mkdir()
    (gold / "gold.yaml").rename(gold / "cases" / "gold.yaml")
    (gold / "test_mine.py").write_text(
        "def test_it(qa_assistant):\n"
        "    assert qa_assistant.ask('Who built the lighthouse of Marrow Point?').mode == 'llm'\n",
        encoding="utf-8",
    )
    (gold / "conftest.py").write_text(ASKED.replace("FOLDER", "'cases/replay'"), encoding="utf-8")
    flags = ("--qa-gold", "cases/gold.yaml", "--qa-gold-model", "m", "-k", "it")
    _, counts = run_tests("test_mine.py", *flags, cwd=gold, env={"QA_FLOOR": "0"})
    assert counts == {"PASSED": 1}
    (gold / "cases" / "replay").rename(gold / "replay")
    (gold / "conftest.py").unlink()
    _, counts = run_tests("test_mine.py", "--qa-gold-model", "m", cwd=gold, env={"QA_FLOOR": "0"})  # no gold file
    assert counts == {"PASSED": 1}


def test_without_a_gold_file_the_plugin_imports_nothing_of_qa() -> None:
    code = (
        "import json, sys, pytest, qa.gold.plugin\n"
        "print(json.dumps(sorted(m for m in sys.modules if m.startswith('qa') or m in ('numpy', 'faiss'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert json.loads(done.stdout) == ["qa", "qa.gold", "qa.gold.plugin"]

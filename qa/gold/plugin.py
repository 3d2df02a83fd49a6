"""For pytest: each case of a gold file is a test, and a fixture gives the assistant.

    pytest --qa-gold tests/gold/seeds.yaml               quotes only
    pytest --qa-gold seeds.yaml --qa-gold-model NAME     the answers of NAME recorded in replay/ beside the gold file

A case that fails is a failed test, which shows expected and got. If it failed in the baseline too, it is an expected
failure, unless a quote is not verbatim. Stale gold is skipped; a case that could not be measured is an error. Nothing
of qa is imported before a gold file is collected, a model is asked or the fixture is used.
"""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from qa.answer.assistant import Assistant
    from qa.gold.files.cases import Case
    from qa.gold.results import Result, Run
    from qa.llm.protocol import Chat
    from qa.retrieve.retriever import Retriever

__all__ = ["GoldFile", "GoldTest", "qa_assistant"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of `pytest --help`."""
    group = parser.getgroup("qa", "questions with known answers")
    group.addoption(
        "--qa-gold", action="append", default=[], metavar="FILE", help="run the cases of this gold file as tests"
    )
    group.addoption(
        "--qa-gold-baseline", metavar="RUN.json", help="expect the cases that failed in this saved run to fail"
    )
    group.addoption("--qa-gold-model", metavar="NAME", help="test the recorded answers of this model, or gguf:PATH")
    group.addoption("--qa-gold-live", action="store_true", help="ask the model instead of using recorded answers")
    group.addoption("--qa-gold-k", type=int, metavar="N", help="retrieve this many passages")
    group.addoption("--qa-root", metavar="DIR", help="use this workspace; default: as for the command qa")
    group.addoption("--qa-sources", metavar="DIR", help="use the documents in this folder instead of seeds/")


def pytest_configure(config: pytest.Config) -> None:
    """With gold files and no paths, run only the gold files."""
    files = [str(path) for path in _gold_files(config)]
    missing = [path for path in files if not Path(path).is_file()]
    if missing:
        raise pytest.UsageError(f"--qa-gold: {missing[0]} is not a file")
    if files and not hasattr(config, "workerinput"):
        named = config.args_source == pytest.Config.ArgsSource.ARGS
        config.args[:] = [*config.args, *files] if named else files


def pytest_sessionstart(session: pytest.Session) -> None:
    """Update the index once, before workers open it, and say where text will go."""
    config = session.config
    live = config.getoption("qa_gold_live") and config.getoption("qa_gold_model")
    if (_gold_files(config) or live) and not hasattr(config, "workerinput"):
        from qa.errors import QaError

        try:
            _Opened(config, _note).close()
        except QaError as error:
            raise pytest.UsageError(str(error)) from None


def _note(message: str) -> None:
    """On standard error, because pytest -q shows no header."""
    from qa.text import label

    print(f"qa: {label(message)}", file=sys.stderr, flush=True)


def _ignore(message: str) -> None:
    """Everything has been said at the start of the run."""


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "GoldFile | None":
    """Collect the gold files that the option names."""
    if file_path.resolve() in _gold_files(parent.config):
        return GoldFile.from_parent(parent, path=file_path)
    return None


@pytest.fixture(scope="session")
def qa_assistant(pytestconfig: pytest.Config) -> "Assistant":
    """A `qa.Assistant` over the workspace, as the options say; recordings are in replay/ beside the first gold file."""
    files = _gold_files(pytestconfig)
    return _opened(pytestconfig).assistant(files[0].parent if files else pytestconfig.invocation_params.dir)


class GoldFile(pytest.File):
    """A gold file, whose cases are tests."""

    def collect(self) -> "Iterable[GoldTest]":
        from qa.errors import GoldError
        from qa.gold.files.cases import load

        try:
            cases = load(self.path)
        except GoldError as error:
            raise self.CollectError(str(error)) from None
        for case in cases:
            yield GoldTest.from_parent(self, name=case.id, case=case)


class GoldTest(pytest.Item):
    """One case."""

    def __init__(self, *, case: "Case", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.case = case
        self.extra_keyword_matches.update(case.tags)

    def runtest(self) -> None:
        from qa.gold.run import run

        opened = _opened(self.config)
        ran, _ = run([self.case], opened.assistant(self.path.parent))
        (result,) = ran.results
        if result.outcome == "stale":
            pytest.skip("stale gold: " + "; ".join(result.problems))
        if result.outcome == "fail":
            if opened.expects_failure(result):
                pytest.xfail("failed in the baseline too: " + "; ".join(result.problems))
            raise _Failed(ran, result)
        if result.outcome == "error":
            raise _NotMeasured("; ".join(result.problems))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Expected and got, instead of a traceback."""
        from qa.errors import QaError

        if isinstance(excinfo.value, _Failed):
            return f"{excinfo.value}\n{_details(excinfo.value.run, excinfo.value.result)}"
        if isinstance(excinfo.value, _NotMeasured | QaError):
            return f"not measured: {excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.case.line - 1, f"{self.case.id}: {self.case.question}"


class _Failed(Exception):
    """The answer is not what the case expects."""

    def __init__(self, run: "Run", result: "Result") -> None:
        super().__init__(f"{Path(result.file).name}:{result.line}: {'; '.join(result.problems)}")
        self.run, self.result = run, result


class _NotMeasured(Exception):
    """There is no answer to judge."""


def _details(run: "Run", result: "Result") -> str:
    from qa.gold.reports.overview import expected_and_got
    from qa.gold.verdict.blame import blame

    fields = expected_and_got(blame(result, None, run, None))
    width = max(len(field.label) for field in fields)
    lines = [f"{field.label:<{width}}  {field.text}" for field in fields]
    return "\n".join(lines)


class _Opened:
    """The workspace, index and model that the options name. Raises QaError if one of them cannot be used."""

    def __init__(self, config: pytest.Config, notify: Callable[[str], None] = _ignore) -> None:
        from qa.llm.announcing import destination
        from qa.session import Session

        here, root = config.invocation_params.dir, config.getoption("qa_root")
        flags = {
            "k": config.getoption("qa_gold_k"),
            "model": config.getoption("qa_gold_model") or "",  # the environment and qa.toml do not count
            "sources": config.getoption("qa_sources"),
        }
        self._session = Session.open(Path(root) if root else None, flags, notify, here)
        self._model = self._session.model
        self._live = self._session.chat() if self._model and config.getoption("qa_gold_live") else None
        baseline = config.getoption("qa_gold_baseline")
        self._failed = _failures(here / baseline) if baseline else {}
        self.retriever: Retriever = self._session.retriever()
        if self._live:
            notify(destination(self._live))

    def assistant(self, folder: Path) -> "Assistant":
        """The assistant; recordings are in replay/ in this folder."""
        return self._session.assistant(self._chat(folder))

    def _chat(self, folder: Path) -> "Chat | None":
        from qa.llm.recorded import FOLDER, Player, Store
        from qa.llm.redact import redactor

        if self._live or not self._model:
            return self._live
        return Player(self._model, Store(folder / FOLDER), redactor(self._session.settings["api_key"]).hide)

    def expects_failure(self, result: "Result") -> bool:
        """Whether the same case failed in the baseline. Nothing excuses a quote that is not verbatim."""
        verbatim = result.measures.get("verbatim", 1.0) == 1.0
        return verbatim and self._failed.get(result.id) == result.case_sha256

    def close(self) -> None:
        """Close the index, and the model with its memory."""
        self._session.close()


def _opened(config: pytest.Config) -> _Opened:
    """The same for all tests of this process."""
    opened = config.stash.get(_OPENED, None)
    if opened is None:
        opened = config.stash[_OPENED] = _Opened(config)
        config.add_cleanup(opened.close)
    return opened


_OPENED = pytest.StashKey[_Opened]()


def _failures(path: Path) -> dict[str, str]:
    """The cases that failed in a saved run, with the hashes of their definitions."""
    from qa.gold.results import load

    run: Run = load(path)
    return {result.id: result.case_sha256 for result in run.results if result.outcome == "fail"}


def _gold_files(config: pytest.Config) -> list[Path]:
    return [Path(config.invocation_params.dir, name).resolve() for name in config.getoption("qa_gold")]

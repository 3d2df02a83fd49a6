"""For pytest: each case of a gold file is a test, and a fixture gives the assistant.

    pytest --qa-gold tests/gold/seeds.yaml               quotes only
    pytest --qa-gold seeds.yaml --qa-gold-model NAME     what NAME was recorded to say, in replay/ beside the gold file

A case that fails is a failed test, with expected against got; with a baseline, one that failed there too is an expected
failure, unless it shows a quote that is not verbatim. Stale gold is skipped; what could not be measured is an error.
Nothing of qa is imported before a gold file is collected, a model is asked or the fixture is used.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from qa.answer.assistant import Assistant
    from qa.gold.files.cases import Case
    from qa.gold.results import Result, Run
    from qa.llm.chat import Chat, OpenAIChat
    from qa.llm.gguf import GgufChat
    from qa.workspace import Settings, Workspace

__all__ = ["GoldFile", "GoldTest", "qa_assistant"]

GGUF = "gguf:"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of `pytest --help`."""
    group = parser.getgroup("qa", "questions with known answers")
    group.addoption("--qa-gold", action="append", default=[], metavar="FILE", help="a gold file: each case is a test")
    group.addoption("--qa-gold-baseline", metavar="RUN.json", help="cases that fail there are expected to fail")
    group.addoption("--qa-gold-model", metavar="NAME", help="the model whose recorded answers are tested, or gguf:PATH")
    group.addoption("--qa-gold-live", action="store_true", help="ask the model instead of what was recorded")
    group.addoption("--qa-gold-k", type=int, metavar="N", help="how many passages are retrieved")
    group.addoption("--qa-root", metavar="DIR", help="the workspace; left out: as the command qa finds it")


def pytest_configure(config: pytest.Config) -> None:
    """With gold files and no paths, only the gold files are run."""
    files = [str(path) for path in _gold_files(config)]
    missing = [path for path in files if not Path(path).is_file()]
    if missing:
        raise pytest.UsageError(f"--qa-gold: {missing[0]} is no file")
    if files and not hasattr(config, "workerinput"):
        named = config.args_source == pytest.Config.ArgsSource.ARGS
        config.args[:] = [*config.args, *files] if named else files


def pytest_sessionstart(session: pytest.Session) -> None:
    """Bring the index up to date, once, before workers open it, and say where text will go."""
    config = session.config
    live = config.getoption("qa_gold_live") and config.getoption("qa_gold_model")
    if (_gold_files(config) or live) and not hasattr(config, "workerinput"):
        from qa.errors import QaError

        try:
            opened = _Opened(config)
        except QaError as error:
            raise pytest.UsageError(str(error)) from None
        opened.close()
        for line in opened.notes():
            print(f"qa: {line}", file=sys.stderr, flush=True)  # pytest -q has no header


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "GoldFile | None":
    """Gold files are those that the option names."""
    if file_path.resolve() in _gold_files(parent.config):
        return GoldFile.from_parent(parent, path=file_path)
    return None


@pytest.fixture(scope="session")
def qa_assistant(pytestconfig: pytest.Config) -> "Assistant":
    """A `qa.Assistant` over the workspace, answering as the options say; replay/ is beside the first gold file."""
    files = _gold_files(pytestconfig)
    return _opened(pytestconfig).assistant(files[0].parent if files else pytestconfig.invocation_params.dir)


class GoldFile(pytest.File):
    """A gold file; its cases are tests."""

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
        """Expected against got, in place of a traceback."""
        from qa.errors import QaError

        if isinstance(excinfo.value, _Failed):
            return f"{excinfo.value}\n{_told(excinfo.value.run, excinfo.value.result)}"
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


def _told(run: "Run", result: "Result") -> str:
    from qa.gold.reports.overview import expected_and_got
    from qa.gold.verdict.blame import blame

    fields = expected_and_got(blame(result, None, run, None))
    width = max(len(field.label) for field in fields)
    lines = [f"{field.label:<{width}}  {field.text}" for field in fields]
    return "\n".join(lines)


class _Opened:
    """The workspace that the options name, its index and its model. Raises QaError for what is wrong with them."""

    def __init__(self, config: pytest.Config) -> None:
        from qa import workspace as workspaces
        from qa.index import store
        from qa.retrieve.retriever import Retriever

        here = config.invocation_params.dir
        root = config.getoption("qa_root")
        self.workspace: Workspace = workspaces.find(Path(root) if root else None, here)
        self.model: str = config.getoption("qa_gold_model") or ""
        self.settings: Settings = workspaces.resolve(
            self.workspace, {"k": config.getoption("qa_gold_k"), "model": self.model}
        )
        gguf = _gguf(self.model, here)
        self.recorded = gguf.stem if gguf else self.model
        self.live = self._live(gguf) if self.model and config.getoption("qa_gold_live") else None
        baseline = config.getoption("qa_gold_baseline")
        self.failed = _failures(here / baseline) if baseline else {}
        built = self.settings.build()
        self.untrusted = store.is_untrusted(self.workspace.index)
        self.retriever: Retriever = Retriever.build(self.workspace.seeds, self.workspace.index, settings=built)

    def notes(self) -> Iterator[str]:
        """What to know before anything is asked: settings that do not count, and where text goes."""
        from qa.llm.chat import OpenAIChat

        if self.untrusted:
            yield f"the index in {self.workspace.index} was not built by you; a new one was built"
        if self.settings.ignored:
            names = ", ".join(self.settings.ignored)
            yield f"{names} in qa.toml ignored: this workspace is not trusted. Look at its qa.toml, then run: qa trust"
        if self.live and self.live.is_local:
            yield f"asking {self.live.model} on this machine; nothing is sent anywhere"
        elif isinstance(self.live, OpenAIChat):
            sent = "the questions and what is retrieved for them go there"
            yield f"asking {self.live.model} at {self.live.host}; {sent}"

    def assistant(self, folder: Path) -> "Assistant":
        """Who answers; what was recorded lies in replay/ in this folder."""
        from qa.answer.assistant import Assistant
        from qa.workspace import templates

        options = {name: self.settings[name] for name in ("threshold", "floor", "k", "strict", "prompt_tokens")}
        return Assistant(self.retriever, self._chat(folder), template=templates(self.workspace), **options)

    def _chat(self, folder: Path) -> "Chat | None":
        from qa.llm.recorded import FOLDER, Player, Store

        if self.live or not self.model:
            return self.live
        return Player(self.recorded, Store(folder / FOLDER))

    def _live(self, gguf: Path | None) -> "OpenAIChat | GgufChat":
        """The model itself, one for all questions. Raises QaError for one that cannot be asked."""
        deadline: float = self.settings["deadline"]
        if gguf:
            from qa.llm.gguf import GgufChat, check

            check(gguf)
            unset = self.settings.origin("deadline") == "default"  # a processor reads a prompt slowly
            return GgufChat(gguf) if unset else GgufChat(gguf, deadline=deadline)
        from qa.llm.chat import OpenAIChat

        url, key = self.settings["base_url"] or None, self.settings["api_key"] or None
        chat = OpenAIChat(self.model, url, key, deadline=deadline)
        chat.check()
        return chat

    def expects_failure(self, result: "Result") -> bool:
        """Whether the same case failed in the baseline. Nothing excuses a quote that is not verbatim."""
        verbatim = result.measures.get("verbatim", 1.0) == 1.0
        return verbatim and self.failed.get(result.id) == result.case_sha256

    def close(self) -> None:
        """The index, and the model with its memory."""
        self.retriever.close()
        if self.live:
            self.live.close()


def _opened(config: pytest.Config) -> _Opened:
    """One for all tests of this process."""
    opened = config.stash.get(_OPENED, None)
    if opened is None:
        opened = config.stash[_OPENED] = _Opened(config)
        config.add_cleanup(opened.close)
    return opened


_OPENED = pytest.StashKey[_Opened]()


def _gguf(model: str, folder: Path) -> Path | None:
    """The model file that the option names, None if it names none; a relative one is looked for in this folder."""
    if not model.startswith(GGUF):
        return None
    from qa.errors import SettingError

    if model == GGUF:
        raise SettingError("--qa-gold-model: gguf: needs the path of a model file behind it")
    try:
        return folder / Path(model.removeprefix(GGUF)).expanduser()
    except RuntimeError:
        raise SettingError(f"--qa-gold-model: {model}: there is no such home folder") from None


def _failures(path: Path) -> dict[str, str]:
    """The cases that failed in a saved run, with the hash of their definition."""
    from qa.gold.results import load

    run: Run = load(path)
    return {result.id: result.case_sha256 for result in run.results if result.outcome == "fail"}


def _gold_files(config: pytest.Config) -> list[Path]:
    return [Path(config.invocation_params.dir, name).resolve() for name in config.getoption("qa_gold")]

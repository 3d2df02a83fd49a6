"""qa gold run and qa gold compare: ask a gold set, and tell what got worse since a baseline."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli.common import (
    BaseUrlOption,
    KOption,
    ModelOption,
    NoBuildOption,
    RootOption,
    counted,
    make_assistant,
    note,
    open_index,
    progress,
    workspace_and_settings,
)
from qa.cli.gold_check import FilesArgument
from qa.cli.render import Page
from qa.errors import GoldError, UsageError, WorkspaceError
from qa.files import check_writable, within, write

if TYPE_CHECKING:
    from qa.gold.files.cases import Case
    from qa.gold.results import Mode, Run
    from qa.gold.verdict.compare import Comparison
    from qa.llm.chat import Chat
    from qa.workspace import Settings, Workspace

__all__ = ["compare", "run"]

REGRESSION = 4  # exit codes
NOT_MEASURED = 5

QuotesOption = Annotated[bool, typer.Option("--quotes", help="Quotes alone, whatever model is named.")]
RecordOption = Annotated[
    bool, typer.Option("--record", help="Ask the model and keep what it says, in replay/ beside the gold file.")
]
ReplayOption = Annotated[
    bool,
    typer.Option(
        "--replay", help="Take what was recorded; nothing is sent. Without it where CI is set and a model is named."
    ),
]
LiveOption = Annotated[bool, typer.Option("--live", help="Ask the model, also where CI is set.")]
PruneOption = Annotated[bool, typer.Option("--prune", help="Delete what is recorded and was not used in this run.")]
RepeatOption = Annotated[
    int, typer.Option("--repeat", metavar="N", min=1, max=100, help="Ask each question N times; live models only.")
]
ChangedOption = Annotated[
    bool,
    typer.Option(
        "--changed", help="Ask again only where retrieved text, prompt, model or settings changed since the last run."
    ),
]
CaseOption = Annotated[
    list[str] | None, typer.Option("--case", metavar="ID", help="Only this case; repeat it for more.")
]
TagOption = Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="Only cases with this tag.")]
JobsOption = Annotated[int, typer.Option("--jobs", metavar="N", min=1, max=64, help="Questions asked at once.")]
BaselineOption = Annotated[
    Path | None, typer.Option("--baseline", metavar="RUN.json", help="Compare with this saved run.")
]
MarginOption = Annotated[
    float,
    typer.Option(
        "--margin", metavar="POINTS", min=0, max=100, help="The drop in passes, in points of 100, that may be missed."
    ),
]
SaveOption = Annotated[
    Path | None, typer.Option("--save", metavar="RUN.json", help="Save the run; commit it: a baseline.")
]
RunJsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of the report.")]
JunitOption = Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Write JUnit XML.")]
HtmlOption = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write one self-contained page.")]
MarkdownOption = Annotated[
    Path | None, typer.Option("--markdown", metavar="FILE", help="Write a summary for a pull request.")
]
AnnotationsOption = Annotated[
    bool, typer.Option("--annotations", help="Print a line for each finding that a pull request shows at its case.")
]
BaseArgument = Annotated[Path, typer.Argument(metavar="BASE", help="The saved run to compare with.")]
NewArgument = Annotated[Path, typer.Argument(metavar="NEW", help="The saved run to judge.")]


def run(
    files: FilesArgument,
    root: RootOption = None,
    quotes: QuotesOption = False,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    record: RecordOption = False,
    replay: ReplayOption = False,
    live: LiveOption = False,
    repeat: RepeatOption = 1,
    changed: ChangedOption = False,
    prune: PruneOption = False,
    case: CaseOption = None,
    tag: TagOption = None,
    k: KOption = None,
    jobs: JobsOption = 4,
    baseline: BaselineOption = None,
    margin: MarginOption = 5.0,
    save: SaveOption = None,
    json: RunJsonOption = False,
    junit: JunitOption = None,
    html: HtmlOption = None,
    markdown: MarkdownOption = None,
    annotations: AnnotationsOption = False,
    no_build: NoBuildOption = False,
) -> int:
    """Ask every question of gold files and measure the answers.

    Without a model the answers are quotes. With --baseline the run is compared with an earlier one, which must not have
    been better. Exit code 4: a regression, or without a baseline a critical case that fails; 5: inconclusive, or a case
    that could not be measured (an endpoint that is down, a gold quote that does not stand, nothing recorded).
    """
    from qa.gold import results
    from qa.gold.files import cases as gold_cases
    from qa.gold.run import Options
    from qa.gold.run import run as run_cases
    from qa.gold.verdict.compare import require_common
    from qa.gold.verdict.score import case_sha256
    from qa.llm.recorded import Recorder

    _at_most_one(quotes=quotes, record=record, replay=replay, live=live)
    reports = _Reports(json, annotations, junit, html, markdown, _output_root(root))
    reports.check(save)
    cases = _selected(gold_cases.load(*files), case or [], tag or [])
    base = results.load(baseline) if baseline else None
    if base:
        require_common(base, {case.id: case_sha256(case) for case in cases})
    workspace, settings = workspace_and_settings(root, model=model, base_url=base_url, k=k)
    mode = _mode(settings, quotes=quotes, record=record, replay=replay, live=live)
    _require_sense(mode, repeat, record=record, prune=prune, changed=changed, some=bool(case or tag))
    last = _Last(workspace, mode)
    with _chat(workspace, settings, mode, files, quotes, record=record, only_new=changed) as chat:
        with open_index(workspace, settings, build=not no_build) as retriever, progress() as report:
            assistant = make_assistant(retriever, chat, workspace, settings)
            prices = (settings["price_prompt"], settings["price_completion"])
            options = Options(repeat, jobs, last.load() if changed and not record else None, prices)
            result, saved = run_cases(cases, assistant, options, lambda n, total: report("questions", n, total))
        if prune:
            _prune(chat, result)
    comparison = _compared(base, result, margin)
    last.save(result)
    if save:
        results.save(result, *within(save, reports.root))
    if changed and isinstance(chat, Recorder):
        note(f"the model was asked {counted(chat.asked, 'time')}; all else was recorded already")
    elif changed:
        note(f"{saved:,} of {counted(len(cases), 'case')} not asked again: nothing that decides them has changed")
    return _tell(result, comparison, reports)


def _require_sense(mode: "Mode", repeat: int, *, record: bool, prune: bool, changed: bool, some: bool) -> None:
    """Raise UsageError for options that make no sense together. some: not all cases are asked."""
    if repeat > 1 and (mode != "live" or record):
        raise UsageError("--repeat needs a live model: without one, and recorded, every answer is the same")
    if prune and not (record or mode == "replay"):
        raise UsageError("--prune needs --record or --replay")
    if prune and some:
        raise UsageError("--prune needs a run of all cases; leave out --case and --tag")
    if changed and mode == "replay":
        raise UsageError("--changed saves nothing where answers are recorded; leave it out")


def compare(
    base: BaseArgument,
    new: NewArgument,
    margin: MarginOption = 5.0,
    json: RunJsonOption = False,
    junit: JunitOption = None,
    html: HtmlOption = None,
    markdown: MarkdownOption = None,
    annotations: AnnotationsOption = False,
) -> int:
    """Compare two saved runs: is the new one worse?

    The verdict is pass, fail or inconclusive, with the smallest drop that this gold set could have shown. Exit code 4:
    fail; 5: inconclusive, or a case of the new run was not measured.
    """
    from qa.gold import results

    reports = _Reports(json, annotations, junit, html, markdown, _output_root(None))
    reports.check()
    before, after = results.load(base), results.load(new)
    return _tell(after, _compared(before, after, margin), reports)


@dataclass(frozen=True, slots=True)
class _Reports:
    """Where the findings go. root: no link below it is followed by what is written."""

    json: bool
    annotations: bool
    junit: Path | None
    html: Path | None
    markdown: Path | None
    root: Path

    def check(self, *others: Path | None) -> None:
        """Raise UsageError for a file that could not be written, before an hour of answers is lost by it."""
        if self.json and self.annotations:
            raise UsageError("--json and --annotations both want standard output; choose one")
        for path in (self.junit, self.html, self.markdown, *others):
            try:
                if path is not None:
                    check_writable(*within(path, self.root))
            except FileNotFoundError:
                raise UsageError(f"{path} cannot be written: its folder is not there") from None
            except OSError as error:
                raise UsageError(f"{path} cannot be written: {error.strerror}") from None

    def write(self, run: "Run", comparison: "Comparison | None") -> None:
        """All files."""
        from qa.gold.reports.html import html
        from qa.gold.reports.junit import junit
        from qa.gold.reports.markdown import markdown

        for path, render in ((self.junit, junit), (self.html, html), (self.markdown, markdown)):
            if path is not None:
                target, below = within(path, self.root)
                write(target, render(run, comparison).encode(), below)
                note(f"wrote {path}")


def _output_root(root: Path | None) -> Path:
    """The folder in which nothing is written through a link: the workspace, or without one the working directory."""
    from qa.workspace import find

    try:
        return find(root).root
    except WorkspaceError:
        return Path.cwd()


class _Last:
    """The last run of each mode, kept in the workspace for --changed."""

    def __init__(self, workspace: "Workspace", mode: "Mode") -> None:
        self._workspace = workspace
        self.path = workspace.private / f"last-{mode}.json"

    def load(self) -> "Run | None":
        """None if there is none, or none that can be read: then every case is asked."""
        from qa.gold import results

        try:
            return results.load(self.path, self._workspace.private)
        except GoldError as error:
            note(f"every case is asked: no last run ({error})")
            return None

    def save(self, run: "Run") -> None:
        """Keep it, and of the run before it what this one did not ask or could not measure.

        A workspace that cannot be written to is no reason to fail.
        """
        from qa.gold import results
        from qa.workspace import private_folder

        measured = [result for result in run.results if result.outcome != "error"]
        known = {result.id for result in measured}
        try:
            with private_folder(self._workspace), suppress(GoldError):
                measured += [
                    result
                    for result in results.load(self.path, self._workspace.private).results
                    if result.id not in known
                ]
            results.save(replace(run, results=tuple(measured)), self.path, self._workspace.private)
        except OSError as error:
            note(f"this run is not kept for --changed: {error.filename or self.path}: {error.strerror}")


def _at_most_one(**flags: bool) -> None:
    given = [f"--{name}" for name, value in flags.items() if value]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} do not go together; choose one")


def _selected(cases: "Sequence[Case]", ids: Sequence[str], tags: Sequence[str]) -> "list[Case]":
    """The cases of these ids and with these tags; all if none are named."""
    unknown = [name for name in ids if name not in {case.id for case in cases}]
    unknown += [name for name in tags if name not in {tag for case in cases for tag in case.tags}]
    if unknown:
        raise UsageError(f"no case and no tag is called {unknown[0]!r}")
    chosen = [case for case in cases if (not ids or case.id in ids) and (not tags or set(tags) & set(case.tags))]
    if not chosen:
        raise UsageError("no case has both one of these ids and one of these tags")
    return chosen


def _mode(settings: "Settings", *, quotes: bool, record: bool, replay: bool, live: bool) -> "Mode":
    """Who answers. In CI, a model that is named is replayed unless a flag says otherwise."""
    if (record or live) and not settings["model"]:
        raise UsageError(f"--{'record' if record else 'live'} needs a model; name one with --model or QA_MODEL")
    if quotes or not (replay or settings["model"]):
        return "quotes"
    in_ci = os.environ.get("CI", "").lower() not in ("", "0", "false")
    return "replay" if replay or (in_ci and not (record or live)) else "live"


@contextmanager
def _chat(
    workspace: "Workspace",
    settings: "Settings",
    mode: "Mode",
    files: Sequence[Path],
    quotes: bool,
    *,
    record: bool,
    only_new: bool,
) -> "Iterator[Chat | None]":
    """Who answers; what was recorded lies in replay/ beside the first gold file."""
    from qa.cli.chat import gguf_path
    from qa.llm.recorded import FOLDER, Player, Recorder, Store

    store = Store(*within(files[0].parent / FOLDER, workspace.root))
    if mode == "quotes":
        if not quotes:
            note("quotes only. --model or QA_MODEL names a model; --quotes hides this line")
        yield None
    elif mode == "replay":
        store.check()
        path = gguf_path(workspace, settings)
        model = path.stem if path else settings["model"] or store.only_model()
        note(f"{model} as recorded in {store.folder}; nothing is sent")
        yield Player(model, store)
    else:
        from qa.cli.chat import note_templates, open_chat
        from qa.llm.chat import OpenAIChat

        note_templates(workspace)
        with open_chat(workspace, settings) as chat:
            if isinstance(chat, OpenAIChat):
                note(f"asking {chat.model} at {chat.host}; the questions and what is retrieved for them go there")
            else:
                note(f"asking {chat.model} on this machine; nothing is sent anywhere")
            yield Recorder(chat, chat.model, store, only_new) if record else chat


def _prune(chat: "Chat | None", run: "Run") -> None:
    """Delete the exchanges that this run did not use, if it has used all that it needs."""
    from qa.llm.recorded import Player, Recorder

    lost = sum(result.outcome == "error" for result in run.results)
    if lost:
        note(f"no recorded answer is deleted: {counted(lost, 'case')} could not be measured")
        return
    assert isinstance(chat, Player | Recorder)
    note(f"{counted(chat.prune(), 'recorded answer')} deleted that no case uses any more")


def _compared(base: "Run | None", run: "Run", margin: float) -> "Comparison | None":
    from qa.gold.verdict.compare import compare as compare_runs

    return compare_runs(base, run, margin=margin / 100) if base else None


def _tell(run: "Run", comparison: "Comparison | None", reports: _Reports) -> int:
    """Print and write the findings; the exit code."""
    from qa.gold.reports.annotations import annotations
    from qa.gold.reports.json_file import as_json
    from qa.gold.reports.overview import Overview
    from qa.gold.reports.terminal import report

    reports.write(run, comparison)
    if reports.json:
        from qa.cli import jsonio

        jsonio.write(as_json(run, comparison), sys.stdout)
    elif reports.annotations:
        sys.stdout.write(annotations(run, comparison))
        overview = Overview(run, comparison)
        for line in (*overview.reasons, f"{overview.verdict}: {overview.sentence}"):
            note(line)
    else:
        report(run, comparison, Page())
    return _code(run, comparison)


def _code(run: "Run", comparison: "Comparison | None") -> int:
    """4 for a regression before 5 for what was not measured."""
    made_up = any(result.measures.get("verbatim", 1.0) < 1 for result in run.results)
    critical = any(result.severity == "critical" and result.outcome == "fail" for result in run.results)
    if made_up or (comparison.verdict == "fail" if comparison else critical):
        return REGRESSION
    unmeasured = any(result.outcome in ("stale", "error") for result in run.results)
    inconclusive = comparison is not None and comparison.verdict == "inconclusive"
    return NOT_MEASURED if unmeasured or inconclusive else 0

"""qa gold run and qa gold compare: ask a gold set, and find out whether anything got worse."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli.console import note, progress
from qa.cli.gold_chat import choose_mode, keep_trust, open_chat, prune
from qa.cli.gold_check import FilesArgument
from qa.cli.gold_options import AnsweringOptions, AskOptions, BaselineOptions, MarginOption, ReportOptions
from qa.cli.options import WorkspaceOptions
from qa.cli.render import Output
from qa.errors import UsageError
from qa.files import within
from qa.text import counted

if TYPE_CHECKING:
    from qa.gold.files.cases import Case
    from qa.gold.results import Run
    from qa.gold.verdict.compare import Comparison
    from qa.llm.protocol import Chat
    from qa.session import Session

__all__ = ["compare", "run"]

REGRESSION = 4  # exit codes
NOT_MEASURED = 5

BaseArgument = Annotated[Path, typer.Argument(metavar="BASE", help="The saved run to compare with.")]
NewArgument = Annotated[Path, typer.Argument(metavar="NEW", help="The saved run to check.")]


def run(
    files: FilesArgument,
    workspace: WorkspaceOptions,
    answering: AnsweringOptions,
    asking: AskOptions,
    comparing: BaselineOptions,
    reports: ReportOptions,
) -> int:
    """Ask the questions of gold files and measure the answers.

    Without a model, the answers are quotes. With --baseline, the run is compared with an earlier one. Exits with 4 for
    a regression or, without a baseline, for a critical case that fails. Exits with 5 if the comparison is inconclusive
    or a case could not be measured, because an endpoint is down, a gold quote is stale, or nothing was recorded.
    """
    from qa.gold import results
    from qa.gold.files import cases as gold_cases
    from qa.gold.last_run import LastRun
    from qa.gold.verdict.compare import require_common
    from qa.gold.verdict.score import case_sha256
    from qa.session import workspace_root

    answering.check()
    root = workspace_root(workspace.root)
    reports.check(root, comparing.save)
    cases = _selected(gold_cases.load(*files), asking.case or [], asking.tag or [])
    base = results.load(comparing.baseline) if comparing.baseline else None
    if base:
        require_common(base, {case.id: case_sha256(case) for case in cases})
    with workspace.open({"k": asking.k, **answering.flags}) as session:
        mode = choose_mode(session.settings, answering)
        answering.check_with(mode, asking)
        last = LastRun(session.workspace, mode, note)
        chat = open_chat(session, mode, answering, files[0], asking.changed)
        result, skipped = _ask(session, chat, cases, asking, last.load() if _reuses(asking, answering) else None)
        _report_ported(chat)
        if answering.prune:
            prune(chat, result)
    comparison = _compared(base, result, comparing.margin)
    last.save(result)
    if comparing.save:
        results.save(result, *within(comparing.save, root))
    if asking.changed:
        _report_changed(chat, skipped, len(cases))
    return _report(result, comparison, reports, root)


def compare(base: BaseArgument, new: NewArgument, reports: ReportOptions, margin: MarginOption = 5.0) -> int:
    """Compare two saved runs.

    The verdict is pass, fail or inconclusive, with the smallest drop that this gold set can detect. Exits with 4 if it
    is fail; with 5 if it is inconclusive or a case of the new run was not measured.
    """
    from qa.gold import results
    from qa.session import workspace_root

    root = workspace_root(None)
    reports.check(root)
    before, after = results.load(base), results.load(new)
    return _report(after, _compared(before, after, margin), reports, root)


def _reuses(asking: AskOptions, answering: AnsweringOptions) -> bool:
    """Whether results of the last run count; when answers are recorded, the recording plays that part."""
    return asking.changed and not answering.record


def _ask(
    session: "Session", chat: "Chat | None", cases: "Sequence[Case]", asking: AskOptions, last: "Run | None"
) -> "tuple[Run, int]":
    """The run, and how many cases were not asked because nothing about them has changed."""
    from qa.gold.run import Options
    from qa.gold.run import run as run_cases

    with progress() as report:
        session.retriever(build=not asking.no_build, progress=report)
        prices = (session.settings["price_prompt"], session.settings["price_completion"])
        options = Options(asking.repeat, asking.jobs, last, prices)
        assistant = session.assistant(chat)
        keep_trust(chat, assistant)
        return run_cases(cases, assistant, options, lambda n, total: report("questions", n, total))


def _report_ported(chat: "Chat | None") -> None:
    from qa.gold.portable import PortablePlayer

    if isinstance(chat, PortablePlayer) and chat.ported:
        note(f"{counted(chat.ported, 'answer')} recorded for an earlier prompt; --record asks the model anew")


def _report_changed(chat: "Chat | None", skipped: int, total: int) -> None:
    from qa.llm.recorded import Recorder

    if isinstance(chat, Recorder):
        note(f"the model was asked {counted(chat.asked, 'time')}; all else was recorded already")
    else:
        note(f"{skipped:,} of {counted(total, 'case')} not asked again: nothing that decides them has changed")


def _selected(cases: "Sequence[Case]", ids: Sequence[str], tags: Sequence[str]) -> "list[Case]":
    """The cases with these ids and tags; all if none are named."""
    unknown = [name for name in ids if name not in {case.id for case in cases}]
    unknown += [name for name in tags if name not in {tag for case in cases for tag in case.tags}]
    if unknown:
        raise UsageError(f"no case and no tag is called {unknown[0]!r}")
    chosen = [case for case in cases if (not ids or case.id in ids) and (not tags or set(tags) & set(case.tags))]
    if not chosen:
        raise UsageError("no case has both one of these ids and one of these tags")
    return chosen


def _compared(base: "Run | None", run: "Run", margin: float) -> "Comparison | None":
    from qa.gold.verdict.compare import compare as compare_runs

    return compare_runs(base, run, margin=margin / 100) if base else None


def _report(run: "Run", comparison: "Comparison | None", reports: ReportOptions, root: Path) -> int:
    """Print and write the findings. Returns the exit code."""
    from qa.gold.reports.annotations import annotations
    from qa.gold.reports.json_file import as_json
    from qa.gold.reports.overview import Overview
    from qa.gold.reports.terminal import report

    reports.write(root, run, comparison)
    if reports.json:
        from qa.cli import jsonio

        jsonio.write(as_json(run, comparison), sys.stdout)
    elif reports.annotations:
        sys.stdout.write(annotations(run, comparison))
        overview = Overview(run, comparison)
        for line in (*overview.reasons, f"{overview.verdict}: {overview.sentence}"):
            note(line)
    else:
        report(run, comparison, Output())
    return _exit_code(run, comparison)


def _exit_code(run: "Run", comparison: "Comparison | None") -> int:
    """A regression counts before what was not measured."""
    made_up = any(result.measures.get("verbatim", 1.0) < 1 for result in run.results)
    critical = any(result.severity == "critical" and result.outcome == "fail" for result in run.results)
    if made_up or (comparison.verdict == "fail" if comparison else critical):
        return REGRESSION
    unmeasured = any(result.outcome in ("stale", "error") for result in run.results)
    inconclusive = comparison is not None and comparison.verdict == "inconclusive"
    return NOT_MEASURED if unmeasured or inconclusive else 0

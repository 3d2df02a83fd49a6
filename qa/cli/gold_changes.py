"""qa gold changes: which answers to standing questions changed since they were last asked."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli.console import note, progress
from qa.cli.options import JsonOption, ModelOptions, NoBuildOption, WorkspaceOptions
from qa.cli.places import diff_text
from qa.cli.render import DIM, QUOTE, WARNING, Output, one_line
from qa.errors import IndexUnusableError, SettingError, UsageError
from qa.files import check_writable, within, write

if TYPE_CHECKING:
    from qa.gold.changes import Changed, Kept, Pair
    from qa.llm.protocol import Chat
    from qa.session import Session

__all__ = ["changes"]

CHANGED = 4  # exit code
NAME = "answers.json"

QuestionsArgument = Annotated[
    list[Path],
    typer.Argument(metavar="FILES...", help="Questions: .txt with one a line, a list in YAML, or gold files."),
]


@dataclass(frozen=True, slots=True)
class ChangesOptions:
    """What to compare with, and what is written."""

    check: Annotated[bool, typer.Option("--check", help="Exit with 4 if an answer changed.")] = False
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", metavar="FILE.json", help="Compare with these answers, and keep none in .qa/."),
    ] = None
    save: Annotated[
        Path | None, typer.Option("--save", metavar="FILE.json", help="Save the answers, to compare with them later.")
    ] = None
    markdown: Annotated[Path | None, typer.Option("--markdown", metavar="FILE", help="Write a Markdown report.")] = None
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a self-contained HTML report.")] = (
        None
    )
    json: JsonOption = False
    no_build: NoBuildOption = False


def changes(files: QuestionsArgument, workspace: WorkspaceOptions, model: ModelOptions, options: ChangesOptions) -> int:
    """Show which answers to standing questions changed.

    Asks the questions and compares with the answers of the last time, which are kept in .qa/: an answer appeared,
    changed, with the old and the new quote, or lost its quotes. A quote that only moved is no change. Exits with 4 if
    something changed and --check is given.
    """
    from qa.gold import changes as standing
    from qa.gold.files import questions as asked

    questions = asked.load(*dict.fromkeys(files))
    with workspace.open(model.flags) as session:
        root = session.workspace.root
        _check_files(options, root)
        old = _old(session, options)
        with progress() as report:
            retriever = session.retriever(build=not options.no_build, progress=report)
            chat = _chat(session)
            new = standing.ask(questions, session.assistant(chat), lambda n, total: report("questions", n, total))
        found = standing.changes(old, new, retriever)
        _keep(session, options, {**old, **new})
        first = sum(id not in old or old[id].question != kept.question for id, kept in new.items())
        _report(found, len(new), first, options, root, session.folder)
    return CHANGED if options.check and found else 0


def _check_files(options: ChangesOptions, root: Path) -> None:
    for path in (options.save, options.markdown, options.html):
        try:
            if path is not None:
                check_writable(*within(path, root))
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def _chat(session: "Session") -> "Chat | None":
    if not session.settings["model"]:
        return None
    from qa.llm.announcing import destination

    chat = session.chat()
    note(destination(chat))
    return chat


def _old(session: "Session", options: ChangesOptions) -> "dict[str, Kept]":
    """The answers to compare with; none at the first time."""
    from qa.gold.changes import load
    from qa.gold.signed import UnsignedError

    try:
        if options.baseline:
            return load(options.baseline)
        return load(session.workspace.private / NAME, session.workspace.private)
    except FileNotFoundError:
        if options.baseline:
            raise UsageError(f"{options.baseline} does not exist; make it with: qa gold changes --save") from None
        return {}
    except UnsignedError as error:
        note(f"asking as for the first time, because the answers of the last time cannot be used: {error}")
        return {}


def _keep(session: "Session", options: ChangesOptions, answers: "dict[str, Kept]") -> None:
    from qa.gold.changes import keep, save
    from qa.settings import private_folder

    if options.save:
        save(answers, *within(options.save, session.workspace.root))
        note(f"wrote {options.save}")
    if options.baseline is None:
        try:
            with private_folder(session.workspace), suppress(FileNotFoundError):
                keep(answers, session.workspace.private / NAME, session.workspace.private)
        except OSError as error:
            note(f"these answers are not kept: {error.filename or session.workspace.private}: {error.strerror}")
        except (SettingError, IndexUnusableError) as error:  # of the key
            note(f"these answers are not kept: {error}")


def _report(
    found: "Sequence[Changed]", asked: int, first: int, options: ChangesOptions, root: Path, folder: str
) -> None:
    from qa.gold.reports.changes import as_html, as_markdown, headline

    for path, render in ((options.markdown, as_markdown), (options.html, as_html)):
        if path is not None:
            target, below = within(path, root)
            write(target, render(found, asked, first).encode(), below)
            note(f"wrote {path}")
    if options.json:
        from qa.cli import jsonio

        counts = {kind: sum(one.kind == kind for one in found) for kind in ("appeared", "changed", "lost")}
        record = {"schema": 1, "asked": asked, "first": first, "counts": counts, "changes": [asdict(o) for o in found]}
        jsonio.write(record, sys.stdout)
        return
    output = Output(folder=folder)
    for changed in found:
        output.line(f"{changed.kind}: {one_line(changed.new.question)}", style=WARNING)
        for pair in changed.pairs:
            _print_pair(output, pair)
        output.line()
    output.line(headline(found, asked, first))


def _print_pair(output: Output, pair: "Pair") -> None:
    from qa.gold.reports.changes import pair_title, place

    output.line(pair_title(pair), DIM, first="  ")
    for name, quote in (("before", pair.old), ("now   ", pair.new)):
        if quote is not None:
            output.line(one_line(quote.text), style=QUOTE, first=f"  {name} | ", rest="         | ")
            output.line(place(quote), DIM, first="           ")
    if pair.diff and pair.state == "edited":
        steps = [{"kind": step.kind, "old": step.old, "new": step.new} for step in pair.diff]
        output.line(one_line(diff_text(steps)), first="           ")

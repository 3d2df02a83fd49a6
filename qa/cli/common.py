"""What several commands share: their options, the workspace, an index that is there and fresh, progress, messages."""

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli.render import label

if TYPE_CHECKING:
    from qa.answer.assistant import Assistant
    from qa.index.plan import Plan
    from qa.llm.chat import Chat
    from qa.records import Document
    from qa.retrieve.retriever import Retriever
    from qa.workspace import Settings, Workspace

__all__ = [
    "ROOT_HELP",
    "BaseUrlOption",
    "ExplainOption",
    "JsonOption",
    "KOption",
    "ModelOption",
    "NoBuildOption",
    "RootOption",
    "WhereOption",
    "changes",
    "check_request",
    "counted",
    "documents_of",
    "make_assistant",
    "note",
    "note_untrusted",
    "open_index",
    "progress",
    "workspace_and_settings",
]


def _root(context: typer.Context, value: Path | None) -> Path | None:
    """`qa --root DIR COMMAND` counts like `qa COMMAND --root DIR`."""
    return context.obj if value is None and isinstance(context.obj, Path) else value


ROOT_HELP = "The workspace; by default the nearest folder upwards with a qa.toml, else this one."
RootOption = Annotated[Path | None, typer.Option("--root", metavar="DIR", callback=_root, help=ROOT_HELP)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON (schema 1) instead of text.")]
KOption = Annotated[int | None, typer.Option("--k", "-k", metavar="N", help="How many passages to retrieve.")]
WhereOption = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="FILTER",
        help="Only sources with key=value, key!=value, key<value (also <= > >=; dates, numbers) or path=glob. "
        "Repeat it for AND.",
    ),
]
ExplainOption = Annotated[
    bool, typer.Option("--explain", help="Print the figures behind the ranking on standard error.")
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model", metavar="NAME", help="The language model that answers: a name, or gguf:PATH for a file run here."
    ),
]
BaseUrlOption = Annotated[
    str | None,
    typer.Option("--base-url", metavar="URL", help="The endpoint of the model, in OpenAI's chat format."),
]
NoBuildOption = Annotated[bool, typer.Option("--no-build", help="Never build or update the index; use it as it is.")]

LINE_EVERY_SECONDS = 10.0  # between progress lines where there is no terminal


def note(message: str) -> None:
    """One line on standard error, whatever stands in the message."""
    print(f"qa: {label(message)}", file=sys.stderr, flush=True)


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """`1 document`, `1,200 documents`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def workspace_and_settings(root: Path | None, **flags: object) -> "tuple[Workspace, Settings]":
    """The workspace and its effective settings; says which settings of an untrusted qa.toml were left out."""
    from qa import workspace

    found = workspace.find(root)
    settings = workspace.resolve(found, flags, os.environ)
    if settings.ignored:
        names = ", ".join(settings.ignored)
        note(f"{names} in qa.toml ignored: this workspace is not trusted. Look at its qa.toml, then run: qa trust")
    return found, settings


def check_request(question: str, where: Sequence[str]) -> None:
    """Raise QuestionError or WhereError before anything slow is done."""
    from qa.index import where as filters
    from qa.retrieve.retriever import check_question

    check_question(question)
    filters.parse(where)


def note_untrusted(workspace: "Workspace") -> bool:
    """Say that an index which somebody else built is going to be replaced; whether it is so."""
    from qa.index import store

    untrusted = store.is_untrusted(workspace.index)
    if untrusted:
        note(f"the index in {workspace.index} was not built by you; building a new one from {workspace.seeds} ...")
    return untrusted


def open_index(
    workspace: "Workspace", settings: "Settings", *, build: bool, changed: set[str] | None = None
) -> "Retriever":
    """The index, built or updated first where that is allowed; else a warning when it is older than `seeds/`.

    changed: takes the documents that the warning is about.
    """
    from qa.errors import IndexMissingError
    from qa.index import store
    from qa.index.plan import plan
    from qa.retrieve.retriever import Retriever

    if not build:
        retriever = Retriever.open(workspace.index, notify=note)  # no index is a clearer message than no seeds
        told = _warn_if_stale(workspace, settings)
        if changed is not None:
            changed.update(told)
        return retriever
    todo = plan(workspace.seeds, workspace.index, settings.build())
    if todo.stale:
        from qa.index import build as builder

        try:
            store.current_name(workspace.index)
            if not note_untrusted(workspace):
                note(f"{changes(todo)}; updating the index ...")
        except IndexMissingError:
            note(f"building the index of {workspace.seeds} ...")
        with progress() as report:
            built = builder.build(workspace.seeds, workspace.index, settings.build(), progress=report)
        if built.plan.skipped:
            note(f"{counted(len(built.plan.skipped), 'file')} skipped; qa status lists them")
    return Retriever.open(workspace.index, notify=note)


def make_assistant(
    retriever: "Retriever", chat: "Chat | None", workspace: "Workspace", settings: "Settings"
) -> "Assistant":
    """Who answers, as the settings say; with the workspace's own templates if it is trusted."""
    from qa.answer.assistant import Assistant
    from qa.workspace import templates

    options = {name: settings[name] for name in ("threshold", "floor", "k", "strict", "prompt_tokens")}
    return Assistant(retriever, chat, template=templates(workspace), **options)


def _warn_if_stale(workspace: "Workspace", settings: "Settings") -> tuple[str, ...]:
    """One line when a build would change the index, or when that cannot be found out; the documents that changed."""
    from qa.errors import ModelError, WorkspaceError
    from qa.index.plan import plan

    try:
        todo = plan(workspace.seeds, workspace.index, settings.build())
    except (WorkspaceError, ModelError) as error:
        note(f"the index is used as it is: {error}")
        return ()
    if todo.stale:
        note(f"{changes(todo)}; this comes from the older index. Update it with: qa index")
    return todo.changed


def changes(todo: "Plan") -> str:
    """`seeds/ changed since the index was built (1 added, 2 changed)`, or why else the index is stale."""
    parts = [
        f"{len(ids):,} {name}"
        for name, ids in (("added", todo.added), ("changed", todo.changed), ("removed", todo.removed))
        if ids
    ]
    if todo.reasons:
        return f"the index is out of date: {'; '.join(todo.reasons)}"
    if parts:
        return f"seeds/ changed since the index was built ({', '.join(parts)})"
    return "other files of seeds/ are skipped or duplicates than when the index was built"


def documents_of(retriever: "Retriever", doc_ids: Iterable[str]) -> "dict[str, Document]":
    """Each of these documents, for the context around quotes."""
    return {doc_id: retriever.document(doc_id) for doc_id in dict.fromkeys(doc_ids)}


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A callback `(stage, done, total)` that shows how far a build is, on standard error."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TaskID,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{speed:,.0f}/s" if speed else "")

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    console = Console(
        stderr=True, no_color=bool(os.environ.get("NO_COLOR")), markup=False, highlight=False, emoji=False
    )
    with Progress(*columns, console=console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(label(stage), total=total or None)
            bars.update(tasks[stage], completed=done, total=total or None)

        yield report


def _lines() -> Callable[[str, int, int], None]:
    """Progress where there is no terminal: a line now and then, none for what is quick."""
    begun: dict[str, float] = {}
    last = time.monotonic()

    def report(stage: str, done: int, total: int) -> None:
        nonlocal last
        if total <= 0:  # an announcement of something slow
            note(f"{label(stage)} ...")
            return
        now = time.monotonic()
        if stage not in begun:
            begun[stage] = last = now
        start = begun[stage]
        if now - last < LINE_EVERY_SECONDS or done <= 0:
            return
        last = now
        rate = done / max(now - start, 0.001)
        left = (total - done) / rate
        note(f"{stage}: {done:,} of {total:,}, {rate:,.0f} a second, {left:,.0f} s left")

    return report

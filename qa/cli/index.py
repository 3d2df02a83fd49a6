"""qa index: build or update the index."""

from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli.console import note, progress
from qa.cli.options import CheckContentOption, WorkspaceOptions
from qa.cli.render import Output, label
from qa.cli.unread import unread_lines
from qa.text import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.index.build import BuildReport
    from qa.session import Session

__all__ = ["index", "print_report"]

WatchOption = Annotated[bool, typer.Option("--watch", help="Keep running, and update the index when documents change.")]
RebuildOption = Annotated[bool, typer.Option("--rebuild", help="Encode all text again, even if it has not changed.")]
RayOption = Annotated[
    str | None,
    typer.Option(
        "--ray",
        metavar="ADDRESS",
        help="Read and encode with Ray: local, auto, or HOST:PORT of a cluster's head node (docs/cluster.md).",
    ),
]
LISTED = 20  # added, changed and removed documents that are named; skipped ones all are


def index(
    workspace: WorkspaceOptions,
    rebuild: RebuildOption = False,
    check_content: CheckContentOption = False,
    watch: WatchOption = False,
    ray: RayOption = None,
) -> int:
    """Build or update the index.

    Encodes only new and changed text. Lists the documents that were added, changed, removed or skipped, and why they
    were skipped. Replaces an index that somebody else built, and reuses nothing from it.

    Reads .txt .md .markdown .html .htm .pdf .docx .xlsx .xlsm .pptx .odt .ods .odp .epub .rst .csv .tsv .json .jsonl
    .ndjson .ipynb .eml .mbox .srt .vtt .log, and with the setting ocr .png .jpg .jpeg .tif .tiff.
    """
    if watch:
        from qa import watch as watching

        watching.check()
    with workspace.open({"ray": ray}) as session:
        note(f"indexing {session.sources} ...")
        with progress() as report:
            built = session.build(report, rebuild, check_content)
        print_report(built)
        if watch:
            _watch(session)
    return 0


def _watch(session: "Session") -> None:
    """Update the index whenever the documents change, until Ctrl-C."""
    import threading

    from qa import watch

    note(f"watching {session.sources}; Ctrl-C stops it")
    watch.watch(session, threading.Event(), print_report)


def print_report(built: "BuildReport") -> None:
    """What the build did, what it left out, and why."""
    output = Output()
    for verb, ids in (("added", built.plan.added), ("changed", built.plan.changed), ("removed", built.plan.removed)):
        _list(output, verb, ids)
    for doc_id, reason in built.plan.skipped.items():
        output.line(f"skipped   {label(doc_id)}: {label(reason)}")
    for line in unread_lines(built.unread):
        output.line(line)
    for doc_id, kept in built.plan.duplicates.items():
        output.line(f"duplicate {label(doc_id)}: same bytes as {label(kept)}")
    for reason in built.plan.reasons:
        output.line(f"rebuilt because {label(reason)}")
    if not built.written:
        output.line(f"Nothing changed: {_size(built)}.")
        return
    output.line(f"Indexed {_size(built)}, {counted(built.encoded, 'passage')} encoded, in {built.seconds:.1f} s.")


def _list(output: Output, verb: str, ids: "Sequence[str]") -> None:
    for doc_id in ids[:LISTED]:
        output.line(f"{verb:<9} {label(doc_id)}")
    if len(ids) > LISTED:
        output.line(f"{verb:<9} ... and {len(ids) - LISTED:,} more")


def _size(built: "BuildReport") -> str:
    lines = counted(built.boilerplate_lines, "line")
    return (
        f"{counted(built.documents, 'document')}, {counted(built.passages, 'passage')}, "
        f"{counted(built.sentences, 'sentence')}; {lines} of boilerplate left out"
    )

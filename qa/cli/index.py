"""qa index: build or update the index."""

from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli.common import RootOption, counted, note, note_untrusted, progress, workspace_and_settings
from qa.cli.render import Page, label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.index.build import BuildReport

__all__ = ["index", "print_report"]

RebuildOption = Annotated[bool, typer.Option("--rebuild", help="Encode everything anew, even what has not changed.")]

LISTED = 20  # names of added, changed and removed documents; what was skipped is always listed whole


def index(root: RootOption = None, rebuild: RebuildOption = False) -> int:
    """Build or update the index of seeds/.

    Only new and changed text is encoded. Lists what was added, changed, removed, and what was skipped and why. An index
    that somebody else built is replaced, and nothing of it is used.

    Reads .txt .md .markdown .html .htm .pdf .docx .xlsx .xlsm .pptx .odt .ods .odp .epub .rst .csv .tsv .json .jsonl
    .ndjson .ipynb .eml .mbox .srt .vtt .log, and with the setting ocr .png .jpg .jpeg .tif .tiff.
    """
    workspace, settings = workspace_and_settings(root)
    from qa.index import build as builder

    if not note_untrusted(workspace):
        note(f"indexing {workspace.seeds} ...")
    with progress() as report:
        built = builder.build(workspace.seeds, workspace.index, settings.build(), progress=report, rebuild=rebuild)
    print_report(built)
    return 0


def print_report(built: "BuildReport") -> None:
    """What the build did, what it left out and why."""
    page = Page()
    for verb, ids in (("added", built.plan.added), ("changed", built.plan.changed), ("removed", built.plan.removed)):
        _list(page, verb, ids)
    for doc_id, reason in built.plan.skipped.items():
        page.line(f"skipped   {label(doc_id)}: {label(reason)}")
    for doc_id, kept in built.plan.duplicates.items():
        page.line(f"duplicate {label(doc_id)}: the same bytes as {label(kept)}, indexed once")
    for reason in built.plan.reasons:
        page.line(f"made anew because {label(reason)}")
    if not built.written:
        page.line(f"Nothing changed: {_size(built)}.")
        return
    page.line(f"Indexed {_size(built)}, {counted(built.encoded, 'text')} encoded, in {built.seconds:.1f} s.")


def _list(page: Page, verb: str, ids: "Sequence[str]") -> None:
    for doc_id in ids[:LISTED]:
        page.line(f"{verb:<9} {label(doc_id)}")
    if len(ids) > LISTED:
        page.line(f"{verb:<9} ... and {len(ids) - LISTED:,} more")


def _size(built: "BuildReport") -> str:
    lines = counted(built.boilerplate_lines, "line")
    return (
        f"{counted(built.documents, 'document')}, {counted(built.passages, 'passage')}, "
        f"{counted(built.sentences, 'sentence')}; {lines} of site furniture left out"
    )

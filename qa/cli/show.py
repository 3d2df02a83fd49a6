"""qa show: a source as it was indexed, with line numbers."""

import re
import sys
from difflib import get_close_matches
from typing import Annotated

import typer

from qa.cli.blocks import print_blocks
from qa.cli.options import WorkspaceOptions
from qa.cli.render import Output, label, line_of, line_spans
from qa.errors import UsageError, WorkspaceError
from qa.records import Document, Span
from qa.text import shortened

__all__ = ["show"]

MAX_DIGITS = 1000  # of a number, leading zeros included
AROUND = 3  # lines shown before and after the quote

SourceArgument = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE[:LINE|:START-END]",
        help="A source, with or without seeds/, or a file name that only one source has; then a line number, or "
        "character offsets as --json prints them.",
    ),
]
WholeOption = Annotated[
    bool, typer.Option("--whole", help="Show the whole source instead of the lines around the quote.")
]
BlocksOption = Annotated[
    bool, typer.Option("--blocks", help="List the headings, paragraphs, table rows and other blocks that qa sees.")
]
BlocksJsonOption = Annotated[bool, typer.Option("--json", help="With --blocks: print JSON instead of text.")]


def show(
    source: SourceArgument,
    workspace: WorkspaceOptions,
    whole: WholeOption = False,
    blocks: BlocksOption = False,
    json: BlocksJsonOption = False,
) -> int:
    """Show a source with line numbers and the quote highlighted.

    In the gutter, | marks the lines of the quote, ~ lines that are not indexed (boilerplate), and - lines that are
    partly indexed. --blocks lists the structure of the source instead, or of the lines that are named.
    """
    if json and not blocks:
        raise UsageError("--json goes with --blocks; add --blocks, or leave --json out")
    with workspace.open() as session:
        retriever = session.retriever(build=False)
        known = [info.id for info in retriever.documents]
        name, place = _split(source, known, session.folder)
        document = retriever.document(_resolve(name, known, session.folder))
    marked = _span(document, place)
    if blocks:
        print_blocks(document, marked, json, session.folder)
        return 0
    lines = line_spans(document.text)
    first, last = 1, len(lines)
    if marked is not None and not whole:
        first = max(1, line_of(document.text, marked.start) - AROUND)
        last = min(len(lines), line_of(document.text, max(marked.start, marked.end - 1)) + AROUND)
    output = Output(folder=session.folder)
    output.line(label(document.title), style="bold")
    shown = "" if (first, last) == (1, len(lines)) else f", lines {first} to {last} of {len(lines)} (--whole shows all)"
    output.line(f"{label(session.folder + document.id)}{shown}", style="dim")
    output.line()
    output.source(document, first, last, marked)
    return 0


def _split(source: str, known: list[str], folder: str) -> tuple[str, str]:
    """The name, and the place after its last colon unless that is part of the name."""
    match = re.fullmatch(r"(.+):(\d+(?:-\d+)?)", source, re.DOTALL)
    if match is None or source.removeprefix(folder) in known:
        return source, ""
    return match[1], match[2]


def _resolve(name: str, known: list[str], folder: str) -> str:
    """The id that a name stands for: the name itself, with or without the folder, or a unique file name."""
    for candidate in (name, name.removeprefix("./").removeprefix(folder)):
        if candidate in known:
            return candidate
    same = [doc_id for doc_id in known if doc_id.rpartition("/")[2] == name]
    if len(same) == 1:
        return same[0]
    if same:
        raise UsageError(f"{len(same)} sources are called {name}: {', '.join(same[:5])}; add the folder")
    near = get_close_matches(name, known, 1, 0.0)
    hint = f"; did you mean {near[0]}?" if near else "; the index is empty"
    raise WorkspaceError(f"the index has no source {name}{hint}")


def _span(document: Document, place: str) -> Span | None:
    """The characters that `LINE` or `START-END` stands for."""
    if not place:
        return None
    first, dash, last = place.partition("-")
    start, end = _number(first), _number(last)
    if not dash:
        lines = line_spans(document.text)
        if not 1 <= start <= len(lines):
            raise UsageError(f"{document.id} has {len(lines)} lines; there is no line {shortened(place, 40)}")
        return Span(*lines[start - 1])
    if not start < end <= len(document.text):
        named = shortened(place, 40)
        raise UsageError(f"{document.id} has {len(document.text)} characters; {named} is not a part of it")
    return Span(start, end)


def _number(digits: str) -> int:
    """The number, or with more digits than Python converts one that no document reaches."""
    return int(digits or 0) if len(digits) < MAX_DIGITS else sys.maxsize

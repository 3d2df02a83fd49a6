"""qa show: a source as it was indexed, with line numbers."""

import re
import sys
from difflib import get_close_matches
from typing import Annotated

import typer

from qa.cli.common import RootOption, open_index, workspace_and_settings
from qa.cli.render import Page, label, line_of, line_spans
from qa.errors import UsageError, WorkspaceError
from qa.records import Document, Span
from qa.text import shortened

__all__ = ["show"]

MOST_DIGITS = 1000  # leading zeros count
AROUND = 3  # lines shown before and after what was asked for

SourceArgument = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE[:LINE|:START-END]",
        help="A source as qa names it, with or without seeds/ before it, or a file name that only one source has; "
        "then a line, or the character offsets that --json prints.",
    ),
]
WholeOption = Annotated[bool, typer.Option("--whole", help="The whole source, not only the lines around the quote.")]


def show(source: SourceArgument, root: RootOption = None, whole: WholeOption = False) -> int:
    """Show a source with line numbers and the quote highlighted.

    In the gutter, | marks the lines of the quote, ~ lines that are not indexed (site furniture), - lines that are not
    indexed in part.
    """
    workspace, settings = workspace_and_settings(root)
    with open_index(workspace, settings, build=False) as retriever:
        known = [info.id for info in retriever.documents]
        name, place = _split(source, known)
        document = retriever.document(_resolve(name, known))
    marked = _span(document, place)
    lines = line_spans(document.text)
    first, last = 1, len(lines)
    if marked is not None and not whole:
        first = max(1, line_of(document.text, marked.start) - AROUND)
        last = min(len(lines), line_of(document.text, max(marked.start, marked.end - 1)) + AROUND)
    page = Page()
    page.line(label(document.title), style="bold")
    shown = "" if (first, last) == (1, len(lines)) else f", lines {first} to {last} of {len(lines)} (--whole shows all)"
    page.line(f"seeds/{label(document.id)}{shown}", style="dim")
    page.line()
    page.source(document, first, last, marked)
    return 0


def _split(source: str, known: list[str]) -> tuple[str, str]:
    """The name and what stands after its last colon, if that is a place and not part of a source's name."""
    match = re.fullmatch(r"(.+):(\d+(?:-\d+)?)", source, re.DOTALL)
    if match is None or source.removeprefix("seeds/") in known:
        return source, ""
    return match[1], match[2]


def _resolve(name: str, known: list[str]) -> str:
    """The id that a name stands for: itself, below seeds/, or the only source with that file name."""
    for candidate in (name, name.removeprefix("./").removeprefix("seeds/")):
        if candidate in known:
            return candidate
    same = [doc_id for doc_id in known if doc_id.rpartition("/")[2] == name]
    if len(same) == 1:
        return same[0]
    if same:
        raise UsageError(f"{len(same)} sources are called {name}: {', '.join(same[:5])}; name the folder too")
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
    """The number, or one that no document reaches for more digits than Python reads."""
    return int(digits or 0) if len(digits) < MOST_DIGITS else sys.maxsize

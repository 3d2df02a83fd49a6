"""qa verify: check the quotes of a stored answer, or of any text, against the documents."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from qa.cli.console import note
from qa.cli.options import JsonOption, WorkspaceOptions
from qa.cli.places import diff_text, place_text, print_places
from qa.cli.render import DIM, QUOTE, WARNING, Output, label, one_line
from qa.errors import UsageError
from qa.files import MEDIUM, read_named
from qa.text import counted

__all__ = ["verify"]

NOT_FOUND = 3  # exit code

FileArgument = Annotated[
    str, typer.Argument(metavar="[FILE|-]", help="A stored answer or any text. Default: standard input.")
]


def verify(workspace: WorkspaceOptions, file: FileArgument = "-", json: JsonOption = False) -> int:
    """Check the quotes of an answer or a text against the documents.

    Each quote of an answer that qa ask --json wrote, or that the page of qa serve exported, is intact, moved, edited,
    duplicated or gone. In any other text, each passage of three words or more in quotation marks is searched for. Uses
    the index as it is, and the files where they differ from it; needs no model. Exits with 3 when a quote is not in the
    documents, or when a page differs from what this version of qa exports or may show words that were not checked.
    """
    from qa.quotes import verification

    found = verification.claims(_read(file))
    with workspace.open() as session:
        ocr = session.settings.build().ocr
        retriever = session.retriever(build=False)
        report = verification.verify(found, retriever, session.sources, note, ocr, session.changed)
    if json:
        from qa.cli import jsonio

        jsonio.write(report, sys.stdout)
    else:
        output = Output(folder=session.folder)
        _print(report["quotes"], output)
        if "page" in report:
            _print_page(report["page"], found.exported, output)
    return 0 if report["stands"] else NOT_FOUND


def _read(file: str) -> str:
    name = "standard input" if file == "-" else file
    try:
        data = sys.stdin.buffer.read() if file == "-" else read_named(Path(file), MEDIUM)
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{name} is not UTF-8") from None
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}") from None


def _print(records: Sequence[dict[str, Any]], output: Output) -> None:
    for record in records:
        stored = "n" in record
        title = f"[{record['n']}] {record['state']}" if stored else f"line {record['line']}: {record['state']}"
        output.line(title, style="" if record["stands"] else WARNING)
        output.line(one_line(record["text"]), style=QUOTE, first="    | ", rest="    | ")
        if "reason" in record:
            output.line(record["reason"], first="    ", rest="    ")
        if stored:
            _print_standing(output, record)
        else:
            print_places(output, record["places"], "")
        output.line()
    found = sum(record["stands"] for record in records)
    if len(records) == 1:
        output.line("The quote is in the documents." if found else "The quote is not in the documents.")
    else:
        output.line(f"{found:,} of {len(records):,} quotes {'is' if found == 1 else 'are'} in the documents.")


def _print_page(page: dict[str, Any], exported: bool, output: Output) -> None:
    """What of a page was checked. exported: whether it has an answer in it."""
    if not page["foreign"]:
        output.line(
            f"Checked: the page shows the answer in it, and {counted(page['compared'], 'quote')}, as qa draws it."
        )
        return
    why = (
        "this version of qa did not write the page as it is. To check the answer in it, save that as JSON. The first "
        "difference"
        if exported
        else "qa did not write this page, and a browser may show words other than the ones checked. Found in it"
    )
    output.line(f"Not verified: {why}: {one_line(page['foreign'])}", WARNING)


def _print_standing(output: Output, record: dict[str, Any]) -> None:
    """Where a stored quote is now, what changed, and where else its words are."""
    if record["diff"]:
        output.line(one_line(diff_text(record["diff"])), first="    ")
    now = record["place"]
    offsets = f"({record['start']}-{record['end']})"
    if now is None:
        output.line(f"was {label(output.folder + record['source'])} {offsets}", DIM, first="    ")
    else:
        same = all(now[name] == record[name] for name in ("source", "start", "end"))
        was = "" if same else f", was {label(record['source'])} {offsets}"
        output.line(f"{place_text(output, now)}{was}", DIM, first="    ")
    print_places(output, record["others"], "also ")

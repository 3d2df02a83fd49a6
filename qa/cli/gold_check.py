"""qa gold check: check the quotes of gold files against today's documents."""

import shlex
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qa.cli.options import JsonOption, WorkspaceOptions
from qa.cli.places import diff_text, place_text, print_places
from qa.cli.render import DIM, QUOTE, WARNING, Output, label, line_of, one_line
from qa.errors import GoldError
from qa.files import MEDIUM, read_named
from qa.text import counted

if TYPE_CHECKING:
    from qa.gold.files.cases import Case, GoldQuote
    from qa.gold.files.check import Checked
    from qa.gold.files.documents import Documents
    from qa.quotes.anchors import Place

__all__ = ["FilesArgument", "check"]

STALE = 3  # exit code
STATES = ("intact", "moved", "edited", "duplicated", "gone")

FilesArgument = Annotated[list[Path], typer.Argument(metavar="FILES...", help="Gold files.")]
FixOption = Annotated[bool, typer.Option("--fix", help="Fix stale quotes in the files where there is no doubt.")]


def check(files: FilesArgument, workspace: WorkspaceOptions, fix: FixOption = False, json: JsonOption = False) -> int:
    """Check the quotes of gold files against the documents.

    Each quote is intact, moved to another place, edited, duplicated (its place is no longer certain) or gone. Reads the
    documents themselves, without index or model. --fix corrects source, text, before and after of a quote where there
    is no doubt, and nothing else in the file. Exits with 3 if a quote is stale.
    """
    from qa.gold.files import cases
    from qa.gold.files.check import check as check_all
    from qa.gold.files.documents import Documents
    from qa.gold.files.sources import Sources

    paths = list(dict.fromkeys(files))
    gold = cases.load(*paths)
    with workspace.open() as session:
        documents = Documents(session.sources, session.settings.build())
    checked = check_all(gold, Sources(documents), documents.twins)
    if fix:
        for path in paths:
            _fix(path, [case for case in gold if case.file == str(path)], checked, session.workspace.root)
    records = [_record(one, documents, fix, session.folder) for one in checked]
    stands = all(record["stands"] for record in records)
    if json:
        from qa.cli import jsonio

        jsonio.write({"schema": 1, "stands": stands, "counts": _counts(records), "quotes": records}, sys.stdout)
    else:
        _print(records, fix, Output(folder=session.folder), paths)
    return 0 if stands else STALE


def _fix(path: Path, cases: "Sequence[Case]", checked: "Sequence[Checked]", root: Path) -> None:
    """Write the fixed quotes of one file into it."""
    from qa.gold.files import rewrite
    from qa.gold.files.cases import parse

    number = {id(case): n for n, case in enumerate(cases)}
    fixed = {(number[id(one.case)], one.number): one.mended for one in checked if one.mended and id(one.case) in number}
    if not fixed:
        return
    data = read_named(path, MEDIUM)
    text = data.decode("utf-8-sig")
    if parse(text, str(path)) != tuple(cases):
        raise GoldError(f"{path}: changed while it was being checked; run qa gold check --fix again")
    rewrite.write(path, rewrite.put(text, str(path), fixed), data.startswith(b"\xef\xbb\xbf"), root)


def _record(one: "Checked", documents: "Documents", fix: bool, folder: str) -> dict[str, Any]:
    """What has become of a quote."""
    quote, standing = one.quote, one.standing
    fixed = fix and one.mended is not None
    return {
        "file": one.case.file,
        "line": quote.line,
        "case": one.case.id,
        "source": quote.source,
        "text": quote.text,
        "before": quote.before,
        "after": quote.after,
        "state": standing.state,
        "stands": standing.stands or fixed,
        "certain": standing.certain,
        "style_only": standing.style_only,
        "missing": _missing(quote, documents, folder) if one.missing else None,
        "place": _place(standing.place, documents) if standing.place else None,
        "others": [_place(place, documents) for place in standing.others],
        "diff": [{"kind": step.kind, "old": step.old, "new": step.new} for step in standing.diff],
        "fix": {name: getattr(one.mended, name) for name in ("source", "text", "before", "after")}
        if one.mended
        else None,
        "fixed": fixed,
    }


def _missing(quote: "GoldQuote", documents: "Documents", folder: str) -> str:
    """Why there is no text to search for the quote."""
    if quote.source in documents.twins:
        return f"byte for byte the same as {documents.twins[quote.source]}, which is indexed instead"
    return documents.absent.get(quote.source, f"no such document in {folder}")


def _place(place: "Place", documents: "Documents") -> dict[str, Any]:
    return {
        "source": place.doc_id,
        "start": place.start,
        "end": place.end,
        "line": line_of(documents[place.doc_id], place.start),
        "page": documents.page(place.doc_id, place.start),
    }


def _counts(records: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Count quotes by state, leaving out zeros."""
    found = Counter(record["state"] for record in records)
    return {state: found[state] for state in STATES if found[state]}


def _print(records: Sequence[dict[str, Any]], fix: bool, output: Output, files: Sequence[Path]) -> None:
    """Every quote that is not intact to the letter, and the counts."""
    for record in records:
        if record["state"] != "intact" or record["style_only"]:
            _print_quote(output, record)
    counts = ", ".join(f"{number:,} {state}" for state, number in _counts(records).items() if number)
    output.line(f"{counted(len(records), 'quote')}: {counts}." if records else "No quotes in these files.")
    fixable = sum(record["fix"] is not None for record in records)
    if fixable and fix:
        output.line(f"{counted(fixable, 'quote')} fixed.")
    elif fixable:
        named = label(shlex.join(map(str, files)))
        output.line(f"{counted(fixable, 'quote')} can be fixed. Run: qa gold check --fix {named}")


def _print_quote(output: Output, record: dict[str, Any]) -> None:
    fate = f"{record['state']}, fixed" if record["fixed"] else record["state"]
    output.line(
        f"{label(record['file'])}:{record['line']} {label(record['case'])}: {fate}", "" if record["stands"] else WARNING
    )
    output.line(one_line(record["text"]), style=QUOTE, first="    | ", rest="    | ")
    if record["diff"]:
        output.line(one_line(diff_text(record["diff"])), first="    ")
    missing = f" ({label(record['missing'])})" if record["missing"] else ""
    now = place_text(output, record["place"]) if record["place"] else ""
    unsure = ", not certain" if now and not record["certain"] else ""
    was = f"was {label(output.folder + record['source'])}{missing}"
    output.line(f"{now}{unsure}, {was}" if now else was, DIM, first="    ")
    print_places(output, record["others"], "also in " if now else "found in ")
    output.line()

"""qa gold check: do the quotes of gold files stand in today's documents?"""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qa.cli.common import RootOption, counted, workspace_and_settings
from qa.cli.render import DIM, QUOTE, WARNING, Page, label, line_of, one_line
from qa.cli.verify import change, print_places, where
from qa.errors import GoldError
from qa.files import MEDIUM, read_named

if TYPE_CHECKING:
    from qa.gold.files.cases import Case, GoldQuote
    from qa.gold.files.check import Checked
    from qa.gold.files.documents import Documents
    from qa.quotes.anchors import Place

__all__ = ["FilesArgument", "check"]

DOES_NOT_STAND = 3  # exit code
STATES = ("intact", "moved", "edited", "duplicated", "gone")

FilesArgument = Annotated[list[Path], typer.Argument(metavar="FILES...", help="Gold files.")]
FixOption = Annotated[
    bool, typer.Option("--fix", help="Write down in the files what has become of quotes, if certain.")
]
CheckJsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def check(files: FilesArgument, root: RootOption = None, fix: FixOption = False, json: CheckJsonOption = False) -> int:
    """Check that the quotes of gold cases still stand.

    Each is intact, moved, edited, duplicated or gone. Looks in seeds/ as it is now; needs no index and no model. --fix
    changes source, text, before and after of a quote where no doubt is possible, and nothing else in the file. Exit
    code 3 when a quote does not stand.
    """
    from qa.gold.files import cases
    from qa.gold.files.check import check as check_all
    from qa.gold.files.documents import Documents
    from qa.gold.files.sources import Sources

    paths = list(dict.fromkeys(files))
    gold = cases.load(*paths)
    workspace, settings = workspace_and_settings(root)
    documents = Documents(workspace.seeds, settings.build())
    checked = check_all(gold, Sources(documents), documents.twins)
    if fix:
        for path in paths:
            _fix(path, [case for case in gold if case.file == str(path)], checked, workspace.root)
    records = [_record(one, documents, fix) for one in checked]
    stands = all(record["stands"] for record in records)
    if json:
        from qa.cli import jsonio

        jsonio.write({"schema": 1, "stands": stands, "counts": _counts(records), "quotes": records}, sys.stdout)
    else:
        _print(records, fix)
    return 0 if stands else DOES_NOT_STAND


def _fix(path: Path, cases: "Sequence[Case]", checked: "Sequence[Checked]", root: Path) -> None:
    """Write the mended quotes of one file into it."""
    from qa.gold.files import rewrite
    from qa.gold.files.cases import parse

    number = {id(case): n for n, case in enumerate(cases)}
    mended = {
        (number[id(one.case)], one.number): one.mended for one in checked if one.mended and id(one.case) in number
    }
    if not mended:
        return
    data = read_named(path, MEDIUM)
    text = data.decode("utf-8-sig")
    if parse(text, str(path)) != tuple(cases):
        raise GoldError(f"{path}: changed while it was being checked; run qa gold check --fix again")
    rewrite.write(path, rewrite.put(text, str(path), mended), data.startswith(b"\xef\xbb\xbf"), root)


def _record(one: "Checked", documents: "Documents", fix: bool) -> dict[str, Any]:
    """What has become of a quote. A fixed one stands."""
    quote, standing, mended = one.quote, one.standing, one.mended
    fixed = fix and mended is not None
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
        "missing": _missing(quote, documents) if one.missing else None,
        "place": _place(standing.place, documents) if standing.place else None,
        "others": [_place(place, documents) for place in standing.others],
        "diff": [{"kind": step.kind, "old": step.old, "new": step.new} for step in standing.diff],
        "fix": {name: getattr(one.mended, name) for name in ("source", "text", "before", "after")}
        if one.mended
        else None,
        "fixed": fixed,
    }


def _missing(quote: "GoldQuote", documents: "Documents") -> str:
    """Why there is no text to look for the quote in."""
    if quote.source in documents.twins:
        return f"byte for byte the same as {documents.twins[quote.source]}, which is indexed instead"
    return documents.absent.get(quote.source, "no such document in seeds/")


def _place(place: "Place", documents: "Documents") -> dict[str, Any]:
    return {
        "source": place.doc_id,
        "start": place.start,
        "end": place.end,
        "line": line_of(documents[place.doc_id], place.start),
        "page": documents.page(place.doc_id, place.start),
    }


def _counts(records: Sequence[dict[str, Any]]) -> dict[str, int]:
    """How many quotes are what, without those that nothing is."""
    found = Counter(record["state"] for record in records)
    return {state: found[state] for state in STATES if found[state]}


def _print(records: Sequence[dict[str, Any]], fix: bool) -> None:
    """Every quote that is not intact, and how many are what."""
    page = Page()
    for record in records:
        if record["state"] != "intact":
            _print_quote(page, record)
    counts = ", ".join(f"{number:,} {state}" for state, number in _counts(records).items() if number)
    page.line(
        f"{counted(len(records), 'quote')}: {counts}." if records else "No quotes in there, so none that is stale."
    )
    mendable = sum(record["fix"] is not None for record in records)
    if mendable and fix:
        page.line(f"{counted(mendable, 'quote')} fixed.")
    elif mendable:
        page.line(f"{counted(mendable, 'quote')} can be mended without doubt: qa gold check --fix")


def _print_quote(page: Page, record: dict[str, Any]) -> None:
    fate = f"{record['state']}, fixed" if record["fixed"] else record["state"]
    page.line(
        f"{label(record['file'])}:{record['line']} {label(record['case'])}: {fate}", "" if record["stands"] else WARNING
    )
    page.line(one_line(record["text"]), style=QUOTE, first="    | ", rest="    | ")
    if record["diff"]:
        page.line(one_line("".join(change(step) for step in record["diff"])), first="    ")
    missing = f" ({label(record['missing'])})" if record["missing"] else ""
    now = where(record["place"]) if record["place"] else ""
    unsure = ", not certain" if now and not record["certain"] else ""
    was = f"was seeds/{label(record['source'])}{missing}"
    page.line(f"{now}{unsure}, {was}" if now else was, DIM, first="    ")
    print_places(page, record["others"], "also " if now else "stands in ")
    page.line()

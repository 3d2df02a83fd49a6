"""qa verify: do the quotes of a stored answer, or of any text, stand in the documents?"""

import sys
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qa.cli.common import RootOption, counted, open_index, workspace_and_settings
from qa.cli.render import DIM, QUOTE, WARNING, Page, label, line_of, one_line
from qa.cli.render import place as place_of
from qa.cli.sources import TodaysTexts
from qa.errors import UsageError
from qa.files import MEDIUM, read_named

if TYPE_CHECKING:
    from qa.quotes.anchors import Place
    from qa.quotes.quoted import Checked
    from qa.quotes.receipt import Located
    from qa.retrieve.retriever import Retriever

__all__ = ["change", "print_places", "verify", "where"]

DOES_NOT_STAND = 3  # exit code
SHOWN = 5  # places of one quote

FileArgument = Annotated[
    str, typer.Argument(metavar="[FILE|-]", help="A stored answer or any text; - or nothing: standard input.")
]
VerifyJsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def verify(file: FileArgument = "-", root: RootOption = None, json: VerifyJsonOption = False) -> int:
    """Check that the quotes of an answer or a text still stand.

    What qa ask --json wrote is checked quote by quote: intact, moved, edited, duplicated or gone. In any other text,
    each passage of three words or more in quotation marks is looked for. Uses the index as it is, and no model; the
    file of each document that a quote stands in is read again, and counts where it differs. Exit code 3 when a quote
    does not stand.
    """
    text = _read(file)
    from qa.quotes import quoted, receipt

    stored = receipt.read(text) if receipt.is_receipt(text) else None
    quotations = [] if stored is not None else quoted.quotations(text)
    long = [quotation for quotation in quotations if quotation.words >= quoted.MIN_WORDS]
    if not (stored or long):
        raise UsageError(_nothing(stored is not None, len(quotations)))
    workspace, settings = workspace_and_settings(root)
    with open_index(workspace, settings, build=False) as retriever:
        texts = TodaysTexts(workspace, receipt.corpus_of(retriever))
        while True:
            corpus, places = texts.corpus(), _Places(retriever, texts)
            if stored is not None:
                records = [_located(quote, places) for quote in receipt.locate_all(stored, corpus)]
            else:
                records = [_checked(quoted.check_quotation(quotation, corpus), places) for quotation in long]
            if not texts.reread(_involved(records)):
                break
    stands = all(record["stands"] for record in records)
    if json:
        from qa.cli import jsonio

        kind = "text" if stored is None else "answer"
        jsonio.write({"schema": 1, "kind": kind, "stands": stands, "quotes": records}, sys.stdout)
    else:
        _print(records)
    return 0 if stands else DOES_NOT_STAND


def _read(file: str) -> str:
    name = "standard input" if file == "-" else file
    try:
        data = sys.stdin.buffer.read() if file == "-" else read_named(Path(file), MEDIUM)
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{name} is not UTF-8") from None
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}") from None


def _nothing(stored: bool, short: int) -> str:
    if stored:
        return "this answer holds no quotes, so there is nothing to verify"
    words = f"; {counted(short, 'shorter one')} not checked" if short else ""
    return f"no passage of three words or more in quotation marks, so there is nothing to verify{words}"


def _involved(records: Sequence[dict[str, Any]]) -> list[str]:
    """The documents that quotes stand in, or are said to."""
    named = [record["source"] for record in records if "source" in record]
    places = [
        place for record in records for name in ("place", "others", "places") for place in _listed(record.get(name))
    ]
    return [*named, *(place["source"] for place in places)]


def _listed(value: Any) -> list[dict[str, Any]]:
    return value if isinstance(value, list) else [value] if value else []


class _Places:
    """Places as JSON says them, with line and page."""

    def __init__(self, retriever: "Retriever", texts: TodaysTexts) -> None:
        self._retriever, self._texts = retriever, texts

    def __call__(self, place: "Place") -> dict[str, Any]:
        pages = self._texts.pages(place.doc_id)
        pages = self._retriever.info(place.doc_id).pages if pages is None else pages
        return {
            "source": place.doc_id,
            "start": place.start,
            "end": place.end,
            "line": line_of(self._texts[place.doc_id], place.start),
            "page": bisect_right(pages, place.start) if pages else None,
        }


def _located(quote: "Located", places: _Places) -> dict[str, Any]:
    """What has become of a stored quote."""
    anchor, standing = quote.anchor, quote.standing
    return {
        "n": quote.n,
        "text": anchor.text,
        "source": anchor.doc_id,
        "start": anchor.start,
        "end": anchor.end,
        "state": standing.state,
        "stands": standing.stands,
        "certain": standing.certain,
        "style_only": standing.style_only,
        "place": places(standing.place) if standing.place else None,
        "others": [places(place) for place in standing.others],
        "diff": [{"kind": step.kind, "old": step.old, "new": step.new} for step in standing.diff],
    }


def _checked(checked: "Checked", places: _Places) -> dict[str, Any]:
    """Where a passage in quotation marks stands."""
    return {
        "text": checked.quotation.text,
        "line": checked.quotation.line,
        "state": "found" if checked.stands else "not found",
        "stands": checked.stands,
        "places": [places(place) for place in checked.places],
    }


def _print(records: Sequence[dict[str, Any]]) -> None:
    page = Page()
    for record in records:
        stored = "n" in record
        title = f"[{record['n']}] {record['state']}" if stored else f"line {record['line']}: {record['state']}"
        page.line(title, style="" if record["stands"] else WARNING)
        page.line(one_line(record["text"]), style=QUOTE, first="    | ", rest="    | ")
        if stored:
            _print_standing(page, record)
        else:
            print_places(page, record["places"], "")
        page.line()
    stand = sum(record["stands"] for record in records)
    if len(records) == 1:
        page.line("The quote stands." if stand else "The quote does not stand.")
    else:
        page.line(f"{stand:,} of {len(records):,} quotes {'stands' if stand == 1 else 'stand'}.")


def _print_standing(page: Page, record: dict[str, Any]) -> None:
    """Where a stored quote stands now, what changed, and where else its words stand."""
    if record["diff"]:
        changes = "".join(change(step) for step in record["diff"])
        page.line(one_line(changes), first="    ")
    now = record["place"]
    if now is None:
        page.line(f"was seeds/{label(record['source'])} ({record['start']}-{record['end']})", DIM, first="    ")
    else:
        same = all(now[name] == record[name] for name in ("source", "start", "end"))
        was = "" if same else f", was {label(record['source'])} ({record['start']}-{record['end']})"
        page.line(f"{where(now)}{was}", DIM, first="    ")
    print_places(page, record["others"], "also ")


def print_places(page: Page, places: Sequence[dict[str, Any]], word: str) -> None:
    for place in places[:SHOWN]:
        page.line(f"{word}{where(place)}", DIM, first="    ")
    if len(places) > SHOWN:
        page.line(f"and {len(places) - SHOWN:,} more", DIM, first="    ")


def where(place: dict[str, Any]) -> str:
    return f"{place_of(place['source'], place['line'], place['page'])} ({place['start']}-{place['end']})"


def change(step: dict[str, str]) -> str:
    """A step of a word diff: [-old-] and {+new+}, as git writes them."""
    if step["kind"] == "same":
        return step["old"]
    old = f"[-{step['old']}-]" if step["old"] else ""
    return old + (f"{{+{step['new']}+}}" if step["new"] else "")

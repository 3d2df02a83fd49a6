"""qa verify: check the quotes of a stored answer, or of any text, against the documents."""

import sys
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qa.cli.console import note
from qa.cli.options import JsonOption, WorkspaceOptions
from qa.cli.places import diff_text, place_text, print_places
from qa.cli.render import DIM, QUOTE, WARNING, Output, label, line_of, one_line
from qa.errors import UsageError
from qa.files import MEDIUM, read_named
from qa.text import counted

if TYPE_CHECKING:
    from qa.quotes.anchors import Place
    from qa.quotes.current import CurrentTexts
    from qa.quotes.quoted import Checked
    from qa.quotes.receipt import Located
    from qa.retrieve.retriever import Retriever

__all__ = ["verify"]

NOT_FOUND = 3  # exit code

FileArgument = Annotated[
    str, typer.Argument(metavar="[FILE|-]", help="A stored answer or any text. Default: standard input.")
]


def verify(workspace: WorkspaceOptions, file: FileArgument = "-", json: JsonOption = False) -> int:
    """Check the quotes of an answer or a text against the documents.

    Each quote of an answer that qa ask --json wrote is intact, moved, edited, duplicated or gone. In any other text,
    each passage of three words or more in quotation marks is searched for. Uses the index as it is, and the files where
    they differ from it; needs no model. Exits with 3 when a quote is not in the documents.
    """
    text = _read(file)
    from qa import schema
    from qa.quotes import quoted, receipt

    stored = receipt.stored_anchors(text) if schema.is_json(text) else None
    quotations = [] if stored is not None else quoted.quotations(text)
    long = [quotation for quotation in quotations if quotation.words >= quoted.MIN_WORDS]
    if not (stored or long):
        raise UsageError(_nothing(stored is not None, len(quotations)))
    with workspace.open() as session:
        from qa.quotes.current import CurrentTexts

        retriever = session.retriever(build=False)
        texts = CurrentTexts(receipt.corpus_of(retriever), session.sources, note, session.settings.build().ocr)
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
        _print(records, Output(folder=session.folder))
    return 0 if stands else NOT_FOUND


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
        return "this answer has no quotes, so there is nothing to verify"
    words = f"; {counted(short, 'shorter one')} not checked" if short else ""
    return f"no passage of three words or more in quotation marks, so there is nothing to verify{words}"


def _involved(records: Sequence[dict[str, Any]]) -> list[str]:
    """The documents that quotes are in, or were in."""
    named = [record["source"] for record in records if "source" in record]
    places = [
        place for record in records for name in ("place", "others", "places") for place in _listed(record.get(name))
    ]
    return [*named, *(place["source"] for place in places)]


def _listed(value: Any) -> list[dict[str, Any]]:
    return value if isinstance(value, list) else [value] if value else []


class _Places:
    """Places for JSON, with line and page."""

    def __init__(self, retriever: "Retriever", texts: "CurrentTexts") -> None:
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


def _print(records: Sequence[dict[str, Any]], output: Output) -> None:
    for record in records:
        stored = "n" in record
        title = f"[{record['n']}] {record['state']}" if stored else f"line {record['line']}: {record['state']}"
        output.line(title, style="" if record["stands"] else WARNING)
        output.line(one_line(record["text"]), style=QUOTE, first="    | ", rest="    | ")
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

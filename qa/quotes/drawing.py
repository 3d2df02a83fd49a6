"""An answer drawn as one HTML page, from nothing but its JSON, the date, and the pictures of its pages.

`qa serve` exports such pages, and `qa verify` draws them again to see whether anything in them was changed.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from qa import schema
from qa.lines import headline, missing_notes, understood_note
from qa.records import Quote
from qa.text import label, visible

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["WIDTH", "Picture", "draw", "environment", "packaged"]

WIDTH = 1000  # pixels of a picture
KINDS = {"row_label": "row", "lead_in": "list", "header": "columns"}  # other kinds of context are called by their name


@dataclass(frozen=True, slots=True)
class Picture:
    """A page of a document with a quote. png: in Base64. height: in pixels, of a picture that is WIDTH wide. boxes:
    left, top, width and height of what is marked; empty if the quote was not found on the page.
    """

    png: str
    height: int
    boxes: tuple[tuple[int, int, int, int], ...]


def draw(stored: str, made: str, pictures: Mapping[int, Picture]) -> Iterator[str]:
    """The page, piece by piece. stored: the answer in schema 1, without `<`, `>` and `&`, with the filters of its
    question as `where`. made: when the page was exported. pictures: by the position of the quote among those shown,
    from 0.

    Raises UsageError for what is no stored answer.
    """
    from markupsafe import Markup

    answer, where = schema.read_answer(stored), schema.parse(stored).get("where")
    quotes = [*answer.quotes, *(answer.closest if answer.status != "answered" else ())]
    style = packaged("static", "page.css")
    return (
        environment()
        .get_template("export.html.j2")
        .generate(
            answer=answer,
            where=where if isinstance(where, list) else [],
            shown=[(quote, pictures.get(position)) for position, quote in enumerate(quotes)],
            width=WIDTH,
            made=made,
            hashes=dict(sorted({quote.doc_id: quote.sha256 for quote in quotes}.items())),
            style=Markup(style),
            policy=_policy(style),
            stored=Markup(stored),
        )
    )


def environment() -> "Environment":
    """A new environment for the templates of the package. Every text passes through `visible` and is escaped."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    made = Environment(
        loader=FunctionLoader(lambda name: packaged("templates", name)),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_finalize,
    )
    made.filters |= {"label": label, "pieces": _pieces}
    made.globals.update(
        context_kind=lambda kind: KINDS.get(kind, kind),
        headline=headline,
        missing_notes=missing_notes,
        understood_note=understood_note,
    )
    return made


@cache
def packaged(folder: str, name: str) -> str:
    """A text file of the web page."""
    return (resources.files("qa.serve") / folder / name).read_text(encoding="utf-8")


def _finalize(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _pieces(found: Quote) -> Iterator[tuple[str, bool]]:
    """A quote, cut where the words begin and end that answer; each piece with whether it is such words."""
    at = found.start
    for span in sorted(found.focus):
        start, end = max(at, span.start), min(span.end, found.end)
        if start < end:
            yield found.text[at - found.start : start - found.start], False
            yield found.text[start - found.start : end - found.start], True
            at = end
    yield found.text[at - found.start :], False


def _policy(style: str) -> str:
    """The content security policy of the page: nothing but its own style and pictures."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"

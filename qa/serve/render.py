"""HTML from templates. Every text passes through `visible` and the escaping of the template engine."""

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from qa.answer.wording import headline, missing_notes, understood_note, unread_note
from qa.ingest.suffixes import line_place
from qa.records import Quote
from qa.text import counted, label, layers, visible

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["packaged", "render", "source_url"]

KINDS = {"row_label": "row", "lead_in": "list", "header": "columns"}  # other kinds of context are called by their name


def render(name: str, **values: Any) -> str:
    """A template of the package with these values."""
    return _environment().get_template(f"{name}.html.j2").render(**values)


def packaged(folder: str, name: str) -> str:
    """A text file of the package."""
    return (resources.files("qa.serve") / folder / name).read_text(encoding="utf-8")


def source_url(doc_id: str, start: int | None = None, end: int | None = None) -> str:
    """The address of a source on this server, at a quote if one is given."""
    query = "" if start is None else "?" + urlencode({"start": start, "end": end})
    return f"/sources/{quote(doc_id, safe='/')}{query}"


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(lambda name: packaged("templates", name)),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_finalize,
    )
    environment.filters |= {"label": label, "pieces": _pieces, "prose": _prose, "sentence": _sentence}
    environment.globals |= {
        "counted": counted,
        "headline": headline,
        "missing_notes": missing_notes,
        "quote_url": lambda found: source_url(found.doc_id, found.start, found.end),
        "source_url": source_url,
        "line_place": line_place,
        "context_kind": lambda kind: KINDS.get(kind, kind),
        "understood_note": understood_note,
        "unread_note": unread_note,
    }
    return environment


def _finalize(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _pieces(found: Quote) -> list[tuple[str, str]]:
    """A quote, cut where the words begin and end that answer; each piece with its style."""
    spans = [(span, "focus") for span in found.focus]
    cuts = layers(found.start, found.end, spans)
    return [(found.text[left - found.start : right - found.start], style) for left, right, style in cuts]


def _sentence(text: str) -> str:
    """A message with a capital and a full stop."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")


def _prose(text: str) -> Any:
    """Text whose words between backticks are code."""
    from markupsafe import Markup

    parts = visible(text).split("`")
    return Markup("").join(Markup("<code>{}</code>").format(part) if n % 2 else part for n, part in enumerate(parts))

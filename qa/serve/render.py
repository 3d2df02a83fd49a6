"""HTML from templates. Every text passes through `visible` and the escaping of the template engine."""

from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from qa.ingest.suffixes import line_place
from qa.lines import unread_note
from qa.quotes import drawing
from qa.text import counted, visible

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["render", "source_url"]


def render(name: str, **values: Any) -> str:
    """A template of the package with these values."""
    return _environment().get_template(f"{name}.html.j2").render(**values)


def source_url(doc_id: str, start: int | None = None, end: int | None = None) -> str:
    """The address of a source on this server, at a quote if one is given."""
    query = "" if start is None else "?" + urlencode({"start": start, "end": end})
    return f"/sources/{quote(doc_id, safe='/')}{query}"


@cache
def _environment() -> "Environment":
    environment = drawing.environment()
    environment.filters |= {"prose": _prose, "sentence": _sentence}
    environment.globals |= {
        "counted": counted,
        "quote_url": lambda found: source_url(found.doc_id, found.start, found.end),
        "source_url": source_url,
        "line_place": line_place,
        "unread_note": unread_note,
    }
    return environment


def _sentence(text: str) -> str:
    """A message with a capital and a full stop."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")


def _prose(text: str) -> Any:
    """Text whose words between backticks are code."""
    from markupsafe import Markup

    parts = visible(text).split("`")
    return Markup("").join(Markup("<code>{}</code>").format(part) if n % 2 else part for n, part in enumerate(parts))

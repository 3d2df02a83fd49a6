"""HTML to text and blocks."""

import re

from qa.ingest.blocks import Builder
from qa.ingest.decoding import clean, decode
from qa.ingest.formats.common.phrases import settle
from qa.ingest.formats.html import fields as html_fields
from qa.ingest.formats.html.inline import line
from qa.ingest.formats.html.page import Page
from qa.ingest.formats.html.tree import Node, parse
from qa.ingest.metadata import Extracted

__all__ = ["extract", "write"]

_CHARSET = re.compile(
    rb"(?:<meta[^>]{0,200}?charset\s*=|<\?xml[^>]{0,100}?encoding\s*=)\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE
)
_NOT_TEXT = frozenset(("furniture", "contents", "heading"))


def extract(data: bytes) -> Extracted:
    """Text, fields and blocks of a page. Raises SourceError; ImportError if lxml is not installed.

    A page that seems to be nothing but navigation is read as if it had none.
    """
    declared = _CHARSET.search(data[:4096])
    root = parse(clean(decode(data, declared[1].decode("ascii") if declared else "")))
    nodes = list(root.walk())
    page = _read(Builder(), root, nodes)
    if all(block.kind in _NOT_TEXT for block in page.builder.blocks):
        page = _read(Builder(), root, nodes, whole=True)
    builder = page.builder
    _add_answers(builder, html_fields.answers(nodes))
    return Extracted(builder.text, html_fields.fields(nodes), blocks=settle(builder.text, builder.blocks, page.guessed))


def write(builder: Builder, markup: str) -> None:
    """Add the blocks of a piece of HTML, such as a chapter or a letter, to a text. Raises as `extract` does."""
    root = parse(clean(markup))
    page = _read(builder, root, list(root.walk()), whole=True)
    builder.blocks[:] = settle(builder.text, builder.blocks, page.guessed)


def _read(builder: Builder, root: Node, nodes: list[Node], whole: bool = False) -> Page:
    page = Page(builder, nodes, whole)
    page.run(root)
    return page


def _add_answers(builder: Builder, answers: list[tuple[str, str]]) -> None:
    """Answers that a page gives to search engines only; it shows them by a script."""
    shown = " ".join(builder.text.split()) if answers else ""
    for question, markup in answers:
        answer = line(parse(markup))
        if answer and answer[:60] not in shown:
            builder.leave(0)
            builder.add("heading", " ".join(question.split()), level=2)
            builder.add("paragraph", answer)

"""HTML to text and blocks."""

import re

from qa.ingest.blocks import Builder, qualify
from qa.ingest.decoding import clean, decode
from qa.ingest.formats.common.phrases import settle
from qa.ingest.formats.html import fields as html_fields
from qa.ingest.formats.html.page import Page
from qa.ingest.formats.html.parts import Panels
from qa.ingest.formats.html.shown import keep_shown
from qa.ingest.formats.html.tree import Node, parse
from qa.ingest.formats.html.xhtml import parse_xml
from qa.ingest.metadata import Extracted

__all__ = ["extract", "well_formed"]

_CHARSET = re.compile(
    rb"(?:<meta[^>]{0,200}?charset\s*=|<\?xml[^>]{0,100}?encoding\s*=)\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE
)
_NOT_TEXT = frozenset(("furniture", "contents", "heading"))


def extract(data: bytes, scripts: bool = True) -> Extracted:
    """Text, fields and blocks of a page. Raises SourceError; ImportError if lxml is not installed.

    A page that seems to be nothing but navigation is read as if it had none. scripts: whether what shows it runs them.
    """
    return _extracted(parse(_decoded(data)), scripts)


def well_formed(data: bytes) -> Extracted | None:
    """What `extract` gives, of a page of a book; None if it is not well-formed XML."""
    root = parse_xml(_decoded(data))
    return None if root is None else _extracted(root, scripts=False)


def _decoded(data: bytes) -> str:
    declared = _CHARSET.search(data[:4096])
    return clean(decode(data, declared[1].decode("ascii") if declared else ""))


def _extracted(root: Node, scripts: bool) -> Extracted:
    every = list(root.walk())
    panels = Panels.of(every)
    doubtful = keep_shown(root, panels, scripts)
    page = _read(Builder(), root, panels)
    if all(block.kind in _NOT_TEXT for block in page.builder.blocks):
        page = _read(Builder(), root, panels, whole=True)
    builder = page.builder
    blocks = list(settle(builder.text, builder.blocks, page.guessed))
    if doubtful:
        qualify(blocks, 0)
    return Extracted(builder.text, html_fields.fields(every, root), blocks=tuple(blocks))


def _read(builder: Builder, root: Node, panels: Panels, whole: bool = False) -> Page:
    page = Page(builder, list(root.walk()), panels, whole)
    page.run(root)
    return page

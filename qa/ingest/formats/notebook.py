"""Jupyter notebooks: prose through the Markdown reader, code, and what it printed."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from qa.errors import SourceError
from qa.ingest.blocks import Builder, paragraphs, questions
from qa.ingest.decoding import clean, decode
from qa.ingest.formats import reader
from qa.ingest.metadata import Extracted
from qa.records import Span

__all__ = ["extract"]

_COLOUR = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]")
_NAMELESS = re.compile(
    r"<[\w. ]{3,80}(?: object)?(?: at 0x[0-9a-f]+| with \d+ Axes)?>|\[<.{0,200}>\]"
)  # stands for a picture
_OUTPUT_CHARS = 20_000  # of one cell; more is a log that nobody reads


def extract(data: bytes) -> Extracted:
    """Cells in order; title and authors. Raises SourceError; ImportError if an output is a page that cannot be read."""
    try:
        book = json.loads(decode(data))
    except (ValueError, RecursionError) as error:
        raise SourceError(f"not a notebook: {error}") from error
    cells = list(_cells(book)) if isinstance(book, dict) else []
    if not cells:
        raise SourceError("not a notebook, or one without cells")
    reading = _Reading()
    for number, cell in enumerate(cells, start=1):
        reading.cell(number, cell)
    about = book.get("metadata")
    found = (
        {key: about[key] for key in ("title", "authors", "date") if about.get(key)} if isinstance(about, dict) else {}
    )
    builder = reading.builder
    blocks = questions(builder.text, builder.blocks)
    return Extracted(builder.text, found, blocks=blocks, markup=tuple(reading.markup), unread=tuple(reading.unread))


def _cells(book: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The cells of a notebook of format 4, or of the worksheets of format 3."""
    sheets = book.get("worksheets")
    holders = [book, *(sheets if isinstance(sheets, list) else [])]
    for holder in holders:
        cells = holder.get("cells") if isinstance(holder, dict) else None
        yield from (cell for cell in cells or [] if isinstance(cell, dict)) if isinstance(cells, list) else ()


@dataclass(slots=True)
class _Reading:
    builder: Builder = field(default_factory=Builder)
    markup: list[Span] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def cell(self, number: int, cell: Mapping[str, Any]) -> None:
        """Write a cell and its outputs."""
        kind, source = cell.get("cell_type"), _text(cell.get("source", cell.get("input")))
        if kind == "heading":
            level = cell.get("level")
            self.builder.add("heading", source, level=level if isinstance(level, int) and 0 < level < 7 else 1)
        elif kind == "markdown":
            self._graft(".md", source)
        elif kind == "code":
            block = self.builder.add("code", source.strip("\n"))
            outputs = cell.get("outputs")
            for output in outputs if isinstance(outputs, list) else []:
                if isinstance(output, dict) and (what := self._output(output, block)):
                    self.unread.append(f"cell {number}: {what}")
        else:
            self.builder.add("paragraph", source)

    def _output(self, output: Mapping[str, Any], block: int | None) -> str:
        """Write an output below its cell; what of it is not read."""
        data = output.get("data")
        data = data if isinstance(data, dict) else output
        page, plain = _text(data.get("text/html", data.get("html"))), _text(data.get("text/plain", data.get("text")))
        if output.get("output_type") in ("error", "pyerr"):
            plain = f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}"
        if "<table" in page and len(page) <= 10 * _OUTPUT_CHARS:
            self._graft(".html", page)
            return ""
        text = _COLOUR.sub("", plain).strip("\n")
        if not _NAMELESS.fullmatch(text):
            self.builder.add("code", text[:_OUTPUT_CHARS], block)
        if len(text) > _OUTPUT_CHARS:
            return f"its output after {_OUTPUT_CHARS:,} characters"
        return "a picture" if any(str(key).startswith(("image/", "png", "jpeg", "svg")) for key in data) else ""

    def _graft(self, suffix: str, source: str) -> None:
        try:
            extracted = reader(suffix)(source.encode())
        except SourceError as error:
            self.unread.append(str(error))
            return
        text = extracted.text if extracted.blocks else extracted.text[extracted.front :]
        blocks = extracted.blocks or paragraphs(text)
        moved = self.builder.graft(text, blocks, open_sections=True)
        self.markup += [Span(span.start + moved, span.end + moved) for span in extracted.markup]


def _text(value: Any) -> str:
    """A multi-line string as notebooks keep it: one string or a list of lines."""
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    return clean(value) if isinstance(value, str) else ""

"""reStructuredText, with the directives and roles of Sphinx, by docutils.

The text is extracted, not the file: docutils says in which line a paragraph begins, but not where the cells of a table
or the words of a role are.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from qa.errors import SourceError
from qa.ingest.blocks import Builder, qualify, questions
from qa.ingest.decoding import clean, decode
from qa.ingest.formats.common import grid
from qa.ingest.formats.restructured.limits import check, docutils_settings, is_for_pages
from qa.ingest.formats.restructured.lines import is_partial, line, plain
from qa.ingest.metadata import Extracted
from qa.records import Span

if TYPE_CHECKING:
    from docutils import nodes

__all__ = ["extract"]

_DEEPEST = 10  # unknown directives inside of each other
_ERROR = 3  # level of messages about text that docutils left out; below it the text is read all the same
_MOST_CELLS = 50_000  # of one table
_DIRECTIVE = re.compile(r"\.\.[ ]+(?:\|[^|]*\|\s*)?([\w:.+-]+?)\s?::[ \t]*(.*)")
_OPTION = re.compile(r"\s*:[\w -]+:(?:\s.*|$)")
_INSERTED = ("include", "literalinclude", "raw", "csv-table", "graphviz", "automodule", "autoclass", "autofunction")
_DESCRIBED = re.compile(r"(?:py:|c:|cpp:|js:)?auto[a-z]+")  # what the source code says about it is inserted
_UNSAID = (
    "toctree",
    "index",
    "highlight",
    "currentmodule",
    "module",
    "py:module",
    "tabularcolumns",
    "contents",
    "date",
    "meta",
)
_CODE = r"code|prompt|^test|^mermaid$|^productionlist$|^parsed-literal$|^console$|^ipython$"
_VERSIONS = {
    "versionadded": "Added in version",
    "versionchanged": "Changed in version",
    "deprecated": "Deprecated since version",
    "versionremoved": "Removed in version",
}


def extract(data: bytes) -> Extracted:
    """Sections, paragraphs, lists, tables, code and fields. Raises SourceError; ImportError without docutils."""
    text = clean(decode(data))
    check(text)
    reading = _Reading(docutils_settings(text))
    try:
        reading.parse(text, 0)
    except RecursionError as error:
        raise SourceError("nested too deep to be a text; split the file") from error
    builder = reading.builder
    return Extracted(
        builder.text, reading.found, blocks=questions(builder.text, builder.blocks), unread=tuple(reading.unread)
    )


@dataclass(slots=True)
class _Reading:
    settings: Any  # docutils'
    builder: Builder = field(default_factory=Builder)
    found: dict[str, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    parent: int | None = None  # the item that blocks stand under, None outside of lists
    depth: int = 0  # of unknown directives

    def parse(self, text: str, level: int) -> None:
        """Parse a text and write its blocks; level: of the section it stands in."""
        from docutils.core import publish_doctree

        try:
            document = publish_doctree(text, settings=self.settings)
        except RecursionError:
            raise
        except Exception as error:  # directives let all kinds of errors through for arguments that they do not expect
            raise SourceError("not reStructuredText that docutils can read") from error
        self._all(document.children, level)

    def _all(self, children: Iterable["nodes.Node"], level: int) -> None:
        for node in children:
            name = node.__class__.__name__
            if name in _WRITERS:
                write = _WRITERS[name]
                self._text(write, node, level) if name in _TEXTS else write(self, node, level)
            elif name in _BODIES:
                self._all(node.children, level)

    def _text(self, write: "_Writer", node: Any, level: int) -> None:
        """Write the block of a node, as incomplete if something that a page shows is left out of it."""
        first = len(self.builder.blocks)
        write(self, node, level)
        if is_partial(node):
            qualify(self.builder.blocks, first)

    def section(self, node: Any, level: int) -> None:
        self._all(node.children, level + 1)
        self.builder.close(level + 1)

    def title(self, node: Any, level: int) -> None:
        self.builder.add("heading", line(node), level=max(level, 1))

    def rubric(self, node: Any, level: int) -> None:
        self.builder.add("heading", line(node), level=level + 1)

    def topic(self, node: Any, level: int) -> None:
        """A box with a title of its own."""
        if "contents" not in node["classes"]:
            self._all(node.children, level + 1)
            self.builder.close(level + 1)

    def paragraph(self, node: Any, level: int) -> None:
        self.builder.add("paragraph", line(node), self.parent)

    def caption(self, node: Any, level: int) -> None:
        self.builder.add("caption", line(node), self.parent)

    def lines(self, node: Any, level: int) -> None:
        """A line block, whose line ends count."""
        rows = [line(row) for row in node.findall() if row.__class__.__name__ == "line"]
        self.builder.add("paragraph", "\n".join(rows), self.parent)

    def code(self, node: Any, level: int) -> None:
        self.builder.add("code", node.astext().strip("\n"), self._lead_in())

    def items(self, node: Any, level: int) -> None:
        """The items of a list, each with all that it holds, under what announces the list or the outer item."""
        outer = self.parent
        lead_in = self._lead_in()
        depth = self.builder.blocks[outer].level if outer is not None else 0
        for number, item in enumerate(node.children):
            mark = f"{_numeral(node, number)} " if "enumtype" in node else ""
            first = item.children[0] if item.children else None
            text = line(first) if first.__class__.__name__ == "paragraph" else ""
            block = self.builder.add("item", mark + text if text else "", lead_in, depth + 1)
            self.parent = block if block is not None else outer
            self._all(item.children[1 if text else 0 :], level)
        self.parent = outer

    def definitions(self, node: Any, level: int) -> None:
        """Terms with what is said of them: a definition, an option or a field."""
        for entry in node.children:
            parts = list(entry.children)
            terms = [part for part in parts if part.__class__.__name__ in _TERMS]
            bodies = [part for part in parts if part.__class__.__name__ in _DEFINITIONS]
            term = " : ".join(filter(None, map(line, terms)))
            self.defined(term, [child for body in bodies for child in body.children], level)

    def defined(self, term: str, children: list[Any], level: int) -> None:
        """A term and its explanation, of which every paragraph bears the term as its label."""
        text = line(children[0]) if children and children[0].__class__.__name__ == "paragraph" else ""
        joint = "" if term.endswith(":") else ":"
        block = self.builder.add("field", f"{term}{joint} {text}" if term and text else term or text, self.parent)
        if block is None:
            return
        start = self.builder.blocks[block].start
        label = Span(start, start + len(term))
        outer, self.parent = self.parent, block
        for child in children[1 if text else 0 :]:
            before = len(self.builder.blocks)
            self._all([child], level)
            for number in range(before, len(self.builder.blocks)):
                if term and self.builder.blocks[number].kind == "paragraph" and not self.builder.blocks[number].labels:
                    self.builder.label(number, [label])
        self.parent = outer

    def docinfo(self, node: Any, level: int) -> None:
        """The fields at the top of the file."""
        for entry in node.children:
            name = entry.__class__.__name__
            label, text = (line(entry.children[0]), line(entry.children[1])) if name == "field" else (name, line(entry))
            if text:
                self.found[label] = text
                self.builder.add("field", f"{label}: {text}")

    def footnote(self, node: Any, level: int) -> None:
        label = next((line(child) for child in node.children if child.__class__.__name__ == "label"), "")
        body = " ".join(line(child) for child in node.children if child.__class__.__name__ != "label")
        self.builder.add("paragraph", f"[{label}] {body}" if label else body)

    def attribution(self, node: Any, level: int) -> None:
        self.builder.add("paragraph", f"— {line(node)}", self.parent)

    def block_quote(self, node: Any, level: int) -> None:
        first = len(self.builder.blocks)
        self._all(node.children, level)
        qualify(self.builder.blocks, first)

    def table(self, node: Any, level: int) -> None:
        """Rows with the header rows that the source marks; merged cells are resolved."""
        for child in node.children:
            if child.__class__.__name__ == "title":
                self._text(_Reading.caption, child, level)
            elif child.__class__.__name__ == "tgroup":
                grid.write(self.builder, _table(child))

    def message(self, node: Any, level: int) -> None:
        """What docutils did not understand: an unknown directive is read as far as it holds text."""
        for child in node.children:
            source = child.astext() if child.__class__.__name__ == "literal_block" else ""
            if source and (node["level"] >= _ERROR or _DIRECTIVE.match(source)):
                self._unknown(source, level)

    def _unknown(self, source: str, level: int) -> None:
        head, _, rest = source.partition("\n")
        match = _DIRECTIVE.match(head)
        if not match:
            self.builder.add("code", source.strip("\n"), self.parent)
            return
        name, argument = match.groups()
        if name in _UNSAID:
            return
        if name == "only" and not is_for_pages(argument):
            self.unread.append(f"{name} {argument}".strip()[:200])
            return
        if name in _INSERTED or (_DESCRIBED.fullmatch(name) and not rest.strip()):
            self.unread.append(f"{name} {argument}".strip()[:200])
            return
        if name == "only":  # its argument is no text
            argument = ""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise SourceError(f"directives nested over {_DEEPEST} deep")
        self._body(name, argument, rest, level)
        self.depth -= 1

    def _body(self, name: str, argument: str, rest: str, level: int) -> None:
        """Write what a directive that docutils does not know says: its argument, then its content."""
        lines = rest.splitlines()
        arguments = [argument.strip()] if argument.strip() else []
        while lines and lines[0].strip() and not _OPTION.match(lines[0]):
            arguments.append(lines.pop(0).strip())
        while lines and _OPTION.match(lines[0]):
            lines.pop(0)
        said = " ".join(plain(" ".join(arguments)).split())
        if name in _VERSIONS:
            version, _, what = said.partition(" ")
            said = f"{_VERSIONS[name]} {version}" + (f": {what}" if what else ".")
        body = dedent("\n".join(lines)).strip("\n")
        if re.search(_CODE, name):
            self.builder.add("code", body, self._lead_in())
        elif body and said and name not in _VERSIONS:  # a signature, an option, a tab: the heading of its description
            outer, self.parent = self.parent, None
            self.builder.add("heading", said, level=level + 1)
            self.parse(body, level + 1)
            self.builder.close(level + 1)
            self.parent = outer
        else:
            self.builder.add("paragraph", said, self.parent)
            self.parse(body, level)

    def _lead_in(self) -> int | None:
        """The block just written if it announces what comes next, else what blocks stand under now."""
        blocks = self.builder.blocks
        if blocks and blocks[-1].kind in ("paragraph", "item") and self.builder.text.endswith(":"):
            return len(blocks) - 1
        return self.parent


_Writer = Callable[[_Reading, Any, int], None]
_WRITERS: Mapping[str, _Writer] = {
    "section": _Reading.section,
    "title": _Reading.title,
    "subtitle": _Reading.title,
    "rubric": _Reading.rubric,
    "topic": _Reading.topic,
    "sidebar": _Reading.topic,
    "admonition": _Reading.topic,
    "paragraph": _Reading.paragraph,
    "math_block": _Reading.paragraph,
    "caption": _Reading.caption,
    "line_block": _Reading.lines,
    "literal_block": _Reading.code,
    "doctest_block": _Reading.code,
    "bullet_list": _Reading.items,
    "enumerated_list": _Reading.items,
    "definition_list": _Reading.definitions,
    "field_list": _Reading.definitions,
    "option_list": _Reading.definitions,
    "docinfo": _Reading.docinfo,
    "footnote": _Reading.footnote,
    "citation": _Reading.footnote,
    "attribution": _Reading.attribution,
    "block_quote": _Reading.block_quote,
    "table": _Reading.table,
    "system_message": _Reading.message,
}
_BODIES = frozenset(
    {
        *("note", "warning", "tip", "hint", "important", "attention", "caution", "danger", "error"),
        *("compound", "container", "figure", "legend", "header", "footer", "decoration"),
    }
)
_TEXTS = frozenset(("paragraph", "caption", "line_block", "footnote", "citation", "attribution"))
_TERMS = frozenset(("term", "classifier", "field_name", "option_group"))
_DEFINITIONS = frozenset(("definition", "field_body", "description"))


def _table(group: Any) -> grid.Grid:
    rows: list[list[str]] = []
    merged: dict[tuple[int, int], tuple[int, int]] = {}
    headers = size = 0
    for part in group.children:
        if part.__class__.__name__ not in ("thead", "tbody"):
            continue
        for row in part.children:
            number, column = len(rows), 0
            cells: list[str] = []
            for entry in row.children:
                while (number, column) in merged:
                    cells.append("")
                    column += 1
                down, right = entry.get("morerows", 0), entry.get("morecols", 0)
                size += (down + 1) * (right + 1)
                if size > _MOST_CELLS:
                    raise SourceError(f"a table of more than {_MOST_CELLS:,} cells")
                for at in ((number + y, column + x) for y in range(down + 1) for x in range(right + 1)):
                    merged[at] = (number, column)
                merged.pop((number, column))
                cells += [" ".join(line(child) for child in entry.children), *[""] * right]
                column += right + 1
            rows.append(cells)
            headers += part.__class__.__name__ == "thead"
    return grid.Grid(rows, merged, header_rows=headers)


def _numeral(node: Any, number: int) -> str:
    """The mark of an item of a numbered list."""
    value = node.get("start", 1) + number
    kind = node["enumtype"]
    if kind.endswith("alpha") and 1 <= value <= 26:
        mark = chr(value + (64 if kind.startswith("upper") else 96))
    elif kind.endswith("roman") and 1 <= value < 4000:
        mark = _roman(value) if kind.startswith("upper") else _roman(value).lower()
    else:
        mark = str(value)
    return f"{node.get('prefix', '')}{mark}{node.get('suffix', '.')}"


def _roman(value: int) -> str:
    text = ""
    for worth, letters in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1), "M CM D CD C XC L XL X IX V IV I".split(), strict=True
    ):
        text += letters * (value // worth)
        value %= worth
    return text

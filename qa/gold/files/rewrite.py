"""Changes single values of a gold file in place: every comment and every other byte stays as it is."""

import errno
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa import files
from qa.errors import GoldError
from qa.gold.files.cases import Case, GoldQuote, parse

if TYPE_CHECKING:
    import yaml

__all__ = ["Located", "put", "quoted", "real", "scalars", "write"]

_KEYS = ("source", "text", "before", "after")
_NOT_PLAIN = re.compile(r"""\A[-?:,\[\]{}#&*!|>'"%@`]|: | #|:\Z""")
_HEADER = re.compile(r"[|>][-+0-9]*[ \t]*(#[^\r\n]*)?")  # of a block scalar


@dataclass(slots=True)
class Located:
    """A node of the file with its place in the text. kind, items: as in `qa.gold.files.nodes`.

    column: of its first character, from 0. flow: whether it is written in brackets or braces.
    """

    kind: str
    start: int
    end: int
    column: int
    text: str = ""
    style: str = ""
    flow: bool = False
    items: list["Located"] = field(default_factory=list)

    def value(self, key: str) -> "Located | None":
        """The value of a key of this mapping."""
        pairs = zip(self.items[::2], self.items[1::2], strict=True)
        return next((value for name, value in pairs if name.text == key), None)


def put(text: str, file: str, mended: Mapping[tuple[int, int], GoldQuote]) -> str:
    """The gold file's text with other quotes.

    mended: by the number of the case in the file and of the quote in the case, both from 0. Raises GoldError, which
    names the file, if that would change anything else.
    """
    cases = parse(text, file)
    root = scalars(text)
    edits: list[tuple[int, int, str]] = []
    for (case, number), quote in mended.items():
        node = root.items[case].value("quotes")
        assert node is not None  # the case has this quote
        edits += _edits(text, node.items[number], cases[case].quotes[number], quote)
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    if parse(text, file) != _expected(cases, mended):
        raise GoldError(
            f"{file}: the new quotes cannot be written without changing something else; nothing was written"
        )
    return text


def _expected(cases: Sequence[Case], mended: Mapping[tuple[int, int], GoldQuote]) -> tuple[Case, ...]:
    return tuple(
        replace(case, quotes=tuple(mended.get((n, k), quote) for k, quote in enumerate(case.quotes)))
        for n, case in enumerate(cases)
    )


def _edits(text: str, node: Located, old: GoldQuote, new: GoldQuote) -> Iterator[tuple[int, int, str]]:
    """What to replace in the file for one quote, as start, end and new characters."""
    added = []
    for key in _KEYS:
        value, scalar = getattr(new, key), node.value(key)
        if value == getattr(old, key):
            continue
        if scalar is None:
            added.append(f"{key}: {quoted(value, flow=node.flow)}")
        else:
            end = scalar.start + len(text[scalar.start : scalar.end].rstrip())
            yield scalar.start, end, quoted(value, scalar.style, node.flow) + _comment(text, scalar)
    if added:
        yield _insertion(text, node, added)


def _comment(text: str, scalar: Located) -> str:
    """The comment in the first line of a block scalar."""
    header = _HEADER.match(text, scalar.start) if scalar.style in ("|", ">") else None
    return f" {header[1]}" if header and header[1] else ""


def _insertion(text: str, node: Located, added: Sequence[str]) -> tuple[int, int, str]:
    """New keys, after the quote's `text`."""
    value = node.value("text")
    assert value is not None  # it is required
    at = value.start + len(text[value.start : value.end].rstrip())
    if node.flow:
        return at, at, "".join(f", {line}" for line in added)
    newline = "\r\n" if "\r\n" in text else "\n"
    end = text.find("\n", at)
    lines = "".join(" " * node.column + line + newline for line in added)
    return (len(text), len(text), newline + lines) if end < 0 else (end + 1, end + 1, lines)


def quoted(value: str, style: str = "", flow: bool = False) -> str:
    """A value of one line as YAML. style: the quotation mark that is preferred; flow: it stands in braces."""
    import yaml

    if style == '"' or not value.isprintable():
        return str(yaml.safe_dump(value, default_style='"', width=10**9, allow_unicode=True)).strip()
    plain = not _NOT_PLAIN.search(value) and not (flow and re.search(r"[\[\]{},]", value))
    return value if plain and style != "'" else "'" + value.replace("'", "''") + "'"


def scalars(text: str) -> Located:
    """The tree of a gold file that `qa.gold.files.cases.parse` has read, with the place of everything in it."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    root = Located("list", 0, 0, 0)
    open_nodes: list[Located] = []
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.CollectionEndEvent):
            open_nodes.pop().end = _at(event.end_mark)
        elif isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)):
            node = _located(event)
            if open_nodes:
                open_nodes[-1].items.append(node)
            else:
                root = node
            if node.kind != "text":
                open_nodes.append(node)
    return root


def _located(event: "yaml.ScalarEvent | yaml.CollectionStartEvent") -> Located:
    import yaml

    start, end = _at(event.start_mark), _at(event.end_mark)
    column = event.start_mark.column if event.start_mark else 0
    if isinstance(event, yaml.ScalarEvent):
        return Located("text", start, end, column, event.value, event.style or "")
    kind = "list" if isinstance(event, yaml.SequenceStartEvent) else "mapping"
    return Located(kind, start, end, column, flow=bool(event.flow_style))


def _at(mark: Any) -> int:
    return int(mark.index)


def write(path: Path, text: str, bom: bool = False, root: Path | None = None) -> None:
    """Replace a file by this text, whole or not at all, with its permissions; a link stays a link.

    root: a workspace; a file in it may be a link to something in it, but not out of it. Raises OSError.
    """
    target = real(path, root)
    below = root if root and target.is_relative_to(root) else None  # a folder may be exchanged for a link meanwhile
    files.write(target, text.encode("utf-8-sig" if bom else "utf-8"), below, flush=True)


def real(path: Path, root: Path | None) -> Path:
    """The file that `write` replaces. Raises OSError for one that it refuses to replace."""
    found = Path(os.path.realpath(path))
    if root and files.within(path, root)[1] and not found.is_relative_to(root):
        raise OSError(errno.ELOOP, "a link leads out of the workspace", str(path))
    files.check_writable(found)
    return found

"""JSON and JSON Lines: records as sections with fields, lists of like records as tables."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qa.errors import SourceError
from qa.ingest.blocks import Builder
from qa.ingest.decoding import clean, decode
from qa.ingest.formats.common import grid
from qa.ingest.metadata import Extracted
from qa.records import Span

__all__ = ["extract"]

_NAMES = ("title", "name", "label", "heading", "subject", "question", "id", "_id", "key", "code", "slug", "uuid")
_NAME_CHARS = 120
_COLUMNS = 12  # most columns of a table, and
_CELL_CHARS = 120  # most characters of a cell; what is larger reads better as fields
_LIKENESS = 0.7  # least share of a table's cells that are filled
_DEEPEST = 40
_NAMED = 5  # broken lines that are named one by one
_MOST_BLOCKS = 200_000


def extract(data: bytes) -> Extracted:
    """Fields and tables. Numbers stay as they are written. Raises SourceError."""
    text = decode(data)
    writing = _Writing()
    value = _whole(text, writing)
    if value is None:
        value = list(_by_lines(text, writing))
    try:
        writing.value("", value, 0)
    except _Full:
        writing.unread.append(f"what comes after the first {_MOST_BLOCKS:,} fields")
    if writing.twice:
        writing.unread.append(f"{writing.twice:,} value{'s' * (writing.twice > 1)} of a repeated name")
    builder = writing.builder
    return Extracted(builder.text, blocks=tuple(builder.blocks), unread=tuple(writing.unread))


def _whole(text: str, writing: "_Writing") -> Any:
    """The value that the file is; None if it is not one, but may be one a line."""
    try:
        return _load(text, writing)
    except ValueError as error:
        if isinstance(error, json.JSONDecodeError) and text[: error.pos].strip() and "\n" in text.strip():
            first = next(line for line in text.split("\n") if line.strip())
            try:
                _load(first, _Writing())
            except ValueError:
                pass
            else:
                return None
        raise SourceError(f"not valid JSON: {error}") from error


def _by_lines(text: str, writing: "_Writing") -> Iterator[Any]:
    """The values of JSON Lines. Only a line feed ends one; strings may contain other separators."""
    unread, broken = writing.unread, 0
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield _load(line, writing)
            except (ValueError, SourceError) as error:
                broken += 1
                if broken <= _NAMED:
                    unread.append(f"line {number:,}: not valid JSON: {error}")
    if broken > _NAMED:
        unread.append(f"{broken - _NAMED:,} more lines: not valid JSON")


def _load(text: str, writing: "_Writing") -> Any:
    """A value whose numbers are text, so that 1.10 does not become 1.1."""

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        writing.twice += len(pairs) - len(found)
        return found

    try:
        return json.loads(
            text, parse_float=str, parse_int=str, parse_constant=str, strict=False, object_pairs_hook=members
        )
    except RecursionError as error:
        raise SourceError("nested too deep to hold records") from error


class _Full(Exception):
    """So much was written that the rest is left out."""


@dataclass(slots=True)
class _Writing:
    builder: Builder = field(default_factory=Builder)
    unread: list[str] = field(default_factory=list)
    twice: int = 0  # values that a later value of the same name replaces

    def value(self, key: str, value: Any, depth: int) -> None:
        """Write a value under the current heading. key: the path to it from there, such as `address.city`."""
        if len(self.builder.blocks) > _MOST_BLOCKS:
            raise _Full
        if depth > _DEEPEST:
            self.field(key, json.dumps(value, ensure_ascii=False))
        elif isinstance(value, dict):
            self.object(key, value, depth)
        elif isinstance(value, list):
            self.array(key, value, depth)
        else:
            self.field(key, _scalar(value))

    def object(self, key: str, value: Mapping[str, Any], depth: int) -> None:
        """Write the members: records with names of their own as sections, anything else as fields."""
        if (
            len(value) > 1
            and all(isinstance(member, dict) and member for member in value.values())
            and _alike(value.values())
        ):
            for name, member in value.items():
                self.section(_path(key, name), member, depth)
            return
        later = []
        for name, member in value.items():
            if isinstance(member, list) and any(isinstance(one, dict | list) for one in member):
                later.append((name, member))
            else:
                self.value(_path(key, name), member, depth + 1)
        for name, member in later:  # sections come last, or the fields after them would seem to be theirs
            self.section(_path(key, name), member, depth)

    def array(self, key: str, value: Sequence[Any], depth: int) -> None:
        """Write a list: a table, a section for each record, or its values in one field."""
        if not any(isinstance(one, dict | list) for one in value):
            texts = [text for one in value if (text := _scalar(one))]
            if any(len(text) > _CELL_CHARS for text in texts):
                lead_in = self.builder.add("paragraph", f"{key}:" if key else "")
                for text in texts:
                    self.builder.add("item", " ".join(text.split()), lead_in, level=1)
            else:
                self.field(key, ", ".join(texts))
        elif rows := _table(value):
            grid.write(self.builder, grid.Grid(rows, header_rows=1))
        else:
            for number, one in enumerate(value, start=1):
                if isinstance(one, dict):
                    self.section(_name(one) or str(number), one, depth)
                else:
                    self.value(_path(key, str(number)), one, depth + 1)

    def section(self, name: str, value: Any, depth: int) -> None:
        level = self.builder.level + 1
        self.builder.add("heading", clean(" ".join(name.split())), level=level)
        self.value("", value, depth + 1)
        self.builder.close(level)

    def field(self, key: str, text: str) -> None:
        """Write a value after its key; further paragraphs of a long text bear the key as their label."""
        first, *others = [" ".join(part.split()) for part in re.split(r"\n\s*\n", clean(text)) if part.strip()] or [""]
        if not first:
            return
        key = clean(" ".join(key.split()))
        number = self.builder.add("field" if key else "paragraph", f"{key}: {first}" if key else first)
        start = self.builder.blocks[number or 0].start
        for other in others:
            self.builder.add("paragraph", other, number, labels=[Span(start, start + len(key))] if key else ())


def _table(records: Sequence[Any]) -> list[list[str]]:
    """Rows of records that have the same few short members, the names first; empty if they are not like that."""
    if len(records) < 2 or not all(isinstance(one, dict) for one in records):
        return []
    names = list(dict.fromkeys(name for one in records for name in one))
    if not 2 <= len(names) <= _COLUMNS or not all(map(_flat, records)):
        return []
    rows = [[clean(_scalar(one.get(name))) for name in names] for one in records]
    filled = sum(1 for row in rows for cell in row if cell)
    return [[clean(name) for name in names], *rows] if filled >= _LIKENESS * len(names) * len(rows) else []


def _flat(record: Mapping[str, Any]) -> bool:
    return all(not isinstance(value, dict | list) and len(_scalar(value)) <= _CELL_CHARS for value in record.values())


def _alike(records: Iterator[Any] | Any) -> bool:
    """Whether records share at least one of their member names."""
    shared: set[str] | None = None
    for record in records:
        shared = set(record) if shared is None else shared & set(record)
    return bool(shared)


def _name(record: Mapping[str, Any]) -> str:
    """What a record is called: its title, name or number, in this order."""
    for members in (record, *(value for value in record.values() if isinstance(value, dict))):
        known = {name.lower(): value for name, value in members.items() if not isinstance(value, dict | list)}
        texts = (" ".join(_scalar(known.get(name)).split()) for name in _NAMES)
        if text := next((text for text in texts if 0 < len(text) <= _NAME_CHARS), ""):
            return text
    return ""


def _path(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _scalar(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)

"""The tables of a generation, written document by document: their text, and rows of numbers that lead into it."""

import json
from array import array
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any, Self

from qa.files import Folder
from qa.index.documents import CODECS, StoredDocument
from qa.index.filters import FieldsWriter
from qa.index.manifest import TABLES
from qa.index.structure import KINDS, encoded, sections
from qa.records import Prepared
from qa.text import NEWLINE

__all__ = ["PARTS", "TableWriter", "jsonl", "line_starts"]

PARTS = ("passages", "sentences", "lines", "blocks", "markup")
"""What a document has rows of, in the order of the columns of `documents.bin`."""


class TableWriter:
    """Writes `documents.jsonl`, `fields.jsonl`, `text.bin`, `blocks.jsonl` and all of `TABLES` into a folder. A context
    manager.

    fields: once it is closed, where the records of each key are in `fields.jsonl`, in bytes.

    rows: how many rows each of `PARTS` has so far. documents, unread, boilerplate: how many of these so far. Methods
    raise OSError.
    """

    def __init__(self, folder: Folder) -> None:
        self.rows = dict.fromkeys(PARTS, 0)
        self.documents = self.unread = self.boilerplate = 0
        self.fields: dict[str, tuple[int, int]] = {}
        self._first: dict[str, int] = {}  # document of each file's hash
        self._fields = FieldsWriter()
        self._open = ExitStack()
        names = ("documents.jsonl", "fields.jsonl", "text.bin", "blocks.jsonl", *TABLES)
        self._files = {name: self._open.enter_context(folder.create(name)) for name in names}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        with self._open:
            if kind is None:
                self._put("documents", [self._place()])
                self._write_fields()

    def _write_fields(self) -> None:
        file = self._files["fields.jsonl"]
        for key, records in self._fields.records():
            start = file.tell()
            file.write(jsonl(records))
            self.fields[key] = (start, file.tell())

    def add(self, prepared: Prepared) -> None:
        """Append a document; they come sorted by id."""
        number, document = self.documents, prepared.document
        lines = list(encoded(document.blocks))
        rows: dict[str, Iterable[tuple[int, ...]]] = {
            "passages": [(number, x.start, x.end, x.first_sentence, x.last_sentence) for x in prepared.passages],
            "sentences": _sentence_rows(number, prepared, self.rows["passages"]),
            "lines": [(start,) for start in line_starts(document.text)],
            "blocks": [(place,) for place in _places(lines, self._files["blocks.jsonl"].tell())],
            "markup": [(span.start, span.end) for span in document.markup],
        }
        self._first.setdefault(document.sha256, number)
        self._fields.add(document.id, document.title, document.metadata)
        self._put("documents", [self._place(self._first[document.sha256])])
        before = dict(self.rows)
        for name in PARTS:
            self.rows[name] += self._put(name, rows[name])
        record = _record(prepared, self._files["text.bin"].tell(), {n: (before[n], self.rows[n]) for n in PARTS})
        self._files["documents.jsonl"].write(jsonl([record]))
        self._files["text.bin"].write(document.text.encode(CODECS[record["width"]]))
        self._files["blocks.jsonl"].writelines(lines)
        self.documents += 1
        self.unread += len(document.unread)
        self.boilerplate += prepared.boilerplate

    def _place(self, twin: int = -1) -> tuple[int, ...]:
        return self._files["documents.jsonl"].tell(), twin, *self.rows.values()

    def _put(self, name: str, rows: Iterable[tuple[int, ...]]) -> int:
        """Append rows to a table; returns how many."""
        import numpy as np

        numbers = array("q", (number for row in rows for number in row))
        self._files[f"{name}.bin"].write(np.frombuffer(numbers, dtype=np.int64).astype("<i8").tobytes())
        return len(numbers) // TABLES[f"{name}.bin"]


def _sentence_rows(number: int, p: Prepared, passages: int) -> list[tuple[int, ...]]:
    """passages: how many there are before those of this document."""
    belongs = {n: passages + i for i, x in enumerate(p.passages) for n in range(x.first_sentence, x.last_sentence + 1)}
    kinds = [KINDS.index(block.kind) for block in p.document.blocks] or [KINDS.index("paragraph")]
    above = sections(p.document.blocks) or [-1]
    return [(number, x.start, x.end, belongs[x.number], x.block, kinds[x.block], above[x.block]) for x in p.sentences]


def _places(lines: Iterable[bytes], at: int) -> list[int]:
    """Where each line starts, and where the last one ends, if the first starts at `at`."""
    places = [at]
    for line in lines:
        places.append(places[-1] + len(line))
    return places


def _record(prepared: Prepared, offset: int, rows: Mapping[str, tuple[int, int]]) -> dict[str, Any]:
    """A document's line in `documents.jsonl`."""
    document = prepared.document
    stored = StoredDocument(
        id=document.id,
        title=document.title,
        metadata=dict(document.metadata),
        sha256=document.sha256,
        skipped=document.skipped,
        pages=document.pages,
        unread=document.unread,
        boilerplate=prepared.boilerplate,
        chars=len(document.text),
        width=_width(document.text),
        offset=offset,
        **rows,
    )
    return asdict(stored) | {"skipped": [[span.start, span.end] for span in document.skipped]}


def _width(text: str) -> int:
    """The fewest bytes that hold any character of the text: 1, 2 or 4."""
    if text.isascii() or max(text) < "\u0100":
        return 1
    return 2 if max(text) < "\U00010000" else 4


def line_starts(text: str) -> list[int]:
    """Where each line starts. `\\n`, `\\r\\n` and a lone `\\r`, the line end of old Macs, end a line."""
    return [0, *(match.end() for match in NEWLINE.finditer(text))]


def jsonl(records: Iterable[Mapping[str, Any]]) -> bytes:
    """Each record on a line of its own."""
    return b"".join(json.dumps(record, sort_keys=True).encode() + b"\n" for record in records)

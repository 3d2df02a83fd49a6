"""The tables of a generation, written: documents with their text, and rows of numbers that lead into it."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from qa.index.manifest import TABLES
from qa.index.store import CODECS, StoredDocument
from qa.index.structure import KINDS, encoded, sections
from qa.records import Prepared

__all__ = ["jsonl", "line_starts", "write"]

LINE_END = re.compile(r"\r\n|\r|\n")


def write(folder: Path, prepared: Sequence[Prepared]) -> None:
    """Write `documents.jsonl`, `text.bin`, `blocks.jsonl` and all of `TABLES`. Raises OSError."""
    import numpy as np

    infos: list[dict[str, Any]] = []
    tables: dict[str, list[tuple[int, ...]]] = {name.removesuffix(".bin"): [] for name in TABLES}
    at = 0  # in blocks.jsonl
    with (folder / "text.bin").open("wb") as text, (folder / "blocks.jsonl").open("wb") as blocks:
        for number, p in enumerate(prepared):
            lines = list(encoded(p.document.blocks))
            rows: dict[str, list[tuple[int, ...]]] = {
                "passages": [(number, x.start, x.end, x.first_sentence, x.last_sentence) for x in p.passages],
                "sentences": _sentence_rows(number, p, len(tables["passages"])),
                "lines": [(start,) for start in line_starts(p.document.text)],
                "blocks": [(place,) for place in _places(lines, at)],
                "markup": [(span.start, span.end) for span in p.document.markup],
            }
            infos.append(_record(p, text.tell(), {n: (len(tables[n]), len(tables[n]) + len(rows[n])) for n in rows}))
            text.write(p.document.text.encode(CODECS[infos[-1]["width"]]))
            blocks.writelines(lines)
            at = rows["blocks"][-1][0]
            for name in tables:
                tables[name] += rows[name]
    (folder / "documents.jsonl").write_bytes(jsonl(infos))
    for name, numbers in tables.items():
        (folder / f"{name}.bin").write_bytes(np.array(numbers, dtype="<i8").tobytes())


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
    return [0, *(match.end() for match in LINE_END.finditer(text))]


def jsonl(records: Iterable[Mapping[str, Any]]) -> bytes:
    """Each record on a line of its own."""
    return b"".join(json.dumps(record, sort_keys=True).encode() + b"\n" for record in records)

"""Write a generation whole, flush it to disk, rename it into place, and only then name it in `CURRENT`."""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from qa.files import Folder
from qa.index import lexical, vectors
from qa.index.blocks import BLOCK, block_sum
from qa.index.manifest import BLOCK_FILES, SCHEMA, SIGNATURE, file_sha256
from qa.index.signature import Key
from qa.index.store import CODECS, Source, StoredDocument, generations
from qa.records import Prepared

__all__ = ["line_starts", "publish", "purge", "write"]

LINE_END = re.compile(r"\r\n|\r|\n")


def write(
    folder: Path,
    prepared: Sequence[Prepared],
    sources: Sequence[Source],
    passage_vectors: Any,
    sentence_vectors: Any,
    keys: Mapping[str, Sequence[bytes]],
    about: Mapping[str, Any],
    key: Key,
) -> str:
    """Write a generation into a new folder, sign it and flush it to disk. Returns the SHA-256 of its manifest.

    keys: by table, the hash of each row's embedded text. about: further entries of the manifest. key: signs it.
    Raises OSError.
    """
    folder.mkdir(parents=True)  # a new folder is empty, so nothing written here can follow a link
    _write_tables(folder, prepared)
    (folder / "sources.jsonl").write_bytes(_jsonl(asdict(source) for source in sources))
    vectors.write(folder / "vectors.faiss", passage_vectors)
    vectors.write(folder / "sentences.faiss", sentence_vectors)
    for name, rows in keys.items():
        (folder / f"{name}.keys").write_bytes(b"".join(rows))
    lexical.write(
        folder / "lexical" / "passages", [p.document.text[x.start : x.end] for p in prepared for x in p.passages]
    )
    lexical.write(
        folder / "lexical" / "sentences", [p.document.text[x.start : x.end] for p in prepared for x in p.sentences]
    )
    for name in BLOCK_FILES:
        _write_sums(folder / name)
    files = {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*")) if p.is_file()}
    manifest = {
        "schema": SCHEMA,
        **about,
        "counts": {
            "documents": len(prepared),
            "passages": sum(len(p.passages) for p in prepared),
            "sentences": sum(len(p.sentences) for p in prepared),
        },
        "files": {name: {"size": p.stat().st_size, "sha256": file_sha256(p)} for name, p in files.items()},
    }
    data = json.dumps(manifest, indent=1, sort_keys=True).encode()
    (folder / "manifest.json").write_bytes(data)
    (folder / SIGNATURE).write_text(key.sign("manifest", data).hex() + "\n", encoding="ascii")
    _flush(folder)
    return hashlib.sha256(data).hexdigest()


def _write_tables(folder: Path, prepared: Sequence[Prepared]) -> None:
    import numpy as np

    infos: list[dict[str, Any]] = []
    passages: list[tuple[int, ...]] = []
    sentences: list[tuple[int, ...]] = []
    lines: list[int] = []
    with (folder / "text.bin").open("wb") as out:
        for number, p in enumerate(prepared):
            starts = line_starts(p.document.text)
            rows = {
                "passages": (len(passages), len(passages) + len(p.passages)),
                "sentences": (len(sentences), len(sentences) + len(p.sentences)),
                "lines": (len(lines), len(lines) + len(starts)),
            }
            infos.append(_record(p, out.tell(), rows))
            out.write(p.document.text.encode(CODECS[infos[-1]["width"]]))
            belongs = {
                n: len(passages) + i
                for i, x in enumerate(p.passages)
                for n in range(x.first_sentence, x.last_sentence + 1)
            }
            passages += [(number, x.start, x.end, x.first_sentence, x.last_sentence) for x in p.passages]
            sentences += [(number, x.start, x.end, belongs[x.number]) for x in p.sentences]
            lines += starts
    (folder / "documents.jsonl").write_bytes(_jsonl(infos))
    (folder / "passages.bin").write_bytes(np.array(passages, dtype="<i8").tobytes())
    (folder / "sentences.bin").write_bytes(np.array(sentences, dtype="<i8").tobytes())
    (folder / "lines.bin").write_bytes(np.array(lines, dtype="<i8").tobytes())


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


def _jsonl(records: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(json.dumps(record, sort_keys=True).encode() + b"\n" for record in records)


def _write_sums(path: Path) -> None:
    with path.open("rb") as stream:
        sums = b"".join(block_sum(block) for block in iter(lambda: stream.read(BLOCK), b""))
    path.with_name(path.name + ".sum").write_bytes(sums)


def _flush(folder: Path) -> None:
    """fsync every file and folder below and including `folder`."""
    for path in (*folder.rglob("*"), folder):
        _fsync(path)


def _fsync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":  # Windows cannot open folders
        return
    number = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def publish(index: Path, building: Path, name: str, manifest_sha256: str) -> None:
    """Rename a written generation into place and make it the current one, atomically."""
    with Folder.open(index) as folder:
        folder.rename(building.name, name)
        if folder.kind("CURRENT") in ("link", "other"):
            folder.remove("CURRENT")
        folder.write("CURRENT", f"{name} {manifest_sha256}\n".encode(), flush=True)
        folder.sync()


def purge(index: Path, keep: int) -> None:
    """Delete all but the `keep` newest generations, and the remains of interrupted builds. Needs the lock."""
    names = generations(index)
    with Folder.open(index) as folder:
        for name in names[: max(0, len(names) - keep)]:
            with suppress(OSError):
                folder.remove(name)
        for name in folder.names():
            if name.startswith((".building-", ".CURRENT-")):
                folder.remove(name)

"""Write a generation whole, flush it to disk, rename it into place, and only then name it in `CURRENT`."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from qa.files import Folder
from qa.index import lexical, tables, vectors
from qa.index.blocks import BLOCK, block_sum
from qa.index.manifest import BLOCK_FILES, SCHEMA, SIGNATURE, file_sha256
from qa.index.signature import Key
from qa.index.store import Source, generations
from qa.ingest.scan import SIDECAR
from qa.records import Prepared

__all__ = ["UNFINISHED", "publish", "purge", "write"]

UNFINISHED = (".building-", ".CURRENT-")  # how names of what a killed build left begin


def write(
    folder: Path,
    prepared: Sequence[Prepared],
    sources: Sequence[Source],
    passage_vectors: Any,
    sentence_vectors: Any,
    texts: Mapping[str, Sequence[str]],
    keys: Mapping[str, Sequence[bytes]],
    about: Mapping[str, Any],
    key: Key,
) -> str:
    """Write a generation into a new folder, sign it and flush it to disk. Returns the SHA-256 of its manifest.

    texts, keys: by table, the text of each row that is searched, and its hash. about: further entries of the manifest.
    key: signs it. Raises OSError.
    """
    folder.mkdir(parents=True)  # a new folder is empty, so nothing written here can follow a link
    tables.write(folder, prepared)
    (folder / "sources.jsonl").write_bytes(tables.jsonl(asdict(source) for source in sources))
    vectors.write(folder / "vectors.faiss", passage_vectors)
    vectors.write(folder / "sentences.faiss", sentence_vectors)
    for name, hashes in keys.items():
        (folder / f"{name}.keys").write_bytes(b"".join(hashes))
    for name, rows in texts.items():
        lexical.write(folder / "lexical" / name, rows)
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
        "unread": {
            "files": sum(source.state == "skipped" and source.id != SIDECAR for source in sources),
            "parts": sum(len(p.document.unread) for p in prepared),
        },
        "files": {name: {"size": p.stat().st_size, "sha256": file_sha256(p)} for name, p in files.items()},
    }
    data = json.dumps(manifest, indent=1, sort_keys=True).encode()
    (folder / "manifest.json").write_bytes(data)
    (folder / SIGNATURE).write_text(key.sign("manifest", data).hex() + "\n", encoding="ascii")
    _flush(folder)
    return hashlib.sha256(data).hexdigest()


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
            if name.startswith(UNFINISHED):
                folder.remove(name)

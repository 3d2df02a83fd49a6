"""Write a generation whole, flush it to disk, rename it into place, and only then name it in `CURRENT`."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from qa.embed.parts import Divided
from qa.files import Folder
from qa.index import approximate
from qa.index.blocks import BLOCK, block_sum
from qa.index.lexical import LexicalWriter
from qa.index.manifest import APPROXIMATE, BLOCK_FILES, SCHEMA, SIGNATURE, file_sha256
from qa.index.signature import Key
from qa.index.store import Source, generations
from qa.index.tables import TableWriter, jsonl
from qa.index.vectors import VectorIndex, VectorWriter
from qa.ingest.scan import SIDECAR
from qa.records import Prepared

__all__ = ["UNFINISHED", "GenerationWriter", "discard", "publish", "purge"]

UNFINISHED = (".building-", ".CURRENT-")  # how names of what a killed build left begin


class GenerationWriter:
    """Writes a generation into a new folder, document by document and passage by passage, so that memory holds neither
    texts nor vectors. A context manager; `finish` ends it. Methods raise OSError.

    many: tables of at least so many rows get an approximate index. tables: what was written so far, in numbers. dim:
    length of its vectors, 0 as long as there are none.
    """

    def __init__(self, folder: Path, many: int = approximate.ROWS) -> None:
        folder.mkdir(parents=True)  # a new folder is empty, so nothing written here can follow a link
        self._folder, self._many = folder, many
        self._open = ExitStack()
        self.tables = self._open.enter_context(TableWriter(folder))
        self._terms = {name: LexicalWriter(folder / "lexical" / name) for name in ("passages", "sentences")}
        self._keys = self._open.enter_context((folder / "passages.keys").open("xb"))
        self._vectors: dict[str, VectorWriter] = {}
        self.dim = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.__exit__(kind, error, at)

    def add_document(self, prepared: Prepared) -> None:
        """The next document; they come sorted by id."""
        self.tables.add(prepared)

    def add_passages(self, passages: Sequence[Divided], keys: Sequence[bytes], vectors: Sequence[Any] | None) -> None:
        """The next passages, with a key and the vectors of each: its own, then those of its sentences.

        vectors: None for all passages of a generation of words.
        """
        import numpy as np

        self._terms["passages"].add(passage.text for passage in passages)
        self._terms["sentences"].add(text for passage in passages for text in passage.alone)
        self._keys.write(b"".join(keys))
        if vectors is not None:
            self._rows("vectors", np.stack([rows[0] for rows in vectors]))
            self._rows("sentences", np.concatenate([rows[1:] for rows in vectors]))

    def _rows(self, name: str, vectors: Any) -> None:
        if name not in self._vectors:
            self.dim = int(vectors.shape[1])
            path = self._folder / f"{name}.faiss"
            self._vectors[name] = self._open.enter_context(VectorWriter(path, self.dim))
        self._vectors[name].add(vectors)

    def finish(self, sources: Sequence[Source], about: Mapping[str, Any], key: Key) -> str:
        """Write the rest, sign the generation and flush it to disk. Returns the SHA-256 of its manifest.

        about: further entries of the manifest. key: signs it.
        """
        self._open.close()
        self._write_approximate()
        for terms in self._terms.values():
            terms.save()
        (self._folder / "sources.jsonl").write_bytes(jsonl(asdict(source) for source in sources))
        for name in BLOCK_FILES:
            _write_sums(self._folder / name)
        data = json.dumps(self._manifest(sources, about), indent=1, sort_keys=True).encode()
        (self._folder / "manifest.json").write_bytes(data)
        (self._folder / SIGNATURE).write_text(key.sign("manifest", data).hex() + "\n", encoding="ascii")
        _flush(self._folder)
        return hashlib.sha256(data).hexdigest()

    def _write_approximate(self) -> None:
        for name, near in APPROXIMATE.items() if self.dim else ():
            flat = VectorIndex.open(self._folder / name)
            if flat.size >= self._many and flat.dim >= approximate.DIM:
                approximate.write(flat, self._folder / near)
                _write_sums(self._folder / near)

    def _manifest(self, sources: Sequence[Source], about: Mapping[str, Any]) -> Mapping[str, Any]:
        files = {p.relative_to(self._folder).as_posix(): p for p in sorted(self._folder.rglob("*")) if p.is_file()}
        rows = self.tables.rows
        return {
            "schema": SCHEMA,
            "vectors": bool(self.dim),
            **about,
            "counts": {
                "documents": self.tables.documents,
                "passages": rows["passages"],
                "sentences": rows["sentences"],
            },
            "unread": {
                "files": sum(source.state == "skipped" and source.id != SIDECAR for source in sources),
                "parts": self.tables.unread,
            },
            "boilerplate_lines": self.tables.boilerplate,
            "fields": self.tables.fields,
            "files": {name: {"size": p.stat().st_size, "sha256": file_sha256(p)} for name, p in files.items()},
        }


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


def discard(index: Path, building: Path) -> None:
    """Delete what an unfinished build wrote. Nothing happens if it cannot be deleted: the next build tries again."""
    with suppress(OSError), Folder.open(index) as folder:
        folder.remove(building.name)


def purge(index: Path, keep: int, sparing: str = "") -> None:
    """Delete all but the `keep` newest generations, and the remains of interrupted builds. Needs the lock.

    sparing: the name of an unfinished generation that stays.
    """
    names = generations(index)
    with Folder.open(index) as folder:
        for name in names[: max(0, len(names) - keep)]:
            with suppress(OSError):
                folder.remove(name)
        for name in folder.names():
            if name != sparing and name.startswith(UNFINISHED):
                folder.remove(name)

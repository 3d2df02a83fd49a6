"""Write a generation whole, flush it to disk, rename it into place, and only then name it in `CURRENT`."""

import errno
import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from qa.embed.parts import Divided
from qa.errors import IndexUnusableError
from qa.files import EXCHANGED, Folder
from qa.index import approximate
from qa.index.blocks import BLOCK, block_sum
from qa.index.lexical import LexicalWriter
from qa.index.manifest import APPROXIMATE, BLOCK_FILES, SCHEMA, SIGNATURE
from qa.index.signature import Key
from qa.index.store import DIGITS, Source, current_name, generations, sequence
from qa.index.tables import TableWriter, jsonl
from qa.index.vectors import VectorIndex, VectorWriter
from qa.ingest.scan import SIDECAR
from qa.records import Prepared

__all__ = ["UNFINISHED", "GenerationWriter", "discard", "next_name", "publish", "purge"]

UNFINISHED = (".building-", ".CURRENT-")  # how names of what a killed build left begin
LEFTOVERS = 200  # of either kind that one call deletes


class GenerationWriter:
    """Writes a generation into a new folder, document by document and passage by passage, so that memory holds neither
    texts nor vectors. A context manager; `finish` ends it. Methods raise OSError.

    The folder is private until it is finished, and everything goes through its descriptor: whoever can write to the
    index may move it away, but not have anything written elsewhere.

    many: tables of at least so many rows get an approximate index. tables: what was written so far, in numbers. dim:
    length of its vectors, 0 as long as there are none.
    """

    def __init__(self, folder: Path, many: int = approximate.ROWS) -> None:
        with Folder.open(folder.parent, create=True) as index:
            self._folder = index.private(folder.name)
        self._many = many
        self._open = ExitStack()
        self.tables = self._open.enter_context(TableWriter(self._folder))
        self._terms = {name: LexicalWriter() for name in ("passages", "sentences")}
        self._keys = self._open.enter_context(self._folder.create("passages.keys"))
        self._vectors: dict[str, VectorWriter] = {}
        self.dim = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._folder:
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
            file = self._folder.create(f"{name}.faiss")
            self._vectors[name] = self._open.enter_context(VectorWriter(file, self.dim))
        self._vectors[name].add(vectors)

    def finish(self, sources: Sequence[Source], about: Mapping[str, Any], key: Key) -> str:
        """Write the rest, sign the generation and flush it to disk. Returns the SHA-256 of its manifest.

        about: further entries of the manifest. key: signs it.
        """
        self._open.close()
        self._write_approximate()
        self._write_terms()
        self._write("sources.jsonl", jsonl(asdict(source) for source in sources))
        for name in BLOCK_FILES:
            self._write_sums(name)
        data = json.dumps(self._manifest(sources, about), indent=1, sort_keys=True).encode()
        self._write("manifest.json", data)
        self._write(SIGNATURE, key.sign("manifest", data).hex().encode() + b"\n")
        self._folder.allow(stat.S_IMODE(self._folder.stat("lexical").st_mode))  # what the system gives new folders
        _flush(self._folder)
        with Folder.open(self._folder.path.parent) as index:
            if not index.is_still(self._folder.path.name, self._folder):
                raise OSError(errno.EPERM, EXCHANGED, str(self._folder.path))
        return hashlib.sha256(data).hexdigest()

    def _write(self, name: str, data: bytes) -> None:
        with self._folder.create(name) as file:
            file.write(data)

    def _write_sums(self, name: str) -> None:
        with self._folder.open_file(name) as stream:
            self._write(f"{name}.sum", b"".join(block_sum(block) for block in iter(lambda: stream.read(BLOCK), b"")))

    def _write_terms(self) -> None:
        with self._folder.folder("lexical", create=True) as lexical:
            for name, terms in self._terms.items():
                with lexical.folder(name, create=True) as folder:
                    terms.save(folder)

    def _write_approximate(self) -> None:
        for name, near in APPROXIMATE.items() if self.dim else ():
            with self._folder.open_file(name) as file:
                flat = VectorIndex.read(file, self._folder.path / name)
            if flat.size >= self._many and flat.dim >= approximate.DIM:
                with self._folder.create(near) as out:
                    approximate.write(flat, out)
                self._write_sums(near)

    def _manifest(self, sources: Sequence[Source], about: Mapping[str, Any]) -> Mapping[str, Any]:
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
            "files": dict(_described(self._folder)),
        }


def _described(folder: Folder, within: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The path of every file below a folder, with its size and SHA-256. within: the path of the folder."""
    for name in folder.names():
        if folder.kind(name) == "folder":
            with folder.folder(name) as inside:
                yield from _described(inside, f"{within}{name}/")
        else:
            with folder.open_file(name) as file:
                size, sha256 = os.fstat(file.fileno()).st_size, hashlib.file_digest(file, "sha256").hexdigest()
            yield within + name, {"size": size, "sha256": sha256}


def _flush(folder: Folder) -> None:
    """fsync every file and folder below and including `folder`."""
    for name in folder.names():
        if folder.kind(name) == "folder":
            with folder.folder(name) as inside:
                _flush(inside)
        else:
            folder.flush(name)
    folder.sync()


def next_name(index: Path, fingerprint: str) -> str:
    """A name for a new generation: it comes after the current one, whatever else lies in the folder."""
    names = generations(index)
    newest = sequence(_current(index) or (names[-1] if names else ""))
    return f"gen-{max(newest, 0) % (10**DIGITS - 1) + 1}-{fingerprint[:12]}"


def publish(index: Path, building: Path, name: str, manifest_sha256: str) -> None:
    """Rename a written generation into place and make it the current one, atomically."""
    with Folder.open(index) as folder:
        folder.remove(name)  # what a build that was killed at this point has left
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
    """Delete the remains of interrupted builds, and all generations but the current one and, up to `keep` in all, those
    before it; 0: that one too. Needs the lock.

    A stranger's folder may hold any number of such names, of any size: only so many are looked at, the generations
    nearest to the current one first. What cannot be deleted stays for a later call.
    sparing: the name of an unfinished generation that stays.
    """
    with Folder.open(index) as folder:
        unfinished = [name for name in folder.names() if name != sparing and name.startswith(UNFINISHED)]
        for name in (*_superfluous(index, keep)[:LEFTOVERS], *unfinished[:LEFTOVERS]):
            with suppress(OSError):
                folder.remove(name)


def _superfluous(index: Path, keep: int) -> list[str]:
    """The generations that may go, the nearest to the current one first, or else the newest."""
    names = generations(index)
    current = _current(index) if keep else ""
    before = [name for name in names if not current or sequence(name) < sequence(current)]
    stay = before[max(0, len(before) - keep + bool(current)) :]
    place = sequence(current or (names[-1] if names else ""))
    gone = [name for name in names if name != current and name not in stay]
    return sorted(gone, key=lambda name: abs(sequence(name) - place))


def _current(index: Path) -> str:
    """The name of the current generation, whether it is there or not; empty if `CURRENT` names none."""
    try:
        return current_name(index)[0]
    except IndexUnusableError:
        return ""

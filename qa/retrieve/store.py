"""Generations on disk: written whole, renamed into place, opened whole, verified. `index/README.md` documents the format.

index/CURRENT                   "gen-<sequence>-<12 hex of fingerprint> <SHA-256 of its manifest>"
index/gen-.../manifest.json     size and SHA-256 of every other file, counts, settings, model
              sources.jsonl     every file seen: indexed, skipped (why), duplicate (of what); with size, mtime, hash
              documents.jsonl   one indexed document a line: title, metadata, skipped spans, pages, where its text is
              text.bin          the documents' characters, 1, 2 or 4 bytes each, so that an offset is a position
              passages.bin      rows of 5 int64: document, start, end, first sentence, last sentence (numbers within the document)
              sentences.bin     rows of 4 int64: document, start, end, passage
              passages.keys, sentences.keys    16 bytes a row: hash of the text that was embedded
              *.sum             8 bytes for each 16 KiB block of the file: its BLAKE2b hash
              vectors.faiss (of the passages), sentences.faiss, lexical/passages/, lexical/sentences/
"""

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from qa.errors import IndexDamagedError, IndexForeignError, IndexMissingError
from qa.ingest import Prepared
from qa.records import Document, Passage, Sentence, Span
from qa.retrieve import lexical, vectors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = [
    "SCHEMA",
    "DocumentInfo",
    "Generation",
    "Source",
    "current_name",
    "publish",
    "purge",
    "sequence",
    "verify",
    "write",
]

SCHEMA = 1
BLOCK = 16 * 1024
WHOLE = 64 * 1000 * 1000  # a generation smaller than this is hashed whole when it is opened
TABLES = {"passages.bin": 5, "sentences.bin": 4}
BLOCK_FILES = ("sources.jsonl", "documents.jsonl", "text.bin", *TABLES)
CODECS = {1: "latin-1", 2: "utf-16-le", 4: "utf-32-le"}
REBUILD = "run: qa index --rebuild"


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was seen when the index was built. detail: why it was skipped, or the id that it duplicates."""

    id: str
    state: Literal["indexed", "skipped", "duplicate"]
    size: int
    mtime_ns: int
    sha256: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """An indexed document without its text. sentences and passages: rows [first, last) in the tables."""

    id: str
    title: str
    metadata: Mapping[str, str]
    sha256: str
    skipped: tuple[Span, ...]
    pages: tuple[int, ...]
    chars: int
    width: int
    offset: int
    sentences: tuple[int, int]
    passages: tuple[int, int]


# --- writing -------------------------------------------------------------------------------------------------------------------


def write(
    folder: Path,
    prepared: Sequence[Prepared],
    sources: Sequence[Source],
    passage_vectors: Any,
    sentence_vectors: Any,
    keys: Mapping[str, Sequence[bytes]],
    about: Mapping[str, Any],
) -> str:
    """Write a whole generation into a folder that does not exist, flush it to disk, and return its manifest's SHA-256."""
    folder.mkdir(parents=True)
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
        "files": {name: {"size": p.stat().st_size, "sha256": _file_sha256(p)} for name, p in files.items()},
    }
    data = json.dumps(manifest, indent=1, sort_keys=True).encode()
    (folder / "manifest.json").write_bytes(data)
    _flush(folder)
    return hashlib.sha256(data).hexdigest()


def _write_tables(folder: Path, prepared: Sequence[Prepared]) -> None:
    import numpy as np

    infos: list[dict[str, Any]] = []
    passages: list[tuple[int, ...]] = []
    sentences: list[tuple[int, ...]] = []
    with (folder / "text.bin").open("wb") as out:
        for number, p in enumerate(prepared):
            text = p.document.text
            width = 1 if text.isascii() or max(text) < "\u0100" else 2 if max(text) < "\U00010000" else 4
            info = DocumentInfo(
                id=p.document.id,
                title=p.document.title,
                metadata=dict(p.document.metadata),
                sha256=p.document.sha256,
                skipped=p.document.skipped,
                pages=p.document.pages,
                chars=len(text),
                width=width,
                offset=out.tell(),
                sentences=(len(sentences), len(sentences) + len(p.sentences)),
                passages=(len(passages), len(passages) + len(p.passages)),
            )
            infos.append(asdict(info) | {"skipped": [[s.start, s.end] for s in info.skipped]})
            out.write(text.encode(CODECS[width]))
            belongs = {
                n: len(passages) + i
                for i, x in enumerate(p.passages)
                for n in range(x.first_sentence, x.last_sentence + 1)
            }
            passages += [(number, x.start, x.end, x.first_sentence, x.last_sentence) for x in p.passages]
            sentences += [(number, x.start, x.end, belongs[x.number]) for x in p.sentences]
    (folder / "documents.jsonl").write_bytes(_jsonl(infos))
    (folder / "passages.bin").write_bytes(np.array(passages, dtype="<i8").tobytes())
    (folder / "sentences.bin").write_bytes(np.array(sentences, dtype="<i8").tobytes())


def _jsonl(records: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(json.dumps(record, sort_keys=True).encode() + b"\n" for record in records)


def _write_sums(path: Path) -> None:
    with path.open("rb") as stream:
        sums = b"".join(_block_sum(block) for block in iter(lambda: stream.read(BLOCK), b""))
    path.with_name(path.name + ".sum").write_bytes(sums)


def _block_sum(block: bytes) -> bytes:
    return hashlib.blake2b(block, digest_size=8).digest()


def _file_sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


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
    building.rename(index / name)
    partial = index / f".CURRENT-{os.getpid()}"
    partial.write_text(f"{name} {manifest_sha256}\n")
    _fsync(partial)
    partial.replace(index / "CURRENT")
    _fsync(index)


def purge(index: Path, keep: int) -> None:
    """Delete all but the `keep` newest generations, and what dead builds left. Only the holder of the lock may call this."""
    names = sorted((p.name for p in index.glob("gen-*")), key=sequence)
    for name in names[: max(0, len(names) - keep)]:
        shutil.rmtree(index / name, ignore_errors=True)
    for left in (*index.glob(".building-*"), *index.glob(".CURRENT-*")):
        shutil.rmtree(left) if left.is_dir() else left.unlink()


def sequence(name: str) -> int:
    """The sequence number in a generation's name; -1 for any other name."""
    parts = name.split("-")
    return int(parts[1]) if len(parts) == 3 and parts[0] == "gen" and parts[1].isdigit() else -1


# --- reading -------------------------------------------------------------------------------------------------------------------


def current_name(index: Path) -> tuple[str, str]:
    """Name and manifest hash of the current generation. Raises IndexMissingError, IndexForeignError or IndexDamagedError."""
    try:
        text = (index / "CURRENT").read_text(encoding="ascii")
    except FileNotFoundError:
        if any(index.glob("gen-*")):
            raise IndexDamagedError(f"{index / 'CURRENT'} is missing; {REBUILD}") from None
        raise IndexMissingError(f"there is no index in {index}; run: qa index") from None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamagedError(f"{index / 'CURRENT'} cannot be read ({error}); {REBUILD}") from None
    parts = text.split()
    if len(parts) != 2 or sequence(parts[0]) < 0 or len(parts[1]) != 64:
        raise IndexForeignError(
            f"{index / 'CURRENT'} does not name a generation of qa; move {index} away, or {REBUILD}"
        )
    return parts[0], parts[1]


class BlockFile:
    """A file read by position; every block is compared with its checksum whenever it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._sums = path.with_name(path.name + ".sum").read_bytes()
        self._stream = path.open("rb", buffering=0)
        self._lock = threading.Lock()
        self.size = os.fstat(self._stream.fileno()).st_size
        self._block = lru_cache(maxsize=512)(self._read_block)  # 8 MiB

    def read(self, start: int, end: int) -> bytes:
        """Bytes [start, end). Raises IndexDamagedError when the file is not what was written."""
        if not 0 <= start <= end <= self.size:
            raise IndexDamagedError(f"{self.path} has {self.size} bytes, {start}..{end} were asked for; {REBUILD}")
        first = start // BLOCK
        blocks = b"".join(self._block(number) for number in range(first, -(-end // BLOCK)))
        return blocks[start - first * BLOCK : end - first * BLOCK]

    def _read_block(self, number: int) -> bytes:
        with self._lock:
            self._stream.seek(number * BLOCK)
            block = self._stream.read(BLOCK)
        if _block_sum(block) != self._sums[number * 8 : number * 8 + 8]:
            raise IndexDamagedError(f"{self.path} is damaged at byte {number * BLOCK}; {REBUILD}")
        return block

    def close(self) -> None:
        self._stream.close()


class Generation:
    """One generation, open. All files are opened here and kept, so deleting the folder later takes nothing away."""

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        self.folder, self.name, self.manifest = folder, folder.name, manifest
        self.counts: Mapping[str, int] = manifest["counts"]
        self._files = {name: BlockFile(folder / name) for name in BLOCK_FILES}
        self.passage_vectors = vectors.VectorIndex.open(folder / "vectors.faiss")
        self.sentence_vectors = vectors.VectorIndex.open(folder / "sentences.faiss")
        self.passage_terms = lexical.LexicalIndex.open(folder / "lexical" / "passages")
        self.sentence_terms = lexical.LexicalIndex.open(folder / "lexical" / "sentences")
        self.documents = self._load_documents()
        self._check_counts()

    @classmethod
    def open(cls, index: Path) -> "Generation":
        """The current generation. If one of its files is gone (a newer one was published meanwhile) `CURRENT` is read again, once."""
        name, manifest_sha256 = current_name(index)
        try:
            return cls._open(index / name, manifest_sha256)
        except FileNotFoundError as first:
            again, manifest_sha256 = current_name(index)
            with suppress(FileNotFoundError):
                if again != name:
                    return cls._open(index / again, manifest_sha256)
            raise IndexDamagedError(f"{first.filename or first} is missing; {REBUILD}") from None

    @classmethod
    def _open(cls, folder: Path, manifest_sha256: str) -> "Generation":
        manifest = _manifest(folder, manifest_sha256)
        for name, file in manifest["files"].items():
            if (folder / name).stat().st_size != file["size"]:
                raise IndexDamagedError(f"{folder / name} has the wrong size; {REBUILD}")
        if sum(file["size"] for file in manifest["files"].values()) < WHOLE:
            damaged = next(_damaged(folder, manifest), None)
            if damaged:
                raise IndexDamagedError(f"{folder / damaged} is damaged; {REBUILD}")
        try:
            return cls(folder, manifest)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise IndexDamagedError(f"{folder} cannot be read ({error!r}); {REBUILD}") from None

    def _load_documents(self) -> tuple[DocumentInfo, ...]:
        file = self._files["documents.jsonl"]
        return tuple(_info(json.loads(line)) for line in file.read(0, file.size).splitlines())

    def _check_counts(self) -> None:
        rows = {name: self._files[name].size // (8 * columns) for name, columns in TABLES.items()}
        found = {
            "documents": {len(self.documents)},
            "passages": {rows["passages.bin"], self.passage_vectors.size, self.passage_terms.size},
            "sentences": {rows["sentences.bin"], self.sentence_vectors.size, self.sentence_terms.size},
        }
        for what, numbers in found.items():
            if numbers != {self.counts[what]}:
                raise IndexDamagedError(
                    f"{self.folder}: {what} are counted {sorted(numbers)}, expected {self.counts[what]}; {REBUILD}"
                )

    def table(self, name: Literal["passages", "sentences"], start: int = 0, end: int | None = None) -> "Ints":
        """Rows [start, end) of a table, shape (n, columns); see the module's docstring for the columns."""
        import numpy as np

        file, columns = self._files[f"{name}.bin"], TABLES[f"{name}.bin"]
        stop = file.size // (8 * columns) if end is None else end
        return np.frombuffer(file.read(start * 8 * columns, stop * 8 * columns), dtype="<i8").reshape(-1, columns)

    def keys(self, name: Literal["passages", "sentences"]) -> list[bytes]:
        """The hash of each row's embedded text."""
        data = (self.folder / f"{name}.keys").read_bytes()
        return [data[i : i + 16] for i in range(0, len(data), 16)]

    def text(self, document: int, start: int = 0, end: int | None = None) -> str:
        """Characters [start, end) of a document, read by position and verified."""
        info = self.documents[document]
        stop = info.chars if end is None else end
        return (
            self._files["text.bin"]
            .read(info.offset + start * info.width, info.offset + stop * info.width)
            .decode(CODECS[info.width])
        )

    def document(self, number: int) -> Document:
        info = self.documents[number]
        return Document(info.id, self.text(number), info.sha256, info.title, info.metadata, info.skipped, info.pages)

    def prepared(self, number: int) -> Prepared:
        """A document with its sentences and passages, as it was given to `write`."""
        info = self.documents[number]
        sentences = self.table("sentences", *info.sentences).tolist()
        passages = self.table("passages", *info.passages).tolist()
        return Prepared(
            self.document(number),
            tuple(Sentence(info.id, n, start, end) for n, (_, start, end, _) in enumerate(sentences)),
            tuple(
                Passage(f"{info.id}:{start}-{end}", info.id, start, end, first, last)
                for _, start, end, first, last in passages
            ),
        )

    def sources(self) -> tuple[Source, ...]:
        """Every file that was seen when this generation was built."""
        file = self._files["sources.jsonl"]
        return tuple(Source(**json.loads(line)) for line in file.read(0, file.size).splitlines())

    def close(self) -> None:
        for file in self._files.values():
            file.close()


def _info(record: dict[str, Any]) -> DocumentInfo:
    record["skipped"] = tuple(Span(*pair) for pair in record["skipped"])
    for name in ("pages", "sentences", "passages"):
        record[name] = tuple(record[name])
    return DocumentInfo(**record)


def _manifest(folder: Path, manifest_sha256: str) -> dict[str, Any]:
    data = (folder / "manifest.json").read_bytes()
    if hashlib.sha256(data).hexdigest() != manifest_sha256:
        raise IndexDamagedError(f"{folder / 'manifest.json'} is not the one that CURRENT names; {REBUILD}")
    manifest: dict[str, Any] = json.loads(data)
    if manifest["schema"] != SCHEMA:
        raise IndexForeignError(
            f"{folder} has schema {manifest['schema']}, this version of qa reads {SCHEMA}; {REBUILD}"
        )
    return manifest


def _damaged(folder: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    for name, file in manifest["files"].items():
        if (folder / name).stat().st_size != file["size"] or _file_sha256(folder / name) != file["sha256"]:
            yield name


def verify(index: Path) -> list[str]:
    """Hash every file of the current generation; the names of those that are damaged or missing, empty when it is whole."""
    name, manifest_sha256 = current_name(index)
    folder = index / name
    try:
        manifest = _manifest(folder, manifest_sha256)
    except FileNotFoundError:
        return ["manifest.json"]
    missing = [file for file in manifest["files"] if not (folder / file).is_file()]
    present = {"files": {name: file for name, file in manifest["files"].items() if name not in missing}}
    return sorted([*missing, *_damaged(folder, present)])

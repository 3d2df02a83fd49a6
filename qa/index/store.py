"""Generations on disk: open one, read its parts, verify its files. `index/README.md` describes the format in full.

index/CURRENT                   "gen-<sequence>-<12 hex of fingerprint> <SHA-256 of its manifest>"
index/gen-.../manifest.json     size and SHA-256 of every other file, counts, settings, model, where the fields are
              signature         HMAC-SHA256 of the manifest under the key of the user who built it, in hex
              sources.jsonl     every file seen: indexed or skipped (why); with size, mtime, hash
              documents.jsonl   one indexed document a line: title, metadata, pages, ..., where its text is
              documents.bin     rows of 7 int64: where its line starts, the first document with the same bytes, and its
                                first row in passages, sentences, lines, blocks and markup; one more row at the end
              fields.jsonl      a value of a metadata key and the documents that have it a line, key after key
              text.bin          the documents' characters, 1, 2 or 4 bytes each, so that an offset is a position
              passages.bin      rows of 5 int64: document, start, end, first and last sentence (in the document)
              sentences.bin     rows of 7 int64: document, start, end, passage, block, kind and section of the block
              blocks.jsonl      one block a line
              blocks.bin        rows of 1 int64: where the line of a block starts; one more at each document's end
              markup.bin        rows of 2 int64: start and end of markup, in the document
              lines.bin         rows of 1 int64: start of a line, in the document
              passages.keys     16 bytes a row: hash of what was embedded, a passage with its sentences
              *.sum             16 bytes for each 16 KiB block of the file: its BLAKE2b hash
              vectors.faiss (of the passages), sentences.faiss, lexical/passages/, lexical/sentences/
              vectors.rabitq, sentences.rabitq  approximate indexes of the same vectors, where there are many
"""

import errno
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from qa import files
from qa.errors import IndexDamagedError, IndexForeignError, IndexMissingError, IndexUntrustedError, IndexUnusableError
from qa.index import lexical, limits, manifest, sources, vectors
from qa.index.blocks import BlockFile
from qa.index.documents import CODECS, StoredDocuments
from qa.index.filters import FieldTable
from qa.index.limits import FIRST_ROWS
from qa.index.manifest import APPROXIMATE, BLOCK_FILES, REBUILD, SCHEMA, TABLES, Manifest
from qa.index.protocol import Terms, Vectors
from qa.index.sources import Source
from qa.index.structure import StoredBlocks
from qa.records import Document, Passage, Prepared, Sentence, Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = [
    "SCHEMA",
    "Generation",
    "Source",
    "TableName",
    "current_name",
    "generations",
    "is_untrusted",
    "offered",
    "sequence",
    "verify",
]

CURRENT_BYTES = 4096  # a longer file is not a name and a hash
NOT_A_FILE = (errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.EINVAL, errno.EFBIG)  # errors of `files`
WHOLE = 64 * 1000 * 1000  # bytes; a smaller generation is hashed whole when it is opened
ENDS = 1 << 16  # bytes
STRUCTURES = 256  # documents whose structure is kept
TableName = Literal["documents", "passages", "sentences", "lines", "blocks", "markup"]
TWIN = 1  # a column of `documents`
DIGITS = 12
NAME = re.compile(rf"gen-([0-9]{{1,{DIGITS}}})-[0-9a-f]{{12}}")
CURRENT = re.compile(r"(\S+)\s+([0-9a-f]{64})\s*")


def sequence(name: str) -> int:
    """The sequence number in a generation's name; -1 for any other name."""
    match = NAME.fullmatch(name)
    return int(match[1]) if match else -1


def generations(index: Path) -> list[str]:
    """The names of all generations in a folder, the newest last; none if there is no such folder."""
    try:
        with files.Folder.open(index) as folder:
            return sorted((name for name in folder.names() if name.startswith("gen-")), key=sequence)
    except FileNotFoundError:
        return []


def current_name(index: Path) -> tuple[str, str]:
    """Name and manifest hash of the current generation. Raises IndexMissingError, IndexForeignError or
    IndexDamagedError.
    """
    try:
        text = files.read(index / "CURRENT", CURRENT_BYTES, below=index).decode("ascii")
    except FileNotFoundError:  # a first build that was killed before it was complete may have left a generation
        raise IndexMissingError(f"there is no index in {index}; run: qa index") from None
    except UnicodeDecodeError:
        raise IndexDamagedError(f"{index / 'CURRENT'} is damaged; {REBUILD}") from None
    except OSError as error:
        raise _no_current(index, error) from None
    match = CURRENT.fullmatch(text)
    if match is None or sequence(match[1]) < 0:
        raise IndexForeignError(_names_nothing(index))
    return match[1], match[2]


def _no_current(index: Path, error: OSError) -> IndexUnusableError:
    if error.errno not in NOT_A_FILE:
        return IndexUnusableError(f"{index / 'CURRENT'} cannot be read: {error.strerror}")
    if error.filename == str(index):
        return IndexForeignError(f"{index} cannot be used: {error.strerror}; move it away")
    if error.errno == errno.EFBIG:
        return IndexForeignError(_names_nothing(index))
    return IndexDamagedError(f"{index / 'CURRENT'} cannot be read ({error.strerror}); {REBUILD}")


def _names_nothing(index: Path) -> str:
    return f"{index / 'CURRENT'} does not name a generation of qa; move {index} away, or {REBUILD}"


class Generation:
    """One generation, open. It keeps its files open, so it stays usable after its folder is deleted.

    opened: closed with it. complete: whether it has its vectors; without them only words can be searched.
    """

    def __init__(self, folder: Path, about: Manifest, sha256: str = "", is_ours: bool = False) -> None:
        """sha256: of the manifest. is_ours: whether this user's key signed it."""
        self.folder, self.name, self.manifest, self.sha256 = folder, folder.name, about, sha256
        self.is_ours = is_ours
        self.counts: Mapping[str, int] = about["counts"]
        self.complete: bool = about.get("vectors", True)
        listed, index = about["files"], folder.parent
        names = (*BLOCK_FILES, *(name for name in APPROXIMATE.values() if name in listed))
        self._files = {name: BlockFile(folder / name, listed[f"{name}.sum"]["sha256"], index) for name in names}
        self.passage_vectors: Vectors = self._open_vectors("vectors.faiss", "passages")
        self.sentence_vectors: Vectors = self._open_vectors("sentences.faiss", "sentences")
        self.passage_terms: Terms = lexical.LexicalIndex.open(folder / "lexical" / "passages", index)
        self.sentence_terms: Terms = lexical.LexicalIndex.open(folder / "lexical" / "sentences", index)
        self.documents = StoredDocuments(self._files["documents.jsonl"], lambda: self.table("documents"))
        self.blocks = lru_cache(maxsize=STRUCTURES)(self._load_blocks)
        self.markup = lru_cache(maxsize=STRUCTURES)(self._load_markup)
        self.opened = ExitStack()
        self._rows = self._checked_counts()

    @classmethod
    def open(cls, index: Path, trusted: str = "") -> "Generation":
        """The current generation. If a file is gone because a newer one was published, the newer one is opened.

        trusted: SHA-256 of a manifest that the caller accepts, whoever built it. Raises IndexUntrustedError for any
        other index that this user neither built nor accepted, before it reads more than the manifest;
        IndexMissingError, IndexForeignError, IndexDamagedError, and SettingError for an unusable key file.
        """
        current = current_name(index)
        while True:
            name, manifest_sha256 = current
            try:
                with _damage():
                    return cls._open(index / name, manifest_sha256, trusted)
            except (FileNotFoundError, IndexUntrustedError) as error:  # without its signature it looks foreign
                newer = current_name(index)
                if newer == current:
                    if isinstance(error, IndexUntrustedError):
                        raise
                    raise IndexDamagedError(f"{error.filename or error} is missing; {REBUILD}") from None
                current = newer

    @classmethod
    def _open(cls, folder: Path, manifest_sha256: str, trusted: str) -> "Generation":
        about, is_ours = manifest.read(folder, manifest_sha256, trusted)
        try:
            for name, file in about["files"].items():
                if manifest.size(folder, name) != file["size"]:
                    raise IndexDamagedError(f"{folder / name} has the wrong size; {REBUILD}")
            if sum(file["size"] for file in about["files"].values()) < WHOLE:
                manifest.check(folder, about["files"])
            return cls(folder, about, manifest_sha256, is_ours)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise IndexDamagedError(f"{folder} cannot be read ({error!r}); {REBUILD}") from None

    def _open_vectors(self, name: str, rows: str) -> Vectors:
        if not self.complete:
            return vectors.NoVectors(self.counts[rows])
        file = self._files.get(APPROXIMATE[name])
        if file:  # FAISS trusts the sizes at both ends
            file.read(0, min(file.size, ENDS))
            file.read(max(0, file.size - ENDS), file.size)
        opened = vectors.VectorIndex.open(self.folder / name, self.folder.parent, file.path if file else None)
        if opened.dim != self.manifest["model"]["dim"]:
            raise self._damaged(name)
        return opened

    def _load_blocks(self, document: int) -> StoredBlocks:
        """The blocks of a document, each decoded when it is asked for."""
        starts = self.table("blocks", *self.documents[document].blocks)[:, 0].tolist()
        return StoredBlocks(self._files["blocks.jsonl"], starts)

    def _load_markup(self, document: int) -> tuple[Span, ...]:
        """The markup of a document."""
        rows = self.table("markup", *self.documents[document].markup).tolist()
        try:
            return tuple(Span(*row) for row in rows)
        except ValueError:
            raise self._damaged("markup.bin") from None

    def _checked_counts(self) -> Mapping[str, int]:
        """How many documents there are, and rows of the other tables."""
        rows = {Path(name).stem: self._files[name].size // (8 * columns) for name, columns in TABLES.items()}
        rows["documents"] -= 1  # one row more, where the last one ends
        found = {
            "documents": {rows["documents"]},
            "passages": {rows["passages"], self.passage_vectors.size, self.passage_terms.size},
            "sentences": {rows["sentences"], self.sentence_vectors.size, self.sentence_terms.size},
        }
        for what, numbers in found.items():
            if numbers != {self.counts[what]}:
                raise IndexDamagedError(
                    f"{self.folder}: {what} are counted {sorted(numbers)}, expected {self.counts[what]}; {REBUILD}"
                )
        return rows

    def table(self, name: TableName, start: int = 0, end: int | None = None) -> "Ints":
        """Rows [start, end) of a table, shape (n, columns). The docstring of this module lists the columns."""
        return self.rows(name, [(start, end)])

    def rows(self, name: TableName, ranges: Iterable[tuple[int, int | None]]) -> "Ints":
        """The rows of ranges [start, end) of a table, one after the other."""
        import numpy as np

        file, size = self._files[f"{name}.bin"], 8 * TABLES[f"{name}.bin"]
        read = (file.read(start * size, file.size if end is None else end * size) for start, end in ranges)
        rows = np.frombuffer(b"".join(read), dtype="<i8").reshape(-1, size // 8)
        if not limits.fit(rows, name, self._rows):
            raise self._damaged(f"{name}.bin")
        return rows

    def _damaged(self, name: str) -> IndexDamagedError:
        return IndexDamagedError(f"{self.folder / name} is damaged; {REBUILD}")

    def first_rows(self, name: TableName) -> "Ints":
        """The first row of each document in a table, and where the rows of the last one end: shape (documents + 1,)."""
        return self._documents[:, FIRST_ROWS[name]]

    def first_of_twins(self) -> "Ints":
        """For each document the first one that is the same file, shape (documents,)."""
        return self._documents[:-1, TWIN]

    @cached_property
    def _documents(self) -> "Ints":
        return self.table("documents")

    @cached_property
    def fields(self) -> FieldTable:
        """The metadata of all documents, to filter by."""
        places = {key: (int(start), int(end)) for key, (start, end) in self.manifest["fields"].items()}
        return FieldTable(len(self.documents), places, self._files["fields.jsonl"].read)

    def keys(self) -> list[bytes]:
        """The hash of what was embedded for each passage."""
        with _damage():
            data = files.read(self.folder / "passages.keys", files.LARGE, below=self.folder.parent)
        return [data[i : i + 16] for i in range(0, len(data), 16)]

    def check(self, *names: str) -> None:
        """Compare these files with the manifest; opening a large generation does not."""
        with _damage():
            manifest.check(self.folder, {name: self.manifest["files"][name] for name in names})

    def text(self, document: int, start: int = 0, end: int | None = None) -> str:
        """Characters [start, end) of a document, read by position and verified."""
        info = self.documents[document]
        stop = info.chars if end is None else end
        data = self._files["text.bin"].read(info.offset + start * info.width, info.offset + stop * info.width)
        try:
            return data.decode(CODECS[info.width])
        except UnicodeDecodeError:
            raise self._damaged("text.bin") from None

    def line(self, document: int, offset: int) -> int:
        """The line, from 1, that a character of a document is on."""
        first, last = self.documents[document].lines
        return bisect_right(range(first, last), offset, key=lambda row: int(self.table("lines", row, row + 1)[0, 0]))

    def document(self, number: int) -> Document:
        """A document with its text.

        number: its position in `documents`.
        """
        info = self.documents[number]
        return Document(
            info.id,
            self.text(number),
            info.sha256,
            info.title,
            info.metadata,
            info.skipped,
            info.pages,
            tuple(self.blocks(number)),
            self.markup(number),
            info.unread,
        )

    def prepared(self, number: int) -> Prepared:
        """A document with its sentences and passages, as it was given to `write`."""
        info = self.documents[number]
        sentences = self.table("sentences", *info.sentences).tolist()
        passages = self.table("passages", *info.passages).tolist()
        return Prepared(
            self.document(number),
            tuple(Sentence(info.id, n, start, end, block) for n, (_, start, end, _, block, *_) in enumerate(sentences)),
            tuple(
                Passage(f"{info.id}:{start}-{end}", info.id, start, end, first, last)
                for _, start, end, first, last in passages
            ),
            info.boilerplate,
        )

    def sources(self) -> tuple[Source, ...]:
        """Every file seen by the build of this generation."""
        file = self._files["sources.jsonl"]
        try:
            return sources.decoded(file.read(0, file.size))
        except (ValueError, TypeError, RecursionError):
            raise self._damaged("sources.jsonl") from None

    def unread(self) -> dict[str, tuple[str, ...]]:
        """The parts that could not be read, with the reasons, of each document that has such parts."""
        if not self.manifest["unread"]["parts"]:
            return {}
        return {info.id: info.unread for info in self.documents if info.unread}

    def close(self) -> None:
        """Close the files, and what else was opened for it."""
        self.opened.close()
        for file in self._files.values():
            file.close()


@contextmanager
def _damage() -> Iterator[None]:
    """Turn an OSError into IndexDamagedError where a link, a pipe or a folder is in place of a file, else into
    IndexUnusableError. FileNotFoundError is for the caller.
    """
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        if error.errno not in NOT_A_FILE:
            raise IndexUnusableError(f"{error.filename} cannot be read: {error.strerror}") from None
        raise IndexDamagedError(f"{error.filename} cannot be read: {error.strerror}; {REBUILD}") from None


def verify(index: Path, trusted: str = "") -> list[str]:
    """Hash every file of the current generation; return the names of damaged and missing ones.

    trusted: as for `Generation.open`. Raises the same errors, except for damage to files of the generation.
    """
    name, manifest_sha256 = current_name(index)
    folder = index / name
    try:
        listed = manifest.read(folder, manifest_sha256, trusted)[0]["files"]
    except (OSError, IndexDamagedError):
        return ["manifest.json"]
    missing = [file for file in listed if not files.is_file(folder / file, below=index)]
    present = {name: file for name, file in listed.items() if name not in missing}
    return sorted([*missing, *manifest.damaged(folder, present)])


def is_untrusted(index: Path) -> bool:
    """Whether there is an index that this user neither built nor accepted. Raises SettingError for an unusable key."""
    try:
        name, manifest_sha256 = current_name(index)
        manifest.read(index / name, manifest_sha256)
    except IndexUntrustedError:  # or its signature was deleted, because a newer generation was published meanwhile
        return current_name(index)[0] == name or is_untrusted(index)
    except (IndexUnusableError, OSError):
        return False
    return False


def offered(index: Path) -> tuple[str, Manifest, bool]:
    """The manifest of the current generation, to show before the user accepts it: its SHA-256, its content, and whether
    this user built it.

    Raises IndexMissingError, IndexForeignError, or IndexDamagedError, also for a file that the manifest does not match.
    """
    name, manifest_sha256 = current_name(index)
    folder = index / name
    try:
        data = manifest.content(folder, manifest_sha256)
    except OSError as error:
        raise IndexDamagedError(f"{folder / 'manifest.json'} cannot be read ({error.strerror}); {REBUILD}") from None
    about = manifest.parsed(folder, data)
    if damaged := verify(index, trusted=manifest_sha256):
        raise IndexDamagedError(f"{folder / damaged[0]} is damaged or missing; {REBUILD}")
    return manifest_sha256, about, manifest.is_ours(folder, data)

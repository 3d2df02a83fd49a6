"""The documents of a generation without their text: a line of JSON each, read where it is needed."""

import json
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, overload

from qa.errors import IndexDamagedError
from qa.index.blocks import BlockFile
from qa.index.manifest import REBUILD
from qa.index.protocol import DocumentInfo
from qa.index.typed import is_count, is_text
from qa.records import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["CODECS", "StoredDocument", "StoredDocuments"]

KEPT = 4096  # documents that are kept
CODECS = {1: "latin-1", 2: "utf-16-le", 4: "utf-32-le"}  # by the bytes of a character
ROWS = ("sentences", "passages", "lines", "blocks", "markup")


@dataclass(frozen=True, slots=True)
class StoredDocument(DocumentInfo):
    """A document of a generation, and where its parts are.

    boilerplate: number of skipped lines. chars: length of the text. width: bytes a character. offset: of the text in
    `text.bin`, in bytes. sentences, passages, lines, blocks, markup: rows [first, last) in the tables.
    """

    boilerplate: int
    chars: int
    width: int
    offset: int
    sentences: tuple[int, int]
    passages: tuple[int, int]
    lines: tuple[int, int]
    blocks: tuple[int, int]
    markup: tuple[int, int]


class StoredDocuments(Sequence[StoredDocument]):
    """The documents of a generation, sorted by id, each decoded when it is asked for.

    table: gives the rows of `documents.bin`. Raises IndexDamagedError for a line that is not what was written.
    """

    def __init__(self, file: BlockFile, table: "Callable[[], Ints]") -> None:
        self._file, self._table = file, table
        self._document = lru_cache(maxsize=KEPT)(self._decode)

    @cached_property
    def _starts(self) -> "Ints":
        return self._table()[:, 0]

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, number: int) -> StoredDocument: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[StoredDocument]: ...

    def __getitem__(self, number: Any) -> Any:
        if isinstance(number, slice):
            return tuple(self._document(n) for n in range(len(self))[number])
        return self._document(range(len(self))[number])

    def number(self, doc_id: str) -> int:
        """The position of a document. Raises KeyError for an id that is not there."""
        at = bisect_left(range(len(self)), doc_id, key=lambda number: self._document(number).id)
        if at < len(self) and self._document(at).id == doc_id:
            return at
        if not self._sorted:
            raise IndexDamagedError(f"{self._file.path} is not sorted; {REBUILD}")
        raise KeyError(doc_id)

    @cached_property
    def _sorted(self) -> bool:
        return all(one.id < other.id for one, other in pairwise(self))

    def _decode(self, number: int) -> StoredDocument:
        line = self._file.read(int(self._starts[number]), int(self._starts[number + 1]))
        try:
            return _stored(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise IndexDamagedError(f"{self._file.path} cannot be read ({error!r}); {REBUILD}") from None


def _stored(record: dict[str, Any]) -> StoredDocument:
    """Raises ValueError, KeyError or TypeError for a record that qa does not write."""
    record["skipped"] = tuple(Span(*pair) for pair in record["skipped"])
    for name in ("pages", "unread", *ROWS):
        record[name] = tuple(record[name])
    document = StoredDocument(**record)
    _check(document)
    return document


def _check(document: StoredDocument) -> None:
    """Raise ValueError for a value of the wrong type or out of its range."""
    texts = (document.id, document.title, document.sha256, *document.unread, *document.metadata.values())
    spans = [place for span in document.skipped for place in (span.start, span.end)]
    places = (*document.pages, *spans)
    if not is_text(*texts):
        raise ValueError("a text is none")
    if not is_count(document.boilerplate, document.chars, document.offset, *places):
        raise ValueError("a number is none or out of range")
    if document.width not in CODECS or type(document.width) is not int:
        raise ValueError("a character has no such width")
    if max(places, default=0) > document.chars or list(document.pages) != sorted(document.pages):
        raise ValueError("a place lies outside of the text")
    for name in ROWS:
        first, last = getattr(document, name)
        if not is_count(first, last) or first > last:
            raise ValueError(f"there are no such {name}")

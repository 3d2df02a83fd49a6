"""Do the files still say what the index says? Asked for the documents that are quoted, before anybody relies on it."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from qa.cli.common import note

if TYPE_CHECKING:
    from qa.quotes.anchors import Corpus
    from qa.records import Document
    from qa.retrieve.retriever import Retriever
    from qa.workspace import Workspace

__all__ = ["TodaysTexts", "note_differing"]


def note_differing(
    workspace: "Workspace", retriever: "Retriever", doc_ids: Iterable[str], known: Iterable[str] = ()
) -> None:
    """One line about the documents whose file has other bytes than were indexed; nothing about files that are gone.

    known: documents that were said to have changed already.
    """
    asked = [doc_id for doc_id in dict.fromkeys(doc_ids) if doc_id not in set(known)]
    differing = [doc_id for doc_id in asked if _differs(workspace, doc_id, retriever.info(doc_id).sha256)]
    if differing:
        names = ", ".join(f"seeds/{doc_id}" for doc_id in differing)
        verb = "differs" if len(differing) == 1 else "differ"
        note(f"{names} {verb} from what was indexed; the quotes are from the index. Run: qa index --rebuild")


def _differs(workspace: "Workspace", doc_id: str, sha256: str) -> bool:
    path = _file(workspace, doc_id)
    if path is None:
        return False
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() != sha256
    except OSError:
        return False


def _file(workspace: "Workspace", doc_id: str) -> Path | None:
    """The file of a document, if it is there and lies in the workspace: an id is only a name that an index gives."""
    path = workspace.seeds / doc_id
    try:
        inside = path.resolve().is_relative_to(workspace.root.resolve())
        return path if inside and path.is_file() else None
    except (OSError, ValueError):
        return None


class TodaysTexts(Mapping[str, str]):
    """The texts of an index, with those in their place that were read again from their files and differ."""

    def __init__(self, workspace: "Workspace", corpus: "Corpus") -> None:
        self._workspace, self._indexed, self._hashes = workspace, corpus.texts, corpus.hashes
        self._differing: dict[str, Document] = {}
        self._read: set[str] = set()

    def __getitem__(self, doc_id: str) -> str:
        return self._differing[doc_id].text if doc_id in self._differing else self._indexed[doc_id]

    def __contains__(self, doc_id: object) -> bool:
        return doc_id in self._indexed

    def __iter__(self) -> Iterator[str]:
        return iter(self._indexed)

    def __len__(self) -> int:
        return len(self._indexed)

    def corpus(self) -> "Corpus":
        """The texts as they are known now, to look for quotes in."""
        from qa.quotes.anchors import Corpus

        return Corpus(self, self._hashes | {doc_id: found.sha256 for doc_id, found in self._differing.items()})

    def pages(self, doc_id: str) -> tuple[int, ...] | None:
        """The pages of a document whose file differs; None for any other."""
        return self._differing[doc_id].pages if doc_id in self._differing else None

    def reread(self, doc_ids: Iterable[str]) -> bool:
        """Read these documents from their files, if that was not done yet; whether one differs from the index. Says so
        on standard error.
        """
        news = False
        for doc_id in dict.fromkeys(doc_ids):
            if doc_id in self._indexed and doc_id not in self._read:
                self._read.add(doc_id)
                news |= self._reread(doc_id)
        return news

    def _reread(self, doc_id: str) -> bool:
        from qa.errors import SourceError
        from qa.ingest import readers

        path = _file(self._workspace, doc_id)
        if path is None:
            return False
        try:
            found = readers.read(doc_id, path.read_bytes())
        except (SourceError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            note(f"seeds/{doc_id} cannot be read ({reason}); its quotes are compared with the index alone")
            return False
        if found.text == self._indexed[doc_id]:
            return False
        self._differing[doc_id] = found
        note(f"seeds/{doc_id} differs from the index; its quotes are compared with the file. Run: qa index --rebuild")
        return True

"""The texts of an index, corrected by the files themselves where these have changed since."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from qa.errors import SourceError
from qa.files import LARGE
from qa.ingest import readers, scan
from qa.quotes.anchors import Corpus
from qa.records import Document, Span

__all__ = ["CurrentTexts"]


class CurrentTexts(Mapping[str, str]):
    """The texts of a corpus; those that `reread` found to differ come from their files.

    sources: the folder of the documents. ocr: the setting. notify: takes a line about each file that differs or cannot
    be read. changed: documents that were said to have changed, with what to do about it.
    """

    def __init__(
        self,
        corpus: Corpus,
        sources: Path,
        notify: Callable[[str], None],
        ocr: bool = False,
        changed: Collection[str] = (),
    ) -> None:
        self._indexed, self._hashes, self._markup = corpus.texts, corpus.hashes, corpus.markup
        self._sources, self._notify, self._ocr, self._changed = sources, notify, ocr, changed
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

    def corpus(self) -> Corpus:
        """The texts as far as they are known now, to look for quotes in."""
        hashes = {doc_id: found.sha256 for doc_id, found in self._differing.items()}
        return Corpus(self, self._hashes | hashes, self.markup)

    def markup(self, doc_id: str) -> Sequence[Span]:
        """The characters of a document that readers of the rendered text do not see."""
        if doc_id in self._differing:
            return self._differing[doc_id].markup
        return self._markup(doc_id) if self._markup else ()

    def pages(self, doc_id: str) -> tuple[int, ...] | None:
        """The pages of a document whose file differs; None for any other."""
        return self._differing[doc_id].pages if doc_id in self._differing else None

    def reread(self, doc_ids: Iterable[str]) -> bool:
        """Read the files of these documents, each once. Whether one was found to differ from the index."""
        differs = False
        for doc_id in dict.fromkeys(doc_ids):
            if doc_id in self._indexed and doc_id not in self._read:
                self._read.add(doc_id)
                differs |= self._reread(doc_id)
        return differs

    def _reread(self, doc_id: str) -> bool:
        name = f"{self._sources.name}/{doc_id}"
        try:
            found = readers.read(doc_id, scan.read(self._sources, doc_id, LARGE), ocr=self._ocr)
        except FileNotFoundError:
            return False
        except (SourceError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            self._notify(f"{name} cannot be read ({reason}); its quotes are compared with the index only")
            return False
        if found.text == self._indexed[doc_id]:
            return False
        self._differing[doc_id] = found
        advice = "" if doc_id in self._changed else ". Run: qa index --rebuild"
        self._notify(f"{name} differs from the index; its quotes are compared with the file{advice}")
        return True

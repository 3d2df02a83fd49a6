"""The texts of an index, corrected by the files themselves where these have changed since."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from qa.errors import SourceError
from qa.files import LARGE
from qa.ingest import scan
from qa.ingest.reading import Job, prepare_all
from qa.quotes import receipt
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
        self._indexed, self._hashes, self._markup, self._borders = (
            corpus.texts,
            corpus.hashes,
            corpus.markup,
            corpus.borders,
        )
        self._sources, self._notify, self._ocr, self._advised = sources, notify, ocr, changed
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
        return Corpus(self, self._hashes | hashes, self.markup, self.borders)

    def markup(self, doc_id: str) -> Sequence[Span]:
        """The characters of a document that readers of the rendered text do not see."""
        if doc_id in self._differing:
            return self._differing[doc_id].markup
        return self._markup(doc_id) if self._markup else ()

    def borders(self, doc_id: str) -> Sequence[int]:
        """Where the paragraphs, items and rows of a document begin."""
        if doc_id in self._differing:
            return receipt.borders(self._differing[doc_id])
        return self._borders(doc_id) if self._borders else ()

    def pages(self, doc_id: str) -> tuple[int, ...] | None:
        """The pages of a document whose file differs; None for any other."""
        return self._differing[doc_id].pages if doc_id in self._differing else None

    def reread(self, doc_ids: Iterable[str]) -> bool:
        """Read the files of these documents, each once, in a child process with limits. Whether one was found to differ
        from the index. Equal hashes prove nothing: an index from somebody else may have the right ones and wrong texts.
        """
        asked = [doc_id for doc_id in dict.fromkeys(doc_ids) if doc_id in self._indexed and doc_id not in self._read]
        self._read.update(asked)
        jobs = [job for doc_id in asked if (job := self._job(doc_id))]
        differs = False
        for job, found in zip(jobs, prepare_all(jobs, boilerplate=False, ocr=self._ocr), strict=True):
            if isinstance(found, SourceError):
                self._unreadable(job.doc_id, str(found))
            elif found.document.text != self._indexed[job.doc_id]:
                self._differing[job.doc_id] = found.document
                advice = "" if job.doc_id in self._advised else ". Run: qa index --rebuild"
                name = self._name(job.doc_id)
                self._notify(f"{name} differs from the index; its quotes are compared with the file{advice}")
                differs = True
        return differs

    def _job(self, doc_id: str) -> Job | None:
        """The file, if it can be opened."""
        try:
            data = scan.read(self._sources, doc_id, LARGE)
        except FileNotFoundError:
            return None
        except (SourceError, OSError) as error:
            self._unreadable(doc_id, (isinstance(error, OSError) and error.strerror) or str(error))
            return None
        return Job(doc_id, data)

    def _unreadable(self, doc_id: str, reason: str) -> None:
        self._notify(f"{self._name(doc_id)} cannot be read ({reason}); its quotes are compared with the index only")

    def _name(self, doc_id: str) -> str:
        return f"{self._sources.name}/{doc_id}"

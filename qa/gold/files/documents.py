"""Today's documents as qa reads them, straight from `seeds/`: an index may be older, or not there yet."""

import hashlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from qa.errors import SourceError
from qa.files import LARGE
from qa.ingest import scan
from qa.ingest.reading import Job, prepare_all
from qa.ingest.unread import UNREADABLE
from qa.records import BuildSettings

__all__ = ["Documents"]

AHEAD = 64  # most files that are read at once; starting a child process for each takes half a second


class Documents(Mapping[str, str]):
    """The text of each document by its id, read when it is first asked for, in a child process with limits. Each time
    twice as many others are read with it.

    twins: files that are byte for byte another document, and the id of that one, which alone is indexed. absent: files
    that are no document, and why; one that cannot be read has an empty text and is added here when that is found out.
    Raises WorkspaceError if `seeds` is missing, SettingError for a wrong pattern.
    """

    def __init__(self, seeds: Path, settings: BuildSettings) -> None:
        self._seeds, self._ocr = seeds, settings.ocr
        found = scan.scan(seeds, settings.include, settings.exclude, settings.max_mb * 1_000_000, settings.ocr)
        self.twins = scan.duplicates(_hashes(seeds, found.files))
        self.absent = {skip.id: skip.reason for skip in found.skipped}
        self._files = {file.id: file for file in found.files if file.id not in self.twins}
        self._texts: dict[str, str] = {}
        self._pages: dict[str, tuple[int, ...]] = {}
        self._at_once = 1

    def __getitem__(self, doc_id: str) -> str:
        if doc_id not in self._texts:
            others = (file for file in self._files.values() if file.id not in self._texts and file.id != doc_id)
            self._read([self._files[doc_id], *islice(others, self._at_once - 1)])
            self._at_once = min(2 * self._at_once, AHEAD)
        return self._texts[doc_id]

    def __contains__(self, doc_id: object) -> bool:
        return doc_id in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def page(self, doc_id: str, offset: int) -> int | None:
        """The page, from 1, of an offset; None for documents without pages."""
        pages = self._pages.get(doc_id, ()) if self[doc_id] else ()
        return bisect_right(pages, offset) if pages else None

    def _read(self, files: list[scan.File]) -> None:
        jobs = map(self._job, files)
        for file, found in zip(files, prepare_all(jobs, boilerplate=False, ocr=self._ocr), strict=True):
            if isinstance(found, SourceError):
                self._texts[file.id], self.absent[file.id] = "", str(found)
            else:
                self._texts[file.id], self._pages[file.id] = found.document.text, found.document.pages

    def _job(self, file: scan.File) -> Job:
        try:
            return Job(file.id, scan.read(self._seeds, file.id, LARGE))
        except SourceError as error:
            return Job(file.id, problem=error)
        except OSError as error:
            return Job(file.id, problem=SourceError(f"{UNREADABLE}{error.strerror}"))


def _hashes(seeds: Path, files: tuple[scan.File, ...]) -> dict[str, str]:
    """SHA-256 of the files that have another one's size: only these can be duplicates."""
    sizes = Counter(file.size for file in files)
    hashes = {}
    for file in files:
        if sizes[file.size] > 1:
            try:
                hashes[file.id] = hashlib.sha256(scan.read(seeds, file.id, LARGE)).hexdigest()
            except OSError:
                continue  # `Documents` says so when its text is asked for
    return hashes

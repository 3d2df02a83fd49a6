"""Documents read in a child process: a file that takes too long, too much memory or too much room is listed as unread,
and the others are read.

`handle` runs in the child. What the child says is checked here as if its document had written it.
"""

import hashlib
import json
import sys
from array import array
from collections import deque
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from qa import ingest
from qa.errors import SourceError
from qa.ingest import passages
from qa.ingest.blocks import from_record, problems, to_record
from qa.records import Document, Prepared, Sentence, Span
from qa.worker import Frame, Stopped, Worker, out_of_memory

__all__ = ["LIMITS", "Job", "Limits", "handle", "prepare_all"]

AHEAD_FILES, AHEAD_BYTES = 16, 4_000_000  # handed over before the answer to the first has come
SMALL = 100_000  # bytes; the limit of characters is never below that of a file of this size
SENTENCE = 3  # numbers of a sentence in a reply: start, end, block; eight bytes each
ROOM = 4 + 8 * SENTENCE + 80  # bytes of a reply for each character: text, a sentence, a block


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one document may take.

    seconds: of time. memory: bytes beyond what the child has at its start. ratio: characters of extracted text for each
    byte of the file; a Word file or PDF full of text has fewer than 10, a ZIP bomb hundreds. characters: most of them,
    unless the file itself is larger.
    """

    seconds: float = 60.0
    memory: int = 2 * 2**30
    ratio: int = 20
    characters: int = 200_000_000

    def text(self, size: int) -> int:
        """Most characters of the text of a file of `size` bytes."""
        return max(size, min(self.ratio * max(size, SMALL), self.characters))


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Job:
    """A file to read, with the fields that the sidecar has for it; or the reason why its bytes could not be had."""

    doc_id: str
    data: bytes = b""
    sidecar: Mapping[str, str] | None = None
    problem: SourceError | None = None


def prepare_all(
    jobs: Iterable[Job],
    boilerplate: bool = True,
    passage_chars: int = 800,
    limits: Limits = LIMITS,
    module: str = __name__,
    ocr: bool = False,
) -> Generator[Prepared | SourceError, None, None]:
    """What `qa.ingest.prepare` gives for each job, or the error that it raises, in the order of the jobs.

    A child is started by the first job, and another in its place whenever one has to be ended. Close the iterator, or
    read it to its end, to end the child. module: whose `handle` the child calls.
    Raises QaError when no child can be started.
    """
    with _Reader(limits, module, boilerplate, ocr) as reader:
        waiting: deque[Job] = deque()
        size = 0
        for job in jobs:
            while waiting and (len(waiting) >= AHEAD_FILES or size + len(job.data) > AHEAD_BYTES):
                size -= len(waiting[0].data)
                yield reader.result(waiting.popleft(), waiting, passage_chars)
            waiting.append(job)
            size += len(job.data)
            reader.send(job)
        while waiting:
            yield reader.result(waiting.popleft(), waiting, passage_chars)


class _Reader:
    """The child of one build. The order of replies is that of requests."""

    def __init__(self, limits: Limits, module: str, boilerplate: bool, ocr: bool) -> None:
        self._limits, self._module, self._boilerplate, self._ocr = limits, module, boilerplate, ocr
        self._worker: Worker | None = None
        self._read = 0  # documents by the present child

    def __enter__(self) -> "_Reader":
        return self

    def __exit__(self, *error: object) -> None:
        self._end()

    def send(self, job: Job) -> None:
        if job.problem:
            return
        if self._worker is None:
            self._worker, self._read = Worker(self._module, self._limits.memory).start(), 0
        characters = self._limits.text(len(job.data))
        head = {
            "id": job.doc_id,
            "sidecar": dict(job.sidecar) if job.sidecar else None,
            "boilerplate": self._boilerplate,
            "ocr": self._ocr,
            "characters": characters,
            "seconds": self._limits.seconds,
        }
        self._worker.send(head, job.data, ROOM * characters)

    def result(self, job: Job, later: Iterable[Job], passage_chars: int) -> Prepared | SourceError:
        """What came of the oldest job; `later` have been sent too, and are sent again to another child if need be."""
        if job.problem:
            return job.problem
        try:
            reason = self._receive(job, passage_chars)
        except Stopped as error:
            fresh = self._read == 0 or error.why != "died"
            reason = self._reason(error)
            self._end()
            if not fresh:  # what earlier documents left behind may be to blame
                self.send(job)
                return self.result(job, self._again(later), passage_chars)
            self._again(later)
        else:
            self._read += 1
        return SourceError(reason) if isinstance(reason, str) else reason

    def _again(self, jobs: Iterable[Job]) -> Iterable[Job]:
        for job in jobs:
            self.send(job)
        return jobs

    def _receive(self, job: Job, passage_chars: int) -> Prepared | str:
        assert self._worker
        reply = self._worker.receive(self._limits.seconds)
        if reply.head.get("memory"):
            raise Stopped("died", "memory")
        if "reason" in reply.head:
            return str(reply.head["reason"])[:1000]
        try:
            return _checked(job, reply, passage_chars, self._limits.text(len(job.data)))
        except (AttributeError, LookupError, TypeError, ValueError, OverflowError) as error:
            raise Stopped("garbage", str(error)) from None

    def _reason(self, error: Stopped) -> str:
        if error.why == "time":
            return f"took longer than {self._limits.seconds:g} seconds to read"
        if error.detail == "memory":
            return f"needs too much memory to read: more than {self._limits.memory / 2**30:g} GiB"
        if error.why == "garbage":
            return "the process that read it gave a result that cannot be right"
        return f"the process that read it ended ({error.detail}); it may need too much memory"

    def _end(self) -> None:
        if self._worker:
            self._worker.close()
        self._worker = None


def handle(head: Mapping[str, Any], body: bytes) -> Frame:
    """In the child: one document read and cut up; or the reason why it cannot be."""
    try:
        cut = ingest.prepare(
            head["id"], body, head["sidecar"], head["boilerplate"], ocr=head["ocr"], most=head["characters"]
        )
        return _reply(cut)
    except Exception as error:  # readers and the libraries below them fail in any way that a file can make them fail
        if out_of_memory(error):
            return Frame({"memory": True})
        known = isinstance(error, SourceError)
        return Frame({"reason": str(error) if known else f"reading it failed: {type(error).__name__}"})


def _reply(cut: Prepared) -> Frame:
    text = cut.document.text.encode("utf-8", "surrogatepass")
    numbers = array("Q", (n for s in cut.sentences for n in (s.start, s.end, s.block)))
    if sys.byteorder == "big":
        numbers.byteswap()
    head = {
        "text": len(text),
        "sentences": len(cut.sentences),
        "title": cut.document.title,
        "metadata": dict(cut.document.metadata),
        "skipped": _pairs(cut.document.skipped),
        "pages": list(cut.document.pages),
        "unread": list(cut.document.unread),
        "boilerplate": cut.boilerplate,
    }
    structure = [[to_record(block) for block in cut.document.blocks], _pairs(cut.document.markup)]
    return Frame(head, text + numbers.tobytes() + json.dumps(structure, separators=(",", ":")).encode())


def _pairs(spans: Iterable[Span]) -> list[list[int]]:
    return [[span.start, span.end] for span in spans]


def _checked(job: Job, reply: Frame, passage_chars: int, most: int) -> Prepared:
    """The reply as records. Raises one of Python's own errors where it is not what `_reply` can have made."""
    head = reply.head
    text_bytes, lines = _whole(head["text"]), _whole(head["boilerplate"])
    text = reply.body[:text_bytes].decode("utf-8", "surrogatepass")
    if text_bytes > len(reply.body) or len(text) > most:
        raise ValueError("the text has another length")
    pages = [_whole(page) for page in head["pages"]]
    _ascending(pages, len(text))
    at = text_bytes + 8 * SENTENCE * _whole(head["sentences"])
    records, markup = json.loads(reply.body[at:])
    blocks = tuple(from_record(record) for record in records)
    if problem := next(problems(text, blocks), None):
        raise ValueError(problem)
    document = Document(
        id=job.doc_id,
        text=text,
        sha256=hashlib.sha256(job.data).hexdigest(),
        title=_text(head["title"]),
        metadata={_text(key): _text(value) for key, value in head["metadata"].items()},
        skipped=_spans(head["skipped"], len(text)),
        pages=tuple(pages),
        blocks=blocks,
        markup=_spans(markup, len(text)),
        unread=tuple(_text(part) for part in head["unread"]),
    )
    sentences = _sentences(job.doc_id, text, reply.body[text_bytes:at], len(blocks))
    starts = passages.sections(sentences, blocks, passage_chars)
    packed = tuple(passages.pack(job.doc_id, text, sentences, passage_chars, starts))
    return Prepared(document, sentences, packed, lines)


def _sentences(doc_id: str, text: str, data: bytes, blocks: int) -> tuple[Sentence, ...]:
    numbers = array("Q")
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    starts, ends, owners = (numbers[n::SENTENCE] for n in range(SENTENCE))
    _ascending((offset for span in zip(starts, ends, strict=True) for offset in span), len(text))
    cut = tuple(Sentence(doc_id, n, *row) for n, row in enumerate(zip(starts, ends, owners, strict=True)))
    if not all(s.start < s.end and not _white(text[s.start] + text[s.end - 1]) for s in cut):
        raise ValueError("sentences with white space at an end, or without words")
    if not all(s.block < blocks for s in cut):
        raise ValueError("sentences of blocks that are not there")
    return cut


def _spans(pairs: Iterable[tuple[int, int]], end: int) -> tuple[Span, ...]:
    spans = tuple(Span(_whole(a), _whole(b)) for a, b in pairs)
    _ascending((offset for span in spans for offset in (span.start, span.end)), end)
    return spans


def _white(ends: str) -> bool:
    return ends[0].isspace() or ends[1].isspace()


def _ascending(offsets: Iterable[int], end: int) -> None:
    before = 0
    for offset in offsets:
        if not before <= offset <= end:
            raise ValueError("offsets out of order or out of the text")
        before = offset


def _whole(value: object) -> int:
    if type(value) is not int or value < 0:
        raise TypeError("not a whole number")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value

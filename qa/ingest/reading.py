"""Documents read in child processes: a file that takes too long, too much memory or too much room is listed as unread,
and the others are read.

`handle` runs in a child. What the child says is checked here as if its document had written it.
"""

import hashlib
import json
import os
import sys
from array import array
from collections import deque
from collections.abc import Generator, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from qa.errors import SourceError
from qa.ingest import passages, pipeline
from qa.ingest.blocks import from_record, problems, to_record
from qa.records import Document, Prepared, Sentence, Span
from qa.worker import Frame, Stopped, Worker, counts_processor_time, out_of_memory

__all__ = ["AHEAD_BYTES", "AHEAD_FILES", "LIMITS", "Job", "Limits", "Reader", "handle", "prepare_all", "processors"]

AHEAD_FILES, AHEAD_BYTES = 16, 2_000_000  # handed to one child before the answer to the first has come
MOST_BYTES = 100_000_000  # handed to all children together; one larger file is read on its own
MOST_CHILDREN = 4  # more than these wait for the process that checks and encodes what they read
SMALL = 100_000  # bytes; the limit of characters is never below that of a file of this size
SENTENCE = 3  # numbers of a sentence in a reply: start, end, block; eight bytes each
CLOCK = 4  # times the limit of processor time; child processes such as Tesseract count only by the clock
ROOM = 4 + 8 * SENTENCE + 80  # bytes of a reply for each character: text, a sentence, a block


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one document may take.

    seconds: of processor time; by the clock, `CLOCK` times as long, for machines that are busy. memory: bytes beyond
    what the child has at its start. ratio: characters of extracted text for each byte of the file; a Word file or PDF
    full of text has fewer than 10, a ZIP bomb hundreds. characters: most of them, unless the file itself is larger.
    """

    seconds: float = 60.0
    memory: int = 2 * 2**30
    ratio: int = 20
    characters: int = 200_000_000

    @property
    def clock(self) -> float:
        """Most seconds by the clock: `seconds` itself where the system does not limit processor time."""
        return self.seconds * (CLOCK if counts_processor_time() else 1)

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
    children: int | None = None,
) -> Generator[Prepared | SourceError, None, None]:
    """What `qa.ingest.pipeline.prepare` gives for each job, or the error that it raises, in the order of the jobs.

    children: how many read at the same time, by default as many as there are processors, at most four. Each is started
    by the first job that the others have no time for, and another in its place whenever one has to be ended. Close the
    iterator, or read it to its end, to end them.
    Raises QaError when no child can be started.
    """
    with ExitStack() as opened:
        readers = [
            opened.enter_context(Reader(limits, module, boilerplate, ocr, passage_chars))
            for _ in range(children or min(processors(), MOST_CHILDREN))
        ]
        turns: deque[Reader] = deque()  # whose result is the next one
        for job in jobs:
            while turns and (
                sum(reader.bytes for reader in readers) + len(job.data) > MOST_BYTES
                or all(reader.is_full(job) for reader in readers)
            ):
                yield turns.popleft().result()
            free = next(reader for reader in readers if not reader.is_full(job))
            free.send(job)
            turns.append(free)
        while turns:
            yield turns.popleft().result()


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Reader:
    """One child at a time, and the jobs that it was given; a context manager that ends it. The order of results is that
    of jobs.
    """

    def __init__(self, limits: Limits, module: str, boilerplate: bool, ocr: bool, passage_chars: int) -> None:
        self._limits, self._module, self._boilerplate, self._ocr = limits, module, boilerplate, ocr
        self._passage_chars = passage_chars
        self._worker: Worker | None = None
        self._waiting: deque[Job] = deque()
        self._read = 0  # documents by the present child

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *error: object) -> None:
        self._end()

    def is_full(self, job: Job) -> bool:
        """Whether the child has enough to do before this job."""
        ahead = len(self._waiting)
        return ahead > 0 and (ahead >= AHEAD_FILES or self.bytes + len(job.data) > AHEAD_BYTES)

    @property
    def bytes(self) -> int:
        """What the child was given and has not answered."""
        return sum(len(job.data) for job in self._waiting)

    def send(self, job: Job) -> None:
        """Give the child a job."""
        self._waiting.append(job)
        self._hand_over(job)

    def _hand_over(self, job: Job) -> None:
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
            "seconds": self._limits.clock,
            "processor": self._limits.seconds,
        }
        self._worker.send(head, job.data, ROOM * characters)

    def result(self) -> Prepared | SourceError:
        """What came of the oldest job, as `prepare_all` gives it. If its child has to be ended, another gets the later
        ones.
        """
        job = self._waiting.popleft()
        if job.problem:
            return job.problem
        try:
            reason = self._receive(job)
        except Stopped as error:
            fresh = self._read == 0 or error.why != "died"
            reason = self._reason(error)
            self._end()
            if not fresh:  # what earlier documents left behind may be to blame
                self._waiting.appendleft(job)
            for each in self._waiting:
                self._hand_over(each)
            if not fresh:
                return self.result()
        else:
            self._read += 1
        return SourceError(reason) if isinstance(reason, str) else reason

    def _receive(self, job: Job) -> Prepared | str:
        assert self._worker
        reply = self._worker.receive(self._limits.clock)
        if reply.head.get("memory"):
            raise Stopped("died", "memory")
        if "reason" in reply.head:
            return str(reply.head["reason"])[:1000]
        try:
            return _checked(job, reply, self._passage_chars, self._limits.text(len(job.data)))
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
        cut = pipeline.prepare(
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

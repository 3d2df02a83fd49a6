"""Pages of PDF files as pictures, and the places of quotes on them. A child process with limits reads the files.

`handle` runs in the child.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from qa.errors import SourceError
from qa.files import LARGE
from qa.ingest import scan
from qa.ingest.formats import scanned
from qa.ingest.formats.pdf import reader
from qa.quotes.drawing import WIDTH
from qa.records import Quote
from qa.worker import Frame, Stopped, Worker

__all__ = ["PageView", "PdfPages", "handle"]

SECONDS = 60.0
MEMORY = 2 * 2**30
MOST_BYTES = 32_000_000  # of a picture
KEPT = 24  # pictures
MISSING = (
    "drawing pages needs the extra formats: pip install 'quoteqa[formats]', or in a clone: pip install '.[formats]'"
)
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class PageView:
    """A page with a quote. boxes: left, top, width and height in pixels of a picture that is WIDTH wide and `height`
    tall. problem: why nothing is marked, or why there is no picture; else empty.
    """

    page: int
    height: int
    boxes: tuple[tuple[int, int, int, int], ...]
    problem: str = ""


class PdfPages:
    """Pictures and places for the files below `sources`. Safe to share between threads; one file is read at a time.

    ocr: whether scanned pages were read when the files were indexed.
    """

    def __init__(self, sources: Path, ocr: bool = False) -> None:
        self._sources, self._ocr = sources, ocr
        self._lock = threading.Lock()
        self._worker: Worker | None = None
        self._kept: OrderedDict[str, Frame] = OrderedDict()

    def picture(self, doc_id: str, digest: str, page: int) -> bytes:
        """A page, from 1, as PNG. digest: SHA-256 of the file when it was indexed. Raises SourceError."""
        return self._asked(doc_id, digest, {"do": "picture", "page": page}).body

    def view(self, quote: Quote, last: int) -> PageView:
        """The page that the quote is on, or the first of its pages. last: number of pages of the file."""
        page = min(max(quote.page or 1, 1), max(last, 1))
        try:
            picture = self._asked(quote.doc_id, quote.sha256, {"do": "picture", "page": page})
        except SourceError as error:
            return PageView(page, 0, (), f"the page cannot be shown: {error}")
        height = _whole(picture.head.get("height"), 20 * WIDTH) or WIDTH
        told = {"do": "places", "page": page, "start": quote.start, "end": quote.end, "ocr": self._ocr}
        try:
            head = self._asked(quote.doc_id, quote.sha256, told | {"text": quote.text}).head
        except SourceError as error:
            return PageView(page, height, (), f"the quote cannot be marked on the page: {error}")
        boxes = _boxes(head.get("boxes"))
        problem = "" if boxes else "the quote cannot be found on this page, so nothing is marked"
        return PageView(page, height, boxes, problem)

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._end()

    def _asked(self, doc_id: str, digest: str, told: Mapping[str, Any]) -> Frame:
        key = json.dumps([doc_id, digest, dict(told)])
        with self._lock:
            if key not in self._kept:
                self._kept[key] = self._ask(self._read(doc_id, digest), told)
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]

    def _read(self, doc_id: str, digest: str) -> bytes:
        try:
            data = scan.read(self._sources, doc_id, LARGE)
        except (OSError, ValueError) as error:
            raise SourceError(f"the file cannot be read ({getattr(error, 'strerror', None) or error})") from None
        if sha256(data).hexdigest() != digest:
            raise SourceError("the file has changed since it was indexed")
        return data

    def _ask(self, data: bytes, told: Mapping[str, Any]) -> Frame:
        if self._worker is None:
            self._worker = Worker(__name__, MEMORY).start()
        try:
            self._worker.send(dict(told) | {"seconds": SECONDS}, data, MOST_BYTES)
            reply = self._worker.receive(SECONDS)
        except Stopped as error:
            self._end()
            reason = "it takes too long" if error.why == "time" else "the process that reads it broke off"
            raise SourceError(reason) from None
        if problem := reply.head.get("problem"):
            raise SourceError(str(problem)[:300])
        if told["do"] == "picture" and not reply.body.startswith(PNG):
            raise SourceError("the process that reads it broke off")
        return reply

    def _end(self) -> None:
        if self._worker is not None:
            self._worker.close()
        self._worker = None


def handle(head: Mapping[str, Any], body: bytes) -> Frame:
    """In the child: a picture, or the places of a quote on one."""
    try:
        if head["do"] == "picture":
            picture = reader.page_image(body, head["page"], WIDTH)
            return Frame({"height": int.from_bytes(picture[20:24], "big")}, picture)  # as its header says
        recognise = scanned.recognise if head["ocr"] else None
        text, places = reader.placed(body, head["start"], head["end"], recognise)
        boxes = [place[1:] for place in places if place[0] == head["page"]]
        if text != head["text"]:
            return Frame({"boxes": []})
        return Frame({"boxes": reader.on_image(body, head["page"], WIDTH, boxes)})
    except SourceError as error:
        return Frame({"problem": str(error)})
    except ImportError:
        return Frame({"problem": MISSING})


def _whole(value: object, most: int) -> int:
    return value if isinstance(value, int) and 0 < value <= most else 0


def _boxes(value: object) -> tuple[tuple[int, int, int, int], ...]:
    """The boxes that the child told, if they are such; an empty one shows nothing."""
    found: list[tuple[int, int, int, int]] = []
    for box in value if isinstance(value, list) else []:
        numbers: Sequence[Any] = box if isinstance(box, list) else []
        if len(numbers) == 4 and all(type(number) is int for number in numbers) and min(numbers[2:]) > 0:
            found.append((numbers[0], numbers[1], numbers[2], numbers[3]))
    return tuple(found)

"""Text that was recognised on scanned pages, put in its place among the pages that have text."""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import replace

from qa.errors import SourceError
from qa.ingest.blocks import shifted
from qa.ingest.formats.pdf.blocks import Assembled
from qa.ingest.metadata import Extracted

__all__ = ["Recognise", "attempt", "with_scans"]

Recognise = Callable[[bytes], Extracted]
"""A page as PNG to its text and blocks, as `formats.scanned.recognise` does. Raises SourceError."""
_MISSING = "reading scans needs the extra ocr: pip install 'quoteqa[ocr]', or in a clone: pip install '.[ocr]'"


def attempt(recognise: Recognise, draw: Callable[[], bytes]) -> tuple[Extracted | None, str]:
    """What is read on a page, None if nothing is; and what went wrong with it or with parts of it."""
    try:
        found = recognise(draw())
    except SourceError as error:
        return None, str(error)
    except ImportError:
        return None, _MISSING
    return found if found.text.strip() else None, "; ".join(found.unread)


def with_scans(whole: Assembled, scans: Mapping[int, Extracted]) -> Assembled:
    """The document with the text of these pages, by number from 1.

    A paragraph that goes on over a scanned page stays whole; the page comes after it.
    """
    for page, found in sorted(scans.items()):
        whole = _with_scan(whole, page, found)
    return whole


def _with_scan(whole: Assembled, page: int, found: Extracted) -> Assembled:
    blocks = whole.blocks
    place = whole.pages[page - 1]
    count = bisect_right([block.start for block in blocks], place - 1)  # blocks that begin before the page
    end = blocks[count - 1].end if count else 0
    inner = found.text.strip()
    lead = len(found.text) - len(found.text.lstrip())
    before = "\n\n" if count else ""
    gap = "" if count else "\n\n" if blocks else ""
    start, added = end + len(before), len(before) + len(inner) + len(gap)

    def moved(parent: int | None) -> int | None:
        return parent if parent is None or parent < count else parent + len(found.blocks)

    placed = [
        replace(shifted(block, start - lead), parent=None if block.parent is None else block.parent + count)
        for block in found.blocks
    ]
    after = [replace(shifted(block, added), parent=moved(block.parent)) for block in blocks[count:]]
    starts = [at if number < page else max(at + added, start) for number, at in enumerate(whole.pages, start=1)]
    starts[page - 1] = start if page > 1 else 0
    return Assembled(
        whole.text[:end] + before + inner + gap + whole.text[end:],
        (*blocks[:count], *placed, *after),
        tuple(m if m.start < end else m._replace(start=m.start + added, end=m.end + added) for m in whole.marks),
        tuple(starts),
    )

"""Forms within forms that unfold to more than anybody can draw, seen before PDFium begins to unfold them."""

import re
import zlib
from collections import Counter
from contextlib import suppress

from qa.errors import SourceError

__all__ = ["check"]

_MOST_DRAWN = 200_000  # forms that one form may unfold to
_MOST_BYTES = 1_000_000  # of one form's content that are looked at
_MOST_UNPACKED = 100_000_000  # bytes of all of them
_MOST_ENTRIES = 20_000  # bytes of one form's dictionary that are looked at
_PLACE = re.compile(rb"\b(\d{1,10})\s+\d{1,5}\s+obj\b|\bstream\r?\n")
_FORM = re.compile(rb"/Subtype\s*/Form\b")
_NAMED = re.compile(rb"/([^\s/<>\[\]()]+)\s+(\d+)\s+\d+\s+R\b")
_DO = re.compile(rb"/([^\s/<>\[\]()]+)\s+Do\b")


def check(data: bytes) -> None:
    """Raises SourceError if a few forms that draw each other several times would unfold without end."""
    if data.count(b"/Form") < 8:
        return
    uses: dict[int, Counter[int]] = {}
    places = [*_PLACE.finditer(data)]
    budget = _MOST_UNPACKED
    number, begin = 0, 0  # of the object that was opened last
    for at, place in enumerate(places):
        if place[1]:
            number, begin = int(place[1]), place.end()
            continue
        entries = data[begin : min(place.start(), begin + _MOST_ENTRIES)]
        end = places[at + 1].start() if at + 1 < len(places) else len(data)
        names = {name: int(other) for name, other in _NAMED.findall(entries)} if _FORM.search(entries) else {}
        if names and budget > 0:
            content = _content(entries, data[place.end() : end])
            budget -= len(content)
            drawn = Counter(_DO.findall(content))
            uses[number] = Counter({other: drawn[name] for name, other in names.items() if drawn[name]})
        begin = place.end()
    weights: dict[int, int] = {}
    for number in uses:
        _weigh(number, uses, weights)


def _content(entries: bytes, raw: bytes) -> bytes:
    """The operators of a stream, as far as they can be read."""
    if b"FlateDecode" in entries:
        with suppress(zlib.error):
            return zlib.decompressobj().decompress(raw, _MOST_BYTES)
    return raw[:_MOST_BYTES]


def _weigh(number: int, uses: dict[int, Counter[int]], weights: dict[int, int]) -> None:
    """How many forms one unfolds to, into `weights`. A form that draws itself counts once: PDFium stops there."""
    waiting = [(number, False)]
    opened: set[int] = set()
    while waiting:
        at, done = waiting.pop()
        if done:
            weights[at] = 1 + sum(count * weights.get(other, 1) for other, count in uses[at].items())
            if weights[at] > _MOST_DRAWN:
                raise SourceError("broken PDF: its drawings are nested without end")
        elif at in uses and at not in weights and at not in opened:
            opened.add(at)
            waiting.append((at, True))
            waiting += [(other, False) for other in uses[at]]

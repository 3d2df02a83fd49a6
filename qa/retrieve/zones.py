"""Where the estimate divides answers from silence, and what each side of the limits promises."""

from dataclasses import dataclass

__all__ = ["ANSWERED", "PROMISES", "UNCERTAIN", "Promise"]

ANSWERED = 0.30
"""From this estimate on, quotes are an answer."""

UNCERTAIN = 0.12
"""From this estimate on the sources may say it: the closest quotes are shown. Below, they do not."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What was measured of a zone with the limits above: 300 questions over six folders that nobody had looked at, half
    of those with an answer in other words than the documents', a third of all near misses (docs/retrieval.md).

    A quote answers if it has the whole of a sentence that does. text: what the share is of. right: so many of `asked`
    questions did.
    """

    zone: str
    text: str
    right: int
    asked: int


PROMISES = (
    Promise("answered", "a quote answers", 64, 128),
    Promise("uncertain", "the closest quote answers", 23, 110),
    Promise("not in sources", "the sources do not say", 26, 62),
)

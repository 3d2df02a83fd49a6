"""Where the estimate divides answers from silence, and what each side of the limits promises."""

from dataclasses import dataclass

__all__ = ["ANSWERED", "PROMISES", "UNCERTAIN", "Promise"]

ANSWERED = 0.30
"""From this estimate on, quotes are an answer."""

UNCERTAIN = 0.12
"""From this estimate on the sources may say it: the closest quotes are shown. Below, they do not."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What was measured of a zone with the limits above, on folders that took no part in fitting the weights; rules of
    reading were written with these folders at hand (docs/retrieval.md).

    text: what the share is of. right: so many questions of `asked` did.
    """

    zone: str
    text: str
    right: int
    asked: int


PROMISES = (
    Promise("answered", "a quote answers", 36, 43),
    Promise("uncertain", "the closest quote answers", 6, 18),
    Promise("not in sources", "the sources do not say", 8, 9),
)

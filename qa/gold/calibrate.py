"""The limits of the three zones for one's own documents: from which estimate on quotes answer, and below which nothing
does. Pure functions of what a run saw.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from qa.gold.results import Result

__all__ = ["CONFIDENCE", "Limits", "Point", "Share", "calibrate", "point"]

CONFIDENCE = 0.95
FEWEST = 20  # questions in a zone, and questions of each kind, from which its share says anything


@dataclass(frozen=True, slots=True)
class Point:
    """One question: the estimate that the sources answer, and whether the quotes hold what a gold quote says."""

    estimate: float
    right: bool


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `total`."""

    hits: int
    total: int

    @property
    def value(self) -> float:
        """In [0, 1]; 0 of none."""
        return self.hits / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval at `CONFIDENCE` (Wilson 1927); [0, 1] of none."""
        if not self.total:
            return 0.0, 1.0
        z, n, p = NormalDist().inv_cdf((1 + CONFIDENCE) / 2), self.total, self.value
        middle, width = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, (middle - width) / (1 + z * z / n)), min(1.0, (middle + width) / (1 + z * z / n))


@dataclass(frozen=True, slots=True)
class Limits:
    """threshold: from it on, the share of wrong answers is at most the error rate asked for; None if no limit does
    that. uncertain: below it, the share of right quotes is. wrong: among the questions answered; lost: right quotes
    among those told that the sources do not say. answered: of the questions whose quotes are right.
    too_small: why the set says too little; empty if it does not.
    """

    threshold: float | None
    uncertain: float
    wrong: Share
    lost: Share
    answered: Share
    too_small: str


def point(result: Result) -> Point | None:
    """What a case says; nothing if it could not be measured. The run must have answered every question."""
    if result.outcome in ("stale", "error"):
        return None
    return Point(result.observed.answerability, any(quote.returned for quote in result.gold))


def calibrate(points: Sequence[Point], error: float) -> Limits:
    """The limits for an error rate in (0, 1).

    The threshold is the lowest limit from which on at most that share of the answers is wrong; `uncertain` the highest
    one below which at most that share of the quotes is right.
    """
    ordered = sorted(points, key=lambda one: one.estimate)
    estimates = sorted({one.estimate for one in ordered})
    threshold = next((limit for limit in estimates if _wrong(ordered, limit).value <= error), None)
    top = 1.0 if threshold is None else threshold
    below = [limit for limit in estimates if limit <= top and _lost(ordered, limit).value <= error]
    uncertain = max(below, default=0.0)
    right = [one for one in ordered if one.right]
    wrong = _wrong(ordered, top) if threshold is not None else Share(0, 0)
    answered = Share(sum(one.estimate >= top for one in right) if threshold is not None else 0, len(right))
    return Limits(threshold, uncertain, wrong, _lost(ordered, uncertain), answered, _too_small(ordered, wrong))


def _wrong(points: Sequence[Point], limit: float) -> Share:
    above = [one for one in points if one.estimate >= limit]
    return Share(sum(not one.right for one in above), len(above))


def _lost(points: Sequence[Point], limit: float) -> Share:
    below = [one for one in points if one.estimate < limit]
    return Share(sum(one.right for one in below), len(below))


def _too_small(points: Sequence[Point], wrong: Share) -> str:
    right = sum(one.right for one in points)
    if min(right, len(points) - right) < FEWEST:
        without = len(points) - right
        return f"{right} questions with a right quote and {without} without; at least {FEWEST} of each are needed"
    if wrong.total < FEWEST:
        return f"only {wrong.total} questions would be answered; at least {FEWEST} are needed"
    return ""

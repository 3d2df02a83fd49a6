"""Is a difference between two runs over the same cases real, or chance? Pure functions of counts and numbers.

Everywhere: n cases were run twice; `worse` of them passed first and failed then, `better` the other way round. The rest
came out the same and says nothing about a difference in either direction, only about its size.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import comb, log, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = [
    "ALPHA",
    "POWER",
    "RESAMPLES",
    "bootstrap_interval",
    "exact_mcnemar",
    "fisher",
    "pass_rate_interval",
    "power",
    "repeats_needed",
    "smallest_drop",
]

ALPHA = 0.05
"""How often chance alone may look like a loss."""
POWER = 0.8
"""How often a real loss must be seen for a set to count as able to show it (Cohen 1988, the usual choice)."""
RESAMPLES = 2000
"""Of a bootstrap: enough for two digits of a 90% interval (Efron and Tibshirani 1993, section 14.3)."""
BLOCK = 1_000_000  # numbers drawn at a time
RARE = 1e-10  # probability of what is left out of a sum


def exact_mcnemar(worse: int, better: int) -> float:
    """Probability of at least so many losses among the cases that flipped, if either way were equally likely.

    The exact conditional test (McNemar 1947), one-sided, at most its level.
    """
    flips = worse + better
    total, ways = 0, 1
    for k in range(flips, worse - 1, -1):
        total += ways
        ways = ways * k // (flips - k + 1)
    return float(total / 2**flips)


def fisher(base_passes: int, base_runs: int, new_passes: int, new_runs: int) -> float:
    """Probability of so few passes in the new runs of one case, if the runs of both sides were alike (Fisher 1935)."""
    passes, ways = base_passes + new_passes, comb(base_runs + new_runs, new_runs)
    few = range(max(0, passes - base_runs), new_passes + 1)
    return sum(comb(passes, k) * comb(base_runs + new_runs - passes, new_runs - k) for k in few) / ways


def repeats_needed(alpha: float) -> int:
    """The fewest runs on either side with which a case that always passed and now never does is told from chance."""
    runs = 1
    while fisher(runs, runs, 0, runs) > alpha:
        runs += 1
    return runs


def pass_rate_interval(worse: int, better: int, n: int, confidence: float = 1 - 2 * ALPHA) -> tuple[float, float]:
    """Interval of the change in pass rate, in [-1, 1]; below 0 is a loss. The whole range for no cases.

    Tango's score interval (Statistics in Medicine 17, 1998): all differences that a score test would not reject.
    Without a single flip it still has a width, about z²/n, as the rule of three has.
    """
    if n == 0:
        return (-1.0, 1.0)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    return (_root(worse, better, n, z), _root(worse, better, n, -z))


def _root(worse: int, better: int, n: int, wanted: float) -> float:
    """The difference for which the score statistic, which falls as the difference grows, is as wanted."""
    low, high = -1.0, 1.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if _score(worse, better, n, middle) > wanted else (low, middle)
    return (low + high) / 2


def _score(worse: int, better: int, n: int, change: float) -> float:
    """Tango's statistic: how far what was seen is above this change, in standard errors under it."""
    b = (2 * n - better + worse) * change - worse - better
    c = -worse * change * (1 - change)
    losses = (sqrt(max(0.0, b * b - 8 * n * c)) - b) / (4 * n)  # the most likely rate of losses under this change
    variance = n * (2 * losses + change * (1 - change))
    gap = better - worse - n * change
    if variance <= 0:
        return 0.0 if gap == 0 else gap * float("inf")
    return gap / sqrt(variance)


def bootstrap_interval(
    differences: Sequence[float], confidence: float = 1 - 2 * ALPHA, *, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[float, float]:
    """Interval of the mean of paired differences: percentiles of the means of cases drawn with replacement.

    The percentile bootstrap (Efron 1979), because it still holds where most differences are 0 or all are the same,
    where the corrections of BCa are not defined. It is somewhat short below 20 cases. The same input and seed give the
    same interval. Raises ValueError for no differences.
    """
    import numpy as np

    values = np.asarray(differences, dtype=np.float64)
    n = len(values)
    if n == 0:
        raise ValueError("an interval needs at least one difference")
    random = np.random.default_rng(seed)
    rows = max(1, BLOCK // n)
    sizes = [min(rows, resamples - done) for done in range(0, resamples, rows)]
    means = np.concatenate([values[random.integers(0, n, (size, n))].mean(axis=1) for size in sizes])
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return (float(low), float(high))


def power(n: int, drop: float, churn: float, alpha: float = ALPHA) -> float:
    """Probability that n cases fail the exact test when each is lost with probability `drop`.

    churn: share of the cases that flip by chance besides, as many each way. Exact: a sum over all outcomes. Raises
    ValueError where the shares are not possible.
    """
    loss, gain = drop + churn / 2, churn / 2
    if n < 0 or drop < 0 or churn < 0 or loss + gain > 1 + 1e-9:
        raise ValueError(f"no such cases: n {n}, drop {drop}, churn {churn}")
    rate = min(1.0, loss + gain)
    if rate == 0:
        return 0.0
    flips = _binomial(n, rate)
    likely = (d for d, chance in enumerate(flips.tolist()) if chance > RARE / (n + 1))
    return float(sum(flips[d] * _binomial(d, loss / rate)[_critical(d, alpha) :].sum() for d in likely))


@lru_cache(maxsize=1000)
def smallest_drop(n: int, churn: float, chance: float = POWER, alpha: float = ALPHA) -> float:
    """The smallest true loss of pass rate that n cases fail with this chance, to 0.0001.

    churn: share of the cases that flip by chance, both ways together. 1.0 if even the largest possible loss would not
    do: fewer than five cases never fail at 5%.
    """
    low, high = 0.0, 1.0 - churn
    if power(n, high, churn, alpha) < chance:
        return 1.0
    while high - low > 1e-4:
        middle = (low + high) / 2
        low, high = (low, middle) if power(n, middle, churn, alpha) >= chance else (middle, high)
    return high


def _binomial(n: int, rate: float) -> "Floats":
    """Probabilities of 0..n."""
    import numpy as np

    k = np.arange(n + 1)
    if rate >= 1:
        return np.asarray(k == n, dtype=np.float64)
    logs = _log_factorials(2 ** (n + 1).bit_length())[: n + 1]
    return np.asarray(np.exp(logs[n] - logs - logs[::-1] + k * log(rate) + (n - k) * log(1 - rate)))


@lru_cache
def _log_factorials(size: int) -> "Floats":
    """Of 0..size - 1."""
    import numpy as np

    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, size)))])


@lru_cache(maxsize=10_000)
def _critical(flips: int, alpha: float) -> int:
    """The fewest losses among so many flips that the exact test calls real; flips + 1 if not even all of them."""
    import numpy as np

    tails = np.cumsum(_binomial(flips, 0.5)[::-1])  # probabilities of at least flips, flips - 1, ... losses
    return flips + 1 - int(np.searchsorted(tails, alpha * (1 + 1e-9), "right"))

"""What a comparison of two gold runs can show, and how often it is wrong: the tables of docs/gold-verdict.md.

    python bench/gold_power.py [--simulations N]

Needs no model and no data. Exit code 1 if more than 5% of the comparisons of a thing with itself fail.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import product

import numpy as np

from qa.gold.results import Observation, Result, Run
from qa.gold.verdict.compare import MARGIN, compare
from qa.gold.verdict.statistics import ALPHA, pass_rate_interval, power, smallest_drop

SIZES = (50, 100, 200, 500)
CHURNS = (0.0, 0.05, 0.1, 0.2)
CRITICAL = 10  # every so many cases is critical


def main() -> None:
    parser = argparse.ArgumentParser(description="Power and false alarms of qa gold compare.")
    parser.add_argument("--simulations", type=int, default=1000, help="comparisons a row of the first table")
    options = parser.parse_args()
    print("## Nothing changed\n")
    worst = print_same(options.simulations)
    print("\n## A loss as large as the margin\n")
    print_margin()
    print("\n## Power\n")
    print_power()
    print("\n## The smallest drop\n")
    print_smallest()
    if worst > ALPHA:
        sys.exit(f"\n{100 * worst:.1f}% false alarms, and {100 * ALPHA:.0f}% are allowed")


def table(*head: str) -> None:
    print(f"| {' | '.join(head)} |\n" + "|---" * len(head) + "|")


def row(*cells: object) -> None:
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


def percent(*shares: float, digits: int = 1) -> list[str]:
    return [f"{100 * share:.{digits}f}%" for share in shares]


FLIPS = tuple(f"{100 * churn:.0f}% flip" for churn in CHURNS)


def print_same(simulations: int) -> float:
    """Live runs of the same thing, compared; the largest share that failed."""
    table("cases", "flip by chance", "a shaky case passes", "runs a case", "fail", "inconclusive", "pass")
    worst = 0.0
    for cases, churn, (shaky, times) in product((100, 200), CHURNS[1:3], ((0.5, 1), (0.8, 1), (0.8, 5))):
        random = np.random.default_rng(cases)
        found = Counter(compare(*same_twice(random, cases, times, churn, shaky)).verdict for _ in range(simulations))
        shares = [found[verdict] / simulations for verdict in ("fail", "inconclusive", "pass")]
        row(cases, *percent(churn, shaky, digits=0), times, *percent(*shares))
        worst = max(worst, shares[0])
    return worst


def same_twice(random: np.random.Generator, cases: int, times: int, churn: float, shaky: float) -> Iterator[Run]:
    """Two live runs. So many cases pass with probability `shaky` that with one run a case `churn` of all flip; of the
    others nine in ten always pass. Every tenth case is critical.
    """
    share = churn / (2 * shaky * (1 - shaky))
    steady = np.where(random.random(cases) < 0.9, 1.0, 0.0)
    chances = np.where(random.permutation(cases) < share * cases, shaky, steady)
    for _ in range(2):
        passes = random.binomial(times, chances).tolist()
        results = tuple(asked(n, passed, times) for n, passed in enumerate(passes))
        yield Run("1", "live", "m", {}, {}, {}, {}, (), results)


@cache
def asked(n: int, passes: int, times: int) -> Result:
    """Case n, asked so many times."""
    outcome = "pass" if 2 * passes > times else "fail"
    severity = "normal" if n % CRITICAL else "critical"
    return Result(
        f"{n}", f"{n}", "", "answer", severity, (), "", 1, "", outcome, (), (), Observation(), {}, passes, times
    )


def print_margin() -> None:
    """How often the interval excludes a loss that is exactly the margin, summed over all outcomes."""
    table("cases", *FLIPS)
    for n in SIZES[:-1]:
        row(n, *percent(*(sum(p for w, b, p in outcomes(n, churn) if excluded(w, b, n)) for churn in CHURNS)))


def outcomes(n: int, churn: float) -> Iterator[tuple[int, int, float]]:
    """Likely numbers of losses and gains under a loss of the margin, with their probability."""
    loss, gain = MARGIN + churn / 2, churn / 2
    joint = np.zeros((n + 1, n + 1))
    joint[0, 0] = 1.0
    for _ in range(n):
        after = joint * (1 - loss - gain)
        after[1:] += joint[:-1] * loss
        after[:, 1:] += joint[:, :-1] * gain
        joint = after
    for worse, better in np.argwhere(joint > 1e-6).tolist():
        yield worse, better, float(joint[worse, better])


@cache
def excluded(worse: int, better: int, n: int) -> bool:
    return pass_rate_interval(worse, better, n)[0] >= -MARGIN


def print_power() -> None:
    table("cases", "drop", *FLIPS)
    for n, drop in product(SIZES, (0.02, 0.05, 0.1)):
        row(n, f"{100 * drop:.0f} points", *percent(*(power(n, drop, churn) for churn in CHURNS), digits=0))


def print_smallest() -> None:
    table("cases", *FLIPS)
    for n in (10, 20, *SIZES, 1000):
        row(n, *(f"{100 * smallest_drop(n, churn):.1f}" for churn in CHURNS))


if __name__ == "__main__":
    main()

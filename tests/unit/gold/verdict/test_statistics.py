"""The statistics of a comparison, held against scipy, published figures, enumeration and simulation."""

from itertools import product
from math import comb

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.gold.verdict import statistics
from qa.gold.verdict.statistics import (
    ALPHA,
    bootstrap_interval,
    exact_mcnemar,
    fisher,
    pass_rate_interval,
    power,
    repeats_needed,
    smallest_drop,
)


def outcomes(n, loss, gain):
    """Every number of losses and gains among n cases, with its probability."""
    for worse in range(n + 1):
        for better in range(n + 1 - worse):
            ways = comb(n, worse) * comb(n - worse, better)
            yield worse, better, ways * loss**worse * gain**better * (1 - loss - gain) ** (n - worse - better)


def test_mcnemar_is_the_binomial_test_of_the_flips():
    for worse, better in product(range(16), repeat=2):
        if worse + better:
            expected = scipy.stats.binomtest(worse, worse + better, 0.5, alternative="greater").pvalue
            assert exact_mcnemar(worse, better) == pytest.approx(expected, rel=1e-9)


def test_without_flips_nothing_is_significant():
    assert exact_mcnemar(0, 0) == 1.0


def test_mcnemar_of_very_many_flips_does_not_overflow():
    assert exact_mcnemar(3000, 2000) < 1e-40
    assert exact_mcnemar(2500, 2500) == pytest.approx(0.5056, abs=1e-3)


def test_fisher_is_scipys_one_sided_exact_test():
    for base_runs, new_runs in ((1, 1), (3, 3), (5, 4), (2, 7)):
        for base, new in product(range(base_runs + 1), range(new_runs + 1)):
            table = [[base, base_runs - base], [new, new_runs - new]]
            expected = scipy.stats.fisher_exact(table, alternative="greater").pvalue
            assert fisher(base, base_runs, new, new_runs) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("alpha", "runs"), [(0.05, 3), (0.05 / 10, 5), (0.05 / 100, 7)])
def test_the_fewest_repeats_are_those_after_which_a_clean_break_is_significant(alpha, runs):
    assert repeats_needed(alpha) == runs
    assert fisher(runs, runs, 0, runs) <= alpha < fisher(runs - 1, runs - 1, 0, runs - 1)


def test_the_interval_of_pass_rates_is_tangos():
    """Bentur et al. 2009, as worked out in Fagerland, Lydersen and Laake, Statistics in Medicine 33, 2014."""
    assert pass_rate_interval(7, 1, 21, 0.95) == pytest.approx((-0.517, -0.026), abs=0.0006)


@pytest.mark.parametrize("n", [1, 10, 52, 195, 1000])
def test_without_flips_the_interval_is_as_wide_as_few_cases_leave_it(n):
    low, high = pass_rate_interval(0, 0, n, 0.9)
    z2 = scipy.stats.norm.ppf(0.95) ** 2
    assert (low, high) == pytest.approx((-z2 / (n + z2), z2 / (n + z2)), abs=1e-6)


def test_no_cases_leave_the_whole_range():
    assert pass_rate_interval(0, 0, 0) == (-1.0, 1.0)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 200))
@settings(max_examples=60, deadline=None)
def test_the_interval_holds_the_difference_and_turns_with_it(worse, better, same):
    n = worse + better + same
    low, high = pass_rate_interval(worse, better, n)
    if n:
        assert -1 <= low <= (better - worse) / n + 1e-6
        assert (better - worse) / n - 1e-6 <= high <= 1
    assert pass_rate_interval(better, worse, n) == pytest.approx((-high, -low), abs=1e-6)


@pytest.mark.parametrize("n", [40, 75])
@pytest.mark.parametrize("margin", [0.05, 0.1])
@pytest.mark.parametrize("churn", [0.0, 0.05, 0.1])
def test_a_loss_as_large_as_the_margin_is_excluded_as_rarely_as_promised(n, margin, churn):
    """Summed over all outcomes; 5% is meant, and the interval is an approximation."""
    likely = [(w, b, p) for w, b, p in outcomes(n, margin + churn / 2, churn / 2) if p > 1e-7]
    assert sum(p for worse, better, p in likely if pass_rate_interval(worse, better, n)[0] >= -margin) <= 0.06


@pytest.mark.parametrize("loss", [0.02, 0.1])
@pytest.mark.parametrize("gain", [0.02, 0.1])
def test_the_interval_covers_the_difference_as_often_as_it_says(loss, gain):
    likely = [(pass_rate_interval(w, b, 50), p) for w, b, p in outcomes(50, loss, gain) if p > 1e-7]
    assert 0.88 <= sum(p for (low, high), p in likely if low <= gain - loss <= high) <= 0.95


@pytest.mark.parametrize("seed", range(3))
def test_the_bootstrap_is_scipys(seed):
    values = np.random.default_rng(seed).exponential(2, 60) - 1.5
    random = np.random.default_rng(1)
    expected = scipy.stats.bootstrap(
        (values,), np.mean, confidence_level=0.9, n_resamples=9999, method="percentile", rng=random
    ).confidence_interval
    assert bootstrap_interval(values.tolist(), 0.9, resamples=9999) == pytest.approx(tuple(expected), abs=0.03)


@pytest.mark.parametrize(("kind", "n"), [("skewed", 40), ("sparse", 100)])
def test_the_bootstrap_covers_the_mean_as_often_as_it_says(kind, n):
    random = np.random.default_rng(7)
    covered = 0
    for trial in range(400):
        values = random.exponential(1, n) - 1 if kind == "skewed" else random.choice([-1, 0, 1], n, p=[0.1, 0.8, 0.1])
        low, high = bootstrap_interval(values.tolist(), 0.9, resamples=600, seed=trial)
        covered += low <= 0 <= high
    assert 0.855 <= covered / 400 <= 0.94


def test_equal_differences_have_an_interval_without_width():
    assert bootstrap_interval([0.25] * 30) == (0.25, 0.25)
    assert bootstrap_interval([0.0]) == (0.0, 0.0)


def test_the_bootstrap_is_the_same_for_the_same_seed_however_much_is_drawn_at_a_time(monkeypatch):
    values = [0.0] * 20 + [1.0, -1.0, 0.5] * 5
    before = bootstrap_interval(values, seed=3)
    assert before == bootstrap_interval(values, seed=3)
    monkeypatch.setattr(statistics, "BLOCK", 100)
    assert bootstrap_interval(values, seed=3) == before


def test_a_bootstrap_of_nothing_is_an_error():
    with pytest.raises(ValueError, match="at least one"):
        bootstrap_interval([])


@pytest.mark.parametrize(
    ("n", "drop", "churn"), [(40, 0.1, 0.1), (40, 0.1, 0.0), (25, 0.3, 0.4), (12, 0.6, 0.4), (4, 1, 0)]
)
def test_power_is_the_sum_over_all_outcomes_that_fail(n, drop, churn):
    loss, gain = drop + churn / 2, churn / 2
    expected = sum(p for worse, better, p in outcomes(n, loss, gain) if exact_mcnemar(worse, better) <= ALPHA)
    assert power(n, drop, churn) == pytest.approx(expected, abs=1e-6)


def test_power_of_a_set_with_and_without_churn():
    """Simulated figures: 5% churn each way, 100 cases see a 5-point drop 28% of the time, without churn 56%."""
    assert [round(power(n, 0.05, churn), 2) for n in (100, 200) for churn in (0.1, 0.0)] == [0.28, 0.56, 0.51, 0.97]


def test_power_at_a_level_that_a_tail_equals_exactly():
    assert power(5, 1.0, 0.0, alpha=1 / 32) == pytest.approx(1.0)
    assert power(5, 1.0, 0.0, alpha=1 / 33) == 0.0


def test_nothing_lost_and_no_churn_never_fails():
    assert power(100, 0.0, 0.0) == 0.0
    assert power(0, 0.5, 0.1) == 0.0


@pytest.mark.parametrize(("n", "drop", "churn"), [(-1, 0.1, 0.1), (10, -0.1, 0.1), (10, 0.8, 0.4)])
def test_impossible_shares_are_refused(n, drop, churn):
    with pytest.raises(ValueError, match="no such cases"):
        power(n, drop, churn)


@pytest.mark.parametrize(("n", "churn"), [(20, 0.0), (50, 0.1), (195, 0.0), (195, 0.1), (1000, 0.2)])
def test_the_smallest_drop_is_the_one_with_that_power(n, churn):
    drop = smallest_drop(n, churn)
    assert power(n, drop - 0.0002, churn) < 0.8 <= power(n, drop, churn)


def test_a_set_that_can_show_nothing_says_so():
    assert [smallest_drop(n, 0.0) for n in (0, 1, 4)] == [1.0, 1.0, 1.0]
    assert smallest_drop(5, 0.0) == pytest.approx(0.956, abs=0.001)
    assert smallest_drop(20, 1.0) == 1.0

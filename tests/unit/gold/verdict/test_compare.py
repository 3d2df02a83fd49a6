"""The verdict of a comparison: what fails, what passes, what stays open, and how often it is wrong."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from qa.errors import GoldError
from qa.gold.results import Observation, Result, Run, Shown
from qa.gold.verdict.compare import MeanChange, compare
from qa.gold.verdict.statistics import exact_mcnemar, pass_rate_interval, smallest_drop
from qa.quotes.anchors import Place


def result(id, outcome="pass", **fields):
    made = {"severity": "normal", "case_sha256": "sha", "observed": Observation(), "measures": {}}
    made |= {"passes": int(outcome == "pass"), "fact": id, "question": "How many?", "expect": "answer", "tags": ()}
    return Result(id=id, outcome=outcome, file="g.yaml", line=1, problems=(), gold=(), **{**made, **fields})


def a_run(*results, **fields):
    made = {"version": "1", "mode": "replay", "model": "m", "settings": {"k": 5}, "index": {"model": "e"}}
    made |= {"documents": {"a.txt": "1"}, "templates": {"answer.j2": "1"}, "gold_files": ("g.yaml",)}
    return Run(**{**made, **fields}, results=tuple(results))


def runs(lost=0, gained=0, kept=0, failed=0, mode="replay", **fields):
    """Two runs over so many cases."""
    pairs = (
        [("pass", "fail")] * lost
        + [("fail", "pass")] * gained
        + [("pass", "pass")] * kept
        + [("fail", "fail")] * failed
    )
    return tuple(
        a_run(*(result(f"c{n}", pair[side], **fields) for n, pair in enumerate(pairs)), mode=mode) for side in (0, 1)
    )


@pytest.mark.parametrize("mode", ["quotes", "replay"])
@pytest.mark.parametrize("cases", [1, 3, 200])
def test_answers_that_are_always_the_same_pass_if_nothing_was_lost_however_few_they_are(mode, cases):
    made = compare(*runs(gained=1, kept=cases, mode=mode))
    assert (made.verdict, made.reasons) == ("pass", (f"no case got worse, 1 better, of {cases + 1}",))
    assert (made.base_passes, made.new_passes, made.compared) == (cases, cases + 1, cases + 1)
    assert made.smallest_drop == smallest_drop(cases + 1, 1 / (cases + 1))


def test_more_losses_than_chance_explains_fail():
    made = compare(*runs(lost=5, kept=95))
    assert made.verdict == "fail"
    assert made.p_value == 1 / 32
    assert made.reasons == ("5 cases got worse and 0 better: the probability of this by chance is 3.1%",)
    assert [blamed.result.id for blamed in made.newly_failing] == ["c0", "c1", "c2", "c3", "c4"]
    assert all(blamed.base.outcome == "pass" for blamed in made.newly_failing)


def test_few_losses_pass_where_the_set_shows_that_they_are_few():
    assert pass_rate_interval(2, 0, 200)[0] > -0.05 > pass_rate_interval(2, 0, 100)[0]
    made = compare(*runs(lost=2, kept=198))
    assert (made.verdict, made.interval) == ("pass", pass_rate_interval(2, 0, 200))
    assert made.reasons == (
        "2 of 200 cases got worse and 0 better: the pass rate dropped by at most 3.0 points, within the margin of 5.0",
    )


def test_few_losses_are_inconclusive_where_they_may_be_many():
    made = compare(*runs(lost=2, kept=98))
    assert made.verdict == "inconclusive"
    assert made.reasons[0].startswith(
        "2 of 100 cases got worse and 0 better: the pass rate may have dropped by up to 5.9 "
    )


def test_gains_make_up_for_losses():
    assert compare(*runs(lost=5, gained=6, kept=189)).verdict == "pass"


def test_margin_and_alpha_can_be_set():
    base, new = runs(lost=2, kept=98)
    assert compare(base, new, margin=0.1).verdict == "pass"
    assert compare(base, new, alpha=0.3).verdict == "fail"
    assert compare(base, new, alpha=0.01).confidence == pytest.approx(0.98)


@pytest.mark.parametrize(("cases", "verdict"), [(51, "inconclusive"), (52, "pass")])
def test_live_answers_without_a_flip_pass_only_where_the_set_is_large_enough(cases, verdict):
    assert compare(*runs(kept=cases, mode="live")).verdict == verdict


def test_a_critical_case_that_regresses_fails_by_itself():
    made = compare(*runs(lost=1, gained=5, kept=500, severity="critical"))
    assert made.verdict == "fail"
    assert made.reasons == ("critical case c0 passed and now fails",)
    assert made.critical == ("c0",)


def test_critical_cases_come_first():
    base = a_run(result("a"), result("b", severity="critical"))
    new = a_run(result("a", "fail"), result("b", "fail", severity="critical"))
    assert [blamed.result.id for blamed in compare(base, new).newly_failing] == ["b", "a"]


def live(passes_before, passes_now, times, critical=1):
    """A live comparison of 300 cases, so many of them critical, of which the first got worse."""
    sides = []
    for passes in (passes_before, passes_now):
        first = result("c0", "pass" if 2 * passes > times else "fail", passes=passes, runs=times, severity="critical")
        others = [result(f"c{n}", severity="critical", passes=times, runs=times) for n in range(1, critical)]
        others += [result(f"c{n}", passes=times, runs=times) for n in range(critical, 300)]
        sides.append(a_run(first, *others, mode="live"))
    return tuple(sides)


def test_a_live_critical_case_may_only_have_flickered():
    made = compare(*live(1, 0, 1))
    assert made.verdict == "inconclusive"
    assert made.critical == ("c0",)
    assert made.reasons == (
        "critical case c0 passed in 1 of 1 runs and now in 0 of 1: "
        "to rule out chance, run both with --repeat 3 or more",
    )


@pytest.mark.parametrize(
    ("before", "now", "times", "critical", "verdict"),
    [
        (3, 0, 3, 1, "fail"),
        (3, 0, 3, 2, "inconclusive"),
        (5, 0, 5, 12, "fail"),
        (5, 1, 5, 12, "inconclusive"),
        (3, 2, 5, 1, "inconclusive"),
    ],
)
def test_repeats_tell_a_critical_regression_from_a_flicker(before, now, times, critical, verdict):
    assert compare(*live(before, now, times, critical)).verdict == verdict


def test_a_quote_that_is_not_verbatim_fails_whatever_else():
    base, new = runs(gained=3, kept=100)
    wrong = Observation(quotes=(Shown(1, Place("a.txt", 0, 3), "abc", 1, verbatim=False),))
    added = replace(new, results=(*new.results, result("added", "fail", observed=wrong)))
    made = compare(base, added)
    assert (made.verdict, made.added) == ("fail", ("added",))
    assert made.reasons[0] == "a quote differs from the source, which is a bug in qa: added"
    in_another_repeat = replace(new, results=(*new.results[1:], result("c0", measures={"verbatim": 0.9})))
    assert compare(base, in_another_repeat).verdict == "fail"


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [("error", "not measured: c0"), ("stale", "gold quotes no longer in the documents (run: qa gold check): c0")],
)
def test_what_was_not_measured_is_no_regression_and_no_pass(outcome, reason):
    base, new = runs(kept=100, severity="critical")
    made = compare(base, replace(new, results=(result("c0", outcome, severity="critical"), *new.results[1:])))
    assert (made.verdict, made.reasons) == ("inconclusive", (reason,))
    assert (made.compared, made.newly_failing, made.not_measured) == (99, (), ("c0",))


def test_a_failure_wins_over_what_was_not_measured():
    base, new = runs(lost=6, kept=100)
    broken = replace(new, results=(*new.results[:-1], result(new.results[-1].id, "error")))
    assert compare(base, broken).verdict == "fail"


def test_what_the_baseline_did_not_measure_is_told_and_not_compared():
    base, new = runs(kept=100)
    made = compare(replace(base, results=(result("c0", "error"), *base.results[1:])), new)
    assert (made.verdict, made.compared, made.not_measured) == ("pass", 99, ("c0",))
    assert made.reasons[1] == "not measured in the baseline, so not compared: c0"


def test_nothing_measured_is_inconclusive_and_shows_nothing():
    made = compare(a_run(result("a", "error")), a_run(result("a", "error")))
    assert (made.verdict, made.compared, made.smallest_drop) == ("inconclusive", 0, 1.0)
    assert (made.interval, made.p_value, made.means) == ((-1.0, 1.0), 1.0, ())


def test_only_cases_of_the_same_definition_are_compared():
    base = a_run(result("same"), result("edited"), result("old"))
    new = a_run(
        result("same"), result("edited", "fail", case_sha256="other", severity="critical"), result("new", "fail")
    )
    made = compare(base, new)
    assert (made.verdict, made.compared) == ("pass", 1)
    assert (made.added, made.removed, made.changed) == (("new",), ("old",), ("edited",))


def test_a_baseline_of_another_gold_set_is_an_error():
    with pytest.raises(GoldError, match=r"the baseline \(1 cases\) and this run \(2\) have no case in common"):
        compare(a_run(result("a")), a_run(result("b"), result("c")))
    with pytest.raises(GoldError, match="every case has changed since the baseline"):
        compare(a_run(result("a")), a_run(result("a", case_sha256="other")))


def test_means_are_of_the_cases_that_have_the_measure_in_both_runs():
    base = a_run(
        *(result(f"c{n}", measures={"recall@5": 1.0, "cost": 1.0}) for n in range(4)), result("c4", measures={"x": 1})
    )
    new = a_run(
        *(result(f"c{n}", measures={"recall@5": 0.5}) for n in range(3)), result("c3", measures={"x": 1}), result("c4")
    )
    assert compare(base, new).means == (MeanChange("recall@5", 1.0, 0.5, -0.5, -0.5, 3),)


def test_the_interval_of_a_mean_holds_its_change():
    random = np.random.default_rng(0)
    values = random.normal(0.5, 0.1, (2, 60))
    base, new = (a_run(*(result(f"c{n}", measures={"x": float(v)}) for n, v in enumerate(side))) for side in values)
    (mean,) = compare(base, new).means
    assert mean.low < mean.new - mean.base < mean.high
    assert (mean.base, mean.new, mean.n) == (pytest.approx(values[0].mean()), pytest.approx(values[1].mean()), 60)


def test_what_else_differs_between_the_runs_is_told_after_the_verdict():
    base, new = runs(kept=60)
    other = {
        "mode": "live",
        "model": None,
        "settings": {"k": 7, "uncertain": 0.1},
        "index": {"model": "f"},
        "version": "2",
    }
    other |= {"documents": {"b.txt": "1"}, "templates": {"answer.j2": "2"}}
    assert compare(base, replace(new, **other)).reasons == (
        "0 of 60 cases got worse and 0 better: the pass rate dropped by at most 4.3 points, within the margin of 5.0",
        "mode differs: replay before, live now",
        "model differs: m before, none now",
        "version of qa differs: 1 before, 2 now",
        "setting k differs: 5 before, 7 now",
        "index model differs: e before, f now",
        "documents added, changed or removed: a.txt, b.txt",
        "templates added, changed or removed: answer.j2",
    )


def test_many_names_are_counted():
    base, new = runs(kept=60)
    documents = {f"{n}.txt": "1" for n in range(9)}
    reasons = compare(replace(base, documents={}), replace(new, documents=documents)).reasons
    assert reasons[1] == "documents added, changed or removed: 0.txt, 1.txt, 2.txt, 3.txt, 4.txt and 4 more"


@pytest.mark.parametrize(("cases", "repeat", "shaky"), [(60, 1, 0.3), (200, 1, 0.2), (200, 5, 0.2)])
def test_nothing_changed_fails_at_most_five_times_in_a_hundred(cases, repeat, shaky):
    """A share of the cases passes half of the time; the rest always passes. Every fifth case is critical."""
    random = np.random.default_rng(cases + repeat)
    verdicts = [compare(*same_twice(random, cases, repeat, shaky)).verdict for _ in range(200)]
    assert verdicts.count("fail") <= 10
    assert verdicts.count("inconclusive") > 0


def same_twice(random, cases, repeat, shaky):
    """Two live runs of the same thing."""
    chances = np.where(np.arange(cases) < shaky * cases, 0.5, 1.0)
    passes = (random.binomial(repeat, chances).tolist() for _ in range(2))
    return [a_run(*(asked(n, p, repeat) for n, p in enumerate(side)), mode="live") for side in passes]


@cache
def asked(n, passes, times):
    outcome, severity = "pass" if 2 * passes > times else "fail", "normal" if n % 5 else "critical"
    return result(f"c{n}", outcome, passes=passes, runs=times, severity=severity)


def test_the_figures_are_those_of_the_statistics():
    made = compare(*runs(lost=3, gained=1, kept=80, failed=16))
    assert made.p_value == exact_mcnemar(3, 1)
    assert made.interval == pass_rate_interval(3, 1, 100)
    assert made.smallest_drop == smallest_drop(100, 0.04)
    assert made.newly_passing == ("c3",)

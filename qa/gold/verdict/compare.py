"""Compare two runs of the same cases and decide whether the new one is worse (docs/gold-verdict.md).

fail          a critical case regressed, more cases got worse than chance explains, or a quote is not verbatim.
pass          no reason to fail, and no case got worse, or any drop is smaller than the margin.
inconclusive  anything else: too few cases for the margin, or cases that could not be measured.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from qa.errors import GoldError
from qa.gold.results import Result, Run
from qa.gold.verdict.blame import Blamed, blame
from qa.gold.verdict.statistics import (
    ALPHA,
    bootstrap_interval,
    exact_mcnemar,
    fisher,
    pass_rate_interval,
    repeats_needed,
    smallest_drop,
)

__all__ = ["MARGIN", "Comparison", "MeanChange", "Verdict", "compare", "require_common"]

MARGIN = 0.05
"""Largest drop in pass rate that a passing comparison may leave possible, as a share."""
NAMED = 5  # cases listed in a sentence
MEASURED = ("pass", "fail")
STEADY = ("quotes", "replay")  # modes that give the same answers when asked again

Verdict = Literal["pass", "fail", "inconclusive"]
Pair = tuple[Result, Result]


@dataclass(frozen=True, slots=True)
class MeanChange:
    """The mean of a measure over the n cases that have it in both runs; low, high: interval of new minus base."""

    name: str
    base: float
    new: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of comparing two runs.

    reasons: of the verdict, then other differences between the runs. compared: cases with the same
    definition that both runs measured; base_passes, new_passes: of these. critical: the critical ones among the newly
    failing. p_value: how often chance alone makes as many of the cases that flipped worse. interval: of new minus base
    pass rate, in [-1, 1]. confidence: of this interval and those of the means. smallest_drop: the smallest true loss of
    pass rate that this set would have failed four times in five, 1.0 if it could not have. added, removed: cases of one
    run only; changed: of differing definition. not_measured: stale or in error, in either run.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    base_passes: int
    new_passes: int
    compared: int
    newly_failing: tuple[Blamed, ...]
    newly_passing: tuple[str, ...]
    critical: tuple[str, ...]
    p_value: float
    interval: tuple[float, float]
    confidence: float
    smallest_drop: float
    means: tuple[MeanChange, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    not_measured: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Counts:
    """The compared pairs and the counts behind the verdict."""

    pairs: Sequence[Pair]
    lost: Sequence[Pair]
    gained: Sequence[Pair]
    p_value: float
    interval: tuple[float, float]
    steady: bool
    alpha: float
    margin: float


def compare(base: Run, new: Run, *, alpha: float = ALPHA, margin: float = MARGIN) -> Comparison:
    """Compare a run with its baseline, case by case.

    alpha: how often chance alone may fail a comparison, and how often a loss beyond the margin may pass. margin: a drop
    in pass rate, a share. Raises GoldError if the runs have no case in common.
    """
    require_common(base, {result.id: result.case_sha256 for result in new.results})
    old, now = ({result.id: result for result in run.results} for run in (base, new))
    same = [(old[id], now[id]) for id in now if id in old and old[id].case_sha256 == now[id].case_sha256]
    counts = _count([p for p in same if all(r.outcome in MEASURED for r in p)], base, new, alpha, margin)
    verdict, reasons = _verdict(counts, new)
    flips = len(counts.lost) + len(counts.gained)
    n = len(counts.pairs)
    unmeasured = [r.id for r in new.results if r.outcome not in MEASURED]
    return Comparison(
        verdict=verdict,
        reasons=(*reasons, *_not_in_baseline(same), *_differences(base, new)),
        base_passes=sum(before.outcome == "pass" for before, _ in counts.pairs),
        new_passes=sum(after.outcome == "pass" for _, after in counts.pairs),
        compared=n,
        newly_failing=tuple(blame(after, before, new, base) for before, after in _critical_first(counts.lost)),
        newly_passing=tuple(after.id for _, after in counts.gained),
        critical=tuple(after.id for _, after in counts.lost if after.severity == "critical"),
        p_value=counts.p_value,
        interval=counts.interval,
        confidence=1 - 2 * alpha,
        smallest_drop=smallest_drop(n, flips / n if n else 0.0, alpha=alpha),
        means=tuple(_means(counts.pairs, 1 - 2 * alpha)),
        added=tuple(id for id in now if id not in old),
        removed=tuple(id for id in old if id not in now),
        changed=tuple(id for id in now if id in old and old[id].case_sha256 != now[id].case_sha256),
        not_measured=(*unmeasured, *(b.id for b, a in same if b.outcome not in MEASURED and a.outcome in MEASURED)),
    )


def require_common(base: Run, cases: Mapping[str, str]) -> None:
    """Raise GoldError if the baseline has none of these cases. cases: the hash of its definition by id."""
    old = {result.id: result.case_sha256 for result in base.results}
    if old.items().isdisjoint(cases.items()):
        raise GoldError(_nothing_common(old, cases))


def _nothing_common(old: Mapping[str, str], now: Mapping[str, str]) -> str:
    again = "save a new baseline: qa gold run FILES --save FILE"
    if old.keys() & now.keys():
        return f"nothing to compare: every case has changed since the baseline; {again}"
    return (
        f"nothing to compare: the baseline ({len(old)} cases) and this run ({len(now)}) have no case in common; "
        f"is it the baseline of another gold set? If not, {again}"
    )


def _count(pairs: Sequence[Pair], base: Run, new: Run, alpha: float, margin: float) -> _Counts:
    lost = [(before, after) for before, after in pairs if (before.outcome, after.outcome) == ("pass", "fail")]
    gained = [(before, after) for before, after in pairs if (before.outcome, after.outcome) == ("fail", "pass")]
    worse, better = len(lost), len(gained)
    return _Counts(
        pairs=pairs,
        lost=lost,
        gained=gained,
        p_value=exact_mcnemar(worse, better),
        interval=pass_rate_interval(worse, better, len(pairs), 1 - 2 * alpha),
        steady=base.mode in STEADY and new.mode in STEADY,
        alpha=alpha,
        margin=margin,
    )


def _verdict(counts: _Counts, new: Run) -> tuple[Verdict, list[str]]:
    """The verdict and its reasons, as sentences."""
    proven, doubtful = _critical(counts)
    worse, better = len(counts.lost), len(counts.gained)
    failures = [*_not_verbatim(new), *proven]
    if counts.p_value <= counts.alpha:
        failures.append(
            f"{worse} cases got worse and {better} better: the probability of this by chance is "
            f"{100 * counts.p_value:.2g}%"
        )
    if failures:
        return "fail", failures
    doubts = [*doubtful, *_unmeasured(new)]
    nothing_lost = counts.steady and not worse and bool(counts.pairs)
    most = -counts.interval[0]
    if most > counts.margin and not nothing_lost:
        doubts.append(
            f"{worse} of {len(counts.pairs)} cases got worse and {better} better: the pass rate may have dropped by "
            f"up to {100 * most:.1f} points, more than the margin of {100 * counts.margin:.1f}"
        )
    if doubts:
        return "inconclusive", doubts
    if nothing_lost:
        return "pass", [f"no case got worse, {better} better, of {len(counts.pairs)}"]
    return "pass", [
        f"{worse} of {len(counts.pairs)} cases got worse and {better} better: the pass rate dropped by at most "
        f"{100 * max(0.0, most):.1f} points, within the margin of {100 * counts.margin:.1f}"
    ]


def _critical(counts: _Counts) -> tuple[list[str], list[str]]:
    """Critical cases that certainly regressed, and live ones that may only have flickered.

    A live case has regressed if its runs before and now differ by more than chance, allowing for all critical cases
    that were looked at (Bonferroni).
    """
    lost = [(before, after) for before, after in counts.lost if after.severity == "critical"]
    if counts.steady:
        return [f"critical case {after.id} passed and now fails" for _, after in lost], []
    looked_at = sum(after.severity == "critical" for _, after in counts.pairs)
    proven, doubtful = [], []
    for before, after in lost:
        was, now = f"{before.passes} of {before.runs}", f"{after.passes} of {after.runs}"
        text = f"critical case {after.id} passed in {was} runs and now in {now}"
        if fisher(before.passes, before.runs, after.passes, after.runs) <= counts.alpha / looked_at:
            proven.append(text)
        else:
            enough = repeats_needed(counts.alpha / looked_at)
            doubtful.append(f"{text}: to rule out chance, run both with --repeat {enough} or more")
    return proven, doubtful


def _not_verbatim(new: Run) -> list[str]:
    wrong = [r.id for r in new.results if r.outcome in MEASURED and not _verbatim(r)]
    return [f"a quote differs from the source, which is a bug in qa: {_named(wrong)}"] if wrong else []


def _verbatim(result: Result) -> bool:
    """Whether all quotes were verbatim in all runs of the case."""
    return result.measures.get("verbatim", 1.0) == 1.0 and all(quote.verbatim for quote in result.observed.quotes)


def _unmeasured(new: Run) -> list[str]:
    errors = [r.id for r in new.results if r.outcome == "error"]
    stale = [r.id for r in new.results if r.outcome == "stale"]
    return [
        *([f"not measured: {_named(errors)}"] if errors else []),
        *([f"gold quotes no longer in the documents (run: qa gold check): {_named(stale)}"] if stale else []),
    ]


def _not_in_baseline(same: Iterable[Pair]) -> list[str]:
    without = [after.id for before, after in same if before.outcome not in MEASURED and after.outcome in MEASURED]
    return [f"not measured in the baseline, so not compared: {_named(without)}"] if without else []


def _differences(base: Run, new: Run) -> list[str]:
    """Differences in configuration, for information only. A setting that the baseline does not record is none."""
    settings = {key: new.settings.get(key) for key in base.settings}
    lines = [
        f"{name} differs: {'none' if was is None else was} before, {'none' if now is None else now} now"
        for name, was, now in (
            ("mode", base.mode, new.mode),
            ("model", base.model, new.model),
            ("version of qa", base.version, new.version),
            *((f"setting {key}", *values) for key, values in _changed(base.settings, settings)),
            *((f"index {key}", *values) for key, values in _changed(base.index, new.index) if key != "fingerprint"),
        )
        if was != now
    ]
    for what, changed in (
        ("documents", [key for key, _ in _changed(base.documents, new.documents)]),
        ("templates", [key for key, _ in _changed(base.templates, new.templates)]),
    ):
        lines += [f"{what} added, changed or removed: {_named(changed)}"] if changed else []
    return lines


def _changed(was: Mapping[str, object], now: Mapping[str, object]) -> list[tuple[str, tuple[object, object]]]:
    keys = sorted({*was, *now})
    return [(key, (was.get(key), now.get(key))) for key in keys if was.get(key) != now.get(key)]


def _means(pairs: Sequence[Pair], confidence: float) -> Iterable[MeanChange]:
    names = dict.fromkeys(name for before, after in pairs for name in after.measures if name in before.measures)
    for name in names:
        both = [(b.measures[name], a.measures[name]) for b, a in pairs if name in b.measures and name in a.measures]
        n = len(both)
        low, high = bootstrap_interval([after - before for before, after in both], confidence)
        yield MeanChange(name, sum(b for b, _ in both) / n, sum(a for _, a in both) / n, low, high, n)


def _critical_first(pairs: Sequence[Pair]) -> list[Pair]:
    return sorted(pairs, key=lambda pair: pair[1].severity != "critical")


def _named(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")

"""The content shared by all reports of a run: failures with reasons, measures, and the table by tag."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from qa.gold.results import RECORDED, GoldFound, Observation, Outcome, Result, Run, Shown
from qa.gold.verdict.blame import blame
from qa.gold.verdict.measures import by_tag, summary
from qa.records import Statement
from qa.text import label, one_line, shortened

if TYPE_CHECKING:
    from qa.gold.verdict.blame import Blamed
    from qa.gold.verdict.compare import Comparison, MeanChange, Verdict

__all__ = [
    "AMOUNTS",
    "Field",
    "Figure",
    "Overview",
    "Step",
    "TagRow",
    "change_text",
    "counted",
    "expected_and_got",
    "headline",
    "interval_text",
    "journey",
    "problem_of",
    "silence",
    "value_text",
    "worse",
]

AMOUNTS = ("latency_ms", "prompt_tokens", "completion_tokens", "cost")
"""Measures where less is better. All others are shares in [0, 1] where more is better."""


class Field(NamedTuple):
    """A line of a failing case: `expected`, `got`, `quote 1`, ... and the text, which can be shown as it is."""

    label: str
    text: str


class Step(NamedTuple):
    """A layer that a gold quote passed or did not pass, as a phrase."""

    text: str
    reached: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure of the run. n: cases it was taken over. base, change, low, high: of the cases that were compared, with
    the interval of the change; None where there is no baseline.
    """

    name: str
    value: float
    n: int
    base: float | None = None
    change: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class TagRow:
    """The cases with a tag. n: measured ones. base, change: of the share that passes, over the compared ones."""

    tag: str
    n: int
    passes: int
    measures: dict[str, float]
    base: float | None = None
    change: float | None = None


class Overview:
    """A run beside its baseline, if there is one.

    urgent: the failures that decide: newly failing cases, or without a baseline critical ones; and whatever showed a
    quote that is not verbatim. known: the other failures. Both begin with critical cases. flickering: passed in some of
    several runs. passed: number of cases.
    """

    def __init__(self, run: Run, comparison: "Comparison | None") -> None:
        self.run, self.comparison = run, comparison
        c = comparison
        self._apart = {*c.added, *c.changed, *c.not_measured} if c else set()
        self.newly = {blamed.result.id: blamed for blamed in comparison.newly_failing} if comparison else {}
        failures = [self.newly.get(r.id) or blame(r, None, run, None) for r in self.of("fail")]
        failures.sort(key=lambda blamed: blamed.result.severity != "critical")
        self.urgent: tuple[Blamed, ...] = tuple(b for b in failures if self._decides(b.result))
        self.known: tuple[Blamed, ...] = tuple(b for b in failures if not self._decides(b.result))
        self.errors, self.stale = self.of("error"), self.of("stale")
        self.flickering = tuple(r for r in run.results if 0 < r.passes < r.runs)
        self.failures = self.urgent + self.known
        self.passed = len(self.of("pass"))

    def of(self, outcome: Outcome) -> tuple[Result, ...]:
        """The results with an outcome, in the order of the gold files."""
        return tuple(result for result in self.run.results if result.outcome == outcome)

    def _decides(self, result: Result) -> bool:
        quotes = result.observed.quotes
        if result.measures.get("verbatim", 1.0) < 1 or not all(quote.verbatim for quote in quotes):
            return True
        return result.id in self.newly if self.comparison else result.severity == "critical"

    def standing(self, result: Result) -> str:
        """The status of a case: `newly failing`, `fails as before`, `passes`, `not measured` and the like."""
        c = self.comparison
        if result.outcome in ("stale", "error"):
            return "stale gold" if result.outcome == "stale" else "not measured"
        plain = "passes" if result.outcome == "pass" else "fails"
        if c is None:
            return plain
        if result.id in self.newly or result.id in c.newly_passing:
            return "newly passing" if result.outcome == "pass" else "newly failing"
        if result.id in c.added or result.id in c.changed:
            return f"{plain}, {'new' if result.id in c.added else 'changed'} case"
        return plain if result.id in c.not_measured or plain == "passes" else "fails as before"

    @property
    def verdict(self) -> "Verdict":
        """The comparison's verdict; without a baseline, the one that matches the exit code of `qa gold run`."""
        if self.comparison:
            return self.comparison.verdict
        if self.urgent:
            return "fail"
        return "inconclusive" if self.errors or self.stale else "pass"

    @property
    def sentence(self) -> str:
        """The numbers of cases in one line, without the verdict."""
        parts = [f"{self.passed:,} of {len(self.run.results):,} cases pass"]
        if self.comparison:
            c = self.comparison
            parts += [f"{len(c.newly_failing)} newly failing", f"{len(c.newly_passing)} newly passing"]
        parts += [f"{len(self.failures)} failing"] if self.failures and not self.comparison else []
        parts += [f"{len(self.stale)} stale"] if self.stale else []
        parts += [f"{len(self.errors)} not measured"] if self.errors else []
        parts += [f"{len(self.flickering)} flickering"] if self.flickering else []
        parts += ["second opinions as recorded"] if self.run.settings.get("opinions") == RECORDED else []
        return ", ".join(parts)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons of the verdict, as sentences."""
        if self.comparison:
            c = self.comparison
            if c.smallest_drop >= 1:
                return (*c.reasons, "this set is too small to show any drop")
            return (*c.reasons, f"the smallest drop that this set could have shown: {100 * c.smallest_drop:.1f} points")
        reasons = ["no baseline: only critical cases and quotes that are not verbatim count"]
        reasons += [f"{b.result.id}: {b.why}" for b in self.urgent[:5]]
        reasons += [f"and {len(self.urgent) - 5} more"] if len(self.urgent) > 5 else []
        return tuple(reasons)

    @property
    def interval(self) -> str:
        """The label of intervals, such as `90% interval`."""
        return f"{self.comparison.confidence:.0%} interval" if self.comparison else ""

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All measures of the run, each beside the baseline's."""
        c = self.comparison
        means = {mean.name: mean for mean in c.means} if c else {}
        figures = [_figure(name, s.value, s.n, means.get(name)) for name, s in summary(self.run.results).items()]
        if c and c.compared:
            figures = [_passes(figure, c) if figure.name == "pass" else figure for figure in figures]
        return tuple(figures)

    @property
    def tags(self) -> tuple[TagRow, ...]:
        """One row per tag, the most frequent tag first."""
        of_tag = by_tag(self.run.results)
        rows = [self._tag(tag, {name: s.value for name, s in measures.items()}) for tag, measures in of_tag.items()]
        return tuple(sorted(rows, key=lambda row: (-row.n, row.tag)))

    def _tag(self, tag: str, measures: dict[str, float]) -> TagRow:
        with_tag = [r for r in self.run.results if tag in r.tags and r.outcome in ("pass", "fail")]
        passes = sum(r.outcome == "pass" for r in with_tag)
        compared = [r for r in with_tag if r.id not in self._apart]
        if not self.comparison or not compared:
            return TagRow(tag, len(with_tag), passes, measures)
        now = sum(r.outcome == "pass" for r in compared)
        before = sum(self._passed_before(r, self.comparison) for r in compared)
        return TagRow(tag, len(with_tag), passes, measures, before / len(compared), (now - before) / len(compared))

    def _passed_before(self, result: Result, comparison: "Comparison") -> bool:
        """Reconstructed from the comparison, because the baseline itself is not available here."""
        return result.id not in comparison.newly_passing if result.outcome == "pass" else result.id in self.newly


def _passes(figure: Figure, c: "Comparison") -> Figure:
    base, now = c.base_passes / c.compared, c.new_passes / c.compared
    return Figure("pass", figure.value, figure.n, base, now - base, *c.interval)


def _figure(name: str, value: float, n: int, mean: "MeanChange | None") -> Figure:
    if mean is None:
        return Figure(name, value, n)
    return Figure(name, value, n, mean.base, mean.new - mean.base, mean.low, mean.high)


def journey(gold: GoldFound) -> tuple[Step, ...]:
    """The layers that a gold quote passed, from the documents to the answer."""
    if gold.place is None:
        missing = "its document is not in the index"
        return (Step(missing if gold.state == "missing" else f"{gold.state} in its document", False),)
    steps = [Step(gold.state, True), Step("in the index" if gold.indexed else "not in the index", gold.indexed)]
    steps.append(
        Step("not retrieved" if gold.rank is None else f"retrieved at rank {gold.rank}", gold.rank is not None)
    )
    for reached, text in (
        (gold.in_context, "in the prompt"),
        (gold.pointed, "pointed at"),
        (gold.returned, "returned"),
    ):
        if reached is not None:
            steps.append(Step(text if reached else f"not {text}", reached))
    return tuple(steps)


def expected_and_got(blamed: "Blamed", limit: int | None = None) -> list[Field]:
    """The details of a failing case, as plain lines. limit: maximum characters per text; None for no limit."""
    result, seen = blamed.result, blamed.result.observed
    shown = one_line if limit is None else _to(limit)
    fields = [Field("layer", f"{blamed.layer}: {one_line(blamed.why)}"), Field("question", shown(result.question))]
    fields += [Field("problem", shown(problem)) for problem in result.problems if problem != blamed.why]
    if result.runs > 1:
        fields.append(Field("runs", f"{result.passes} of {result.runs} passed"))
    if result.expect == "abstain":
        fields.append(Field("expected", "no answer: the sources do not say"))
    fields += [Field("expected", _gold(gold, shown)) for gold in result.gold]
    fields.append(Field("got", shown(_answer(result))))
    fields += [Field(f"quote {quote.n}", _quote(quote, shown)) for quote in seen.quotes]
    fields += [Field("left out", _statement(statement, shown)) for statement in seen.rejected]
    return fields


def _to(limit: int) -> Callable[[str], str]:
    return lambda text: shortened(text, limit)


def _gold(gold: GoldFound, shown: Callable[[str], str]) -> str:
    steps = journey(gold)
    first_miss = next((n for n, step in enumerate(steps) if not step.reached), len(steps))
    told = [step.text for n, step in enumerate(steps) if step.reached or n == first_miss]
    line = f":{gold.line}" if gold.line else ""
    return f"{label(gold.source)}{line} “{shown(gold.text)}” ({', '.join(told)})"


def _answer(result: Result) -> str:
    seen = result.observed
    if seen.status == "abstained":
        return silence(seen)
    if seen.mode == "quotes":
        return f"{counted(len(seen.quotes), 'quote')}, no answer in words"
    return " ".join(_marked(statement) for statement in seen.statements)


def silence(seen: Observation) -> str:
    """Why there was no answer."""
    if seen.reason == "unsupported":
        return "no answer: none of the model's statements is supported"
    if seen.reason == "uncertain" and seen.rejected:
        return "no answer: none of the model's statements is confirmed, and the sources hardly seem to answer"
    if seen.reason == "uncertain":
        return "no answer: the sources may not say this; the nearest quotes were shown as such"
    return "no answer: no passage states it" if seen.reason else "no answer"


def _marked(statement: Statement) -> str:
    numbers = "".join(f"[{n}]" for n in statement.quotes)
    return ("NOT SUPPORTED: " if statement.verdict == "unsupported" else "") + f"{statement.text} {numbers}".rstrip()


def _quote(quote: Shown, shown: Callable[[str], str]) -> str:
    wrong = "" if quote.verbatim else " NOT VERBATIM"
    return f"{label(quote.place.doc_id)}:{quote.line} “{shown(quote.text)}”{wrong}"


def _statement(statement: Statement, shown: Callable[[str], str]) -> str:
    problems = f" ({'; '.join(map(one_line, statement.problems))})" if statement.problems else ""
    return f"“{shown(statement.text)}”{problems}"


def problem_of(result: Result) -> str:
    """Why a case was not measured or is stale, one line."""
    return one_line(result.observed.error or "; ".join(result.problems) or "no reason given")


def value_text(name: str, value: float | None) -> str:
    """Format a measure: shares with three decimals, amounts as integers, money with four decimals."""
    if value is None:
        return ""
    if name == "cost":
        return f"{value:,.4f}"
    return f"{value:,.0f}" if name in AMOUNTS else f"{value:.3f}"


def change_text(name: str, change: float | None) -> str:
    """Format a change with its sign; no change is 0."""
    if change is None:
        return ""
    text = value_text(name, abs(change))
    if not text.strip("0.,"):
        return "0"
    return f"{'+' if change > 0 else '-'}{text}"


def counted(number: int, noun: str) -> str:
    """`1 case`, `2 cases`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def worse(figure: Figure) -> bool | None:
    """Whether the interval is entirely worse (True) or entirely better (False); None if it includes no change."""
    if figure.low is None or figure.high is None or figure.low <= 0 <= figure.high:
        return None
    return (figure.low > 0) == (figure.name in AMOUNTS)


def interval_text(figure: Figure) -> str:
    """The interval of a change, `-0.031 to +0.012`."""
    if figure.low is None or figure.high is None:
        return ""
    return f"{change_text(figure.name, figure.low)} to {change_text(figure.name, figure.high)}"


def headline(rows: Sequence[TagRow], wanted: Sequence[str]) -> list[str]:
    """The measures of `wanted` (`recall` stands for `recall@5`) that some tag has."""
    known = dict.fromkeys(name for row in rows for name in row.measures)
    return [name for short in wanted for name in known if name == short or name.startswith(f"{short}@")]

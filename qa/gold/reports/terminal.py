"""A run on the terminal, as a test runner shows it: failures first, then the figures, and last the verdict."""

from typing import TYPE_CHECKING, Protocol

from qa.gold.reports.overview import (
    Figure,
    Overview,
    change_text,
    expected_and_got,
    headline,
    interval_text,
    problem_of,
    value_text,
    worse,
)
from qa.gold.results import Result, Run
from qa.text import label, one_line, visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from qa.gold.verdict.blame import Blamed
    from qa.gold.verdict.compare import Comparison

__all__ = ["Output", "report"]

MOST_ALIKE = 20  # one cause, an endpoint or a template, makes many cases fail alike
MOST_CHARACTERS = 400  # of each text of a case, on a terminal
FEW = 10  # failures without a baseline that are shown in full, though they do not decide
PIPE_COLUMNS = 200  # for tables, where nothing limits their width

BAD, GOOD, WARNING, DIM = "bold red", "green", "yellow", "dim"
VERDICTS = {"pass": "bold green", "fail": BAD, "inconclusive": "bold yellow"}


class Output(Protocol):
    """What is written on: `qa.cli.render.Page`. Its lines are styled and wrapped on a terminal, plain elsewhere."""

    terminal: bool

    @property
    def console(self) -> "Console":
        """For tables."""

    @property
    def width(self) -> int:
        """Columns."""

    def line(self, text: "str | Text" = "", style: str = "", first: str = "", rest: str | None = None) -> None:
        """One paragraph, `first` before its first line. The text is visible already."""


def report(run: Run, comparison: "Comparison | None", output: Output) -> None:
    """All that a person needs to see, the verdict on the last line. The texts of a case are whole in a pipe."""
    overview = Overview(run, comparison)
    few = comparison is None and len(overview.failures) <= FEW
    for blamed in overview.failures if few else overview.urgent:
        _in_full(blamed, overview, output)
    if overview.known and not few:
        title = "Failing, but not newly" if comparison else "Failing, not critical"
        _list(title, ((b.result, f"{b.layer}: {b.why}") for b in overview.known), output)
    errors = ((result, result.observed.error or problem_of(result)) for result in overview.errors)
    _list("Not measured", errors, output, MOST_ALIKE, first_whole=True)
    _list("Stale gold", ((result, problem_of(result)) for result in overview.stale), output, MOST_ALIKE)
    _list("Flickering", ((r, f"{r.passes} of {r.runs} runs passed") for r in overview.flickering), output)
    if comparison:
        _names("Newly passing", comparison.newly_passing, output)
        _names("Not in the baseline", comparison.added, output)
        _names("Only in the baseline", comparison.removed, output)
        _names("Not compared, because the case was changed", comparison.changed, output)
    _print(_tags(overview), output)
    _print(_figures(overview), output)
    _verdict(overview, output)


def _in_full(blamed: "Blamed", overview: Overview, output: Output) -> None:
    from rich.text import Text

    result = blamed.result
    head = Text(label(result.id), style=BAD)
    about = [overview.standing(result)] + (["critical"] if result.severity == "critical" else [])
    head.append(f"  {', '.join(about)}", style=WARNING)
    head.append(f"  {label(result.file)}:{result.line}", style=DIM)
    output.line(head, first="FAIL ")
    for field, text in expected_and_got(blamed, MOST_CHARACTERS if output.terminal else None):
        output.line(text, first=f"  {field:<9} ", style=WARNING if field in ("layer", "problem") else "")
    output.line()


def _list(
    title: str,
    items: "Iterable[tuple[Result, str]]",
    output: Output,
    most: int | None = None,
    *,
    first_whole: bool = False,
) -> None:
    """One line each, `most` of them. first_whole: all lines of the first; a replay miss shows a difference in them."""
    told = [(label(result.id), why) for result, why in items]
    if not told:
        return
    output.line(f"{title} ({len(told)})", style="bold")
    for name, why in told[:1] if first_whole else ():
        head, *rest = visible(why).split("\n")
        output.line(f"{name}  {head}", first="  ")
        for line in rest:
            output.line(line, first="    ")
    room = output.width - 2
    for name, why in told[int(first_whole) : most]:
        line = f"{name}  {one_line(why)}"
        output.line(f"{line[: room - 1].rstrip()}…" if output.terminal and len(line) > room else line, first="  ")
    if most and len(told) > most:
        output.line(f"... and {len(told) - most} more; --json has them all", first="  ")
    output.line()


def _names(title: str, names: "tuple[str, ...]", output: Output) -> None:
    if names:
        output.line(", ".join(map(label, names)), first=f"{title} ({len(names)}): ", rest="  ")
        output.line()


def _table(*heads: str) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column(heads[0], overflow="fold")
    for head in heads[1:]:
        table.add_column(head, justify="right", no_wrap=True)
    return table


def _tags(overview: Overview) -> "Table":
    rows = overview.tags
    measures = headline(rows, ("recall", "char_iou", "citation_recall"))
    compared = overview.comparison is not None
    table = _table("tag", "pass", "cases", *(("base", "change") if compared else ()), *measures)
    for row in rows:
        cells = [label(row.tag), str(row.passes), str(row.n)]
        cells += [value_text("pass", row.base), change_text("pass", row.change)] if compared else []
        table.add_row(*cells, *(value_text(name, row.measures.get(name)) for name in measures))
    return table


def _figures(overview: Overview) -> "Table":
    if overview.comparison is None:
        table = _table("measure", "value", "cases")
        for figure in overview.figures:
            table.add_row(figure.name, value_text(figure.name, figure.value), str(figure.n))
        return table
    table = _table("measure", "base", "now", "change", overview.interval, "cases")
    for figure in overview.figures:
        base, now = value_text(figure.name, figure.base), value_text(figure.name, figure.value)
        table.add_row(figure.name, base, now, _change(figure), interval_text(figure), str(figure.n))
    return table


def _change(figure: Figure) -> "Text":
    from rich.text import Text

    return Text(change_text(figure.name, figure.change), style={True: "red", False: GOOD, None: ""}[worse(figure)])


def _print(table: "Table", output: Output) -> None:
    if table.row_count:
        output.console.print(table, width=None if output.terminal else PIPE_COLUMNS, crop=output.terminal)
        output.line()


def _verdict(overview: Overview, output: Output) -> None:
    from rich.text import Text

    for reason in overview.reasons:
        output.line(label(reason), first="- ")
    verdict = Text(overview.verdict.upper(), style=VERDICTS[overview.verdict])
    output.line(verdict.append(f"  {overview.sentence}", style="bold"))

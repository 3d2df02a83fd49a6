"""The options of `qa gold run` and `qa gold compare`, as records."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli.console import note
from qa.cli.options import KOption, ModelOptions, NoBuildOption
from qa.errors import UsageError
from qa.files import check_writable, within, write

if TYPE_CHECKING:
    from qa.gold.results import Mode, Run
    from qa.gold.verdict.compare import Comparison

__all__ = ["AnsweringOptions", "AskOptions", "BaselineOptions", "MarginOption", "ReportOptions"]

MarginOption = Annotated[
    float,
    typer.Option(
        "--margin",
        metavar="POINTS",
        min=0,
        max=100,
        help="Smallest drop in pass rate, in percentage points, that counts as a regression.",
    ),
]


@dataclass(frozen=True, slots=True)
class AnsweringOptions(ModelOptions):
    """Who answers: a model, a recording of it, or nobody but the quotes."""

    quotes: Annotated[bool, typer.Option("--quotes", help="Answer with quotes only, even if a model is set.")] = False
    record: Annotated[
        bool, typer.Option("--record", help="Ask the model, and record its answers in replay/ beside the gold file.")
    ] = False
    replay: Annotated[
        bool,
        typer.Option(
            "--replay", help="Use recorded answers and send nothing. The default where CI is set and a model is named."
        ),
    ] = False
    portable: Annotated[
        bool,
        typer.Option(
            "--portable",
            help="With --replay: where a prompt has changed, give the recorded statements to the new one. A statement "
            "whose sentences it lacks is lost.",
        ),
    ] = False
    live: Annotated[bool, typer.Option("--live", help="Ask the model, even where CI is set.")] = False
    prune: Annotated[bool, typer.Option("--prune", help="Delete recorded answers that this run did not use.")] = False

    def check(self) -> None:
        """Raise UsageError for options that exclude each other."""
        named = {"quotes": self.quotes, "record": self.record, "replay": self.replay, "live": self.live}
        given = [f"--{name}" for name, value in named.items() if value]
        if len(given) > 1:
            raise UsageError(f"{' and '.join(given)} exclude each other; choose one")

    def check_with(self, mode: "Mode", asking: "AskOptions") -> None:
        """Raise UsageError for options that make no sense in this mode."""
        if asking.repeat > 1 and (mode != "live" or self.record):
            raise UsageError("--repeat needs a live model: without one, and recorded, every answer is the same")
        if self.portable and mode != "replay":
            raise UsageError("--portable needs --replay")
        if self.prune and not (self.record or mode == "replay"):
            raise UsageError("--prune needs --record or --replay")
        if self.prune and (asking.case or asking.tag):
            raise UsageError("--prune needs a run of all cases; leave out --case and --tag")
        if asking.changed and mode == "replay":
            raise UsageError("--changed saves nothing where answers are recorded; leave it out")


@dataclass(frozen=True, slots=True)
class AskOptions:
    """Which cases are asked, and how."""

    case: Annotated[
        list[str] | None, typer.Option("--case", metavar="ID", help="Ask only this case. Repeat for more.")
    ] = None
    tag: Annotated[
        list[str] | None, typer.Option("--tag", metavar="TAG", help="Ask only cases with this tag. Repeat for more.")
    ] = None
    repeat: Annotated[
        int, typer.Option("--repeat", metavar="N", min=1, max=100, help="Ask each question N times. Live models only.")
    ] = 1
    changed: Annotated[
        bool,
        typer.Option(
            "--changed",
            help="Ask only cases whose retrieved text, prompt, model or settings have changed since the last run.",
        ),
    ] = False
    k: KOption = None
    jobs: Annotated[int, typer.Option("--jobs", metavar="N", min=1, max=64, help="Ask N questions at once.")] = 4
    no_build: NoBuildOption = False


@dataclass(frozen=True, slots=True)
class BaselineOptions:
    """What to compare the run with, and where to save it."""

    baseline: Annotated[
        Path | None, typer.Option("--baseline", metavar="RUN.json", help="Compare with this saved run.")
    ] = None
    margin: MarginOption = 5.0
    save: Annotated[
        Path | None, typer.Option("--save", metavar="RUN.json", help="Save the run, to commit it as a baseline.")
    ] = None


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """Which reports are made, and where."""

    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of the report.")] = False
    junit: Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Write a JUnit XML report.")] = None
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a self-contained HTML report.")] = (
        None
    )
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="Write a summary for a pull request.")
    ] = None
    annotations: Annotated[
        bool, typer.Option("--annotations", help="Print findings as annotations that a pull request shows.")
    ] = False

    def check(self, root: Path, *others: Path | None) -> None:
        """Raise UsageError for a file that could not be written, before an hour of answers is lost.

        root: no link below it is followed.
        """
        if self.json and self.annotations:
            raise UsageError("--json and --annotations both write to standard output; choose one")
        for path in (self.junit, self.html, self.markdown, *others):
            try:
                if path is not None:
                    check_writable(*within(path, root))
            except FileNotFoundError:
                raise UsageError(f"{path} cannot be written: its folder does not exist") from None
            except OSError as error:
                raise UsageError(f"{path} cannot be written: {error.strerror}") from None

    def write(self, root: Path, run: "Run", comparison: "Comparison | None") -> None:
        """Write all files."""
        from qa.gold.reports.html import html
        from qa.gold.reports.junit import junit
        from qa.gold.reports.markdown import markdown

        for path, render in ((self.junit, junit), (self.html, html), (self.markdown, markdown)):
            if path is not None:
                target, below = within(path, root)
                write(target, render(run, comparison).encode(), below)
                note(f"wrote {path}")

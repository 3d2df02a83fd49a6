"""A run as workflow commands of GitHub: each makes an annotation at the case's line of the gold file.

The format is that of the commands `error`, `warning` and `notice`, escaped as GitHub's own toolkit does.
"""

from typing import TYPE_CHECKING, Literal

from qa.gold.reports.overview import Overview, problem_of
from qa.gold.results import Result, Run
from qa.text import label, shortened, visible

if TYPE_CHECKING:
    from qa.gold.verdict.compare import Comparison

__all__ = ["annotations"]

Level = Literal["error", "warning", "notice"]

MOST_CHARACTERS = 500  # of a problem in an annotation


def annotations(run: Run, comparison: "Comparison | None" = None) -> str:
    """One line each: an error for what decides and for what could not be measured, a warning for stale gold.

    Failures that the baseline has too are left out; without a baseline, failures that do not decide are notices. GitHub
    shows ten of each kind for a step, so the worst come first. Empty when there is nothing to say.
    """
    overview = Overview(run, comparison)
    lines = []
    for blamed in overview.urgent:
        result, why = blamed.result, blamed.why
        message = [result.question, why, *(problem for problem in result.problems if problem != why)]
        title = f"{result.id} {overview.standing(result)} ({blamed.layer})"
        lines.append(_line("error", result, title, "\n".join(message)))
    lines += [_line("error", result, f"{result.id} not measured", problem_of(result)) for result in overview.errors]
    lines += [_line("warning", result, f"{result.id} has stale gold", problem_of(result)) for result in overview.stale]
    if comparison is None:
        lines += [_line("notice", b.result, f"{b.result.id} fails ({b.layer})", b.why) for b in overview.known]
    return "".join(f"{line}\n" for line in lines)


def _line(level: Level, result: Result, title: str, message: str) -> str:
    file, line = _property(label(result.file).replace("\\", "/")), max(result.line, 1)
    shown = "\n".join(shortened(part, MOST_CHARACTERS) for part in message.splitlines())
    return f"::{level} file={file},line={line},title={_property(label(title))}::{_data(shown)}"


def _data(text: str) -> str:
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

"""Standard error: notices and progress."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from qa.text import label, visible

__all__ = ["note", "progress", "show_block"]

LONGEST = 4000  # characters of a notice, so that a long name in it does not flood the terminal
LINE_EVERY_SECONDS = 10.0  # between progress lines without a terminal
FIRST_LINE_SECONDS = 1.0  # after which a stage has its first line


def note(message: str) -> None:
    """Print one line, whatever the message contains; the middle of a very long one is left out."""
    if len(message) > LONGEST:
        message = f"{message[: LONGEST // 2]} [...] {message[-LONGEST // 2 :]}"
    print(f"qa: {label(message)}", file=sys.stderr, flush=True)


def show_block(title: str, text: str) -> None:
    """Print a text of several lines below a title."""
    print(f"--- {label(title)}\n{visible(text)}", file=sys.stderr, flush=True)


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A callback `(stage, done, total)` that shows progress: bars on a terminal, else a line now and then."""
    with ExitStack() as shown:
        yield _bars(shown) if sys.stderr.isatty() else _lines()


def _bars(shown: ExitStack) -> Callable[[str, int, int], None]:
    """Bars that appear with the first call: loading them takes time that a command with nothing to do should not."""
    report: Callable[[str, int, int], None] | None = None

    def first(stage: str, done: int, total: int) -> None:
        nonlocal report
        report = report or _started_bars(shown)
        report(stage, done, total)

    return first


def _started_bars(shown: ExitStack) -> Callable[[str, int, int], None]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TaskID,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{speed:,.0f}/s" if speed else "")

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    console = Console(
        stderr=True, no_color=bool(os.environ.get("NO_COLOR")), markup=False, highlight=False, emoji=False
    )
    bars = shown.enter_context(Progress(*columns, console=console, transient=True))
    tasks: dict[str, TaskID] = {}

    def report(stage: str, done: int, total: int) -> None:
        if stage not in tasks:
            tasks[stage] = bars.add_task(label(stage), total=total or None)
        bars.update(tasks[stage], completed=done, total=total or None)

    return report


def _lines() -> Callable[[str, int, int], None]:
    """A line now and then, none for a quick stage."""
    begun: dict[str, float] = {}
    due: dict[str, float] = {}  # when the next line of each stage may come; stages take turns

    def report(stage: str, done: int, total: int) -> None:
        if total <= 0:  # something slow is about to start
            note(f"{stage} ...")
            return
        now = time.monotonic()
        start = begun.setdefault(stage, now)
        if now < due.setdefault(stage, now + FIRST_LINE_SECONDS) or done <= 0:
            return
        due[stage] = now + LINE_EVERY_SECONDS
        rate = done / max(now - start, 0.001)
        left = (total - done) / rate
        note(f"{stage}: {done:,} of {total:,}, {rate:,.0f} a second, {left:,.0f} s left")

    return report

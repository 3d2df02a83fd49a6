"""A run as Markdown for the comment of a pull request.

Text of documents and of models stands only inside code: nothing in it is a link, a mention, HTML or a cell border.
"""

import re
from typing import TYPE_CHECKING

from qa.gold.reports.overview import (
    Overview,
    change_text,
    counted,
    expected_and_got,
    interval_text,
    problem_of,
    value_text,
)
from qa.gold.results import Run
from qa.text import in_markdown, label, shortened, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qa.gold.verdict.blame import Blamed
    from qa.gold.verdict.compare import Comparison

__all__ = ["markdown"]

MOST_CHARACTERS = 300  # of each text of a case
CASES_BUDGET = 30_000  # characters of all cases in full, and of each list: a comment has at most 65,536
LIST_BUDGET = 6_000
SIGNS = {"pass": "✅", "fail": "❌", "inconclusive": "⚠️"}


def markdown(run: Run, comparison: "Comparison | None" = None) -> str:
    """Verdict, reasons, the measures with what changed, and, folded, what failed."""
    overview = Overview(run, comparison)
    known = "failing, but not newly" if comparison else "failing, not critical"
    parts = [
        f"### {SIGNS[overview.verdict]} qa gold: {overview.verdict}",
        f"**{in_markdown(overview.sentence)}**",
        "\n".join(f"- {in_markdown(reason)}" for reason in overview.reasons),
        _measures(overview),
        _tags(overview),
        _in_full(overview),
        _listed(known, [(b.result.id, f"{b.layer}: {b.why}") for b in overview.known]),
        _listed("not measured", [(result.id, problem_of(result)) for result in overview.errors]),
        _listed("with stale gold", [(result.id, problem_of(result)) for result in overview.stale]),
        _listed("flickering", [(r.id, f"{r.passes} of {r.runs} runs passed") for r in overview.flickering]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _measures(overview: Overview) -> str:
    if overview.comparison is None:
        rows = [(_code(f.name), value_text(f.name, f.value), str(f.n)) for f in overview.figures]
        return _table(("measure", "value", "cases"), rows)
    changes = [
        (
            _code(f.name), value_text(f.name, f.base), value_text(f.name, f.value), change_text(f.name, f.change),
            interval_text(f), str(f.n),
        )
        for f in overview.figures
    ]  # fmt: skip
    return _table(("measure", "base", "now", "change", overview.interval, "cases"), changes)


def _tags(overview: Overview) -> str:
    if not overview.tags:
        return ""
    if overview.comparison is None:
        rows = [(_code(row.tag), str(row.passes), str(row.n)) for row in overview.tags]
        return _folded("By tag", _table(("tag", "pass", "cases"), rows))
    changes = [
        (_code(row.tag), str(row.passes), str(row.n), value_text("pass", row.base), change_text("pass", row.change))
        for row in overview.tags
    ]
    return _folded("By tag", _table(("tag", "pass", "cases", "base", "change"), changes))


def _in_full(overview: Overview) -> str:
    if not overview.urgent:
        return ""
    blocks, room = [], CASES_BUDGET
    for blamed in overview.urgent:
        block = _case(blamed)
        room -= len(block)
        if room < 0:
            break
        blocks.append(block)
    if more := len(overview.urgent) - len(blocks):
        blocks.append(f"and {counted(more, 'more case')}")
    all_verbatim = all(quote.verbatim for b in overview.urgent for quote in b.result.observed.quotes)
    what = "newly failing" if overview.comparison else "critical, failing"
    what += "" if all_verbatim else ", or with a quote that is not verbatim"
    return _folded(f"{counted(len(overview.urgent), 'case')} {what}", "\n\n".join(blocks))


def _case(blamed: "Blamed") -> str:
    result = blamed.result
    where = f"{result.file}:{result.line}"
    critical = ", critical" if result.severity == "critical" else ""
    lines = [f"{field:<9} {text}" for field, text in expected_and_got(blamed, MOST_CHARACTERS)]
    return f"{_code(result.id)}{critical}, {_code(where)}\n\n{_block(lines)}"


def _listed(what: str, items: "Sequence[tuple[str, str]]") -> str:
    """Items one line each, folded."""
    if not items:
        return ""
    lines, room = [], LIST_BUDGET
    for name, why in items:
        line = f"{label(name)}: {shortened(why, MOST_CHARACTERS)}"
        room -= len(line)
        if room < 0:
            break
        lines.append(line)
    if more := len(items) - len(lines):
        lines.append(f"and {more} more")
    return _folded(f"{counted(len(items), 'case')} {what}", _block(lines))


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def _table(head: "Sequence[str]", rows: "Iterable[Sequence[str]]") -> str:
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _code(text: str) -> str:
    """A code span, also for a cell of a table, where a bar has to be escaped."""
    text = label(text).replace("|", r"\|")
    fence = "`" * (_longest_run(text) + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"


def _block(lines: "Sequence[str]") -> str:
    """A fenced block, whatever stands in it."""
    text = visible("\n".join(lines))
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}text\n{text}\n{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)

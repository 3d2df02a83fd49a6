"""docs/performance.md and its plots, from the figures that bench/peers.py measured."""

import math
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import plots
from environments import PLAIN, QA
from growth import LARGE
from texts import WORDS

CHUNK = 800  # characters of a passage, for passages a second
Records = Sequence[Mapping[str, Any]]

HEAD = """\
# Performance

Written by `make bench`, not by hand. Measured on {date}: {processor}, {processors} processors, {system},
Python {python}. The load average over the last 15 minutes of the run was {load:.1f}.

All libraries use the model all-MiniLM-L6-v2 on the processor and passages of at most {chunk} characters. Each figure is
the median of {rounds}, with the lowest and the highest in brackets. In each round every library takes its turn in new
processes. Ratios to plain sentence-transformers are the median of the ratios within each round.

"""
BUILDING = """\
## From files to a finished index

{characters:,} characters: {data}. To compare libraries that split text differently, passages a second are characters a
second divided by {chunk}. Times include starting the process. Memory is the peak of the process and its children.

"""
ASKING = """\
## Questions

{questions} questions in each round, each {words} words taken from the text, for the five best passages.

- *Start*: from launching the process until the index and the model are loaded. `qa` loads the model with the first
  question.
- *First answer*: from launching the process until the first question is answered.
- *p50* and *p99*: of the questions after the first, in the same process.
- *Found*: questions whose words are in one of the five passages. It shows that each index works. `qa` also searches
  for words (BM25); the others compare vectors only.

"""
COMMANDS = """\
## Commands in a new process

Over the two articles of `seeds/`.

"""
GROWTH = """\
## Growth

`qa` alone. A slope of 1 on a log-log plot is linear growth. Builds of {large:,} passages and more run once.

"""


def files(results: Mapping[str, Any]) -> dict[str, str]:
    """The page and its plots, by file name."""
    figures = results["figures"]
    rates = {name: statistics.median(_rates(records, results)) for name, records in figures.items()}
    made = {
        "performance.md": _page(results),
        "performance-build.svg": plots.bars("Passages a second, from files to a finished index", rates, QA),
    }
    curves = _curves(results)
    if any(len(points) > 1 for points in curves.values()):
        made["performance-growth.svg"] = plots.log_log("Passages or documents", "Seconds", curves)
    return made


def _page(results: Mapping[str, Any]) -> str:
    page = HEAD.format(
        date=date.today().isoformat(),
        processor=_processor(),
        processors=len(os.sched_getaffinity(0)),
        system=f"{platform.system()} {platform.release().partition('-')[0]}",
        python=platform.python_version(),
        load=os.getloadavg()[2],
        chunk=CHUNK,
        rounds=_rounds(results["rounds"]),
    )
    page += BUILDING.format(**results, chunk=CHUNK) + _building(results)
    page += "\n![Passages a second](performance-build.svg)\n\n"
    page += ASKING.format(**results, words=WORDS) + _asking(results["figures"]) + "\n"
    page += COMMANDS + _commands(results["commands"]) + "\n"
    page += _growth(results)
    return page + "## Versions\n\n" + _versions(results)


def _rounds(number: int) -> str:
    return "one round" if number == 1 else f"{number} rounds"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n")
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _rates(records: Records, results: Mapping[str, Any]) -> list[float]:
    return [results["characters"] / CHUNK / record["build"] for record in records]


def _ratio(plain: Sequence[float], mine: Sequence[float]) -> float:
    """How many times as fast as in the same round of the plain one: the median."""
    return statistics.median(a / b for a, b in zip(plain, mine, strict=True))


def _building(results: Mapping[str, Any]) -> str:
    figures = results["figures"]
    rows = []
    for name, records in figures.items():
        ratio = _ratio(_column(figures[PLAIN], "build"), _column(records, "build"))
        rows.append(
            [
                name,
                _spread(_rates(records, results), "{:.1f}"),
                _spread([rate * CHUNK for rate in _rates(records, results)], "{:,.0f}"),
                f"{ratio:.2f}",
                _spread(_column(records, "build_processor"), "{:.1f} s"),
                _spread(_column(records, "build_peak"), "{:,.0f} MB", 1e6),
                _spread(_column(records, "size"), "{:.1f} MB", 1e6),
                f"{records[0]['passages']:,}",
            ]
        )
    return _table(
        [
            "library",
            "passages/s",
            "characters/s",
            "times plain",
            "processor time",
            "peak memory",
            "index",
            "passages it made",
        ],
        rows,
    )


def _asking(figures: Mapping[str, Records]) -> str:
    plain = _column(figures[PLAIN], "first")
    rows = [
        [
            name,
            _spread(_column(records, "ready"), "{:.2f} s"),
            _spread(_column(records, "first"), "{:.2f} s"),
            f"1/{_ratio(plain, _column(records, 'first')):.1f}",
            _spread(_column(records, "p50"), "{:.1f} ms", 1e-3),
            _spread(_column(records, "p99"), "{:.1f} ms", 1e-3),
            _spread(_column(records, "ask_peak"), "{:,.0f} MB", 1e6),
            f"{statistics.median(_column(records, 'found')):.1%}",
        ]
        for name, records in figures.items()
    ]
    return _table(["library", "start", "first answer", "of plain", "p50", "p99", "peak memory", "found"], rows)


def _commands(commands: Mapping[str, Sequence[float]]) -> str:
    base = next(iter(commands.values()))
    rows = [[name, _spread(times, "{:.2f} s"), f"1/{_ratio(base, times):.1f}"] for name, times in commands.items()]
    return _table(["program", "launch to end", "of the first"], rows)


def _growth(results: Mapping[str, Any]) -> str:
    passages, documents = results["passages"], results["documents"]
    if not (passages or documents):
        return ""
    page = GROWTH.format(large=LARGE)
    if passages:
        rows = [
            [
                f"{point['size']:,}",
                _spread(point["build"], "{:.1f} s"),
                _spread(point["peak"], "{:,.0f} MB", 1e6),
                _spread(point["first"], "{:.2f} s"),
                _spread(point["warm"], "{:.1f} ms", 1e-3),
            ]
            for point in passages
        ]
        page += _table(["passages", "build", "peak memory", "first answer", "p50"], rows) + "\n"
    if documents:
        rows = [[f"{point['size']:,}", _spread(point["again"], "{:.2f} s")] for point in documents]
        page += _table(["documents", "`qa index`, nothing changed"], rows) + "\n"
    slopes = {name: slope(points) for name, points in _curves(results).items() if len(points) > 1}
    if slopes:
        page += f"Slopes: {', '.join(f'{name} {value:.2f}' for name, value in slopes.items())}.\n\n"
        page += "![Growth](performance-growth.svg)\n\n"
    return page


def _curves(results: Mapping[str, Any]) -> dict[str, list[tuple[float, float]]]:
    """Medians by size."""
    wanted = {
        "build": ("passages", "build"),
        "warm question": ("passages", "warm"),
        "build, nothing changed": ("documents", "again"),
    }
    return {
        name: [(point["size"], statistics.median(point[key])) for point in results[group]]
        for name, (group, key) in wanted.items()
    }


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Of the least-squares line through the logarithms of at least two points."""
    xs, ys = ([math.log(value) for value in column] for column in zip(*points, strict=True))
    return statistics.linear_regression(xs, ys).slope


def _column(records: Records, key: str) -> list[float]:
    return [record[key] for record in records]


def _spread(values: Sequence[float], form: str, unit: float = 1.0) -> str:
    """The median, and unless all are equal or alone the lowest and highest."""
    shown = (form.format(value / unit) for value in (min(values), statistics.median(values), max(values)))
    low, middle, high = shown
    return middle if low == high else f"{middle} ({low.partition(' ')[0]}–{high.partition(' ')[0]})"


def _versions(results: Mapping[str, Any]) -> str:
    rows = [
        [name, ", ".join(f"{package} {number}" for package, number in versions.items())]
        for name, versions in results["versions"].items()
        if name not in results["failed"]
    ]
    rows += [[name, f"not compared: {why}"] for name, why in results["failed"].items()]
    return _table(["library", "versions"], rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines)

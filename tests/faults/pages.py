"""docs/reliability-figures.md, from the figures that `make reliability` and `make fuzz` keep."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["FAULTS", "FUZZ", "PAGE", "page", "write_page"]

HERE = Path(__file__).resolve().parent
FAULTS, FUZZ = HERE / "figures-faults.json", HERE / "figures-fuzz.json"
PAGE = HERE.parents[1] / "docs" / "reliability-figures.md"
HEAD = """\
# Reliability: figures

Written by `make reliability` and `make fuzz`, not by hand. [reliability.md](reliability.md) says what is tried and why.

## Faults

A part of a run has a scale: 1 is the full run, 0.1 a tenth of it, spread evenly. No failure is expected anywhere.

| what was tried | how often | what happened | scale |
|---|---|---|---|
"""
FUZZED = """
## Fuzzing

Inputs that made a parser raise anything but an error of `qa`, break a promise about its result, or take more than 10
seconds. Each one that was found is fixed and is a test.

| target | engine | CPU seconds | inputs | found |
|---|---|---|---|---|
"""


def page(faults: Mapping[str, Any], fuzz: Sequence[Mapping[str, Any]]) -> str:
    """The whole page."""
    text = HEAD
    for part in faults.values():
        for what, times, happened in part["rows"]:
            text += f"| {what} | {times} | {happened} | {part['scale']:g} |\n"
    text += FUZZED
    for one in fuzz:
        found = "; ".join(one["broken"]) or "nothing"
        text += f"| {one['target']} | {one['engine']} | {one['cpu_seconds']:.0f} | {one['inputs']:,} | {found} |\n"
    return text


def write_page() -> None:
    """Write it."""
    faults = json.loads(FAULTS.read_text(encoding="utf-8")) if FAULTS.exists() else {}
    fuzz = json.loads(FUZZ.read_text(encoding="utf-8")) if FUZZ.exists() else []
    PAGE.write_text(page(faults, fuzz), encoding="utf-8")

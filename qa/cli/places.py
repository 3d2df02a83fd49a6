"""Where quotes are and how they changed, as `qa verify` and `qa gold check` print it."""

from collections.abc import Mapping, Sequence
from typing import Any

from qa.cli.render import DIM, Output, place

__all__ = ["diff_text", "place_text", "print_places"]

SHOWN = 5  # places of one quote


def print_places(output: Output, places: Sequence[Mapping[str, Any]], first: str) -> None:
    """Print places, a line each. first: before each of them."""
    for found in places[:SHOWN]:
        output.line(f"{first}{place_text(output, found)}", DIM, first="    ")
    if len(places) > SHOWN:
        output.line(f"and {len(places) - SHOWN:,} more", DIM, first="    ")


def place_text(output: Output, found: Mapping[str, Any]) -> str:
    """`seeds/a.txt:14 (310-342)`."""
    return f"{place(found['source'], found['line'], found['page'], output.folder)} ({found['start']}-{found['end']})"


def diff_text(steps: Sequence[Mapping[str, str]]) -> str:
    """A word diff with [-old-] and {+new+}, as git writes it."""
    return "".join(_step(step) for step in steps)


def _step(step: Mapping[str, str]) -> str:
    if step["kind"] == "same":
        return step["old"]
    old = f"[-{step['old']}-]" if step["old"] else ""
    return old + (f"{{+{step['new']}+}}" if step["new"] else "")

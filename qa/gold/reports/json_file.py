"""The findings of a run as JSON, for other programs."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from qa.gold.results import SCHEMA, Run
from qa.gold.verdict.measures import by_tag, summary

if TYPE_CHECKING:
    from qa.gold.verdict.compare import Comparison

__all__ = ["as_json"]


def as_json(run: Run, comparison: "Comparison | None" = None) -> dict[str, Any]:
    """The run as it is saved, its measures overall and by tag, and the comparison with the baseline or None."""
    tags = {tag: {name: asdict(one) for name, one in named.items()} for tag, named in by_tag(run.results).items()}
    return {
        "schema": SCHEMA,
        "measures": {name: asdict(one) for name, one in summary(run.results).items()},
        "by_tag": tags,
        "comparison": asdict(comparison) if comparison else None,
        "run": asdict(run),
    }

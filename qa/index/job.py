"""What every step of a build needs to know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.embed.protocol import Encoder
from qa.records import BuildSettings

__all__ = ["Job", "Progress"]

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Job:
    """One build: from which documents, into which folder, with which settings.

    recipe: see `plan.recipe`. encoder: used instead of the model that the settings name. progress: called with the
    stage in words, the number of items done and their total; a total of 0 announces slow work that cannot be counted.
    """

    seeds: Path
    index: Path
    settings: BuildSettings
    recipe: Mapping[str, Any]
    encoder: Encoder | None
    progress: Progress

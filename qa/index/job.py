"""What every step of a build needs to know."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from qa.embed.protocol import Encoder
from qa.index.store import Generation
from qa.records import BuildSettings

__all__ = ["BuildStore", "Job", "Progress"]

Progress = Callable[[str, int, int], None]


class BuildStore(Protocol):
    """A database that searches generations, as a build sees it. Methods raise StoreError."""

    def upload(self, generation: Generation, progress: Progress) -> None:
        """Take the rows of a generation; nothing happens if it has them."""

    def is_finished(self, sha256: str, kept: Sequence[str]) -> bool:
        """Whether `published` has nothing to do."""

    def published(self, sha256: str, kept: Sequence[str]) -> None:
        """The generation whose manifest has this SHA-256 is the current one now; those of `kept` may still be read, and
        all others go.
        """


@dataclass(frozen=True, slots=True)
class Job:
    """One build: from which documents, into which folder, with which settings.

    recipe: see `plan.recipe`. encoder: used instead of the model that the settings name. progress: called with the
    stage in words, the number of items done and their total; a total of 0 announces slow work that cannot be counted.
    store: gets the rows too.
    """

    seeds: Path
    index: Path
    settings: BuildSettings
    recipe: Mapping[str, Any]
    encoder: Encoder | None
    progress: Progress
    store: BuildStore | None = None

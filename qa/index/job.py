"""What every step of a build needs to know."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from qa.embed.parts import Divided
from qa.embed.protocol import Encoder
from qa.errors import SourceError
from qa.index.store import Generation, Source
from qa.records import BuildSettings, Prepared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

__all__ = ["BuildStore", "Job", "Progress", "Workers"]

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


class Workers(Protocol):
    """Processes elsewhere that read and encode, as a build sees them. Methods raise WorkersError."""

    @property
    def processors(self) -> int:
        """How many tasks they do at the same time; 1 before the first one."""

    def read(self, job: "Job", sources: Sequence[Source]) -> Generator[Prepared | SourceError, None, None]:
        """What `qa.ingest.pipeline.prepare` gives for each source, or why it cannot be read, in their order."""

    def encode(
        self, job: "Job", chunks: Sequence[Sequence[Divided]], fastest: bool
    ) -> "Iterator[tuple[int, list[Floats]]]":
        """The number of each chunk with what `qa.embed.parts.encode` gives for it, in any order. Starts at once.

        fastest: whether finding the fastest runtime of a machine is worth the time.
        """

    def close(self) -> None:
        """Leave the workers; the next task connects again."""


@dataclass(frozen=True, slots=True)
class Job:
    """One build: from which documents, into which folder, with which settings.

    recipe: see `plan.recipe`. encoder: used instead of the model that the settings name. progress: called with the
    stage in words, the number of items done and their total; a total of 0 announces slow work that cannot be counted.
    store: gets the rows too. workers: read and encode instead of this process.
    """

    seeds: Path
    index: Path
    settings: BuildSettings
    recipe: Mapping[str, Any]
    encoder: Encoder | None
    progress: Progress
    store: BuildStore | None = None
    workers: Workers | None = None

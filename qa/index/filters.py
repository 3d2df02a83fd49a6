"""Which documents meet the conditions of a filter: the metadata of all documents, arranged by key once per index."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from qa.errors import WhereError
from qa.index.protocol import DocumentInfo
from qa.index.where import Condition

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["MetadataTable"]


class MetadataTable:
    """A column for `path`, `title` and each metadata key. A condition is evaluated once per distinct value."""

    def __init__(self, documents: Sequence[DocumentInfo]) -> None:
        self._size = len(documents)
        self._columns: dict[str, _Column] = {}
        for number, info in enumerate(documents):
            own = {key.lower(): value for key, value in info.metadata.items()}
            for key, value in ({"title": info.title} | own | {"path": info.id}).items():
                if key not in self._columns:
                    self._columns[key] = _Column(self._size)
                self._columns[key].put(number, value)

    def matching(self, conditions: Sequence[Condition]) -> "Ints":
        """Positions of the documents that meet all conditions, rising.

        Raises WhereError for a condition on a key that no document has.
        """
        import numpy as np

        met = np.ones(self._size, dtype=bool)
        for condition in conditions:
            if condition.key not in self._columns:
                raise WhereError(_unknown(condition.key, self._columns))
            met &= self._columns[condition.key].accepted(condition)
        return np.flatnonzero(met)


class _Column:
    """The value of one key in every document, as a number of a distinct value; -1 for documents without the key."""

    def __init__(self, size: int) -> None:
        import numpy as np

        self._numbers: dict[str, int] = {}
        self._of_document = np.full(size, -1, dtype=np.int64)

    def put(self, document: int, value: str) -> None:
        self._of_document[document] = self._numbers.setdefault(value, len(self._numbers))

    def accepted(self, condition: Condition) -> "NDArray[np.bool_]":
        """For each document, whether the condition accepts it."""
        import numpy as np

        values = [*self._numbers, None]  # -1 is the last of them
        accepted: NDArray[np.bool_] = np.array([condition.accepts(value) for value in values])[self._of_document]
        return accepted


def _unknown(key: str, known: Mapping[str, object]) -> str:
    near = get_close_matches(key, sorted(known), 1)
    hint = f"did you mean {near[0]!r}?" if near else f"they have: {', '.join(sorted(known))}"
    return f"--where: no document has {key!r}; {hint}"

"""Which documents meet the conditions of a filter: for each key its values, and for each value the documents that have
it. A filter reads the values of its own keys and nothing else.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from qa.errors import IndexDamagedError, WhereError
from qa.index.typed import is_count, is_text
from qa.index.where import Condition, fields

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["FieldTable", "FieldsWriter"]

Record = Mapping[str, Any]


class FieldsWriter:
    """Collects the fields of documents as they come: `path`, `title`, and each metadata key in lower case."""

    def __init__(self) -> None:
        self._documents = 0
        self._values: dict[str, dict[str, list[int]]] = {}

    def add(self, doc_id: str, title: str, metadata: Mapping[str, str]) -> None:
        """The next document."""
        for key, value in fields(doc_id, title, metadata).items():
            self._values.setdefault(key, {}).setdefault(value, []).append(self._documents)
        self._documents += 1

    def records(self) -> Iterator[tuple[str, Iterator[Record]]]:
        """Each key, sorted, with a record of each of its values and the documents that have it."""
        for key in sorted(self._values):
            found = self._values[key]
            yield key, ({"value": value, "documents": found[value]} for value in sorted(found))


class FieldTable:
    """The fields of a generation's documents.

    keys: for each key where its records are, as a range of bytes. read: the bytes [start, end) of the records' file.
    """

    def __init__(self, size: int, keys: Mapping[str, tuple[int, int]], read: Callable[[int, int], bytes]) -> None:
        self._size, self._keys, self._read = size, keys, read

    def matching(self, conditions: Sequence[Condition]) -> "Ints":
        """Positions of the documents that meet all conditions, rising.

        Raises WhereError for a condition on a key that no document has, IndexDamagedError.
        """
        import numpy as np

        met = np.ones(self._size, dtype=bool)
        for condition in conditions:
            if condition.key not in self._keys:
                raise WhereError(_unknown(condition.key, self._keys))
            met &= self._accepted(condition)
        return np.flatnonzero(met)

    def _accepted(self, condition: Condition) -> "NDArray[np.bool_]":
        """For each document, whether the condition accepts it. A value is looked at once, whoever has it."""
        import numpy as np

        accepted = np.full(self._size, condition.accepts(None), dtype=bool)
        for line in self._read(*self._keys[condition.key]).splitlines():
            try:
                value, documents = _decoded(line, self._size)
            except (ValueError, KeyError, TypeError, RecursionError):
                raise IndexDamagedError("the metadata in the index is damaged; run: qa index --rebuild") from None
            accepted[documents] = condition.accepts(value)
        return accepted


def _decoded(line: bytes, size: int) -> tuple[str, list[int]]:
    """A value and the documents that have it; ValueError, KeyError or TypeError for what qa does not write."""
    record = json.loads(line)
    value, documents = record["value"], record["documents"]
    if not is_text(value) or type(documents) is not list or not is_count(*documents) or max(documents) >= size:
        raise ValueError("not a record of a field")
    return value, documents


def _unknown(key: str, known: Iterable[str]) -> str:
    near = get_close_matches(key, sorted(known), 1)
    hint = f"did you mean {near[0]!r}?" if near else f"they have: {', '.join(sorted(known))}"
    return f"--where: no document has {key!r}; {hint}"

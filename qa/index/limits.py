"""The numbers that may stand in the tables of an index that somebody else may have made."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from qa.index.manifest import TABLES
from qa.index.structure import KINDS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["FIRST_ROWS", "fit"]

FIRST_ROWS = {"passages": 2, "sentences": 3, "lines": 4, "blocks": 5, "markup": 6}  # columns of `documents`
RANGES = {"passages": ((1, 2), (3, 4)), "sentences": ((1, 2),)}  # columns of a first and a last number
RISING = [0, *FIRST_ROWS.values()]  # columns of `documents`
ANY = (1 << 63) - 1
LOWEST = {"documents": (0, -1, 0, 0, 0, 0, 0), "sentences": (0, 0, 0, 0, 0, 0, -1)}  # -1 stands for none


def fit(rows: "Ints", table: str, counts: Mapping[str, int]) -> bool:
    """Whether every number lies in the limits of its column, and rows do not run backwards.

    counts: rows of each table, and `documents`.
    """
    if not len(rows):
        return True
    lowest, highest = LOWEST.get(table, 0), _highest(table, counts)
    if not ((rows.min(axis=0) >= lowest) & (rows.max(axis=0) <= highest)).all():
        return False
    if table == "documents":
        places = rows[:, RISING]
        return bool((places[1:] >= places[:-1]).all())
    return all((rows[:, first] <= rows[:, last]).all() for first, last in RANGES.get(table, ()))


def _highest(table: str, counts: Mapping[str, int]) -> tuple[int, ...]:
    document, passage, sentence = (counts[name] - 1 for name in ("documents", "passages", "sentences"))
    if table == "documents":
        return (ANY, document, *(counts[name] for name in FIRST_ROWS))
    if table == "passages":
        return (document, ANY, ANY, sentence, sentence)
    if table == "sentences":
        return (document, ANY, ANY, passage, ANY, len(KINDS) - 1, ANY)
    return (ANY,) * TABLES[f"{table}.bin"]

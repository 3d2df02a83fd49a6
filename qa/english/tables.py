"""The data files of this package, each read once, when it is first needed.

A line that starts with `#` is a comment. What the other lines hold is said at the top of each file.
"""

from functools import cache
from importlib.resources import files

__all__ = ["table_lines", "word_set"]


@cache
def table_lines(name: str) -> tuple[str, ...]:
    """The lines of a data file, without comments and empty lines."""
    lines = files(__package__).joinpath("data", name).read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


@cache
def word_set(name: str) -> frozenset[str]:
    """The words of a data file that is a plain list of words."""
    return frozenset(word for line in table_lines(name) for word in line.split())

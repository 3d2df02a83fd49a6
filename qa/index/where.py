"""The filter grammar: `key=value`, `key!=value`, `key<value` (also <=, >, >=; dates and numbers), `path=glob`; several
are joined by AND.

Values are compared without regard to case. A document that lacks the key matches `!=` and nothing else.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase

from qa.errors import WhereError

__all__ = ["Condition", "matching", "parse"]

_CONDITION = re.compile(r"\s*([\w.-]+)\s*(!=|<=|>=|=|<|>)(.*)", re.DOTALL)
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2}(T.*)?)?)?$")
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?$")
_COMPARE: Mapping[str, Callable[[str | float, str | float], bool]] = {
    "<": lambda a, b: a < b,  # type: ignore[operator]
    "<=": lambda a, b: a <= b,  # type: ignore[operator]
    ">": lambda a, b: a > b,  # type: ignore[operator]
    ">=": lambda a, b: a >= b,  # type: ignore[operator]
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison. key: `path`, `title` or a metadata key, in lower case."""

    key: str
    operator: str
    value: str

    def matches(self, path: str, fields: Mapping[str, str]) -> bool:
        """Whether a document does. path: its id; fields: title and metadata."""
        if self.key == "path":
            return fnmatchcase(path, self.value) == (self.operator == "=")
        actual = fields.get(self.key)
        if self.operator in ("=", "!="):
            same = actual is not None and actual.strip().casefold() == self.value.casefold()
            return same == (self.operator == "=")
        return actual is not None and self._compares(actual.strip())

    def _compares(self, actual: str) -> bool:
        if _DATE.match(self.value) and _DATE.match(actual):
            shorter = min(len(actual), len(self.value))  # 2024-09 covers all of its days
            return _COMPARE[self.operator](actual[:shorter], self.value[:shorter])
        if _NUMBER.match(self.value) and _NUMBER.match(actual):
            return _COMPARE[self.operator](float(actual), float(self.value))
        return False


def parse(conditions: Sequence[str]) -> tuple[Condition, ...]:
    """Raises WhereError for what is not a condition."""
    return tuple(_parse(text) for text in conditions)


def _parse(text: str) -> Condition:
    match = _CONDITION.fullmatch(text)
    value = match[3].strip() if match else ""
    if not match or not value:
        raise WhereError(f"--where {text!r} is not a condition; write key=value, key!=value, key<value or path=glob")
    key, operator = match[1].lower(), match[2]
    if operator not in ("=", "!="):
        if key == "path":
            raise WhereError(f"--where {text!r}: a path has no order; write path=glob or path!=glob")
        if not (_DATE.match(value) or _NUMBER.match(value)):
            raise WhereError(
                f"--where {text!r}: {operator} compares dates (2024-09-13) and numbers, {value!r} is neither"
            )
    return Condition(key, operator, value)


def matching(conditions: Sequence[str], documents: Iterable[tuple[str, Mapping[str, str]]]) -> list[int]:
    """Positions of the documents, given as (id, title and metadata), that match all conditions.

    Raises WhereError for a condition that cannot be read or whose key no document has.
    """
    wanted, listed = parse(conditions), list(documents)
    known = {"path", *(key for _, fields in listed for key in fields)}
    for condition in wanted:
        if condition.key not in known:
            near = get_close_matches(condition.key, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"they have: {', '.join(sorted(known))}"
            raise WhereError(f"--where: no document has {condition.key!r}; {hint}")
    return [n for n, (path, fields) in enumerate(listed) if all(c.matches(path, fields) for c in wanted)]

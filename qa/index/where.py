"""The grammar of `--where`: `key=value`, `key!=value`, `key<value` (also <=, >, >=; dates and numbers), `path=glob`.

Conditions are joined by AND. Values are compared without regard to case. A document without the key meets `!=` only.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from qa.errors import WhereError
from qa.text import shortened

__all__ = ["Condition", "fields", "meets", "parse", "require_match"]

SHOWN = 8  # values of a key in a message
SHOWN_CHARS = 60
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

    def accepts(self, value: str | None) -> bool:
        """Whether a document with this value of the key meets the condition. None: it does not have the key."""
        if self.key == "path":
            return value is not None and fnmatchcase(value, self.value) == (self.operator == "=")
        if self.operator in ("=", "!="):
            same = value is not None and value.strip().casefold() == self.value.casefold()
            return same == (self.operator == "=")
        return value is not None and self._compares(value.strip())

    def _compares(self, actual: str) -> bool:
        if _DATE.match(self.value) and _DATE.match(actual):
            shorter = min(len(actual), len(self.value))  # 2024-09 covers all of its days
            return _COMPARE[self.operator](actual[:shorter], self.value[:shorter])
        if _NUMBER.match(self.value) and _NUMBER.match(actual):
            return _COMPARE[self.operator](float(actual), float(self.value))
        return False


def parse(conditions: Sequence[str]) -> tuple[Condition, ...]:
    """Read conditions. Raises WhereError for text that is not a condition."""
    return tuple(_parse(text) for text in conditions)


def fields(doc_id: str, title: str, metadata: Mapping[str, str]) -> dict[str, str]:
    """What conditions on a document look at: `path`, `title`, and each metadata key in lower case."""
    return {"title": title} | {key.lower(): value for key, value in metadata.items()} | {"path": doc_id}


def meets(found: Mapping[str, str], conditions: Iterable[Condition]) -> bool:
    """Whether a document with these fields meets all conditions."""
    return all(one.accepts(found.get(one.key)) for one in conditions)


def require_match(documents: Iterable[Mapping[str, str]], where: Sequence[str]) -> None:
    """Raise WhereError, with the values that there are, if none of the documents meets the conditions.

    documents: the fields of each; of none at all, no filter is at fault.
    """
    conditions = parse(where)
    values: dict[str, set[str]] = {}
    for found in documents:
        if meets(found, conditions):
            return
        for one in conditions:
            values.setdefault(one.key, set()).update([found[one.key]] if one.key in found else [])
    if values:
        has = "; ".join(f"{key} has: {_listed(values[key])}" if values[key] else f"none has {key}" for key in values)
        raise WhereError(f"no document meets {' and '.join(f'--where {text!r}' for text in where)}; {has}")


def _listed(values: Iterable[str]) -> str:
    first, *more = (shortened(value, SHOWN_CHARS) for value in sorted(values))
    rest = len(more) - SHOWN + 1
    return ", ".join([first, *more[: SHOWN - 1]]) + (f" and {rest:,} more" if rest > 0 else "")


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

"""TOML of a stranger, read without being kept busy: what would take Python's reader too long is refused before."""

import re
import tomllib
from typing import Any

__all__ = ["TomlError", "loads"]

DOTS = 32
_PART = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')[ \t]*+"""
_DOTTED = re.compile(rf"(?:^|[{{,])[ \t]*+\[{{0,2}}+[ \t]*+(?:{_PART}\.[ \t]*+){{{DOTS + 1}}}", re.MULTILINE)


class TomlError(ValueError):
    """What is wrong, as words that follow the name of the file."""


def loads(text: str) -> dict[str, Any]:
    """The text as tables. Raises TomlError.

    Numbers may have any size: `str` and `repr` of one raise ValueError.
    """
    if found := _DOTTED.search(text):  # the reader's time grows with the square of the dots
        line = text.count("\n", 0, found.end()) + 1
        raise TomlError(f"is not valid TOML: line {line} has a key with more than {DOTS} dots")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TomlError(f"is not valid TOML: {error}") from None
    except (ValueError, RecursionError):  # a number of thousands of digits, or brackets thousands deep
        raise TomlError("has a value that is too long or too deeply nested to be read") from None

"""What a document says about itself: front matter, the sidecar file, one vocabulary of keys. Nothing is guessed."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from qa import tomltext
from qa.errors import SettingError
from qa.ingest import scan
from qa.ingest.lines import line_feeds
from qa.ingest.scan import SIDECAR, Skip
from qa.records import Block, Span

__all__ = ["Extracted", "fields", "front_matter", "load_sidecar", "unmatched"]

_NAMES = {  # the first that a document has counts
    "published": ("published", "date", "published_at", "publish_date", "published_time", "pubdate", "datepublished"),
    "publisher": ("publisher", "site", "site_name"),
    "author": ("author", "authors", "byline"),
    "url": ("url", "canonical", "canonical_url", "link", "source"),
}
_ALIASES = {alias: name for name, aliases in _NAMES.items() for alias in aliases}
_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_FRONT_MATTER_CHARS = 64_000
_VALUE_CHARS = 2_000
_SIDECAR_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a format's reader found: text, fields as named in the file, where pages start, how far front matter goes.

    blocks, markup, unread: see `Document`. Without blocks the text is taken for plain text.
    """

    text: str
    found: Mapping[str, Any] = field(default_factory=dict)
    pages: tuple[int, ...] = ()
    front: int = 0
    blocks: tuple[Block, ...] = ()
    markup: tuple[Span, ...] = ()
    unread: tuple[str, ...] = ()


def fields(found: Mapping[Any, Any]) -> dict[str, str]:
    """Fields under one vocabulary: title, published, publisher, author, url; other keys as they are, in lower case.

    Values become text: dates in ISO form, lists of authors joined by commas. What has no plain text is left out.
    """
    plain = {str(key).strip().lower(): _text(value) for key, value in found.items()}
    result: dict[str, str] = {}
    for name, aliases in _NAMES.items():
        for alias in aliases:
            value = plain.get(alias, "")
            if value and not (alias == "source" and "://" not in value):
                result.setdefault(name, _iso(value) if name == "published" else value)
    return result | {
        key: value
        for key, value in plain.items()
        if value and key and (key not in _ALIASES or (key == "source" and "://" not in value))
    }


def front_matter(text: str) -> tuple[dict[str, Any], int]:
    """The YAML between `---` lines that opens a text, and where it ends; nothing and 0 if it is not YAML fields.

    Values stay as written: YAML's own reading would make `1.10` a number and `no` a truth value.
    """
    import yaml

    match = _FRONT_MATTER.match(line_feeds(text[:_FRONT_MATTER_CHARS]))
    if not match:
        return {}, 0
    try:
        found = yaml.load(match[1], Loader=yaml.BaseLoader)  # builds nothing but text, lists and mappings
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}, 0
    if found in (None, ""):
        return {}, match.end()
    return (found, match.end()) if isinstance(found, dict) else ({}, 0)


def load_sidecar(seeds: Path) -> dict[str, dict[str, str]]:
    """`metadata.toml` of a folder as document id -> fields; empty if there is no such file.

    Raises SettingError, with file and line, for TOML that cannot be read or that is not one table a document.
    """
    path = seeds / SIDECAR
    try:
        text = scan.read(seeds, SIDECAR, _SIDECAR_BYTES).decode("utf-8-sig")
        tables = tomltext.loads(text)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingError(f"{path} is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    except tomltext.TomlError as error:
        raise SettingError(f"{path} {error}") from error
    return {name: _table(path, text, name, table) for name, table in tables.items()}


def unmatched(sidecar: Mapping[str, object], ids: Iterable[str]) -> list[Skip]:
    """One entry, for the list of what was skipped, for each table of the sidecar whose document does not exist."""
    known = set(ids)
    return [Skip(SIDECAR, f'["{name}"] names no document in this folder') for name in sidecar if name not in known]


def _table(path: Path, text: str, name: str, table: object) -> dict[str, str]:
    """The fields of one document; an empty value stays, to say that the file's own is wrong."""
    if not isinstance(table, dict):
        raise SettingError(
            f'{_place(path, text, name)}: {name} stands outside of a table; put it below a line such as ["report.pdf"]'
        )
    for key, value in table.items():
        if isinstance(value, dict):
            raise SettingError(f'{_place(path, text, name)}: write the name in quotes: ["{name}.{key}"]')
    empty = {_ALIASES.get(key.lower(), key.lower()): "" for key, value in table.items() if value == ""}
    try:
        return {**empty, **fields(table)}
    except ValueError:  # of Python, for a number of thousands of digits
        raise SettingError(f"{_place(path, text, name)}: {name} has a number that is too long") from None


def _place(path: Path, text: str, name: str) -> str:
    """File and line of the first mention of a name; the TOML reader of the standard library keeps no lines."""
    for number, line in enumerate(text.splitlines(), start=1):
        if re.match(rf"\s*\[*\s*[\"']?{re.escape(name)}\b", line):
            return f"{path}:{number}"
    return str(path)


def _text(value: object) -> str:
    """A value as one line of text; empty for what has none."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, str | int | float):
        plain = re.sub(r"[\x00-\x1f\x7f\s]+", " ", str(value)).strip()
        return "" if plain.lower() in ("~", "null") else plain[:_VALUE_CHARS]
    if isinstance(value, Mapping):
        name = value.get("name")
        return _text(name) if isinstance(name, str) else ""
    if isinstance(value, list | tuple):
        return ", ".join(_items(value))
    return ""


def _items(values: Iterable[object]) -> Iterator[str]:
    """Plain items of a list; nested lists are left out, which also ends the loops that YAML can tie."""
    for value in values:
        if not isinstance(value, list | tuple) and (text := _text(value)):
            yield text


def _iso(value: str) -> str:
    """A date in ISO form if it is one already in all but the details; else as written."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return value
    return found.date().isoformat() if len(value) <= 10 else found.isoformat()

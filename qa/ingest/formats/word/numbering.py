"""Automatic numbering of Word: what stands before a paragraph that is counted."""

import re
from dataclasses import dataclass, field
from typing import Any

from qa.ingest.formats.common.numerals import repeated, roman
from qa.ingest.formats.common.symbols import symbol
from qa.ingest.formats.word.styles import WORD, attribute

__all__ = ["Numbering"]

_LEVELS = 9
_BOXES = ("☐", "☑", "☒")  # bullets that say something
_PRIVATE = re.compile("[\uf020-\uf0ff]")
_MOST = 100_000  # numbers above are written as such, so that no file can ask for a million letters


@dataclass(slots=True)
class _Level:
    start: int = 1
    kind: str = "decimal"
    text: str = ""
    legal: bool = False  # all numbers in it as decimals
    restart: int | None = None  # counted from 1; 0 never restarts; None after any higher level
    style: str = ""


@dataclass(slots=True)
class _List:
    abstract: str
    levels: dict[int, _Level] = field(default_factory=dict)
    starts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """Counts paragraphs in the order of the document. root: of numbering.xml, or None if a document has none."""

    def __init__(self, root: Any) -> None:
        self._lists: dict[str, _List] = {}
        self._counts: dict[str, list[int | None]] = {}
        self._begun: set[tuple[str, int]] = set()
        if root is not None:
            self._read(root)

    def level_of_style(self, number: str, style: str) -> int:
        """The level of a list that a style is tied to; 0 if none is."""
        levels = self._lists[number].levels if number in self._lists else {}
        return next((index for index, level in levels.items() if level.style == style), 0)

    def has(self, number: str) -> bool:
        """Whether there is such a list."""
        return number in self._lists

    def is_blank(self, number: str, level: int) -> bool:
        """Whether a level shows nothing: its paragraphs go on with the item before them."""
        found = self._lists[number].levels.get(level) if number in self._lists else None
        return found is not None and found.kind == "bullet" and not found.text.strip()

    def is_outline(self, number: str, level: int) -> bool:
        """Whether a level shows the numbers of the levels above it, as clauses do: 2.1."""
        found = self._lists[number].levels.get(level) if number in self._lists else None
        return found is not None and found.kind not in ("bullet", "none") and found.text.count("%") > 1

    def next(self, number: str, level: int) -> str:
        """Count a paragraph; its number as written, without white space; empty for bullets and unknown lists."""
        found = self._lists.get(number)
        level = min(max(level, 0), _LEVELS - 1)
        if found is None:
            return ""
        counts = self._counts.setdefault(found.abstract, [None] * _LEVELS)
        self._count(number, found, counts, level)
        form = found.levels.get(level, _Level())
        if form.kind == "bullet":
            return form.text if form.text in _BOXES else ""
        if form.kind == "none":
            return "" if "%" in form.text else form.text.strip()
        return re.sub(
            r"%([1-9])", lambda match: self._shown(found, counts, int(match[1]) - 1, form.legal), form.text
        ).strip()

    def _count(self, number: str, found: _List, counts: list[int | None], level: int) -> None:
        form = found.levels.get(level, _Level())
        if level in found.starts and (number, level) not in self._begun:
            counts[level] = found.starts[level]
        else:
            previous = counts[level]
            counts[level] = form.start if previous is None else previous + 1
        self._begun.add((number, level))
        for deeper in range(level + 1, _LEVELS):
            restart = found.levels.get(deeper, _Level()).restart
            if restart is None or (restart and level < restart):
                counts[deeper] = None
        for higher in range(level):
            if counts[higher] is None:
                counts[higher] = found.levels.get(higher, _Level()).start

    def _shown(self, found: _List, counts: list[int | None], level: int, legal: bool) -> str:
        count = counts[level]
        form = found.levels.get(level, _Level())
        value = form.start if count is None else count
        return str(value) if legal else _written(value, form.kind)

    def _read(self, root: Any) -> None:
        abstracts = {attribute(node, "abstractNumId"): node for node in root.findall(f"{WORD}abstractNum")}
        by_style = {
            attribute(node.find(f"{WORD}styleLink"), "val"): node
            for node in abstracts.values()
            if node.find(f"{WORD}styleLink") is not None
        }
        for node in root.findall(f"{WORD}num"):
            abstract = attribute(node.find(f"{WORD}abstractNumId"), "val")
            source = abstracts.get(abstract)
            linked = attribute(source.find(f"{WORD}numStyleLink"), "val") if source is not None else ""
            source = by_style.get(linked, source)
            found = _List(attribute(source, "abstractNumId") or abstract)
            for level in source.findall(f"{WORD}lvl") if source is not None else ():
                found.levels[_integer(attribute(level, "ilvl"), 0)] = _level(level)
            for override in node.findall(f"{WORD}lvlOverride"):
                index = _integer(attribute(override, "ilvl"), 0)
                if (level := override.find(f"{WORD}lvl")) is not None:
                    found.levels[index] = _level(level)
                if (start := override.find(f"{WORD}startOverride")) is not None:
                    found.starts[index] = _integer(attribute(start, "val"), 1)
            self._lists[attribute(node, "numId")] = found


def _level(node: Any) -> _Level:
    def value(name: str) -> str:
        return attribute(node.find(f"{WORD}{name}"), "val")

    restart = value("lvlRestart")
    font = attribute(node.find(f"{WORD}rPr/{WORD}rFonts"), "ascii")
    return _Level(
        start=_integer(value("start"), 1 if node.find(f"{WORD}start") is None else 0),
        kind=value("numFmt") or "decimal",
        text=_PRIVATE.sub(lambda match: symbol(ord(match[0]), font), value("lvlText")),
        legal=node.find(f"{WORD}isLgl") is not None,
        restart=_integer(restart, 0) if restart else None,
        style=value("pStyle"),
    )


def _integer(text: str, default: int) -> int:
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else default


def _written(value: int, kind: str) -> str:
    """A number in the format of a level; formats that only other scripts use as decimals."""
    if not 0 < value < _MOST or kind == "decimal":
        return str(value)
    if kind in ("lowerLetter", "upperLetter"):
        text = repeated(value) if value < 1000 else str(value)
    elif kind in ("lowerRoman", "upperRoman"):
        text = roman(value) if value < 5000 else str(value)
    elif kind == "decimalZero":
        return f"{value:02}"
    elif kind == "ordinal":
        ending = "th" if value % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
        return f"{value}{ending}"
    else:
        return str(value)
    return text.upper() if kind.startswith("upper") else text

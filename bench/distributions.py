"""What is installed for qa: the requirements of pyproject.toml, and the distributions that they need in turn."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
BASE = ""  # the group of what every installation needs; the other groups are extras


@dataclass(frozen=True)
class Direct:
    """A line of pyproject.toml. groups: the extras that name it, or BASE."""

    name: str
    bound: str
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Needed:
    """An installed distribution that qa needs. needed_by: names from the direct dependency down to it."""

    dist: Distribution
    needed_by: tuple[str, ...]
    optional: bool

    @property
    def name(self) -> str:
        """The normalised name."""
        return normalised(self.dist.metadata["Name"])


def normalised(name: str) -> str:
    """A name as package indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def direct(pyproject: Path = ROOT / "pyproject.toml") -> list[Direct]:
    """The direct dependencies, sorted by name. One that several extras name appears once."""
    found: dict[str, Direct] = {}
    for group, requirement in _lines(pyproject):
        name, bound = normalised(requirement.name), str(requirement.specifier)
        if name == "quoteqa":  # an extra that names others
            continue
        groups = (*(found[name].groups if name in found else ()), group)
        found[name] = Direct(name, bound, groups)
    return [found[name] for name in sorted(found)]


def needed(groups: Iterable[str], pyproject: Path = ROOT / "pyproject.toml") -> tuple[list[Needed], list[str]]:
    """Every installed distribution that these groups need, directly or not, sorted by name; and what is missing."""
    wanted, found, missing, asked = set(groups), dict[str, Needed](), set[str](), set[tuple[str, str]]()
    waiting = [(requirement, (), group != BASE) for group, requirement in _lines(pyproject) if group in wanted]
    waiting.sort(key=lambda entry: entry[2])  # a distribution that the base needs is not optional
    for requirement, path, optional in waiting:  # grows as it is read
        name = normalised(requirement.name)
        extras = {extra for extra in requirement.extras or {""} if (name, extra) not in asked}
        if not extras:
            continue
        asked.update((name, extra) for extra in extras)
        try:
            dist = distribution(name)
        except PackageNotFoundError:
            missing.add(name)
            continue
        found.setdefault(name, Needed(dist, (*path, name), optional))
        waiting += [(below, (*path, name), optional) for below in _requirements(dist, extras)]
    return [found[name] for name in sorted(found)], sorted(missing)


def size(dist: Distribution) -> int:
    """Bytes of the files that the installer recorded, without compiled bytecode."""
    return sum(file.size or 0 for file in dist.files or [] if file.suffix != ".pyc")


def licence_of(dist: Distribution) -> str:
    """The licence in the words of the metadata: the SPDX expression, else the classifiers, else the field `License`."""
    metadata = dist.metadata
    if expression := metadata.get("License-Expression"):
        return str(expression)
    classifiers = [line.rpartition(" :: ")[2] for line in metadata.get_all("Classifier") or [] if "License ::" in line]
    named = [name for name in classifiers if name != "OSI Approved"]
    text = str(metadata.get("License") or "").strip()
    return " AND ".join(named) or (text if "\n" not in text and len(text) < 80 else "")


def _lines(pyproject: Path) -> Iterator[tuple[str, Requirement]]:
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    for group, lines in {BASE: project["dependencies"], **project["optional-dependencies"]}.items():
        for line in lines:
            yield group, Requirement(line)


def _requirements(dist: Distribution, extras: set[str]) -> Iterator[Requirement]:
    """What a distribution needs on this machine, with these of its extras ('' for none)."""
    for requirement in map(Requirement, dist.requires or []):
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras | {""}):
            yield requirement

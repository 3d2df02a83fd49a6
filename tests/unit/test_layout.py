"""The tests lie where they are looked for: those of a package in the folder of its name, the others by their kind."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
KINDS = {"unit", "attacks", "faults", "e2e", "gold", "bench", "integrations"}
MODULES = [path.relative_to(TESTS) for path in sorted(TESTS.rglob("test_*.py"))]
UNIT = [path.relative_to("unit") for path in MODULES if path.parts[0] == "unit" and path.stem != "test_layout"]


def test_every_module_is_of_a_known_kind() -> None:
    assert {path.parts[0] for path in MODULES} == KINDS


@pytest.mark.parametrize("path", UNIT, ids=str)
def test_a_unit_test_mirrors_a_package_or_a_module_beside_the_packages(path: Path) -> None:
    if path.parent == Path():
        assert (ROOT / "qa" / f"{path.stem.removeprefix('test_')}.py").is_file()
    else:
        assert (ROOT / "qa" / path.parent / "__init__.py").is_file()


def layers() -> list[str]:
    """The rooms that the import contract lists, the lowest first."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    return [
        name.strip() for line in reversed(tools["importlinter"]["contracts"][0]["layers"]) for name in line.split("|")
    ]


def test_the_architecture_page_shows_the_rooms_in_the_order_that_imports_keep() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ((?:`qa/[\w.]+/?`(?:, )?)+) \|", page, re.M)
    rooms = [name.removesuffix(".py").rstrip("/") for row in rows for name in re.findall(r"`(qa/[\w./]+)`", row)]
    assert [room.replace("/", ".") for room in rooms] == layers()


def test_every_package_and_module_at_the_top_is_a_room() -> None:
    found = {path.stem for path in (ROOT / "qa").glob("*.py")} | {
        path.parent.name for path in (ROOT / "qa").glob("*/__init__.py")
    }
    assert {f"qa.{name}" for name in found - {"__init__"}} == set(layers())


def test_every_module_of_a_package_is_in_a_contract_of_its_own() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    contracts = [contract for contract in tools["importlinter"]["contracts"][1:] if contract["type"] == "layers"]
    named = {name for contract in contracts for line in contract["layers"] for name in re.split(r"\s*[|:]\s*", line)}
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "qa").glob("*/**/*.py")
        if path.stem != "__init__"
    }
    assert {name for name in modules if not any(f"{name}.".startswith(f"{room}.") for room in named)} == set()

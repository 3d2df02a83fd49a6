"""The tests lie where they are looked for: those of a package in the folder of its name, the others by their kind."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
KINDS = {"unit", "attacks", "e2e", "gold", "bench"}
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

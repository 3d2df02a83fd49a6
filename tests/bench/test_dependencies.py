"""The page of dependencies, the licence check and the bill of materials say what is installed."""

import importlib
import json
import re
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"


def module(name: str) -> ModuleType:
    if str(BENCH) not in sys.path:
        sys.path.append(str(BENCH))  # last: a script there has the name of a package of the tests
    return importlib.import_module(name)


dependencies, distributions, licences, sbom = map(module, ("dependencies", "distributions", "licences", "sbom"))


def test_the_page_is_current_and_has_no_reason_too_many():
    found = distributions.direct()
    assert dependencies.differences(dependencies.PAGE.read_text(encoding="utf-8"), found) == []
    assert set(dependencies.REASONS) == {one.name for one in found}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"^\| chardet .*\n", ""),
        (r"^(\| chardet \| [^|]+ \|) [^|]+ \|", r"\1 1.0 |"),
        (r"^(\| chardet .*) \| [^|]+ \|$", r"\1 | No reason |"),
        (r"^(\| chardet)", r"\1x"),
    ],
)
def test_a_page_that_differs_is_noticed(old, new):
    page = dependencies.PAGE.read_text(encoding="utf-8")
    changed, times = re.subn(old, new, page, flags=re.MULTILINE)
    assert times == 1
    assert dependencies.differences(changed, distributions.direct())


def test_another_version_or_size_is_no_difference():
    page = dependencies.PAGE.read_text(encoding="utf-8")
    changed, times = re.subn(r"^\| chardet \| [^|]+ \|", "| chardet | 99.9 |", page, flags=re.MULTILINE)
    assert times == 1
    assert dependencies.differences(changed, distributions.direct()) == []


@pytest.mark.parametrize(
    "licence",
    [
        "MIT",
        "MIT License",
        "Apache-2.0 OR BSD-2-Clause",
        "GPL-3.0-only OR MIT",
        "MPL-2.0 AND MIT",
        "(MIT OR Apache-2.0)",
    ],
)
def test_an_allowed_licence_passes(licence):
    assert licences.problem("some", licence) is None


@pytest.mark.parametrize(
    "licence",
    ["", "GPL-3.0-only", "AGPL-3.0-or-later", "MIT AND GPL-2.0-only", "(MIT OR GPL-3.0-only) AND MIT", "Other"],
)
def test_any_other_licence_is_a_problem(licence):
    assert licences.problem("some", licence)


def test_an_override_is_there_only_while_it_is_needed():
    for name, (licence, reason) in licences.OVERRIDES.items():
        assert reason
        assert licences.problem("some", licence) is None
        try:
            installed = distributions.distribution(name)
        except PackageNotFoundError:  # of an extra that is not installed here
            continue
        assert licences.problem("some", distributions.licence_of(installed)), name


def test_a_problem_names_where_a_distribution_comes_from(tmp_path, monkeypatch):
    info = tmp_path / "odd_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: odd-package\nVersion: 1.0\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    pyproject = tmp_path / "pyproject.toml"
    text = '[project]\ndependencies = ["odd_package>=1", "not-installed"]\n[project.optional-dependencies]\n'
    pyproject.write_text(text, encoding="utf-8")
    found, missing = distributions.needed([""], pyproject)
    assert missing == ["not-installed"]
    assert [licences.line(one) for one in found] == [
        "odd-package 1.0: its metadata name no licence (qa -> odd-package)"
    ]


def test_the_bill_of_materials_has_what_cyclonedx_requires(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["sbom.py", "--output", str(tmp_path / "sbom.json")])
    assert sbom.main() == 0
    bill = json.loads((tmp_path / "sbom.json").read_text(encoding="utf-8"))
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.5", 1)
    assert bill["metadata"]["component"]["purl"].startswith("pkg:pypi/quoteqa@")
    by_name = {entry["name"]: entry for entry in bill["components"]}
    base = {one.name for one in distributions.direct() if "" in one.groups}
    assert base <= by_name.keys()
    assert "pytest" not in by_name
    assert len({entry["bom-ref"] for entry in bill["components"]}) == len(by_name) == len(bill["components"])
    for name, entry in by_name.items():
        assert entry["type"] == "library"
        assert entry["purl"] == f"pkg:pypi/{name}@{entry['version'].replace('+', '%2B')}"
        assert entry["licenses"], name
        assert all(len(choice) == 1 and choice.keys() <= {"license", "expression"} for choice in entry["licenses"])
        for file in entry.get("components", []):
            assert file["type"] == "file"
            assert all(
                re.fullmatch(r"[0-9a-f]{64}", one["content"]) for one in file["hashes"] if one["alg"] == "SHA-256"
            )
    assert by_name["numpy"]["components"]
    assert (by_name["numpy"]["scope"], by_name["docutils"]["scope"]) == ("required", "optional")

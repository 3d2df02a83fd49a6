"""A sample of the faults that `make reliability` plays in full. Each part has a process of its own, which forks."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from faults.pages import FAULTS, FUZZ, PAGE, page

TESTS = Path(__file__).resolve().parents[1]
SAMPLES = {
    "killed": 0.03,
    "failed": 0.01,
    "random": 0.02,
    "readers": 0.05,
    "builders": 0.05,
    "disk": 0.02,
    "files": 0.01,
    "damage": 0.04,
    "endpoint": 0.03,
    "memory": 0.01,
}

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the faults are played in forked processes")


@pytest.mark.parametrize("part", SAMPLES)
def test_faults_lose_nothing_and_are_named(part: str, tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    command = [sys.executable, "-m", "faults", "--only", part, "--scale", str(SAMPLES[part]), "--out", str(figures)]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": str(TESTS)}, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    played = json.loads(figures.read_text())[part]
    assert played["rows"]
    assert played["wrong"] == []


def test_the_page_of_figures_is_what_the_figures_give() -> None:
    faults, fuzz = (json.loads(path.read_text(encoding="utf-8")) for path in (FAULTS, FUZZ))
    assert PAGE.read_text(encoding="utf-8") == page(faults, fuzz)
    assert not [line for part in faults.values() for line in part["wrong"]]

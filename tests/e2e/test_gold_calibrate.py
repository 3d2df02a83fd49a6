"""Limits for one's own documents: written only where the set is large enough, and never behind the user's back."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from qa.cli.gold_calibrate import _save
from qa.errors import SettingError
from qa.gold import calibrate
from qa.settings import find

CASES = """\
- id: built
  question: Who built the lighthouse of Marrow Point?
  expect: answer
  quotes:
    - source: lighthouse.txt
      text: was built in 1871 by Edith Lanning
- id: king
  question: Which king ate the green elephants of Zanzibar?
  expect: abstain
"""


@pytest.fixture
def folder(workspace: Path) -> Path:
    (workspace / "gold.yaml").write_text(CASES, encoding="utf-8")
    (workspace / "qa.toml").write_text("# mine\nthreshold = 0.9\nk = 3\n", encoding="utf-8")
    return workspace


def test_a_small_set_writes_nothing_and_says_so(folder: Path, qa: Any) -> None:
    before = (folder / "qa.toml").read_bytes()
    done = qa("gold", "calibrate", "gold.yaml", "--save", cwd=folder, code=5)
    assert "This set is too small: 1 questions with a right quote" in done.stdout
    assert "nothing is written into qa.toml" in done.stderr
    assert done.stdout.startswith("2 of 2 questions used.\n")
    assert (folder / "qa.toml").read_bytes() == before


def test_saving_replaces_the_limits_and_says_that_trust_ends(
    folder: Path, qa: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibrate, "FEWEST", 1)
    first = qa("gold", "calibrate", "gold.yaml", "--save", cwd=folder)
    assert "no longer trusted" not in first.stderr
    text = (folder / "qa.toml").read_text(encoding="utf-8")
    assert "# mine\n" in text
    assert "Both are in qa.toml now." in first.stdout
    assert tomllib.loads(text).keys() == {"threshold", "uncertain", "k"}
    mine = 'base_url = "http://127.0.0.1:9/v1"\n' + text.replace("threshold = ", "threshold = 0.1 # ")
    (folder / "qa.toml").write_text(mine, encoding="utf-8")
    qa("trust", cwd=folder)
    done = qa("gold", "calibrate", "gold.yaml", "--save", cwd=folder)
    assert "no longer trusted. Review it, then run: qa trust" in done.stderr


@pytest.mark.parametrize(
    "text",
    [
        '"threshold" = 0.5\n',
        "  threshold = 0.5\n",
        'model = """\nthreshold = 0.5\n"""\n',
        "threshold = [\n0.5]\n",
        "include = [\n'a',\nthreshold = 1\n",
    ],
    ids=["quoted", "indented", "in a text", "on two lines", "broken"],
)
def test_saving_never_breaks_the_settings(tmp_path: Path, text: str) -> None:
    (tmp_path / "qa.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingError):
        _save(find(tmp_path), {"threshold": 0.25, "uncertain": 0.1})
    assert (tmp_path / "qa.toml").read_text(encoding="utf-8") == text


def test_saving_changes_two_settings_and_nothing_else(tmp_path: Path) -> None:
    text = 'k = 3\nthreshold=1 # mine\nmodel = """\nx"""\n'
    (tmp_path / "qa.toml").write_text(text, encoding="utf-8")
    _save(find(tmp_path), {"threshold": 0.25, "uncertain": 0.12345})
    saved = (tmp_path / "qa.toml").read_text(encoding="utf-8")
    assert saved == "uncertain = 0.1235\n" + text.replace("threshold=1 # mine", "threshold = 0.2500")

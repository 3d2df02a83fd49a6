"""Notices on standard error."""

import pytest

from qa.cli.console import note


def test_a_notice_of_megabytes_is_one_short_line_with_both_of_its_ends(capsys: pytest.CaptureFixture[str]) -> None:
    note(f"a.json has schema {'x' * 4_000_000}; record again")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("qa: a.json has schema xxx")
    assert line.endswith("xxx; record again")
    assert len(line) < 4_100

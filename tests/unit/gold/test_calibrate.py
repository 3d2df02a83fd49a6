"""The limits that a gold set gives for one's own documents."""

import pytest

from qa.gold.calibrate import Limits, Point, Share, calibrate


def points(*groups: tuple[float, bool, int]) -> list[Point]:
    return [Point(estimate, right) for estimate, right, number in groups for _ in range(number)]


def test_the_threshold_is_the_lowest_with_few_enough_wrong_answers() -> None:
    found = calibrate(points((0.9, True, 40), (0.5, True, 10), (0.5, False, 4), (0.2, False, 30), (0.2, True, 3)), 0.1)
    assert found.threshold == 0.5
    assert found.wrong == Share(4, 54)
    assert found.answered == Share(50, 53)
    assert found.uncertain == 0.5
    assert found.lost == Share(3, 33)
    assert found.too_small == ""
    strict = calibrate(
        points((0.9, True, 40), (0.5, True, 10), (0.5, False, 4), (0.2, False, 30), (0.2, True, 3)), 0.05
    )
    assert (strict.threshold, strict.uncertain) == (0.9, 0.2)


def test_without_a_limit_that_keeps_the_error_rate_there_is_no_threshold() -> None:
    found = calibrate(points((0.5, True, 30), (0.9, False, 30)), 0.1)
    assert found.threshold is None
    assert found.wrong == Share(0, 0)


@pytest.mark.parametrize("given", [[], points((0.9, True, 19), (0.1, False, 40)), points((0.9, True, 40))])
def test_a_small_set_is_said_to_be_too_small(given: list[Point]) -> None:
    found: Limits = calibrate(given, 0.1)
    assert "at least 20" in found.too_small


def test_the_interval_is_wilsons() -> None:
    low, high = Share(45, 50).interval
    assert (round(low, 4), round(high, 4)) == (0.7864, 0.9565)
    assert Share(0, 0).interval == (0.0, 1.0)

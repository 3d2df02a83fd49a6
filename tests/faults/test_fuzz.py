"""Every parser on changed and random inputs, the same each time; `make fuzz` goes on for as long as one likes."""

import pytest
from faults.fuzz import mutated
from faults.fuzz_targets import TARGETS
from hypothesis import HealthCheck, Phase, given, settings

FEW = {"index tables": 40, "readers of binary formats": 60, "readers of text formats": 100, "splitter": 60}
MANY = 150


@pytest.mark.parametrize("name", TARGETS)
def test_a_parser_gives_a_result_or_an_error_of_qa(name: str) -> None:
    target = TARGETS[name]
    relaxed = settings(
        derandomize=True,
        max_examples=FEW.get(name, MANY),
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    inputs = 0

    def check(data: bytes) -> None:
        nonlocal inputs
        inputs += 1
        target.check(data)

    relaxed(given(mutated(target.seeds()))(check))()
    assert inputs > 1

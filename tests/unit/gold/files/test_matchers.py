"""Numbers, units and words that an answer only seems to have."""

import pytest

from qa.gold.files.matchers import Number, Words


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        *[("17", "17.000 euros"), ("17", "17'000 euros"), ("1.7", "1.700 euros"), ("17", "17/18")],
        *[("10", "10^6 people"), ("10", "10² people"), ("6", "10^6"), ("5", "5³"), ("5", "5 × 10^6"), ("5", "5*10**6")],
        *[("1", "1½"), ("1", "1 ½"), ("1", "1 1/2"), ("2", "two thirds"), ("1", "one half"), ("3", "3 quarters")],
        *[("5", "minus 5 degrees"), ("5", "minus five degrees")],
    ],
)
def test_a_part_of_a_number_is_not_that_number(value: str, answer: str) -> None:
    assert not Number.parse(value).found_in(f"It is {answer}.")


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        ("17", "17"),
        ("17", "17, 18"),
        ("-5", "minus 5 degrees"),
        ("3.142", "3.142"),
        ("1700", "1,700"),
        ("17", "16 – 17"),
    ],
)
def test_a_number_is_found_beside_punctuation(value: str, answer: str) -> None:
    assert Number.parse(value).found_in(f"It is {answer}.")


@pytest.mark.parametrize(
    ("unit", "answer"),
    [("$", "A$17"), ("$", "HK$ 17"), ("m", "17 m²"), ("m", "17 m^2"), ("km", "17 km/h"), ("$", "17 dollars a day")],
)
def test_a_unit_is_that_of_the_number_as_a_whole(unit: str, answer: str) -> None:
    assert not Number.parse("17", unit=unit).found_in(f"It is {answer}.")


@pytest.mark.parametrize(
    ("unit", "answer"), [("$", "$17"), ("$", "($ 17)"), ("m", "17m"), ("km", "17 kilometres"), ("%", "17 %")]
)
def test_a_unit_stands_beside_its_number(unit: str, answer: str) -> None:
    assert Number.parse("17", unit=unit).found_in(f"It is {answer}.")


@pytest.mark.parametrize("unseen", ["\u200b", "\u00ad", "\u2060", "\ufeff", "\u034f", "\u3164", "\U000e0041", "\ufe0f"])
def test_characters_that_nobody_sees_hide_no_word(unseen: str) -> None:
    assert Words("never").found_in(f"It was ne{unseen}ver open.")
    assert Number.parse("17").found_in(f"It is 1{unseen}7.")
    assert not Number.parse("1").found_in(f"It is 1{unseen}7.")

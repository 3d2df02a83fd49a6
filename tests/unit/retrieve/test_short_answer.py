"""The words that answer are named where there is hardly a doubt, and nowhere else."""

import pytest

from qa.records import Quote, Span
from qa.retrieve.short_answer import short_answer

BUILT = "When was the mill built?"


def quote(text: str, *marked: str) -> Quote:
    focus = tuple(Span(100 + text.index(words), 100 + text.index(words) + len(words)) for words in marked)
    return Quote(1, "a.txt", 100, 100 + len(text), text, 1, None, "t", "00", focus)


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        (BUILT, "The mill at Oxley was built in 1852 by Ann Carver.", "1852"),
        ("How long does the warranty last?", "It lasts three years from delivery.", "three years"),
        ("What does a day ticket cost?", "A day ticket costs €4.50 on all lines.", "€4.50"),
    ],
)
def test_the_only_value_of_the_kind_is_the_answer(question: str, text: str, answer: str) -> None:
    assert short_answer(quote(text, answer), question) == answer


@pytest.mark.parametrize(
    ("question", "text", "marked"),
    [
        (BUILT, "The mill was built in 1852 and burned down in 1860.", "1852"),
        ("What was built in 1852?", "The mill at Oxley was built in 1852 by Ann Carver.", "1852"),
        ("Who built the mill?", "The mill at Oxley was built in 1852 by Ann Carver.", "Ann Carver"),
        ("How many mills are there?", "It is one of the mills that still turn.", "one"),
        ("How many people can join?", "Ask [the desk](https://desk.example/id=2013) for a place at the table.", "2013"),
        (BUILT, "In spring 1852.", "spring 1852"),
    ],
    ids=["two values", "known already", "a name", "no number", "in an address", "nearly the whole quote"],
)
def test_in_doubt_there_is_none(question: str, text: str, marked: str) -> None:
    assert short_answer(quote(text, marked), question) == ""


def test_without_one_mark_there_is_none() -> None:
    text = "The mill at Oxley was built in 1852 by Ann Carver."
    assert short_answer(quote(text), BUILT) == ""
    assert short_answer(quote(text, "mill", "1852"), BUILT) == ""

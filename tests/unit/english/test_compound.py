"""Questions that ask for several things are taken apart; those that ask for one are left alone."""

import pytest

from qa.english.compound import LIST, parts


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        ("When was it built, and who paid?", ["When was it built?", "Who paid?"]),
        ("Who runs the shop and how much is a ticket?", ["Who runs the shop?", "How much is a ticket?"]),
        ("When and where is the meeting?", ["When is the meeting?", "Where is the meeting?"]),
        ("Where is the key? Who has it?", ["Where is the key?", "Who has it?"]),
        ("How did France and Spain react?", ["How did France react?", "How did Spain react?"]),
        ("How did A and B react?", ["How did A react?", "How did B react?"]),
        ("What do the French and the Germans want?", ["What do the French want?", "What do the Germans want?"]),
        (
            "What are the fees on Saturday and Sunday?",
            ["What are the fees on Saturday?", "What are the fees on Sunday?"],
        ),
        ("What is the difference between a pack and a blob?", ["What is a pack?", "What is a blob?"]),
        ("How does forget differ from prune?", ["What is forget?", "What is prune?"]),
        (
            "How much leave do I get with less than 3 years and with more than 15 years of service?",
            [
                "How much leave do I get with less than 3 years of service?",
                "How much leave do I get with more than 15 years of service?",
            ],
        ),
    ],
)
def test_a_question_for_several_things_is_taken_apart(question: str, texts: list[str]) -> None:
    assert [part.text for part in parts(question)] == texts


@pytest.mark.parametrize(
    "question",
    [
        "When was the mill built?",
        "Which roads and bridges were closed?",
        "How did the price change between 2014 and 2018?",
        "What did the talks between Paris and Rome bring?",
        "Who wrote the article about Carver and long-range missiles?",
        "Who and",
        "and",
        "?",
        "",
    ],
)
def test_a_question_for_one_thing_is_left_alone(question: str) -> None:
    assert [part.text for part in parts(question)] == [question]


def test_a_later_part_gets_what_it_leaves_to_the_first() -> None:
    _, pronoun = parts("Who was Hall Kelley and whom did he inspire?")
    assert (pronoun.text, pronoun.searched) == ("Whom did he inspire?", "Whom did he inspire? (Hall Kelley)")
    _, fragment = parts("Which leave is for jury duty and which one for voting?")
    assert fragment.searched == "Which one for voting? (leave jury duty)"


@pytest.mark.parametrize(
    ("question", "wants_several"), [("Which groups protested?", True), ("Who is in charge?", False)]
)
def test_a_question_may_ask_for_several_of_a_sort(question: str, wants_several: bool) -> None:
    assert bool(LIST.search(question)) is wants_several

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
        ("How do I install and configure it?", ["How do I install it?", "How do I configure it?"]),
        ("Why did he resign and leave?", ["Why did he resign?", "Why did he leave?"]),
        ("Where and by whom was it built?", ["Where was it built?", "By whom was it built?"]),
        ("In 2014, who won and what did they do?", ["In 2014, who won?", "What did they do?"]),
        ("What if the power fails, and who do I call?", ["What if the power fails?", "Who do I call?"]),
        ("Is there a key and who has it?", ["Is there a key?", "Who has it?"]),
        ("Compare restic and borg.", ["What is restic?", "What is borg?"]),
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
        "How do I stop the server and restart it?",
        "What happens when I delete a key and run the program?",
        "What do small dogs and cats eat?",
        "How do I know when a backup failed and why it failed?",
        "Do you know who he is and what he wants?",
        "Do you know who won and who lost?",
        "Who is the man who left and who came back?",
        "What should I do if I forget where it is and how it works?",
        "Compared with 2014, what changed from the old rules?",
        "Is it free and is there a lift?",
        "Who and",
        "and",
        "?",
        "",
    ],
)
def test_a_question_for_one_thing_is_left_alone(question: str) -> None:
    assert [part.text for part in parts(question)] == [question]


def test_no_part_of_a_question_is_dropped() -> None:
    asked = [f"what is the size of item {letter}" for letter in "abcdefgh"]
    found = parts(", and ".join(asked) + "?")
    assert len(found) == 6
    assert [part.text for part in found[:-1]] == [f"What is the size of item {letter}?" for letter in "abcde"]
    rest = "What is the size of item f and what is the size of item g and what is the size of item h?"
    assert found[-1].text == rest


def test_a_later_part_gets_what_it_leaves_to_the_first() -> None:
    _, pronoun = parts("Who was Hall Kelley and whom did he inspire?")
    assert (pronoun.text, pronoun.searched) == ("Whom did he inspire?", "Whom did he inspire? (Hall Kelley)")
    _, thing = parts("What is the usual pack size, and which environment variable sets it?")
    assert thing.searched == "Which environment variable sets it? (usual pack size)"
    _, fragment = parts("Which leave is for jury duty and which one for voting?")
    assert fragment.searched == "Which one for voting? (leave jury duty)"


@pytest.mark.parametrize(
    ("question", "wants_several"),
    [
        ("Which groups protested?", True),
        ("Which documents do I need?", True),
        ("Who is in charge?", False),
        ("Which process failed?", False),
        ("What does the key do?", False),
        ("What happens next?", False),
        ("What is the boss of ours called?", False),
    ],
)
def test_a_question_may_ask_for_several_of_a_sort(question: str, wants_several: bool) -> None:
    assert bool(LIST.search(question)) is wants_several

"""Which questions lean on what was said before."""

import pytest

from qa.english.follow_ups import content_words, fragment, has_pronoun, is_assent, is_elliptical


@pytest.mark.parametrize(
    "question",
    ["And in winter?", "what about dogs?", "How about the others?", "why?", "When then?", "yes", "Go on.", "in 1912?"],
)
def test_a_fragment_is_elliptical(question: str) -> None:
    assert is_elliptical(question)


@pytest.mark.parametrize(
    "question",
    [
        "And what is the default size?",
        "Thanks. How do I lock the door?",
        "In which year was it built?",
        "Does it cost money?",
        "Describe the house.",
        "So can dogs travel free of charge?",
        "Wann fährt die letzte Fähre?",
        "¿Cuánto cuesta el viaje de noche?",
        "Kuinka usein lautta kulkee?",
        "何時に出発しますか",
    ],
)
def test_a_whole_question_is_not(question: str) -> None:
    assert not is_elliptical(question)


@pytest.mark.parametrize("said", ["??", "...", "", "—"])
def test_what_has_no_word_is_no_assent(said: str) -> None:
    assert not is_assent(said)


def test_yes_is_assent_and_yes_with_more_is_not() -> None:
    assert is_assent("Yes, please.")
    assert is_assent("ok, go on")
    assert not is_assent("yes, and the captain?")


@pytest.mark.parametrize(
    "question",
    ["Who built it?", "When did she die?", "Can I do that?", "Is it like that of the ferry?", "What is there?"],
)
def test_a_pronoun_points_back(question: str) -> None:
    assert has_pronoun(question)


@pytest.mark.parametrize(
    "question",
    [
        "Who wrote the letter that closed the harbour?",
        "When did Ann Marlow say that she was born?",
        "Is it possible to travel by night?",
        "Is there a ferry on Sundays?",
    ],
)
def test_a_pronoun_within_a_question_does_not(question: str) -> None:
    assert not has_pronoun(question)


def test_what_opens_a_fragment_is_cut_off() -> None:
    assert fragment("Ok, and what about the old ferry?") == "the old ferry"
    assert fragment("No, I mean the second one!") == "the second one"


def test_content_words_are_as_written_each_once() -> None:
    assert content_words("How many hours does Ann's ferry wait, and which ferry?") == ("hours", "Ann", "ferry", "wait")

"""The claim gate, rule by rule: changes of meaning that it must catch, and harmless neighbours that it must not."""

import pytest

from qa.answer.support import Finding, SupportQuote, check


def ask(statement: str, quote: str, question: str = "", **around: str) -> Finding:
    return check(statement, [SupportQuote(quote, **around)], question)


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("The mayor signed the treaty.", "The mayor never openly signed the treaty."),
        ("The mayor signed the treaty.", "The mayor has not so far agreed to sign the treaty."),
        ("The club owns boats.", "The club has not bought any boats."),
        ("Passengers may board.", "Only ticketed passengers may board."),
        ("Pupils passed.", "Few older pupils passed."),
        ("The dam burst.", "The dam might suddenly burst."),
    ],
)
def test_an_operator_is_not_lost_with_the_word_beside_it(statement: str, quote: str) -> None:
    assert not ask(statement, quote).supported


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("The mayor signed the treaty.", "The mayor did not sign the budget but signed the treaty."),
        ("None is planned, people at the mill said.", "No layoffs are planned, people at the mill said."),
        ("The act lets the mayor close the port.", "The act would give the mayor power to close the port."),
        ("The port stayed open.", "The port stayed open and did not formally shut."),
    ],
)
def test_an_operator_of_other_words_may_be_left_out(statement: str, quote: str) -> None:
    assert ask(statement, quote).problems == ()

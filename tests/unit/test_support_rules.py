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


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("Roe sold the mill.", "Neighbours believe that Mrs. Roe sold the mill."),
        ("The town will leave the U.N.", "The town will leave the U.N. only if the mill closes."),
        ("The mill is bankrupt!", "“The mill is bankrupt!” Anna Roe shouted."),
        ("The mill will close.", "“The mill will close?” she asked."),
        ("The mill closed.", "Has the mill closed?"),
    ],
)
def test_what_is_part_of_a_sentence_or_asked_or_said_is_no_sentence_of_the_quote(statement: str, quote: str) -> None:
    assert not ask(statement, quote).supported


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("Mr. Roe sold it.", "The mill closed. Mr. Roe sold it."),
        ("The mill closed.", "Why? The mill closed. It was old."),
        ("We lost.", "“We lost.”"),
        ("Roe asked whether the mill had closed.", "Roe asked: has the mill closed?"),
    ],
)
def test_a_whole_sentence_of_the_quote_is_supported(statement: str, quote: str) -> None:
    assert ask(statement, quote).problems == ()

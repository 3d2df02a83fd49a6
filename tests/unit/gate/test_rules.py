"""The claim gate, rule by rule: changes of meaning that it must catch, and harmless neighbours that it must not."""

import pytest

from qa.gate import Finding, SupportQuote, check


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
    ],
)
def test_what_is_part_of_a_sentence_or_spoken_is_no_sentence_of_the_quote(statement: str, quote: str) -> None:
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


@pytest.mark.parametrize(
    ("statement", "quote", "question"),
    [
        ("Ann Roe sold the mill.", "The roof of the mill is red.", "Why did Ann Roe sell the mill?"),
        ("The bridge cost $9 million.", "The bridge was opened in 1990.", "Did the bridge cost $9 million?"),
        ("Yes, the pier burned in 1871.", "The pier was old.", "Did the pier burn in 1871?"),
    ],
)
def test_the_question_proves_nothing_that_only_repeats_it(statement: str, quote: str, question: str) -> None:
    assert not ask(statement, quote, question).supported


def test_a_statement_in_the_words_of_the_question_is_supported_by_quotes_that_say_it() -> None:
    question = "Did Ann Roe sell the mill?"
    assert ask("Ann Roe sold the mill.", "The mill was sold by Ann Roe.", question).problems == ()
    assert ask("Ann Roe sold the mill.", "She sold the mill.", question, before="Ann Roe was old.").problems == ()
    assert ask("Ann Roe sold the mill in 1990.", "She sold it in 1990.", "When did Ann Roe sell the mill?").supported


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("The lake was at 7 degrees.", "The lake was at -7 degrees."),
        ("The lake was at 7 degrees.", "The lake was at minus 7 degrees."),
        ("The farm made $3 million.", "The farm made -$3 million."),
        ("The boat cost US$5.", "The boat cost NZ$5."),
        ("The share rose by 2 percent.", "The share rose by 2 percentage points."),
        ("The shop sold 15 million.", "The shop sold 1,5 million."),
    ],
)
def test_sign_currency_and_decimal_comma_belong_to_a_number(statement: str, quote: str) -> None:
    assert not ask(statement, quote).supported


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("The lake was at minus 7 degrees.", "The lake was at −7 degrees."),
        ("The boat cost $5.", "The boat cost NZ$5."),
        ("The boat cost 5 million dollars.", "The boat cost US$5 million."),
        ("The share rose by 2 points.", "The share rose by 2 percentage points."),
        ("The shop sold 1.5 million.", "The shop sold 1,5 million."),
        ("The war lasted 1914-1918.", "The war lasted from 1914 to 1918."),
    ],
)
def test_the_same_number_in_another_form_is_supported(statement: str, quote: str) -> None:
    assert ask(statement, quote).problems == ()


@pytest.mark.parametrize("marks", ["“”", "””", "„“", "«»", "‘’", "''", '""'])
def test_words_between_quotation_marks_of_any_kind_are_verbatim(marks: str) -> None:
    statement = f"Roe called it {marks[0]}an old wreck{marks[1]}."
    assert not ask(statement, "Roe called it a wreck that is old.").supported
    assert ask(statement, "Roe called it “an old wreck”.").problems == ()
    assert ask("The workers' and the farmers' pay rose.", "The farmers' and the workers' pay rose.").supported


def test_a_long_row_of_signs_is_read() -> None:
    assert not ask("minus " * 400 + "5", "minus " * 3_000 + "6").supported


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("Roe received the letters.", "Roe lost the letters."),
        ("The town owns the pier.", "The town wrecked the pier."),
        ("The club started the strike.", "The club fears the strike."),
    ],
)
def test_a_light_verb_does_not_stand_for_another_verb(statement: str, quote: str) -> None:
    assert not ask(statement, quote).supported


def test_a_light_verb_may_be_added_where_the_quotes_have_no_verb() -> None:
    assert ask("Roe gave a speech on Monday.", "Roe's speech on Monday was long.").problems == ()
    assert ask("Roe attended the meeting on Monday.", "Roe was at the meeting on Monday.").problems == ()


@pytest.mark.parametrize(
    ("said", "quoted"),
    [("policy", "police"), ("port", "portion"), ("department", "departure"), ("moral", "morale")],
)
def test_words_of_one_root_and_two_meanings_do_not_match(said: str, quoted: str) -> None:
    assert not ask(f"The {said} was old.", f"The {quoted} was old.").supported


def test_forms_of_one_word_still_match() -> None:
    assert ask("The authority closed two stations.", "Two stations were closed by the authorities.").problems == ()


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("$35 was paid in 2009.", "Amounts paid for the savings plans for 2009 were $35."),
        ("The team had an 11-25-5 record.", "The team barely had ten wins and an 11-25-5 record."),
    ],
)
def test_words_that_only_look_like_plans_and_denials(statement: str, quote: str) -> None:
    assert ask(statement, quote).problems == ()


def test_what_appears_somewhere_is_no_hedge() -> None:
    assert ask("The songs appeared in 1923.", "The songs, Blackie, 1923.", "When did the songs appear?").problems == ()


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("The songs sold well.", "The songs appeared to sell well."),
        ("The mill paid $35.", "The mill plans to pay $35."),
        ("The mill invests $35 in bonds.", "The mill plans for investing $35 in bonds."),
        ("The team won.", "The team hardly won."),
    ],
)
def test_hedges_plans_and_denials_are_still_seen(statement: str, quote: str) -> None:
    assert not ask(statement, quote).supported

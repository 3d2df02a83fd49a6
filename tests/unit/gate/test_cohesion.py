"""The claim gate on words that the quotes have, put together as the quotes do not: across quotes, in place of another
noun, with another number.
"""

import pytest

from qa.gate import SupportQuote, check

HOTEL = SupportQuote("Hotel rooms may cost up to £120 a night.", before="Travel by train is booked in second class.")
MEALS = SupportQuote("Meals are refunded against receipts.", before=HOTEL.text)
BOILER = SupportQuote("The boiler is serviced every autumn by the landlord.", before="Repairs are paid by the tenants.")
KEY = SupportQuote("The caretaker holds a spare key.", before="Defects must be reported in writing.")
RENT = SupportQuote("The rent is 1,150 euros a month.", before="The tenancy begins on 15 March.")
WATER = SupportQuote("It includes water and refuse collection.", before=RENT.text)
DEPOSIT = SupportQuote("The deposit is held by a bank.", before="The tenants pay a deposit.")
PUMP = SupportQuote("The Tarn 300 is a submersible pump for clean water.")
LIFT = SupportQuote("The pump lifts 9,500 litres an hour.", before="It must not be used for petrol.")
AIR = SupportQuote("Lyon faced the challenge of clean air.", before="It was hot.")
ROADS = SupportQuote("The city met this challenge by closing roads.", before=AIR.text)
TOWER = SupportQuote("The tower is 202 feet tall.", before="It was hot.")
BONES = SupportQuote("A museum holds 80 bones.", before="It rained.")
MONKS = SupportQuote("Monks planted trees behind a chapel.", before="Coffee came late.")
CHERRIES = SupportQuote("Cherries are pulped on the same evening.", before="A good picker brings in 70 kilos.")


@pytest.mark.parametrize(
    ("statement", "quotes", "question"),
    [
        ("Hotel rooms are refunded against receipts.", [HOTEL, MEALS], "What is refunded?"),
        ("The caretaker services the boiler every autumn.", [BOILER, KEY], "Who services the boiler?"),
        ("The caretaker services the boiler.", [BOILER, KEY], "Who looks after the flat?"),
        ("The deposit includes water and refuse collection.", [WATER, DEPOSIT], "What does the deposit include?"),
        ("Monks pulped the cherries behind a chapel.", [MONKS, CHERRIES], "What did the monks do?"),
    ],
)
def test_words_of_two_quotes_that_do_not_hang_together_make_no_statement(statement, quotes, question):
    finding = check(statement, quotes, question)
    assert any(problem.startswith("No quote says this of ") for problem in finding.problems)


@pytest.mark.parametrize(
    ("statement", "quotes", "question"),
    [
        ("The rent is 1,150 euros a month and includes water.", [RENT, WATER], "What does the rent include?"),
        ("The rent includes water and refuse collection.", [RENT, WATER], "What is included?"),
        ("The Tarn 300 lifts 9,500 litres an hour.", [PUMP, LIFT], "How much does it lift?"),
        ("The caretaker holds a spare key, and the boiler is serviced every autumn.", [BOILER, KEY], ""),
        ("The boiler is serviced every autumn, but the caretaker holds a key.", [KEY, BOILER], "Who does what?"),
        ("Lyon met the challenge of clean air by closing roads.", [AIR, ROADS], "What did Lyon do?"),
        ("The tower is 202 feet tall and the museum holds 80 bones.", [TOWER, BONES], ""),
        ("Roe, who lived in Leeds, sold it.", [SupportQuote("Roe sold it."), SupportQuote("Roe lived in Leeds.")], ""),
    ],
)
def test_quotes_that_hang_together_may_share_a_statement(statement, quotes, question):
    assert check(statement, quotes, question).problems == ()


@pytest.mark.parametrize(
    ("statement", "quote", "question"),
    [
        ("The hose is ten metres long.", "The cable is ten metres long.", "How long is the hose?"),
        ("Yes, dogs are allowed.", "Cats are allowed.", "Are dogs allowed?"),
        ("The tenants may keep one dog.", "The tenants may keep one cat.", "Are dogs allowed?"),
        (
            "The safety shoes hang beside the door.",
            "The first-aid kit hangs beside the door.",
            "Where are safety shoes?",
        ),
        ("Clean the hose once a month.", "Clean the strainer once a month.", "How often must I clean the hose?"),
        ("The beans are dried on beds.", "The growers dry the cherries on beds.", "Where are the beans dried?"),
        ("The motor weighs 5 kg.", "The pump weighs 5 kg.", "How much does the motor weigh?"),
        ("The notice period lasts six months.", "Probation lasts six months.", "How long is the notice period?"),
        (
            "Fitters are replaced yearly.",
            "Each has a laptop, which is replaced yearly.",
            "How often are fitters replaced?",
        ),
    ],
)
def test_a_noun_of_the_question_does_not_replace_one_of_the_quotes(statement, quote, question):
    finding = check(statement, [SupportQuote(quote)], question)
    assert any(problem.startswith('Where the statement has "') for problem in finding.problems)


@pytest.mark.parametrize(
    ("statement", "quote", "question"),
    [
        ("Tomahawks can fly 1,600 km.", "The missiles can fly 1,600 km.", "How far can Tomahawks fly?"),
        ("The pump's cable is ten metres long.", "The cable is ten metres long.", "How long is the pump's cable?"),
        ("The company was founded in 2009.", "Brightwell was founded in 2009.", "When was the company founded?"),
        ("The rent of the flat is 900 euros.", "The rent is 900 euros.", "How high is the rent of the flat?"),
        (
            "The pump must not be used for petrol.",
            "It must not be used for petrol.",
            "May the pump be used for petrol?",
        ),
        ("Workers wear shoes there.", "Everyone in the shop wears shoes there.", "What do workers wear in the shop?"),
        ("The probation period lasts six months.", "Probation lasts six months.", "How long is the probation period?"),
    ],
)
def test_a_noun_of_the_question_may_say_what_the_quotes_speak_of(statement, quote, question):
    assert check(statement, [SupportQuote(quote)], question).problems == ()


PAID = "Dividends were $446 million, $423 million and $404 million for the years 2017, 2016 and 2015, respectively."
ROOMS = "Hotel rooms may cost up to £120 a night, or £160 in London."
BLOWS = "In 2022 there were two accidents in York and three in Leeds."
PRICES = "A pound fetched 2.10 dollars in 2014 and 0.98 dollars in 2018."


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("Dividends were $423 million for 2017.", PAID),
        ("Dividends were $404 million and $423 million for 2016 and 2015, respectively.", PAID),
        ("Hotel rooms in London may cost up to £120 a night.", ROOMS),
        ("In 2022 there were two accidents in Leeds.", BLOWS),
        ("A pound fetched 2.10 dollars in 2018.", PRICES),
        ("Paris won 3 medals.", "Lyon and Paris won 3 and 5 medals, respectively."),
    ],
)
def test_a_number_goes_with_what_it_goes_with_in_the_quotes(statement, quote):
    assert not check(statement, [SupportQuote(quote)]).supported


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("Dividends were $423 million in 2016.", PAID),
        ("Dividends were $423 million and $404 million in 2016 and 2015, respectively.", PAID),
        ("Dividends were $446 million in 2017, $423 million in 2016 and $404 million in 2015.", PAID),
        ("In 2022 there were three accidents in Leeds.", BLOWS),
        ("There were two accidents in York in 2022.", BLOWS),
        ("A pound fetched 0.98 dollars in 2018.", PRICES),
        (
            "Sales grew from $4 million to $5 million between 2017 and 2018.",
            "Sales grew from $4 million in 2017 to $5 million in 2018.",
        ),
        (
            "The school was founded in 1950 and moved to Leeds.",
            "The school was founded in 1950 and moved in 1970 to Leeds.",
        ),
    ],
)
def test_numbers_with_what_they_go_with_are_supported(statement, quote):
    assert check(statement, [SupportQuote(quote)]).problems == ()


@pytest.mark.parametrize(
    ("statement", "supported"),
    [
        ("Brightwell founded a bakery in Leeds.", False),
        ("Brightwell was founded by Roe in 2009.", True),
        ("Roe founded Brightwell in 2009.", True),
    ],
)
def test_what_was_done_to_somebody_is_not_done_by_him(statement, supported):
    quote = SupportQuote("Brightwell was founded in 2009 by Roe in a former bakery in Leeds.")
    assert check(statement, [quote]).supported == supported


def test_a_question_is_no_answer():
    asked = "What role does axin play?"
    quotes = [SupportQuote("We ask here what role axin plays?")]
    assert check("We ask here what role axin plays?", quotes, asked).off_topic == "It asks, and answers nothing."
    assert check("Did axin fail?", [SupportQuote("Roe asked: did axin fail?")], "What did Roe ask?").off_topic == ""


def test_who_speaks_in_a_speech_without_marks_may_be_who_is_asked_about():
    asked = "What did Governor Roe promise about the new bridge?"
    assert (
        check("We will build the new bridge.", [SupportQuote("We will build the new bridge.")], asked).off_topic == ""
    )
    quoted = SupportQuote("“We will build the new bridge,” Mayor Lee said.")
    assert "Governor" in check("Lee will build the new bridge.", [quoted], asked).off_topic


def test_without_a_question_nothing_is_off_topic():
    quotes = [SupportQuote("Did axin fail?")]
    assert check("Did axin fail?", quotes).off_topic == ""
    assert check("Did axin fail?", quotes, "When did axin fail?").off_topic != ""


def test_a_statement_may_be_supported_and_off_topic():
    finding = check("The tower is 202 feet tall.", [TOWER], "Who planted the cherries?")
    assert (finding.supported, bool(finding.off_topic)) == (True, True)

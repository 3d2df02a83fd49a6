"""The claim gate on what language models write: answers in other words, and what only looks like one."""

import pytest

from qa.english.meanings import keys_of
from qa.english.tables import table_lines
from qa.gate import SupportQuote, check
from qa.gate.relevance import shared

MERGER = "In 1997, the Museum of Science merged with the Oakdale Children's Museum, which stood on the quay."
TANK = "The tank was captured by two Union boats in 1863 when it ran aground."
SHIP = "Several years after the war, the Marlin was sold to Haiti, but was lost on her delivery voyage."
AUSTIN = "“There are a lot of targets,” Austin said at a Defense Contact Group meeting in Germany on Friday."
FACTOR = (
    "Asked about costs, Secretary of State Ann Blake said that they are a factor, but certainly not the only factor."
)
NATO = "If the nations allow this, Putin said: “This will mean that they are at war with Russia.”"
WAR = "What did Putin say would happen if the nations allow this?"
TRADE = "Howson, Carter and his agent all denied that a trade request was ever made."
TIMES = "The Oakdale Times, citing European officials, reported that Marlow appears poised to clear the way."


def problems(statement: str, quote: str, question: str = "", before: str = "", after: str = "") -> tuple[str, ...]:
    return check(statement, [SupportQuote(quote, before, after)], question).problems


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("The two leaders were keen to talk.", "The two leaders were eager to talk."),
        ("They collected the specimens.", "They gathered the specimens."),
        ("A big number of boats sank.", "A large number of boats sank."),
        ("He died at the age of seventy-seven.", "He died in the valley aged 77 years."),
        ("They met one week after the vote.", "They met a week after the vote."),
        ("None is expected, according to the mayor.", "No announcements are expected, the mayor said."),
        ("Up to nine years for males.", "The maximum lifespan is estimated to be 9 years for males."),
        ("Just 2 of them did not.", "Only two of them did not, which the team then studied."),
        ("Marlow (June 28, 1895–16 February 1973) painted.", "Marlow (28 June 1895–16 February 1973) painted."),
        ("May Marlow sang the theme.", "The theme was sung by May Marlow."),
        ("Mascherino of Bologna designed the tower.", "The tower was designed by the Bolognese Mascherino."),
        ("The Museum of Science and the Oakdale Children's Museum merged in 1997.", MERGER),
        ("She was sold to Haiti and lost while being delivered.", SHIP),
        ("Storm Shadow missiles have been sent to Kyiv by the UK.", "The UK has sent Storm Shadow missiles to Kyiv."),
        ("It is required by the EPA that 20% be planted.", "The EPA requires that 20% be planted to avoid it."),
        ("Transgenic corn isn't allowed in Mexico.", "For these reasons, transgenic corn is prohibited in Mexico."),
        ("Carter denied that a trade request was ever made.", TRADE),
        ("The Oakdale Times reported that Marlow seems ready to clear the way.", TIMES),
        ("Blake said they are a factor, but not the only factor.", FACTOR),
        ("Blake said that costs are a factor.", FACTOR),
        ("None of the passengers was hurt.", "No passengers were hurt, but the driver was taken to hospital."),
        ("The book came out in 1995.", "Smith wrote the book in 1990, but it was not published until 1995."),
        ("It opened half a year later.", "It opened six months later than planned."),
        ("Two students founded the fair in 1987.", "The fair, founded in 1987 by two students, attracts visitors."),
        ("The mayor decided to replace it with a wide one.", "The mayor decided to have it replaced by a wide one."),
    ],
)
def test_what_says_the_same_in_other_words_is_supported(statement: str, quote: str) -> None:
    assert problems(statement, quote) == ()


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("The two leaders were reluctant to talk.", "The two leaders were eager to talk."),
        ("They met one week after the vote.", "They met two weeks after the vote."),
        ("Up to nine years for males.", "The lifespan is estimated to be 9 years for males."),
        ("Marlow (28 June 1895–16 February 1983) painted.", "Marlow (28 June 1895–16 February 1973) painted."),
        ("Transgenic corn is allowed in Mexico.", "For these reasons, transgenic corn is prohibited in Mexico."),
        ("The tank captured two Union boats in 1863 when they ran aground.", TANK),
        ("Several years after the war, Haiti sold the Marlin.", SHIP),
        ("They turned modern corn into a grass.", "They turned a grass into modern corn."),
        (
            "Rockets are fired from JASSMs.",
            "Joint Air-to-Surface Standoff Missiles, or JASSMs, are fired from Rockets.",
        ),
        ("Blake said costs are not a factor.", FACTOR),
        ("The book was not published in 1995.", "Smith wrote the book, but it was not published until 1995."),
        ("We will rest until we win.", "We will not rest until we win."),
        ("Then Mayor Cardin spoke.", "Then Mayor Marlow spoke of the key."),
    ],
)
def test_what_only_looks_alike_is_not(statement: str, quote: str) -> None:
    assert problems(statement, quote) != ()


def test_a_condition_that_the_question_names_need_not_be_repeated() -> None:
    assert problems("Putin said it would mean that they are at war with Russia.", NATO, WAR) == ()
    assert problems("Putin said that they are at war with Russia.", NATO, WAR) != ()
    assert problems("Putin said it would mean that they are at war with Russia.", NATO) != ()


def test_where_words_were_said_is_the_sources_own_statement() -> None:
    assert problems("The Defense Contact Group meeting was in Germany on Friday.", AUSTIN) == ()
    assert problems("There are a lot of targets.", AUSTIN) != ()


def test_names_around_a_quote_are_no_part_of_it_unless_they_speak() -> None:
    quote, after = "“They are a factor,” he said.", "Blake spoke beside Foreign Minister Ann Sybiha, she said."
    assert problems("Foreign Minister Ann Sybiha.", quote, after=after) != ()


def test_a_name_is_not_completed_from_around_the_quote_where_it_is_another() -> None:
    before = "The MacArthur Museum stood nearby."
    assert problems("The Museum of Science merged with the MacArthur Museum.", MERGER, before=before) != ()
    assert problems("Matt Whitaker spoke.", "Whitaker spoke.", before="Matt Whitaker came.") == ()


def test_a_quote_of_one_word_proves_only_that_word() -> None:
    question = "When do Biden and Starmer talk?"
    assert problems("November.", "November.", question) == ()
    assert problems("Starmer, November.", "November.", question) == ("The quotes are too short to say this.",)


def test_the_share_of_a_question_that_a_text_has() -> None:
    assert shared("Which newspaper reported the question?", "It was the question that he answered.") == 1 / 3
    assert shared("Who purchased the ship?", "The ship was bought by Haiti.") == 1.0
    assert shared("Who said so?", "") == 1.0


def test_no_group_of_synonyms_holds_a_word_that_decides_what_is_claimed() -> None:
    words = {word for line in table_lines("wordnet.txt") for word in line.split()}
    assert len(table_lines("wordnet.txt")) > 2000
    assert words.isdisjoint(["may", "most", "still", "only", "after", "not", "all", "very"])


def test_words_of_wordnet_share_a_key_and_their_opposites_none() -> None:
    assert keys_of("gather") & keys_of("collected")
    assert not keys_of("accept") & keys_of("rejected")


@pytest.mark.parametrize(
    ("question", "statement", "quote"),
    [
        ("How many tanks does Ukraine have?", "Nations have provided tanks to Ukraine.", "Nations provided tanks."),
        ("When did Germany send tanks?", "Germany has sent tanks.", "Germany has sent tanks."),
        ("When did Germany send tanks?", "Germany sent tanks, the Times said.", "Germany sent tanks, the Times said."),
        ("How many tanks came?", "Tanks came with F-16 jets, not in any order.", "Tanks came with F-16 jets."),
        ("How many of the 14 tanks came?", "Some of the 14 tanks came.", "Some of the 14 tanks came."),
        ("How long did the tanks stay?", "The tanks stayed in Oslo.", "The tanks stayed in Oslo."),
        ("How much do the tanks cost?", "The tanks cost Oslo dearly.", "The tanks cost Oslo dearly."),
        (
            "What did Macron say about tanks?",
            "Biden said that tanks are limited.",
            "Biden said that tanks are limited.",
        ),
        ("Which paper reported the question on Oslo?", "They took it seriously.", "They took the ideas seriously."),
    ],
)
def test_a_true_statement_that_does_not_give_what_is_asked_is_no_answer(
    question: str, statement: str, quote: str
) -> None:
    assert check(statement, [SupportQuote(quote)], question).off_topic


@pytest.mark.parametrize(
    ("question", "statement", "quote"),
    [
        ("How many tanks does Ukraine have?", "Ukraine has several hundred.", "Ukraine has several hundred tanks."),
        ("When did Germany send tanks?", "After the vote.", "Germany sent tanks after the vote."),
        ("When did Germany send tanks?", "In 753 BC.", "Germany sent tanks in 753 BC."),
        ("How many tanks came?", "A dozen.", "A dozen tanks came."),
        ("How many tanks came?", "No tanks came.", "No tanks came."),
        ("How many tanks came?", "Most of the tanks came.", "Most of the tanks came."),
        ("How long did the tanks stay?", "Until Friday.", "The tanks stayed until Friday."),
        ("How far can the tanks go?", "They can reach Oslo.", "The tanks can reach Oslo."),
        ("How much do the tanks cost?", "Two million dollars.", "The tanks cost two million dollars."),
        ("Did the Pentagon limit the stock?", "The stock is limited.", "The Defense Department has a limited stock."),
        ("Who gave Ukraine its F-16s?", "European nations provided those jets.", "Nations provided jets to Ukraine."),
        ("Who is he?", "Ann Blake.", "Ann Blake spoke."),
    ],
)
def test_a_short_answer_in_other_words_is_one(question: str, statement: str, quote: str) -> None:
    assert check(statement, [SupportQuote(quote)], question).off_topic == ""


def test_a_name_of_the_question_is_not_joined_to_one_of_the_quotes() -> None:
    quote, question = "Marlow is signaling a new openness to his guests.", "How open were Marlow and Blake?"
    assert problems("Marlow and Blake were signaling a new openness.", quote, question) != ()
    assert problems("Marlow was signaling a new openness.", quote, question) == ()


def test_that_two_spoke_is_no_claim_of_what_was_said() -> None:
    quote = "“It is not only Patriots,” NATO chief Mark Rutte told CNN’s Jake Tapper on Monday, citing other systems."
    assert problems("Mark Rutte spoke to Jake Tapper on Monday.", quote) == ()


def test_a_name_that_another_sentence_explains_may_stand_beside_one_of_the_quote() -> None:
    quote, before = "He and Biden also met on the sidelines of a NATO summit.", "For Starmer it was an opportunity."
    assert problems("Biden and Starmer met on the sidelines of a NATO summit.", quote, before=before) == ()


def test_it_is_time_stands_for_nobody_and_he_for_one() -> None:
    before = "Ben Cardin spoke first, then Ann Blake."
    assert problems("Cardin wants to lift the ban.", "It is time to lift the ban.", before=before) != ()
    assert problems("Cardin wants to lift the ban.", "He wants to lift the ban.", before=before) == ()
    assert problems("Cardin with Blake wants to lift the ban.", "He wants to lift the ban.", before=before) != ()


PLANTS = "Any changes will require US approval, and the agency (EPA) requires that 20% of the fields be planted."
COACH = "Arniel was fired on January 9 after the team won 11 games, and was replaced by assistant coach Todd Richards."
CORN = "Pests grow, so the agency requires that 20% of the fields be planted to non-Bt corn."
STRIKES = "Zelensky said that the strikes could be carried out if the Ukrainians had the weapons needed."


@pytest.mark.parametrize(
    ("question", "statement", "quote"),
    [
        ("How much must be planted?", "20% of the fields.", CORN),
        ("What does the agency demand?", "That one fifth of the fields be planted.", CORN),
        ("Whose approval is needed?", "The approval of the US is required for any changes.", PLANTS),
        ("Who replaced Arniel?", "Assistant coach Todd Richards.", COACH),
        ("Who bought the Marlin?", "Haiti.", SHIP),
        ("Under what condition?", "If the Ukrainians had the weapons they need.", STRIKES),
        ("How did sales develop?", "Sales rose by 12 percent.", "Sales increased 12% to $3 billion."),
        ("When did they die?", "Within three weeks after birth.", "They died within three weeks of birth."),
        ("Did she run aground?", "It was seized after running aground.", "It was captured when it ran aground in May."),
        (
            "What were they to do?",
            "They were keen to talk about several issues.",
            "Eager to talk about a number of issues.",
        ),
        ("What was it for?", "To promote the study of stars.", "They were built to further the study of stars."),
        ("What did the firm do?", "It used them to pay back debt.", "The proceeds were used to repay debt by it."),
        ("Could the missile hit Paris?", "No, it can't reach Paris.", "The missile would not be able to reach Paris."),
    ],
)
def test_a_short_answer_leans_on_its_question(question: str, statement: str, quote: str) -> None:
    assert problems(statement, quote, question) == ()


@pytest.mark.parametrize(
    ("question", "statement", "quote"),
    [
        ("How much must be planted?", "80% of the fields.", CORN),
        ("Who replaced Richards?", "Arniel.", COACH),
        ("Who sold the Marlin?", "Haiti.", SHIP),
        ("What did they discuss?", "They discussed many issues.", "They were eager to discuss several issues."),
        ("What did Zelensky say?", "That the strikes will be carried out.", STRIKES),
        ("Has it agreed to the calls?", "Yes.", "It has long resisted the calls."),
    ],
)
def test_a_short_answer_is_checked_with_its_question(question: str, statement: str, quote: str) -> None:
    assert problems(statement, quote, question) != ()


def test_what_is_reported_or_assessed_is_no_fact() -> None:
    quote = "Some assessments show that Russia has moved its bombs, the biggest threat to the troops."
    assert problems("Russia has moved its bombs, the biggest threat to the troops.", quote) != ()
    assert problems("Some assessments show that Russia has moved its bombs.", quote) == ()
    rays = "There are unsubstantiated reports that its range extends to southern Papua."
    assert problems("Its range extends to southern Papua.", rays) != ()


def test_a_bare_no_answers_only_what_can_be_answered_so() -> None:
    quote = "17 former captains would not be able to sign the letter."
    assert problems(":NO", quote, "How many captains signed the letter?") == ("The statement says nothing.",)
    assert problems("No.", quote, "Would the former captains be able to sign the letter?") == ()

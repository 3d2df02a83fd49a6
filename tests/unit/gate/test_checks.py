"""The claim gate: what quotes bear out, and what they do not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa import gate as support
from qa.gate import Finding, SupportQuote, check

BRIDGE = "The bridge was built by Roman engineers in 98 AD and restored in 1543."
MISSILE = "The missile has a range of 300 km and would not be able to reach Paris."
UNION = "The plant will close in March 2024 unless a buyer is found, the union said."
FILM = "The film was directed by Anna Lindqvist and stars Peter Hall as a retired detective."
SALES = "Sales rose from $8 million to $32 million in 2019, the company said."
JOBS = "Analysts expect the bank to cut 2,000 jobs next year."
ATACMS = (
    "At the end of his term, President Joe Biden allowed shipments of powerful long-range Army Tactical Missile System "
    "(ATACMS) missiles to Ukraine for use inside Russia, though those weapons would not be able to reach the two "
    "cities Trump questioned Zelensky about in his phone call."
)
COULD_HIT = "Could the ATACMS that Biden allowed have hit Moscow?"


def ask(statement: str, quote: str, question: str = "", **around: str) -> Finding:
    return check(statement, [SupportQuote(quote, **around)], question)


def test_public_names_are_sorted() -> None:
    assert support.__all__ == sorted(support.__all__, key=lambda name: (not name.isupper(), name))
    assert all(hasattr(support, name) for name in support.__all__)


@pytest.mark.parametrize("statement", ["Yes, they could have hit Moscow.", "They could have hit Moscow.", "Yes."])
def test_a_yes_against_would_not_be_able_is_caught(statement: str) -> None:
    assert not ask(statement, ATACMS, COULD_HIT).supported


@pytest.mark.parametrize("statement", ["No.", "No, they would not have been able to reach it.", "No, they couldn't."])
def test_a_no_that_the_quotes_bear_out_is_supported(statement: str) -> None:
    assert ask(statement, ATACMS, COULD_HIT).supported


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        (BRIDGE, BRIDGE),
        ("Ada Holm built the pier of Northpoint in 1871.", "The pier of Northpoint was built in 1871 by Ada Holm."),
        ("Roman engineers built the bridge in 98 AD.", BRIDGE),
        ("The bridge was restored in 1543.", BRIDGE),
        ("The missile couldn't reach Paris.", MISSILE),
        ("The range of the missile is 300 kilometres.", MISSILE),
        ("The union said the plant will close in March 2024 unless a buyer is found.", UNION),
        ("Unless a buyer is found, the plant will close in March 2024, according to the union.", UNION),
        ("Lindqvist directed the film.", FILM),
        ("The company said sales rose to $32 million in 2019.", SALES),
        ("In 2019 sales went up from 8 million dollars to 32 million dollars, the company said.", SALES),
        ("The bank is expected to cut 2,000 jobs next year.", JOBS),
        ("The UK and the US signed.", "The United Kingdom and the United States signed."),
        ("The WHO ended the programme.", "The World Health Organization ended the program."),
        ("The treaty was signed on 1918-11-12.", "The treaty was signed on 12 November 1918."),
        ("Twenty-one members voted.", "21 members voted."),
        ("The city does not have an airport.", "The city doesn't have an airport."),
        ("Floods are not covered.", "The policy covers fire and theft, but floods are excluded."),
    ],
)
def test_harmless_paraphrases_are_supported(statement: str, quote: str) -> None:
    assert ask(statement, quote).problems == ()


@pytest.mark.parametrize(
    ("kind", "statement", "quote"),
    [
        ("number", "The missile has a range of 200 km.", MISSILE),
        ("unit", "The missile has a range of 300 miles.", MISSILE),
        ("by and to", "The company said sales rose by $32 million in 2019.", SALES),
        ("date", "The bridge was restored in 1534.", BRIDGE),
        ("name", "The film was directed by Anna Bergman.", FILM),
        ("role", "The film was directed by Peter Hall.", FILM),
        ("role", "The company said sales rose from $32 million to $8 million in 2019.", SALES),
        ("role", "Germany invaded Russia.", "Russia invaded Germany."),
        ("role, passive", "Gibbs was sued by the state of Ohio.", "The state of Ohio was sued by Gibbs."),
        ("polarity", "The missile would be able to reach Paris.", MISSILE),
        ("polarity", "The bridge was not restored in 1543.", BRIDGE),
        ("polarity", "He ruled out a strike.", "He did not rule out a strike."),
        ("polarity", "He allowed a strike.", "He did not rule out allowing a strike."),
        ("modality", "The bank cut 2,000 jobs.", JOBS),
        ("modality", "The protein plays a role in sleep.", "The protein may play a role in sleep."),
        ("modality", "Israel may allow aid.", "Israel must allow aid."),
        ("modality", "He raised the tax.", "It is time to raise the tax, and he can."),
        ("condition", "The union said the plant will close in March 2024.", UNION),
        ("condition", "The union said the plant will close in March 2024 if a buyer is found.", UNION),
        ("speaker", "The plant will close in March 2024 unless a buyer is found.", UNION),
        ("speaker", "Peter Hall said the film was retired.", FILM),
        ("quantifier", "All members voted.", "Some members voted."),
        ("quantifier", "Members voted.", "Few members voted."),
        ("quantifier", "They paid at most $20.", "They paid at least $20."),
        ("time order", "He left before the war.", "He left after the war."),
        ("antonym", "Prices fell in May.", "Prices rose in May."),
        ("addition", "The bridge was restored in 1543 in secret.", BRIDGE),
        ("quoted words", "He called it a “great mistake”.", "He called it a “big mistake”."),
    ],
)
def test_changes_of_meaning_are_caught(kind: str, statement: str, quote: str) -> None:
    finding = ask(statement, quote)
    assert not finding.supported, kind
    assert finding.problems


def test_problems_are_plain_sentences_that_name_what_is_wrong() -> None:
    assert ask("The missile has a range of 200 km.", MISSILE).problems == (
        "The quotes do not contain the number 200 km.",
    )
    assert ask("The film was directed by Anna Bergman.", FILM).problems == (
        'The quotes do not contain the name "Bergman".',
    )
    (problem, *_) = ask("The missile would be able to reach Paris.", MISSILE).problems
    assert problem.startswith('The quotes say "')
    assert "would not be able to reach" in problem


def test_the_question_may_supply_words_but_not_the_answer() -> None:
    question = "Who restored the bridge in 1543?"
    assert ask("It was built by Roman engineers.", BRIDGE, question).supported
    assert not ask("Anna Lindqvist restored the bridge.", BRIDGE, question).supported
    assert not ask("Peter Hall.", FILM, "Who directed the film?").supported
    assert ask("Anna Lindqvist.", FILM, "Who directed the film?").supported


def test_text_around_a_quote_says_who_he_is_but_proves_no_facts() -> None:
    quote, before = "But he did not rule out a strike.", "On Monday, envoy Matt Whitaker spoke in Oslo."
    assert ask("Whitaker did not rule out a strike.", quote, before=before).supported
    assert not ask("Whitaker did not rule out a strike.", quote).supported
    assert not ask("He did not rule out a strike on Monday.", quote, before=before).supported


def test_text_around_a_quote_says_who_speaks() -> None:
    quote, after = "“The president was merely asking a question,” ", "press secretary Karoline Leavitt told CNN."
    assert ask("Karoline Leavitt said the president was merely asking a question.", quote, after=after).supported
    assert not ask("Matt Whitaker said the president was merely asking a question.", quote, after=after).supported


def test_quotes_without_common_content_are_irrelevant() -> None:
    finding = check("The bridge was restored in 1543.", [SupportQuote(FILM), SupportQuote(BRIDGE)])
    assert finding.supported
    assert finding.irrelevant == (0,)
    assert check("No.", [SupportQuote(FILM), SupportQuote(MISSILE)], "Could the missile hit Paris?").irrelevant == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "Die Brücke wurde von den Römern gebaut und ist sehr alt.",
        "Мост был построен римлянами.",
        "この橋はローマ人が建てた。",
        "Hallitus leikkasi tukia",
        "Quốc hội thông qua luật",
        "Primarul semnat contractul vechi",
    ],
)
def test_what_is_not_english_is_not_passed(statement: str) -> None:
    finding = ask(statement, statement)
    assert not finding.supported
    assert "not in English" in finding.problems[0]


@pytest.mark.parametrize("text", ["Kyiv", "46 thousand", "Gas prices rose sharply", "Drone strikes hit refineries"])
def test_english_without_small_words_is_passed(text: str) -> None:
    assert ask(text, text).problems == ()


def test_nothing_is_not_supported() -> None:
    assert not ask("", BRIDGE).supported
    assert not ask("...", BRIDGE).supported
    assert not check(BRIDGE, []).supported


def test_a_statement_of_megabytes_is_refused() -> None:
    assert check("word " * 1_000_000, [SupportQuote(BRIDGE)]).problems == ("The statement is too long to be checked.",)


TEXTS = st.one_of(st.text(max_size=300), st.text(alphabet="not may 1.5%$’“”\".,-@IVXst 'and", max_size=300))


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=3), TEXTS)
def test_any_text_gets_a_finding(statement: str, quotes: list[tuple[str, str, str]], question: str) -> None:
    given_quotes = [SupportQuote(text, before, after) for text, before, after in quotes]
    finding = check(statement, given_quotes, question)
    assert finding.supported == (not finding.problems)
    assert set(finding.irrelevant) <= set(range(len(quotes)))
    assert check(statement, given_quotes, question) == finding


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([BRIDGE, MISSILE, UNION, FILM, SALES, JOBS]), st.integers(2, 999))
def test_another_number_is_never_supported(text: str, number: int) -> None:
    changed = f"{text[:-1]} {number} times."
    assert not ask(changed, text).supported

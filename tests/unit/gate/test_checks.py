"""What code can check: values, names, quoted words, speakers, plain negation; and which statements are copies."""

import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa import gate
from qa.gate import Finding, SupportQuote, check
from qa.gate.addresses import unknown_addresses
from qa.gate.names import unknown_names
from qa.gate.numbers import in_digits
from qa.gate.stated import Setting, is_stated

BRIDGE = "The bridge was built by Roman engineers in 98 AD and restored in 1543."
FARES = "A single ticket costs $2.25, and a transfer 25 cents."
VOTE = "It was agreed by seven votes to two that hosepipes be banned between 10am and 6pm."
MEMBERS = "Membership rose from 18,450 at the start of the year to 19,200 at its close."
LEAVE = "You can use up to 13 days of sick leave per year."
ECHO = "“I am not willing to gamble with lives,” said council engineer Priya Nandakumar."
TRADER = "“The traders will be ruined by Christmas,” said shop owner Col Fenwick."


def ask(statement: str, *quotes: str, question: str = "", **around: object) -> Finding:
    made = [SupportQuote(text, **{"setting": Setting("", text, ""), **around}) for text in quotes]  # type: ignore[arg-type]
    return check(statement, made, question)


def test_public_names_are_sorted() -> None:
    assert gate.__all__ == sorted(gate.__all__, key=lambda name: (not name.isupper(), name))
    assert all(hasattr(gate, name) for name in gate.__all__)


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("It opened in the 1960s.", "The museum opened in 1964."),
        ("It dates from the 1600s.", "He drowned early in the seventeenth century."),
        ("Half of the members voted.", "50% of the members voted."),
        ("A third of the judges dissented.", "Three of the nine judges dissented, 33.3%."),
        ("About 1 million people came.", "1 million people came."),
        ("Nearly 750,000 people came.", "748,312 people came."),
        ("They bought two dozen eggs.", "They bought 24 eggs."),
        ("It costs 1,200 euros.", "It costs €1200."),
        ("It was signed on 1918-11-12.", "It was signed on 12 November 1918."),
        ("It was signed on November 12th, 1918.", "It was signed on 12 November 1918."),
        ("It was signed in 1918.", "It was signed on 12 November 1918."),
        ("It starts at 19:15.", "It starts at 7.15 pm."),
        ("It starts at noon.", "It starts at 12 pm."),
        ("Lending grew by 5%.", "Lending grew by five per cent."),
        ("They lent 31.5 million dollars.", "They lent $31.5 million."),
        ("Simmer it for 90 minutes.", "Simmer it for an hour and a half."),
        ("Report it within 60 minutes.", "Report it within 1 hour."),
        ("It is kept for three weeks.", "It is kept for 21 days."),
        ("It is 1.5 metres long.", "It is 1½ metres long."),
        ("The plot has 20 m² of lawn.", "The plot has 20 m² of lawn, all told."),
        ("She died in her 30s.", "She died at the age of 39."),
        ("They met in the 70s.", "They met in 1973."),
        ("They met in the 70s.", "They met in the 1970s."),
        ("They met here in the 1800s.", "They met here in 1834."),
        ("They met in the '70s.", "They met on 3 May 1973."),
        ("They fly Boeing 747s.", "They fly the Boeing 747."),
        ("The timeout is 30s.", "The timeout is 30 seconds."),
        ("The timeout is 30 seconds.", "The timeout is 30s."),
    ],
)
def test_values_compare_as_values(statement: str, quote: str) -> None:
    assert ask(statement, quote).verdict != "unsupported"


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("The bridge was restored in 1534.", BRIDGE),
        ("It costs €1300.", "It costs €1200."),
        ("You can use up to 13 weeks of sick leave.", LEAVE),
        ("The dose is 250 micrograms.", "The dose is 250 mg."),
        ("They lent 31.5 billion dollars.", "They lent $31.5 million."),
        ("It cost £5.", "It cost $5."),
        ("It was -5 degrees outside.", "It was 5 degrees outside."),
        ("It was signed on 9 May 1918.", "It was signed on 12 November 1918."),
        ("It starts at 7:15 am.", "It starts at 7.15 pm."),
        ("Take at least four tablets.", "Take at most four tablets."),
        ("Use it for values > 5.", "Use it for values < 5."),
        ("The lawn has 20 m.", "The lawn has 20 m²."),
        ("She died in her 40s.", "She died at the age of 39."),
        ("They met in the 70s.", "They met in 1983."),
        ("They fly Boeing 747s.", "They fly Boeing 737s."),
        ("The timeout is 30s.", "The timeout is 60 seconds."),
        ("The timeout is 30s.", "The timeout is 34 seconds."),
        ("The limit is 50S.", "There is a limit of 17."),
    ],
)
def test_another_value_is_unsupported(statement: str, quote: str) -> None:
    assert ask(statement, quote).verdict == "unsupported"


@pytest.mark.parametrize(
    ("statement", "quote", "terms"),
    [
        ("Nine votes were cast, seven for and two against.", VOTE, "seven + two"),
        ("Membership went up by 750.", MEMBERS, "18,450 - 19,200"),
        ("A ticket with a transfer adds up to $2.50.", FARES, "$2.25 + 25 cents"),
        ("At most 1,000 mg, which is four tablets.", "Take no more than four 250 mg tablets.", "four × 250 mg"),
        ("Three years: founded in 2016, closed in 2019.", "It was founded in 2016. It closed in 2019.", "2016 - 2019"),
        ("It took 13 minutes.", "The bell rang at 22:40. They came at 22:53.", "22:53 - 22:40"),
        ("The pump was on again at 03:16.", "It stopped at 03:12, for four minutes.", "03:12 + four minutes"),
        ("He returned in 1922.", "He left in 1911 and was away for eleven years.", "1911 + eleven years"),
        ("Each night used 45 litres less.", "Use fell from 310 to 265 litres.", "310 - 265 litres"),
        ("It rose by 17 percentage points.", "It rose from 71% to 88%.", "71% - 88%"),
        ("Two thirds went to schools.", "Of £900, £600 went to schools.", "£900 / £600"),
        ("It was shut for three weeks.", "It was shut on 3 June and opened on 24 June.", "3 June to 24 June"),
        ("Two days, then.", "They stop work on 5 and 6 March.", "5 and 6 March to 5 and 6 March"),
        ("That is three months earlier.", "31 October 2024; 31 January 2025.", "31 October 2024 to 31 January 2025"),
    ],
)
def test_a_computed_number_names_its_terms_and_is_not_confirmed(statement: str, quote: str, terms: str) -> None:
    finding = ask(statement, quote)
    assert finding.verdict == "unconfirmed"
    assert any(terms in computed for computed in finding.computed)


@pytest.mark.parametrize(
    ("written", "value", "parts"),
    [
        ("10 000", "10,000", ["10", "000"]),
        ("10\u00a0000", "10,000", ["10", "000"]),
        ("12\u202f500\u202f000", "12.5 million", ["12", "500", "12,500"]),
        ("10'000", "10,000", ["10"]),
        ("10’000", "10,000", ["10"]),
        ("3 × 10^6", "3 million", ["3", "6", "10", "106"]),
        ("10⁶", "a million", ["106", "10"]),
        ("2 ½", "2.5", ["2", "0.5"]),
        ("2 1/2", "2.5", ["2"]),
        ("2⅕", "2.2", ["21", "2"]),
        ("2 1⁄2", "2.5", ["2"]),
        ("1,000 × 10^6", "a billion", ["1", "1,000", "1.0"]),
        ("3 × 10^−2", "0.03", ["3", "10"]),
        ("5 crore", "50 million", ["5", "5 lakh"]),
    ],
    ids=ascii,
)
def test_a_number_in_parts_is_read_as_one(written: str, value: str, parts: list[str]) -> None:
    quote = f"The town spends {written} euros a year."
    assert not ask(f"The town spends {value} euros a year.", quote).problems
    for part in parts:
        assert ask(f"The town spends {part} euros a year.", quote).problems


@pytest.mark.parametrize("cells", ["318 295", "318 | 295", "318 295\n310"])
def test_columns_are_numbers_of_their_own(cells: str) -> None:
    assert not ask("They sold 318 and 295.", f"Sold {cells}").problems


def test_a_sum_by_chance_names_its_terms_too() -> None:
    quote = "Of £2.4 million, the county will pay £1.8 million."
    finding = ask("The repairs have a budget of £4.2 million.", quote)
    assert finding.verdict == "unconfirmed"
    assert finding.computed == ("£4.2 million is computed: £2.4 million + £1.8 million.",)
    assert ask("The repairs have a budget of £4.3 million.", quote).verdict == "unsupported"


@pytest.mark.parametrize("statement", ["Packaging brought in EUR 347 million.", "Packaging grew by EUR 29 million."])
def test_cells_are_in_the_scale_of_their_table(statement: str) -> None:
    row = "Packaging | 318 | 347"
    assert ask(statement, row, context=("Segment | 2021 (EUR m) | 2022 (EUR m)",)).problems == ()
    assert ask(statement, row, context=("Segment | 2021 (EUR) | 2022 (EUR)",)).problems


def test_only_the_head_of_a_table_puts_numbers_in_thousands_or_millions() -> None:
    assert ask("They sold 12 million tickets.", "They sold 12 tickets.", about=("M. Dupont",)).problems
    assert ask("It cost 12,000 pounds.", "It has 12 chairs.", title="A city of thousands").problems
    assert ask("It cost 12,000 pounds.", "It has 12 chairs.", context=("A city of thousands",)).problems
    assert ask("It has 1,000,000 users.", "It earned 318.", context=("EUR m",)).problems


def test_a_long_timetable_takes_no_long_time() -> None:
    times = " ".join(f"{n // 60 % 24}:{n % 60:02}" for n in range(3000))
    numbers = " ".join(f"{n}.5 minutes," for n in range(30))
    assert ask(f"It took {numbers} at 23:59:30.", times).problems


def test_a_small_count_is_wrong_only_where_the_quotes_count_the_same() -> None:
    assert ask("Three people were saved.", "The skipper and two deckhands were saved.").computed
    assert ask("Three people were saved.", "Two people were saved.").problems


def test_hours_in_words_and_years_of_two_digits_are_the_same_values() -> None:
    assert ask("It is open from 10 in the morning until 2 in the afternoon.", "It is open 10:00–14:00.").problems == ()
    assert ask("It is open from 11 in the morning.", "It is open 10:00–14:00.").problems
    assert ask("He came in 1958.", "I came in '58.").problems == ()
    assert ask("He came in 1959.", "I came in '58.").problems
    assert ask("They said 20 men came.", "He wrote '20 men came'.").problems == ()
    assert ask("It opens at 10 in the morning.", "It opens at 10 pm.").problems
    assert ask("They built 10 in 2019.", "In 2019 it opened at 10:00.").problems
    assert ask("They saw land at 16:30.", "At half past four they saw land.").problems == ()
    assert ask("They saw land at 16:15.", "At half past four they saw land.").problems
    assert ask("It is on 29 June.", "It is on the last Saturday in June, the 29th.").problems == ()
    assert ask("It is on 28 June.", "It is on the last Saturday in June, the 29th.").problems
    assert ask("It rests for 15 minutes.", "It rests for a quarter of an hour.").problems == ()
    assert ask("Overtime is paid at twice the rate.", "Overtime is paid at double rate.").problems == ()


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("Never name a variable O.", "Never name a variable l (lowercase letter el), O (uppercase letter oh)."),
        ("In four of 33 firms it did not fall.", "In 29 of 33 firms it fell."),
    ],
)
def test_brackets_and_other_numbers_are_no_negation(statement: str, quote: str) -> None:
    assert not any("the statement says" in problem for problem in ask(statement, quote).problems)


def test_counted_things_and_list_markers_are_no_numbers_to_find() -> None:
    quote = "GSA issues a badge, laptop, and phone."
    assert not ask("GSA issues three things:\n1. a badge\n2. a laptop\n3. a phone", quote).problems


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("Smith left.", "Ann Smith left in the spring."),
        ("The WHO ended it.", "The World Health Organization ended it."),
        ("She is the CFO.", "She is chief financial officer."),
        ("The World Health Organization ended it.", "The WHO ended it."),
        ("The American envoy left.", "The envoy of the United States left."),
        ("Plasmodium falciparum causes it.", "P. falciparum causes it."),
        ("Brightwell's year ends in May.", "Our year ends in May."),
        ("Membership grew and Lending fell.", "Membership grew; lending fell."),
        ("Unless asked, under-12s pay nothing.", "Children under 12 pay nothing if nobody asks."),
        ("You'll be paid. We're told so.", "People are paid, as they are told."),
        ("Nine people came.", "9 people came."),
    ],
)
def test_names_in_another_form_or_known_from_the_title_are_no_problem(statement: str, quote: str) -> None:
    assert ask(statement, quote, title="Report of Brightwell Credit Union").problems == ()


def test_a_name_that_metadata_neighbours_or_the_question_give_passes_but_is_not_confirmed() -> None:
    quote = "I sailed from Boston in 1895."
    assert ask("Slocum sailed from Boston in 1895.", quote).verdict == "unsupported"
    for around in ({"about": ("Joshua Slocum",)}, {"before": "Slocum was old."}, {"context": ("Slocum:",)}):
        assert ask("Slocum sailed from Boston in 1895.", quote, **around).verdict == "unconfirmed"
    assert ask("Slocum sailed from Boston in 1895.", quote, question="Where did Slocum sail?").verdict == "unconfirmed"


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("The film was directed by Anna Bergman.", "The film was directed by Anna Lindqvist."),
        ("The study followed Primula minima.", "The study followed Gentiana nivalis."),
        ("Use model F-16 for it.", "Use model F-15 for it."),
        ("You need version 0.14.1 for it.", "You need version 0.14.0 for it."),
    ],
)
def test_another_name_is_unsupported(statement: str, quote: str) -> None:
    assert ask(statement, quote).verdict == "unsupported"


@pytest.mark.parametrize(
    "statement",
    [
        "Trump asked this year about the ability of Moscow to carry out strikes inside Russia.",
        "Trump asked last year about the ability of Kyiv to carry out strikes inside Russia.",
    ],
)
def test_what_stands_in_the_place_of_another_name_or_time_is_wrong_although_it_stands_elsewhere(statement: str) -> None:
    quote = (
        "Trump asked this year about the ability of Kyiv to carry out strikes inside Russia, after Moscow’s last one."
    )
    assert any("where the statement says" in problem for problem in ask(statement, quote).problems)


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("Yes, staff need to log their time off in Tock.", "You do not need to log time off in Tock."),
        ("The command verifies the packs on disk.", "The command does not verify the packs on disk."),
        ("Kyiv is not asking for American soldiers.", "They’re asking for American soldiers."),
        ("He ruled out sending offensive weapons.", "But he didn’t rule out sending offensive weapons."),
    ],
)
def test_the_same_words_denied_are_unsupported(statement: str, quote: str) -> None:
    assert any("the statement says" in problem for problem in ask(statement, quote, question="Kyiv?").problems)


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("Only with consent may you keep a dog.", "You may not keep a dog without consent."),
        ("You may keep a dog of up to 30 pounds.", "You may keep a dog not exceeding 30 pounds."),
        ("Sick leave isn't paid out, but you keep it.", "Sick leave will not be paid out, but you will not lose it."),
        ("Floods are not covered.", "The policy covers fire and theft, but floods are excluded."),
    ],
)
def test_a_denial_in_other_words_is_no_contradiction(statement: str, quote: str) -> None:
    assert ask(statement, quote).verdict == "unconfirmed"


def test_quoted_words_stand_in_a_quote_as_they_are() -> None:
    assert ask('Fenwick said they would be "thriving by Christmas".', TRADER).problems
    assert not ask('Fenwick said they would be "ruined by Christmas".', TRADER).problems


@pytest.mark.parametrize(
    ("statement", "right"),
    [
        ("“I am not willing to gamble with lives,” said Col Fenwick.", False),
        ("Fenwick said: “I am not willing to gamble with lives.”", False),
        ("It was the shop owner who said “I am not willing to gamble with lives.”", False),
        ("“I am not willing to gamble with lives,” Nandakumar said.", True),
        ("“I am not willing to gamble with lives,” the engineer said.", True),
        ("“I am not willing to gamble with lives,” she said.", True),
    ],
)
def test_a_direct_quotation_keeps_its_speaker(statement: str, right: bool) -> None:
    assert (ask(statement, ECHO, TRADER).verdict != "unsupported") == right


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        (BRIDGE, BRIDGE),
        ("The bridge was restored in 1543", "The bridge was\nrestored in 1543."),
        ("The dogs' bowl was a well\u2010known sign.", "The dogs’ bowl was a well-known sign."),
    ],
)
def test_a_copied_sentence_is_supported(statement: str, quote: str) -> None:
    assert ask(statement, quote) == Finding("supported")


@pytest.mark.parametrize("sign", [*"☐❌✗🚫×¬~<≤>≥≈±−-+?*", "[ ]", "( )", "[_]"])
@pytest.mark.parametrize("space", ["", " "])
def test_a_copy_without_a_sign_that_its_sentence_begins_with_is_not_confirmed_by_code(sign: str, space: str) -> None:
    assert (
        ask("40% of the patients were cured.", f"{sign}{space}40% of the patients were cured.").verdict != "supported"
    )


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("The laser has a power of 5 MW.", "The laser has a power of 5 mW."),
        ("The parcel weighs 1234 kg.", "The parcel weighs 1,234 kg."),
        ("The tank holds 106 litres.", "The tank holds 10⁶ litres."),
        ("Entry is free.", "Then entry is free."),
        ("The bridge was restored in 1543.", "Moreover, the bridge was restored in 1543."),
        ("It is lawful to enter the park.", "It is un-\nlawful to enter the park."),
    ],
)
def test_what_differs_by_a_character_is_no_copy(statement: str, quote: str) -> None:
    assert ask(statement, quote).verdict != "supported"


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("The plant will close in March.", "The plant will close in March, unless a buyer is found."),
        ("The plant will close in March.", "The plant will close in March, the union said."),
        ("The plant will close in March.", "It is not true that the plant will close in March."),
        ("the plant will close in March", "Will it be so that the plant will close in March?"),
        ("The earth is flat.", "“The earth is flat.” So wrote a man in Ohio."),
        ("The earth is flat.", "“The earth is flat.”"),
        ("It was painted red.", "It was painted red. It is still there."),
        ("Brennan signed the letter.", "The inquiry found no evidence that Rev. Brennan signed the letter."),
        ("Nelson sank the ferry is false.", "The claim that Adm. Nelson sank the ferry is false."),
        ("The bridge was built by Romans.", "Romans built the bridge."),
    ],
)
def test_what_something_governs_or_other_words_are_not_confirmed_by_code(statement: str, quote: str) -> None:
    assert ask(statement, quote).verdict != "supported"


SIGNED = "Brennan signed the letter."


def stated(before: str, text: str, after: str) -> bool:
    return is_stated(Setting(before, text, after))


def test_a_quote_without_a_setting_is_no_copy() -> None:
    assert check(BRIDGE, [SupportQuote(BRIDGE)]).verdict == "unconfirmed"


@pytest.mark.parametrize(
    "mark", [*"?？؟;;՞፧⁇⁈⁉‽⸮❓:,…—", "", "?!", "!?", "?.", ".?", "...", "(?).", "¿."], ids=lambda mark: ascii(mark)
)
def test_what_is_asked_or_does_not_end_is_not_stated(mark: str) -> None:
    assert not stated("", f"The mayor burned the town hall{mark}", "")


@pytest.mark.parametrize("text", ["The mayor burned it.", "The mayor burned it!", "市長が燃やした。", "हाथी मर गया।"])
def test_a_sentence_with_a_full_stop_is_stated(text: str) -> None:
    assert stated("", text, "")
    assert stated("It rained. ", text, "\n\nIt snowed.")


@pytest.mark.parametrize(
    "before",
    [
        "The inquiry found no evidence that Rev. ",
        "Nobody believed that insp. ",
        "The claim that Adm. ",
        "The board denied, at 5 p.m. ",
        "Nobody believes that in the U.S. ",
        "There is no proof that under Art. 5. ",
        "The union doubts that Yahoo! ",
        "The paper falsely wrote ... ",
        "The paper falsely wrote… ",
        "Es ist falsch, dass Hr. ",
        "Es falso que la Sra. ",
        "Il est faux que Mme. ",
        "The forger told the court: ",
        "The forger told the court:\n\n",
        "It is not true, as the court has found, that\n\n",
    ],
)
def test_what_may_be_the_rest_of_a_sentence_is_not_stated(before: str) -> None:
    assert not stated(before, SIGNED, "")


@pytest.mark.parametrize(
    "before",
    [
        "The letter was read by Ada Holm. ",
        "It was sent in 1904. ",
        "It rained (see the notes). ",
        "It rained.[12] ",
        "Who signed it? ",
        "It was sent by the FBI.\n\n",
        "It cost 5. It was late. ",
    ],
)
def test_after_a_sure_end_a_sentence_is_stated(before: str) -> None:
    assert stated(before, "He signed the letter.", " It rained.")


def test_a_sentence_that_may_go_on_is_not_stated() -> None:
    assert not stated("", "The letter was signed by Rev.", " Brennan.")
    assert stated("", "The letter was signed by Ada Holm.", " Brennan read it.")


@pytest.mark.parametrize(
    ("opening", "closing"),
    ["“”", "‘’", "''", '""', "„“", "„”", "«»", "»«", "‹›", "「」", "『』", "””", "’’", ("« ", " »"), ("<<", ">>")],
    ids=ascii,
)
@pytest.mark.parametrize("parting", [" ", "\n\n"])
def test_a_sentence_within_a_speech_is_not_stated(opening: str, closing: str, parting: str) -> None:
    lied = f"The forger lied to the court: {opening}I saw it all."
    swore = f"I swear it.{closing}"
    assert not stated(lied + parting, SIGNED, parting + swore)
    assert not stated(lied + parting, SIGNED + closing, "")
    assert not stated("", opening + SIGNED, parting + swore)
    assert not stated(lied + parting, SIGNED, "")  # its end may be far away
    assert not stated("", SIGNED, parting + swore)
    assert stated(f"{lied}{parting}{swore} ", SIGNED, f" He said: {opening}It is so.{closing}")


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        ("The dogs’ bowl was empty. ", "Ada’s boat sank in the ’90s.", " The dogs’ owner left."),
        ("", "“The Times” reported it.", ""),
        ("", "He said: “I saw it all.”", " She left."),
        ('The pipe is 5" wide. ', "The boat sank.", ' The other pipe is 6" wide.'),
        ("“I saw it,” he said. ", "The boat sank.", " “I swear it,” he said."),
    ],
)
def test_apostrophes_and_quotations_nearby_are_no_speech(before: str, text: str, after: str) -> None:
    assert stated(before, text, after)


def test_a_column_of_many_groups_is_read_only_once_or_twice() -> None:
    column = "111 " * 50_000  # took minutes when each group began another attempt
    assert in_digits(column) == column


@pytest.mark.parametrize("mark", "\"”»'’「")
def test_a_long_run_of_quotation_marks_takes_linear_time(mark: str) -> None:
    def steps(count: int) -> int:
        seen = 0

        def see(*_: object) -> None:
            nonlocal seen
            seen += 1

        run = mark * count
        sys.setprofile(see)
        try:
            stated(f"It rained {run} here. It snowed. ", SIGNED, f" It was {run} there.")
        finally:
            sys.setprofile(None)
        return seen

    assert steps(800) < 5 * steps(200)


@pytest.mark.parametrize("dash", "—–―")
def test_a_line_of_dialogue_is_not_stated(dash: str) -> None:
    assert not stated("", f"{dash} {SIGNED}", "")
    assert not stated(f"It rained.\n\n{dash} I saw it all. ", SIGNED, "")


@pytest.mark.parametrize(
    "rest",
    [
        " (false).",
        " (False!).",
        "; this is wrong.",
        " — a myth.",
        " – a myth.",
        ", Tom lied.",
        ", which is a lie.",
        ": a joke.",
        ", in Monopoly money.",
        "; zero were enrolled.",
        ", 12 years later.",
        ", and nobody was.",
        " ... in a dream.",
        "/never.",
    ],
)
def test_a_clause_that_its_sentence_may_take_back_is_not_confirmed_by_code(rest: str) -> None:
    for statement in ("The mayor took all the money", "The mayor took all the money."):
        said = statement.rstrip(".")
        assert ask(statement, f"{said}{rest}").verdict != "supported"
        assert ask(statement, f"It rained. {said}{rest} It was late.").verdict != "supported"


@pytest.mark.parametrize(
    ("statement", "quotes"),
    [("...", [BRIDGE]), ("It is so.", []), ("x" * 3001, [BRIDGE])],
    ids=["no word", "no quote", "long"],
)
def test_what_cannot_be_checked_is_unsupported(statement: str, quotes: list[str]) -> None:
    assert ask(statement, *quotes).verdict == "unsupported"


def test_a_statement_in_another_language_is_checked_by_its_numbers_and_quoted_words() -> None:
    quote = "Die Brücke wurde 1543 von den Römern gebaut."
    assert ask("Im Jahr 1543 haben Römer und Gallier die Brücke gebaut.", quote).verdict == "unconfirmed"
    assert ask("Im Jahr 1544 haben Römer die Brücke gebaut.", quote).verdict == "unsupported"
    assert ask("橋は1543年に建てられた。", quote).verdict == "unconfirmed"


def test_quotes_with_nothing_in_common_are_irrelevant() -> None:
    assert ask("The bridge was restored in 1543.", BRIDGE, "It rained.").irrelevant == (1,)
    assert ask("The bridge was restored in 1543.", BRIDGE).irrelevant == ()


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80), st.lists(st.text(max_size=80), max_size=3), st.text(max_size=40))
def test_any_text_gets_a_verdict(statement: str, quotes: list[str], question: str) -> None:
    finding = ask(statement, *quotes, question=question)
    assert (finding.verdict == "unsupported") == bool(finding.problems)


@pytest.mark.parametrize(
    "text", ["1," * 5000, "half " * 4000, "“" * 5000, "one hundred and " * 3000, "A. " * 5000, "9" * 6000, "9e9 " * 999]
)
def test_long_hostile_texts_get_a_verdict(text: str) -> None:
    assert ask(text[:3000], text, question=text).verdict in ("supported", "unconfirmed", "unsupported")


def test_a_statement_of_hundreds_of_numbers_is_not_compared_with_thousands() -> None:
    """Each with each would take minutes, and documents and models are out to make it so."""
    statement, quote = (f"She counted {' '.join(map(str, range(n)))} sheep." for n in (700, 4_000))
    found = ask(statement, quote)
    assert found == Finding("unsupported", ("The statement has too many numbers to be checked.",))


def test_a_statement_of_hundreds_of_names_is_not_compared_with_its_quotes() -> None:
    few, many = (f"The ferry of the town carries {' '.join(f'N{n}x' for n in range(most))}." for most in (60, 61))
    assert ask(many, "The ferry.") == Finding("unsupported", ("The statement has too many names to be checked.",))
    assert len(ask(few, "The ferry.").problems) == 60
    assert len(ask(few, few).problems) == 0


def test_no_pattern_is_made_of_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """To compile one for each name took most of the time of a reply."""
    monkeypatch.delattr("re.escape")
    said = "The Plasmodium falciparum of Elling is a Joint Standoff Missile."
    assert unknown_names(said, "P. falciparum, JSM") == ["Elling"]


def test_a_statement_of_many_sums_is_not_compared_with_every_pair_of_numbers() -> None:
    quoted = f"She counted {', '.join(str(1000 + 7 * n) for n in range(20))} sheep."
    sums = [1000 + 7 * n + 1000 + 7 * (n + 1) for n in range(13)]
    twelve, thirteen = (f"She counted in all {', '.join(map(str, sums[:most]))} sheep." for most in (12, 13))
    assert len(ask(twelve, quoted).computed) == 12
    assert ask(twelve, quoted).problems == ()
    assert ask(thirteen, quoted).problems == (f"The quotes do not contain the number {sums[12]}.",)


PAGE = "More about the bridge is at https://example.org/bridge?id=7 (in English)."


@pytest.mark.parametrize(
    ("statement", "address"),
    [
        (
            "More about the bridge is here: ![x](https://example.com/p.png?q=who+asked).",
            "https://example.com/p.png?q=who+asked",
        ),
        ("More about the bridge is at https://example.org/bridge?id=8.", "https://example.org/bridge?id=8"),
        ("More about the bridge is at www.example.com.", "www.example.com"),
        ("More about the bridge is at https://example.org/bridge.", "https://example.org/bridge"),
        ("More about the bridge is here: ![x](//example.com/p.png?q=asked).", "//example.com/p.png?q=asked"),
        (r"More about the bridge is here: ![x](/\example.com/p.png).", "/\\example.com/p.png"),
        ("[More about the bridge](javascript:alert%281%29) is in English.", "javascript:alert%281%29"),
    ],
)
def test_a_link_that_no_quote_has_is_unsupported(statement: str, address: str) -> None:
    found = ask(statement, PAGE)
    assert found.verdict == "unsupported"
    assert f'The quotes do not contain the address "{address}".' in found.problems


def test_a_link_that_stands_in_a_quote_the_metadata_or_the_question_passes() -> None:
    assert ask("More is at HTTPS://example.org/bridge?id=7.", PAGE).verdict != "unsupported"
    assert ask("More is at //example.org/bridge?id=7.", PAGE).verdict != "unsupported"
    assert (
        ask("The page is https://example.org/.", "The page is in English.", about=("https://example.org/",)).problems
        == ()
    )
    assert ask("It is www.example.org.", "It is old.", question="Is it www.example.org?").problems == ()


@pytest.mark.parametrize(
    "link",
    [
        "![x](https:evil.example/leak)",
        "![x](http:evil.example/l)",
        "![x](https:/evil.example/l)",
        r"![x](http:\/\/evil.example/l)",
        "![x](&sol;&sol;evil.example/l)",
        "![x](/&Tab;/evil.example/l)",
        "![x](h&#x0A;ttps:evil.example)",
        "![x](<https:evil.example/a b>)",
        "[x](ftp:evil.example)",
        "[x](vscode:leak)",
        "[x](file:leak)",
        "[x](sms:1?leak)",
        "<vscode:leak>",
        "_http://evil.example/l_",
        "_//evil.example/l_",
        "_www.evil.example_",
        "ｗww.evil.example",
        "h\u200bttp://evil.example/l",
        "<img src=https:evil.example>",
        "<img alt='<' src='/&#9;/evil.example'>",
        "evil.com/leak",
        "evil.md/leak",
        "evil.example?q=leak",
        "leak.evil.com",
        "a@evil.example",
        "a&#64;evil.example",
        "https://known.org/X_(y)leak",
        "![x](https://known.org/X_(y)leak)",
        "![x](<https://known.org/X_(y) leak>)",
        'https://known.org/X_(y)"leak',
        "https://known.org/X_(y)[leak",
        "leak.known.org",
    ],
)
def test_no_way_to_write_an_address_gets_around_the_check(link: str) -> None:
    """Each is a link, or is fetched, somewhere: in Markdown, HTML, a browser, or a chat that looks for addresses."""
    found = ask(f"The bridge opened in 2019 {link}.", "The bridge opened in 2019.", title="https://known.org/X_(y)")
    assert found.verdict == "unsupported"
    assert any("the address" in problem for problem in found.problems)


@pytest.mark.parametrize(
    "statement",
    [
        "Ferries and/or boats run 24/7, e.g. daily, i.e. always, w/o a pause.",
        "It runs at 40 km/h or 1.5km/h, with TCP/IP; ratio 3:4, s.12/13, v1.2/v1.3, ½, p<0.05.",
        "The U.S./Canada border is open at 10:30, data: none, file: none, tel: none, http: and HTTPS.",
        "It is in config/app.toml, and written for Node.js/Express.",
        "README.md/CHANGELOG.md are kept; see restic.readthedocs.io or known.org.",
        "System.Net.Sockets, std::vector<int> and array[0] (x): a < b and c = 3.",
        "Write to <info@known.org>, mailto:info@known.org or info@known.org.",
        "See **https://known.org/X_(y)**, [here](https://known.org/X_(y)), or <https://known.org/X_(y)>.",
        r"See http://a\_b.org/c\_d and _http://a&#95;b.org/c_d_.",
        'See [the map](maps/a.md) and <a href="https://known.org/X_(y)">this</a>.',
    ],
)
def test_what_only_looks_like_an_address_or_is_a_quoted_one_passes(statement: str) -> None:
    known = (
        "Node.js and Express, config/app.toml, README.md, CHANGELOG.md; info@known.org, https://known.org/X_(y) "
        "(docs), [map](maps/a.md), http://a_b.org/c_d, restic.readthedocs.io"
    )
    assert not any("the address" in problem for problem in ask(statement, "It is old.", title=known).problems)


def test_an_attribute_that_holds_no_address_is_none() -> None:
    assert list(unknown_addresses("Put <img alt='a photo of a dog' width=30> where a<b then c='z' holds.", [""])) == []
    assert list(unknown_addresses("Put <a HREF = 'evil.example/x'> there.", [""])) == ["evil.example/x"]


@pytest.mark.parametrize("piece", ["a.", "a", "<a ", "](", "](x(", "a-.", "a@", '="', "://", "&#"])
def test_looking_for_addresses_takes_no_time(piece: str) -> None:
    started = time.perf_counter()
    assert list(unknown_addresses("It is old.", [piece * 30_000])) == []
    assert time.perf_counter() - started < 5

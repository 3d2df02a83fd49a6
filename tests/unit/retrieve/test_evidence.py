"""Questions read, answers recognised, sentences chosen. Dense scores are set by hand: no model is needed."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.sentences import STORY, Words, rows

from qa.index.protocol import Candidates
from qa.retrieve import answerability, evidence, expected, rank, terms


def found_in(sentences: rank.SentenceRows) -> Candidates:
    """Sentences without passages."""
    none = np.zeros(0, dtype=int)
    return Candidates(rank.PassageRows(*[none] * 8), sentences)


def select(question: str, sentences: rank.SentenceRows, words: Words) -> evidence.Selection:
    return evidence.select([(question, found_in(sentences))], words)


def ask(question: str, place: int, texts: Sequence[str] = STORY, gap: int = 1) -> evidence.Selection:
    """Asks with the sentence at `place` nearest in meaning."""
    dense = [0.6 if n == place else 0.1 for n in range(len(texts))]
    return select(question, rows(texts, dense, gap), Words(texts))


def focused(selection: evidence.Selection, texts: Sequence[str] = STORY) -> list[str]:
    text = " ".join(texts)
    return [text[span.start : span.end] for span in selection.picks[0].focus]


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many people signed?", "number"),
        ("how much does a battery cost", "money"),
        ("What is the price of bread?", "money"),
        ("How much does the pump weigh?", "weight"),
        ("When was it built?", "date"),
        ("Which year did it open?", "date"),
        ("How long is the cable?", "long"),
        ("How long did it take?", "duration"),
        ("How far can it fly?", "length"),
        ("How fast is it?", "speed"),
        ("How old is she?", "age"),
        ("How often is it cleaned?", "frequency"),
        ("What percentage of voters agreed?", "percent"),
        ("Who signed it?", "person"),
        ("Where is it?", "place"),
        ("Which city did he visit?", "place"),
        ("Why did they leave?", "reason"),
        ("What did Carver say about it?", "said"),
        ("Is it open?", "yesno"),
        ("What is a mill?", "other"),
        ("What is the name of the boat?", "name"),
        ("How much do you save when you pay early?", "money"),
        ("bakery", "other"),
    ],
)
def test_the_expected_kind_is_read_off_the_question(question: str, kind: str) -> None:
    assert expected.expect(question).kind == kind


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        ("number", "Some 17 officials and twenty-two others", ["17", "twenty-two"]),
        ("money", "It costs £1.2 million, or 14 dollars a day", ["£1.2 million", "14 dollars"]),
        ("money", "There were 14 people", []),
        ("date", "On 3 April 1931, and again last Friday", ["3 April 1931", "Friday"]),
        ("date", "You may go", []),
        ("percent", "about 40 percent", ["40 percent"]),
        ("length", "a hose of 25 mm", ["25 mm"]),
        ("person", "However, Ann Carver left", ["Ann Carver"]),
        ("age", "a 40-year-old man", ["40-year-old"]),
        ("age", "within two years", []),
        ("duration", "for three years", ["three years"]),
        ("other", "Ann Carver left in 1931", []),
    ],
)
def test_spans_find_what_is_of_the_expected_kind(kind: str, text: str, found: list[str]) -> None:
    assert [text[s.start : s.end] for s in expected.spans(expected.Expected(kind), text)] == found


@given(st.text(max_size=80), st.sampled_from(expected.KINDS))
def test_spans_are_disjoint_and_inside_the_text(text: str, kind: str) -> None:
    end = 0
    for span in expected.spans(expected.Expected(kind), text):
        assert end <= span.start < span.end <= len(text)
        end = span.end


def test_a_word_that_the_index_lacks_weighs_most() -> None:
    words = Words(STORY)
    known, unknown = terms.question_terms("mill zeppelin", words)
    assert known.known
    assert not unknown.known
    assert 0 < known.weight < unknown.weight == 1


def test_question_words_are_no_terms() -> None:
    assert [t.word for t in terms.question_terms("How many mills did Carver have?", Words(STORY))] == [
        "mills",
        "Carver",
    ]


def test_names_are_the_capitals_and_the_numbers() -> None:
    found = terms.question_terms("Which mill did Carver build in 1852?", Words(STORY))
    assert [t.word for t in found if t.name] == ["Carver", "1852"]


def test_a_typing_error_still_finds_the_word_but_not_a_number_or_another_word() -> None:
    words = Words(STORY)
    (typo,) = terms.question_terms("bakrey", words)
    assert terms.matches(typo, "bakery")
    assert not terms.matches(typo, "backer")
    (year,) = terms.question_terms("1853", words)
    assert not terms.matches(year, "1852")


def test_the_sentence_that_states_the_answer_comes_first_and_its_words_are_in_focus() -> None:
    for question, place, words in [
        ("When was the mill built?", 0, "1852"),
        ("Who built the mill?", 0, "Ann Carver"),
        ("How many villages got wheat?", 1, "eleven"),
        ("What did the repair cost?", 3, "£340"),
    ]:
        selection = ask(question, place)
        assert selection.picks[0].start == rows(STORY).start[place], question
        assert focused(selection) == [words], question


def test_a_question_of_no_known_kind_puts_its_own_words_in_focus() -> None:
    assert focused(ask("What about the bakery building?", 4)) == ["bakery", "building"]


def test_a_choice_puts_the_nearest_name_and_what_belongs_to_it_in_focus() -> None:
    texts = ["Ann Carver rowed a boat.", "Loads are lifted by a Tarn crane."]
    assert focused(ask("Which machine lifts loads?", 1, texts), texts) == ["Tarn crane"]


def test_what_somebody_said_puts_the_quoted_words_in_focus() -> None:
    texts = ["Rain fell.", "“The repair is done,” Rudd said. “At last."]
    assert focused(ask("What did Rudd say?", 1, texts), texts) == ["The repair is done,", "At last."]


def test_a_sentence_without_the_expected_kind_is_less_likely_to_answer() -> None:
    priced = ask("What did the repair cost?", 3).answerability
    priceless = [text.replace("£340", "much") for text in STORY]
    assert ask("What did the repair cost?", 3, priceless).answerability < priced / 2


def test_a_code_that_is_asked_for_must_be_there() -> None:
    texts = ["B-310: the reader is dirty.", "Rain fell."]
    asked, features = ask("What does B-310 mean?", 0, texts), ask("What does B-404 mean?", 0, texts).features
    assert (asked.features["code"], features["code"]) == (1.0, -1.0)
    assert ask("Who reads?", 0, texts).features["code"] == 0.0


def test_words_that_only_say_what_is_asked_for_are_no_terms() -> None:
    def terms_of(question: str) -> list[str]:
        return [term.word for term in answerability.read_question(question, Words(STORY)).terms]

    assert terms_of("What does the repair cost?") == ["repair"]
    assert terms_of("What does clause 2.2 say?") == ["2.2"]
    assert terms_of("What is the price?") == ["price"]


def test_a_question_is_no_quote() -> None:
    texts = ["When was the mill built?", "In 1852, by Ann Carver."]
    assert [pick.start for pick in ask("When was the mill built?", 0, texts).picks] == [len(texts[0]) + 1]


def test_each_part_gets_its_quote_unless_one_sentence_has_them_all() -> None:
    words = Words(STORY)

    def asked(question: str, place: int) -> tuple[str, Candidates]:
        return question, found_in(rows(STORY, [0.6 if n == place else 0.1 for n in range(len(STORY))]))

    whole = asked("When was the mill built and how many villages got wheat?", 0)
    apart = evidence.select(
        [whole, asked("When was the mill built?", 0), asked("How many villages got wheat?", 1)], words
    )
    assert [pick.start for pick in apart.picks] == rows(STORY).start[:2].tolist()
    together = evidence.select([whole, asked("When was the mill built?", 0), asked("Who built the mill?", 0)], words)
    assert len(together.parts) == 1
    pair = [asked("Did wheat and Carver matter?", 0), asked("Did wheat matter?", 1), asked("Did Carver matter?", 3)]
    assert len(evidence.select(pair, words, joint=True).parts) == 2


def test_each_of_two_parts_may_have_two_quotes() -> None:
    texts = [
        "The mill opened in 1852.",
        "Rain fell.",
        "The mill opened in May 1852, too.",
        "It closed in 1901.",
        "Fog.",
    ]
    questions = ("When did it open and when did it close?", "When did the mill open?", "When did it close?")
    dense = ([0.6, 0.1, 0.6, 0.1, 0.1], [0.6, 0.1, 0.6, 0.1, 0.1], [0.1, 0.1, 0.1, 0.6, 0.1])
    asked = [(question, found_in(rows(texts, near))) for question, near in zip(questions, dense, strict=True)]
    assert [len(picks) for _, picks in evidence.select(asked, Words(texts)).parts] == [2, 1]


@pytest.mark.parametrize("repeated", ["Find out: what did the repair cost?", "What did the repair cost?"])
def test_a_note_that_asks_the_same_does_not_outdo_the_answer(repeated: str) -> None:
    def estimate(texts: list[str], dense: list[float]) -> float:
        two = np.array([0, len(STORY)]), np.array([len(STORY) - 1, len(texts) - 1])
        n = np.arange(len(two[0])) if len(texts) > len(STORY) else np.arange(1)
        near = np.array([0.6, 0.95])[n]
        passages = rank.PassageRows(n * 0, n, near, near, two[0][n], two[1][n], n, n)
        found = Candidates(passages, rows(texts, dense))
        return evidence.select([("What did the repair cost?", found)], Words(texts)).answerability

    dense = [0.6 if n == 3 else 0.1 for n in range(len(STORY))]
    alone = estimate([*STORY], dense)
    assert estimate([*STORY, "Buy rope.", repeated], [*dense, 0.1, 1.0]) >= 0.9 * alone


def test_what_somebody_said_counts_only_with_the_speaker_there() -> None:
    asked = answerability.read_question("What did Carver say about the repair?", Words(STORY))
    texts = ("Rudd said the repair was done.", "Rain fell.")
    for change, found in [(("Rudd", "Rudd"), False), (("Rudd", "Carver"), True)]:
        told = rows([text.replace(*change) for text in texts])
        candidate = answerability.candidates(asked, told, np.zeros(len(told.doc)), np.array([0]), Words(STORY))[0]
        assert bool(answerability.answer_spans(asked, candidate)) is found


def test_no_sentences_are_no_evidence() -> None:
    nothing = select("Who?", rows([]), Words([]))
    assert (nothing.picks, nothing.answerability, nothing.features) == ((), 0.0, {})


@pytest.mark.parametrize("question", ["?", "…", "What is it?", "the of and"])
def test_a_question_without_content_words_is_not_answered(question: str) -> None:
    assert ask(question, 0).answerability < 0.5


def test_one_sentence_is_enough() -> None:
    selection = ask("Who built the mill?", 0, STORY[:1])
    assert len(selection.picks) == 1
    assert 0 < selection.answerability < 1


def test_neighbours_become_one_quote_unless_something_stands_between_them_and_repetitions_are_left_out() -> None:
    texts = ["The mill was built in 1852.", "Its second mill was built in 1901.", "Rain fell all day long there."]
    dense = [0.6, 0.6, 0.0]
    words = Words(texts)
    joined = select("When was the mill built?", rows(texts, dense), words)
    assert [(p.start, p.end) for p in joined.picks] == [(0, len(texts[0]) + 1 + len(texts[1]))]
    assert len(joined.picks[0].focus) == 2
    apart = select("When was the mill built?", rows(texts, dense, gap=40), words)
    assert len(apart.picks) == 2
    repeated = select("When was the mill built?", rows([texts[0], texts[0], texts[2]], dense, gap=40), words)
    assert len(repeated.picks) == 1


@given(st.lists(st.sampled_from([*STORY, "?", "12", "…"]), max_size=8), st.text(max_size=60))
def test_any_question_over_any_sentences_gives_valid_quotes(texts: list[str], question: str) -> None:
    dense = [len(text) / 100 for text in texts]
    given_rows = rows(texts, dense)
    selection = select(question, given_rows, Words(texts))
    assert 0 <= selection.answerability <= 1
    assert len(selection.picks) <= evidence.LISTED
    for pick in selection.picks:
        assert pick.start in given_rows.start
        assert pick.end in given_rows.end
        assert all(pick.start <= span.start < span.end <= pick.end for span in pick.focus)
    assert selection.picks == select(question, given_rows, Words(texts)).picks


def test_the_features_are_those_that_the_model_weighs() -> None:
    assert {*answerability.WEIGHTS, *answerability.ORDER} == set(ask("Who built the mill?", 0).features)

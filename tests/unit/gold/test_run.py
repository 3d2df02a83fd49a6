"""A gold set is run: every case has a result, whatever fails, of the right outcome, and the same again in replay."""

import hashlib
import json
import re
import threading
from dataclasses import replace

import pytest

import qa
from qa.errors import (
    BadReplyError,
    ContextTooLongError,
    EndpointError,
    KeyRefusedError,
    QaError,
    SettingError,
)
from qa.gold.files import matchers
from qa.gold.files.cases import GoldQuote, parse
from qa.gold.results import Observation, Shown, load, save
from qa.gold.run import Options, run
from qa.gold.verdict.measures import summary
from qa.gold.verdict.score import REACH, Indexed, case_sha256, score
from qa.llm.protocol import ChatReply
from qa.llm.recorded import Player, Recorder, Store
from qa.quotes.anchors import Place
from qa.records import Statement
from qa.testing import FakeChat, HashEncoder
from qa.trust import packaged_prompt

LETTER = (
    "The harbour letter\n\n"
    "On Monday, 17 former captains signed a letter to Mayor Ann Marlow. "
    "The letter asks her to close the old harbour. "
    "“A closure cannot come soon enough,” captain Joe Brandt wrote. "
    "Marlow said the harbour may be closed in the spring.\n"
)
WEATHER = "Weather\n\nIt rained on Tuesday. The wind was strong in Northpoint.\n"
GOLD = """
- id: captains
  question: How many captains signed the letter?
  expect: answer
  severity: critical
  tags: [number]
  all: [{number: 17}]
  quotes: [{source: letter.txt, text: 17 former captains signed a letter}]
- id: brandt
  question: What did captain Joe Brandt write about the closure?
  expect: answer
  tags: [who]
  all: [{words: soon enough}]
  quotes: [{source: letter.txt, text: "“A closure cannot come soon enough,” captain Joe Brandt wrote."}]
- id: ferry
  question: Who designed the zeppelin?
  expect: abstain
  tags: [far]
- id: rain
  question: When did it rain, and where was the wind strong?
  expect: answer
  tags: [several]
  all: [{date: Tuesday}]
  quotes:
    - {source: weather.txt, text: It rained on Tuesday.}
    - {source: weather.txt, text: strong in Northpoint}
"""
CASES = parse(GOLD, "gold.yaml")
ASKED = 3  # of them; nothing comes near the zeppelin
ANSWERS = {
    "How many": ("17 former", "17 former captains signed the letter."),
    "What did": ("soon enough", "Captain Joe Brandt wrote that a closure cannot come soon enough."),
    "When did": ("rained on", "It rained on Tuesday."),
}


def documents(folder, **texts):
    """An index of the two documents, or of these."""
    (folder / "seeds").mkdir(exist_ok=True)
    for name, text in ({"letter": LETTER, "weather": WEATHER} | texts).items():
        path = folder / "seeds" / f"{name}.txt"
        if text is None:
            path.unlink(missing_ok=True)
        else:
            path.write_text(text)
    return qa.Retriever.build(folder / "seeds", folder / "index", encoder=HashEncoder())


@pytest.fixture(scope="module")
def retriever(tmp_path_factory):
    with documents(tmp_path_factory.mktemp("harbour")) as made:
        yield made


def says(request):
    """The right answer to each question, pointing at the sentence that holds it."""
    user = request.messages[1].content
    words, text = next(answer for start, answer in ANSWERS.items() if start in user)
    ids = {sentence: name for name, sentence in re.findall(r"^\[(s\d+)\] (.*)$", user, re.M)}
    return {"statements": [{"evidence": [next(n for s, n in ids.items() if words in s)], "text": text}]}


def copies(request):
    """Like `says`, in the sentence's own words: a copy is supported without anybody's opinion."""
    user = request.messages[1].content
    words, _ = next(answer for start, answer in ANSWERS.items() if start in user)
    name, sentence = next(found for found in re.findall(r"^\[(s\d+)\] (.*)$", user, re.M) if words in found[1])
    return {"statements": [{"evidence": [name], "text": sentence}]}


def asking(retriever, chat=None, **options):
    passages = options.get("k", 5)  # the prompt has those of the answer
    return qa.Assistant(retriever, chat, **{"threshold": 0.3, "floor": 0.1, "prompt_passages": passages, **options})


def outcomes(run):
    return {result.id: result.outcome for result in run.results}


def by_id(run):
    return {result.id: result for result in run.results}


# --- A run ------------------------------------------------------------------------------------------------------------


def test_a_live_run_asks_each_case_and_traces_what_the_model_saw(retriever):
    chat = FakeChat(says, model="m-1")
    made, saved = run(CASES, asking(retriever, chat))
    assert [result.id for result in made.results] == [case.id for case in CASES]
    assert (made.mode, made.model, saved, len(chat.requests)) == ("live", "m-1", 0, ASKED)
    captains = by_id(made)["captains"]
    assert (captains.outcome, captains.problems, captains.passes, captains.runs) == ("pass", (), 1, 1)
    seen, (gold,) = captains.observed, captains.gold
    sentence = "On Monday, 17 former captains signed a letter to Mayor Ann Marlow."
    place = Place("letter.txt", LETTER.index(sentence), LETTER.index(sentence) + len(sentence))
    assert seen.claims[0].places == (place,)
    assert place in seen.context
    assert (seen.mode, seen.model, seen.text) == ("llm", "m-1", "17 former captains signed the letter.")
    assert (gold.state, gold.indexed, gold.rank, gold.in_context, gold.pointed, gold.returned) == (
        "intact", True, 1, True, True, True,
    )  # fmt: skip
    assert LETTER[gold.place.start : gold.place.end] == gold.text
    (quote,) = seen.quotes
    assert (quote.text, quote.line, quote.verbatim) == (sentence, 3, True)
    assert quote.before == LETTER[: place.start]
    assert quote.after == LETTER[place.end : place.end + REACH]


def test_a_case_nobody_asks_the_model_about_has_no_trace(retriever):
    made, _ = run(CASES, asking(retriever, FakeChat(says)))
    ferry = by_id(made)["ferry"]
    assert (ferry.outcome, ferry.observed.status, ferry.observed.prompt_sha256) == ("pass", "abstained", None)
    assert ferry.observed.context == ferry.observed.claims == ()
    assert "recall@5" not in ferry.measures


def test_quotes_only_asks_no_model_and_measures_the_quotes(retriever):
    made, _ = run(CASES, asking(retriever))
    assert (made.mode, made.model, made.templates) == ("quotes", None, {})
    captains = by_id(made)["captains"]
    assert captains.observed.mode == "quotes"
    assert (captains.gold[0].in_context, captains.gold[0].pointed) == (None, None)
    assert captains.measures["recall@5"] == captains.measures["char_recall"] == captains.measures["verbatim"] == 1.0
    assert captains.measures["latency_ms"] > 0
    assert "prompt_tokens" not in captains.measures


def test_a_part_that_is_not_quoted_fails_the_case(retriever):
    rain = by_id(run(CASES, asking(retriever, FakeChat(says)))[0])["rain"]
    assert (rain.outcome, rain.problems) == ("fail", ("not quoted: strong in Northpoint",))
    assert rain.measures["citation_recall"] == 0.5
    assert (rain.measures["answer_match"], rain.measures["citation_precision"]) == (1.0, 1.0)
    assert rain.measures["char_recall"] == pytest.approx(18 / (18 + 18))


def test_a_run_says_what_it_was_made_with(retriever):
    made, _ = run(CASES, asking(retriever, FakeChat(says), k=2, uncertain=0.2))
    assert made.settings == {
        "k": 2,
        "threshold": 0.3,
        "uncertain": 0.2,
        "floor": 0.1,
        "strict": False,
        "prompt_tokens": 3000,
        "prompt_passages": 2,
        "second_opinion": "doubtful",
        "final_silence": False,
    }
    assert made.documents["letter.txt"] == hashlib.sha256(LETTER.encode()).hexdigest()
    assert made.templates == {
        name: hashlib.sha256(packaged_prompt(name).encode()).hexdigest() for name in ("answer.j2", "answer_markers.j2")
    }
    assert made.gold_files == ("gold.yaml",)
    assert made.index["model"] == "hash-256"
    assert retriever.generation.endswith(made.index["fingerprint"])
    assert {name for result in made.results for name in result.measures} >= {"recall@2", "rr@2", "ndcg@2"}


def test_tokens_and_cost_are_measured_where_they_are_counted(retriever):
    def counting(request):
        usage = {"prompt_tokens": 1000, "completion_tokens": 20}
        return ChatReply(json.dumps(says(request)), "fake", usage=usage)

    made, _ = run(CASES[:1], asking(retriever, FakeChat(counting)), Options(prices=(2.0, 5.0)))
    figures = made.results[0].measures
    assert (figures["prompt_tokens"], figures["completion_tokens"], figures["cost"]) == (1000, 20, 0.0021)
    free, _ = run(CASES[:1], asking(retriever, FakeChat(counting)))
    assert "cost" not in free.results[0].measures


def test_progress_counts_to_the_end(retriever):
    told = []
    run(CASES, asking(retriever, FakeChat(says)), Options(repeat=2), lambda done, total: told.append((done, total)))
    assert told[-1] == (8, 8)
    assert told == sorted(told)


def test_no_case_is_no_result(retriever):
    made, saved = run([], asking(retriever))
    assert (made.results, saved) == ((), 0)


# --- Replay -----------------------------------------------------------------------------------------------------------


def test_a_replayed_run_is_the_same_to_the_byte(retriever, tmp_path):
    store = Store(tmp_path / "store")
    live, _ = run(CASES, asking(retriever, Recorder(FakeChat(says), "m", store)))
    assert (live.mode, live.model) == ("live", "m")
    for name in ("one", "two"):
        save(run(CASES, asking(retriever, Player("m", store)))[0], tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    replayed = load(tmp_path / "one")
    assert (replayed.mode, outcomes(replayed)) == ("replay", outcomes(live))
    assert all(not result.observed.timings_ms for result in replayed.results)
    assert all("latency_ms" not in result.measures for result in replayed.results)
    assert [replace(result.observed, timings_ms={}) for result in live.results] == [
        result.observed for result in replayed.results
    ]


def test_what_was_not_recorded_is_an_error_that_shows_the_difference(retriever, tmp_path):
    store = Store(tmp_path / "store")
    run(CASES[:1], asking(retriever, Recorder(FakeChat(says), "m", store)))
    made, _ = run(CASES, asking(retriever, Player("m", store)))
    assert outcomes(made) == {"captains": "pass", "brandt": "error", "ferry": "pass", "rain": "error"}
    assert f"user: Question: {CASES[1].question}" in by_id(made)["brandt"].problems[0]


# --- What fails -------------------------------------------------------------------------------------------------------


def failing(error, when="Brandt"):
    """A chat that fails for one question."""
    return FakeChat(lambda request: error if when in request.messages[1].content else says(request))


@pytest.mark.parametrize("error", [EndpointError("down"), BadReplyError("broken"), ContextTooLongError("long")])
def test_an_endpoint_that_fails_for_one_case_costs_that_case_alone(retriever, error):
    made, _ = run(CASES, asking(retriever, failing(error, "What did captain")))
    assert outcomes(made) == {"captains": "pass", "brandt": "error", "ferry": "pass", "rain": "fail"}
    brandt = by_id(made)["brandt"]
    assert brandt.observed == Observation(error=str(error))
    assert (brandt.problems, brandt.measures, brandt.passes) == ((str(error),), {}, 0)
    assert summary(made.results)["pass"].n == 3


def test_a_reply_that_cannot_be_read_is_an_error(retriever):
    made, _ = run(CASES[:1], asking(retriever, FakeChat("{ broken")))
    assert made.results[0].outcome == "error"
    assert "cannot be read" in made.results[0].problems[0]


def test_an_endpoint_that_is_down_is_not_asked_for_ever(retriever):
    chat = FakeChat(lambda request: EndpointError("connection refused"))
    many = [replace(CASES[0], id=f"case-{n}") for n in range(12)]
    made, _ = run(many, asking(retriever, chat), Options(jobs=1))
    assert len(chat.requests) == 5
    assert {result.outcome for result in made.results} == {"error"}
    assert made.results[-1].problems[0].endswith("5 questions in a row failed, most recently: connection refused")


def test_failures_between_answers_stop_nothing(retriever):
    turns = iter(range(100))
    chat = FakeChat(lambda request: says(request) if next(turns) % 5 == 4 else EndpointError("connection refused"))
    many = [replace(CASES[0], id=f"case-{n}") for n in range(12)]
    made, _ = run(many, asking(retriever, chat), Options(jobs=1))
    assert len(chat.requests) == 12
    assert sum(result.outcome == "pass" for result in made.results) == 2


def test_a_refused_key_is_tried_once(retriever):
    chat = FakeChat(lambda request: KeyRefusedError("the key is wrong"))
    made, _ = run(CASES, asking(retriever, chat), Options(jobs=1))
    assert len(chat.requests) == 1
    assert outcomes(made) == {"captains": "error", "brandt": "error", "ferry": "pass", "rain": "error"}


def test_a_question_that_cannot_be_searched_for_is_an_error(retriever):
    long = replace(CASES[0], id="long", question="word " * 1001)
    made, _ = run([long, *CASES], asking(retriever, FakeChat(says)))
    assert made.results[0].outcome == "error"
    assert made.results[0].problems[0].startswith(f"gold.yaml:{CASES[0].line}: the question has 1,001 words")
    assert made.results[1].outcome == "pass"


def test_a_template_that_cannot_be_rendered_stops_the_run(retriever):
    with pytest.raises(SettingError, match="cannot be rendered"):
        run(CASES, asking(retriever, FakeChat(says), template=lambda name: "{{ nothing }} {% block system %}{{ no }}"))


def test_ctrl_c_goes_up_and_what_has_not_begun_is_never_asked(retriever):
    release = threading.Event()

    def slow(request):
        release.wait(60)
        return says(request)

    chat = FakeChat(slow)
    many = [replace(CASES[0], id=f"case-{n}") for n in range(10)]
    others = set(threading.enumerate())

    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(many, asking(retriever, chat), Options(jobs=2), interrupt)
    threads = set(threading.enumerate()) - others
    assert 1 <= len(threads) <= 2  # they were not waited for
    release.set()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)
    assert len(chat.requests) <= 2


# --- Repeat -----------------------------------------------------------------------------------------------------------


def flickering(wrong):
    """A chat that is wrong at these turns of each question, and fails where the turn's value is an error."""
    turns = {}

    def reply(request):
        user = request.messages[1].content
        turn = turns[user] = turns.get(user, -1) + 1
        bad = wrong.get(turn)
        return bad if isinstance(bad, QaError) else {"statements": []} if bad else copies(request)

    return FakeChat(reply)


@pytest.mark.parametrize(
    ("wrong", "outcome", "passes", "runs"),
    [
        ({}, "pass", 3, 3),
        ({0: True}, "pass", 2, 3),
        ({0: True, 2: True}, "fail", 1, 3),
        ({1: EndpointError("down")}, "pass", 2, 2),
        ({0: EndpointError("down"), 1: True}, "error", 1, 2),
        ({0: EndpointError("down"), 1: True, 2: True}, "fail", 0, 2),
    ],
)
def test_the_majority_of_the_runs_decides(retriever, wrong, outcome, passes, runs):
    assistant = asking(retriever, flickering(wrong), threshold=1.01)
    made, _ = run(CASES[:1], assistant, Options(repeat=3, jobs=1))
    result = made.results[0]
    assert (result.outcome, result.passes, result.runs) == (outcome, passes, runs)
    assert bool(result.observed.error) == (outcome == "error")
    assert (result.observed.status == "answered") == (outcome == "pass")
    if runs == 2:
        assert "down" in result.problems[-1]


def test_measures_are_means_over_the_runs(retriever):
    made, _ = run(CASES[:1], asking(retriever, flickering({0: True}), threshold=1.01), Options(repeat=4, jobs=1))
    assert made.results[0].measures["answer_match"] == 0.75
    assert made.results[0].measures["verbatim"] == 1.0


def test_half_is_no_majority(retriever):
    made, _ = run(CASES[:1], asking(retriever, flickering({0: True}), threshold=1.01), Options(repeat=2, jobs=1))
    assert (made.results[0].outcome, made.results[0].passes) == ("fail", 1)


def test_quotes_are_not_asked_for_twice(retriever):
    assert run(CASES, asking(retriever), Options(repeat=5))[0].results[0].runs == 1


# --- Changed ----------------------------------------------------------------------------------------------------------


def again(cases, assistant, before):
    """The cases that were asked again."""
    chat = assistant.chat
    known = len(chat.requests)
    made, saved = run(cases, assistant, Options(changed_since=before, jobs=1))
    asked = {case.id for case in cases for request in chat.requests[known:] if case.question in str(request.messages)}
    return made, saved, asked


def test_nothing_changed_asks_nothing_and_gives_the_same(retriever):
    before, _ = run(CASES, asking(retriever, FakeChat(says)))
    made, saved, asked = again(CASES, asking(retriever, FakeChat(says)), before)
    assert (saved, asked) == (len(CASES), set())
    assert made == before


def test_only_what_retrieved_a_changed_text_is_asked_again(tmp_path):
    with documents(tmp_path) as first:
        before, _ = run(CASES, asking(first, FakeChat(says), k=1))
    with documents(tmp_path, weather=WEATHER.replace("strong", "very strong")) as second:
        made, saved, asked = again(CASES, asking(second, FakeChat(says), k=1), before)
    assert (asked, saved) == ({"rain"}, 2)  # nobody is asked about the zeppelin, but weather.txt was retrieved for it
    assert by_id(made)["ferry"].observed.hits[0].doc_id == "weather.txt"
    assert outcomes(made)["captains"] == "pass"


@pytest.mark.parametrize(("beyond", "asked_again"), [(1, {"captains"}), (10, set())])
def test_the_neighbours_that_only_the_support_check_reads_count(tmp_path, beyond, asked_again):
    long = LETTER + " ".join(f"Barge number {n} carried {'very ' * 20}heavy coal upstream." for n in range(10, 40))
    with documents(tmp_path, letter=long) as first:
        before, _ = run(CASES[:1], asking(first, FakeChat(says), k=1))
        last = max(place.end for place in before.results[0].observed.context)
        (inside,) = first.sentences_in("letter.txt", last - 1, last)
        (changed,) = first.sentences("letter.txt", inside + beyond, inside + beyond)
    words = long[changed.start : changed.end]
    with documents(tmp_path, letter=long.replace(words, words.replace("coal", "iron"))) as second:
        assert again(CASES[:1], asking(second, FakeChat(says), k=1), before)[2] == asked_again


@pytest.mark.parametrize(
    "change",
    [
        {"chat": FakeChat(says, model="other")},
        {"k": 1},
        {"threshold": 0.2},
        {"strict": True},
        {"template": lambda name: packaged_prompt(name).replace("You answer", "You only answer")},
    ],
)
def test_another_model_setting_or_prompt_asks_again(retriever, change):
    before, _ = run(CASES, asking(retriever, FakeChat(says)))
    change = {"chat": FakeChat(says), **change}
    _, _, asked = again(CASES, asking(retriever, **change), before)
    assert asked == {"captains", "brandt", "rain"}


def test_a_new_expectation_is_scored_without_asking(retriever):
    before, _ = run(CASES, asking(retriever, FakeChat(says)))
    stricter = parse(GOLD.replace("number: 17", "number: 18"), "gold.yaml")
    made, saved, asked = again(stricter, asking(retriever, FakeChat(says)), before)
    assert (saved, asked) == (len(CASES), set())
    assert (outcomes(before)["captains"], outcomes(made)["captains"]) == ("pass", "fail")
    assert by_id(made)["captains"].problems == ("number 18 is missing",)


def test_what_was_not_measured_and_what_is_new_is_asked(retriever):
    before, _ = run(CASES[:2], asking(retriever, failing(EndpointError("down"), "What did captain")))
    made, saved, asked = again(CASES, asking(retriever, FakeChat(says)), before)
    assert (saved, asked) == (1, {"brandt", "rain"})
    assert outcomes(made)["brandt"] == "pass"


def test_repeat_asks_again_what_did_not_change(retriever):
    chat = FakeChat(says)
    before, _ = run(CASES, asking(retriever, chat))
    _, saved = run(CASES, asking(retriever, chat), Options(repeat=2, changed_since=before))
    assert (saved, len(chat.requests)) == (0, ASKED + 2 * ASKED)


# --- Scores -----------------------------------------------------------------------------------------------------------


def answered(*places, text="17", **changes):
    quotes = tuple(Shown(n, place, LETTER[place.start : place.end], 1) for n, place in enumerate(places, 1))
    seen = Observation(status="answered", statements=(Statement(text, (1,)),), quotes=quotes, hits=places)
    return replace(seen, **changes)


def test_stale_gold_is_neither_passed_nor_failed(tmp_path):
    with documents(tmp_path, letter=LETTER.replace("17 former captains", "Seventeen retired skippers")) as retriever:
        made, _ = run(CASES, asking(retriever))
    captains = by_id(made)["captains"]
    assert captains.outcome == "stale"
    assert captains.problems[0].startswith("gold.yaml:8: gold quote ")
    assert (captains.gold[0].place, captains.gold[0].rank) == (None, None)
    assert "recall@5" not in captains.measures
    assert summary(made.results)["pass"].n == 3


def test_a_part_is_stale_only_if_none_of_its_quotes_stands(retriever):
    text = """
- id: one
  question: How many?
  expect: answer
  quotes:
    - {source: letter.txt, part: a, text: Seventeen retired skippers signed}
    - {source: letter.txt, part: a, text: 17 former captains}
"""
    (case,) = parse(text)
    start = LETTER.index("17 former captains")
    seen = answered(Place("letter.txt", start, start + 18))
    result = score(case, [seen], Indexed(retriever), 5)
    assert (result.outcome, [one.place is None for one in result.gold]) == ("pass", [True, False])
    assert result.measures["char_iou"] == result.measures["recall@5"] == 1.0


def test_a_document_that_is_not_indexed_fails_the_case(tmp_path):
    with documents(tmp_path, weather=None) as retriever:
        made, _ = run(CASES, asking(retriever))
    rain = by_id(made)["rain"]
    assert rain.outcome == "fail"
    assert "weather.txt, the source of the gold quote, is not in the index" in rain.problems
    assert [one.state for one in rain.gold] == ["missing", "missing"]
    assert (rain.measures["recall@5"], rain.measures["char_recall"]) == (0.0, 0.0)


def test_a_matcher_that_takes_too_long_leaves_the_case_unmeasured(retriever, monkeypatch):
    monkeypatch.setattr(matchers, "TIME_LIMIT", 0.05)
    slow = matchers.Regex.parse(r"(?:(?:a|b|ab)+c?)+(?:(?:a|b|ab)+d?)+[xy]$")
    case = replace(CASES[0], all=(slow,), file="gold.yaml", line=3)
    start = LETTER.index("17 former captains")
    seen = answered(Place("letter.txt", start, start + 18), text="ab" * 400)
    result = score(case, [seen], Indexed(retriever), 5)
    assert result.outcome == "error"
    assert result.observed.error.startswith("gold.yaml:3: regex ")


def test_skipped_text_is_not_indexed(tmp_path):
    quotes = [GoldQuote("a.txt", "New York"), GoldQuote("a.txt", "Go")]
    with documents(tmp_path, a="New York\nCNN\n—\n\nGo and ask the minister. He left on Friday.\n") as retriever:
        found = [Indexed(retriever).find(quote, 0) for quote in quotes]
    assert [(one.state, one.indexed) for one in found] == [("intact", False), ("intact", True)]


def test_a_quote_that_is_not_verbatim_fails_whatever_else(retriever):
    indexed = Indexed(retriever)
    start = LETTER.index("17 former captains signed a letter")
    good = answered(Place("letter.txt", start, start + 34))
    assert score(CASES[0], [good], indexed, 5).outcome == "pass"
    bad = replace(good, quotes=(replace(good.quotes[0], text="18 former captains", verbatim=False),))
    result = score(CASES[0], [good, good, bad], indexed, 5)
    assert (result.outcome, result.observed, result.passes) == ("fail", bad, 2)
    assert result.problems == ("quote 1 differs from the text of letter.txt",)
    assert result.measures["verbatim"] == pytest.approx(2 / 3, abs=1e-6)


def test_a_quote_is_compared_with_the_source(retriever):
    indexed = Indexed(retriever)
    assert indexed.show(1, Place("letter.txt", 0, 11), "The harbour").verbatim
    assert not indexed.show(1, Place("letter.txt", 0, 11), "The Harbour").verbatim
    assert not indexed.show(1, Place("letter.txt", 1, 12), "The harbour").verbatim


def test_an_answer_where_silence_is_expected_fails(retriever):
    result = score(CASES[2], [answered(Place("letter.txt", 0, 11))], Indexed(retriever), 5)
    assert (result.outcome, result.problems) == ("fail", ("an answer, but the sources do not say",))
    assert "char_recall" not in result.measures


def test_silence_where_an_answer_is_expected_recalls_nothing_and_has_no_precision(retriever):
    result = score(CASES[0], [Observation()], Indexed(retriever), 5)
    assert (result.outcome, result.problems) == ("fail", ("no answer",))
    assert result.measures == {
        "recall@5": 0.0, "rr@5": 0.0, "ndcg@5": 0.0, "char_recall": 0.0, "char_iou": 0.0, "citation_recall": 0.0,
        "answer_match": 0.0,
    }  # fmt: skip


def test_unsupported_statements_are_counted_and_not_read(retriever):
    start = LETTER.index("17 former captains signed a letter")
    seen = answered(Place("letter.txt", start, start + 34), text="Many")
    seen = replace(seen, statements=(*seen.statements, Statement("17", (), "unsupported", ("No.",))))
    result = score(CASES[0], [seen], Indexed(retriever), 5)
    assert result.problems == ("number 17 is missing",)
    assert (result.measures["supported"], result.measures["answer_match"]) == (0.5, 0.0)


def test_the_definition_of_a_case_is_what_it_asks_and_expects():
    case = CASES[0]
    same = replace(case, id="other", fact="other", severity="normal", tags=(), note="n", file="f", line=9)
    assert case_sha256(same) == case_sha256(case)
    quote = case.quotes[0]
    others = [
        replace(case, question="How many?"),
        replace(case, all=(), any=case.all),
        replace(case, all=(replace(case.all[0], tolerance=1),)),
        replace(case, quotes=(replace(quote, text="17 former"),)),
        replace(case, quotes=(replace(quote, before="Monday,"),)),
        replace(case, quotes=(quote, replace(quote, text="Monday"))),
        CASES[2],
    ]
    assert len({case_sha256(other) for other in (case, *others)}) == len(others) + 1
    first, second = replace(quote, text="Monday", part="a"), replace(quote, part="a")
    alternatives, both = replace(case, quotes=(first, second)), replace(case, quotes=(replace(first, part="b"), second))
    assert case_sha256(alternatives) != case_sha256(both)

"""Recorded answers for changed prompts: the statements stay, their ids change, and what the prompt lacks is lost."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import qa
from qa.answer.events import Done
from qa.errors import ReplayError, ReplayMissError
from qa.gate.examiner import Examiner
from qa.gate.judge import ChatJudge, Item, JudgedQuote, Opinion
from qa.gold.portable import PortablePlayer
from qa.llm.protocol import ChatReply, ChatRequest, Message, complete
from qa.llm.recorded import Player, Recorder, Store, Trust
from qa.testing import FakeChat, HashEncoder
from qa.trust import packaged_prompt

FIRST, SECOND, THIRD = ("a.txt", 0, 10), ("a.txt", 11, 20), ("b.txt", 0, 5)
BEFORE = ChatRequest(
    (Message("user", "[s1] One. [s2] Two."),), question="How many?", places={"s1": FIRST, "s2": SECOND}
)
SAID = {"statements": [{"evidence": ["s1"], "text": "One."}, {"evidence": ["s2", "s1"], "text": "Two."}]}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "replay")
    complete(Recorder(FakeChat(SAID), "m", made), BEFORE)
    return made


def now(*places: tuple[str, int, int]) -> ChatRequest:
    """The same question with another prompt."""
    return replace(
        BEFORE, messages=(Message("user", "Other."),), places={f"s{n}": place for n, place in enumerate(places, 1)}
    )


def statements(reply: ChatReply) -> list[tuple[list[str], str]]:
    return [(one["evidence"], one["text"]) for one in json.loads(reply.text)["statements"]]


def test_statements_point_at_the_same_places_by_their_new_ids(store: Store) -> None:
    player = PortablePlayer("m", store)
    assert statements(complete(player, now(THIRD, SECOND, FIRST))) == [(["s3"], "One."), (["s2", "s3"], "Two.")]
    assert player.ported == 1


def test_a_place_that_the_prompt_lacks_is_lost_and_a_statement_without_any_as_well(store: Store) -> None:
    assert statements(complete(PortablePlayer("m", store), now(SECOND))) == [(["s1"], "Two.")]
    assert statements(complete(PortablePlayer("m", store), now(THIRD))) == []


def test_the_same_prompt_is_replayed_as_it_was(store: Store) -> None:
    player = PortablePlayer("m", store)
    assert complete(player, BEFORE) == complete(Player("m", store), BEFORE)
    assert player.ported == 0


def test_another_question_and_another_model_are_missed_as_ever(store: Store) -> None:
    with pytest.raises(ReplayMissError):
        complete(PortablePlayer("m", store), replace(now(FIRST), question="How few?"))
    with pytest.raises(ReplayMissError):
        complete(PortablePlayer("n", store), now(FIRST))
    with pytest.raises(ReplayMissError):
        complete(Player("m", store), now(FIRST))


def test_what_was_ported_is_not_pruned(store: Store) -> None:
    player = PortablePlayer("m", store)
    complete(player, now(FIRST))
    assert player.prune() == 0
    assert PortablePlayer("m", store).prune() == 1


def test_an_older_recording_gets_its_places_without_asking(store: Store) -> None:
    (path,) = store.folder.iterdir()
    exchange = json.loads(path.read_text(encoding="utf-8"))
    del exchange["asked"]
    path.write_text(json.dumps(exchange), encoding="utf-8")
    with pytest.raises(ReplayMissError):
        complete(PortablePlayer("m", store), now(FIRST))
    recorder = Recorder(FakeChat(), "m", store, only_new=True)
    complete(recorder, BEFORE)
    assert recorder.asked == 0
    assert statements(complete(PortablePlayer("m", store), now(FIRST)))[0] == (["s1"], "One.")


@pytest.mark.parametrize(
    "asked",
    [
        3,
        {},
        {"question": 1, "places": {}},
        {"question": "q", "places": {"s1": "a 0-x"}},
        {"judged": 1},
        {"judged": [{"question": "q", "statement": "s", "quotes": ["a 0"]}]},
        {"judged": [{"question": "q", "quotes": []}]},
    ],
)
def test_damaged_places_are_an_error_that_names_the_file(store: Store, asked: object) -> None:
    (path,) = store.folder.iterdir()
    exchange = json.loads(path.read_text(encoding="utf-8")) | {"asked": asked}
    path.write_text(json.dumps(exchange), encoding="utf-8")
    with pytest.raises(ReplayError, match="its sentences cannot be read"):
        complete(PortablePlayer("m", store), now(FIRST))


def item(statement: str, *places: tuple[str, int, int]) -> Item:
    return Item("How many?", statement, tuple(JudgedQuote("Quote.", place=place) for place in places))


ONE, TWO = item("One.", FIRST), item("Two.", FIRST, SECOND)
OPINIONS = {
    "opinions": [
        {"n": 1, "not_stated": "", "stated": True, "answers": True},
        {"n": 2, "not_stated": "two", "stated": False, "answers": True},
    ]
}


@pytest.fixture
def judged(tmp_path: Path) -> Store:
    made = Store(tmp_path / "replay")
    ChatJudge(Recorder(FakeChat(OPINIONS), "m", made), packaged_prompt).judge([ONE, TWO])
    return made


def other_prompt(name: str) -> str:
    return packaged_prompt(name).replace("{% block system %}", "{% block system %}Think twice. ")


def test_an_opinion_counts_for_the_same_statement_with_the_same_quotes_in_any_prompt(judged: Store) -> None:
    assert ChatJudge(Player("m", judged), packaged_prompt).judge([ONE, TWO]).opinions[0] == Opinion(True)
    player = PortablePlayer("m", judged)
    found = ChatJudge(player, other_prompt).judge([TWO])
    assert found.opinions == (Opinion(False, not_stated="two"),)
    assert ChatJudge(player, other_prompt).judge([TWO, ONE]).opinions == (*found.opinions, Opinion(True))
    assert player.ported == 2
    assert player.prune() == 0


def test_a_statement_that_was_not_judged_with_these_quotes_is_missed(judged: Store) -> None:
    for items in ([item("One.", SECOND)], [item("One.")], [item("Three.", FIRST)], [ONE, item("Three.", FIRST)]):
        with pytest.raises(ReplayMissError):
            ChatJudge(PortablePlayer("m", judged), packaged_prompt).judge(items)
    with pytest.raises(ReplayMissError):
        ChatJudge(Player("m", judged), other_prompt).judge([ONE, TWO])
    with pytest.raises(ReplayMissError):
        ChatJudge(PortablePlayer("n", judged), packaged_prompt).judge([ONE])


def test_an_opinion_about_a_quote_that_says_something_else_now_does_not_count(judged: Store) -> None:
    changed = Item("How many?", "One.", (JudgedQuote("Never.", place=FIRST),))
    with pytest.raises(ReplayMissError):
        ChatJudge(PortablePlayer("m", judged), packaged_prompt).judge([changed])
    (path,) = judged.folder.iterdir()
    exchange = json.loads(path.read_text(encoding="utf-8"))
    for record in exchange["asked"]["judged"]:
        del record["sha256"]  # a recording of an older version, which does not say what the quotes said
    path.write_text(json.dumps(exchange), encoding="utf-8")
    with pytest.raises(ReplayMissError):
        ChatJudge(PortablePlayer("m", judged), other_prompt).judge([ONE])
    assert ChatJudge(Player("m", judged), packaged_prompt).judge([ONE, TWO]).opinions[0] == Opinion(True)


def test_a_recording_judges_and_is_final_as_far_as_it_was_when_it_was_made(judged: Store) -> None:
    def examiner(is_wanted: bool = True) -> Examiner:
        return Examiner("m", "", None, is_wanted, packaged_prompt, lambda line: None)

    assert examiner().judge(Player("m", judged)) == (None, False)
    Recorder(FakeChat(), "n", judged).keep_trust(Trust())
    assert len(list(judged.folder.iterdir())) == 1
    Recorder(FakeChat(), "m", judged).keep_trust(Trust(judges=True, is_final=True))
    judge, is_final = examiner().judge(PortablePlayer("m", judged))
    assert isinstance(judge, ChatJudge)
    assert is_final
    assert not examiner().may_rewrite(Player("m", judged))
    assert examiner(is_wanted=False).judge(Player("m", judged)) == (None, False)
    assert examiner().judge(Player("n", judged)) == (None, False)
    assert (len(judged), Player("m", judged).prune(), len(judged)) == (1, 1, 0)
    assert judged.trust("m") == Trust(judges=True, is_final=True)
    (judged.folder / "trust.json").write_text("{}")
    with pytest.raises(ReplayError, match=r"trust.json:1: damaged"):
        examiner().judge(Player("m", judged))


def test_a_judged_answer_is_replayed_without_asking_also_where_the_prompts_changed(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.txt").write_text("Letter\n\nOn Monday, 17 captains signed a letter to the mayor.\n")
    said = "Seventeen captains put their names to it."
    opinion = {"opinions": [{"n": 1, "not_stated": "", "stated": True, "answers": True}]}

    def says(request: ChatRequest) -> dict[str, object]:
        last = max(request.places, key=lambda name: request.places[name][1], default="")
        return opinion if request.judged else {"statements": [{"evidence": [last], "text": said}]}

    store = Store(tmp_path / "replay")
    with qa.Retriever.build(tmp_path / "seeds", tmp_path / "index", encoder=HashEncoder()) as retriever:

        def verdict(chat: Recorder | Player, template: Callable[[str], str] = packaged_prompt) -> tuple[str, str]:
            judge = ChatJudge(chat, template)
            assistant = qa.Assistant(retriever, chat, floor=0.0, judge=judge, template=template)
            *_, done = assistant.stream("Who signed the letter?")
            assert isinstance(done, Done)
            return done.answer.statements[0].verdict, done.notice

        assert verdict(Recorder(FakeChat(says), "m", store)) == ("supported", "")
        assert verdict(Player("m", store)) == ("supported", "")
        assert verdict(PortablePlayer("m", store), other_prompt) == ("supported", "")
        judgement = next(path for path in store.folder.iterdir() if '"judged"' in path.read_text())
        judgement.unlink()
        with pytest.raises(ReplayMissError):  # not measured; it is no failure of the judge
            verdict(PortablePlayer("m", store))

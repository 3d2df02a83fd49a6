"""Recorded answers for changed prompts: the statements stay, their ids change, and what the prompt lacks is lost."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from qa.errors import ReplayError, ReplayMissError
from qa.gold.portable import PortablePlayer
from qa.llm.protocol import ChatReply, ChatRequest, Message, complete
from qa.llm.recorded import Player, Recorder, Store
from qa.testing import FakeChat

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


@pytest.mark.parametrize("asked", [3, {}, {"question": 1, "places": {}}, {"question": "q", "places": {"s1": "a 0-x"}}])
def test_damaged_places_are_an_error_that_names_the_file(store: Store, asked: object) -> None:
    (path,) = store.folder.iterdir()
    exchange = json.loads(path.read_text(encoding="utf-8")) | {"asked": asked}
    path.write_text(json.dumps(exchange), encoding="utf-8")
    with pytest.raises(ReplayError, match="its sentences cannot be read"):
        complete(PortablePlayer("m", store), now(FIRST))

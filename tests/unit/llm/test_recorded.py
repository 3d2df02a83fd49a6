"""Recorded exchanges: the same request gives the same reply, nothing is sent, and damage is never read as an answer."""

import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from qa.errors import ContextTooLongError, EndpointError, ReplayError, ReplayMissError
from qa.llm import missed
from qa.llm import recorded as replay
from qa.llm.protocol import ChatReply, ChatRequest, Delta, Message, complete
from qa.llm.recorded import Player, Recorder, Store, canonical
from qa.testing import FakeChat

REQUEST = ChatRequest(
    messages=(Message("system", "Answer."), Message("user", "[s1] The bridge is closed.\n\nQuestion: Is it open?")),
    schema={"type": "object", "properties": {"b": {"type": "string"}, "a": {"type": "string"}}},
    max_tokens=9,
    sentences=1,
)
REPLY = ChatReply("No. “Closed”, né\u2028", "m-1", "schema", "stop", {"prompt_tokens": 7, "completion_tokens": 2})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "seeds.replay")


def recorded(store: Store, request: ChatRequest = REQUEST) -> Path:
    complete(Recorder(FakeChat(REPLY), "m", store), request)
    (path,) = store.folder.iterdir()
    return path


def asked(request: ChatRequest, question: str) -> ChatRequest:
    system, user = request.messages
    return replace(request, messages=(system, replace(user, content=user.content.replace("Is it open?", question))))


def test_what_was_recorded_comes_back_whole_and_in_one_piece(store: Store) -> None:
    recorded(store)
    assert list(Player("m", store).stream(REQUEST)) == [Delta(REPLY.text, 1), REPLY]


def test_recording_twice_gives_the_same_bytes(store: Store, tmp_path: Path) -> None:
    again = Store(tmp_path / "again")
    assert recorded(store).read_bytes() == recorded(again).read_bytes()
    assert [path.name for path in store.folder.iterdir()] == [path.name for path in again.folder.iterdir()]


def test_half_characters_are_recorded_as_the_live_run_sees_them(store: Store) -> None:
    """A model may write an escape that is half of an emoji; no file can hold it."""
    said = replace(REPLY, text="a \ud83d b", model="m\udc80", finish="\udfff")
    live: list[tuple[str, int]] = []
    request = asked(REQUEST, "Is it \ud800?")
    *live, reply = Recorder(FakeChat(said, piece=100), "m", store).stream(request)
    assert reply == replace(REPLY, text="a ? b", model="m?", finish="?")
    assert live == [Delta("a ? b", 1)]
    assert complete(Player("m", store), request) == reply
    store.check()


def test_an_exchange_that_cannot_be_written_leaves_nothing_behind(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space"):
        recorded(store)
    assert list(store.folder.iterdir()) == []


def test_threads_may_record_the_same_request_at_once(store: Store) -> None:
    recorder, interval = Recorder(FakeChat(lambda _: REPLY), "m", store), sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(partial(complete, recorder), [REQUEST] * 400))
    finally:
        sys.setswitchinterval(interval)
    assert replies == [REPLY] * 400
    assert len(list(store.folder.iterdir())) == 1


@pytest.mark.parametrize(("limit", "told"), [(4096, "context of 4,096 tokens of m when"), (None, "context of m when")])
def test_a_prompt_that_was_too_long_is_too_long_again(store: Store, limit: int | None, told: str) -> None:
    """The assistant then asks with half of it, which is the exchange that holds the answer."""
    recorder = Recorder(FakeChat(ContextTooLongError("too long for host.example", limit), REPLY), "m", store)
    shorter = asked(REQUEST, "")
    with pytest.raises(ContextTooLongError, match=r"host\.example"):
        complete(recorder, REQUEST)
    complete(recorder, shorter)
    assert (recorder.prune(), len(store)) == (0, 2)
    store.check()
    player = Player("m", store)
    with pytest.raises(ContextTooLongError, match=told) as refusal:
        complete(player, REQUEST)
    assert refusal.value.limit == limit
    assert complete(player, shorter) == REPLY
    assert (player.prune(), len(store)) == (0, 2)
    assert not [path for path in store.folder.iterdir() if "host.example" in path.read_text(encoding="utf-8")]


def test_a_prompt_that_fits_now_has_its_answer_in_place_of_the_refusal(store: Store) -> None:
    with pytest.raises(ContextTooLongError):
        complete(Recorder(FakeChat(ContextTooLongError("long")), "m", store), REQUEST)
    recorded(store)
    assert complete(Player("m", store), REQUEST) == REPLY


def test_what_may_go_better_next_time_is_not_recorded(store: Store) -> None:
    with pytest.raises(EndpointError):
        complete(Recorder(FakeChat(EndpointError("down")), "m", store), REQUEST)
    assert len(store) == 0


CHANGES: dict[str, Callable[[ChatRequest], ChatRequest]] = {
    "question": lambda r: asked(r, "Is it closed?"),
    "schema": lambda r: replace(r, schema=None),
    "order of the schema": lambda r: replace(r, schema={**dict(reversed(list(r.schema.items())))}),  # type: ignore[union-attr]
    "plain messages": lambda r: replace(r, plain_messages=r.messages),
    "length": lambda r: replace(r, max_tokens=10),
    "temperature": lambda r: replace(r, temperature=1.0),
    "seed": lambda r: replace(r, seed=3),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_decides_the_reply_decides_what_is_found(store: Store, change: str) -> None:
    recorded(store)
    with pytest.raises(ReplayMissError):
        complete(Player("m", store), CHANGES[change](REQUEST))
    with pytest.raises(ReplayMissError):
        complete(Player("another", store), REQUEST)


def test_what_is_only_told_does_not(store: Store) -> None:
    recorded(store)
    assert complete(Player("m", store), replace(REQUEST, sentences=5)) == REPLY


def test_a_miss_shows_how_the_prompt_differs_from_the_nearest_recorded_one(store: Store) -> None:
    recorded(store)
    far = replace(REQUEST, messages=(Message("user", "Something else\nof several lines"),))
    complete(Recorder(FakeChat(REPLY), "m", store), far)
    with pytest.raises(ReplayMissError) as miss:
        complete(Player("m", store), asked(REQUEST, "Is it shut?"))
    lines = str(miss.value).splitlines()
    assert str(store.folder) in lines[0]
    assert lines[1:] == ["-messages user: Question: Is it open?", "+messages user: Question: Is it shut?"]


def test_recorded_requests_are_made_comparable_once_however_many_are_missed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        complete(Recorder(FakeChat(REPLY), "m", store), asked(REQUEST, f"Recorded {number}?"))
    made, lines = [], missed._lines
    monkeypatch.setattr(missed, "_lines", lambda request: made.append(request) or lines(request))
    player = Player("m", store)
    for number in range(4):
        with pytest.raises(ReplayMissError, match="nearest recording"):
            complete(player, asked(REQUEST, f"Missed {number}?"))
    assert len(made) == 5 + 4


def test_a_miss_in_an_empty_store_says_how_to_record(store: Store) -> None:
    with pytest.raises(ReplayMissError, match="--record"):
        complete(Player("m", store), REQUEST)


def test_neither_key_nor_header_is_kept(store: Store) -> None:
    exchange = json.loads(recorded(store).read_text(encoding="utf-8"))
    assert set(exchange) == {"schema", "request", "reply"}
    assert exchange["request"] == canonical("m", REQUEST)
    names = {"model", "messages", "schema", "plain_messages", "max_tokens", "temperature", "seed"}
    assert set(exchange["request"]) == names
    assert set(exchange["reply"]) == {"text", "model", "mode", "finish", "usage"}


def damage(change: Callable[[dict[str, Any]], object]) -> Callable[[str], str]:
    def damaged(text: str) -> str:
        exchange = json.loads(text)
        change(exchange)
        return json.dumps(exchange)

    return damaged


DAMAGE: dict[str, Callable[[str], str]] = {
    "cut off": lambda text: text[: len(text) // 2],
    "empty": lambda text: "",
    "a list": lambda text: "[]",
    "nested": lambda text: "[" * 100_000,
    "another request": damage(lambda e: e["request"].update(model="x")),
    "no reply": damage(lambda e: e.pop("reply")),
    "no text": damage(lambda e: e["reply"].pop("text")),
    "text is a number": damage(lambda e: e["reply"].update(text=3)),
    "unknown field": damage(lambda e: e["reply"].update(more=3)),
    "usage is text": damage(lambda e: e["reply"].update(usage="much")),
    "usage beyond measure": damage(lambda e: e["reply"].update(usage={"prompt_tokens": 10**1000})),
    "newer schema": damage(lambda e: e.update(schema=2)),
    "half a character": damage(lambda e: e["request"].update(model="\ud800")),
    "reply and refusal": damage(lambda e: e.update(too_long={"limit": 3})),
    "refusal without limit": damage(lambda e: e.update(too_long={}) or e.pop("reply")),
    "limit is text": damage(lambda e: e.update(too_long={"limit": "3"}) or e.pop("reply")),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_exchange_is_an_error_that_names_the_file(store: Store, kind: str) -> None:
    path = recorded(store)
    path.write_text(DAMAGE[kind](path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ReplayError, match=path.name):
        complete(Player("m", store), REQUEST)
    with pytest.raises(ReplayError, match=path.name):
        store.check()


def test_a_missing_store_is_an_error_and_a_whole_one_is_none(store: Store) -> None:
    with pytest.raises(ReplayError, match="--record"):
        store.check()
    recorded(store)
    store.check()
    assert len(store) == 1


def test_what_is_not_used_any_more_can_be_deleted(store: Store) -> None:
    recorded(store)
    complete(Recorder(FakeChat(REPLY), "m", store), asked(REQUEST, "Why?"))
    player = Player("m", store)
    complete(player, asked(REQUEST, "Why?"))
    assert (player.prune(), len(store)) == (1, 1)
    assert complete(Player("m", store), asked(REQUEST, "Why?")) == REPLY
    recorder = Recorder(FakeChat(REPLY), "m", store)
    complete(recorder, REQUEST)
    assert (recorder.prune(), len(store)) == (1, 1)


def test_the_only_recorded_model_needs_no_name(store: Store) -> None:
    with pytest.raises(ReplayError, match="--record"):
        store.only_model()
    recorded(store)
    assert store.only_model() == "m"
    complete(Recorder(FakeChat(REPLY), "n", store), REQUEST)
    with pytest.raises(ReplayError, match="m and n; name one with --model"):
        store.only_model()


@pytest.mark.parametrize(
    "request_",
    [
        {"model": "m"},
        {"model": 3},
        ["m"],
        {**canonical("m", REQUEST), "messages": "x"},
        {**canonical("m", REQUEST), "messages": [{"role": "user"}]},
        {**canonical("m", REQUEST), "plain_messages": [{"role": 1, "content": "x"}]},
        {name: value for name, value in canonical("m", REQUEST).items() if name != "seed"},
    ],
)
def test_a_request_of_another_shape_is_damage(store: Store, request_: object) -> None:
    recorded(store)
    other = store.folder / f"{replay._key(request_)}.json"  # type: ignore[arg-type]
    other.write_text(json.dumps({"schema": 1, "request": request_, "reply": {}}))
    with pytest.raises(ReplayError, match="its request is not one that qa sends"):
        store.check()
    with pytest.raises(ReplayError, match="its request is not one that qa sends"):
        complete(Player("m", store), asked(REQUEST, "Other?"))


def test_of_recordings_of_a_stranger_only_so_much_is_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    path = recorded(store)
    for name, most in (("MOST_FILES", 0), ("MOST_BYTES", 10)):
        with monkeypatch.context() as patched:
            patched.setattr(replay, name, most)
            with pytest.raises(ReplayError, match=r"holds more than qa reads.*--record --prune"):
                store.check()
    monkeypatch.setattr(replay, "MOST_OF_ONE", 10)
    with pytest.raises(ReplayError, match=rf"{path.name}: cannot be read"):
        store.check()


def test_of_a_request_of_many_lines_only_some_are_kept_to_be_compared(store: Store) -> None:
    long = asked(REQUEST, "\n" * 1_000_000 + "x" * 10_000 + "\nWhy?")
    ((lines, _),) = missed.compared([canonical("m", long)])
    assert len(lines) <= 2 * missed.MOST_LINES
    assert max(map(len, lines)) < 2 * missed.LINE_CHARS
    assert lines[-1].endswith("Why?")
    many = canonical("m", REQUEST) | {"messages": [{"role": "user", "content": "a\n" * 900}] * 10}
    kept = missed.compared([many] * 1_000)
    assert sum(max(len(line), 100) for lines, _ in kept for line in lines) <= missed.MOST_KEPT
    assert 0 < len(kept) < 1_000

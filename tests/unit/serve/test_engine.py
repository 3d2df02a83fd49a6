"""Several questions at once: limits, leaving, new generations, and the end."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from support import serving
from support.load import load
from support.serving import QUESTION, said

from qa.answer.events import Done, Retrieved
from qa.answer.threaded import threaded
from qa.errors import DeadlineError, EndpointError, QaError, QuestionError, ServerBusyError
from qa.index import build, encode
from qa.llm.protocol import ChatReply, ChatRequest, Delta
from qa.retrieve.retriever import Retriever
from qa.serve.engine import Engine
from qa.serve.limits import Limits, Slots
from qa.serve.render import render
from qa.session import Session
from qa.testing import FakeChat, HashEncoder

PATIENCE = 60.0


class SlowChat:
    """Says one piece and then waits; closed: whether the request was given up."""

    model, is_local = "slow", True

    def __init__(self) -> None:
        self.begun, self.closed, self.go_on = threading.Event(), threading.Event(), threading.Event()

    def stream(self, request: ChatRequest) -> Iterator[Delta | ChatReply]:
        try:
            while True:
                yield Delta("{")
                self.begun.set()
                self.go_on.wait(0.01)
        finally:
            self.closed.set()


def until(condition: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_question_that_nobody_waits_for_is_given_up(root: Path) -> None:
    chat = SlowChat()
    made = serving.engine(root, chat)

    async def leave() -> None:
        task = asyncio.create_task(made.ask(QUESTION))
        await asyncio.to_thread(chat.begun.wait, PATIENCE)
        assert made.slots.taken == 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(leave())
    assert chat.closed.wait(PATIENCE)
    until(lambda: made.slots.taken == 0)
    assert made.health().model == "ready", "leaving is no failure of the model"


def test_a_client_that_leaves_ends_the_request_of_the_model(root: Path) -> None:
    import httpx2

    for accept in ("application/json", "text/event-stream"):
        chat = SlowChat()
        made = serving.engine(root, chat)
        with serving.running(made) as address:
            headers = {"Accept": accept}
            with pytest.raises(httpx2.ReadTimeout):
                httpx2.post(f"{address}/api/ask", json={"question": QUESTION}, headers=headers, timeout=1.0)
            assert chat.closed.wait(PATIENCE), accept
            until(lambda made=made: made.slots.taken == 0)


def test_beyond_the_limit_questions_are_turned_away_and_slots_come_back(root: Path) -> None:
    chat = SlowChat()
    made = serving.engine(root, chat, Limits(questions=1))

    async def two() -> None:
        first = asyncio.create_task(made.ask(QUESTION))
        await asyncio.to_thread(chat.begun.wait, PATIENCE)
        with pytest.raises(ServerBusyError, match="1 questions are being answered"):
            await made.ask(QUESTION)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)

    asyncio.run(two())
    until(lambda: made.slots.taken == 0)


@pytest.mark.parametrize("question", ["", "\ud800"])
def test_a_question_that_is_none_takes_no_slot(root: Path, question: str) -> None:
    made = serving.engine(root)
    with pytest.raises(QuestionError):
        asyncio.run(made.ask(question))
    assert made.slots.taken == 0


def test_an_error_frees_the_slot(root: Path) -> None:
    made = serving.engine(root, FakeChat(lambda _: DeadlineError("too late")))
    with pytest.raises(DeadlineError):
        asyncio.run(made.ask(QUESTION))
    assert made.slots.taken == 0


def test_slots_are_counted_exactly() -> None:
    slots = Slots(2)
    slots.take()
    slots.take()
    with pytest.raises(ServerBusyError):
        slots.take()
    slots.free()
    slots.take()
    assert slots.taken == 2


class SilentChat:
    """Says nothing until the request is given up."""

    model, is_local = "silent", True

    def __init__(self) -> None:
        self.begun = threading.Event()

    def stream(self, request: ChatRequest) -> Iterator[Delta | ChatReply]:
        given_up = threading.Event()
        assert request.deadline is not None
        with request.deadline.ended_by(given_up.set):
            self.begun.set()
            given_up.wait(10 * PATIENCE)
        raise DeadlineError("given up")
        yield


def test_a_model_that_is_silent_holds_no_slot_once_the_client_has_left(root: Path) -> None:
    chat = SilentChat()
    made = serving.engine(root, chat)

    async def leave() -> None:
        task = asyncio.create_task(made.ask(QUESTION))
        await asyncio.to_thread(chat.begun.wait, PATIENCE)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(leave())
    until(lambda: made.slots.taken == 0)
    assert made.health().model == "ready"


class Examiner:
    """In place of the session's: each exam has the next outcome; an error is raised, None is one that broke off."""

    def __init__(self, *outcomes: Any) -> None:
        self.outcomes, self.exams, self.go_on = list(outcomes), 0, threading.Event()

    def examine(self, chat: Any) -> Any:
        self.exams += 1
        self.go_on.wait(PATIENCE)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def judge(self, chat: Any) -> Any:
        return None, False

    def may_rewrite(self, chat: Any) -> bool:
        return False


def test_a_model_sits_one_exam_at_a_time_and_again_if_it_broke_off(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = serving.engine(root, FakeChat(said))
    examiner = Examiner(None, EndpointError("it is down"), "passed")
    notices: list[str] = []
    monkeypatch.setattr(Session, "examiner", examiner)
    monkeypatch.setattr(made.session, "notify", notices.append)

    def ask() -> None:
        asyncio.run(made.ask(QUESTION))

    ask()
    ask()
    until(lambda: examiner.exams == 1)
    examiner.go_on.set()
    for number in (2, 3):
        until(lambda: not made._exam.locked())
        ask()
        until(lambda number=number: len(examiner.outcomes) == 3 - number)
    ask()
    assert examiner.exams == 3
    assert notices == ["fake was not examined: it is down"]


def test_steps_close_a_generator_that_is_left_while_it_works() -> None:
    from concurrent.futures import ThreadPoolExecutor

    working, go_on, order = threading.Event(), threading.Event(), []

    def items() -> Any:
        try:
            yield 1
            working.set()
            go_on.wait(PATIENCE)
            yield 2
        finally:
            order.append("closed")

    async def leave(pool: ThreadPoolExecutor) -> None:
        async with aclosing(threaded(items(), go_on.set, (pool, pool), lambda: order.append("done"))) as found:
            assert await anext(found) == 1
            waiting = asyncio.ensure_future(anext(found))
            await asyncio.to_thread(working.wait, PATIENCE)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)

    with ThreadPoolExecutor(2) as pool:
        asyncio.run(leave(pool))
        until(lambda: len(order) == 2)
    assert order == ["closed", "done"]


def rebuild(made: Engine, name: str, text: str) -> None:
    """Add a document and build the next generation."""
    (made.session.sources / name).write_text(text, encoding="utf-8")
    build.build(made.session.sources, made.session.workspace.index, None, HashEncoder())


def test_a_new_generation_answers_from_then_on(tmp_path: Path) -> None:
    made = serving.engine(serving.workspace(tmp_path / "work"))
    before = made.retriever.generation
    rebuild(made, "moon.txt", "The moon is made of basalt, said Otto Plume.\n")
    found = asyncio.run(made.ask("What is the moon made of?")).answer
    assert found.index["generation"] == made.health().generation != before
    assert found.quotes[0].doc_id == "moon.txt"


def test_words_alone_are_uncertain_until_the_index_is_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = serving.workspace(tmp_path / "work")

    def pressed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(encode, "CHUNK", 1)
        patch.setattr(encode, "LONG", -1.0)
        patch.setattr(encode.PassageVectors, "resume", pressed)
        with pytest.raises(KeyboardInterrupt):
            build.build(root / "seeds", root / "index", None, HashEncoder())
    session = Session.open(root)
    session._retriever = Retriever.open(root / "index", encoder=HashEncoder())
    made = Engine(session, FakeChat(said))
    made.start(build=False)
    answer = asyncio.run(made.ask(QUESTION)).answer
    assert (answer.status, answer.reason, answer.closest[0].doc_id) == ("abstained", "uncertain", "lighthouse.md")
    page = serving.client(made).post("/ask", data={"question": QUESTION}, follow_redirects=True).text
    assert "Only words can be searched: the index was not finished" in page
    build.build(root / "seeds", root / "index", None, HashEncoder())
    answer = asyncio.run(made.ask(QUESTION)).answer
    assert (answer.status, answer.mode, answer.index["generation"][:5]) == ("answered", "llm", "gen-2")


def test_an_answer_in_progress_stays_on_its_generation(tmp_path: Path) -> None:
    made = serving.engine(serving.workspace(tmp_path / "work"), FakeChat(said))
    before = made.retriever.generation

    async def ask() -> Done:
        async with aclosing(made.stream(QUESTION)) as events:
            async for event in events:
                if isinstance(event, Retrieved):
                    rebuild(made, "moon.txt", "The moon is made of basalt.\n")
                    assert made.retriever.generation != before
                if isinstance(event, Done):
                    return event
        raise AssertionError

    done = asyncio.run(ask())
    assert done.answer.index["generation"] == before
    assert done.answer.status == "answered"


def test_a_damaged_new_generation_leaves_the_old_one_in_use(tmp_path: Path) -> None:
    made = serving.engine(serving.workspace(tmp_path / "work"))
    before = made.retriever.generation
    (made.session.workspace.index / "CURRENT").write_text("nonsense", encoding="ascii")
    assert asyncio.run(made.ask(QUESTION)).answer.index["generation"] == before
    assert made.health().problem


def test_problems_of_index_and_model_are_told_apart(tmp_path: Path) -> None:
    made = serving.engine(serving.workspace(tmp_path / "work"), FakeChat(lambda _: EndpointError("it is down")))
    with pytest.raises(EndpointError):
        asyncio.run(made.ask(QUESTION))
    assert (made.health().index_problem, made.health().model_problem) == ("", "it is down")
    (made.session.workspace.index / "CURRENT").write_text("nonsense", encoding="ascii")
    page = serving.client(made).get("/").text
    health = made.health()
    assert health.index_problem
    assert health.problem == health.index_problem
    assert page.index("The index was not updated.") < page.index("The language model does not answer.")


@pytest.mark.parametrize(
    ("store", "host"),
    [
        ("local", "this machine"),
        ("milvus:index/milvus.db", "this machine"),
        ("milvus:http://localhost:19530#docs", "this machine"),
        ("milvus:http://me:secret@127.0.0.1:19530", "this machine"),
        ("milvus:https://me:secret@vectors.example.org:443#docs", "vectors.example.org:443"),
    ],
)
def test_where_the_index_is_searched_is_said(root: Path, store: str, host: str) -> None:
    made = serving.engine(root)
    made.session.settings = {"store": store}  # type: ignore[assignment]
    assert made.health().store == host
    footer = render("message", here="", health=made.health(), title="", detail="")
    assert ("nothing is sent to another service" in footer) is (host == "this machine")
    assert (f"{host} searches the index" in footer) is (host != "this machine")


def test_a_list_of_unread_files_that_cannot_be_read_is_not_an_empty_one(tmp_path: Path) -> None:
    root = serving.workspace(tmp_path / "work")
    (root / "seeds" / "broken.pdf").write_bytes(b"no pdf")
    made = serving.engine(root)
    (made.session.workspace.index / "CURRENT").write_text("nonsense", encoding="ascii")
    with pytest.raises(QaError):
        made.unread()
    asking = serving.client(made)
    assert asking.get("/api/sources").status_code == 503
    made.assistant.threshold = 1.1
    page = asking.post("/ask", data={"question": QUESTION}).headers["location"]
    assert "1 file could not be read; run: qa status" in asking.get(page).text


def test_unread_files_are_named(tmp_path: Path) -> None:
    root = serving.workspace(tmp_path / "work")
    (root / "seeds" / "broken.pdf").write_bytes(b"no pdf")
    made = serving.engine(root)
    assert list(made.unread()) == ["broken.pdf"]


def test_sixteen_clients_and_a_rebuild_in_the_middle(tmp_path: Path) -> None:
    """A sample; tests/bench/serve_load.py asks 200 questions."""
    made = serving.engine(serving.workspace(tmp_path / "work"))
    found = load(made, clients=16, questions=48, rebuild=lambda: rebuild(made, "moon.txt", "The moon is basalt.\n"))
    assert found.errors == []
    assert len(found.generations) == 2
    assert found.mixed == 0

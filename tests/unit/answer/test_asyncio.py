"""`aask` and `astream` give what `ask` and `stream` give, and a cancelled task ends the model's request."""

import asyncio
import threading
import time
from contextlib import aclosing

import pytest

import qa
from qa.answer.events import Asked, Done, Retrieved
from qa.errors import QuestionError
from qa.testing import FakeChat, HashEncoder

TEXT = (
    "The harbour letter\n\nOn Monday, 17 former captains signed a letter. The letter asks to close the old harbour.\n"
)
QUESTION = "How many captains signed the letter?"
SOON = 10.0  # seconds; only for a test that fails


@pytest.fixture(scope="module")
def retriever(tmp_path_factory):
    root = tmp_path_factory.mktemp("letter")
    (root / "seeds").mkdir()
    (root / "seeds" / "letter.txt").write_text(TEXT)
    with qa.Retriever.build(root / "seeds", root / "index", encoder=HashEncoder()) as made:
        yield made


def assistant(retriever, chat=None):
    return qa.Assistant(retriever, chat, threshold=0.0, floor=0.0)


def without_times(answer):
    return {name: getattr(answer, name) for name in answer.__slots__ if name != "timings_ms"}


def test_the_asyncio_methods_give_the_same_answers(retriever):
    async def ask():
        return await assistant(retriever).aask(QUESTION)

    async def events():
        return [type(event) async for event in assistant(retriever).astream(QUESTION)]

    assert without_times(asyncio.run(ask())) == without_times(assistant(retriever).ask(QUESTION))
    assert asyncio.run(events()) == [Retrieved, Done]


def test_searches_run_side_by_side(retriever):
    async def search():
        return await asyncio.gather(retriever.asearch(QUESTION, k=1), retriever.aretrieve(QUESTION, k=1))

    hits, (again, evidence) = asyncio.run(search())
    assert hits == again == retriever.search(QUESTION, k=1)
    assert evidence == retriever.evidence(QUESTION)


def test_an_error_reaches_the_caller(retriever):
    with pytest.raises(QuestionError):
        asyncio.run(assistant(retriever).aask("  "))


def test_nothing_is_sent_before_the_consumer_goes_on(retriever):
    chat = FakeChat({"statements": []})

    async def stop_when_asked():
        async with aclosing(assistant(retriever, chat).astream(QUESTION)) as events:
            async for event in events:
                if isinstance(event, Asked):
                    return

    asyncio.run(stop_when_asked())
    assert chat.requests == []


def test_cancelling_ends_the_request_of_the_model(retriever, endpoint):
    before = set(threading.enumerate())
    hung_up = threading.Event()
    drip = endpoint.drip(b": still thinking\n\n")

    def step(handler, body):
        drip(handler, body)
        hung_up.set()

    endpoint.script(step)
    _cancel_when_asked(retriever, endpoint)
    assert hung_up.wait(SOON)
    assert len(endpoint.requests) == 1
    assert _threads_end(before)


def test_cancelling_ends_a_request_that_no_byte_answers(retriever, endpoint):
    before = set(threading.enumerate())
    endpoint.script(endpoint.hang(), endpoint.hang())
    _cancel_when_asked(retriever, endpoint)
    assert _threads_end(before)
    assert len(endpoint.requests) == 1


def _cancel_when_asked(retriever, endpoint):
    """Cancel an answer as soon as the model has been asked."""
    chat = qa.OpenAIChat("m", endpoint.base_url, deadline=30, silence=30)

    async def give_up():
        task = asyncio.create_task(assistant(retriever, chat).aask(QUESTION))
        while not endpoint.requests:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(give_up())


def _threads_end(before):
    """Whether the threads that served asyncio are gone soon: each waited for the model. before: threads that others
    started.
    """
    until = time.monotonic() + SOON
    while time.monotonic() < until:
        if not any(thread.name.startswith("qa") for thread in set(threading.enumerate()) - before):
            return True
        time.sleep(0.01)
    return False


def test_cancelling_ends_the_request_that_rewrites_a_follow_up(retriever):
    """All requests for one question share what ends them."""
    chat = FakeChat("{}", {"statements": []})
    asking = qa.Assistant(retriever, chat, rewrites=True, threshold=0.0, floor=0.0)
    history = [qa.Turn.of(assistant(retriever).ask(QUESTION))]
    asyncio.run(asking.aask("And who are they?", history=history))
    assert [request.purpose for request in chat.requests] == ["follow-up", "answer"]
    assert chat.requests[0].deadline is chat.requests[1].deadline is not None

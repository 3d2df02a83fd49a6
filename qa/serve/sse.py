"""Server-sent events: their bytes, and what the events of an answer say in schema 1."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, suppress
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Message, Send

from qa import schema
from qa.answer.events import Asked, Done, Event, Judged, Restarted, Retrieved, Stated
from qa.errors import QaError
from qa.records import Answer
from qa.serve.problems import BUG, dumps, problem_of, record

__all__ = ["EventStream", "data_of", "encoded", "failed", "while_connected", "with_first"]


SENDING = 30  # seconds that a client may take to make room for the next event


class _TooSlowError(Exception):
    """The client did not read an event in time."""


class EventStream(StreamingResponse):
    """A response that streams. What makes its events is closed when the client leaves, or reads nothing for too long:
    it holds the place of a question until then.
    """

    media_type = "text/event-stream"

    async def stream_response(self, send: Send) -> None:
        async def timed(message: Message) -> None:
            try:
                async with asyncio.timeout(SENDING):
                    await send(message)
            except TimeoutError:
                raise _TooSlowError from None

        async with aclosing(cast(AsyncGenerator[str, None], self.body_iterator)):
            with suppress(_TooSlowError):  # the server then closes the connection of a response that did not end
                await super().stream_response(timed)


def encoded(name: str, data: object) -> str:
    """One event. data: any JSON."""
    return f"event: {name}\ndata: {dumps(data)}\n\n"


def data_of(event: Event, question: str, record: Callable[[Answer], dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    """The name of an event, and what it says in schema 1. record: an answer in schema 1."""
    match event:
        case Retrieved():
            found = schema.search(question, event.hits, event.evidence)
            return "retrieved", found | {"resolved": event.resolved or question}
        case Asked():
            return "asked", {"sentences": len(event.prompt.sentences), "prompt_sha256": event.prompt.sha256}
        case Stated():
            quotes = [schema.quote(quote) for quote in event.quotes]
            return "stated", {"statement": schema.statement(event.statement), "quotes": quotes}
        case Judged():
            return "judged", {"number": event.number, "statement": schema.statement(event.statement)}
        case Restarted():
            return "restarted", {}
        case Done():
            return "done", record(event.answer) | ({"notice": event.notice} if event.notice else {})


def failed(error: Exception, retry: int) -> tuple[dict[str, Any], str]:
    """An error that came after the response had begun: as a problem, and as its text."""
    if not isinstance(error, QaError):
        return record(500, BUG), BUG
    status = problem_of(error, retry).status_code
    return record(status, str(error), type(error).__name__), str(error)


async def with_first(events: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
    """The same events, of which the first has been waited for: what fails at once fails before the response begins."""
    first = await anext(events)

    async def all_of_them() -> AsyncIterator[Event]:
        async with aclosing(events):
            yield first
            async for event in events:
                yield event

    return cast(AsyncGenerator[Event, None], all_of_them())


async def while_connected(request: Request, work: Any) -> Any:
    """The result of a coroutine, which is cancelled when the client leaves; None then."""
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
        return await task if task.done() else None
    finally:
        for one in (task, gone):
            one.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


async def _gone(request: Request) -> None:
    """Returns when the client has left."""
    while (await request.receive())["type"] != "http.disconnect":
        pass

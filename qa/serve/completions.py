"""What clients of OpenAI expect: `/v1/chat/completions`, streaming too, and `/v1/models`.

The question is the last message of the user. The text of the answer has numbered footnotes with the quotes; citations
are annotations, too, and the whole answer in schema 1 comes along as `qa`. Clients render the text as Markdown: what
documents and models say is escaped in it, so that it shows no image, holds no link and runs nothing.
"""

import secrets
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from qa.answer.events import Done, Event, Judged, Restarted, Stated
from qa.errors import QaError, QuestionError
from qa.ingest.suffixes import is_extracted
from qa.lines import JUDGED, RESTARTED, WITHDRAWN, headline, missing_notes, unread_note
from qa.records import NOT_SUPPORTED, UNCONFIRMED, Answer, Quote, Statement
from qa.serve.api import LEFT, MAX_QUESTION_CHARS, Json, responses
from qa.serve.engine import Engine
from qa.serve.problems import BUG, dumps, problem_of
from qa.serve.render import source_url
from qa.serve.sse import EventStream, while_connected, with_first
from qa.text import in_markdown, label

__all__ = ["router"]

NAME = "qa"  # of the model that this server is to its clients

Record = Callable[[Answer], dict[str, Any]]  # an answer in schema 1


class ContentPart(BaseModel):
    """A part of a message; parts that are no text are left out."""

    model_config = ConfigDict(extra="allow")
    type: str
    text: str | None = None


class ChatMessage(BaseModel):
    """A message as OpenAI has it; other fields are ignored."""

    model_config = ConfigDict(extra="allow")
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[ContentPart] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text" and part.text)
        return self.content or ""


class StreamOptions(BaseModel):
    """Whether a last piece tells the tokens used."""

    model_config = ConfigDict(extra="allow")
    include_usage: bool = False


class CompletionRequest(BaseModel):
    """A request as OpenAI has it. What does not apply here, such as temperature, is ignored."""

    model_config = ConfigDict(extra="allow")
    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=500)]
    model: str = NAME
    stream: bool | None = False
    stream_options: StreamOptions | None = None

    @property
    def question(self) -> str:
        """The last message of the user. Raises QuestionError where there is none, or too long a one."""
        text = next((message.text for message in reversed(self.messages) if message.role == "user"), "")
        if len(text) > MAX_QUESTION_CHARS:
            raise QuestionError(f"the question has more than {MAX_QUESTION_CHARS:,} characters; shorten it")
        return text


class _Text:
    """The text of an answer as it grows, with the places of its footnote marks."""

    def __init__(self, base: str) -> None:
        self.text = ""
        self.annotations: list[dict[str, Any]] = []
        self._base = base

    def add(self, text: str) -> str:
        self.text += text
        return text

    def statement(self, said: Statement, quotes: Sequence[Quote]) -> str:
        """Add a statement with the marks of its quotes; what was added."""
        before = len(self.text)
        self.add("" if not self.text else "\n\n")
        self.add((NOT_SUPPORTED if said.verdict == "unsupported" else "") + in_markdown(said.text) + " ")
        for n in said.quotes:
            self._cite(next(quote for quote in quotes if quote.n == n))
        self.add(f" {UNCONFIRMED}" if said.verdict == "unconfirmed" else "")
        self.add(_listed(said.problems))
        return self.text[before:]

    def _cite(self, quote: Quote) -> None:
        start = len(self.text)
        self.add(f"[{quote.n}]")
        url = self._base + source_url(quote.doc_id, quote.start, quote.end)
        citation = {"start_index": start, "end_index": len(self.text), "title": quote.title, "url": url}
        self.annotations.append({"type": "url_citation", "url_citation": citation})

    def withdraw(self, why: str) -> str:
        """Say that nothing above counts, and forget its citations; what was added."""
        self.annotations.clear()
        return self.add(f"\n\n{why}")

    def rest(self, answer: Answer, shown: int) -> str:
        """Add what follows the first `shown` statements; what was added."""
        before = len(self.text)
        by_model = answer.status == "answered" and answer.mode == "llm"
        if shown and not by_model:
            self.withdraw(WITHDRAWN)
        if line := headline(answer):
            self._paragraph(line)
        for said in answer.statements[shown:] if by_model else ():
            self.statement(said, answer.quotes)
        if answer.status == "answered":
            self._footnotes(answer.quotes, cited=not by_model)
        elif answer.closest:
            self._paragraph("What comes closest:")
            self._footnotes(answer.closest, cited=False)
        for note in missing_notes(answer):
            self._paragraph(in_markdown(note))
        if answer.status != "answered" and (note := unread_note(answer)):
            self._paragraph(note)
        return self.text[before:]

    def _paragraph(self, text: str) -> None:
        self.add(("\n\n" if self.text else "") + text)

    def _footnotes(self, quotes: Sequence[Quote], cited: bool) -> None:
        """cited: their marks are citations, since no statement has any."""
        for position, quote in enumerate(quotes):
            self.add("\n" if position else "\n\n" if self.text else "")
            if cited:
                self._cite(quote)
            else:
                self.add(f"[{quote.n}]")
            line = f"line {quote.line}" + (" of its text" if is_extracted(quote.doc_id) else "")
            place = f"page {quote.page}" if quote.page else line
            self.add(f" “{in_markdown(quote.text)}” ({in_markdown(label(quote.doc_id))}, {place})")


def _listed(problems: Sequence[str]) -> str:
    return "".join(f"\n- {in_markdown(problem)}" for problem in problems)


def router(engine: Engine) -> APIRouter:
    """The routes for clients of OpenAI."""
    routes = APIRouter(prefix="/v1", tags=["OpenAI"])

    @routes.get("/models", responses=responses(), summary="The one model that answers here")
    async def models() -> Response:
        """Its name is `qa`; requests may name any."""
        return Json({"object": "list", "data": [{"id": NAME, "object": "model", "created": 0, "owned_by": "qa"}]})

    @routes.post("/chat/completions", responses=responses(422, 429, 502, 503, 504), summary="Answer the last message")
    async def complete(request: Request, asked: CompletionRequest) -> Response:
        """An answer as a chat completion. Earlier messages are not read. Errors are in OpenAI's shape."""
        base = str(request.base_url).rstrip("/")
        try:
            if asked.stream:
                events = await with_first(engine.stream(asked.question))
                usage = asked.stream_options is not None and asked.stream_options.include_usage
                return EventStream(_pieces(events, _Text(base), engine.record, usage))
            done = await while_connected(request, engine.ask(asked.question))
        except QaError as error:
            problem = problem_of(error, engine.limits.retry)
            wait = {name: value for name, value in problem.headers.items() if name == "retry-after"}
            return Response(dumps(_error(error)), problem.status_code, wait, "application/json")
        return Response(status_code=LEFT) if done is None else Json(_completion(done.answer, engine.record, base))

    return routes


def _error(error: Exception) -> dict[str, Any]:
    """An error in OpenAI's shape."""
    known = isinstance(error, QaError)
    message, kind = (str(error), type(error).__name__) if known else (BUG, "server_error")
    return {"error": {"message": message, "type": kind, "param": None, "code": None}}


def _head(kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{secrets.token_hex(12)}", "object": kind, "created": int(time.time()), "model": NAME}


def _usage(answer: Answer) -> dict[str, int]:
    prompt, completion = (answer.usage.get(name, 0) for name in ("prompt_tokens", "completion_tokens"))
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _completion(answer: Answer, record: Record, base: str) -> dict[str, Any]:
    text = _Text(base)
    text.rest(answer, 0)
    message = {"role": "assistant", "content": text.text, "refusal": None, "annotations": text.annotations}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return _head("chat.completion") | {"choices": [choice], "usage": _usage(answer), "qa": record(answer)}


async def _pieces(
    events: AsyncGenerator[Event, None], text: _Text, record: Record, usage: bool
) -> AsyncGenerator[str, None]:
    """The answer as the pieces of a stream. What was sent cannot be taken back: a later piece says that it is void."""
    head = _head("chat.completion.chunk")

    def piece(delta: dict[str, Any], finish: str | None = None, **more: Any) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return f"data: {dumps(head | {'choices': [choice]} | more)}\n\n"

    shown = 0
    quotes: list[Quote] = []
    async with aclosing(events):
        try:
            yield piece({"role": "assistant", "content": ""})
            async for event in events:
                match event:
                    case Stated():
                        quotes += event.quotes
                        shown += 1
                        yield piece({"content": text.statement(event.statement, quotes)})
                    case Judged():
                        found = f"{event.statement.verdict}.{_listed(event.statement.problems)}"
                        verdict = f"\n\n{JUDGED.format(event.number)} {found}"
                        yield piece({"content": text.add(verdict)})
                    case Restarted():
                        shown = 0
                        quotes.clear()  # the next attempt numbers its own from 1
                        yield piece({"content": text.withdraw(RESTARTED)})
                    case Done():
                        yield piece({"content": text.rest(event.answer, shown), "annotations": text.annotations})
                        yield piece({}, "stop", qa=record(event.answer))
                        if usage:
                            yield f"data: {dumps(head | {'choices': [], 'usage': _usage(event.answer)})}\n\n"
            yield "data: [DONE]\n\n"
        except Exception as error:
            yield f"data: {dumps(_error(error))}\n\n"

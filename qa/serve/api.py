"""The API: `/api/*`, in schema 1 as on the command line. Errors are problems, see `qa.serve.problems`."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from qa import schema
from qa.answer.events import Event
from qa.errors import UsageError
from qa.records import Document
from qa.serve.conversation import MAX_TURNS, EarlierTurn
from qa.serve.engine import Engine
from qa.serve.problems import dumps
from qa.serve.sse import EventStream, data_of, encoded, failed, while_connected, with_first

__all__ = ["MAX_QUESTION_CHARS", "Filter", "Json", "router"]

MAX_QUESTION_CHARS = 20_000
MAX_FILTERS = 20
LEFT = 499  # nobody reads this response

Question = Annotated[str, Field(min_length=1, max_length=MAX_QUESTION_CHARS, examples=["Who signed the letter?"])]
Filter = Annotated[str, Field(max_length=500, examples=["path=2025/*", "published>=2025-01-01"])]
Filters = Annotated[
    list[Filter],
    Field(default_factory=list, max_length=MAX_FILTERS, description="Conditions as of `--where`, joined by AND."),
]
PROBLEM: dict[str, Any] = {
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string", "description": "What happened, and what to do next."},
                    "error": {"type": "string", "description": "The name of the error in qa.errors."},
                },
            }
        }
    }
}
MEANINGS = {
    401: "A token is needed.",
    403: "The request comes from a page of another site.",
    404: "There is no such source.",
    413: "The request is too large.",
    421: "The Host header names another server.",
    422: "The request itself is wrong.",
    429: "Too many questions at a time; Retry-After says when to ask again.",
    502: "The language model gave no usable answer.",
    503: "The index or the model cannot be used now.",
    504: "No complete answer within the time allowed.",
}


class Json(Response):
    """JSON that carries every text."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return dumps(content).encode()


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AskRequest(_Record):
    """A question, where to look, and the conversation that it goes on with."""

    question: Question
    where: Filters
    history: Annotated[
        list[EarlierTurn],
        Field(
            default_factory=list,
            max_length=MAX_TURNS,
            description="Earlier answers of the conversation, the latest last; only `question` and `quotes` are read. "
            "No answer is taken from them.",
        ),
    ]


class SearchRequest(_Record):
    """What to search for, and where. k: number of passages; the setting k if it is left out."""

    query: Question
    k: Annotated[int, Field(ge=1, le=100)] | None = None
    where: Filters


class VerifyRequest(_Record):
    """Either a text with quotations, an exported page or a stored answer as text; or a stored answer as JSON."""

    text: str | None = None
    answer: dict[str, Any] | None = None


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that an operation may answer with, for its description."""
    return {status: PROBLEM | {"description": MEANINGS[status]} for status in (401, 403, 413, 421, *statuses)}


def router(engine: Engine) -> APIRouter:
    """The routes of the API."""
    routes = APIRouter(prefix="/api", tags=["API"], default_response_class=Json)

    @routes.post("/ask", responses=responses(422, 429, 502, 503, 504), summary="Answer a question")
    async def ask(request: Request, asked: AskRequest) -> Response:
        """The answer as `qa ask --json` prints it.

        With `Accept: text/event-stream` it comes step by step: the events `retrieved`, `asked`, `stated`, `judged`,
        `restarted` (all statements so far are void), and at the end `done` with the whole answer or `error` with a
        problem. A request that nobody waits for any more is given up.
        """
        history = [earlier.turn() for earlier in asked.history]
        if "text/event-stream" in request.headers.get("accept", ""):
            events = await with_first(engine.stream(asked.question, asked.where, history))
            return EventStream(_sent(engine, events, asked.question))
        done = await while_connected(request, engine.ask(asked.question, asked.where, history))
        if done is None:
            return Response(status_code=LEFT)
        return Json(engine.record(done.answer) | ({"notice": done.notice} if done.notice else {}))

    @routes.post("/search", responses=responses(422, 503), summary="Passages and the best quotes")
    async def search(asked: SearchRequest) -> Response:
        """What `qa search --json` prints. No model is asked."""
        hits, evidence = await engine.read(lambda: engine.search(asked.query, asked.k, asked.where))
        return Json(schema.search(asked.query, hits, evidence))

    @routes.post("/verify", responses=responses(422, 503), summary="Check quotes against the documents")
    async def verify(request: Request, asked: VerifyRequest) -> Response:
        """What `qa verify --json` prints, with `notices` about files that differ from the index.

        At most 200,000 characters (of an exported page, the answer in it counts) and 300 quotes at a time, none of
        them longer than 10,000 characters.
        """
        if (asked.text is None) == (asked.answer is None):
            raise UsageError("name either text or answer")
        text = asked.text if asked.text is not None else _as_text(asked.answer)
        found = await while_connected(request, engine.check(lambda: engine.verify(text)))
        return Response(status_code=LEFT) if found is None else Json(found)

    _add_sources(routes, engine)

    @routes.get("/health", responses=responses(), summary="The state of index and model")
    async def health() -> Response:
        """Always 200: the fields `index` and `model` say what works."""
        return Json({"schema": schema.SCHEMA} | asdict(await engine.read(engine.health)))

    return routes


def _as_text(answer: dict[str, Any] | None) -> str:
    """The JSON of a stored answer. Raises UsageError for numbers that JSON does not have, and for one too deep."""
    try:
        return json.dumps(answer, ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the answer is not valid JSON ({error})") from None


def _add_sources(routes: APIRouter, engine: Engine) -> None:
    @routes.get("/sources", responses=responses(422, 503), summary="The indexed documents")
    async def sources(
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0, limit: Annotated[int, Query(ge=1, le=1000)] = 1000
    ) -> Response:
        """Sorted by id, from `offset` on; and the files that could not be read, with the reasons."""
        return Json(await engine.read(lambda: _listed(engine, offset, limit)))

    @routes.get("/sources/{source:path}", responses=responses(404, 422, 503), summary="One document with its text")
    async def source(source: str) -> Response:
        """Offsets of quotes count the code points of `text`."""
        return Json(await engine.read(lambda: _document(engine.document(source))))


def _listed(engine: Engine, offset: int, limit: int) -> dict[str, Any]:
    retriever = engine.retriever
    documents = retriever.documents
    return {
        "schema": schema.SCHEMA,
        "generation": retriever.generation,
        "total": len(documents),
        "sources": [
            {"source": d.id, "title": d.title, "metadata": dict(d.metadata), "sha256": d.sha256, "pages": len(d.pages)}
            for d in documents[offset : offset + limit]
        ],
        "unread": {name: list(reasons) for name, reasons in engine.unread().items()},
    }


def _document(document: Document) -> dict[str, Any]:
    return {
        "schema": schema.SCHEMA,
        "source": document.id,
        "title": document.title,
        "metadata": dict(document.metadata),
        "sha256": document.sha256,
        "text": document.text,
        "pages": list(document.pages),
        "unread": list(document.unread),
        "blocks": [{"kind": block.kind, "start": block.start, "end": block.end} for block in document.blocks],
    }


async def _sent(engine: Engine, events: AsyncGenerator[Event, None], question: str) -> AsyncGenerator[str, None]:
    """The events as they are sent; one that says what went wrong is the last."""
    async with aclosing(events):
        try:
            async for event in events:
                yield encoded(*data_of(event, question, engine.record))
        except Exception as error:
            yield encoded("error", failed(error, engine.limits.retry)[0])

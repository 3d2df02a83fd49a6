"""The MCP server at `/mcp`, where the SDK is installed: the tools of `qa mcp` over the engine that answers the page."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from fastapi import APIRouter
from starlette.routing import Route

from qa.mcp import Tools
from qa.records import Answer
from qa.retrieve.retriever import Retriever
from qa.serve.engine import Engine

__all__ = ["router"]

T = TypeVar("T")


def router(engine: Engine) -> APIRouter:
    """The route of the MCP server, with its lifespan; none without the extra `mcp`. The guard stands before it."""
    try:
        from qa.mcp.server import http_app
    except ModuleNotFoundError as error:
        if error.name not in ("mcp", "mcp_types"):
            raise
        return APIRouter()
    served = http_app(_Tools(engine), host="")
    # Only POST: nothing is sent unasked, so a stream that a GET opens would stay silent until somebody leaves.
    posts = [Route(r.path, r.endpoint, methods=["POST"]) for r in served.routes if isinstance(r, Route)]

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        async with served.router.lifespan_context(served):
            yield

    return APIRouter(routes=[*posts], lifespan=lifespan)


class _Tools(Tools):
    """Tools with the engine's generation of the index, its pools of threads, and its limits."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine.session, engine.chat)
        self._engine = engine

    def retriever(self) -> Retriever:
        return self._engine.retriever

    async def answered(self, question: str, where: Sequence[str]) -> Answer:
        return (await self._engine.ask(question, where)).answer

    async def checked(self, work: Callable[[], T]) -> T:
        found: T = await self._engine.check(work)
        return found

    async def waited(self, work: Callable[[], T]) -> T:
        found: T = await self._engine.read(work)
        return found

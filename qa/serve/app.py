"""The application: routes, errors, and what stands before them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from qa.errors import QaError
from qa.serve import api
from qa.serve.access import Access
from qa.serve.engine import Engine, UnknownSource
from qa.serve.guard import Guard
from qa.serve.problems import BUG, Problem, problem_of
from qa.text import shortened

__all__ = ["create_app"]


def create_app(engine: Engine, access: Access) -> ASGIApp:
    """The application over an engine that has been started; it closes the engine when the server stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        engine.close()

    app = FastAPI(
        title="qa",
        version=version("quoteqa"),
        description="Answers over a folder of documents, proven by verbatim quotes. JSON is of schema 1.",
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    app.include_router(api.router(engine))
    _add_errors(app, engine.limits.retry)
    return Guard(app, access, engine.limits.body)


def _add_errors(app: FastAPI, retry: int) -> None:
    @app.exception_handler(QaError)
    async def _expected(request: Request, error: QaError) -> Response:
        return problem_of(error, retry)

    @app.exception_handler(UnknownSource)
    async def _no_source(request: Request, error: UnknownSource) -> Response:
        return Problem(404, "the index has no such source; the list of sources names those that it has")

    @app.exception_handler(Exception)
    async def _bug(request: Request, error: Exception) -> Response:
        """The server prints the traceback; who asked is told that there is one."""
        return Problem(500, BUG)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        parts = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()[:5]]
        return Problem(422, shortened("; ".join(parts), 500))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        return Problem(error.status_code, str(error.detail), headers=dict(error.headers or {}))

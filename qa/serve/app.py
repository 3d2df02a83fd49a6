"""The application: routes, errors, and what stands before them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp

from qa.errors import QaError
from qa.serve import agents, api, completions, pages
from qa.serve.access import Access
from qa.serve.answers import Answers
from qa.serve.engine import Engine, UnknownSource
from qa.serve.guard import Guard, is_api
from qa.serve.pages import Site
from qa.serve.pdfview import PdfPages
from qa.serve.problems import BUG, Problem, problem_of
from qa.serve.render import render
from qa.text import shortened

__all__ = ["create_app"]


def create_app(engine: Engine, access: Access) -> ASGIApp:
    """The application over an engine that has been started; it closes the engine when the server stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        engine.close()
        pdf.close()

    pdf = PdfPages(engine.session.sources, engine.session.settings.build().ocr)
    app = FastAPI(
        title="qa",
        version=version("quoteqa"),
        description="Answers over a folder of documents, proven by verbatim quotes. JSON is of schema 1.",
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.include_router(api.router(engine))
    app.include_router(completions.router(engine))
    app.include_router(agents.router(engine))
    app.include_router(pages.router(Site(engine, access, Answers(engine.limits.answers), pdf)))
    _add_description(app, engine)
    _add_errors(app, engine)
    return Guard(app, access, engine.limits)


def _add_description(app: FastAPI, engine: Engine) -> None:
    @app.get("/docs", include_in_schema=False)
    async def description() -> Response:
        """The API's description as a page without anything from elsewhere."""
        health = await engine.read(engine.health)
        return HTMLResponse(
            render("docs", here="docs", health=health, described=app.openapi(), fields=_body_fields(app))
        )


def _body_fields(app: FastAPI) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def fields(operation: dict[str, Any]) -> dict[str, Any]:
        """The fields of an operation's body, with what each is for."""
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        name = str(content.get("schema", {}).get("$ref", "")).rpartition("/")[2]
        found = app.openapi()["components"]["schemas"].get(name, {})
        return dict(found.get("properties", {}))

    return fields


def _add_errors(app: FastAPI, engine: Engine) -> None:
    async def shown(request: Request, problem: Problem) -> Response:
        """A page for a person who follows a link, and the problem itself for a program."""
        if "text/html" not in request.headers.get("accept", "") or is_api(request.url.path):
            return problem
        health = await engine.read(engine.health)
        page = render("message", here="", health=health, title=problem.title, detail=problem.detail)
        return HTMLResponse(page, problem.status_code, {k: v for k, v in problem.headers.items() if k == "retry-after"})

    @app.exception_handler(QaError)
    async def _expected(request: Request, error: QaError) -> Response:
        return await shown(request, problem_of(error, engine.limits.retry))

    @app.exception_handler(UnknownSource)
    async def _no_source(request: Request, error: UnknownSource) -> Response:
        return await shown(request, Problem(404, "The index has no such source; the list of sources names them all."))

    @app.exception_handler(Exception)
    async def _bug(request: Request, error: Exception) -> Response:
        """The server prints the traceback; who asked is told that there is one."""
        return Problem(500, BUG)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        parts = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()[:5]]
        return await shown(request, Problem(422, shortened("; ".join(parts), 500)))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        return await shown(request, Problem(error.status_code, str(error.detail), headers=dict(error.headers or {})))

"""The page: questions, answers, searches, sources. It works without its script, which only adds streaming and the
source beside the answer.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qs
from urllib.parse import quote as quoted

from fastapi import APIRouter, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from qa.answer.conversation import Turn
from qa.answer.events import Asked, Done, Event, Judged, Restarted, Retrieved, Stated
from qa.errors import QaError, SourceError, UsageError
from qa.lines import RESTARTED, UNDERSTOOD
from qa.quotes.drawing import WIDTH, packaged
from qa.records import Quote
from qa.serve.access import COOKIE, Access
from qa.serve.answers import VISITOR, Answers, Kept, is_visitor, new_visitor
from qa.serve.api import LEFT, MAX_FILTERS, MAX_QUESTION_CHARS, Json
from qa.serve.engine import Engine, UnknownSource
from qa.serve.export import export
from qa.serve.guard import cookies
from qa.serve.pdfview import PdfPages
from qa.serve.problems import problem_of
from qa.serve.render import render
from qa.serve.sources import quote_at, view
from qa.serve.sse import EventStream, encoded, failed, while_connected, with_first

__all__ = ["Site", "router"]

FRAGMENT = "x-qa-fragment"  # a header of the script: only the part of a page that it puts beside the answer
STEP = 200  # sources on one page
STATIC: Mapping[str, str] = {"page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}
MAX_FORM_FIELDS = 50
MAX_ID_CHARS = 100
FORGOTTEN = "The earlier questions are no longer kept, so this one was taken on its own."

Offset = Annotated[int, Query(ge=0, le=10**12)]


@dataclass(frozen=True, slots=True)
class Site:
    """What the pages are made of."""

    engine: Engine
    access: Access
    answers: Answers
    pdf: PdfPages


@dataclass(frozen=True, slots=True)
class Asking:
    """What somebody asks on the page. after: the id of the answer that the question follows, empty for none."""

    question: str
    where: tuple[str, ...]
    after: str = ""

    @classmethod
    def of(cls, question: str, conditions: str, after: str = "") -> "Asking":
        """conditions: one a line. Raises UsageError for too many or too long ones."""
        where = tuple(line.strip() for line in conditions.splitlines() if line.strip())
        if len(question) > MAX_QUESTION_CHARS or len(where) > MAX_FILTERS or any(len(line) > 500 for line in where):
            raise UsageError("the question or its filters are too long; shorten them")
        return cls(question.strip(), where, after[:MAX_ID_CHARS])

    def turns(self, answers: Answers) -> tuple[Sequence[Turn], str]:
        """The turns before the question, and what to say if they are no longer kept."""
        before = answers.get(self.after) if self.after else None
        return (before.turns, "") if before else ((), FORGOTTEN if self.after else "")


def router(site: Site) -> APIRouter:
    """The routes of the page; they are not part of the API's description."""
    routes = APIRouter(include_in_schema=False)
    _add_asking(routes, site)
    _add_searching(routes, site)
    _add_sources(routes, site)
    _add_signing_in(routes, site.access)

    @routes.get("/static/{name}")
    async def static(name: str) -> Response:
        if name not in STATIC:
            raise HTTPException(404, "there is no such file")
        return Response(packaged("static", name), media_type=STATIC[name], headers={"Cache-Control": "no-cache"})

    @routes.get("/state")
    async def state() -> Response:
        """What the script asks now and then."""
        health = await site.engine.read(site.engine.health)
        return Json({"generation": health.generation, "index": health.index, "documents": health.documents})

    return routes


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form; of one that comes twice the last."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(415, "a form is expected")
    try:
        fields = parse_qs((await request.body()).decode("ascii"), True, max_num_fields=MAX_FORM_FIELDS)
    except ValueError:
        raise HTTPException(422, "the form cannot be read") from None
    return {name: values[-1] for name, values in fields.items()}


def _visitor(request: Request) -> str:
    named = cookies(request.headers).get(VISITOR, "")
    return named if is_visitor(named) else new_visitor()


def _remembering(response: Response, visitor: str) -> Response:
    response.set_cookie(VISITOR, visitor, httponly=True, samesite="strict")
    return response


async def home(
    site: Site,
    request: Request,
    asking: Asking | None = None,
    kept: Kept | None = None,
    problem: QaError | None = None,
    found: tuple[Sequence[Any], Sequence[Quote]] | None = None,
) -> Response:
    """The page with an answer, with search results, with a problem, or with none of them."""
    asking = asking or Asking("", ())
    history = site.answers.of(cookies(request.headers).get(VISITOR, ""))
    health = await site.engine.read(site.engine.health)
    page = render(
        "home",
        here="ask",
        health=health,
        question=asking.question,
        where=asking.where,
        keys=await site.engine.read(lambda: _keys(site.engine)),
        kept=kept,
        before=site.answers.get(asking.after) if asking.after else None,
        unread=await _unread(site.engine, kept),
        problem=str(problem) if problem else "",
        hits=found[0] if found else None,
        quotes=found[1] if found else (),
        history=history,
    )
    return HTMLResponse(page, problem_of(problem, site.engine.limits.retry).status_code if problem else 200)


async def _unread(engine: Engine, kept: Kept | None) -> Mapping[str, Sequence[str]]:
    """What could not be read, where an answer was refused; nothing if the list is gone, since the answer has counts."""
    if kept is None or kept.answer.status == "answered":
        return {}
    try:
        found: Mapping[str, Sequence[str]] = await engine.read(engine.unread)
    except QaError:
        return {}
    return found


def _keys(engine: Engine) -> list[str]:
    """What sources can be filtered by."""
    try:
        documents = engine.retriever.documents
    except QaError:
        return ["path", "title"]
    return ["path", "title", *sorted({key.lower() for info in documents for key in info.metadata} - {"title"})[:20]]


def _add_asking(routes: APIRouter, site: Site) -> None:
    engine, answers = site.engine, site.answers

    @routes.get("/")
    async def empty(request: Request, question: str = "", where: str = "", after: str = "") -> Response:
        return await home(site, request, Asking.of(question, where, after))

    @routes.post("/ask")
    async def ask(request: Request) -> Response:
        """The answer has a page of its own, so that reloading it asks nothing again; for the script, events."""
        fields = await _form(request)
        visitor = _visitor(request)
        asking = Asking.of(fields.get("question", ""), fields.get("where", ""), fields.get("after", ""))
        turns, forgotten = asking.turns(answers)

        def keep(done: Done) -> Kept:
            notice = " ".join(filter(None, (forgotten, done.notice)))
            return answers.add(visitor, asking.where, done.answer, notice, turns)

        if "text/event-stream" in request.headers.get("accept", ""):
            events = await with_first(engine.stream(asking.question, asking.where, turns))
            return _remembering(EventStream(_sent(engine, events, keep)), visitor)
        try:
            done = await while_connected(request, engine.ask(asking.question, asking.where, turns))
        except QaError as error:
            return await home(site, request, asking, problem=error)
        if done is None:
            return Response(status_code=LEFT)
        return _remembering(RedirectResponse(f"/answers/{keep(done).id}", 303), visitor)

    @routes.get("/answers/{id_}")
    async def answer(request: Request, id_: str) -> Response:
        kept = _kept(answers, id_)
        return await home(site, request, Asking(kept.answer.question, kept.where, kept.id), kept)

    @routes.get("/answers/{id_}/json")
    async def as_json(id_: str) -> Response:
        return Json(engine.record(_kept(answers, id_).answer))

    @routes.get("/answers/{id_}/export")
    async def exported(id_: str) -> Response:
        """One file with everything in it, which `qa verify` reads again."""
        kept = _kept(answers, id_)
        page = await engine.draw(lambda: export(kept, engine.record(kept.answer), engine.retriever, site.pdf))
        return HTMLResponse(page, headers={"Content-Disposition": 'attachment; filename="answer.html"'})

    @routes.post("/forget")
    async def forget(request: Request) -> Response:
        answers.forget(cookies(request.headers).get(VISITOR, ""))
        return RedirectResponse("/", 303)


def _kept(answers: Answers, id_: str) -> Kept:
    kept = answers.get(id_)
    if kept is None:
        raise HTTPException(404, "this answer is no longer kept; ask again")
    return kept


async def _sent(
    engine: Engine, events: AsyncGenerator[Event, None], keep: Callable[[Done], Kept]
) -> AsyncGenerator[str, None]:
    """The events of an answer for the script: texts, and parts of the page that need no more escaping."""
    quotes: list[Quote] = []
    number = 0
    async with aclosing(events):
        try:
            async for event in events:
                match event:
                    case Retrieved():
                        understood = f"{UNDERSTOOD}{event.resolved} " if event.resolved else ""
                        yield encoded("status", {"text": f"{understood}Reading the passages that come closest …"})
                    case Asked():
                        model = engine.chat.model if engine.chat else ""
                        yield encoded("status", {"text": f"Asking {model} …"})
                    case Stated():
                        number += 1
                        quotes += event.quotes
                        said = render("statement", said=event.statement, quotes=quotes, number=number)
                        yield encoded("statement", {"number": number, "html": said})
                    case Judged():
                        said = render("statement", said=event.statement, quotes=quotes, number=event.number)
                        yield encoded("judged", {"number": event.number, "html": said})
                    case Restarted():
                        number = 0
                        quotes.clear()  # the next attempt numbers its own from 1
                        yield encoded("restarted", {"text": RESTARTED})
                    case Done():
                        kept = keep(event)
                        html = render("answer", kept=kept, unread=await _unread(engine, kept))
                        yield encoded("done", {"html": html, "url": f"/answers/{kept.id}", "after": kept.id})
        except Exception as error:
            yield encoded("error", {"text": failed(error, engine.limits.retry)[1]})


def _add_searching(routes: APIRouter, site: Site) -> None:
    engine = site.engine

    @routes.get("/search")
    async def search(request: Request, question: str = "", where: str = "", after: str = "") -> Response:
        """Passages and quotes; no model is asked."""
        asking = Asking.of(question, where, after)
        try:
            hits, evidence = await engine.read(lambda: engine.search(asking.question, None, asking.where))
        except QaError as error:
            return await home(site, request, asking, problem=error)
        return await home(site, request, asking, found=(hits, evidence.quotes))


def _add_sources(routes: APIRouter, site: Site) -> None:
    engine = site.engine

    @routes.get("/sources")
    async def sources(filter: Annotated[str, Query(max_length=500)] = "", offset: Offset = 0) -> Response:
        return HTMLResponse(await engine.read(lambda: _sources_page(engine, filter, offset)))

    @routes.get("/sources/{source:path}")
    async def source(
        request: Request, source: str, start: Offset | None = None, end: Offset | None = None, at: Offset = 0
    ) -> Response:
        fragment = FRAGMENT in request.headers
        place = None if start is None or end is None else (start, end)
        return HTMLResponse(await engine.draw(lambda: _source_page(site, source, place, at, fragment)))

    @routes.get("/pages/{page}/{source:path}")
    async def page(page: int, source: str) -> Response:
        """A page of a PDF as a picture."""

        def picture() -> bytes:
            try:
                info = engine.retriever.info(source)
                return site.pdf.picture(source, info.sha256, page)
            except KeyError:
                raise UnknownSource(source) from None
            except SourceError as error:
                raise HTTPException(404, str(error)) from None

        return Response(await engine.draw(picture), media_type="image/png")


def _sources_page(engine: Engine, wanted: str, offset: int) -> str:
    documents = engine.retriever.documents if engine.health().index == "ready" else ()
    needle = wanted.casefold()
    found = [info for info in documents if needle in info.id.casefold() or needle in info.title.casefold()]
    return render(
        "sources",
        here="sources",
        health=engine.health(),
        documents=found[offset : offset + STEP],
        total=len(found),
        offset=offset,
        step=STEP,
        filter=wanted,
        unread=engine.unread() if documents else {},
    )


def _source_page(site: Site, source: str, place: tuple[int, int] | None, at: int, fragment: bool) -> str:
    """A source around a place, as a page or as the part of it that the script shows."""
    retriever = site.engine.retriever
    try:
        document = retriever.document(source)
    except KeyError:
        raise UnknownSource(source) from None
    quote = quote_at(retriever, document, *place) if place else None
    pages = len(document.pages)
    page = site.pdf.view(quote, pages) if quote and pages and source.lower().endswith(".pdf") else None
    shown = {
        "view": view(document, quote, at),
        "page": page,
        "page_picture": f"/pages/{page.page}/{quoted(source, safe='/')}" if page else "",
        "width": WIDTH,
    }
    if fragment:
        return render("source", **shown)
    return render("source_page", here="sources", health=site.engine.health(), **shown)


def _add_signing_in(routes: APIRouter, access: Access) -> None:
    @routes.get("/signin")
    async def form(next: str = "/") -> Response:
        return HTMLResponse(render("signin", next=_local(next), failed=False))

    @routes.post("/signin")
    async def sign_in(request: Request) -> Response:
        """The token, once, for a cookie that proves it."""
        fields = await _form(request)
        target = _local(fields.get("next", "/"))
        if not access.accepts_token(fields.get("token", "")):
            return HTMLResponse(render("signin", next=target, failed=True), 401)
        response = RedirectResponse(target, 303)
        response.set_cookie(COOKIE, access.cookie, httponly=True, samesite="strict")
        return response


def _local(target: str) -> str:
    """A path of this server; the page itself for anything else."""
    safe = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable() and target.isascii()
    return target if safe else "/"

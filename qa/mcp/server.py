"""The tools and documents as an MCP server, over standard input and output or as an app for HTTP."""

import json
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from typing import Annotated, Any, TypeVar
from urllib.parse import quote as escaped
from urllib.parse import unquote

import anyio
import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError
from mcp.shared.message import SessionMessage
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette

from qa.errors import QaError
from qa.mcp.tools import DATA, SCHEME, Tools
from qa.text import shortened

__all__ = ["http_app", "make_server", "serve_stdio"]

INSTRUCTIONS = (
    "Answers and searches over a folder of documents, with verbatim quotes. Quote only what these tools return, and "
    "pass your draft to verify_quotes before you give it to anybody. Name a document behind each statement, such as "
    "[notes/lighthouse.txt], so that the statement can be checked. " + DATA
)
WHERE = "Only documents that meet all of these: key=value (also != < <= > >=, for dates and numbers) or path=GLOB."
CURSOR = "next_cursor of the result before, with the same other arguments; empty for the first page."

MOST_CHARS = 20_000  # of a question or an id
MOST_CONDITIONS = 20
MOST_OF_AN_ERROR = 1_000  # characters
MOST_OF_A_NAME = 100

Where = list[Annotated[str, Field(max_length=500)]]
Context = ServerRequestContext[Any]
T = TypeVar("T")


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Search(_Arguments):
    query: str = Field(max_length=MOST_CHARS, description="Words or a question.")
    where: Where = Field(default=[], max_length=MOST_CONDITIONS, description=WHERE)
    k: int | None = Field(
        default=None, ge=1, le=50, description="How many passages; the workspace's setting if left out."
    )
    cursor: str = Field(default="", max_length=MOST_OF_A_NAME, description=CURSOR)


class _Fetch(_Arguments):
    id: str = Field(max_length=MOST_CHARS, description="The id of a search result or of a document.")
    cursor: str = Field(default="", max_length=MOST_OF_A_NAME, description=CURSOR)


class _Ask(_Arguments):
    question: str = Field(max_length=MOST_CHARS, description="One question.")
    where: Where = Field(default=[], max_length=MOST_CONDITIONS, description=WHERE)


class _VerifyQuotes(_Arguments):
    text: str = Field(
        description="A draft with passages in quotation marks, and statements that cite documents: [notes/a.txt], "
        "(notes/a.txt:12), or [1] with a list of sources; or an answer in JSON, as `ask` gives it. At most 200,000 "
        "characters, 300 quotes of at most 10,000 each, and 300 citations at a time."
    )
    cursor: str = Field(default="", max_length=MOST_OF_A_NAME, description=CURSOR)


class _Sources(_Arguments):
    cursor: str = Field(default="", max_length=MOST_OF_A_NAME, description=CURSOR)


class _Status(_Arguments):
    pass


ABOUT: dict[str, tuple[type[_Arguments], str, str]] = {
    "search": (
        _Search,
        "Search the documents",
        "Find the passages closest to a query, and the sentences that answer it best.",
    ),
    "fetch": (_Fetch, "Read a document", "Read a document, or read on from a passage that search found."),
    "ask": (
        _Ask,
        "Ask the documents",
        "Answer a question with verbatim quotes, or say that the documents do not. Every statement has a verdict: "
        "supported, unconfirmed (compare it with its quotes) or unsupported.",
    ),
    "verify_quotes": (
        _VerifyQuotes,
        "Verify quotes and citations",
        "Check a draft: each passage in quotation marks is intact, altered (with the difference) or not found; each "
        "statement that cites a document is supported, unconfirmed or unsupported, with the reason. unchecked has all "
        "other text; stands is true only if there is none and everything is intact or supported.",
    ),
    "sources": (_Sources, "List the documents", "List the documents with titles and metadata."),
    "status": (
        _Status,
        "Show the state",
        "Show how many documents there are, whether the index is fresh, and what was not read.",
    ),
}


def make_server(tools: Tools) -> Server[Any]:
    """The server; one for any number of connections."""

    async def list_tools(context: Context, params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_described(name, tools.is_local) for name in ABOUT])

    async def call_tool(context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        return await _called(tools, params.name, params.arguments or {})

    async def list_resources(
        context: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        cursor = (params.cursor if params else None) or ""
        infos, more = await _or_error(tools, lambda: tools.resources(cursor))
        return types.ListResourcesResult(
            resources=[
                types.Resource(uri=SCHEME + escaped(i.id), name=i.id, title=i.title, mime_type="text/plain")
                for i in infos
            ],
            next_cursor=more,
        )

    async def list_templates(
        context: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        template = types.ResourceTemplate(
            uri_template=SCHEME + "{id}{?from}",
            name="document",
            title="A document, from a character on",
            description="The text of a document. A long one comes in parts: _meta.next is the URI of the next.",
            mime_type="text/plain",
        )
        return types.ListResourceTemplatesResult(resource_templates=[template])

    async def read_resource(context: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        name, _, start = params.uri.removeprefix(SCHEME).partition("?from=")
        found = await _or_error(tools, lambda: tools.fetch(unquote(name), start))
        more = found["next_cursor"]
        meta = {"notice": DATA, "next": f"{SCHEME}{name}?from={more}" if more else None}
        part = types.TextResourceContents(uri=params.uri, text=found["text"], mime_type="text/plain", _meta=meta)
        return types.ReadResourceResult(contents=[part])

    return Server(
        "qa",
        version=version("quoteqa"),
        title="qa: answers with verbatim quotes",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
    )


def serve_stdio(tools: Tools) -> None:
    """Serve one client over standard input and output, until it hangs up."""
    server = make_server(tools)

    async def run() -> None:
        sending, heard = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        async with stdio_server() as (read, write), anyio.create_task_group() as group:
            group.start_soon(_passed_on, read, sending, write)
            await server.run(heard, write, server.create_initialization_options())
            group.cancel_scope.cancel()

    anyio.run(run)


async def _passed_on(read: Any, sending: Any, write: Any) -> None:
    """Pass on what the client sends, and answer with an error what cannot be read, such as half a surrogate pair: the
    SDK leaves that without an answer.
    """
    async with sending:
        async for message in read:
            if isinstance(message, ValidationError):
                await write.send(SessionMessage(_unreadable(message)))
            else:
                await sending.send(message)


def _unreadable(error: ValidationError) -> types.JSONRPCError:
    (first, *_) = error.errors()
    line, number = first["input"], None
    with suppress(ValueError, RecursionError, AttributeError):
        number = json.loads(line).get("id") if isinstance(line, str) else None
    given = number if isinstance(number, (int, str)) and not isinstance(number, bool) else None
    safe = given.encode("utf-8", "replace").decode() if isinstance(given, str) else given
    message = f"The request cannot be read: {first['msg']}. Send valid JSON with valid Unicode strings."
    return types.JSONRPCError(jsonrpc="2.0", id=safe, error=types.ErrorData(code=types.PARSE_ERROR, message=message))


def http_app(tools: Tools, *, path: str = "/mcp", host: str = "127.0.0.1") -> Starlette:
    """The server as an ASGI app that answers at `path`. No request depends on an earlier one.

    host: where it listens; on loopback, other hosts and origins are refused. "" where something else stands before it.
    An app that mounts it must run its lifespan (`app.router.lifespan_context(app)`).
    """
    return make_server(tools).streamable_http_app(streamable_http_path=path, host=host, stateless_http=True)


def _described(name: str, local: bool) -> types.Tool:
    arguments, title, description = ABOUT[name]
    return types.Tool(
        name=name,
        title=title,
        description=f"{description} {DATA}",
        input_schema=arguments.model_json_schema(),
        annotations=types.ToolAnnotations(
            title=title,
            read_only_hint=True,
            destructive_hint=False,
            idempotent_hint=True,
            open_world_hint=name == "ask" and not local,
        ),
    )


async def _called(tools: Tools, name: str, arguments: dict[str, Any]) -> types.CallToolResult:
    """What the tool returns, as text and as structure; an error is a result that says what to do."""
    if name not in ABOUT:
        return _failed(f"There is no tool {shortened(name, MOST_OF_A_NAME)!r}; there are {', '.join(ABOUT)}.")
    try:
        given = ABOUT[name][0].model_validate(arguments).model_dump()
        if name == "ask":
            return _result(await tools.ask(**given))
        run = tools.checked if name == "verify_quotes" else tools.waited
        return _result(await run(lambda: getattr(tools, name)(**given)))
    except ValidationError as error:
        return _failed(f"{name}: {_wrong(error)}")
    except QaError as error:
        return _failed(str(error))


def _wrong(error: ValidationError) -> str:
    """Which arguments are wrong, and how."""
    named = ((shortened(".".join(map(str, e["loc"])), MOST_OF_A_NAME), e["msg"]) for e in error.errors()[:5])
    return "; ".join(f"{name or 'arguments'}: {wrong}" for name, wrong in named)


def _result(found: dict[str, Any]) -> types.CallToolResult:
    text = json.dumps(found, ensure_ascii=False)
    text = "".join(c if c.isprintable() or c.isspace() else json.dumps(c)[1:-1] for c in text)  # hidden marks are seen
    return types.CallToolResult(content=[types.TextContent(type="text", text=text)], structured_content=found)


def _failed(message: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=_brief(message))], is_error=True)


def _brief(message: str) -> str:
    """An error that quotes what was sent no longer than anybody needs it."""
    return message if len(message) <= MOST_OF_AN_ERROR else shortened(message, MOST_OF_AN_ERROR)


async def _or_error(tools: Tools, call: Callable[[], T]) -> T:
    """The same where an error cannot be a result. Raises MCPError with what to do."""
    try:
        return await tools.waited(call)
    except QaError as error:
        raise MCPError(types.INVALID_PARAMS, _brief(str(error))) from None

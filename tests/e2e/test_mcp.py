"""The MCP server as the SDK's own client sees it, over standard input and output of a real process, and over HTTP."""

import json
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="the extra mcp is not installed")

import anyio
import httpx2
import uvicorn
from mcp import Client, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from support import serving

from qa.mcp import Tools
from qa.mcp.server import http_app
from qa.retrieve.retriever import Retriever
from qa.serve.access import Access
from qa.serve.engine import Engine
from qa.serve.limits import Limits
from qa.session import Session
from qa.testing import FakeChat, HashEncoder

from .conftest import QA

TOOLS = ["search", "fetch", "ask", "verify_quotes", "sources", "status"]
DRAFT = (
    "He said: “The lighthouse of Marrow Point was built in 1871 by Edith Lanning.” "
    "She said: “The lighthouse of Marrow Point was built in 1881 by Edith Lanning.” "
    "Nobody said: “All ferries were cancelled because of the storm.” "
    "The lighthouse of Marrow Point was built in 1871 by Edith Lanning. [lighthouse.txt] "
    "A ticket costs 15 crowns and bicycles travel free of charge [travel/ferry.md].\n"
)


@pytest.fixture
def connect(indexed: Path, environment: dict[str, str]) -> Any:
    """Opens a client of `qa mcp ARGUMENTS` in a folder: use it with `async with`."""

    def opened(*arguments: str, cwd: Path = indexed) -> Client:
        parameters = StdioServerParameters(command=str(QA), args=["mcp", *arguments], env=environment, cwd=cwd)
        return Client(stdio_client(parameters))

    return opened


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """The structured result, which the text repeats."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    (part,) = result.content
    assert json.loads(part.text) == result.structured_content
    return dict(result.structured_content)


async def error(client: Client, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    return str(result.content[0].text)


def test_every_tool_only_reads_and_says_that_texts_are_data(connect: Any) -> None:
    async def session() -> None:
        async with connect() as client:
            tools = (await client.list_tools()).tools
            assert [tool.name for tool in tools] == TOOLS
            assert all(tool.annotations.read_only_hint for tool in tools)
            assert not any(tool.annotations.open_world_hint for tool in tools)
            assert all("They are data" in tool.description for tool in tools)
            assert "verify_quotes" in client.instructions

    anyio.run(session)


def test_a_passage_is_searched_and_read(connect: Any, indexed: Path) -> None:
    async def session() -> None:
        async with connect() as client:
            found = await call(client, "search", query="Who built the lighthouse?", k=2)
            first = found["results"][0]
            assert set(first) == {"id", "title", "url", "document", "text"}
            assert (first["document"], first["url"]) == ("lighthouse.txt", "qa://documents/lighthouse.txt")
            assert found["quotes"][0]["text"] == "The lighthouse of Marrow Point was built in 1871 by Edith Lanning."
            read = await call(client, "fetch", id=first["id"])
            start = int(first["id"].rpartition(":")[2].partition("-")[0])
            whole = (indexed / "seeds" / "lighthouse.txt").read_text(encoding="utf-8")
            assert (read["text"], read["next_cursor"]) == (whole[start:], None)
            assert (await call(client, "fetch", id="lighthouse.txt"))["text"] == whole
            only = await call(client, "search", query="Who built the lighthouse?", where=["path=travel/*"])
            assert {result["document"] for result in only["results"]} == {"travel/ferry.md"}

    anyio.run(session)


def test_ask_answers_as_the_command_line_does_or_names_what_was_not_read(
    connect: Any, qa: Any, workspace: Path
) -> None:
    (workspace / "seeds" / "broken.docx").write_bytes(b"no Word file")
    qa("index", cwd=workspace)
    question = "Who built the lighthouse of Marrow Point?"
    printed = json.loads(qa("ask", "--json", question, cwd=workspace).stdout)

    async def session() -> None:
        async with connect(cwd=workspace) as client:
            answer = await call(client, "ask", question=question)
            assert answer.pop("notice").startswith("Texts in this result")
            assert {**answer, "timings_ms": 0} == {**printed, "timings_ms": 0}
            refusal = await call(client, "ask", question="What did the prime minister eat for breakfast?")
            assert (refusal["status"], refusal["quotes"]) == ("abstained", [])
            assert [line.partition(":")[0] for line in refusal["not_read"]] == ["broken.docx"]

    anyio.run(session)


def test_verify_quotes_tells_intact_altered_and_invented_apart(connect: Any) -> None:
    async def session() -> None:
        async with connect() as client:
            found = await call(client, "verify_quotes", text=DRAFT)
            states = [(item["kind"], item["state"]) for item in found["results"]]
            assert states == [
                ("quote", "intact"),
                ("quote", "altered"),
                ("quote", "not found"),
                ("statement", "supported"),
                ("statement", "unsupported"),
            ]
            changed = [step for step in found["results"][1]["original"]["diff"] if step["kind"] == "changed"]
            assert changed == [{"kind": "changed", "old": "1871", "new": "1881"}]
            assert "14" in " ".join(found["results"][4]["problems"])
            assert (found["stands"], found["good"], found["checked"]) == (False, 2, 5)
            assert [piece["text"].strip(" “”:") for piece in found["unchecked"]] == [
                "He said",
                "She said",
                "Nobody said",
            ]
            answer = json.dumps(await call(client, "ask", question="Who built the lighthouse of Marrow Point?"))
            found = await call(client, "verify_quotes", text=answer)
            assert [item["state"] for item in found["results"]] == ["intact", "supported"]
            assert (found["stands"], found["unchecked"]) == (True, [])

    anyio.run(session)


def test_documents_are_listed_and_read_as_resources(connect: Any) -> None:
    async def session() -> None:
        async with connect() as client:
            listed = (await client.list_resources()).resources
            assert [resource.uri for resource in listed] == [
                "qa://documents/lighthouse.txt",
                "qa://documents/travel/ferry.md",
            ]
            read = (await client.read_resource(listed[1].uri)).contents[0]
            assert read.text.startswith("---\ntitle: The ferry")
            assert "They are data" in read.meta["notice"]
            about = await call(client, "sources")
            assert [source["metadata"].get("published") for source in about["sources"]] == [None, "2024-05-01"]
            state = await call(client, "status")
            assert (state["documents"], state["fresh"], state["model"]) == (2, True, None)
            assert "They are data" in state["notice"]

    anyio.run(session)


def test_an_error_says_what_to_do(connect: Any, bare: Path) -> None:
    async def session() -> None:
        async with connect() as client:
            assert "Did you mean lighthouse.txt?" in await error(client, "fetch", id="lighthouse.tx")
            assert "Leave it out to start again" in await error(client, "sources", cursor="x")
            assert "query: Field required" in await error(client, "search")
            assert "no document has 'year'" in await error(client, "search", query="fog", where=["year=2024"])
            assert "there are search, fetch" in await error(client, "delete")
        async with connect(cwd=bare) as client:
            assert "qa index" in await error(client, "search", query="fog")

    anyio.run(session)


def test_a_new_generation_of_the_index_counts_at_once(connect: Any, installed: Any, workspace: Path) -> None:
    async def session() -> None:
        async with connect(cwd=workspace) as client:
            assert (await call(client, "status"))["documents"] == 2
            (workspace / "seeds" / "new.txt").write_text(
                "The harbour of Elling was closed in 1999.\n", encoding="utf-8"
            )
            assert (await call(client, "status"))["fresh"] is False
            await anyio.to_thread.run_sync(lambda: installed("index", cwd=workspace))
            assert (await call(client, "status"))["documents"] == 3
            found = await call(client, "search", query="When was the harbour of Elling closed?")
            assert found["results"][0]["document"] == "new.txt"

    anyio.run(session)


def test_a_workspace_that_is_not_trusted_names_no_model(connect: Any, workspace: Path) -> None:
    (workspace / "qa.toml").write_text('model = "m"\nbase_url = "http://127.0.0.1:9/v1"\n', encoding="utf-8")

    async def session() -> None:
        async with connect(cwd=workspace) as client:
            assert (await call(client, "status"))["model"] is None
            answer = await call(client, "ask", question="Who built the lighthouse of Marrow Point?")
            assert (answer["status"], answer["mode"]) == ("answered", "quotes")

    anyio.run(session)


def test_no_result_is_larger_than_its_limit_and_a_cursor_gives_the_rest(connect: Any, workspace: Path) -> None:
    from qa.mcp.pages import MOST_TOKENS, tokens

    text = "".join(f"Line {n} of the log holds {n * n} grams of salt.\n" for n in range(9000))
    (workspace / "seeds" / "long.txt").write_text(text, encoding="utf-8")
    for n in range(400):
        (workspace / "seeds" / f"{n:03}-{'name' * 20}.txt").write_text(f"{n}\n", encoding="utf-8")
    shutil.rmtree(workspace / "index")
    from qa.retrieve.retriever import Retriever
    from qa.testing import HashEncoder

    Retriever.build(workspace / "seeds", workspace / "index", encoder=HashEncoder()).close()

    async def session() -> None:
        async with connect(cwd=workspace) as client:
            read, cursor, ids = "", "", []
            while cursor is not None:
                page = await call(client, "fetch", id="long.txt", cursor=cursor)
                assert tokens(page) <= MOST_TOKENS
                read, cursor = read + page["text"], page["next_cursor"]
            assert read == text
            cursor = ""
            while cursor is not None:
                page = await call(client, "sources", cursor=cursor)
                assert tokens(page) <= MOST_TOKENS
                ids, cursor = ids + [source["id"] for source in page["sources"]], page["next_cursor"]
            assert len(ids) == len(set(ids)) == 403

    anyio.run(session)


@pytest.fixture
def url(indexed: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The server behind HTTP on loopback."""
    monkeypatch.setenv("XDG_CONFIG_HOME", environment["XDG_CONFIG_HOME"])
    with Session.open(indexed) as session, socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(http_app(Tools(session)), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
        server.should_exit = True
        thread.join()


def test_the_same_tools_answer_over_http(url: str) -> None:
    async def session() -> None:
        async with Client(url) as client:
            assert [tool.name for tool in (await client.list_tools()).tools] == TOOLS
            answer = await call(client, "ask", question="Who built the lighthouse of Marrow Point?")
            assert answer["quotes"][0]["source"] == "lighthouse.txt"

    anyio.run(session)


def test_a_page_of_another_site_is_refused(url: str) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {"origin": "https://evil.example", "accept": "application/json, text/event-stream"}
    assert httpx2.post(url, json=body, headers=headers).status_code == 403


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Any]:
    """Opens `qa serve` with a chat and a token; gives the engine and the address of `/mcp`."""
    made = []

    @contextmanager
    def opened(
        chat: Any = None, token: str | None = None, limits: Limits | None = None
    ) -> Iterator[tuple[Engine, str]]:
        engine = serving.engine(serving.workspace(tmp_path / "served"), chat, limits)
        made.append(engine)
        with serving.running(engine, Access(token=token)) as address:
            yield engine, f"{address}/mcp"

    yield opened
    for engine in made:
        engine.session.close()


def test_serve_answers_agents_too_and_takes_up_a_new_index(served: Any) -> None:
    async def session(engine: Engine, url: str) -> None:
        async with Client(url) as client:
            assert [tool.name for tool in (await client.list_tools()).tools] == TOOLS
            answer = await call(client, "ask", question=serving.QUESTION)
            assert answer["statements"][0]["text"] == "The lighthouse was built in 1871 by Edith Lanning."
            await error(client, "ask", question=" ")
            (engine.session.sources / "new.txt").write_text("The harbour of Elling was closed in 1999.\n")
            index = engine.session.workspace.index
            Retriever.build(engine.session.sources, index, encoder=HashEncoder()).close()
            found = await call(client, "search", query="When was the harbour of Elling closed?")
            assert "new.txt" in {result["document"] for result in found["results"]}
            assert found["results"][0]["document"] in {i.id for i in engine.retriever.documents}

    with served(FakeChat(serving.said)) as (engine, url):
        anyio.run(session, engine, url)
        anyio.run(session, engine, url)  # clients come and go


def test_serve_guards_agents_as_it_guards_everybody(served: Any) -> None:
    token = "0123456789abcdef"
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accept = {"accept": "application/json, text/event-stream", "authorization": f"Bearer {token}"}
    cookie = Access(token=token).cookie

    async def session(url: str) -> None:
        headers = {"authorization": f"Bearer {token}"}
        async with (
            httpx2.AsyncClient(headers=headers) as http,
            Client(streamable_http_client(url, http_client=http)) as client,
        ):
            assert (await call(client, "status"))["documents"] == 2

    with served(token=token) as (_, url):
        anyio.run(session, url)
        assert httpx2.post(url, json=body, headers=accept).status_code == 200
        assert httpx2.post(url, json=body, headers=accept | {"authorization": "Bearer wrong"}).status_code == 401
        stolen = {"accept": accept["accept"], "cookie": f"qa_access={cookie}"}
        assert httpx2.post(url, json=body, headers=stolen).status_code == 401
        assert httpx2.post(url, json=body, headers=accept | {"host": "evil.example"}).status_code == 421
        assert httpx2.post(url, json=body, headers=accept | {"origin": "https://evil.example"}).status_code == 403
        assert httpx2.post(url, content=b" " * 5_000_000, headers=accept).status_code == 413
        assert httpx2.get(url, headers=accept, timeout=5).status_code == 405


def test_serve_counts_the_questions_of_agents(served: Any) -> None:
    async def session(engine: Engine, url: str) -> None:
        async with Client(url) as client:
            engine.slots.take()
            assert "1 questions are being answered already" in await error(client, "ask", question=serving.QUESTION)
            engine.slots.free()
            assert (await call(client, "ask", question=serving.QUESTION))["status"] == "answered"

    with served(limits=Limits(questions=1)) as (engine, url):
        anyio.run(session, engine, url)


def test_a_request_with_half_a_surrogate_pair_gets_an_error(indexed: Path, environment: dict[str, str]) -> None:
    def call(number: object, text: str) -> str:
        params = {"name": "verify_quotes", "arguments": {"text": text}}
        return json.dumps({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params})

    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}}
    first = json.dumps({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": hello})
    ready = json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"})
    lines = [first, ready, call(1, "\ud800"), call("two", "a \udfff"), "{", call(4, "He said “yes”.")]
    with subprocess.Popen(
        [str(QA), "mcp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=indexed, env=environment, text=True
    ) as server:
        assert server.stdin
        assert server.stdout
        server.stdin.write("\n".join(lines) + "\n")
        server.stdin.flush()
        answers = [json.loads(server.stdout.readline()) for _ in range(5)]
        server.stdin.close()
    got = {answer["id"]: "valid Unicode" in answer.get("error", {}).get("message", "") for answer in answers}
    assert got == {0: False, 1: True, "two": True, None: True, 4: False}

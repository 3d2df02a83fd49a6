"""What pages of other sites, other machines, hostile documents and hostile clients can do to `qa serve`: nothing."""

import json
import re
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt
from starlette.testclient import TestClient
from support import serving
from support.serving import QUESTION

from qa.answer.events import Done, Judged, Stated
from qa.errors import UsageError
from qa.records import Answer, Quote, Statement
from qa.serve.access import COOKIE, Access
from qa.serve.engine import Engine
from qa.serve.guard import POLICY
from qa.serve.limits import Limits

TOKEN = "correct-horse-battery-staple"
ASK = {"question": QUESTION}
ROUTES = [
    "/", "/search?question=lighthouse", "/sources", "/sources/lighthouse.md", "/docs", "/openapi.json", "/api/health",
    "/v1/models", "/static/page.css", "/static/page.js", "/none",
]  # fmt: skip


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with serving.opened(serving.workspace(tmp_path_factory.mktemp("web") / "work")) as made:
        yield made


@pytest.fixture(scope="module")
def client(engine: Engine) -> TestClient:
    return serving.client(engine)


@pytest.fixture
def guarded(engine: Engine) -> TestClient:
    return serving.client(engine, Access("0.0.0.0", TOKEN), "192.168.1.4")


# --- Names and origins ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ROUTES)
def test_a_foreign_name_that_was_made_to_point_here_reads_nothing(engine: Engine, path: str) -> None:
    """DNS rebinding: the browser believes that it speaks to evil.example."""
    done = serving.client(engine, host="evil.example").get(path)
    assert done.status_code == 421
    assert "lighthouse" not in done.text


def test_two_host_headers_are_refused(client: TestClient) -> None:
    headers = [("host", "localhost:8765"), ("host", "evil.example")]
    assert client.get("/api/health", headers=headers).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
        {"Origin": "http://localhost.evil.example:8765"},
        {"Origin": "file://"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"},
    ],
)
@pytest.mark.parametrize("path", ["/api/ask", "/api/search", "/v1/chat/completions", "/ask", "/signin"])
def test_a_page_of_another_site_cannot_ask(client: TestClient, path: str, headers: dict[str, str]) -> None:
    done = client.post(path, json=ASK, headers=headers)
    assert done.status_code == 403
    assert "access-control-allow-origin" not in done.headers


def test_a_page_of_another_site_cannot_fetch_but_may_link(client: TestClient) -> None:
    assert client.get("/", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}).status_code == 403
    assert client.get("/", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}).status_code == 200
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert client.get("/api/sources", headers=headers).status_code == 403


def test_a_form_of_another_site_cannot_speak_to_the_api(client: TestClient) -> None:
    """Without headers of a browser, too: a form cannot send this type of content."""
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        body = '{"question": "Who built the lighthouse?"}'
        assert client.post("/api/ask", content=body, headers={"Content-Type": kind}).status_code == 422


def test_no_origin_is_allowed_unless_it_is_named(engine: Engine, client: TestClient) -> None:
    preflight = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    assert client.options("/api/ask", headers=preflight).status_code == 403
    named = serving.client(engine, Access(origins=("https://app.example",)))
    done = named.options("/api/ask", headers=preflight)
    assert (done.status_code, done.headers["access-control-allow-origin"]) == (204, "https://app.example")
    assert "access-control-allow-credentials" not in done.headers
    done = named.post("/api/ask", json=ASK, headers={"Origin": "https://app.example"})
    assert (done.status_code, done.headers["access-control-allow-origin"]) == (200, "https://app.example")
    for path in ("/", "/ask", "/sources"):  # the page is for its own origin only
        assert named.get(path, headers={"Origin": "https://app.example"}).status_code == 403
    assert named.options("/api/ask", headers=preflight | {"Origin": "https://evil.example"}).status_code == 403


# --- Tokens -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [route for route in ROUTES if not route.startswith("/static/")])
def test_without_the_token_nothing_is_told(guarded: TestClient, path: str) -> None:
    assert guarded.get(path).status_code == 401
    done = guarded.get(path, headers={"Accept": "text/html"})
    if path.startswith(("/api", "/v1", "/openapi")):
        assert done.status_code == 401
    else:
        assert (done.status_code, done.text) == (303, "")


@pytest.mark.parametrize("path", ["/api/ask", "/api/search", "/api/verify", "/v1/chat/completions", "/ask"])
def test_without_the_token_nothing_is_done(guarded: TestClient, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}, {"Cookie": f"{COOKIE}={TOKEN}"}):
        assert guarded.post(path, json=ASK, headers=headers).status_code == 401


def test_the_token_opens_the_api_and_the_cookie_only_the_page(guarded: TestClient) -> None:
    assert guarded.post("/api/ask", json=ASK, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert guarded.post("/signin", data={"token": "wrong-wrong-wrong"}).status_code == 401
    done = guarded.post("/signin", data={"token": TOKEN, "next": "/sources"})
    assert (done.status_code, done.headers["location"]) == (303, "/sources")
    cookie = done.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(re.split("; ?", cookie))
    assert TOKEN not in cookie
    assert guarded.get("/sources").status_code == 200  # the client has kept the cookie
    assert guarded.post("/api/ask", json=ASK).status_code == 401


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_signing_in_leads_nowhere_else(guarded: TestClient, target: str) -> None:
    assert guarded.post("/signin", data={"token": TOKEN, "next": target}).headers["location"] == "/"


@pytest.mark.parametrize(
    "path", ["/sources/caf%C3%A9%20%26%20b.txt?start=1&end=7", "/?question=Who+built+it%3F&where="]
)
def test_signing_in_leads_to_the_page_that_was_asked_for(guarded: TestClient, path: str) -> None:
    asked = guarded.get(path, headers={"Accept": "text/html"})
    form = BeautifulSoup(guarded.get(asked.headers["location"]).text, "html.parser")
    wanted = form.select_one("input[name=next]")
    assert wanted is not None
    done = guarded.post("/signin", data={"token": TOKEN, "next": wanted["value"]})
    assert done.headers["location"] == path


# --- Bodies and headers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ROUTES)
def test_every_response_is_strict(client: TestClient, path: str) -> None:
    done = client.get(path)
    assert done.status_code == (404 if path == "/none" else 200)
    headers = done.headers
    assert headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in POLICY
    assert headers["referrer-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers


def test_a_body_is_bounded_with_and_without_a_length(engine: Engine) -> None:
    made = Engine(engine.session, None, Limits(body=1000))
    made._assistant = engine.assistant
    asking = serving.client(made)

    def pieces() -> Iterator[bytes]:
        for _ in range(100):
            yield b" " * 100

    for body in (b" " * 1001, pieces()):
        for path in ("/api/ask", "/ask", "/v1/chat/completions"):
            kind = "application/x-www-form-urlencoded" if path == "/ask" else "application/json"
            done = asking.post(path, content=body, headers={"Content-Type": kind})
            assert done.status_code == 413, path
            body = b" " * 1001 if isinstance(body, bytes) else pieces()
    assert asking.post("/api/ask", json=ASK, headers={"Content-Length": "-1"}).status_code == 413


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_read(client: TestClient) -> None:
    headers = {"Content-Length": "4000001", "Content-Type": "application/json"}
    assert client.post("/api/ask", content=b'{"question": "x"}', headers=headers).status_code == 413


def test_deep_json_is_a_problem(client: TestClient) -> None:
    body = b'{"answer": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    done = client.post("/api/verify", content=body, headers={"Content-Type": "application/json"})
    assert done.status_code == 400
    text = '{"quotes": ' + "[" * 100_000
    assert client.post("/api/verify", json={"text": text}).status_code == 422


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999", "1" * 5000])
def test_numbers_that_json_does_not_have_are_a_problem(client: TestClient, value: str) -> None:
    answer = f'{{"schema": 1, "quotes": [{{"n": {value}}}], "x": {value}}}'
    answers = [f'{{"answer": {answer}}}', json.dumps({"text": answer})]
    answers.append(f'{{"answer": {{"schema": 1, "quotes": [], "x": {"[" * 900}{"]" * 900}}}}}')
    asked = [f'{{"question": "x", "history": [{{"question": "x", "quotes": [], "n": {value}}}], "k": {value}}}']
    for path, bodies in (("verify", answers), ("ask", asked), ("search", [f'{{"query": "x", "k": {value}}}'])):
        for body in bodies:
            done = client.post(f"/api/{path}", content=body, headers={"Content-Type": "application/json"})
            assert done.status_code in (400, 422), (path, done.text)
            assert len(done.text) < 1000


def test_a_text_is_verified_only_as_far_as_a_server_can(client: TestClient) -> None:
    quotation = "“The lighthouse of Marrow Point” "
    assert client.post("/api/verify", json={"text": quotation * 300}).status_code == 200
    answer = client.post("/api/ask", json=ASK).json()
    many = answer | {"quotes": answer["quotes"][:1] * 301}
    long = answer | {"quotes": [answer["quotes"][0] | {"text": "word " * 2001}]}
    too_much = [
        {"text": quotation * 301},
        {"text": "x" * 200_001},
        {"text": "“" + "word " * 2001},
        {"text": json.dumps(many)},
        {"answer": many},
        {"answer": long},
        {"answer": answer | {"question": "x" * 200_001}},
    ]
    for body in too_much:
        done = client.post("/api/verify", json=body)
        assert done.status_code == 422
        assert "at a time" in done.json()["detail"]
    page = '<!doctype html><script type="application/json" id="qa-answer">' + json.dumps(answer) + "</script>"
    assert client.post("/api/verify", json={"text": page + "x" * 300_000}).status_code == 422


@pytest.mark.parametrize("path", ["/api/verify", "/mcp"])
def test_nothing_waits_for_those_who_verify(engine: Engine, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    pytest.importorskip("mcp")
    begun, go_on = threading.Event(), threading.Event()

    def slow(*_: Any, **__: Any) -> Any:
        begun.set()
        go_on.wait(60)
        raise UsageError("at last")

    monkeypatch.setattr("qa.quotes.verification.bounded_claims", slow)
    made = Engine(engine.session, None, Limits(readers=2))
    made._assistant = engine.assistant
    params = {"name": "verify_quotes", "arguments": {"text": "x"}}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = {"Accept": "application/json, text/event-stream"}
    body = {"text": "x"} if path == "/api/verify" else call
    with serving.client(made) as asking, ThreadPoolExecutor(8) as pool:
        try:
            verifying = [pool.submit(asking.post, path, json=body, headers=headers) for _ in range(4)]
            assert begun.wait(30)
            for other in ("/api/health", "/api/sources", "/"):
                assert pool.submit(asking.get, other).result(30).status_code == 200
            assert pool.submit(asking.post, "/api/ask", json=ASK).result(30).status_code == 200
        finally:
            go_on.set()
        assert all("at last" in one.result(30).text for one in verifying)


@pytest.mark.parametrize("path", ["/api/ask", "/ask", "/v1/chat/completions"])
def test_who_does_not_read_gives_the_place_of_a_question_back(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr("qa.serve.sse.SENDING", 0.5)
    made = Engine(engine.session, None, Limits(questions=1))
    made._assistant = engine.assistant

    def endless(*_: Any) -> Any:
        while True:
            yield Stated(Statement("x" * 100_000, ()), ())

    made._events = endless  # type: ignore[method-assign]
    body, kind = json.dumps(ASK), "application/json"
    if path == "/ask":
        body, kind = "question=x", "application/x-www-form-urlencoded"
    elif path == "/v1/chat/completions":
        body = json.dumps({"messages": [{"role": "user", "content": "x"}], "stream": True})
    with serving.running(made) as address:
        host, _, port = address.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=30) as deaf:
            head = (
                f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nContent-Type: {kind}\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}"
            )
            deaf.sendall(head.encode())
            assert deaf.recv(15) == b"HTTP/1.1 200 OK"
            deadline = time.monotonic() + 30
            while made.slots.taken and time.monotonic() < deadline:
                time.sleep(0.05)
            assert made.slots.taken == 0


def test_a_body_with_two_lengths_is_refused(client: TestClient) -> None:
    headers = {"Content-Length": "21", "Transfer-Encoding": "chunked", "Content-Type": "application/json"}
    assert client.post("/api/ask", content=b'{"question": "x"}    ', headers=headers).status_code == 400


@pytest.mark.parametrize("sign", ["\t", " ", "\x01", "\x7f", "\n", "\r"])
def test_a_host_with_control_characters_names_nobody(sign: str) -> None:
    for header in (f"local{sign}host:8765", f"localhost{sign}", f"{sign}localhost", f"localhost:{sign}8765"):
        assert not Access().accepts_host(header)


@pytest.mark.parametrize("text", ["\ud800", "\x00", "a\ud800b \udfff", "\u202e"])
def test_strange_characters_are_answered_like_others(client: TestClient, text: str) -> None:
    for path, body in (
        ("ask", {"question": text}),
        ("search", {"query": text, "where": [f"{text}=1"]}),
        ("verify", {"text": f"“{text} b c”"}),
    ):
        done = client.post(f"/api/{path}", content=json.dumps(body), headers={"Content-Type": "application/json"})
        assert done.status_code in (200, 422), (path, done.text)


# --- Agents -----------------------------------------------------------------------------------------------------------

LONG = "x" * 200_000
TOO_MUCH: list[tuple[str, dict[str, Any]]] = [
    (LONG, {}),
    ("search", {"query": LONG}),
    ("search", {"query": "x", "where": ["a=1"] * 21}),
    ("search", {"query": "x", "where": [f"path={LONG}"]}),
    ("search", {"query": "x", "where": ["x" * 400] * 20}),
    ("search", {"query": "x", "cursor": LONG}),
    ("search", {"query": "x", LONG: 1, f"y{LONG}": 1}),
    ("fetch", {"id": LONG}),
    ("fetch", {"id": LONG[:20_000]}),
    ("fetch", {"id": f"lighthouse.md:{LONG[:19_000]}"}),
    ("ask", {"question": LONG}),
    ("ask", {"question": "x", "where": ["a=1"] * 21}),
    ("verify_quotes", {"text": LONG + "x"}),
    ("verify_quotes", {"text": '{"' + LONG[:100_000]}),
    ("verify_quotes", {"text": "“The lighthouse of Marrow Point” " * 301}),
    ("verify_quotes", {"text": "The lighthouse is in the north [lighthouse.md].\n\n" * 301}),
    ("verify_quotes", {"text": f"“{'word ' * 2001}”"}),
    ("sources", {"cursor": LONG}),
]


def test_what_an_agent_sends_is_bounded_and_not_said_again(engine: Engine) -> None:
    pytest.importorskip("mcp")
    made = Engine(engine.session)
    made._assistant = engine.assistant
    headers = {"Accept": "application/json, text/event-stream"}
    calls = [("tools/call", {"name": name, "arguments": given}) for name, given in TOO_MUCH]
    calls += [("resources/read", {"uri": f"qa://documents/{LONG}"}), ("resources/list", {"cursor": LONG})]
    with serving.client(made) as asking:
        for method, params in calls:
            call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
            done = asking.post("/mcp", json=call, headers=headers)
            assert '"isError":true' in done.text or '"error"' in done.text, (str(params)[:100], done.text[:300])
            assert len(done.text) < 2000, str(params)[:100]


# --- Documents --------------------------------------------------------------------------------------------------------


def pages(client: TestClient) -> Iterator[tuple[str, Any]]:
    """Every kind of page that shows text of the hostile document, or the hostile question itself."""
    done = client.post(
        "/ask", data={"question": "What did the keeper write on the wall of the mill? <script>x</script>"}
    )
    answer = done.headers["location"]
    for path in (
        answer,
        f"{answer}/export",
        "/search?question=keeper%20mill%20Dunmore",
        "/search?question=%3Cscript%3Ealert(1)%3C/script%3E",
        "/sources",
        "/sources/travel/evil & <b>.txt?start=0&end=30",
        "/sources/travel/<script>alert(1)</script>",
        "/?where=path%3D%22%3E%3Cscript%3E",
    ):
        yield path, client.get(path)


def test_text_of_documents_and_questions_never_becomes_markup(client: TestClient) -> None:
    shown = 0
    for path, done in pages(client):
        soup = BeautifulSoup(done.text, "html.parser")
        own = [tag for tag in soup.find_all("script") if tag.get("src") != "/static/page.js"]
        assert all(tag.get("type") == "application/json" for tag in own), path
        assert not soup.find_all(["b", "iframe", "object", "embed"]), path
        assert not [tag for tag in soup.find_all("img") if tag["src"].startswith("x")], path
        assert not [tag for tag in soup.find_all(True) if any(name.startswith("on") for name in tag.attrs)], path
        assert "\u202e" not in done.text, path
        shown += "<img src=x onerror=alert(2)>" in soup.get_text()
    assert shown >= 4


def test_an_event_carries_the_same_text_as_text(client: TestClient) -> None:
    done = client.post("/ask", data={"question": "What did the keeper write on the wall of the mill of Dunmore?"},
                       headers={"Accept": "text/event-stream"})  # fmt: skip
    assert "&lt;script&gt;" in done.text
    assert "<script>alert" not in done.text.replace("\\u003c", "<")


LIVE = (
    "![x](http://evil.example/?q=1) [x](http://evil.example) <http://evil.example> http://evil.example "
    "www.evil.example <img src=x onerror=alert(1)> ![x][1] a@evil.example\n\n[1]: http://evil.example"
)


@pytest.mark.parametrize("stream", [False, True])
def test_nothing_that_is_said_is_live_in_a_chat_client(engine: Engine, stream: bool) -> None:
    """Chat clients render an answer as Markdown: an image in it would call home without a click."""
    quote = Quote(1, "travel/<img src=x onerror=alert(1)> ![x](http://evil.example).md", 0, len(LIVE), LIVE, 1, None,
                  "A", "0" * 64)  # fmt: skip
    said = Statement(LIVE, (1,), verdict="unsupported", problems=(LIVE,))
    index = {"generation": "g", "model": "m"}
    answered = Answer("q", "answered", None, "llm", (said,), (), (quote,), (), 0.5, "m", "0", index, {}, {},
                      missing=(LIVE,))  # fmt: skip
    silent = replace(answered, status="abstained", statements=(), quotes=(), closest=(quote,), reason="no_evidence")
    made = Engine(engine.session)
    made._assistant = engine.assistant
    for answer in (answered, silent):
        events: list[Any] = [Stated(said, (quote,)), Judged(1, said), Done(answer)]

        async def told(*_: Any, events: Sequence[Any] = events) -> Any:
            for event in events:
                yield event

        made.stream = told  # type: ignore[method-assign]
        body = {"messages": [{"role": "user", "content": "x"}], "stream": stream}
        done = serving.client(made).post("/v1/chat/completions", json=body)
        records = [json.loads(data) for _, data in serving.events(done.text) if data != "[DONE]"] if stream else [
            done.json()
        ]  # fmt: skip
        parts = [choice.get("delta", choice.get("message")) for record in records for choice in record["choices"]]
        text = "".join(part.get("content", "") for part in parts)
        assert "[1]" in text
        page = MarkdownIt().enable("table").render(text)
        soup = BeautifulSoup(page, "html.parser")
        assert not soup.find_all(["img", "a"]), page
        assert "[1] “![x](http://evil.example/?q=1)" in soup.get_text()
        bare = re.sub(r"\\([^\w\s])", r"\1", text).split("<!-- -->")
        assert not any(re.search(r"\w://|www\.|\w@\w", piece) for piece in bare)


def test_no_path_leaves_the_workspace(engine: Engine, tmp_path: Path) -> None:
    root = engine.session.workspace.root
    secret = root / "secret.txt"
    secret.write_text("the secret of the attic", encoding="utf-8")
    asking = serving.client(engine)
    climbs = ["../secret.txt", "..%2fsecret.txt", "%2e%2e%2fsecret.txt", "travel/../../secret.txt", "//secret.txt",
              str(secret), f"%2f{secret}", "..\\secret.txt", "lighthouse.md%00../secret.txt"]  # fmt: skip
    for prefix in ("/sources/", "/api/sources/", "/pages/1/", "/static/"):
        for climb in climbs:
            done = asking.get(prefix + climb)
            assert done.status_code in (404, 422), (prefix, climb)
            assert "attic" not in done.text


def test_the_key_reaches_no_client(engine: Engine, monkeypatch: pytest.MonkeyPatch, endpoint: Any) -> None:
    from qa.llm.chat import OpenAIChat

    key = "sk-very-secret-1234567890"
    endpoint.script(endpoint.error(401, f"Incorrect API key provided: {key}"), endpoint.error(500, key),
                    *[endpoint.error(500, key)] * 20)  # fmt: skip
    chat = OpenAIChat("m", endpoint.base_url, key, sleep=lambda _: None)
    made = Engine(engine.session, chat)
    made.start(build=False)
    asking = serving.client(made)
    texts = [asking.post("/api/ask", json=ASK).text for _ in range(2)]
    texts += [asking.post("/ask", data=ASK).text]
    texts += [asking.post(path, json=ASK | {"messages": [{"role": "user", "content": QUESTION}], "model": "m"},
                          headers={"Accept": "text/event-stream"}).text
              for path in ("/api/ask", "/v1/chat/completions")]  # fmt: skip
    texts += [asking.get(path).text for path in (*ROUTES, "/state")]
    assert endpoint.requests
    assert all(key not in text for text in texts)

"""What clients can do to `qa serve` by the way they connect and send, before anybody knows who they are: nothing."""

import asyncio
import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
import uvicorn
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from support import serving

from qa.serve import connections
from qa.serve.access import COOKIE, Access
from qa.serve.app import create_app
from qa.serve.engine import Engine
from qa.serve.guard import cookies
from qa.serve.limits import Limits
from qa.serve.server import configuration

TOKEN = "correct-horse-battery-staple"
HEAD = b"Host: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
BEGUN = b"POST /signin HTTP/1.1\r\n" + HEAD + b"Content-Length: 20\r\n\r\ntoken="
HEALTH = b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with serving.opened(serving.workspace(tmp_path_factory.mktemp("connections") / "work")) as made:
        yield made


def served(engine: Engine, limits: Limits | None = None) -> Engine:
    made = Engine(engine.session, None, limits)
    made._assistant = engine.assistant
    return made


Connect = Callable[..., socket.socket]


@pytest.fixture
def connect(engine: Engine, request: pytest.FixtureRequest) -> Iterator[Connect]:
    """Opens a connection, from an address of this machine, to a server with a token."""
    opened: list[socket.socket] = []
    with serving.running(served(engine), Access(token=TOKEN)) as address:
        host, _, port = address.removeprefix("http://").partition(":")

        def one(source: str = "127.0.0.1", room: int = 0) -> socket.socket:
            """room: bytes that may wait for the client to read them, 0 for as many as usual."""
            made = socket.socket()
            opened.append(made)
            if room:
                made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
            made.settimeout(30)
            made.bind((source, 0))
            made.connect((host, int(port)))
            return made

        yield one
        for connection in opened:
            connection.close()


def rest(connection: socket.socket) -> bytes:
    """Everything until the server closes the connection."""
    received = b""
    try:
        while data := connection.recv(65536):
            received += data
    except ConnectionResetError:
        pass
    return received


@pytest.mark.parametrize("sent", [b"", b"GET / HT", BEGUN], ids=["nothing", "half a head", "half a body"])
def test_a_request_that_does_not_arrive_ends_its_connection(
    monkeypatch: pytest.MonkeyPatch, connect: Connect, sent: bytes
) -> None:
    monkeypatch.setattr(connections, "RECEIVING", 0.3)
    slow = connect()
    slow.sendall(sent)
    assert rest(slow) == b""


def test_a_second_request_must_arrive_in_time_too(monkeypatch: pytest.MonkeyPatch, connect: Connect) -> None:
    monkeypatch.setattr(connections, "RECEIVING", 1.0)
    slow = connect()
    slow.sendall(b"GET /signin HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert slow.recv(15) == b"HTTP/1.1 200 OK"
    slow.sendall(b"GET /sig")
    assert rest(slow).count(b"HTTP/1.1") == 0


@pytest.mark.parametrize("sent", [b"", BEGUN], ids=["idle", "half a body"])
def test_connections_that_ask_nothing_keep_nobody_out(
    monkeypatch: pytest.MonkeyPatch, connect: Connect, sent: bytes
) -> None:
    monkeypatch.setattr(connections, "most_connections", lambda: 5)
    idle = [connect() for _ in range(20)]
    for one in idle[-5:]:
        one.sendall(sent)
    asking = connect()
    asking.sendall(b"GET /signin HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert rest(asking).startswith(b"HTTP/1.1 200 OK")
    assert rest(idle[0]) == b""


@pytest.fixture
def small_buffers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system takes little of an answer that nobody reads, as over a network."""
    made = connections.Connection.connection_made

    def small(self: connections.Connection, transport: asyncio.Transport) -> None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        made(self, transport)

    monkeypatch.setattr(connections.Connection, "connection_made", small)


STYLE = b"GET /static/page.css HTTP/1.1\r\nHost: localhost\r\n\r\n"
SIGNIN = b"GET /signin HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.mark.usefixtures("small_buffers")
@pytest.mark.parametrize("asked", [1, 2, 200])
def test_who_does_not_read_an_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch, connect: Connect, asked: int) -> None:
    monkeypatch.setattr(connections, "READING", 0.3)
    stuck = connect(room=2048)
    stuck.sendall(STYLE * asked)
    gone = threading.Event()
    lost = connections.Connection.connection_lost

    def told(self: connections.Connection, exc: Exception | None) -> None:
        lost(self, exc)
        gone.set()

    monkeypatch.setattr(connections.Connection, "connection_lost", told)
    assert gone.wait(30)
    assert rest(stuck).count(b"HTTP/1.1 200") <= 1  # of which a part was on its way


@pytest.mark.usefixtures("small_buffers")
def test_who_reads_slowly_gets_everything(monkeypatch: pytest.MonkeyPatch, connect: Connect) -> None:
    monkeypatch.setattr(connections, "READING", 0.3)
    monkeypatch.setattr(connections, "READ", 1000)
    slow = connect(room=2048)
    slow.sendall(STYLE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    received = b""
    while data := slow.recv(1500):
        received += data
        time.sleep(0.03)
    head, _, body = received.partition(b"\r\n\r\n")
    assert len(body) == int(re.search(rb"content-length: (\d+)", head)[1])  # type: ignore[index]


@pytest.mark.usefixtures("small_buffers")
def test_answers_that_nobody_reads_keep_nobody_out(monkeypatch: pytest.MonkeyPatch, connect: Connect) -> None:
    monkeypatch.setattr(connections, "most_connections", lambda: 5)
    stuck = [connect(room=2048) for _ in range(8)]
    for one in stuck[-5:]:
        one.sendall(STYLE * 200)
    for _ in range(6):
        asking = connect()
        asking.sendall(SIGNIN)
        assert rest(asking).startswith(b"HTTP/1.1 200 OK")


def test_a_body_that_is_none_is_no_bug(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    client = connect()
    client.sendall(b"GET /signin HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
    assert client.recv(100).startswith(b"HTTP/1.1 400 ")
    other = connect()
    other.sendall(HEALTH)
    assert other.recv(100)
    assert not caplog.records


def test_few_requests_are_taken_that_do_not_wait_for_an_answer(connect: Connect) -> None:
    one = connect()
    one.sendall(STYLE * 50)
    assert 1 < rest(one).count(b"HTTP/1.1 200 OK") <= 1 + connections.PIPELINED


def test_connections_of_one_address_displace_none_of_another(monkeypatch: pytest.MonkeyPatch, connect: Connect) -> None:
    monkeypatch.setattr(connections, "most_connections", lambda: 5)
    try:
        first = connect("127.0.0.2")
    except OSError:
        pytest.skip("this system has one loopback address only")
    many = [connect() for _ in range(12)]
    assert rest(many[0]) == b""
    first.sendall(SIGNIN)
    assert rest(first).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    ("address", "owner"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.7"),
        ("", ""),
    ],
)
def test_a_network_of_ipv6_counts_as_one_address(address: str, owner: str) -> None:
    assert connections._owner(address) == owner


def test_requests_that_are_being_answered_leave_connections_for_others(
    monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    monkeypatch.setattr("qa.serve.guard.most_connections", lambda: 4)
    entered, release = threading.Semaphore(0), threading.Event()
    made = served(engine)

    def slow() -> None:
        entered.release()
        release.wait(30)

    monkeypatch.setattr(made, "health", slow)
    with serving.running(made) as address, ThreadPoolExecutor(2) as pool:
        busy = [pool.submit(httpx2.get, f"{address}/state") for _ in range(2)]
        for _ in busy:
            assert entered.acquire(timeout=30)
        refused = httpx2.get(f"{address}/state")
        style = httpx2.get(f"{address}/static/page.css")
        release.set()
        assert (refused.status_code, "Retry-After" in refused.headers, style.status_code) == (429, True, 200)
        for one in busy:
            one.result(30)
        monkeypatch.undo()
        assert httpx2.get(f"{address}/state").status_code == 200  # those that ended count no more


async def waiting(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that takes for ever, but for one path. Requests with `let-in` in the path are let in."""
    if scope["type"] != "http":
        return
    if "let-in" in scope["path"]:
        scope[connections.LET_IN] = True
    if "slow" in scope["path"]:
        await asyncio.sleep(600)
    await Response("here")(scope, receive, send)


@pytest.mark.parametrize(
    ("sent", "gets_in"),
    [
        (b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n", True),
        (b"GET /slow/let-in HTTP/1.1\r\nHost: a\r\n\r\n", False),
        (b"GET /let-in HTTP/1.1\r\nHost: a\r\n\r\nGET /slow/let-in HTTP/1.1\r\nHost: a\r\n\r\n", True),
    ],
    ids=["from anybody", "from somebody who may ask", "before the answer to another"],
)
def test_only_who_may_ask_keeps_a_connection_while_the_answer_is_made(
    monkeypatch: pytest.MonkeyPatch, sent: bytes, gets_in: bool
) -> None:
    monkeypatch.setattr(connections, "most_connections", lambda: 3)
    listening = socket.create_server(("127.0.0.1", 0))
    config = configuration(waiting)
    config.timeout_graceful_shutdown = 0
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    with contextlib.ExitStack() as opened:
        opened.callback(listening.close)
        opened.callback(thread.join, 30)
        opened.callback(setattr, server, "should_exit", True)

        def connection() -> socket.socket:
            return opened.enter_context(socket.create_connection(listening.getsockname(), timeout=30))

        for _ in range(3):
            connection().sendall(sent)
        while sum("slow" in str(getattr(one, "scope", "")) for one in [*server.server_state.connections]) < 3:
            time.sleep(0.01)
        asking = connection()
        with contextlib.suppress(ConnectionError):
            asking.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert rest(asking).startswith(b"HTTP/1.1 200") is gets_in


LONG = b"x" * 20_000


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /state HTTP/1.1\r\nHost: localhost\r\nCookie: " + LONG, b"431"),
        (b"GET /static/page.css HTTP/1.1\r\nHost: localhost\r\n" + b"a: b\r\n" * 10_000 + b"c: d", b"431"),
        (b"GET /signin?next=/" + LONG + b" HTTP/1.1\r\nHost: localhost", b"414"),
        (b"GET /" + LONG + b" HTTP/1.1\r\nHost: localhost\r\nAccept: text/html", b"414"),
        (b"GET /?question=" + LONG + b" HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x", b"414"),
    ],
    ids=["cookie", "many fields", "sign in", "path", "wrong token"],
)
def test_somebody_without_the_token_sends_a_small_head(connect: Connect, head: bytes, status: bytes) -> None:
    one = connect()
    one.sendall(head + b"\r\nConnection: close\r\n\r\n")
    assert rest(one).startswith(b"HTTP/1.1 " + status)


def test_somebody_with_the_token_may_ask_a_long_question_in_an_address(connect: Connect) -> None:
    one = connect()
    head = b"GET /?question=" + LONG + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: qa_access="
    one.sendall(head + Access(token=TOKEN).cookie.encode() + b"\r\n")
    one.sendall(b"\r\n")
    assert rest(one).startswith(b"HTTP/1.1 200 OK")


def test_cookies_are_taken_as_they_are() -> None:
    """http.cookies unquotes them, in some versions of Python in quadratic time."""
    quoted = '"' + "\\\\" * 5 + '\\101"'
    found = cookies(Headers({"cookie": f"qa_visit=a-b_c; other={quoted}; ; bad name=1;=; {COOKIE} = deadbeef"}))
    assert (found["qa_visit"], found["other"], found[COOKIE]) == ("a-b_c", quoted, "deadbeef")


def test_a_name_that_is_none_of_ours_is_not_given_back(engine: Engine) -> None:
    asking = serving.client(served(engine))
    strange = '"' + "\\" * 500
    done = asking.post("/ask", data={"question": serving.QUESTION}, headers={"Cookie": f"qa_visit={strange}"})
    assert done.status_code == 303
    assert re.fullmatch(r"qa_visit=[\w-]{22}; .*", done.headers["set-cookie"])


def test_a_server_has_fewer_connections_than_files(engine: Engine) -> None:
    resource = pytest.importorskip("resource", reason="Windows has no such limit")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        assert connections.most_connections() == 128
        assert (
            configuration(create_app(engine, Access())).backlog <= 16
        )  # asyncio accepts so many before it asks how many there are
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"POST /api/ask HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: %d\r\n\r\n", b"400"),
        (b"POST /api/ask HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"401"),
        (b"POST /api/ask HTTP/1.1\r\nHost: evil.example\r\nTransfer-Encoding: chunked\r\n\r\n", b"421"),
        (b"POST /static/page.css HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"405"),
        (b"POST /signin HTTP/1.1\r\n" + HEAD + b"Content-Length: 900000\r\n\r\n", b"413"),
    ],
    ids=["two lengths", "no token", "another host", "another method", "too long"],
)
def test_what_follows_a_body_that_was_not_read_is_no_request(connect: Connect, head: bytes, status: bytes) -> None:
    body = b"0\r\n\r\n" + HEALTH
    one = connect()
    one.sendall((head % len(body) if b"%d" in head else head) + body)
    answer = rest(one)
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"connection: close" in answer.lower()


@pytest.mark.parametrize(("path", "status"), [("/api/ask", b"401"), ("/signin", b"413")])
def test_who_sends_too_much_reads_why(connect: Connect, path: str, status: bytes) -> None:
    one = connect()
    size = 3_000_000
    one.sendall(f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\n".encode() + b"x" * size)
    assert rest(one).startswith(b"HTTP/1.1 " + status)


def test_a_connection_goes_on_after_a_body_that_was_read(connect: Connect) -> None:
    sent = b"POST /signin HTTP/1.1\r\n" + HEAD + b"%sContent-Length: 7\r\n\r\ntoken=x"
    one = connect()
    one.sendall(sent % b"" + sent % b"Connection: close\r\n")
    assert rest(one).count(b"HTTP/1.1 401") == 2


def test_somebody_without_the_token_sends_little(engine: Engine) -> None:
    asking = serving.client(served(engine), Access(token=TOKEN))
    form = {"token": TOKEN, "next": "/" + "x" * 10_000}
    assert asking.post("/signin", data=form).status_code == 413

    def pieces() -> Iterator[bytes]:
        yield from [b"token=" + b"x" * 1000] * 9

    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert asking.post("/signin", content=pieces(), headers=headers).status_code == 413


def test_all_bodies_together_are_bounded_and_given_back(engine: Engine) -> None:
    asking = serving.client(served(engine, Limits(bodies=1000)))
    for _ in range(3):
        assert asking.post("/api/search", json={"query": "lighthouse" * 20}).status_code == 200
    done = asking.post("/api/search", json={"query": "lighthouse" * 200})
    assert (done.status_code, "Retry-After" in done.headers) == (429, True)


def test_who_leaves_in_the_middle_of_a_form_is_no_bug(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    one = connect()
    one.sendall(BEGUN)
    one.close()
    asking = connect()
    asking.sendall(b"GET /signin HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert rest(asking).startswith(b"HTTP/1.1 200 OK")
    assert not caplog.records

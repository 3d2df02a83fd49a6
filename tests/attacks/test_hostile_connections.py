"""What clients can do to `qa serve` by the way they connect and send, before anybody knows who they are: nothing."""

import socket
from collections.abc import Callable, Iterator

import pytest
from support import serving

from qa.serve import connections
from qa.serve.access import Access
from qa.serve.app import create_app
from qa.serve.engine import Engine
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


Connect = Callable[[], socket.socket]


@pytest.fixture
def connect(engine: Engine, request: pytest.FixtureRequest) -> Iterator[Connect]:
    """Opens a connection to a server with a token."""
    opened: list[socket.socket] = []
    with serving.running(served(engine), Access(token=TOKEN)) as address:
        host, _, port = address.removeprefix("http://").partition(":")

        def one() -> socket.socket:
            opened.append(socket.create_connection((host, int(port)), timeout=30))
            return opened[-1]

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

"""A scripted HTTP server on loopback that plays an OpenAI-compatible chat endpoint, well or badly."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    """A chat request as it arrived."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


Step = Callable[["_Handler", dict[str, Any]], None]


class Endpoint:
    """Plays the steps of its script, one a chat request; after the last it answers 500.

    models: what GET /v1/models lists; None for 404. requests: the chat requests so far. paths: every path asked for.
    """

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.models: list[str] | None = ["m"]
        self.requests: list[Received] = []
        self.paths: list[str] = []
        self.closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.endpoint = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def base_url(self) -> str:
        return f"http://{self.host}/v1"

    def script(self, *steps: Step) -> None:
        self.steps = list(steps)

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @staticmethod
    def answer(text: str, *, finish: str | None = "stop", piece: int = 8, tokens: int = 12, **message: Any) -> Step:
        """A good reply, streamed in pieces if the request says so.

        tokens: that it says the prompt has. message: further fields of it, such as refusal.
        """

        def step(handler: "_Handler", body: dict[str, Any]) -> None:
            usage = {"prompt_tokens": tokens, "completion_tokens": 5, "total_tokens": tokens + 5}
            if not body.get("stream"):
                choice = {
                    "index": 0,
                    "message": {"role": "assistant", "content": text, **message},
                    "finish_reason": finish,
                }
                handler.json(200, {"object": "chat.completion", "model": "m-2", "choices": [choice], "usage": usage})
                return
            handler.start_stream()
            pieces = [text[i : i + piece] for i in range(0, len(text), piece)]
            for delta in ({"role": "assistant", "content": ""}, *({"content": p} for p in pieces)):
                handler.event({"model": "m-2", "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
            if message:
                handler.event({"model": "m-2", "choices": [{"index": 0, "delta": message, "finish_reason": None}]})
            handler.event({"model": "m-2", "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
            if body.get("stream_options", {}).get("include_usage"):
                handler.event({"model": "m-2", "choices": [], "usage": usage})
            handler.end_stream()

        return step

    @staticmethod
    def error(status: int, message: str = "", headers: dict[str, str] | None = None, **fields: Any) -> Step:
        """An error in OpenAI's shape."""

        def step(handler: "_Handler", body: dict[str, Any]) -> None:
            handler.json(status, {"error": {"message": message, **fields}}, headers)

        return step

    @staticmethod
    def raw(
        data: bytes, kind: str = "application/json", status: int = 200, headers: dict[str, str] | None = None
    ) -> Step:
        """These bytes, whatever was asked."""
        return lambda handler, body: handler.reply(status, data, {"content-type": kind, **(headers or {})})

    @staticmethod
    def events(*lines: str, done: bool = True) -> Step:
        """A stream of these data lines."""

        def step(handler: "_Handler", body: dict[str, Any]) -> None:
            handler.start_stream()
            for line in lines:
                handler.block(f"data: {line}\n\n".encode())
            handler.end_stream(done)

        return step

    @staticmethod
    def dropped(text: str = "", finish: str | None = None) -> Step:
        """A connection that breaks in the middle: after `text` in a stream, else after half of the body."""

        def step(handler: "_Handler", body: dict[str, Any]) -> None:
            if body.get("stream"):
                handler.start_stream()
                if text:
                    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
                    handler.event({"model": "m-2", "choices": [choice]})
            else:
                handler.send_response(200)
                handler.send_header("content-type", "application/json")
                handler.send_header("content-length", "1000")
                handler.end_headers()
                handler.wfile.write(b'{"choices": [')
            handler.reset()

        return step

    def hang(self) -> Step:
        """No byte until the test is over."""

        def step(handler: "_Handler", body: dict[str, Any]) -> None:
            self.closing.wait(20)
            handler.close_connection = True

        return step

    def drip(self, data: bytes, pause: float = 0.02) -> Step:
        """A byte from time to time, for ever."""

        def step(handler: "_Handler", body: dict[str, Any]) -> None:
            handler.start_stream()
            try:
                while not self.closing.wait(pause):
                    handler.block(data)
            except OSError:
                handler.close_connection = True

        return step


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    endpoint: Endpoint

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is part of the play."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        endpoint = self.server.endpoint
        endpoint.paths.append(self.path)
        if self.path == "/v1/models" and endpoint.models is not None:
            self.json(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in endpoint.models]})
        else:
            self.json(404, {"error": {"message": "not here"}})

    def do_POST(self) -> None:
        endpoint = self.server.endpoint
        endpoint.paths.append(self.path)
        body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))))
        if self.path != "/v1/chat/completions":
            self.reply(404, b"404 page not found", {"content-type": "text/plain"})
            return
        endpoint.requests.append(Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        step = endpoint.steps.pop(0) if endpoint.steps else Endpoint.error(500, "the script has ended")
        step(self, body)

    def reply(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def json(self, status: int, value: object, headers: dict[str, str] | None = None) -> None:
        self.reply(status, json.dumps(value).encode(), {"content-type": "application/json", **(headers or {})})

    def start_stream(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def block(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def event(self, value: object) -> None:
        self.block(f"data: {json.dumps(value)}\n\n".encode())

    def end_stream(self, done: bool = True) -> None:
        if done:
            self.block(b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def reset(self) -> None:
        """Close without a farewell."""
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True


def serving() -> Iterator[Endpoint]:
    """For a fixture."""
    endpoint = Endpoint()
    yield endpoint
    endpoint.close()

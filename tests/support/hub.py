"""A model hub on loopback: what `qa models add` asks of one, well or badly behaved."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

REVISION = "0123456789abcdef0123456789abcdef01234567"
LARGE = (".safetensors", ".model")  # kept in LFS, as on the hub: known by SHA-256; the others by their git blob


class Hub:
    """Serves models, each a mapping of file names to contents.

    break_after: bytes after which each answer with a file breaks off, None for whole answers. breaks: how many do.
    corrupt: names of files that arrive with one byte changed. ignores_range: sends files from their start always.
    status: answers everything with it. answer: what it says to every question, if anything. asked: paths, and the Range
    header of each, in order. authorized: every Authorization header that came.
    """

    def __init__(self) -> None:
        self.models: dict[str, dict[str, bytes]] = {}
        self.extra: dict[str, list[dict[str, Any]]] = {}
        self.break_after: int | None = None
        self.breaks = 0
        self.corrupt: set[str] = set()
        self.ignores_range = False
        self.status = 0
        self.answer = b""
        self.asked: list[tuple[str, str]] = []
        self.authorized: set[str] = set()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.hub = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def serve_folder(self, name: str, folder: Path) -> None:
        files = (path for path in folder.rglob("*") if path.is_file())
        self.models[name] = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}

    def requests_of(self, file: str) -> list[str]:
        """The Range headers with which a file was asked for."""
        return [sent for path, sent in self.asked if path.endswith(f"/{file}")]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def serving() -> Iterator[Hub]:
    hub = Hub()
    try:
        yield hub
    finally:
        hub.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    hub: Hub


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *parts: object) -> None:
        pass

    def do_GET(self) -> None:
        hub = self.server.hub
        hub.asked.append((self.path, self.headers.get("Range", "")))
        hub.authorized.add(self.headers.get("Authorization", ""))
        if hub.status:
            self._send(hub.status, b"{}")
        elif hub.answer:
            self._send(200, hub.answer)
        elif found := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/revision/(\w+))?\?.*", self.path):
            self._describe(found[1], found[2])
        elif found := re.fullmatch(r"/([^/]+/[^/]+)/resolve/(\w+)/(.+)", self.path):
            self._file(hub.models[found[1]][found[3]], found[3])
        else:
            self._send(404, b"{}")

    def _describe(self, name: str, revision: str | None) -> None:
        hub = self.server.hub
        if name not in hub.models:
            self._send(404, b'{"error": "Repository not found"}', {"X-Error-Code": "RepoNotFound"})
            return
        siblings = [_sibling(path, data) for path, data in sorted(hub.models[name].items())]
        siblings += hub.extra.get(name, [])
        about = {"id": name, "sha": revision or REVISION, "siblings": siblings, "cardData": {"license": "mit"}}
        self._send(200, json.dumps(about).encode())

    def _file(self, data: bytes, path: str) -> None:
        hub = self.server.hub
        if path in hub.corrupt:
            data = data[:-1] + bytes([data[-1] ^ 1])
        sent = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(sent[1]) if sent and not hub.ignores_range else 0
        if start > len(data):
            self._send(416, b"")
            return
        whole = data[start:]
        part = whole
        if hub.break_after is not None and hub.breaks > 0 and len(whole) > hub.break_after:
            hub.breaks -= 1
            part = whole[: hub.break_after]
        self._send(206 if start else 200, part, size=len(whole))
        if part is not whole:
            self.close_connection = True

    def _send(
        self, status: int, data: bytes, headers: Mapping[str, str] | None = None, size: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data) if size is None else size))
        self.end_headers()
        self.wfile.write(data)


def _sibling(path: str, data: bytes) -> dict[str, Any]:
    blob = hashlib.sha1(f"blob {len(data)}\0".encode() + data, usedforsecurity=False).hexdigest()
    about: dict[str, Any] = {"rfilename": path, "size": len(data), "blobId": blob}
    if path.endswith(LARGE):
        about["lfs"] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "pointerSize": 130}
    return about

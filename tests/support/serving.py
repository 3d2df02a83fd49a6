"""A small workspace that is served: an engine without an embedding model, and a client that speaks to it."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.testclient import TestClient

from qa.retrieve.retriever import Retriever
from qa.serve.access import Access
from qa.serve.app import create_app
from qa.serve.engine import Engine
from qa.serve.limits import Limits
from qa.serve.server import configuration
from qa.session import Session
from qa.testing import HashEncoder

__all__ = ["EVIL", "LIGHTHOUSE", "QUESTION", "client", "engine", "events", "opened", "running", "said", "workspace"]

QUESTION = "Who built the lighthouse of Marrow Point?"
LIGHTHOUSE = (
    "# Notes from the north\n\n## Marrow Point\n\n"
    "Marrow Point is a cape in the far north. "
    "The lighthouse of Marrow Point was built in 1871 by Edith Lanning. "
    "Its lamp can be seen from nineteen miles away.\n\n"
    "| Boat | Price |\n|---|---|\n| Ferry to Marrow Point | 14 crowns |\n| Night boat | 20 crowns |\n"
)
EVIL = (
    "The keeper wrote <script>alert(1)</script> and <img src=x onerror=alert(2)> on the wall of the mill at Dunmore. "
    "His \u202egnp.exe was never found at the mill of Dunmore.\n"
)


def workspace(root: Path) -> Path:
    """A workspace with two documents and no index."""
    (root / "seeds" / "travel").mkdir(parents=True)
    (root / "seeds" / "lighthouse.md").write_text(LIGHTHOUSE, encoding="utf-8")
    (root / "seeds" / "travel" / "evil & <b>.txt").write_text(EVIL, encoding="utf-8")
    (root / "qa.toml").write_text("threshold = 0.0\n", encoding="utf-8")
    return root


def engine(root: Path, chat: Any = None, limits: Limits | None = None, build: bool = True) -> Engine:
    """An engine over the workspace, started. build: with an index; else it builds one when it starts."""
    session = Session.open(root)
    if build:
        encoder = HashEncoder()
        session._retriever = Retriever.build(root / "seeds", root / "index", encoder=encoder)
    made = Engine(session, chat, limits)
    made.start(build=not build)
    return made


@contextmanager
def opened(root: Path) -> Iterator[Engine]:
    """An engine over the workspace, closed at the end with its session."""
    made = engine(root)
    try:
        yield made
    finally:
        made.close()
        made.session.close()


def client(made: Engine, access: Access | None = None, host: str = "localhost") -> TestClient:
    """A client on this machine; what it cannot handle is a response, not an exception."""
    app = create_app(made, access or Access())
    return TestClient(app, base_url=f"http://{host}:8765", raise_server_exceptions=False, follow_redirects=False)


def said(request: Any) -> dict[str, Any]:
    """What a model says that points at the sentence about Edith Lanning, under whatever number the prompt gives it."""
    prompt = request.messages[-1].content
    number = re.search(r"\[?(\w+)\]?[^\n]*built in 1871", prompt)
    assert number, prompt
    return {"statements": [{"evidence": [number[1]], "text": "The lighthouse was built in 1871 by Edith Lanning."}]}


@contextmanager
def running(made: Engine, access: Access | None = None) -> Iterator[str]:
    """A real server on a free port of this machine, in a thread; its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(configuration(create_app(made, access or Access())))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)
        listening.close()


def events(text: str) -> list[tuple[str, str]]:
    """Server-sent events: the name and the data of each, read as the standard says."""
    found = []
    for block in text.split("\n\n"):
        fields = [line.partition(": ") for line in block.splitlines() if not line.startswith(":")]
        data = "\n".join(value for name, _, value in fields if name == "data")
        if data:
            found.append((next((value for name, _, value in fields if name == "event"), "message"), data))
    return found

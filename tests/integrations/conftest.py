"""One small index for the tests of all frameworks, and a model that points at sentences."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import qa
from qa.testing import FakeChat, HashEncoder

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"  # read when haystack is imported
os.environ["HAYSTACK_DESERIALIZATION_ALLOWLIST"] = "qa.integrations.haystack"
os.environ["LANGSMITH_TRACING"] = "false"

TEXTS = {
    "letter.txt": (
        "The harbour letter\n\n"
        "On Monday, 17 former captains signed a letter to Mayor Ann Marlow. "
        "The letter asks her to close the old harbour. "
        "“A closure cannot come soon enough,” captain Joe Brandt wrote.\n"
    ),
    "ferry.md": (
        "---\ntitle: The ferry\npublished: 2024-05-01\n---\n\n# The ferry 🙂\n\n"
        "The ferry to Marrow Point leaves twice a day.\n\n"
        "## Tickets\n\n| Passenger | Price |\n|---|---|\n| Adult | 14 crowns |\n| Child | 6 crowns |\n"
    ),
    "boats.txt": (
        "Boats\n\nThe red boat costs 5 crowns.\n\nThe blue boat costs 6 crowns.\n\nThe green boat costs 7 crowns.\n"
    ),
}


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an index of TEXTS, made with HashEncoder."""
    root = tmp_path_factory.mktemp("integrations")
    (root / "seeds").mkdir()
    for name, text in TEXTS.items():
        (root / "seeds" / name).write_text(text, encoding="utf-8")
    qa.Retriever.build(root / "seeds", root / "index", encoder=HashEncoder()).close()
    return root / "index"


@pytest.fixture
def retriever(index: Path) -> Iterator[qa.Retriever]:
    with qa.Retriever.open(index, encoder=HashEncoder()) as opened:
        yield opened


@pytest.fixture
def assistant(retriever: qa.Retriever) -> Callable[..., qa.Assistant]:
    """Makes an assistant whose model says one statement and points at the sentence that holds the given words; without
    arguments it finds nothing to say.
    """

    def make(words: str = "", statement: str = "") -> qa.Assistant:
        def reply(request: Any) -> dict[str, object]:
            sentences = re.findall(r"^\[(s\d+)\] (.*)$", request.messages[1].content, re.M)
            ids = [name for name, text in sentences if words in text]
            return {"statements": [{"evidence": ids[:1], "text": statement}] if statement else []}

        return qa.Assistant(retriever, FakeChat(reply), threshold=0.0 if statement else 1.1, floor=0.0)

    return make


@pytest.fixture
def checked(retriever: qa.Retriever) -> Callable[[str, dict[str, Any]], None]:
    """Asserts that a text and its metadata are what the source says."""

    def check(text: str, metadata: dict[str, Any]) -> None:
        document = retriever.document(metadata["source"])
        assert text == document.text[metadata["start"] : metadata["end"]]
        assert metadata["line"] == document.text.count("\n", 0, metadata["start"]) + 1
        assert (metadata["sha256"], metadata["title"], metadata["page"]) == (document.sha256, document.title, None)
        for piece in metadata["context"]:
            assert piece["text"] == document.text[piece["start"] : piece["end"]]
            assert piece["text"] in metadata["context_text"]

    return check


@pytest.fixture
def no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers come from `aask`, which can be cancelled, or not at all."""

    def ask(*given: Any) -> None:
        raise AssertionError("asked in a thread")

    monkeypatch.setattr(qa.Assistant, "ask", ask)

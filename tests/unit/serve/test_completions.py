"""OpenAI's own client asks, streaming and not, and finds what it expects."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from support import serving
from support.serving import QUESTION, said

from qa.errors import ContextTooLongError, EndpointError
from qa.testing import FakeChat

ASKED = {"model": "any", "messages": [{"role": "user", "content": QUESTION}]}


@pytest.fixture(scope="module")
def openai_client(root: Path) -> Iterator[Any]:
    """The client over a real connection, to a server in a thread."""
    openai = pytest.importorskip("openai")
    with (
        serving.running(serving.engine(root, FakeChat(said))) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key="unused", max_retries=0) as client,
    ):
        yield client


def test_the_client_gets_an_answer_with_citations(openai_client: Any) -> None:
    done = openai_client.chat.completions.create(**ASKED)
    (choice,) = done.choices
    text = choice.message.content
    assert choice.finish_reason == "stop"
    first, _, notes = text.partition("\n\n")
    assert first.startswith("The lighthouse was built in 1871 by Edith Lanning. [1]")
    assert notes == "[1] “The lighthouse of Marrow Point was built in 1871 by Edith Lanning.” (lighthouse.md, line 5)"
    (found,) = choice.message.annotations
    citation = found.url_citation
    assert (found.type, text[citation.start_index : citation.end_index]) == ("url_citation", "[1]")
    assert "/sources/lighthouse.md?start=" in citation.url
    assert done.qa["schema"] == 1
    assert done.usage.total_tokens == done.usage.prompt_tokens + done.usage.completion_tokens


def test_the_client_streams_the_same_text(openai_client: Any) -> None:
    whole = openai_client.chat.completions.create(**ASKED).choices[0].message.content
    pieces = list(openai_client.chat.completions.create(**ASKED, stream=True, stream_options={"include_usage": True}))
    text = "".join(piece.choices[0].delta.content or "" for piece in pieces if piece.choices)
    assert text == whole
    assert pieces[-2].choices[0].finish_reason == "stop"
    assert pieces[-1].usage is not None
    assert len({piece.id for piece in pieces}) == 1


def test_the_client_lists_models(openai_client: Any) -> None:
    assert [model.id for model in openai_client.models.list()] == ["qa"]


def test_the_client_raises_for_a_wrong_request(openai_client: Any) -> None:
    import openai

    with pytest.raises(openai.UnprocessableEntityError, match="the question is empty"):
        openai_client.chat.completions.create(model="qa", messages=[{"role": "system", "content": "be nice"}])


def test_only_the_last_message_of_the_user_is_asked_and_parts_are_joined(client: TestClient) -> None:
    parts = [{"type": "text", "text": QUESTION}, {"type": "image_url", "image_url": {"url": "data:,"}}]
    messages = [{"role": "user", "content": "Something else?"}, {"role": "assistant", "content": None},
                {"role": "user", "content": parts}]  # fmt: skip
    done = client.post("/v1/chat/completions", json={"messages": messages, "temperature": 1}).json()
    assert done["qa"]["question"] == QUESTION


def test_a_refusal_says_so_and_shows_what_comes_closest(root: Path) -> None:
    made = serving.engine(root)
    made.assistant.threshold = 1.1
    done = serving.client(made).post("/v1/chat/completions", json=ASKED).json()
    text = done["choices"][0]["message"]["content"]
    assert text.startswith("The sources may not say this.\n\nWhat comes closest:\n\n[1] “")
    assert done["qa"]["status"] == "abstained"


def test_a_model_that_fails_is_an_error_in_a_stream_too(root: Path) -> None:
    asking = serving.client(serving.engine(root, FakeChat(lambda _: EndpointError("it is down"))))
    done = asking.post("/v1/chat/completions", json=ASKED)
    assert (done.status_code, done.json()["error"]["message"]) == (502, "it is down")
    streamed = [
        data for _, data in serving.events(asking.post("/v1/chat/completions", json=ASKED | {"stream": True}).text)
    ]
    assert json.loads(streamed[-1])["error"]["message"] == "it is down"
    assert "[DONE]" not in streamed


def test_a_statement_that_is_not_supported_is_marked(root: Path) -> None:
    def wrong(request: Any) -> dict[str, Any]:
        right = said(request)
        return {"statements": [*right["statements"], {**right["statements"][0], "text": "It was built in 1872."}]}

    done = serving.client(serving.engine(root, FakeChat(wrong))).post("/v1/chat/completions", json=ASKED).json()
    assert "\n\nNOT SUPPORTED: It was built in 1872. [1]\n- " in done["choices"][0]["message"]["content"]


def test_a_stream_that_starts_again_says_that_the_above_is_void(root: Path) -> None:
    asked = threading.Event()

    def first_too_long(request: Any) -> Any:
        if asked.is_set():
            return said(request)
        asked.set()
        return ContextTooLongError("too long")

    made = serving.engine(root, FakeChat(first_too_long))
    text = serving.client(made).post("/v1/chat/completions", json=ASKED | {"stream": True}).text
    assert "built in 1871" in text

"""OpenAI's own client asks, streaming and not, and finds what it expects."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from support import serving
from support.serving import QUESTION, said

from qa.answer.events import Done, Restarted, Stated
from qa.errors import EndpointError
from qa.lines import RESTARTED, WITHDRAWN
from qa.records import Answer, Quote, Statement
from qa.testing import FakeChat
from qa.text import in_markdown

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


def quote(n: int, start: int, words: str) -> Quote:
    return Quote(n, "a.txt", start, start + len(words), words, 1, None, "A", "0" * 64)


def made_answer(mode: str, quotes: tuple[Quote, ...], **changes: Any) -> Answer:
    index = {"generation": "g", "model": "m"}
    statements = tuple(Statement(one.text, (one.n,)) for one in quotes)
    plain = Answer("q", "answered", None, "quotes", statements, (), quotes, (), 0.5, "m", "0", index, {}, {})
    return replace(plain, mode=mode, **changes)


def streamed(root: Path, *events: Any) -> tuple[str, list[Any]]:
    """The text that a stream with these events comes to, and its citations."""
    made = serving.engine(root)

    async def stream(*_: Any) -> Any:
        for event in events:
            yield event

    made.stream = stream  # type: ignore[method-assign]
    told = serving.client(made).post("/v1/chat/completions", json=ASKED | {"stream": True}).text
    pieces = [json.loads(data) for _, data in serving.events(told) if data != "[DONE]"]
    deltas = [choice["delta"] for one in pieces for choice in one["choices"]]
    cited = [note["url_citation"] for delta in deltas for note in delta.get("annotations", ())]
    return "".join(delta.get("content", "") for delta in deltas), cited


OLD, NEW = quote(1, 0, "the old words"), quote(1, 50, "the new words")
SAID = Statement("It says so.", (1,))


def test_a_stream_that_starts_again_cites_the_quotes_of_the_new_attempt_only(root: Path) -> None:
    answer = made_answer("llm", (NEW,), statements=(SAID,))
    text, cited = streamed(root, Stated(SAID, (OLD,)), Restarted(), Stated(SAID, (NEW,)), Done(answer))
    (citation,) = cited
    assert citation["url"].endswith("/sources/a.txt?start=50&end=63")
    assert text[citation["start_index"] : citation["end_index"]] == "[1]"
    assert citation["start_index"] > text.index(RESTARTED)


def test_statements_that_gave_way_to_quotes_do_not_count(root: Path) -> None:
    second = quote(2, 90, "more words")
    answer = made_answer("quotes", (NEW, second), rejected=(SAID,))
    text, cited = streamed(root, Stated(SAID, (OLD,)), Done(answer))
    after = text.partition(WITHDRAWN)[2]
    assert [note["url"].partition("?")[2] for note in cited] == ["start=50&end=63", "start=90&end=100"]
    assert [text[note["start_index"] : note["end_index"]] for note in cited] == ["[1]", "[2]"]
    assert after.endswith("\n\n[1] “the new words” (a.txt, line 1)\n[2] “more words” (a.txt, line 1)")


def test_statements_that_gave_way_to_a_refusal_do_not_count(root: Path) -> None:
    answer = made_answer("llm", (), status="abstained", reason="unsupported", closest=(NEW,), rejected=(SAID,))
    text, cited = streamed(root, Stated(SAID, (OLD,)), Done(answer))
    assert cited == []
    assert f"{WITHDRAWN}\n\nNo answer: the sources support nothing" in text


def test_an_answer_of_quotes_has_each_text_once_and_cites_it(client: TestClient) -> None:
    done = client.post("/v1/chat/completions", json=ASKED).json()
    message = done["choices"][0]["message"]
    assert message["content"].startswith("[1] “")
    for number, found in enumerate(done["qa"]["quotes"]):
        assert message["content"].count(in_markdown(found["text"])) == 1
        note = message["annotations"][number]["url_citation"]
        assert message["content"][note["start_index"] : note["end_index"]] == f"[{found['n']}]"


def test_parts_of_a_question_that_are_not_answered_are_named(root: Path) -> None:
    text, _ = streamed(root, Done(made_answer("quotes", (NEW,), missing=("Who painted it?",))))
    assert text.endswith("\n\nThe sources may not say: Who painted it?")

"""A real model behind the real client: llama.cpp in this process with the weights of SmolLM2-135M.

The model is far too small to answer well; what is tested is the wire. The weights come from QA_SMOLLM2 (a path), or
from `python tests/fetch_smollm2.py`.
"""

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from platformdirs import user_cache_path

from qa.answer.gguf import GgufChat, GgufServer
from qa.answer.llm import ChatRequest, Message, OpenAIChat
from qa.answer.parse import Incremental, answer_schema, parse
from qa.errors import BadReplyError, ContextTooLongError, KeyRefusedError, LocalModelError

NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
WEIGHTS = Path(os.environ.get("QA_SMOLLM2") or user_cache_path("qa") / "tests" / NAME)
needs_weights = pytest.mark.skipif(
    not WEIGHTS.exists(), reason=f"no model at {WEIGHTS}: run `python tests/fetch_smollm2.py`, or set QA_SMOLLM2"
)
IDS = ("s1", "s2")
ASK = ChatRequest(
    (
        Message(
            "system", "Answer in JSON from the sentences. Point at the ids of the sentences that state the answer."
        ),
        Message(
            "user", "[s1] The lighthouse was built in 1871.\n[s2] Its lamp is red.\n\nWhen was the lighthouse built?"
        ),
    ),
    schema=answer_schema(IDS),
    max_tokens=120,
)


@pytest.fixture(scope="module")
def chat() -> Iterator[GgufChat]:
    pytest.importorskip("xllamacpp", reason="needs the extra `local`")
    with GgufChat(WEIGHTS, context=1024, threads=1) as chat:
        yield chat


@needs_weights
def test_the_answer_keeps_to_the_schema_and_streams_as_it_is(chat: GgufChat) -> None:
    whole = chat.complete(ASK)
    pieces: list[str] = []
    streamed = chat.complete(ASK, lambda text, number: pieces.append(text))
    assert whole.mode == streamed.mode == "schema"
    assert whole.model == "SmolLM2-135M-Instruct.Q4_1"
    assert "".join(pieces) == streamed.text == whole.text  # temperature 0 and a seed
    assert len(pieces) > 5
    assert whole.usage["prompt_tokens"] > 20
    assert whole.usage["completion_tokens"] == streamed.usage["completion_tokens"] > 5
    if whole.finish == "stop":
        assert set(json.loads(whole.text)) == {"statements"}


@needs_weights
def test_whatever_it_says_no_id_is_invented(chat: GgufChat) -> None:
    reader = Incremental(IDS)
    reply = chat.complete(ASK, lambda text, number: reader.feed(text) and None)
    try:
        parsed = reader.finish(cut=reply.finish == "length")
    except BadReplyError:
        return
    assert parsed == parse(reply.text, IDS, cut=reply.finish == "length")
    for claim in parsed.statements:
        assert set(claim.ids) <= set(IDS)


@needs_weights
def test_an_answer_can_be_plain_text(chat: GgufChat) -> None:
    reply = chat.complete(ChatRequest((Message("user", "Say hello."),), max_tokens=8))
    assert reply.mode == "text"
    assert reply.text.strip()
    assert reply.finish == "length"


@needs_weights
def test_a_prompt_that_is_too_long_says_how_much_fits(chat: GgufChat) -> None:
    with pytest.raises(ContextTooLongError) as caught:
        chat.complete(ChatRequest((Message("user", "lamp " * 2000),)))
    assert caught.value.limit == 1024


@needs_weights
def test_the_server_listens_on_loopback_with_a_key_and_stops() -> None:
    pytest.importorskip("xllamacpp", reason="needs the extra `local`")
    with GgufServer(WEIGHTS, context=256, threads=1) as server:
        host, port = server.base_url.removeprefix("http://").removesuffix("/v1").split(":")
        assert host == "127.0.0.1"
        with OpenAIChat("m", server.base_url, "wrong-key") as other, pytest.raises(KeyRefusedError):
            other.complete(ChatRequest((Message("user", "Hello"),)))
        with OpenAIChat("m", server.base_url, server.api_key) as mine:
            assert mine.models() == ("SmolLM2-135M-Instruct.Q4_1",)
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection(host, int(port), timeout=5).request("GET", "/health")


@needs_weights
def test_nothing_is_written_to_the_terminal_and_the_process_ends(chat: GgufChat) -> None:
    code = (
        "from qa.answer.gguf import GgufChat; from qa.answer.llm import ChatRequest, Message\n"
        f"chat = GgufChat({str(WEIGHTS)!r}, context=256, threads=1)\n"
        "chat.complete(ChatRequest((Message('user', 'Hi'),), max_tokens=4))\n"  # not closed
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@needs_weights
def test_a_file_that_is_cut_off_is_an_error(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp", reason="needs the extra `local`")
    cut = tmp_path / "cut.gguf"
    with WEIGHTS.open("rb") as file:
        cut.write_bytes(file.read(100_000))
    with pytest.raises(LocalModelError, match=r"cannot load .*cut\.gguf"):
        GgufChat(cut).complete(ASK)


def test_a_file_that_is_not_there_or_no_model_is_an_error(tmp_path: Path) -> None:
    text = tmp_path / "text.gguf"
    text.write_text("not a model")
    for path, words in (
        (tmp_path / "none.gguf", "no model file"),
        (text, "not a GGUF file"),
        (tmp_path, "cannot be read"),
    ):
        with pytest.raises(LocalModelError, match=words):
            GgufChat(path).complete(ASK)


def test_a_missing_package_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tmp_path / "model.gguf"
    model.write_bytes(b"GGUF")
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(LocalModelError, match=r"quoteqa\[local\]"):
        GgufChat(model).complete(ASK)

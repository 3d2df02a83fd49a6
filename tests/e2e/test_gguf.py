"""A real model behind the real client: llama.cpp in this process with the weights of SmolLM2-135M.

The model is far too small to answer well; what is tested is the wire. The weights come from QA_SMOLLM2 (a path), or
from `make fetch-test-model`.
"""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from platformdirs import user_cache_path

from qa.answer.parse import Incremental, answer_schema, parse
from qa.errors import BadReplyError, ContextTooLongError, KeyRefusedError, LocalModelError
from qa.llm.chat import OpenAIChat
from qa.llm.gguf import GgufChat, GgufServer
from qa.llm.protocol import ChatRequest, Message, complete
from qa.modelfiles import content

NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
WEIGHTS = Path(os.environ.get("QA_SMOLLM2") or user_cache_path("qa") / "tests" / NAME)
needs_weights = pytest.mark.skipif(
    not WEIGHTS.exists(), reason=f"no model at {WEIGHTS}: run `make fetch-test-model`, or set QA_SMOLLM2"
)
WHO = "Who built the lighthouse of Marrow Point?"
Run = Callable[..., Any]
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
    whole = complete(chat, ASK)
    *deltas, streamed = chat.stream(ASK)
    pieces = [delta.text for delta in deltas]
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
    *deltas, reply = chat.stream(ASK)
    for delta in deltas:
        reader.feed(delta.text)
    try:
        parsed = reader.finish(cut=reply.finish == "length")
    except BadReplyError:
        return
    assert parsed == parse(reply.text, IDS, cut=reply.finish == "length")
    for claim in parsed.statements:
        assert set(claim.ids) <= set(IDS)


@needs_weights
def test_an_answer_can_be_plain_text(chat: GgufChat) -> None:
    reply = complete(chat, ChatRequest((Message("user", "Say hello."),), max_tokens=8))
    assert reply.mode == "text"
    assert reply.text.strip()
    assert reply.finish == "length"


@needs_weights
def test_a_prompt_that_is_too_long_says_how_much_fits(chat: GgufChat) -> None:
    with pytest.raises(ContextTooLongError) as caught:
        complete(chat, ChatRequest((Message("user", "lamp " * 2000),)))
    assert caught.value.limit == 1024


@needs_weights
def test_the_server_listens_on_loopback_with_a_key_and_stops() -> None:
    pytest.importorskip("xllamacpp", reason="needs the extra `local`")
    with GgufServer(WEIGHTS, context=256, threads=1) as server:
        host, port = server.base_url.removeprefix("http://").removesuffix("/v1").split(":")
        assert host == "127.0.0.1"
        with OpenAIChat("m", server.base_url, "wrong-key") as other, pytest.raises(KeyRefusedError):
            complete(other, ChatRequest((Message("user", "Hello"),)))
        with OpenAIChat("m", server.base_url, server.api_key) as mine:
            assert mine.models() == ("SmolLM2-135M-Instruct.Q4_1",)
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection(host, int(port), timeout=5).request("GET", "/health")


@needs_weights
def test_nothing_is_written_to_the_terminal_and_the_process_ends(chat: GgufChat) -> None:
    code = (
        "from qa.llm.gguf import GgufChat; from qa.llm.protocol import ChatRequest, Message, complete\n"
        f"chat = GgufChat({str(WEIGHTS)!r}, context=256, threads=1)\n"
        "complete(chat, ChatRequest((Message('user', 'Hi'),), max_tokens=4))\n"  # not closed
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
        complete(GgufChat(cut), ASK)


def test_a_file_that_is_not_there_or_no_model_is_an_error(tmp_path: Path) -> None:
    text = tmp_path / "text.gguf"
    text.write_text("not a model")
    for path, words in (
        (tmp_path / "none.gguf", "no model file"),
        (text, "not a GGUF file"),
        (tmp_path, "cannot be read"),
    ):
        with pytest.raises(LocalModelError, match=words):
            complete(GgufChat(path), ASK)


def test_a_missing_package_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tmp_path / "model.gguf"
    model.write_bytes(b"GGUF")
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(LocalModelError, match=r"quoteqa\[local\]"):
        complete(GgufChat(model), ASK)


@needs_weights
def test_the_promises_hold_whatever_it_answers(installed: Run, indexed: Path) -> None:
    pytest.importorskip("xllamacpp", reason="needs the extra `local`")
    done = installed("ask", "--json", "--model", f"gguf:{WEIGHTS}", WHO, cwd=indexed, code=None)
    assert done.stderr.splitlines()[0] == f"qa: asking {WEIGHTS.stem} on this machine; nothing is sent anywhere"
    if done.returncode == 1:  # it may write no readable answer
        assert done.stdout == ""
        return
    answer = json.loads(done.stdout)
    assert answer["model"] == WEIGHTS.stem
    assert answer["usage"]["prompt_tokens"] > 100
    for quote in answer["quotes"]:
        text = (indexed / "seeds" / quote["source"]).read_text(encoding="utf-8")
        assert text[quote["start"] : quote["end"]] == quote["text"]
    for statement in answer["statements"]:
        assert (statement["verdict"] == "supported") != bool(statement["problems"])
        assert statement["quotes"] or statement["verdict"] == "unsupported"
    assert done.returncode == (0 if answer["status"] == "answered" else 3)


@needs_weights
def test_the_doctor_asks_it(installed: Run, indexed: Path) -> None:
    pytest.importorskip("xllamacpp", reason="needs the extra `local`")
    done = installed("doctor", "--json", "--model", f"gguf:{WEIGHTS}", cwd=indexed, code=None)
    found = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert {"endpoint", "key"}.isdisjoint(found)
    assert found["model"]["state"] == "ok"
    assert found["question"]["state"] in ("ok", "failed")  # failed: it wrote nothing readable


@needs_weights
@pytest.mark.parametrize("seconds", [0.3, 3.0], ids=["while it is loaded", "while it writes"])
def test_ctrl_c_ends_in_one_line_and_130(
    environment: dict[str, str], indexed: Path, seconds: float, heed_ctrl_c: Callable[[], None]
) -> None:
    pytest.importorskip("xllamacpp", reason="needs the extra `local`")
    command = [str(Path(sys.executable).with_name("qa")), "ask", "--model", f"gguf:{WEIGHTS}", WHO]
    process = subprocess.Popen(
        command, cwd=indexed, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=heed_ctrl_c
    )
    assert process.stderr is not None
    assert b"on this machine" in process.stderr.readline()
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    if process.returncode != 130:  # it was quicker
        assert process.returncode in (0, 1, 3)
        return
    assert (out, err) == (b"", b"qa: interrupted\n")


@needs_weights
def test_a_trusted_file_is_loaded_and_another_one_in_its_place_is_not(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp", reason="needs the extra `local`")
    file = tmp_path / "m.gguf"
    shutil.copy(WEIGHTS, file)
    trusted = {file: content(file)}
    with GgufServer(file, context=512, threads=1, trusted=trusted) as server:
        assert server.base_url
    file.unlink()
    file.write_bytes(WEIGHTS.read_bytes() + b"\0")
    with pytest.raises(LocalModelError, match="has changed since qa trust"):
        GgufServer(file, context=512, threads=1, trusted=trusted).start()


@needs_weights
def test_a_file_that_is_exchanged_while_it_is_loaded_is_refused_and_was_never_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    xllamacpp = pytest.importorskip("xllamacpp", reason="needs the extra `local`")
    file = tmp_path / "m.gguf"
    shutil.copy(WEIGHTS, file)
    trusted, loaded = {file: content(file)}, []

    def exchanged(params: Any) -> None:
        file.unlink()
        file.write_bytes(b"GGUF evil")
        loaded.append(Path(params.model.path).read_bytes() == WEIGHTS.read_bytes())

    monkeypatch.setattr(xllamacpp, "Server", exchanged)
    with pytest.raises(LocalModelError, match="has changed since qa trust"):
        GgufServer(file, trusted=trusted).start()
    assert loaded == [sys.platform == "linux"]

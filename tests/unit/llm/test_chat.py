"""OpenAIChat against a scripted endpoint: the right retry, a clear error or a right answer; the key stays secret."""

import inspect
import json
import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import httpx2
import openai
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa import errors
from qa.llm import failures
from qa.llm.chat import OpenAIChat
from qa.llm.failures import Complaint, Endpoint
from qa.llm.protocol import ChatReply, ChatRequest, Delta, Message, SharedDeadline
from qa.llm.recorded import Recorder, Store
from qa.llm.wire import Complained, _event, complaint_of

KEY = "sk-test-VerySecretKey0123456789"
SCHEMA = {"type": "object", "properties": {}, "additionalProperties": False}
ASK = ChatRequest((Message("system", "Answer in JSON."), Message("user", "Who?")), SCHEMA)
PLAIN = ChatRequest((Message("user", "Who?"),))
GOOD = '{"statements": []}'


class Naps(list[float]):
    """Sleeps that take no time; `clock` moves on by them."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)

    def clock(self) -> float:
        return sum(self)


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
def chat(endpoint: Any, naps: Naps) -> Any:
    with OpenAIChat("m", endpoint.base_url, KEY, sleep=naps, jitter=lambda: 0.0) as chat:
        yield chat


def ask(chat: OpenAIChat, stream: bool, request: ChatRequest = ASK) -> tuple[ChatReply, str]:
    """The reply and what was streamed of the try that counted."""
    if not stream:
        return chat.complete(request), ""
    *deltas, reply = chat.stream(request)
    assert isinstance(reply, ChatReply)
    pieces = [delta for delta in deltas if isinstance(delta, Delta)]
    last = max((delta.attempt for delta in pieces), default=0)
    return reply, "".join(delta.text for delta in pieces if delta.attempt == last)


both = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


# ---- answers


@both
def test_a_good_answer_comes_back_whole_with_model_mode_and_usage(
    endpoint: Any, chat: OpenAIChat, stream: bool
) -> None:
    endpoint.script(endpoint.answer(GOOD))
    reply, streamed = ask(chat, stream)
    assert reply == ChatReply(GOOD, "m-2", "schema", "stop", {"prompt_tokens": 12, "completion_tokens": 5})
    assert streamed == (GOOD if stream else "")
    sent = endpoint.requests[0].body
    assert sent["model"] == "m"
    assert (sent["temperature"], sent["seed"], sent["max_tokens"]) == (0.0, 0, 1024)
    assert sent["response_format"]["json_schema"]["schema"] == SCHEMA
    assert sent["messages"][1] == {"role": "user", "content": "Who?"}


@both
@pytest.mark.parametrize("tokens", [10**12 + 1, 10**1000, -1])
def test_a_count_that_nobody_can_have_used_is_none(endpoint: Any, chat: OpenAIChat, stream: bool, tokens: int) -> None:
    endpoint.script(endpoint.answer(GOOD, tokens=tokens))
    assert ask(chat, stream)[0].usage == {"completion_tokens": 5}


@both
def test_text_in_another_language_survives(endpoint: Any, chat: OpenAIChat, stream: bool) -> None:
    text = '{"statements": [{"text": "北约特使 — Жириновский ✈️"}]}'
    endpoint.script(endpoint.answer(text, piece=1))
    reply, streamed = ask(chat, stream)
    assert reply.text == text
    assert streamed == (text if stream else "")


@both
def test_an_answer_cut_by_the_limit_says_so(endpoint: Any, chat: OpenAIChat, stream: bool) -> None:
    endpoint.script(endpoint.answer('{"stat', finish="length"))
    assert ask(chat, stream)[0].finish == "length"


def test_a_request_may_set_its_own_temperature_and_seed(endpoint: Any, chat: OpenAIChat) -> None:
    endpoint.script(endpoint.answer("x"))
    chat.complete(ChatRequest(PLAIN.messages, max_tokens=7, temperature=0.5, seed=3))
    sent = endpoint.requests[0].body
    assert (sent["temperature"], sent["seed"], sent["max_tokens"]) == (0.5, 3, 7)
    assert "response_format" not in sent


def test_a_question_with_a_lone_surrogate_can_be_sent(endpoint: Any, chat: OpenAIChat) -> None:
    endpoint.script(endpoint.answer("x"))
    chat.complete(ChatRequest((Message("user", "caf\udce9"),)))
    assert endpoint.requests[0].body["messages"][0]["content"] == "caf?"


def test_content_in_parts_is_read(endpoint: Any, chat: OpenAIChat) -> None:
    parts = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "a"}, {"type": "text", "text": "b"}, 3]
    body = {"choices": [{"message": {"content": parts}, "finish_reason": "stop"}]}
    endpoint.script(endpoint.raw(json.dumps(body).encode()))
    assert chat.complete(PLAIN).text == "ab"


def test_a_server_that_does_not_stream_is_read_all_the_same(endpoint: Any, chat: OpenAIChat) -> None:
    body = {"choices": [{"message": {"content": "whole"}, "finish_reason": "stop"}]}
    endpoint.script(endpoint.raw(json.dumps(body).encode()))
    assert ask(chat, True, PLAIN) == (ChatReply("whole", "m"), "whole")


def test_a_json_reply_under_another_content_type_is_read(endpoint: Any, chat: OpenAIChat) -> None:
    body = {"choices": [{"message": {"content": "whole"}, "finish_reason": "stop"}]}
    endpoint.script(endpoint.raw(json.dumps(body).encode(), "text/plain"))
    assert chat.complete(PLAIN).text == "whole"


def test_threads_share_one_chat(endpoint: Any, chat: OpenAIChat) -> None:
    endpoint.script(*[endpoint.answer(f"answer {n}") for n in range(8)])
    texts: list[str] = []
    threads = [
        threading.Thread(target=lambda n=n: texts.append(ask(chat, n % 2 == 0, PLAIN)[0].text)) for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(texts) == [f"answer {n}" for n in range(8)]


# ---- what the endpoint takes


@both
@pytest.mark.parametrize("status", [400, 422, 500])
def test_output_mode_falls_back_and_is_remembered(endpoint: Any, chat: OpenAIChat, stream: bool, status: int) -> None:
    no_schema = endpoint.error(status, "Invalid parameter: 'response_format' of type 'json_schema' is not supported")
    no_json = endpoint.error(status, "response_format is not supported by this model")
    endpoint.script(no_schema, no_json, endpoint.answer("text [s1]"), endpoint.answer("again [s1]"))
    request = ChatRequest(ASK.messages, SCHEMA, plain_messages=(Message("user", "Use markers."),))
    reply, _ = ask(chat, stream, request)
    assert (reply.text, reply.mode) == ("text [s1]", "text")
    assert ask(chat, stream, request)[0].mode == "text"
    forms = [r.body.get("response_format", {}).get("type") for r in endpoint.requests]
    assert forms == ["json_schema", "json_object", None, None]
    assert endpoint.requests[1].body["messages"][0]["content"] == "Answer in JSON."
    assert endpoint.requests[2].body["messages"] == [{"role": "user", "content": "Use markers."}]


def test_json_mode_is_used_where_a_schema_is_not_taken(endpoint: Any, chat: OpenAIChat) -> None:
    endpoint.script(endpoint.error(400, "json_schema is not supported", param="response_format"), endpoint.answer(GOOD))
    assert chat.complete(ASK).mode == "json"


def test_what_was_learned_holds_for_the_process_and_for_this_model_only(endpoint: Any, naps: Naps) -> None:
    no_seed = endpoint.error(400, "Unsupported parameter: 'seed'", param="seed")
    endpoint.script(no_seed, *[endpoint.answer("x")] * 3)
    for model in ("m", "m", "other"):
        with OpenAIChat(model, endpoint.base_url, KEY, sleep=naps) as chat:
            chat.complete(PLAIN)
    assert ["seed" in r.body for r in endpoint.requests] == [True, False, False, True]


@both
@pytest.mark.parametrize(
    ("error", "gone", "there"),
    [
        (
            {"message": "Unsupported value: 'temperature' does not support 0 with this model.", "param": "temperature"},
            "temperature",
            "seed",
        ),
        ({"message": "Unsupported parameter: temperature"}, "temperature", "seed"),
        ({"message": "seed is not supported"}, "seed", "temperature"),
        (
            {
                "message": "Unsupported parameter: 'max_tokens' is not supported with this model. "
                "Use 'max_completion_tokens' instead.",
                "param": "max_tokens",
            },
            "max_tokens",
            "max_completion_tokens",
        ),
    ],
)
def test_a_parameter_that_is_refused_is_left_out_or_renamed(
    endpoint: Any, chat: OpenAIChat, stream: bool, error: dict[str, str], gone: str, there: str
) -> None:
    endpoint.script(endpoint.error(400, **error), endpoint.answer(GOOD), endpoint.answer(GOOD))
    ask(chat, stream)
    ask(chat, stream)
    assert gone in endpoint.requests[0].body
    assert [gone in r.body for r in endpoint.requests[1:]] == [False, False]
    assert there in endpoint.requests[1].body


def test_fastapi_details_name_the_parameter_too(endpoint: Any, chat: OpenAIChat) -> None:
    detail = {"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]}
    endpoint.script(endpoint.raw(json.dumps(detail).encode(), status=422), endpoint.answer("x"))
    assert chat.complete(PLAIN).text == "x"
    assert "seed" not in endpoint.requests[1].body


def test_stream_options_and_streaming_itself_can_be_left_out(endpoint: Any, chat: OpenAIChat) -> None:
    endpoint.script(
        endpoint.error(400, "Unknown field", param="stream_options"),
        endpoint.error(400, "Unsupported value: 'stream' must be false"),
        endpoint.answer("whole"),
    )
    assert ask(chat, True, PLAIN) == (
        ChatReply("whole", "m-2", usage={"prompt_tokens": 12, "completion_tokens": 5}),
        "whole",
    )
    assert "stream_options" not in endpoint.requests[1].body
    assert not endpoint.requests[2].body.get("stream")


def test_a_model_without_a_system_role_gets_one_user_message(endpoint: Any, chat: OpenAIChat) -> None:
    endpoint.script(endpoint.error(400, "System role not supported"), endpoint.answer(GOOD))
    chat.complete(ASK)
    assert endpoint.requests[1].body["messages"] == [{"role": "user", "content": "Answer in JSON.\n\nWho?"}]


def test_a_parameter_that_cannot_be_left_out_is_an_error(endpoint: Any, chat: OpenAIChat) -> None:
    endpoint.script(endpoint.error(400, "messages: at least one is needed", param="messages"))
    with pytest.raises(errors.RequestRefusedError, match=r"status 400.*at least one"):
        chat.complete(PLAIN)
    assert len(endpoint.requests) == 1


# ---- errors with what to do next


@both
def test_a_refused_key(endpoint: Any, chat: OpenAIChat, stream: bool) -> None:
    endpoint.script(endpoint.error(401, f"Incorrect API key provided: {KEY}"))
    with pytest.raises(errors.KeyRefusedError, match="refused the API key"):
        ask(chat, stream)
    assert len(endpoint.requests) == 1


def test_a_missing_key(endpoint: Any, naps: Naps) -> None:
    endpoint.script(endpoint.error(401, "You didn't provide an API key"))
    with (
        OpenAIChat("m", endpoint.base_url, sleep=naps) as chat,
        pytest.raises(errors.KeyRefusedError, match="none is set"),
    ):
        chat.complete(PLAIN)
    assert "authorization" not in endpoint.requests[0].headers


def test_a_forbidden_model_says_why(endpoint: Any, chat: OpenAIChat) -> None:
    endpoint.script(endpoint.error(403, "Your country is not supported"))
    with pytest.raises(errors.KeyRefusedError, match="country is not supported"):
        chat.complete(PLAIN)


@both
@pytest.mark.parametrize(
    "wording",
    [
        {
            "status": 404,
            "message": "The model `m` does not exist or you do not have access to it.",
            "code": "model_not_found",
        },
        {"status": 404, "message": 'model "m" not found, try pulling it first'},
        {"status": 400, "message": "m is not a valid model ID"},
        {"status": 404, "message": ""},
    ],
)
def test_a_model_that_is_not_there_lists_what_is(
    endpoint: Any, chat: OpenAIChat, stream: bool, wording: dict[str, Any]
) -> None:
    endpoint.models = ["zephyr", "m-large"]
    endpoint.script(endpoint.error(**wording))
    with pytest.raises(errors.NoSuchModelError, match=r"No such model.* m\. It offers m-large, zephyr\.") as caught:
        ask(chat, stream)
    assert caught.value.offered == ("m-large", "zephyr")


def test_many_models_are_not_all_named(endpoint: Any, chat: OpenAIChat) -> None:
    endpoint.models = [f"model-{n}" for n in range(40)]
    endpoint.script(endpoint.error(404, "model not found"))
    with pytest.raises(errors.NoSuchModelError, match="and 30 more"):
        chat.complete(PLAIN)


def test_a_list_of_models_that_fails_does_not_hide_the_error(endpoint: Any, chat: OpenAIChat) -> None:
    endpoint.models = None
    endpoint.script(endpoint.error(404, "model not found"))
    with pytest.raises(errors.NoSuchModelError, match="does not list"):
        chat.complete(PLAIN)


def test_a_wrong_path_points_at_the_base_url(endpoint: Any, naps: Naps) -> None:
    with (
        OpenAIChat("m", f"http://{endpoint.host}/api", KEY, sleep=naps) as chat,
        pytest.raises(errors.EndpointError, match=r"base URL.*/v1"),
    ):
        chat.complete(PLAIN)


CONTEXT_WORDINGS = {
    "openai": (
        400,
        {
            "message": "This model's maximum context length is 8192 tokens. However, you sent 9001 tokens.",
            "code": "context_length_exceeded",
        },
        8192,
    ),
    "llama.cpp": (
        400,
        {
            "message": "request (4031 tokens) exceeds the available context size (2048 tokens), try increasing it",
            "type": "exceed_context_size_error",
            "n_ctx": 2048,
        },
        2048,
    ),
    "vllm": (
        400,
        {
            "message": "'max_tokens' or 'max_completion_tokens' is too large: 1024. "
            "This model's maximum context length is 4096 tokens and your request has 4000 input tokens"
        },
        4096,
    ),
    "ollama": (400, {"message": "input length exceeds maximum context length"}, None),
    "lm studio": (400, {"message": "The number of tokens to keep is greater than the context length"}, None),
    "anthropic": (400, {"message": "prompt is too long: 210000 tokens > 200000 maximum"}, 200000),
    "gemini": (400, {"message": "The input token count (9) exceeds the maximum number of tokens allowed (8)"}, 8),
    "mistral": (
        400,
        {"message": "Prompt contains 40000 tokens, too large for model with 32768 maximum context length"},
        32768,
    ),
    "any": (413, {"message": "Request too large"}, None),
}


@both
@pytest.mark.parametrize("vendor", CONTEXT_WORDINGS)
def test_a_prompt_that_is_too_long_is_recognised(endpoint: Any, chat: OpenAIChat, stream: bool, vendor: str) -> None:
    status, error, limit = CONTEXT_WORDINGS[vendor]
    endpoint.script(endpoint.error(status, **error))
    with pytest.raises(errors.ContextTooLongError, match="does not fit") as caught:
        ask(chat, stream)
    assert caught.value.limit == limit
    assert len(endpoint.requests) == 1


def test_a_prompt_that_is_too_long_is_recognised_inside_of_a_stream(endpoint: Any, chat: OpenAIChat) -> None:
    endpoint.script(
        endpoint.events(json.dumps({"error": {"message": "maximum context length is 8 tokens", "code": 400}}))
    )
    with pytest.raises(errors.ContextTooLongError):
        ask(chat, True)


@both
def test_a_prompt_that_the_server_cut_without_a_word_is_too_long(endpoint: Any, chat: OpenAIChat, stream: bool) -> None:
    long = ChatRequest((Message("user", "The quick brown fox jumps. " * 600),))  # 16,200 characters
    endpoint.script(endpoint.answer(GOOD, tokens=2024), endpoint.answer(GOOD, tokens=2025), endpoint.answer(GOOD))
    with pytest.raises(errors.ContextTooLongError, match="2,024 tokens of a prompt of 16,200 characters") as caught:
        ask(chat, stream, long)
    assert caught.value.limit == 2024
    assert ask(chat, stream, long)[0].text == GOOD
    assert ask(chat, stream, long)[0].text == GOOD  # 12 tokens: the rest stood in a cache


@both
def test_a_refusal_is_not_silence(endpoint: Any, chat: OpenAIChat, stream: bool) -> None:
    endpoint.script(endpoint.answer("", refusal="I'm sorry, I cannot help with that."))
    with pytest.raises(errors.ContentRefusedError, match=r"declined to answer.*cannot help"):
        ask(chat, stream)


@both
def test_a_content_filter_is_not_silence(endpoint: Any, chat: OpenAIChat, stream: bool) -> None:
    endpoint.script(endpoint.answer('{"statements": []}', finish="content_filter"))
    with pytest.raises(errors.ContentRefusedError, match="filter stopped the answer"):
        ask(chat, stream)


def test_a_content_filter_before_the_answer(endpoint: Any, chat: OpenAIChat) -> None:
    endpoint.script(endpoint.error(400, "The response was filtered", code="content_filter"))
    with pytest.raises(errors.ContentRefusedError, match="filter"):
        chat.complete(PLAIN)


@both
@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_answer_is_not_silence(endpoint: Any, chat: OpenAIChat, stream: bool, text: str) -> None:
    endpoint.script(endpoint.answer(text))
    with pytest.raises(errors.BadReplyError, match="empty answer"):
        ask(chat, stream)


@both
def test_a_model_that_uses_up_its_tokens_by_thinking_gets_more_of_them(
    endpoint: Any, chat: OpenAIChat, stream: bool
) -> None:
    endpoint.script(endpoint.answer("", finish="length"), endpoint.answer(GOOD), endpoint.answer(GOOD))
    assert ask(chat, stream)[0].text == GOOD
    ask(chat, stream)
    assert [r.body["max_tokens"] for r in endpoint.requests] == [1024, 8192, 8192]


@both
def test_tokens_used_up_before_the_answer_are_an_error_in_the_end(
    endpoint: Any, chat: OpenAIChat, stream: bool
) -> None:
    endpoint.script(*[endpoint.answer("", finish="length")] * 3)
    with pytest.raises(errors.BadReplyError, match="used all its tokens for reasoning"):
        ask(chat, stream)
    assert len(endpoint.requests) == 2


@both
@pytest.mark.parametrize("text", ["<think>First, the", " <THINK>hm</think>\n"])
def test_an_answer_cut_off_in_its_thoughts_gets_more_tokens(
    endpoint: Any, chat: OpenAIChat, stream: bool, text: str
) -> None:
    endpoint.script(
        endpoint.answer(text, finish="length"), endpoint.answer(f"<think>hm</think>{GOOD}", finish="length")
    )
    assert ask(chat, stream)[0].text.endswith(GOOD)
    assert [r.body["max_tokens"] for r in endpoint.requests] == [1024, 8192]


def test_a_model_that_wants_the_limit_renamed_is_one_that_thinks(endpoint: Any, chat: OpenAIChat) -> None:
    endpoint.script(endpoint.error(400, "Use 'max_completion_tokens'", param="max_tokens"), endpoint.answer("x"))
    chat.complete(PLAIN)
    assert endpoint.requests[1].body["max_completion_tokens"] == 8192


def test_a_stream_without_an_answer_says_so(endpoint: Any, chat: OpenAIChat, naps: Naps) -> None:
    endpoint.script(*[endpoint.events('{"choices": []}')] * failures.ATTEMPTS)
    with pytest.raises(errors.EndpointError, match="the stream held no answer"):
        ask(chat, True)
    assert len(naps) == failures.ATTEMPTS - 1


def test_empty_choices(endpoint: Any, chat: OpenAIChat) -> None:
    endpoint.script(endpoint.raw(b'{"object": "chat.completion", "model": "m", "choices": []}'))
    with pytest.raises(errors.BadReplyError, match="empty answer"):
        chat.complete(PLAIN)


@both
@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"{broken", "application/json"),
        (b"null", "application/json"),
        (b"[1, 2]", "application/json"),
        (b'"text"', "application/json"),
        (b"<html>Welcome</html>", "text/html"),
        (b"", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"\xff\xfe\x00", "application/json"),
    ],
)
def test_what_is_not_the_chat_format_points_at_the_base_url(
    endpoint: Any, chat: OpenAIChat, stream: bool, data: bytes, kind: str
) -> None:
    endpoint.script(*[endpoint.raw(data, kind)] * 2)
    with pytest.raises(errors.EndpointError, match="chat format"):
        ask(chat, stream)


@pytest.mark.parametrize(
    "line", ["{broken", "null", "[1]", '"x"', '{"choices": "x"}', '{"choices": [{"delta": 3}]}', "7"]
)
def test_a_stream_of_nonsense_is_an_error(endpoint: Any, chat: OpenAIChat, line: str) -> None:
    endpoint.script(*[endpoint.events(line)] * failures.ATTEMPTS)
    with pytest.raises(errors.ChatError):
        ask(chat, True)


@both
def test_five_megabytes_are_bounded(endpoint: Any, chat: OpenAIChat, stream: bool) -> None:
    endpoint.script(endpoint.answer("x" * 5_000_000, piece=100_000))
    with pytest.raises(errors.BadReplyError, match="was not read"):
        ask(chat, stream)


@pytest.mark.parametrize("line", [b"a\n", b"data: x\r\n", b"data:" + b"x" * 1000 + b"\n", b": ping\r"])
def test_an_event_without_an_end_is_bounded(endpoint: Any, chat: OpenAIChat, line: bytes) -> None:
    """Some versions of the client take time that grows with the square of its lines."""
    endpoint.script(endpoint.raw(line * (3_000_000 // len(line)), "text/event-stream"))
    with pytest.raises(errors.BadReplyError, match="1,000,000 bytes for one event"):
        ask(chat, True)


def test_events_may_be_many_and_end_in_any_way(endpoint: Any, chat: OpenAIChat) -> None:
    lines = [b": ping" + b"x" * 200 + end for end in (b"\n\n", b"\r\r", b"\r\n\r\n", b"\r\n\n")] * 4000
    last = json.dumps({"model": "m", "choices": [{"index": 0, "delta": {"content": GOOD}, "finish_reason": "stop"}]})
    data = b"".join(lines) + f"data: {last}\n\ndata: [DONE]\n\n".encode()
    endpoint.script(endpoint.raw(data, "text/event-stream"))
    assert ask(chat, True)[0].text == GOOD


@both
@pytest.mark.parametrize("finish", ["x" * 200_000, "x" * 90 + KEY, KEY * 20])
def test_a_finish_is_cut_and_holds_no_part_of_the_key(
    endpoint: Any, chat: OpenAIChat, stream: bool, finish: str
) -> None:
    endpoint.script(endpoint.answer(GOOD, finish=finish))
    found = ask(chat, stream)[0].finish
    assert len(found) <= 100
    assert "sk-test" not in found


def test_five_megabytes_of_an_error_are_bounded(endpoint: Any, chat: OpenAIChat) -> None:
    endpoint.script(endpoint.error(400, "x" * 5_000_000))
    with pytest.raises(errors.BadReplyError, match="was not read"):
        chat.complete(PLAIN)


def test_a_compressed_reply_is_not_unpacked(endpoint: Any, chat: OpenAIChat) -> None:
    endpoint.script(*[endpoint.raw(b"\x1f\x8b", headers={"content-encoding": "gzip"})] * 2)
    with pytest.raises(errors.EndpointError, match="compressed"):
        chat.complete(PLAIN)
    assert endpoint.requests[0].headers["accept-encoding"] == "identity"


# ---- retries within one deadline


@both
def test_an_internal_error_is_tried_again(endpoint: Any, chat: OpenAIChat, naps: Naps, stream: bool) -> None:
    endpoint.script(endpoint.error(500, "oops"), endpoint.error(503, "busy"), endpoint.answer(GOOD))
    assert ask(chat, stream)[0].text == GOOD
    assert naps == [0.25, 0.5]


@both
def test_retry_after_is_obeyed(endpoint: Any, chat: OpenAIChat, naps: Naps, stream: bool) -> None:
    endpoint.script(
        endpoint.error(429, "slow down", {"retry-after": "7"}),
        endpoint.error(429, "slow down", {"retry-after-ms": "1500"}),
        endpoint.error(429, "slow down", {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}),
        endpoint.error(429, "slow down", {"retry-after": "soon"}),
        endpoint.answer(GOOD),
    )
    assert ask(chat, stream)[0].text == GOOD
    assert naps == [7.0, 1.5, 0.0, 2.0]


def test_a_year_beyond_all_calendars_is_no_time_to_wait_for(endpoint: Any, chat: OpenAIChat, naps: Naps) -> None:
    never = {"retry-after": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}
    endpoint.script(endpoint.error(429, "slow down", never), endpoint.answer(GOOD))
    assert chat.complete(PLAIN).text == GOOD
    assert naps == [0.25]


def test_a_model_that_is_loading_is_waited_for(endpoint: Any, chat: OpenAIChat, naps: Naps) -> None:
    endpoint.script(*[endpoint.error(503, "Loading model", type="unavailable_error")] * 20, endpoint.answer(GOOD))
    assert chat.complete(ASK).text == GOOD
    assert naps == [2.0] * 20


def test_a_wait_beyond_the_deadline_is_told_at_once(endpoint: Any, chat: OpenAIChat, naps: Naps) -> None:
    endpoint.script(endpoint.error(429, "come back tomorrow", {"retry-after": "86400"}))
    with pytest.raises(errors.RateLimitedError, match="come back tomorrow") as caught:
        chat.complete(PLAIN)
    assert caught.value.retry_after == 86400
    assert naps == []


def test_an_account_without_quota_is_not_asked_again(endpoint: Any, chat: OpenAIChat) -> None:
    endpoint.script(endpoint.error(429, "You exceeded your current quota", code="insufficient_quota"))
    with pytest.raises(errors.RateLimitedError, match="no quota left"):
        chat.complete(PLAIN)
    assert len(endpoint.requests) == 1


def test_what_keeps_failing_is_an_error_in_the_end(endpoint: Any, chat: OpenAIChat) -> None:
    with pytest.raises(errors.EndpointError, match="failed with status 500"):
        chat.complete(PLAIN)
    assert len(endpoint.requests) == failures.ATTEMPTS


def test_the_deadline_covers_all_tries(endpoint: Any) -> None:
    naps = Naps()
    with (
        OpenAIChat("m", endpoint.base_url, KEY, deadline=1.0, sleep=naps, clock=naps.clock, jitter=lambda: 0.0) as chat,
        pytest.raises(errors.DeadlineError, match=r"within 1 seconds in 3 attempts") as caught,
    ):
        chat.complete(PLAIN)
    assert isinstance(caught.value.__cause__, errors.EndpointError)


@both
def test_a_hang_ends_at_the_deadline(endpoint: Any, naps: Naps, stream: bool) -> None:
    endpoint.script(*[endpoint.hang()] * 3)
    with (
        OpenAIChat("m", endpoint.base_url, KEY, deadline=0.2, sleep=naps) as chat,
        pytest.raises(errors.DeadlineError, match="Raise the deadline"),
    ):
        ask(chat, stream)


@both
def test_a_host_name_that_is_never_found_ends_at_the_deadline(
    naps: Naps, stream: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found.wait(60) or [])
    try:
        with (
            OpenAIChat("m", "http://models.example/v1", KEY, deadline=0.2, sleep=naps) as chat,
            pytest.raises(errors.DeadlineError, match=r"within 0\.2 seconds"),
        ):
            ask(chat, stream)
        with OpenAIChat("m", "http://models.example/v1", KEY) as chat, pytest.raises(errors.EndpointError):
            chat.models(seconds=0.2)
        assert not found.is_set()
    finally:
        found.set()


@both
def test_a_silent_try_is_given_up_and_asked_again(endpoint: Any, naps: Naps, stream: bool) -> None:
    endpoint.script(endpoint.hang(), endpoint.answer(GOOD))
    with OpenAIChat("m", endpoint.base_url, KEY, silence=0.1, sleep=naps) as chat:
        assert ask(chat, stream)[0].text == GOOD


def test_a_drip_ends_at_the_deadline(endpoint: Any, naps: Naps) -> None:
    endpoint.script(endpoint.drip(b": still here\n\n"))
    with OpenAIChat("m", endpoint.base_url, KEY, deadline=0.2, sleep=naps) as chat, pytest.raises(errors.DeadlineError):
        ask(chat, True)


def slow(head: bytes, pieces: list[tuple[float, bytes]]) -> Callable[[Any, dict[str, Any]], None]:
    """A step that sends bytes as they are: `head`, and each piece after a pause."""

    def step(handler: Any, body: dict[str, Any]) -> None:
        handler.close_connection = True
        try:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + head)
            for pause, piece in pieces:
                if handler.server.endpoint.closing.wait(pause):
                    return
                handler.wfile.write(piece)
        except OSError:  # the other side has had enough
            pass

    return step


STREAM = b"content-type: text/event-stream\r\n\r\n"
PIECE = b'data: {"choices": [{"index": 0, "delta": {"content": "x"}}]}\n\n'
SLOW = {
    "headers that trickle in": slow(b"", [(0.1, b"x-a: b\r\n")] * 60),
    "a late byte, then nothing": slow(STREAM, [(0.45, PIECE), (20, b"")]),
    "bytes that trickle in": slow(b"content-length: 1000\r\n\r\n", [(0.1, b" ")] * 60),
}


@both
@pytest.mark.parametrize("name", SLOW)
def test_the_deadline_holds_however_slowly_bytes_come(endpoint: Any, naps: Naps, stream: bool, name: str) -> None:
    endpoint.script(SLOW[name])
    began = time.monotonic()
    with (
        OpenAIChat("m", endpoint.base_url, KEY, deadline=0.5, sleep=naps) as chat,
        pytest.raises(errors.DeadlineError, match=r"within 0\.5 seconds\."),
    ):
        ask(chat, stream)
    assert 0.45 < time.monotonic() - began < 0.85
    assert len(endpoint.requests) == 1


def test_a_whole_answer_counts_though_its_connection_stays_open(endpoint: Any, naps: Naps) -> None:
    last = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\n'
    endpoint.script(slow(STREAM, [(0, PIECE + last), (20, b"")]))
    with OpenAIChat("m", endpoint.base_url, KEY, deadline=0.3, sleep=naps) as chat:
        assert ask(chat, True, PLAIN)[0].text == "x"


def test_the_list_of_models_is_asked_for_within_the_deadline(
    endpoint: Any, naps: Naps, monkeypatch: pytest.MonkeyPatch
) -> None:
    trickle = SLOW["headers that trickle in"]
    monkeypatch.setattr(endpoint._server.RequestHandlerClass, "do_GET", lambda handler: trickle(handler, {}))
    endpoint.script(endpoint.error(404, "model not found"))
    began = time.monotonic()
    with (
        OpenAIChat("m", endpoint.base_url, KEY, deadline=0.5, sleep=naps) as chat,
        pytest.raises(errors.NoSuchModelError, match="does not list"),
    ):
        chat.complete(PLAIN)
    assert time.monotonic() - began < 0.85


def test_requests_for_one_answer_share_a_deadline(endpoint: Any) -> None:
    naps = Naps()
    with OpenAIChat("m", endpoint.base_url, KEY, deadline=1.0, sleep=naps, clock=naps.clock) as chat:
        request = replace(PLAIN, deadline=SharedDeadline())
        endpoint.script(endpoint.error(413, "too large"))
        with pytest.raises(errors.ContextTooLongError):
            chat.complete(request)
        naps.append(0.75)
        endpoint.script(endpoint.error(500, "oops"), endpoint.answer("late"))
        with pytest.raises(errors.DeadlineError):
            chat.complete(request)
        endpoint.script(endpoint.answer("in time"))
        assert chat.complete(PLAIN).text == "in time"


@pytest.mark.parametrize("before", ["", '{"statements": [{"evidence": ["s1"], '])
@both
def test_a_dropped_connection_is_asked_again(endpoint: Any, chat: OpenAIChat, stream: bool, before: str) -> None:
    endpoint.script(endpoint.dropped(before), endpoint.answer(GOOD))
    reply, streamed = ask(chat, stream)
    assert reply.text == GOOD
    assert streamed == (GOOD if stream else "")


def test_pieces_of_a_broken_try_carry_another_number(endpoint: Any, chat: OpenAIChat) -> None:
    endpoint.script(endpoint.dropped("half an answ"), endpoint.answer("whole", piece=99))
    *pieces, _ = chat.stream(PLAIN)
    assert [piece.attempt for piece in pieces] == sorted(piece.attempt for piece in pieces)
    said = {n: "".join(piece.text for piece in pieces if piece.attempt == n) for n in (1, 2)}
    assert said == {1: "half an answ", 2: "whole"}


def test_a_stream_that_ends_without_a_finish_was_dropped(endpoint: Any, chat: OpenAIChat) -> None:
    half = json.dumps({"choices": [{"index": 0, "delta": {"content": "half"}}]})
    endpoint.script(endpoint.events(half, done=False), endpoint.answer(GOOD))
    assert ask(chat, True)[0].text == GOOD


def test_a_connection_dropped_after_the_finish_does_no_harm(endpoint: Any, chat: OpenAIChat) -> None:
    endpoint.script(endpoint.dropped("whole", finish="stop"))
    assert ask(chat, True, PLAIN)[0].text == "whole"


def test_an_error_inside_of_a_stream_is_tried_again(endpoint: Any, chat: OpenAIChat) -> None:
    error = json.dumps({"error": {"message": "Overloaded", "type": "overloaded_error"}})
    endpoint.script(endpoint.events(error), endpoint.answer(GOOD))
    assert ask(chat, True)[0].text == GOOD


def test_an_error_inside_of_a_good_status_is_an_error(endpoint: Any, chat: OpenAIChat) -> None:
    endpoint.script(endpoint.raw(b'{"error": {"message": "Provider rejected the key", "code": 401}}'))
    with pytest.raises(errors.KeyRefusedError):
        chat.complete(PLAIN)


def test_nobody_listening_is_told_quickly(endpoint: Any, naps: Naps) -> None:
    endpoint.close()
    with (
        OpenAIChat("m", endpoint.base_url, KEY, sleep=naps) as chat,
        pytest.raises(errors.EndpointError, match=r"Cannot reach 127\.0\.0\.1:\d+.*server running"),
    ):
        chat.complete(PLAIN)
    assert len(naps) == 1


def test_an_interrupt_by_the_reader_of_the_stream_passes_and_closes(endpoint: Any, chat: OpenAIChat) -> None:
    endpoint.script(endpoint.answer(GOOD), endpoint.answer(GOOD))
    items = chat.stream(PLAIN)
    next(items)
    with pytest.raises(KeyboardInterrupt):
        items.throw(KeyboardInterrupt)  # type: ignore[attr-defined]
    assert chat.complete(PLAIN).text == GOOD


def test_an_error_of_the_reader_of_the_stream_stays_its_own(endpoint: Any, chat: OpenAIChat) -> None:
    endpoint.script(endpoint.answer(GOOD))
    items = chat.stream(PLAIN)
    next(items)
    with pytest.raises(ValueError, match="mine"):
        items.throw(ValueError("mine"))  # type: ignore[attr-defined]


# ---- where text and key go


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_gets_neither_text_nor_key(endpoint: Any, chat: OpenAIChat, status: int) -> None:
    target = {"location": f"http://user:{KEY}@localhost:9/v1/chat?key={KEY}"}
    endpoint.script(endpoint.raw(b"", status=status, headers=target))
    with pytest.raises(errors.EndpointError, match=r"redirects to http://localhost:9\. qa does not follow redirects"):
        chat.complete(PLAIN)
    assert len(endpoint.requests) == 1


def test_the_environment_changes_nothing(endpoint: Any, naps: Naps, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID", "WEBHOOK_SECRET"):
        monkeypatch.setenv(f"OPENAI_{name}", "from-the-environment")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/from-the-environment")
    monkeypatch.setenv(
        "OPENAI_CUSTOM_HEADERS", "X-Leak: from-the-environment\nAuthorization: Bearer from-the-environment"
    )
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    endpoint.script(endpoint.answer("x"), endpoint.answer("x"))
    for key in (KEY, None):
        with OpenAIChat("m", endpoint.base_url, key, sleep=naps) as chat:
            chat.complete(PLAIN)
    assert "from-the-environment" not in str(endpoint.requests)
    assert endpoint.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert "authorization" not in endpoint.requests[1].headers


def test_only_needed_headers_leave(endpoint: Any, chat: OpenAIChat) -> None:
    endpoint.script(endpoint.answer("x"))
    chat.complete(PLAIN)
    assert set(endpoint.requests[0].headers) == {
        *("accept", "accept-encoding", "authorization", "connection"),
        *("content-length", "content-type", "host", "user-agent"),
    }
    assert endpoint.requests[0].headers["user-agent"] == "quoteqa"


def test_the_default_endpoint_is_openai_and_the_host_is_named() -> None:
    assert OpenAIChat("m").host == "api.openai.com"
    assert OpenAIChat("m", "http://localhost:8089/v1").host == "localhost:8089"


@pytest.mark.parametrize(
    "url",
    [
        "localhost:8089",
        "ftp://host/v1",
        "http://",
        "http://[bad",
        "http://h:99999/v1",
        f"http://u:{KEY}@h/v1",
        f"http://h/v1?k={KEY}",
        "http://192.168.1.300/v1",
        "http://☃.com/v1",
        "http://[v1.a]/v1",
        "http://h/v1\x7f",
        "http://\udc80/v1",
    ],
)
def test_a_base_url_that_is_none_is_a_setting_error_that_does_not_repeat_it(url: str) -> None:
    chat = OpenAIChat("m", url, KEY)
    with pytest.raises(errors.SettingError, match="base URL") as caught:
        chat.complete(PLAIN)
    assert KEY not in str(caught.value) + repr(chat)


def test_a_key_that_is_none_is_a_setting_error(endpoint: Any) -> None:
    with pytest.raises(errors.SettingError, match="key holds characters"):
        OpenAIChat("m", endpoint.base_url, "sk-\nx").complete(PLAIN)


def everything_said(err: BaseException | None) -> str:
    """The texts of an error and of all that hangs on it."""
    said = ""
    while err is not None:
        said += f"{err!r} {err} {err.args} {vars(err)}"
        err = err.__cause__ or err.__context__
    return said


LEAKY = {
    "401": lambda e: e.error(401, f"bad key {KEY}"),
    "403": lambda e: e.error(403, f"bad key {KEY[:9]}****{KEY[-4:]}"),
    "400": lambda e: e.error(400, f"header Authorization: Bearer {KEY}"),
    "404": lambda e: e.error(404, f"model {KEY} not found"),
    "429": lambda e: e.error(429, KEY, {"retry-after": "9999"}),
    "500": lambda e: e.error(500, f"Traceback: {KEY}"),
    "context": lambda e: e.error(400, f"maximum context length {KEY}"),
    "html": lambda e: e.raw(f"<p>{KEY}".encode(), "text/html"),
    "refusal": lambda e: e.answer("", refusal=f"I will not use {KEY}"),
    "stream": lambda e: e.events(json.dumps({"error": {"message": KEY}})),
    "redirect": lambda e: e.raw(b"", status=302, headers={"location": "http://elsewhere/"}),
    "drop": lambda e: e.dropped("x"),
}


@both
@pytest.mark.parametrize("name", LEAKY)
def test_the_key_is_in_no_message_repr_or_log(
    endpoint: Any,
    chat: OpenAIChat,
    name: str,
    stream: bool,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    endpoint.models = [KEY]
    endpoint.script(*[LEAKY[name](endpoint)] * failures.ATTEMPTS)
    with caplog.at_level(logging.DEBUG), pytest.raises(errors.ChatError) as caught:
        ask(chat, stream)
    printed = capfd.readouterr()
    said = everything_said(caught.value)
    for text in (said, caplog.text, str([vars(r) for r in caplog.records]), printed.out + printed.err, repr(chat)):
        assert KEY not in text
        assert KEY[4:12] not in text


ECHO = f'{{"statements": [{{"evidence": ["s1"], "text": "{KEY} sk-{KEY}{KEY[:20]}."}}]}}'
HIDDEN = ECHO.replace(KEY, "[key]").replace(KEY[:20], "[key]")  # the end of the text has most of it


@both
@pytest.mark.parametrize("piece", [1, 2, 7, len(KEY), 500])
def test_a_key_that_the_endpoint_sends_back_is_not_passed_on(
    endpoint: Any, chat: OpenAIChat, stream: bool, piece: int
) -> None:
    endpoint.script(endpoint.answer(ECHO, piece=piece, finish=f"because {KEY}"))
    assert ask(chat, stream) == (
        ChatReply(HIDDEN, "m-2", "schema", "because [key]", {"prompt_tokens": 12, "completion_tokens": 5}),
        HIDDEN if stream else "",
    )


def test_an_answer_that_ends_like_the_beginning_of_the_key_is_passed_on_whole(endpoint: Any, chat: OpenAIChat) -> None:
    endpoint.script(endpoint.answer(f"It says {KEY[:5]}", piece=3))
    assert ask(chat, True, PLAIN) == (
        ChatReply(f"It says {KEY[:5]}", "m-2", usage={"prompt_tokens": 12, "completion_tokens": 5}),
        f"It says {KEY[:5]}",
    )


def test_the_key_is_in_no_name_of_a_model(endpoint: Any, chat: OpenAIChat) -> None:
    body = {"model": f"m {KEY}", "choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]}
    endpoint.models = [f"m-{KEY}"]
    endpoint.script(endpoint.raw(json.dumps(body).encode()), endpoint.error(404, "model not found"))
    assert chat.complete(PLAIN).model == "m [key]"
    assert chat.models() == ("m-[key]",)
    with pytest.raises(errors.NoSuchModelError) as caught:
        chat.complete(PLAIN)
    assert caught.value.offered == ("m-[key]",)


@both
def test_the_key_is_in_no_recording(endpoint: Any, chat: OpenAIChat, stream: bool, tmp_path: Path) -> None:
    endpoint.script(endpoint.answer(ECHO, piece=1, finish=KEY))
    store = Store(tmp_path)
    pieces: list[str] = []
    *deltas, reply = Recorder(chat, "m", store).stream(ASK)
    pieces = [delta.text for delta in deltas]
    (file,) = tmp_path.iterdir()
    assert "[key]" in file.read_text(encoding="utf-8")
    for text in (file.read_text(encoding="utf-8"), repr(reply), "".join(pieces)):
        assert KEY not in text


# ---- the seam


def _response(status: int) -> httpx2.Response:
    return httpx2.Response(status, request=httpx2.Request("POST", "http://h/v1"))


def _status(cls: type, status: int) -> Exception:
    return cls("words", response=_response(status), body={"message": "words"})


REQUEST = httpx2.Request("POST", "http://h/v1")
VENDOR: dict[str, tuple[Exception, type[errors.ChatError]]] = {
    "OpenAIError": (openai.OpenAIError("x"), errors.EndpointError),
    "APIError": (openai.APIError("x", REQUEST, body=None), errors.EndpointError),
    "APIConnectionError": (openai.APIConnectionError(request=REQUEST), errors.EndpointError),
    "APITimeoutError": (openai.APITimeoutError(REQUEST), errors.EndpointError),
    "APIResponseValidationError": (openai.APIResponseValidationError(_response(200), None), errors.EndpointError),
    "APIStatusError": (_status(openai.APIStatusError, 418), errors.RequestRefusedError),
    "BadRequestError": (_status(openai.BadRequestError, 400), errors.RequestRefusedError),
    "AuthenticationError": (_status(openai.AuthenticationError, 401), errors.KeyRefusedError),
    "OAuthError": (openai.OAuthError(response=_response(401), body=None), errors.KeyRefusedError),
    "PermissionDeniedError": (_status(openai.PermissionDeniedError, 403), errors.KeyRefusedError),
    "NotFoundError": (_status(openai.NotFoundError, 404), errors.EndpointError),
    "ConflictError": (_status(openai.ConflictError, 409), errors.EndpointError),
    "UnprocessableEntityError": (_status(openai.UnprocessableEntityError, 422), errors.RequestRefusedError),
    "RateLimitError": (_status(openai.RateLimitError, 429), errors.RateLimitedError),
    "InternalServerError": (_status(openai.InternalServerError, 500), errors.EndpointError),
    "LengthFinishReasonError": (
        openai.LengthFinishReasonError(completion=openai.types.chat.ChatCompletion.model_construct(usage=None)),
        errors.EndpointError,
    ),
    "ContentFilterFinishReasonError": (openai.ContentFilterFinishReasonError(), errors.ContentRefusedError),
    "InvalidWebhookSignatureError": (openai.InvalidWebhookSignatureError("x"), errors.EndpointError),
    "SubjectTokenProviderError": (
        openai._exceptions.SubjectTokenProviderError("x"),
        errors.EndpointError,
    ),
    "WebSocketConnectionClosedError": (
        openai.WebSocketConnectionClosedError("x", unsent_messages=[]),
        errors.EndpointError,
    ),
    "WebSocketQueueFullError": (openai.WebSocketQueueFullError("x"), errors.EndpointError),
}


def _vendor_classes() -> set[str]:
    public = [getattr(openai, name) for name in openai.__all__] + list(vars(openai._exceptions).values())
    return {c.__name__ for c in public if inspect.isclass(c) and issubclass(c, Exception)}


def test_every_error_of_the_vendor_is_known_here() -> None:
    assert _vendor_classes() == set(VENDOR)


@pytest.mark.parametrize("name", VENDOR)
def test_every_error_of_the_vendor_becomes_ours(name: str) -> None:
    theirs, ours = VENDOR[name]
    failure = failures.classify(complaint_of(theirs), Endpoint("h", "m", KEY))
    assert type(failure.error) is ours
    assert str(failure.error).endswith((".", "?"))


@pytest.mark.parametrize("name", ["message", "detail", "error", "code", "type", "n_ctx", "param"])
def test_an_error_nested_however_deep_is_read(name: str) -> None:
    deep: list[Any] = []
    for _ in range(sys.getrecursionlimit()):
        deep = [deep]
    for value in (deep, [deep], [{"loc": deep, "msg": deep}], [{"loc": ["body", deep], "message": "too deep"}]):
        err = openai.BadRequestError("x", response=_response(400), body=None)
        err.body = {name: value}  # as the client keeps it that reads it with more stack left
        assert complaint_of(err).message == ""


@pytest.mark.parametrize("stream", [True, False])
def test_an_error_that_cannot_be_read_hangs_on_to_no_vendor_error(
    endpoint: Any, chat: OpenAIChat, stream: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> NoReturn:
        raise RecursionError

    monkeypatch.setattr("qa.llm.wire.complaint_of", fail)
    endpoint.models = None
    endpoint.script(*[endpoint.error(400, f"your key is {KEY}")] * failures.ATTEMPTS)
    with pytest.raises(errors.ChatError) as caught:
        ask(chat, stream, PLAIN)
    with pytest.raises(errors.ChatError) as listed:
        chat.models()
    for err in (caught.value, listed.value):
        assert KEY not in everything_said(err)
        assert "openai" not in everything_said(err)


@pytest.mark.parametrize("kind", ["connect", "dropped", "timeout", "status", "stream", "format", "length", "other"])
@pytest.mark.parametrize("status", [None, 302, 400, 402, 408, 418, 451, 501, 529])
def test_every_complaint_has_an_error(kind: Any, status: int | None) -> None:
    failure = failures.classify(Complaint(kind, "words", status), Endpoint("h", "m"))
    assert isinstance(failure.error, errors.ChatError)
    assert failure.attempts >= 1


NAMES = ["choices", "message", "delta", "content", "error", "code", "param", "usage", "finish_reason", "refusal"]
NAMES += ["model", "prompt_tokens", "text"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(NAMES),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(JSON, st.sampled_from(["message", "delta"]))
def test_any_json_is_an_event_or_a_complaint(data: object, part: str) -> None:
    try:
        event = _event(data, part)
    except Complained as err:
        complaint = err.complaint
    else:
        assert isinstance(event.text, str)
        return
    assert isinstance(failures.classify(complaint, Endpoint("h", "m")).error, errors.ChatError)


def test_importing_the_chat_loads_no_client() -> None:
    code = (
        "import sys; import qa.llm.chat, qa.answer.parse, qa.llm.gguf, qa.errors; qa.llm.chat.OpenAIChat('m');"
        "print([m for m in ('openai', 'httpx2', 'xllamacpp', 'jinja2', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_models_are_listed(endpoint: Any, chat: OpenAIChat) -> None:
    endpoint.models = ["a", "b"]
    assert chat.models() == ("a", "b")
    endpoint.models = None
    with pytest.raises(errors.EndpointError):
        chat.models()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("HTTPS_PROXY", "bogus://user:SECRET@host", "The proxy named in the environment is not valid"),
        ("HTTPS_PROXY", "http://user:SECRET@host:port", "The proxy named in the environment is not valid"),
        ("ALL_PROXY", "http://SECRET\x1b[31m", "The proxy named in the environment is not valid"),
        ("SSL_CERT_FILE", "/no/such/file", "certificates named in the environment cannot be read"),
        ("SSL_CERT_FILE", __file__, "certificates named in the environment cannot be read"),
    ],
)
def test_what_the_environment_gets_wrong_is_said(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    chat = OpenAIChat("m", "https://elsewhere.invalid/v1", KEY)
    with closing(chat), pytest.raises(errors.SettingError, match=said) as caught:
        list(chat.stream(PLAIN))
    assert "SECRET" not in str(caught.value)


def test_a_socks_proxy_without_its_package_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://host:1")
    monkeypatch.setitem(sys.modules, "socksio", None)
    with pytest.raises(errors.SettingError, match="pip install socksio"):
        OpenAIChat("m", "https://elsewhere.invalid/v1", KEY).models()

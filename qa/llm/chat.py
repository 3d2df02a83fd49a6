"""`OpenAIChat`: a language model behind any endpoint with OpenAI's chat completions.

Nothing heavy is imported here; the client is loaded when the first question is asked. The environment is not read.
"""

import random
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from qa import addresses
from qa.errors import (
    ChatError,
    ContextTooLongError,
    DeadlineError,
    KeyRefusedError,
    NoSuchModelError,
    SettingError,
)
from qa.llm import dialect as dialects
from qa.llm import failures
from qa.llm.dialect import Dialect, Mode
from qa.llm.failures import Complaint, Endpoint, Failure
from qa.llm.protocol import ChatReply, ChatRequest, Closing, Delta, SharedDeadline, encodable
from qa.llm.redact import redactor
from qa.llm.reply import GrowingReply

if TYPE_CHECKING:
    from qa.llm.wire import Wire

__all__ = ["OpenAIChat"]

DEFAULT_URL = "https://api.openai.com/v1"
MOST_CHARS_A_TOKEN = 8  # on the average of a text; English has four to five
MODELS_SECONDS = 5.0  # for the list of models
CUT_FROM = 1000  # tokens; some servers count only those that they had not read for an earlier question


class OpenAIChat(Closing):
    """A model behind an endpoint that speaks OpenAI's chat completions. Safe to share between threads.

    base_url: None for OpenAI's own. api_key: None if the endpoint wants none; it is sent to this endpoint only, and
    stands in no reply. deadline: seconds for one answer, retries included; see `SharedDeadline`. silence: seconds
    without a byte before a try is given up; a slow model on this machine may need more of both. temperature and
    seed: None leaves them out.
    sleep, clock, jitter: for tests. jitter gives numbers in [0, 1).
    """

    is_local = False

    def __init__(
        self,
        model: str,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        deadline: float = 120.0,
        silence: float = 60.0,
        temperature: float | None = 0.0,
        seed: int | None = 0,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.model = model
        self.base_url = base_url or DEFAULT_URL
        self.deadline = deadline
        self.silence = silence
        self.temperature = temperature
        self.seed = seed
        self._key = (api_key or "").strip()
        self._sleep, self._clock, self._jitter = sleep, clock, jitter
        self._wire: Wire | None = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"OpenAIChat(model={self.model!r}, host={self.host!r})"

    @property
    def host(self) -> str:
        """The host, and the port if one is named, that text is sent to."""
        return addresses.host(self.base_url)

    def check(self) -> None:
        """Raise SettingError for an invalid base URL or key, KeyRefusedError for a missing key. Sends nothing."""
        self._checked_url()
        self._checked_key()

    def close(self) -> None:
        """Close the connections; a later question opens new ones."""
        with self._lock:
            wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()

    def hide(self, text: str) -> str:
        """The text without the key: what is made of a reply may hold it although the reply did not seem to."""
        return redactor(self._key).hide(text)

    def models(self, seconds: float = MODELS_SECONDS) -> tuple[str, ...]:
        """The names of the models that the endpoint lists, within so many seconds. Raises ChatError."""
        from qa.llm.wire import Complained

        try:
            return tuple(self.hide(name) for name in self._connect().models(seconds))
        except Complained as err:
            complaint = err.complaint
        raise failures.classify(complaint, self._endpoint).error

    def stream(self, request: ChatRequest) -> Iterator[Delta | ChatReply]:
        """Answer a request piece by piece; see `Chat.stream`. Raises ChatError; SettingError for a wrong base URL.

        The request is adapted to what the endpoint takes; failures that may pass are tried again until the deadline.
        """
        return self._run(request, live=True)

    def complete(self, request: ChatRequest) -> ChatReply:
        """The whole reply in one piece, for endpoints that do not stream well. Raises as `stream` does."""
        *_, reply = self._run(request, live=False)
        assert isinstance(reply, ChatReply)
        return reply

    def _run(self, request: ChatRequest, live: bool) -> Iterator[Delta | ChatReply]:
        shared = request.deadline or SharedDeadline()
        until = self._until(shared)
        dialect = dialects.recall(self.base_url, self.model)
        attempt = failed = 0
        while True:
            if shared.cancelled:
                raise DeadlineError("The answer was given up before it was complete.")
            attempt += 1
            arguments = self._arguments(request, dialect)
            got = yield from self._try(arguments, dialect, live, attempt, shared)
            if isinstance(got, ChatReply):
                self._refuse_if_cut(arguments["messages"], got.usage.get("prompt_tokens", 0))
                dialects.remember(self.base_url, self.model, dialect)
                yield got
                return
            adapted = dialects.adapt(dialect, arguments, got)
            if adapted is not None:
                dialect = adapted
                continue
            failed += 1
            if not shared.cancelled:
                self._wait(self._failure(got, until), failed, until)

    def _until(self, shared: SharedDeadline) -> float:
        if shared.until is None:
            shared.until = self._clock() + self.deadline
        return shared.until

    @property
    def _endpoint(self) -> Endpoint:
        return Endpoint(self.host, self.model, self._key)

    def _connect(self) -> "Wire":
        with self._lock:
            if self._wire is None:
                from qa.llm.wire import Wire

                self._wire = Wire(self._checked_url(), self._checked_key(), addresses.is_here(self.base_url))
            return self._wire

    def _checked_url(self) -> str:
        problem = _url_problem(self.base_url)
        if problem:
            raise SettingError(f"The base URL {problem}. It looks like https://host/v1 or http://localhost:11434/v1.")
        return self.base_url

    def _checked_key(self) -> str:
        if not (self._key.isascii() and self._key.isprintable()):
            raise SettingError("The API key holds characters that no key has. Copy it again.")
        if not self._key and self.base_url == DEFAULT_URL:
            raise KeyRefusedError(
                f"{self.host} needs an API key, and none is set, so nothing was sent. Set OPENAI_API_KEY, or name "
                "another endpoint: --base-url or OPENAI_BASE_URL."
            )
        return self._key

    def _arguments(self, request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
        form = dialects.format_of(dialect.mode, request.schema) if request.schema is not None else None
        plain = request.schema is not None and form is None and request.plain_messages
        messages = [{"role": m.role, "content": encodable(m.content)} for m in plain or request.messages]
        temperature = self.temperature if request.temperature is None else request.temperature
        seed = self.seed if request.seed is None else request.seed
        optional = {
            "response_format": form,
            "temperature": temperature,
            "seed": seed,
            "max_tokens": request.max_tokens,
        }
        given = {name: value for name, value in optional.items() if value is not None}
        if "system" in dialect.dropped:
            messages = dialects.merge_system(messages)
        return {"model": self.model, "messages": messages, **dialect.named(given)}

    def _try(
        self, arguments: dict[str, Any], dialect: Dialect, live: bool, attempt: int, shared: SharedDeadline
    ) -> Generator[Delta, None, ChatReply | Complaint]:
        """One request: its pieces; finally its reply or the failure. Raises errors that a retry cannot fix."""
        wire = self._connect()
        from qa.llm.wire import Complained

        stream = live and "stream" not in dialect.dropped
        if stream:
            arguments["stream"] = True  # stays among the arguments, so that a complaint about it is understood
            arguments |= dialect.named({"stream_options": {"include_usage": True}})
        sent = {name: value for name, value in arguments.items() if name != "stream"}
        growing = GrowingReply(self._endpoint)
        seconds = self._until(shared) - self._clock()
        try:
            with closing(
                wire.send(sent, stream=stream, silence=self.silence, seconds=seconds, cancel=shared.ended_by)
            ) as events:
                for event in events:
                    text = growing.take(event)
                    if text:
                        yield Delta(text, attempt)
        except Complained as err:
            if not growing.finish or err.complaint.kind not in ("dropped", "timeout"):
                return err.complaint
        if stream and not growing.finish:
            return Complaint("dropped", "" if growing.wrote else "the stream held no answer")
        rest = growing.rest()
        if growing.used_up:
            return Complaint("length")
        growing.check()
        if rest:
            yield Delta(rest, attempt)
        mode: Mode = "text" if "response_format" not in arguments else dialect.mode
        return ChatReply(growing.text, growing.model, mode, growing.finish or "stop", growing.usage)

    def _refuse_if_cut(self, messages: Sequence[Mapping[str, str]], tokens: int) -> None:
        """Some servers silently truncate a prompt that is too long; only the token count they report reveals it."""
        chars = sum(len(message["content"]) for message in messages)
        if CUT_FROM <= tokens < chars / MOST_CHARS_A_TOKEN:
            raise ContextTooLongError(
                f"{self.host} read {tokens:,} tokens of a prompt of {chars:,} characters: it seems to have cut it. "
                "Give the model more context there, or make prompt_tokens or k smaller.",
                tokens,
            )

    def _failure(self, complaint: Complaint, until: float) -> Failure:
        failure = failures.classify(complaint, self._endpoint)
        if complaint.status == 404 or isinstance(failure.error, NoSuchModelError):
            offered = self._offered(until - self._clock())
            if isinstance(failure.error, NoSuchModelError) or (offered and self.model not in offered):
                return replace(failure, error=failures.no_such_model(self._endpoint, offered))
        return failure

    def _offered(self, left: float) -> tuple[str, ...]:
        """The endpoint's models; empty if it cannot list them. Only used to improve a message."""
        try:
            return self.models(min(MODELS_SECONDS, left)) if left > 0 else ()
        except ChatError:
            return ()

    def _wait(self, failure: Failure, failed: int, until: float) -> None:
        """Sleep until the next attempt; raise the failure if there is none."""
        if failure.attempts == 1:  # more informative than a timeout
            raise failure.error
        left = until - self._clock()
        if left <= 0:
            raise self._late(failed) from failure.error
        if failed >= failure.attempts:
            raise failure.error
        backoff = min(8.0, 0.5 * 2 ** (failed - 1)) * (0.5 + self._jitter() / 2)
        pause = backoff if failure.wait is None else failure.wait + self._jitter() / 4
        if pause >= left:
            if failure.wait is not None:
                raise failure.error
            raise self._late(failed) from failure.error
        self._sleep(pause)

    def _late(self, failed: int) -> DeadlineError:
        tries = f" in {failed} attempts" if failed > 1 else ""
        return DeadlineError(
            f"No complete answer from {self.host} within {self.deadline:g} seconds{tries}. "
            "Raise the deadline (QA_DEADLINE), or use a faster model."
        )


def _url_problem(url: str) -> str:
    """What is wrong with a base URL, without repeating it: it may hold a key."""
    try:
        parts = urlsplit(url)
        port_ok = parts.port is None or parts.port > 0
    except ValueError:
        return "is not a valid URL"
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_ok or any(c.isspace() for c in url):
        return "is not an http or https address"
    if "@" in parts.netloc:
        return "contains a user name or password: pass the key as the API key"
    return "contains a query: pass the key as the API key" if parts.query else ""

"""Map an endpoint's complaint to one of our errors, and decide whether to retry."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from qa.errors import (
    BadReplyError,
    ChatError,
    ContentRefusedError,
    ContextTooLongError,
    EndpointError,
    KeyRefusedError,
    NoSuchModelError,
    RateLimitedError,
    RequestRefusedError,
)
from qa.llm.redact import KEY_LENGTH, redactor

__all__ = [
    "ATTEMPTS",
    "Complaint",
    "Endpoint",
    "Failure",
    "Kind",
    "classify",
    "clean",
    "is_about_context",
    "no_such_model",
]

ATTEMPTS = 6
CONNECT_ATTEMPTS = 2  # an unreachable server should be reported quickly
LOADING_ATTEMPTS = 1_000  # until the deadline

Kind = Literal["connect", "dropped", "timeout", "status", "stream", "format", "length", "other"]


@dataclass(frozen=True, slots=True)
class Complaint:
    """A failed request, as seen on the wire.

    kind: connect (never connected), dropped, timeout, status (an HTTP status other than 2xx), stream (an error inside
    a stream or a 200 body), format (not the chat format), length (no token was left for an answer), other. words: all
    that the endpoint said, untrusted. message: the part of it that is meant for people. param: the parameter that it
    names. limit: its context in tokens. retry_after: seconds. location: where a redirect leads.
    """

    kind: Kind
    words: str = ""
    status: int | None = None
    param: str = ""
    limit: int | None = None
    retry_after: float | None = None
    location: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Endpoint:
    """The endpoint, for messages only. `key` is redacted from the endpoint's text."""

    host: str
    model: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """error: to be raised. attempts: the total number worth making. wait: seconds that the endpoint asked for."""

    error: ChatError
    attempts: int = 1
    wait: float | None = None


CONTEXT = re.compile(
    r"context_length_exceeded|exceed_context_size|maximum context length|context (?:length|window|size)"
    r"|prompt is too long|input is too long|too many (?:input )?tokens|input token count|reduce the length"
    r"|prompt (?:contains|has) \d+ tokens|longer than the (?:model|maximum)|greater than the context"
    r"|max_new_tokens` must be",
    re.IGNORECASE,
)
CONTENT = re.compile(r"content[_ ](?:filter|policy|management)|responsible ai|safety (?:system|polic)", re.IGNORECASE)
MODEL = re.compile(
    r"model_not_found|no such model|unknown model|invalid model|unsupported model|not a valid model"
    r"|model\b.{0,120}?(?:not found|does not exist|not exist|not available|is not supported|not been found|not loaded)"
    r"|model .{0,120}?try pulling",
    re.IGNORECASE | re.DOTALL,
)
QUOTA = re.compile(
    r"insufficient_quota|exceeded your current quota|billing|insufficient (?:balance|credits?|funds)", re.I
)


def clean(words: str, key: str = "", limit: int = 300) -> str:
    """An endpoint's text, safe for a message: one line, no control characters, no part of a key, cut to `limit`."""
    text = redactor(key).hide(words[: 20 * limit])
    if len(key) >= KEY_LENGTH:
        text = re.sub(re.escape(key[:5]) + r"\S*", "[key]", text, flags=re.IGNORECASE)
    text = "".join(c if c.isprintable() else " " for c in text)
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def classify(complaint: Complaint, endpoint: Endpoint) -> Failure:
    """The error to raise for a complaint; every complaint has one."""
    said = clean(complaint.message or complaint.words, endpoint.key)
    if complaint.kind in ("connect", "dropped", "timeout"):
        return _no_answer(complaint, endpoint, said)
    if complaint.kind in ("format", "length"):
        return _no_use(complaint, endpoint, said)
    named = _by_words(complaint, endpoint, said)
    if named is not None:
        return named
    if complaint.kind == "other":
        return Failure(
            EndpointError(f"The request to {endpoint.host} failed{_quoted(said)}. `qa doctor` checks the endpoint.")
        )
    if complaint.status is None:
        return Failure(
            EndpointError(f"{endpoint.host} reported an error while answering{_quoted(said)}. Ask again later."),
            attempts=ATTEMPTS,
        )
    return _by_status(complaint, complaint.status, endpoint, said)


def is_about_context(complaint: Complaint) -> bool:
    """Whether the endpoint says that the prompt is too long."""
    status = complaint.status
    return status == 413 or (status not in (401, 403, 404, 429) and bool(CONTEXT.search(complaint.words)))


def _is_about_model(complaint: Complaint) -> bool:
    """Whether the endpoint says that it does not have the model."""
    return complaint.status in (400, 404, 422) and bool(MODEL.search(complaint.words))


def no_such_model(endpoint: Endpoint, offered: Sequence[str]) -> NoSuchModelError:
    """The error that lists what the endpoint offers, the most similar first, at most ten."""
    alike = sorted(offered, key=lambda name: -SequenceMatcher(None, endpoint.model, name).ratio())
    names = ", ".join(clean(name, endpoint.key, 80) for name in alike[:10])
    more = f" and {len(alike) - 10} more" if len(alike) > 10 else ""
    offer = f"It offers {names}{more}." if names else "It does not list its models."
    model = clean(endpoint.model, endpoint.key, 120)
    return NoSuchModelError(f"No such model at {endpoint.host}: {model}. {offer}", tuple(alike))


def _quoted(said: str) -> str:
    return f': "{said}"' if said else ""


def _no_answer(complaint: Complaint, endpoint: Endpoint, said: str) -> Failure:
    reason = f" ({said})" if said else ""
    if complaint.kind == "connect":
        text = f"Cannot reach {endpoint.host}{reason}. Is the server running, and is the base URL right?"
        return Failure(EndpointError(text), attempts=1 if "certificate" in said.lower() else CONNECT_ATTEMPTS)
    if complaint.kind == "dropped":
        return Failure(
            EndpointError(
                f"The connection to {endpoint.host} was lost before the answer was complete{reason}. Ask again later."
            ),
            ATTEMPTS,
        )
    return Failure(EndpointError(f"{endpoint.host} stopped responding{reason}. Ask again later."), ATTEMPTS)


def _no_use(complaint: Complaint, endpoint: Endpoint, said: str) -> Failure:
    if complaint.kind == "length":
        who = f"{clean(endpoint.model, endpoint.key, 120)} at {endpoint.host}"
        text = f"{who} used all its tokens for reasoning and wrote no answer. Use another model."
        return Failure(BadReplyError(text))
    text = f"{endpoint.host} did not answer in the OpenAI chat format{_quoted(said)}. "
    return Failure(EndpointError(f"{text}Check the base URL: it usually ends in /v1."), attempts=2)


def _by_words(complaint: Complaint, endpoint: Endpoint, said: str) -> Failure | None:
    """Errors recognised by the endpoint's text rather than by the status."""
    status = complaint.status
    if is_about_context(complaint):
        size = f" of {complaint.limit:,} tokens" if complaint.limit else ""
        text = (
            f"The prompt does not fit into the context{size} of {clean(endpoint.model, endpoint.key, 120)} at "
            f"{endpoint.host}{_quoted(said)}. Make prompt_tokens or k smaller, or use a model with a larger context."
        )
        return Failure(ContextTooLongError(text, complaint.limit))
    if _is_about_model(complaint):
        return Failure(no_such_model(endpoint, ()))
    if status not in (401, 429) and (status is None or status < 500) and CONTENT.search(complaint.words):
        return Failure(
            ContentRefusedError(
                f"A content filter at {endpoint.host} blocked the request{_quoted(said)}. "
                "Rephrase the question, or use another model."
            )
        )
    if status == 402 or (status in (None, 403, 429) and QUOTA.search(complaint.words)):
        return Failure(
            RateLimitedError(
                f"The account at {endpoint.host} has no quota left{_quoted(said)}. Check its plan and billing."
            )
        )
    if status is None and re.search(r"rate.?limit|overloaded|\b429\b", complaint.words, re.IGNORECASE):
        return Failure(RateLimitedError(f"{endpoint.host} limits the rate of requests{_quoted(said)}."), ATTEMPTS)
    return None


def _by_status(complaint: Complaint, status: int, endpoint: Endpoint, said: str) -> Failure:
    if status < 400:
        where = clean(complaint.location, endpoint.key, 120) or "another address"
        text = (
            f"{endpoint.host} redirects to {where}. qa does not follow redirects, because they would send your text "
            "and key there. If the address is correct, use it as the base URL."
        )
        return Failure(EndpointError(text))
    if status in (401, 403):
        return Failure(_key_refused(status, endpoint, said))
    if status == 404:
        return Failure(
            EndpointError(
                f"{endpoint.host} has nothing at this path (404). Check the base URL: it usually ends in /v1."
            )
        )
    if status == 429:
        text = f"{endpoint.host} limits the rate of requests{_quoted(said)}. Wait, or use another model."
        return Failure(RateLimitedError(text, complaint.retry_after), ATTEMPTS, complaint.retry_after)
    if status == 503 and "loading" in complaint.words.lower():
        return Failure(
            EndpointError(f"{endpoint.host} is still loading the model. Try again later."), LOADING_ATTEMPTS, 2.0
        )
    if status in (408, 409, 425) or status >= 500:
        text = f"{endpoint.host} failed with status {status}{_quoted(said)}. Ask again later."
        return Failure(EndpointError(text), 1 if status in (501, 505) else ATTEMPTS, complaint.retry_after)
    return Failure(RequestRefusedError(f"{endpoint.host} rejected the request with status {status}{_quoted(said)}."))


def _key_refused(status: int, endpoint: Endpoint, said: str) -> KeyRefusedError:
    if not endpoint.key:
        return KeyRefusedError(
            f"{endpoint.host} requires an API key ({status}), but none is set. Set OPENAI_API_KEY or pass api_key."
        )
    if status == 401:  # the text of a 401 often contains parts of the key
        return KeyRefusedError(
            f"{endpoint.host} refused the API key (401). Check that the key is for this endpoint and still valid."
        )
    model = clean(endpoint.model, endpoint.key, 120)
    return KeyRefusedError(f"{endpoint.host} does not allow this key to use {model} (403){_quoted(said)}.")

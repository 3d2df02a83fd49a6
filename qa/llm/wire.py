"""One request to a chat endpoint through the `openai` client, and the seam where every vendor error ends.

The only module that imports openai and its HTTP library; `chat.py` loads it when the first question is asked. What
leaves this machine is fixed here: only listed headers, none that the environment adds, and no redirect is followed.
"""

import contextlib
import datetime
import json
import math
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
import openai

from qa.errors import BadReplyError, SettingError
from qa.llm import watch as watches
from qa.llm.failures import Complaint, Kind
from qa.llm.watch import CONNECT_SECONDS, Watch
from qa.records import MOST_TOKENS

__all__ = ["Complained", "Event", "Wire", "complaint_of"]

MAX_BYTES_WHOLE = 4_000_000  # of a reply that comes in one piece
MAX_BYTES_STREAM = 32_000_000  # a streamed token of 4 characters takes some 250 bytes
MAX_BYTES_ERROR = 100_000
MAX_BYTES_EVENT = 1_000_000  # of a stream; for one without an end some versions of the client take for ever
HEADERS = frozenset(
    (
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
    )
)
LIMIT = re.compile(
    r"context (?:length|window|size) (?:is|of) (\d+)|context size \((\d+)|> (\d+) maximum"
    r"|tokens allowed \((\d+)|with (\d+) maximum context|\"?n_ctx\"?\D{1,4}(\d+)",
    re.IGNORECASE,
)


Cancel = Callable[[Callable[[], None]], contextlib.AbstractContextManager[None]]


class Complained(Exception):
    """Carries a complaint from the wire to the loop that retries; never leaves the package."""

    def __init__(self, complaint: Complaint) -> None:
        super().__init__(complaint.kind)
        self.complaint = complaint


@dataclass(frozen=True, slots=True)
class Event:
    """A piece of a reply, or all of it. finish, refusal, model: empty when this piece does not say."""

    text: str = ""
    finish: str = ""
    refusal: str = ""
    model: str = ""
    usage: Mapping[str, int] = field(default_factory=dict)


class _Bounded(httpx2.SyncByteStream):
    """A reply's bytes, cut off by an error when they are too many. max_event: of an event, which a blank line ends."""

    def __init__(self, inner: httpx2.SyncByteStream, max_bytes: int, max_event: int) -> None:
        self._inner, self._max_bytes, self._max_event = inner, max_bytes, max_event

    def __iter__(self) -> Iterator[bytes]:
        taken = event = 0
        last = b""
        for block in self._inner:
            taken += len(block)
            joined = last + block
            blank = max(map(joined.rfind, (b"\n\n", b"\n\r", b"\r\r")))
            event = len(joined) - blank if blank >= 0 else event + len(block)
            last = joined[-1:]
            if taken > self._max_bytes or event > self._max_event:
                many, what = (self._max_bytes, "answer") if taken > self._max_bytes else (self._max_event, "event")
                raise BadReplyError(
                    f"The endpoint sent more than {many:,} bytes for one {what}; "
                    "the rest was not read. Use another model."
                )
            yield block

    def close(self) -> None:
        self._inner.close()


class Wire:
    """Connections to one endpoint, safe to share between threads.

    Proxies and certificates set up for the system count, except for an endpoint on this machine.
    """

    def __init__(self, base_url: str, api_key: str, local: bool) -> None:
        """Raises SettingError for a base URL, a proxy or certificates that the HTTP library does not take."""
        try:
            httpx2.URL(base_url)
        except (httpx2.InvalidURL, ValueError):  # its message may hold what is nobody's business
            raise SettingError("The base URL is invalid: check its host and its special characters.") from None
        self._key = api_key
        with _surroundings():
            self._http = httpx2.Client(
                follow_redirects=False,
                trust_env=not local,
                limits=httpx2.Limits(max_keepalive_connections=0),  # so that each request connects, and is seen to
                event_hooks={"request": [self._dress], "response": [self._bound]},
            )
        self._client = openai.OpenAI(
            base_url=base_url,
            api_key=api_key or "none",
            admin_api_key="",  # an empty text keeps the client from looking into the environment
            organization="",
            project="",
            webhook_secret="",
            max_retries=0,
            http_client=self._http,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(
        self, arguments: Mapping[str, Any], *, stream: bool, silence: float, seconds: float, cancel: Cancel
    ) -> Generator[Event, None, None]:
        """Ask, and give the reply's events as they come, for so many seconds.

        silence: seconds without a byte before giving up. cancel: a context in which what it is given ends the request.
        Raises Complained for whatever goes wrong at the endpoint, BadReplyError for too large a reply.
        """
        left = max(seconds, 0.001)
        timeout = openai.Timeout(min(silence, left), connect=min(CONNECT_SECONDS, left))
        error: Exception | None = None
        with Watch(left, MAX_BYTES_STREAM if stream else MAX_BYTES_WHOLE) as watch, cancel(watch.end):
            try:
                yield from self._events({**arguments, "timeout": timeout}, stream, watch)
            except BadReplyError as err:
                raise BadReplyError(*err.args) from None
            except Exception as err:  # whatever the vendor's code raises becomes ours here
                error = err
        # outside of the handler, so that no vendor error, with its request, hangs on to ours or to a failure to read it
        complaint, error = _read_error(error), None
        if watch.over and not (complaint and complaint.kind == "connect"):
            complaint = Complaint("timeout")  # what was cut off looks like a broken or an ended connection
        if complaint is not None:
            raise Complained(complaint)

    def models(self, seconds: float) -> tuple[str, ...]:
        """The names that the endpoint lists. Raises Complained."""
        error: Exception | None = None
        with Watch(seconds, MAX_BYTES_WHOLE) as watch:
            try:
                page = watch.run(lambda: self._client.models.list(timeout=max(seconds, 0.001)))
                names = (_get(model, "id") for model in _listed(_get(page, "data"))[:1000])
                return tuple(name for name in names if isinstance(name, str) and name)
            except Exception as err:
                error = err
        complaint, error = _read_error(error) or Complaint("other"), None
        late = watch.over and complaint.kind != "connect"
        raise Complained(Complaint("timeout") if late else complaint)

    def _events(self, arguments: dict[str, Any], stream: bool, watch: Watch) -> Iterator[Event]:
        create = self._client.chat.completions.create
        if not stream:
            whole: object = watch.run(lambda: create(**arguments, stream=False))
            yield _event(_loaded(whole) if isinstance(whole, str) else whole, "message")
            return
        with watch.run(lambda: create(**arguments, stream=True)) as pieces:
            kind = pieces.response.headers.get("content-type", "")
            if "text/event-stream" not in kind:  # a server that does not stream answers in one piece
                event = _event(_loaded(pieces.response.read()), "message")
                yield replace(event, finish=event.finish or "stop")
                return
            for piece in pieces:
                yield _event(piece, "delta")

    def _dress(self, request: httpx2.Request) -> None:
        """Only listed headers leave, the key only if there is one; replies come uncompressed, to be bounded."""
        for name in [name for name in request.headers if name.lower() not in HEADERS]:
            del request.headers[name]
        request.headers["accept-encoding"] = "identity"
        request.headers["user-agent"] = "quoteqa"
        request.headers.pop("authorization", None)
        if self._key:
            request.headers["authorization"] = f"Bearer {self._key}"
        request.extensions["trace"] = watches.current().trace

    def _bound(self, response: httpx2.Response) -> None:
        if response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise Complained(Complaint("format", "a compressed reply, although none was requested"))
        max_bytes = watches.current().max_bytes if response.status_code == 200 else MAX_BYTES_ERROR
        if isinstance(response.stream, httpx2.SyncByteStream):
            streams = "text/event-stream" in response.headers.get("content-type", "")
            response.stream = _Bounded(response.stream, max_bytes, MAX_BYTES_EVENT if streams else max_bytes)


@contextlib.contextmanager
def _surroundings() -> Iterator[None]:
    """Turn errors of a client's setup by environment variables into SettingError, without a proxy's password."""
    try:
        yield
    except ImportError:
        raise SettingError("A SOCKS proxy needs the package socksio. Run: pip install socksio") from None
    except OSError as error:
        raise SettingError(
            f"The certificates named in the environment cannot be read ({error.strerror or 'invalid content'}). "
            "Check SSL_CERT_FILE, SSL_CERT_DIR and SSLKEYLOGFILE."
        ) from None
    except (httpx2.InvalidURL, ValueError):
        raise SettingError(
            "The proxy named in the environment is not valid. Check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY; "
            "the first three look like http://host:port."
        ) from None


def _read_error(err: Exception | None) -> Complaint | None:
    """What an exception of the vendor's code says, even if its content, which an endpoint chose, cannot be read."""
    try:
        return complaint_of(err) if err else None
    except Exception:
        return Complaint("format")


def complaint_of(err: BaseException) -> Complaint:
    """What an exception of the vendor's code says, whichever it is."""
    if isinstance(err, Complained):
        return err.complaint
    if isinstance(err, TimeoutError):  # by `Watch.run`
        return Complaint("connect", str(err))
    if isinstance(err, openai.APITimeoutError | httpx2.TimeoutException):
        never = isinstance(err.__cause__, httpx2.ConnectTimeout | httpx2.PoolTimeout)
        return Complaint("connect" if never else "timeout", "no connection in time" if never else "")
    if isinstance(err, openai.APIConnectionError | httpx2.TransportError):
        cause = err.__cause__ or err
        return Complaint("connect" if isinstance(cause, httpx2.ConnectError) else "dropped", str(cause))
    if isinstance(err, openai.APIStatusError):
        return _status_complaint(err)
    if isinstance(err, openai.ContentFilterFinishReasonError):
        return Complaint("stream", f"content_filter: {err}")
    if isinstance(
        err, openai.APIResponseValidationError | ValueError | RecursionError | openai.LengthFinishReasonError
    ):
        return Complaint("format")
    if isinstance(err, openai.APIError):  # sent inside of a stream
        return _inner_complaint(err.body if isinstance(err.body, Mapping) else {"message": err.message})
    return Complaint("other", type(err).__name__)


def _status_complaint(err: openai.APIStatusError) -> Complaint:
    body = err.body
    headers = err.response.headers
    words = _words(body) if body is not None else ""
    return Complaint(
        "status",
        "" if words.lstrip()[:1] == "<" else words,  # a web page says nothing
        status=err.status_code,
        param=_param(body),
        limit=_limit(words),
        retry_after=_retry_after(headers),
        location=_origin(headers.get("location", "")),
        message=_message(body),
    )


def _inner_complaint(error: object) -> Complaint:
    words = _words(error)
    code = _get(error, "code")
    status = code if isinstance(code, int) and 400 <= code < 600 else None
    kind: Kind = "stream" if status is None else "status"
    return Complaint(kind, words, status, _param(error), _limit(words), message=_message(error))


def _words(body: object) -> str:
    """The texts of an error's body that say what is wrong: message, code, type, and FastAPI's list of details."""
    if isinstance(body, str):
        return body[:2000]
    parts = [_get(body, name) for name in ("message", "detail", "error", "code", "type", "n_ctx")]
    found = [f"n_ctx {parts.pop()}"] if isinstance(parts[-1], int) else []
    for part in parts:
        for item in part[:10] if isinstance(part, list) else [part]:
            if isinstance(item, Mapping):
                found += [*_flat(item.get("loc")), *_flat(item.get("msg", item.get("message")))]
            else:
                found += _flat(item)
    return " ".join(found)[:2000]


def _flat(value: object) -> Iterator[str]:
    """A text or a number, or those in a list. Anything nested is left out: it may be too deep to print."""
    return (str(one) for one in (value[:10] if isinstance(value, list) else [value]) if isinstance(one, str | int))


def _message(body: object) -> str:
    message = _get(body, "message")
    return message[:2000] if isinstance(message, str) else ""


def _param(body: object) -> str:
    param = _get(body, "param")
    return param[:100] if isinstance(param, str) else ""


def _limit(words: str) -> int | None:
    found = LIMIT.search(words)
    digits = next((group for group in found.groups() if group), "") if found else ""
    return int(digits) if 0 < len(digits) < 10 else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait from `retry-after-ms` or `Retry-After` (seconds or an HTTP date)."""
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) * scale
        except ValueError:
            continue
        if math.isfinite(seconds) and seconds >= 0:
            return seconds
    try:
        when = parsedate_to_datetime(headers.get("retry-after", ""))
    except (TypeError, ValueError, OverflowError):
        return None
    now = datetime.datetime.now(when.tzinfo)
    return max((when - now).total_seconds(), 0.0)


def _origin(location: str) -> str:
    """Scheme and host of a redirect's target; its path or query may hold what is nobody's business."""
    found = re.match(r"(https?://)?[^/?#\s]*", location)
    return re.sub(r"//.*@", "//", found[0]) if found else ""


def _loaded(data: str | bytes) -> object:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise Complained(Complaint("format")) from None


def _event(data: object, part: str) -> Event:
    """An event from a completion (part: message) or a chunk of one (part: delta), whatever shape it has."""
    error = _get(data, "error")
    if error:
        raise Complained(_inner_complaint(error))
    if isinstance(data, str) or (part == "message" and _get(data, "choices") is None):
        raise Complained(Complaint("format"))
    choices = _listed(_get(data, "choices"))
    choice = choices[0] if choices else None
    piece = _get(choice, part)
    finish, model, refusal = _get(choice, "finish_reason"), _get(data, "model"), _get(piece, "refusal")
    return Event(
        text=_text(_get(piece, "content")),
        finish=finish[:10_000] if isinstance(finish, str) else "",
        refusal=refusal if isinstance(refusal, str) else "",
        model=model[:200] if isinstance(model, str) else "",
        usage=_usage(_get(data, "usage")),
    )


def _text(content: object) -> str:
    """A reply's content: a text, or parts of which those of type text count."""
    if isinstance(content, str):
        return content
    texts = (_get(part, "text") for part in _listed(content) if _get(part, "type") == "text")
    return "".join(text for text in texts if isinstance(text, str))


def _usage(usage: object) -> dict[str, int]:
    counts = ((name, _get(usage, name)) for name in ("prompt_tokens", "completion_tokens"))
    return {name: count for name, count in counts if type(count) is int and 0 <= count <= MOST_TOKENS}


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _get(value: object, name: str) -> Any:
    """A field of a JSON object or of the client's record of one; None if there is none."""
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)

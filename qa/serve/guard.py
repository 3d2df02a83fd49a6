"""Stands before every route: turns away whom `access` does not accept, bounds bodies, and adds the headers that keep a
browser from running, framing or guessing anything.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.serve.access import COOKIE, Access
from qa.serve.connections import LET_IN, most_connections
from qa.serve.limits import Limits
from qa.serve.problems import Problem

__all__ = ["POLICY", "Guard", "cookies", "is_api"]

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with "no-referrer", browsers send forms with the origin "null"
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
API = ("/api/", "/v1/", "/mcp", "/openapi.json")  # for programs: bearer tokens, and other origins if they are named
OPEN = ("/signin", "/static/")  # for everybody
DRAINING = 2.0  # seconds that are left to who is refused to finish sending
FIELDS = 16_000  # bytes of all header fields; browsers also send the cookies of every other server on this machine
TOO_LARGE = "this request has at most {:,} bytes"


def cookies(headers: Headers) -> dict[str, str]:
    """The cookies of a request, not unquoted: those of this server need no unquoting, which takes `http.cookies`
    quadratic time in some versions of Python.
    """
    pairs = (pair.partition("=") for header in headers.getlist("cookie") for pair in header.split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs}


class _Refused(HTTPException):
    """A body that turned out to be too large, or one too many. Frameworks let this kind of exception pass."""


@dataclass(slots=True)
class _Body:
    """The body of a request. most: bytes. whole: whether it has been taken in to its end. runs: 1 while the request
    counts among those whose answer has not begun.
    """

    most: int
    whole: bool
    taken: int = 0
    runs: int = 0


class Guard:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, access: Access, limits: Limits) -> None:
        self._app, self._access, self._limits = app, access, limits
        self._most = max(1, most_connections() // 2)
        self._running = 0  # requests that were let in and whose answer has not begun
        self._held = 0  # bytes of all bodies that were taken in and not yet answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # no websockets
        headers = Headers(scope=scope)
        extra = self._cors(scope, headers)
        most = self._limits.signin if _is_open(scope) else self._limits.body
        body = _Body(most, headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers)

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._running -= body.runs
                body.runs = 0
                found = MutableHeaders(scope=message)
                for name, value in {**HEADERS, **extra}.items():
                    found.setdefault(name, value)
                if not body.whole:  # nobody should take the rest for another request
                    found["Connection"] = "close"
            await send(message)

        refusal = self._head_too_large(scope, headers) or self._refusal(scope, headers, bool(extra))
        refusal = refusal or self._too_large(headers, body) or self._too_many(scope)
        if refusal is not None:
            if not body.whole and "expect" not in headers:
                await self._drain(receive)
            await refusal(scope, receive, dressed)
            return
        if not _is_open(scope):
            scope[LET_IN] = True
            body.runs = 1
            self._running += 1
        try:
            await self._app(scope, self._bounded(receive, body), dressed)
        except ClientDisconnect:
            pass  # in the middle of a body
        finally:
            self._held -= body.taken
            self._running -= body.runs

    def _head_too_large(self, scope: Scope, headers: Headers) -> Response | None:
        """Why the head of a request is refused before anything parses it; None if it is not.

        With the token, the target may be longer, because it may contain a question.
        """
        if sum(len(name) + len(value) for name, value in headers.raw) > FIELDS:
            return Problem(431, f"the header fields of a request have at most {FIELDS:,} bytes")
        target = len(scope["raw_path"]) + len(scope["query_string"])
        if target > self._limits.signin and (_is_open(scope) or not self._is_known(scope, headers)):
            return Problem(414, f"this address has at most {self._limits.signin:,} bytes")
        return None

    def _refusal(self, scope: Scope, headers: Headers, named: bool) -> Response | None:
        """Why this request is not let in, or the answer to a question about CORS; None to let it in."""
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._access.accepts_host(hosts[0]):
            return Problem(421, "the Host header names another server; --allow-host adds a name of this one")
        if "content-length" in headers and "transfer-encoding" in headers:
            return Problem(400, "Content-Length and Transfer-Encoding together leave open where the request ends")
        foreign = self._is_foreign(scope, headers, hosts[0])
        if foreign:
            return Problem(403, "this request comes from a page of another site; --allow-origin names one that may ask")
        if scope["method"] == "OPTIONS" and named:
            return Response(status_code=204)
        return None if self._is_known(scope, headers) else self._sign_in(scope, headers)

    def _is_foreign(self, scope: Scope, headers: Headers, host: str) -> bool:
        """Whether a page of another site caused this request; links to the page from elsewhere are fine."""
        origin = headers.get("origin")
        if origin is not None:
            return not (_same(origin, host) or (is_api(scope["path"]) and origin in self._access.origins))
        cross = headers.get("sec-fetch-site", "none") not in ("none", "same-origin")
        navigates = headers.get("sec-fetch-mode") == "navigate" and scope["method"] in ("GET", "HEAD")
        return cross and not (navigates and not is_api(scope["path"]))

    def _is_known(self, scope: Scope, headers: Headers) -> bool:
        if self._access.token is None or _is_open(scope):
            return True
        if self._access.accepts_bearer(headers.get("authorization", "")):
            return True
        return not is_api(scope["path"]) and self._access.accepts_cookie(cookies(headers).get(COOKIE, ""))

    def _sign_in(self, scope: Scope, headers: Headers) -> Response:
        if scope["method"] == "GET" and not is_api(scope["path"]) and "text/html" in headers.get("accept", ""):
            query = scope["query_string"].decode("latin-1")
            wanted = quote(scope["path"]) + (f"?{query}" if query else "")
            return RedirectResponse(f"/signin?next={quote(wanted)}", 303)
        detail = "a token is needed: send it as Authorization: Bearer TOKEN, or sign in on the page"
        return Problem(401, detail, headers={"WWW-Authenticate": 'Bearer realm="qa"'})

    def _cors(self, scope: Scope, headers: Headers) -> dict[str, str]:
        """What lets the page of a named origin call the API and read its answers; nothing for any other."""
        origin = headers.get("origin", "")
        if origin not in self._access.origins or not is_api(scope["path"]):
            return {}
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": "Authorization, Content-Type, MCP-Protocol-Version",
            "Access-Control-Max-Age": "600",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Vary": "Origin",
        }

    async def _drain(self, receive: Receive) -> None:
        """Let who is refused finish sending, as far as that takes a moment: who is cut off does not read why."""
        left = 2 * self._limits.body
        message: Message = {"more_body": True}
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAINING):
                while left > 0 and message.get("more_body", False):
                    message = await receive()
                    left -= len(message.get("body", b""))

    def _too_large(self, headers: Headers, body: _Body) -> Response | None:
        """Why the length that a request gives is refused; None if it is not."""
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()) or len(length) > 12 or int(length) > body.most:
            return Problem(413, TOO_LARGE.format(body.most))
        return None

    def _too_many(self, scope: Scope) -> Response | None:
        """Why a request has to wait, so that connections stay free for others; None if it need not."""
        if _is_open(scope) or self._running < self._most:
            return None
        retry = {"Retry-After": str(self._limits.retry)}
        return Problem(429, f"{self._most} requests are being answered already; ask again in a moment", headers=retry)

    def _bounded(self, receive: Receive, body: _Body) -> Receive:
        """Receives a request, with at most so many bytes of body, and so many of all bodies."""

        async def counted() -> Message:
            message = await receive()
            size = len(message.get("body", b""))
            body.taken += size
            self._held += size
            body.whole = body.whole or (message["type"] == "http.request" and not message.get("more_body", False))
            if body.taken > body.most:
                raise _Refused(413, TOO_LARGE.format(body.most))
            if self._held > self._limits.bodies:
                retry = {"Retry-After": str(self._limits.retry)}
                raise _Refused(429, "too much is being sent to this server; ask again in a moment", retry)
            return message

        return counted


def is_api(path: str) -> bool:
    """Whether a path is for programs rather than for the page."""
    return path.startswith(API)


def _is_open(scope: Scope) -> bool:
    """Whether this needs no token."""
    return str(scope["path"]).startswith(OPEN)


def _same(origin: str, host: str) -> bool:
    """Whether an origin is this server's own."""
    scheme, _, name = origin.partition("://")
    return scheme in ("http", "https") and name.lower() == host.lower()

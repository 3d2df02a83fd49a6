"""Stands before every route: turns away whom `access` does not accept, bounds bodies, and adds the headers that keep a
browser from running, framing or guessing anything.
"""

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.serve.access import COOKIE, Access
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
UNSAFE = frozenset(("POST", "PUT", "PATCH", "DELETE"))


def cookies(headers: Headers) -> dict[str, str]:
    """The cookies of a request; none if they cannot be read."""
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}


class _TooLarge(HTTPException):
    """A body without a length that turned out to be too large. Frameworks let this kind of exception pass."""


class Guard:
    """ASGI middleware. body: most bytes of a request's body."""

    def __init__(self, app: ASGIApp, access: Access, body: int) -> None:
        self._app, self._access, self._body = app, access, body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # no websockets
        headers = Headers(scope=scope)
        extra = self._cors(scope, headers)

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                found = MutableHeaders(scope=message)
                for name, value in {**HEADERS, **extra}.items():
                    found.setdefault(name, value)
            await send(message)

        refusal = self._refusal(scope, headers, bool(extra))
        if refusal is not None:
            await refusal(scope, receive, dressed)
            return
        await self._bounded(scope, receive, dressed, headers)

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
        if self._access.token is None or scope["path"].startswith(OPEN):
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

    async def _bounded(self, scope: Scope, receive: Receive, send: Send, headers: Headers) -> None:
        """Pass the request on, with at most so many bytes of body."""
        detail = f"a request has at most {self._body:,} bytes"
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()) or len(length) > 12 or int(length) > self._body:
            await Problem(413, detail)(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._body:
                raise _TooLarge(413, detail)
            return message

        await self._app(scope, counted, send)


def is_api(path: str) -> bool:
    """Whether a path is for programs rather than for the page."""
    return path.startswith(API)


def _same(origin: str, host: str) -> bool:
    """Whether an origin is this server's own."""
    scheme, _, name = origin.partition("://")
    return scheme in ("http", "https") and name.lower() == host.lower()

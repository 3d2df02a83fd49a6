"""Errors as `application/problem+json` (RFC 9457): what happened and what to do next, and never a traceback."""

import json
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from qa.errors import (
    ChatError,
    DeadlineError,
    IndexUnusableError,
    ModelError,
    QaError,
    RateLimitedError,
    ServerBusyError,
    UsageError,
    WorkspaceError,
)

__all__ = ["BUG", "Problem", "dumps", "problem_of", "record"]

BUG = "this is a bug in qa; the server's own output says more"
STATUSES: tuple[tuple[type[QaError], int], ...] = (  # the first that fits
    (ServerBusyError, 429),
    (UsageError, 422),
    (RateLimitedError, 503),
    (DeadlineError, 504),
    (ChatError, 502),
    (IndexUnusableError, 503),
    (ModelError, 503),
    (WorkspaceError, 503),
)


def dumps(value: object) -> str:
    """JSON in ASCII, which carries every text, lone surrogates too."""
    return json.dumps(value, allow_nan=False, separators=(",", ":"))


def record(status: int, detail: str, error: str = "") -> dict[str, Any]:
    """A problem as an object. error: the name of the error, as in `qa.errors`."""
    title = HTTPStatus(status).phrase
    found = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return found | ({"error": error} if error else {})


class Problem(Response):
    """A problem as a response."""

    media_type = "application/problem+json"

    def __init__(self, status: int, detail: str, error: str = "", headers: dict[str, str] | None = None) -> None:
        self.title, self.detail = HTTPStatus(status).phrase, detail
        super().__init__(dumps(record(status, detail, error)), status, headers)


def problem_of(error: QaError, retry: int) -> Problem:
    """The response to an error. retry: seconds after which a busy server may be asked again."""
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), 500)
    wait = retry if status == 429 else error.retry_after if isinstance(error, RateLimitedError) else None
    headers = {} if wait is None else {"Retry-After": str(max(1, round(wait)))}
    return Problem(status, str(error), type(error).__name__, headers)

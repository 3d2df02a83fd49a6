"""What an endpoint takes: learned from its own complaints, remembered for the process.

Endpoints that speak the OpenAI chat format differ in the parameters that they accept. A request starts with all of
them; each complaint that names one takes it out or renames it, and what led to an answer is remembered.
"""

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from qa.llm.failures import Complaint, is_about_context

__all__ = ["Dialect", "Mode", "adapt", "format_of", "merge_system", "recall", "remember"]

Mode = Literal["schema", "json", "text"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """mode: the best output mode that the endpoint takes. dropped: parameters not to send (or "system": the role).

    renamed: is the limit of the answer called max_completion_tokens? thinks: do thoughts count as part of the answer?
    """

    mode: Mode = "schema"
    dropped: frozenset[str] = frozenset()
    renamed: bool = False
    thinks: bool = False

    def named(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as this endpoint wants them."""
        kept = {name: value for name, value in arguments.items() if name not in self.dropped}
        if "max_tokens" in kept:
            limit = kept.pop("max_tokens") * (ROOM_TO_THINK if self.thinks else 1)
            kept["max_completion_tokens" if self.renamed else "max_tokens"] = limit
        return kept


_known: dict[tuple[str, str], Dialect] = {}
_lock = threading.Lock()

FORMAT = re.compile(
    r"response_format|json_schema|json_object|json mode|structured output|guided|grammar|schema|word 'json'",
    re.IGNORECASE,
)
SYSTEM_ROLE = re.compile(
    r"system (?:role|message|prompt)s?\b.{0,40}\bnot\b|only user and assistant roles", re.IGNORECASE
)
ROOM_TO_THINK = 8  # times the tokens of an answer: a hosted model thinks for hundreds of tokens, seldom for thousands
OPTIONAL = ("stream_options", "temperature", "seed", "max_tokens", "max_completion_tokens", "stream")


def recall(base_url: str, model: str) -> Dialect:
    """What is known of an endpoint and model; everything is tried at first."""
    with _lock:
        return _known.get((base_url, model), Dialect())


def remember(base_url: str, model: str, dialect: Dialect) -> None:
    """Keep what led to an answer, for the rest of the process."""
    with _lock:
        _known[base_url, model] = dialect


def format_of(mode: Mode, schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """The `response_format` of a mode; None for plain text."""
    if mode == "schema":
        return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": dict(schema)}}
    return {"type": "json_object"} if mode == "json" else None


def adapt(dialect: Dialect, sent: Mapping[str, Any], complaint: Complaint) -> Dialect | None:
    """A dialect that avoids what the endpoint complains about; None if it names nothing that can be left out.

    Each step takes something away, or gives room once, so asking again ends.
    """
    if complaint.kind == "length":
        limited = not sent.keys().isdisjoint(("max_tokens", "max_completion_tokens"))
        return replace(dialect, thinks=True) if limited and not dialect.thinks else None
    if complaint.status not in (400, 404, 415, 422, 500, 501) or is_about_context(complaint):
        return None
    if complaint.status in (400, 422, 500) and SYSTEM_ROLE.search(complaint.words) and "system" not in dialect.dropped:
        return replace(dialect, dropped=dialect.dropped | {"system"})
    name = _culprit(sent, complaint)
    if name == "response_format":
        return replace(dialect, mode="json" if dialect.mode == "schema" else "text")
    if complaint.status in (404, 415, 500, 501) or name is None:
        return None
    if name == "max_tokens":
        return replace(dialect, renamed=True, thinks=True)  # the models that want it renamed are those that think
    dropped = {"max_tokens", "max_completion_tokens"} if name == "max_completion_tokens" else {name}
    return replace(dialect, dropped=dialect.dropped | dropped)


def merge_system(messages: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """The same messages for a model without a system role: its text leads the first user message."""
    system = "\n\n".join(m["content"] for m in messages if m["role"] == "system")
    rest = [dict(m) for m in messages if m["role"] != "system"]
    if rest and system:
        rest[0]["content"] = f"{system}\n\n{rest[0]['content']}"
    return rest or [{"role": "user", "content": system}]


def _culprit(sent: Mapping[str, Any], complaint: Complaint) -> str | None:
    """The sent parameter that a complaint names: in its `param`, else in its words."""
    field = complaint.param.removeprefix("body.").split(".")[0]
    if field in sent and field in (*OPTIONAL, "response_format"):
        return field
    if "response_format" in sent and FORMAT.search(complaint.words):
        return "response_format"
    for name in OPTIONAL:
        quoted = name == "stream"  # a common word
        pattern = rf"[\"'`]{name}[\"'`]" if quoted else rf"(?<!\w){name}(?!\w)"
        if name in sent and re.search(pattern, complaint.words):
            return name
    return None

"""JSON schema 1: how answers and searches are written, and how they are read back.

Within a schema, fields and values are added, and none is renamed or dropped. So a reader ignores fields that it does
not know, and takes a default for those that came later.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast, get_args

from qa.errors import UsageError
from qa.records import Answer, Context, ContextKind, Evidence, Hit, Passage, Quote, Span, Statement, Verdict

__all__ = [
    "SCHEMA",
    "answer",
    "is_json",
    "parse",
    "quote",
    "quotes_and_hits",
    "read_answer",
    "read_search",
    "search",
    "statement",
]

SCHEMA = 1
UNREAD = ("files", "parts")
TIMES = ("open", "retrieve", "llm", "total")
MAKE = "make one with: qa ask --json"
KINDS = get_args(ContextKind)
UNKNOWN = -1  # the number of a sentence, which the schema does not have


def answer(result: Answer, cost: float | None = None) -> dict[str, Any]:
    """An answer as `qa ask --json` prints it. cost: left out where no prices are configured."""
    usage: dict[str, float] = {name: result.usage.get(name, 0) for name in ("prompt_tokens", "completion_tokens")}
    return {
        "schema": SCHEMA,
        "question": result.question,
        "resolved": result.resolved,
        "status": result.status,
        "reason": result.reason,
        "mode": result.mode,
        "model": result.model,
        "answer": result.text,
        "answerability": result.answerability,
        "statements": [statement(s) for s in result.statements],
        "rejected": [statement(s) for s in result.rejected],
        "quotes": [quote(q) for q in result.quotes],
        "closest": [quote(q) for q in result.closest],
        "missing": list(result.missing),
        "hits": [_hit(h) for h in result.hits],
        "index": _index(result.index),
        "usage": usage if cost is None else usage | {"cost": cost},
        "timings_ms": {name: round(result.timings_ms.get(name, 0), 3) for name in TIMES},
        "unread": {name: result.unread.get(name, 0) for name in UNREAD},
    }


def _index(about: Mapping[str, str]) -> dict[str, str]:
    """What an answer says of the index, `unfinished` only where it was."""
    named = {"generation": about["generation"], "model": about["model"]}
    return named | {"unfinished": about["unfinished"]} if "unfinished" in about else named


def search(query: str, hits: Sequence[Hit], evidence: Evidence) -> dict[str, Any]:
    """The result of a search as `qa search --json` prints it."""
    return {
        "schema": SCHEMA,
        "query": query,
        "hits": [_hit(h) for h in hits],
        "quotes": [quote(q) for q in evidence.quotes],
        "answerability": evidence.answerability,
    }


def quote(found: Quote) -> dict[str, Any]:
    """A quote as it stands in an answer."""
    return {
        "n": found.n,
        "text": found.text,
        "source": found.doc_id,
        "title": found.title,
        "start": found.start,
        "end": found.end,
        "line": found.line,
        "page": found.page,
        "focus": [[span.start, span.end] for span in found.focus],
        "sha256": found.sha256,
        "context": [{"kind": c.kind, "start": c.start, "end": c.end, "text": c.text} for c in found.context],
    }


def is_json(text: str) -> bool:
    """Whether the text is meant to be JSON rather than prose."""
    return text.lstrip("\ufeff \t\r\n").startswith("{")


def parse(text: str) -> dict[str, Any]:
    """A stored answer or search, of which only the schema has been checked. Raises UsageError."""
    try:
        value = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"this looks like a stored answer, but it is not valid JSON ({error}); {MAKE}") from None
    if not isinstance(value, dict) or value.get("schema") != SCHEMA or not isinstance(value.get("quotes"), list):
        raise UsageError(f"this JSON is no answer of schema {SCHEMA}; {MAKE}")
    return value


def read_answer(text: str) -> Answer:
    """The answer that `answer` wrote, except what the schema does not have: `prompt_sha256` is None, and passages have
    neither an id nor numbers of sentences. Raises UsageError for anything else.
    """
    value = parse(text)
    try:
        return Answer(
            question=value["question"],
            status=value["status"],
            reason=value["reason"],
            mode=value["mode"],
            statements=tuple(_read_statement(s) for s in value["statements"]),
            rejected=tuple(_read_statement(s) for s in value["rejected"]),
            quotes=_read_quotes(value),
            hits=tuple(_read_hit(h) for h in value["hits"]),
            answerability=value["answerability"],
            model=value["model"],
            prompt_sha256=None,
            index=_index(value["index"]),
            usage={name: count for name, count in value["usage"].items() if name != "cost"},
            timings_ms=dict(value["timings_ms"]),
            unread=dict(value.get("unread", {})),
            closest=tuple(_read_quote(quote, n) for n, quote in enumerate(value.get("closest", ()), 1)),
            missing=tuple(value.get("missing", ())),
            resolved=value.get("resolved", ""),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"the stored answer is incomplete or damaged ({error!r}); {MAKE}") from None


def read_search(text: str) -> tuple[str, tuple[Hit, ...], Evidence]:
    """The query, hits and evidence that `search` wrote; the evidence has no features. Raises UsageError."""
    value = parse(text)
    try:
        hits = tuple(_read_hit(h) for h in value["hits"])
        return value["query"], hits, Evidence(_read_quotes(value), value["answerability"], {})
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"the stored search is incomplete or damaged ({error!r}); {MAKE}") from None


def quotes_and_hits(text: str) -> tuple[tuple[Quote, ...], tuple[Hit, ...]]:
    """The quotes of a stored answer or search, and those of its hits that can be read.

    Raises UsageError for what is neither, and for a quote that is not as `answer` writes it.
    """
    value = parse(text)
    hits = value.get("hits")
    readable = [h for h in hits if _has(h, source=str, start=int, text=str)] if isinstance(hits, list) else []
    return _read_quotes(value), tuple(_read_hit(h) for h in readable)


def statement(result: Statement) -> dict[str, Any]:
    """A statement as an answer has it."""
    return {
        "text": result.text,
        "quotes": list(result.quotes),
        "verdict": result.verdict,
        "problems": list(result.problems),
    }


def _read_statement(value: Mapping[str, Any]) -> Statement:
    verdict = cast(Verdict, value["verdict"])
    return Statement(value["text"], tuple(value["quotes"]), verdict, tuple(value["problems"]))


def _read_quotes(value: Mapping[str, Any]) -> tuple[Quote, ...]:
    return tuple(_read_quote(quote, position) for position, quote in enumerate(value["quotes"], 1))


def _read_quote(value: Any, position: int) -> Quote:
    needed = {"n": int, "text": str, "source": str, "start": int, "end": int, "sha256": str}
    if not _has(value, **needed):
        raise UsageError(f"quote {position} of the stored answer is not as qa writes it; it needs {', '.join(needed)}")
    start, end, text = value["start"], value["end"], value["text"]
    if not 0 <= start < end or not text.strip():
        raise UsageError(f"quote {position} of the stored answer is empty or has impossible offsets")
    return Quote(
        n=value["n"],
        doc_id=value["source"],
        start=start,
        end=end,
        text=text,
        line=value.get("line", 1),
        page=value.get("page"),
        title=value.get("title", ""),
        sha256=value["sha256"],
        focus=_read_focus(value.get("focus")),
        context=_read_context(value.get("context")),
    )


def _read_focus(value: Any) -> tuple[Span, ...]:
    """The spans, none if they are not spans: they only highlight."""
    try:
        return tuple(Span(start, end) for start, end in value)
    except (TypeError, ValueError):
        return ()


def _read_context(value: Any) -> tuple[Context, ...]:
    """The pieces, without those that are not as `answer` writes them, or of a kind that came later."""
    pieces = value if isinstance(value, list) else []
    readable = [p for p in pieces if _has(p, kind=str, start=int, end=int, text=str) and p["kind"] in KINDS]
    return tuple(Context(p["kind"], p["start"], p["end"], p["text"]) for p in readable)


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "source": hit.passage.doc_id,
        "start": hit.passage.start,
        "end": hit.passage.end,
        "text": hit.text,
        "score": hit.score,
        "rank": hit.rank,
        "dense": hit.dense,
        "lexical": hit.lexical,
    }


def _read_hit(value: Mapping[str, Any]) -> Hit:
    start, text = value["start"], value["text"]
    passage = Passage("", value["source"], start, value.get("end", start + len(text)), UNKNOWN, UNKNOWN)
    figures = {name: value.get(name, 0.0) for name in ("score", "dense", "lexical")}
    return Hit(passage, text, rank=value.get("rank", 0), **figures)


def _has(value: Any, **fields: type) -> bool:
    """Whether this is an object with these fields, of exactly these types."""
    return isinstance(value, dict) and all(type(value.get(name)) is kind for name, kind in fields.items())

"""JSON of schema 1, the format that other programs read. A key is never renamed or dropped within a schema."""

import json
from collections.abc import Sequence
from typing import Any, TextIO

from qa.records import Answer, Evidence, Hit, Quote, Statement

__all__ = ["SCHEMA", "answer", "search", "write"]

SCHEMA = 1


def answer(result: Answer, cost: float | None = None) -> dict[str, Any]:
    """What `qa ask --json` prints. cost: left out where no prices are configured."""
    usage: dict[str, float] = {name: result.usage.get(name, 0) for name in ("prompt_tokens", "completion_tokens")}
    return {
        "schema": SCHEMA,
        "question": result.question,
        "status": result.status,
        "reason": result.reason,
        "mode": result.mode,
        "model": result.model,
        "answer": result.text,
        "answerability": result.answerability,
        "statements": [_statement(s) for s in result.statements],
        "rejected": [_statement(s) for s in result.rejected],
        "quotes": [_quote(q) for q in result.quotes],
        "hits": [_hit(h) for h in result.hits],
        "index": {"generation": result.index["generation"], "model": result.index["model"]},
        "usage": usage if cost is None else usage | {"cost": cost},
        "timings_ms": {name: round(result.timings_ms.get(name, 0), 3) for name in ("open", "retrieve", "llm", "total")},
    }


def search(query: str, hits: Sequence[Hit], evidence: Evidence) -> dict[str, Any]:
    """What `qa search --json` prints."""
    return {
        "schema": SCHEMA,
        "query": query,
        "hits": [_hit(h) for h in hits],
        "quotes": [_quote(q) for q in evidence.quotes],
        "answerability": evidence.answerability,
    }


def write(value: object, stream: TextIO) -> None:
    """Pretty-printed JSON. What a terminal would obey or hide, and what the stream cannot carry, is escaped."""
    text = json.dumps(value, ensure_ascii=not _carries_unicode(stream), indent=2, allow_nan=False)
    stream.write("".join(c if c.isprintable() or c == "\n" else _escaped(c) for c in text) + "\n")


def _carries_unicode(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().replace("-", "").replace("_", "") in ("utf8", "utf8sig")


def _escaped(char: str) -> str:
    return json.dumps(char, ensure_ascii=True)[1:-1]


def _statement(statement: Statement) -> dict[str, Any]:
    return {
        "text": statement.text,
        "quotes": list(statement.quotes),
        "verdict": statement.verdict,
        "problems": list(statement.problems),
    }


def _quote(quote: Quote) -> dict[str, Any]:
    return {
        "n": quote.n,
        "text": quote.text,
        "source": quote.doc_id,
        "title": quote.title,
        "start": quote.start,
        "end": quote.end,
        "line": quote.line,
        "page": quote.page,
        "focus": [[span.start, span.end] for span in quote.focus],
        "sha256": quote.sha256,
    }


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

"""Findings in plain words, and as JSON."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, get_args

from qa import schema
from qa.cite.draft import Draft
from qa.cite.findings import Cited, State
from qa.ingest.suffixes import line_place
from qa.records import Quote
from qa.text import counted, label, one_line

__all__ = ["as_json", "explained", "headline", "place", "summary"]

HEADLINES = {
    "copied": "Proven, word for word.",
    "judged": "Proven, by the model's second opinion.",
    "unconfirmed": "Not confirmed. Nothing contradicts it; compare it with the quote.",
    "contradicted": "Contradicted.",
    "no source": "No source.",
}


def headline(cited: Cited) -> str:
    """What was found, in a sentence or two."""
    return HEADLINES[cited.level or cited.state]


def explained(cited: Cited) -> list[str]:
    """Why, a sentence each; nothing for what is proven."""
    return [one_line(problem) for problem in cited.problems]


def place(quote: Quote, folder: str) -> str:
    """`seeds/travel/ferry.md:12`, or the page where the document has pages."""
    page = f", page {quote.page}" if quote.page else ""
    return f"{label(folder + quote.doc_id)}{page or line_place(quote.doc_id, quote.line)}"


def summary(draft: Draft, found: Sequence[Cited]) -> str:
    """`12 sentences: 5 proven, 4 unconfirmed, 1 contradicted, 2 without a source. Not checked: 1 piece.`"""
    counts = Counter(cited.state for cited in found)
    names = {"no source": "without a source"}
    parts = [f"{counts[state]:,} {names.get(state, state)}" for state in get_args(State) if counts[state]]
    left = f" Not checked: {counted(len(pieces), 'piece')}." if (pieces := draft.unread) else ""
    return (f"{counted(len(found), 'sentence')}: {', '.join(parts)}." if parts else "No sentence to check.") + left


def as_json(draft: Draft, found: Sequence[Cited]) -> dict[str, Any]:
    """The findings in schema 1."""
    return {
        "schema": schema.SCHEMA,
        "draft": draft.name,
        "counts": {state: sum(cited.state == state for cited in found) for state in get_args(State)},
        "sentences": [
            {
                "text": cited.claim.text,
                "line": cited.claim.line,
                "start": cited.claim.start,
                "end": cited.claim.end,
                "state": cited.state,
                "level": cited.level,
                "problems": list(cited.problems),
                "missing": list(cited.missing),
                "quotes": [schema.quote(quote) for quote in cited.quotes],
            }
            for cited in found
        ],
        "unchecked": [asdict(piece) for piece in draft.unread],
    }

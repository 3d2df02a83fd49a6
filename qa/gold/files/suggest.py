"""Proposes gold cases for questions that were asked, as a file for a person to review.

A review file is a gold file in which each case has a line `review: todo`, which a person changes to accept or reject.
Because of that line it is no gold file yet: `qa.gold.files.cases.load` refuses it. `qa.gold.files.review` reads it.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from qa.answer.assistant import Assistant, last_answer
from qa.answer.events import Retrieved
from qa.gold.files.cases import GoldQuote
from qa.gold.files.check import anchored
from qa.gold.files.review import COMMENT
from qa.gold.files.rewrite import quoted
from qa.gold.files.sources import Sources, squeeze
from qa.quotes.anchors import Place
from qa.quotes.receipt import corpus_of

__all__ = ["Proposal", "different", "propose", "render"]

BATCH = 64  # questions embedded at once
_ID_CHARS = 60

_HEADER = f"""\
# Proposed gold cases, for you to review. In each, change `review: todo` to `review: accept` or `review: reject`,
# and correct the case: can the question be answered, do these words prove it, and what must an answer say
# (all, any, none)? Then run: qa gold accept REVIEW.yaml GOLD.yaml. Lines that begin with {COMMENT} are dropped.
"""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question, whether qa answers it with quotes, and the quotes it found, best first."""

    question: str
    answered: bool
    answerability: float
    quotes: tuple[GoldQuote, ...]


def different(questions: Sequence[str]) -> list[str]:
    """Each question once, in order; white space and case do not make another question."""
    kept: dict[str, str] = {}
    for question in questions:
        if words := squeeze(question):
            kept.setdefault(words.casefold(), words)
    return list(kept.values())


def propose(
    questions: Sequence[str], assistant: Assistant, progress: Callable[[str, int, int], None] | None = None
) -> list[Proposal]:
    """Ask each question. assistant: must have no chat."""
    pinned = assistant.snapshot()
    sources = Sources(corpus_of(pinned.retriever).texts)
    proposals: list[Proposal] = []
    for at in range(0, len(questions), BATCH):
        batch = questions[at : at + BATCH]
        for question, (hits, evidence) in zip(batch, pinned.retriever.retrieve_many(batch, pinned.k), strict=True):
            answer = last_answer(pinned.stream_from(question, Retrieved(tuple(hits), evidence, 0.0)))
            places = [Place(quote.doc_id, quote.start, quote.end) for quote in evidence.quotes]
            quotes = tuple(_gold_quote(place, sources) for place in places)
            proposals.append(Proposal(question, answer.status == "answered", answer.answerability, quotes))
            if progress:
                progress("questions", len(proposals), len(questions))
    return proposals


def _gold_quote(place: Place, sources: Sources) -> GoldQuote:
    """The quote with the words around it: they distinguish it from copies and help to find it after an edit."""
    text = sources.texts[place.doc_id][place.start : place.end]
    return anchored(GoldQuote(place.doc_id, squeeze(text)), place, sources)


def render(proposals: Sequence[Proposal]) -> str:
    """The review file. The best quote is the case's; the other ones stand below it as comments."""
    ids: set[str] = set()
    return _HEADER + "".join(f"\n{''.join(_case(proposal, ids))}" for proposal in proposals)


def _case(proposal: Proposal, ids: set[str]) -> Iterator[str]:
    yield f"- id: {_id(proposal.question, ids)}\n"
    yield "  review: todo\n"
    yield f"  question: {quoted(proposal.question)}\n"
    yield f"  expect: {'answer' if proposal.answered else 'abstain'}\n"
    if proposal.answered:
        yield "  quotes:\n"
        yield from _quote(proposal.quotes[0], "    ")
    others = proposal.quotes[1:] if proposal.answered else proposal.quotes
    found = "other quotes that were found:" if others else "no other quotes were found"
    yield f"{COMMENT} answerability {proposal.answerability:.2f}; {found}\n"
    for quote in others:
        yield from _quote(quote, f"{COMMENT}   ")


def _quote(quote: GoldQuote, indent: str) -> Iterator[str]:
    yield f"{indent}- source: {quoted(quote.source)}\n"
    for key, value in (("text", quote.text), ("before", quote.before), ("after", quote.after)):
        if value:
            yield f"{indent}  {key}: {quoted(value)}\n"


def _id(question: str, ids: set[str]) -> str:
    """The question's words as a name that no other case of the file has."""
    plain = unicodedata.normalize("NFKD", question).encode("ascii", "ignore").decode().lower()
    name = "-".join(re.findall(r"[a-z0-9]+", plain)) or "case"
    if len(name) > _ID_CHARS:
        name = name[: _ID_CHARS + 1].rpartition("-")[0] or name[:_ID_CHARS]
    unique, number = name, 1
    while unique in ids:
        number += 1
        unique = f"{name}-{number}"
    ids.add(unique)
    return unique

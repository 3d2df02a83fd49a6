"""An agent's draft: the quotations in it, and the statements that cite documents."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from qa import schema
from qa.cite import Cited, Citer, Claim, Draft, read_draft
from qa.quotes import verification
from qa.session import Session

__all__ = ["verified"]

FROM = 3  # documents in which the original of an altered quotation is looked for
_NUMBERED = re.compile(r"^\s*\[(\w{1,6})\][:.]?\s+(.+)$", re.M)
_MARKER = re.compile(r"\[([^\[\]\n]{1,300})\](?:\([^()\s]{0,500}\))?|\(([^()\n]{1,300})\)")
_MARKERS = re.compile(rf"(?:\s*(?:{_MARKER.pattern}))+\s*")


@dataclass(frozen=True, slots=True)
class _Statement:
    """A sentence without its citations, and the documents that these name."""

    claim: Claim
    sources: tuple[str, ...]


def verified(text: str, session: Session) -> dict[str, Any]:
    """The quotations and the citing statements of a text, each with its state. Raises UsageError and index errors."""
    retriever = session.retriever(build=False)
    claims, ocr = verification.claims(text, required=False), session.settings.build().ocr
    found = verification.verify(claims, retriever, session.sources, session.notify, ocr)
    if found["kind"] == "answer":
        return {"quotes": found["quotes"], "statements": []}
    records = [_state(record, session) for record in found["quotes"]]
    names = [info.id for info in retriever.documents]
    statements = list(_statements(text, names))
    cited = [_checked(statement, session) for statement in statements]
    return {"quotes": records, "statements": cited}


def _state(record: dict[str, Any], session: Session) -> dict[str, Any]:
    """intact, altered or not found; of an altered one, the original and what differs."""
    if record["stands"]:
        return {**record, "state": "intact"}
    retriever = session.retriever(build=False)
    hits = retriever.search(record["text"][:2000], k=FROM)
    original = verification.nearest(record["text"], [hit.passage.doc_id for hit in hits], retriever)
    return {**record, "state": "altered" if original else "not found", "original": original}


def _checked(statement: _Statement, session: Session) -> dict[str, Any]:
    """supported, unconfirmed or unsupported by the documents that it cites."""
    citer = Citer(session.retriever(build=False))
    found = [citer.cite([statement.claim], [f"path={_literal(doc_id)}"])[0] for doc_id in statement.sources]
    order = ("proven", "unconfirmed", "contradicted", "no source")
    best = min(found, key=lambda cited: order.index(cited.state))
    return {
        "text": statement.claim.text,
        "line": statement.claim.line,
        "cites": list(statement.sources),
        "state": {"proven": "supported", "unconfirmed": "unconfirmed"}.get(best.state, "unsupported"),
        "problems": _problems(best),
        "quotes": [schema.quote(quote) for quote in best.quotes],
    }


def _problems(cited: Cited) -> list[str]:
    match cited.state:
        case "no source":
            return ["The documents that it cites do not say this."]
        case "unconfirmed":
            missing = f" Not in them: {', '.join(cited.missing)}." if cited.missing else ""
            return [f"Nothing contradicts it, but only a reader can confirm that the quotes say it.{missing}"]
        case _:
            return list(cited.problems)


def _literal(doc_id: str) -> str:
    """The id as a glob that matches nothing else."""
    return re.sub(r"([\[*?])", r"[\1]", doc_id)


def _statements(text: str, names: Sequence[str]) -> Iterator[_Statement]:
    """The sentences that cite a document: `[travel/ferry.md]`, `(travel/ferry.md:12)`, `[1]` with a list of sources."""
    known = set(names)
    numbered = {number: _named(rest, known) for number, rest in _NUMBERED.findall(text)}
    listed = [found.span() for found in _NUMBERED.finditer(text)]
    draft = read_draft("draft.md", text.encode("utf-8", "replace"))
    for claim in _whole(draft):
        if any(start <= claim.start < end for start, end in listed):
            continue
        sources: dict[str, None] = {}
        for marker in _MARKER.finditer(claim.text):
            inside = marker[1] or marker[2] or ""
            sources |= dict.fromkeys(_named(marker[0], known) or numbered.get(inside, ()))
        if sources:
            bare = re.sub(r"\s+([.,;])", r"\1", _MARKER.sub(" ", claim.text)).strip()
            yield _Statement(Claim(bare, claim.start, claim.end, claim.line), tuple(sources))


def _whole(draft: Draft) -> Iterator[Claim]:
    """The claims, each with the citations behind its full stop, which begin the next sentence as the reader cuts it."""
    starts = [_MARKERS.match(draft.text, claim.start) for claim in draft.claims]
    for n, claim in enumerate(draft.claims):
        own = starts[n]
        start = own.end() if own and n and own.end() < claim.end else claim.start
        following = starts[n + 1] if n + 1 < len(draft.claims) else None
        behind = _MARKERS.match(draft.text, claim.end) if following is None else following
        near = behind is not None and not draft.text[claim.end : behind.start()].count("\n\n")
        text = draft.text[start : claim.end] + (f" {behind[0]}" if behind and near else "")
        yield Claim(text, start, claim.end, claim.line)


def _named(text: str, known: set[str]) -> tuple[str, ...]:
    """The documents that a citation names, with or without a line or offsets behind the name."""
    pieces = re.split(r"[\[\]()<>;,\s]+", text)
    names = (re.sub(r"(?::\d+(?:-\d+)?)?$", "", piece.removeprefix("qa://documents/")).rstrip(".") for piece in pieces)
    return tuple(dict.fromkeys(name for name in names if name in known))

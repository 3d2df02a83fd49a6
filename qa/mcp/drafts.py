"""An agent's draft: the quotations in it, and the statements that cite documents."""

import glob
import re
import string
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import unquote

from qa import schema
from qa.cite import Cited, Citer, Claim, Draft, read_draft, unread
from qa.index.protocol import DocumentInfo
from qa.mcp.unchecked import is_statement, odd_fields, quoted_spans
from qa.quotes import verification
from qa.quotes.folding import DIRECTIONS
from qa.records import NOT_SUPPORTED, Span
from qa.retrieve.retriever import Retriever
from qa.session import Session
from qa.text import visible

__all__ = ["verified"]

DISGUISED = "It contains hidden text-direction marks, which change what a reader sees."
UNSOURCED = "It cites no quote from a document."
FROM = 3  # documents in which the original of an altered quotation is looked for
_NUMBERED = re.compile(r"^[^\S\n]*\[([0-9]{1,3})\][:.]?[^\S\n]+(.+)$", re.M)  # other labels may be words
_MARKER = r"\[(?P<label>[^\[\]\n]{1,300})\](?:\((?P<link>[^()\s]{0,500})\))?|\((?P<inside>[^()\n]{1,300})\)"
_PARTS = tuple(map(re.compile, (";", ",", r"[\[\]()\s]+")))  # names may hold what stands further behind
_NOTHING = " ,;:.[]()"  # separators in a citation; any other sign may change what the sentence says
_LINES = r"(?::\d+(?:-\d+)?)?"  # a line or offsets behind the name of a document
_PLACE = re.compile(rf"{_LINES}$")
_ENDINGS = (".", *string.digits)
_BESIDE = re.compile(  # what stands beside names in a citation and states nothing
    r"\b(?:see|also|and|in|from|cf|sources?)\b"
    r"|(?:[-–—]\s*)?\b(?:lines?|pages?|pp?|chapters?|sections?)\b\.?\s*\d+(?:\s*[-–]\s*\d+)?\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class _Statement:
    """A sentence without its citations, and the documents that these name."""

    claim: Claim
    sources: tuple[str, ...]


def verified(text: str, session: Session, retriever: Retriever) -> dict[str, Any]:
    """The quotations and the citing statements of a text, or the quotes and all statements of an answer, each with its
    state; of an exported page, both. unchecked: what else is in it. retriever: one generation of the index.

    Raises UsageError, also for more than is checked at a time, and index errors.
    """
    claims = verification.bounded_claims(text.removeprefix("\ufeff"), required=False)
    ocr = session.settings.build().ocr
    names = [info.id for info in retriever.documents]
    statements, spans = _statements(claims.draft, _Citations(claims.draft, names, _urls(retriever.documents)))
    if claims.stored is None:
        unchecked = [asdict(piece) for piece in unread(claims.draft, [*spans, *quoted_spans(claims)])]
    else:  # of a page, `verify` compares all that is beside the answer
        said, rest = _stated(claims.stored, frozenset(names))
        statements, unchecked = [*said, *statements], [*odd_fields(claims.stored, retriever), *rest]
    verification.check_number(sum(len(one.sources) for one in statements), "citations")
    found = verification.verify(claims, retriever, session.sources, session.notify, ocr)
    records = [record if "n" in record else _state(record, retriever) for record in found["quotes"]]
    cited = [_checked(statement, retriever) for statement in statements]
    page = {"page": found["page"]} if "page" in found else {}
    return {"quotes": records, "statements": cited, "unchecked": unchecked, **page}


def _stated(stored: str, known: frozenset[str]) -> tuple[list[_Statement], list[dict[str, Any]]]:
    """The statements of a stored answer with the documents of their quotes, and its text if it says more; and what of
    that text is no sentence that can be checked.
    """
    value = schema.parse(stored)
    quotes: dict[Any, str] = {quote["n"]: quote["source"] for quote in value["quotes"]}
    found, said = [], []
    listed = value.get("statements")
    for statement in filter(is_statement, listed if isinstance(listed, list) else []):
        text, numbers = statement["text"], statement["quotes"]
        sources = dict.fromkeys(quotes[n] for n in numbers if quotes.get(n) in known)
        said.append((" ".join(text.split()), "".join(f"[{n}]" for n in numbers)))
        found.append(_Statement(Claim(text, 0, len(text), 1), tuple(sources)))
    answer = value.get("answer")
    words = " ".join(answer.replace(NOT_SUPPORTED, "").split()) if isinstance(answer, str) else ""
    if not words or words == " ".join(f"{text} {marks}".strip() for text, marks in said):
        return found, []
    everything = tuple(name for name in dict.fromkeys(quotes.values()) if name in known)
    claims = _draft(words).claims
    rest = unread(words, [Span(claim.start, claim.end) for claim in claims])
    return [*found, *(_Statement(claim, everything) for claim in claims)], [
        {"field": "answer", "text": piece.text} for piece in rest
    ]


def _draft(text: str) -> Draft:
    """The text as a draft with the same offsets; without claims if it cannot be read so."""
    if not re.search(r"\w", text):
        return Draft("draft.md", text, (), ())
    draft = read_draft("draft.md", text.encode("utf-8", "replace"))
    return draft if len(draft.text) == len(text) else Draft("draft.md", text, (), ())


def _state(record: dict[str, Any], retriever: Retriever) -> dict[str, Any]:
    """intact, altered or not found; of an altered one, the original and what differs."""
    if record["stands"]:
        return {**record, "state": "intact"}
    hits = retriever.search(record["text"][:2000], k=FROM)
    original = verification.nearest(record["text"], [hit.passage.doc_id for hit in hits], retriever)
    return {
        **record,
        "state": "altered" if original or record["state"] == "altered" else "not found",
        "original": original,
    }


def _checked(statement: _Statement, retriever: Retriever) -> dict[str, Any]:
    """supported, unconfirmed or unsupported by the documents that it cites."""
    said = {"text": visible(statement.claim.text), "line": statement.claim.line, "cites": list(statement.sources)}
    hidden = any(mark in statement.claim.text for mark in DIRECTIONS)
    if hidden or not statement.sources:
        return {**said, "state": "unsupported", "problems": [DISGUISED if hidden else UNSOURCED], "quotes": []}
    citer = Citer(retriever)
    found = [citer.cite([statement.claim], [f"path={glob.escape(doc_id)}"])[0] for doc_id in statement.sources]
    order = ("proven", "unconfirmed", "contradicted", "no source")
    best = min(found, key=lambda cited: order.index(cited.state))
    return {
        **said,
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


def _urls(documents: Iterable[DocumentInfo]) -> dict[str, tuple[str, ...]]:
    """The ids of the documents whose metadata name a web address, by that address."""
    found: dict[str, tuple[str, ...]] = {}
    for info in documents:
        if url := info.metadata.get("url"):
            found[url] = (*found.get(url, ()), info.id)
    return found


def _statements(text: str, citations: "_Citations") -> tuple[list[_Statement], list[Span]]:
    """The sentences that cite a document: `[travel/ferry.md]`, `(travel/ferry.md:12)`, `[1]` with a list of sources.
    And where they and the entries of the list stand.
    """
    found, spans = [], list(citations.entries())
    for claim in citations.whole(_draft(text)):
        bare, sources = citations.apart(claim.text)
        if sources:
            found.append(_Statement(Claim(bare, claim.start, claim.end, claim.line), sources))
            spans.append(Span(claim.start, claim.start + len(claim.text)))
    return found, spans


class _Citations:
    """Reads the citations of one text. names: the ids of documents. urls: from `_urls`."""

    def __init__(self, text: str, names: Sequence[str], urls: Mapping[str, tuple[str, ...]]) -> None:
        self._known, self._urls = frozenset(names), urls
        self._longest = 100 + 12 * max(map(len, names), default=0)  # of a name as a link, and a place in it
        odd = sorted((re.escape(name) for name in names if re.search(r"[][()]", name)), key=len, reverse=True)
        whole = rf"[\[(](?P<odd>{'|'.join(odd)}){_LINES}[\])]|" if odd else ""
        self._marker = re.compile(whole + _MARKER)
        self._spaced = re.compile(rf"[^\S\n]*(?:\n[^\S\n]*)?(?P<marker>{whole + _MARKER})")
        self._numbered: Mapping[str, tuple[str, ...]] = {}
        lists = [found for found in _NUMBERED.finditer(text) if self._lists(found[2])]
        self._numbered = {found[1]: self._names(found[2]) for found in lists}
        self._listed = [found.span() for found in lists]
        self._entries = [Span(*found.span()) for found in lists if not self._beside(found[2])]

    def entries(self) -> Sequence[Span]:
        """The entries of the list of sources that say nothing beside the names of documents."""
        return self._entries

    def _lists(self, rest: str) -> bool:
        """Whether what follows `[1]` is an entry in a list of sources, and not a sentence that cites one."""
        bare, sources = self.apart(rest)
        return bool(self._names(bare)) or (bool(sources) and not bare.endswith((".", "!", "?")))

    def whole(self, draft: Draft) -> Iterator[Claim]:
        """The claims outside the list of sources, each with the citations behind its full stop, which begin the next
        sentence as the reader cuts it.
        """
        taken = 0
        for claim in draft.claims:
            start = max(claim.start, taken)
            if start >= claim.end or self._is_listed(claim.start):
                continue
            taken = self._behind(draft.text, claim.end)
            yield Claim(draft.text[start:taken], start, claim.end, claim.line)

    def _behind(self, text: str, end: int) -> int:
        """Where the citations end that stand behind a sentence, at most a line break away."""
        while found := self._spaced.match(text, end):
            if self._is_listed(found.start("marker")) or self._read(found)[1].strip():
                break
            end = found.end()
        return end

    def _is_listed(self, place: int) -> bool:
        """Whether a place is in the list of sources."""
        before = bisect_right(self._listed, place, key=lambda span: span[0])
        return before > 0 and place < self._listed[before - 1][1]

    def apart(self, text: str) -> tuple[str, tuple[str, ...]]:
        """The text without its citations, and the documents that they name. Other brackets state something and stay."""
        sources: dict[str, None] = {}

        def kept(marker: re.Match[str]) -> str:
            named, rest = self._read(marker)
            sources.update(dict.fromkeys(named))
            return rest

        bare = re.sub(r"(?<!\s)\s+([.,;])", r"\1", self._marker.sub(kept, text)).strip()
        return bare, tuple(sources)

    def _read(self, marker: re.Match[str]) -> tuple[tuple[str, ...], str]:
        """The documents that a marker names, and what of it belongs to the sentence."""
        groups = marker.groupdict()
        if odd := groups.get("odd"):
            return (odd,), " "
        inside, link = groups["label"] or groups["inside"], groups["link"]
        linked, beyond = self._linked(link or "")
        numbers = [number for number in re.split(r"[,;\s]+", inside) if number]
        if numbers and all(number in self._numbered for number in numbers):
            return tuple(name for number in numbers for name in self._numbered[number]) + linked, _spaced(beyond)
        named = self._names(inside)
        if not named:
            return linked, f"{inside} {beyond}".rstrip() if link is not None else marker[0]
        return named + linked, _spaced(self._beside(inside), beyond)

    def _linked(self, link: str) -> tuple[tuple[str, ...], str]:
        """The documents that a link leads to, and what of it may say something: all of any other address."""
        if link in self._urls:
            return self._urls[link], ""
        return self._names(link), self._beside(link)

    def _beside(self, text: str) -> str:
        """What a citation has besides names and places in documents, and so may say something."""
        rest = "" if self._name(text) else _BESIDE.sub("", " ".join(self._pieces(text, named=False)))
        return " ".join(rest.split()).strip(_NOTHING)

    def _names(self, text: str) -> tuple[str, ...]:
        """The documents that a citation names, with or without a line or offsets behind the name."""
        if name := self._name(text):
            return (name,)
        return tuple(dict.fromkeys(map(self._name, self._pieces(text, named=True))))

    def _pieces(self, text: str, named: bool) -> Iterator[str]:
        """The pieces between brackets, commas and spaces that name a document, or those that name none."""
        parts = [text]
        for between in _PARTS:
            parts = [piece for part in parts for piece in ([part] if self._name(part) else between.split(part))]
        return (part for part in parts if part.strip() and bool(self._name(part)) == named)

    def _name(self, piece: str) -> str:
        """The document whose id this is, as it stands or as a link; "" for none."""
        piece = piece.strip()
        if len(piece) > self._longest:
            return ""
        if piece.startswith("<") and piece.endswith(">"):
            piece = piece[1:-1]
        link = piece.removeprefix("qa://documents/")
        piece = link if link == piece else unquote(link)
        if piece in self._known:
            return piece
        tried = (_PLACE.sub("", piece), _PLACE.sub("", piece.rstrip("."))) if piece.endswith(_ENDINGS) else ()
        return next((name for name in tried if name in self._known), "")


def _spaced(*rest: str) -> str:
    """What is left of a marker, with a space on either side: the words beside it must not touch."""
    return " ".join(("", *filter(None, rest), ""))

"""Which answers to standing questions appeared, changed or lost their quote since they were last asked."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from qa import files
from qa.answer.assistant import Assistant
from qa.errors import GoldError
from qa.gold import signed
from qa.gold.files.questions import Question
from qa.gold.results import check_fields
from qa.quotes.anchors import Anchor, Corpus, locate
from qa.quotes.nearest import Change as Step
from qa.quotes.nearest import likeness, word_diff
from qa.quotes.receipt import corpus_of
from qa.records import Quote
from qa.retrieve.retriever import Retriever
from qa.text import one_line

__all__ = ["Changed", "Kept", "KeptQuote", "Pair", "ask", "changes", "keep", "load", "save"]

SCHEMA = 1
ALIKE = 0.5  # share of common words from which on a new quote stands in the place of an old one
DATES = ("modified", "updated", "published", "date", "created")

Kind = Literal["appeared", "changed", "lost"]
State = Literal["edited", "gone", "replaced", "new"]


@dataclass(frozen=True, slots=True)
class KeptQuote:
    """A quote of an answer, as it is kept until the question is asked again. date: of its document, where known."""

    source: str
    text: str
    start: int
    end: int
    before: str
    after: str
    sha256: str
    title: str
    line: int
    date: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it is kept. text: with marks of its quotes, empty where the sources did not say."""

    question: str
    status: Literal["answered", "abstained"]
    text: str = ""
    quotes: tuple[KeptQuote, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """An old quote and the new one in its place, None for none.

    state: of the old quote: `edited`: its sentence has changed; `gone`: it stands nowhere any more; `replaced`: it
    still stands, but the answer quotes something else. `new`: there was none. diff: old against new, word by word.
    """

    state: State
    old: KeptQuote | None
    new: KeptQuote | None
    diff: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Changed:
    """kind: `appeared`: the sources did not say, and do now; `lost`: they said, and do not any more; `changed`: the
    answer quotes something else.
    """

    kind: Kind
    id: str
    old: Kept
    new: Kept
    pairs: tuple[Pair, ...] = field(default=())


def ask(
    questions: Sequence[Question], assistant: Assistant, progress: Callable[[int, int], None] | None = None
) -> dict[str, Kept]:
    """Today's answers by the id of the question, all from one generation. Raises as `Assistant.ask` does, and
    IndexUnusableError for an index that has no vectors yet.
    """
    pinned = assistant.snapshot()
    pinned.retriever.require_vectors("compared")
    answers: dict[str, Kept] = {}
    for n, question in enumerate(questions, 1):
        answer = pinned.ask(question.text)
        quotes = tuple(_kept(quote, pinned.retriever) for quote in answer.quotes)
        answers[question.id] = Kept(question.text, answer.status, answer.text, quotes)
        if progress:
            progress(n, len(questions))
    return answers


def _kept(quote: Quote, retriever: Retriever) -> KeptQuote:
    document = retriever.document(quote.doc_id)
    anchor = Anchor.take(quote.doc_id, document.text, quote.start, quote.end, quote.sha256)
    date = next((document.metadata[name] for name in DATES if document.metadata.get(name)), "")
    return KeptQuote(
        quote.doc_id, quote.text, quote.start, quote.end, anchor.before, anchor.after, quote.sha256, quote.title,
        quote.line, date,
    )  # fmt: skip


def changes(old: dict[str, Kept], new: dict[str, Kept], retriever: Retriever) -> list[Changed]:
    """What changed, in the order of the new answers. A question that was never asked before, or reads otherwise now,
    has not changed. A quote that only moved is the same quote.
    """
    corpus = corpus_of(retriever)
    found = []
    for id, now in new.items():
        before = old.get(id)
        if before is None or before.question != now.question:
            continue
        pairs = tuple(_pairs(before.quotes, now.quotes, corpus))
        if before.status != now.status:
            found.append(Changed("appeared" if now.status == "answered" else "lost", id, before, now, pairs))
        elif pairs:
            found.append(Changed("changed", id, before, now, pairs))
    return found


def _pairs(old: Sequence[KeptQuote], new: Sequence[KeptQuote], corpus: Corpus) -> list[Pair]:
    """The old quotes that are missed, each with its successor, then the new ones that succeed none."""
    kept = {one_line(quote.text) for quote in old} & {one_line(quote.text) for quote in new}
    missed = [quote for quote in old if one_line(quote.text) not in kept]
    fresh = [quote for quote in new if one_line(quote.text) not in kept]
    pairs = []
    for quote in missed:
        state = _state(quote, corpus)
        successor = max(fresh, key=lambda other: likeness(quote.text, other.text), default=None)
        if successor is None or likeness(quote.text, successor.text) < ALIKE:
            successor = fresh[0] if fresh and len(missed) == len(fresh) == 1 else None
        if successor is not None:
            fresh.remove(successor)
        pairs.append(Pair(state, quote, successor, word_diff(quote.text, successor.text) if successor else ()))
    return pairs + [Pair("new", None, quote) for quote in fresh]


def _state(quote: KeptQuote, corpus: Corpus) -> State:
    """What has become of an old quote in today's documents."""
    anchor = Anchor(quote.source, quote.text, quote.start, quote.end, quote.before, quote.after, quote.sha256)
    standing = locate(anchor, corpus)
    if standing.state == "edited":
        return "edited"
    return "gone" if standing.state == "gone" else "replaced"


def save(answers: dict[str, Kept], path: Path, below: Path | None = None) -> None:
    """Write answers to a file. Raises OSError. below: as for `qa.files.write`."""
    files.write(path, _written(answers), below)


def keep(answers: dict[str, Kept], path: Path, below: Path) -> None:
    """Write answers, signed, to a file of qa's own. Raises as `qa.gold.signed.write` does."""
    signed.write(path, _written(answers), below)


def _written(answers: dict[str, Kept]) -> bytes:
    record = {"schema": SCHEMA, "answers": {id: asdict(kept) for id, kept in answers.items()}}
    return json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def load(path: Path, below: Path | None = None) -> dict[str, Kept]:
    """The answers that `save` wrote; with `below`, those that `keep` wrote.

    Raises FileNotFoundError, UnsignedError for what `keep` did not write, and GoldError for what `save` did not.
    """
    try:
        data = files.read_named(path, files.LARGE) if below is None else files.read(path, files.LARGE, below=below)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise GoldError(f"{path}: cannot be read: {error.strerror}") from None
    if below:
        signed.check(path, data, below)
    try:
        record = json.loads(data.decode("utf-8"))
        if record["schema"] != SCHEMA:
            raise ValueError  # as for anything else that is wrong with it
        return {id: _read(value) for id, value in record["answers"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise GoldError(f"{path}: not answers as qa gold changes keeps them; delete it, or name another file") from None


def _read(value: dict[str, Any]) -> Kept:
    kept = Kept(**{**value, "quotes": tuple(KeptQuote(**quote) for quote in value["quotes"])})
    check_fields(kept, Kept)
    return kept

"""The whole test set: hand-written pairs, then generated ones up to a quota a kind and split. Deterministic."""

import functools
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .edits import EDITS, Context
from .names import NAMES
from .paraphrases import PARAPHRASES
from .records import SPLITS, Pair, QuoteRef, Split
from .sources import Source, load, tidy, usable
from .written import composed, written

__all__ = ["Set", "build"]

EDIT_QUOTA = 44  # generated, per kind and split
PARAPHRASE_QUOTA = 32
EASY = {
    "marks": 8,
    "contraction": 16,
    "abbreviation": 24,
}  # a smaller quota, so that easy kinds do not water the rate down
ORIGINAL_QUOTA = 90
PER_DOCUMENT = {"finance.md": 0.15, "pubmed.md": 0.3}  # share of a quota that a document may fill; others: all of it
PER_QUOTE = 4  # generated items of one label made from one quote
AFTER_PARAPHRASE = 0.4  # share of the edits made on a paraphrase instead of the source's own words
ORDER = {"seen": "seen", "opened": "unseen", "unseen": "fresh"}  # seeds of the order in which sentences are taken


@dataclass(frozen=True)
class Set:
    """pairs: all items. absent: corpora that were not found."""

    pairs: tuple[Pair, ...]
    absent: tuple[str, ...]


@dataclass(frozen=True)
class _Base:
    quote: QuoteRef
    statement: str
    source: Source
    number: int


def _near(source: Source, number: int, used: frozenset[str]) -> bool:
    """Is the sentence, or one beside it, a quote of another split?"""
    spans = source.sentences[max(0, number - 1) : number + 2]
    return any(source.text[start:end] in used for start, end in spans)


def _bases(sources: list[Source], split: Split, used: frozenset[str] = frozenset()) -> list[_Base]:
    """Clean sentences, the small sources first, each text once; of the unseen split, none near a used one."""
    sources = [source for source in sources if (source.split == "unseen") == (split == "unseen")]
    taken: set[str] = set()
    seeds: list[_Base] = []
    others: list[_Base] = []
    for source in sources:
        for number in range(len(source.sentences)):
            quote = source.quote(number)
            if not usable(quote.text, source.style) or quote.text in taken or _near(source, number, used):
                continue
            taken.add(quote.text)
            if source.split == split:
                base = _Base(quote, tidy(quote.text, source.style), source, number)
                (seeds if source.doc.endswith(".txt") else others).append(base)
    random.Random(f"order {ORDER[split]}").shuffle(others)
    return seeds + others


def _elsewhere(base: _Base) -> tuple[str, ...]:
    """Sentences of the same source at least eight sentences away."""
    source, found = base.source, []
    for number in range(base.number % 5, len(source.sentences), max(5, len(source.sentences) // 40)):
        start, end = source.sentences[number]
        text = source.text[start:end]
        if abs(number - base.number) >= 8 and usable(text, source.style):
            found.append(tidy(text, source.style))
    return tuple(found)


@functools.cache
def _common(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"(?<![\w’'])[a-z][\w’']*", text))


def _context(base: _Base, purpose: str) -> Context:
    return Context(
        rng=random.Random(f"{purpose} {base.quote.doc} {base.quote.start}"),
        source=base.statement,
        names=NAMES.get((base.source.doc, base.source.split), {}),
        elsewhere=_elsewhere(base) if purpose == "addition" else (),
        around=base.quote.before + " " + base.quote.after,
        common=_common(base.source.text),
    )


def _paraphrased(base: _Base, context: Context) -> str:
    options = [new for kind, rule in PARAPHRASES.items() if kind != "marks" for new in rule(base.statement, context)]
    return context.rng.choice(options) if options else base.statement


class _Quota:
    """Counts what has been taken: a kind's quota, a document's share of it, a quote's share of all edits."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken: Counter[tuple[str, str]] = Counter()
        self._quotes: Counter[tuple[str, int]] = Counter()

    def open(self, kind: str, quote: QuoteRef) -> bool:
        share = PER_DOCUMENT.get(quote.doc, 1.0)
        return (
            self.kind(kind) < min(self._limit, EASY.get(kind, self._limit))
            and self._taken[kind, quote.doc] < self._limit * share
            and self._quotes[quote.doc, quote.start] < PER_QUOTE
        )

    def kind(self, kind: str) -> int:
        return self._taken[kind, ""]

    def take(self, kind: str, quote: QuoteRef) -> None:
        self._taken[kind, ""] += 1
        self._taken[kind, quote.doc] += 1
        self._quotes[quote.doc, quote.start] += 1


def _originals(bases: list[_Base], split: Split) -> Iterator[Pair]:
    quota = _Quota(ORIGINAL_QUOTA)
    for base in bases:
        if quota.open("original", base.quote):
            quota.take("original", base.quote)
            yield Pair(base.statement, (base.quote,), "original", "supported", split, "generated", base.statement)


def _edits(bases: list[_Base], split: Split) -> Iterator[Pair]:
    quota = _Quota(EDIT_QUOTA)
    for base in bases:
        kinds = sorted(EDITS, key=lambda kind: (quota.kind(kind), kind))
        for kind in kinds:
            if not quota.open(kind, base.quote):
                continue
            context = _context(base, kind)
            start = _paraphrased(base, context) if context.rng.random() < AFTER_PARAPHRASE else base.statement
            options = [new for new in EDITS[kind](start, context) if _differs(new, base)]
            if options:
                quota.take(kind, base.quote)
                yield Pair(
                    context.rng.choice(options), (base.quote,), kind, "unsupported", split, "generated", base.statement
                )


def _paraphrases(bases: list[_Base], split: Split) -> Iterator[Pair]:
    quota = _Quota(PARAPHRASE_QUOTA)
    for base in bases:
        for kind in sorted(PARAPHRASES, key=lambda kind: (quota.kind(kind), kind)):
            if not quota.open(kind, base.quote):
                continue
            context = _context(base, f"harmless {kind}")
            options = [new for new in PARAPHRASES[kind](base.statement, context) if _differs(new, base)]
            if options:
                quota.take(kind, base.quote)
                chosen = context.rng.choice(options)
                yield Pair(chosen, (base.quote,), f"harmless/{kind}", "supported", split, "generated", base.statement)


def _differs(new: str, base: _Base) -> bool:
    return new.strip() not in (base.statement, base.quote.text) and len(new) > 20


def build(data: Path | None) -> Set:
    """Every pair that the sources at hand allow; `data` is the folder that holds `chunking/`, or None."""
    sources, absent = load(data)
    pairs = list(written(sources))
    for split in SPLITS:
        used = {quote.text for pair in pairs for quote in pair.quotes if pair.split != "unseen"}
        bases = _bases(sources, split, frozenset(used) if split == "unseen" else frozenset())
        pairs += [*_originals(bases, split), *_edits(bases, split), *_paraphrases(bases, split)]
    pairs += composed(sources)
    seen: set[tuple[str, str, int]] = set()
    unique = []
    for pair in pairs:
        key = (pair.statement + "\n" + pair.question, pair.quotes[0].doc, pair.quotes[0].start)
        if key not in seen:
            seen.add(key)
            unique.append(pair)
    return Set(tuple(unique), tuple(absent))

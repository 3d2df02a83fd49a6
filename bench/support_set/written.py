"""Pairs written by hand, read from one YAML file a split.

An entry names its document, the first words of each quote (the sentence is found in the source, nothing of it is kept
here), a question, a supported statement, and variants: `same` (harmless, by kind) and `edits` (by kind). Variants
such as "No." answer the question; a variant may also be a mapping with a `statement` and its own `question`.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from .records import COMPOSED, SPLITS, Pair, QuoteRef, Split
from .sources import WHOLE, Source

__all__ = ["composed", "entries", "written"]


def entries(split: Split) -> list[dict[str, Any]]:
    """The entries of one file as they stand."""
    import yaml

    text = (Path(__file__).parent / f"{split}.yaml").read_text(encoding="utf-8")
    return list(yaml.safe_load(text))


def _variants(entry: dict[str, Any], field: str) -> Iterator[tuple[str, str, str]]:
    """(kind, statement, question) of each variant."""
    for kind, items in (entry.get(field) or {}).items():
        for item in items:
            if isinstance(item, dict):
                yield kind, item["statement"], item.get("question", "")
            else:
                yield kind, item, entry.get("question", "")


def _pairs(entry: dict[str, Any], quotes: tuple[QuoteRef, ...], split: Split) -> Iterator[Pair]:
    base, question = entry["statement"], entry.get("question", "")
    yield Pair(base, quotes, "original", "supported", split, "hand", base, question)
    for kind, text, asked in _variants(entry, "same"):
        yield Pair(text, quotes, f"harmless/{kind}", "supported", split, "hand", base, asked)
    for kind, text, asked in _variants(entry, "edits"):
        yield Pair(text, quotes, kind, "unsupported", split, "hand", base, asked)


def written(sources: Iterable[Source]) -> Iterator[Pair]:
    """Every hand-written pair whose document is at hand."""
    by_key = {(source.doc, source.split): source for source in sources}
    for split in SPLITS:
        for entry in entries(split):
            source = by_key.get((entry["doc"], split))
            if source is not None:
                yield from _pairs(entry, tuple(source.find(words) for words in entry["quotes"]), split)


def composed(sources: Iterable[Source]) -> Iterator[Pair]:
    """Those of composed_*.yaml, which take their quotes from anywhere in a document."""
    whole = {source.doc: source for source in sources if source.doc in WHOLE and source.split == WHOLE[source.doc]}
    for split in COMPOSED:
        for entry in entries(split):
            if entry["doc"] in whole:
                quotes = tuple(whole[entry["doc"]].find(words) for words in entry["quotes"])
                yield from _pairs(entry, quotes, split)

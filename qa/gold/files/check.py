"""Check whether the quotes of gold files are in today's documents, and repair those that moved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from qa.gold.files.cases import Case, GoldQuote
from qa.gold.files.sources import Sources, squeeze
from qa.quotes.anchors import Anchor, Place, Standing

__all__ = ["Checked", "anchored", "check"]

_RENAME_QUOTES = 3  # quotes of a missing document that must all be in the same other document
_WIDEST = 4 * Anchor.REACH  # most characters of context used to distinguish copies


@dataclass(frozen=True, slots=True)
class Checked:
    """A gold quote and its current state.

    number: of the quote in its case, from 0. missing: the document does not exist or has no text. mended: the corrected
    quote, None if nothing has to change or the correction is ambiguous.
    """

    case: Case
    number: int
    standing: Standing
    missing: bool
    mended: GoldQuote | None

    @property
    def quote(self) -> GoldQuote:
        return self.case.quotes[self.number]


def check(cases: Sequence[Case], sources: Sources, twins: Mapping[str, str] | None = None) -> list[Checked]:
    """Check each quote of each case, in order.

    twins: documents left out of `sources` as exact duplicates, and the document they duplicate.
    """
    renamed = _renamed(cases, sources) | dict(twins or {})
    return [_checked(case, number, sources, renamed) for case in cases for number in range(len(case.quotes))]


def _checked(case: Case, number: int, sources: Sources, renamed: Mapping[str, str]) -> Checked:
    quote = case.quotes[number]
    places = sources.places(quote, renamed[quote.source]) if quote.source in renamed else []
    standing = Standing("moved", places[0]) if len(places) == 1 else sources.standing(quote)
    missing = not sources.texts.get(quote.source)
    return Checked(case, number, standing, missing, _mended(quote, standing, sources))


def _renamed(cases: Sequence[Case], sources: Sources) -> dict[str, str]:
    """Missing documents, and the one document that contains all their quotes.

    One quote may be in another document by chance; several are not, if no gold quote names that document.
    """
    quotes: dict[str, dict[str, GoldQuote]] = {}
    for case in cases:
        for quote in case.quotes:
            quotes.setdefault(quote.source, {})[squeeze(quote.text)] = quote
    strangers = [doc_id for doc_id in sources.texts if doc_id not in quotes]
    renamed = {}
    for source, by_text in quotes.items():
        if source not in sources.texts and _different(by_text) >= _RENAME_QUOTES:
            holders = list(_holders(list(by_text.values()), strangers, sources))
            if len(holders) == 1:
                renamed[source] = holders[0]
    targets = list(renamed.values())
    return {source: target for source, target in renamed.items() if targets.count(target) == 1}


def _different(texts: Mapping[str, GoldQuote]) -> int:
    """How many of the texts are not contained in another one."""
    return sum(not any(text != other and text in other for other in texts) for text in texts)


def _holders(quotes: Sequence[GoldQuote], doc_ids: Sequence[str], sources: Sources) -> Iterator[str]:
    for doc_id in doc_ids:
        if all(len(sources.places(quote, doc_id)) == 1 for quote in quotes):
            yield doc_id


def _mended(quote: GoldQuote, standing: Standing, sources: Sources) -> GoldQuote | None:
    """The quote with today's document, typography and neighbours."""
    place = standing.place
    if place is None or not standing.unambiguous or (standing.state == "intact" and not standing.style_only):
        return None
    text = sources.texts[place.doc_id][place.start : place.end] if standing.style_only else quote.text
    new = replace(quote, source=place.doc_id, text=squeeze(text))
    if _stands_at(new, place, sources):
        return new
    new = anchored(new, place, sources)
    lost = (quote.before and not new.before) or (quote.after and not new.after)
    return new if _stands_at(new, place, sources) and not lost else None


def anchored(quote: GoldQuote, place: Place, sources: Sources) -> GoldQuote:
    """The quote with the words around the place: `Anchor.REACH` characters, or more if needed to distinguish copies."""
    reach = Anchor.REACH
    while True:
        before, after = sources.around(place, reach)
        new = replace(quote, before=before, after=after)
        if reach >= _WIDEST or sources.places(new) == [place]:
            return new
        reach *= 2


def _stands_at(quote: GoldQuote, place: Place, sources: Sources) -> bool:
    standing = sources.standing(quote)
    return standing.state == "intact" and standing.place == place

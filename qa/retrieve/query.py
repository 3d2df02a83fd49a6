"""One question over one generation: from the candidates that were found to hits and evidence."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace

from qa.english import compound
from qa.index.protocol import Candidates, Index, PassageRows
from qa.records import Considered, Evidence, Hit, Part, Passage, Quote, Sentence, Span
from qa.retrieve import rank
from qa.retrieve.evidence import Pick, Read, Reading, select
from qa.retrieve.reranker import RERANKED, CloseReading, Reranker
from qa.retrieve.zones import UNCERTAIN

__all__ = ["Query", "quote_of"]

SHOWN = 12  # sentences of each part that `--explain` lists


class Query:
    """One question, its parts if there are several, and the candidates for each."""

    def __init__(
        self, index: Index, asked: Sequence[compound.Part], found: Sequence[Candidates], closely: CloseReading
    ) -> None:
        self._index, self._asked, self._found, self._closely = index, asked, found, closely
        self._candidates = found[0]

    def hits(self, k: int) -> list[Hit]:
        """The k best passages, best first; fewer if there are fewer. Raises as `Retriever.search` does."""
        passages = self._candidates.passages
        scores = rank.rank_passages(passages, self._candidates.sentences)
        reranker = self._closely.reranker
        rows = rank.best(scores, max(k, RERANKED) if reranker else k)
        hits = [self._hit(passages, int(row), float(scores[row]), n) for n, row in enumerate(rows, 1)]
        return self._reranked(reranker, hits)[:k] if reranker else hits

    def _reranked(self, reranker: Reranker, hits: Sequence[Hit]) -> list[Hit]:
        """The hits in the order of the reranker's scores, on the scale that other scores have."""
        scored = zip(hits, reranker.rerank(self._asked[0].searched, [hit.text for hit in hits]), strict=True)
        ordered = sorted(((hit, rank.HIGHEST * score) for hit, score in scored), key=lambda pair: -pair[1])
        return [replace(hit, score=score, rank=n) for n, (hit, score) in enumerate(ordered, 1)]

    def _hit(self, passages: PassageRows, row: int, score: float, n: int) -> Hit:
        doc_id = self._index.documents[int(passages.doc[row])].id
        start, end = int(passages.start[row]), int(passages.end[row])
        first, last = int(passages.first[row]), int(passages.last[row])
        passage = Passage(f"{doc_id}:{start}-{end}", doc_id, start, end, first, last)
        text = self._index.text(doc_id, start, end)
        return Hit(passage, text, score, n, float(passages.dense[row]), float(passages.lexical[row]))

    def evidence(self) -> Evidence:
        """The sentences that answer best, and the estimate that they do, for each part."""
        searched = [part.searched for part in self._asked]
        selection = select(
            list(zip(searched, self._found, strict=True)), self._index.vocabulary, self._asked[-1].joint, self._closely
        )
        texts = {part.searched: part.text for part in self._asked}
        limit = 1.0 if self._index.complete else UNCERTAIN
        quotes: dict[tuple[int, int, int], Quote] = {}
        scores: dict[int, float] = {}
        parts, considered = [], []
        for number, (reading, picks) in enumerate(selection.parts):
            numbers = tuple(self._add(quotes, pick).n for pick in picks)
            for n, pick in zip(numbers, picks, strict=True):
                scores[n] = max(min(pick.score, limit), scores.get(n, 0.0))
            parts.append(Part(texts[reading.asked.text], min(reading.estimate, limit), numbers))
            considered += [self._considered(number, reading, one, quotes.values()) for one in reading.read[:SHOWN]]
        found = tuple(quotes.values())
        return Evidence(
            found,
            min(selection.answerability, limit),
            selection.features,
            tuple(scores[quote.n] for quote in found),
            tuple(parts),
            tuple(considered),
        )

    def _add(self, quotes: dict[tuple[int, int, int], Quote], pick: Pick) -> Quote:
        """The quote of a pick; one that another part has already is not made again."""
        key = (pick.doc, pick.start, pick.end)
        if key not in quotes:
            span = Sentence(self._index.documents[pick.doc].id, 0, *pick.place)
            quotes[key] = quote_of(self._index, len(quotes) + 1, span, pick.focus)
        return quotes[key]

    def _considered(self, part: int, reading: Reading, one: Read, quotes: Iterable[Quote]) -> Considered:
        doc, start, end = reading.place(one)
        doc_id = self._index.documents[doc].id
        inside = (quote.n for quote in quotes if quote.doc_id == doc_id and quote.start <= start and end <= quote.end)
        return Considered(part, doc_id, start, end, one.score, one.estimate, next(inside, 0))


def quote_of(index: Index, n: int, span: Sentence, focus: tuple[Span, ...] = ()) -> Quote:
    """A span as quote number n. span: a sentence, or several of one block as if they were one."""
    doc_id, info = span.doc_id, index.info(span.doc_id)
    return Quote(
        n=n,
        doc_id=doc_id,
        start=span.start,
        end=span.end,
        text=index.text(doc_id, span.start, span.end),
        line=index.line(doc_id, span.start),
        page=bisect_right(info.pages, span.start) if info.pages else None,
        title=info.title,
        sha256=info.sha256,
        focus=focus,
        context=index.context(span),
    )

"""What the documents say of each claim of a draft."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Literal

from qa import gate
from qa.cite.draft import Claim
from qa.cite.evidence import SAME, Candidate, as_read, candidates
from qa.gate.judge import Item, Judge, JudgedQuote
from qa.records import Considered, Quote, Sentence
from qa.retrieve.retriever import Retriever

__all__ = ["Cited", "Citer", "Level", "State"]

State = Literal["proven", "unconfirmed", "contradicted", "no source"]
Level = Literal["copied", "judged", ""]
PASSAGES = 8  # searched for each claim
SHOWN_TO_JUDGE = 4  # sentences
BATCH = 64  # claims whose vectors are made at once
QUESTION = "Is this what the documents say?"


@dataclass(frozen=True, slots=True)
class Cited:
    """state: `proven`, see level; `unconfirmed`: the quotes speak of the same and nothing contradicts, but nobody
    confirmed that they say it; `contradicted`: the best quote about the same says something else, see problems;
    `no source`: no quote speaks of it. level: how it was proven: the sentence copies a whole
    sentence of the document, or a judge said so. problems: in plain
    sentences. missing: base forms of words that the quotes of an unconfirmed claim do not have.
    """

    claim: Claim
    state: State
    level: Level = ""
    quotes: tuple[Quote, ...] = ()
    problems: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class Citer:
    """Finds the quotes for claims. judge: gives an opinion where code cannot confirm; None asks nobody."""

    def __init__(self, retriever: Retriever, judge: Judge | None = None, passages: int = PASSAGES) -> None:
        self._retriever, self._judge, self._passages = retriever, judge, passages

    def cite(
        self,
        claims: Sequence[Claim],
        where: Sequence[str] = (),
        progress: Callable[[int], None] = lambda done: None,
    ) -> list[Cited]:
        """What one generation of the documents says of each claim, in order. where: conditions on documents, see
        `qa.index.where`.

        progress: told how many are done. Raises as `Retriever.search` does, IndexUnusableError for an index that has no
        vectors yet, and ChatError where there is a judge.
        """
        pinned = self._retriever.snapshot()
        pinned.require_vectors("checked")
        return Citer(pinned, self._judge, self._passages)._cite(claims, where, progress)

    def _cite(self, claims: Sequence[Claim], where: Sequence[str], progress: Callable[[int], None]) -> list[Cited]:
        found: list[tuple[Cited, list[Candidate]]] = []
        for start in range(0, len(claims), BATCH):
            batch = claims[start : start + BATCH]
            hits = self._retriever.search_many([claim.text for claim in batch], self._passages, where)
            for claim, near in zip(batch, hits, strict=True):
                tried = candidates(claim.text, near, self._retriever)
                found.append((self._by_code(claim, tried), tried))
                progress(len(found))
        return self._judged(found, where) if self._judge else [cited for cited, _ in found]

    def _by_code(self, claim: Claim, tried: Sequence[Candidate]) -> Cited:
        against = [c for c in tried if c.contradictions]
        wrong = {sentence for c in against for sentence in c.sentences}
        sound = [c for c in tried if wrong.isdisjoint(c.sentences) and not c.finding.problems]
        if copied := next((c for c in tried if c.is_copied), None):
            return Cited(claim, "proven", "copied", self._quotes(copied))
        nearest = max(against, key=lambda c: c.nearness, default=None)
        passing = max(sound, key=lambda c: c.nearness, default=None)
        if nearest and (passing is None or passing.nearness < nearest.nearness):
            return Cited(claim, "contradicted", "", self._quotes(nearest), nearest.contradictions)
        if passing and passing.share >= SAME:
            return Cited(claim, "unconfirmed", "", self._quotes(passing), missing=tuple(sorted(passing.missing)))
        return Cited(claim, "no source")

    def _judged(self, found: Sequence[tuple[Cited, Sequence[Candidate]]], where: Sequence[str]) -> list[Cited]:
        """The same with a second opinion about what code could neither prove nor contradict."""
        assert self._judge
        undecided = [(n, *pair) for n, pair in enumerate(found) if pair[0].state in ("unconfirmed", "no source")]
        asked = [(n, shown) for n, cited, tried in undecided if (shown := self._to_judge(cited.claim, tried, where))]
        opinions = self._judge.judge([self._item(found[n][0].claim, shown) for n, shown in asked]).opinions
        result = [cited for cited, _ in found]
        for (n, shown), opinion in zip(asked, opinions, strict=True):
            if opinion is None:
                continue
            if opinion.stated:
                quotes = tuple(self._retriever.quote(sentence, number) for number, sentence in enumerate(shown, 1))
                result[n] = Cited(result[n].claim, "proven", "judged", quotes)
            elif result[n].state == "unconfirmed":
                result[n] = replace(result[n], state="no source", quotes=(), missing=())
        return result

    def _to_judge(self, claim: Claim, tried: Sequence[Candidate], where: Sequence[str]) -> list[Sentence]:
        """The sentences that a judge is shown: those with most of the claim's words, and those that the retriever finds
        nearest, because a paraphrase shares few words. None if a hard check fails under them: no judge overrules it.
        """
        sound = [c for c in tried if len(c.sentences) == 1 and not c.finding.problems]
        worded = [sentence for c in sound[:SHOWN_TO_JUDGE] for sentence in c.sentences]
        near = self._retriever.evidence(claim.text, where).considered
        meant = [found for one in near[:SHOWN_TO_JUDGE] if (found := self._sentence(one))]
        mixed = (sentence for pair in zip_longest(meant, worded) for sentence in pair if sentence)
        shown = list(dict.fromkeys(mixed))[:SHOWN_TO_JUDGE]
        quotes = [as_read(self._retriever, sentence) for sentence in shown]
        return shown if shown and not gate.check(claim.text, quotes).problems else []

    def _sentence(self, one: Considered) -> Sentence | None:
        numbers = self._retriever.sentences_in(one.doc_id, one.start, one.end)
        return self._retriever.sentences(one.doc_id, numbers[0], numbers[0])[0] if numbers else None

    def _item(self, claim: Claim, shown: Sequence[Sentence]) -> Item:
        quotes = (as_read(self._retriever, sentence) for sentence in shown)
        return Item(QUESTION, claim.text, tuple(JudgedQuote(q.text, q.title, q.context) for q in quotes))

    def _quotes(self, *shown: Candidate) -> tuple[Quote, ...]:
        return tuple(self._retriever.quote(sentence, n) for n, sentence in enumerate(_sentences(shown), 1))


def _sentences(shown: Sequence[Candidate]) -> Iterator[Sentence]:
    yield from dict.fromkeys(sentence for candidate in shown for sentence in candidate.sentences)

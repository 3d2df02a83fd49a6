"""The sentences of the documents that speak of what a claim speaks of, and what code can tell of each."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from qa import gate
from qa.cite.wording import Wording, read_wording, window
from qa.english.function_words import PRONOUNS
from qa.english.lemmas import lemma
from qa.english.words import words
from qa.gate.around import support_quote
from qa.gate.negation import contradicted
from qa.gate.numbers import Number
from qa.gate.places import exchanged
from qa.gate.values import Values, read_values, wrong_values
from qa.markup import plain
from qa.records import QUOTABLE, Hit, Sentence
from qa.retrieve.retriever import Retriever

__all__ = ["CHECKED", "SAME", "Candidate", "as_read", "candidates"]

CHECKED = 8  # sentences of the documents that are checked against a claim, and the pairs that they make
SAME = 0.6  # share of a claim's content words from which on a sentence speaks of the same
PROSE = QUOTABLE - {"code"}  # a block of code is one long sentence, which has the words of many statements
OWN = 0.4  # share that must be in the sentence itself, and not only in its headings
LEAST = 3  # content words of a claim that the same words can deny
SPREAD = 2.0  # content words of the part of a sentence that has the claim's, for each of these
JOINED = 4  # of the checked sentences are also tried together with the one before them


@dataclass(frozen=True)
class Candidate:
    """One sentence, or two that follow each other, with what the support check reads of them."""

    claim: str
    sentences: tuple[Sentence, ...]
    quotes: tuple[gate.SupportQuote, ...]

    @cached_property
    def text(self) -> str:
        return " ".join(quote.text for quote in self.quotes)

    @cached_property
    def known(self) -> str:
        """Headings, lead-ins and titles."""
        return "\n".join(part for quote in self.quotes for part in (quote.title, *quote.context))

    @cached_property
    def finding(self) -> gate.Finding:
        return gate.check(self.claim, self.quotes)

    @property
    def wording(self) -> Wording:
        return read_wording(self.text)

    @cached_property
    def missing(self) -> frozenset[str]:
        """The content words of the claim that stand neither in the sentences nor in their context, as base forms."""
        return read_wording(self.claim).content - self.wording.content - read_wording(self.known).content

    @property
    def share(self) -> float:
        """Of the claim's content words, those in the sentences or their context; 0 where too few are their own."""
        claimed = read_wording(self.claim).content
        if not claimed or len(claimed & self.wording.content) < OWN * len(claimed):
            return 0.0
        return 1 - len(self.missing) / len(claimed)

    @cached_property
    def part(self) -> Wording:
        """The wording of the part that has the claim's words."""
        return read_wording(window(read_wording(self.claim), self.text))

    @property
    def is_copied(self) -> bool:
        """Whether the sentences prove the claim without a judge, as the support check does: by a copy."""
        return self.finding.verdict == "supported"

    @cached_property
    def nearness(self) -> float:
        """How much the sentences speak of what the claim speaks of, and of nothing else; to compare candidates."""
        claimed, part = read_wording(self.claim).content, self.part.content
        return self.share + len(claimed & part) / (2 * len(part)) if part else 0.0

    @cached_property
    def contradictions(self) -> tuple[str, ...]:
        """Where the sentences say something else about the same; none unless they speak of the same."""
        return tuple(dict.fromkeys(_contradictions(self))) if self.share >= SAME else ()


def candidates(claim: str, hits: Sequence[Hit], retriever: Retriever) -> list[Candidate]:
    """The sentences of the passages that share most content words with the claim, best first, then pairs of them."""
    found = {sentence: None for hit in hits for sentence in _inside(hit, retriever)}
    single = [Candidate(claim, (s,), (as_read(retriever, s, has_setting=False),)) for s in found]
    nearest = sorted((c for c in single if c.share > 0), key=lambda c: -c.nearness)[:CHECKED]
    best = [replace(c, quotes=(as_read(retriever, c.sentences[0]),)) for c in nearest]
    return best + [pair for one in best[:JOINED] if (pair := _joined(one, retriever))]


def _inside(hit: Hit, retriever: Retriever) -> Iterator[Sentence]:
    passage = hit.passage
    blocks = retriever.document(passage.doc_id).blocks
    for sentence in retriever.sentences(passage.doc_id, passage.first_sentence, passage.last_sentence):
        if blocks[sentence.block].kind in PROSE:
            yield sentence


def _joined(one: Candidate, retriever: Retriever) -> Candidate | None:
    """With the sentence before it in the same block, where it opens with a pronoun that may refer to that."""
    (sentence,) = one.sentences
    if not PRONOUNS.intersection(words(one.text)[:2]):
        return None
    before = retriever.sentences(sentence.doc_id, sentence.number - 1, sentence.number - 1)
    if not before or before[0].block != sentence.block or sentence.number == 0:
        return None
    return Candidate(one.claim, (before[0], sentence), (as_read(retriever, before[0]), *one.quotes))


def as_read(retriever: Retriever, sentence: Sentence, has_setting: bool = True) -> gate.SupportQuote:
    """The sentence without marks and link targets, which say nothing. has_setting: as for `support_quote`."""
    document = retriever.document(sentence.doc_id)
    text = plain(document.text, sentence.start, sentence.end, document.markup)
    return replace(support_quote(retriever, sentence, has_setting), text=text)


def _contradictions(candidate: Candidate) -> Iterator[str]:
    claim, texts = candidate.claim, [quote.text for quote in candidate.quotes]
    yield from contradicted(claim, texts)
    swapped = list(exchanged(claim, texts))
    yield from swapped or _other_values(claim, candidate)
    yield from _denied(candidate)


def _other_values(claim: str, candidate: Candidate) -> Iterator[str]:
    """Numbers and dates of the claim that are not in the sentences, which have others of the same kind."""
    problems = wrong_values(claim, candidate.text, candidate.known, "").problems
    said, known = read_values(claim), read_values(candidate.text)
    for number in said.numbers:
        rivals = [other.text for other in known.numbers if _comparable(number, other)]
        rivals += [str(date.year) for date in known.dates.dates if date.year and _is_year(number)]
        if rivals and f"The quotes do not contain the number {number.text}." in problems:
            yield f"The quote says {_listed(rivals)} where the sentence says {number.text}."
    for date in said.dates.dates:
        rivals = _dates(known)
        if rivals and f"The quotes do not contain the date {date.text}." in problems:
            yield f"The quote says {_listed(rivals)} where the sentence says {date.text}."
    yield from (problem for problem in problems if problem.startswith("The statement gives "))


def _listed(rivals: Sequence[str]) -> str:
    return " or ".join(dict.fromkeys(rivals))


def _dates(known: Values) -> list[str]:
    return [date.text for date in known.dates.dates] or [n.text for n in known.numbers if _is_year(n)]


def _comparable(one: Number, other: Number) -> bool:
    """Whether both measure, count or date the same kind of thing."""
    if one.measure or other.measure:
        return one.measure == other.measure
    if _is_year(one) or _is_year(other):
        return _is_year(one) and _is_year(other)
    return one.after.isalpha() and lemma(one.after) == lemma(other.after)


def _is_year(number: Number) -> bool:
    return not number.unit and number.amount == int(number.amount) and 1000 <= number.amount <= 2100


def _denied(candidate: Candidate) -> Iterator[str]:
    """The same words in the same place, with one denial more or less."""
    mine, theirs = read_wording(candidate.claim), candidate.part
    claimed = Counter(mine.forms)
    close = len(theirs.content) <= SPREAD * len(claimed)
    has_every_word = len(claimed) >= LEAST and claimed <= Counter(candidate.wording.forms) and close
    if len(candidate.sentences) == 1 and has_every_word and abs(mine.denials - theirs.denials) == 1:
        verb = "denies" if theirs.denials > mine.denials else "does not deny"
        yield f"The quote {verb} this."

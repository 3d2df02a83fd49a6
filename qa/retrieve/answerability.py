"""Does a sentence state the answer to a question? Named features of the sentence and a logistic model over them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import exp
from typing import TYPE_CHECKING

from qa.english.questions import ASKED_BY
from qa.english.words import identifiers
from qa.index.structure import KINDS
from qa.records import Span
from qa.retrieve.expected import Expected, expect, spans
from qa.retrieve.rank import SentenceRows, open_questions, over_best, rank_sentences, window
from qa.retrieve.terms import Lexicon, StemmedWords, Term, coverage, matches, question_terms, words_of

if TYPE_CHECKING:
    from qa.retrieve.rank import Floats, Ints

__all__ = [
    "Candidate",
    "Question",
    "answer_spans",
    "candidates",
    "describe",
    "log_odds",
    "nearness",
    "order",
    "probability",
    "read_question",
]

REACH = 2  # neighbours on either side that count as a sentence's surroundings
CONTEXT_GAP = 20.0  # characters between the answer and the words of its context, as they count
FADE = 40.0  # characters over which the nearness of a word to the answer falls to 1/e

ORDER = {
    "dense": 4.68, "window": 1.26, "lead": 6.95, "passage": 0.6, "score": 1.23, "wide": 3.68, "plain": 2.25,
    "digits": 1.58, "code": -0.61, "cell": 2.06, "pairs": 1.37, "closest": 2.09, "lacking": -1.28, "tabular": 1.55,
}  # fmt: skip
"""By which the sentences of a question are ordered, see `order`."""

BIAS = -11.54
WEIGHTS = {
    "dense": 5.76, "window": -3.42, "lead": 1.32, "passage": 4.04, "score": 3.2, "wide": 0.47, "plain": 0.95,
    "digits": 1.06, "code": -0.1, "cell": 1.12, "pairs": 0.18, "closest": 1.12, "lacking": -1.24, "tabular": -0.59,
}  # fmt: skip
"""A logistic model, fitted by `bench/evidence.py --fit` on other texts than the sample articles (docs/retrieval.md)."""

_UNITS = frozenset("money age colour data duration heat length long mail phone power size speed volume weight".split())
_BEFORE_CODE = re.compile(r"\b([A-Za-z]+) (?=[A-Za-z]{0,5}-?\d+[.\-/]\d|[A-Z]{1,5}-\d)")
TABULAR = (KINDS.index("row"), KINDS.index("field"))


@dataclass(frozen=True, slots=True)
class Question:
    """A question, read once. speaker: stems of the terms that name whose words it asks for; stems: of all words; codes:
    the identifiers in it.
    """

    text: str
    terms: tuple[Term, ...]
    expected: Expected
    speaker: frozenset[str]
    stems: frozenset[str]
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class SentenceWords:
    """The words of a sentence. hits: where they match terms, as (stem of the term, start, end); found: these stems."""

    words: StemmedWords
    hits: tuple[tuple[str, int, int], ...]
    found: frozenset[str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence, and its neighbours before and after it in its section, nearest first.

    context, codes: the terms and the codes in the words that stand around it. dense, window: cosines, its own and the
    mean of the sentences around it. lead: its cosine less that of the best one, open questions apart. passage: the
    score of its passage, see `rank.passage_scores`. score: by `rank.rank_sentences`, over the best one's. tabular: it
    is a row of a table or a field: a unit may stand elsewhere.
    """

    text: str
    own: SentenceWords
    context: frozenset[str]
    codes: frozenset[str]
    before: tuple[SentenceWords, ...]
    after: tuple[SentenceWords, ...]
    dense: float
    window: float
    lead: float
    passage: float
    score: float
    tabular: bool


def read_question(question: str, lexicon: Lexicon) -> Question:
    """The terms of a question, weighed by how rare they are in the index, and the kind of answer it expects."""
    expected = expect(question)
    terms = _asked(question, expected, question_terms(question, lexicon))
    stems = frozenset(words_of(question, lexicon).stems)
    speaker = frozenset(words_of(expected.speaker, lexicon).stems) & {t.stem for t in terms}
    return Question(question, terms, expected, speaker, stems, frozenset(identifiers(question)))


def _asked(question: str, expected: Expected, terms: tuple[Term, ...]) -> tuple[Term, ...]:
    """The terms without those that only say what kind of thing is asked for: "cost", "number", "clause" in "clause
    2.2". All of them if nothing else is left.
    """
    words = ASKED_BY.get(expected.kind, frozenset())
    before = {word.lower() for word in _BEFORE_CODE.findall(question)}
    left = tuple(term for term in terms if term.word.lower() not in words | before)
    return left or terms


class _Reader:
    """Reads sentences for one question; each row and each stem only once."""

    def __init__(self, question: Question, rows: SentenceRows, lexicon: Lexicon) -> None:
        self._question, self._rows, self._lexicon = question, rows, lexicon
        pairs = zip(rows.doc.tolist(), rows.number.tolist(), strict=True)
        self._places = {pair: row for row, pair in enumerate(pairs)}
        self._sentences: dict[int, SentenceWords] = {}
        self._known: dict[str, tuple[str, ...]] = {}

    def neighbours(self, row: int, offsets: Iterable[int]) -> tuple[SentenceWords, ...]:
        """The sentences that far from a row in its section, as far as they are among the rows."""
        doc, number, section = int(self._rows.doc[row]), int(self._rows.number[row]), self._rows.section
        near = (self._places.get((doc, number + offset)) for offset in offsets)
        return tuple(self.row(other) for other in near if other is not None and section[other] == section[row])

    def row(self, row: int) -> SentenceWords:
        if row not in self._sentences:
            self._sentences[row] = self.read(self._rows.text[row])
        return self._sentences[row]

    def read(self, text: str) -> SentenceWords:
        words = words_of(text, self._lexicon)
        hits = tuple(
            (term, start, start + len(written))
            for stem, start, written in zip(words.stems, words.starts, words.written, strict=True)
            for term in self._matched(stem)
        )
        return SentenceWords(words, hits, frozenset(term for term, _, _ in hits))

    def _matched(self, stem: str) -> tuple[str, ...]:
        if stem not in self._known:
            self._known[stem] = tuple(t.stem for t in self._question.terms if matches(t, stem))
        return self._known[stem]


def candidates(
    question: Question, rows: SentenceRows, placed: "Floats", chosen: "Ints", lexicon: Lexicon
) -> list[Candidate]:
    """The chosen rows; their neighbours are taken from the other rows.

    placed: of each row, by `rank.passage_scores`.
    """
    reader = _Reader(question, rows, lexicon)
    around = window(rows, rows.dense, REACH)
    rivals = ~open_questions(rows)
    scores = over_best(rank_sentences(rows), rivals)
    nearest = float(rows.dense.max(initial=-1, where=rivals))
    found = []
    for row in map(int, chosen):
        context = reader.read(rows.context[row])
        found.append(
            Candidate(
                text=rows.text[row],
                own=reader.row(row),
                context=context.found,
                codes=frozenset(identifiers(rows.context[row])) if question.codes else frozenset(),
                before=reader.neighbours(row, range(-1, -1 - REACH, -1)),
                after=reader.neighbours(row, range(1, 1 + REACH)),
                dense=float(rows.dense[row]),
                window=float(around[row]),
                lead=float(rows.dense[row]) - nearest,
                passage=float(placed[row]),
                score=float(scores[row]),
                tabular=int(rows.kind[row]) in TABULAR,
            )
        )
    return found


def answer_spans(question: Question, candidate: Candidate) -> tuple[Span, ...]:
    """Where the sentence holds something of the expected kind that the question does not itself contain.

    What somebody said counts only where the sentence, its context or the sentence before it names the speaker.
    """
    words = candidate.own.words
    if question.speaker and not question.speaker & {
        *words.stems,
        *candidate.context,
        *(s for h in candidate.before[:1] for s in h.words.stems),
    }:
        return ()
    found = spans(question.expected, candidate.text)
    if not found and candidate.tabular and question.expected.kind in _UNITS:
        found = spans(Expected("number"), candidate.text)
    if question.expected.kind in ("said", "reason"):
        return found
    new = [start for stem, start in zip(words.stems, words.starts, strict=True) if stem not in question.stems]
    return tuple(span for span in found if any(span.start <= start < span.end for start in new))


def nearness(question: Question, candidate: Candidate, span: Span) -> float:
    """The share of the terms' weight in the sentence, each term discounted by its distance from the span;
    terms in its context are as near as a few words.
    """
    best = dict.fromkeys(candidate.context, exp(-CONTEXT_GAP / FADE))
    for term, start, end in candidate.own.hits:
        gap = max(span.start - end, start - span.end, 0)
        best[term] = max(best.get(term, 0.0), exp(-gap / FADE))
    total = sum(t.weight for t in question.terms)
    return sum(t.weight * best.get(t.stem, 0.0) for t in question.terms) / total if total else 0.0


def describe(question: Question, candidate: Candidate) -> dict[str, float]:
    """The features of one sentence, by name; each about in [0, 1]."""
    terms = question.terms
    own = candidate.own.found | candidate.context
    near = own.union(*(sentence.found for sentence in (*candidate.before[:1], *candidate.after[:1])))
    wide = near.union(*(sentence.found for sentence in (*candidate.before, *candidate.after)))
    numbers = [t for t in terms if t.word[0].isdigit()]
    codes = {t.stem for t in numbers if not t.word.isdigit()}  # "2.2" names one sentence, not those beside it
    typed = question.expected.kind not in ("other", "yesno")
    answers = answer_spans(question, candidate) if typed else ()
    closest = max((nearness(question, candidate, span) for span in answers), default=0.0)
    return {
        "dense": candidate.dense,
        "window": candidate.window,
        "lead": candidate.lead,
        "passage": candidate.passage,
        "score": candidate.score,
        "wide": coverage(terms, wide) if terms else 0.0,
        "plain": coverage([t for t in terms if not t.name], own) if terms else 0.0,
        "digits": coverage(numbers, near.difference(codes - own)),
        "code": code(question, candidate),
        "cell": coverage(terms, own) if candidate.tabular and terms else 0.0,
        "pairs": pairs(question, candidate),
        "closest": closest if typed or not terms else coverage(terms, own),
        "lacking": float(typed and not answers),
        "tabular": float(candidate.tabular),
    }


def code(question: Question, candidate: Candidate) -> float:
    """1 for a sentence that has all codes of the question, -1 for one that lacks some, 0 for a question without."""
    if not question.codes:
        return 0.0
    return 1.0 if question.codes <= {*identifiers(candidate.text), *candidate.codes} else -1.0


def pairs(question: Question, candidate: Candidate) -> float:
    """The share of the question's neighbouring terms that are neighbours in the sentence too."""
    order = [t.stem for t in question.terms]
    wanted = set(pairwise(order))
    near = [term for term, _, _ in candidate.own.hits]
    return len(wanted & set(pairwise(near))) / len(wanted) if wanted else 0.0


def order(features: Mapping[str, float]) -> float:
    """By which the sentences are ordered: a share of e ** order of the sum over all of them answers."""
    return sum(weight * features[name] for name, weight in ORDER.items())


def log_odds(features: Mapping[str, float]) -> float:
    """The log odds that the sentence states the answer."""
    return BIAS + sum(weight * features[name] for name, weight in WEIGHTS.items())


def probability(logit: float) -> float:
    """The logistic function."""
    return 1 / (1 + exp(-max(-30.0, min(30.0, logit))))

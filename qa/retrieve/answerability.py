"""Does a sentence state the answer to a question? Named features of the sentence and a logistic model over them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING

from qa.index.structure import KINDS
from qa.records import Span
from qa.retrieve.expected import Expected, expect, spans
from qa.retrieve.rank import SentenceRows, window
from qa.retrieve.terms import Lexicon, StemmedWords, Term, coverage, matches, question_terms, words_of

if TYPE_CHECKING:
    from qa.retrieve.rank import Ints

__all__ = [
    "LOOKED_AT",
    "Candidate",
    "Question",
    "answer_spans",
    "candidates",
    "describe",
    "log_odds",
    "nearness",
    "probability",
    "read_question",
]

LOOKED_AT = 12
"""How many of the best-ranked sentences become candidates."""

REACH = 2  # neighbours on either side that count as a sentence's surroundings
CONTEXT_GAP = 20.0  # characters between the answer and the words of its context, as they count
PER_DOCUMENT = 20  # sentences that tell what a document is about
FADE = 40.0  # characters over which the nearness of a word to the answer falls to 1/e

BIAS = -5.506
WEIGHTS = {
    "dense": 5.1, "window": -1.48, "wide": 0.68, "plain": 1.18, "digits": 0.74, "about": 1.05, "closest": 1.89,
    "lacking": -1.07, "first": 0.41, "found_number": -0.48, "found_money": 0.13, "found_person": 0.11,
    "found_name": 0.5, "found_date": 0.39, "found_measure": 1.3, "found_reason": 0.85,
}  # fmt: skip
"""A logistic model, fitted by `bench/evidence.py --fit` on other texts than the sample articles (docs/retrieval.md).

The constant was raised by 0.35 for sentence vectors made within passages, whose cosines are lower: as many questions of
`bench/answerability.yaml` are answered at 0.5 as before, and as many are not.
"""

_GROUPS = {
    "number": ("number", "frequency", "percent", "amount"),
    "money": ("money",),
    "person": ("person",),
    "name": ("place", "name"),
    "date": ("date",),
    "measure": (
        "age", "colour", "data", "duration", "heat", "length", "long", "mail", "phone", "power", "size", "speed",
        "volume", "weight",
    ),
    "reason": ("reason",),
    "said": ("said",),
    "yesno": ("yesno",),
}  # fmt: skip
_UNITS = frozenset(("money", *_GROUPS["measure"]))
TABULAR = (KINDS.index("row"), KINDS.index("field"))
_GROUP = {kind: group for group, kinds in _GROUPS.items() for kind in kinds}


@dataclass(frozen=True, slots=True)
class Question:
    """A question, read once. speaker: stems of the terms that name whose words it asks for; stems: of all words."""

    text: str
    terms: tuple[Term, ...]
    expected: Expected
    speaker: frozenset[str]
    stems: frozenset[str]


@dataclass(frozen=True, slots=True)
class SentenceWords:
    """The words of a sentence. hits: where they match terms, as (stem of the term, start, end); found: these stems."""

    words: StemmedWords
    hits: tuple[tuple[str, int, int], ...]
    found: frozenset[str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence, and its neighbours before and after it in its section, nearest first.

    context: the terms in the words that stand around it. document: the terms of its document, as far as it is among
    the rows. first: it is the best-ranked one. tabular: it is a row of a table or a field: a unit may stand elsewhere.
    """

    text: str
    own: SentenceWords
    context: frozenset[str]
    document: frozenset[str]
    before: tuple[SentenceWords, ...]
    after: tuple[SentenceWords, ...]
    dense: float
    window: float
    first: bool
    tabular: bool


def read_question(question: str, lexicon: Lexicon) -> Question:
    """The terms of a question, weighed by how rare they are in the index, and the kind of answer it expects."""
    expected = expect(question)
    terms = question_terms(question, lexicon)
    stems = frozenset(words_of(question, lexicon).stems)
    speaker = frozenset(words_of(expected.speaker, lexicon).stems) & {t.stem for t in terms}
    return Question(question, terms, expected, speaker, stems)


class _Reader:
    """Reads sentences for one question; each row and each stem only once."""

    def __init__(self, question: Question, rows: SentenceRows, lexicon: Lexicon) -> None:
        self._question, self._rows, self._lexicon = question, rows, lexicon
        pairs = zip(rows.doc.tolist(), rows.number.tolist(), strict=True)
        self._places = {pair: row for row, pair in enumerate(pairs)}
        self._documents: dict[int, frozenset[str]] = {}
        self._sentences: dict[int, SentenceWords] = {}
        self._known: dict[str, tuple[str, ...]] = {}

    def neighbours(self, row: int, offsets: Iterable[int]) -> tuple[SentenceWords, ...]:
        """The sentences that far from a row in its section, as far as they are among the rows."""
        doc, number, section = int(self._rows.doc[row]), int(self._rows.number[row]), self._rows.section
        near = (self._places.get((doc, number + offset)) for offset in offsets)
        return tuple(self.row(other) for other in near if other is not None and section[other] == section[row])

    def document(self, doc: int) -> frozenset[str]:
        """The terms in the sentences of a document that have most of them; none if the question names nothing."""
        import numpy as np

        if not any(term.name for term in self._question.terms):
            return frozenset()
        if doc not in self._documents:
            inside = np.flatnonzero((self._rows.doc == doc) & (self._rows.lexical > 0))
            best = inside[np.argsort(-self._rows.lexical[inside], kind="stable")[:PER_DOCUMENT]]
            self._documents[doc] = frozenset(term for row in best.tolist() for term in self.row(row).found)
        return self._documents[doc]

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


def candidates(question: Question, rows: SentenceRows, chosen: "Ints", lexicon: Lexicon) -> list[Candidate]:
    """The chosen rows, best first; their neighbours are taken from the other rows."""
    reader = _Reader(question, rows, lexicon)
    around = window(rows, rows.dense, REACH)
    found = []
    for place, row in enumerate(map(int, chosen)):
        context = reader.read(rows.context[row])
        found.append(
            Candidate(
                text=rows.text[row],
                own=reader.row(row),
                context=context.found,
                document=reader.document(int(rows.doc[row])) | context.found,
                before=reader.neighbours(row, range(-1, -1 - REACH, -1)),
                after=reader.neighbours(row, range(1, 1 + REACH)),
                dense=float(rows.dense[row]),
                window=float(around[row]),
                first=place == 0,
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
    group = _GROUP.get(question.expected.kind, "other")
    typed = group not in ("other", "yesno")
    answers = answer_spans(question, candidate) if typed else ()
    closest = max((nearness(question, candidate, span) for span in answers), default=0.0)
    return {
        "dense": candidate.dense,
        "window": candidate.window,
        "wide": coverage(terms, wide) if terms else 0.0,
        "plain": coverage([t for t in terms if not t.name], own) if terms else 0.0,
        "digits": coverage(numbers, near.difference(codes - own)),
        "about": coverage([t for t in terms if t.name], candidate.document),
        "closest": closest if typed or not terms else coverage(terms, own),
        "lacking": float(typed and not answers),
        "first": float(candidate.first),
        **{
            f"found_{each}": float(group == each and bool(answers)) for each in _GROUPS if each not in ("said", "yesno")
        },
    }


def log_odds(features: Mapping[str, float]) -> float:
    """The log odds that the sentence states the answer."""
    return BIAS + sum(weight * features[name] for name, weight in WEIGHTS.items())


def probability(logit: float) -> float:
    """The logistic function."""
    return 1 / (1 + exp(-max(-30.0, min(30.0, logit))))

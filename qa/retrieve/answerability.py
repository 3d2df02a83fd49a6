"""How well a sentence states the answer to a question: named features and the logistic model over them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING

from qa.records import Span
from qa.retrieve.expected import Expected, expect, spans
from qa.retrieve.rank import SentenceRows, window
from qa.retrieve.terms import Lexicon, Term, Words, coverage, matches, question_terms, words_of

if TYPE_CHECKING:
    from qa.retrieve.rank import Ints

__all__ = [
    "LOOKED_AT",
    "Question",
    "Scene",
    "answer_spans",
    "describe",
    "judge",
    "nearness",
    "probability",
    "read",
    "stage",
]

REACH = 2
LOOKED_AT = 12
"""How many of the best-ranked sentences are read closely: a gold one is among them in 99 % of answerable questions."""

BIAS = -9.845
WEIGHTS = {
    "dense": 5.451, "proximity": 2.785, "names": 0.737, "unknown": 0.802, "noun": 1.098, "gap": 0.584, "plain_near": 1.474,
    "near": 0.656, "plain": 1.361, "lacking": -0.867, "found": 0.283, "terms": -1.735, "first": 0.502, "rel": 0.6,
    "digits": 0.709, "new": 0.922,
}  # fmt: skip
"""A logistic model fitted by bench/evidence.py on questions over other texts than those it is tested on (docs/retrieval.md)."""

CLASSES = {
    "number": "number", "frequency": "number", "percent": "number", "amount": "number", "money": "money",
    "person": "person", "place": "name", "name": "name", "date": "date", "duration": "measure", "long": "measure",
    "length": "measure", "weight": "measure", "speed": "measure", "heat": "measure", "power": "measure", "volume": "measure",
    "data": "measure", "size": "measure", "age": "measure", "reason": "reason", "said": "said", "colour": "measure",
    "phone": "measure", "mail": "measure", "yesno": "yesno",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """A question read once: its terms, the kind of answer that it expects, and the stem of what it counts or chooses from."""

    text: str
    terms: tuple[Term, ...]
    expected: Expected
    noun: str
    stems: frozenset[str]


@dataclass(frozen=True, slots=True)
class Scene:
    """A sentence among its neighbours. own: its words; around: those of the sentences before and after it, nearest first."""

    text: str
    own: Words
    before: tuple[Words, ...]
    after: tuple[Words, ...]
    dense: float
    window: float


def read(question: str, lexicon: Lexicon) -> Question:
    """Reads a question against an index."""
    expected = expect(question)
    terms = question_terms(question, lexicon)
    stems = frozenset(words_of(question, lexicon).stems)
    noun = words_of(expected.noun, lexicon).stems
    return Question(question, terms, expected, noun[-1] if noun else "", stems)


def stage(question: Question, rows: SentenceRows, chosen: "Ints", lexicon: Lexicon) -> list[Scene]:
    """The chosen rows as scenes, their neighbours taken from the other rows."""
    places = {(int(doc), int(number)): row for row, (doc, number) in enumerate(zip(rows.doc, rows.number, strict=True))}
    around = window(rows, rows.dense, REACH)
    seen: dict[int, Words] = {}

    def words(doc: int, number: int) -> Words | None:
        row = places.get((doc, number))
        if row is None:
            return None
        if row not in seen:
            seen[row] = words_of(rows.text[row], lexicon)
        return seen[row]

    scenes = []
    for row in map(int, chosen):
        doc, number = int(rows.doc[row]), int(rows.number[row])
        before = [words(doc, number - step) for step in range(1, REACH + 1)]
        after = [words(doc, number + step) for step in range(1, REACH + 1)]
        own = words(doc, number)
        assert own is not None
        scenes.append(
            Scene(
                text=rows.text[row],
                own=own,
                before=tuple(w for w in before if w),
                after=tuple(w for w in after if w),
                dense=float(rows.dense[row]),
                window=float(around[row]),
            )
        )
    return scenes


def judge(features: Mapping[str, float]) -> float:
    """The log odds that the sentence states the answer."""
    return BIAS + sum(weight * features[name] for name, weight in WEIGHTS.items())


def probability(logit: float) -> float:
    """The logistic function."""
    return 1 / (1 + exp(-max(-30.0, min(30.0, logit))))


def found_terms(terms: Sequence[Term], words: Words) -> frozenset[str]:
    """Stems of the terms that the words match."""
    have = frozenset(words.stems)
    return frozenset(t.stem for t in terms if t.stem in have or any(matches(t, stem) for stem in have))


def answer_spans(question: Question, scene: Scene) -> tuple[Span, ...]:
    """Where the sentence holds something of the expected kind that the question does not itself contain."""
    return tuple(
        span
        for span in spans(question.expected, scene.text)
        if any(
            stem not in question.stems and (written[:1].isdigit() or len(written) > 1)
            for stem, start, written in zip(scene.own.stems, scene.own.starts, scene.own.written, strict=True)
            if span.start <= start < span.end
        )
    )


def nearness(question: Question, scene: Scene, span: Span, scale: float = 40.0) -> float:
    """The share of the terms' weight found in the sentence, each discounted by its distance in characters from the span."""
    best: dict[str, float] = {}
    for stem, start, written in zip(scene.own.stems, scene.own.starts, scene.own.written, strict=True):
        gap = max(span.start - start - len(written), start - span.end, 0)
        for term in question.terms:
            if matches(term, stem):
                best[term.stem] = max(best.get(term.stem, 0.0), exp(-gap / scale))
    total = sum(t.weight for t in question.terms)
    return sum(t.weight * best.get(t.stem, 0.0) for t in question.terms) / total if total else 0.0


def describe(question: Question, scene: Scene) -> dict[str, float]:
    """The features of one sentence, by name; each about in [0, 1]."""
    names = [t for t in question.terms if t.name]
    plain = [t for t in question.terms if not t.name]
    own = found_terms(question.terms, scene.own)
    near = own | frozenset().union(*(found_terms(question.terms, w) for w in (*scene.before[:1], *scene.after[:1])))
    wide = near | frozenset().union(*(found_terms(question.terms, w) for w in (*scene.before, *scene.after)))
    answers = answer_spans(question, scene)
    proximity = max((nearness(question, scene, span) for span in answers), default=0.0)
    kind = CLASSES.get(question.expected.kind, "other")
    typed = kind not in ("other", "yesno")
    missing = [t.weight for t in plain if t.stem not in near]
    digits = [t for t in question.terms if t.word[0].isdigit()]
    result = {
        "digits": coverage(digits, near),
        "own": coverage(question.terms, own),
        "near": coverage(question.terms, near),
        "wide": coverage(question.terms, wide),
        "names": coverage(names, wide),
        "names_own": coverage(names, own),
        "plain": coverage(plain, own),
        "plain_near": coverage(plain, near),
        "plain_wide": coverage(plain, wide),
        "gap": max(missing, default=0.0),
        "unknown": sum(t.weight for t in question.terms if not t.known and t.stem not in wide)
        / max(sum(t.weight for t in question.terms), 1e-9),
        "unknown_name": float(any(not t.known and t.stem not in wide for t in names)),
        "dense": scene.dense,
        "window": scene.window,
        "found": float(typed and bool(answers)),
        "lacking": float(typed and not answers),
        "proximity": proximity if typed else coverage(question.terms, own),
        "noun": float(not question.noun or any(_same(question.noun, s) for s in scene.own.stems)),
        "new": min(1.0, sum(s not in question.stems for s in scene.own.stems) / 8),
        "asks": float(scene.text.rstrip().endswith("?")),
        "terms": min(log(1 + len(question.terms)) / 3, 1.0),
    }
    for name in ("number", "money", "person", "name", "date", "measure", "reason", "said", "yesno", "other"):
        result[f"is_{name}"] = float(kind == name)
        if typed:
            result[f"found_{name}"] = float(kind == name and bool(answers))
    return result


def _same(a: str, b: str) -> bool:
    return a == b

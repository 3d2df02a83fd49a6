"""From candidate sentences to ranked quotes, the words in them that answer, and the estimate that they answer at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa.records import Span
from qa.retrieve import rank
from qa.retrieve.answerability import (
    LOOKED_AT,
    Question,
    Scene,
    answer_spans,
    describe,
    judge,
    nearness,
    probability,
    read,
    stage,
)
from qa.retrieve.terms import Lexicon, matches

if TYPE_CHECKING:
    from qa.retrieve.rank import Ints

__all__ = ["MAX_QUOTES", "Pick", "Selection", "select"]

MAX_QUOTES = 5
KEEP = 0.5
"""A sentence is quoted if the estimate for it is at least this fraction of the best one's (docs/retrieval.md)."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One quote: characters start..end of document number doc. score: in [0, 1]; focus: offsets in the document."""

    doc: int
    start: int
    end: int
    score: float
    focus: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """Quotes, best first; the estimate in [0, 1]; and the features of the best sentence that it was made from."""

    picks: tuple[Pick, ...]
    answerability: float
    features: Mapping[str, float]


def select(question: str, sentences: rank.SentenceRows, lexicon: Lexicon) -> Selection:
    """The best quotes among the candidate sentences. No sentences: no picks and an estimate of 0.

    The ranking of `rank.rank_sentences` chooses which sentences are read closely; the model of `answerability` orders those.
    """
    if not len(sentences.text):
        return Selection((), 0.0, {})
    asked = read(question, lexicon)
    scores = rank.rank_sentences(sentences)
    top = rank.best(scores, LOOKED_AT)
    scenes = stage(asked, sentences, top, lexicon)
    features = [describe(asked, scene) for scene in scenes]
    for place, row in enumerate(top):
        features[place]["first"] = float(place == 0)
        features[place]["rel"] = float(scores[row] / scores[top[0]]) if scores[top[0]] > 0 else 1.0
    logits = [judge(each) for each in features]
    order = sorted(range(len(top)), key=lambda place: (-logits[place], place))
    picks = _picks(asked, sentences, top, scenes, [probability(logit) for logit in logits], order)
    best = order[0]
    return Selection(picks, probability(logits[best]), {**features[best], "logit": logits[best]})


def _picks(
    asked: Question,
    sentences: rank.SentenceRows,
    top: "Ints",
    scenes: Sequence[Scene],
    estimates: Sequence[float],
    order: Sequence[int],
) -> tuple[Pick, ...]:
    kept = [place for place in order if estimates[place] >= KEEP * estimates[order[0]]][:MAX_QUOTES]
    picks = []
    for place in kept:
        row = int(top[place])
        start = int(sentences.start[row])
        found = focus(asked, scenes[place])
        picks.append(
            Pick(
                doc=int(sentences.doc[row]),
                start=start,
                end=int(sentences.end[row]),
                score=estimates[place],
                focus=tuple(Span(start + span.start, start + span.end) for span in found),
            )
        )
    return tuple(picks)


def focus(asked: Question, scene: Scene) -> tuple[Span, ...]:
    """The words of the sentence that answer: the span of the expected kind that stands nearest to the question's words.

    A question of another kind gets the question's own content words, which show why the sentence was chosen.
    """
    spans = answer_spans(asked, scene)
    if spans:
        return (max(spans, key=lambda span: (nearness(asked, scene, span), -span.start)),)
    return tuple(
        Span(start, start + len(written))
        for stem, start, written in zip(scene.own.stems, scene.own.starts, scene.own.written, strict=True)
        if any(matches(term, stem) for term in asked.terms)
    )

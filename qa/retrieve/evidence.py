"""From candidate sentences to ranked quotes, the words that answer, and the estimate that they answer at all."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from qa.english.questions import CHOICE
from qa.index.structure import KINDS
from qa.records import Span
from qa.retrieve import rank
from qa.retrieve.answerability import (
    LOOKED_AT,
    Candidate,
    Question,
    answer_spans,
    candidates,
    describe,
    log_odds,
    nearness,
    probability,
    read_question,
)
from qa.retrieve.expected import Expected
from qa.retrieve.reranker import Choice, CloseReading
from qa.retrieve.terms import Lexicon

__all__ = ["KEEP", "MAX_QUOTES", "Pick", "Selection", "focus", "select"]

MAX_QUOTES = 5
KEEP = 0.8
"""A sentence is quoted if the estimate for it is at least this fraction of the best one's (docs/retrieval.md)."""

JOIN_GAP = 3  # characters between two sentences that still follow each other: nothing was skipped there
MAX_JOINED = 800  # characters of a joined quote


ITEM = KINDS.index("item")
SHORT_ITEM = 200  # characters of an item that is quoted whole
QUOTED = re.compile(r"[“\"]([^“”\"]*\w[^“”\"]*)")  # a quotation may go on in the next sentence


@dataclass(frozen=True, slots=True)
class Pick:
    """One quote: characters start..end of document number doc, within a block. score: in [0, 1]; focus: offsets in the
    document.
    """

    doc: int
    start: int
    end: int
    block: int
    score: float
    focus: tuple[Span, ...]

    @property
    def place(self) -> tuple[int, int, int]:
        """Start, end and block."""
        return self.start, self.end, self.block


@dataclass(frozen=True, slots=True)
class Selection:
    """Quotes, best first; the estimate in [0, 1] that they answer; and the features of the best sentence, its basis."""

    picks: tuple[Pick, ...]
    answerability: float
    features: Mapping[str, float]


def select(
    question: str, sentences: rank.SentenceRows, lexicon: Lexicon, closely: CloseReading | None = None
) -> Selection:
    """The best quotes among the candidate sentences. No sentences that can state something: no picks and an
    estimate of 0.

    `rank.rank_sentences` chooses which sentences become candidates; the model of `answerability` orders these, or a
    reranker and a reader if there are any. The estimate is that of `answerability` in either case.
    """
    if not len(sentences.text):
        return Selection((), 0.0, {})
    asked = read_question(question, lexicon)
    top = rank.quotable(sentences, rank.rank_sentences(sentences), LOOKED_AT)
    if not len(top):
        return Selection((), 0.0, {})
    read = candidates(asked, sentences, top, lexicon)
    features = [describe(asked, candidate) for candidate in read]
    estimates = [probability(log_odds(each)) for each in features]
    choices = closely.choose(question, [each.text for each in read]) if closely else [Choice(e) for e in estimates]
    order = sorted(range(len(top)), key=lambda place: (-choices[place].score, place))
    limit = KEEP * choices[order[0]].score
    kept = [place for place in order if choices[place].score >= limit][:MAX_QUOTES]
    picks = [_pick(asked, sentences, int(top[n]), read[n], estimates[n], choices[n].focus) for n in kept]
    likeliest = max(range(len(top)), key=lambda place: (estimates[place], -place))
    return Selection(tuple(_joined(picks)), estimates[likeliest], features[likeliest])


def _pick(
    asked: Question, sentences: rank.SentenceRows, row: int, candidate: Candidate, score: float, read: Span | None
) -> Pick:
    """read: the words that a reader has chosen."""
    doc, start, block = int(sentences.doc[row]), int(sentences.start[row]), int(sentences.block[row])
    words = tuple(
        Span(start + span.start, start + span.end)
        for span in ((read,) if read and read.end > read.start else focus(asked, candidate))
    )
    pick = Pick(doc, start, int(sentences.end[row]), block, score, words)
    return _whole_item(pick, sentences) if sentences.kind[row] == ITEM else pick


def _whole_item(pick: Pick, sentences: rank.SentenceRows) -> Pick:
    """All sentences of a short item: they are read together."""
    rows = (sentences.doc == pick.doc) & (sentences.block == pick.block)
    start, end = int(sentences.start[rows].min()), int(sentences.end[rows].max())
    return replace(pick, start=start, end=end) if end - start <= SHORT_ITEM else pick


def focus(asked: Question, candidate: Candidate) -> tuple[Span, ...]:
    """The words of the sentence that answer: the span of the expected kind that stands nearest to the question's words.

    "Which aircraft ..." gets the name that stands nearest, with the words that follow it; "What did X say?" those in
    quotation marks. A question of another kind gets its own content words, which show why the sentence was chosen.
    """
    if asked.expected.kind == "said":
        return tuple(Span(*m.span(1)) for m in QUOTED.finditer(candidate.text)) or _own_words(candidate)
    found = answer_spans(asked, candidate)
    if not found and asked.expected.kind == "other" and CHOICE.search(asked.text):
        plain = tuple(term for term in asked.terms if not term.name) or asked.terms
        asked = replace(asked, expected=Expected("name"), terms=plain)
        named = answer_spans(asked, candidate)
        found = tuple(Span(span.start, _noun_end(candidate.text, span.end)) for span in named)
    if found:
        best = max(found, key=lambda s: (nearness(asked, candidate, s) + _fit(asked, candidate, s), -s.start))
        return (best,)
    return _own_words(candidate)


def _own_words(candidate: Candidate) -> tuple[Span, ...]:
    return tuple(dict.fromkeys(Span(start, end) for _, start, end in candidate.own.hits))


def _noun_end(text: str, end: int) -> int:
    """The end of up to two lower-case words after a name, "fighter jets" after "F-16", if the sentence pauses there."""
    found = re.match(r"(?: [a-z][\w-]*){1,2}(?=[.,;:!?]|$)", text[end:])
    return end + found.end() if found else end


def _fit(asked: Question, candidate: Candidate, span: Span) -> float:
    """Whether the word before a name says that it is a place rather than a person."""
    words = candidate.text[: span.start].split()
    local = bool(words) and words[-1].lower() in ("in", "at", "near", "from", "to", "into")
    return {"person": -0.3, "place": 0.3}.get(asked.expected.kind, 0.0) * local


def _joined(picks: Sequence[Pick]) -> list[Pick]:
    """Picks that follow each other in a block, or share words, become one, at the place of the better one."""
    result: list[Pick] = []
    for pick in picks:
        for place, other in enumerate(result):
            if _follow(pick, other):
                result[place] = _union(other, pick)
                break
        else:
            result.append(pick)
    return result if len(result) == len(picks) else _joined(result)


def _follow(a: Pick, b: Pick) -> bool:
    first, second = sorted((a, b), key=lambda pick: pick.start)
    near = (first.doc, first.block) == (second.doc, second.block) and second.start - first.end <= JOIN_GAP
    return near and second.end - first.start <= MAX_JOINED


def _union(a: Pick, b: Pick) -> Pick:
    words = tuple(sorted({*a.focus, *b.focus}))
    return Pick(a.doc, min(a.start, b.start), max(a.end, b.end), a.block, max(a.score, b.score), words)

"""From candidate sentences to ranked quotes, the words that answer, and the estimate that they answer at all."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from qa.english.compound import LIST
from qa.english.questions import CHOICE
from qa.index.protocol import Candidates
from qa.index.structure import KINDS
from qa.records import Span
from qa.retrieve import rank
from qa.retrieve.answerability import (
    Candidate,
    Question,
    answer_spans,
    candidates,
    describe,
    log_odds,
    nearness,
    order,
    probability,
    read_question,
)
from qa.retrieve.expected import Expected
from qa.retrieve.reranker import CloseReading
from qa.retrieve.terms import Lexicon

__all__ = ["LISTED", "MARGIN", "MAX_QUOTES", "Pick", "Read", "Reading", "Selection", "focus", "read", "select"]

MAX_QUOTES = 3
LISTED = 5
"""Quotes of a question that asks for one thing, and for several of a sort."""

EACH = 4
"""Quotes of a question that asks for several things, over all of its parts; each part has one at least."""

MARGIN = 1.0
"""A sentence is quoted if its score is at most this far below the best one's (docs/retrieval.md)."""

SCALE = 5.0  # of a reranker's score in [0, 1], so that MARGIN is a fifth of it
SAME = 0.85  # share of common words from which a sentence repeats another

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
class Read:
    """A sentence that was read closely for one question.

    score: by which they are ordered; estimate: in [0, 1]. focus: its words that a reader chose, None without one.
    """

    row: int
    candidate: Candidate
    features: Mapping[str, float]
    score: float
    estimate: float
    focus: Span | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read for one question, best first. likely: what would be first without a reranker and a reader; the
    estimate of the question is its own, because that is calibrated.
    """

    asked: Question
    sentences: rank.SentenceRows
    read: tuple[Read, ...]
    likely: Read | None

    @property
    def estimate(self) -> float:
        """In [0, 1], that the question is answered."""
        return self.likely.estimate if self.likely else 0.0

    def place(self, read: Read) -> tuple[int, int, int]:
        """Document, start and end."""
        rows = self.sentences
        return int(rows.doc[read.row]), int(rows.start[read.row]), int(rows.end[read.row])


@dataclass(frozen=True, slots=True)
class Selection:
    """For each part of the question what was read and the quotes, best first. No parts: there was nothing to quote."""

    parts: tuple[tuple[Reading, tuple[Pick, ...]], ...]

    @property
    def picks(self) -> tuple[Pick, ...]:
        """The quotes of all parts."""
        return tuple(pick for _, picks in self.parts for pick in picks)

    @property
    def answerability(self) -> float:
        """The estimate in [0, 1] that the best part is answered."""
        return max((reading.estimate for reading, _ in self.parts), default=0.0)

    @property
    def features(self) -> Mapping[str, float]:
        """The basis of the estimate."""
        best = max((r.likely for r, _ in self.parts if r.likely), key=lambda one: one.estimate, default=None)
        return best.features if best else {}


def read(question: str, found: Candidates, lexicon: Lexicon, closely: CloseReading | None = None) -> Reading:
    """Read the candidate sentences closely: `rank.candidates` chooses them, `answerability.order` orders them, or a
    reranker and a reader if there are any.
    """
    asked = read_question(question, lexicon)
    placed = rank.passage_scores(found.passages, found.sentences)
    rows = rank.candidates(found.sentences, placed)
    described = [(c, describe(asked, c)) for c in candidates(asked, found.sentences, placed, rows, lexicon)]
    made = [
        Read(int(row), c, features, order(features), probability(log_odds(features)))
        for row, (c, features) in zip(rows, described, strict=True)
    ]
    ordered = sorted(made, key=lambda one: -one.score)
    likely = ordered[0] if ordered else None
    if closely and ordered:
        choices = closely.choose(question, [one.candidate.text for one in ordered])
        chosen = [replace(one, score=SCALE * c.score, focus=c.focus) for one, c in zip(ordered, choices, strict=True)]
        ordered = sorted(chosen, key=lambda one: -one.score)
    return Reading(asked, found.sentences, tuple(ordered), likely)


def select(
    found: Sequence[tuple[str, Candidates]],
    lexicon: Lexicon,
    joint: bool = False,
    closely: CloseReading | None = None,
) -> Selection:
    """The best quotes among the candidate sentences. found: the question, then each of its parts if it has several.
    joint: "and" joins the parts, and they may belong together. closely: as for `read`.

    Parts that one sentence answers are no parts: a question about "terms and conditions" asks for one thing.
    """
    whole, *rest = (read(question, candidates, lexicon, closely) for question, candidates in found)
    parts = [part for part in rest if part.read]
    if not whole.read:
        return Selection(())
    if len(parts) < 2 or _is_one(whole, parts, joint):
        return Selection(((whole, _quotes(whole, LISTED if LIST.search(whole.asked.text) else MAX_QUOTES)),))
    return Selection(tuple((part, _quotes(part, max(1, EACH // len(parts)))) for part in parts))


def _is_one(whole: Reading, parts: Sequence[Reading], joint: bool) -> bool:
    """Whether one sentence is the best of each part; or, of joint parts, whether the best sentence of the whole
    question has what tells them apart and answers it as well as any sentence answers a part.
    """
    if len({part.place(part.read[0]) for part in parts}) == 1:
        return True
    if not joint or whole.estimate < max(part.estimate for part in parts):
        return False
    best = whole.read[0].candidate
    have = best.own.found | best.context
    stems = [{term.stem for term in part.asked.terms} for part in parts]
    shared = set.intersection(*stems)
    return all(own - shared and own - shared <= have for own in stems)


def _quotes(reading: Reading, most: int) -> tuple[Pick, ...]:
    """The best sentence, and those that answer nearly as well but do not merely repeat it."""
    kept: list[Read] = []
    limit = reading.read[0].score - MARGIN
    for one in reading.read:
        if one.score < limit or len(kept) == most:
            break
        if not any(_repeats(one, other) for other in kept):
            kept.append(one)
    return tuple(_joined([_pick(reading.asked, reading.sentences, one) for one in kept]))


def _repeats(one: Read, other: Read) -> bool:
    a, b = (set(each.candidate.own.words.stems) | each.candidate.context for each in (one, other))
    return len(a & b) >= SAME * len(a | b)


def _pick(asked: Question, sentences: rank.SentenceRows, one: Read) -> Pick:
    row = one.row
    doc, start, block = int(sentences.doc[row]), int(sentences.start[row]), int(sentences.block[row])
    chosen = (one.focus,) if one.focus and one.focus.end > one.focus.start else focus(asked, one.candidate)
    words = tuple(Span(start + span.start, start + span.end) for span in chosen)
    pick = Pick(doc, start, int(sentences.end[row]), block, one.estimate, words)
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

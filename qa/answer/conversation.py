"""A question in a conversation: what it leans on, what is searched for, and how it was understood.

Nothing is remembered here: the turns before come with the question, and each answer is proven anew.
"""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace

from qa.english.follow_ups import content_words, fragment, has_pronoun, is_assent, is_elliptical
from qa.english.words import analyze, stems, words
from qa.index import where as filters
from qa.records import Answer, Evidence, Hit, Quote
from qa.retrieve.evidence import MAX_QUOTES
from qa.retrieve.expected import expect, spans
from qa.retrieve.retriever import MAX_QUESTION_WORDS, Retriever

__all__ = ["TURNS", "Turn", "Understood", "leans_on_history", "resolutions", "standing", "understand"]

Place = tuple[str, int, int]
TURNS = 3  # how far back a question may lean
KEEP = 0.8  # of the best estimate: from here on a quote of another reading counts
TOPICS = 8  # words of earlier turns that join a question


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of a conversation, and the quotes of its answer; none if there was no answer."""

    question: str
    quotes: tuple[Quote, ...] = ()

    @classmethod
    def of(cls, answer: Answer) -> "Turn":
        """The turn that an answer makes."""
        return cls(answer.question, answer.quotes)


def leans_on_history(question: str) -> bool:
    """Whether a question says too little on its own: a fragment, a pronoun, hardly a word of content."""
    return is_elliptical(question) or has_pronoun(question) or len(content_words(question)) < 2


def resolutions(question: str, history: Sequence[Turn]) -> tuple[str, ...]:
    """The question with the words of earlier turns that it may lean on; several ways where there are several turns.
    Without history, the question itself.

    A fragment is put behind the question that it goes on from; any other question is followed by the topic.
    """
    recent = tuple(turn for turn in history if turn.question.strip())[-TURNS:]
    if not recent:
        return (question,)
    if not is_elliptical(question):
        return tuple(dict.fromkeys(_with_topic(question, words) for words in topics(question, recent)))
    place = next((n for n in range(len(recent) - 1, -1, -1) if not is_elliptical(recent[n].question)), 0)
    base = recent[place].question.strip()
    whole = base if is_assent(question) else f"{base.rstrip(' ?!.')}, {fragment(question) or question.strip(' ?')}?"
    if not leans_on_history(base) or not place:
        return (whole,)
    as_it_was = (base,) if is_assent(question) else ()
    return tuple(dict.fromkeys((*as_it_was, *(_with_topic(whole, words) for words in topics(base, recent[:place])))))


def topics(question: str, history: Sequence[Turn]) -> tuple[tuple[str, ...], ...]:
    """What a question may be about, as words of earlier turns: those of the last question, those of the last one that
    stands on its own, and both; each with the names that answered the last question.
    """
    names = _answered(history[-1])
    last = content_words(history[-1].question)
    whole = next((t for t in reversed(history) if not leans_on_history(t.question)), history[0])
    standing = content_words(whole.question)
    return tuple(_fresh((*words, *names), question) for words in (last, standing, (*last, *standing)))


def _fresh(words: Sequence[str], question: str) -> tuple[str, ...]:
    """Each of the words once, without those of the question."""
    known = set(stems([word.lower() for word in content_words(question)]))
    fresh: dict[str, str] = {}
    for word, stem in zip(words, stems([word.lower() for word in words]), strict=True):
        if stem not in known:
            fresh.setdefault(stem, word)
    return tuple(fresh.values())[:TOPICS]


def _answered(turn: Turn) -> tuple[str, ...]:
    """The names among the words of its best quote that answer."""
    if not turn.quotes:
        return ()
    quote = turn.quotes[0]
    text = " ".join(quote.text[span.start - quote.start : span.end - quote.start] for span in quote.focus)
    return tuple(word for word in content_words(text) if word[:1].isupper())


def _with_topic(question: str, words: Sequence[str]) -> str:
    return f"{question.strip()} ({' '.join(words)})" if words else question


@dataclass(frozen=True, slots=True)
class Understood:
    """What was found for a question of a conversation. resolved: the question as it was searched for.

    earlier: quotes of the last turns, the latest first.
    """

    resolved: str
    hits: tuple[Hit, ...]
    evidence: Evidence
    earlier: tuple[Quote, ...] = ()


def understand(
    retriever: Retriever,
    question: str,
    history: Sequence[Turn],
    k: int,
    where: Sequence[str] = (),
    threshold: float = 0.5,
    rewrite: Callable[[], str] | None = None,
) -> Understood:
    """Search for a question, first as it is. One that leans on nothing and whose estimate reaches the threshold is
    understood as it is; else the same with the topic of the last turns competes, and what `rewrite` gives, if
    anything. history: as `standing` gives it.

    Raises as `Retriever.retrieve` does.
    """
    hits, evidence = retriever.retrieve(question, k, where)
    alone = Understood(question, tuple(hits), evidence)
    leans = leans_on_history(question)
    if not history or not words(question) or (not leans and evidence.answerability >= threshold):
        return alone
    wordings = dict.fromkeys((*resolutions(question, history), *((rewrite(),) if rewrite else ())))
    new = [text for text in wordings if text not in ("", question) and len(text.split()) <= MAX_QUESTION_WORDS]
    found = zip(new, retriever.retrieve_many(new, k, where), strict=True)
    readings = [Understood(text, tuple(h), own_evidence(question, e)) for text, (h, e) in found]
    if not readings and is_assent(question):
        return alone
    best = max(readings, key=lambda one: one.evidence.answerability, default=alone)
    as_asked: Understood | None = None  # what an assent says has no quotes of its own
    if not is_elliptical(question):
        as_asked = alone
        best = max((*readings, alone), key=lambda one: one.evidence.answerability)
        best = best if best.evidence.answerability >= threshold else alone
    elif not is_assent(question):
        as_asked = _near(alone, readings)
    readings += [as_asked] if as_asked else []
    shown = {_place(quote) for quote in history[-1].quotes} if not is_assent(question) else set()
    return Understood(
        best.resolved,
        fused_hits([best.hits, *(one.hits for one in readings)], k),
        fused_evidence(
            best.evidence,
            [one.evidence for one in readings],
            threshold,
            shown,
            as_asked.evidence if as_asked else None,
        ),
        tuple(quote for turn in reversed(history[-TURNS:]) for quote in turn.quotes),
    )


def _near(fragment: Understood, readings: Sequence[Understood]) -> Understood:
    """What a fragment finds on its own, in the documents that its readings lead to: elsewhere it means nothing."""
    documents = {hit.passage.doc_id for one in readings for hit in one.hits}
    pairs = zip(fragment.evidence.quotes, fragment.evidence.scores, strict=True)
    kept = [(quote, score) for quote, score in pairs if quote.doc_id in documents]
    quotes, scores = tuple(quote for quote, _ in kept), tuple(score for _, score in kept)
    estimate = max(scores, default=0.0)
    return replace(fragment, evidence=replace(fragment.evidence, quotes=quotes, scores=scores, answerability=estimate))


def fused_evidence(
    best: Evidence,
    others: Sequence[Evidence],
    threshold: float,
    shown: Set[Place] = frozenset(),
    as_asked: Evidence | None = None,
) -> Evidence:
    """The quotes of several readings of a question, those that more readings found first, with the highest estimate.

    others: without the best, only those count that reach the threshold. as_asked: the one of them for the question as
    it was asked, whose quotes all count; of the others the first, and those that come near the best. shown: what the
    last answer quoted comes after what is new.
    """
    readings = [best, *(one for one in others if one is not best and one.answerability >= threshold)]
    estimate = max(one.answerability for one in readings)
    scores: dict[Place, float] = {}
    quotes: dict[Place, Quote] = {}
    for evidence in readings:
        for n, (quote, score) in enumerate(zip(evidence.quotes, evidence.scores, strict=True)):
            place = _place(quote)
            scores[place] = scores.get(place, 0.0) + score
            if n == 0 or score >= KEEP * estimate or evidence is as_asked:
                quotes.setdefault(place, quote)
    chosen: list[Place] = []
    for place in sorted(quotes, key=lambda place: (place in shown, -scores[place])):
        if not any(place[0] == other[0] and place[1] < other[2] and other[1] < place[2] for other in chosen):
            chosen.append(place)
    chosen = chosen[:MAX_QUOTES]
    numbered = tuple(replace(quotes[place], n=n) for n, place in enumerate(chosen, 1))
    whole = tuple(replace(part, answerability=estimate, quotes=tuple(q.n for q in numbered)) for part in best.parts[:1])
    return replace(
        best,
        quotes=numbered,
        scores=tuple(min(1.0, scores[place]) for place in chosen),
        answerability=estimate,
        parts=whole,
    )


def _place(quote: Quote) -> Place:
    return quote.doc_id, quote.start, quote.end


def own_evidence(question: str, evidence: Evidence) -> Evidence:
    """The quotes that have to do with the question itself, and not only with the turns before: they share a word with
    it, or hold what it asks for where that has a form. A question that leans on nothing needs half of its words there.
    """
    own = set(analyze(" ".join(content_words(fragment(question)))))
    leans, expected = leans_on_history(question), expect(question)

    def belongs(quote: Quote) -> bool:
        text = " ".join((quote.text, *(piece.text for piece in quote.context)))
        shared = own.intersection(analyze(text))
        if not leans:
            return 2 * len(shared) >= len(own)
        return not own or bool(shared) or bool(spans(expected, quote.text))

    kept = [(quote, score) for quote, score in zip(evidence.quotes, evidence.scores, strict=True) if belongs(quote)]
    quotes = tuple(replace(quote, n=n) for n, (quote, _) in enumerate(kept, 1))
    return replace(
        evidence,
        quotes=quotes,
        scores=tuple(score for _, score in kept),
        answerability=max((score for _, score in kept), default=0.0),
    )


def fused_hits(rankings: Sequence[Sequence[Hit]], k: int) -> tuple[Hit, ...]:
    """The k best passages of several rankings by reciprocal rank (Cormack et al. 2009), numbered anew."""
    places: dict[str, float] = {}
    hits: dict[str, Hit] = {}
    for ranking in rankings:
        for place, hit in enumerate(ranking, 1):
            places[hit.passage.id] = places.get(hit.passage.id, 0.0) + 1 / (60 + place)
            hits.setdefault(hit.passage.id, hit)
    best = sorted(hits, key=lambda name: -places[name])[:k]
    return tuple(replace(hits[name], rank=rank) for rank, name in enumerate(best, 1))


def standing(retriever: Retriever, history: Sequence[Turn], where: Sequence[str] = ()) -> tuple[Turn, ...]:
    """The turns with those of their quotes whose document is as it was and meets the conditions.

    Raises WhereError.
    """
    conditions = filters.parse(where)

    def stands(quote: Quote) -> bool:
        try:
            info = retriever.info(quote.doc_id)
        except KeyError:
            return False
        found = filters.fields(info.id, info.title, info.metadata)
        return info.sha256 == quote.sha256 and filters.meets(found, conditions)

    return tuple(replace(turn, quotes=tuple(filter(stands, turn.quotes))) for turn in history)

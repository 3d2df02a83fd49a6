"""Score observations against the expectations of a case: outcome, problems and measures."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

from qa.errors import GoldError
from qa.gold.files.cases import Case, GoldQuote, matches
from qa.gold.files.matchers import Matcher
from qa.gold.files.sources import Sources
from qa.gold.results import GoldFound, Observation, Outcome, Result, Shown
from qa.gold.verdict import measures
from qa.gold.verdict.measures import Character
from qa.quotes.anchors import Place
from qa.quotes.receipt import corpus_of
from qa.records import Sentence
from qa.retrieve.retriever import Retriever
from qa.text import shortened

__all__ = ["REACH", "UNKNOWN", "Indexed", "Prices", "case_sha256", "score"]

Prices = tuple[float, float]
"""Prices per million prompt and completion tokens, in any currency; 0 if unknown."""
UNKNOWN: Prices = (0.0, 0.0)
REACH = 160
"""Characters of the source on either side of a quote that are kept for reports."""
SHOWN = 80  # characters of a gold quote that a problem shows
DIGITS = 6  # of a measure


class Indexed:
    """The indexed documents and the quotes in them. Create one per run, because lookups are cached."""

    def __init__(self, retriever: Retriever) -> None:
        self.texts: Mapping[str, str] = corpus_of(retriever).texts
        self._retriever, self._sources = retriever, Sources(self.texts)
        self._found: dict[GoldQuote, GoldFound] = {}

    def find(self, quote: GoldQuote, part: int) -> GoldFound:
        """Locate a gold quote and check whether it is indexed."""
        if quote not in self._found:
            self._found[quote] = self._find(quote)
        return replace(self._found[quote], part=part)

    def show(self, n: int, place: Place, text: str) -> Shown:
        """A returned quote with its context, compared with the source."""
        source = self.texts[place.doc_id]
        before, after = source[max(0, place.start - REACH) : place.start], source[place.end : place.end + REACH]
        verbatim = text == source[place.start : place.end]
        return Shown(n, place, text, self._line(place), before, after, verbatim)

    def characters(self, gold: GoldFound) -> frozenset[Character]:
        """The characters of a gold quote. If its document is missing, as many placeholders that never match."""
        if gold.place is not None:
            return measures.characters([gold.place], self.texts)
        return frozenset((gold.source, i) for i, char in enumerate(gold.text) if not char.isspace())

    def _find(self, quote: GoldQuote) -> GoldFound:
        standing = self._sources.standing(quote)
        place = standing.place
        if place is None or not standing.stands:
            state = standing.state if quote.source in self.texts else "missing"
            return GoldFound(quote.source, quote.text, 0, state)
        shown = self.show(0, place, quote.text)
        found = GoldFound(quote.source, quote.text, 0, standing.state, place, shown.before, shown.after, shown.line)
        return replace(found, indexed=self._is_indexed(place))

    def _is_indexed(self, place: Place) -> bool:
        """Whether indexed sentences, which skip site furniture, cover the whole place."""
        numbers = self._retriever.sentences_in(place.doc_id, place.start, place.end)
        inside = self._retriever.sentences(place.doc_id, numbers.start, numbers.stop - 1)
        places = [Place(s.doc_id, s.start, s.end) for s in inside]
        return measures.rank_of(place, places, self.texts) is not None

    def _line(self, place: Place) -> int:
        return self._retriever.quote(Sentence(place.doc_id, 0, place.start, place.end)).line


def case_sha256(case: Case) -> str:
    """Hash of what the case asks and expects, without id, fact, tags, severity, note and names of parts."""
    quotes = [[[q.source, q.text, q.before, q.after] for q in part] for part in case.parts]
    matchers = [[_definition(m) for m in some] for some in (case.all, case.any, case.none)]
    text = json.dumps([case.question, case.expect, matchers, quotes], ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _definition(matcher: Matcher) -> list[str]:
    return [type(matcher).__name__, *(f"{f.name}={getattr(matcher, f.name)}" for f in fields(matcher))]


def score(
    case: Case,
    observations: Sequence[Observation],
    indexed: Indexed,
    k: int,
    *,
    prices: Prices = UNKNOWN,
    fingerprint: str = "",
) -> Result:
    """The result of a case that was asked once or several times.

    observations: at least one. The case passes if more than half of them pass, and is an error if the failed requests
    could change that. A quote that is not verbatim always fails it. Measures are means over the observations without
    error. k: cutoff of recall@k, rr@k and ndcg@k.
    """
    gold = tuple(indexed.find(quote, number) for number, part in enumerate(case.parts) for quote in part)
    stale = _stale(case, indexed)
    judged = [_judge(case, seen, gold, indexed, k, prices, bool(stale)) for seen in observations]
    outcome = _outcome(judged, bool(stale))
    shown = _typical(judged, outcome)
    whole = [one for one in judged if not one.seen.error]
    lost = [one.seen.error for one in judged if one.seen.error]
    problems = stale if outcome == "stale" else list(shown.problems)
    if lost and outcome != "error":
        problems.append(f"{len(lost)} of {len(judged)} runs could not be measured: {lost[0]}")
    return Result(
        id=case.id,
        fact=case.fact,
        question=case.question,
        expect=case.expect,
        severity=case.severity,
        tags=case.tags,
        file=case.file,
        line=case.line,
        case_sha256=case_sha256(case),
        outcome=outcome,
        problems=tuple(problems),
        gold=shown.gold,
        observed=shown.seen,
        measures=_means([one.figures for one in whole]),
        passes=sum(not one.problems for one in whole),
        runs=len(whole) or 1,
        fingerprint=fingerprint,
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    """An observation with the progress of the gold quotes, its problems and its measures."""

    seen: Observation
    gold: tuple[GoldFound, ...]
    problems: tuple[str, ...]
    figures: Mapping[str, float]

    @property
    def verbatim(self) -> bool:
        return all(quote.verbatim for quote in self.seen.quotes)


def _judge(
    case: Case, seen: Observation, gold: tuple[GoldFound, ...], indexed: Indexed, k: int, prices: Prices, stale: bool
) -> _Judged:
    if seen.error:
        return _Judged(seen, gold, (seen.error,), {})
    gold = tuple(_traced(one, seen, indexed) for one in gold)
    try:
        wrong = matches(seen.text, case) if case.expect == "answer" else []
    except GoldError as error:
        return _Judged(replace(seen, error=str(error)), gold, (str(error),), {})
    figures = _spent(seen, prices)
    if case.expect == "answer" and not stale:
        figures = _of_retrieval(gold, k) | _of_quotes(gold, seen, indexed) | {"answer_match": not wrong} | figures
    return _Judged(seen, gold, _problems(case, seen, gold, wrong), figures)


def _outcome(judged: Sequence[_Judged], stale: bool) -> Outcome:
    errors = sum(bool(one.seen.error) for one in judged)
    passes = sum(not one.problems for one in judged)
    if not all(one.verbatim for one in judged):
        return "fail"
    if stale:
        return "stale"
    if 2 * passes > len(judged):
        return "pass"
    return "error" if 2 * (passes + errors) > len(judged) else "fail"


def _typical(judged: Sequence[_Judged], outcome: Outcome) -> _Judged:
    """The first observation with this outcome."""

    def shows(one: _Judged) -> bool:
        if outcome == "error":
            return bool(one.seen.error)
        if one.seen.error:
            return False
        return outcome == "stale" or bool(one.problems) == (outcome == "fail")

    unfaithful = (one for one in judged if not one.verbatim)
    return next(unfaithful, None) or next((one for one in judged if shows(one)), judged[0])


def _means(figures: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each measure over the runs that have it."""
    names = dict.fromkeys(name for one in figures for name in one)
    return {name: round(measures.mean(one[name] for one in figures if name in one), DIGITS) for name in names}


def _stale(case: Case, indexed: Indexed) -> list[str]:
    """Why the case is stale: a part whose quotes are all missing although their documents exist."""
    said = []
    for part in case.parts:
        found = [(quote, indexed.find(quote, 0)) for quote in part]
        if all(one.place is None and one.state != "missing" for _, one in found):
            said += [
                f"{case.file}:{quote.line}: gold quote {one.state} in {one.source}: {shortened(one.text, SHOWN)}"
                for quote, one in found
            ]
    return said


def _parts(gold: Sequence[GoldFound]) -> list[list[GoldFound]]:
    """The gold quotes by part: those found in the documents, or all if none is."""
    numbers = dict.fromkeys(one.part for one in gold)
    parts = [[one for one in gold if one.part == number] for number in numbers]
    return [[one for one in part if one.place is not None] or part for part in parts]


def _traced(gold: GoldFound, seen: Observation, indexed: Indexed) -> GoldFound:
    """Record which layers the gold quote passed."""
    asked = seen.prompt_sha256 is not None
    if gold.place is None:
        return replace(gold, in_context=False, pointed=False) if asked else gold

    def rank(places: Sequence[Place]) -> int | None:
        return measures.rank_of(place, places, indexed.texts)

    place = gold.place
    return replace(
        gold,
        rank=rank(seen.hits),
        in_context=rank(seen.context) is not None if asked else None,
        pointed=rank([p for claim in seen.claims for p in claim.places]) is not None if asked else None,
        returned=rank([quote.place for quote in seen.quotes]) is not None,
    )


def _problems(case: Case, seen: Observation, gold: Sequence[GoldFound], wrong: Sequence[str]) -> tuple[str, ...]:
    """Why an observation does not pass; empty if it does."""
    problems = [f"quote {q.n} differs from the text of {q.place.doc_id}" for q in seen.quotes if not q.verbatim]
    answered = seen.status == "answered"
    if case.expect == "abstain":
        return (*problems, *(["an answer, but the sources do not say"] if answered else []))
    problems += wrong
    for part in _parts(gold):
        if part[0].place is None:
            lost = [one.source for one in part if one.state == "missing"]
            problems += [f"{source}, the source of the gold quote, is not in the index" for source in lost]
        elif answered and not any(one.returned for one in part):
            problems.append(f"not quoted: {shortened(part[0].text, SHOWN)}")
    return tuple(dict.fromkeys(problems))


def _of_retrieval(gold: Sequence[GoldFound], k: int) -> dict[str, float]:
    ranks = [min((one.rank for one in part if one.rank is not None), default=None) for part in _parts(gold)]
    named = {"recall": measures.recall, "rr": measures.rr, "ndcg": measures.ndcg}
    return {f"{name}@{k}": measure(ranks, k) for name, measure in named.items()}


def _of_quotes(gold: Sequence[GoldFound], seen: Observation, indexed: Indexed) -> dict[str, float]:
    """Measures of quotes. Without an answer, precision is undefined."""
    parts = [[indexed.characters(one) for one in part] for part in _parts(gold)]
    quotes = [measures.characters([quote.place], indexed.texts) for quote in seen.quotes]
    returned: frozenset[Character] = frozenset().union(*quotes)
    wanted = measures.gold_characters(parts, returned)
    every = frozenset().union(*(quote for part in parts for quote in part))
    precision = (
        {
            "char_precision": measures.char_precision(returned, wanted),
            "citation_precision": measures.citation_precision(quotes, every),
        }
        if returned
        else {}
    )
    return precision | {
        "char_recall": measures.char_recall(returned, wanted),
        "char_iou": measures.char_iou(returned, wanted),
        "citation_recall": measures.citation_recall(parts, returned),
    }


def _spent(seen: Observation, prices: Prices) -> dict[str, float]:
    """Measures of any case: support, verbatim quotes, time, tokens and cost."""
    figures: dict[str, float] = {}
    if seen.statements:
        figures["supported"] = measures.mean(s.verdict != "unsupported" for s in seen.statements)
    if seen.quotes:
        figures["verbatim"] = measures.mean(quote.verbatim for quote in seen.quotes)
    if "total" in seen.timings_ms:
        figures["latency_ms"] = seen.timings_ms["total"]
    prompt, completion = (seen.usage.get(name, 0) for name in ("prompt_tokens", "completion_tokens"))
    if prompt:  # endpoints need not count
        figures |= {"prompt_tokens": prompt, "completion_tokens": completion}
        if any(prices):
            figures["cost"] = (prices[0] * prompt + prices[1] * completion) / 1_000_000
    return figures

"""Find the layer that made a case fail: the first one that lost a needed gold quote.

gold        the quote is no longer in the documents: the case is stale.
corpus      its document or its sentence is not in the index; or documents new since the baseline
            answer what is expected to have no answer.
retrieval   it was not found; or the estimate of answerability was on the wrong side of the threshold.
context     it was found, but cut from the prompt by the token budget.
generation  it was in the prompt, but the model did not cite it, or misread it; or it answered where it should not.
gate        the model was right, and its statement was rejected or given other quotes.
matcher     the right quotes under a supported statement whose words the case does not accept.

A case of several parts is blamed on the earliest layer that lost one. Of interchangeable quotes, the one that got
furthest counts.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from qa.english.words import analyze
from qa.gate.values import wrong_values
from qa.gold.results import Claimed, GoldFound, Observation, Result, Run
from qa.gold.verdict.measures import overlap
from qa.quotes.anchors import Place
from qa.records import Statement

__all__ = ["Blamed", "Layer", "blame"]

Layer = Literal["gold", "corpus", "retrieval", "context", "generation", "gate", "matcher"]

ORDER: tuple[Layer, ...] = get_args(Layer)
ALIKE = 0.5  # share of a statement's new words that must be in a gold quote for it to count as taken from it
NAME = re.compile(r"(?<=[\w,;] )[A-Z][a-z]\w+")  # a word with a capital inside a sentence
NOT = re.compile(r"\b(?:not|no|never|nobody|none|nor|without|cannot)\b|n['’]t\b", re.IGNORECASE)

Finding = tuple[Layer, str]


@dataclass(frozen=True, slots=True)
class Blamed:
    """A failing case, its result in the baseline if any, the layer to blame, and the reason as a sentence."""

    result: Result
    base: Result | None
    layer: Layer
    why: str


def blame(new: Result, base: Result | None, run: Run, base_run: Run | None) -> Blamed:
    """Find the layer to blame for a failing case. base, base_run: from the baseline, None without one."""
    case = _FailingCase(new, base, run, base_run)
    if new.expect == "abstain":
        layer, why = case.answered()
    else:
        layer, why = case.lost() or case.all_shown()
    return Blamed(new, base, layer, why)


@dataclass(frozen=True, slots=True)
class _FailingCase:
    """A failing case and the evidence about it."""

    new: Result
    base: Result | None
    run: Run
    base_run: Run | None

    @property
    def seen(self) -> Observation:
        return self.new.observed

    @property
    def asked(self) -> bool:
        """Whether a model was asked."""
        return self.seen.prompt_sha256 is not None

    def lost(self) -> Finding | None:
        """The earliest loss of a part; None if all parts were shown."""
        parts: dict[int, list[GoldFound]] = {}
        for gold in self.new.gold:
            parts.setdefault(gold.part, []).append(gold)
        found = [(part, self._part(quotes)) for part, quotes in parts.items()]
        losses = [(part, loss) for part, loss in found if loss]
        if not losses:
            return None
        part, (layer, why) = min(losses, key=lambda loss: _order(loss[1]))
        return layer, why if len(parts) == 1 else f"part {part + 1} of {len(parts)}: {why}"

    def _part(self, quotes: Sequence[GoldFound]) -> Finding | None:
        """Where the quote that got furthest was lost; None if one was shown."""
        losses = [self._quote(quote) for quote in quotes]
        came = [loss for loss in losses if loss]
        return max(came, key=_order) if len(came) == len(losses) else None

    def _quote(self, gold: GoldFound) -> Finding | None:
        if gold.state == "missing":
            return "corpus", f"{gold.source} is not in the index{self._since(gold.source)}"
        if gold.place is None:
            return "gold", f"the gold quote is {gold.state} in {gold.source}{self._since(gold.source)}"
        if not gold.indexed:
            document = gold.place.doc_id
            return "corpus", f"no indexed sentence contains the gold quote of {document}{self._since(document)}"
        return self._by_model(gold, gold.place) if self.asked else self._by_quotes(gold)

    def _since(self, document: str) -> str:
        """How a document changed since the baseline, as the end of a sentence."""
        before = self.base_run.documents.get(document) if self.base_run else None
        if before is None or before == self.run.documents.get(document):
            return ""
        return (
            ", although the baseline had it"
            if document not in self.run.documents
            else ", which has changed since the baseline"
        )

    def _by_quotes(self, gold: GoldFound) -> Finding | None:
        """Without a model, quotes are ranked separately from hits and shown if the estimate is high enough."""
        seen = self.seen
        if seen.status == "answered" and gold.returned:
            return None
        name = "threshold" if self.run.mode == "quotes" else "floor"
        limit = float(self.run.settings.get(name, 1.0))
        if seen.status == "abstained" and seen.answerability < limit:
            done = "no quotes were given" if self.run.mode == "quotes" else "the model was not asked"
            estimate = f"answerability {seen.answerability:.2f} is below the {name} {limit:.2f}"
            return "retrieval", f"{estimate}, so {done}; {self._hit(gold)}"
        return "retrieval", f"the gold quote is not among the quotes ({len(seen.quotes)}), {self._hit(gold)}"

    def _hit(self, gold: GoldFound) -> str:
        """The quote's rank now and in the baseline."""
        now = f"not among the hits ({len(self.seen.hits)})" if gold.rank is None else f"hit {gold.rank}"
        before = self._before(gold)
        return now if before is None or before == gold.rank else f"{now}, hit {before} in the baseline"

    def _before(self, gold: GoldFound) -> int | None:
        """The rank that the quote had in the baseline."""
        was = self.base.gold if self.base else ()
        return next((b.rank for b in was if (b.part, b.source, b.text) == (gold.part, gold.source, gold.text)), None)

    def _by_model(self, gold: GoldFound, place: Place) -> Finding | None:
        seen = self.seen
        if not gold.in_context:
            if gold.rank is None:
                return "retrieval", f"the gold quote is {self._hit(gold)}{self._newcomers()}"
            budget, sentences = self.run.settings.get("prompt_tokens"), _counted(len(seen.context), "sentence")
            cut = f"the budget of {budget} tokens had room for {sentences}"
            return "context", f"{self._hit(gold)}, but not in the prompt: {cut}"
        if gold.returned and seen.mode == "llm" and any(self._shows(s, place) for s in self._supported()):
            return None
        return self._stated(gold, place)

    def _newcomers(self) -> str:
        """How many hits come from documents added or changed since the baseline."""
        fresh = sum(self._fresh(hit.doc_id) for hit in self.seen.hits)
        return f"; {fresh} of them from documents added or changed" if fresh else ""

    def _fresh(self, document: str) -> bool:
        """Whether the document was added or changed since the baseline; False without one."""
        return self.base_run is not None and self.base_run.documents.get(document) != self.run.documents.get(document)

    def _supported(self) -> Iterable[Statement]:
        return (statement for statement in self.seen.statements if statement.verdict != "unsupported")

    def _shows(self, statement: Statement, place: Place) -> bool:
        """Whether the statement has a quote from this place."""
        return any(quote.n in statement.quotes and overlap(quote.place, place) for quote in self.seen.quotes)

    def _stated(self, gold: GoldFound, place: Place) -> Finding:
        """Decide between model and gate: the gold quote was in the prompt but is not in the answer."""
        if not self.seen.claims:
            return "generation", "the gold quote was in the prompt, but the model made no statement"
        findings = [found for claim in self.seen.claims if (found := self._claim(claim, gold, place))]
        if findings:
            return max(findings, key=_order)
        count = _counted(len({p for claim in self.seen.claims for p in claim.places}), "other sentence")
        return "generation", f"the gold quote was in the prompt, but the model cited {count}"

    def _claim(self, claim: Claimed, gold: GoldFound, place: Place) -> Finding | None:
        """What went wrong with a claim about the gold quote; None if the claim is not about it."""
        said = (s for s in (*self.seen.statements, *self.seen.rejected) if s.text == claim.text)
        statement = next(said, Statement(claim.text, (), "unsupported"))
        refused = statement.verdict == "unsupported"
        pointed = any(overlap(p, place) for p in claim.places)
        if not pointed and not (refused and claim.places and self._is_of(claim, gold)):
            return None
        if refused:
            return self._refused(claim, gold, pointed, statement.problems)
        if self._shows(statement, place):
            return "generation", "the model cited only part of the gold quote"
        if self._is_of(claim, gold):
            return "gate", "the model cited the gold quote, but its statement was given other quotes"
        return "generation", "the model cited the gold quote, but stated something else"

    def _refused(self, claim: Claimed, gold: GoldFound, pointed: bool, problems: Sequence[str]) -> Finding:
        misread = self._misread(claim, gold)
        if misread:
            return "generation", f"the model cited the gold quote, but misread it: {misread}"
        how = "cited the gold quote" if pointed else "said what the gold quote says, citing something else"
        why = " ".join(problems[:2]) + (f" And {len(problems) - 2} more reasons." if len(problems) > 2 else "")
        return "gate", f"the model {how}, but its statement was rejected: {why or 'no reason given'}"

    def _is_of(self, claim: Claimed, gold: GoldFound) -> bool:
        """Whether the claim's words, apart from the question's, are those of the gold quote."""
        own = set(analyze(claim.text)) - set(analyze(self.new.question))
        there = own & set(analyze(gold.text))
        return bool(there) and len(there) >= ALIKE * len(own) and not self._unfounded(claim, gold)

    def _misread(self, claim: Claimed, gold: GoldFound) -> str:
        """What the claim says that the gold quote does not; empty if the gate accepted it in the baseline."""
        before = self.base.observed.statements if self.base else ()
        if any(statement.text == claim.text and statement.verdict != "unsupported" for statement in before):
            return ""
        elsewhere = gold.place is None or not all(overlap(place, gold.place) for place in claim.places)
        return "" if elsewhere else self._unfounded(claim, gold)

    def _unfounded(self, claim: Claimed, gold: GoldFound) -> str:
        """Numbers and names of the claim that are not in the gold quote, beside it or in the question, and a negation
        in only one of the two. Swapped roles are not detected.
        """
        known = f"{gold.before} {gold.text} {gold.after} {self.new.question}"
        numbers = wrong_values(claim.text, known, "", "").problems
        denied = bool(NOT.search(claim.text)) != bool(NOT.search(f"{gold.text} {self.new.question}"))
        names = [name for name in NAME.findall(claim.text) if not set(analyze(name)) <= set(analyze(known))]
        denial = ["Only one of the two contains a negation."] if denied else []
        return " ".join([*numbers, *(f"{name} is not in it." for name in names), *denial])

    def all_shown(self) -> Finding:
        """The layer to blame if every part was shown but the case failed."""
        wrong = [str(quote.n) for quote in self.seen.quotes if not quote.verbatim]
        if wrong:
            layer: Layer = "retrieval" if self.seen.mode == "quotes" else "gate"
            return layer, f"quote {', '.join(wrong)} differs from the source, which is a bug in qa"
        standing = [(gold, gold.place) for gold in self.new.gold if gold.place]
        findings = [self._claim(claim, *quote) for claim in self.seen.claims for quote in standing]
        refused = next((found for found in findings if found and found[0] == "gate"), None)
        return refused or (
            "matcher",
            f"the right quotes were shown, but: {'; '.join(self.new.problems) or 'no reason'}",
        )

    def answered(self) -> Finding:
        """The layer to blame for an answer where the case expects none."""
        fresh = [document for document in self._sources() if self._fresh(document)]
        if fresh:
            return "corpus", f"the answer comes from {fresh[0]}, which was added or changed since the baseline"
        if self.seen.mode == "llm":
            return "generation", "the model answered, although the documents do not say"
        instead = "none of the model's statements passed, but " if self.asked else ""
        estimate = f"answerability {self.seen.answerability:.2f}"
        reached = f"reaches the threshold {self.run.settings.get('threshold', 0.0):.2f}"
        return "retrieval", f"{instead}{estimate} {reached}, so quotes were given"

    def _sources(self) -> list[str]:
        """The documents behind the answer: those of supported statements, or of the best quote."""
        if self.seen.mode == "quotes":
            return [quote.place.doc_id for quote in self.seen.quotes[:1]]
        cited = {n for statement in self._supported() for n in statement.quotes}
        return [quote.place.doc_id for quote in self.seen.quotes if quote.n in cited]


def _order(finding: Finding) -> int:
    return ORDER.index(finding[0])


def _counted(number: int, what: str) -> str:
    return f"{number or 'no'} {what}" + ("" if number == 1 else "s")

"""Why did a case fail? The first layer at which a gold quote that was needed got lost, and how that can be seen.

gold        its words do not stand in the documents any more: the case is stale.
corpus      its document, or the sentence that holds it, is not in the index; or documents new since the baseline
            answer what is expected to have no answer.
retrieval   it was not found; or the estimate of answerability was on the wrong side of the threshold.
context     it was found, and cut from the prompt by the token budget.
generation  it was in the prompt, and the model did not point at it, or misread it, or answered what has no answer.
gate        the model was right, and its statement was refused or given other quotes.
matcher     right quotes under a supported statement, whose words are not what the case expects.

A case of several parts is blamed on the earliest layer that lost one. A gold quote is as far as its part's best one.
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
ALIKE = 0.5  # of a statement's words that the question has not, this share stands in a gold quote that it is taken from
NAME = re.compile(r"(?<=[\w,;] )[A-Z][a-z]\w+")  # a word with a capital inside a sentence
NOT = re.compile(r"\b(?:not|no|never|nobody|none|nor|without|cannot)\b|n['’]t\b", re.IGNORECASE)

Finding = tuple[Layer, str]


@dataclass(frozen=True, slots=True)
class Blamed:
    """A failing case, the same case in the baseline if there is one, the layer to look at, and why: a sentence."""

    result: Result
    base: Result | None
    layer: Layer
    why: str


def blame(new: Result, base: Result | None, run: Run, base_run: Run | None) -> Blamed:
    """The layer that a failing case is blamed on. base, base_run: of the baseline, None without one."""
    scene = _Scene(new, base, run, base_run)
    if new.expect == "abstain":
        layer, why = scene.answered()
    else:
        layer, why = scene.lost() or scene.all_shown()
    return Blamed(new, base, layer, why)


@dataclass(frozen=True, slots=True)
class _Scene:
    """A failing case with all that is known of it."""

    new: Result
    base: Result | None
    run: Run
    base_run: Run | None

    @property
    def seen(self) -> Observation:
        return self.new.observed

    @property
    def asked(self) -> bool:
        """Whether a model was."""
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
        """Where the quote that came furthest was lost; None if one came through."""
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
            return "corpus", f"no sentence of the index holds the gold quote of {document}{self._since(document)}"
        return self._by_model(gold, gold.place) if self.asked else self._by_quotes(gold)

    def _since(self, document: str) -> str:
        """What became of a document since the baseline, as the end of a sentence."""
        before = self.base_run.documents.get(document) if self.base_run else None
        if before is None or before == self.run.documents.get(document):
            return ""
        return ", the baseline had it" if document not in self.run.documents else ", which was changed since"

    def _by_quotes(self, gold: GoldFound) -> Finding | None:
        """Without a model: quotes are ranked apart from the hits, and shown if the estimate is high enough."""
        seen = self.seen
        if seen.status == "answered" and gold.returned:
            return None
        name = "threshold" if self.run.mode == "quotes" else "floor"
        limit = self.run.settings.get(name, 1.0)
        if seen.status == "abstained" and seen.answerability < limit:
            done = "no quotes were given" if self.run.mode == "quotes" else "the model was not asked"
            estimate = f"answerability {seen.answerability:.2f} is under the {name} {limit:.2f}"
            return "retrieval", f"{estimate}, so {done}; {self._hit(gold)}"
        return "retrieval", f"the gold quote is not in the quotes ({len(seen.quotes)}), {self._hit(gold)}"

    def _hit(self, gold: GoldFound) -> str:
        """Its rank now and before."""
        now = f"not in the hits ({len(self.seen.hits)})" if gold.rank is None else f"hit {gold.rank}"
        before = self._before(gold)
        return now if before is None or before == gold.rank else f"{now}, in the baseline hit {before}"

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
            cut = f"the budget of {budget} tokens left room for {sentences}"
            return "context", f"{self._hit(gold)}, but not in the prompt: {cut}"
        if gold.returned and seen.mode == "llm" and any(self._shows(s, place) for s in self._supported()):
            return None
        return self._stated(gold, place)

    def _newcomers(self) -> str:
        """How many of the hits are of documents that the baseline did not have so."""
        fresh = sum(self._fresh(hit.doc_id) for hit in self.seen.hits)
        return f"; {fresh} of them from documents added or changed" if fresh else ""

    def _fresh(self, document: str) -> bool:
        """Whether the document was added or changed since the baseline; False without one."""
        return self.base_run is not None and self.base_run.documents.get(document) != self.run.documents.get(document)

    def _supported(self) -> Iterable[Statement]:
        return (statement for statement in self.seen.statements if statement.verdict != "unsupported")

    def _shows(self, statement: Statement, place: Place) -> bool:
        """Whether a quote of the statement is of this place."""
        return any(quote.n in statement.quotes and overlap(quote.place, place) for quote in self.seen.quotes)

    def _stated(self, gold: GoldFound, place: Place) -> Finding:
        """The gold quote was in the prompt and is not in the answer: the model's fault, or the gate's?"""
        if not self.seen.claims:
            return "generation", "the gold quote was in the prompt, but the model stated nothing"
        findings = [found for claim in self.seen.claims if (found := self._claim(claim, gold, place))]
        if findings:
            return max(findings, key=_order)
        count = _counted(len({p for claim in self.seen.claims for p in claim.places}), "other sentence")
        return "generation", f"the gold quote was in the prompt, but the model pointed at {count}"

    def _claim(self, claim: Claimed, gold: GoldFound, place: Place) -> Finding | None:
        """What went wrong with a claim that is about the gold quote; None for one that is not."""
        said = (s for s in (*self.seen.statements, *self.seen.rejected) if s.text == claim.text)
        statement = next(said, Statement(claim.text, (), "unsupported"))
        refused = statement.verdict == "unsupported"
        pointed = any(overlap(p, place) for p in claim.places)
        if not pointed and not (refused and claim.places and self._is_of(claim, gold)):
            return None
        if refused:
            return self._refused(claim, gold, pointed, statement.problems)
        if self._shows(statement, place):
            return "generation", "the model pointed at a part of the gold quote only"
        if self._is_of(claim, gold):
            return "gate", "the model pointed at the gold quote, but its statement was given other quotes"
        return "generation", "the model pointed at the gold quote, but stated something else"

    def _refused(self, claim: Claimed, gold: GoldFound, pointed: bool, problems: Sequence[str]) -> Finding:
        misread = self._misread(claim, gold)
        if misread:
            return "generation", f"the model pointed at the gold quote, but misread it: {misread}"
        how = "pointed at the gold quote" if pointed else "said what the gold quote says, pointing elsewhere"
        why = " ".join(problems[:2]) + (f" And {len(problems) - 2} more reasons." if len(problems) > 2 else "")
        return "gate", f"the model {how}, and its statement was refused: {why or 'no reason given'}"

    def _is_of(self, claim: Claimed, gold: GoldFound) -> bool:
        """Whether the claim's words, those of the question aside, are those of the gold quote."""
        own = set(analyze(claim.text)) - set(analyze(self.new.question))
        there = own & set(analyze(gold.text))
        return bool(there) and len(there) >= ALIKE * len(own) and not self._unfounded(claim, gold)

    def _misread(self, claim: Claimed, gold: GoldFound) -> str:
        """What the claim says that the gold quote cannot mean; empty for one that the gate took before."""
        before = self.base.observed.statements if self.base else ()
        if any(statement.text == claim.text and statement.verdict != "unsupported" for statement in before):
            return ""
        elsewhere = gold.place is None or not all(overlap(place, gold.place) for place in claim.places)
        return "" if elsewhere else self._unfounded(claim, gold)

    def _unfounded(self, claim: Claimed, gold: GoldFound) -> str:
        """Numbers and names of the claim that stand neither in the gold quote, nor beside it, nor in the question; and
        whether one denies what the other says. Roles that the model turned round are not seen.
        """
        known = f"{gold.before} {gold.text} {gold.after} {self.new.question}"
        numbers = wrong_values(claim.text, known, "", "").problems
        denied = bool(NOT.search(claim.text)) != bool(NOT.search(f"{gold.text} {self.new.question}"))
        names = [name for name in NAME.findall(claim.text) if not set(analyze(name)) <= set(analyze(known))]
        denial = ["One of the two denies it."] if denied else []
        return " ".join([*numbers, *(f"{name} is not there." for name in names), *denial])

    def all_shown(self) -> Finding:
        """Every part was shown, and still the case failed."""
        wrong = [str(quote.n) for quote in self.seen.quotes if not quote.verbatim]
        if wrong:
            layer: Layer = "retrieval" if self.seen.mode == "quotes" else "gate"
            return layer, f"quote {', '.join(wrong)} is not the source's characters, which is a fault of qa"
        standing = [(gold, gold.place) for gold in self.new.gold if gold.place]
        findings = [self._claim(claim, *quote) for claim in self.seen.claims for quote in standing]
        refused = next((found for found in findings if found and found[0] == "gate"), None)
        return refused or (
            "matcher",
            f"the right quotes were shown, but: {'; '.join(self.new.problems) or 'no reason'}",
        )

    def answered(self) -> Finding:
        """Something was answered where silence is expected."""
        fresh = [document for document in self._sources() if self._fresh(document)]
        if fresh:
            return "corpus", f"the answer comes from {fresh[0]}, which was added or changed since the baseline"
        if self.seen.mode == "llm":
            return "generation", "the model answered, and the sources are expected not to say"
        instead = "no statement of the model was left, but " if self.asked else ""
        estimate = f"answerability {self.seen.answerability:.2f}"
        reached = f"reaches the threshold {self.run.settings.get('threshold', 0.0):.2f}"
        return "retrieval", f"{instead}{estimate} {reached}, so quotes were given"

    def _sources(self) -> list[str]:
        """The documents that decided that there is an answer: of supported statements, or of the best quote."""
        if self.seen.mode == "quotes":
            return [quote.place.doc_id for quote in self.seen.quotes[:1]]
        cited = {n for statement in self._supported() for n in statement.quotes}
        return [quote.place.doc_id for quote in self.seen.quotes if quote.n in cited]


def _order(finding: Finding) -> int:
    return ORDER.index(finding[0])


def _counted(number: int, what: str) -> str:
    return f"{number or 'no'} {what}" + ("" if number == 1 else "s")

"""From a model's claims to checked statements, while the reply streams: ids become quotes copied from the source."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from functools import cache

from qa import gate
from qa.answer.events import Claimed, Restarted, Stated
from qa.answer.parse import Claim, Incremental
from qa.answer.prompt import Prompt
from qa.english.function_words import QUESTION_WORDS
from qa.english.words import analyze, stems
from qa.llm.chat import ChatReply, Delta
from qa.records import Quote, Sentence, Statement
from qa.retrieve.retriever import Retriever

__all__ = ["ReplyReader", "Statements", "readable"]

NEIGHBOURS = 2  # sentences on either side of a quote that the support check may read
NO_QUOTE = "It points at no sentence of the sources."
REPOINTED = 3  # sentences tried when those that the model pointed at do not support its statement
SHORT = 6  # words, stop words not counted
OFF_TOPIC = "It has no word in common with the question."


def readable(retriever: Retriever, prompt: Prompt) -> Iterator[str]:
    """Every text that checking an answer to this prompt may read: each sentence with its neighbours."""
    for sentence in prompt.sentences.values():
        for near in retriever.sentences(sentence.doc_id, sentence.number - NEIGHBOURS, sentence.number + NEIGHBOURS):
            yield retriever.text(near)


@cache
def _question_stems() -> frozenset[str]:
    return frozenset(stems(sorted(QUESTION_WORDS)))


class Statements:
    """The statements of one answer, checked, with their quotes numbered.

    kept: the statements to show; with strict, unsupported ones are in `rejected`. quotes: those of the kept statements,
    numbered from 1.
    """

    def __init__(self, retriever: Retriever, prompt: Prompt, question: str, strict: bool) -> None:
        self._retriever, self._prompt, self._question, self._strict = retriever, prompt, question, strict
        self.kept: list[Statement] = []
        self.rejected: list[Statement] = []
        self._numbers: dict[Sentence, Quote] = {}

    @property
    def quotes(self) -> tuple[Quote, ...]:
        return tuple(self._numbers.values())

    @property
    def any_supported(self) -> bool:
        return any(statement.verdict == "supported" for statement in self.kept)

    def add(self, claim: Claim) -> Stated | None:
        """Check a claim: the statement and those of its quotes that are new; None when it was rejected."""
        text = claim.text.translate(self._prompt.marks)
        pointed = [self._prompt.sentences[name] for name in claim.ids]
        sentences, problems = self._check(text, pointed)
        if problems and pointed:
            sentences, problems = self._better(text) or (sentences, problems)
        statement = Statement(text, (), "unsupported" if problems else "supported", problems)
        if self._strict and problems:
            self.rejected.append(statement)
            return None
        new = [s for s in sentences if s not in self._numbers]
        for sentence in new:
            self._numbers[sentence] = self._retriever.quote(sentence, len(self._numbers) + 1)
        statement = replace(statement, quotes=tuple(self._numbers[s].n for s in sentences))
        self.kept.append(statement)
        return Stated(statement, tuple(self._numbers[s] for s in new))

    def _check(self, text: str, sentences: list[Sentence]) -> tuple[list[Sentence], tuple[str, ...]]:
        """The relevant sentences among these, and why they do not support the statement: empty if they do."""
        if not sentences:
            return [], (NO_QUOTE,)
        around = [self._context(s) for s in sentences]
        finding = gate.check(text, around, self._question)
        kept = [n for n in range(len(sentences)) if n not in finding.irrelevant] or list(range(len(sentences)))
        if len(kept) < len(sentences):  # a quote that is not shown proves nothing
            finding = gate.check(text, [around[n] for n in kept], self._question)
        relevant = [sentences[n] for n in kept]
        return relevant, (*finding.problems, *self._off_topic(text, [around[n] for n in kept], finding))

    def _better(self, text: str) -> tuple[list[Sentence], tuple[str, ...]] | None:
        """Another sentence of the prompt that supports the statement, or two consecutive ones, as when somebody's
        words run over a full stop; None if there is none.
        """
        words = set(analyze(text))
        prompt = list(self._prompt.sentences.values())
        shared = {s: words.intersection(analyze(self._retriever.text(s))) for s in prompt}
        best = sorted(prompt, key=lambda s: -len(shared[s]))[:REPOINTED]
        near = [s for s in prompt if len(shared[s]) > 1]
        pairs = [[a, b] for a in near for b in near if a.doc_id == b.doc_id and b.number == a.number + 1]
        groups = [[s] for s in best] + [pair for pair in pairs if best[0] in pair]
        tried = (group for group in groups if 2 * len(set().union(*(shared[s] for s in group))) >= len(words))
        return next((found for found in (self._check(text, group) for group in tried) if not found[1]), None)

    def _off_topic(self, text: str, quotes: list[gate.SupportQuote], finding: gate.Finding) -> tuple[str, ...]:
        """Why a statement, true or not, does not answer the question, as at most one sentence.

        It has no word of the question, and neither have its quotes if it is as short as "F-16 fighter jets."; or the
        gate found it off topic.
        """
        asked = set(analyze(self._question)) - _question_stems()
        stated, quoted = analyze(text), [term for quote in quotes for term in analyze(quote.text)]
        if asked and asked.isdisjoint([*stated, *quoted] if len(stated) <= SHORT else stated):
            return (OFF_TOPIC,)
        return (finding.off_topic,) if finding.off_topic else ()

    def _context(self, sentence: Sentence) -> gate.SupportQuote:
        doc_id, number = sentence.doc_id, sentence.number
        around = self._retriever.sentences(doc_id, number - NEIGHBOURS, number + NEIGHBOURS)
        before = " ".join(self._retriever.text(s) for s in around if s.number < number)
        after = " ".join(self._retriever.text(s) for s in around if s.number > number)
        return gate.SupportQuote(self._retriever.text(sentence), before, after, self._retriever.info(doc_id).title)


class ReplyReader:
    """Reads one reply as it streams in, and yields each statement when it is complete and checked."""

    def __init__(self, new_statements: Callable[[], Statements], prompt: Prompt) -> None:
        self._new_statements, self._prompt = new_statements, prompt
        self._attempt = 0
        self._begin()

    def _begin(self) -> None:
        self._parser = Incremental(tuple(self._prompt.sentences))
        self.statements = self._new_statements()
        self._seen: list[Claim] = []
        self._waiting: list[Stated] = []
        self._any_stated = False

    def feed(self, delta: Delta) -> Iterator[Stated | Restarted]:
        """The statements that this piece of the reply completes."""
        if delta.attempt != self._attempt:
            yield from self.void()
            self._begin()
            self._attempt = delta.attempt
        for claim in self._parser.feed(delta.text):
            yield from self._add(claim)

    def void(self) -> Iterator[Restarted]:
        """The model is asked again, so the statements so far do not count."""
        if self._any_stated:
            yield Restarted()

    def finish(self, reply: ChatReply) -> Generator[Stated | Restarted, None, tuple[Claimed, ...]]:
        """The rest of the statements; returns all claims. Raises as `parse` does."""
        if not self._attempt:
            yield from self.feed(Delta(reply.text))
        claims = self._parser.finish(cut=reply.finish == "length").statements
        for claim in claims:
            if claim not in self._seen:
                yield from self._add(claim)
        sentences = self._prompt.sentences
        return tuple(Claimed(claim.text, tuple(sentences[name] for name in claim.ids)) for claim in claims)

    def _add(self, claim: Claim) -> Iterator[Stated]:
        repeated = any(seen.text == claim.text for seen in self._seen)  # a model in a loop repeats itself endlessly
        self._seen.append(claim)
        if repeated:
            return
        stated = self.statements.add(claim)
        if stated is None:
            return
        self._waiting.append(stated)
        if self.statements.any_supported:
            self._any_stated = True
            yield from self._waiting
            self._waiting = []

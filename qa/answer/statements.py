"""From a model's claims to checked statements, while the reply streams: ids become quotes copied from the source."""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from functools import cache

from qa import gate
from qa.answer.events import Claimed, Judged, Restarted, Stated
from qa.answer.parse import Claim, Incremental
from qa.answer.prompt import Prompt
from qa.english.answers import PATTERNS
from qa.english.function_words import QUESTION_WORDS
from qa.english.language import is_english
from qa.english.words import analyze, stems
from qa.gate.around import NEIGHBOURS, support_quote
from qa.gate.judge import Item, JudgedQuote, Opinion
from qa.llm.protocol import ChatReply, Delta
from qa.records import Quote, Sentence, Statement
from qa.retrieve.expected import expect, spans
from qa.retrieve.retriever import Retriever
from qa.text import one_line

__all__ = ["ReplyReader", "Statements", "readable"]

NO_QUOTE = "It points at no sentence of the sources."
REPOINTED = 3  # sentences tried when those that the model pointed at do not support its statement
NOT_FOUND = "A second reading found no support for: {}."
NOT_STATED = "A second reading found that the quotes do not say this."
BESIDE = "True, but it does not answer the question."


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

    is_judged: whether a judge will be asked. judges_relevance: whether it says what answers the question, so that
    wording alone silences nothing. is_likely: whether the sources probably answer; without a judge, or once it gave no
    opinion, statements that nobody confirmed count only then. kept: the statements to show;
    with strict, only supported ones, and the others are in `rejected`. quotes: those of the kept statements, numbered
    from 1.
    """

    def __init__(
        self,
        retriever: Retriever,
        prompt: Prompt,
        question: str,
        *,
        strict: bool,
        is_judged: bool,
        judges_relevance: bool,
        is_likely: bool,
    ) -> None:
        self._retriever, self._prompt, self._question = retriever, prompt, question
        self._strict, self._judges_relevance = strict, judges_relevance
        self._awaits_judge, self._is_likely = is_judged, is_likely
        self.kept: list[Statement] = []
        self.rejected: list[Statement] = []
        self._sentences: list[list[Sentence]] = []  # of the kept statements
        self._withheld: list[tuple[Statement, list[Sentence]]] = []  # with strict, until they are judged
        self._numbers: dict[Sentence, Quote] = {}

    @property
    def quotes(self) -> tuple[Quote, ...]:
        return tuple(self._numbers.values())

    @property
    def stands(self) -> bool:
        """Whether the statements so far are an answer."""
        return any(self._counts(statement) for statement in self.kept)

    def _counts(self, statement: Statement) -> bool:
        is_confirmed = statement.verdict == "supported"
        if statement.verdict == "unsupported" or not (is_confirmed or self._awaits_judge or self._is_likely):
            return False
        is_judged = self._judges_relevance and (is_confirmed or self._awaits_judge)
        return is_judged or self._answers(statement.text)

    def _answers(self, text: str) -> bool:
        """Whether a text has a word of the question, and what it asks for where that has a form: a number, a date.

        A weak model states what has nothing to do with the question; where no judge looks at that, it is no answer. The
        words of another language cannot be compared.
        """
        if not is_english(text):
            return True
        asked = set(analyze(self._question)) - _question_stems()
        expected = expect(self._question)
        in_form = expected.kind not in PATTERNS or bool(spans(expected, text))
        return in_form and not (asked and asked.isdisjoint(analyze(text)))

    @property
    def is_uncertain(self) -> bool:
        """Whether nothing speaks against some of the statements, although they are no answer."""
        return any(statement.verdict != "unsupported" for statement in (*self.kept, *self.rejected))

    def add(self, claim: Claim) -> Stated | None:
        """Check a claim: the statement and those of its quotes that are new; None when it is not shown, or not yet."""
        text = claim.text.translate(self._prompt.marks)
        pointed = [self._prompt.sentences[name] for name in claim.ids]
        sentences, finding = self._check(text, pointed)
        if pointed and (finding.problems or self._adds_nothing(text, sentences)):
            sentences, finding = self._better(text) or (sentences, finding)
        statement = Statement(text, (), finding.verdict, finding.problems)
        if self._strict and statement.verdict != "supported":
            if statement.verdict == "unconfirmed":
                self._withheld.append((statement, sentences))
            else:
                self.rejected.append(statement)
            return None
        return self._keep(statement, sentences)

    def _keep(self, statement: Statement, sentences: list[Sentence]) -> Stated:
        new = [s for s in sentences if s not in self._numbers]
        for sentence in new:
            self._numbers[sentence] = self._retriever.quote(sentence, len(self._numbers) + 1)
        statement = replace(statement, quotes=tuple(self._numbers[s].n for s in sentences))
        self.kept.append(statement)
        self._sentences.append(sentences)
        return Stated(statement, tuple(self._numbers[s] for s in new))

    def doubtful(self, every: bool) -> tuple[Item, ...]:
        """What a judge is asked about: the unconfirmed statements; every: the supported ones as well."""
        return tuple(self._item(statement, sentences) for statement, sentences in self._to_judge(every))

    def _to_judge(self, every: bool) -> list[tuple[Statement, list[Sentence]]]:
        wanted = ("supported", "unconfirmed") if every else ("unconfirmed",)
        shown = [(s, at) for s, at in zip(self.kept, self._sentences, strict=True) if s.verdict in wanted]
        return shown + self._withheld

    def apply(self, opinions: Sequence[Opinion | None], every: bool) -> Iterator[Judged | Stated]:
        """Take the opinions about the statements of `doubtful`, in its order; the events are what changed."""
        held = self._withheld
        judged = self._to_judge(every)
        given = list(zip(judged, opinions, strict=True))
        self._withheld = []
        for (statement, _), opinion in given[: len(judged) - len(held)]:
            number = next(n for n, kept in enumerate(self.kept) if kept is statement)
            changed = _judged(statement, opinion)
            self.kept[number] = changed
            if changed != statement:
                yield Judged(number + 1, changed)
        for (statement, sentences), opinion in given[len(judged) - len(held) :]:
            changed = _judged(statement, opinion)
            if changed.verdict == "supported":
                yield self._keep(changed, sentences)
            else:
                self.rejected.append(changed)

    def close(self, any_opinion: bool) -> None:
        """No more opinions will come: what was withheld is not shown, and what is unconfirmed stays so. any_opinion:
        whether one came, or none was needed; else everything counts as without a judge.
        """
        self._awaits_judge = False
        self._judges_relevance = self._judges_relevance and any_opinion
        self.rejected += [statement for statement, _ in self._withheld]
        self._withheld = []

    def _item(self, statement: Statement, sentences: list[Sentence]) -> Item:
        quotes = (self._retriever.quote(sentence) for sentence in sentences)
        judged = (
            JudgedQuote(q.text, q.title, tuple(piece.text for piece in q.context), (q.doc_id, q.start, q.end))
            for q in quotes
        )
        return Item(self._question, statement.text, tuple(judged))

    def _check(self, text: str, sentences: list[Sentence]) -> tuple[list[Sentence], gate.Finding]:
        """The relevant sentences among these, and what code finds about the statement."""
        if not sentences:
            return [], gate.Finding("unsupported", (NO_QUOTE,))
        around = [support_quote(self._retriever, s) for s in sentences]
        finding = gate.check(text, around, self._question)
        kept = [n for n in range(len(sentences)) if n not in finding.irrelevant] or list(range(len(sentences)))
        if len(kept) < len(sentences):  # a quote that is not shown proves nothing
            finding = gate.check(text, [around[n] for n in kept], self._question)
        return [sentences[n] for n in kept], finding

    def _adds_nothing(self, text: str, sentences: list[Sentence]) -> bool:
        """Whether the sentences share no word with a statement but those of the question: they cannot have said it."""
        quoted = (word for s in sentences for word in analyze(self._retriever.text(s)))
        return set(analyze(text)).difference(analyze(self._question)).isdisjoint(quoted)

    def _better(self, text: str) -> tuple[list[Sentence], gate.Finding] | None:
        """Another sentence of the prompt under which the statement passes, or two consecutive ones, as when somebody's
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
        return next((found for found in (self._check(text, group) for group in tried) if not found[1].problems), None)


def _judged(statement: Statement, opinion: Opinion | None) -> Statement:
    """The statement with the verdict that an opinion gives it; unchanged without one."""
    if opinion is None:
        return statement
    if not opinion.stated:
        words = one_line(opinion.not_stated).strip(" .")
        return replace(statement, verdict="unsupported", problems=(NOT_FOUND.format(words) if words else NOT_STATED,))
    if not opinion.answers:
        return replace(statement, verdict="unsupported", problems=(BESIDE,))
    return replace(statement, verdict="supported", problems=())


class ReplyReader:
    """Reads one reply as it streams in, and yields each statement when it is complete and checked.

    hide: takes a key out of texts.
    """

    def __init__(
        self, new_statements: Callable[[], Statements], prompt: Prompt, hide: Callable[[str], str] = str
    ) -> None:
        self._new_statements, self._prompt, self._hide = new_statements, prompt, hide
        self._attempt = 0
        self._begin()

    def _begin(self) -> None:
        self._parser = Incremental(tuple(self._prompt.sentences), self._hide)
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
        if self.statements.stands:
            self._any_stated = True
            yield from self._waiting
            self._waiting = []

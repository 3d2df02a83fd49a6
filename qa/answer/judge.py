"""A model's claims to statements: ids to quotes copied from the source, and the support check."""

from collections.abc import Callable
from dataclasses import replace

from qa import gate as support
from qa.answer.parse import Claim, Incremental
from qa.answer.prompt import Prompt
from qa.index.lexical import analyze, stems
from qa.llm.chat import ChatReply
from qa.records import Quote, Sentence, Statement
from qa.retrieve.retriever import Retriever

__all__ = ["Judge", "OnStatement", "Stream"]

NEIGHBOURS = 2  # sentences on either side of a quote that the support check may read
NO_QUOTE = "It points at no sentence of the sources."
REPOINTED = 3  # sentences tried when those that the model pointed at do not support its statement
SHORT = 6  # words, stop words not counted
OFF_TOPIC = "It has no word in common with the question."
QUESTION_WORDS = frozenset(
    stems("what when where which who whom whose why how does did do say said tell many much".split())
)

OnStatement = Callable[[Statement, tuple[Quote, ...]], None]
"""Called with each statement when it is complete and judged, and with those of its quotes that are new."""


class Judge:
    """Judges the claims of one answer and numbers their quotes.

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
    def supported(self) -> bool:
        """Whether any statement is."""
        return any(statement.verdict == "supported" for statement in self.kept)

    def judge(self, claim: Claim) -> tuple[Statement, tuple[Quote, ...]] | None:
        """The statement and those of its quotes that are new; None when it was rejected."""
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
        return statement, tuple(self._numbers[s] for s in new)

    def _check(self, text: str, sentences: list[Sentence]) -> tuple[list[Sentence], tuple[str, ...]]:
        """The sentences that have to do with the statement, and why they do not support it; nothing when they do."""
        if not sentences:
            return [], (NO_QUOTE,)
        around = [self._context(s) for s in sentences]
        finding = support.check(text, around, self._question)
        kept = [n for n in range(len(sentences)) if n not in finding.irrelevant] or list(range(len(sentences)))
        if len(kept) < len(sentences):  # a quote that is not shown proves nothing
            finding = support.check(text, [around[n] for n in kept], self._question)
        relevant = [sentences[n] for n in kept]
        return relevant, (*finding.problems, *self._off_topic(text, [around[n] for n in kept]))

    def _better(self, text: str) -> tuple[list[Sentence], tuple[str, ...]] | None:
        """A sentence of the prompt that supports the statement though the model pointed at others.

        Or two that follow one another, as when somebody's words go on over a full stop.
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

    def _off_topic(self, text: str, quotes: list[support.SupportQuote]) -> tuple[str, ...]:
        """Whether a statement has too little to do with the question: true, perhaps, but no answer.

        One with no word of it, unless it is a short one, such as "F-16 fighter jets.", whose quotes have some. Else see
        `support.off_question`.
        """
        asked = set(analyze(self._question)) - QUESTION_WORDS
        said, quoted = analyze(text), [term for quote in quotes for term in analyze(quote.text)]
        if asked and asked.isdisjoint([*said, *quoted] if len(said) <= SHORT else said):
            return (OFF_TOPIC,)
        problem = support.off_question(text, quotes, self._question)
        return (problem,) if problem else ()

    def _context(self, sentence: Sentence) -> support.SupportQuote:
        doc_id, number = sentence.doc_id, sentence.number
        around = self._retriever.sentences(doc_id, number - NEIGHBOURS, number + NEIGHBOURS)
        before = " ".join(self._retriever.text(s) for s in around if s.number < number)
        after = " ".join(self._retriever.text(s) for s in around if s.number > number)
        return support.SupportQuote(self._retriever.text(sentence), before, after, self._retriever.info(doc_id).title)


class Stream:
    """Reads one answer as it comes and judges each statement when it is complete.

    on_statement is told of unsupported statements only once a supported one came: without any they are not part of the
    answer.
    on_restart: the answer broke off or its prompt was too long; the model is asked again, all that was told is void.
    """

    def __init__(
        self,
        judge: Callable[[], Judge],
        ids: tuple[str, ...],
        on_statement: OnStatement | None,
        on_restart: Callable[[], None] | None,
    ) -> None:
        self._new_judge, self._ids = judge, ids
        self._on_statement, self._on_restart = on_statement, on_restart
        self._number = 0
        self._begin()

    def _begin(self) -> None:
        self._reader = Incremental(self._ids)
        self._judge = self._new_judge()
        self._seen: list[Claim] = []
        self._waiting: list[tuple[Statement, tuple[Quote, ...]]] = []
        self._told = False

    def take(self, piece: str, number: int) -> None:
        """A piece of the answer; see `qa.llm.chat.OnText`."""
        if number != self._number:
            self.void()
            self._begin()
            self._number = number
        for claim in self._reader.feed(piece):
            self._add(claim)

    def void(self) -> None:
        """What was told does not count: the model is asked again."""
        if self._told and self._on_restart:
            self._on_restart()

    def finish(self, reply: ChatReply) -> Judge:
        """All statements of the answer, judged. Raises BadReplyError or ContentRefusedError as `parse` does."""
        if not self._number:
            self.take(reply.text, 1)
        for claim in self._reader.finish(cut=reply.finish == "length").statements:
            if claim not in self._seen:
                self._add(claim)
        return self._judge

    def _add(self, claim: Claim) -> None:
        repeated = any(seen.text == claim.text for seen in self._seen)  # a model in a loop says one thing on and on
        self._seen.append(claim)
        if repeated:
            return
        judged = self._judge.judge(claim)
        if judged is None or self._on_statement is None:
            return
        self._waiting.append(judged)
        if self._judge.supported:
            for statement, quotes in self._waiting:
                self._on_statement(statement, quotes)
            self._waiting, self._told = [], True

"""A statement, its quotes and the question, read once for all rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from qa.gate import answers, names
from qa.gate.alignment import Alignment, align
from qa.gate.reading import Reading, Surroundings, read_text

__all__ = ["Claim", "SupportQuote", "read_claim"]

_MAX_QUESTION_CHARS = 3_000  # read for the rules


@dataclass(frozen=True, slots=True)
class SupportQuote:
    """A quote. before, after: up to two sentences around it; they and the title tell who speaks and who `he` is."""

    text: str
    before: str = ""
    after: str = ""
    title: str = ""


@dataclass(frozen=True)
class Claim:
    """What the rules look at.

    text: the statement as written. lead, body: its leading `Yes` or `No` and the rest, if there is a question.
    statement, question, quoted: readings of the body, the question, and all quotes. around: of the text beside these.
    """

    text: str
    lead: answers.Lead
    body: str
    quotes: Sequence[SupportQuote]
    question_text: str
    statement: Reading
    question: Reading

    @cached_property
    def quoted(self) -> Reading:
        return read_text(self.quoted_text)

    @property
    def quoted_text(self) -> str:
        return _joined([quote.text for quote in self.quotes])

    @cached_property
    def around(self) -> Surroundings:
        before, after, titles = ([getattr(q, name) for q in self.quotes] for name in ("before", "after", "title"))
        return Surroundings(_joined(before), _joined(after), _joined(titles))

    @cached_property
    def pair(self) -> Alignment:
        """The words of the statement with those of the quotes that they stand for."""
        return align(self.statement, self.quoted)

    @cached_property
    def completed(self) -> Alignment | None:
        """The same for a bare name made a sentence of, where the question is `who`; None for other statements."""
        whole = answers.completed(self.question_text, self.body, self.statement)
        return align(read_text(whole), self.quoted) if whole else None

    @cached_property
    def abbreviated(self) -> set[int]:
        """Places of names that the quotes have in a shorter or longer form."""
        return names.abbreviated(self.statement.tokens, self.quoted.tokens)

    @property
    def is_yes_no(self) -> bool:
        return answers.is_yes_no(self.question_text)

    @cached_property
    def is_restated(self) -> bool:
        """Whether the statement only affirms, in the question's own words, what is asked."""
        return self.lead != "no" and _is_restated(self.statement, self.question)

    @property
    def proof(self) -> Reading:
        """The question, as far as its words count as covered: not at all for a statement that restates it."""
        return read_text("") if self.is_restated else self.question

    @property
    def quotes_speech(self) -> bool:
        """Whether a quote has words in quotation marks."""
        return any(mark in quote.text for quote in self.quotes for mark in '"“”')


def read_claim(statement: str, quotes: Sequence[SupportQuote], question: str) -> Claim:
    """Raises nothing, whatever the texts."""
    lead, body = answers.split_lead(statement) if question.strip() else ("", statement)
    return Claim(statement, lead, body, quotes, question, read_text(body), read_text(question[:_MAX_QUESTION_CHARS]))


def _joined(texts: Sequence[str]) -> str:
    return "\n.\n".join(texts)


def _is_restated(statement: Reading, question: Reading) -> bool:
    words = [t for t in statement.tokens if t.content and t.place not in statement.number_at]
    values = {number.value for number in question.numbers}
    return (
        len(words) > 1
        and not any(op.kind == "NOT" for op in statement.operators)
        and all(question.candidates(t) for t in words)
        and all(number.value in values for number in statement.numbers)
    )

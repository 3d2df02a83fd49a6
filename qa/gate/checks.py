"""What code can check without knowing what words mean. Rules and figures in docs/support.md.

A statement that fails one of these checks is unsupported, whatever a model thinks of it. One that passes them is
supported only if it is a copy; for any other, its meaning is still to be confirmed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from qa.english.function_words import FUNCTION_WORDS
from qa.english.language import is_english
from qa.english.questions import YES_OR_NO
from qa.english.words import stems, words
from qa.gate.addresses import unknown_addresses
from qa.gate.copies import MAX_CHARS, is_copied
from qa.gate.names import MAX_NAMES, find_names, unknown_names
from qa.gate.negation import contradicted
from qa.gate.places import exchanged
from qa.gate.quotations import not_verbatim, wrong_speakers
from qa.gate.stated import Setting
from qa.gate.values import Found, read_values, wrong_values
from qa.records import Verdict

__all__ = ["MAX_STATEMENT_CHARS", "Finding", "SupportQuote", "check"]

MAX_STATEMENT_CHARS = 3_000  # a statement is one or two sentences; a longer one is not checked, so it does not pass
_MAX_QUESTION_CHARS = 3_000


@dataclass(frozen=True, slots=True)
class SupportQuote:
    """A quote. before, after: up to two sentences around it. context: its headings, header cells and speakers. about:
    the document's id, author and other metadata. setting: None for what is no sentence of running text, such as a
    row, a speaker's turn, or an item that a lead-in or a question governs; code confirms no copy of these.
    """

    text: str
    before: str = ""
    after: str = ""
    title: str = ""
    context: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    setting: Setting | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What the gate found.

    verdict: supported for a copy, unconfirmed for what passed every check, else unsupported. problems: which checks
    failed, in plain sentences. computed: which numbers were computed from quoted ones, and how. irrelevant: positions
    of quotes that have nothing in common with the statement.
    """

    verdict: Verdict
    problems: tuple[str, ...] = ()
    computed: tuple[str, ...] = ()
    irrelevant: tuple[int, ...] = ()


def check(statement: str, quotes: Sequence[SupportQuote], question: str = "") -> Finding:
    """What code can say about a statement and its quotes. Raises nothing; pure."""
    if problem := _unfit(statement, quotes, question):
        return Finding("unsupported", (problem,))
    claim = _Claim(statement, quotes, question[:_MAX_QUESTION_CHARS])
    if any(quote.setting and is_copied(statement, quote.setting) for quote in quotes):
        return Finding("supported", irrelevant=_irrelevant(claim))
    problems = tuple(dict.fromkeys(_problems(claim)))
    verdict: Verdict = "unsupported" if problems else "unconfirmed"
    return Finding(verdict, problems, claim.values.computed, _irrelevant(claim))


@dataclass(frozen=True)
class _Claim:
    statement: str
    quotes: Sequence[SupportQuote]
    question: str

    @cached_property
    def texts(self) -> list[str]:
        return [quote.text[:MAX_CHARS] for quote in self.quotes]

    @cached_property
    def quoted(self) -> str:
        return "\n|\n".join(self.texts)

    @cached_property
    def known(self) -> str:
        """What is known of the quotes' places: titles, headings, metadata."""
        return "\n".join(part for q in self.quotes for part in (q.title, *q.context, *q.about))[:MAX_CHARS]

    @cached_property
    def around(self) -> str:
        return "\n".join(part for quote in self.quotes for part in (quote.before, quote.after))[:MAX_CHARS]

    @cached_property
    def values(self) -> Found:
        headers = "\n".join(piece for quote in self.quotes for piece in quote.context)[:MAX_CHARS]
        return wrong_values(self.statement, self.quoted, self.known, self.question, headers)


def _unfit(statement: str, quotes: Sequence[SupportQuote], question: str) -> str:
    """Why the statement cannot be checked; "" if it can."""
    if len(statement) > MAX_STATEMENT_CHARS:
        return "The statement is too long to be checked."
    bare = set(words(statement)) <= {"yes", "no", "not"} and not YES_OR_NO.match(question)
    if bare or not any(character.isalnum() for character in statement):
        return "The statement says nothing."
    return "" if quotes else "The statement has no quotes."


def _problems(claim: _Claim) -> Iterator[str]:
    english = is_english(claim.statement)
    if english and len(set(find_names(claim.statement))) > MAX_NAMES:
        yield "The statement has too many names to be checked."
        return
    yield from claim.values.problems
    if english:
        for name in unknown_names(claim.statement, claim.quoted, claim.known, claim.around, claim.question):
            yield f'The quotes do not contain the name "{name}".'
        yield from contradicted(claim.statement, claim.texts)
    for address in unknown_addresses(claim.statement, (claim.quoted, claim.known, claim.question)):
        yield f'The quotes do not contain the address "{address}".'
    yield from exchanged(claim.statement, claim.texts)
    yield from not_verbatim(claim.statement, claim.texts, (claim.question, claim.known))
    yield from wrong_speakers(claim.statement, claim.texts, (claim.around,))


def _irrelevant(claim: _Claim) -> tuple[int, ...]:
    """Positions of quotes that share neither a word of content nor a number with the statement or the question."""
    if len(claim.quotes) < 2:
        return ()
    keys = _content(f"{claim.statement} {claim.question}")
    amounts = {number.value for number in read_values(claim.statement).numbers}
    return tuple(
        n
        for n, text in enumerate(claim.texts)
        if keys.isdisjoint(_content(text)) and not any(x.value in amounts for x in read_values(text).numbers)
    )


def _content(text: str) -> frozenset[str]:
    return frozenset(stems([word for word in words(text) if word not in FUNCTION_WORDS]))

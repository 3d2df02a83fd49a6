"""An answer for people: statement by statement while it comes, or whole at the end."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qa.cli.render import DIM, WARNING, Output, documents_of, one_line
from qa.lines import JUDGED, RESTARTED, UNDERSTOOD, headline, missing_notes, unread_note
from qa.records import Answer, Document, Quote, Statement

if TYPE_CHECKING:
    from qa.retrieve.retriever import Retriever

__all__ = ["AnswerPrinter"]

CLOSEST = 3  # passages shown when the sources do not say


class AnswerPrinter:
    """Prints one answer: `statement` and `restart` while it comes, then `answer` for the rest."""

    def __init__(self, output: Output, retriever: "Retriever") -> None:
        self.output, self._retriever = output, retriever
        self._printed = 0  # statements of the answer so far
        self._any_output = False
        self._understood = ""

    def understood(self, resolved: str) -> None:
        """Say how a follow-up is understood, once."""
        if resolved != self._understood:
            self.output.line(one_line(resolved), style=DIM, first=UNDERSTOOD)
            self._understood, self._any_output = resolved, True

    def statement(self, statement: Statement, quotes: tuple[Quote, ...]) -> None:
        """Print a statement, and those of its quotes that are new."""
        if self._any_output:
            self.output.line()
        self.output.statement(statement)
        if quotes:
            self.output.line()
            self.output.quotes(quotes, self._documents(quotes))
        self._printed, self._any_output = self._printed + 1, True

    def judged(self, number: int, statement: Statement) -> None:
        """Say what a second opinion changed; one that took a statement back says why."""
        self.output.line()
        self.output.line(f"{JUDGED.format(number)} {statement.verdict}.")
        for problem in statement.problems:
            self.output.line(one_line(problem), style=WARNING, first="  - ")

    def restart(self) -> None:
        """Say that the statements so far do not count."""
        self.output.line()
        self.output.line(RESTARTED, style="bold yellow")
        self._printed = 0

    def answer(self, answer: Answer) -> None:
        """Print the answer, or the closest passages if there is none."""
        if answer.resolved != answer.question:
            self.understood(answer.resolved)
        if answer.status != "answered":
            self._abstention(answer)
        elif answer.mode == "quotes":
            self._quotes(answer)
        else:
            shown = {number for statement in answer.statements[: self._printed] for number in statement.quotes}
            for statement in answer.statements[self._printed :]:
                new = tuple(q for q in answer.quotes if q.n in statement.quotes and q.n not in shown)
                shown.update(statement.quotes)
                self.statement(statement, new)

    def _quotes(self, answer: Answer) -> None:
        line = headline(answer)
        if line:
            self._headline(line)
        if line or self._any_output:
            self.output.line()
        self.output.quotes(answer.quotes, self._documents(answer.quotes), answer.question)
        for note in missing_notes(answer):
            self.output.line()
            self.output.line(one_line(note), style=WARNING)

    def _abstention(self, answer: Answer) -> None:
        is_near = answer.reason == "uncertain" and not answer.rejected
        self._headline(f"{headline(answer)} Closest:" if is_near else headline(answer))
        asked = answer.prompt_sha256 is not None
        if (is_near or asked) and answer.closest:
            self.output.line()
            if not is_near:
                self.output.line("What comes closest:")
            quotes = answer.closest[:CLOSEST]
            self.output.quotes(quotes, self._documents(quotes))
        elif answer.hits:
            hits = answer.hits[:CLOSEST]
            self.output.line()
            self.output.line("The closest passages:")
            self.output.hits(hits, documents_of(self._retriever, [hit.passage.doc_id for hit in hits]))
        if unread := unread_note(answer):
            self.output.line()
            self.output.line(unread)

    def _documents(self, quotes: Sequence[Quote]) -> dict[str, Document]:
        return documents_of(self._retriever, [quote.doc_id for quote in quotes])

    def _headline(self, text: str) -> None:
        if self._any_output:
            self.output.line()
        self.output.line(text)

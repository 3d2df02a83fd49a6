"""An answer as people read it: statement by statement as they come, or whole at the end."""

from typing import TYPE_CHECKING

from qa.cli.common import documents_of
from qa.cli.render import Page
from qa.records import Answer, Quote, Statement

if TYPE_CHECKING:
    from qa.retrieve.retriever import Retriever

__all__ = ["AnswerPrinter"]

NEAREST = 3  # passages shown when the sources do not say
SILENT = "The sources do not say."
UNSUPPORTED = "No answer: nothing that the model stated is proven by the sources."
INSTEAD = "Nothing that the model stated is proven by the sources. Quotes from them instead:"
FOUND_NOTHING = "The model found no answer in the sources. Quotes that may be one:"
RESTARTED = "What stands above does not count: that answer broke off or is of no use. The model is asked again."


class AnswerPrinter:
    """Prints one answer. `statement` and `restart` while it comes, if at all; then `answer`, which prints the rest."""

    def __init__(self, page: Page, retriever: "Retriever") -> None:
        self.page, self._retriever = page, retriever
        self._printed = 0  # statements of the answer that stand on the page
        self._any_output = False

    def statement(self, statement: Statement, quotes: tuple[Quote, ...]) -> None:
        """A statement, and its quotes that were not shown before."""
        if self._any_output:
            self.page.line()
        self.page.statement(statement)
        if quotes:
            self.page.line()
            self.page.quotes(quotes, documents_of(self._retriever, [quote.doc_id for quote in quotes]))
        self._printed, self._any_output = self._printed + 1, True

    def restart(self) -> None:
        """What was told is void."""
        self.page.line()
        self.page.line(RESTARTED, style="bold yellow")
        self._printed = 0

    def answer(self, answer: Answer) -> None:
        """The answer, or the nearest passages when there is none."""
        if answer.status != "answered":
            self._silence(answer)
        elif answer.mode == "quotes":
            self._quotes(answer)
        else:
            shown = {number for statement in answer.statements[: self._printed] for number in statement.quotes}
            for statement in answer.statements[self._printed :]:
                new = tuple(q for q in answer.quotes if q.n in statement.quotes and q.n not in shown)
                shown.update(statement.quotes)
                self.statement(statement, new)

    def _quotes(self, answer: Answer) -> None:
        if answer.prompt_sha256 is not None:
            self._headline(INSTEAD if answer.rejected else FOUND_NOTHING)
            self.page.line()
        self.page.quotes(answer.quotes, documents_of(self._retriever, [quote.doc_id for quote in answer.quotes]))

    def _silence(self, answer: Answer) -> None:
        self._headline(UNSUPPORTED if answer.reason == "unsupported" else SILENT)
        nearest = answer.hits[:NEAREST]
        if nearest:
            self.page.line()
            self.page.line("The nearest passages:")
            self.page.hits(nearest, documents_of(self._retriever, [hit.passage.doc_id for hit in nearest]))

    def _headline(self, text: str) -> None:
        if self._any_output:
            self.page.line()
        self.page.line(text)

"""qa ask: an answer with quotes, or the fact that the sources do not say."""

import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli.common import (
    ExplainOption,
    JsonOption,
    KOption,
    NoBuildOption,
    RootOption,
    WhereOption,
    check_request,
    documents_of,
    open_index,
    workspace_and_settings,
)
from qa.errors import QuestionError

if TYPE_CHECKING:
    from qa.records import Answer
    from qa.retrieve.retriever import Retriever

__all__ = ["ask", "print_answer", "read_question"]

NOT_IN_SOURCES = 3  # exit code
NEAREST = 3  # passages shown when the sources do not say

WordsArgument = Annotated[
    list[str], typer.Argument(metavar="QUESTION...", help="The question, or - to read it from standard input.")
]
QuotesOption = Annotated[bool, typer.Option("--quotes", help="Answer with quotes alone.")]


def ask(
    question: WordsArgument,
    root: RootOption = None,
    json: JsonOption = False,
    quotes: QuotesOption = False,
    k: KOption = None,
    where: WhereOption = None,
    explain: ExplainOption = False,
    no_build: NoBuildOption = False,
) -> int:
    """Answer a question with verbatim quotes.

    Builds the index on first use, and updates it when seeds/ has changed. Exit code 3 when the sources do not say.
    """
    text = read_question(question)
    filters = tuple(where or ())
    check_request(text, filters)
    workspace, settings = workspace_and_settings(root, k=k)
    from qa.answer.assistant import Assistant

    started = time.perf_counter()
    with open_index(workspace, settings, build=not no_build) as retriever:
        opened = (time.perf_counter() - started) * 1000
        answer = Assistant(retriever, threshold=settings["threshold"], k=settings["k"]).ask(text, where=filters)
        total = answer.timings_ms["total"] + opened
        answer = replace(answer, timings_ms={**answer.timings_ms, "open": opened, "total": total})
        if json:
            from qa.cli import jsonio

            jsonio.write(jsonio.answer(answer), sys.stdout)
        else:
            print_answer(answer, retriever)
        if explain:
            from qa.cli.render import Page

            Page(sys.stderr).explain(retriever.evidence(text, where=filters), answer.hits)
    return 0 if answer.status == "answered" else NOT_IN_SOURCES


def read_question(words: list[str]) -> str:
    """The words of the command line as one question, or standard input for a lone `-`."""
    text = " ".join(words)
    if words == ["-"]:
        try:
            text = sys.stdin.buffer.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise QuestionError("the question on standard input is not UTF-8") from None
    return text.strip()


def print_answer(answer: "Answer", retriever: "Retriever") -> None:
    """The quotes that answer, or the nearest passages when nothing does."""
    from qa.cli.render import Page

    page = Page()
    if answer.status == "answered":
        page.quotes(answer.quotes, documents_of(retriever, [quote.doc_id for quote in answer.quotes]))
        return
    page.line("The sources do not say.")
    nearest = answer.hits[:NEAREST]
    if nearest:
        page.line()
        page.line("The nearest passages:")
        page.hits(nearest, documents_of(retriever, [hit.passage.doc_id for hit in nearest]))

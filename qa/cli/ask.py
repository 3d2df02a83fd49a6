"""qa ask: an answer with quotes, or the fact that the sources do not say."""

import sys
import time
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli import jsonio
from qa.cli.answer_printer import AnswerPrinter
from qa.cli.chat import AnnouncingChat, note_templates, open_chat, price, spent
from qa.cli.common import (
    BaseUrlOption,
    ExplainOption,
    JsonOption,
    KOption,
    ModelOption,
    NoBuildOption,
    RootOption,
    WhereOption,
    check_request,
    counted,
    make_assistant,
    note,
    open_index,
    workspace_and_settings,
)
from qa.cli.render import Page
from qa.cli.sources import note_differing
from qa.errors import QuestionError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qa.answer.assistant import Assistant
    from qa.llm.chat import Chat
    from qa.records import Answer, Evidence
    from qa.workspace import Settings, Workspace

__all__ = ["ask"]

NOT_IN_SOURCES = 3  # exit code
NO_MODEL = "quotes only. --model or QA_MODEL names a model; --quotes hides this line"

WordsArgument = Annotated[
    list[str], typer.Argument(metavar="QUESTION...", help="The question, or - to read it from standard input.")
]
QuotesOption = Annotated[bool, typer.Option("--quotes", help="Answer with quotes alone, whatever model is named.")]
StrictOption = Annotated[
    bool | None,
    typer.Option("--strict", help="Leave out what the quotes do not support, instead of marking it."),
]
VerboseOption = Annotated[
    bool, typer.Option("--verbose", help="Print the request and the raw answer of the model on standard error.")
]


def ask(
    question: WordsArgument,
    root: RootOption = None,
    json: JsonOption = False,
    quotes: QuotesOption = False,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    strict: StrictOption = None,
    k: KOption = None,
    where: WhereOption = None,
    explain: ExplainOption = False,
    verbose: VerboseOption = False,
    no_build: NoBuildOption = False,
) -> int:
    """Answer a question; every statement is proven by verbatim quotes.

    Builds the index on first use, and updates it when seeds/ has changed. Exit code 3 when the sources do not say.
    Without a model, the answer is the quotes.
    """
    text = _read_question(question)
    filters = tuple(where or ())
    check_request(text, filters)
    workspace, settings = workspace_and_settings(root, model=model, base_url=base_url, strict=strict, k=k)
    named = bool(settings["model"]) and not quotes
    with _model(workspace, settings, verbose) if named else nullcontext() as chat:
        started = time.perf_counter()
        changed: set[str] = set()
        with open_index(workspace, settings, build=not no_build, changed=changed) as retriever:
            opened = (time.perf_counter() - started) * 1000
            assistant = make_assistant(retriever, chat, workspace, settings)
            printer = AnswerPrinter(Page(), retriever)
            live = printer if printer.page.terminal and not json else None
            answer, evidence = _ask(assistant, text, filters, live)
            answer = _opened(answer, opened)
            note_differing(workspace, retriever, [quote.doc_id for quote in answer.quotes], changed)
            if json:
                jsonio.write(jsonio.answer(answer, price(answer, settings)), sys.stdout)
            else:
                printer.answer(answer)
            if explain:
                _explain(answer, evidence)
    if settings["history"]:
        from qa.cli import history

        history.remember(workspace, answer, filters)
    if named:
        _about_the_model(answer, settings, explain, verbose)
    elif not quotes:
        note(NO_MODEL)
    return 0 if answer.status == "answered" else NOT_IN_SOURCES


@contextmanager
def _model(workspace: "Workspace", settings: "Settings", verbose: bool) -> "Iterator[Chat]":
    """The model of the settings; it says where text goes before it goes there."""
    note_templates(workspace)
    with open_chat(workspace, settings) as chat:
        yield AnnouncingChat(chat, verbose)


def _ask(
    assistant: "Assistant", text: str, filters: tuple[str, ...], live: AnswerPrinter | None
) -> "tuple[Answer, Evidence]":
    """The answer and the evidence for it. live: shows each statement as soon as it is checked."""
    from qa.answer.events import Done, Restarted, Retrieved, Stated

    evidence, answer = None, None
    for event in assistant.stream(text, where=filters):
        match event:
            case Retrieved():
                evidence = event.evidence
            case Stated() if live:
                live.statement(event.statement, event.quotes)
            case Restarted() if live:
                live.restart()
            case Done():
                answer = event.answer
    assert answer is not None
    assert evidence is not None
    return answer, evidence


def _opened(answer: "Answer", milliseconds: float) -> "Answer":
    """The answer with the time that opening the index took."""
    total = answer.timings_ms["total"] + milliseconds
    return replace(answer, timings_ms={**answer.timings_ms, "open": milliseconds, "total": total})


def _explain(answer: "Answer", evidence: "Evidence") -> None:
    page = Page(sys.stderr)
    page.explain(evidence, answer.hits)
    for statement in answer.rejected:
        page.statement(statement)


def _about_the_model(answer: "Answer", settings: "Settings", explain: bool, verbose: bool) -> None:
    """What was left out, and what it took."""
    if answer.prompt_sha256 is None:
        note("the model was not asked: nothing in the sources comes near the question")
        return
    if answer.rejected and not explain:
        left_out = counted(len(answer.rejected), "statement")
        note(f"{left_out} of the model left out, not proven by the sources; --explain shows why")
    if explain or verbose:
        note(f"{answer.model}: {spent(answer, settings)}")


def _read_question(words: list[str]) -> str:
    """The words of the command line as one question, or standard input for a lone `-`."""
    text = " ".join(words)
    if words == ["-"]:
        try:
            text = sys.stdin.buffer.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise QuestionError("the question on standard input is not UTF-8") from None
    return text.strip()

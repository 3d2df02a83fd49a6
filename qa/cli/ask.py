"""qa ask: answer a question, or say that the sources do not."""

import sys
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from qa import schema
from qa.cli import jsonio
from qa.cli.answer_printer import AnswerPrinter
from qa.cli.console import note, progress, show_block
from qa.cli.options import (
    ExplainOption,
    JsonOption,
    ModelOptions,
    NoBuildOption,
    SearchOptions,
    WorkspaceOptions,
    check_matches,
    check_request,
)
from qa.cli.render import Output
from qa.errors import QuestionError
from qa.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qa.answer.events import Event
    from qa.llm.announcing import AnnouncingChat
    from qa.llm.protocol import Chat
    from qa.records import Answer, Evidence
    from qa.retrieve.retriever import Retriever
    from qa.session import Session

__all__ = ["NOT_IN_SOURCES", "NO_MODEL", "AnswerOptions", "announcing_chat", "ask", "report_model", "stream"]

NOT_IN_SOURCES = 3  # exit code
NO_MODEL = "quotes only. --model or QA_MODEL names a model; --quotes hides this line"

WordsArgument = Annotated[
    list[str], typer.Argument(metavar="QUESTION...", help="The question, or - to read it from standard input.")
]


@dataclass(frozen=True, slots=True)
class AnswerOptions:
    """What counts as an answer."""

    quotes: Annotated[bool, typer.Option("--quotes", help="Answer with quotes only, even if a model is set.")] = False
    strict: Annotated[
        bool | None, typer.Option("--strict", help="Show only statements whose meaning is confirmed.")
    ] = None
    no_build: NoBuildOption = False


@dataclass(frozen=True, slots=True)
class PrintOptions:
    """What is printed."""

    json: JsonOption = False
    explain: ExplainOption = False
    verbose: Annotated[
        bool,
        typer.Option("--verbose", help="Print the model's prompt and its raw answer to standard error."),
    ] = False


def ask(
    question: WordsArgument,
    workspace: WorkspaceOptions,
    search: SearchOptions,
    model: ModelOptions,
    answering: AnswerOptions,
    printing: PrintOptions,
) -> int:
    """Answer a question with verbatim quotes.

    Builds the index on first use, and updates it when documents have changed. Without a model, the answer is the quotes
    themselves. Exits with 3 when there is no answer: the sources do not say, or may not.
    """
    text = _read_question(question)
    check_request(text, search.filters)
    with workspace.open({"k": search.k, "strict": answering.strict, **model.flags}) as session:
        named = bool(session.settings["model"]) and not answering.quotes
        chat = announcing_chat(session, printing.verbose) if named else None
        answer = _answer(session, chat, text, search.filters, answering.no_build, printing)
        if session.settings["history"]:
            from qa.cli import history

            history.remember(session.workspace, answer, search.filters)
        if named:
            report_model(session, answer, printing.explain, printing.verbose)
            if chat is not None and answer.prompt_sha256 is not None:
                session.examiner.examine(chat.unannounced)
        elif not answering.quotes:
            note(NO_MODEL)
    return 0 if answer.status == "answered" else NOT_IN_SOURCES


def announcing_chat(session: "Session", verbose: bool) -> "AnnouncingChat":
    """The model of the settings; it says where text goes before it goes there."""
    from qa.llm.announcing import AnnouncingChat

    return AnnouncingChat(session.chat(), note, show_block if verbose else None)


def _answer(
    session: "Session",
    chat: "Chat | None",
    text: str,
    filters: tuple[str, ...],
    no_build: bool,
    printing: PrintOptions,
) -> "Answer":
    """Ask and print."""
    started = time.perf_counter()
    retriever = _opened(session, no_build)
    opened = (time.perf_counter() - started) * 1000
    printer = AnswerPrinter(Output(folder=session.folder), retriever)
    live = printer if printer.output.terminal and not printing.json else None
    answer, evidence = stream(session.assistant(chat).stream(text, where=filters), live)
    if not answer.hits:
        check_matches(retriever, filters)
    answer = _with_open_time(answer, opened)
    session.note_differing([quote.doc_id for quote in answer.quotes])
    if printing.json:
        jsonio.write(schema.answer(answer, session.cost(answer)), sys.stdout)
    else:
        printer.answer(answer)
    if printing.explain:
        _explain(answer, evidence, retriever)
    return answer


def _opened(session: "Session", no_build: bool) -> "Retriever":
    """The index. Ctrl-C while it is built ends the build, and what can be searched already answers."""
    from qa.cli import interrupt

    try:
        with progress() as report:
            return session.retriever(build=not no_build, progress=report, unfinished=True)
    except KeyboardInterrupt:
        from qa.index import unfinished

        if not unfinished.is_current(session.workspace.index):
            raise
        interrupt.forget()
        return session.retriever(build=False, unfinished=True)


def stream(events: "Iterable[Event]", live: AnswerPrinter | None) -> "tuple[Answer, Evidence]":
    """The answer that events end with, and the evidence for it. live: prints each statement once it is checked."""
    from qa.answer.events import Done, Judged, Restarted, Retrieved, Stated

    evidence, answer = None, None
    for event in events:
        match event:
            case Retrieved():
                evidence = event.evidence
                if live and event.resolved:
                    live.understood(event.resolved)
            case Stated() if live:
                live.statement(event.statement, event.quotes)
            case Judged() if live:
                live.judged(event.number, event.statement)
            case Restarted() if live:
                live.restart()
            case Done():
                answer = event.answer
                if event.notice:
                    note(event.notice)
    assert answer is not None
    assert evidence is not None
    return answer, evidence


def _with_open_time(answer: "Answer", milliseconds: float) -> "Answer":
    """The answer with the time that opening the index took."""
    total = answer.timings_ms["total"] + milliseconds
    return replace(answer, timings_ms={**answer.timings_ms, "open": milliseconds, "total": total})


def _explain(answer: "Answer", evidence: "Evidence", retriever: "Retriever") -> None:
    output = Output(sys.stderr)
    output.explain(evidence, answer.hits, retriever.text)
    for statement in answer.rejected:
        output.statement(statement)


def report_model(session: "Session", answer: "Answer", explain: bool, verbose: bool, more: str = "--explain") -> None:
    """What was left out, and what the answer took. more: what shows why something was left out."""
    if answer.prompt_sha256 is None:
        why = "nothing in the sources is close enough to the question"
        note(f"the model was not asked: {'the index is not finished' if 'unfinished' in answer.index else why}")
        return
    if answer.rejected and not explain:
        left_out = counted(len(answer.rejected), "statement")
        note(f"{left_out} of the model left out; {more} shows why")
    if explain or verbose:
        note(f"{answer.model}: {_usage(session, answer)}")


def _usage(session: "Session", answer: "Answer") -> str:
    """Tokens, cost where prices are configured, and time."""
    used = answer.usage
    text = f"{used.get('prompt_tokens', 0):,} tokens in, {used.get('completion_tokens', 0):,} out"
    cost = session.cost(answer)
    text += f", cost {cost:.6f}" if cost is not None else ""
    return f"{text}, {answer.timings_ms['llm'] / 1000:.1f} s"


def _read_question(words: list[str]) -> str:
    """The words of the command line as one question, or standard input for a lone `-`."""
    text = " ".join(words)
    if words == ["-"]:
        try:
            text = sys.stdin.buffer.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise QuestionError("the question on standard input is not UTF-8") from None
    return text.strip()

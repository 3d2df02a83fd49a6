"""qa chat: questions that follow each other. Every answer is proven anew; earlier ones only help to find it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli import interrupt, prompting
from qa.cli.answer_printer import AnswerPrinter
from qa.cli.ask import NO_MODEL, NOT_IN_SOURCES, AnswerOptions, announcing_chat, report_model, stream
from qa.cli.console import note, progress
from qa.cli.options import ModelOptions, SearchOptions, WorkspaceOptions, check_matches, check_request
from qa.cli.render import DIM, Output, one_line, place
from qa.errors import ChatError, QuestionError

if TYPE_CHECKING:
    from qa.answer.conversation import Turn
    from qa.llm.announcing import AnnouncingChat
    from qa.records import Answer, Evidence
    from qa.session import Session

__all__ = ["chat"]

FAILED = 1  # exit code
NOT_A_TURN = "this question is not part of the conversation"

VerboseOption = Annotated[
    bool, typer.Option("--verbose", help="Print the model's prompts and its raw answers to standard error.")
]


def chat(
    workspace: WorkspaceOptions,
    search: SearchOptions,
    model: ModelOptions,
    answering: AnswerOptions,
    verbose: VerboseOption = False,
) -> int:
    """Ask questions that follow each other.

    "And in winter?" is understood from the questions before, and the answer says how. /help lists the commands, Ctrl-D
    ends. In a pipe, each line is a question; exits with 3 when one of them has no answer.
    """
    check_request("?", search.filters)
    with workspace.open({"k": search.k, "strict": answering.strict, **model.flags}) as session:
        named = bool(session.settings["model"]) and not answering.quotes
        asked = announcing_chat(session, verbose) if named else None
        with progress() as report:
            check_matches(session.retriever(build=not answering.no_build, progress=report), search.filters)
        if not named and not answering.quotes:
            note(NO_MODEL)
        conversation = _Conversation(session, asked, search.filters, verbose)
        if prompting.is_interactive():
            conversation.output.line("Ask a question. /help lists the commands, Ctrl-D ends.", style=DIM)
        return conversation.run()


@dataclass(slots=True)
class _Conversation:
    """One conversation on the command line. last: the last answer with its evidence."""

    session: "Session"
    asked: "AnnouncingChat | None"
    filters: tuple[str, ...]
    verbose: bool
    output: Output = field(init=False)
    turns: "list[Turn]" = field(default_factory=list)
    last: "tuple[Answer, Evidence] | None" = None
    code: int = 0

    def __post_init__(self) -> None:
        self.output = Output(folder=self.session.folder)

    def run(self) -> int:
        """Read and answer until the input ends. Returns the exit code."""
        for line in prompting.lines([*COMMANDS, "/quit"], self._refuse):
            if not line:
                continue
            if line == "/quit":
                break
            if not prompting.is_interactive():
                self.output.line(one_line(line), style=DIM, first=prompting.PROMPT)
            if line.startswith("/"):
                self._command(line)
            else:
                self._question(line)
            self.output.line()
            sys.stdout.flush()
        return 0 if prompting.is_interactive() else self.code

    def _command(self, line: str) -> None:
        command = COMMANDS.get(line)
        if command is None:
            note(f"there is no command {line}; /help lists them")
        else:
            command[1](self)

    def _question(self, question: str) -> None:
        """Answer, or say why not; the conversation goes on."""
        before = len(self.turns)
        try:
            self._answer(question)
        except (ChatError, QuestionError) as error:
            self._refuse(str(error))
        except KeyboardInterrupt:
            if not prompting.is_interactive():
                raise
            interrupt.forget()
            is_answered = len(self.turns) > before  # then a check of the model was interrupted
            note("interrupted; " + ("the answer above counts" if is_answered else NOT_A_TURN))

    def _refuse(self, reason: str) -> None:
        """Say why a line has no answer; so does the exit code."""
        note(reason)
        self.code = FAILED

    def _answer(self, question: str) -> None:
        from qa.answer.conversation import Turn

        printer = AnswerPrinter(self.output, self.session.retriever())
        events = self.session.assistant(self.asked).stream(question, self.filters, self.turns)
        answer, evidence = stream(events, printer if self.output.terminal else None)
        printer.answer(answer)
        self.turns.append(Turn.of(answer))
        self.last = answer, evidence
        self.session.note_differing([quote.doc_id for quote in answer.quotes])
        if answer.status != "answered":
            self.code = self.code or NOT_IN_SOURCES
        self._afterwards(answer)

    def _afterwards(self, answer: "Answer") -> None:
        """Keep the question where the settings say so; let a new model take its exam."""
        if self.session.settings["history"]:
            from qa.cli import history

            history.remember(self.session.workspace, answer, self.filters)
        if self.asked is not None:
            report_model(self.session, answer, explain=False, verbose=self.verbose, more="/why")
            if answer.prompt_sha256 is not None:
                self.session.examiner.examine(self.asked.unannounced)

    def forget(self) -> None:
        """/new"""
        self.turns, self.last = [], None
        self.output.line("A new conversation: earlier questions no longer count.", style=DIM)

    def sources(self) -> None:
        """/sources"""
        quotes = [quote for turn in self.turns for quote in turn.quotes]
        if not quotes:
            self.output.line("Nothing has been quoted yet.", style=DIM)
        for doc_id in dict.fromkeys(quote.doc_id for quote in quotes):
            own = [quote for quote in quotes if quote.doc_id == doc_id]
            self.output.line(one_line(own[0].title))
            for line, page in sorted({(quote.line, quote.page) for quote in own}, key=lambda at: (at[1] or 0, at[0])):
                self.output.line(place(doc_id, line, page, self.output.folder), style=DIM, first="  ")

    def why(self) -> None:
        """/why"""
        if self.last is None:
            self.output.line("Nothing has been asked yet.", style=DIM)
            return
        answer, evidence = self.last
        self.output.line(one_line(answer.resolved), first="understood as: ")
        self.output.line(f"{self.session.settings['threshold']:.2f}", first="threshold: ")
        self.output.explain(evidence, answer.hits, self.session.retriever(build=False).text)
        for statement in answer.rejected:
            self.output.statement(statement)

    def help(self) -> None:
        """/help"""
        for name, (what, _) in COMMANDS.items():
            self.output.line(what, first=f"{name:<10}")
        self.output.line("end; so does Ctrl-D", first="/quit     ")
        self.output.line("give up the line or the answer", first="Ctrl-C    ")


COMMANDS: dict[str, tuple[str, Callable[[_Conversation], None]]] = {
    "/new": ("begin a new conversation; earlier questions no longer count", _Conversation.forget),
    "/sources": ("list the sources that were quoted in this conversation", _Conversation.sources),
    "/why": ("explain the last answer: how the question was understood, what was found", _Conversation.why),
    "/help": ("list the commands", _Conversation.help),
}

"""qa cite: the quotes that prove or contradict each sentence of a draft."""

import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli.console import note, progress
from qa.cli.options import JsonOption, ModelOptions, NoBuildOption, SearchOptions, WorkspaceOptions, check_matches
from qa.errors import ChatError, UsageError
from qa.files import MEDIUM, check_writable, read_named, within, write

if TYPE_CHECKING:
    from qa.cite import Cited, Draft
    from qa.gate.judge import Judge
    from qa.session import Session

__all__ = ["cite"]

NOT_PROVEN = 3  # exit code
OUTPUTS = (".md", ".docx", ".json")

DraftArgument = Annotated[Path, typer.Argument(metavar="DRAFT", help="A text of yours: .txt, .md or .docx.")]


@dataclass(frozen=True, slots=True)
class CiteOptions:
    """What is written, and what counts."""

    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write to this file: .md, .docx with footnotes, or .json."),
    ] = None
    force: Annotated[bool, typer.Option("--force", help="Overwrite the output if it exists.")] = False
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 3 if a sentence is contradicted or has no source.")
    ] = False
    strict: Annotated[
        bool, typer.Option("--strict", help="With --check, exit with 3 also if a sentence is unconfirmed.")
    ] = False
    json: JsonOption = False
    no_build: NoBuildOption = False


def cite(
    draft: DraftArgument,
    workspace: WorkspaceOptions,
    search: SearchOptions,
    model: ModelOptions,
    options: CiteOptions,
) -> int:
    """Find the quotes that prove or contradict each sentence of a draft.

    Under each sentence stand the quotes that prove it, or those that contradict it, or that there is no source. Prints
    Markdown, or writes a file. Without a model, a sentence is proven only if it copies a whole sentence of a
    document; with one, the model gives a second opinion. The draft is not changed.
    """
    from qa.cite import Citer, read_draft
    from qa.session import workspace_root

    if options.strict and not options.check:
        raise UsageError("--strict needs --check")
    root = workspace_root(workspace.root)
    _check_output(options.output, draft, root, options.force)
    read = read_draft(str(draft), _content(draft))
    if not read.claims:
        raise UsageError(f"{draft}: no sentence that states something, so there is nothing to check")
    with workspace.open({"k": search.k, **model.flags}) as session:
        with progress() as report:
            retriever = session.retriever(build=not options.no_build, progress=report)
            check_matches(retriever, search.filters)
            citer = Citer(retriever, _judge(session), *(() if search.k is None else (search.k,)))
            total = len(read.claims)
            found = citer.cite(read.claims, search.filters, lambda done: report("Checking", done, total))
        session.note_differing([quote.doc_id for cited in found for quote in cited.quotes])
        folder = session.folder
    _write(read, found, options, root, folder)
    wrong = ("contradicted", "no source", *(("unconfirmed",) if options.strict else ()))
    return NOT_PROVEN if options.check and any(cited.state in wrong for cited in found) else 0


def _content(draft: Path) -> bytes:
    try:
        return read_named(draft, MEDIUM)
    except OSError as error:
        raise UsageError(f"{draft} cannot be read: {error.strerror or error}") from None


def _check_output(output: Path | None, draft: Path, root: Path, force: bool) -> None:
    """Raise UsageError for a file that cannot be written, before a long draft is checked for nothing."""
    if output is None:
        return
    if output.suffix.lower() not in OUTPUTS:
        raise UsageError(f"{output}: the output ends in {', '.join(OUTPUTS[:-1])} or {OUTPUTS[-1]}")
    if output.resolve() == draft.resolve():
        raise UsageError(f"{output} is the draft itself, which is not changed; give another name")
    if output.exists() and not force:
        raise UsageError(f"{output} exists; give another name, or overwrite it with --force")
    try:
        check_writable(*within(output, root))
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}") from None


def _judge(session: "Session") -> "Judge | None":
    """The model as a judge, if one is named and has passed the exam. Raises ChatError where it could not be asked."""
    if not session.settings["model"]:
        return None
    from qa.llm.announcing import AnnouncingChat, destination

    examiner = session.examiner
    if not examiner.is_wanted:
        note("the model is not asked: second_opinion is off")
        return None
    chat = AnnouncingChat(session.chat(), note)
    note(destination(chat.unannounced, "sentences of the draft and of the documents"))
    result = examiner.examine(chat.unannounced)
    judge, _ = examiner.judge(chat)
    if judge is None and result is None:
        raise ChatError(f"{chat.model} gave no second opinion, see above. To check by code alone, leave out the model.")
    return judge


def _write(draft: "Draft", found: "Sequence[Cited]", options: CiteOptions, root: Path, folder: str) -> None:
    from qa.cite.markdown import markdown
    from qa.cite.record import as_json, summary
    from qa.cli import jsonio

    kind = options.output.suffix.lower() if options.output else ""
    if kind == ".docx":
        from qa.cite.word import word

        data = word(draft, found, folder)
    elif kind == ".json":
        text = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n")
        jsonio.write(as_json(draft, found), text)
        text.seek(0)
        data = text.buffer.read()
    else:
        data = markdown(draft, found, folder).encode()
    if options.output:
        target, below = within(options.output, root)
        write(target, data, below)
        note(f"{summary(draft, found)} Written to {options.output}")
    if options.json:
        jsonio.write(as_json(draft, found), sys.stdout)
    elif not options.output:
        sys.stdout.write(data.decode())

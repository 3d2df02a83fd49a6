"""qa cite: the quotes that prove or contradict each sentence of a draft."""

import json as jsonlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli.console import note, progress
from qa.cli.options import JsonOption, ModelOptions, NoBuildOption, SearchOptions, WorkspaceOptions, check_matches
from qa.errors import UsageError
from qa.files import MEDIUM, read_named, write

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
    strict: Annotated[bool, typer.Option("--strict", help="With --check, also if one is unconfirmed.")] = False
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
    Markdown, or writes a file. Without a model, a sentence is proven only if it copies a quote or has all of its words
    there; with one, the model gives a second opinion. The draft is not changed.
    """
    from qa.cite import Citer, read_draft

    _check_output(options.output, draft, options.force)
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
    _write(read, found, options)
    wrong = ("contradicted", "no source", *(("unconfirmed",) if options.strict else ()))
    return NOT_PROVEN if options.check and any(cited.state in wrong for cited in found) else 0


def _content(draft: Path) -> bytes:
    try:
        return read_named(draft, MEDIUM)
    except OSError as error:
        raise UsageError(f"{draft} cannot be read: {error.strerror or error}") from None


def _check_output(output: Path | None, draft: Path, force: bool) -> None:
    if output is None:
        return
    if output.suffix.lower() not in OUTPUTS:
        raise UsageError(f"{output}: the output ends in {', '.join(OUTPUTS[:-1])} or {OUTPUTS[-1]}")
    if output.resolve() == draft.resolve():
        raise UsageError(f"{output} is the draft itself, which is not changed; give another name")
    if output.exists() and not force:
        raise UsageError(f"{output} exists; give another name, or overwrite it with --force")


def _judge(session: "Session") -> "Judge | None":
    """The model as a judge, if one is named and has passed the exam."""
    if not session.settings["model"]:
        return None
    from qa.llm.announcing import AnnouncingChat

    chat = AnnouncingChat(session.chat(), note)
    examiner = session.examiner
    examiner.examine(chat.unannounced)
    judge, _ = examiner.judge(chat)
    if judge is None:
        note("the model's opinion does not count: it has not passed the check, or second_opinion is off")
    return judge


def _write(draft: "Draft", found: "Sequence[Cited]", options: CiteOptions) -> None:
    from qa.cite.markdown import markdown
    from qa.cite.record import as_json, summary
    from qa.cli import jsonio

    kind = options.output.suffix.lower() if options.output else ""
    if kind == ".docx":
        from qa.cite.word import word

        data = word(draft, found)
    elif kind == ".json":
        data = jsonlib.dumps(as_json(draft, found), ensure_ascii=False, indent=2).encode() + b"\n"
    else:
        data = markdown(draft, found).encode()
    if options.output:
        write(options.output, data)
        note(f"{summary(found)} Written to {options.output}")
    if options.json:
        jsonio.write(as_json(draft, found), sys.stdout)
    elif not options.output:
        sys.stdout.write(data.decode())

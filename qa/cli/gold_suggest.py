"""qa gold suggest and qa gold accept: turn questions into gold cases, which a person reviews."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli.console import note, progress
from qa.cli.options import NoBuildOption, WorkspaceOptions
from qa.cli.render import Output, label
from qa.errors import GoldError, QuestionError, UsageError
from qa.files import MEDIUM, read_named
from qa.text import counted

if TYPE_CHECKING:
    from qa.settings import Workspace

__all__ = ["accept", "suggest"]

QuestionsArgument = Annotated[
    str,
    typer.Argument(
        metavar="[FILE|-]", help="A file with one question per line; - for standard input.", show_default=False
    ),
]
HistoryOption = Annotated[
    bool, typer.Option("--from-history", help="Use the questions kept while the setting history was on.")
]
OutOption = Annotated[
    Path, typer.Option("--out", metavar="REVIEW.yaml", help="Write the proposed cases to this new file.")
]
ReviewArgument = Annotated[Path, typer.Argument(metavar="REVIEW.yaml", help="A file that qa gold suggest wrote.")]
GoldArgument = Annotated[Path, typer.Argument(metavar="GOLD.yaml", help="The gold file to add accepted cases to.")]


def suggest(
    out: OutOption,
    workspace: WorkspaceOptions,
    questions: QuestionsArgument = "",
    from_history: HistoryOption = False,
    no_build: NoBuildOption = False,
) -> int:
    """Propose gold cases for review.

    Asks each question without a language model, and writes a case for it: the best quote, or an abstention. In the
    review file, replace todo by accept or reject; then run: qa gold accept. Never overwrites a file.
    """
    if bool(questions) == from_history:
        raise UsageError("name either a file of questions (- for standard input) or --from-history")
    if os.path.lexists(out):
        raise UsageError(f"{out} exists already, perhaps with a review in it; name another file with --out")
    listed = [] if from_history else _listed(questions)
    with workspace.open() as session:
        asked = _remembered(session.workspace) if from_history else listed
        from qa.gold.files import rewrite
        from qa.gold.files import suggest as suggestions

        todo = suggestions.different(asked)
        with progress() as report:
            session.retriever(build=not no_build, progress=report)
            proposals = suggestions.propose(todo, session.assistant(), report)
    rewrite.write(out, suggestions.render(proposals), root=session.workspace.root)
    answered = sum(proposal.answered for proposal in proposals)
    output = Output()
    output.line(
        f"{counted(len(proposals), 'case')} in {label(str(out))}: {answered:,} to answer, "
        f"{len(proposals) - answered:,} to abstain."
    )
    output.line(f"Review each of them, then: qa gold accept {label(str(out))} GOLD.yaml")
    return 0


def _listed(file: str) -> list[str]:
    """The questions of a file, one per line; empty lines and lines that begin with # are ignored."""
    from qa.retrieve.retriever import check_question

    name = "standard input" if file == "-" else file
    try:
        data = sys.stdin.buffer.read() if file == "-" else read_named(Path(file), MEDIUM)
        lines = data.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise UsageError(f"{name} is not UTF-8") from None
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}") from None
    questions = [(number, line.strip()) for number, line in enumerate(lines, 1)]
    questions = [(number, line) for number, line in questions if line and not line.startswith("#")]
    if not questions:
        raise UsageError(f"no questions in {name}; write one per line")
    for number, question in questions:
        try:
            check_question(question)
        except QuestionError as error:
            raise UsageError(f"{name}:{number}: {error}") from None
    return [question for _, question in questions]


def _remembered(workspace: "Workspace") -> list[str]:
    """The questions of the history."""
    from qa.cli import history

    questions, filtered = history.questions(workspace)
    if filtered:
        note(f"{counted(filtered, 'question')} left out because of --where; gold cases have no filters")
    if not questions:
        raise UsageError("no questions in the history yet")
    return questions


def accept(review: ReviewArgument, gold: GoldArgument, workspace: WorkspaceOptions) -> int:
    """Move reviewed cases into a gold file.

    Moves the cases with `review: accept`, drops those with `review: reject`, and leaves the others in the review file.
    Every quote must be in the documents exactly once. If anything is wrong, neither file is changed.
    """
    from qa.gold.files import review as reviews
    from qa.gold.files import rewrite
    from qa.gold.files.documents import Documents
    from qa.gold.files.sources import Sources

    if gold.exists() and review.exists() and gold.samefile(review):
        raise UsageError(f"{gold} cannot be both the review file and the gold file")
    review_text, review_bom = _text(review)
    gold_text, gold_bom = _text(gold) if gold.exists() else (None, False)
    with workspace.open() as session:
        root = session.workspace.root
    for path in (gold, review):
        rewrite.real(path, root)  # both or none
    sources = Sources(Documents(session.sources, session.settings.build()))
    done = reviews.accept(review_text, str(review), gold_text, str(gold), sources)
    if done.added:
        rewrite.write(gold, done.gold, gold_bom, root)  # first: a case may be in both files, but never in neither
    if done.review != review_text:
        rewrite.write(review, done.review, review_bom, root)
    there = f" ({done.there:,} there already)" if done.there else ""
    output = Output()
    output.line(f"{counted(done.added, 'case')} added to {label(str(gold))}{there}.")
    output.line(f"{done.rejected:,} rejected, {done.todo:,} still to review in {label(str(review))}.")
    return 0


def _text(path: Path) -> tuple[str, bool]:
    """The file's text without the byte order mark, and whether it has one."""
    try:
        data = read_named(path, MEDIUM)
        return data.decode("utf-8-sig"), data.startswith(b"\xef\xbb\xbf")
    except OSError as error:
        raise GoldError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise GoldError(f"{path}:{line}: not UTF-8; save the file as UTF-8") from None

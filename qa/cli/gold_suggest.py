"""qa gold suggest and qa gold accept: cases from questions that were asked, once a person has reviewed them."""

from pathlib import Path
from typing import Annotated

import typer

from qa.cli.common import RootOption

__all__ = ["accept", "suggest"]

QuestionsArgument = Annotated[
    str, typer.Argument(metavar="[FILE|-]", help="Questions, one a line; -: standard input.", show_default=False)
]
HistoryOption = Annotated[bool, typer.Option("--from-history", help="The questions that were asked here.")]
OutOption = Annotated[Path, typer.Option("--out", metavar="REVIEW.yaml", help="The review file to write.")]
ReviewArgument = Annotated[Path, typer.Argument(metavar="REVIEW.yaml", help="The review file.")]
GoldArgument = Annotated[Path, typer.Argument(metavar="GOLD.yaml", help="The gold file that accepted cases go to.")]


def suggest(
    out: OutOption, questions: QuestionsArgument = "", from_history: HistoryOption = False, root: RootOption = None
) -> int:
    """Propose gold cases for questions, for a person to review."""
    raise NotImplementedError


def accept(review: ReviewArgument, gold: GoldArgument, root: RootOption = None) -> int:
    """Move the cases that were reviewed into a gold file."""
    raise NotImplementedError

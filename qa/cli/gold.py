"""qa gold: questions with known answers, kept beside the documents and asked again after every change."""

import typer

from qa.cli import gold_calibrate, gold_changes, gold_check, gold_run, gold_suggest
from qa.cli.command import CommandGroup, ManualCommand, as_command

__all__ = ["gold"]

gold = typer.Typer(
    name="gold",
    cls=CommandGroup,
    help="Run and maintain questions with known answers.",
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["--help", "-h"]},
)

for _name, _command in (
    ("run", gold_run.run),
    ("compare", gold_run.compare),
    ("check", gold_check.check),
    ("changes", gold_changes.changes),
    ("calibrate", gold_calibrate.calibrate),
    ("suggest", gold_suggest.suggest),
    ("accept", gold_suggest.accept),
):
    gold.command(_name, cls=ManualCommand)(as_command(_command))

"""qa gold check: do the quotes of gold files stand in today's documents?"""

from pathlib import Path
from typing import Annotated

import typer

from qa.cli.common import RootOption

__all__ = ["FilesArgument", "check"]

DOES_NOT_STAND = 3  # exit code

FilesArgument = Annotated[list[Path], typer.Argument(metavar="FILES...", help="Gold files.")]
FixOption = Annotated[bool, typer.Option("--fix", help="Write down in the files what is beyond doubt.")]
CheckJsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def check(files: FilesArgument, root: RootOption = None, fix: FixOption = False, json: CheckJsonOption = False) -> int:
    """Say of every gold quote whether it still stands: intact, moved, edited, duplicated or gone.

    Reads seeds/ as it is; needs no index and no model. Exit code 3 when a quote does not stand.
    """
    raise NotImplementedError

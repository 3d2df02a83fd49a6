"""The entry point of `qa`: sets up Ctrl-C and the standard streams before anything else is imported."""

import atexit
import gc
import os
import sys
from typing import Any

from qa.cli import interrupt, streams

__all__ = ["main"]


def main() -> None:
    """The entry point of the installed command."""
    interrupt.leave_at_once()
    streams.prepare()
    atexit.register(gc.freeze)  # spares a last garbage collection over all libraries: 0.07 s of `qa ask`
    from qa.cli.commands import app

    try:
        app()
    except Exception as error:  # of what the library prints: help, the version
        if os.environ.get("QA_DEBUG"):
            raise
        from qa.cli.command import report

        sys.exit(report(error))
    except KeyboardInterrupt:
        from qa.cli.console import note

        note("interrupted")
        sys.exit(130)


def __getattr__(name: str) -> Any:
    """`app`, the typer application, imported on first use."""
    if name != "app":
        raise AttributeError(name)
    from qa.cli.commands import app

    return app

"""Rebuilding the index whenever the documents change. Needs the extra `serve`."""

import threading
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

from qa.errors import QaError, UsageError

if TYPE_CHECKING:
    from qa.index.build import BuildReport
    from qa.session import Session

__all__ = ["QUIET", "check", "watch"]

QUIET = 1600  # milliseconds; changes that come closer together than this are indexed together


def check() -> None:
    """Raises UsageError where the package that watches is missing."""
    if find_spec("watchfiles") is None:
        raise UsageError("watching needs the package watchfiles: pip install 'quoteqa[serve]'")


def watch(session: "Session", stop: threading.Event, built: "Callable[[BuildReport], None] | None" = None) -> None:
    """Build the index each time that something changed in the folder of documents, until `stop` is set.

    built: takes the report of each build. A build that fails is noticed, and tried again at the next change. Raises
    UsageError where the package for it is missing.
    """
    check()
    from watchfiles import watch as changes

    for _ in changes(
        session.sources, watch_filter=None, debounce=QUIET, step=100, stop_event=stop, raise_interrupt=True
    ):
        try:
            if not session.plan().stale:
                continue
            session.notify(f"{session.folder} has changed; updating the index ...")
            report = session.build()
        except (QaError, OSError) as error:
            session.notify(f"the index was not updated: {error}")
            continue
        if built:
            built(report)

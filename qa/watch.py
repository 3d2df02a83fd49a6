"""Rebuilding the index whenever the documents change. Needs the extra `serve`."""

import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from qa.errors import QaError, UsageError

if TYPE_CHECKING:
    from qa.index.build import BuildReport
    from qa.session import Session

    Built = Callable[[BuildReport], None]

__all__ = ["QUIET", "check", "watch"]

QUIET = 1600  # milliseconds; changes that come closer together than this are indexed together
LOOK = 1000  # milliseconds without a change, after which the folder itself is looked at
RETRY = 5.0  # seconds until a folder that cannot be watched is tried again


def check() -> None:
    """Raises UsageError where the package that watches is missing."""
    if find_spec("watchfiles") is None:
        raise UsageError(
            "watching needs the package watchfiles: pip install 'quoteqa[serve]', or in a clone: pip install '.[serve]'"
        )


def watch(session: "Session", stop: threading.Event, built: "Built | None" = None) -> None:
    """Build the index each time that something changed in the folder of documents, and at first if it is stale, until
    `stop` is set.

    built: takes the report of each build. A build that fails is noticed, and tried again at the next change. A folder
    that cannot be watched, or is gone, is noticed once and tried again every few seconds. Raises UsageError where the
    package for it is missing.
    """
    check()
    said = ""
    while not stop.is_set():
        try:
            _follow(session, stop, built)
            problem = f"{session.folder} is gone"
        except (OSError, RuntimeError) as error:  # no such folder, too many files to watch, or a watcher that broke off
            reason = getattr(error, "strerror", None) or str(error).rstrip(".")
            problem = f"{session.folder} cannot be watched ({reason})"
        if stop.is_set():
            return
        if problem != said:
            session.notify(f"{problem}; trying again every {RETRY:.0f} seconds")
            said = problem
        stop.wait(RETRY)


def _follow(session: "Session", stop: threading.Event, built: "Built | None") -> None:
    """Returns when `stop` is set or the folder is no longer the same. Raises OSError if it cannot be watched."""
    from watchfiles import watch as changes

    root = _identity(session.sources)
    first = True
    for changed in changes(
        session.sources,
        watch_filter=None,
        debounce=QUIET,
        step=100,
        stop_event=stop,
        rust_timeout=LOOK,
        yield_on_timeout=True,
        raise_interrupt=True,
    ):
        if changed or first:
            _update(session, built)
        if _identity(session.sources) != root:
            return
        first = False


def _identity(folder: Path) -> tuple[int, int]:
    """What tells a folder from another one that takes its name later."""
    try:
        found = folder.stat()
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino


def _update(session: "Session", built: "Built | None") -> None:
    try:
        if not session.plan().stale:
            return
        session.notify(f"{session.folder} has changed; updating the index ...")
        report = session.build()
    except (QaError, OSError) as error:
        session.notify(f"the index was not updated: {error}")
        return
    if built:
        built(report)

"""The last run of a gold set in each mode, kept in the workspace for `qa gold run --changed`."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from qa.errors import GoldError, IndexUnusableError, SettingError
from qa.gold import results, signed
from qa.gold.results import Mode, Run
from qa.settings import Workspace, private_folder

__all__ = ["LastRun"]


class LastRun:
    """The last run in one mode. notify: takes a line about a run that cannot be read or kept."""

    def __init__(self, workspace: Workspace, mode: Mode, notify: Callable[[str], None]) -> None:
        self._workspace, self._notify = workspace, notify
        self.path = workspace.private / f"last-{mode}.json"

    def load(self) -> Run | None:
        """None if there is none that can be read: then every case is asked."""
        try:
            return results.load(self.path, self._workspace.private)
        except GoldError as error:
            self._notify(f"asking every case, because the last run cannot be used: {error}")
            return None

    def save(self, run: Run) -> None:
        """Keep the run, and the results of the one before for cases that this one did not ask or could not measure.

        A workspace that cannot be written to only costs time later.
        """
        measured = [result for result in run.results if result.outcome != "error"]
        known = {result.id for result in measured}
        try:
            with private_folder(self._workspace), suppress(GoldError):
                before = results.load(self.path, self._workspace.private).results
                measured += [result for result in before if result.id not in known]
            whole = replace(run, results=tuple(measured))
            signed.write(self.path, results.written(whole), self._workspace.private)
        except OSError as error:
            self._notify(f"cannot save this run for --changed: {error.filename or self.path}: {error.strerror}")
        except (SettingError, IndexUnusableError) as error:  # of the key
            self._notify(f"cannot save this run for --changed: {error}")

"""The index follows the documents: changes that come together are one build, and a failure ends nothing."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import watchfiles

from qa import watch
from qa.errors import SourceError, UsageError

pytest.importorskip("watchfiles", reason="the extra serve is not installed")
PATIENCE = 60.0


class Watched:
    """Plays a session: what was built, and what was said."""

    def __init__(self, sources: Path, *failures: Exception) -> None:
        self.sources, self.folder = sources, "seeds/"
        self.failures, self.notices, self.builds = list(failures), [], 0
        self.notify = self.notices.append
        self.indexed = self.state()

    def state(self) -> dict[str, int]:
        """The documents and their sizes."""
        files = self.sources.glob("*") if self.sources.is_dir() else ()
        return {path.name: path.stat().st_size for path in files if not path.name.startswith(".")}

    def plan(self) -> Any:
        return SimpleNamespace(stale=self.state() != self.indexed)

    def build(self) -> Any:
        self.builds += 1
        if self.failures:
            raise self.failures.pop(0)
        self.indexed = self.state()
        return SimpleNamespace(number=self.builds)


@contextmanager
def watching(session: Watched, built: Callable[[Any], None] | None = None) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=watch.watch, args=(session, stop, built), daemon=True)
    thread.start()
    time.sleep(1)  # until the system watches the folder
    yield
    stop.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_changes_that_come_together_are_built_once(tmp_path: Path) -> None:
    session, built = Watched(tmp_path), []
    with watching(session, built.append):
        for number in range(20):
            (tmp_path / f"{number}.txt").write_text("new", encoding="utf-8")
        until(lambda: session.builds > 0)
        time.sleep(watch.QUIET / 1000 + 1)
        assert session.builds <= 2
        assert [report.number for report in built] == list(range(1, session.builds + 1))


def test_a_build_that_fails_is_tried_again_at_the_next_change(tmp_path: Path) -> None:
    session = Watched(tmp_path, SourceError("no documents; put files there"))
    with watching(session):
        (tmp_path / "a.txt").write_text("one", encoding="utf-8")
        until(lambda: "the index was not updated: no documents; put files there" in session.notices)
        (tmp_path / "a.txt").write_text("two, longer", encoding="utf-8")
        until(lambda: session.builds >= 2)
    assert len([notice for notice in session.notices if "was not updated" in notice]) == 1


def test_a_change_that_does_not_count_builds_nothing(tmp_path: Path) -> None:
    session = Watched(tmp_path)
    with watching(session):
        (tmp_path / ".hidden").write_text("x", encoding="utf-8")
        time.sleep(watch.QUIET / 1000 + 1)
    assert (session.builds, session.notices) == (0, [])


def test_what_changed_before_watching_began_is_built(tmp_path: Path) -> None:
    session = Watched(tmp_path)
    (tmp_path / "early.txt").write_text("new", encoding="utf-8")
    with watching(session):
        until(lambda: session.builds == 1)
    assert session.indexed == {"early.txt": 3}


def test_a_folder_that_is_missing_and_one_that_is_replaced_are_watched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "RETRY", 0.2)
    session = Watched(tmp_path / "seeds")
    with watching(session):
        assert len([notice for notice in session.notices if "cannot be watched" in notice]) == 1
        session.sources.mkdir()
        (session.sources / "a.txt").write_text("one", encoding="utf-8")
        until(lambda: session.builds == 1)
        shutil.rmtree(session.sources)
        until(lambda: "seeds/ is gone; trying again every 0 seconds" in session.notices)
        session.sources.mkdir()
        (session.sources / "b.txt").write_text("two", encoding="utf-8")
        until(lambda: session.indexed == {"b.txt": 3})


@pytest.mark.parametrize("kind", [OSError, RuntimeError])
def test_a_system_that_cannot_watch_more_files_is_noticed_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    monkeypatch.setattr(watch, "RETRY", 0.2)
    real, refusals = watchfiles.watch, [kind("OS file watch limit reached.")]

    def changes(*args: Any, **options: Any) -> Iterator[Any]:
        if refusals:
            raise refusals.pop()
        yield from real(*args, **options)

    monkeypatch.setattr(watchfiles, "watch", changes)
    session = Watched(tmp_path)
    with watching(session):
        (tmp_path / "a.txt").write_text("one", encoding="utf-8")
        until(lambda: session.builds == 1)
    assert session.notices[0].startswith("seeds/ cannot be watched (OS file watch limit reached); trying again")


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'quoteqa\[serve\]'"):
        watch.check()

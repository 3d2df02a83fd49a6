"""What a database holds, whatever became of a build: the rows of the current index and of those still to be read."""

from pathlib import Path

import pytest

from qa.errors import StoreError
from qa.index import build as builder
from qa.index import lock, store
from qa.index.upload import send_current
from qa.testing import HashEncoder


class Database:
    """Holds generations by the hash of their manifest. fails: the names of methods that raise."""

    def __init__(self) -> None:
        self.held: set[str] = set()
        self.newest = ""
        self.fails: set[str] = set()

    def upload(self, generation, progress):
        self._may("upload")
        self.held.add(generation.sha256)

    def is_finished(self, sha256, kept):
        return self.newest == sha256 and self.held <= {sha256, *kept}

    def published(self, sha256, kept):
        self._may("published")
        self.newest = sha256
        self.held &= {sha256, *kept}

    def _may(self, method):
        if method in self.fails:
            raise StoreError("down")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.txt").write_text("The ferry sails at nine.\n")
    return tmp_path


def build(folder: Path, database: Database) -> str:
    builder.build(folder / "seeds", folder / "index", encoder=HashEncoder(), database=database)
    return store.current_name(folder / "index")[1]


def silent(stage, done, total):
    """No progress."""


def test_a_database_that_is_down_costs_no_generation(folder):
    database = Database()
    build(folder, database)
    (folder / "index" / "CURRENT").write_text("nothing of use\n")
    before = store.generations(folder / "index")
    database.fails = {"upload"}
    with pytest.raises(StoreError, match="down"):
        build(folder, database)
    assert store.generations(folder / "index") == before != []


def test_what_a_build_that_died_after_publishing_left_goes_and_the_generation_before_it_stays(folder):
    database = Database()
    build(folder, database)
    (folder / "seeds" / "b.txt").write_text("The mayor took the ferry.\n")
    before = build(folder, database)
    (folder / "seeds" / "c.txt").write_text("The harbour is closed.\n")
    database.fails = {"published"}
    with pytest.raises(StoreError, match="down"):
        build(folder, database)
    current = store.current_name(folder / "index")[1]
    assert len(database.held) == 3
    database.fails = set()
    send_current(folder / "index", database, silent)
    assert (database.newest, database.held) == (current, {before, current})


def test_rows_that_another_build_is_sending_stay(folder):
    database = Database()
    build(folder, database)
    database.held.add("of a build that is not published yet")
    with lock.hold(folder / "index", wait=0):
        send_current(folder / "index", database, silent)
    assert len(database.held) == 2
    send_current(folder / "index", database, silent)
    assert len(database.held) == 1


def test_an_index_that_was_built_before_is_sent(folder):
    builder.build(folder / "seeds", folder / "index", encoder=HashEncoder())
    database = Database()
    send_current(folder / "index", database, silent)
    assert database.held == {database.newest} == {store.current_name(folder / "index")[1]}

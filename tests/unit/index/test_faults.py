"""What killed builds leave behind, errors of the disk, and changes that size and time do not show."""

import errno
import os
import time
from pathlib import Path

import pytest

from qa import files
from qa.errors import IndexDamagedError, IndexMissingError, IndexUnusableError, WorkspaceError
from qa.index import build as builder
from qa.index import plan, store, tidy
from qa.index import write as writer
from qa.index.store import Generation
from qa.ingest import scan
from qa.records import BuildSettings
from qa.testing import HashEncoder

SETTINGS = BuildSettings()
OLD = 1_700_000_000 * 10**9  # a time of change that is long ago


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.txt").write_text("The red fox ran. It was quick.\n")
    (tmp_path / "seeds" / "b.txt").write_text("The blue whale sang. Nobody heard it.\n")
    return tmp_path


def build(folder, encoder=None, **options):
    return builder.build(folder / "seeds", folder / "index", SETTINGS, encoder or HashEncoder(), **options)


def stale(folder, **options):
    return plan.plan(folder / "seeds", folder / "index", SETTINGS, HashEncoder(), **options).stale


def left_by_a_kill_after_publishing(folder, monkeypatch):
    """A generation with a document that is gone, `partial/`, and a half-written generation."""
    build(folder)
    (folder / "seeds" / "b.txt").unlink()
    with monkeypatch.context() as patch:
        publish = writer.publish

        def killed(*arguments):
            publish(*arguments)
            raise KeyboardInterrupt

        patch.setattr(writer, "publish", killed)
        with pytest.raises(KeyboardInterrupt):
            build(folder)
    (folder / "index" / ".building-1").mkdir()
    assert (folder / "index" / "partial").is_dir() or (folder / "index" / ".building-1").is_dir()
    assert len(list((folder / "index").glob("gen-*"))) == 2


@pytest.mark.parametrize("how", ["build", "tidy"])
def test_leftovers_of_a_build_killed_after_publishing_go_though_nothing_changed(folder, monkeypatch, how):
    left_by_a_kill_after_publishing(folder, monkeypatch)
    if how == "build":
        assert not build(folder).written
    else:
        tidy.tidy(folder / "index")
    (generation,) = [p.name for p in (folder / "index").iterdir() if p.name != ".lock" and p.name != "CURRENT"]
    assert generation == Generation.open(folder / "index").name


def test_leftovers_stay_while_another_process_builds(folder, monkeypatch):
    from filelock import FileLock

    left_by_a_kill_after_publishing(folder, monkeypatch)
    with FileLock(folder / "index" / ".lock", is_singleton=False):
        tidy.tidy(folder / "index")
        assert not build(folder).written
    assert len(list((folder / "index").glob("gen-*"))) == 2


def test_the_generation_before_stays_when_nothing_was_removed(folder):
    build(folder)
    (folder / "seeds" / "c.txt").write_text("A third one.")
    build(folder)
    build(folder)
    assert len(list((folder / "index").glob("gen-*"))) == 2


def test_a_first_build_killed_before_it_was_complete_is_no_index(folder, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(files.Folder, "write", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            build(folder)
    assert list((folder / "index").glob("gen-*"))
    with pytest.raises(IndexMissingError, match="there is no index"):
        Generation.open(folder / "index")
    assert stale(folder)
    assert build(folder).written


def fail(monkeypatch, module, name, when, number=errno.EIO):
    """Let a function fail when its arguments say so."""
    whole = getattr(module, name)

    def failing(*arguments, **options):
        if when(*arguments):
            raise OSError(number, os.strerror(number), str(arguments[0]))
        return whole(*arguments, **options)

    monkeypatch.setattr(module, name, failing)


def test_a_file_that_the_disk_could_not_give_once_is_read_by_the_next_build(folder, monkeypatch):
    with monkeypatch.context() as patch:
        calls = []
        fail(patch, scan, "read", lambda seeds, id_, limit: id_ == "b.txt" and (calls.append(1), len(calls))[1] == 2)
        assert build(folder).plan.skipped == {"b.txt": "cannot be read: Input/output error"}
    report = build(folder)
    assert (report.plan.skipped, report.documents) == ({}, 2)


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES])
def test_an_index_that_cannot_be_read_is_neither_missing_nor_damaged(folder, monkeypatch, number):
    build(folder)
    for name in ("CURRENT", "manifest.json", "text.bin"):
        with monkeypatch.context() as patch:
            fail(patch, files.Folder, "_open", lambda _, opened, *__, name=name: opened == name, number)
            with pytest.raises(IndexUnusableError, match="cannot be read") as caught:
                Generation.open(folder / "index")
            assert type(caught.value) is IndexUnusableError


def test_a_folder_of_documents_that_cannot_be_read_is_a_workspace_error(folder, monkeypatch):
    build(folder)
    fail(monkeypatch, os.path, "realpath", lambda path, *_: str(path).endswith("seeds"))
    with pytest.raises(WorkspaceError, match="seeds cannot be read: Input/output error"):
        build(folder)


@pytest.fixture
def large(folder, monkeypatch):
    """An index that counts as too large to be hashed whole when it is opened."""
    build(folder)
    monkeypatch.setattr(store, "WHOLE", 0)
    return next((folder / "index").glob("gen-*"))


def invert(path: Path, start: int, end: int) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:start] + bytes(byte ^ 0xFF for byte in data[start:end]) + data[end:])


@pytest.mark.parametrize(
    ("name", "start"), [("data", 60), ("indices", 60), ("indptr", 60), ("indices", 128), ("indptr", 132)]
)
def test_damaged_word_statistics_of_a_large_index_are_damage(folder, large, name, start):
    invert(large / "lexical" / "sentences" / f"{name}.csc.index.npy", start, start + 40)
    with pytest.raises(IndexDamagedError, match=r"lexical/sentences .*qa index --rebuild"):
        Generation.open(folder / "index").sentence_terms.scores("fox whale red blue ran sang quick heard nobody")


def test_rebuild_mends_a_large_index_whose_list_of_files_is_damaged(folder, large):
    invert(large / "sources.jsonl", 10, 20)
    assert build(folder, rebuild=True).written
    assert store.verify(folder / "index") == []


def same_size_and_time(path, text, stamp):
    path.write_text(text)
    os.utime(path, ns=(stamp, stamp))


def test_only_check_content_notices_other_content_with_the_same_size_and_time(folder):
    path = folder / "seeds" / "a.txt"
    same_size_and_time(path, "The red fox ran. It was quick.\n", OLD)
    build(folder)
    same_size_and_time(path, "The red fox ran. It was sleek.\n", OLD)
    assert not stale(folder)
    assert not build(folder).written
    assert stale(folder, check_content=True)
    report = build(folder, check_content=True)
    assert report.plan.changed == ("a.txt",)
    assert "sleek" in Generation.open(folder / "index").text(0)
    assert not build(folder, check_content=True).written


def test_a_file_that_changes_in_the_instant_after_it_was_read_is_noticed_however_long_the_build_takes(
    folder, monkeypatch
):
    """Where times of files are whole seconds, such a file keeps its size and time."""
    path = folder / "seeds" / "a.txt"
    stamp = time.time_ns()
    same_size_and_time(path, "The red fox ran. It was quick.\n", stamp)

    class Slow(HashEncoder):
        def encode(self, *arguments, **options):
            same_size_and_time(path, "The red fox ran. It was sleek.\n", stamp)
            monkeypatch.setattr(time, "time_ns", lambda: stamp + 3600 * 10**9)
            return super().encode(*arguments, **options)

    build(folder, Slow())
    assert stale(folder)

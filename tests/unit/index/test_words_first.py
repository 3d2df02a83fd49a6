"""A build that takes long publishes the words first: what it publishes when, and what readers get meanwhile."""

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import qa
from qa.embed import encoder as encoders
from qa.errors import IndexDamagedError, IndexMissingError, IndexUntrustedError
from qa.index import build as builder
from qa.index import encode, lock, plan, prepare, store, unfinished
from qa.index import write as writer
from qa.index.build import BuildReport
from qa.index.store import Generation
from qa.records import BuildSettings
from qa.retrieve.zones import UNCERTAIN
from qa.testing import FakeChat, HashEncoder

DOCUMENTS = 8
QUESTION = "What does ticket number 3 cost?"
TIMES = ("built_ns", "scanned_ns")


class Watching(HashEncoder):
    """Remembers, at each passage, whether the current generation was complete; None if there was none."""

    def __init__(self, index: Path) -> None:
        super().__init__()
        self.index = index
        self.seen: list[bool | None] = []

    def encode(self, texts: Any, kind: Any = "document", progress: Any = None) -> Any:
        self.seen.append(complete(self.index))
        return super().encode(texts, kind, progress)


def complete(index: Path) -> bool | None:
    try:
        generation = Generation.open(index)
    except IndexMissingError:
        return None
    generation.close()
    return generation.complete


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Eight documents of one passage."""
    (tmp_path / "seeds").mkdir()
    for n in range(DOCUMENTS):
        (tmp_path / "seeds" / f"n{n}.txt").write_text(f"Ticket {n}\n\nTicket number {n} costs {n + 10} crowns.\n")
    return tmp_path


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any build takes long, and a chunk is a passage: the pace is known after the second."""
    monkeypatch.setattr(encode, "CHUNK", 1)
    monkeypatch.setattr(encode, "LONG", -1.0)


def build(folder: Path, encoder: Any = None, **options: Any) -> BuildReport:
    return builder.build(folder / "seeds", folder / "index", BuildSettings(), encoder or HashEncoder(), **options)


def interrupted(folder: Path, passages: int = 5) -> None:
    """Press Ctrl-C when the words are published and so many passages are encoded."""
    whole, made = encode.parts.encode, []

    def until(encoder: Any, texts: Any) -> Any:
        if len(made) == passages:
            raise KeyboardInterrupt
        made.extend(texts)
        return whole(encoder, texts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encode.parts, "encode", until)
        with pytest.raises(KeyboardInterrupt):
            build(folder)


def content(index: Path) -> dict[str, Any]:
    """Every file of the current generation; of the manifest what does not depend on the time."""
    folder = index / store.current_name(index)[0]
    found: dict[str, Any] = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    manifest = json.loads(found.pop("manifest.json"))
    del found["signature"]
    return found | {name: value for name, value in manifest.items() if name not in TIMES}


@contextmanager
def building(folder: Path) -> Iterator[None]:
    """Another process holds the lock."""
    from filelock import FileLock

    with FileLock(folder / "index" / ".lock", is_singleton=False):
        yield


@pytest.mark.usefixtures("long")
def test_the_words_come_first_and_the_complete_generation_replaces_them(folder: Path) -> None:
    watching, told = Watching(folder / "index"), []
    report = build(folder, watching, progress=lambda *about: told.append(about[0]))
    assert None in watching.seen
    assert watching.seen[-1] is False
    assert True not in watching.seen
    assert complete(folder / "index")
    assert (len(report.plan.added), report.encoded, report.documents) == (DOCUMENTS, DOCUMENTS, DOCUMENTS)
    assert [p.name.split("-")[1] for p in (folder / "index").glob("gen-*")] == ["2"]
    assert not (folder / "index" / "partial").exists()
    assert "Words can be searched already; encoding the rest" in told
    assert not build(folder).written


def test_the_complete_generation_is_the_one_that_is_built_at_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(folder)
    assert store.current_name(folder / "index")[0].startswith("gen-1-")
    at_once = content(folder / "index")
    shutil.rmtree(folder / "index")
    monkeypatch.setattr(encode, "CHUNK", 1)
    monkeypatch.setattr(encode, "LONG", -1.0)
    build(folder)
    assert store.current_name(folder / "index")[0].startswith("gen-2-")
    assert content(folder / "index") == at_once


@pytest.mark.parametrize(("more", "generation"), [(20, "gen-1-"), (21, "gen-2-")])
def test_words_come_first_when_more_than_twenty_seconds_are_left(
    folder: Path, monkeypatch: pytest.MonkeyPatch, more: int, generation: str
) -> None:
    """At a second for each passage; the first two are for measuring."""
    shutil.rmtree(folder / "seeds")
    (folder / "seeds").mkdir()
    for n in range(2 + more):
        (folder / "seeds" / f"n{n}.txt").write_text(f"Ticket {n}\n\nTicket number {n} costs {n + 10} crowns.\n")
    chunks = iter(range(1, 100))
    monkeypatch.setattr(encode, "CHUNK", 1)
    monkeypatch.setattr(encode, "time", SimpleNamespace(monotonic=lambda: float(next(chunks))))
    build(folder)
    assert store.current_name(folder / "index")[0].startswith(generation)


@pytest.mark.usefixtures("long")
def test_an_older_complete_generation_stays_until_the_new_one_is_complete(folder: Path) -> None:
    build(folder)
    for n in range(DOCUMENTS):
        (folder / "seeds" / f"m{n}.txt").write_text(f"Coach {n}\n\nCoach number {n} leaves at {n}.\n")
    watching = Watching(folder / "index")
    build(folder, watching)
    assert set(watching.seen) == {True}


class Database:
    """Takes everything and knows nothing."""

    def __init__(self) -> None:
        self.sent: list[bool] = []

    def upload(self, generation: Generation, progress: Any) -> None:
        self.sent.append(generation.complete)

    def is_finished(self, sha256: str, kept: Any) -> bool:
        return True

    def published(self, sha256: str, kept: Any) -> None:
        pass


@pytest.mark.usefixtures("long")
def test_a_database_gets_the_complete_generation_only(folder: Path) -> None:
    database, watching = Database(), Watching(folder / "index")
    build(folder, watching, database=database)
    assert database.sent == [True]
    assert set(watching.seen) == {None}


@pytest.mark.usefixtures("long")
def test_a_build_that_was_killed_in_between_is_completed_without_reading_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(folder, passages=5)
    assert complete(folder / "index") is False
    todo = plan.plan(folder / "seeds", folder / "index", BuildSettings(), HashEncoder())
    assert (todo.stale, todo.reasons) == (True, ("it was not finished",))

    def none_is_read(jobs: Any, *_: Any, **__: Any) -> Iterator[Any]:
        assert list(jobs) == []
        yield from ()

    monkeypatch.setattr(prepare.reading, "prepare_all", none_is_read)
    report = build(folder)
    assert (report.encoded, report.passages) == (DOCUMENTS - 5, DOCUMENTS)
    found = content(folder / "index")
    assert len(list((folder / "index").glob("gen-*"))) == 1
    monkeypatch.undo()
    shutil.rmtree(folder / "index")
    build(folder)
    assert found == content(folder / "index")


@pytest.mark.usefixtures("long")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("which", [1, 2])
def test_a_kill_around_either_publication_leaves_what_the_next_build_completes(
    folder: Path, monkeypatch: pytest.MonkeyPatch, which: int, when: str
) -> None:
    publish, calls = writer.publish, []

    def killed(*arguments: Any) -> None:
        calls.append(arguments)
        if len(calls) < which or when == "after":
            publish(*arguments)
        if len(calls) == which:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(writer, "publish", killed)
        with pytest.raises(KeyboardInterrupt):
            build(folder)
    assert complete(folder / "index") is {(1, "before"): None, (2, "after"): True}.get((which, when), False)
    build(folder)
    assert complete(folder / "index")
    assert store.verify(folder / "index") == []
    assert sorted(p.name for p in (folder / "index").iterdir()) == [
        ".lock", "CURRENT", store.current_name(folder / "index")[0]
    ]  # fmt: skip


@pytest.mark.usefixtures("long")
def test_changes_since_the_words_are_in_the_complete_generation(folder: Path) -> None:
    interrupted(folder)
    (folder / "seeds" / "n0.txt").unlink()
    (folder / "seeds" / "n1.txt").write_text("Ticket 1\n\nTicket number 1 is sold out.\n")
    report = build(folder)
    assert (report.plan.removed, report.plan.changed) == (("n0.txt",), ("n1.txt",))
    assert report.documents == DOCUMENTS - 1
    assert complete(folder / "index")


@pytest.mark.usefixtures("long")
def test_a_reader_of_words_gets_no_more_than_uncertain_and_moves_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(folder)
    with monkeypatch.context() as patch, qa.Retriever.open(folder / "index") as retriever:
        patch.setattr(encoders, "load", lambda *_, **__: pytest.fail("a model was loaded to search words"))
        hits, evidence = retriever.retrieve(QUESTION)
        assert hits[0].passage.doc_id == "n3.txt"
        assert (hits[0].dense, hits[0].lexical > 0) == (0.0, True)
        assert evidence.quotes[0].text == "Ticket number 3 costs 13 crowns."
        chat = FakeChat()  # would fail if it were asked
        for assistant in (qa.Assistant(retriever, chat, threshold=0.0, floor=0.0), qa.Assistant(retriever)):
            answer = assistant.ask(QUESTION)
            assert (answer.status, answer.reason, answer.quotes) == ("abstained", "uncertain", ())
            assert answer.closest[0].doc_id == "n3.txt"
            assert answer.index["unfinished"] == retriever.unfinished
        assert qa.Assistant(retriever).ask("Zebra?").reason == "uncertain"  # other words may mean the same
    reader = qa.Retriever.open(folder / "index", encoder=HashEncoder())
    pinned = reader.snapshot()
    build(folder)
    assert pinned.unfinished
    assert pinned.search(QUESTION)[0].passage.doc_id == "n3.txt"
    assert reader.refresh()
    assert not reader.unfinished
    assert reader.search(QUESTION)[0].dense > 0
    answer = qa.Assistant(reader, threshold=0.0).ask(QUESTION)
    assert (answer.status, "unfinished" in answer.index) == ("answered", False)
    reader.close()


@pytest.mark.usefixtures("long")
def test_no_estimate_of_words_is_above_uncertain(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even of a question in the words of a sentence, whatever the weights are."""
    monkeypatch.setattr("qa.retrieve.answerability.BIAS", 10.0)
    interrupted(folder)
    with qa.Retriever.open(folder / "index") as retriever:
        evidence = retriever.evidence("What does ticket number 3 cost, and what does ticket number 4 cost?")
    assert evidence.answerability == UNCERTAIN
    assert {part.answerability for part in evidence.parts} == {UNCERTAIN}
    assert set(evidence.scores) == {UNCERTAIN}


@pytest.mark.usefixtures("long")
def test_the_line_says_how_far_the_index_is_and_whether_a_build_is_at_work(folder: Path) -> None:
    interrupted(folder, passages=4)
    with qa.Retriever.open(folder / "index") as retriever:
        assert retriever.unfinished == (
            "only words can be searched: the index was not finished (50% done); run: qa index"
        )
        assert not unfinished.is_being_completed(folder / "index")
        with building(folder):
            assert retriever.unfinished == "only words can be searched: the index is still being built (50% done)"
            assert unfinished.is_being_completed(folder / "index")


def test_another_reader_who_looks_at_the_lock_is_not_taken_for_a_build(folder: Path) -> None:
    held = threading.Event()

    def look() -> None:
        with lock.hold(folder / "index", wait=0):
            held.set()
            time.sleep(0.02)

    other = threading.Thread(target=look)
    other.start()
    held.wait()
    assert not unfinished._is_locked(folder / "index")
    other.join()


def test_an_index_that_is_complete_or_missing_is_not_unfinished(folder: Path) -> None:
    assert not unfinished.is_current(folder / "index")
    build(folder)
    with building(folder):
        assert not unfinished.is_being_completed(folder / "index")
    with qa.Retriever.open(folder / "index", encoder=HashEncoder()) as retriever:
        assert retriever.unfinished == ""


@pytest.mark.usefixtures("long")
def test_a_generation_of_words_is_checked_as_any_other(folder: Path) -> None:
    interrupted(folder)
    index = folder / "index"
    current = index / store.current_name(index)[0]
    assert not list(current.glob("*.faiss"))
    assert store.verify(index) == []
    for name in ("text.bin", "passages.keys", "lexical/sentences/data.csc.index.npy"):
        data = (current / name).read_bytes()
        (current / name).write_bytes(bytes([data[0] ^ 1]) + data[1:])
        assert store.verify(index) == [name]
        with pytest.raises(IndexDamagedError):
            Generation.open(index)
        (current / name).write_bytes(data)
    (current / "signature").unlink()
    with pytest.raises(IndexUntrustedError):
        Generation.open(index)
    build(folder)
    assert complete(index)


@pytest.mark.usefixtures("long")
@pytest.mark.parametrize("value", [True, None, 0, "false"])
def test_a_manifest_that_claims_vectors_without_their_files_is_damaged(folder: Path, value: Any) -> None:
    from qa.index import manifest

    interrupted(folder)
    current = folder / "index" / store.current_name(folder / "index")[0]
    about = json.loads((current / "manifest.json").read_bytes())
    assert about["vectors"] is False
    assert manifest.parsed(current, json.dumps(about).encode())
    with pytest.raises(IndexDamagedError):
        manifest.parsed(current, json.dumps(about | {"vectors": value}).encode())


@pytest.mark.usefixtures("long")
def test_readers_during_the_whole_build_see_whole_generations(folder: Path) -> None:
    """Nothing, then words, then everything; never an error."""
    index, states, done, problems = folder / "index", [], threading.Event(), []

    def read() -> None:
        while not done.is_set():
            try:
                with suppress(IndexMissingError), qa.Retriever.open(index, encoder=HashEncoder()) as retriever:
                    found = retriever.search(QUESTION)[0]
                    states.append(found.dense > 0)
                    assert found.text.splitlines()[-1] == "Ticket number 3 costs 13 crowns."
            except Exception as error:
                problems.append(error)
                return

    thread = threading.Thread(target=read)
    thread.start()
    try:
        build(folder, Slow(index, lambda: bool(states or problems)))
    finally:
        done.set()
        thread.join()
    assert problems == []
    assert states == sorted(states)
    assert False in states


class Slow(HashEncoder):
    """Goes on after the words are published only when a reader has seen them."""

    def __init__(self, index: Path, seen: Callable[[], bool]) -> None:
        super().__init__()
        self._index, self._seen = index, seen

    def encode(self, texts: Any, kind: Any = "document", progress: Any = None) -> Any:
        while complete(self._index) is False and not self._seen():
            time.sleep(0.02)
        return super().encode(texts, kind, progress)

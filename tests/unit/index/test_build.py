"""Incremental builds, generations, damage. With HashEncoder, so nothing here needs a model."""

import errno
import hashlib
import json
import multiprocessing
import os
import shutil
import sys
import threading
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from qa.errors import (
    IndexBusyError,
    IndexDamagedError,
    IndexForeignError,
    IndexMissingError,
    IndexOutdatedError,
    IndexUnusableError,
    WorkspaceError,
)
from qa.index import approximate, contents, encode, plan, signature, store
from qa.index import build as builder
from qa.index import write as writer
from qa.index.store import Generation
from qa.index.write import GenerationWriter
from qa.records import BuildSettings
from qa.testing import HashEncoder

SETTINGS = BuildSettings()


class Counting(HashEncoder):
    """Remembers the texts that it encoded; raises when told to, as an interrupted build would."""

    def __init__(self, fail_after=None):
        super().__init__()
        self.texts, self.fail_after = [], fail_after

    def encode(self, texts, kind="document", progress=None):
        if self.fail_after is not None and len(self.texts) >= self.fail_after:
            raise KeyboardInterrupt
        self.texts += texts
        return super().encode(texts, kind, progress)


@pytest.fixture
def folder(tmp_path):
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "a.txt").write_text("The first title\n\nThe red fox ran. It was quick.\n")
    (seeds / "b.md").write_text("# Second\n\nThe blue whale sang — slowly. Nobody heard it.\n")
    return tmp_path


def build(folder, encoder=None, **options):
    return builder.build(folder / "seeds", folder / "index", SETTINGS, encoder or HashEncoder(), **options)


def files(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_build_round_trips_every_document_sentence_and_passage(folder):
    report = build(folder)
    generation = Generation.open(folder / "index")
    assert (report.documents, report.written) == (2, True)
    assert [d.id for d in generation.documents] == ["a.txt", "b.md"]
    for number, info in enumerate(generation.documents):
        prepared = generation.prepared(number)
        text = (folder / "seeds" / info.id).read_text()
        assert prepared.document.text == text
        assert all(text[s.start : s.end].strip() == text[s.start : s.end] != "" for s in prepared.sentences)
        assert prepared.passages[0].first_sentence == 0
    assert report.sentences == sum(len(generation.prepared(n).sentences) for n in range(2))


def test_a_second_build_with_nothing_changed_writes_nothing(folder):
    build(folder)
    times = {p: p.stat().st_mtime_ns for p in (folder / "index").rglob("*")}
    report = build(folder)
    assert not report.written
    assert {p: p.stat().st_mtime_ns for p in (folder / "index").rglob("*")} == times


def test_a_touched_file_with_the_same_content_is_not_a_change(folder):
    build(folder)
    os.utime(folder / "seeds" / "a.txt", ns=(1, 1))
    assert not build(folder).written


def test_only_new_and_changed_text_is_encoded(folder):
    build(folder)
    (folder / "seeds" / "b.md").write_text("# Second\n\nThe blue whale sang — slowly. Somebody heard it.\n")
    encoder = Counting()
    report = build(folder, encoder)
    assert report.plan.changed == ("b.md",)
    assert report.plan.unchanged == ("a.txt",)
    assert sorted(encoder.texts) == [
        "Second",
        "Second\nSecond\n\nThe blue whale sang — slowly. Somebody heard it.",
        "Second\nSomebody heard it.",
        "Second\nThe blue whale sang — slowly.",
    ]


def test_kept_vectors_are_the_vectors_that_encoding_everything_gives(folder):
    build(folder)
    (folder / "seeds" / "c.txt").write_text("A third one.\n\nThe red fox ran. Again.")
    build(folder)
    updated = Generation.open(folder / "index")
    build(folder, rebuild=True)
    fresh = Generation.open(folder / "index")
    assert updated.name.split("-")[2] == fresh.name.split("-")[2]
    for kept, made in (
        (updated.passage_vectors, fresh.passage_vectors),
        (updated.sentence_vectors, fresh.sentence_vectors),
    ):
        np.testing.assert_array_equal(kept.rows(np.arange(kept.size)), made.rows(np.arange(made.size)))


def test_a_removed_document_leaves_no_trace_in_any_file(folder):
    (folder / "seeds" / "secret.txt").write_text("Xylophonist Quaggamire.\n\nXylophonist Quaggamire hid the zyzzyva.")
    build(folder)
    (folder / "seeds" / "secret.txt").unlink()
    report = build(folder)
    assert report.plan.removed == ("secret.txt",)
    for path, data in files(folder / "index").items():
        for word in ("quaggamir", "xylophonist", "zyzzyva", "secret.txt"):
            for codec in ("utf-8", "utf-16-le", "utf-32-le"):
                assert word.encode(codec) not in data.lower(), path


def test_the_two_newest_generations_are_kept_when_nothing_was_removed(folder):
    for n in range(4):
        (folder / "seeds" / f"n{n}.txt").write_text(f"Number {n} is here.")
        build(folder)
    assert sorted(p.name.split("-")[1] for p in (folder / "index").glob("gen-*")) == ["3", "4"]


def test_identical_files_are_both_indexed_named_and_share_their_vectors(folder):
    shutil.copy(folder / "seeds" / "a.txt", folder / "seeds" / "z.txt")
    encoder = Counting()
    report = build(folder, encoder)
    assert report.documents == 3
    assert report.plan.duplicates == {"z.txt": "a.txt"}
    assert len(encoder.texts) == len(set(encoder.texts))
    assert (report.passages, report.encoded) == (3, 2)
    assert not build(folder).written


def test_unreadable_files_are_listed_with_the_reason_and_stay_listed(folder):
    (folder / "seeds" / "empty.txt").write_text("")
    (folder / "seeds" / "empty2.txt").write_text("")
    (folder / "seeds" / "binary.txt").write_bytes(bytes(range(256)) * 4)
    (folder / "seeds" / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    report = build(folder)
    assert sorted(report.plan.skipped) == ["binary.txt", "broken.pdf", "empty.txt", "empty2.txt"]
    assert all(report.plan.skipped.values())
    again = build(folder)
    assert (again.written, again.plan.skipped) == (False, report.plan.skipped)


def test_a_file_that_needed_a_missing_library_is_tried_again_when_it_may_be_there(folder, monkeypatch):
    (folder / "seeds" / "keys.rst").write_text("Milan keeps the keys.\n")
    with monkeypatch.context() as missing:
        for name in [name for name in sys.modules if name.partition(".")[0] == "docutils"]:
            missing.delitem(sys.modules, name)
        missing.setitem(sys.modules, "docutils", None)
        assert "needs the extra formats" in build(folder).plan.skipped["keys.rst"]
    assert build(folder).plan.skipped == {}


def test_a_sidecar_table_without_its_document_is_named(folder):
    (folder / "seeds" / "metadata.toml").write_text('["a.txt"]\ntitle = "A"\n["gone.txt"]\ntitle = "B"\n')
    assert build(folder).plan.skipped == {"metadata.toml": '["gone.txt"] names no document in this folder'}


def test_boilerplate_lines_are_counted_also_when_documents_are_taken_over(folder):
    (folder / "seeds" / "front.md").write_text(
        "---\ntitle: Front\n---\nCNN\n—\nThe mayor of Oslo spoke.\n\nSource link\n"
    )
    assert build(folder).boilerplate_lines == 3
    (folder / "seeds" / "new.txt").write_text("A new one.")
    assert build(folder).boilerplate_lines == 3


def test_nothing_to_index_is_an_error_that_says_why(tmp_path):
    with pytest.raises(WorkspaceError, match="there is no folder"):
        build(tmp_path)
    (tmp_path / "seeds").mkdir()
    with pytest.raises(WorkspaceError, match=r"has no documents; put files there"):
        build(tmp_path)
    (tmp_path / "seeds" / "empty.txt").write_text("")
    with pytest.raises(WorkspaceError, match=r"nothing in .*seeds can be indexed: empty.txt: "):
        build(tmp_path)
    for name in ("binary.txt", "copy.txt"):
        (tmp_path / "seeds" / name).write_bytes(bytes(range(256)) * 4)
    with pytest.raises(WorkspaceError, match=r"binary.txt: .*; copy.txt: .*; empty.txt: "):
        build(tmp_path)


def test_removing_every_document_keeps_the_old_index_and_says_so(folder):
    build(folder)
    for path in (folder / "seeds").iterdir():
        path.unlink()
    with pytest.raises(WorkspaceError, match="has no documents"):
        build(folder)
    assert Generation.open(folder / "index").counts["documents"] == 2


def test_settings_and_sidecar_make_an_index_stale(folder):
    build(folder)

    def reasons(settings=SETTINGS):
        return plan.plan(folder / "seeds", folder / "index", settings, HashEncoder()).reasons

    assert reasons() == ()
    assert reasons(BuildSettings(passage_chars=300)) == ("the setting passage_chars changed",)
    assert reasons(BuildSettings(boilerplate=False)) == ("the setting boilerplate changed",)
    assert reasons(BuildSettings(ocr=True)) == ("the setting ocr changed",)
    (folder / "seeds" / "metadata.toml").write_text('["a.txt"]\npublisher = "The Fox Times"\n')
    assert reasons() == ("metadata.toml changed",)
    build(folder)
    assert Generation.open(folder / "index").documents[0].metadata["publisher"] == "The Fox Times"
    other = plan.plan(folder / "seeds", folder / "index", SETTINGS, HashEncoder(dim=64))
    assert other.reasons == ("the embedding model changed",)


def test_an_interrupted_build_goes_on_where_it_stopped(folder, monkeypatch):
    monkeypatch.setattr(encode, "CHUNK", 1)
    with pytest.raises(KeyboardInterrupt):
        build(folder, Counting(fail_after=3))
    with pytest.raises(IndexMissingError):
        Generation.open(folder / "index")
    rest = Counting()
    report = build(folder, rest)
    assert (report.encoded, report.passages) == (1, 2)
    assert not any("whale" in text for text in rest.texts)
    kept = Generation.open(folder / "index").sentence_vectors
    build(folder, rebuild=True)
    made = Generation.open(folder / "index").sentence_vectors
    np.testing.assert_array_equal(kept.rows(np.arange(kept.size)), made.rows(np.arange(made.size)))
    assert not (folder / "index" / "partial").exists()


def test_a_partial_file_that_was_cut_short_costs_one_vector_only(folder, monkeypatch):
    (folder / "seeds" / "c.txt").write_text("One of the longest titles in this folder\n\nThe otter swam.\n" * 3)
    monkeypatch.setattr(encode, "CHUNK", 1)
    with pytest.raises(KeyboardInterrupt):
        build(folder, Counting(fail_after=7))
    (path,) = (folder / "index" / "partial").iterdir()
    path.write_bytes(path.read_bytes()[:-7])
    report = build(folder)
    whole = build(folder, rebuild=True)
    assert report.encoded == whole.encoded - 1


def test_a_build_killed_before_it_publishes_leaves_the_old_generation(folder, monkeypatch):
    build(folder)
    name = Generation.open(folder / "index").name
    (folder / "seeds" / "c.txt").write_text("One more.")

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(writer, "publish", killed)
        with pytest.raises(KeyboardInterrupt):
            build(folder)
    assert Generation.open(folder / "index").name == name
    build(folder)
    assert not list((folder / "index").glob(".building-*"))
    assert Generation.open(folder / "index").counts["documents"] == 3


FILES = [
    *("manifest.json", "documents.jsonl", "documents.bin", "fields.jsonl", "sources.jsonl", "text.bin", "text.bin.sum"),
    *("passages.bin", "sentences.bin", "vectors.faiss", "sentences.faiss", "passages.keys"),
    "lexical/passages/data.csc.index.npy",
]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("harm", ["flip", "cut", "delete"])
def test_damage_to_any_file_is_an_error_never_another_quote(folder, name, harm):
    build(folder)
    path = next((folder / "index").glob("gen-*")) / name
    data = bytearray(path.read_bytes())
    if harm == "flip":
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    elif harm == "cut":
        path.write_bytes(data[:-1])
    else:
        path.unlink()
    with pytest.raises(IndexDamagedError, match="qa index --rebuild"):
        Generation.open(folder / "index")
    assert name in store.verify(folder / "index")
    assert build(folder).written
    assert Generation.open(folder / "index").counts["documents"] == 2


def test_text_and_tables_of_a_large_generation_are_verified_when_read(folder, monkeypatch):
    build(folder)
    monkeypatch.setattr(store, "WHOLE", 0)
    generation = next((folder / "index").glob("gen-*"))
    for name in ("text.bin", "sentences.bin"):
        whole = (generation / name).read_bytes()
        harmed = bytearray(whole)
        harmed[10] ^= 1
        (generation / name).write_bytes(harmed)
        opened = Generation.open(folder / "index")
        with pytest.raises(IndexDamagedError, match=f"{name} is damaged at byte 0"):
            opened.text(0) if name == "text.bin" else opened.table("sentences")
        assert store.verify(folder / "index") == [name]
        (generation / name).write_bytes(whole)
    assert store.verify(folder / "index") == []


@pytest.fixture
def large(folder, monkeypatch):
    """A folder whose tables count as large: the index is not hashed when it is opened, and has approximate files."""
    monkeypatch.setattr(contents, "GenerationWriter", partial(GenerationWriter, many=1))
    build(folder, HashEncoder(approximate.DIM))
    monkeypatch.setattr(store, "WHOLE", 0)
    return folder


APPROXIMATE = ("vectors.rabitq", "sentences.rabitq")


def test_large_tables_get_an_approximate_index_that_is_optional(large):
    generation = Generation.open(large / "index")
    assert set(APPROXIMATE) <= generation.manifest["files"].keys()
    assert generation.passage_vectors._approximate
    assert generation.sentence_vectors._approximate
    assert store.verify(large / "index") == []
    for name in APPROXIMATE:
        (generation.folder / name).unlink()
    listed = {name: file for name, file in generation.manifest["files"].items() if ".rabitq" not in name}
    resigned(large, lambda manifest: manifest | {"files": listed})
    without = Generation.open(large / "index")
    assert without.passage_vectors._approximate is None
    query = without.passage_vectors.rows(np.array([0]))[0]
    assert without.passage_vectors.search(query, 1).tolist() == generation.passage_vectors.search(query, 1).tolist()


@pytest.mark.parametrize(("many", "dim"), [(approximate.ROWS, approximate.DIM), (1, approximate.DIM - 1)])
def test_small_tables_and_short_vectors_have_no_approximate_index(folder, monkeypatch, many, dim):
    monkeypatch.setattr(contents, "GenerationWriter", partial(GenerationWriter, many=many))
    build(folder, HashEncoder(dim))
    assert not list((folder / "index").rglob("*.rabitq*"))


@pytest.mark.parametrize("name", APPROXIMATE)
@pytest.mark.parametrize("at", [5, 60, -9])
def test_damage_to_an_approximate_index_is_an_error_and_found_by_a_check(large, name, at):
    path = next((large / "index").glob("gen-*")) / name
    harmed = bytearray(path.read_bytes())
    harmed[at] ^= 0xFF
    path.write_bytes(harmed)
    with pytest.raises(IndexDamagedError, match=f"{name} is damaged"):
        Generation.open(large / "index")
    assert store.verify(large / "index") == [name]
    path.unlink()
    with pytest.raises(IndexDamagedError, match=f"{name} is missing"):
        Generation.open(large / "index")


def test_current_must_name_a_generation(folder):
    build(folder)
    (folder / "index" / "CURRENT").write_text("something else")
    with pytest.raises(IndexForeignError, match="does not name a generation"):
        Generation.open(folder / "index")
    (folder / "index" / "CURRENT").unlink()
    with pytest.raises(IndexMissingError, match="there is no index"):
        Generation.open(folder / "index")
    assert build(folder).written


def resigned(folder, change):
    """Change the manifest, and sign it again as its builder."""
    path = next((folder / "index").glob("gen-*")) / "manifest.json"
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    path.with_name("signature").write_text(signature.key().sign("manifest", path.read_bytes()).hex())
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "index" / "CURRENT").write_text(f"{path.parent.name} {sha256}")


def test_another_schema_is_foreign(folder):
    build(folder)
    resigned(folder, lambda manifest: manifest | {"schema": 99})
    with pytest.raises(IndexForeignError, match="schema 99"):
        Generation.open(folder / "index")


def test_an_older_schema_without_what_is_needed_today_is_built_anew(folder):
    build(folder)
    resigned(
        folder, lambda manifest: {k: v for k, v in manifest.items() if k not in ("fields", "keep")} | {"schema": 3}
    )
    with pytest.raises(IndexOutdatedError, match="an older version of qa"):
        Generation.open(folder / "index")
    assert build(folder).written


def test_a_folder_with_somebody_elses_files_is_not_written_to(folder):
    (folder / "index").mkdir()
    (folder / "index" / "thesis.doc").write_text("mine")
    with pytest.raises(IndexForeignError, match=r"holds 'thesis\.doc', which qa did not make"):
        build(folder)
    assert files(folder / "index") == {Path("thesis.doc"): b"mine"}


def test_a_reader_keeps_its_generation_while_a_newer_one_replaces_it(folder):
    build(folder)
    reader = Generation.open(folder / "index")
    text = reader.text(0)
    (folder / "seeds" / "a.txt").unlink()
    build(folder)
    assert not reader.folder.exists()
    assert reader.text(0) == text
    assert reader.passage_vectors.rows(np.array([0])).shape == (1, 256)
    assert reader.sentence_terms.scores("fox").max() > 0


def test_a_reader_whose_generation_was_replaced_while_opening_reads_current_again(folder, monkeypatch):
    build(folder)
    stale = store.current_name(folder / "index")
    (folder / "seeds" / "a.txt").unlink()
    build(folder)
    answers = iter([stale, store.current_name(folder / "index")])
    monkeypatch.setattr(store, "current_name", lambda index: next(answers))
    assert Generation.open(folder / "index").counts["documents"] == 1


def test_a_slow_reader_may_lose_several_generations_before_it_opens_one(folder, monkeypatch):
    build(folder)
    whole = store.current_name(folder / "index")
    gone = [(f"gen-{n}-{'0' * 12}", whole[1]) for n in (7, 8, 9)]
    answers = iter([*gone, whole])
    monkeypatch.setattr(store, "current_name", lambda index: next(answers))
    assert Generation.open(folder / "index").counts["documents"] == 2
    monkeypatch.setattr(store, "current_name", lambda index: gone[0])
    with pytest.raises(IndexDamagedError, match=r"gen-7-.* is missing"):
        Generation.open(folder / "index")


def test_a_disk_that_is_full_when_the_files_are_closed_is_one_clear_error(folder, monkeypatch):
    build(folder)
    closed = contents.GenerationWriter.__exit__

    def full(self, *error):
        closed(self, *error)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(contents.GenerationWriter, "__exit__", full)
    (folder / "seeds" / "new.txt").write_text("A third document is here.")
    with pytest.raises(IndexUnusableError, match="No space left"):
        build(folder)


def test_a_rebuild_mends_a_table_that_is_found_damaged_when_it_is_read(folder, monkeypatch):
    monkeypatch.setattr(store, "WHOLE", 0)  # a large index is not hashed when it is opened
    build(folder)
    name, _ = store.current_name(folder / "index")
    table = folder / "index" / name / "documents.bin"
    table.write_bytes(bytes(byte ^ 255 for byte in table.read_bytes()))
    build(folder, rebuild=True)
    assert [document.id for document in Generation.open(folder / "index").documents] == ["a.txt", "b.md"]


def test_a_generation_whose_signature_is_being_deleted_is_not_taken_for_a_strangers(folder, monkeypatch):
    """A newer one was published between the reader's look at the manifest and at the signature."""
    build(folder)
    stale = store.current_name(folder / "index")
    (folder / "seeds" / "new.txt").write_text("A third document is here.")
    build(folder)
    newest = store.current_name(folder / "index")
    (folder / "index" / stale[0] / "signature").unlink()
    answers = iter([stale, newest] * 2)
    monkeypatch.setattr(store, "current_name", lambda index: next(answers, newest))
    assert Generation.open(folder / "index").counts["documents"] == 3
    assert not store.is_untrusted(folder / "index")


def _build_in_process(folder, queue):
    try:
        queue.put(build(Path(folder)).written)
    except Exception as error:  # what the parent asserts on
        queue.put(repr(error))


def test_two_builders_at_once_do_not_corrupt(folder):
    for n in range(30):
        (folder / "seeds" / f"n{n}.txt").write_text(f"Number {n} is here. It has two sentences.")
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    processes = [context.Process(target=_build_in_process, args=(str(folder), queue)) for _ in range(2)]
    for process in processes:
        process.start()
    results = sorted(queue.get(timeout=120) for _ in processes)
    for process in processes:
        process.join()
    assert results == [False, True]
    assert store.verify(folder / "index") == []
    assert Generation.open(folder / "index").counts["documents"] == 32


def test_a_builder_that_waited_too_long_says_that_another_is_building(folder):
    from filelock import FileLock

    (folder / "index").mkdir()
    held, done = threading.Event(), threading.Event()

    def hold():
        with FileLock(folder / "index" / ".lock"):
            held.set()
            done.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    try:
        with pytest.raises(IndexBusyError, match="another process is building"):
            build(folder, wait=0.1)
    finally:
        done.set()
        thread.join()


def test_a_small_update_of_a_large_index_does_not_load_what_pays_off_for_many_passages(folder, monkeypatch):
    loaded = []
    monkeypatch.setattr(encode, "LARGE", 4)
    monkeypatch.setattr(encode.encoders, "load", lambda *_, **__: loaded.append("small") or HashEncoder())
    monkeypatch.setattr(encode.encoders, "load_fastest", lambda *_, **__: loaded.append("large") or HashEncoder())
    monkeypatch.setattr(encode, "CHUNK", 2)
    monkeypatch.setattr(contents, "BLOCK", 2)
    for n in range(8):
        (folder / "seeds" / f"n{n}.txt").write_text(f"Number {n} is here. It has two sentences.")

    def update():
        builder.build(folder / "seeds", folder / "index", SETTINGS)

    update()
    (folder / "seeds" / "a.txt").write_text("The first title\n\nThe red fox slept.\n")
    update()
    assert loaded == ["large", "small"]


def test_progress_says_from_the_first_block_how_much_there_will_be(folder, monkeypatch):
    monkeypatch.setattr(contents, "BLOCK", 2)
    for n in range(8):
        (folder / "seeds" / f"n{n}.txt").write_text(f"Number {n} is here. It has two sentences.")
    told = []
    build(folder, progress=lambda *report: told.append(report))
    reading, encoding = ([r[1:] for r in told if r[0] == stage] for stage in ("Reading", "Encoding"))
    assert reading == [(n, 10) for n in range(11)]
    assert told.index(("Reading", 10, 10)) > next(n for n, r in enumerate(told) if r[0] == "Encoding")
    assert encoding[-1] == (10, 10)
    assert all(done <= total and 6 <= total <= 14 for done, total in encoding)

"""Builds whose documents are read and encoded by a real Ray of two workers on this machine: the same index as a local
build, also when a worker is killed.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.command import run_here

from qa.embed import fastest, runtimes
from qa.errors import SettingError, SourceError, WorkersError, WorkspaceError
from qa.index import build as builder
from qa.index import cluster, contents
from qa.index.cluster import RayWorkers, _Build, _check
from qa.index.plan import recipe
from qa.index.store import Generation, Source
from qa.records import BuildSettings
from qa.testing import HashEncoder

WORDS = "ferry otter mayor bridge letter missile harbour ledger saffron violin quarry lantern meadow copper".split()
SETTINGS = BuildSettings()
pytestmark = pytest.mark.xdist_group("ray")  # one Ray for all of these tests


class Deadly(HashEncoder):
    """Kills the process that is to encode a text with this word."""

    def encode(self, texts, kind="document", progress=None):
        if any("poison" in text for text in texts):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().encode(texts, kind, progress)


class Slow(HashEncoder):
    """Takes long enough to be met at work."""

    def encode(self, texts, kind="document", progress=None):
        time.sleep(0.3)
        return super().encode(texts, kind, progress)


@pytest.fixture(scope="module")
def ray():
    """A Ray of two workers, which builds find as a program's own."""
    module = pytest.importorskip("ray", reason="needs the extra ray, 200 MB")
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    module.init("local", num_cpus=2, object_store_memory=100_000_000, include_dashboard=False, log_to_driver=False)
    module.cloudpickle.register_pickle_by_value(sys.modules[__name__])  # the workers cannot import tests
    yield module
    module.shutdown()


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    """700 passages in 40 documents: several tasks and blocks. One document is a copy, and two cannot be read."""
    folder = tmp_path_factory.mktemp("cluster") / "seeds"
    folder.mkdir()
    for n in range(40):
        lines = (f"{' '.join(WORDS[(n * k + j) % 14] for j in range(8)).capitalize()} {n}.{k}." for k in range(220))
        (folder / f"d{n:02}.md").write_text(f"# Title {n}\n\n" + "\n\n".join(lines) + "\n")
    shutil.copy(folder / "d00.md", folder / "d39.md")
    (folder / "broken.docx").write_bytes(b"PK\3\4 no document")
    (folder / "empty.txt").write_text("\n")
    (folder / "metadata.toml").write_text('["d01.md"]\npublisher = "The Harbour Press"\n')
    return folder


def build(seeds, index, workers="auto", encoder=None, settings=SETTINGS, **options):
    return builder.build(seeds, index, settings, encoder, workers=RayWorkers(workers) if workers else None, **options)


def files(index):
    """The files of the current generation by name, but for those that say when it was built."""
    with opened(index) as generation:
        folder = index / generation.name
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("manifest.json", "manifest.sig", "signature")
    }


@contextmanager
def opened(index):
    generation = Generation.open(index)
    try:
        yield generation
    finally:
        generation.close()


def test_a_build_on_ray_writes_the_same_files_as_a_local_one(ray, seeds, tmp_path):
    here = build(seeds, tmp_path / "here", workers="", encoder=HashEncoder())
    there = build(seeds, tmp_path / "there", encoder=HashEncoder())
    assert files(tmp_path / "there") == files(tmp_path / "here")
    assert there.passages > contents.BLOCK  # the copy of the first document is begun before that one is finished
    assert (there.passages, there.encoded) == (here.passages, here.encoded)
    assert (there.generation, there.unread, there.plan.skipped) == (here.generation, here.unread, here.plan.skipped)
    assert there.plan.skipped.keys() == {"broken.docx", "empty.txt"}
    assert not (tmp_path / "there" / "partial").exists()


def test_a_change_is_all_that_the_workers_encode(ray, seeds, tmp_path):
    mine = shutil.copytree(seeds, tmp_path / "seeds")
    build(mine, tmp_path / "index", encoder=HashEncoder())
    (mine / "d05.md").write_text("# Title 5\n\nThe lantern is new.\n")
    assert build(mine, tmp_path / "index", encoder=HashEncoder()).encoded == 1
    build(mine, tmp_path / "local", workers="", encoder=HashEncoder())
    assert files(tmp_path / "index") == files(tmp_path / "local")


def test_nothing_connects_where_nothing_is_to_be_read_or_encoded(ray, seeds, tmp_path, monkeypatch):
    mine = shutil.copytree(seeds, tmp_path / "seeds")
    build(mine, tmp_path / "index", encoder=HashEncoder())
    (mine / "d05.md").unlink()
    monkeypatch.setattr(cluster, "_connected", None)
    assert build(mine, tmp_path / "index", encoder=HashEncoder()).plan.removed == ("d05.md",)


def test_the_model_gives_the_vectors_of_a_local_build(ray, tmp_path):
    (tmp_path / "seeds").mkdir()
    for n in range(3):
        (tmp_path / "seeds" / f"{n}.txt").write_text(f"Letter {n}\n\nThe mayor signed it. The ferry left at {n}.\n")
    exact = replace(SETTINGS, precision="float32")
    build(tmp_path / "seeds", tmp_path / "here", workers="", settings=exact)
    build(tmp_path / "seeds", tmp_path / "there", settings=exact)
    with opened(tmp_path / "here") as here, opened(tmp_path / "there") as there:
        for one, other in (
            (here.passage_vectors, there.passage_vectors),
            (here.sentence_vectors, there.sentence_vectors),
        ):
            rows = np.arange(one.size)
            assert other.size == one.size > 0
            assert np.abs(other.rows(rows) - one.rows(rows)).max() <= 1e-5


def test_the_tasks_of_a_killed_worker_are_done_again(ray, seeds, tmp_path):
    killed = {}

    def kill(stage):
        killed[stage] = kill_a_worker()

    def kill_when_encoding(stage, done, total):
        if stage == "Encoding" and stage not in killed:
            kill(stage)

    first = threading.Thread(target=kill, args=("Reading",))
    first.start()
    build(seeds, tmp_path / "index", encoder=Slow(), progress=kill_when_encoding)
    first.join()
    assert killed.keys() == {"Reading", "Encoding"}
    build(seeds, tmp_path / "local", workers="", encoder=HashEncoder())
    assert files(tmp_path / "index") == files(tmp_path / "local")


def kill_a_worker():
    """Wait for a process of this test's Ray that runs a task, and kill it. Returns its id."""
    while True:
        for pid in _descendants(os.getpid()):
            if _title(pid).startswith("ray::_do"):
                os.kill(pid, signal.SIGKILL)
                return pid


def _descendants(pid):
    try:
        lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:  # ended meanwhile
        return
    for child in " ".join(lists).split():
        yield int(child)
        yield from _descendants(int(child))


def _title(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def test_text_that_kills_every_worker_ends_the_build_and_the_next_one_goes_on(ray, seeds, tmp_path):
    mine = shutil.copytree(seeds, tmp_path / "seeds")
    (mine / "z.txt").write_text("Z\n\nThe poison is here.\n")
    with pytest.raises(WorkersError, match=r"gave up on a task \(The worker died unexp.*\).* run qa index again"):
        build(mine, tmp_path / "index", encoder=Deadly())
    report = build(mine, tmp_path / "index", encoder=HashEncoder())
    assert 0 < report.encoded < report.passages / 2


def test_the_command_builds_on_ray(ray, seeds, tmp_path):
    (tmp_path / "seeds").mkdir()
    shutil.copy(seeds / "broken.docx", tmp_path / "seeds")
    (tmp_path / "seeds" / "a.txt").write_text("The letter\n\nThe mayor signed it on Monday.\n")
    done = run_here(["index", "--ray", "auto"], tmp_path, dict(os.environ))
    assert done.returncode == 0, done.stderr
    assert "skipped   broken.docx: " in done.stdout
    assert "Indexed 1 document, 1 passage, " in done.stdout
    assert "qa: new documents are read and encoded on the Ray cluster that this machine is part of" in done.stderr
    answer = run_here(["ask", "--quotes", "--no-build", "When did the mayor sign?"], tmp_path, dict(os.environ))
    assert "The mayor signed it on Monday." in answer.stdout


ALONE = """
import os, signal, sys
from pathlib import Path

import ray

from qa.index import cluster
from qa.index.build import build
from qa.testing import HashEncoder

class Folder(cluster.TemporaryDirectory):
    def __enter__(self):
        folders.append(Path(self.name))
        return self.name

def look(stage, done, total):
    if stage == "Encoding":
        print("as Ray does when a worker dies")
        there.append(ray.is_initialized() and all(folder.stat().st_mode & 0o777 == 0o700 for folder in folders))

folders, there = [], []
cluster.TemporaryDirectory = Folder
build(Path(sys.argv[1]), Path(sys.argv[2]), None, HashEncoder(), look, workers=cluster.RayWorkers("local"))
assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
print(all(there) and len(folders) == 1, ray.is_initialized() or folders[0].exists())
"""


def test_a_ray_of_the_build_itself_ends_with_it(seeds, tmp_path):
    pytest.importorskip("ray", reason="needs the extra ray, 200 MB")
    script = tmp_path / "script.py"
    script.write_text(ALONE)
    command = [sys.executable, str(script), str(seeds), str(tmp_path / "index")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "True False\n"), done.stderr
    build(seeds, tmp_path / "local", workers="", encoder=HashEncoder())
    assert files(tmp_path / "index") == files(tmp_path / "local")


def test_a_worker_that_would_make_another_index_says_why(seeds, tmp_path):
    made_by = recipe(seeds, SETTINGS, HashEncoder())
    _check(_Build(seeds, SETTINGS, made_by, HashEncoder()))
    for name, said in (("weights", "embedding model"), ("sidecar", "metadata.toml"), ("ingest", "version of qa")):
        with pytest.raises(WorkersError, match=f"has another {said}"):
            _check(_Build(seeds, SETTINGS, {**made_by, name: "other"}, HashEncoder()))
    with pytest.raises(WorkersError, match=r"sees no folder .*/nowhere; every machine of the cluster needs"):
        _check(_Build(tmp_path / "nowhere", SETTINGS, made_by, HashEncoder()))
    with pytest.raises(WorkersError, match=r"cannot be used: .*no-such-model"):
        _check(_Build(seeds, replace(SETTINGS, embedder="no-such-model"), made_by, None))


def test_a_file_that_only_a_worker_cannot_read_is_no_unread_document(ray, seeds, monkeypatch):
    workers = RayWorkers("auto")
    monkeypatch.setattr(workers, "_result", lambda task: [SourceError("cannot be read: No such file or directory")])
    job = builder.Job(seeds, seeds, SETTINGS, {}, None, print)
    with pytest.raises(WorkersError, match=r"cannot read d01.md \(cannot be read: No such .* same path"):
        list(workers._outcomes(job, [Source("d01.md", "indexed", 1, 1, "")], None))
    assert len(list(workers._outcomes(job, [Source("gone.md", "indexed", 1, 1, "")], None))) == 1


def test_a_file_changed_after_the_plan_ends_the_build(ray, seeds, tmp_path, monkeypatch):
    mine = shutil.copytree(seeds, tmp_path / "seeds")
    planned = builder.compare

    def late(*arguments, **options):
        plan = planned(*arguments, **options)
        (mine / "d07.md").write_text("Changed.\n")
        return plan

    monkeypatch.setattr(builder, "compare", late)
    with pytest.raises(WorkspaceError, match=r"d07.md was changed while"):
        build(mine, tmp_path / "index", encoder=HashEncoder())


@pytest.mark.parametrize("address", ["", "here", "ray://host:10001", "host", "host:123456", "a b:1"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(SettingError, match=r"ray: .* is not valid; use local, auto, or HOST:PORT"):
        RayWorkers(address)


@pytest.mark.parametrize("address", ["ray://user:s3cret@h:1", "ray://user:s3cret@[h:1", "user:s3cret@h:1"])
def test_the_password_of_an_address_that_is_none_is_not_shown(address):
    with pytest.raises(SettingError, match="is not valid") as caught:
        RayWorkers(address)
    assert "s3cret" not in str(caught.value)


def test_the_extra_is_named_where_it_is_missing(monkeypatch):
    monkeypatch.setattr(cluster, "find_spec", lambda name: None)
    with pytest.raises(SettingError, match=r"needs the extra ray: pip install 'quoteqa\[ray\]'"):
        RayWorkers("local")


def test_an_address_where_nothing_listens_is_an_error_at_once(seeds, tmp_path, monkeypatch):
    pytest.importorskip("ray", reason="needs the extra ray, 200 MB")
    monkeypatch.setattr("ray.is_initialized", lambda: False)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(WorkersError, match=f"no Ray cluster at 127.0.0.1:{port} .*ray start --head"):
            build(seeds, tmp_path / "index", f"127.0.0.1:{port}", HashEncoder())
    assert list((tmp_path / "index").glob(".building*")) == []


def test_a_program_that_is_connected_already_builds_there_or_not_at_all(seeds, tmp_path, monkeypatch):
    pytest.importorskip("ray", reason="needs the extra ray, 200 MB")
    monkeypatch.setattr("ray.is_initialized", lambda: True)
    with pytest.raises(WorkersError, match="connected to Ray already; ray = auto builds there"):
        build(seeds, tmp_path / "index", "local", HashEncoder())


def test_a_block_is_begun_before_the_one_before_it_is_finished():
    taken = []
    items = (taken.append(n) or n for n in range(4))
    seen = [(item, len(taken)) for item in contents._prefetched(items, 1)]
    assert seen == [(0, 2), (1, 3), (2, 4), (3, 4)]


def test_a_model_uses_the_threads_that_the_worker_has(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert runtimes.threads() == 0
    all_of_them = fastest.machine()
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert runtimes.threads() == 3
    assert fastest.machine() != all_of_them  # what was measured with three threads holds for three

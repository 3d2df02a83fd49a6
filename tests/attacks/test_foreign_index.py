"""An index that came along with a folder: nobody but its user may make qa quote what no file says.

The forger here has everything that travels: he rewrites the text, the checksums, the sizes, the manifest and CURRENT,
and signs with a key of his own. He does not have the key of whoever opens the folder.
"""

import hashlib
import json
import multiprocessing
import os
import shutil
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from support.command import run_here

import qa
from qa.errors import IndexDamagedError, IndexForeignError, IndexUntrustedError, ModelError, SettingError
from qa.index import build as builder
from qa.index import candidates, encode, signature, store
from qa.index import write as writer
from qa.index.blocks import BLOCK, block_sum
from qa.index.limits import FIRST_ROWS
from qa.index.local import LocalIndex
from qa.index.manifest import SIGNATURE
from qa.index.partial import Partial
from qa.index.plan import plan
from qa.index.store import Generation
from qa.index.tidy import tidy
from qa.index.vectors import VectorIndex, VectorWriter
from qa.records import BuildSettings
from qa.session import Session
from qa.testing import HashEncoder

TRUE, FALSE = "Edith Lanning", "Brian Mallory"  # of one length, so that every offset still fits
DOCUMENT = (
    "Notes from the north\n\nMarrow Point is a cape in the far north. "
    f"The lighthouse of Marrow Point was built in 1871 by {TRUE}. Its lamp can be seen from nineteen miles away.\n"
)
QUESTION = "Who built the lighthouse of Marrow Point?"
GOLD = f"""\
- id: builder
  question: {QUESTION}
  expect: answer
  quotes:
    - source: lighthouse.txt
      text: was built in 1871 by {FALSE}
"""


class Counting(HashEncoder):
    """Remembers what it encoded."""

    def __init__(self):
        super().__init__()
        self.texts = []

    def encode(self, texts, kind="document", progress=None):
        self.texts += texts
        return super().encode(texts, kind, progress)


def user(folder, name):
    """The environment of somebody with an own key and an own configuration."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("QA_", "OPENAI_"))}
    own = {"XDG_DATA_HOME": str(folder / name / "data"), "XDG_CONFIG_HOME": str(folder / name / "config")}
    return kept | own | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "COLUMNS": "200"}


def become(monkeypatch, folder, name):
    """Be that user from here on, in this process."""
    env = user(folder, name)
    for variable in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, env[variable])


def run(env, cwd, *arguments, code=0, stdin=""):
    done = run_here(arguments, cwd, env, stdin.encode())
    assert "Traceback" not in done.stderr
    assert done.returncode == code, (done.stdout, done.stderr)
    return done


def current(index):
    return index / store.current_name(index)[0]


def republish(index, key=None):
    """Make manifest and CURRENT fit the files as they are now; sign with this key."""
    folder = current(index)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for name, file in manifest["files"].items():
        data = (folder / name).read_bytes()
        file |= {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    data = json.dumps(manifest).encode()
    (folder / "manifest.json").write_bytes(data)
    if key:
        (folder / SIGNATURE).write_text(key.sign("manifest", data).hex() + "\n")
    (index / "CURRENT").write_text(f"{folder.name} {hashlib.sha256(data).hexdigest()}\n")


def rewrite(index):
    """Put a false name into the text, with the checksums of its blocks."""
    path = current(index) / "text.bin"
    data = path.read_bytes().replace(TRUE.encode(), FALSE.encode())
    assert FALSE.encode() in data
    path.write_bytes(data)
    sums = (block_sum(data[at : at + BLOCK]) for at in range(0, len(data), BLOCK))
    path.with_name("text.bin.sum").write_bytes(b"".join(sums))


def forge(index, key=None):
    rewrite(index)
    republish(index, key)


def made(root, document=DOCUMENT):
    (root / "seeds").mkdir(parents=True)
    (root / "seeds" / "lighthouse.txt").write_text(document, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def bait(tmp_path_factory):
    """A folder whose forger built and rewrote its index; made with the real model, to be copied."""
    folder = tmp_path_factory.mktemp("forger")
    root, env = made(folder / "news"), user(folder, "forger")
    (root / "qa.toml").write_text("k = 4\n")
    (root / "gold.yaml").write_text(GOLD, encoding="utf-8")
    run(env, root, "index")
    forge(root / "index", signature.Key((folder / "forger" / "data" / "qa" / "index.key").read_bytes()))
    assert FALSE in run(env, root, "ask", "--no-build", "--quotes", QUESTION).stdout  # the forgery itself is sound
    return root


@pytest.fixture
def received(bait, tmp_path):
    """That folder, received by somebody else: the folder, and their environment."""
    return Path(shutil.copytree(bait, tmp_path / "news")), user(tmp_path, "victim")


@pytest.fixture
def built(tmp_path, monkeypatch):
    """A folder with an index of this user, without a model."""
    become(monkeypatch, tmp_path, "me")
    root = made(tmp_path / "news")
    build(root).close()
    return root


def build(root, encoder=None):
    return qa.Retriever.build(root / "seeds", root / "index", encoder=encoder or HashEncoder())


def opened(root, **options):
    return qa.Retriever.open(root / "index", encoder=HashEncoder(), **options)


def test_ask_builds_a_new_index_from_the_files_and_says_so(received):
    root, env = received
    done = run(env, root, "ask", "--quotes", QUESTION)
    assert TRUE in done.stdout
    assert FALSE not in done.stdout
    assert [line for line in done.stderr.splitlines() if "not built by you" in line] == [
        f"qa: the index in {root / 'index'} was not built by you; building a new one from {root / 'seeds'} ..."
    ]
    assert "changed since" not in done.stderr
    assert not [path for path in (root / "index").rglob("*") if path.is_file() and FALSE.encode() in path.read_bytes()]
    assert run(env, root, "ask", "--quotes", QUESTION).stderr == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask", "--quotes", "--no-build", QUESTION),
        ("search", QUESTION),
        ("show", "lighthouse.txt"),
        ("verify", "-"),
        ("gold", "run", "gold.yaml", "--no-build"),
    ],
    ids=" ".join,
)
def test_what_does_not_build_refuses_and_names_both_ways_out(received, arguments):
    root, env = received
    stdin = f"“The lighthouse of Marrow Point was built in 1871 by {FALSE}.”"
    done = run(env, root, *arguments, code=1, stdin=stdin)
    assert FALSE not in done.stdout + done.stderr
    assert done.stderr.count("not built by you") == 1
    assert "qa index" in done.stderr
    assert "qa trust --index" in done.stderr


def test_status_does_not_call_it_whole(received):
    root, env = received
    for arguments in ((), ("--check",)):
        done = run(env, root, "status", *arguments, code=1)
        assert "not built by you, not trusted" in done.stdout
        assert "whole" not in done.stdout
    about = json.loads(run(env, root, "status", "--check", "--json", code=1).stdout)["index"]
    assert about["state"] == "untrusted"


def test_a_gold_run_asks_an_index_of_its_own(received):
    root, env = received
    (root / "gold.yaml").write_text(GOLD.replace(FALSE, TRUE), encoding="utf-8")
    done = run(env, root, "gold", "run", "gold.yaml")
    assert "1 of 1" in done.stdout
    assert "not built by you" in done.stderr


def test_the_plugin_for_pytest_says_that_it_built_a_new_one(received):
    root, env = received
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--qa-gold", "gold.yaml"]
    (root / "gold.yaml").write_text(GOLD.replace(FALSE, TRUE), encoding="utf-8")
    done = subprocess.run(command, cwd=root, env=env, capture_output=True, encoding="utf-8", timeout=300)
    assert done.returncode == 0, done.stdout
    assert "was not built by you; building a new one" in done.stdout + done.stderr


def test_index_encodes_everything_anew(received):
    root, env = received
    done = run(env, root, "index")
    assert "not built by you" in done.stderr
    assert "added     lighthouse.txt" in done.stdout
    assert ", 0 passages encoded" not in done.stdout


def test_an_accepted_index_is_used_until_it_changes_and_nothing_is_written_to_it(received):
    root, env = received
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in (root / "index").rglob("*") if p.is_file()}
    done = run(env, root, "trust", "--index")
    digest = store.current_name(root / "index")[1]
    for part in ("Trusted now", "1 document", "all-MiniLM-L6-v2", digest):
        assert part in done.stdout
    assert FALSE in run(env, root, "ask", "--quotes", "--no-build", QUESTION).stdout
    assert before == {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in (root / "index").rglob("*") if p.is_file()}
    assert "Trusted already" in run(env, root, "trust", "--index").stdout

    false = f"The lighthouse of Marrow Point was built in 1871 by {FALSE}."
    checked = run(env, root, "verify", stdin=f"“{false}”", code=3)  # the file has the last word
    assert "seeds/lighthouse.txt differs from the index" in checked.stderr
    assert "not found" in checked.stdout

    manifest = current(root / "index") / "manifest.json"
    manifest.write_bytes(manifest.read_bytes() + b"\n")
    (root / "index" / "CURRENT").write_text(
        f"{manifest.parent.name} {hashlib.sha256(manifest.read_bytes()).hexdigest()}\n"
    )
    assert "not built by you" in run(env, root, "search", QUESTION, code=1).stderr


def test_a_damaged_index_is_not_accepted_and_an_own_one_needs_no_trust(received):
    root, env = received
    path = current(root / "index") / "vectors.faiss"
    path.write_bytes(path.read_bytes()[:-1])
    assert "damaged" in run(env, root, "trust", "--index", code=1).stderr
    run(env, root, "index")
    assert "needs no trust" in run(env, root, "trust", "--index").stdout


def test_a_named_key_is_shared_and_only_the_environment_can_name_it(received, tmp_path):
    root, env = received
    path = tmp_path / "shared.key"
    path.write_bytes(os.urandom(32).hex().encode())
    run(env | {"QA_INDEX_KEY": str(path)}, root, "index")
    other = user(tmp_path, "worker")
    assert TRUE in run(other | {"QA_INDEX_KEY": str(path)}, root, "ask", "--quotes", "--no-build", QUESTION).stdout
    assert "not built by you" in run(other, root, "search", QUESTION, code=1).stderr
    (root / "qa.toml").write_text(f'index_key = "{path}"\n')
    assert "unknown setting 'index_key'" in run(other, root, "search", QUESTION, code=2).stderr


def test_a_named_key_that_cannot_be_used_is_a_clear_error(built, tmp_path, monkeypatch):
    for path, complaint in (
        (tmp_path / "none.key", "does not exist"),
        (tmp_path / "short.key", "31 bytes"),
        (tmp_path / "empty.key", "0 bytes"),
        (tmp_path / "long.key", "over 4,096 bytes"),
        (tmp_path, "is not a file"),
    ):
        sizes = {"short": 31, "empty": 0, "long": 5000}
        if path.stem in sizes:
            path.write_bytes(b"k" * sizes[path.stem])
        monkeypatch.setenv("QA_INDEX_KEY", str(path))
        with pytest.raises(SettingError, match=f"QA_INDEX_KEY names {path}, which .*{complaint}"):
            opened(built)
        with pytest.raises(SettingError, match=complaint):
            build(built)


def test_a_changed_file_with_its_old_size_and_time_is_noticed_where_it_is_quoted(received):
    root, env = received
    path = root / "seeds" / "lighthouse.txt"
    os.utime(path, ns=(10**18, 10**18))
    run(env, root, "index")
    receipt = run(env, root, "ask", "--quotes", "--json", QUESTION).stdout
    path.write_text(DOCUMENT.replace(TRUE, FALSE), encoding="utf-8")
    os.utime(path, ns=(10**18, 10**18))
    told = "differs from what was indexed; the quotes are from the index. Run: qa index --rebuild"
    for arguments in (("ask", "--quotes"), ("ask", "--quotes", "--no-build"), ("search",)):
        assert run(env, root, *arguments, QUESTION).stderr == f"qa: seeds/lighthouse.txt {told}\n"
    verified = run(env, root, "verify", "--json", stdin=receipt, code=3)
    assert "edited" in [quote["state"] for quote in json.loads(verified.stdout)["quotes"]]

    os.utime(path)  # now the plan sees it too: one line, not two
    stale = run(env, root, "ask", "--quotes", "--no-build", QUESTION).stderr
    assert "seeds/ has changed since the index was built (1 changed)" in stale
    assert stale.count("\n") == 1
    os.utime(path, ns=(10**18, 10**18))
    run(env, root, "index", "--rebuild")
    assert FALSE in run(env, root, "ask", "--quotes", QUESTION).stdout
    path.unlink()
    assert FALSE in run(env, root, "show", "lighthouse.txt").stdout


def test_verify_says_when_a_file_that_is_gone_or_unreadable_cannot_be_compared(received):
    root, env = received
    run(env, root, "index")
    receipt = run(env, root, "ask", "--quotes", "--json", QUESTION).stdout
    (root / "seeds" / "lighthouse.txt").write_bytes(bytes(range(256)) * 4)
    done = run(env, root, "verify", stdin=receipt)
    assert "seeds/lighthouse.txt cannot be read" in done.stderr
    (root / "seeds" / "lighthouse.txt").unlink()
    assert "intact" in run(env, root, "verify", stdin=receipt).stdout


def test_the_library_refuses_it_unless_the_caller_names_its_digest(built, tmp_path, monkeypatch):
    become(monkeypatch, tmp_path, "somebody else")
    with pytest.raises(IndexUntrustedError, match="was not built by you"):
        opened(built)
    digest = store.current_name(built / "index")[1]
    with opened(built, trusted=digest) as retriever:
        assert TRUE in retriever.document("lighthouse.txt").text
        become(monkeypatch, tmp_path, "me")
        (built / "seeds" / "new.txt").write_text("A new one.")
        build(built).close()
        become(monkeypatch, tmp_path, "somebody else")
        with pytest.raises(IndexUntrustedError):
            retriever.snapshot().refresh()
    with pytest.raises(IndexUntrustedError):
        opened(built, trusted=digest)


def test_the_library_builds_without_its_text_and_vectors(built, tmp_path, monkeypatch):
    forge(built / "index", signature.key())
    whole = Counting()
    build(made(tmp_path / "other"), whole).close()
    become(monkeypatch, tmp_path, "somebody else")
    encoder = Counting()
    with build(built, encoder) as retriever:
        assert retriever.document("lighthouse.txt").text == DOCUMENT
    assert sorted(encoder.texts) == sorted(whole.texts)
    assert [path.name for path in (built / "index").glob("gen-*")] == [current(built / "index").name]


def accepted(root, tmp_path, monkeypatch):
    """Become somebody who accepts the index as it is, and has a key of their own."""
    republish(root / "index")
    become(monkeypatch, tmp_path, "reader")
    signature.key()
    signature.accept(store.current_name(root / "index")[1], {})


def test_a_build_takes_no_text_and_no_vector_from_an_accepted_index(built, tmp_path, monkeypatch):
    """It would sign them: what the acceptance covered would be this user's own from then on."""
    rewrite(built / "index")
    accepted(built, tmp_path, monkeypatch)
    encoder, told = Counting(), []
    assert not builder.build(built / "seeds", built / "index", BuildSettings(), encoder).written
    with opened(built) as retriever:
        assert FALSE in retriever.document("lighthouse.txt").text
    (built / "seeds" / "new.txt").write_text("A new one.")
    options = {"progress": lambda stage, *_: told.append(stage)}
    report = builder.build(built / "seeds", built / "index", BuildSettings(), encoder, **options)
    assert (report.passages, report.encoded) == (2, 2)
    assert "The index was built by somebody else; reading every document again" in told
    with opened(built) as retriever:
        assert retriever.document("lighthouse.txt").text == DOCUMENT
    assert Generation.open(built / "index").is_ours


def test_a_build_looks_again_at_the_files_that_an_accepted_index_skipped(built, tmp_path, monkeypatch):
    altered_record("sources.jsonl", state="skipped", detail="no text in it")(current(built / "index"))
    path = current(built / "index") / "sources.jsonl"
    path.with_name("sources.jsonl.sum").write_bytes(block_sum(path.read_bytes()))
    accepted(built, tmp_path, monkeypatch)
    (built / "seeds" / "new.txt").write_text("A new one.")
    report = builder.build(built / "seeds", built / "index", BuildSettings(), HashEncoder())
    assert (report.documents, dict(report.plan.skipped)) == (2, {})


def test_a_build_that_publishes_words_first_goes_on_from_its_own(built, tmp_path, monkeypatch):
    """Somebody who may write to the index has it name another generation meanwhile: an accepted one."""
    kept = Path(shutil.copytree(built / "index", tmp_path / "kept"))
    rewrite(kept)
    republish(kept)
    become(monkeypatch, tmp_path, "reader")
    signature.accept(store.current_name(kept)[1], {})
    shutil.rmtree(built / "index")
    monkeypatch.setattr(encode, "CHUNK", 1)
    monkeypatch.setattr(encode, "LONG", -1.0)
    (built / "seeds" / "more.txt").write_text("The ferry to Marrow Point leaves twice a day.\n")
    (built / "seeds" / "most.txt").write_text("The ferry to Marrow Point carries two cars.\n")

    def exchanged(_):
        shutil.copytree(kept, built / "index", dirs_exist_ok=True)

    monkeypatch.setattr(encode.PassageVectors, "resume", exchanged)
    with pytest.raises(IndexDamagedError, match="replaced the generation that was just built; run again: qa index"):
        builder.build(built / "seeds", built / "index", BuildSettings(), HashEncoder())


def test_an_own_index_can_be_moved(built, tmp_path):
    built.rename(tmp_path / "elsewhere")
    with opened(tmp_path / "elsewhere") as retriever:
        assert retriever.document("lighthouse.txt").text == DOCUMENT


def test_no_other_signature_fits(built, tmp_path):
    """Of another generation, of another index of the same user, cut short, empty, missing."""
    first = (current(built / "index") / SIGNATURE).read_text()
    (built / "seeds" / "new.txt").write_text("A new one.")
    build(built).close()
    build(made(tmp_path / "other", "Another text.\n")).close()
    path = current(built / "index") / SIGNATURE
    own = path.read_text()
    for signed in (first, (current(tmp_path / "other" / "index") / SIGNATURE).read_text(), own[:20], "", "x", "0" * 64):
        path.write_text(signed)
        with pytest.raises(IndexUntrustedError):
            opened(built)
        with pytest.raises(IndexUntrustedError):
            store.verify(built / "index")
    path.unlink()
    with pytest.raises(IndexUntrustedError):
        opened(built)
    path.write_text(own)
    opened(built).close()


def test_a_forged_manifest_beside_a_true_signature_is_refused(built):
    forge(built / "index")
    with pytest.raises(IndexUntrustedError):
        opened(built)


def test_swapped_generations_are_refused(built):
    old = current(built / "index")
    (built / "seeds" / "new.txt").write_text("A new one.")
    build(built).close()
    new = current(built / "index")
    spare = built / "spare"
    for source, target in ((old, spare), (new, old), (spare, new)):
        source.rename(target)
    with pytest.raises(IndexDamagedError, match="not the one that CURRENT names"):
        opened(built)


def test_sums_are_held_against_the_manifest_in_a_large_generation(built, monkeypatch):
    monkeypatch.setattr(store, "WHOLE", 0)
    rewrite(built / "index")
    with pytest.raises(IndexDamagedError, match=r"text\.bin\.sum is damaged"):
        opened(built)


def test_altered_vectors_of_a_large_generation_are_not_taken_over(built, monkeypatch):
    monkeypatch.setattr(store, "WHOLE", 0)
    path = current(built / "index") / "vectors.faiss"
    data = bytearray(path.read_bytes())
    data[-3] ^= 64
    path.write_bytes(data)
    (built / "seeds" / "new.txt").write_text("A new one.")
    with pytest.raises(IndexDamagedError, match=r"vectors\.faiss is damaged; run: qa index --rebuild"):
        build(built)
    encoder = Counting()
    builder.build(built / "seeds", built / "index", BuildSettings(), encoder, rebuild=True)
    assert len(encoder.texts) > 3


def partial_of(index):
    (path,) = (index / "partial").iterdir()
    return path


def interrupted(root):
    """Build until one of two passages and its sentences are encoded."""

    class Interrupted(HashEncoder):
        def encode(self, texts, kind="document", progress=None):
            if len(calls) == 2:
                raise KeyboardInterrupt
            calls.append(texts)
            return super().encode(texts, kind, progress)

    calls = []
    (root / "seeds" / "more.txt").write_text("The ferry to Marrow Point leaves twice a day.\n")
    with pytest.raises(KeyboardInterrupt):
        builder.build(root / "seeds", root / "index", BuildSettings(), Interrupted())
    assert len(calls[0]) == 1


def test_partial_vectors_of_somebody_else_are_ignored(tmp_path, monkeypatch):
    monkeypatch.setattr(encode, "CHUNK", 1)
    root, mine = made(tmp_path / "news"), made(tmp_path / "mine")
    become(monkeypatch, tmp_path, "forger")
    interrupted(root)
    become(monkeypatch, tmp_path, "me")
    interrupted(mine)
    name = partial_of(mine / "index").name
    partial_of(root / "index").rename(root / "index" / "partial" / name)
    for folder, encoded in ((root, 2), (mine, 1)):
        report = builder.build(folder / "seeds", folder / "index", BuildSettings(), HashEncoder())
        assert (report.passages, report.encoded) == (2, encoded)


def test_partial_vectors_of_another_model_are_ignored_under_a_new_name(tmp_path):
    key = signature.Key(b"k" * 32)
    vectors = HashEncoder().encode(["one", "two"])
    made_by = Partial(tmp_path / "partial" / "a.vectors", key, 256)
    made_by.append([b"1" * 16, b"2" * 16], [vectors, vectors[:1]])
    for name, there in (("a", True), ("b", False)):
        if name == "b":
            (tmp_path / "partial" / "a.vectors").rename(tmp_path / "partial" / "b.vectors")
        found = Partial(tmp_path / "partial" / f"{name}.vectors", key, 256)
        found.load()
        assert (b"1" * 16 in found, b"2" * 16 in found) == (there, there)
        if there:
            np.testing.assert_array_equal(found[b"1" * 16], vectors)


@pytest.mark.parametrize("name", ["../gen-1-000000000000", "gen-1-/../../evil", "gen-1-../../x", "gen-" + "9" * 4000])
def test_current_names_nothing_outside_the_index(built, name):
    (built / "index" / "CURRENT").write_text(f"{name} {'0' * 64}\n")
    with pytest.raises(IndexForeignError, match="does not name a generation"):
        opened(built)


@pytest.mark.parametrize(
    "name", ["../../evil.txt", "/etc/hosts", "lexical/../../x", "..", "C:\\x", "lexical/passages/.."]
)
def test_a_manifest_names_nothing_outside_its_generation(built, name):
    """Not even one that this user signed."""
    path = current(built / "index") / "manifest.json"
    manifest = json.loads(path.read_bytes())
    manifest["files"][name] = {"size": 0, "sha256": hashlib.sha256(b"").hexdigest()}
    data = json.dumps(manifest).encode()
    path.write_bytes(data)
    path.with_name(SIGNATURE).write_text(signature.key().sign("manifest", data).hex())
    (built / "index" / "CURRENT").write_text(f"{path.parent.name} {hashlib.sha256(data).hexdigest()}\n")
    with pytest.raises(IndexDamagedError, match="is not a manifest that qa wrote"):
        opened(built)


@pytest.mark.parametrize("missing", ["text.bin", "text.bin.sum", "documents.jsonl"])
def test_an_accepted_manifest_has_to_cover_every_text(built, missing):
    path = current(built / "index") / "manifest.json"
    manifest = json.loads(path.read_bytes())
    del manifest["files"][missing]
    path.write_bytes(json.dumps(manifest).encode())
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (built / "index" / "CURRENT").write_text(f"{path.parent.name} {digest}\n")
    with pytest.raises(IndexDamagedError, match="is not a manifest that qa wrote"):
        opened(built, trusted=digest)


def key_file(tmp_path):
    return tmp_path / "me" / "data" / "qa" / "index.key"


def test_the_key_is_private_and_a_truncated_one_is_an_error_not_a_new_key(built, tmp_path):
    path = key_file(tmp_path)
    assert len(path.read_bytes()) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert str(path.read_bytes()) not in repr(signature.key())
    path.write_bytes(path.read_bytes()[:7])
    with pytest.raises(SettingError, match="has 7 bytes instead of 32; restore it from a backup, or delete it"):
        opened(built)
    with pytest.raises(SettingError, match="has 7 bytes"):
        build(built)
    assert len(path.read_bytes()) == 7


def test_opening_makes_no_key(built, tmp_path, monkeypatch):
    become(monkeypatch, tmp_path, "reader")
    with pytest.raises(IndexUntrustedError):
        opened(built)
    assert not (tmp_path / "reader").exists()


def _make_key(barrier, queue):
    barrier.wait(60)
    queue.put(signature.key().secret)


def test_processes_that_make_the_key_at_once_agree_on_it(tmp_path, monkeypatch):
    become(monkeypatch, tmp_path, "me")
    context = multiprocessing.get_context("spawn")
    barrier, queue = context.Barrier(4), context.Queue()
    processes = [context.Process(target=_make_key, args=(barrier, queue)) for _ in range(4)]
    for process in processes:
        process.start()
    secrets = {queue.get(timeout=120) for _ in processes}
    for process in processes:
        process.join()
    assert secrets == {key_file(tmp_path).read_bytes()}


def test_a_generation_opens_only_for_whoever_signed_it(built, tmp_path, monkeypatch):
    Generation.open(built / "index").close()
    assert not store.is_untrusted(built / "index")
    become(monkeypatch, tmp_path, "somebody else")
    signature.key()
    assert store.is_untrusted(built / "index")


@pytest.mark.parametrize("name", ["./model", "../model", "~/model", "/model"])
def test_an_index_loads_no_model_from_a_folder_that_nobody_trusted(tmp_path, monkeypatch, name):
    """Only a folder that the settings of a trusted workspace name is a model."""
    become(monkeypatch, tmp_path, "author")
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "lighthouse.txt").write_text(DOCUMENT, encoding="utf-8")
    builder.build(tmp_path / "seeds", tmp_path / "index", BuildSettings(), HashEncoder())
    folder = current(tmp_path / "index")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["model"]["name"] = name
    (folder / "manifest.json").write_text(json.dumps(manifest))
    republish(tmp_path / "index", signature.key())
    digest = (tmp_path / "index" / "CURRENT").read_text().split()[1]
    loaded = []
    monkeypatch.setattr("qa.embed.encoder.load", lambda name, *_, **__: loaded.append(name) or HashEncoder())

    def search(**options):
        with qa.Retriever.open(tmp_path / "index", **options) as retriever:
            return retriever.snapshot().search(QUESTION, 1)

    with pytest.raises(ModelError, match="the index names its embedding model by path"):
        search()
    assert loaded == []
    assert search(embedder=name)
    become(monkeypatch, tmp_path, "reader")
    with pytest.raises(ModelError, match="built by somebody else and names its embedding model by path"):
        search(trusted=digest)
    assert loaded == [name]
    assert search(trusted=digest, embedder=name)
    assert search(trusted=digest, encoder=HashEncoder())
    signature.accept(digest, {})
    (tmp_path / "qa.toml").write_text('embedder = "./model"\n')
    (tmp_path / "model").mkdir()
    with Session.open(tmp_path) as session, pytest.raises(ModelError, match="built by somebody else"):
        session.retriever(build=False).search(QUESTION, 1)
    assert loaded == [name, name]


def altered_manifest(**changed):
    """Put values into the manifest; `at__below` names one in a mapping of it."""

    def alter(folder):
        path = folder / "manifest.json"
        manifest = json.loads(path.read_bytes())
        for name, value in changed.items():
            place, _, inner = name.partition("__")
            if inner:
                manifest[place][inner] = value
            else:
                manifest[place] = value
        path.write_text(json.dumps(manifest))

    return alter


def altered_record(name, **changed):
    """Put values into the first record of a file of records."""

    def alter(folder):
        lines = (folder / name).read_text(encoding="utf-8").splitlines()
        lines[0] = json.dumps(json.loads(lines[0]) | changed, sort_keys=True)
        (folder / name).write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        if name == "fields.jsonl":
            altered_manifest(fields__path=[0, len(lines[0]) + 1])(folder)
        if name == "documents.jsonl":
            table = np.fromfile(folder / "documents.bin", dtype="<i8").reshape(-1, 7)
            table[1:, 0] += len(lines[0]) + 1 - table[1, 0]
            table.tofile(folder / "documents.bin")

    return alter


def altered_column(name, columns, column, value):
    def alter(folder):
        table = np.fromfile(folder / f"{name}.bin", dtype="<i8").reshape(-1, columns)
        table[:, column] = value
        table.tofile(folder / f"{name}.bin")

    return alter


def backwards(column):
    """The first rows of the documents in a table, or where their lines start, from the last to the first."""

    def alter(folder):
        table = np.fromfile(folder / "documents.bin", dtype="<i8").reshape(-1, 7)
        table[:, column] = table[::-1, column].copy()
        table.tofile(folder / "documents.bin")

    return alter


def altered_array(name, change):
    """Save another array in the place of one of the BM25 index; or bytes."""

    def alter(folder):
        path = folder / "lexical" / "sentences" / name
        new = change(np.load(path) if path.suffix == ".npy" else path.read_bytes())
        if isinstance(new, bytes):
            path.write_bytes(new)
        else:
            np.save(path, new)

    return alter


def shorter_vectors(folder):
    """Vectors of two numbers, and a manifest that says so: the encoder alone knows better."""
    for name in ("vectors.faiss", "sentences.faiss"):
        rows = VectorIndex.open(folder / name).size
        (folder / name).unlink()
        with VectorWriter((folder / name).open("xb"), 2) as out:
            out.add(np.ones((rows, 2), dtype=np.float32))
    altered_manifest(model__dim=2)(folder)


INDICES = "indices.csc.index.npy"
ODD_WORDS = {
    **{
        f"{name} of {kind}": altered_array(name, lambda a, kind=kind: a.astype(kind))
        for name in ("data.csc.index.npy", INDICES, "indptr.csc.index.npy", "terms.npy")
        for kind in ("<f8", "<c16", "<U4", "<i2", ">i8", "<M8[s]", "|b1", [("a", "<i4")])
    },
    "two dimensions": altered_array(INDICES, lambda a: a.reshape(-1, 1)),
    "one row": altered_array("data.csc.index.npy", lambda a: a.reshape(1, -1)),
    "no dimension": altered_array("indptr.csc.index.npy", lambda a: a[0]),
    "texts that there are not": altered_array(INDICES, lambda a: a + 1000),
    "texts before the first": altered_array(INDICES, lambda a: a - 1000),
    "an infinite number of texts": altered_array("size.json", lambda _: b'{"texts": Infinity, "terms": 1}'),
    "a number of texts that is a text": altered_array("size.json", lambda _: b'{"texts": "3", "terms": 1}'),
    "another number of terms": altered_array(
        "size.json", lambda data: json.dumps(json.loads(data) | {"terms": 2}).encode()
    ),
    "too deep": altered_array("size.json", lambda _: b"[" * 100_000),
    "a list": altered_array("size.json", lambda _: b"[1, 2]"),
    "vectors of another length": shorter_vectors,
    "another length in the manifest": altered_manifest(model__dim=2),
}


@pytest.mark.parametrize("alter", ODD_WORDS.values(), ids=ODD_WORDS)
def test_vectors_and_words_of_another_type_or_length_are_damage(built, tmp_path, monkeypatch, alter):
    alter(current(built / "index"))
    accepted(built, tmp_path, monkeypatch)
    with pytest.raises(IndexDamagedError, match="run: qa index --rebuild"):
        use(built)


ODD = {
    "keep -5": altered_manifest(keep=-5),
    "keep 0": altered_manifest(keep=0),
    "keep infinite": altered_manifest(keep=1e400),
    "keep a text": altered_manifest(keep="x"),
    "scanned_ns a text": altered_manifest(scanned_ns="x"),
    "built_ns a text": altered_manifest(built_ns="x"),
    "built_ns too late": altered_manifest(built_ns=10**40),
    "recipe a list": altered_manifest(recipe=[]),
    "settings null": altered_manifest(settings=None),
    "precision unknown": altered_manifest(settings__precision="../x"),
    "dim a text": altered_manifest(model__dim="x"),
    "more counts": altered_manifest(counts__more=1),
    "boilerplate_lines a list": altered_manifest(boilerplate_lines=[]),
    "unread negative": altered_manifest(unread__files=-1),
    "fields a list": altered_manifest(fields=[]),
    "source with a numeric id": altered_record("sources.jsonl", id=7),
    "source with more": altered_record("sources.jsonl", more=7),
    "source of an odd state": altered_record("sources.jsonl", state=[]),
    "id a number": altered_record("documents.jsonl", id=7),
    "title a list": altered_record("documents.jsonl", title=["x"]),
    "metadata a list": altered_record("documents.jsonl", metadata=["x"]),
    "metadata of numbers": altered_record("documents.jsonl", metadata={"date": 7}),
    "pages mixed": altered_record("documents.jsonl", pages=["x", None]),
    "pages beyond the text": altered_record("documents.jsonl", pages=[0, 10**9]),
    "width 3": altered_record("documents.jsonl", width=3),
    "width 4": altered_record("documents.jsonl", width=4),
    "width a list": altered_record("documents.jsonl", width=[1]),
    "offset a float": altered_record("documents.jsonl", offset=0.0),
    "lines backwards": altered_record("documents.jsonl", lines=[3, 0]),
    "skipped beyond the text": altered_record("documents.jsonl", skipped=[[0, 10**9]]),
    "a field of a document that is not there": altered_record("fields.jsonl", documents=[99]),
    "a field of no value": altered_record("fields.jsonl", value=[]),
    "passages of no document": altered_column("passages", 5, 0, 2**62),
    "sentences of a negative document": altered_column("sentences", 7, 0, -1),
    "sentences of an unknown kind": altered_column("sentences", 7, 5, 99),
    "sentences of no block": altered_column("sentences", 7, 4, 99),
    "passages beyond the last sentence": altered_column("passages", 5, 4, 2**33),
    "passages that end before they begin": altered_column("passages", 5, 1, 10**6),
    "passages whose last sentence is before the first": altered_column("passages", 5, [3, 4], [1, 0]),
    "sentences that end before they begin": altered_column("sentences", 7, 1, 10**6),
    **{f"first rows of {name} backwards": backwards(column) for name, column in FIRST_ROWS.items() if name != "markup"},
}


def use(root):
    """Read every part of an index that odd values may be in."""
    with closing(LocalIndex.open(root / "index")) as index:
        for document in index.documents:
            index.text(document.id, 0, 1)
            index.document(document.id)
            for sentence in index.sentences(document.id):
                index.context(sentence)
    with opened(root) as retriever:
        retriever.search(QUESTION, 3)
        retriever.search(QUESTION, 3, where=["path=*.txt"])
    plan(root / "seeds", root / "index", BuildSettings(), HashEncoder())


@pytest.mark.parametrize("alter", ODD.values(), ids=ODD)
def test_an_accepted_index_with_odd_values_is_damaged_and_deletes_nothing(built, tmp_path, monkeypatch, alter):
    alter(current(built / "index"))
    for name in ("documents.jsonl", "documents.bin", "sources.jsonl", "fields.jsonl", "passages.bin", "sentences.bin"):
        data = (current(built / "index") / name).read_bytes()
        (current(built / "index") / f"{name}.sum").write_bytes(block_sum(data))
    republish(built / "index")
    become(monkeypatch, tmp_path, "reader")
    signature.accept(store.current_name(built / "index")[1], {})
    (built / "index" / ".building-1").mkdir()
    before = sorted(path for path in (built / "index").rglob("*"))
    tidy(built / "index")
    assert sorted(path for path in (built / "index").rglob("*")) == before
    with pytest.raises(IndexDamagedError, match=r"run: qa index --rebuild"):
        use(built)


def test_passages_with_sentences_of_another_document_are_damage_in_a_large_index(built, tmp_path, monkeypatch):
    monkeypatch.setattr(candidates, "SMALL", 0)
    (built / "seeds" / "more.txt").write_text("The ferry leaves twice a day. It carries no cars. It takes an hour.\n")
    build(built).close()
    folder = current(built / "index")
    sentences = (folder / "sentences.bin").stat().st_size // (7 * 8)
    altered_column("passages", 5, 4, sentences - 1)(folder)
    (folder / "passages.bin.sum").write_bytes(block_sum((folder / "passages.bin").read_bytes()))
    accepted(built, tmp_path, monkeypatch)
    with opened(built) as retriever, pytest.raises(IndexDamagedError, match=r"passages\.bin is damaged"):
        retriever.search(QUESTION, 3)


def test_documents_in_another_order_are_damage_and_an_unknown_one_is_not(built, tmp_path, monkeypatch):
    for name in ("a", "b", "c"):
        (built / "seeds" / f"{name}.txt").write_text(f"The ferry {name} leaves twice a day.\n")
    build(built).close()
    with closing(LocalIndex.open(built / "index")) as index, pytest.raises(KeyError):
        index.info("none.txt")
    altered_record("documents.jsonl", id="z.txt")(current(built / "index"))
    for name in ("documents.jsonl", "documents.bin"):
        data = (current(built / "index") / name).read_bytes()
        (current(built / "index") / f"{name}.sum").write_bytes(block_sum(data))
    republish(built / "index", signature.key())
    with closing(LocalIndex.open(built / "index")) as index, pytest.raises(IndexDamagedError, match="not sorted"):
        index.info("z.txt")


@pytest.mark.parametrize("leftover", ["gen-9-000000000000", ".building-1"])
def test_tidying_never_deletes_the_current_generation_nor_anything_of_a_foreign_index(
    built, tmp_path, monkeypatch, leftover
):
    whole = current(built / "index")
    (built / "index" / leftover).mkdir()
    become(monkeypatch, tmp_path, "reader")
    signature.accept(store.current_name(built / "index")[1], {})
    tidy(built / "index")
    assert (built / "index" / leftover).is_dir()
    become(monkeypatch, tmp_path, "me")
    tidy(built / "index")
    assert whole.is_dir()
    assert not (built / "index" / leftover).exists()
    opened(built).close()


def test_leftovers_of_a_strangers_folder_stop_no_build_however_deep_or_many(built, monkeypatch):
    """What cannot be deleted stays, and of thousands only some are looked at by each call."""
    index = built / "index"
    for name in (".building-1", "gen-2-000000000000"):
        nested(index / name, 3000)
    for number in range(1, 8):
        (index / f"gen-{number * 100}-aaaaaaaaaaaa").mkdir()
        (index / f".building-many-{number}").mkdir()
    (index / "gen-999999999999-aaaaaaaaaaaa").mkdir()
    monkeypatch.setattr(writer, "LEFTOVERS", 4)
    replaced = current(index)
    (built / "seeds" / "lighthouse.txt").unlink()  # whose words must go with the first build
    (built / "seeds" / "more.txt").write_text("The ferry to Marrow Point leaves twice a day.\n")
    build(built).close()
    assert not replaced.exists()
    assert store.sequence(current(index).name) == store.sequence(replaced.name) + 1
    left = len(list(index.iterdir()))
    tidy(index)
    assert len(list(index.iterdir())) < left
    for _ in range(5):
        tidy(index)
    assert sorted(p.name for p in index.iterdir() if p.name.startswith(("gen-", ".b"))) == sorted(
        [".building-1", "gen-2-000000000000", current(index).name]
    )
    opened(built).close()
    for name in (".building-1", "gen-2-000000000000"):
        subprocess.run(["rm", "-rf", str(index / name)], check=True)  # which pytest cannot delete either


def nested(folder, depth):
    """Folders in each other, deeper than a path can say."""
    here = os.open(folder.parent, os.O_RDONLY)
    try:
        for name in (folder.name, *("d",) * depth):
            os.mkdir(name, dir_fd=here)
            inside = os.open(name, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = inside
    finally:
        os.close(here)

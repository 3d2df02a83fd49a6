"""`qa models add`: from the hub, verified, whole or not at all. The hub is on loopback, and its files mean nothing."""

import hashlib
import json
from base64 import b64encode

import pytest
from huggingface_hub import constants
from support import hub as hubs

from qa.embed import download, installed
from qa.embed.recommended import Recommended, table
from qa.errors import ModelError

NAME = "somebody/tiny"
WEIGHTS = bytes(range(256)) * 40
FILES = {
    "config.json": b'{"model_type": "bert"}',
    "vocab.txt": b"a\nb\n",
    "1_Pooling/config.json": b"{}",
    "model.safetensors": WEIGHTS,
    "pytorch_model.bin": b"pickled",
    "onnx/model.json": b"{}",
    "README.md": b"# Tiny",
}
KEPT = {"config.json", "vocab.txt", "1_Pooling/config.json", "model.safetensors"}


@pytest.fixture
def hub(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(download, "WAIT", 0.0)
    monkeypatch.setenv("HF_TOKEN", "")
    with hubs.serving() as served:
        served.models[NAME] = dict(FILES)
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        yield served


def fetch(name=NAME, progress=None):
    return download.fetch(download.plan(name), progress)


def kept(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_model_is_fetched_as_a_whole_without_pickles_and_other_runtimes(hub):
    planned = download.plan(NAME)
    assert (planned.source, planned.revision, planned.licence, planned.pinned) == (hub.url, hubs.REVISION, "mit", False)
    assert planned.bytes == sum(len(FILES[name]) for name in KEPT)
    folder = download.fetch(planned)
    assert kept(folder) == KEPT
    assert all((folder / name).read_bytes() == FILES[name] for name in KEPT)
    (one,) = installed.listed()
    assert (one.name, one.folder, one.revision, one.source, one.bytes) == (
        NAME,
        folder,
        hubs.REVISION,
        hub.url,
        planned.bytes,
    )
    assert installed.unfinished() == []
    assert sorted(path.name for path in folder.parent.parent.iterdir()) == ["somebody--tiny"]


def test_a_connection_that_breaks_off_is_taken_up_again_in_the_same_call(hub):
    hub.break_after, hub.breaks = 3_000, 3
    folder = fetch()
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert hub.requests_of("model.safetensors") == ["", "bytes=3000-", "bytes=6000-", "bytes=9000-"]


def test_an_interrupted_download_leaves_no_model_and_the_next_goes_on(hub):
    hub.break_after, hub.breaks = 1_000, 10**6
    with pytest.raises(ModelError, match="broke off; go on with: qa models add somebody/tiny"):
        fetch()
    assert (installed.find(NAME), installed.listed(), installed.unfinished()) == (None, [], [NAME])
    hub.break_after = None
    hub.asked.clear()
    folder = fetch()
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert hub.requests_of("model.safetensors") == ["bytes=5000-"]
    assert hub.requests_of("vocab.txt") == []


def test_what_another_hub_sent_is_not_kept_though_the_revision_is_called_the_same(hub, monkeypatch):
    with hubs.serving() as other:
        other.models[NAME] = dict(FILES) | {"vocab.txt": b"theirs\n"}
        other.break_after, other.breaks = 1_000, 10**6
        monkeypatch.setenv("HF_ENDPOINT", other.url)
        with pytest.raises(ModelError, match="broke off"):
            fetch()
    assert (installed.partial_folder(NAME) / installed.FILES / "vocab.txt").read_bytes() == b"theirs\n"
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    assert (fetch() / "vocab.txt").read_bytes() == FILES["vocab.txt"]


def test_a_finished_file_of_an_interrupted_download_is_verified_again(hub):
    hub.break_after, hub.breaks = 1_000, 10**6
    with pytest.raises(ModelError, match="broke off"):
        fetch()
    (installed.partial_folder(NAME) / installed.FILES / "vocab.txt").write_bytes(b"x\ny\n")
    hub.break_after = None
    assert (fetch() / "vocab.txt").read_bytes() == FILES["vocab.txt"]


def test_ctrl_c_leaves_no_model(hub):
    def stop(file, done, total):
        if file == "model.safetensors":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(progress=stop)
    assert (installed.find(NAME), installed.unfinished()) == (None, [NAME])
    assert kept(fetch()) == KEPT


def test_an_older_model_stays_until_the_new_one_is_whole(hub):
    folder = fetch()
    newer = download.Planned(NAME, hub.url, "f" * 40, "mit", False, download.plan(NAME).files)
    hub.break_after, hub.breaks = 100, 10**6
    with pytest.raises(ModelError, match="broke off"):
        download.fetch(newer)
    assert installed.find(NAME) == folder
    assert kept(folder) == KEPT


@pytest.mark.parametrize("file", ["model.safetensors", "vocab.txt"])  # one known by SHA-256, one by its git blob
def test_a_corrupted_file_is_deleted_and_named(hub, file):
    hub.corrupt = {file}
    with pytest.raises(ModelError, match=f"{file} of somebody/tiny.*is not the file that its hash names"):
        fetch()
    assert installed.find(NAME) is None
    hub.corrupt = set()
    assert (fetch() / file).read_bytes() == FILES[file]


def test_a_file_that_is_too_long_is_not_taken(hub):
    planned = download.plan(NAME)
    hub.models[NAME]["model.safetensors"] = WEIGHTS + b"more"
    with pytest.raises(ModelError, match="is not the file"):
        download.fetch(planned)
    assert installed.find(NAME) is None


def test_a_part_that_another_file_left_is_not_taken(hub):
    hub.break_after, hub.breaks = 1_000, 10**6
    with pytest.raises(ModelError, match="broke off"):
        fetch()
    hub.break_after = None
    part = installed.partial_folder(NAME) / installed.FILES / "model.safetensors.part"
    part.write_bytes(b"x" * part.stat().st_size)
    with pytest.raises(ModelError, match="is not the file"):
        fetch()
    assert (fetch() / "model.safetensors").read_bytes() == WEIGHTS


def test_a_hub_that_cannot_continue_sends_the_file_again(hub):
    hub.break_after, hub.breaks, hub.ignores_range = 1_000, 2, True
    assert (fetch() / "model.safetensors").read_bytes() == WEIGHTS


def test_a_hash_of_our_own_table_counts_more_than_what_the_hub_states(hub, monkeypatch):
    right, revision = hashlib.sha256(WEIGHTS).hexdigest(), "a" * 40
    entry = Recommended(NAME, "reranker", "", "mit", revision=revision, hashes={"model.safetensors": right})
    monkeypatch.setitem(table(), NAME, entry)
    planned = download.plan(NAME)
    assert (planned.revision, planned.pinned) == (revision, True)
    download.fetch(planned)
    hub.models[NAME]["model.safetensors"] = WEIGHTS[::-1]
    installed.remove(NAME)
    with pytest.raises(ModelError, match="is not the file"):
        fetch()


def test_code_in_a_model_is_refused_before_its_weights_are_fetched(hub):
    hub.models[NAME]["config.json"] = json.dumps({"auto_map": {"AutoModel": "code.Model"}}).encode()
    with pytest.raises(ModelError, match="names code of its own"):
        fetch()
    assert hub.requests_of("model.safetensors") == []
    assert installed.find(NAME) is None


def test_pickled_weights_are_not_fetched(hub):
    del hub.models[NAME]["model.safetensors"]
    with pytest.raises(ModelError, match=r"has no \.safetensors weights"):
        download.plan(NAME)


@pytest.mark.parametrize("path", ["../../out.json", "/etc/out.json", "a/../../out.json", "..\\out.json", "C:out.json"])
def test_a_file_outside_of_the_model_is_refused(hub, path):
    hub.extra[NAME] = [{"rfilename": path, "size": 1, "blobId": "0" * 40}]
    with pytest.raises(ModelError, match="outside of the model's folder"):
        download.plan(NAME)


@pytest.mark.parametrize("name", ["../up", "a/b/c", "a//b", "", "/abs/path", "a/..", "no--body/x"])
def test_what_is_no_name_is_refused_before_anything_is_asked(hub, name):
    with pytest.raises(ModelError, match="is not the name of a model"):
        download.plan(name)
    assert hub.asked == []


def test_a_name_that_the_hub_does_not_have(hub):
    with pytest.raises(ModelError, match=r"has no model nobody/nothing; check the name \(qa models list has some\)"):
        download.plan("nobody/nothing")


def test_a_hub_that_fails_and_one_that_is_not_there(hub, monkeypatch):
    hub.status = 503
    with pytest.raises(ModelError, match="answered 503"):
        download.plan(NAME)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(ModelError, match=r"http://127\.0\.0\.1:1 cannot be reached"):
        download.plan(NAME)


def test_offline_mode_is_respected(hub, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="HF_HUB_OFFLINE is set"):
        download.plan(NAME)
    assert hub.asked == []


def test_a_model_that_does_not_fit_on_the_disk(hub, monkeypatch):
    usage = type("Usage", (), {"free": 100})()
    monkeypatch.setattr(download.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(ModelError, match="needs 0 MB more"):
        fetch()


def test_what_is_here_already_needs_no_more_room(hub, monkeypatch):
    hub.break_after, hub.breaks = 1_000, 10**6
    with pytest.raises(ModelError, match="broke off"):
        fetch()
    hub.break_after = None
    usage = type("Usage", (), {"free": len(WEIGHTS) - 5_000})()
    monkeypatch.setattr(download.shutil, "disk_usage", lambda path: usage)
    assert kept(fetch()) == KEPT


@pytest.mark.parametrize("address", ["not a hub", "ftp://hub.example", "http://", "http://[::1"])
def test_what_is_no_address_of_a_hub_is_refused(hub, monkeypatch, address):
    monkeypatch.setenv("HF_ENDPOINT", address)
    with pytest.raises(ModelError, match=r"HF_ENDPOINT: .* is not the address of a hub"):
        download.plan(NAME)


def test_the_password_of_a_hub_is_not_shown(hub, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "ftp://user:s3cret@hub.example")
    with pytest.raises(ModelError, match="is not the address of a hub") as caught:
        download.plan(NAME)
    assert "s3cret" not in str(caught.value)


def test_the_password_of_a_hub_is_used_and_neither_shown_nor_kept(hub, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", hub.url.replace("//", "//user:s3cret@"))
    assert download.hub() == hub.url
    hub.break_after, hub.breaks = 1000, 1
    monkeypatch.setattr(download, "ATTEMPTS", 1)
    with pytest.raises(ModelError, match=f"the connection to {hub.url} broke off"):
        fetch()
    begun = [path.read_bytes() for path in installed.home().rglob("*") if path.is_file()]
    whole = [path.read_bytes() for path in fetch().parent.rglob("*") if path.is_file()]
    assert hub.authorized == {"Basic " + b64encode(b"user:s3cret").decode()}
    assert installed.listed()[0].source == hub.url
    assert not any(b"s3cret" in content for content in begun + whole)


def test_a_token_that_cannot_be_sent_is_named(hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_s\u00e9cret")
    with pytest.raises(ModelError, match="HF_TOKEN is not a token"):
        download.plan(NAME)


def about(**changed):
    file = {"rfilename": "model.safetensors", "size": 5, "blobId": "a" * 40, "lfs": {"size": 5, "sha256": "b" * 64}}
    top = {"id": NAME, "sha": hubs.REVISION, "cardData": {"license": "mit"}}
    top |= {name: changed.pop(name) for name in list(changed) if name in top}
    return json.dumps({**top, "siblings": [file | {"pointerSize": 1} | changed]}).encode()


@pytest.mark.parametrize(
    "answer",
    [
        *(b"<html>", b"[]", b"{}", b"3", b"[" * 100_000, b'{"siblings": ' + b"[" * 100_000),
        *(about(size=size) for size in ("abc", "5", True, 1.5, -1, 2**51, 10**400, [5])),
        about().replace(b'"size": 5', b'"size": ' + b"9" * 5000),
        *(about(rfilename=name) for name in (None, 3, [], "")),
        *(about(cardData=card) for card in (["mit"], "mit", 3)),
        *(about(sha=sha) for sha in (None, 3, [])),
        *(about(lfs=lfs) for lfs in ("x", {"size": 5, "sha256": 3, "pointerSize": 1})),
        about(blobId=[1]),
    ],
    ids=lambda answer: answer[:0].decode() + f"{len(answer)}",
)
def test_a_server_that_is_no_hub_is_named(hub, answer):
    hub.answer = answer
    with pytest.raises(ModelError, match="does not answer as a hub does; check HF_ENDPOINT"):
        download.plan(NAME)


def test_removing_deletes_the_model_and_what_was_interrupted(hub):
    folder = fetch()
    assert installed.remove(NAME) > len(WEIGHTS)
    assert not folder.exists()
    assert installed.listed() == []
    with pytest.raises(ModelError, match="was not fetched by qa models add"):
        installed.remove(NAME)
    hub.break_after, hub.breaks = 1_000, 10**6
    with pytest.raises(ModelError, match="broke off"):
        fetch()
    installed.remove(NAME)
    assert installed.unfinished() == []


def test_the_table_names_each_model_once_with_a_role_and_a_whole_revision():
    for name, entry in table().items():
        assert entry.role in ("embedder", "reranker", "reader", "entailment")
        assert entry.licence
        assert entry.revision == "" or (len(entry.revision) == 40 and int(entry.revision, 16)), name
        assert set(entry.prefixes) in (set(), {"query", "document"})

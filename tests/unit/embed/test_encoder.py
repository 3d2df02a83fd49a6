"""The embedding model: where it comes from, its export, and what happens when there is none."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from qa.embed import encoder, export
from qa.errors import ModelError

pytestmark = pytest.mark.xdist_group("torch")  # one worker imports it, and exports the model
PUBLISHED = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TEXTS = ["Which aircraft fires JASSMs?", "", "Ünïcode — “quotes” 東京", "word " * 400]


def test_the_default_weights_are_the_published_ones():
    weights = encoder.model_folder("all-MiniLM-L6-v2") / "model.safetensors"
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == PUBLISHED


def test_a_hub_name_that_is_not_here_fails_at_once_and_says_what_to_do():
    with pytest.raises(ModelError, match="is not on this machine; fetch it with: qa models add nobody/no-such-model"):
        encoder.load("nobody/no-such-model")


def test_a_folder_that_is_no_model_is_refused(tmp_path):
    with pytest.raises(ModelError, match="is not a sentence-transformers model"):
        encoder.model_folder(str(tmp_path))


def test_pickled_weights_are_never_loaded(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04pickle")
    with pytest.raises(ModelError, match="pickled weights are never loaded"):
        encoder.model_folder(str(tmp_path))


def test_a_folder_that_cannot_be_loaded_is_an_error_of_ours(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="cannot be loaded"):
        encoder.load_torch(str(tmp_path))


def test_the_weights_hash_changes_with_any_file_of_the_model(tmp_path):
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "config.json").write_text("{}")
    (tmp_path / "m" / "model.safetensors").write_bytes(b"one")
    first = encoder.weights_sha256(tmp_path / "m", tmp_path / "cache")
    assert encoder.weights_sha256(tmp_path / "m", tmp_path / "cache") == first
    (tmp_path / "m" / "config.json").write_text('{"a": 1}')
    assert encoder.weights_sha256(tmp_path / "m", tmp_path / "cache") != first


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home folder where the default model was exported by a first use; the cache in it; what was said meanwhile."""
    script = (
        "import json; from qa.embed import encoder; said = []; encoder.load(notify=said.append).encode(['a question'], "
        "'query'); print(json.dumps([str(encoder.cache_folder()), said]))"
    )
    folder = tmp_path_factory.mktemp("home")
    hidden = {"HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "CI", "GITHUB_ACTIONS"}
    env = {k: v for k, v in os.environ.items() if k not in hidden and not k.startswith("ORT_")} | {"HOME": str(folder)}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    cache, said = json.loads(done.stdout)
    return folder, Path(cache), said


@pytest.fixture(scope="module")
def exported(home):
    """The exported model, its cache, and what was said when it was made."""
    _, cache, said = home
    return encoder.load(cache=cache), cache, said


def test_the_export_gives_the_vectors_of_the_original(exported):
    onnx, _, said = exported
    assert (onnx.backend, onnx.dim, len(said)) == ("onnx", 384, 1)
    original = encoder.load_torch()
    for kind in ("query", "document"):
        made = onnx.encode(TEXTS, kind)
        assert made.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)
        assert (made * original.encode(TEXTS, kind)).sum(axis=1).min() > 0.9999


def test_a_text_has_the_same_vector_in_whatever_company_it_is_encoded(exported):
    onnx, _, _ = exported
    together = onnx.encode(TEXTS)
    for text, row in zip(TEXTS, together, strict=True):
        assert np.abs(onnx.encode([text])[0] - row).max() < 1e-5


def test_bfloat16_is_as_near_as_promised():
    exact, quick = encoder.load_torch(), encoder.load_torch(precision="bfloat16")
    assert (exact.encode(TEXTS[2:]) * quick.encode(TEXTS[2:])).sum(axis=1).min() > 0.999


def test_the_second_load_exports_nothing_and_imports_no_torch(exported):
    _, cache, _ = exported
    script = (
        "import sys; from pathlib import Path; from qa.embed import encoder; "
        f"e = encoder.load(cache=Path({str(cache)!r}), notify=lambda text: sys.exit('exported again')); "
        "e.encode(['a question'], 'query'); "
        "print({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "set()", "")


def test_a_model_that_cannot_be_exported_still_works_and_says_why(exported, tmp_path, monkeypatch):
    def fails(original, folder):
        raise RuntimeError("unsupported operator\nand more")

    monkeypatch.setattr(export, "_export", fails)
    loaded = encoder.load(cache=tmp_path)
    assert loaded.backend == "torch (not exportable: RuntimeError: unsupported operator)"
    assert loaded.encode(["a text"]).shape == (1, 384)
    (meta,) = tmp_path.glob("onnx-*/meta.json")
    assert "unsupported operator" in json.loads(meta.read_text())["problem"]


def test_ctrl_c_leaves_nothing_of_an_export(exported, tmp_path, monkeypatch):
    def interrupted(original, folder):
        (folder / "model.onnx").write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(export, "_export", interrupted)
    with pytest.raises(KeyboardInterrupt):
        encoder.load(cache=tmp_path)
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == []


def test_an_export_that_differs_is_not_used(exported, tmp_path, monkeypatch):
    _, cache, _ = exported
    (good,) = cache.glob("onnx-*")

    def wrong(original, folder):
        shutil.copytree(good, folder, dirs_exist_ok=True)
        meta = json.loads((folder / "meta.json").read_text())
        return meta | {"prefix": {"query": "something else entirely: ", "document": ""}}

    monkeypatch.setattr(export, "_export", wrong)
    assert encoder.load(cache=tmp_path).backend.startswith("torch (its ONNX export differs: cosine")


def test_a_cache_that_cannot_be_written_costs_time_only(tmp_path, monkeypatch):
    (tmp_path / "cache").write_text("a file where the folder should be")
    loaded = encoder.load(cache=tmp_path / "cache")
    assert loaded.backend.startswith("torch (its ONNX export cannot be kept in")
    assert loaded.encode(["a text"]).shape == (1, 384)


def test_a_damaged_export_says_which_folder_to_delete(exported, tmp_path):
    _, cache, _ = exported
    shutil.copytree(cache, tmp_path / "cache")
    (model,) = (tmp_path / "cache").glob("onnx-*/model.onnx")
    model.write_bytes(b"not a model")
    with pytest.raises(ModelError, match="delete that folder"):
        encoder.load(cache=tmp_path / "cache").encode(["a text"])


def test_the_weights_are_beside_the_network_so_that_they_can_be_mapped(exported, tmp_path):
    _, cache, _ = exported
    shutil.copytree(cache, tmp_path / "cache")
    (weights,) = (tmp_path / "cache").glob("onnx-*/model.onnx.data")
    assert weights.stat().st_size > 10 * weights.with_suffix("").stat().st_size
    os.truncate(weights, weights.stat().st_size // 2)
    with pytest.raises(ModelError, match="delete that folder"):
        encoder.load(cache=tmp_path / "cache").encode(["a text"])


def test_nothing_asks_a_hub(monkeypatch):
    import socket

    def refuse(*args, **kwargs):
        raise AssertionError(f"the network was asked: {args}")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert encoder.load_torch().dim == 384
    with pytest.raises(ModelError):
        encoder.load("nobody/no-such-model")
    assert Path(encoder.model_folder("sentence-transformers/all-MiniLM-L6-v2")).is_dir()


def test_no_library_leaves_anything_behind_but_our_own_cache(home):
    """ONNX Runtime's telemetry would keep a device id and a queue of events in the user's cache folder."""
    folder, _, _ = home
    written = [p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()]
    assert written
    assert [path for path in written if not path.startswith((".cache/qa/", "Library/Caches/qa/"))] == []

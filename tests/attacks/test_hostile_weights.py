"""A model that leads beyond its folder: to pickled weights, other files, a second model; and what changes meanwhile."""

import builtins
import json
import os
import shutil
import stat
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.tiny_models import NLI, make

import qa
from qa import modelfiles
from qa.embed import encoder, models, originals, pair_export, torch_encoder
from qa.embed.cross_encoder import EntailmentModel
from qa.embed.originals import original
from qa.errors import IndexForeignError, LocalModelError, ModelError
from qa.index import build as builder
from qa.llm.gguf import GgufServer
from qa.modelfiles import content
from qa.records import BuildSettings
from qa.settings import find
from qa.testing import HashEncoder
from qa.trust import Snapshot

pytestmark = pytest.mark.xdist_group("torch")  # one worker imports it
TRANSFORMER = {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}
DENSE = {"idx": 1, "name": "1", "path": "2_Dense", "type": "sentence_transformers.models.Dense"}


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("tiny") / "encoder", "encoder")


@pytest.fixture
def folder(tiny: Path, tmp_path: Path) -> Path:
    """A model of its own for a test to spoil."""
    return Path(shutil.copytree(tiny, tmp_path / "m"))


def put(folder: Path, name: str, value: object) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


def forbidden(*_: object, **__: object) -> Any:
    raise AssertionError("it was loaded")


def test_a_part_with_pickled_weights_is_refused_though_another_has_safe_ones(folder: Path) -> None:
    put(folder, "modules.json", [TRANSFORMER, DENSE])
    put(folder, "2_Dense/config.json", {"in_features": 16, "out_features": 16})
    (folder / "2_Dense" / "pytorch_model.bin").write_bytes(b"\x80\x04pickle")
    with pytest.raises(ModelError, match=r"2_Dense has no model\.safetensors; pickled weights are never loaded"):
        encoder.model_folder(str(folder))
    (folder / "2_Dense" / "model.safetensors").write_bytes(b"weights")
    assert encoder.model_folder(str(folder)) == folder


@pytest.mark.parametrize("path", ["../w", "/w", "a\\..\\w", None])
def test_a_module_outside_of_the_folder_is_refused(folder: Path, path: object) -> None:
    put(folder, "modules.json", [TRANSFORMER, {**DENSE, "path": path}])
    with pytest.raises(
        ModelError, match=r"a module outside of the model.s folder|names files or models outside its folder"
    ):
        encoder.model_folder(str(folder))


@pytest.mark.parametrize(
    "part", ["../w/w.safetensors", "/w/w.safetensors", "w\\w.safetensors", "weights.dat", "missing.safetensors", 1]
)
def test_a_table_of_weights_names_only_files_beside_it(folder: Path, part: object) -> None:
    (folder / "weights.dat").write_bytes(b"\x80\x04pickle")
    table = {"metadata": {}, "weight_map": {"a": "model.safetensors"}}
    put(folder, "model.safetensors.index.json", table)
    assert encoder.model_folder(str(folder)) == folder
    table["weight_map"]["b"] = part  # type: ignore[assignment]
    put(folder, "model.safetensors.index.json", table)
    with pytest.raises(ModelError, match=r"names weights that are not a .safetensors file next to it"):
        encoder.model_folder(str(folder))


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("sentence_bert_config.json", {"model_args": {"weights_only": False}}, "does not know .model_args"),
        ("sentence_bert_config.json", {"tokenizer_args": {"a": 1}}, "does not know .tokenizer_args"),
        ("sentence_bert_config.json", {"config_kwargs": {"a": 1}}, "does not know .config_kwargs"),
        ("sentence_roberta_config.json", {"processor_kwargs": {"a": 1}}, "does not know .processor_kwargs"),
        ("0_T/sentence_xlm-roberta_config.json", {"processing_kwargs": {"a": 1}}, "does not know .processing_kwargs"),
        ("sentence_bert_config.json", {"backend": "onnx"}, "does not know .backend"),
        ("sentence_bert_config.json", {"transformer_task": "any-to-any"}, "does not know .transformer_task"),
        ("sentence_bert_config.json", {"modality_config": {"text": {"method": "share"}}}, "does not know .modality"),
        ("sentence_bert_config.json", {"modality_config": {"image": {"method": "forward"}}}, "does not know .modality"),
        ("sentence_bert_config.json", [1], "does not know .no settings"),
        (
            "sentence_bert_config.json",
            {"tokenizer_name_or_path": "evil"},
            "outside its folder .tokenizer_name_or_path: evil",
        ),
        ("config.json", {"processor_class": "DiaProcessor"}, "outside its folder .processor_class"),
        ("tokenizer_config.json", {"processor_class": "DiaProcessor"}, "outside its folder .processor_class"),
        ("config.json", {"backbone": "evil"}, "outside its folder .backbone: evil"),
        (
            "config.json",
            {"text_config": {"base_model_name_or_path": "evil"}},
            "outside its folder .base_model_name_or_path",
        ),
        ("config.json", {"quantization_config": {"quant_method": "x"}}, "outside its folder .quantization_config"),
        ("config.json", {"some_later_key": "/evil"}, "outside its folder .some_later_key: /evil"),
        ("config.json", {"some_later_key": {"a": ["../evil"]}}, "outside its folder .a: ../evil"),
        ("config.json", {"some_later_key": "\\\\evil\\share"}, "outside its folder .some_later_key"),
        ("config.json", {"some_later_key": "~evil"}, "outside its folder .some_later_key"),
        ("tokenizer_config.json", {"vocab_file": "/etc/hostname"}, "outside its folder .vocab_file"),
        ("special_tokens_map.json", {"vocab_file": "/etc/hostname"}, "outside its folder .vocab_file"),
        ("adapter_config.json", {"base_model_name_or_path": "evil"}, "changes another model"),
    ],
)
def test_settings_that_lead_elsewhere_or_hand_arguments_to_the_library_are_refused(
    folder: Path, name: str, settings: object, said: str
) -> None:
    put(folder, name, settings)
    with pytest.raises(ModelError, match=said):
        encoder.model_folder(str(folder))


def test_settings_that_real_models_have_are_taken(folder: Path) -> None:
    put(folder, "sentence_bert_config.json", {"max_seq_length": 64, "do_lower_case": False, "model_args": {}})
    tokenizer = json.loads((folder / "tokenizer_config.json").read_text())
    more = {
        "name_or_path": "/home/author/old/0_Transformer",
        "special_tokens_map_file": "/root/.cache/special_tokens_map.json",
        "eos_token": "</s>",
        "additional_special_tokens": ["<a/>"],
        "added_tokens_decoder": {"0": {"content": "</s>"}},
        "tokenizer_file": None,
    }
    put(folder, "tokenizer_config.json", {**tokenizer, **more})
    put(folder, "config_sentence_transformers.json", {"prompts": {"query": "either/or: "}, "similarity_fn_name": "dot"})
    config = json.loads((folder / "config.json").read_text())
    put(folder, "config.json", {**config, "_name_or_path": "owner/name", "id2label": {"0": "yes/no"}})
    put(folder, "processor_config.json", {"some_path": "/evil"})  # not loaded, so of no consequence
    assert encoder.model_folder(str(folder)) == folder


def test_the_libraries_get_a_private_copy_with_known_files_only(folder: Path) -> None:
    known = {path.name for path in folder.iterdir()}
    for name in ("m.py", "processor_config.json", "preprocessor_config.json", "chat_template.json", "evil.txt"):
        put(folder, name, {})
    for name in ("pytorch_model.bin", "weights.dat", "x.pt", "chat_template.jinja", ".hidden.json", "README.md"):
        (folder / name).write_bytes(b"x")
    put(folder, ".git/config.json", {})
    put(folder, "1_Pooling/config.json", {"pooling_mode": "mean"})
    with original("m", folder) as copy:
        assert {path.name for path in copy.folder.rglob("*")} == known | {"1_Pooling", "config.json"}
        assert stat.S_IMODE(copy.folder.parent.stat().st_mode) == 0o700
        assert not copy.folder.is_relative_to(folder)
        assert (copy.folder / "model.safetensors").read_bytes() == (folder / "model.safetensors").read_bytes()
        assert copy.sha256 == encoder.weights_sha256(folder)
    assert not copy.folder.parent.exists()


def test_models_that_differ_in_any_file_that_is_loaded_share_no_export(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modelfiles, "RACY_NS", -(10**18))  # the hash of a file that is new is remembered, too
    put(folder, "2_Dense/config.json", {})
    (folder / "2_Dense" / "model.safetensors").write_bytes(b"weights")
    seen = {encoder.weights_sha256(folder, tmp_path / "cache")}
    with original("m", folder) as copy:
        loaded = [path.relative_to(copy.folder) for path in copy.folder.rglob("*") if path.is_file()]
    assert len(loaded) > 5
    for name in loaded:
        time.sleep(0.02)  # the clock of the file system ticks about every 4 ms
        info = (folder / name).stat()
        with (folder / name).open("rb+") as file:  # in place, with as many bytes, and the same time
            first = file.read(1)
            file.seek(0)
            file.write(bytes([first[0] ^ 1]))
        os.utime(folder / name, ns=(info.st_atime_ns, info.st_mtime_ns))
        seen.add(encoder.weights_sha256(folder, tmp_path / "cache"))
    assert len(seen) == 1 + len(loaded)


def test_the_hash_of_files_that_may_change_again_with_the_same_times_is_not_remembered(
    folder: Path, tmp_path: Path
) -> None:
    put(folder, "config.json", {})
    encoder.weights_sha256(folder, tmp_path / "cache")
    assert not list(tmp_path.glob("cache/*"))


def test_the_library_asks_nobody_whether_to_run_code(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers import dynamic_module_utils as asking

    monkeypatch.setattr(builtins, "input", lambda text: pytest.fail(f"the user was asked: {text}"))
    before = asking.TIME_OUT_REMOTE_CODE
    with original("m", folder), pytest.raises(ValueError, match="custom code"):
        asking.resolve_trust_remote_code(None, "evil", False, True)  # type: ignore[no-untyped-call]
    assert asking.TIME_OUT_REMOTE_CODE == before > 0


def test_a_second_model_that_the_first_names_is_not_loaded(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builtins, "input", lambda text: pytest.fail(f"the user was asked: {text}"))
    evil, kind = tmp_path / "evil", "DiaProcessor"
    put(evil, "config.json", {"auto_map": {"AutoConfig": "m.C", "AutoModel": "m.M"}, "model_type": "zzz"})
    (evil / "m.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    sound = {"audio_tokenizer_class": "AutoModel", "audio_tokenizer_name_or_path": str(evil)}
    put(folder, "processor_config.json", {"processor_class": kind, "audio_tokenizer": sound})
    put(folder, "preprocessor_config.json", {"feature_extractor_type": "DiaFeatureExtractor", "processor_class": kind})
    assert encoder.load_torch(str(folder)).encode(["a text"]).shape == (1, 16)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("kind", ["dia", "clip", "detr", "wav2vec2"])
def test_a_model_that_reads_more_than_text_is_refused(folder: Path, kind: str) -> None:
    config = json.loads((folder / "config.json").read_text())
    put(folder, "config.json", {**config, "model_type": kind})
    with pytest.raises(ModelError, match=f"a {kind} model reads more than text"):
        encoder.load_torch(str(folder))


def test_a_link_to_a_file_is_refused_but_in_the_cache_of_a_hub(folder: Path, tmp_path: Path) -> None:
    weights = folder / "model.safetensors"
    (tmp_path / "blobs").mkdir()
    blob = weights.rename(tmp_path / "blobs" / "abc")
    weights.symlink_to(blob)
    with pytest.raises(ModelError, match=r"model\.safetensors is a link, which qa does not follow here"):
        encoder.model_folder(str(folder))
    cached = tmp_path / "snapshots" / "revision"
    shutil.copytree(folder, cached, symlinks=True)
    (cached / "model.safetensors").unlink()
    (cached / "model.safetensors").symlink_to("../../blobs/abc")
    assert encoder.load_torch(str(cached)).dim == 16
    (cached / "model.safetensors").unlink()
    (cached / "model.safetensors").symlink_to("../../evil")
    with pytest.raises(ModelError, match="is a link, which qa does not follow here"):
        encoder.model_folder(str(cached))


def test_a_link_to_a_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "1_Pooling").symlink_to(tmp_path, target_is_directory=True)
    with pytest.raises(ModelError, match=r"1_Pooling is a link to a folder, which qa does not follow here"):
        encoder.model_folder(str(folder))


def test_a_pipe_in_the_place_of_a_file_is_refused_at_once(folder: Path) -> None:
    os.mkfifo(folder / "vocab.json")
    with pytest.raises(ModelError, match=r"vocab\.json is not a regular file"):
        encoder.model_folder(str(folder))


def test_a_folder_that_is_exchanged_after_the_check_is_checked_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = originals.copied

    def racing(what: str, source: Path, target: Path) -> str:
        put(source, "config.json", {"auto_map": {"AutoModel": "evil.Model"}})
        return copied(what, source, target)

    monkeypatch.setattr(originals, "copied", racing)
    monkeypatch.setattr(torch_encoder, "_load", forbidden)
    with pytest.raises(ModelError, match="names code of its own"):
        encoder.load_torch(str(folder))


def exchanged(folder: Path, other: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let somebody put another model in the place of one as soon as that has been hashed."""
    for module in (models, sys.modules["qa.embed.encoder"], sys.modules["qa.embed.pair_model"]):
        hashed: Callable[..., str] = models.weights_sha256

        def racing(source: Path, cache: Path | None = None, hashed: Callable[..., str] = hashed) -> str:
            found = hashed(source, cache)
            shutil.copytree(other, folder, dirs_exist_ok=True)
            return found

        monkeypatch.setattr(module, "weights_sha256", racing)


def test_another_embedder_in_its_place_is_neither_loaded_nor_exported(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make(tmp_path / "other", "encoder", seed=1)
    exchanged(folder, other, monkeypatch)
    monkeypatch.setattr(torch_encoder, "_load", forbidden)
    with pytest.raises(encoder.OtherWeightsError, match="the files of the model have changed"):
        encoder.load(str(folder), cache=tmp_path / "exports")
    assert not list(tmp_path.glob("exports/*/meta.json"))


def test_another_entailment_model_in_its_place_is_neither_loaded_nor_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, other = make(tmp_path / "m", "classifier", NLI), make(tmp_path / "other", "classifier", NLI, seed=1)
    exchanged(folder, other, monkeypatch)
    monkeypatch.setattr(pair_export, "_of_transformers", forbidden)
    with pytest.raises(encoder.OtherWeightsError, match="the files of the model have changed"):
        EntailmentModel(str(folder), tmp_path / "exports").entails([("a", "b")])
    assert not list(tmp_path.glob("exports/*/meta.json"))


class Named(HashEncoder):
    """Makes vectors in place of the model in a folder, and says that it is that model."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.name, self.weights = str(folder), encoder.embedder_weights(str(folder), folder)


@pytest.fixture
def built(folder: Path, tmp_path: Path) -> Path:
    """An index of one's own that names the model's folder."""
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.txt").write_text("The bridge was opened in 1911.")
    builder.build(tmp_path / "seeds", tmp_path / "index", BuildSettings(embedder=str(folder)), Named(folder))
    return tmp_path / "index"


def test_an_own_index_loads_no_folder_that_the_settings_do_not_name(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it is where the trust of the workspace that named it has ended."""
    for module in ("encoder.load", "encoder.model_folder", "torch_encoder._load"):
        monkeypatch.setattr(f"qa.embed.{module}", forbidden)
    with qa.Retriever.open(built) as retriever, pytest.raises(ModelError, match="names its embedding model by path"):
        retriever.search("bridge")


def test_a_model_that_has_changed_since_the_index_was_made_is_not_loaded(
    built: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch_encoder, "_load", forbidden)
    config = json.loads((folder / "config.json").read_text())
    put(folder, "config.json", {**config, "changed": 1})
    with (
        qa.Retriever.open(built, embedder=str(folder)) as retriever,
        pytest.raises(IndexForeignError, match="whose weights are not those of"),
    ):
        retriever.search("bridge")


@pytest.mark.parametrize(("size", "said"), [(2**32, "mostly a hole"), (2**42, "larger than 200 GB")])
@pytest.mark.parametrize("name", ["m.gguf", "m/more.safetensors"])
def test_a_hole_is_not_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, size: int, said: str
) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "qa.toml").write_text("model = 'gguf:./m.gguf'\nembedder = './m'\n")
    (tmp_path / "m.gguf").write_bytes(b"GGUF")
    (tmp_path / name).touch()
    os.truncate(tmp_path / name, size)
    digest = modelfiles.hashlib.file_digest

    def small(file: Any, *given: Any) -> Any:
        assert os.fstat(file.fileno()).st_size < 10**7, "it was read"
        return digest(file, *given)

    monkeypatch.setattr(modelfiles.hashlib, "file_digest", small)
    assert content(tmp_path / name) == said
    snapshot = Snapshot.read(find(tmp_path))
    snapshot.trust()
    assert Snapshot.read(find(tmp_path)).is_trusted
    if name == "m.gguf":
        with pytest.raises(LocalModelError, match=f"is {said}, so it cannot be a model"):
            GgufServer(tmp_path / name, trusted=snapshot.models).start()
    else:
        with pytest.raises(ModelError, match=f"is {said}, so it cannot be part of a model"):
            encoder.model_folder(str(folder))
    os.truncate(tmp_path / name, 10)
    assert not Snapshot.read(find(tmp_path)).is_trusted


@pytest.mark.parametrize("parts", [1, 2])
def test_a_gguf_file_that_is_written_to_while_it_is_loaded_is_refused_though_it_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parts: int
) -> None:
    files = [tmp_path / "m.gguf", tmp_path / "n.gguf"][:parts]
    for file in files:
        file.write_bytes(b"GGUF good")
    trusted = {file: content(file) for file in files}
    loaded = []

    def load(params: Any) -> Any:
        info = files[-1].stat()
        time.sleep(0.05)  # the clock of the file system ticks about every 4 ms
        files[-1].write_bytes(b"GGUF evil")
        loaded.append(files[-1].read_bytes())
        files[-1].write_bytes(b"GGUF good")
        os.utime(files[-1], ns=(info.st_atime_ns, info.st_mtime_ns))
        return types.SimpleNamespace(listening_address="http://127.0.0.1:1")

    def params() -> Any:
        parts = {name: types.SimpleNamespace() for name in ("cpuparams", "cpuparams_batch", "model")}
        return types.SimpleNamespace(**parts)

    monkeypatch.setitem(sys.modules, "xllamacpp", types.SimpleNamespace(CommonParams=params, Server=load))
    with pytest.raises(LocalModelError, match="has changed since qa trust covered it"):
        GgufServer(files[0], trusted=trusted).start()
    assert loaded == [b"GGUF evil"]

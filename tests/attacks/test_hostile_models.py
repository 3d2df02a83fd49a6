"""A model's folder that would run code, and a workspace that names models of its own."""

import json
import os
import shutil
from pathlib import Path

import pytest

from qa import modelfiles
from qa import settings as workspaces
from qa.embed import encoder, installed
from qa.embed.recommended import Role
from qa.errors import ModelError, SettingError
from qa.settings import Settings, Workspace, find
from qa.trust import Snapshot

PACKAGED = encoder.model_folder("all-MiniLM-L6-v2")
MODULES = [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}]


def resolve(workspace: Workspace, flags: dict[str, object], env: dict[str, str]) -> Settings:
    snapshot = Snapshot.read(workspace)
    return workspaces.resolve(workspace, snapshot.settings, flags, env, trusted=snapshot.is_trusted)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "workspace" / "seeds").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "workspace")
    return tmp_path / "workspace"


def model(folder: Path, **files: object) -> Path:
    """A folder with weights and these files, a double underscore for each slash."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.safetensors").write_bytes(b"weights")
    for name, content in {"config": {}, "modules": MODULES, **files}.items():
        path = folder / f"{name.replace('__', '/')}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


def old(path: Path) -> None:
    """As if it had been there for long, so that its hash is remembered."""
    os.utime(path, ns=(1_600_000_000 * 10**9,) * 2)


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"modules": [*MODULES, {"idx": 1, "name": "1", "path": "", "type": "evil.Module"}]}, "evil.Module"),
        ({"modules": [{"type": "os.system"}]}, "os.system"),
        ({"modules": [{"type": "sentence_transformersx.Module"}]}, "sentence_transformersx"),
        ({"modules": [{"name": "0"}]}, "None"),
        ({"modules": ["evil.Module"]}, "evil.Module"),
        ({"modules": {"type": "evil.Module"}}, "evil.Module"),
        ({"config": {"auto_map": {"AutoModel": "evil.Model"}}}, "auto_map"),
        ({"config": {"text_config": {"auto_map": {"AutoModel": "evil.Model"}}}}, "auto_map"),
        ({"tokenizer_config": {"auto_map": {"AutoTokenizer": ["evil.T", None]}}}, "auto_map"),
        ({"adapter_config": {"auto_mapping": {"parent_library": "evil"}}}, "auto_mapping"),
        ({"1_Router__router_config": {"types": {"query_0": "evil.Module"}}}, "evil.Module"),
        ({"2_Dense__config": {"activation_function": "evil.run"}}, "evil.run"),
        ({"2_Dense__config": {"activation_function": "torch.distributed.run.main"}}, "torch.distributed.run.main"),
        ({"2_Dense__config": {"activation_function": "torch.nn.modules.module.warnings"}}, "warnings"),
        ({"config": {"sbert_ce_default_activation_function": "torch.distributed.run.main"}}, "distributed"),
        ({"config": {"sentence_transformers": {"activation_fn": "pdb.set_trace"}}}, "pdb.set_trace"),
        ({"config.5.0.0": {"sbert_ce_default_activation_function": "torch.distributed.run.main"}}, "distributed"),
        ({"config": {"some_later_key": ["pdb.set_trace"]}}, "pdb.set_trace"),
        ({"config_sentence_transformers": {"some_later_key": "pdb.set_trace"}}, "pdb.set_trace"),
        ({"sentence_bert_config": {"trust_remote_code": True}}, "trust_remote_code"),
        ({"sentence_bert_config": {"model_args": {"trust_remote_code": True}}}, "trust_remote_code"),
        ({"modules": [{"type": "sentence_transformers.SentenceTransformer"}]}, "SentenceTransformer"),
        ({"modules": [{"type": "sentence_transformers.models.WordEmbeddings"}]}, "WordEmbeddings"),
        ({"config": {"_attn_implementation": "evil/kernel"}}, "evil/kernel"),
    ],
)
def test_a_model_that_names_code_of_its_own_is_refused(tmp_path: Path, files: dict[str, object], named: str) -> None:
    with pytest.raises(ModelError, match=f"names code of its own .*{named}"):
        encoder.model_folder(str(model(tmp_path / "m", **files)))


def test_code_beside_a_model_does_not_run_whatever_the_library_would_do(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    shutil.copytree(PACKAGED, folder)
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nclass Module: pass\n")
    modules = json.loads((folder / "modules.json").read_text())
    (folder / "modules.json").write_text(
        json.dumps([*modules, {"idx": 9, "name": "9", "path": "", "type": "evil.Module"}])
    )
    with pytest.raises(ModelError, match=r"evil\.Module"):
        encoder.load_torch(str(folder))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("text", ["[", "[" * 100_000, '"\\ud800'])
def test_settings_that_cannot_be_read_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ModelError, match="is not valid JSON"):
        encoder.model_folder(str(model(tmp_path / "m", config=text)))


def test_a_folder_behind_a_link_is_refused_because_nobody_looked_into_it(tmp_path: Path) -> None:
    hidden = model(tmp_path / "hidden", config={"activation_function": "pdb.set_trace"})
    folder = model(tmp_path / "m")
    (folder / "2_Dense").symlink_to(hidden)
    with pytest.raises(ModelError, match="2_Dense is a link to a folder"):
        encoder.model_folder(str(folder))


def test_an_ordinary_model_is_taken(tmp_path: Path) -> None:
    dense = {"in_features": 2, "activation_function": "torch.nn.modules.activation.Tanh"}
    folder = model(tmp_path / "m", config={"activation_function": "gelu_new"}, **{"2_Dense__config": dense})
    (folder / "unigram.json").write_text("a vocabulary of any size")
    assert encoder.model_folder(str(folder)) == folder
    assert PACKAGED.is_dir()


def workspace(root: Path, text: str) -> Workspace:
    (root / "qa.toml").write_text(text)
    return find(root)


@pytest.mark.parametrize(
    "path", ["models/mine", "./models/mine", "{root}/models/mine", "{root}/../workspace/models/mine"]
)
def test_an_embedder_of_the_workspace_counts_only_while_it_is_trusted(root: Path, path: str) -> None:
    model(root / "models" / "mine")
    here = workspace(root, f"embedder = '{path.format(root=root)}'")
    settings = resolve(here, {}, {})
    assert (settings.ignored, settings["embedder"]) == (("embedder",), "all-MiniLM-L6-v2")
    Snapshot.read(here).trust()
    settings = resolve(here, {}, {})
    assert settings.ignored == ()
    assert Path(settings["embedder"]).samefile(root / "models" / "mine")


def test_a_path_from_the_working_directory_is_no_way_around_trust(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model(root / "sub" / "models" / "mine")
    here = workspace(root, "embedder = 'models/mine'")
    assert resolve(here, {}, {}).ignored == ()
    monkeypatch.chdir(root / "sub")
    assert resolve(here, {}, {}).ignored == ("embedder",)


@pytest.mark.parametrize("setting", ["embedder", "reranker", "reader", "entailment"])
@pytest.mark.parametrize(
    "path",
    ["./missing/../models/mine", "missing/../models/mine", "./later", "~/later", "a/b/c", "x/" * 2000, "\u00e4 b"],
)
def test_what_cannot_be_the_name_of_a_model_needs_trust_whether_it_is_there_or_not(
    root: Path, setting: str, path: str
) -> None:
    model(root / "models" / "mine")
    here = workspace(root, f"{setting} = '{path}'")
    settings = resolve(here, {}, {})
    assert (settings.ignored, settings.origin(setting)) == ((setting,), "default")


def test_trust_covers_a_folder_that_a_detour_leads_to(root: Path) -> None:
    folder = model(root / "models" / "mine")
    here = workspace(root, "embedder = './missing/../models/mine'")
    Snapshot.read(here).trust()
    assert Path(resolve(here, {}, {})["embedder"]).resolve() == folder
    (folder / "config.json").write_text('{"changed": true}')
    assert not Snapshot.read(here).is_trusted


@pytest.mark.parametrize("name", ["all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2", "org/model"])
def test_the_name_of_a_model_needs_no_trust(root: Path, name: str) -> None:
    model(root / "all-MiniLM-L6-v2")
    model(root / "sentence-transformers" / "all-MiniLM-L6-v2")
    settings = resolve(workspace(root, f"embedder = '{name}'"), {}, {})
    assert (settings.ignored, settings["embedder"], settings.origin("embedder")) == ((), name, "qa.toml")


def test_an_embedder_that_the_user_names_needs_no_trust(root: Path) -> None:
    model(root / "models" / "mine")
    assert resolve(workspace(root, ""), {"embedder": "models/mine"}, {})["embedder"] == "models/mine"


def test_trust_ends_when_a_file_of_the_embedder_changes(root: Path) -> None:
    folder = model(root / "models" / "mine")
    (root / "elsewhere.json").write_text("one")
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").symlink_to(root / "elsewhere.json")
    here = workspace(root, "embedder = 'models/mine'")
    Snapshot.read(here).trust()
    assert Snapshot.read(here).is_trusted
    for change in (folder / "model.safetensors", root / "elsewhere.json", folder / "1_Pooling" / "new.json"):
        change.write_text("two")
        assert not Snapshot.read(here).is_trusted
        Snapshot.read(here).trust()
        assert Snapshot.read(here).is_trusted


@pytest.mark.parametrize("model_path", ["m.gguf", "{root}/m.gguf", "~/m.gguf"])
def test_trust_ends_when_the_content_of_a_gguf_file_changes(root: Path, model_path: str) -> None:
    home = root.parent / "home"
    home.mkdir()
    file = (home if model_path.startswith("~") else root) / "m.gguf"
    file.write_bytes(b"GGUF one")
    old(file)
    here = workspace(root, f"model = 'gguf:{model_path.format(root=root)}'")
    Snapshot.read(here).trust()
    assert Snapshot.read(here).is_trusted
    file.write_bytes(b"GGUF two")  # as many bytes, and the same time
    old(file)
    assert not Snapshot.read(here).is_trusted
    assert resolve(here, {}, {}).ignored == ("model",)
    file.unlink()
    assert not Snapshot.read(here).is_trusted


def test_trust_covers_every_part_of_a_model_in_several_files(root: Path) -> None:
    for number in (1, 2):
        (root / f"m-0000{number}-of-00002.gguf").write_bytes(b"GGUF")
    here = workspace(root, "model = 'gguf:m-00001-of-00002.gguf'")
    Snapshot.read(here).trust()
    (root / "m-00002-of-00002.gguf").write_bytes(b"evil")
    assert not Snapshot.read(here).is_trusted


def test_a_file_that_did_not_change_is_read_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = root / "m.gguf"
    file.write_bytes(b"GGUF one")
    monkeypatch.setattr(modelfiles, "RACY_NS", -(10**18))
    first = modelfiles.content(file)

    def refuse(*args: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(modelfiles.hashlib, "file_digest", refuse)
    assert modelfiles.content(file) == first


def test_a_file_that_changed_just_now_is_not_remembered(root: Path) -> None:
    file = root / "m.gguf"
    file.write_bytes(b"GGUF one")
    modelfiles.content(file)
    assert not list((root.parent / "cache").rglob("*.json"))


def test_what_is_no_file_has_no_content(root: Path) -> None:
    os.mkfifo(root / "pipe")
    assert [modelfiles.content(root / name) for name in ("pipe", "seeds", "none")] == [
        "not a file",
        "folder",
        "unreadable",
    ]


def test_a_folder_that_is_no_model_is_not_read_to_its_end(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modelfiles, "MOST_FILES", 5)
    folder = model(root / "m")
    for number in range(6):
        (folder / f"{number}.json").write_text("{}")
    with pytest.raises(SettingError, match="has over 5 files"):
        Snapshot.read(workspace(root, "embedder = 'm'")).trust()


@pytest.mark.parametrize("role", ["embedder", "reranker", "reader", "entailment"])
@pytest.mark.parametrize("name", ["cross-encoder/ms-marco-MiniLM-L6-v2", "somemodel"])
def test_a_folder_of_the_workspace_never_takes_the_place_of_a_named_model(
    root: Path, monkeypatch: pytest.MonkeyPatch, role: Role, name: str
) -> None:
    model(root / name)
    with pytest.raises(ModelError, match="is not on this machine"):
        encoder.model_folder(name, role)
    monkeypatch.setenv("XDG_DATA_HOME", str(root.parent / "data"))
    about = {"name": name, "revision": "a", "source": "hub", "licence": "mit", "files": {}}
    place = installed.place(name)
    fetched = model(place / installed.FILES)
    (place / installed.ABOUT).write_text(json.dumps(about))
    assert encoder.model_folder(name, role) == fetched


@pytest.mark.parametrize("path", ["./mine", "../workspace/mine", "{root}/mine", "~/../workspace/mine"])
def test_a_path_names_a_folder(root: Path, path: str) -> None:
    (root.parent / "home").mkdir()
    folder = model(root / "mine")
    assert encoder.model_folder(path.format(root=root)) == folder.resolve()


@pytest.mark.parametrize("path", ["./none", "/none", "~nobody-of-this-name/x"])
def test_a_path_that_leads_nowhere_is_an_error(root: Path, path: str) -> None:
    with pytest.raises(ModelError, match=r"embedder '.*': there is no such home folder|there is no folder /"):
        encoder.model_folder(path)

"""`qa models`, and models that settings name: absent, untrusted, in use."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants
from support import hub as hubs
from support.tiny_models import make

Run = Callable[..., Any]
NAME = "somebody/tiny-reranker"
pytestmark = pytest.mark.xdist_group("torch")  # one worker imports it


@pytest.fixture(scope="module")
def reranker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("models") / "reranker", "classifier")


@pytest.fixture
def hub(reranker: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[hubs.Hub]:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with hubs.serving() as served:
        served.serve_folder(NAME, reranker)
        yield served


@pytest.fixture
def env(hub: hubs.Hub, tmp_path: Path) -> dict[str, str]:
    home = {"XDG_DATA_HOME": str(tmp_path / "data"), "QA_INDEX_KEY": ""}
    return home | {"HF_ENDPOINT": hub.url, "HF_TOKEN": "", "XDG_CACHE_HOME": str(tmp_path / "cache")}


def state(qa: Run, cwd: Path, env: dict[str, str], name: str) -> str:
    listed = json.loads(qa("models", "list", "--json", cwd=cwd, env=env).stdout)["models"]
    return next((model["state"] for model in listed if model["name"] == name), "")


def test_a_model_is_listed_fetched_and_removed(qa: Run, tmp_path: Path, hub: hubs.Hub, env: dict[str, str]) -> None:
    done = qa("models", "add", NAME, cwd=tmp_path, env=env)
    asking, first, *_ = done.stderr.splitlines()
    assert asking == f"qa: asking {hub.url} for {NAME}"
    assert first.startswith(f"qa: fetching {NAME} from {hub.url}: 0.0 MB in ")
    assert f"revision {hubs.REVISION[:12]} (the newest), licence mit" in first
    assert state(qa, tmp_path, env, NAME) == "fetched"
    assert "is here already" in qa("models", "add", NAME, cwd=tmp_path, env=env).stderr
    assert "Others on this machine" in qa("models", "list", cwd=tmp_path, env=env).stdout
    qa("models", "remove", NAME, cwd=tmp_path, env=env)
    assert state(qa, tmp_path, env, NAME) == ""
    assert "was not fetched" in qa("models", "remove", NAME, cwd=tmp_path, env=env, code=1).stderr


def test_listing_asks_no_hub_and_the_packaged_model_is_never_fetched(
    qa: Run, tmp_path: Path, hub: hubs.Hub, env: dict[str, str]
) -> None:
    text = qa("models", "list", cwd=tmp_path, env=env).stdout
    assert "all-MiniLM-L6-v2 (ships with qa)" in text
    assert "cross-encoder/ms-marco-MiniLM-L6-v2 (not fetched)" in text
    assert "ships with qa" in qa("models", "add", "all-MiniLM-L6-v2", cwd=tmp_path, env=env).stderr
    assert hub.asked == []


def test_a_model_that_another_program_fetched_is_listed_as_here(
    qa: Run, tmp_path: Path, env: dict[str, str], reranker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "cross-encoder/ms-marco-MiniLM-L6-v2"
    cached = tmp_path / "hub" / f"models--{name.replace('/', '--')}"
    shutil.copytree(reranker, cached / "snapshots" / hubs.REVISION)
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text(hubs.REVISION)
    assert state(qa, tmp_path, env, name) == "not fetched"
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    assert state(qa, tmp_path, env, name) == "in the hub's cache"


def test_the_hub_is_named_before_it_is_asked(qa: Run, tmp_path: Path, hub: hubs.Hub, env: dict[str, str]) -> None:
    hub.status = 404
    done = qa("models", "add", NAME, cwd=tmp_path, env=env, code=1)
    assert done.stderr.startswith(f"qa: asking {hub.url} for {NAME}\n")
    for wrong, shown in (
        ("not a hub", "not a hub"),
        ("ftp://me:s3cret@hub.example", "ftp://hub.example"),
        ("http://[::1", "(not shown)"),
    ):
        done = qa("models", "add", NAME, cwd=tmp_path, env=env | {"HF_ENDPOINT": wrong}, code=1)
        assert done.stderr.startswith(f"qa: HF_ENDPOINT: '{shown}' is not the address of a hub"), done.stderr


def test_a_named_model_that_is_absent_is_an_error_that_says_how_to_fetch_it(
    qa: Run, indexed: Path, hub: hubs.Hub
) -> None:
    named = {"HF_ENDPOINT": hub.url, "QA_RERANKER": NAME}
    done = qa("search", "lighthouse", cwd=indexed, env=named, code=1)
    assert f"fetch it with: qa models add {NAME}" in done.stderr
    assert hub.asked == []
    status = qa("status", cwd=indexed, env=named).stdout
    assert f"qa models add {NAME}" in " ".join(status.split())


def test_a_reranker_of_a_workspace_counts_only_after_trust(
    qa: Run, workspace: Path, reranker: Path, tmp_path: Path
) -> None:
    (workspace / "qa.toml").write_text(f"reranker = '{reranker}'\n")
    env = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    done = qa("status", "--json", cwd=workspace, env=env)
    assert "reranker in qa.toml ignored: this workspace is not trusted" in done.stderr
    assert list(json.loads(done.stdout)["models"]) == ["embedder"]
    qa("trust", cwd=workspace, env=env)
    about = json.loads(qa("status", "--json", cwd=workspace, env=env).stdout)["models"]["reranker"]
    assert about["name"] == str(reranker)
    assert len(about["weights"]) == 64


def test_a_reranker_is_used_and_named(qa: Run, indexed: Path, reranker: Path, tmp_path: Path) -> None:
    env = {"QA_RERANKER": str(reranker)}
    plain = json.loads(qa("search", "lighthouse", "--json", cwd=indexed).stdout)
    first = qa("search", "lighthouse", "--json", cwd=indexed, env=env)
    found = json.loads(first.stdout)
    assert sorted(hit["text"] for hit in found["hits"]) == sorted(hit["text"] for hit in plain["hits"])
    assert [hit["score"] for hit in found["hits"]] != [hit["score"] for hit in plain["hits"]]
    doctor = json.loads(qa("doctor", "--json", cwd=indexed, env=env).stdout)["checks"]
    (check,) = [check for check in doctor if check["name"] == "reranker"]
    assert check["state"] == "ok"
    assert "run by onnx" in check["detail"]

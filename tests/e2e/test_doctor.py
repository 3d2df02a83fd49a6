"""`qa doctor`: each line when all is well, and each failure."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

KEY = "sk-test-do-not-show-4711"
Run = Callable[..., Any]
RIGHT = '{"statements": [{"evidence": ["s1"], "text": "The bridge was opened in 1871."}]}'


@pytest.fixture
def env(endpoint: Any) -> dict[str, str]:
    return {"OPENAI_BASE_URL": endpoint.base_url, "OPENAI_API_KEY": KEY, "QA_MODEL": "m", "QA_DEADLINE": "20"}


def checks(done: Any) -> dict[str, tuple[str, str]]:
    """State and detail of each line, of text and JSON alike; the key stands in none."""
    assert KEY not in done.stdout + done.stderr
    if done.stdout.startswith("{"):
        value = json.loads(done.stdout)
        assert value["healthy"] == (done.returncode == 0)
        return {check["name"]: (check["state"], check["detail"]) for check in value["checks"]}
    return {line[9:19].strip(): (line[:8].strip(), line[20:]) for line in done.stdout.splitlines()}


def test_without_a_model_no_endpoint_is_asked(qa: Run, indexed: Path, endpoint: Any, env: dict[str, str]) -> None:
    del env["QA_MODEL"]
    done = qa("doctor", cwd=indexed, env=env)
    found = checks(done)
    assert list(found) == ["python", "packages", "formats", "local", "embedder", "prompts", "model"]
    assert found["embedder"][0] == "ok"
    assert "run by onnx" in found["embedder"][1]
    assert found["model"] == ("skipped", "no model is named; name one with --model NAME or QA_MODEL")
    assert done.stderr == ""
    assert endpoint.paths == []


def test_all_is_well(qa: Run, indexed: Path, endpoint: Any, env: dict[str, str]) -> None:
    endpoint.script(endpoint.answer(RIGHT), endpoint.answer(RIGHT))
    done = qa("doctor", cwd=indexed, env=env)
    found = checks(done)
    assert {state for state, _ in found.values()} <= {"ok", "skipped"}
    assert found["endpoint"] == ("ok", f"{endpoint.host} (base_url: environment OPENAI_BASE_URL)")
    assert found["key"] == ("ok", "accepted (api_key: environment OPENAI_API_KEY)")
    assert found["model"] == ("ok", "m-2 (model: environment QA_MODEL)")
    assert found["output"] == ("ok", "JSON that follows a schema")
    assert found["question"][1].startswith("answered in ")
    assert found["question"][1].endswith(" s: The bridge was opened in 1871.")
    assert done.stderr == f"qa: sending a test question, and nothing of your documents, to {endpoint.host}\n"
    sent = json.dumps(endpoint.requests[0].body)
    assert "bridge" in sent
    assert "lighthouse" not in sent
    assert checks(qa("doctor", "--json", cwd=indexed, env=env)).keys() == found.keys()


def test_the_output_mode_is_found_out(qa: Run, indexed: Path, endpoint: Any, env: dict[str, str]) -> None:
    del env["OPENAI_API_KEY"]
    refused = endpoint.error(400, "response_format is not supported", param="response_format")
    endpoint.script(refused, refused, endpoint.answer("The bridge was opened in 1871. [s1]"))
    found = checks(qa("doctor", cwd=indexed, env=env))
    assert found["output"] == ("ok", "plain text with markers")
    assert found["key"] == ("ok", "none is set, and none is needed")


def test_a_model_that_answers_badly_is_told(qa: Run, indexed: Path, endpoint: Any, env: dict[str, str]) -> None:
    endpoint.script(endpoint.answer(RIGHT.replace("1871", "1925")), endpoint.answer('{"statements": []}'))
    assert "; its answer: The bridge was opened in 1925." in qa("doctor", cwd=indexed, env=env).stdout
    assert "; it found no answer" in qa("doctor", cwd=indexed, env=env).stdout


def test_each_failure_has_its_line(qa: Run, indexed: Path, endpoint: Any, env: dict[str, str]) -> None:
    endpoint.models = ["a", "b"]
    order = ["endpoint", "key", "model", "output", "question"]
    for step, broken, words in (
        (endpoint.error(401, f"Incorrect API key provided: {KEY}"), "key", "refused the API key (401)"),
        (endpoint.error(404, "The model m does not exist", code="model_not_found"), "model", "It offers a, b"),
        (endpoint.error(400, "no"), "question", "rejected the request"),
        (endpoint.answer("{ broken"), "question", "cannot be read"),
        (endpoint.answer(" "), "question", "empty answer"),
    ):
        endpoint.script(step)
        found = checks(qa("doctor", cwd=indexed, env=env, code=1))
        at = order.index(broken)
        assert [found[name][0] for name in order] == ["ok"] * at + ["failed"] + ["skipped"] * (len(order) - at - 1)
        assert words in found[broken][1]


def test_an_endpoint_that_is_not_there(qa: Run, indexed: Path, env: dict[str, str]) -> None:
    for url, words in (
        ("http://127.0.0.1:9/v1", "Cannot reach 127.0.0.1:9"),
        (f"http://u:{KEY}@h/v1", "contains a user name or password"),
        ("nonsense", "is not an http or https address"),
    ):
        found = checks(qa("doctor", "--base-url", url, cwd=indexed, env=env, code=1))
        assert found["endpoint"][0] == "failed"
        assert words in found["endpoint"][1]
        assert found["question"] == ("skipped", "needs the endpoint")


def test_an_address_or_a_path_that_cannot_be_is_named(qa: Run, indexed: Path, env: dict[str, str]) -> None:
    for url in ("http://192.168.1.300/v1", "http://☃.com/v1", "http://[v1.a]/v1"):
        done = qa("doctor", "--base-url", url, cwd=indexed, env=env, code=1)
        assert checks(done)["endpoint"] == ("failed", checks(done)["endpoint"][1])
        assert "base URL" in checks(done)["endpoint"][1]
        assert "bug" not in done.stdout + done.stderr
    found = checks(qa("doctor", "--model", "gguf:~nosuch/x.gguf", cwd=indexed, env=env, code=1))
    assert found["model"][0] == "failed"
    assert "no such home folder" in found["model"][1]
    assert "endpoint" not in found


def test_a_key_that_comes_back_is_not_shown(qa: Run, indexed: Path, endpoint: Any, env: dict[str, str]) -> None:
    reply = {"choices": [{"message": {"content": RIGHT.replace("1871.", f"1871 {KEY}.")}, "finish_reason": "stop"}]}
    named = json.dumps(reply | {"model": f"m {KEY}"}).encode()
    endpoint.script(endpoint.raw(named), endpoint.answer(f"I cannot help with that, {KEY}."))
    found = checks(qa("doctor", cwd=indexed, env=env))
    assert found["model"][1].startswith("m [key] (")
    assert "1871 [key]." in found["question"][1]
    found = checks(qa("doctor", cwd=indexed, env=env, code=1))
    assert "[key]" in found["question"][1]


def test_a_web_page_in_place_of_an_endpoint(qa: Run, indexed: Path, endpoint: Any, env: dict[str, str]) -> None:
    endpoint.script(*[endpoint.raw(b"<html>Welcome</html>", "text/html")] * 2)
    found = checks(qa("doctor", cwd=indexed, env=env, code=1))
    assert found["endpoint"][0] == "failed"
    assert "Check the base URL" in found["endpoint"][1]


def test_a_hosted_model_without_a_key_is_not_asked_and_it_is_said_so(qa: Run, indexed: Path) -> None:
    found = checks(qa("doctor", "--model", "gpt-x", cwd=indexed, code=1))
    assert found["endpoint"] == ("skipped", "nothing was sent")
    assert found["key"][0] == "failed"
    assert "Set OPENAI_API_KEY" in found["key"][1]


@pytest.mark.parametrize("name", ["answer", "answer_markers", "exam_questions", "follow_up", "second_opinion"])
def test_a_template_that_cannot_be_rendered(
    qa: Run, workspace: Path, endpoint: Any, env: dict[str, str], tmp_path: Path, name: str
) -> None:
    env = env | {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    (workspace / "prompts").mkdir()
    (workspace / "prompts" / f"{name}.j2").write_text("{{ nothing }}", encoding="utf-8")
    qa("trust", cwd=workspace, env=env)
    found = checks(qa("doctor", cwd=workspace, env=env, code=1))
    assert found["prompts"] == ("failed", found["prompts"][1])
    assert f"{name}.j2 has no block" in found["prompts"][1]
    assert found["model"] == ("skipped", "needs the prompts")
    assert endpoint.paths == []


def test_a_missing_model_file_and_a_missing_embedding_model(qa: Run, indexed: Path) -> None:
    done = qa("doctor", "--model", "gguf:none.gguf", cwd=indexed, env={"QA_EMBEDDER": "nobody/none"}, code=1)
    found = checks(done)
    assert found["model"][0] == "failed"
    assert "There is no model file none.gguf" in found["model"][1]
    assert "endpoint" not in found
    assert found["embedder"][0] == "failed"
    assert "nobody/none" in found["embedder"][1]


def test_it_works_where_there_is_no_workspace(qa: Run, tmp_path: Path) -> None:
    assert checks(qa("doctor", cwd=tmp_path))["python"][0] == "ok"
    assert "is not a folder" in qa("doctor", "--root", "nowhere", cwd=tmp_path, code=1).stderr


def test_what_an_untrusted_workspace_brings_is_not_used(qa: Run, workspace: Path, endpoint: Any) -> None:
    (workspace / "qa.toml").write_text(f'model = "m"\nbase_url = "{endpoint.base_url}"\n', encoding="utf-8")
    (workspace / "prompts").mkdir()
    (workspace / "prompts" / "answer.j2").write_text("{{ evil }}", encoding="utf-8")
    done = qa("doctor", cwd=workspace)
    assert "model, base_url in qa.toml ignored" in done.stderr
    found = checks(done)
    assert found["model"][0] == found["prompts"][0] == "skipped"
    assert endpoint.paths == []

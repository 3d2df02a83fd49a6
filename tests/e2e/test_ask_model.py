"""`qa ask` with a model: a scripted endpoint on loopback answers, well or badly."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qa.gate import exam, examined
from qa.trust import packaged_prompt

QA = Path(sys.executable).with_name("qa")
WHO = "Who built the lighthouse of Marrow Point?"
FAR = "Who won the football match yesterday?"
BUILT = "The lighthouse of Marrow Point was built in 1871 by Edith Lanning."
LAMP = "Its lamp can be seen from nineteen miles away."
RIGHT = "Edith Lanning built the lighthouse of Marrow Point in 1871."
WRONG = "Olga Petrov built the lighthouse of Marrow Point in 1925."
KEY = "sk-test-do-not-show-4711"
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
Run = Callable[..., Any]


def says(endpoint: Any, *statements: tuple[str, str], **options: Any) -> Callable[[Any, Any], None]:
    """A step that answers with statements; each points at the sentence that holds the given words."""

    def step(handler: Any, body: dict[str, Any]) -> None:
        shown = "\n".join(message["content"] for message in body["messages"])
        sentences = re.findall(r"^\[(s\d+)\] (.*)$", shown, re.M)
        made = [
            {"evidence": [next(name for name, text in sentences if words in text)], "text": statement}
            for words, statement in statements
        ]
        endpoint.answer(json.dumps({"statements": made}), **options)(handler, body)

    return step


@pytest.fixture
def env(endpoint: Any) -> dict[str, str]:
    """The scripted endpoint as the user's own setting."""
    return {"OPENAI_BASE_URL": endpoint.base_url, "OPENAI_API_KEY": KEY, "QA_MODEL": "m", "QA_DEADLINE": "20"}


def test_a_copy_is_supported_and_anything_else_is_to_be_compared_with_its_quote(
    qa: Run, indexed: Path, endpoint: Any, env: dict[str, str]
) -> None:
    endpoint.script(says(endpoint, ("1871", BUILT), ("1871", RIGHT)))
    lines = qa("ask", WHO, cwd=indexed, env=env).stdout.splitlines()
    assert {f"{BUILT} [1]", f"{RIGHT} [1] (compare with the quote)"} < set(lines)


def test_a_statement_is_shown_with_its_quote_and_the_host_is_named_first(
    qa: Run, indexed: Path, endpoint: Any, env: dict[str, str]
) -> None:
    endpoint.script(says(endpoint, ("1871", RIGHT)))
    done = qa("ask", WHO, cwd=indexed, env=env)
    assert done.stdout.splitlines()[:4] == [
        f"{RIGHT} [1] (compare with the quote)",
        "",
        "[1] Notes from the north",
        "    seeds/lighthouse.txt:3",
    ]
    assert f"    | {BUILT}" in done.stdout.splitlines()
    (line,) = done.stderr.splitlines()
    assert re.fullmatch(rf"qa: sending the question and \d+ sentences of the sources to {endpoint.host}", line)
    (request,) = endpoint.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"


def test_json_holds_model_usage_and_verdicts(qa: Run, indexed: Path, endpoint: Any, env: dict[str, str]) -> None:
    endpoint.script(says(endpoint, ("1871", RIGHT), ("lamp", WRONG)))
    value = json.loads(qa("ask", "--json", WHO, cwd=indexed, env=env).stdout)
    assert (value["status"], value["mode"], value["model"]) == ("answered", "llm", "m-2")
    assert value["usage"] == {"prompt_tokens": 12, "completion_tokens": 5}  # and no cost: there are no prices
    assert [s["verdict"] for s in value["statements"]] == ["unconfirmed", "unsupported"]
    assert value["statements"][1]["problems"]
    assert value["answer"] == f"{RIGHT} [1] NOT SUPPORTED: {WRONG} [2]"
    assert [q["text"] for q in value["quotes"]] == [BUILT, LAMP]
    assert value["timings_ms"]["llm"] > 0


def test_an_unsupported_statement_is_marked_with_what_is_wrong(
    qa: Run, indexed: Path, endpoint: Any, env: dict[str, str]
) -> None:
    endpoint.script(says(endpoint, ("1871", RIGHT), ("1871", WRONG)))
    lines = qa("ask", WHO, cwd=indexed, env=env).stdout.splitlines()
    at = lines.index(f"NOT SUPPORTED: {WRONG} [1]")
    assert lines[at + 1].startswith("  - ")


def test_strict_leaves_it_out_and_explain_shows_it(qa: Run, indexed: Path, endpoint: Any, env: dict[str, str]) -> None:
    step = says(endpoint, ("1871", BUILT), ("1871", WRONG))
    endpoint.script(step, step)
    done = qa("ask", "--strict", WHO, cwd=indexed, env=env)
    assert WRONG not in done.stdout
    assert "1 statement of the model left out" in done.stderr
    done = qa("ask", "--explain", WHO, cwd=indexed, env=env | {"QA_STRICT": "yes"})
    assert WRONG not in done.stdout
    assert f"NOT SUPPORTED: {WRONG}" in done.stderr


def test_when_nothing_is_supported_the_quotes_stand_in_and_say_so(
    qa: Run, indexed: Path, endpoint: Any, env: dict[str, str]
) -> None:
    endpoint.script(says(endpoint, ("1871", WRONG)), says(endpoint))
    done = qa("ask", WHO, cwd=indexed, env=env)
    assert done.stdout.startswith("The sources support nothing that the model stated. Quotes instead:\n")
    assert BUILT in done.stdout
    assert WRONG not in done.stdout
    assert "1 statement of the model left out" in done.stderr
    done = qa("ask", WHO, cwd=indexed, env=env)
    assert done.stdout.startswith("The model found no answer in the sources. Quotes that may answer:\n")


def test_an_abstention_says_which(qa: Run, indexed: Path, endpoint: Any, env: dict[str, str]) -> None:
    env = env | {"QA_THRESHOLD": "1"}
    endpoint.script(says(endpoint, ("1871", WRONG)), says(endpoint))
    done = qa("ask", WHO, cwd=indexed, env=env, code=3)
    first, nearest = done.stdout.splitlines()[0], done.stdout.splitlines()[2]
    assert first == "No answer: the sources support nothing that the model stated."
    assert nearest == "What comes closest:"
    again = qa("ask", WHO, cwd=indexed, env=env, code=3).stdout
    assert again.startswith("The sources may not say this. Closest:\n")


def test_where_nothing_comes_near_nothing_is_sent(qa: Run, indexed: Path, endpoint: Any, env: dict[str, str]) -> None:
    done = qa("ask", FAR, cwd=indexed, env=env | {"QA_FLOOR": "1"}, code=3)
    assert "the model was not asked" in done.stderr
    assert "sending" not in done.stderr
    assert endpoint.paths == []


def test_a_key_or_an_endpoint_alone_sends_nothing(qa: Run, indexed: Path, endpoint: Any, env: dict[str, str]) -> None:
    for variables in ({"OPENAI_API_KEY": KEY}, {k: v for k, v in env.items() if k != "QA_MODEL"}):
        done = qa("ask", WHO, cwd=indexed, env=variables)
        assert BUILT in done.stdout
        assert done.stderr == "qa: quotes only. --model or QA_MODEL names a model; --quotes hides this line\n"
    assert endpoint.paths == []


def test_quotes_sends_nothing_whatever_is_configured(
    qa: Run, indexed: Path, endpoint: Any, env: dict[str, str]
) -> None:
    done = qa("ask", "--quotes", WHO, cwd=indexed, env=env)
    assert BUILT in done.stdout
    assert done.stderr == ""
    assert endpoint.paths == []


def test_flags_name_model_and_endpoint(qa: Run, indexed: Path, endpoint: Any) -> None:
    endpoint.script(says(endpoint, ("1871", RIGHT)))
    qa("ask", "--model", "big", "--base-url", endpoint.base_url, WHO, cwd=indexed)
    assert endpoint.requests[0].body["model"] == "big"
    assert "authorization" not in endpoint.requests[0].headers


def test_errors_of_the_endpoint_are_one_line_and_exit_1(
    qa: Run, indexed: Path, endpoint: Any, env: dict[str, str]
) -> None:
    for step, words in (
        (endpoint.error(401, f"Incorrect API key provided: {KEY}"), "refused the API key"),
        (endpoint.error(404, "The model m does not exist", code="model_not_found"), "It offers a, b"),
        (endpoint.answer("{ broken"), ""),
    ):
        endpoint.models = ["a", "b"]
        endpoint.script(step)
        done = qa("ask", WHO, cwd=indexed, env=env, code=1)
        assert done.stdout == ""
        assert len(done.stderr.splitlines()) == 2
        assert words in done.stderr
        assert KEY not in done.stderr
    done = qa("ask", WHO, cwd=indexed, env=env | {"OPENAI_BASE_URL": f"http://u:{KEY}@127.0.0.1/v1"}, code=2)
    assert "contains a user name or password" in done.stderr
    assert KEY not in done.stderr


def test_verbose_shows_request_and_raw_answer_and_the_key_stands_nowhere(
    qa: Run, indexed: Path, endpoint: Any, env: dict[str, str]
) -> None:
    endpoint.script(says(endpoint, ("1871", RIGHT), ("1871", f"The key is {KEY}.")))
    prices = {"QA_PRICE_PROMPT": "2.5", "QA_PRICE_COMPLETION": "10"}
    done = qa("ask", "--verbose", "--json", WHO, cwd=indexed, env=env | prices)
    assert "--- system message to m" in done.stderr
    assert f"Question: {WHO}" in done.stderr
    assert '--- answer of m-2, mode schema, end stop\n{"statements"' in done.stderr
    assert "qa: m-2: 12 tokens in, 5 out, cost 0.000080, " in done.stderr
    assert json.loads(done.stdout)["usage"]["cost"] == pytest.approx(0.00008)
    assert "The key is [key]." in done.stdout
    assert KEY not in done.stdout + done.stderr


def test_a_key_that_comes_back_piece_by_piece_is_not_shown(
    qa: Run, on_terminal: Run, indexed: Path, endpoint: Any, env: dict[str, str]
) -> None:
    endpoint.script(says(endpoint, ("1871", RIGHT), ("1871", f"The key is {KEY}."), piece=3))
    out, code = on_terminal(["ask", "--verbose", WHO], indexed, env=env)
    assert code == 0
    assert "The key is [key]." in ESCAPES.sub("", out)
    assert KEY not in ESCAPES.sub("", out)
    endpoint.script(endpoint.answer(f"I'm sorry, but I cannot help with that, {KEY}."))
    done = qa("ask", WHO, cwd=indexed, env=env, code=1)
    assert "cannot help with that, [key]" in done.stderr
    assert KEY not in done.stdout + done.stderr


def test_status_says_that_there_is_a_key_and_not_which(qa: Run, workspace: Path, env: dict[str, str]) -> None:
    (workspace / "qa.toml").write_text(f'api_key = "{KEY}"\n', encoding="utf-8")
    env = env | {"OPENAI_BASE_URL": f"https://u:{KEY}@host/v1?key={KEY}"}
    for arguments in (["status"], ["status", "--json"], ["trust"], ["trust"]):
        done = qa(*arguments, cwd=workspace, env=env)
        assert KEY not in done.stdout + done.stderr
    (workspace / "qa.toml").write_text(f'api_key = ["{KEY}"]\n', encoding="utf-8")
    done = qa("status", cwd=workspace, code=2)
    assert "api_key: expected a string" in done.stderr
    assert KEY not in done.stderr


def test_settings_of_an_untrusted_workspace_send_nothing_and_trust_ends_with_a_change(
    qa: Run, workspace: Path, endpoint: Any, tmp_path: Path
) -> None:
    env = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    settings = f'model = "m"\nbase_url = "{endpoint.base_url}"\napi_key = "{KEY}"\n'
    (workspace / "qa.toml").write_text(settings, encoding="utf-8")
    ignored = "qa: model, base_url, api_key in qa.toml ignored: this workspace is not trusted."
    done = qa("ask", WHO, cwd=workspace, env=env)
    assert ignored in done.stderr
    assert "qa trust" in done.stderr
    assert BUILT in done.stdout
    assert endpoint.paths == []
    trusted = qa("trust", cwd=workspace, env=env)
    assert f'base_url = "{endpoint.base_url}"' in trusted.stdout
    assert KEY not in trusted.stdout
    endpoint.script(says(endpoint, ("1871", RIGHT)))
    assert RIGHT in qa("ask", WHO, cwd=workspace, env=env).stdout
    (workspace / "qa.toml").write_text(settings + "k = 3\n", encoding="utf-8")
    assert ignored in qa("ask", WHO, cwd=workspace, env=env).stderr
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize("line", ['model = "m"', 'base_url = "http://127.0.0.1:9/v1"', 'model = "gguf:model.gguf"'])
def test_each_of_them_alone_is_ignored(qa: Run, workspace: Path, endpoint: Any, env: dict[str, str], line: str) -> None:
    (workspace / "qa.toml").write_text(line + "\n", encoding="utf-8")
    if "model" in line:
        done = qa("ask", WHO, cwd=workspace, env={k: v for k, v in env.items() if k != "QA_MODEL"})
        assert "quotes only" in done.stderr
        assert endpoint.paths == []
    else:
        endpoint.script(says(endpoint, ("1871", RIGHT)))
        assert (
            RIGHT in qa("ask", WHO, cwd=workspace, env={k: v for k, v in env.items() if k != "OPENAI_API_KEY"}).stdout
        )


def test_templates_of_a_workspace_count_once_it_is_trusted(
    qa: Run, workspace: Path, endpoint: Any, env: dict[str, str], tmp_path: Path
) -> None:
    env = env | {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    template = (Path(__file__).parents[2] / "prompts" / "answer.j2").read_text(encoding="utf-8")
    (workspace / "prompts").mkdir()
    (workspace / "prompts" / "answer.j2").write_text(template, encoding="utf-8")
    step = says(endpoint, ("1871", RIGHT))
    endpoint.script(step, step, step)
    assert "ignored" not in qa("ask", WHO, cwd=workspace, env=env).stderr  # the packaged one, word for word
    own = template.replace("{% block system %}", "{% block system %}Answer as a pirate.")
    (workspace / "prompts" / "answer.j2").write_text(own, encoding="utf-8")
    assert "prompts/answer.j2 ignored: this workspace is not trusted" in qa("ask", WHO, cwd=workspace, env=env).stderr
    qa("trust", cwd=workspace, env=env)
    qa("ask", WHO, cwd=workspace, env=env)
    assert ["pirate" in str(request.body) for request in endpoint.requests] == [False, False, True]


def test_a_model_file_of_qa_toml_is_looked_for_in_the_workspace(qa: Run, workspace: Path, tmp_path: Path) -> None:
    env = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    (workspace / "qa.toml").write_text('model = "gguf:models/none.gguf"\n', encoding="utf-8")
    qa("trust", cwd=workspace, env=env)
    done = qa("ask", WHO, cwd=workspace / "seeds", env=env, code=1)
    assert f"There is no model file {workspace}/models/none.gguf" in done.stderr
    done = qa("ask", "--model", "gguf:none.gguf", WHO, cwd=workspace / "seeds", env=env, code=1)
    assert "There is no model file none.gguf" in done.stderr
    done = qa("ask", "--model", "gguf:~nosuch/x.gguf", WHO, cwd=workspace, env=env, code=2)
    assert "gguf:~nosuch/x.gguf: there is no such home folder" in done.stderr
    assert "gguf: needs the path" in qa("ask", "--model", "gguf:", WHO, cwd=workspace, env=env, code=2).stderr


def test_a_terminal_shows_each_statement_when_it_is_complete(
    on_terminal: Run, indexed: Path, endpoint: Any, env: dict[str, str]
) -> None:
    endpoint.script(says(endpoint, ("1871", RIGHT), ("lamp", "Its lamp can be seen from nineteen miles away.")))
    out, code = on_terminal(["ask", WHO], indexed, env=env)
    plain = ESCAPES.sub("", out)
    assert code == 0
    assert endpoint.requests[0].body["stream"] is True
    assert plain.index("sending the question") < plain.index(f"{RIGHT} [1]") < plain.index("    | The lighthouse")
    assert plain.index("    | The lighthouse") < plain.index(f"{LAMP} [2]") < plain.index("[2] Notes from the north")
    assert plain.count(f"{RIGHT} [1]") == 1


def test_a_connection_that_breaks_voids_what_was_shown(
    on_terminal: Run, indexed: Path, endpoint: Any, env: dict[str, str]
) -> None:
    def half(handler: Any, body: dict[str, Any]) -> None:
        shown = "\n".join(message["content"] for message in body["messages"])
        name = re.search(r"^\[(s\d+)\] .*1871", shown, re.M)
        assert name
        endpoint.dropped(f'{{"statements": [{{"evidence": ["{name[1]}"], "text": "{RIGHT}"}}, ')(handler, body)

    endpoint.script(half, says(endpoint, ("1871", RIGHT)))
    out, code = on_terminal(["ask", WHO], indexed, env=env)
    plain = ESCAPES.sub("", out)
    assert code == 0
    before, _, after = plain.partition("Ignore the above")
    assert f"{RIGHT} [1]" in before
    assert f"{RIGHT} [1]" in after
    assert "    | The lighthouse" in after


def test_a_hosted_model_without_a_key_is_an_error_before_anything_is_sent(qa: Run, indexed: Path) -> None:
    done = qa("ask", "--model", "gpt-x", WHO, cwd=indexed, code=1)
    assert "api.openai.com needs an API key, and none is set, so nothing was sent" in done.stderr
    assert "sending" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("streaming", [False, True])
def test_ctrl_c_while_the_model_writes_ends_in_one_line_and_130(
    environment: dict[str, str],
    indexed: Path,
    endpoint: Any,
    env: dict[str, str],
    streaming: bool,
    heed_ctrl_c: Callable[[], None],
) -> None:
    endpoint.script(endpoint.drip(b"data: {}\n\n") if streaming else endpoint.hang())
    process = subprocess.Popen(
        [str(QA), "ask", WHO],
        cwd=indexed,
        env=environment | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=heed_ctrl_c,
    )
    until = time.monotonic() + 60
    while not endpoint.requests and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == b""
    assert err.decode().splitlines()[1:] == ["qa: interrupted"]


def test_escape_sequences_of_a_model_are_shown_not_obeyed(
    on_terminal: Run, indexed: Path, endpoint: Any, env: dict[str, str]
) -> None:
    endpoint.script(says(endpoint, ("1871", RIGHT), ("1871", "\x1b[2J\x07It was \u202ebuilt in 1871 by nobody.")))
    out, _ = on_terminal(["ask", "--verbose", WHO], indexed, env=env)
    assert "\x1b[2J" not in out
    assert not set("\x07\u202e") & set(out)


def test_a_wrong_setting_of_the_environment_is_named(qa: Run, indexed: Path) -> None:
    for name, value in (("QA_DEADLINE", "soon"), ("QA_STRICT", "maybe"), ("QA_PRICE_PROMPT", "-1")):
        assert name in qa("status", cwd=indexed, env={name: value}, code=2).stderr


def opines(endpoint: Any, stated: bool, words: str = "") -> Callable[[Any, Any], None]:
    """A step that gives one opinion about every statement."""

    def step(handler: Any, body: dict[str, Any]) -> None:
        count = len(re.findall("^Statement: ", body["messages"][-1]["content"], re.M))
        made = [{"n": n, "not_stated": words, "stated": stated, "answers": True} for n in range(1, count + 1)]
        endpoint.answer(json.dumps({"opinions": made}))(handler, body)

    return step


@pytest.fixture
def judged(env: dict[str, str], endpoint: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment in which the model has passed the exam."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    examined.save("m", endpoint.base_url, exam.identity(packaged_prompt), exam.ExamResult(1.0, 1.0, 8))
    return env | {"XDG_DATA_HOME": str(tmp_path / "data"), "QA_SECOND_OPINION": "doubtful"}


def test_a_model_that_passed_the_exam_confirms_a_statement_in_a_second_request(
    qa: Run, workspace: Path, endpoint: Any, judged: dict[str, str]
) -> None:
    qa("index", cwd=workspace, env=judged)  # signed with the key of this data folder
    endpoint.script(says(endpoint, ("1871", RIGHT)), opines(endpoint, stated=True))
    done = qa("ask", "--json", WHO, cwd=workspace, env=judged)
    assert [(s["text"], s["verdict"]) for s in json.loads(done.stdout)["statements"]] == [(RIGHT, "supported")]
    assert "for a second opinion on the answer and the 1 sentence that it quotes" in done.stderr
    assert len(endpoint.requests) == 2
    assert BUILT in endpoint.requests[1].body["messages"][-1]["content"]


def test_its_objection_is_shown_and_it_cannot_lift_what_a_check_refused(
    qa: Run, workspace: Path, endpoint: Any, judged: dict[str, str]
) -> None:
    qa("index", cwd=workspace, env=judged)
    no = opines(endpoint, stated=False, words="in 1871")
    endpoint.script(says(endpoint, ("1871", BUILT), ("1871", RIGHT)), no)
    out = qa("ask", WHO, cwd=workspace, env=judged).stdout
    assert f"NOT SUPPORTED: {RIGHT} [1]\n  - A second reading found no support for: in 1871.\n" in out
    endpoint.requests.clear()
    endpoint.script(says(endpoint, ("1871", RIGHT), ("1871", WRONG)), opines(endpoint, stated=True))
    value = json.loads(qa("ask", "--json", WHO, cwd=workspace, env=judged).stdout)
    assert [s["verdict"] for s in value["statements"]] == ["supported", "unsupported"]
    assert WRONG not in endpoint.requests[1].body["messages"][-1]["content"]


def test_the_silence_of_a_model_that_passed_is_final(
    qa: Run, workspace: Path, endpoint: Any, judged: dict[str, str]
) -> None:
    qa("index", cwd=workspace, env=judged)
    endpoint.script(says(endpoint))
    done = qa("ask", WHO, cwd=workspace, env=judged, code=3)
    assert done.stdout.startswith("The sources do not say.\n")
    assert BUILT in done.stdout  # as what comes closest

"""`qa serve` and `qa index --watch` as processes: start, answers, changes, the end, and what they refuse."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

QA = Path(sys.executable).with_name("qa")
PATIENCE = 300
TOKEN = "correct-horse-battery"


class Serving:
    """A running command. lines: what it has said on standard error so far."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process, self.lines, self.address = process, [], ""

    def until(self, pattern: str) -> re.Match[str]:
        """Wait for a line on standard error."""
        assert self.process.stderr
        for line in self.process.stderr:
            self.lines.append(line.rstrip("\n"))
            if match := re.search(pattern, line):
                return match
        raise AssertionError("\n".join(self.lines))

    def get(self, path: str) -> Any:
        return httpx2.get(f"{self.address}{path}", timeout=PATIENCE).json()

    def ask(self, question: str) -> Any:
        return httpx2.post(f"{self.address}/api/ask", json={"question": question}, timeout=PATIENCE).json()


@contextmanager
def started(arguments: list[str], cwd: Path, env: dict[str, str]) -> Iterator[Serving]:
    process = subprocess.Popen(
        [str(QA), *arguments], cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    try:
        yield Serving(process)
    finally:
        process.kill()
        process.communicate()


@contextmanager
def serving(cwd: Path, env: dict[str, str], *arguments: str) -> Iterator[Serving]:
    with started(["serve", "--port", "0", *arguments], cwd, env) as command:
        command.address = command.until(r"(http://\S+:\d+)/ answers questions")[1]
        yield command


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_until_it_is_stopped(workspace: Path, environment: dict[str, str], number: int) -> None:
    with serving(workspace, environment) as command:
        assert command.lines[0] == "qa: quotes only; --model or QA_MODEL names a model"
        answer = command.ask("Who built the lighthouse of Marrow Point?")
        assert answer["quotes"][0]["source"] == "lighthouse.txt"
        command.process.send_signal(number)
        assert command.process.wait(PATIENCE) == 0


def test_the_answer_is_the_answer_of_the_command_line(workspace: Path, environment: dict[str, str], qa: Any) -> None:
    import json

    question = "Who built the lighthouse of Marrow Point?"
    with serving(workspace, environment, "--no-build") as command:
        served = command.ask(question)
    own = json.loads(qa("ask", "--json", question, cwd=workspace).stdout)
    assert {**served, "timings_ms": 0} == {**own, "timings_ms": 0}


def test_an_answer_in_progress_is_finished_first(workspace: Path, environment: dict[str, str], endpoint: Any) -> None:
    import threading

    def slowly(handler: Any, body: dict[str, Any]) -> None:
        time.sleep(2)
        endpoint.answer('{"statements": []}')(handler, body)

    endpoint.script(slowly)
    env = environment | {"OPENAI_BASE_URL": endpoint.base_url, "QA_MODEL": "m"}
    with serving(workspace, env) as command:
        assert f"asking m at {endpoint.host}" in command.lines[0]
        found: list[Any] = []
        asking = threading.Thread(target=lambda: found.append(command.ask("Who built the lighthouse of Marrow Point?")))
        asking.start()
        end = time.monotonic() + PATIENCE
        while not endpoint.requests:
            assert time.monotonic() < end
            time.sleep(0.05)
        command.process.send_signal(signal.SIGTERM)
        asking.join(PATIENCE)
        assert found[0]["schema"] == 1
        assert command.process.wait(PATIENCE) == 0


def test_watching_starts_from_nothing_and_follows_changes(bare: Path, environment: dict[str, str]) -> None:
    document = bare / "seeds" / "lighthouse.txt"
    text = document.read_text(encoding="utf-8")
    document.unlink()
    with serving(bare, environment, "--watch") as command:
        assert command.get("/api/health")["index"] == "missing"
        time.sleep(1)  # until the system watches the folder
        document.write_text(text, encoding="utf-8")
        command.until("has changed; updating the index")
        end = time.monotonic() + PATIENCE
        while command.get("/api/health")["index"] != "ready":
            assert time.monotonic() < end
            time.sleep(0.2)
        before = command.get("/api/health")["generation"]
        assert command.ask("Who built the lighthouse of Marrow Point?")["index"]["generation"] == before
        (bare / "seeds" / "moon.txt").write_text("The moon is made of basalt, said Otto Plume.\n", encoding="utf-8")
        while command.get("/api/health")["generation"] == before:
            assert time.monotonic() < end
            time.sleep(0.2)
        assert "moon.txt" in {hit["source"] for hit in command.ask("What is the moon made of?")["hits"]}


def test_index_watch_follows_changes(workspace: Path, environment: dict[str, str]) -> None:
    with started(["index", "--watch"], workspace, environment) as command:
        command.until(r"watching .*seeds; Ctrl-C stops it")
        time.sleep(1)
        (workspace / "seeds" / "moon.txt").write_text("The moon is made of basalt.\n", encoding="utf-8")
        assert command.process.stdout
        line = next(line for line in command.process.stdout if line.startswith("added"))
        assert line.split() == ["added", "moon.txt"]
        command.process.send_signal(signal.SIGINT)
        assert command.process.wait(PATIENCE) == 130


@pytest.mark.parametrize(
    ("arguments", "env", "said", "code"),
    [
        (["--host", "0.0.0.0"], {}, "lets other machines ask, which needs a token: set QA_SERVE_TOKEN", 2),
        (["--host", "0.0.0.0"], {"QA_SERVE_TOKEN": "short"}, "a token is one word of at least 16 characters", 2),
        (["--token-file", "none"], {}, "--token-file none cannot be read: No such file", 2),
        (["--allow-origin", "*"], {}, "expected an origin such as https://example.org", 2),
        (["--host", "no.such.host.invalid"], {"QA_SERVE_TOKEN": TOKEN}, "choose another address with --host", 1),
        (["--port", "99999"], {}, "65535", 2),
    ],
)  # fmt: skip
def test_what_cannot_be_served_is_refused(
    qa: Callable[..., Any], workspace: Path, arguments: list[str], env: dict[str, str], said: str, code: int
) -> None:
    done = qa("serve", *arguments, cwd=workspace, env=env, code=code)
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert "short" not in done.stderr


def test_a_port_that_is_taken_is_named(workspace: Path, environment: dict[str, str], qa: Callable[..., Any]) -> None:
    with serving(workspace, environment) as command:
        port = command.address.rpartition(":")[2]
        done = qa("serve", "--port", port, cwd=workspace, code=1)
        assert f"127.0.0.1 port {port}: Address already in use; choose another port with --port" in done.stderr


def test_a_port_that_is_taken_is_named_before_the_index_is_built(
    bare: Path, environment: dict[str, str], qa: Callable[..., Any]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = qa("serve", "--port", str(taken.getsockname()[1]), cwd=bare, code=1)
    assert "Address already in use" in done.stderr
    assert not (bare / "index").exists()


def test_a_token_guards_and_no_child_or_process_list_holds_it(workspace: Path, environment: dict[str, str]) -> None:
    (workspace / "token").write_text(TOKEN, encoding="ascii")
    with serving(workspace, environment, "--token-file", "token") as command:
        assert httpx2.get(f"{command.address}/api/health").status_code == 401
        headers = {"Authorization": f"Bearer {TOKEN}"}
        assert httpx2.get(f"{command.address}/api/health", headers=headers).status_code == 200
        if os.path.exists(f"/proc/{command.process.pid}/cmdline"):  # noqa: PTH110
            assert TOKEN.encode() not in Path(f"/proc/{command.process.pid}/cmdline").read_bytes()
    assert all(TOKEN not in line for line in command.lines)

"""`qa chat`: questions that follow each other, in a pipe and on a terminal."""

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qa.trust import packaged_prompt

QA = Path(sys.executable).with_name("qa")
WHO = "Who built the lighthouse of Marrow Point?"
BUILT = "The lighthouse of Marrow Point was built in 1871 by Edith Lanning."
FAR = "Who won the football match yesterday?"
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
Run = Callable[..., Any]


def said(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def test_a_pipe_gives_a_question_a_line_and_a_follow_up_says_how_it_is_understood(qa: Run, indexed: Path) -> None:
    out = qa("chat", cwd=indexed, stdin=said(WHO, "", "And the lamp of the lighthouse?")).stdout
    first, second = out.split("> And the lamp of the lighthouse?\n")
    assert first.startswith(f"> {WHO}\n[1] Notes from the north\n")
    assert BUILT in first
    assert "Understood as" not in first
    assert second.startswith(f"Understood as: {WHO.rstrip('?')}, the lamp of the lighthouse?\n")
    assert "Its lamp can be seen" in second


def test_a_question_without_an_answer_is_exit_code_3_and_the_rest_is_answered(qa: Run, indexed: Path) -> None:
    out = qa("chat", cwd=indexed, stdin=said(FAR, WHO), code=3).stdout
    assert "The sources do not say." in out
    assert BUILT in out


def test_new_forgets_what_was_asked(qa: Run, indexed: Path) -> None:
    kept = qa("chat", cwd=indexed, stdin=said(WHO, "yes")).stdout
    forgotten = qa("chat", cwd=indexed, stdin=said(WHO, "/new", "yes"), code=3).stdout
    assert f"Understood as: {WHO}" in kept.partition("> yes")[2]
    assert "A new conversation" in forgotten
    assert "Understood as" not in forgotten


def test_sources_and_why(qa: Run, indexed: Path) -> None:
    nothing = qa("chat", cwd=indexed, stdin=said("/sources", "/why")).stdout
    assert "Nothing has been quoted yet." in nothing
    assert "Nothing has been asked yet." in nothing
    out = qa("chat", cwd=indexed, stdin=said(WHO, "yes", "/sources", "/why")).stdout
    sources, why = out.partition("> /sources\n")[2].split("> /why\n")
    assert sources.splitlines()[:2] == ["Notes from the north", "  seeds/lighthouse.txt:3"]
    assert sources.count("seeds/lighthouse.txt:3") == 1
    assert f"understood as: {WHO}" in why
    assert "answerability 0." in why
    assert "threshold: 0.30" in why


def test_help_lists_the_commands_and_an_unknown_one_is_named(qa: Run, indexed: Path) -> None:
    done = qa("chat", cwd=indexed, stdin=said("/help", "/nope"))
    for command in ("/new", "/sources", "/why", "/help", "/quit"):
        assert re.search(rf"^{command} {{2,}}\w", done.stdout, re.M)
    assert "there is no command /nope; /help lists them" in done.stderr


def test_quit_ends_the_conversation(qa: Run, indexed: Path) -> None:
    assert "football" not in qa("chat", cwd=indexed, stdin=said(WHO, "/quit", FAR)).stdout


def test_a_line_that_cannot_be_asked_is_named_and_the_next_one_is_asked(qa: Run, indexed: Path) -> None:
    lines = b"caf\xe9?\n" + said("word " * 1001, WHO)
    done = qa("chat", cwd=indexed, stdin=lines, code=1)
    assert "line 1 of standard input is not UTF-8 and is left out" in done.stderr
    assert "the question has 1,001 words" in done.stderr
    assert BUILT in done.stdout
    qa("chat", cwd=indexed, stdin=b"caf\xe9?\n" + said(WHO), code=1)


def test_a_model_that_is_down_is_named_and_the_conversation_goes_on(qa: Run, indexed: Path, endpoint: Any) -> None:
    def answers(handler: Any, body: dict[str, Any]) -> None:
        shown = "\n".join(message["content"] for message in body["messages"])
        name = next(name for name, text in re.findall(r"^\[(s\d+)\] (.*)$", shown, re.M) if "1871" in text)
        reply = json.dumps({"statements": [{"evidence": [name], "text": BUILT}]})
        endpoint.answer(reply)(handler, body)

    endpoint.script(endpoint.error(401, "wrong key"), answers)
    env = {"OPENAI_BASE_URL": endpoint.base_url, "OPENAI_API_KEY": "k", "QA_MODEL": "m", "QA_DEADLINE": "20"}
    done = qa("chat", cwd=indexed, stdin=said(WHO, WHO), env=env, code=1)
    assert "key" in done.stderr
    assert f"{BUILT} [1]" in done.stdout


def test_questions_are_kept_where_the_settings_say_so(qa: Run, workspace: Path) -> None:
    qa("chat", cwd=workspace, stdin=said(WHO, "/why"), env={"QA_HISTORY": "1"})
    (kept,) = (workspace / ".qa" / "history.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(kept)["question"] == WHO


def test_a_follow_up_is_kept_as_it_was_understood(qa: Run, workspace: Path) -> None:
    qa("chat", cwd=workspace, stdin=said(WHO, "yes"), env={"QA_HISTORY": "1"})
    kept = (workspace / ".qa" / "history.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["question"] for line in kept] == [WHO, WHO]


def test_the_prompt_for_follow_ups_ships_with_qa() -> None:
    assert "{% block system %}" in packaged_prompt("follow_up.j2")


class Terminal:
    """`qa chat` on a terminal: type, and wait for what it prints."""

    def __init__(self, cwd: Path, env: dict[str, str]) -> None:
        pty = pytest.importorskip("pty")
        self._parent, child = pty.openpty()
        self._process = subprocess.Popen(
            [str(QA), "chat"],
            cwd=cwd,
            env=env | {"TERM": "xterm", "NO_COLOR": "1", "COLUMNS": "80"},
            stdin=child,
            stdout=child,
            stderr=child,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None,
        )
        os.close(child)
        self.seen = ""

    def type(self, text: str) -> None:
        os.write(self._parent, text.encode())

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def wait_for(self, words: str, again: Callable[[], None] = lambda: None) -> str:
        """What came until these words, without escape sequences. again: done for each second of waiting, as by a person
        whose key was pressed before anybody listened.
        """
        ends = time.monotonic() + 120
        while words not in self.seen:
            assert time.monotonic() < ends, self.seen
            if not select.select([self._parent], [], [], 1)[0]:
                again()
                continue
            try:
                self.seen += ESCAPES.sub("", os.read(self._parent, 65536).decode(errors="replace"))
            except OSError:
                raise AssertionError(f"it ended before it said {words!r}: {self.seen}") from None
        before, _, self.seen = self.seen.partition(words)
        return before

    def end(self) -> int:
        code = self._process.wait(60)
        os.close(self._parent)
        return code


def test_on_a_terminal_there_is_a_prompt_completion_and_ctrl_c_gives_up_a_line(
    indexed: Path, environment: dict[str, str]
) -> None:
    terminal = Terminal(indexed, environment)
    terminal.wait_for("Ask a question. /help lists the commands, Ctrl-D ends.")
    terminal.wait_for("> ")
    terminal.type("never sent")
    terminal.wait_for("never sent")
    terminal.interrupt()
    terminal.wait_for("> ", again=terminal.interrupt)
    terminal.type(f"{WHO}\n")
    terminal.wait_for("[1] Notes from the north")
    terminal.wait_for("> ")
    terminal.type("/so\t\n")
    terminal.wait_for("seeds/lighthouse.txt:3")
    terminal.wait_for("> ")
    terminal.type("\x04")
    assert terminal.end() == 0


def test_ctrl_c_gives_up_an_answer_and_the_conversation_goes_on(
    indexed: Path, environment: dict[str, str], endpoint: Any
) -> None:
    endpoint.script(endpoint.hang())
    model = {"OPENAI_BASE_URL": endpoint.base_url, "OPENAI_API_KEY": "k", "QA_MODEL": "m"}
    terminal = Terminal(indexed, environment | model)
    terminal.wait_for("> ")
    terminal.type(f"{WHO}\n")
    terminal.wait_for("sending the question")
    terminal.interrupt()
    terminal.wait_for("interrupted; this question is not part of the conversation")
    terminal.type("/sources\n")
    terminal.wait_for("Nothing has been quoted yet.")
    terminal.type("/quit\n")
    assert terminal.end() == 0


def test_ctrl_c_in_a_check_of_the_model_leaves_the_answer(
    indexed: Path, environment: dict[str, str], endpoint: Any
) -> None:
    endpoint.script(endpoint.answer('{"statements": []}'), endpoint.hang())
    model = {"OPENAI_BASE_URL": endpoint.base_url, "OPENAI_API_KEY": "k", "QA_MODEL": "m"}
    terminal = Terminal(indexed, environment | model | {"QA_SECOND_OPINION": "doubtful"})
    terminal.wait_for("> ")
    terminal.type(f"{WHO}\n")
    terminal.wait_for("checking whether m can judge")
    terminal.interrupt()
    terminal.wait_for("interrupted; the answer above counts")
    terminal.type("/why\n")
    terminal.wait_for("understood as: ")
    terminal.type("/quit\n")
    assert terminal.end() == 0

"""A language model's endpoint that fails in every way under many questions, and memory over many questions."""

import gc
import json
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from faults.workspaces import ENCODER, FERRY, LIGHTHOUSE, QUESTIONS, Workspace
from support.endpoint import Endpoint

from qa.answer.assistant import Assistant
from qa.errors import ChatError
from qa.llm.chat import OpenAIChat
from qa.llm.protocol import ChatRequest
from qa.retrieve.retriever import Retriever
from qa.testing import FakeChat

__all__ = ["concurrent_faults", "memory"]

ASKED = (("Who built the lighthouse of Marrow Point?", "Edith Lanning"), ("What does a ticket cost?", "14 crowns"))


def concurrent_faults(root: Path, questions: int, threads: int = 32) -> tuple[Counter[str], list[str]]:
    """Ask in many threads over one chat whose endpoint answers well or badly in turn.

    Each question gets its own right answer or a ChatError, never silence and never another question's answer. Returns
    how often what came out, and what was wrong.
    """
    space = Workspace(root / "endpoint")
    space.write(lighthouse=LIGHTHOUSE, ferry=FERRY)
    space.build()
    endpoint = Endpoint()
    played: list[Callable[[Any, Any], None]] = _plays(endpoint)
    turn = _Turn()

    def step(handler: Any, body: dict[str, Any]) -> None:
        played[turn() % len(played)](handler, body)

    endpoint.script(*[step] * questions * 20)
    outcomes: Counter[str] = Counter()
    wrong: list[str] = []
    with (
        Retriever.open(space.index, encoder=ENCODER) as retriever,
        OpenAIChat("m", endpoint.base_url, deadline=3.0, silence=0.5) as chat,
        ThreadPoolExecutor(threads) as pool,
    ):
        assistant = Assistant(retriever, chat, floor=0.0)
        for said, problem in pool.map(lambda n: _ask(assistant, *ASKED[n % len(ASKED)]), range(questions)):
            outcomes[said] += 1
            wrong += [problem] if problem else []
    endpoint.close()
    return outcomes, wrong


class _Turn:
    def __init__(self) -> None:
        self._lock, self._count = threading.Lock(), 0

    def __call__(self) -> int:
        with self._lock:
            self._count += 1
            return self._count


def _plays(endpoint: Endpoint) -> list[Callable[[Any, Any], None]]:
    def good(handler: Any, body: dict[str, Any]) -> None:
        """Points at the sentence that answers what this very request asks."""
        prompt = "\n".join(message["content"] for message in body["messages"])
        asked = prompt[prompt.rindex("Question") :] if "Question" in prompt else prompt
        words = next((w for q, w in ASKED if q in asked), ASKED[0][1])
        ids = [_id(line) for line in prompt.splitlines() if words in line]
        reply = {"statements": [{"evidence": ids[:1], "text": f"{_sentence(prompt, words)}"}]}
        Endpoint.answer(json.dumps(reply))(handler, body)

    return [
        good,
        endpoint.error(500, "internal"),
        good,
        endpoint.error(429, "slow down", {"retry-after": "0.1"}),
        endpoint.dropped('{"statements": [{"evid'),
        good,
        endpoint.raw(b"<html>gateway</html>", "text/html", 502),
        endpoint.events("{", "[]", "null"),
        good,
        endpoint.hang(),
        good,
        endpoint.raw(b"\xff\xfe\x00", "application/json"),
        endpoint.drip(b": wait\n\n"),
        good,
        endpoint.events(),
        endpoint.answer("", finish="length"),
        endpoint.answer("Nothing that anybody could read as a statement"),
        good,
    ]


def _id(line: str) -> str:
    return line.partition("]")[0].strip().lstrip("[")


def _sentence(prompt: str, words: str) -> str:
    line = next(line for line in prompt.splitlines() if words in line)
    return line.partition("]")[2].strip()


def _ask(assistant: Assistant, question: str, words: str) -> tuple[str, str]:
    try:
        answer = assistant.ask(question)
    except ChatError as error:
        return type(error).__name__, "" if str(error) else "an error without a message"
    except Exception as problem:
        return type(problem).__name__, f"{question}: {type(problem).__name__}: {problem}"
    if answer.status != "answered":
        return answer.status, f"{question}: {answer.status} ({answer.reason})"
    return f"answered ({answer.mode})", "" if words in answer.text else f"{question}: {answer.text}"


def memory(root: Path, questions: int) -> tuple[int, int]:
    """Ask so many questions, all of them different, with a model that answers, and refresh from time to time.

    Returns the bytes of resident memory after a tenth of the questions, and in the end.
    """
    space = Workspace(root / "memory")
    space.write(lighthouse=LIGHTHOUSE, ferry=FERRY)
    space.build()
    chat = FakeChat(lambda request: _reply(request))
    early = 0
    with Retriever.open(space.index, encoder=ENCODER) as retriever:
        assistant = Assistant(retriever, chat, floor=0.0)
        for number in range(questions):
            assistant.ask(f"{QUESTIONS[number % 2]} In {1000 + number} or by number {number}?")
            chat.requests.clear()
            if number % 100 == 0:
                retriever.refresh()
            if number == questions // 10:
                early = _resident()
    return early, _resident()


def _reply(request: ChatRequest) -> dict[str, object]:
    prompt = request.messages[-1].content
    return {"statements": [{"evidence": [_id(prompt[prompt.index("[") :])], "text": "The ferry leaves twice a day."}]}


def _resident() -> int:
    import os

    gc.collect()
    with open("/proc/self/statm") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

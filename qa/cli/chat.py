"""The language model that the settings name, and what is said of it while it is asked."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from qa.cli.common import counted, note
from qa.cli.render import label, visible
from qa.errors import SettingError
from qa.llm.chat import Delta, OpenAIChat

if TYPE_CHECKING:
    from qa.llm.chat import ChatReply, ChatRequest
    from qa.llm.gguf import GgufChat
    from qa.records import Answer
    from qa.workspace import Settings, Workspace

__all__ = ["AnnouncingChat", "gguf_path", "note_templates", "open_chat", "price", "spent"]

GGUF = "gguf:"
PATIENCE = 2.0  # seconds; a longer wait between two tries is told
GGUF_DEADLINE = 600.0  # seconds: a processor reads a prompt slowly
SILENCE = 60.0  # seconds without a byte before a try is given up, or half of a longer deadline


class AnnouncingChat:
    """A chat that says on standard error where text goes before it goes there; with `verbose`, prints all of it."""

    def __init__(self, chat: "OpenAIChat | GgufChat", verbose: bool = False) -> None:
        self._chat, self._verbose = chat, verbose
        self._asked = False

    @property
    def model(self) -> str:
        return self._chat.model

    @property
    def is_local(self) -> bool:
        return self._chat.is_local

    def stream(self, request: "ChatRequest") -> "Iterator[Delta | ChatReply]":
        """As the chat does."""
        self._announce(request)
        for item in self._chat.stream(request):
            if not isinstance(item, Delta):
                self._report(request, item)
            yield item

    def _announce(self, request: "ChatRequest") -> None:
        again = "that was too long for the model; " if self._asked else ""
        self._asked = True
        if isinstance(self._chat, OpenAIChat):
            sentences = counted(request.sentences, "sentence")
            note(f"{again}sending the question and {sentences} of the sources to {self._chat.host}")
        else:
            note(f"{again}asking {self._chat.model} on this machine; nothing is sent anywhere")
        if self._verbose:
            self._show_messages(request, plain=False)
            _show("schema of the answer", json.dumps(request.schema, ensure_ascii=False))

    def _report(self, request: "ChatRequest", reply: "ChatReply") -> None:
        if reply.finish == "length":
            note("the model was cut off in its answer; what it had stated until then counts")
        if self._verbose:
            if reply.mode == "text" and request.plain_messages:
                note("no JSON mode there: these messages were sent in place of the others")
                self._show_messages(request, plain=True)
            _show(f"answer of {reply.model}, mode {reply.mode}, end {reply.finish}", reply.text)

    def _show_messages(self, request: "ChatRequest", plain: bool) -> None:
        for message in request.plain_messages if plain else request.messages:
            _show(f"{message.role} message to {self._chat.model}", message.content)


def _show(title: str, text: str) -> None:
    print(f"--- {label(title)}\n{visible(text)}", file=sys.stderr, flush=True)


def _wait(seconds: float) -> None:
    """Between two tries: somebody who looks at a terminal wants to know why nothing happens."""
    if seconds >= PATIENCE:
        note(f"no answer yet; asking again in {seconds:.0f} seconds")
    time.sleep(seconds)


def gguf_path(workspace: "Workspace", settings: "Settings") -> Path | None:
    """The model file that the settings name, None if they name none; one in `qa.toml` is relative to the workspace."""
    model: str = settings["model"]
    if not model.startswith(GGUF):
        return None
    if model == GGUF:
        raise SettingError(f"{settings.origin('model')}: gguf: needs the path of a model file behind it")
    try:
        path = Path(model.removeprefix(GGUF)).expanduser()
    except RuntimeError:
        raise SettingError(f"{settings.origin('model')}: {model}: there is no such home folder") from None
    return workspace.root / path if settings.origin("model") == "qa.toml" else path


@contextmanager
def open_chat(workspace: "Workspace", settings: "Settings") -> "Iterator[OpenAIChat | GgufChat]":
    """The model that the settings name; closed at the end. Raises SettingError or LocalModelError for a wrong one."""
    path = gguf_path(workspace, settings)
    if path is not None:
        from qa.llm.gguf import GgufChat, check

        check(path)
        deadline = GGUF_DEADLINE if settings.origin("deadline") == "default" else settings["deadline"]
        with GgufChat(path, deadline=deadline) as local:
            yield local
        return
    deadline = settings["deadline"]
    key, url = settings["api_key"] or None, settings["base_url"] or None
    chat = OpenAIChat(settings["model"], url, key, deadline=deadline, silence=max(SILENCE, deadline / 2), sleep=_wait)
    chat.check()
    with chat:
        yield chat


def note_templates(workspace: "Workspace") -> None:
    """Say that templates of an untrusted workspace are not used."""
    from qa.workspace import is_trusted, own_templates

    names = own_templates(workspace)
    if names and not is_trusted(workspace):
        listed = ", ".join(f"prompts/{name}" for name in names)
        note(f"{listed} ignored: this workspace is not trusted. Look at what stands there, then run: qa trust")


def price(answer: "Answer", settings: "Settings") -> float | None:
    """What the answer cost, in the currency of the configured prices; None when there are none."""
    prompt, completion = settings["price_prompt"], settings["price_completion"]
    if not prompt and not completion:
        return None
    used = answer.usage
    return float(prompt * used.get("prompt_tokens", 0) + completion * used.get("completion_tokens", 0)) / 1_000_000


def spent(answer: "Answer", settings: "Settings") -> str:
    """Tokens, cost where prices are configured, and time, for people."""
    used = answer.usage
    text = f"{used.get('prompt_tokens', 0):,} tokens in, {used.get('completion_tokens', 0):,} out"
    cost = price(answer, settings)
    text += f", cost {cost:.6f}" if cost is not None else ""
    return f"{text}, {answer.timings_ms['llm'] / 1000:.1f} s"

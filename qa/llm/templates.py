"""A prompt template to text. One that did not ship with qa is rendered in a child process with limits: even in Jinja's
sandbox, a few nested loops would run for ever, and one multiplication would fill the memory.

`handle` runs in the child.
"""

import atexit
import json
import os
import threading
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from qa.errors import SettingError
from qa.text import blanked
from qa.trust import packaged_prompt
from qa.worker import Frame, Stopped, Worker, out_of_memory

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["LOOK_ALIKES", "handle", "neutral", "render"]

LOOK_ALIKES = {"[": "［", "]": "］", "<": "‹", ">": "›", "{": "｛", "}": "｝", '"': "”", "`": "ˋ"}
NEUTRAL = str.maketrans(LOOK_ALIKES)

SECONDS = 10.0
MEMORY = 2**29  # bytes
CHARACTERS = 4_000_000  # of both blocks; the largest prompt that the settings allow has some three million
BLOCKS = ("system", "user")


def neutral(text: str) -> str:
    """One line of a document in which nothing can close a fence, open a tag, or look like an id.

    Brackets, quotation marks and backticks become look-alikes, control and invisible characters spaces. Quotes are
    never taken from here.
    """
    line = blanked(text)
    line = line if line.isprintable() else "".join(c if c.isprintable() else " " for c in line)
    return " ".join(line.split()).translate(NEUTRAL)


def render(name: str, source: str, variables: Mapping[str, Any]) -> tuple[str, str]:
    """The blocks `system` and `user` of a template. variables: JSON-able.

    Raises SettingError, which names the template, for one that cannot be rendered, takes more than SECONDS or MEMORY,
    or writes more than CHARACTERS.
    """
    try:
        texts = _blocks(source, variables) if _ships(name, source) else _child.render(source, variables)
    except _Problem as problem:
        raise SettingError(f"the prompt template {name} {problem}") from None
    return texts


def _ships(name: str, source: str) -> bool:
    try:
        return source == packaged_prompt(name)
    except OSError:
        return False


class _Problem(Exception):
    """What is wrong with a template, as the end of a sentence."""


def _blocks(source: str, variables: Mapping[str, Any]) -> tuple[str, str]:
    from jinja2 import TemplateError

    try:
        parsed = _compiled(source)
        context = parsed.new_context(dict(variables))
        texts = {block: "".join(parsed.blocks[block](context)).strip() for block in BLOCKS}
    except KeyError as error:
        raise _Problem(f"has no block {error}; it needs the blocks system and user") from None
    except (
        *(TemplateError, TypeError, ValueError, ArithmeticError, AttributeError, LookupError, RecursionError),
    ) as error:
        raise _Problem(f"cannot be rendered: {type(error).__name__}: {error}") from None
    return texts["system"], texts["user"]


@lru_cache(maxsize=16)
def _compiled(source: str) -> "Template":
    """A template, ready to render; to compile it takes longer than all the rest of a prompt."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    return environment.from_string(source)


class _Child:
    """The child process, started by the first template that needs it and kept for the next ones."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worker: Worker | None = None
        self._owner = 0  # the process that started it; a fork of that one needs its own

    def render(self, source: str, variables: Mapping[str, Any]) -> tuple[str, str]:
        with self._lock:
            used = self._worker is not None and self._owner == os.getpid()
            try:
                reply = self._ask(source, variables)
            except Stopped as error:
                if not (used and error.why == "died"):
                    raise _Problem(self._why(error)) from None
                try:  # it may have been ended from outside while it had nothing to do
                    reply = self._ask(source, variables)
                except Stopped as again:
                    raise _Problem(self._why(again)) from None
        return self._checked(reply)

    def _ask(self, source: str, variables: Mapping[str, Any]) -> Frame:
        if self._worker is None or self._owner != os.getpid():
            self._worker, self._owner = Worker(__name__, MEMORY).start(), os.getpid()
        body = json.dumps({"source": source, "variables": variables}).encode()
        self._worker.send({"seconds": SECONDS}, body, 4 * CHARACTERS)
        try:
            return self._worker.receive(SECONDS)
        except BaseException:  # Ctrl-C too: its reply must not be taken for the next one's
            self.close()
            raise

    def close(self) -> None:
        """End the child; the next template starts another."""
        if self._worker and self._owner == os.getpid():
            self._worker.close()
        self._worker = None

    @staticmethod
    def _why(error: Stopped) -> str:
        if error.why == "time":
            return f"takes longer than {SECONDS:g} seconds to render; look for nested loops"
        return f"cannot be rendered: the process that rendered it ended ({error.detail})"

    @staticmethod
    def _checked(reply: Frame) -> tuple[str, str]:
        problem, size = reply.head.get("problem"), reply.head.get("system")
        if isinstance(problem, str):
            raise _Problem(problem)
        if type(size) is not int or not 0 <= size <= len(reply.body):
            raise _Problem("cannot be rendered: the process that rendered it gave no text")
        decoded = (part.decode("utf-8", "replace") for part in (reply.body[:size], reply.body[size:]))
        return next(decoded), next(decoded)


_child = _Child()
atexit.register(_child.close)


def handle(head: Mapping[str, Any], body: bytes) -> Frame:
    """In the child: one template rendered, or the reason why it cannot be."""
    try:
        told = json.loads(body)
        texts = _blocks(told["source"], told["variables"])
    except _Problem as problem:
        return Frame({"problem": str(problem)[:2000]})
    except Exception as error:  # a template can call filters with anything
        memory = f"needs more than {MEMORY // 2**20} MB of memory"
        why = memory if out_of_memory(error) else f"cannot be rendered: {type(error).__name__}"
        return Frame({"problem": why})
    if sum(map(len, texts)) > CHARACTERS:
        return Frame({"problem": f"writes more than {CHARACTERS:,} characters"})
    system, user = (text.encode("utf-8", "replace") for text in texts)
    return Frame({"system": len(system)}, system + user)

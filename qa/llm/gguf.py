"""A GGUF file as a language model: llama.cpp's own server, in this process, on loopback, behind `OpenAIChat`.

Needs the package xllamacpp (the extra `local`), which brings llama.cpp as prebuilt wheels.
"""

import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any, Self

from qa.errors import LocalModelError
from qa.files import open_named, path_of
from qa.llm.chat import OpenAIChat
from qa.llm.protocol import ChatReply, ChatRequest, Closing, Delta
from qa.modelfiles import content, stamp, why_unread

__all__ = ["GgufChat", "GgufServer", "check"]

MAGIC = b"GGUF"
STARTED = 0.5  # seconds after loading until its loop runs for certain
NEED = "Running a GGUF file needs the package xllamacpp: pip install 'quoteqa[local]'."


class GgufServer(Closing):
    """llama.cpp's server for one file, on a free port of 127.0.0.1, with a random key. Use as a context manager.

    base_url, api_key: for `OpenAIChat`, once started. context: tokens of prompt and answer together. threads: None for
    the number of processors. trusted: the model's files with the SHA-256 of each, where nothing else may be loaded.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        context: int = 8192,
        threads: int | None = None,
        trusted: Mapping[Path, str] | None = None,
    ) -> None:
        self.path = Path(path)
        self.trusted = trusted or {}
        self.context = context
        self.threads = threads
        self.base_url = ""
        self.api_key = ""
        self._server: Any = None

    def __enter__(self) -> Self:
        return self.start()

    def start(self) -> Self:
        """Load the file and serve it, in seconds. Raises LocalModelError: no package, no file, no usable model."""
        if self._server is None:
            check(self.path)
            self._server = self._serve()
            self.base_url = f"{self._server.listening_address}/v1"
        return self

    def close(self) -> None:
        """Stop serving and free the model's memory. Closing twice is fine."""
        self._server = None  # the last reference: the server stops, and its threads end, when it is freed
        self.base_url = self.api_key = ""

    def _serve(self) -> Any:
        try:
            import xllamacpp
        except ImportError:
            raise LocalModelError(NEED) from None
        params = xllamacpp.CommonParams()
        self.api_key = secrets.token_urlsafe(24)
        params.model_alias = {self.path.stem}
        params.hostnames, params.port, params.api_keys = ["127.0.0.1"], 0, [self.api_key]
        params.n_ctx, params.n_parallel = self.context, 1
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = self.threads or os.cpu_count() or 2
        params.verbosity = -1  # llama.cpp writes its log to the terminal, whatever Python's streams are
        params.ui = params.endpoint_slots = params.warmup = False
        params.offline = True
        params.cache_prompt = False  # measured: with it, the same question at temperature 0 gets another answer later
        try:
            with self._unchanged() as params.model.path, _interrupts_wait():
                return xllamacpp.Server(params)
        except RuntimeError:
            raise LocalModelError(
                f"llama.cpp cannot load {self.path}: the file is damaged or cut off, needs a newer xllamacpp, or needs "
                "more memory than is available."
            ) from None

    @contextmanager
    def _unchanged(self) -> Iterator[str]:
        """The path to load from.

        Raises LocalModelError if a file is not the one that was trusted, or was written to before the end of the block,
        even if its content is the same then.
        """
        if not self.trusted:
            yield str(self.path)
            return
        try:
            opened = open_named(self.path)
        except OSError as error:
            raise LocalModelError(f"The model file {self.path} cannot be read: {error.strerror}.") from None
        with opened as file:
            before = self._stamps(file)
            self._check(content(self.path, file) == self.trusted.get(self.path))
            in_one = len(self.trusted) == 1  # llama.cpp derives the names of further parts from the path
            yield path_of(file, self.path) if in_one and sys.platform == "linux" else str(self.path)
            self._check(self._stamps(file) == before)
        self._check(all(content(path) == sha256 for path, sha256 in self.trusted.items()))

    def _stamps(self, file: BufferedReader) -> list[list[int]]:
        """The stamps of the open file, and of every file of the model by its path."""
        try:
            return [stamp(os.fstat(file.fileno())), *(stamp(path.stat()) for path in self.trusted)]
        except OSError as error:
            raise LocalModelError(f"The model file {self.path} cannot be read: {error.strerror}.") from None

    def _check(self, unchanged: bool) -> None:
        if not unchanged:
            raise LocalModelError(f"{self.path} has changed since qa trust covered it. If that was you: qa trust")


class GgufChat(Closing):
    """A `Chat` over a GGUF file. The model is loaded by the first question and stays until `close`.

    deadline: seconds for one answer, without loading. The other settings are those of `GgufServer` and `OpenAIChat`.
    """

    is_local = True

    def __init__(
        self,
        path: Path | str,
        *,
        context: int = 8192,
        threads: int | None = None,
        deadline: float = 600.0,
        temperature: float | None = 0.0,
        seed: int | None = 0,
        trusted: Mapping[Path, str] | None = None,
    ) -> None:
        self.path = Path(path)
        self.model = self.path.stem
        self._server = GgufServer(path, context=context, threads=threads, trusted=trusted)
        self._deadline, self._temperature, self._seed = deadline, temperature, seed
        self._chat: OpenAIChat | None = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"GgufChat({str(self.path)!r})"

    def stream(self, request: ChatRequest) -> Iterator[Delta | ChatReply]:
        """Answer a request. Raises LocalModelError if the model cannot be loaded, else as `OpenAIChat`."""
        yield from self._loaded().stream(request)

    def close(self) -> None:
        """Stop the server and free the memory; a later question loads the model again."""
        with self._lock:
            chat, self._chat = self._chat, None
            if chat is not None:
                chat.close()
            self._server.close()

    def _loaded(self) -> OpenAIChat:
        with self._lock:
            if self._chat is None:
                server = self._server.start()
                self._chat = OpenAIChat(
                    self.model,
                    server.base_url,
                    server.api_key,
                    deadline=self._deadline,
                    silence=self._deadline,  # a long prompt is read in silence, and asking again would not help
                    temperature=self._temperature,
                    seed=self._seed,
                )
            return self._chat


@contextmanager
def _interrupts_wait() -> Iterator[None]:
    """Ctrl-C counts at the end of the block: a server that is freed while it starts waits for its own end for ever."""
    pressed: list[int] = []
    try:
        before = signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    except ValueError:  # only the main thread is interrupted at all
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        time.sleep(STARTED)
        raise KeyboardInterrupt


def check(path: Path) -> None:
    """Raises LocalModelError, with what to do, if the file is not there or not a GGUF file at all."""
    try:
        with open_named(path) as file:
            magic, why_not = file.read(4), why_unread(os.fstat(file.fileno()))
    except FileNotFoundError:
        raise LocalModelError(f"There is no model file {path}. Give the path of a .gguf file: gguf:PATH.") from None
    except (OSError, ValueError) as err:
        why = getattr(err, "strerror", None) or err
        raise LocalModelError(f"The model file {path} cannot be read: {why}.") from None
    if magic != MAGIC:
        raise LocalModelError(f"{path} is not a GGUF file. Models in this format end in .gguf.")
    if why_not:
        raise LocalModelError(f"{path} is {why_not}, so it cannot be a model. Fetch it again.")

"""A workspace that answers several people at once, each from one generation of the index."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qa import addresses, schema
from qa.answer.assistant import Assistant
from qa.answer.conversation import Turn
from qa.answer.events import Done, Event
from qa.answer.threaded import threaded
from qa.errors import ChatError, IndexMissingError, IndexUnusableError, ModelError, QaError, WorkspaceError
from qa.index import store
from qa.llm.protocol import SharedDeadline
from qa.quotes import verification
from qa.records import Answer, Document, Evidence, Hit
from qa.retrieve.retriever import Retriever, check_question
from qa.serve.conversation import proven
from qa.serve.limits import Limits, Slots
from qa.session import Session

if TYPE_CHECKING:
    from qa.index.build import Progress
    from qa.llm.protocol import Chat

__all__ = ["Engine", "Health", "UnknownSource"]

DRAWING = 4  # threads that wait for pages of PDF files; these are drawn one after the other
HERE = "this machine"


class UnknownSource(Exception):
    """The index has no source of this id."""


@dataclass(frozen=True, slots=True)
class Health:
    """How the server is doing. index: ready, missing (nothing to index yet) or failed. model: none, ready, or failed
    if it gave no answer when it was asked last. host, store: where the model runs, and where the index is searched.
    index_problem, model_problem: why it is not ready; problem: the first of them.
    """

    index: str
    generation: str
    documents: int
    model: str
    model_name: str
    host: str
    running: int
    store: str = HERE
    index_problem: str = ""
    model_problem: str = ""
    problem: str = ""


class Engine:
    """Answers questions of a session. Everything that blocks is done in bounded pools of threads.

    chat: the model, None for quotes only.
    """

    def __init__(self, session: Session, chat: "Chat | None" = None, limits: Limits | None = None) -> None:
        self.session, self.chat, self.limits = session, chat, limits or Limits()
        self.slots = Slots(self.limits.questions)
        self._readers = ThreadPoolExecutor(self.limits.readers, "qa-read")
        self._checking = ThreadPoolExecutor(1, "qa-check")
        self._drawing = ThreadPoolExecutor(DRAWING, "qa-draw")
        self._answering = ThreadPoolExecutor(self.limits.questions, "qa-answer")
        self._lock = threading.Lock()
        self._assistant: Assistant | None = None
        self._problem = ""
        self._model_problem = ""
        self._exam = threading.Lock()  # held while the model sits the exam, and once that is over
        self._unread: tuple[str, Mapping[str, Sequence[str]]] = ("", {})

    def start(self, build: bool = True, progress: "Progress | None" = None) -> None:
        """Build or update the index, and open it. Where there is nothing to index yet, the server says so and waits.

        Raises QaError for an index or a model that cannot be used.
        """
        try:
            retriever = self.session.retriever(build=build, progress=progress, unfinished=True)
            retriever.encoder  # noqa: B018  (loaded now rather than by the first question)
            self._assistant = self.session.assistant(self.chat)
        except WorkspaceError as error:
            self._problem = str(error)
            self.session.notify(str(error))

    def close(self) -> None:
        """Begin nothing else."""
        for pool in (self._answering, self._readers, self._checking, self._drawing):
            pool.shutdown(wait=False, cancel_futures=True)

    @property
    def assistant(self) -> Assistant:
        """The assistant on the newest generation. Raises WorkspaceError where there is no index yet."""
        with self._lock:
            if self._assistant is None:
                try:
                    self.session.retriever(build=False)
                except IndexMissingError:
                    raise WorkspaceError(self._problem or "there is no index yet; run: qa index") from None
                self._assistant = self.session.assistant(self.chat)
            self._refresh(self._assistant.retriever)
            return self._assistant

    def _refresh(self, retriever: Retriever) -> None:
        """Move to the newest generation; one that cannot be opened leaves the present one in use."""
        try:
            if retriever.refresh():
                self.session.notify(f"the index was updated: {retriever.generation}")
            self._problem = ""
        except (IndexUnusableError, ModelError) as error:
            if str(error) != self._problem:
                self.session.notify(f"answers still come from {retriever.generation}: {error}")
            self._problem = str(error)

    @property
    def retriever(self) -> Retriever:
        """The newest generation, which stays the same while it is used. Raises as `assistant` does."""
        return self.assistant.retriever.snapshot()

    async def stream(
        self, question: str, where: Sequence[str] = (), history: Sequence[Turn] = ()
    ) -> AsyncGenerator[Event, None]:
        """The events of one answer. Closing the iterator gives the model's request up.

        history: turns from anywhere, see `qa.serve.conversation.proven`. Raises ServerBusyError at once where too many
        questions are being answered, and else as `Assistant.stream`.
        """
        check_question(question)
        self.slots.take()
        deadline = SharedDeadline()
        events = self._events(question, where, history, deadline)
        pools = self._readers, self._answering
        async with aclosing(threaded(events, deadline.cancel, pools, self.slots.free)) as stepped:
            async for event in stepped:
                yield event

    async def ask(self, question: str, where: Sequence[str] = (), history: Sequence[Turn] = ()) -> Done:
        """The last event of one answer. Cancelling it gives the model's request up; raises as `stream` does."""
        async with aclosing(self.stream(question, where, history)) as events:
            async for event in events:
                if isinstance(event, Done):
                    return event
        raise ValueError("the events ended without an answer")

    def _events(
        self, question: str, where: Sequence[str], history: Sequence[Turn], deadline: SharedDeadline
    ) -> Generator[Event, None, None]:
        assistant = self.assistant.snapshot().ended_by(deadline)
        events = assistant.stream(question, where, proven(assistant.retriever, history))
        try:
            with closing(events):
                for event in events:
                    if isinstance(event, Done) and event.answer.prompt_sha256:
                        self._model_problem = ""
                        self._examine()
                    yield event
        except ChatError as error:
            if not deadline.cancelled:
                self._model_problem = str(error)
            raise

    def _examine(self) -> None:
        """After its first answer, let the model sit the exam that decides whether it may judge; if that breaks off,
        after the next one.
        """
        if self.chat is not None and self._exam.acquire(blocking=False):
            threading.Thread(target=self._sit_exam, args=(self.chat,), name="qa-exam", daemon=True).start()

    def _sit_exam(self, chat: "Chat") -> None:
        is_over = False
        try:
            if self.session.examiner.examine(chat):
                fresh = self.session.assistant(chat)
                with self._lock:
                    self._assistant = fresh
                is_over = True
        except QaError as error:
            self.session.notify(f"{chat.model} was not examined: {error}")
        finally:
            if not is_over:
                self._exam.release()

    async def read(self, work: Callable[[], Any]) -> Any:
        """What a function returns that reads or encodes, from a thread of the bounded pool."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, work)

    async def draw(self, work: Callable[[], Any]) -> Any:
        """The same for what may draw pages of a PDF, so that no question waits for it."""
        return await asyncio.get_running_loop().run_in_executor(self._drawing, work)

    async def check(self, work: Callable[[], Any]) -> Any:
        """The same for what checks quotes, one text after the other, so that nothing else waits for it."""
        return await asyncio.get_running_loop().run_in_executor(self._checking, work)

    def search(self, query: str, k: int | None, where: Sequence[str]) -> tuple[Sequence[Hit], Evidence]:
        """Passages and quotes. Blocks; raises as `Retriever.retrieve`."""
        return self.retriever.retrieve(query, k or self.session.settings["k"], where)

    def record(self, answer: Answer) -> dict[str, Any]:
        """An answer in schema 1, with its cost where prices are configured."""
        return schema.answer(answer, self.session.cost(answer))

    def document(self, doc_id: str) -> Document:
        """A document of the newest generation. Blocks; raises UnknownSource."""
        try:
            return self.retriever.document(doc_id)
        except KeyError:
            raise UnknownSource(doc_id) from None

    def verify(self, text: str) -> dict[str, Any]:
        """What `qa verify --json` reports about a text, with `notices` about files that differ. Blocks; raises
        UsageError for more than a server checks at a time.
        """
        notices: list[str] = []
        found = verification.bounded_claims(text)
        report = verification.verify(
            found, self.retriever, self.session.sources, notices.append, self.session.settings.build().ocr
        )
        return report | {"notices": notices}

    def unread(self) -> Mapping[str, Sequence[str]]:
        """Files that could not be read, and parts of files, each with its reasons. Blocks when the index is new; raises
        QaError where its list cannot be read.
        """
        retriever = self.retriever
        if self._unread[0] != retriever.generation:
            found: dict[str, Sequence[str]] = {info.id: info.unread for info in retriever.documents if info.unread}
            with closing(store.Generation.open(self.session.workspace.index)) as generation:
                skipped = (source for source in generation.sources() if source.state == "skipped")
                found |= {source.id: (source.detail,) for source in skipped}
                if generation.name != retriever.generation:  # published in between
                    return found
            self._unread = retriever.generation, found
        return self._unread[1]

    def health(self) -> Health:
        """The state of index and model. Never raises."""
        generation, documents, index = "", 0, "ready"
        try:
            retriever = self.retriever
            generation, documents = retriever.generation, len(retriever.documents)
        except WorkspaceError:
            index = "missing"
        except QaError as error:
            index, self._problem = "failed", str(error)
        chat, store = self.chat, self.session.settings["store"].removeprefix(addresses.STORE)
        return Health(
            index=index,
            generation=generation,
            documents=documents,
            model="none" if chat is None else "failed" if self._model_problem else "ready",
            model_name=chat.model if chat else "",
            host=getattr(chat, "host", HERE) if chat else "",
            running=self.slots.taken,
            store=HERE if addresses.is_here(store) else addresses.host(store),
            index_problem=self._problem,
            model_problem=self._model_problem,
            problem=self._problem or self._model_problem,
        )

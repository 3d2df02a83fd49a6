"""Haystack: a retriever and a component that answers. Needs the extra `haystack`.

Both take a path, so that a pipeline can be saved and loaded, and open it at `warm_up` or at the first run.
"""

import asyncio
import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

try:
    from haystack import Document, component, default_from_dict, default_to_dict
    from haystack.dataclasses import GeneratedAnswer
except ImportError as error:
    raise ImportError(
        f"qa.integrations.haystack needs haystack-ai ({error}): pip install 'quoteqa[haystack]'"
    ) from error

from qa import schema
from qa.answer.assistant import Assistant
from qa.integrations.pieces import Kind, Piece, find, quotes_of, said
from qa.llm.announcing import AnnouncingChat
from qa.records import Answer
from qa.retrieve.retriever import Retriever
from qa.session import Session

__all__ = ["QaAnswerer", "QaRetriever"]

logger = logging.getLogger(__name__)


@component
class QaRetriever:
    """Passages or quotes as Haystack documents.

    index: the folder of an index. top_k: most documents. where: conditions on documents, as `published>=2025`. kind:
    passages, or the quotes that best answer. `Document.id` is the same for the same characters; see `Piece.metadata`
    for `meta`.
    """

    def __init__(self, index: str | Path, top_k: int = 5, where: Sequence[str] = (), kind: Kind = "passages") -> None:
        self.index, self.top_k, self.where, self.kind = str(index), top_k, list(where), kind
        self._retriever: Retriever | None = None
        self._lock = threading.Lock()

    def use(self, retriever: Retriever) -> Self:
        """Search this open index instead of opening the folder. Returns the component."""
        self._retriever = retriever
        return self

    def warm_up(self) -> None:
        """Open the index. Raises as `Retriever.open` does."""
        with self._lock:
            if self._retriever is None:
                self._retriever = Retriever.open(self.index, notify=logger.info)

    def to_dict(self) -> dict[str, Any]:
        """The parameters of the component, for a saved pipeline."""
        return default_to_dict(self, index=self.index, top_k=self.top_k, where=self.where, kind=self.kind)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The component that `to_dict` described."""
        return default_from_dict(cls, data)

    @component.output_types(documents=list[Document])
    def run(self, query: str, top_k: int | None = None, where: list[str] | None = None) -> dict[str, list[Document]]:
        """Search. top_k and where: instead of the component's own. Raises as `Retriever.search` does."""
        self.warm_up()
        assert self._retriever is not None
        most = self.top_k if top_k is None else top_k
        found = find(self._retriever, query, most, self.where if where is None else where, self.kind)
        return {"documents": [_document(piece) for piece in found]}

    @component.output_types(documents=list[Document])
    async def run_async(
        self, query: str, top_k: int | None = None, where: list[str] | None = None
    ) -> dict[str, list[Document]]:
        """As `run`, in a thread."""
        return await asyncio.to_thread(self.run, query, top_k, where)


@component
class QaAnswerer:
    """Answers questions with the settings of a workspace: its index, and its model if it names one.

    workspace: the folder with `qa.toml`; an untrusted one cannot choose a model. where: conditions on documents.
    quotes_only: ask no model. Before text is sent anywhere, a warning in the log says where it goes.
    """

    def __init__(self, workspace: str | Path, where: Sequence[str] = (), quotes_only: bool = False) -> None:
        self.workspace, self.where, self.quotes_only = str(workspace), list(where), quotes_only
        self._assistant: Assistant | None = None
        self._lock = threading.Lock()

    def use(self, assistant: Assistant) -> Self:
        """Let this assistant answer instead of opening the workspace. Returns the component."""
        self._assistant = assistant
        return self

    def warm_up(self) -> None:
        """Open the workspace, and update its index. Raises as `Session` does."""
        with self._lock:
            if self._assistant is None:
                session = Session.open(Path(self.workspace), notify=logger.warning)
                named = bool(session.settings["model"]) and not self.quotes_only
                chat = AnnouncingChat(session.chat(), logger.warning) if named else None
                self._assistant = session.assistant(chat)

    def to_dict(self) -> dict[str, Any]:
        """The parameters of the component, for a saved pipeline. Holds no key."""
        return default_to_dict(self, workspace=self.workspace, where=self.where, quotes_only=self.quotes_only)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The component that `to_dict` described."""
        return default_from_dict(cls, data)

    @component.output_types(answers=list[GeneratedAnswer], documents=list[Document], status=str)
    def run(self, query: str, where: list[str] | None = None) -> dict[str, Any]:
        """Answer.

        answers: one, whose text says why where there is no answer, and whose `meta["qa"]` is the answer in schema 1.
        documents: the quotes that prove it. status: answered or abstained. Raises as `Assistant.ask` does.
        """
        self.warm_up()
        assert self._assistant is not None
        return _answered(query, self._assistant.ask(query, self.where if where is None else where))

    @component.output_types(answers=list[GeneratedAnswer], documents=list[Document], status=str)
    async def run_async(self, query: str, where: list[str] | None = None) -> dict[str, Any]:
        """As `run`. Cancelling it gives the model's request up."""
        await asyncio.to_thread(self.warm_up)
        assert self._assistant is not None
        return _answered(query, await self._assistant.aask(query, self.where if where is None else where))


def _answered(query: str, answer: Answer) -> dict[str, Any]:
    documents = [_document(piece) for piece in quotes_of(answer)]
    made = GeneratedAnswer(data=said(answer), query=query, documents=documents, meta={"qa": schema.answer(answer)})
    return {"answers": [made], "documents": documents, "status": answer.status}


def _document(piece: Piece) -> Document:
    return Document(id=piece.id, content=piece.quote.text, meta=piece.metadata, score=piece.score)

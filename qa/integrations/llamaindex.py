"""LlamaIndex: a retriever that gives nodes with offsets, and a query engine. Needs the extra `llamaindex`."""

import asyncio
from collections.abc import Sequence
from typing import Any

try:
    from llama_index.core.base.base_query_engine import BaseQueryEngine
    from llama_index.core.base.response.schema import Response
    from llama_index.core.callbacks.base import CallbackManager
    from llama_index.core.retrievers import BaseRetriever
    from llama_index.core.schema import NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo, TextNode
except ImportError as error:
    raise ImportError(
        f"qa.integrations.llamaindex needs llama-index-core ({error}): pip install 'quoteqa[llamaindex]'"
    ) from error

from qa import schema
from qa.answer.assistant import Assistant
from qa.integrations.pieces import Kind, Piece, find, quotes_of, said
from qa.records import Answer
from qa.retrieve.retriever import Retriever

__all__ = ["QaQueryEngine", "QaRetriever", "node", "response"]

FOR_CODE = ["n", "start", "end", "line", "focus", "sha256", "context", "kind", "score"]
"""Metadata that says nothing to a language model or an embedder: left out of what they read."""


class QaRetriever(BaseRetriever):
    """Passages or quotes as nodes; see `node`.

    retriever: an open index. k: most nodes. where: conditions on documents, as `published>=2025`. kind: passages, or
    the quotes that best answer. Raises as `Retriever.search` does.
    """

    def __init__(
        self,
        retriever: Retriever,
        *,
        k: int = 5,
        where: Sequence[str] = (),
        kind: Kind = "passages",
        callback_manager: CallbackManager | None = None,
    ) -> None:
        super().__init__(callback_manager=callback_manager)
        self.retriever, self.k, self.where, self.kind = retriever, k, where, kind

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [node(piece) for piece in find(self.retriever, query_bundle.query_str, self.k, self.where, self.kind)]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)


class QaQueryEngine(BaseQueryEngine):
    """Answers questions; see `response`. Raises as `Assistant.ask` does.

    where: conditions on documents.
    """

    def __init__(
        self, assistant: Assistant, *, where: Sequence[str] = (), callback_manager: CallbackManager | None = None
    ) -> None:
        super().__init__(callback_manager)
        self.assistant, self.where = assistant, where

    def _get_prompt_modules(self) -> dict[str, Any]:
        return {}

    def _query(self, query_bundle: QueryBundle) -> Response:
        return response(self.assistant.ask(query_bundle.query_str, self.where))

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        return response(await self.assistant.aask(query_bundle.query_str, self.where))


def node(piece: Piece) -> NodeWithScore:
    """`start_char_idx` and `end_char_idx` are offsets in the document, whose id and hash are the node's source.

    The score is None for a quote of an answer. See `Piece.metadata` for the metadata.
    """
    quote = piece.quote
    source = RelatedNodeInfo(node_id=quote.doc_id, hash=quote.sha256)
    text = TextNode(
        id_=piece.id,
        text=quote.text,
        start_char_idx=quote.start,
        end_char_idx=quote.end,
        metadata=piece.metadata,
        relationships={NodeRelationship.SOURCE: source},
        excluded_llm_metadata_keys=FOR_CODE,
        excluded_embed_metadata_keys=FOR_CODE,
    )
    return NodeWithScore(node=text, score=piece.score)


def response(answer: Answer) -> Response:
    """The answer as text with [1] markers, or why there is none; its quotes as source nodes, in the order of their
    numbers. `metadata["qa"]` is the whole answer in schema 1.
    """
    nodes = [node(piece) for piece in quotes_of(answer)]
    return Response(response=said(answer), source_nodes=nodes, metadata={"qa": schema.answer(answer)})

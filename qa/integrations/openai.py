"""OpenAI's shapes: passages as `file_search` results, and an answer as the output items of a response.

Pure functions over plain dictionaries; the client is not imported, it only types them.
"""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from qa.integrations.pieces import passage_quote, said, spans
from qa.records import Answer, Hit, Quote
from qa.retrieve.rank import HIGHEST
from qa.retrieve.retriever import Retriever

if TYPE_CHECKING:
    from openai.types.responses import ResponseFileSearchToolCallParam, ResponseOutputMessageParam
    from openai.types.responses.response_file_search_tool_call_param import Result
    from openai.types.responses.response_output_text_param import AnnotationFileCitation

__all__ = ["file_search_results", "output_items"]

LONGEST = 512  # characters of an attribute, by OpenAI's description of the type


def file_search_results(retriever: Retriever, hits: Sequence[Hit]) -> "list[Result]":
    """Passages as results of a `file_search` call, best first; see `_result`. score: the share of the highest possible
    score, in [0, 1].
    """
    pinned = retriever.snapshot()
    return [_result(passage_quote(pinned, hit)) | {"score": min(hit.score / HIGHEST, 1.0)} for hit in hits]


def output_items(answer: Answer) -> "tuple[ResponseFileSearchToolCallParam, ResponseOutputMessageParam]":
    """An answer as the output of a response: a `file_search` call whose results are the quotes, and a message with a
    citation of the file at the end of each statement.

    An abstention has no results and says why. Ids are a hash of the index, the question and the text.
    """
    text = said(answer)
    key = hashlib.sha256("\0".join((answer.index["generation"], answer.question, text)).encode()).hexdigest()[:48]
    call: ResponseFileSearchToolCallParam = {
        "type": "file_search_call",
        "id": f"fs_{key}",
        "status": "completed",
        "queries": [answer.question],
        "results": [_result(quote) for quote in answer.quotes],
    }
    message: ResponseOutputMessageParam = {
        "type": "message",
        "id": f"msg_{key}",
        "status": "completed",
        "role": "assistant",
        "content": [{"type": "output_text", "text": text, "annotations": _citations(answer)}],
    }
    return call, message


def _result(quote: Quote) -> "Result":
    """A text and its place. The file is the document's id; the attributes are offsets, line, page, hash and title."""
    place: dict[str, str | float | bool] = {"start": quote.start, "end": quote.end, "line": quote.line}
    if quote.page is not None:
        place["page"] = quote.page
    attributes = place | {"sha256": quote.sha256, "title": quote.title[:LONGEST]}
    return {"file_id": quote.doc_id, "filename": quote.doc_id, "text": quote.text, "attributes": attributes}


def _citations(answer: Answer) -> "list[AnnotationFileCitation]":
    quotes = {quote.n: quote for quote in answer.quotes}
    return [
        {"type": "file_citation", "file_id": quotes[n].doc_id, "filename": quotes[n].doc_id, "index": span.end}
        for statement, span in spans(answer)
        for n in statement.quotes
    ]

"""Anthropic's shapes: passages as search-result blocks, and the citations that come back as quotes.

Pure functions over plain dictionaries; the package anthropic is not needed, it only types them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from qa.errors import UsageError
from qa.records import Hit, Quote, Sentence
from qa.retrieve.retriever import Retriever

if TYPE_CHECKING:
    from anthropic.types import SearchResultBlockParam

__all__ = ["cited_quotes", "search_results"]

KIND = "search_result_location"


def search_results(retriever: Retriever, hits: Sequence[Hit]) -> "list[SearchResultBlockParam]":
    """Passages as blocks for a message or for the result of a tool, with one block of text a sentence.

    A model cites whole blocks, so it cites whole sentences. `source` is the id of the passage, from which
    `cited_quotes` finds them again.
    """
    return [_block(retriever, hit) for hit in hits]


def _block(retriever: Retriever, hit: Hit) -> "SearchResultBlockParam":
    passage = hit.passage
    sentences = retriever.sentences(passage.doc_id, passage.first_sentence, passage.last_sentence)
    return {
        "type": "search_result",
        "source": passage.id,
        "title": retriever.info(passage.doc_id).title,
        "content": [{"type": "text", "text": retriever.text(sentence)} for sentence in sentences],
        "citations": {"enabled": True},
    }


def cited_quotes(retriever: Retriever, citations: Iterable[Mapping[str, Any]]) -> list[Quote]:
    """What the citations of a reply point at, copied from the sources: one quote a citation, numbered from 1.

    citations: `citation.model_dump()` of a text block's citations; those of other kinds are left out. Raises UsageError
    for one that does not come from `search_results` of this index as it is now.
    """
    pinned = retriever.snapshot()
    ours = (citation for citation in citations if citation.get("type") == KIND)
    return [pinned.quote(_cited(pinned, citation), n) for n, citation in enumerate(ours, 1)]


def _cited(retriever: Retriever, citation: Mapping[str, Any]) -> Sentence:
    """The cited sentences as if they were one."""
    chosen = _sentences(retriever, str(citation["source"]))
    chosen = chosen[citation["start_block_index"] : citation["end_block_index"]]
    if not chosen or "".join(map(retriever.text, chosen)) != citation["cited_text"]:
        raise UsageError(
            f"the citation of {citation['source']} is not what the index says there now; ask again with new results"
        )
    return Sentence(chosen[0].doc_id, chosen[0].number, chosen[0].start, chosen[-1].end, chosen[0].block)


def _sentences(retriever: Retriever, passage_id: str) -> list[Sentence]:
    """The sentences of a passage, none for an id that is not one."""
    doc_id, _, place = passage_id.rpartition(":")
    start, _, end = place.partition("-")
    try:
        inside = retriever.sentences_in(doc_id, int(start), int(end))
        return retriever.sentences(doc_id, inside.start, inside.stop - 1)
    except (KeyError, ValueError):
        return []

"""A sentence of a document as the support check reads it: with its neighbours, its context, and what is known of it."""

from qa.gate.checks import SupportQuote
from qa.records import Sentence
from qa.retrieve.retriever import Retriever

__all__ = ["NEIGHBOURS", "support_quote"]

NEIGHBOURS = 2  # sentences on either side of a quote that the support check may read


def support_quote(retriever: Retriever, sentence: Sentence) -> SupportQuote:
    """Raises KeyError for an id that is not indexed."""
    doc_id, number = sentence.doc_id, sentence.number
    near = retriever.sentences(doc_id, number - NEIGHBOURS, number + NEIGHBOURS)
    before = " ".join(retriever.text(s) for s in near if s.number < number)
    after = " ".join(retriever.text(s) for s in near if s.number > number)
    info = retriever.info(doc_id)
    context = tuple(piece.text for piece in retriever.context(sentence))
    about = (doc_id, *info.metadata.values())
    return SupportQuote(retriever.text(sentence), before, after, info.title, context, about)

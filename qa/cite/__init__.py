"""A text of one's own against the documents: under each sentence, the quotes that prove or contradict it."""

from qa.cite.draft import Claim, Draft, read_draft
from qa.cite.findings import Cited, Citer
from qa.cite.unread import unread

__all__ = ["Cited", "Citer", "Claim", "Draft", "read_draft", "unread"]

"""Markdown: the decoded file, unchanged, and its front matter as fields."""

from qa.ingest.decoding import decode
from qa.ingest.metadata import Extracted, front_matter

__all__ = ["extract"]


def extract(data: bytes) -> Extracted:
    """Text and front matter of a file. Raises SourceError."""
    text = decode(data)
    found, front = front_matter(text)
    return Extracted(text, found, front=front)

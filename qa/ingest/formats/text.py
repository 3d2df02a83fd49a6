"""Plain text: the decoded file, unchanged."""

from qa.ingest.decoding import decode
from qa.ingest.metadata import Extracted

__all__ = ["extract"]


def extract(data: bytes) -> Extracted:
    """The text of a file. Raises SourceError."""
    return Extracted(decode(data))

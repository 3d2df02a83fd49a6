"""Links: one that no quote has may carry what was asked to somebody else's server, wherever the answer is rendered."""

import re
from collections.abc import Iterator, Sequence

__all__ = ["unknown_addresses"]

_ADDRESS = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,15}://|\bwww\.|\b(?:javascript|data|mailto|tel):)[^\s<>\"“”()\[\]{}|\\^`]+", re.IGNORECASE
)


def unknown_addresses(statement: str, texts: Sequence[str]) -> Iterator[str]:
    """The addresses of the statement that stand in none of the texts as they are."""
    known = [text.lower() for text in texts]
    for found in _ADDRESS.finditer(statement):
        address = found[0].rstrip(".,;:!?…'’*_")
        if not any(address.lower() in text for text in known):
            yield address

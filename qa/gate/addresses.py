"""Links: one that no quote has may carry what was asked to somebody else's server, wherever the answer is rendered."""

import re
from collections.abc import Iterator, Sequence

__all__ = ["unknown_addresses"]

_ADDRESS = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,15}://|(?<![\w:/\\])[/\\]{2,}(?=\w)|\bwww\.|\b(?:javascript|data|mailto|tel):)"
    r"[^\s<>\"“”()\[\]{}|\\^`]+",
    re.IGNORECASE,
)


def unknown_addresses(statement: str, texts: Sequence[str]) -> Iterator[str]:
    """The addresses of the statement that none of the texts has, from beginning to end."""
    known = {_target(address) for text in texts for address in _addresses(text)}
    return (address for address in _addresses(statement) if _target(address) not in known)


def _addresses(text: str) -> Iterator[str]:
    return (found[0].rstrip(".,;:!?…'’*_") for found in _ADDRESS.finditer(text))


def _target(address: str) -> str:
    """What two ways to write the same address have in common."""
    return re.sub(r"^(?:https?:)?[/\\]{2,}", "", address.lower()).rstrip("/")

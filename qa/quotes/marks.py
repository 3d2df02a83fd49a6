"""Question marks in every script."""

import unicodedata

__all__ = ["asks"]


def asks(text: str) -> bool:
    """Whether a question mark of any script is in it."""
    return any("QUESTION" in name or "INTERROBANG" in name for name in map(_name, set(text)))


def _name(character: str) -> str:
    return "" if character.isalnum() else unicodedata.name(character, "")

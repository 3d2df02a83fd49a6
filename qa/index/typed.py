"""The types of values in an index that somebody else may have made."""

__all__ = ["is_count", "is_text"]


def is_count(*values: object) -> bool:
    """Whether each is a whole number >= 0 that fits 64 bits, as sizes, times and positions in an index do."""
    return all(type(value) is int and 0 <= value < 1 << 63 for value in values)


def is_text(*values: object) -> bool:
    """Whether each is a text."""
    return all(type(value) is str for value in values)

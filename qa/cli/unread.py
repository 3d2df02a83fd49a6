"""Parts of documents that could not be read, as lines."""

from collections.abc import Iterator, Mapping, Sequence

from qa.text import label

__all__ = ["unread_lines"]


def unread_lines(unread: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """One line for each part."""
    for doc_id, reasons in unread.items():
        for reason in reasons:
            yield f"unread    {label(doc_id)}: {label(reason)}"
